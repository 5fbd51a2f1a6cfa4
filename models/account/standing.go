package account

import (
	"context"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// ReasonInput is why something is done to an account.
type ReasonInput struct {
	Reason string `json:"reason" doc:"原因，至少 5 个字"`
}

// Parse checks the reason.
func (in ReasonInput) Parse() (ReasonInput, error) {
	var c fault.Check
	in.Reason = fault.Must(&c, "/reason", in.Reason, code.ParseReason)
	return in, c.Err()
}

// Disable closes an account and ends its sessions and tokens at once. Conflict
// when it is disabled already, or when it is the caller's own.
func (s *Service) Disable(ctx context.Context, id models.ID, in ReasonInput) (User, error) {
	return s.stand(ctx, id, in, true)
}

// Enable opens a disabled account again. What was ended stays ended.
func (s *Service) Enable(ctx context.Context, id models.ID, in ReasonInput) (User, error) {
	return s.stand(ctx, id, in, false)
}

func (s *Service) stand(ctx context.Context, id models.ID, in ReasonInput, disable bool) (User, error) {
	var u User
	if err := personally(ctx, policies.UserUpdate); err != nil {
		return u, err
	}
	in, err := in.Parse()
	if err != nil {
		return u, err
	}
	if own(ctx, id) {
		return u, fault.New(fault.Conflict, "自己的账号由另一位系统管理员停用、启用或者重置密码")
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		if err := models.One(tx.Visible(policies.UserUpdate, &u).Where("users.id = ?", id), &u); err != nil {
			return err
		}
		before, now := u.trail(), tx.Now()
		where, refusal := tx.Visible(policies.UserUpdate, &User{}).Where("id = ?", id), fault.New(fault.Conflict, "账号没有停用")
		if disable {
			u.DisabledAt, u.DisabledReason = &now, in.Reason
			where, refusal = where.Where("disabled_at IS NULL"), fault.New(fault.Conflict, "账号已经停用")
		} else {
			u.DisabledAt, u.DisabledReason = nil, ""
			where = where.Where("disabled_at IS NOT NULL")
		}
		if err := alter(tx, &u, refusal, where, map[string]any{"disabled_at": u.DisabledAt, "disabled_reason": u.DisabledReason}); err != nil {
			return err
		}
		if err := s.cutOff(tx, id, "disabled", ""); err != nil {
			return err
		}
		return logUser(tx, policies.UserUpdate, u, before, u.trail(), in.Reason)
	})
	return u, err
}

// ResetPassword gives an account a first password again, shown this once and dead
// after a day, and ends its sessions and tokens.
func (s *Service) ResetPassword(ctx context.Context, id models.ID, in ReasonInput) (User, string, error) {
	var u User
	if err := personally(ctx, policies.UserUpdate); err != nil {
		return u, "", err
	}
	in, err := in.Parse()
	if err != nil {
		return u, "", err
	}
	if own(ctx, id) {
		return u, "", fault.New(fault.Conflict, "自己的账号由另一位系统管理员停用、启用或者重置密码")
	}
	first, err := s.firstPassword(ctx)
	if err != nil {
		return u, "", err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		if err := models.One(tx.Visible(policies.UserUpdate, &u).Where("users.id = ?", id), &u); err != nil {
			return err
		}
		expires := tx.Now().Add(firstPasswordLife)
		u.PasswordHash, u.PasswordChangedAt, u.PasswordExpiresAt, u.MustChangePassword = first.hash, tx.Now(), &expires, true
		err := alter(tx, &u, fault.New(fault.Conflict, "账号刚刚被修改，重新读取后再试"),
			tx.Visible(policies.UserUpdate, &User{}).Where("id = ? AND version = ?", id, u.Version),
			map[string]any{"password_hash": u.PasswordHash, "password_changed_at": u.PasswordChangedAt, "password_expires_at": u.PasswordExpiresAt, "must_change_password": true})
		if err != nil {
			return err
		}
		if err := s.cutOff(tx, id, "password", ""); err != nil {
			return err
		}
		return logUser(tx, policies.UserUpdate, u, nil, map[string]any{"password": "reset"}, in.Reason)
	})
	if err != nil {
		return u, "", err
	}
	return u, first.password, nil
}

func own(ctx context.Context, user models.ID) bool {
	actor, _ := policies.ActorFrom(ctx)
	return actor.User == string(user)
}

// cutOff ends every session but keep and every token of a person, in the name of
// the program: who changes a role need not have the right to end sessions.
func (s *Service) cutOff(tx *models.Tx, user models.ID, reason string, keep models.ID) error {
	ctx := policies.With(tx.Context(), s.db.Policy.Program("account"))
	sessions := s.db.Visible(ctx, policies.SessionEnd, &Session{}).Where("user_id = ? AND ended_at IS NULL", user)
	if keep != "" {
		sessions = sessions.Where("id <> ?", keep)
	}
	ended := sessions.Updates(map[string]any{"ended_at": tx.Now(), "end_reason": reason})
	if ended.Error != nil {
		return ended.Error
	}
	revoked, err := s.revokeAll(ctx, tx, user)
	if err != nil {
		return err
	}
	tx.AfterCommit(s.identity.clear)
	if ended.RowsAffected+revoked == 0 {
		return nil
	}
	return audit.Write(tx, audit.Note{Action: "signout", Outcome: audit.Done, Kind: "user", Object: string(user), Reason: reason})
}

// revokeAll revokes every token of a person, a leaf each, and says how many there were.
func (s *Service) revokeAll(ctx context.Context, tx *models.Tx, user models.ID) (int64, error) {
	var tokens []Token
	valid := func() *gorm.DB {
		return s.db.Visible(ctx, policies.TokenRevoke, &Token{}).Where("user_id = ? AND revoked_at IS NULL", user)
	}
	if err := valid().Find(&tokens).Error; err != nil {
		return 0, err
	}
	now, ids := tx.Now(), make([]models.ID, len(tokens))
	for i := range tokens {
		ids[i], tokens[i].RevokedAt = tokens[i].ID, &now
		if err := logToken(tx, policies.TokenRevoke, tokens[i]); err != nil {
			return 0, err
		}
	}
	if len(ids) == 0 {
		return 0, nil
	}
	res := valid().Where("id IN ?", ids).Update("revoked_at", now)
	return res.RowsAffected, models.Changed(res, changedMeanwhile())
}

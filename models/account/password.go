package account

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// hashParams are S-AU1's: 32 MiB, three passes, one lane.
var hashParams = &argon2id.Params{Memory: 32 * 1024, Iterations: 3, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// hashWait is how long a caller waits for one of the hashing places.
const hashWait = 2 * time.Second

// turn takes one of the few hashing places: each hash holds 32 MiB.
func (s *Service) turn(ctx context.Context) (func(), error) {
	t := time.NewTimer(hashWait)
	defer t.Stop()
	select {
	case s.hashing <- struct{}{}:
		return func() { <-s.hashing }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-t.C:
		f := fault.New(fault.Unavailable, "登录人数较多，几秒后再试")
		f.RetryAfter = 3
		return nil, f
	}
}

func (s *Service) hash(ctx context.Context, password string) (string, error) {
	done, err := s.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	h, err := argon2id.CreateHash(password, hashParams)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return h, nil
}

// matches compares in the time of one hash. rehash says that the stored hash was
// made with other parameters than today's.
func (s *Service) matches(ctx context.Context, password, hash string) (ok, rehash bool, err error) {
	done, err := s.turn(ctx)
	if err != nil {
		return false, false, err
	}
	defer done()
	ok, params, err := argon2id.CheckHash(password, hash)
	if err != nil {
		return false, false, fmt.Errorf("read a password hash: %w", err)
	}
	return ok, ok && *params != *hashParams, nil
}

func randomPassword() string {
	const letters = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789" // none that look alike
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails since Go 1.24
	var out strings.Builder
	for i, v := range b {
		if i > 0 && i%4 == 0 {
			out.WriteByte('-')
		}
		out.WriteByte(letters[int(v)%len(letters)])
	}
	return out.String()
}

// PasswordInput is what a person asks to change to.
type PasswordInput struct {
	Current string `json:"currentPassword" maxLength:"512" doc:"当前密码"`
	Next    string `json:"newPassword" maxLength:"512" doc:"新密码，10 至 128 个字符"`
}

// Parse checks that both are there; the rules for the new one depend on the person.
func (in PasswordInput) Parse() (PasswordInput, error) {
	var c fault.Check
	c.Required("/currentPassword", in.Current)
	c.Required("/newPassword", in.Next)
	return in, c.Err()
}

// ChangePassword changes the caller's own password, ends every other session and
// every token of the person, and answers the present session with a new token
// (S-AU6). Invalid when the current password is wrong (counted like a failed
// sign-in) or the new one breaks a rule, Conflict when a first password is dead.
func (s *Service) ChangePassword(ctx context.Context, in PasswordInput) (SignedIn, error) {
	if err := personally(ctx, policies.UserPassword); err != nil {
		return SignedIn{}, err
	}
	in, err := in.Parse()
	if err != nil {
		return SignedIn{}, err
	}
	actor, _ := policies.ActorFrom(ctx)
	if actor.Session == "" {
		return SignedIn{}, signedOut()
	}
	var u User
	if err := models.One(s.db.Visible(ctx, policies.UserPassword, &u).Where("users.id = ?", actor.User), &u); err != nil {
		return SignedIn{}, err
	}
	if err := s.mayChange(ctx, u, in); err != nil {
		return SignedIn{}, err
	}
	hash, err := s.hash(ctx, in.Next)
	if err != nil {
		return SignedIn{}, err
	}
	secret, tokenHash := newSecret()
	var session Session
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		u.PasswordHash, u.PasswordChangedAt, u.PasswordExpiresAt, u.MustChangePassword = hash, tx.Now(), nil, false
		err := alter(tx, &u, fault.New(fault.Conflict, "账号刚刚被修改，重新读取后再试"), tx.Visible(policies.UserPassword, &User{}).Where("id = ? AND version = ?", u.ID, u.Version),
			map[string]any{"password_hash": hash, "password_changed_at": u.PasswordChangedAt, "password_expires_at": nil, "must_change_password": false})
		if err != nil {
			return err
		}
		mine := tx.Visible(policies.SessionEnd, &Session{}).Where("id = ? AND ended_at IS NULL", actor.Session)
		if err := models.Changed(mine.Update("token_hash", tokenHash), signedOut()); err != nil {
			return err
		}
		if err := models.One(tx.Visible(policies.SessionRead, &session).Where("id = ?", actor.Session), &session); err != nil {
			return err
		}
		if err := s.cutOff(tx, u.ID, "password", session.ID); err != nil {
			return err
		}
		return logUser(tx, policies.UserPassword, u, nil, map[string]any{"password": "changed"}, "")
	})
	if err != nil {
		return SignedIn{}, err
	}
	id, err := s.identityOf(policies.With(ctx, s.db.Policy.Program("identity")), u.ID)
	id.Session = &session
	return SignedIn{Token: secret, Session: session, Identity: id}, err
}

// mayChange judges the current password as a sign-in would and the new one by its
// rules, and says all that is wrong at once.
func (s *Service) mayChange(ctx context.Context, u User, in PasswordInput) error {
	program, address := policies.With(ctx, s.db.Policy.Program("password")), audit.OriginOf(ctx).Address
	now := s.db.Now()
	locked, err := s.held(program, u.Username, address, now)
	if err != nil {
		return err
	}
	ok, _, err := s.matches(ctx, in.Current, u.PasswordHash)
	if err != nil {
		return err
	}
	var c fault.Check
	if !ok || locked {
		if err := s.failed(program, u.Username, address, &u); err != nil {
			return err
		}
		c.Fail("/currentPassword", "mismatch", "当前密码不正确；连续输错 5 次，该账号在本网络 15 分钟内不能登录和修改密码")
	}
	c.Within("", s.checkPassword(u.Username, in.Next))
	if in.Next == in.Current && !c.Has("/newPassword") {
		c.Fail("/newPassword", "same", "新密码不能与当前密码相同")
	}
	if err := c.Err(); err != nil {
		return err
	}
	if u.PasswordExpiresAt != nil && !now.Before(*u.PasswordExpiresAt) {
		return fault.New(fault.Conflict, "初始密码已经超过 24 小时，由系统管理员重新生成")
	}
	return nil
}

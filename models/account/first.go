package account

import (
	"context"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Issued is a user name with a password that is shown this once.
type Issued struct {
	Username string
	Password string
}

// issued is a password with its hash, made before the transaction that stores it:
// hashing takes longer than a writer may hold others up.
type issued struct{ password, hash string }

func (s *Service) firstPassword(ctx context.Context) (issued, error) {
	p := randomPassword()
	hash, err := s.hash(ctx, p)
	return issued{p, hash}, err
}

// FirstAdministrator makes the account `admin` when there is no account at all,
// and under the separating profile `security-admin` beside it. It answers each
// with its first password; nothing when there are accounts already, also for the
// slower of two programs that start at once.
func (s *Service) FirstAdministrator(ctx context.Context) ([]Issued, error) {
	ctx = policies.With(ctx, s.db.Policy.Program("first start"))
	if there, err := s.anybody(ctx); err != nil || there {
		return nil, err
	}
	posts := []struct{ username, name, role string }{{"admin", "系统管理员", policies.Admin.Slug()}}
	if s.profile.SeparateAdmins {
		posts = append(posts, struct{ username, name, role string }{"security-admin", "安全管理员", policies.SecurityAdmin.Slug()})
	}
	first := make([]issued, len(posts))
	for i := range posts {
		var err error
		if first[i], err = s.firstPassword(ctx); err != nil {
			return nil, err
		}
	}
	var out []Issued
	err := s.db.Write(ctx, func(tx *models.Tx) error {
		out = nil
		if there, err := s.anybody(tx.Context()); err != nil || there {
			return err
		}
		for i, p := range posts {
			u := User{Username: p.username, DisplayName: p.name}
			if err := create(tx, &u, first[i]); err != nil {
				return err
			}
			if err := s.grant(tx, u.ID, &Assignment{Role: p.role, Reason: "首次启动"}); err != nil {
				return err
			}
			out = append(out, Issued{p.username, first[i].password})
		}
		return nil
	})
	if models.Duplicate(err) {
		return nil, nil // PostgreSQL: the other program committed in between
	}
	return out, err
}

func (s *Service) anybody(ctx context.Context) (bool, error) {
	var ids []models.ID
	err := s.db.Visible(ctx, policies.UserRead, &User{}).Limit(1).Pluck("users.id", &ids).Error
	return len(ids) > 0, err
}

// Demo is an account of the demonstration city.
type Demo struct {
	UserInput
	Password string // as printed; not held to the rules for passwords
	Grants   []GrantInput
}

// CreateDemo makes a demonstration account that need not change its password, with
// its assignments. Where the account is there already only its password is made
// the printed one again. For the program itself; Conflict when a real account has
// the user name.
func (s *Service) CreateDemo(ctx context.Context, in Demo) (User, error) {
	if actor, _ := policies.ActorFrom(ctx); !actor.Holds(policies.System) {
		return User{}, fault.New(fault.Denied, "当前角色没有这项权限")
	}
	u, err := in.UserInput.Parse()
	if err != nil {
		return u, err
	}
	there, err := s.byName(ctx, u.Username)
	if err != nil {
		return u, err
	}
	if there != nil {
		return s.refreshDemo(ctx, *there, in.Password)
	}
	hash, err := s.hash(ctx, in.Password)
	if err != nil {
		return u, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		u.Demo = true
		if err := createWith(tx, &u, hash); err != nil {
			return err
		}
		for _, g := range in.Grants {
			a, err := g.Parse()
			if err != nil {
				return err
			}
			if err := s.grant(tx, u.ID, &a); err != nil {
				return err
			}
		}
		return nil
	})
	return u, err
}

func (s *Service) refreshDemo(ctx context.Context, u User, password string) (User, error) {
	if !u.Demo {
		return u, fault.New(fault.Conflict, "登录名 {{.Username}} 已经有人使用", "Username", u.Username)
	}
	if ok, _, err := s.matches(ctx, password, u.PasswordHash); err != nil || ok {
		return u, err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return u, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		u.PasswordHash, u.PasswordChangedAt, u.PasswordExpiresAt, u.MustChangePassword = hash, tx.Now(), nil, false
		err := alter(tx, &u, fault.New(fault.Conflict, "账号刚刚被修改，重新读取后再试"), tx.Visible(policies.UserUpdate, &User{}).Where("id = ? AND version = ?", u.ID, u.Version),
			map[string]any{"password_hash": hash, "password_changed_at": u.PasswordChangedAt, "password_expires_at": nil, "must_change_password": false})
		if err != nil {
			return err
		}
		return logUser(tx, policies.UserUpdate, u, nil, map[string]any{"password": "demo"}, "")
	})
	return u, err
}

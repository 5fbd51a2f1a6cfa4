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
	ID       models.ID // "" makes one; the city gives its own, so that an anchor gives the same ids
	Password string    // as printed; not held to the rules for passwords
	Grants   []GrantInput
}

// CreateDemo is CreateDemos of one account.
func (s *Service) CreateDemo(ctx context.Context, in Demo) (User, error) {
	all, err := s.CreateDemos(ctx, in.Password, []Demo{in})
	if err != nil {
		return User{}, err
	}
	return all[0], nil
}

// CreateDemos makes demonstration accounts that need not change their password,
// with their assignments. Where an account is there already only its password is
// made the printed one again. They share one password and so one hash: hashing
// it for each would be most of the city's start. For the program itself;
// Conflict when a real account has a user name.
func (s *Service) CreateDemos(ctx context.Context, password string, all []Demo) ([]User, error) {
	if actor, _ := policies.ActorFrom(ctx); !actor.Holds(policies.System) {
		return nil, fault.New(fault.Denied, "当前角色没有这项权限")
	}
	shared := sharedHash{s: s, password: password, fits: map[string]bool{}}
	out := make([]User, len(all))
	for i, in := range all {
		var err error
		if out[i], err = s.createDemo(ctx, in, &shared); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) createDemo(ctx context.Context, in Demo, shared *sharedHash) (User, error) {
	u, err := in.UserInput.Parse()
	if err != nil {
		return u, err
	}
	there, err := s.byName(ctx, u.Username)
	if err != nil {
		return u, err
	}
	if there != nil {
		return s.refreshDemo(ctx, *there, shared)
	}
	hash, err := shared.make(ctx)
	if err != nil {
		return u, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		u.Demo, u.ID = true, in.ID
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

func (s *Service) refreshDemo(ctx context.Context, u User, shared *sharedHash) (User, error) {
	if !u.Demo {
		return u, fault.New(fault.Conflict, "登录名 {{.Username}} 已经有人使用", "Username", u.Username)
	}
	if ok, err := shared.matches(ctx, u.PasswordHash); err != nil || ok {
		return u, err
	}
	hash, err := shared.make(ctx)
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

// sharedHash hashes one password once, and compares it with each stored hash once.
type sharedHash struct {
	s              *Service
	password, hash string
	fits           map[string]bool
}

func (h *sharedHash) make(ctx context.Context) (string, error) {
	if h.hash != "" {
		return h.hash, nil
	}
	var err error
	h.hash, err = h.s.hash(ctx, h.password)
	return h.hash, err
}

func (h *sharedHash) matches(ctx context.Context, stored string) (bool, error) {
	if fits, known := h.fits[stored]; known {
		return fits, nil
	}
	fits, _, err := h.s.matches(ctx, h.password, stored)
	if err == nil {
		h.fits[stored] = fits
	}
	return fits, err
}

// Package account is who may sign in: people, their dated role assignments,
// their sessions and machine tokens. It decides nothing about rows; that is
// policies' and models' work.
package account

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// User is a person with an account. The password is kept as an argon2id hash in
// PHC form and leaves this package in no way.
type User struct {
	models.Versioned
	Username           string // lower-case letters, digits, - and .; unique
	DisplayName        string
	Organisation       string // shown name of the body that the person works for
	PasswordHash       string
	PasswordChangedAt  time.Time
	PasswordExpiresAt  *time.Time // a first password dies after 24 h
	MustChangePassword bool
	Demo               bool
	DisabledAt         *time.Time
	DisabledReason     string
	FactorSalt         []byte     // of the second factor's secret; none when none was begun
	FactorSince        *time.Time // confirmed; from then on nobody signs in without a code
	FactorStep         int64      // the newest time step whose code was taken: a code works once
}

// TableName implements gorm's Tabler.
func (User) TableName() string { return "users" }

// Scope implements models.Scoped.
func (User) Scope() models.Scope { return models.PersonRows("users", "id", "user") }

// Owner implements models.Owned.
func (u User) Owner() policies.Row { return policies.Row{User: string(u.ID)} }

// Uncommitted implements audit.Uncommitted.
func (User) Uncommitted() map[string]string {
	return map[string]string{"display_name": "the name of a person, which can be erased",
		"password_hash": "a secret of its person; a sign-in makes it anew where hashes have become stronger",
		"factor_step":   "moves with each sign-in"}
}

// Models are the tables of this package, for the schema's tests.
func Models() []models.Scoped {
	return []models.Scoped{User{}, Assignment{}, Session{}, Token{}, Attempt{}, Request{}}
}

// Service is the door to accounts.
type Service struct {
	db       *models.DB
	log      *slog.Logger
	profile  Profile
	identity *identityCache
	hashing  chan struct{} // at most this many password hashes at once
}

// Profile is what the security settings ask of passwords and sessions.
type Profile struct {
	PasswordClasses int           // character classes asked for, 0 to 4
	PasswordMaxAge  time.Duration // 0 is no forced change
	Idle            time.Duration // a session ends when unused for so long
	Lifetime        time.Duration // and at the latest after this
	SeparateAdmins  bool          // admin and security_admin are two people (dengbao3)
	SecondFactor    bool          // administrators and auditors sign in with a code (dengbao3)
	FactorKey       []byte        // secrets of second factors are derived from it; none takes none
}

// DefaultProfile is the profile named intl; Dengbao3 is the one of GB/T 22239 level 3.
func DefaultProfile() Profile {
	return Profile{Idle: 8 * time.Hour, Lifetime: 12 * time.Hour}
}

// Dengbao3 is the profile of GB/T 22239-2019 level 3.
func Dengbao3() Profile {
	return Profile{PasswordClasses: 3, PasswordMaxAge: 90 * 24 * time.Hour, Idle: 30 * time.Minute, Lifetime: 12 * time.Hour, SeparateAdmins: true, SecondFactor: true}
}

// Policy is the policy that the profile asks for: under separate administrators,
// nobody who keeps accounts says who holds which role.
func (p Profile) Policy() (*policies.Policy, error) {
	if p.SeparateAdmins {
		return policies.Separate()
	}
	return policies.Embedded()
}

// New makes the service on a database that was opened with the profile's policy.
func New(db *models.DB, log *slog.Logger, profile Profile) *Service {
	return &Service{db: db, log: log, profile: profile, identity: newIdentityCache(), hashing: make(chan struct{}, 4)}
}

// UserInput is what a new account needs.
type UserInput struct {
	Username string `json:"username" doc:"登录名：3–40 个小写字母、数字、- 或 .，以字母开头"`
	ProfileInput
}

// Parse checks every field.
func (in UserInput) Parse() (User, error) {
	var c fault.Check
	p := in.parse(&c)
	u := User{Username: strings.ToLower(strings.TrimSpace(in.Username)), DisplayName: p.DisplayName, Organisation: p.Organisation}
	if c.Required("/username", u.Username) && !validUsername(u.Username) {
		c.Cite("/username", "pattern", "", in.Username, "登录名应当是 3 至 40 个小写字母、数字、- 或 .，以字母开头")
	}
	return u, c.Err()
}

const longestName = 40

func validUsername(s string) bool {
	if len(s) < 3 || len(s) > longestName || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' {
			return false
		}
	}
	return true
}

// Create makes an account with a first password that must be changed within a
// day, and returns it with the password, which is shown this once. Conflict when
// the user name is taken.
func (s *Service) Create(ctx context.Context, in UserInput) (User, string, error) {
	if err := personally(ctx, policies.UserCreate); err != nil {
		return User{}, "", err
	}
	u, err := in.Parse()
	if err != nil {
		return User{}, "", err
	}
	first, err := s.firstPassword(ctx)
	if err != nil {
		return User{}, "", err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error { return create(tx, &u, first) })
	return u, first.password, err
}

// create stores a new account with its first password.
func create(tx *models.Tx, u *User, first issued) error {
	now := tx.Now()
	expires := now.Add(firstPasswordLife)
	u.PasswordExpiresAt, u.MustChangePassword = &expires, true
	return createWith(tx, u, first.hash)
}

// createWith stores a new account with a password that is as good as its fields say.
func createWith(tx *models.Tx, u *User, hash string) error {
	now := tx.Now()
	if u.ID == "" {
		u.ID = models.NewID()
	}
	u.Versioned = models.Versioned{ID: u.ID, Version: 1, CreatedAt: now, UpdatedAt: now}
	u.PasswordHash, u.PasswordChangedAt = hash, now
	if err := tx.Create(policies.UserCreate, u); err != nil {
		if models.Duplicate(err) {
			return fault.Wrap(err, fault.Conflict, "登录名 {{.Username}} 已经有人使用", "Username", u.Username)
		}
		return err
	}
	return logUser(tx, policies.UserCreate, *u, nil, u.trail(), "")
}

// trail is the account as the audit record keeps it: a person's name stays out of
// what can never be erased.
func (u User) trail() map[string]any {
	return map[string]any{"username": u.Username, "organisation": u.Organisation, "disabled": u.DisabledAt != nil}
}

// logUser leaves the change and the audit record of one write to an account.
func logUser(tx *models.Tx, perm policies.Permission, u User, before, after any, reason string) error {
	ev := u.event(perm)
	ev.Before, ev.After, ev.Reason = before, after, reason
	_, err := audit.Log(tx, ev)
	return err
}

// event is a write to an account as the log records it.
func (u User) event(perm policies.Permission) audit.Event {
	return audit.Event{Action: perm, Kind: "user", ID: u.ID, Facts: map[string]any{"version": u.Version}, Wrote: []audit.Wrote{{Object: u.ID, Head: u}}}
}

// Created is the write that makes the account, for history that is loaded in bulk.
func (u User) Created() audit.Event { return u.event(policies.UserCreate) }

// personally is Require for what a machine token may never do, whatever its
// scopes and its owner's rights (S-AU9).
func personally(ctx context.Context, perm policies.Permission) error {
	if err := policies.Require(ctx, perm); err != nil {
		return err
	}
	if actor, _ := policies.ActorFrom(ctx); actor.Token != "" {
		return fault.New(fault.Denied, "机器令牌不能办理账号、密码、任职和令牌，由本人登录后办理").With("permission", string(perm))
	}
	return nil
}

// User reads one account.
func (s *Service) User(ctx context.Context, id models.ID) (User, error) {
	var u User
	if err := policies.Require(ctx, policies.UserRead); err != nil {
		return u, err
	}
	return u, models.One(s.db.Visible(ctx, policies.UserRead, &u).Where("users.id = ?", id), &u)
}

var userOrders = map[string]models.Order[User]{
	"username":  {Column: "users.username", Key: func(u User) any { return u.Username }},
	"-username": {Column: "users.username", Desc: true, Key: func(u User) any { return u.Username }},
}

// UserFilter narrows the list of accounts.
type UserFilter struct {
	Q     string // part of the user name, the name or the organisation
	State string // active, disabled, "" for both
}

// Users lists the accounts that the caller may see.
func (s *Service) Users(ctx context.Context, f UserFilter, q models.Query) (models.Page[User], error) {
	rows := s.db.Visible(ctx, policies.UserRead, &User{})
	if part := strings.ToLower(strings.TrimSpace(f.Q)); part != "" {
		part = "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(part) + "%"
		rows = rows.Where(`(users.username LIKE ? ESCAPE '\' OR LOWER(users.display_name) LIKE ? ESCAPE '\' OR LOWER(users.organisation) LIKE ? ESCAPE '\')`, part, part, part)
	}
	switch f.State {
	case "active":
		rows = rows.Where("users.disabled_at IS NULL")
	case "disabled":
		rows = rows.Where("users.disabled_at IS NOT NULL")
	}
	return models.List(s.db, rows, q, userOrders, "username", func(u User) models.ID { return u.ID })
}

// ProfileInput is what may be changed of an account; the user name stays.
type ProfileInput struct {
	DisplayName  string `json:"displayName" doc:"姓名"`
	Organisation string `json:"organisation,omitempty" doc:"所在单位"`
}

// Parse checks every field.
func (in ProfileInput) Parse() (ProfileInput, error) {
	var c fault.Check
	out := in.parse(&c)
	return out, c.Err()
}

func (in ProfileInput) parse(c *fault.Check) ProfileInput {
	return ProfileInput{DisplayName: fault.Must(c, "/displayName", in.DisplayName, code.ParseText(50)),
		Organisation: fault.Parse(c, "/organisation", in.Organisation, code.ParseText(100))}
}

// Update changes name and organisation of an account. NotFound outside the
// caller's reach, Stale when somebody changed it since version.
func (s *Service) Update(ctx context.Context, id models.ID, version int64, patch func(ProfileInput) (ProfileInput, error)) (User, error) {
	var u User
	if err := personally(ctx, policies.UserUpdate); err != nil {
		return u, err
	}
	err := s.db.Write(ctx, func(tx *models.Tx) error {
		if err := models.One(tx.Visible(policies.UserUpdate, &u).Where("users.id = ?", id), &u); err != nil {
			return err
		}
		in, err := patch(ProfileInput{DisplayName: u.DisplayName, Organisation: u.Organisation})
		if err != nil {
			return err
		}
		if in, err = in.Parse(); err != nil {
			return err
		}
		before := u.trail()
		renamed := in.DisplayName != u.DisplayName
		u.DisplayName, u.Organisation = in.DisplayName, in.Organisation
		err = alter(tx, &u, fault.New(fault.Stale, "内容已经被修改，重新读取后再保存"),
			tx.Visible(policies.UserUpdate, &User{}).Where("id = ? AND version = ?", id, version),
			map[string]any{"display_name": u.DisplayName, "organisation": u.Organisation})
		if err != nil {
			return err
		}
		after := u.trail()
		after["displayNameChanged"] = renamed
		tx.AfterCommit(s.identity.clear)
		return logUser(tx, policies.UserUpdate, u, before, after, "")
	})
	return u, err
}

// alter runs one conditional update of an account and brings u's version along.
func alter(tx *models.Tx, u *User, refusal error, where *gorm.DB, set map[string]any) error {
	u.Version, u.UpdatedAt = u.Version+1, tx.Now()
	set["version"], set["updated_at"] = gorm.Expr("version + 1"), u.UpdatedAt
	return models.Changed(where.Updates(set), refusal)
}

const firstPasswordLife = 24 * time.Hour

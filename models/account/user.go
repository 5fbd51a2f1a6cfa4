// Package account is who may sign in: people, their dated role assignments,
// their sessions and machine tokens. It decides nothing about rows; that is
// policies' and models' work.
package account

import (
	"context"
	"log/slog"
	"strings"
	"time"

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
}

// TableName implements gorm's Tabler.
func (User) TableName() string { return "users" }

// Scope implements models.Scoped.
func (User) Scope() models.Scope { return models.PersonRows("users", "id", "user") }

// Owner implements models.Owned.
func (u User) Owner() policies.Row { return policies.Row{User: string(u.ID)} }

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
}

// DefaultProfile is the profile named intl; Dengbao3 is the one of GB/T 22239 level 3.
func DefaultProfile() Profile {
	return Profile{Idle: 8 * time.Hour, Lifetime: 12 * time.Hour}
}

// Dengbao3 is the profile of GB/T 22239-2019 level 3.
func Dengbao3() Profile {
	return Profile{PasswordClasses: 3, PasswordMaxAge: 90 * 24 * time.Hour, Idle: 30 * time.Minute, Lifetime: 12 * time.Hour, SeparateAdmins: true}
}

// New makes the service.
func New(db *models.DB, log *slog.Logger, profile Profile) *Service {
	return &Service{db: db, log: log, profile: profile, identity: newIdentityCache(), hashing: make(chan struct{}, 4)}
}

// UserInput is what a new account needs.
type UserInput struct {
	Username     string `json:"username" doc:"登录名：3–40 个小写字母、数字、- 或 ."`
	DisplayName  string `json:"displayName" doc:"姓名"`
	Organisation string `json:"organisation,omitempty" doc:"所在单位"`
}

// Parse checks every field.
func (in UserInput) Parse() (User, error) {
	var c fault.Check
	u := User{Username: strings.ToLower(strings.TrimSpace(in.Username)), DisplayName: strings.TrimSpace(in.DisplayName), Organisation: strings.TrimSpace(in.Organisation)}
	if c.Required("/username", u.Username) && !validUsername(u.Username) {
		c.Cite("/username", "pattern", "", in.Username, "登录名应当是 3 至 40 个小写字母、数字、- 或 .，以字母开头")
	}
	if c.Required("/displayName", u.DisplayName) && len([]rune(u.DisplayName)) > 50 {
		c.Fail("/displayName", "tooLong", "不能超过 {{.Max}} 个字", "Max", 50)
	}
	if len([]rune(u.Organisation)) > 100 {
		c.Fail("/organisation", "tooLong", "不能超过 {{.Max}} 个字", "Max", 100)
	}
	return u, c.Err()
}

func validUsername(s string) bool {
	if len(s) < 3 || len(s) > 40 || s[0] < 'a' || s[0] > 'z' {
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
// day, and returns it with the password, which is shown this once.
func (s *Service) Create(ctx context.Context, in UserInput) (User, string, error) {
	if err := policies.Require(ctx, policies.UserCreate); err != nil {
		return User{}, "", err
	}
	u, err := in.Parse()
	if err != nil {
		return User{}, "", err
	}
	password := randomPassword()
	hash, err := s.hash(ctx, password)
	if err != nil {
		return User{}, "", err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		now := tx.Now()
		expires := now.Add(firstPasswordLife)
		u.Versioned = models.Versioned{ID: models.NewID(), Version: 1, CreatedAt: now, UpdatedAt: now}
		u.PasswordHash, u.PasswordChangedAt, u.PasswordExpiresAt, u.MustChangePassword = hash, now, &expires, true
		if err := tx.Create(policies.UserCreate, &u); err != nil {
			if models.Duplicate(err) {
				return fault.New(fault.Conflict, "登录名 {{.Username}} 已经有人使用", "Username", u.Username)
			}
			return err
		}
		_, err := audit.Log(tx, audit.Event{Action: policies.UserCreate, Kind: "user", ID: u.ID, After: in,
			Facts: map[string]any{"version": u.Version}})
		return err
	})
	return u, password, err
}

// User reads one account.
func (s *Service) User(ctx context.Context, id models.ID) (User, error) {
	var u User
	if err := policies.Require(ctx, policies.UserRead); err != nil {
		return u, err
	}
	return u, models.One(s.db.Visible(ctx, policies.UserRead, &u).Where("users.id = ?", id), &u)
}

const firstPasswordLife = 24 * time.Hour

// Assignment is a dated role of a person.
type Assignment struct {
	models.Versioned
	UserID       models.ID
	Role         string // slug: park_manager
	Jurisdiction *string
	ParkID       *models.ID
	EnterpriseID *models.ID
	StartsOn     code.Day  // first day at UTC+8
	EndsOn       *code.Day // last day, nil while open
	GrantedBy    *models.ID
	Reason       string
	EndReason    string
}

// TableName implements gorm's Tabler.
func (Assignment) TableName() string { return "assignments" }

// Scope implements models.Scoped.
func (Assignment) Scope() models.Scope {
	return models.PersonRows("assignments", "user_id", "assignment")
}

// Owner implements models.Owned.
func (a Assignment) Owner() policies.Row { return policies.Row{User: string(a.UserID)} }

// policy is the assignment as policies judges it.
func (a Assignment) policy() policies.Assignment {
	role, _ := policies.RoleOf(a.Role)
	return policies.Assignment{ID: string(a.ID), User: string(a.UserID), Role: role, Jurisdiction: models.Deref(a.Jurisdiction),
		Park: string(models.Deref(a.ParkID)), Enterprise: string(models.Deref(a.EnterpriseID)), From: a.StartsOn, Until: models.Deref(a.EndsOn)}
}

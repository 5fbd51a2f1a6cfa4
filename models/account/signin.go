package account

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/argon2id"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Attempt is one try to sign in. Lockout is computed from these rows, so a
// restart forgets nothing (S-AU4).
type Attempt struct {
	ID      models.ID `gorm:"primaryKey"`
	Account string    // user name as typed, lower case
	Network string    // /24 or /64 of the address
	Address string
	Outcome string // ok, wrong
	At      time.Time
}

// TableName implements gorm's Tabler.
func (Attempt) TableName() string { return "signin_attempts" }

// Scope implements models.Scoped.
func (Attempt) Scope() models.Scope { return models.Closed("signin_attempts") }

const (
	lockWindow     = 15 * time.Minute
	lockFailures   = 5
	lockLongest    = 4 * time.Hour
	addressWindow  = 10 * time.Minute
	addressMost    = 60
	accountWindow  = time.Hour
	accountAlert   = 30
	accountDelay   = time.Second
	attemptHistory = 24 * time.Hour
)

// SignedIn is an accepted sign-in with the token, which is shown this once.
type SignedIn struct {
	Token    string
	Session  Session
	Identity Identity
}

// Credentials are what a person signs in with.
type Credentials struct {
	Username string
	Password string
	Code     string // of the second factor; "" without one
	Page     bool   // from a browser that keeps the secret as a cookie
}

func (c Credentials) kind() string {
	if c.Page {
		return Cookie
	}
	return Bearer
}

// SignIn checks a name, a password and, where the account has a second factor, its
// code. Unknown, wrong, disabled and locked are
// answered with the same words after the same work; only too many tries from one
// address are told apart, since that says nothing about an account. A right password
// without a code is told that a code is needed, and is no failure.
func (s *Service) SignIn(ctx context.Context, c Credentials) (SignedIn, error) {
	origin := audit.OriginOf(ctx)
	ctx = policies.With(ctx, s.db.Policy.Program("signin"))
	username := strings.ToLower(strings.TrimSpace(c.Username))
	now := s.db.Now()
	locked, err := s.held(ctx, username, origin.Address, now)
	if err != nil {
		return SignedIn{}, err
	}
	user, err := s.byName(ctx, username)
	if err != nil {
		return SignedIn{}, err
	}
	hash := dummyHash()
	if user != nil {
		hash = user.PasswordHash
	}
	ok, rehash, err := s.matches(ctx, c.Password, hash)
	if err != nil {
		return SignedIn{}, err
	}
	if user == nil || !ok || locked || user.DisabledAt != nil || user.PasswordExpiresAt != nil && !now.Before(*user.PasswordExpiresAt) {
		return SignedIn{}, s.refuse(ctx, username, origin.Address, user)
	}
	if user.FactorSince != nil && c.Code == "" {
		return SignedIn{}, needsCode()
	}
	with := map[string]any{}
	if rehash {
		if with["password_hash"], err = s.hash(ctx, c.Password); err != nil {
			return SignedIn{}, err
		}
	}
	in, err := s.begin(ctx, *user, c, with, origin)
	if errors.Is(err, errRefused) {
		return SignedIn{}, s.refuse(ctx, username, origin.Address, user)
	}
	return in, err
}

// errRefused says that the account was locked or changed while the password was
// compared, or that the code is wrong or used.
var errRefused = errors.New("refused")

// refuse records a failed try and gives the one answer; an answer whose try could
// not be recorded would be a guess for free.
func (s *Service) refuse(ctx context.Context, username, address string, user *User) error {
	if err := s.failed(ctx, username, address, user); err != nil {
		return err
	}
	return wrongCredentials()
}

func wrongCredentials() error {
	return fault.New(fault.Unauthenticated, "账号、密码或者动态口令不正确；连续输错 5 次，该账号在本网络 15 分钟内不能登录")
}

// dummyHash makes an unknown account cost what a known one costs.
var dummyHash = sync.OnceValue(func() string {
	h, err := argon2id.CreateHash(randomPassword(), hashParams)
	if err != nil {
		panic(err) // the system has no randomness: nothing here may go on
	}
	return h
})

// byName is nil for a name that nobody has, and for what can be no name at all.
func (s *Service) byName(ctx context.Context, username string) (*User, error) {
	if !validUsername(username) {
		return nil, nil
	}
	var u User
	err := models.One(s.db.Visible(ctx, policies.UserRead, &u).Where("username = ?", username), &u)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return &u, err
}

// held says whether the account is locked for this network, and refuses an
// address that tries too often. Strangers can slow an account down, never lock it
// for its owner's own network.
func (s *Service) held(ctx context.Context, username, address string, now time.Time) (bool, error) {
	var fromAddress int64
	err := s.db.Internal(ctx, &Attempt{}).Where("address = ? AND outcome = 'wrong' AND at > ?", address, now.Add(-addressWindow)).Count(&fromAddress).Error
	if err != nil {
		return false, err
	}
	if fromAddress >= addressMost {
		f := fault.New(fault.TooMany, "这个网络地址尝试登录过于频繁，{{.Minutes}} 分钟后再试", "Minutes", int(addressWindow/time.Minute))
		f.RetryAfter = int(addressWindow / time.Second)
		return false, f
	}
	all, err := s.attempts(ctx, username, now)
	if err != nil {
		return false, err
	}
	if recent(all, now.Add(-accountWindow)) >= accountAlert {
		s.log.WarnContext(ctx, "many failed sign-ins for one account", "failures", recent(all, now.Add(-accountWindow)))
		select {
		case <-time.After(accountDelay):
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	return lockedUntil(all, network(address)).After(now), nil
}

// attempts are the tries of one account that a lock can follow from, oldest first.
func (s *Service) attempts(ctx context.Context, username string, now time.Time) ([]Attempt, error) {
	var all []Attempt
	err := s.db.Internal(ctx, &Attempt{}).Where("account = ? AND at > ?", typed(username), now.Add(-attemptHistory)).Order("at, id").Find(&all).Error
	return all, err
}

func recent(all []Attempt, since time.Time) int {
	n := 0
	for _, a := range all {
		if a.Outcome == "wrong" && a.At.After(since) {
			n++
		}
	}
	return n
}

// lockedUntil replays the tries of one account from one network: five failures
// within the window lock for the window, and each lock after that twice as long,
// up to four hours. A success clears the slate.
func lockedUntil(all []Attempt, network string) time.Time {
	var until time.Time
	var failures []time.Time
	length := lockWindow
	for _, a := range all {
		switch {
		case a.Network != network:
		case a.Outcome == "ok":
			failures, length = nil, lockWindow
		case a.At.Before(until): // tries during a lock neither lengthen nor count
		default:
			failures = append(failures, a.At)
			for len(failures) > 0 && a.At.Sub(failures[0]) > lockWindow {
				failures = failures[1:]
			}
			if len(failures) >= lockFailures {
				until, failures = a.At.Add(length), nil
				length = min(2*length, lockLongest)
			}
		}
	}
	return until
}

// network is the /24 of an IPv4 address, the /64 of an IPv6 one.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	a = a.Unmap()
	bits := 64
	if a.Is4() {
		bits = 24
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return address
	}
	return p.String()
}

func (s *Service) failed(ctx context.Context, username, address string, user *User) error {
	return s.db.Write(ctx, func(tx *models.Tx) error {
		a := Attempt{ID: models.NewID(), Account: typed(username), Network: network(address), Address: address, Outcome: "wrong", At: tx.Now()}
		if err := tx.Append(&a); err != nil {
			return err
		}
		note := audit.Note{Action: "signin", Outcome: audit.Failed, Kind: "user", Name: typed(username)}
		if user != nil {
			note.Object, note.Actor = string(user.ID), &user.ID
		}
		return audit.Write(tx, note)
	})
}

// typed is a user name as it was typed, as far as the records of a failed try keep it.
func typed(username string) string { return code.Clip(username, longestName) }

func (s *Service) begin(ctx context.Context, user User, c Credentials, with map[string]any, origin audit.Origin) (SignedIn, error) {
	secret, hash := newSecret()
	session := Session{ID: models.NewID(), UserID: user.ID, TokenHash: hash, Kind: c.kind(), RemoteAddr: origin.Address, UserAgent: origin.UserAgent}
	err := s.db.Write(ctx, func(tx *models.Tx) error {
		now := tx.Now()
		// Guesses that run side by side all passed the first look: this one counts
		// what the others have written since.
		all, err := s.attempts(tx.Context(), user.Username, now)
		if err != nil {
			return err
		}
		if lockedUntil(all, network(origin.Address)).After(now) {
			return errRefused
		}
		if held, err := s.hold(tx, user, c.Code, maps.Clone(with)); err != nil || !held {
			return cmp.Or(err, errRefused)
		}
		session.CreatedAt, session.LastSeenAt, session.ExpiresAt = now, now, now.Add(s.profile.Lifetime)
		if err := tx.Program().Create(&session).Error; err != nil {
			return err
		}
		a := Attempt{ID: models.NewID(), Account: user.Username, Network: network(origin.Address), Address: origin.Address, Outcome: "ok", At: now}
		if err := tx.Append(&a); err != nil {
			return err
		}
		return audit.Write(tx, audit.Note{Action: "signin", Outcome: audit.Done, Kind: "session", Object: string(session.ID), Actor: &user.ID, Name: user.Username})
	})
	if err != nil {
		return SignedIn{}, err
	}
	id, err := s.identityOf(ctx, user.ID)
	id.Session = &session
	return SignedIn{Token: secret, Session: session, Identity: id}, err
}

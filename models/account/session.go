package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"sync"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Session is one sign-in. Only the SHA-256 of its token is stored.
type Session struct {
	ID         models.ID `gorm:"primaryKey"`
	UserID     models.ID
	TokenHash  []byte
	Kind       string // bearer or cookie: a session of one kind is no credential of the other
	RemoteAddr string
	UserAgent  string
	CreatedAt  time.Time
	LastSeenAt time.Time
	ExpiresAt  time.Time
	EndedAt    *time.Time
	EndReason  string
}

// TableName implements gorm's Tabler.
func (Session) TableName() string { return "sessions" }

// Scope implements models.Scoped.
func (Session) Scope() models.Scope { return models.PersonRows("sessions", "user_id", "session") }

// Owner implements models.Owned.
func (s Session) Owner() policies.Row { return policies.Row{User: string(s.UserID)} }

// Identity is a caller whose credentials were accepted.
type Identity struct {
	User        User
	Assignments []Assignment
	Session     *Session // or
	Token       *Token
	OwesFactor  bool // has to add a second factor before anything else
}

// Actor is the identity with the assignments that are valid on the day.
func (s *Service) Actor(id Identity, day code.Day) policies.Actor {
	all := make([]policies.Assignment, len(id.Assignments))
	for i, a := range id.Assignments {
		all[i] = a.policy()
	}
	a := s.db.Policy.Actor(string(id.User.ID), id.User.Username, all, day)
	if id.Session != nil {
		a.Session = string(id.Session.ID)
	}
	if id.Token != nil {
		a.Token = string(id.Token.ID)
		a.Limit = id.Token.limit()
	}
	return a
}

func newSecret() (secret string, hash []byte) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails since Go 1.24
	secret = base64.RawURLEncoding.EncodeToString(b)
	return secret, secretHash(secret)
}

func secretHash(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}

// identityRecheck bounds how long a revoked session or a changed user may still
// be answered from memory (decision 24).
const identityRecheck = 2 * time.Second

// lastSeenStep bounds how often the last use of a session is written.
const lastSeenStep = time.Minute

// identityCache keeps accepted credentials for identityRecheck.
type identityCache struct {
	mu      sync.Mutex
	entries map[[32]byte]cachedIdentity
	cleared uint64 // how often; what was read before the last time is not kept
}

type cachedIdentity struct {
	Identity
	at time.Time
}

const identityCacheSize = 10_000

func newIdentityCache() *identityCache {
	return &identityCache{entries: map[[32]byte]cachedIdentity{}}
}

// get answers an identity that is fresh enough, or the count that put asks for.
func (c *identityCache) get(key [32]byte, now time.Time) (id Identity, ok bool, cleared uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	if !ok || now.Sub(e.at) > identityRecheck || now.Before(e.at) {
		return Identity{}, false, c.cleared
	}
	return e.Identity, true, c.cleared
}

func (c *identityCache) put(key [32]byte, id Identity, now time.Time, cleared uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cleared != c.cleared {
		return
	}
	if len(c.entries) >= identityCacheSize {
		clear(c.entries)
	}
	c.entries[key] = cachedIdentity{id, now}
}

func (c *identityCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.entries)
	c.cleared++
}

// The kinds of session: of a program that sends a header, and of a browser.
const (
	Bearer = "bearer"
	Cookie = "cookie"
)

// Identify accepts a bearer: a session's token or a machine token. An unknown,
// ended or expired one is Unauthenticated, always with the same words.
func (s *Service) Identify(ctx context.Context, bearer, address string) (Identity, error) {
	return s.identify(ctx, bearer, address, Bearer)
}

// IdentifyPage accepts what a browser keeps. A machine token is none (S-AU9).
func (s *Service) IdentifyPage(ctx context.Context, secret, address string) (Identity, error) {
	return s.identify(ctx, secret, address, Cookie)
}

func (s *Service) identify(ctx context.Context, bearer, address, kind string) (Identity, error) {
	key := sha256.Sum256([]byte(bearer))
	now := s.db.Now()
	id, ok, cleared := s.identity.get(key, now)
	if !ok {
		var err error
		if strings.HasPrefix(bearer, tokenPrefix) {
			id, err = s.identifyToken(ctx, bearer, address)
		} else {
			id, err = s.identifySession(ctx, bearer)
		}
		if err != nil {
			return Identity{}, err
		}
		s.identity.put(key, id, now, cleared)
	}
	if s.profile.PasswordMaxAge > 0 && now.Sub(id.User.PasswordChangedAt) > s.profile.PasswordMaxAge {
		id.User.MustChangePassword = true
	}
	if id.kind() != kind {
		return Identity{}, signedOut()
	}
	return id, s.usable(id, now, address)
}

// kind is how the identity may be shown.
func (id Identity) kind() string {
	if id.Session != nil {
		return id.Session.Kind
	}
	return Bearer
}

type identityKey struct{}

// With carries the identity along with a request.
func With(ctx context.Context, id Identity) context.Context {
	return context.WithValue(ctx, identityKey{}, id)
}

type refusalKey struct{}

// Refuse remembers why a credential that came with a request was not accepted: it is
// unknown or over, or could not be looked up.
func Refuse(ctx context.Context, err error) context.Context {
	return context.WithValue(ctx, refusalKey{}, err)
}

// Refusal is what Refuse remembered, nil when no credential came or it was accepted.
func Refusal(ctx context.Context) error {
	err, _ := ctx.Value(refusalKey{}).(error)
	return err
}

// From is the identity that the request came with.
func From(ctx context.Context) (Identity, bool) {
	id, ok := ctx.Value(identityKey{}).(Identity)
	return id, ok
}

// usable judges what may change from one request to the next without a write.
func (s *Service) usable(id Identity, now time.Time, address string) error {
	switch {
	case id.User.DisabledAt != nil:
		return signedOut()
	case id.Session != nil && (id.Session.EndedAt != nil || !now.Before(id.Session.ExpiresAt) || now.Sub(id.Session.LastSeenAt) > s.profile.Idle):
		return signedOut()
	case id.Token != nil && !id.Token.usable(now, address):
		return signedOut()
	}
	return nil
}

// Left is how long the session still holds if nobody uses it.
func (s *Service) Left(x Session) time.Duration {
	ends := x.LastSeenAt.Add(s.profile.Idle)
	if x.ExpiresAt.Before(ends) {
		ends = x.ExpiresAt
	}
	return ends.Sub(s.db.Now())
}

func signedOut() error {
	return fault.New(fault.Unauthenticated, "尚未登录，或者登录已经失效")
}

func (s *Service) identifySession(ctx context.Context, bearer string) (Identity, error) {
	ctx = policies.With(ctx, s.db.Policy.Program("identity"))
	var session Session
	err := models.One(s.db.Visible(ctx, policies.SessionRead, &session).Where("token_hash = ?", secretHash(bearer)), &session)
	if err != nil {
		return Identity{}, absentIsSignedOut(err)
	}
	if now := s.db.Now(); session.EndedAt == nil && now.Sub(session.LastSeenAt) > lastSeenStep && now.Sub(session.LastSeenAt) <= s.profile.Idle {
		err := s.db.Write(ctx, func(tx *models.Tx) error {
			return tx.Visible(policies.SessionEnd, &Session{}).Where("id = ?", session.ID).Update("last_seen_at", tx.Now()).Error
		})
		if err != nil {
			return Identity{}, err
		}
		session.LastSeenAt = now
	}
	id, err := s.identityOf(ctx, session.UserID)
	id.Session = &session
	return id, err
}

func absentIsSignedOut(err error) error {
	if fault.Is(err, fault.NotFound) {
		return signedOut()
	}
	return err
}

func (s *Service) identityOf(ctx context.Context, user models.ID) (Identity, error) {
	var id Identity
	if err := models.One(s.db.Visible(ctx, policies.UserRead, &id.User).Where("users.id = ?", user), &id.User); err != nil {
		return id, absentIsSignedOut(err)
	}
	err := s.db.Visible(ctx, policies.AssignmentRead, &Assignment{}).Where("user_id = ?", user).Order("starts_on, id").Find(&id.Assignments).Error
	id.OwesFactor = s.owesFactor(id, s.db.Today())
	return id, err
}

var sessionOrders = map[string]models.Order[Session]{
	"createdAt":  {Column: "sessions.created_at", Key: func(x Session) any { return x.CreatedAt }},
	"-createdAt": {Column: "sessions.created_at", Desc: true, Key: func(x Session) any { return x.CreatedAt }},
}

// SessionFilter narrows the list of sessions.
type SessionFilter struct {
	User models.ID
	Open bool // not ended and not expired only
}

// Sessions lists sign-ins: the caller's own, or everybody's for who may.
func (s *Service) Sessions(ctx context.Context, f SessionFilter, q models.Query) (models.Page[Session], error) {
	rows := s.db.Visible(ctx, policies.SessionRead, &Session{})
	if f.User != "" {
		rows = rows.Where("sessions.user_id = ?", f.User)
	}
	if now := s.db.Now(); f.Open {
		rows = rows.Where("sessions.ended_at IS NULL AND sessions.expires_at > ? AND sessions.last_seen_at > ?", now, now.Add(-s.profile.Idle))
	}
	return models.List(s.db, rows, q, sessionOrders, "-createdAt", func(x Session) models.ID { return x.ID })
}

// EndSession ends a session that the caller may end: its own, or any for an
// administrator. NotFound when there is none open.
func (s *Service) EndSession(ctx context.Context, id models.ID, reason string) error {
	if err := policies.Require(ctx, policies.SessionEnd); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *models.Tx) error {
		res := tx.Visible(policies.SessionEnd, &Session{}).Where("id = ? AND ended_at IS NULL", id).
			Updates(map[string]any{"ended_at": tx.Now(), "end_reason": reason})
		if err := models.Changed(res, fault.Absent()); err != nil {
			return err
		}
		tx.AfterCommit(s.identity.clear)
		return audit.Write(tx, audit.Note{Action: "signout", Outcome: audit.Done, Kind: "session", Object: string(id), Reason: reason})
	})
}

// EndSessions ends every open session of a person but the caller's present one,
// and answers how many. NotFound for a person outside the caller's reach.
func (s *Service) EndSessions(ctx context.Context, user models.ID, reason string) (int64, error) {
	if err := policies.Require(ctx, policies.SessionEnd); err != nil {
		return 0, err
	}
	if _, err := s.User(ctx, user); err != nil {
		return 0, err
	}
	var n int64
	err := s.db.Write(ctx, func(tx *models.Tx) error {
		// Who only reads the person is answered as if nobody were there.
		if err := tx.Covers(policies.SessionEnd, policies.Row{User: string(user)}); err != nil {
			return err
		}
		rows := tx.Visible(policies.SessionEnd, &Session{}).Where("user_id = ? AND ended_at IS NULL", user)
		if actor, _ := policies.ActorFrom(ctx); actor.Session != "" {
			rows = rows.Where("id <> ?", actor.Session)
		}
		res := rows.Updates(map[string]any{"ended_at": tx.Now(), "end_reason": reason})
		if n = res.RowsAffected; res.Error != nil {
			return res.Error
		}
		tx.AfterCommit(s.identity.clear)
		return audit.Write(tx, audit.Note{Action: "signout", Outcome: audit.Done, Kind: "user", Object: string(user), Reason: reason})
	})
	return n, err
}

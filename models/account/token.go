package account

import (
	"context"
	"crypto/rand"
	"hash/crc32"
	"math/big"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Token is a machine's credential, limited to some permissions of its owner.
type Token struct {
	ID         models.ID `gorm:"primaryKey"`
	UserID     models.ID
	Name       string
	TokenHash  []byte
	Scopes     models.Texts // permissions; a token never has more than its owner has now
	SourceCIDR string       `gorm:"column:source_cidr"` // "" is anywhere
	CreatedAt  time.Time
	ExpiresAt  time.Time
	LastUsedAt *time.Time
	RevokedAt  *time.Time
}

// TableName implements gorm's Tabler.
func (Token) TableName() string { return "tokens" }

// Scope implements models.Scoped.
func (Token) Scope() models.Scope { return models.PersonRows("tokens", "user_id", "token") }

// Owner implements models.Owned.
func (t Token) Owner() policies.Row { return policies.Row{User: string(t.UserID)} }

// Uncommitted implements audit.Uncommitted.
func (Token) Uncommitted() map[string]string {
	return map[string]string{"last_used_at": "moves with each use"}
}

// A machine token is the prefix, 32 random bytes in base62 (43 characters) and
// their CRC-32 in base62 (6 characters): a mistyped or cut one is told without a
// query, and a scanner of source code can find a leaked one.
const (
	tokenPrefix = "park_"
	secretChars = 43
	checkChars  = 6
	base62      = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

func newToken() (secret string, hash []byte) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails since Go 1.24
	body := inBase62(new(big.Int).SetBytes(b), secretChars)
	secret = tokenPrefix + body + tokenCheck(body)
	return secret, secretHash(secret)
}

func tokenCheck(body string) string {
	return inBase62(big.NewInt(int64(crc32.ChecksumIEEE([]byte(body)))), checkChars)
}

func inBase62(n *big.Int, width int) string {
	out := make([]byte, width)
	base, digit := big.NewInt(int64(len(base62))), new(big.Int)
	for i := width - 1; i >= 0; i-- {
		n.DivMod(n, base, digit)
		out[i] = base62[digit.Int64()]
	}
	return string(out)
}

// wellFormed reports whether s can be a token at all.
func wellFormed(s string) bool {
	body, ok := strings.CutPrefix(s, tokenPrefix)
	return ok && len(body) == secretChars+checkChars && tokenCheck(body[:secretChars]) == body[secretChars:]
}

// limit is never nil: nil would mean no limit.
func (t Token) limit() []policies.Permission {
	limit := []policies.Permission{}
	for _, p := range policies.Permissions() {
		if slices.Contains(t.Scopes, string(p)) {
			limit = append(limit, p)
		}
	}
	return limit
}

func (t Token) usable(now time.Time, address string) bool {
	if t.RevokedAt != nil || !now.Before(t.ExpiresAt) {
		return false
	}
	if t.SourceCIDR == "" {
		return true
	}
	net, err := netip.ParsePrefix(t.SourceCIDR)
	if err != nil {
		return false
	}
	a, err := netip.ParseAddr(address)
	return err == nil && net.Contains(a.Unmap())
}

func (s *Service) identifyToken(ctx context.Context, bearer, address string) (Identity, error) {
	if !wellFormed(bearer) {
		return Identity{}, signedOut()
	}
	ctx = policies.With(ctx, s.db.Policy.Program("identity"))
	var t Token
	if err := models.One(s.db.Visible(ctx, policies.TokenRead, &t).Where("token_hash = ?", secretHash(bearer)), &t); err != nil {
		return Identity{}, absentIsSignedOut(err)
	}
	id, err := s.identityOf(ctx, t.UserID)
	id.Token = &t
	if now := s.db.Now(); err == nil && id.User.DisabledAt == nil && t.usable(now, address) && (t.LastUsedAt == nil || now.Sub(*t.LastUsedAt) > lastSeenStep) {
		err = s.db.Write(ctx, func(tx *models.Tx) error {
			return tx.Visible(policies.TokenRevoke, &Token{}).Where("id = ?", t.ID).Update("last_used_at", tx.Now()).Error
		})
		t.LastUsedAt = &now
	}
	return id, err
}

// TokenInput is what a machine token is made from.
type TokenInput struct {
	Name   string   `json:"name" doc:"用途，例 在线监测平台"`
	Scopes []string `json:"scopes" maxItems:"100" doc:"权限，必须是本人现有的，例 ledger.read"`
	Days   int      `json:"days,omitempty" doc:"有效天数，1 至 365，默认 90"`
	CIDR   string   `json:"sourceCidr,omitempty" doc:"只能从这个网段使用，例 10.1.2.0/24；不限为空"`
}

const (
	tokenDays     = 90
	tokenDaysMost = 365
)

// personal are the permissions that no token can use, so none may name them.
var personal = []policies.Permission{policies.UserCreate, policies.UserUpdate, policies.UserRequest, policies.UserPassword,
	policies.AssignmentGrant, policies.AssignmentEnd, policies.TokenCreate}

// Lendable are those of a person's permissions that a token may name.
func Lendable(can []policies.Permission) []policies.Permission {
	return slices.DeleteFunc(slices.Clone(can), func(p policies.Permission) bool { return slices.Contains(personal, p) })
}

// Parse checks everything before it answers. Whether the owner has the scopes is
// judged by Create.
func (in TokenInput) Parse() (Token, error) {
	var c fault.Check
	t := Token{Name: fault.Must(&c, "/name", in.Name, code.ParseText(60)), Scopes: models.Texts{}}
	if len(in.Scopes) == 0 {
		c.Fail("/scopes", "required", "至少写明一项权限")
	}
	for i, raw := range in.Scopes {
		pointer, p := "/scopes/"+strconv.Itoa(i), policies.Permission(raw)
		switch {
		case !slices.Contains(policies.Permissions(), p):
			c.Cite(pointer, "unknown", "", raw, "没有这项权限，权限名见 GET /me 的 can")
		case slices.Contains(personal, p):
			c.Cite(pointer, "personal", "", raw, "机器令牌不能办理账号、密码、任职和令牌，删去这一项")
		case slices.Contains(t.Scopes, raw):
			c.Cite(pointer, "doubled", "", raw, "同一项出现了两次")
		default:
			t.Scopes = append(t.Scopes, raw)
		}
	}
	if in.Days < 0 || in.Days > tokenDaysMost {
		c.Cite("/days", "range", "", in.Days, "有效天数应当在 1 至 {{.Max}} 之间", "Max", tokenDaysMost)
	}
	t.SourceCIDR = fault.Parse(&c, "/sourceCidr", in.CIDR, parseCIDR)
	return t, c.Err()
}

func parseCIDR(s string) (string, error) {
	p, err := netip.ParsePrefix(s)
	if err != nil || p.Masked() != p {
		return "", fault.Broken("cidr", "RFC 4632", "网段应当写成 10.1.2.0/24 的样子，主机位为 0")
	}
	return p.String(), nil
}

// CreateToken makes a token for the caller and answers it with its secret, which
// is shown this once. Invalid when a scope is not among the caller's rights.
func (s *Service) CreateToken(ctx context.Context, in TokenInput) (Token, string, error) {
	if err := personally(ctx, policies.TokenCreate); err != nil {
		return Token{}, "", err
	}
	t, err := in.Parse()
	if err != nil {
		return t, "", err
	}
	actor, _ := policies.ActorFrom(ctx)
	can, err := actor.Can()
	if err != nil {
		return t, "", err
	}
	var c fault.Check
	for i, scope := range t.Scopes {
		if !slices.Contains(can, policies.Permission(scope)) {
			c.Cite("/scopes/"+strconv.Itoa(i), "beyond", "", scope, "本人没有这项权限，令牌也不能有")
		}
	}
	if err := c.Err(); err != nil {
		return t, "", err
	}
	days := in.Days
	if days == 0 {
		days = tokenDays
	}
	secret, hash := newToken()
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		t.ID, t.UserID, t.TokenHash, t.CreatedAt, t.ExpiresAt = models.NewID(), models.ID(actor.User), hash, tx.Now(), tx.Now().AddDate(0, 0, days)
		if err := tx.Create(policies.TokenCreate, &t); err != nil {
			return err
		}
		return logToken(tx, policies.TokenCreate, t)
	})
	return t, secret, err
}

func logToken(tx *models.Tx, perm policies.Permission, t Token) error {
	after := map[string]any{"user": t.UserID, "name": t.Name, "scopes": t.Scopes, "sourceCidr": t.SourceCIDR, "expiresAt": t.ExpiresAt.Unix(), "revoked": t.RevokedAt != nil}
	_, err := audit.Log(tx, audit.Event{Action: perm, Kind: "token", ID: t.ID, After: after,
		Facts: map[string]any{"user": t.UserID, "scopes": t.Scopes, "expiresAt": t.ExpiresAt.Unix(), "revoked": t.RevokedAt != nil}, Wrote: []audit.Wrote{{Object: t.ID, Head: t}}})
	return err
}

var tokenOrders = map[string]models.Order[Token]{
	"createdAt":  {Column: "tokens.created_at", Key: func(t Token) any { return t.CreatedAt }},
	"-createdAt": {Column: "tokens.created_at", Desc: true, Key: func(t Token) any { return t.CreatedAt }},
}

// Tokens lists tokens, never their secrets: the caller's own, or everybody's.
func (s *Service) Tokens(ctx context.Context, user models.ID, q models.Query) (models.Page[Token], error) {
	rows := s.db.Visible(ctx, policies.TokenRead, &Token{})
	if user != "" {
		rows = rows.Where("tokens.user_id = ?", user)
	}
	return models.List(s.db, rows, q, tokenOrders, "-createdAt", func(t Token) models.ID { return t.ID })
}

// RevokeToken ends a token at once. Conflict when it is revoked already.
func (s *Service) RevokeToken(ctx context.Context, id models.ID) error {
	if err := policies.Require(ctx, policies.TokenRevoke); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *models.Tx) error {
		var t Token
		if err := models.One(tx.Visible(policies.TokenRevoke, &t).Where("id = ?", id), &t); err != nil {
			return err
		}
		now := tx.Now()
		res := tx.Visible(policies.TokenRevoke, &Token{}).Where("id = ? AND revoked_at IS NULL", id).Update("revoked_at", now)
		if err := models.Changed(res, fault.New(fault.Conflict, "令牌已经撤销")); err != nil {
			return err
		}
		t.RevokedAt = &now
		tx.AfterCommit(s.identity.clear)
		return logToken(tx, policies.TokenRevoke, t)
	})
}

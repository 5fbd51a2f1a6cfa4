package account

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"parkregistry/models"
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

const tokenPrefix = "park_"

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

func (s *Service) identifyToken(ctx context.Context, bearer string) (Identity, error) {
	ctx = policies.With(ctx, s.db.Policy.Program("identity"))
	var t Token
	if err := models.One(s.db.Visible(ctx, policies.TokenRead, &t).Where("token_hash = ?", secretHash(bearer)), &t); err != nil {
		return Identity{}, absentIsSignedOut(err)
	}
	id, err := s.identityOf(ctx, t.UserID)
	id.Token = &t
	return id, err
}

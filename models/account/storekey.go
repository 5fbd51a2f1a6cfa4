package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// saltSize is how many bytes a device's salt has.
const saltSize = 16

// StoreKey is the second key to what a device keeps for its user without a network
// (S-PH2): whoever has forgotten the passphrase of the device signs in and opens the
// store with it. It follows from a key file of the program, the person and the salt of
// the device, so that nothing is stored; who may no longer walk gets none. Each look
// leaves an audit record.
func (s *Service) StoreKey(ctx context.Context, salt string) ([]byte, error) {
	if err := personally(ctx, policies.PatrolRecord); err != nil {
		return nil, err
	}
	if raw, err := base64.RawURLEncoding.DecodeString(salt); err != nil || len(raw) != saltSize {
		var c fault.Check
		c.Fail("/salt", "pattern", "应当是 {{.Size}} 字节的 base64url", "Size", saltSize)
		return nil, c.Err()
	}
	if len(s.profile.FactorKey) == 0 {
		return nil, fault.New(fault.Unavailable, "这里没有动态口令的密钥文件，由系统管理员处理")
	}
	actor, _ := policies.ActorFrom(ctx)
	mac := hmac.New(sha256.New, s.profile.FactorKey)
	mac.Write([]byte("store\x00" + actor.User + "\x00" + salt))
	err := s.db.Write(ctx, func(tx *models.Tx) error {
		return audit.Write(tx, audit.Note{Action: "storekey", Outcome: audit.Done, Kind: "user", Object: actor.User})
	})
	return mac.Sum(nil), err
}

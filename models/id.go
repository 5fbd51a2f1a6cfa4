package models

import (
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"parkregistry/internal/fault"
)

// ID is a UUID in its canonical lower-case text. New ones are version 7, so
// that they sort by the time they were made.
type ID string

// NewID makes a version 7 id.
func NewID() ID { return ID(uuid.Must(uuid.NewV7()).String()) }

// DerivedID is the id of what belongs to another row under a name: always the same.
func DerivedID(of ID, name string) ID {
	return ID(uuid.NewSHA1(uuid.MustParse(string(of)), []byte(name)).String())
}

// ParseID takes the canonical form only: 36 characters with dashes, lower case after parsing.
func ParseID(s string) (ID, error) {
	if len(s) != 36 {
		return "", fault.Broken("id", "RFC 9562", "应当是 36 位的 UUID")
	}
	u, err := uuid.Parse(s)
	if err != nil {
		return "", fault.Broken("id", "RFC 9562", "应当是 36 位的 UUID")
	}
	return ID(u.String()), nil
}

// UUIDValue implements pgtype.UUIDValuer, so that the driver sends the sixteen
// bytes at once: text of a type of our own it tries in vain before it sends it.
func (id ID) UUIDValue() (pgtype.UUID, error) {
	u, err := uuid.Parse(string(id))
	return pgtype.UUID{Bytes: u, Valid: err == nil}, err
}

// Ref is a pointer to id, nil for the empty one: for columns that may be null.
func Ref[T ~string](v T) *T {
	if v == "" {
		return nil
	}
	return &v
}

// Deref is the value behind p, "" for nil.
func Deref[T ~string](p *T) T {
	if p == nil {
		return ""
	}
	return *p
}

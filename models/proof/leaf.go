// Package proof is the room of the append-only log: how a change becomes a
// leaf and what its hash is. It alone knows the log library.
package proof

import (
	"encoding/binary"

	"golang.org/x/mod/sumdb/tlog"
)

// Algorithm names how LeafHash hashes: RFC 6962 §2.1 with SHA-256.
const Algorithm = "rfc6962-sha256"

// leafVersion names the encoding of a leaf, so that a later one can be told apart.
const leafVersion = "park.leaf.v1"

// Encode is the canonical encoding of a leaf: the version, then each field with
// its length before it (eight bytes, big endian), so that no two lists of fields
// encode alike.
func Encode(fields ...string) []byte {
	size := len(leafVersion)
	for _, f := range fields {
		size += 8 + len(f)
	}
	b := append(make([]byte, 0, size), leafVersion...)
	for _, f := range fields {
		b = AppendField(b, f)
	}
	return b
}

// AppendField appends a field with its length before it.
func AppendField[T ~string | ~[]byte](b []byte, field T) []byte {
	return append(binary.BigEndian.AppendUint64(b, uint64(len(field))), field...)
}

// Decode is the list of fields that Encode was given; false when the bytes are no leaf.
func Decode(leaf []byte) ([]string, bool) {
	if len(leaf) < len(leafVersion) || string(leaf[:len(leafVersion)]) != leafVersion {
		return nil, false
	}
	rest := leaf[len(leafVersion):]
	fields := make([]string, 0, 16)
	for len(rest) > 0 {
		if len(rest) < 8 {
			return nil, false
		}
		n := binary.BigEndian.Uint64(rest)
		rest = rest[8:]
		if n > uint64(len(rest)) {
			return nil, false
		}
		fields = append(fields, string(rest[:n]))
		rest = rest[n:]
	}
	return fields, true
}

// Leaf is what a leaf says of one change: everything in the log is one of these.
type Leaf struct {
	ID           string // of the change
	At           string // Unix seconds
	Actor        string
	Action       string // the permission that was used
	Kind         string // of the object
	Object       string
	Park         string // whose row it is; "" for none, as in the next two
	Jurisdiction string
	Enterprise   string
	About        string // the civil day that the change is about
	Counts       string // JSON object: how measures of the park move
	Facts        string // JSON object: digests, states, versions
}

// fields are the leaf's fields in the order in which they are encoded.
func (l *Leaf) fields() []*string {
	return []*string{&l.ID, &l.At, &l.Actor, &l.Action, &l.Kind, &l.Object, &l.Park, &l.Jurisdiction, &l.Enterprise, &l.About, &l.Counts, &l.Facts}
}

// Encode is the leaf as it is hashed.
func (l Leaf) Encode() []byte {
	fields := l.fields()
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = *f
	}
	return Encode(all...)
}

// DecodeLeaf reads what Leaf.Encode wrote; false when the bytes are anything else.
func DecodeLeaf(b []byte) (Leaf, bool) {
	var l Leaf
	all, ok := Decode(b)
	fields := l.fields()
	if !ok || len(all) != len(fields) {
		return l, false
	}
	for i, f := range fields {
		*f = all[i]
	}
	return l, true
}

// LeafHash is the RFC 6962 hash of a leaf.
func LeafHash(leaf []byte) []byte {
	h := tlog.RecordHash(leaf)
	return h[:]
}

package proof_test

import (
	"encoding/hex"
	"slices"
	"testing"

	"parkregistry/models/proof"
)

func TestLeafRoundTrip(t *testing.T) {
	for _, fields := range [][]string{nil, {""}, {"", ""}, {"a", "bc"}, {"ab", "c"}, {"园区", "\x00\xff"}} {
		got, ok := proof.Decode(proof.Encode(fields...))
		if !ok || !slices.Equal(got, fields) {
			t.Errorf("%q came back as %q, %v", fields, got, ok)
		}
	}
	if slices.Equal(proof.Encode("a", "bc"), proof.Encode("ab", "c")) {
		t.Error("two lists of fields encode alike")
	}
	good := proof.Encode("a", "bc")
	for cut := 1; cut < len(good); cut++ {
		if fields, ok := proof.Decode(good[:cut]); ok && slices.Equal(fields, []string{"a", "bc"}) {
			t.Errorf("cut at %d it still reads %q", cut, fields)
		}
	}
	if _, ok := proof.Decode([]byte("park.leaf.v2")); ok {
		t.Error("another version is read as this one")
	}
}

// TestLeafHash: RFC 6962 §2.1, the hash of the empty leaf is SHA-256 of one zero byte.
func TestLeafHash(t *testing.T) {
	if got := hex.EncodeToString(proof.LeafHash(nil)); got != "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" {
		t.Errorf("got %s", got)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(proof.Encode("a", "园区", ""))
	f.Add([]byte("park.leaf.v1\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, leaf []byte) {
		fields, ok := proof.Decode(leaf)
		if ok && !slices.Equal(proof.Encode(fields...), leaf) {
			t.Errorf("%q encodes to other bytes", fields)
		}
	})
}

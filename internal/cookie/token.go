package cookie

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
)

// encoding takes each text for one token only.
var encoding = base64.RawURLEncoding.Strict()

// Token is what a form of this sign-in carries: a random pad, and under it what follows
// from the secret. Nothing is stored for it, it does not give the secret away, and no
// two are alike, so that the length of a compressed page tells nothing about it
// (docs/adr/0040-pages-by-gzip.md).
func (s Seen) Token() string {
	var masked [2 * sha256.Size]byte
	pad, under := masked[:sha256.Size], masked[sha256.Size:]
	_, _ = rand.Read(pad) // never fails
	subtle.XORBytes(under, pad, s.vouches())
	return encoding.EncodeToString(masked[:])
}

// Vouched reports whether the token is one of this sign-in, under whichever pad.
func (s Seen) Vouched(token string) bool {
	masked, err := encoding.DecodeString(token)
	if s.Secret == "" || err != nil || len(masked) != 2*sha256.Size {
		return false
	}
	pad, under := masked[:sha256.Size], masked[sha256.Size:]
	subtle.XORBytes(under, pad, under)
	return hmac.Equal(under, s.vouches())
}

// vouches is what every token of this sign-in hides.
func (s Seen) vouches() []byte {
	m := hmac.New(sha256.New, []byte(s.Secret))
	m.Write([]byte("park form"))
	return m.Sum(nil)
}

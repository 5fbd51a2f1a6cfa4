package cookie_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parkregistry/internal/cookie"
)

// TestTransport: a sign-in that came without encryption does not count over TLS, nor
// the other way round.
func TestTransport(t *testing.T) { // S-AU6
	for _, encrypted := range []bool{false, true} {
		w := httptest.NewRecorder()
		cookie.Seen{Encrypted: encrypted}.Set(w, "secret")
		got := w.Result().Cookies()[0]
		if got.Secure != encrypted || !got.HttpOnly || got.SameSite != http.SameSiteLaxMode || got.Path != "/" || got.Domain != "" ||
			strings.HasPrefix(got.Name, "__Host-") != encrypted {
			t.Errorf("encrypted %v: cookie %s", encrypted, got)
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.AddCookie(got)
		if s := cookie.Read(r, encrypted).Secret; s != "secret" {
			t.Errorf("encrypted %v: read %q", encrypted, s)
		}
		if s := cookie.Read(r, !encrypted).Secret; s != "" {
			t.Errorf("encrypted %v: read %q over the other transport", encrypted, s)
		}
	}
}

// TestToken: a form's token is that of its own sign-in alone, and of none without one.
func TestToken(t *testing.T) { // S-AU8
	a, b := cookie.Seen{Secret: "a"}, cookie.Seen{Secret: "b"}
	if !a.Vouched(a.Token()) || a.Vouched(b.Token()) || a.Vouched("") || (cookie.Seen{}).Vouched(cookie.Seen{}.Token()) {
		t.Error("a token vouches for the wrong sign-in")
	}
	token := a.Token()
	for at := range len(token) {
		other := "A"
		if token[at] == 'A' {
			other = "B"
		}
		if altered := token[:at] + other + token[at+1:]; a.Vouched(altered) {
			t.Errorf("altered at %d it still vouches", at)
		}
	}
	for _, wrong := range []string{token[1:], token + "AA", token[:len(token)/2], token + "=", strings.Repeat("A", len(token))} {
		if a.Vouched(wrong) {
			t.Errorf("%q vouches", wrong)
		}
	}
}

// TestMasked: no token stands twice, in none of its parts, and each vouches. What stays
// alike from page to page could be guessed from the length of a compressed one.
func TestMasked(t *testing.T) { // S-AU8, S-OUT4
	s := cookie.Seen{Secret: "a"}
	parts := map[string]bool{}
	for range 200 {
		token := s.Token()
		if !s.Vouched(token) {
			t.Fatalf("%q does not vouch", token)
		}
		for at := 0; at+8 <= len(token); at++ {
			part := token[at : at+8]
			if parts[part] {
				t.Fatalf("%q stands in two tokens", part)
			}
			parts[part] = true
		}
	}
}

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
}

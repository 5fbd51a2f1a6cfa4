// Package cookie is what a browser keeps for us: a sign-in (S-AU6), with what vouches
// that a form was one of ours (S-AU8), and the language and the size of the text that its reader chose.
package cookie

import (
	"context"
	"net/http"
)

// The names. __Host- makes a browser refuse the cookie unless it came encrypted, from
// this very host and for all of it; without encryption, on this machine or where plain
// HTTP was asked for, no browser would take that name.
const (
	encryptedName = "__Host-park"
	plainName     = "park"
)

// Seen is the sign-in that came with a request, and how it came.
type Seen struct {
	Secret    string // "" without one
	Encrypted bool   // the request came over TLS, to us or to a proxy that we trust
}

// Read takes the sign-in out of a request. Of the two names only the one that fits the
// transport counts: whoever can write plain cookies for the host has no say over TLS.
func Read(r *http.Request, encrypted bool) Seen {
	s := Seen{Encrypted: encrypted}
	if c, err := r.Cookie(s.name()); err == nil {
		s.Secret = c.Value
	}
	return s
}

func (s Seen) name() string {
	if s.Encrypted {
		return encryptedName
	}
	return plainName
}

// Set gives the browser a new secret; it forgets it when it closes.
func (s Seen) Set(w http.ResponseWriter, secret string) { http.SetCookie(w, s.cookie(secret, 0)) }

// Clear makes the browser forget it.
func (s Seen) Clear(w http.ResponseWriter) { http.SetCookie(w, s.cookie("", -1)) }

func (s Seen) cookie(value string, age int) *http.Cookie {
	return &http.Cookie{Name: s.name(), Value: value, Path: "/", MaxAge: age, Secure: s.Encrypted, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// language is the cookie of a reader who chose one, kept for a year.
const language = "lang"

// Language is the language that the reader chose, "" for none.
func Language(r *http.Request) string {
	c, err := r.Cookie(language)
	if err != nil {
		return ""
	}
	return c.Value
}

// SetLanguage keeps the choice.
func (s Seen) SetLanguage(w http.ResponseWriter, chosen string) { s.keep(w, language, chosen) }

// size is the cookie of a reader who chose a size of the text, kept for a year.
const size = "size"

// Size is the size of the text that the reader chose, "" for none.
func Size(r *http.Request) string {
	c, err := r.Cookie(size)
	if err != nil {
		return ""
	}
	return c.Value
}

// SetSize keeps the choice.
func (s Seen) SetSize(w http.ResponseWriter, chosen string) { s.keep(w, size, chosen) }

// keep keeps what a reader chose, which is no secret, for a year.
func (s Seen) keep(w http.ResponseWriter, name, chosen string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: chosen, Path: "/", MaxAge: 365 * 24 * 3600, Secure: s.Encrypted, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

type key struct{}

// With carries what was seen along with the request.
func With(ctx context.Context, s Seen) context.Context { return context.WithValue(ctx, key{}, s) }

// From is what was seen; the zero value outside a request.
func From(ctx context.Context) Seen {
	s, _ := ctx.Value(key{}).(Seen)
	return s
}

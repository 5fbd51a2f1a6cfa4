package account_test

import (
	"testing"
	"time"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
)

// open reports whether a bearer is still accepted.
func (h *house) open(bearer string) bool {
	h.t.Helper()
	_, err := h.as(bearer)
	if err != nil {
		h.want(err, fault.Unauthenticated, "a bearer that is not accepted")
	}
	return err == nil
}

func TestSessionLife(t *testing.T) { // S-AU6
	for _, c := range []struct {
		name  string
		moves []time.Duration // between uses
		open  bool
	}{
		{"used every hour", []time.Duration{time.Hour, time.Hour, time.Hour}, true},
		{"unused for eight hours", []time.Duration{8*time.Hour + time.Second}, false},
		{"used, but older than twelve hours", []time.Duration{7 * time.Hour, 5 * time.Hour}, false},
		{"a clock stepped back", []time.Duration{-2 * time.Hour}, true},
		{"a clock stepped back and put right", []time.Duration{-2 * time.Hour, 2 * time.Hour}, true},
		{"a clock stepped a day ahead", []time.Duration{24 * time.Hour}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(h *house) {
				h.person("wang", "bureau_analyst")
				token, open := h.signIn("wang").Token, false
				for _, by := range c.moves {
					h.clock.move(by)
					open = h.open(token)
				}
				if open != c.open {
					t.Errorf("open %v, want %v", open, c.open)
				}
			})
		})
	}
}

func TestSessionsOfOthers(t *testing.T) {
	each(t, func(h *house) {
		h.person("wang", "bureau_analyst")
		h.person("zhao", "bureau_analyst")
		h.person("admin-1", "admin")
		h.person("auditor-1", "auditor")
		wang, second, zhao := h.signIn("wang"), h.signIn("wang"), h.signIn("zhao")
		h.signIn("admin-1")
		for _, c := range []struct { // in this order: each signs in once more to look
			who  string
			want int
		}{{"wang", 3}, {"auditor-1", 6}, {"admin-1", 7}} {
			page, err := h.Sessions(h.in(c.who), account.SessionFilter{Open: true}, models.Query{Limit: 50})
			h.must(err)
			if len(page.Items) != c.want {
				t.Errorf("%s sees %d sessions, want %d", c.who, len(page.Items), c.want)
			}
		}
		h.want(h.EndSession(h.in("zhao"), wang.Session.ID, "x"), fault.NotFound, "ending a stranger's session")
		h.want(h.EndSession(h.in("auditor-1"), wang.Session.ID, "x"), fault.NotFound, "an auditor ending a session")
		if !h.open(wang.Token) {
			t.Fatal("a refused ending ended the session")
		}
		ended := h.race(fault.NotFound,
			func() error { return h.EndSession(h.in("admin-1"), wang.Session.ID, "lost") },
			func() error { return h.EndSession(h.in("wang"), wang.Session.ID, "signout") })
		if ended != 1 || h.open(wang.Token) {
			t.Errorf("a session was ended %d times, open %v", ended, h.open(wang.Token))
		}
		n, err := h.EndSessions(h.in("admin-1"), wang.Identity.User.ID, "lost")
		h.must(err)
		if n < 1 || h.open(second.Token) || !h.open(zhao.Token) {
			t.Errorf("%d sessions ended, second open %v, a stranger's open %v", n, h.open(second.Token), h.open(zhao.Token))
		}
		for _, who := range []string{"zhao", "auditor-1"} {
			_, err = h.EndSessions(h.in(who), wang.Identity.User.ID, "x")
			h.want(err, fault.NotFound, who+" ending somebody's sessions")
		}
	})
}

func TestOwnSessionsButThisOne(t *testing.T) {
	each(t, func(h *house) {
		u := h.person("wang", "bureau_analyst")
		this, other := h.signIn("wang"), h.signIn("wang")
		ctx, err := h.as(this.Token)
		h.must(err)
		n, err := h.EndSessions(ctx, u.ID, "elsewhere")
		h.must(err)
		if n != 1 || !h.open(this.Token) || h.open(other.Token) {
			t.Errorf("%d ended, this open %v, other open %v", n, h.open(this.Token), h.open(other.Token))
		}
	})
}

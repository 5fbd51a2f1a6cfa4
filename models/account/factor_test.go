package account_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
)

// withFactors is the profile of GB/T 22239 level 3 with a key for second factors.
func withFactors() account.Profile {
	p := account.Dengbao3()
	p.FactorKey = []byte("0123456789abcdef0123456789abcdef")
	return p
}

// code is what the phone shows, off by some seconds.
func (h *house) code(secret string, off time.Duration) string {
	h.t.Helper()
	code, err := totp.GenerateCode(secret, h.clock.now().Add(off))
	h.must(err)
	return code
}

func (h *house) with(name, code string) (account.SignedIn, error) {
	return h.SignIn(from(home), account.Credentials{Username: name, Password: password, Code: code})
}

// enrolled is a person with a second factor, half a minute after the first code.
func (h *house) enrolled(name, role string) (account.User, string) {
	h.t.Helper()
	u := h.person(name, role)
	ctx := h.in(name)
	e, err := h.BeginFactor(ctx)
	h.must(err)
	_, err = h.ConfirmFactor(ctx, account.FactorInput{Code: h.code(e.Secret, 0)})
	h.must(err)
	h.clock.move(30 * time.Second)
	return u, e.Secret
}

func TestSecondFactor(t *testing.T) { // S-AU5
	eachWith(t, withFactors(), func(h *house) {
		_, secret := h.enrolled("wang", "auditor")
		_, err := h.with("wang", "")
		h.want(err, fault.Unauthenticated, "no code")
		var f *fault.Error
		if !errors.As(err, &f) || f.Extra["needs"] != "code" {
			t.Errorf("a right password without a code is told %v", err)
		}
		_, err = h.SignIn(from(home), account.Credentials{Username: "wang", Password: "wrong-password-1", Code: h.code(secret, 0)})
		h.want(err, fault.Unauthenticated, "a wrong password")
		if errors.As(err, &f) && f.Extra["needs"] != nil {
			t.Error("a wrong password is told that a code is needed")
		}
		for what, c := range map[string]string{"of a minute ago": h.code(secret, -time.Minute), "of the next minute": h.code(secret, time.Minute), "no digits": "abcdef", "too long": h.code(secret, 0) + "1"} {
			_, err := h.with("wang", c)
			h.want(err, fault.Unauthenticated, what)
			h.opens("li", home, false, what) // nobody: the address is not shut
		}
		h.clock.move(16 * time.Minute) // those were failures
		now := h.code(secret, 0)
		_, err = h.with("wang", now[:3]+" "+now[3:])
		h.must(err)
		_, err = h.with("wang", now)
		h.want(err, fault.Unauthenticated, "the code a second time")
		_, err = h.with("wang", h.code(secret, -30*time.Second))
		h.want(err, fault.Unauthenticated, "a code older than the one that was used")
		_, err = h.with("wang", h.code(secret, 30*time.Second))
		h.must(err) // a phone that is ahead
	})
}

// TestWrongCodesLock: a code is guessed no more often than a password.
func TestWrongCodesLock(t *testing.T) {
	eachWith(t, withFactors(), func(h *house) {
		_, secret := h.enrolled("wang", "auditor")
		for range 5 {
			_, err := h.with("wang", "000000")
			h.want(err, fault.Unauthenticated, "a guess")
		}
		_, err := h.with("wang", h.code(secret, 0))
		h.want(err, fault.Unauthenticated, "the right code of a locked account")
		_, err = h.with("wang", "")
		var f *fault.Error
		if errors.As(err, &f) && f.Extra["needs"] != nil {
			t.Error("a locked account is told that its password was right")
		}
	})
}

// TestOneCodeOneSession: two sign-ins that race with one code.
func TestOneCodeOneSession(t *testing.T) {
	eachWith(t, withFactors(), func(h *house) {
		_, secret := h.enrolled("wang", "auditor")
		code := h.code(secret, 0)
		try := func() error { _, err := h.with("wang", code); return err }
		if n := h.race(fault.Unauthenticated, try, try, try, try); n != 1 {
			t.Errorf("one code opened %d sessions", n)
		}
	})
}

func TestWhoOwesASecondFactor(t *testing.T) {
	eachWith(t, withFactors(), func(h *house) {
		for role, owes := range map[string]bool{"admin": true, "security_admin": true, "auditor": true, "bureau_analyst": false} {
			name := strings.ReplaceAll(role, "_", "-")
			h.person(name, role)
			in := h.signIn(name)
			id, err := h.Identify(from(home), in.Token, home)
			h.must(err)
			if in.Identity.OwesFactor != owes || id.OwesFactor != owes {
				t.Errorf("%s owes %v and %v, want %v", role, in.Identity.OwesFactor, id.OwesFactor, owes)
			}
		}
		_, secret := h.enrolled("wang", "auditor")
		in, err := h.with("wang", h.code(secret, 0))
		h.must(err)
		if in.Identity.OwesFactor {
			t.Error("who has one still owes one")
		}
	})
	each(t, func(h *house) {
		if h.person("wang", "auditor"); h.signIn("wang").Identity.OwesFactor {
			t.Error("the plain profile asks for none")
		}
		_, err := h.BeginFactor(h.in("wang"))
		h.want(err, fault.Unavailable, "without a key")
	})
}

func TestAddingASecondFactor(t *testing.T) {
	eachWith(t, withFactors(), func(h *house) {
		u := h.person("wang", "auditor")
		ctx, elsewhere := h.in("wang"), h.signIn("wang").Token
		confirm := func(code string) error {
			_, err := h.ConfirmFactor(ctx, account.FactorInput{Code: code})
			return err
		}
		h.want(confirm("123456"), fault.Conflict, "nothing begun")
		first, err := h.BeginFactor(ctx)
		h.must(err)
		e, err := h.BeginFactor(ctx)
		h.must(err)
		uri, err := url.Parse(e.URI)
		if err != nil || uri.Scheme != "otpauth" || uri.Query().Get("secret") != e.Secret || !strings.HasSuffix(uri.Path, ":wang") || first.Secret == e.Secret {
			t.Errorf("%+v after %+v", e, first)
		}
		h.want(confirm("12345x"), fault.Invalid, "no code")
		h.want(confirm(h.code(first.Secret, 0)), fault.Invalid, "a code of the dropped secret")
		_, err = h.with("wang", "")
		h.must(err) // not in force before its first code
		h.must(confirm(h.code(e.Secret, 0)))
		h.want(confirm(h.code(e.Secret, 30*time.Second)), fault.Conflict, "twice")
		_, err = h.BeginFactor(ctx)
		h.want(err, fault.Conflict, "a second one")
		_, err = h.as(elsewhere)
		h.want(err, fault.Unauthenticated, "another session of the person")
		if _, err = h.Sessions(ctx, account.SessionFilter{}, models.Query{Limit: 10}); err != nil {
			t.Errorf("the session that added it: %v", err)
		}
		_, err = h.with("wang", h.code(e.Secret, 0))
		h.want(err, fault.Unauthenticated, "the code that confirmed")
		if n := h.changes(u.ID); n < 4 { // made, granted, begun twice, added
			t.Errorf("%d changes", n)
		}
	})
}

func TestResetOfASecondFactor(t *testing.T) {
	eachWith(t, withFactors(), func(h *house) {
		u, secret := h.enrolled("wang", "auditor")
		s, err := h.with("wang", h.code(secret, 0))
		h.must(err)
		wang, err := h.as(s.Token)
		h.must(err)
		h.person("admin", "admin")
		admin := h.in("admin")
		_, err = h.ResetFactor(wang, u.ID, reason())
		h.want(err, fault.Denied, "one's own without the right")
		_, err = h.ResetFactor(admin, u.ID, account.ReasonInput{})
		h.want(err, fault.Invalid, "without a reason")
		_, err = h.ResetFactor(admin, u.ID, reason())
		h.must(err)
		_, err = h.as(s.Token)
		h.want(err, fault.Unauthenticated, "a session of before")
		_, err = h.ResetFactor(admin, u.ID, reason())
		h.want(err, fault.Conflict, "twice")
		in, err := h.with("wang", "")
		h.must(err)
		if !in.Identity.OwesFactor {
			t.Error("after the reset nothing is asked for")
		}
		me, err := h.Users(admin, account.UserFilter{Q: "admin"}, models.Query{Limit: 10})
		h.must(err)
		_, err = h.ResetFactor(admin, me.Items[0].ID, reason())
		h.want(err, fault.Conflict, "one's own")
	})
}

// TestSecretsStandNowhere: a copy of the database under another key gives no code.
func TestSecretsStandNowhere(t *testing.T) {
	eachWith(t, withFactors(), func(h *house) {
		_, secret := h.enrolled("wang", "auditor")
		p := withFactors()
		p.FactorKey = []byte("fedcba9876543210fedcba9876543210")
		stolen := account.New(h.db, quiet(), p)
		_, err := stolen.SignIn(from(home), account.Credentials{Username: "wang", Password: password, Code: h.code(secret, 0)})
		h.want(err, fault.Unauthenticated, "another key")
	})
}

// TestSignInWhileThePasswordChanges: no session outlives the password that opened it.
func TestSignInWhileThePasswordChanges(t *testing.T) {
	each(t, func(h *house) {
		h.person("wang", "bureau_analyst")
		old := password
		for round := range 6 {
			ctx := h.in2("wang", old)
			next := old + "x"
			var sessions []account.SignedIn
			opened := make(chan account.SignedIn, 8)
			tries := make([]func() error, 0, 7)
			for range 6 {
				tries = append(tries, func() error {
					s, err := h.SignIn(from(home), account.Credentials{Username: "wang", Password: old})
					if err == nil {
						opened <- s
					}
					return err
				})
			}
			var kept account.SignedIn
			tries = append(tries, func() (err error) {
				kept, err = h.ChangePassword(ctx, account.PasswordInput{Current: old, Next: next})
				return err
			})
			h.race(fault.Unauthenticated, tries...)
			close(opened)
			for s := range opened {
				sessions = append(sessions, s)
			}
			if kept.Token == "" {
				t.Fatal("the password was not changed")
			}
			for _, s := range sessions {
				if _, err := h.as(s.Token); err == nil {
					t.Errorf("round %d: a session of the old password lives", round)
				}
			}
			old = next
			h.clock.move(16 * time.Minute)
		}
	})
}

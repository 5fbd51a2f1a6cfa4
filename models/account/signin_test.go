package account_test

import (
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/policies"
)

// fail signs in with a wrong password n times.
func (h *house) fail(name, address string, n int) {
	h.t.Helper()
	for range n {
		_, err := h.SignIn(from(address), account.Credentials{Username: name, Password: "wrong-password-1"})
		h.want(err, fault.Unauthenticated, "a wrong password")
	}
}

func (h *house) opens(name, address string, open bool, when string) {
	h.t.Helper()
	_, err := h.SignIn(from(address), account.Credentials{Username: name, Password: password})
	if (err == nil) != open {
		h.t.Errorf("%s: sign-in from %s answers %v, want open %v", when, address, err, open)
	}
}

func TestLockout(t *testing.T) { // S-AU4
	each(t, func(h *house) {
		h.person("wang", "bureau_analyst")
		h.fail("wang", home, 4)
		h.opens("wang", home, true, "after four failures")
		h.fail("wang", home, 5)
		h.opens("wang", home, false, "after five failures")
		h.opens("wang", abroad, true, "another network")
		h.Service = account.New(h.db, quiet(), account.DefaultProfile())
		h.opens("wang", home, false, "after a restart")
		h.clock.move(-10 * time.Minute)
		h.opens("wang", home, false, "the clock stepped back")
		h.clock.move(10*time.Minute + 14*time.Minute)
		h.opens("wang", home, false, "after 14 minutes")
		h.clock.move(2 * time.Minute)
		h.opens("wang", home, true, "after 16 minutes")
	})
}

func TestLockDoubles(t *testing.T) { // S-AU4
	each(t, func(h *house) {
		h.person("wang", "bureau_analyst")
		for _, length := range []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 4 * time.Hour} {
			h.fail("wang", home, 5)
			h.clock.move(length - time.Minute)
			h.fail("wang", home, 1) // would be the sixth: a try during the lock neither counts nor lengthens
			h.opens("wang", home, false, "a minute before the end of "+length.String())
			h.clock.move(time.Minute)
			if length == 4*time.Hour {
				h.opens("wang", home, true, "after the longest lock")
				return
			}
		}
	})
}

// TestWhatDoesNotCount: tries during a lock, and those before a success.
func TestWhatDoesNotCount(t *testing.T) {
	each(t, func(h *house) {
		h.person("wang", "bureau_analyst")
		h.fail("wang", home, 4)
		h.opens("wang", home, true, "after four")
		h.fail("wang", home, 4)
		h.opens("wang", home, true, "after four more, with a success between")
		h.fail("wang", home, 5)
		h.clock.move(14 * time.Minute)
		h.fail("wang", home, 3)
		h.clock.move(2 * time.Minute)
		h.fail("wang", home, 2)
		h.opens("wang", home, true, "after two, and three during the lock")
	})
}

func TestFailuresSpreadOut(t *testing.T) {
	each(t, func(h *house) {
		h.person("wang", "bureau_analyst")
		for range 5 {
			h.fail("wang", home, 1)
			h.clock.move(4 * time.Minute)
		}
		h.opens("wang", home, true, "never five within 15 minutes")
	})
}

// TestRightGuessAmongWrongOnes: guesses that run side by side have all passed the first
// look at the lock; the right one among them is let in only if fewer than five came
// before it. Only with one writer at a time is it certain which came before which.
func TestRightGuessAmongWrongOnes(t *testing.T) {
	each(t, func(h *house) {
		if h.db.Engine != models.SQLite {
			return
		}
		for round := range 6 {
			name := "wang" + string(rune('a'+round))
			h.person(name, "bureau_analyst")
			h.fail(name, home, 4)
			guesses := []func() error{}
			for i := range 8 {
				guess := "wrong-password-2"
				if i%4 == 3 {
					guess = password
				}
				guesses = append(guesses, func() error {
					_, err := h.SignIn(from(home), account.Credentials{Username: name, Password: guess})
					return err
				})
			}
			h.race(fault.Unauthenticated, guesses...)
			var outcomes []string
			h.must(h.db.Internal(h.program(), &account.Attempt{}).Where("account = ?", name).Order("id").Pluck("outcome", &outcomes).Error)
			wrong := 0
			for _, o := range outcomes {
				if o == "ok" && wrong >= 5 {
					t.Errorf("let in after %v", outcomes)
				}
				if wrong++; o == "ok" {
					wrong = 0
				}
			}
			h.clock.move(11 * time.Minute) // one address may fail so often and no more
		}
	})
}

func TestGuessesSideBySide(t *testing.T) {
	each(t, func(h *house) {
		h.person("wang", "bureau_analyst")
		h.fail("wang", home, 4)
		guesses := []func() error{}
		for range 8 {
			guesses = append(guesses, func() error {
				_, err := h.SignIn(from(home), account.Credentials{Username: "wang", Password: "wrong-password-2"})
				return err
			})
		}
		if n := h.race(fault.Unauthenticated, guesses...); n != 0 {
			t.Errorf("%d wrong passwords were taken", n)
		}
		h.opens("wang", home, false, "after many guesses at once")
	})
}

func TestAddressThatTriesTooOften(t *testing.T) { // S-AU4
	each(t, func(h *house) {
		h.person("wang", "bureau_analyst")
		for i := range 60 {
			h.fail("nobody-"+string(rune('a'+i%26)), home, 1)
		}
		_, err := h.SignIn(from(home), account.Credentials{Username: "wang", Password: password})
		h.want(err, fault.TooMany, "the 61st try")
		f, ok := err.(*fault.Error)
		if !ok || f.RetryAfter <= 0 {
			t.Errorf("no word on when to try again: %v", err)
		}
		h.opens("wang", "10.20.30.41", true, "another address of the network")
		h.clock.move(11 * time.Minute)
		h.opens("wang", home, true, "after 11 minutes")
	})
}

func TestManyFailuresSlowDown(t *testing.T) { // S-AU4: a delay, never a lock that strangers can hold shut
	each(t, func(h *house) {
		h.person("wang", "bureau_analyst")
		for i := range 30 {
			h.fail("wang", "10.9."+string(rune('0'+i/5))+".1", 1)
		}
		before := time.Now()
		h.opens("wang", home, true, "after thirty failures from elsewhere")
		if took := time.Since(before); took < time.Second {
			t.Errorf("it took %s, want a second of delay", took)
		}
	})
}

func TestSameWords(t *testing.T) {
	each(t, func(h *house) {
		h.person("wrong", "bureau_analyst")
		h.person("locked", "bureau_analyst")
		h.person("disabled", "bureau_analyst")
		h.fail("locked", home, 5)
		_, err := h.Disable(h.program(), h.user("disabled").ID, reason())
		h.must(err)
		_, expired, err := h.Create(h.program(), account.UserInput{Username: "expired", ProfileInput: account.ProfileInput{DisplayName: "赵"}})
		h.must(err)
		h.clock.move(24 * time.Hour)
		h.fail("locked", home, 5)
		words := map[string]string{}
		for name, pass := range map[string]string{"unknown": password, "wrong": "wrong-password-1", "locked": password, "disabled": password, "expired": expired} {
			_, err := h.SignIn(from(home), account.Credentials{Username: name, Password: pass})
			h.want(err, fault.Unauthenticated, name)
			words[err.Error()] = name
		}
		if len(words) != 1 {
			t.Errorf("different words tell an account from another: %v", words)
		}
	})
}

// user is the stored account of that name.
func (h *house) user(name string) account.User {
	h.t.Helper()
	var u account.User
	h.must(h.db.Visible(h.program(), policies.UserRead, &u).Where("username = ?", name).Take(&u).Error)
	return u
}

func TestFirstPasswordDies(t *testing.T) { // S-AU3
	each(t, func(h *house) {
		u, first, err := h.Create(h.program(), account.UserInput{Username: "li.si", ProfileInput: account.ProfileInput{DisplayName: "李四"}})
		h.must(err)
		_, err = h.Grant(h.program(), u.ID, account.GrantInput{Role: "bureau_analyst", Reason: "测试用的任职"})
		h.must(err)
		h.clock.move(24*time.Hour - time.Second)
		in, err := h.SignIn(from(home), account.Credentials{Username: "li.si", Password: first})
		h.must(err)
		if !in.Identity.User.MustChangePassword {
			t.Error("a first password need not be changed")
		}
		ctx, err := h.as(in.Token)
		h.must(err)
		h.clock.move(time.Second)
		_, err = h.SignIn(from(home), account.Credentials{Username: "li.si", Password: first})
		h.want(err, fault.Unauthenticated, "a first password after 24 hours")
		_, err = h.ChangePassword(ctx, account.PasswordInput{Current: first, Next: password})
		h.want(err, fault.Conflict, "changing a dead first password")
		_, again, err := h.ResetPassword(h.program(), u.ID, reason())
		h.must(err)
		if _, err := h.as(in.Token); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("the session outlives a reset: %v", err)
		}
		_, err = h.SignIn(from(home), account.Credentials{Username: "li.si", Password: again})
		h.want(err, "", "the password after a reset")
	})
}

func TestHashes(t *testing.T) { // S-AU1
	want := argon2id.Params{Memory: 32 * 1024, Iterations: 3, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	if account.Production != want {
		t.Errorf("the program hashes with %+v, want %+v", account.Production, want)
	}
	each(t, func(h *house) {
		u := h.person("wang", "bureau_analyst")
		other, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 32, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32})
		h.must(err)
		h.storeHash(u, other)
		h.signIn("wang")
		hash := h.user("wang").PasswordHash
		if !strings.HasPrefix(hash, "$argon2id$v=19$m=64,t=1,p=1$") {
			t.Errorf("sign-in left the hash %q, want one with the present parameters", hash)
		}
		h.signIn("wang")
		if again := h.user("wang").PasswordHash; again != hash {
			t.Error("the hash was made anew without need")
		}
	})
}

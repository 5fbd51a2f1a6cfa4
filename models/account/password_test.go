package account_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"parkregistry/internal/fault"
	"parkregistry/models/account"
)

const next = "Seven-grey-herons-wade"

func codes(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return ""
	}
	var all []string
	for _, v := range f.Violations {
		all = append(all, v.Pointer+" "+v.Code)
	}
	return strings.Join(all, ", ")
}

func TestPasswordRules(t *testing.T) { // S-AU1
	dengbao := account.DefaultProfile()
	dengbao.PasswordClasses = 3
	type rule struct{ password, want string }
	for name, c := range map[string]struct {
		profile account.Profile
		rules   []rule
	}{
		"intl": {account.DefaultProfile(), []rule{
			{next, ""},
			{"correct horse battery staple", ""},
			{"一只白鹭飞过红树林的清晨", ""},
			{strings.Repeat("ab3-Q", 25) + "xyz", ""},
			{"short-9!x", "/newPassword tooShort"},
			{strings.Repeat("ab3-Q", 25) + "wxyz", "/newPassword tooLong"},
			{"wang.wu-2026!", "/newPassword common"},
			{"my-uw.gnaw-22", "/newPassword common"},
			{"password2026!", "/newPassword common"},
			{"P@ssw0rd!2026", "/newPassword common"},
			{"WelcomeAdmin1", "/newPassword common"},
			{"1l0v3y0u2026!", "/newPassword common"},
			{"qwertyuiop", "/newPassword common"},
			{"1qaz2wsx3edc", "/newPassword common"},
			{"zyxwvutsrqpo", "/newPassword common"},
			{"0987654321ab", "/newPassword common"},
			{"13800138000", "/newPassword common"},
			{"19900101123", "/newPassword common"},
			{"8301746592038471", ""},
			{"aabbaabbaabb", "/newPassword common"},
			{"h7Kq!h7Kq!h7Kq!", "/newPassword common"},
			{"shenzhen-huanbao-2026", "/newPassword common"},
			{"深圳市生态环境2026", "/newPassword common"},
			{password, "/newPassword same"},
		}},
		"three classes": {dengbao, []rule{
			{"seven grey herons", "/newPassword classes"},
			{"Five-red-egrets-land", ""},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			eachWith(t, c.profile, func(h *house) {
				u := h.person("wang.wu", "bureau_analyst")
				before := h.hashOf(u)
				for _, r := range c.rules {
					_, err := h.ChangePassword(h.in("wang.wu"), account.PasswordInput{Current: password, Next: r.password})
					if got := codes(err); got != r.want || (err == nil) != (r.want == "") {
						t.Errorf("%s: got %q (%v), want %q", r.password, got, err, r.want)
					}
					if err == nil {
						h.storeHash(u, before)
					}
				}
			})
		})
	}
}

func TestChangePassword(t *testing.T) { // S-AU6
	each(t, func(h *house) {
		u := h.person("wang", "bureau_analyst")
		other, this := h.signIn("wang"), h.signIn("wang")
		ctx, err := h.as(this.Token)
		h.must(err)
		_, machine, err := h.CreateToken(ctx, account.TokenInput{Name: "监测平台", Scopes: []string{"park.read"}})
		h.must(err)
		before := h.changes(u.ID)
		_, err = h.ChangePassword(ctx, account.PasswordInput{Current: "wrong-password-1", Next: "short"})
		if got := codes(err); got != "/currentPassword mismatch, /newPassword tooShort" {
			t.Errorf("all that is wrong at once: %q", got)
		}
		if !h.open(other.Token) || !h.open(machine) || h.changes(u.ID) != before {
			t.Fatal("a refused change changed something")
		}
		in, err := h.ChangePassword(ctx, account.PasswordInput{Current: password, Next: next})
		h.must(err)
		if h.open(other.Token) || h.open(this.Token) || h.open(machine) {
			t.Errorf("open after the change: another session %v, the old value %v, a token %v", h.open(other.Token), h.open(this.Token), h.open(machine))
		}
		if !h.open(in.Token) || in.Session.ID != this.Session.ID {
			t.Error("the session went on under a new value: not so")
		}
		if h.changes(u.ID) != before+1 {
			t.Errorf("%d change rows for one change", h.changes(u.ID)-before)
		}
		h.opens("wang", home, false, "the old password")
		_, err = h.SignIn(from(home), account.Credentials{Username: "wang", Password: next})
		h.must(err)
	})
}

func TestFirstPasswordIsChanged(t *testing.T) { // S-AU3
	each(t, func(h *house) {
		u, first, err := h.Create(h.program(), account.UserInput{Username: "wang", ProfileInput: account.ProfileInput{DisplayName: "王五"}})
		h.must(err)
		_, err = h.Grant(h.program(), u.ID, account.GrantInput{Role: "bureau_analyst", Reason: "测试用的任职"})
		h.must(err)
		in, err := h.SignIn(from(home), account.Credentials{Username: "wang", Password: first})
		h.must(err)
		ctx, err := h.as(in.Token)
		h.must(err)
		in, err = h.ChangePassword(ctx, account.PasswordInput{Current: first, Next: password})
		h.must(err)
		if in.Identity.User.MustChangePassword || in.Identity.User.PasswordExpiresAt != nil {
			t.Error("a changed password is still a first one")
		}
		h.clock.move(25 * time.Hour)
		h.opens("wang", home, true, "the changed password a day later")
	})
}

func TestPasswordGuessesCount(t *testing.T) { // a stolen session is no way round the lock
	each(t, func(h *house) {
		h.person("wang", "bureau_analyst")
		ctx := h.in("wang")
		for range 5 {
			_, err := h.ChangePassword(ctx, account.PasswordInput{Current: "wrong-password-1", Next: next})
			h.want(err, fault.Invalid, "a wrong current password")
		}
		_, err := h.ChangePassword(ctx, account.PasswordInput{Current: password, Next: next})
		h.want(err, fault.Invalid, "the right one after five guesses")
		h.opens("wang", home, false, "sign-in after five guesses")
	})
}

func TestTwoChangesAtOnce(t *testing.T) {
	each(t, func(h *house) {
		h.person("wang", "bureau_analyst")
		a, b := h.in("wang"), h.in("wang")
		change := func(i int) func() error {
			return func() error {
				ctx := a
				if i == 1 {
					ctx = b
				}
				_, err := h.ChangePassword(ctx, account.PasswordInput{Current: password, Next: next + string(rune('0'+i))})
				if fault.Is(err, fault.Invalid) {
					return fault.New(fault.Conflict, "账号刚刚被修改，重新读取后再试") // it came so late that its current password was the old one
				}
				return err
			}
		}
		if n := h.race(fault.Conflict, change(0), change(1)); n != 1 {
			t.Errorf("%d of two changes were taken", n)
		}
	})
}

func TestPasswordAge(t *testing.T) { // S-AU2
	eachWith(t, account.Dengbao3(), func(h *house) {
		h.person("wang", "bureau_analyst")
		for _, c := range []struct {
			after time.Duration
			must  bool
		}{{90 * 24 * time.Hour, false}, {time.Second, true}} {
			h.clock.move(c.after)
			id, err := h.Identify(from(home), h.signIn("wang").Token, home)
			h.must(err)
			if id.User.MustChangePassword != c.must {
				t.Errorf("must change %v, want %v", id.User.MustChangePassword, c.must)
			}
		}
	})
}

package account_test

import (
	"sync"
	"testing"
	"time"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/policies"
)

func TestFirstAdministrator(t *testing.T) {
	for name, c := range map[string]struct {
		profile account.Profile
		names   []string
	}{
		"one person":  {account.DefaultProfile(), []string{"admin"}},
		"two persons": {account.Dengbao3(), []string{"admin", "security-admin"}},
	} {
		t.Run(name, func(t *testing.T) {
			eachWith(t, c.profile, func(h *house) {
				var mu sync.Mutex
				var made []account.Issued
				start := func() error {
					issued, err := account.New(h.db, quiet(), c.profile).FirstAdministrator(from(""))
					mu.Lock()
					defer mu.Unlock()
					made = append(made, issued...)
					return err
				}
				h.race("", start, start, start)
				h.must(start())
				if len(made) != len(c.names) {
					t.Fatalf("%d accounts were issued, want %d", len(made), len(c.names))
				}
				for i, name := range c.names {
					in, err := h.SignIn(from(home), account.Credentials{Username: made[i].Username, Password: made[i].Password})
					h.must(err)
					if in.Identity.User.Username != name || !in.Identity.User.MustChangePassword || len(in.Identity.Assignments) != 1 {
						t.Errorf("the account is %+v", in.Identity)
					}
				}
				h.clock.move(24 * time.Hour)
				_, err := h.SignIn(from(home), account.Credentials{Username: made[0].Username, Password: made[0].Password})
				h.want(err, fault.Unauthenticated, "the first password a day later")
			})
		})
	}
}

func TestDemoAccounts(t *testing.T) {
	each(t, func(h *house) {
		d := account.Demo{UserInput: account.UserInput{Username: "bureau", ProfileInput: account.ProfileInput{DisplayName: "市局（示例）"}}, Password: "demo",
			Grants: []account.GrantInput{grant("bureau_admin", "2025-01-01", "")}}
		u, err := h.CreateDemo(h.program(), d)
		h.must(err)
		if !u.Demo || u.MustChangePassword || u.PasswordExpiresAt != nil {
			t.Errorf("a demonstration account is %+v", u)
		}
		_, err = h.Update(h.program(), u.ID, u.Version, func(p account.ProfileInput) (account.ProfileInput, error) {
			p.Organisation = "改后单位"
			return p, nil
		})
		h.must(err)
		d.Password = "other"
		again, err := h.CreateDemo(h.program(), d)
		h.must(err)
		if again.ID != u.ID || again.Organisation != "改后单位" {
			t.Errorf("seeding again made %+v", again)
		}
		_, err = h.SignIn(from(home), account.Credentials{Username: "bureau", Password: "other"})
		h.want(err, "", "the printed password")
		_, err = h.CreateDemo(h.in2("bureau", "other"), d)
		h.want(err, fault.Denied, "a person making a demonstration account")
		_, _, err = h.Create(h.program(), account.UserInput{Username: "real", ProfileInput: account.ProfileInput{DisplayName: "真人"}})
		h.must(err)
		d.Username = "real"
		_, err = h.CreateDemo(h.program(), d)
		h.want(err, fault.Conflict, "a demonstration account in the place of a real one")
	})
}

func TestUsers(t *testing.T) {
	each(t, func(h *house) {
		h.person("boss", "admin")
		wang := h.person("wang", "bureau_analyst")
		h.person("zhao", "bureau_analyst")
		_, _, err := h.Create(h.program(), account.UserInput{Username: "a-b", ProfileInput: account.ProfileInput{DisplayName: "甲_乙"}})
		h.must(err)
		boss := h.in("boss")
		for _, c := range []struct {
			who    string
			filter account.UserFilter
			want   int
		}{
			{"boss", account.UserFilter{}, 4},
			{"boss", account.UserFilter{Q: "WAN"}, 1},
			{"boss", account.UserFilter{Q: "_"}, 1},
			{"boss", account.UserFilter{Q: "%"}, 0},
			{"boss", account.UserFilter{State: "disabled"}, 0},
			{"wang", account.UserFilter{}, 1},
			{"wang", account.UserFilter{Q: "zhao"}, 0},
		} {
			page, err := h.Users(h.in(c.who), c.filter, models.Query{Limit: 50})
			h.must(err)
			if len(page.Items) != c.want {
				t.Errorf("%s with %+v sees %d, want %d", c.who, c.filter, len(page.Items), c.want)
			}
		}
		rename := func(to string) func(account.ProfileInput) (account.ProfileInput, error) {
			return func(p account.ProfileInput) (account.ProfileInput, error) { p.DisplayName = to; return p, nil }
		}
		n := h.race(fault.Stale,
			func() error { _, err := h.Update(boss, wang.ID, wang.Version, rename("甲")); return err },
			func() error { _, err := h.Update(boss, wang.ID, wang.Version, rename("乙")); return err })
		if n != 1 {
			t.Errorf("%d of two changes to one version were taken", n)
		}
		_, err = h.Update(boss, wang.ID, wang.Version+1, rename(""))
		h.want(err, fault.Invalid, "no name")
		_, err = h.Update(h.in("zhao"), wang.ID, wang.Version+1, rename("丙"))
		h.want(err, fault.Denied, "a person changing another")
		_, _, err = h.Create(boss, account.UserInput{Username: "Wang", ProfileInput: account.ProfileInput{DisplayName: "王"}})
		h.want(err, fault.Conflict, "a user name taken")
		_, _, err = h.Create(boss, account.UserInput{Username: "1x"})
		if got := codes(err); got != "/displayName required, /username pattern" {
			t.Errorf("all that is wrong at once: %q", got)
		}
	})
}

func TestDisabling(t *testing.T) {
	each(t, func(h *house) {
		boss, wang := h.person("boss", "admin"), h.person("wang", "bureau_analyst")
		h.person("boss-2", "admin")
		session := h.signIn("wang").Token
		one, two := h.in("boss"), h.in("boss-2")
		disable := func(ctx int) func() error {
			return func() error {
				by := one
				if ctx == 2 {
					by = two
				}
				_, err := h.Disable(by, wang.ID, reason())
				return err
			}
		}
		if n := h.race(fault.Conflict, disable(1), disable(2)); n != 1 {
			t.Errorf("disabled %d times", n)
		}
		if h.open(session) {
			t.Error("the session outlives the disabling")
		}
		h.opens("wang", home, false, "a disabled account")
		_, err := h.Enable(one, wang.ID, reason())
		h.must(err)
		_, err = h.Enable(one, wang.ID, reason())
		h.want(err, fault.Conflict, "enabling twice")
		h.opens("wang", home, true, "an enabled account")
		if h.open(session) {
			t.Error("the old session is back")
		}
		_, err = h.Disable(one, boss.ID, reason())
		h.want(err, fault.Conflict, "disabling oneself")
		_, _, err = h.ResetPassword(one, boss.ID, reason())
		h.want(err, fault.Conflict, "resetting one's own password")
		_, err = h.Disable(one, wang.ID, account.ReasonInput{Reason: "没有"})
		h.want(err, fault.Invalid, "without a reason")
		_, err = h.Disable(one, models.NewID(), reason())
		h.want(err, fault.NotFound, "nobody")
		_, err = h.Disable(h.in("wang"), boss.ID, reason())
		h.want(err, fault.Denied, "an analyst disabling")
		h.want(policies.Require(h.in("wang"), policies.ParkRead), "", "the assignment after enabling")
	})
}

package account_test

import (
	"testing"
	"time"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/policies"
)

// grant is an assignment of a role that holds the whole city.
func grant(role, from, until string) account.GrantInput {
	return account.GrantInput{Role: role, StartsOn: from, EndsOn: until, Reason: "测试用的任职"}
}

func TestGrantInput(t *testing.T) {
	const id = "0190a000-0000-7000-8000-00000000000a"
	for _, c := range []struct {
		name string
		in   account.GrantInput
		want string
	}{
		{"a role of the city", grant("auditor", "", ""), ""},
		{"nothing", account.GrantInput{}, "/reason required, /role required"},
		{"unknown role", grant("king", "", ""), "/role unknown"},
		{"the program's role", grant("system", "", ""), "/role unknown"},
		{"a park manager without a park", grant("park_manager", "", ""), "/parkId required"},
		{"a park manager with a district", account.GrantInput{Role: "park_manager", ParkID: id, Jurisdiction: "baoan", Reason: "测试用的任职"}, "/jurisdiction surplus"},
		{"an inspector without a district", grant("district_inspector", "", ""), "/jurisdiction required"},
		{"an inspector of a division code", account.GrantInput{Role: "district_inspector", Jurisdiction: "440306", Reason: "测试用的任职"}, "/jurisdiction unknown"},
		{"a firm's person with a park", account.GrantInput{Role: "enterprise", ParkID: id, Reason: "测试用的任职"}, "/parkId surplus, /enterpriseId required"},
		{"an auditor of a district", account.GrantInput{Role: "auditor", Jurisdiction: "baoan", Reason: "测试用的任职"}, "/jurisdiction surplus"},
		{"the last day first", grant("auditor", "2026-04-01", "2026-03-31"), "/endsOn order"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.in.Parse()
			if got := codes(err); got != c.want || (err == nil) != (c.want == "") {
				t.Errorf("got %q (%v), want %q", got, err, c.want)
			}
		})
	}
}

func TestAssignmentDays(t *testing.T) { // decision 24: judged at each request
	for _, c := range []struct {
		name        string
		from, until string
		after       time.Duration // noon of 2026-03-02, moved by this
		can         bool
	}{
		{"from today", "2026-03-02", "", 0, true},
		{"from tomorrow", "2026-03-03", "", 0, false},
		{"from tomorrow, a second before midnight at UTC+8", "2026-03-03", "", 12*time.Hour - time.Second, false},
		{"from tomorrow, at midnight at UTC+8", "2026-03-03", "", 12 * time.Hour, true},
		{"ended yesterday", "2020-01-01", "2026-03-01", 0, false},
		{"until today", "2020-01-01", "2026-03-02", 0, true},
		{"until today, at midnight at UTC+8", "2020-01-01", "2026-03-02", 12 * time.Hour, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(h *house) {
				u := h.person("wang", "")
				_, err := h.Grant(h.program(), u.ID, grant("bureau_analyst", c.from, c.until))
				h.must(err)
				h.clock.move(c.after - time.Hour)
				token := h.signIn("wang").Token // the session is there before the day turns
				h.open(token)
				h.clock.move(time.Hour)
				ctx, err := h.as(token)
				h.must(err)
				if err := policies.Require(ctx, policies.ParkRead); (err == nil) != c.can {
					t.Errorf("can read parks: %v, want %v", err, c.can)
				}
			})
		})
	}
}

func TestSeparation(t *testing.T) { // S-AZ11
	for _, c := range []struct {
		name     string
		has, and account.GrantInput
		want     fault.Code
	}{
		{"accounts and assignments", grant("admin", "", ""), grant("security_admin", "", ""), fault.Conflict},
		{"accounts and audit", grant("admin", "", ""), grant("auditor", "", ""), fault.Conflict},
		{"assignments and audit", grant("security_admin", "", ""), grant("auditor", "", ""), fault.Conflict},
		{"accounts and business", grant("admin", "", ""), grant("bureau_admin", "", ""), fault.Conflict},
		{"business and accounts", grant("bureau_analyst", "", ""), grant("admin", "", ""), fault.Conflict},
		{"business and audit", grant("bureau_analyst", "", ""), grant("auditor", "", ""), fault.Conflict},
		{"business and assignments", grant("bureau_analyst", "", ""), grant("security_admin", "", ""), fault.Conflict},
		{"two of business", grant("bureau_analyst", "", ""), grant("bureau_admin", "", ""), ""},
		{"one after the other", grant("auditor", "", "2026-03-31"), grant("admin", "2026-04-01", ""), ""},
		{"on one day both", grant("auditor", "", "2026-04-01"), grant("admin", "2026-04-01", ""), fault.Conflict},
		{"the same twice", grant("auditor", "", ""), grant("auditor", "2027-01-01", ""), fault.Conflict},
		{"the same again later", grant("auditor", "", "2026-12-31"), grant("auditor", "2027-01-01", ""), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(h *house) {
				u := h.person("wang", "")
				first, err := h.Grant(h.program(), u.ID, c.has)
				h.must(err)
				_, err = h.Grant(h.program(), u.ID, c.and)
				h.want(err, c.want, "the second assignment")
				// The table itself refuses too, for whatever way a row takes to it.
				other := h.person("zhao", "")
				a, err := c.and.Parse()
				h.must(err)
				err = h.db.Write(h.program(), func(tx *models.Tx) error {
					first.ID, first.UserID = models.NewID(), other.ID
					if err := tx.Program().Create(&first).Error; err != nil {
						return err
					}
					a.Versioned, a.UserID = first.Versioned, other.ID
					a.ID = models.NewID()
					if a.StartsOn == "" {
						a.StartsOn = tx.Today()
					}
					return tx.Program().Create(&a).Error
				})
				if models.Overlap(err) != (c.want != "") {
					t.Errorf("the constraint answers %v, want a refusal %v", err, c.want != "")
				}
			})
		})
	}
}

func TestWhoGrants(t *testing.T) {
	for _, c := range []struct {
		profile account.Profile
		who     string
		target  string
		want    fault.Code
	}{
		{account.DefaultProfile(), "admin", "wang", ""},
		{account.DefaultProfile(), "security_admin", "wang", ""},
		{account.DefaultProfile(), "bureau_admin", "wang", fault.Denied},
		{account.DefaultProfile(), "auditor", "wang", fault.Denied},
		{account.DefaultProfile(), "admin", "caller", fault.Conflict},
		{account.DefaultProfile(), "admin", "gone", fault.Conflict},
		{account.Dengbao3(), "admin", "wang", fault.Denied},
		{account.Dengbao3(), "security_admin", "wang", ""},
		{account.Dengbao3(), "security_admin", "caller", fault.Conflict},
	} {
		t.Run(c.who+" to "+c.target, func(t *testing.T) {
			eachWith(t, c.profile, func(h *house) {
				h.person("caller", c.who)
				h.person("wang", "")
				_, err := h.Disable(h.program(), h.person("gone", "").ID, reason())
				h.must(err)
				ctx, target := h.in("caller"), h.user(c.target).ID
				a, err := h.Grant(ctx, target, grant("bureau_analyst", "", ""))
				h.want(err, c.want, "granting")
				if c.want == "" {
					_, err = h.EndAssignment(ctx, a.ID, account.AssignmentEndInput{Reason: "测试用的结束"})
					h.must(err)
					if n := h.changes(a.ID); n != 2 {
						t.Errorf("%d change rows for granting and ending", n)
					}
				} else if all, err := h.Assignments(h.program(), target); err != nil || c.target == "wang" && len(all) != 0 {
					t.Errorf("a refused grant left %d assignments (%v)", len(all), err)
				}
			})
		})
	}
}

func TestRoleChangeEndsSessions(t *testing.T) { // S-AU6
	each(t, func(h *house) {
		u := h.person("wang", "bureau_analyst")
		session := h.signIn("wang").Token
		_, machine := h.token(reads(0, ""), "wang")
		a, err := h.Grant(h.program(), u.ID, grant("bureau_admin", "", ""))
		h.must(err)
		if h.open(session) || h.open(machine) {
			t.Error("a session or a token outlives a grant")
		}
		session = h.signIn("wang").Token
		h.person("boss", "admin")
		_, err = h.EndAssignment(h.in("boss"), a.ID, account.AssignmentEndInput{Reason: "测试用的结束"})
		h.must(err)
		if h.open(session) {
			t.Error("a session outlives the end of an assignment")
		}
		h.want(policies.Require(h.in("wang"), policies.ParkCreate), fault.Denied, "the ended role, the same day")
	})
}

func TestEndAssignment(t *testing.T) {
	for _, c := range []struct {
		name              string
		from, until, last string
		want              fault.Code
		ends              string
	}{
		{"at once", "2020-01-01", "", "", "", "2026-03-01"},
		{"at the end of the month", "2020-01-01", "", "2026-03-31", "", "2026-03-31"},
		{"earlier than planned", "2020-01-01", "2026-12-31", "2026-03-31", "", "2026-03-31"},
		{"later than planned", "2020-01-01", "2026-03-31", "2026-12-31", fault.Conflict, "2026-03-31"},
		{"ended already", "2020-01-01", "2026-02-01", "", fault.Conflict, "2026-02-01"},
		{"in the past", "2020-01-01", "", "2026-02-28", fault.Invalid, ""},
		{"on its first day", "2026-03-02", "", "", "", "2026-03-01"},
		{"before it began", "2026-06-01", "", "", "", "2026-05-31"},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(h *house) {
				u := h.person("wang", "")
				h.person("boss", "admin")
				a, err := h.Grant(h.program(), u.ID, grant("bureau_analyst", c.from, c.until))
				h.must(err)
				boss := h.in("boss")
				_, err = h.EndAssignment(boss, a.ID, account.AssignmentEndInput{On: c.last, Reason: "测试用的结束"})
				h.want(err, c.want, "ending")
				all, err := h.Assignments(boss, u.ID)
				h.must(err)
				if got := string(models.Deref(all[0].EndsOn)); got != c.ends {
					t.Errorf("ends on %q, want %q", got, c.ends)
				}
			})
		})
	}
}

func TestAssignmentRaces(t *testing.T) {
	each(t, func(h *house) {
		u := h.person("wang", "")
		h.person("boss", "admin")
		h.person("boss-2", "admin")
		one, two := h.in("boss"), h.in("boss-2")
		var a account.Assignment
		granted := h.race(fault.Conflict,
			func() error { b, err := h.Grant(one, u.ID, grant("bureau_admin", "", "")); return keep(&a, b, err) },
			func() error { b, err := h.Grant(two, u.ID, grant("bureau_admin", "", "")); return keep(&a, b, err) })
		if granted != 1 {
			t.Errorf("the same role was granted %d times", granted)
		}
		ended := h.race(fault.Conflict,
			func() error {
				_, err := h.EndAssignment(one, a.ID, account.AssignmentEndInput{Reason: "测试用的结束"})
				return err
			},
			func() error {
				_, err := h.EndAssignment(two, a.ID, account.AssignmentEndInput{Reason: "测试用的结束"})
				return err
			})
		if ended != 1 || h.changes(a.ID) != 2 {
			t.Errorf("one assignment was ended %d times, with %d change rows", ended, h.changes(a.ID))
		}
		apart := h.race(fault.Conflict,
			func() error { _, err := h.Grant(one, u.ID, grant("auditor", "", "")); return err },
			func() error { _, err := h.Grant(two, u.ID, grant("admin", "", "")); return err })
		if apart != 1 {
			t.Errorf("%d of two rights that exclude each other were granted", apart)
		}
	})
}

// keep remembers what the one who was faster made; the slower one keeps its hands off.
func keep(to *account.Assignment, a account.Assignment, err error) error {
	if err == nil {
		*to = a
	}
	return err
}

func TestGrantNamesWhatExists(t *testing.T) {
	each(t, func(h *house) {
		city := dbtest.NewCity(t, h.db)
		u := h.person("wang", "")
		h.person("boss", "admin")
		boss := h.in("boss")
		missing := string(models.NewID())
		for _, c := range []struct {
			in   account.GrantInput
			want string
		}{
			{account.GrantInput{Role: "park_manager", ParkID: missing, Reason: "测试用的任职"}, "/parkId unknown"},
			{account.GrantInput{Role: "enterprise", EnterpriseID: missing, Reason: "测试用的任职"}, "/enterpriseId unknown"},
			{account.GrantInput{Role: "park_manager", ParkID: string(city.BaoanA.Park.ID), StartsOn: "2026-03-01", Reason: "测试用的任职"}, "/startsOn past"},
			{account.GrantInput{Role: "park_manager", ParkID: string(city.BaoanA.Park.ID), Reason: "测试用的任职"}, ""},
			{account.GrantInput{Role: "park_manager", ParkID: string(city.BaoanB.Park.ID), Reason: "测试用的任职"}, ""},
			{account.GrantInput{Role: "enterprise", EnterpriseID: string(city.BaoanA.Enterprise.ID), Reason: "测试用的任职"}, ""},
		} {
			_, err := h.Grant(boss, u.ID, c.in)
			if got := codes(err); got != c.want || (err == nil) != (c.want == "") {
				t.Errorf("%+v: got %q (%v), want %q", c.in, got, err, c.want)
			}
		}
	})
}

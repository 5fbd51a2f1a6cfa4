package account_test

import (
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
)

func ask(username, role string) account.RequestInput {
	return account.RequestInput{UserInput: account.UserInput{Username: username, ProfileInput: account.ProfileInput{DisplayName: "新同事"}}, GrantInput: grant(role, "", "")}
}

func TestWhoAsks(t *testing.T) { // decision 10
	each(t, func(h *house) {
		city := dbtest.NewCity(t, h.db)
		own, foreign := string(city.BaoanA.Park.ID), string(city.Longgang.Park.ID)
		h.person("bureau", "bureau_admin")
		h.person("analyst", "bureau_analyst")
		h.person("boss", "admin")
		keeper := h.person("keeper", "")
		_, err := h.Grant(h.program(), keeper.ID, account.GrantInput{Role: "park_manager", ParkID: own, Reason: "测试用的任职"})
		h.must(err)
		manager := func(park string) account.RequestInput {
			r := ask("new-keeper", "park_manager")
			r.ParkID = park
			return r
		}
		firm := func(id string) account.RequestInput {
			r := ask("new-firm", "enterprise")
			r.EnterpriseID = id
			return r
		}
		for _, c := range []struct {
			who  string
			in   account.RequestInput
			want fault.Code
		}{
			{"bureau", ask("new-one", "bureau_analyst"), ""},
			{"bureau", manager(foreign), ""},
			{"keeper", manager(own), ""},
			{"keeper", manager(foreign), fault.NotFound},
			{"keeper", manager(string(models.NewID())), fault.NotFound},
			{"keeper", firm(string(city.Longgang.Enterprise.ID)), fault.NotFound},
			{"keeper", firm(string(models.NewID())), fault.NotFound},
			{"keeper", account.RequestInput{}, fault.Invalid},
			{"analyst", ask("new-one", "bureau_analyst"), fault.Denied},
			{"boss", ask("new-one", "bureau_analyst"), fault.Denied},
		} {
			_, err := h.Ask(h.in(c.who), c.in)
			h.want(err, c.want, c.who+" asking for "+c.in.Role)
		}
		all, err := h.Requests(h.in("boss"), account.Requested, models.Query{Limit: 50})
		h.must(err)
		for who, want := range map[string]int{"bureau": 2, "keeper": 1, "analyst": 0, "boss": 3} {
			page, err := h.Requests(h.in(who), account.Requested, models.Query{Limit: 50})
			h.must(err)
			if len(page.Items) != want {
				t.Errorf("%s sees %d requests, want %d", who, len(page.Items), want)
			}
			listed := map[models.ID]bool{}
			for _, r := range page.Items {
				listed[r.ID] = true
			}
			for _, r := range all.Items { // one by one the same are there
				_, err := h.Request(h.in(who), r.ID)
				h.want(err, map[bool]fault.Code{true: "", false: fault.NotFound}[listed[r.ID]], who+" reading the request for "+r.Username)
			}
		}
	})
}

func TestDecide(t *testing.T) {
	for _, c := range []struct {
		name     string
		profile  account.Profile
		approve  bool
		username string
		want     fault.Code
		grants   bool
	}{
		{"approved", account.DefaultProfile(), true, "new-one", "", true},
		{"approved where others grant", account.Dengbao3(), true, "new-one", "", false},
		{"refused", account.DefaultProfile(), false, "new-one", "", false},
		{"the name is taken", account.DefaultProfile(), true, "boss", fault.Conflict, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachWith(t, c.profile, func(h *house) {
				h.person("bureau", "bureau_admin")
				h.person("boss", "admin")
				r, err := h.Ask(h.in("bureau"), ask(c.username, "bureau_analyst"))
				h.must(err)
				say := account.DecisionInput{Approve: c.approve, Reason: "材料齐全"}
				_, err = h.Decide(h.in("boss"), r.ID, say)
				h.want(err, fault.Invalid, "a reason of four characters")
				say.Reason = "申请材料齐全"
				_, err = h.Decide(h.in("bureau"), r.ID, say)
				h.want(err, fault.Denied, "who asks deciding")
				d, err := h.Decide(h.in("boss"), r.ID, say)
				h.want(err, c.want, "the decision")
				if c.want != "" {
					page, err := h.Requests(h.in("boss"), account.Requested, models.Query{Limit: 5})
					h.must(err)
					if len(page.Items) != 1 || h.changes(r.ID) != 1 {
						t.Errorf("a failed decision moved the request, %d change rows", h.changes(r.ID))
					}
					return
				}
				if (d.User != nil) != c.approve || (d.Assignment != nil) != c.grants || (d.Password != "") != c.approve {
					t.Errorf("the decision made user %v, assignment %v, password %v", d.User != nil, d.Assignment != nil, d.Password != "")
				}
				if c.grants {
					if _, err := h.SignIn(from(home), account.Credentials{Username: c.username, Password: d.Password}); err != nil {
						t.Errorf("the new account cannot sign in: %v", err)
					}
				}
				_, err = h.Decide(h.in("boss"), r.ID, say)
				h.want(err, fault.Conflict, "deciding again")
			})
		})
	}
}

func TestTwoDecideAtOnce(t *testing.T) {
	each(t, func(h *house) {
		h.person("bureau", "bureau_admin")
		h.person("boss", "admin")
		h.person("boss-2", "admin")
		r, err := h.Ask(h.in("bureau"), ask("new-one", "bureau_analyst"))
		h.must(err)
		one, two := h.in("boss"), h.in("boss-2")
		n := h.race(fault.Conflict,
			func() error {
				_, err := h.Decide(one, r.ID, account.DecisionInput{Approve: true, Reason: "申请材料齐全"})
				return err
			},
			func() error {
				_, err := h.Decide(two, r.ID, account.DecisionInput{Reason: "不需要新账号"})
				return err
			})
		if n != 1 || h.changes(r.ID) != 2 {
			t.Errorf("decided %d times, with %d change rows", n, h.changes(r.ID))
		}
	})
}

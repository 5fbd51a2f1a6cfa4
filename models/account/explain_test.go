package account_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// kinds are the objects that the tests ask about.
var kinds = map[string]models.Scoped{
	"park": registry.Park{}, "enterprise": registry.Enterprise{}, "site": registry.Site{}, "facility": registry.Facility{}, "outlet": registry.Outlet{},
	"user": account.User{}, "assignment": account.Assignment{},
}

// people of the test city, with every shape of assignment.
func (h *house) people(city dbtest.City) []account.User {
	h.t.Helper()
	g := func(in account.GrantInput) account.GrantInput { in.Reason = "测试用的任职"; return in }
	park := func(p dbtest.Place, from, until string) account.GrantInput {
		return g(account.GrantInput{Role: "park_manager", ParkID: string(p.Park.ID), StartsOn: from, EndsOn: until})
	}
	firm := func(p dbtest.Place) account.GrantInput {
		return g(account.GrantInput{Role: "enterprise", EnterpriseID: string(p.Enterprise.ID), StartsOn: "2020-01-01"})
	}
	district := func(j, until string) account.GrantInput {
		return g(account.GrantInput{Role: "district_inspector", Jurisdiction: j, StartsOn: "2020-01-01", EndsOn: until})
	}
	var all []account.User
	for name, grants := range map[string][]account.GrantInput{
		"keeper-a":      {park(city.BaoanA, "2020-01-01", "")},
		"keeper-b-gone": {park(city.BaoanB, "2020-01-01", "2026-03-01")},
		"keeper-l-soon": {park(city.Longgang, "2026-03-03", "")},
		"keeper-two":    {park(city.BaoanB, "2020-01-01", ""), park(city.Dapeng, "2020-01-01", "")},
		"firm-a":        {firm(city.BaoanA)}, // has sites in both parks of Baoan
		"firm-l":        {firm(city.Longgang)},
		"baoan":         {district("baoan", "")},
		"dapeng":        {district("dapeng", "")},
		"moved":         {district("baoan", "2026-02-28"), district("longgang", "")},
		"mixed":         {district("dapeng", ""), firm(city.BaoanB)},
		"analyst":       {grant("bureau_analyst", "2020-01-01", "")},
		"bureau":        {grant("bureau_admin", "2020-01-01", "")},
		"auditor":       {grant("auditor", "2020-01-01", "")},
		"root":          {grant("admin", "2020-01-01", "")},
		"security":      {grant("security_admin", "2020-01-01", "")},
		"nobody":        nil,
	} {
		u, err := h.CreateDemo(h.program(), account.Demo{UserInput: account.UserInput{Username: name, ProfileInput: account.ProfileInput{DisplayName: name}}, Password: password, Grants: grants})
		h.must(err)
		all = append(all, u)
	}
	return all
}

// actor is what a request of the person would carry today, without signing in.
func (h *house) actor(u account.User) context.Context {
	h.t.Helper()
	held, err := h.Assignments(h.program(), u.ID)
	h.must(err)
	return policies.With(from(home), h.Actor(account.Identity{User: u, Assignments: held}, h.db.Today()))
}

// TestExplainAgreesWithVisible: the explanation says yes exactly when the query
// finds the row, for every person, every kind of object and every permission of it.
func TestExplainAgreesWithVisible(t *testing.T) {
	each(t, func(h *house) {
		city := dbtest.NewCity(t, h.db)
		people := h.people(city)
		explainer := account.NewExplainer(h.Service, kinds)
		auditor := city.Auditor()
		objects := map[string][]models.ID{}
		for _, p := range []dbtest.Place{city.BaoanA, city.BaoanB, city.Longgang, city.Dapeng} {
			objects["park"] = append(objects["park"], p.Park.ID)
			objects["enterprise"] = append(objects["enterprise"], p.Enterprise.ID)
			objects["site"] = append(objects["site"], p.Site.ID)
			objects["facility"] = append(objects["facility"], p.Facility.ID, p.Own.ID)
			objects["outlet"] = append(objects["outlet"], p.Outlet.ID)
		}
		objects["park"] = append(objects["park"], city.Unnamed.ID)
		objects["site"] = append(objects["site"], city.Second.ID)
		objects["user"] = []models.ID{people[0].ID, people[1].ID}
		asked, allowed := 0, 0
		for _, u := range people {
			ctx := h.actor(u)
			for kind, ids := range objects {
				for _, perm := range policies.Permissions() {
					if perm.Resource() != kinds[kind].Scope().Resources[0] {
						continue
					}
					for _, id := range ids {
						var n int64
						q := h.db.Visible(ctx, perm, kinds[kind])
						err := q.Where(kinds[kind].Scope().Table+".id = ?", id).Count(&n).Error
						if err != nil && !fault.Is(err, fault.Denied) {
							t.Fatal(err)
						}
						q2, err := explainer.Ask(string(u.ID), string(perm), kind+":"+string(id), "")
						h.must(err)
						a, err := explainer.Explain(auditor, q2)
						h.must(err)
						asked++
						if a.Allowed {
							allowed++
						}
						if a.Allowed != (n == 1) {
							t.Errorf("%s, %s on %s %s: explained %v (%s), the query finds %d", u.Username, perm, kind, id, a.Allowed, a.Why, n)
						}
						require := fault.CodeOf(policies.Require(ctx, perm))
						if (a.Why == account.WhyLacking || a.Why == account.WhyUnassigned) != (require == fault.Denied) {
							t.Errorf("%s, %s: explained as %s, the gate answers %q", u.Username, perm, a.Why, require)
						}
					}
				}
			}
		}
		if asked < 1000 || allowed < 100 || allowed > asked-100 {
			t.Errorf("%d asked, %d allowed: the test tells too little", asked, allowed)
		}
	})
}

func TestExplainSays(t *testing.T) {
	each(t, func(h *house) {
		city := dbtest.NewCity(t, h.db)
		by := map[string]account.User{}
		for _, u := range h.people(city) {
			by[u.Username] = u
		}
		_, err := h.Disable(h.program(), by["bureau"].ID, reason())
		h.must(err)
		explainer := account.NewExplainer(h.Service, kinds)
		for _, c := range []struct {
			who, perm string
			park      dbtest.Place
			on        string
			why       account.Why
			line      string // of the first assignment
			matched   bool
			says      string // part of the reason of that line
		}{
			{"keeper-a", "park.read", city.BaoanA, "", account.WhyAllowed, "p, role:park_manager, park, read, park", true, "之内"},
			{"keeper-a", "park.read", city.Longgang, "", account.WhyOutside, "p, role:park_manager, park, read, park", false, string(city.Longgang.Park.ID)},
			{"keeper-a", "park.confirm", city.BaoanA, "", account.WhyLacking, "", false, ""},
			{"keeper-b-gone", "park.read", city.BaoanB, "", account.WhyUnassigned, "p, role:park_manager, park, read, park", true, "之内"},
			{"keeper-b-gone", "park.read", city.BaoanB, "2026-03-01", account.WhyAllowed, "p, role:park_manager, park, read, park", true, "之内"},
			{"keeper-l-soon", "park.read", city.Longgang, "", account.WhyUnassigned, "p, role:park_manager, park, read, park", true, "之内"},
			{"keeper-l-soon", "park.read", city.Longgang, "2026-03-03", account.WhyAllowed, "p, role:park_manager, park, read, park", true, "之内"},
			{"moved", "park.read", city.BaoanA, "", account.WhyOutside, "p, role:district_inspector, park, read, jurisdiction", true, "baoan"},
			{"moved", "park.read", city.BaoanA, "2026-02-28", account.WhyAllowed, "p, role:district_inspector, park, read, jurisdiction", true, "baoan"},
			{"firm-a", "park.read", city.BaoanB, "", account.WhyAllowed, "p, role:enterprise, park, read, enterprise", true, "之内"},
			{"analyst", "park.read", city.Dapeng, "", account.WhyAllowed, "p, role:bureau_analyst, park, read, city", true, "全市"},
			{"bureau", "park.read", city.Dapeng, "", account.WhyDisabled, "p, role:bureau_admin, park, read, city", true, "全市"},
			{"bureau", "park.read", city.Dapeng, "2026-03-01", account.WhyAllowed, "p, role:bureau_admin, park, read, city", true, "全市"},
			{"nobody", "park.read", city.Dapeng, "", account.WhyUnassigned, "", false, ""},
		} {
			t.Run(c.who+" "+c.perm+" "+c.park.Park.Code+" "+c.on, func(t *testing.T) {
				q, err := explainer.Ask(string(by[c.who].ID), c.perm, "park:"+string(c.park.Park.ID), c.on)
				h.must(err)
				a, err := explainer.Explain(city.Auditor(), q)
				h.must(err)
				if a.Why != c.why || a.Allowed != (c.why == account.WhyAllowed) {
					t.Errorf("why %s, allowed %v, want %s", a.Why, a.Allowed, c.why)
				}
				if c.line == "" {
					for _, j := range a.Assignments {
						if len(j.Explanation.Lines) != 0 {
							t.Errorf("lines %v, want none", j.Explanation.Lines)
						}
					}
					return
				}
				v := a.Assignments[0].Explanation.Lines[0]
				if v.Line.Text() != c.line || v.Matched != c.matched || !strings.Contains(v.Why.String(), c.says) {
					t.Errorf("line %q matched %v because %s; want %q %v %q", v.Line.Text(), v.Matched, v.Why, c.line, c.matched, c.says)
				}
			})
		}
	})
}

func TestExplainRefuses(t *testing.T) {
	each(t, func(h *house) {
		city := dbtest.NewCity(t, h.db)
		u := h.person("wang", "bureau_analyst")
		explainer := account.NewExplainer(h.Service, kinds)
		park := "park:" + string(city.BaoanA.Park.ID)
		for _, c := range []struct{ user, perm, object, on, want string }{
			{"", "", "", "", "/query/user required, /query/permission required, /query/object required, /query/object unknown"},
			{"7", "park.fly", "moon:" + string(u.ID), "2026-02-30", "/query/user id, /query/on day, /query/permission unknown, /query/object unknown"},
			{string(u.ID), "ledger.read", park, "", "/query/permission mismatch"},
			{string(u.ID), "park.read", "park:7", "", "/query/object id"},
		} {
			_, err := explainer.Ask(c.user, c.perm, c.object, c.on)
			if got := codes(err); got != c.want {
				t.Errorf("%+v: got %q, want %q", c, got, c.want)
			}
		}
		q, err := explainer.Ask(string(u.ID), "park.read", park, "")
		h.must(err)
		for who, ctx := range map[string]context.Context{"bureau": city.Bureau(), "the keeper": city.ParkManager(city.BaoanA)} {
			_, err := explainer.Explain(ctx, q)
			h.want(err, fault.Denied, who+" asking")
			_, err = explainer.Viewers(ctx, city.BaoanA.Park.ID, "", models.Query{Limit: 5})
			h.want(err, fault.Denied, who+" asking who sees")
			_, err = h.db.OwnerOf(ctx, registry.Park{}, city.BaoanA.Park.ID)
			h.want(err, fault.Denied, who+" asking whose it is")
		}
		missing := q
		missing.Object = models.NewID()
		_, err = explainer.Explain(city.Admin(), missing)
		h.want(err, fault.NotFound, "an object that is not there")
		missing = q
		missing.User = models.NewID()
		_, err = explainer.Explain(city.Admin(), missing)
		h.want(err, fault.NotFound, "a person who is not there")
		_, err = explainer.Viewers(city.Admin(), models.NewID(), "", models.Query{Limit: 5})
		h.want(err, fault.NotFound, "a park that is not there")
	})
}

// TestViewersAgreeWithVisible: the list of who sees a park holds exactly the people
// whose own query finds it, today and on other days, over all its pages.
func TestViewersAgreeWithVisible(t *testing.T) {
	each(t, func(h *house) {
		city := dbtest.NewCity(t, h.db)
		people := h.people(city)
		_, err := h.Disable(h.program(), h.user("dapeng").ID, reason())
		h.must(err)
		explainer := account.NewExplainer(h.Service, kinds)
		for _, back := range []int{0, 1, 2} { // days from now
			day := code.DayOf(noon).Add(back)
			for _, park := range []models.ID{city.BaoanA.Park.ID, city.BaoanB.Park.ID, city.Longgang.Park.ID, city.Dapeng.Park.ID, city.Unnamed.ID} {
				listed := map[string]bool{}
				for q := (models.Query{Limit: 3, Filters: map[string]string{"p": string(park)}}); ; {
					page, err := explainer.Viewers(city.Admin(), park, day, q)
					h.must(err)
					for _, v := range page.Items {
						listed[v.Person.Username] = true
						if len(v.Assignments) == 0 {
							t.Errorf("%s is listed without an assignment", v.Person.Username)
						}
						for _, j := range v.Assignments {
							if !j.Valid || !j.Explanation.Allowed {
								t.Errorf("%s is listed by an assignment that does not reach: %+v", v.Person.Username, j)
							}
						}
					}
					if q.Cursor = page.Next; q.Cursor == "" {
						break
					}
				}
				for _, u := range people {
					held, err := h.Assignments(h.program(), u.ID)
					h.must(err)
					ctx := policies.With(from(home), h.Actor(account.Identity{User: u, Assignments: held}, day))
					var n int64
					err = h.db.Visible(ctx, policies.ParkRead, &registry.Park{}).Where("parks.id = ?", park).Count(&n).Error
					if err != nil && !fault.Is(err, fault.Denied) {
						t.Fatal(err)
					}
					if want := n == 1 && u.Username != "dapeng"; listed[u.Username] != want {
						t.Errorf("%s, park %s, %s: listed %v, sees %v", day, park, u.Username, listed[u.Username], want)
					}
				}
			}
		}
		h.clock.move(48 * time.Hour)
		page, err := explainer.Viewers(city.Admin(), city.Longgang.Park.ID, "", models.Query{Limit: 50})
		h.must(err)
		if !strings.Contains(fmt.Sprint(names(page)), "keeper-l-soon") {
			t.Errorf("who sees Longgang today: %v", names(page))
		}
	})
}

func names(p models.Page[account.Viewer]) []string {
	var all []string
	for _, v := range p.Items {
		all = append(all, v.Person.Username)
	}
	return all
}

package api_test

import (
	"fmt"
	"strings"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/registry"
)

// busy gives the firm of a park everything that the park home counts: works that
// stand for forty days under a daily wording, with entries in time, late, filled in
// afterwards, returned and begun; findings in every state that waits.
func (w *world) busy(p dbtest.Place) {
	w.t.Helper()
	today := w.DB.Today()
	park, site := string(p.Park.ID), string(p.Site.ID)
	f, err := w.Registry.CreateFacility(w.Program(), "", registry.FacilityInput{ParkID: park, SiteID: site, Code: "TW031", Kind: "treatment", Name: "含镍废水处理设施", Capacity: "50",
		CapacityUnit: "m3/d", InUse: true, BuiltOn: string(today.Add(-40))})
	if err != nil {
		w.t.Fatal(err)
	}
	_, err = w.Registry.CreatePermit(w.Program(), "", registry.PermitInput{SiteID: site, Number: p.Enterprise.CreditCode + "001P", Kind: "permit", Class: "key", IssuedOn: string(today.AddYears(-1)),
		Authority: "市生态环境局", LedgerRules: []registry.LedgerRule{{Class: "treatmentFacility.wastewater", Object: "TW031", Text: "1次/日"}, {Class: "treatmentFacility.wastewater", Object: "TW001", Text: "每周1次"}}})
	if err != nil {
		w.t.Fatal(err)
	}
	entry := func(day code.Day) string {
		body := map[string]any{"parkId": park, "siteId": site, "facilityId": f.ID, "class": "treatmentFacility.wastewater", "day": day, "payload": entryContent()}
		return w.want(w.call("firm-a", "POST", "/ledgers", body), 201, "begin "+string(day)).text("id")
	}
	for _, back := range []int{0, -2, -3, -9, -20} {
		w.want(w.call("firm-a", "POST", "/ledgers/"+entry(today.Add(back))+"/filing", nil), 200, "file")
	}
	returned := entry(today.Add(-5))
	w.want(w.call("firm-a", "POST", "/ledgers/"+returned+"/filing", nil), 200, "file")
	w.want(w.call("park-a", "POST", "/ledgers/"+returned+"/return", map[string]any{"reason": "数值与原始记录不符"}), 200, "return")
	entry(today.Add(-1))
	for _, moves := range [][]string{{}, {"notice"}, {"notice"}, {"notice", "rectification"}, {"notice", "rectification", "review"}} {
		id := w.want(w.call("park-a", "POST", "/findings", findingBody(place{Place: p})), 201, "find").text("id")
		for _, move := range moves {
			who, body := "park-a", any(map[string]any{})
			switch move {
			case "rectification":
				who, body = "firm-a", rectificationBody(today, w.proof())
			case "review":
				who, body = "baoan-1", map[string]any{"result": "return", "reason": "台账仍有缺项", "dueOn": today.Add(7)}
			}
			w.want(w.call(who, "POST", "/findings/"+id+"/"+move, body), 200, move)
		}
	}
}

// TestToday: every number of the park home is the length of the list that it links
// to, for whoever asks; and what is due names its deadline.
func TestToday(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		w.busy(w.BaoanA)
		for _, c := range []struct {
			who   string
			parks int
		}{{"park-a", 1}, {"firm-a", 2}, {"baoan-1", 2}, {"longgang", 1}, {"bureau", 5}} {
			today := w.want(w.call(c.who, "GET", "/today", nil), 200, "today of "+c.who)
			parks, _ := today.at("parks").([]any)
			if len(parks) != c.parks {
				t.Errorf("%s has %d parks today, want %d", c.who, len(parks), c.parks)
			}
			seen := map[string]float64{}
			for _, park := range parks {
				for name, wait := range park.(map[string]any) {
					link, ok := wait.(map[string]any)
					if !ok || link["count"] == 0.0 && park.(map[string]any)["parkId"] != string(w.BaoanA.Park.ID) {
						continue // an empty list of a park where nothing was done
					}
					list := w.want(w.call(c.who, "GET", strings.TrimPrefix(link["href"].(string), "/api/v1")+"&count=exact", nil), 200, name)
					if list.at("total") != link["count"] {
						t.Errorf("%s: %s counts %v, its list has %v: %s", c.who, name, link["count"], list.at("total"), link["href"])
					}
					seen[name] += link["count"].(float64)
				}
			}
			if tasks, _ := today.at("tasks").([]any); float64(len(tasks))+today.at("more").(float64) != seen["due"] {
				t.Errorf("%s has %d tasks and %v more, %v are due", c.who, len(tasks), today.at("more"), seen["due"])
			}
			if c.who == "park-a" {
				for _, name := range []string{"dueToday", "due", "late", "backfilled", "missing", "returned", "drafts", "notices", "rejected", "review"} {
					if seen[name] == 0 {
						t.Errorf("nothing waits as %s", name)
					}
				}
			}
		}
		// Under a daily wording with one record a day, the entries say what the park home says.
		home := w.want(w.call("park-a", "GET", "/today", nil), 200, "today")
		total := func(filter string) float64 {
			list := w.want(w.call("park-a", "GET", "/ledgers?count=exact&state=filed&"+filter, nil), 200, filter)
			n, _ := list.at("total").(float64)
			return n
		}
		late, backfilled := total("late=true"), total("backfilled=true")
		if late-backfilled != home.at("parks.0.late.count") || backfilled != home.at("parks.0.backfilled.count") || backfilled == 0 || late == backfilled {
			t.Errorf("%v entries are late, %v of them backfilled; the park home has %v and %v", late, backfilled, home.at("parks.0.late.count"), home.at("parks.0.backfilled.count"))
		}
		if list := w.want(w.call("park-a", "GET", "/ledgers?late=true&limit=1", nil), 200, "late"); list.at("items.0.late") != true {
			t.Errorf("a late entry is %s", list.raw)
		} else if next := list.text("next"); next == "" {
			t.Error("there is no second page")
		} else {
			w.want(w.call("park-a", "GET", "/ledgers?late=true&limit=1&cursor="+next, nil), 200, "the next page")
			w.want(w.call("park-a", "GET", "/ledgers?backfilled=true&limit=1&cursor="+next, nil), 400, "the cursor of another list")
		}
		task := home.at("tasks.0").(map[string]any)
		if task["state"] != "due" || !strings.HasPrefix(fmt.Sprint(task["dueAt"]), string(db.Today().Add(1))) || task["wording"] != "1次/日" || task["basis"] != "permit" {
			t.Errorf("the first task is %v", task)
		}
		w.want(w.call("admin", "GET", "/today", nil), 403, "admin")
		if parks, _ := w.want(w.call("park-a", "GET", "/today?parkId="+string(w.Longgang.Park.ID), nil), 200, "a foreign park").at("parks").([]any); len(parks) != 0 {
			t.Errorf("a foreign park is shown: %v", parks)
		}
	})
}

// TestObligationsOverHTTP: the answer echoes its moment, speaks the caller's language
// and refuses what it cannot answer.
func TestObligationsOverHTTP(t *testing.T) {
	db := openSQLite(t)
	w := newWorld(t, db)
	w.busy(w.BaoanA)
	w.seal()
	today := string(db.Today())
	excused := w.want(w.call("park-a", "GET", "/obligations?state=excused&class=treatmentFacility.wastewater&from=2020-01-01&to=2020-12-31", nil, "Accept-Language", "en"), 200, "excused")
	if excused.text("items.0.reason.detail") == "" || !strings.HasPrefix(excused.text("items.0.reason.detail"), "The ") {
		t.Errorf("no reason in English: %.400s", excused.raw)
	}
	known := w.want(w.call("bureau", "GET", "/obligations?asOf="+today+"&knownAsOf="+today+"&limit=1", nil), 200, "known")
	if known.text("asOf") != today || known.text("knownAsOf") != today || known.at("knownSeq").(float64) < 1 || known.text("next") == "" {
		t.Errorf("the moment: %.400s", known.raw)
	}
	w.want(w.call("bureau", "GET", "/obligations?asOf="+today+"&limit=1&cursor="+known.text("next"), nil), 400, "a cursor of another moment")
	w.want(w.call("bureau", "GET", "/obligations?asOf=2099-01-01", nil), 422, "a day to come")
	w.want(w.call("bureau", "GET", "/obligations?state=lost", nil), 400, "a state that is none")
	w.want(w.call("bureau", "GET", "/obligations/summary?from=2020-01-01&to=2020-12-31", nil), 422, "a map of a year")
	area := w.want(w.call("bureau", "GET", "/obligations/summary?parkId="+string(w.BaoanA.Park.ID), nil), 200, "map")
	if days, _ := area.at("parks.0.days.missing").([]any); len(days) != 30 {
		t.Errorf("%d days of missing ledgers: %.400s", len(days), area.raw)
	}
}

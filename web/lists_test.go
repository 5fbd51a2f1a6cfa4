package web_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"parkregistry/policies"
)

// exceeded files an entry with one reading over its limit.
func (w *world) exceeded() {
	w.t.Helper()
	if got := w.send("POST", "/api/v1/outlets/"+string(w.BaoanA.Outlet.ID)+"/limits", `{"pollutant":"w01018","maximum":"50","unit":"mg/L","basis":"local","standard":"DB44/1597-2015","validFrom":"2020-01-01"}`); got.status != http.StatusCreated {
		w.t.Fatalf("limit: %d %s", got.status, got.raw)
	}
	body := fmt.Sprintf(`{"parkId":%q,"siteId":%q,"facilityId":%q,"outletId":%q,"class":"treatmentFacility.wastewater","day":"2026-01-02","slot":"夜班","occurredAt":"2026-01-02T15:00:00Z","payload":%s}`,
		w.BaoanA.Park.ID, w.BaoanA.Site.ID, w.BaoanA.Facility.ID, w.BaoanA.Outlet.ID, strings.Replace(payload, `"38.0"`, `"61.5"`, 1))
	var made struct{ ID string }
	must(w.t, json.Unmarshal(w.send("POST", "/api/v1/ledgers", body).raw, &made))
	if got := w.send("POST", "/api/v1/ledgers/"+made.ID+"/filing", ""); got.status != http.StatusOK {
		w.t.Fatalf("file: %d %s", got.status, got.raw)
	}
}

// TestSumsLead: the row above a list of the ledger says what all of its rows are, and each
// of its numbers leads to exactly so many.
func TestSumsLead(t *testing.T) {
	w := newWorld(t)
	w.exceeded()
	page := w.browser().signIn("park-a").get("/p/ledger?from=2026-01-01&class=treatmentFacility.wastewater")
	_, row, _ := strings.Cut(page.text, `<tr class="sum">`)
	row, _, _ = strings.Cut(row, "</tr>")
	if n := total.FindStringSubmatch(page.text); n == nil || !strings.Contains(row, "当前条件合计 "+n[1]+" 条") || !strings.Contains(row, "废水处理量 (m³)") || !strings.Contains(row, "820") {
		t.Errorf("the sums are %s", row)
	}
	page = w.browser().signIn("park-a").get("/p/ledger?from=2026-01-01")
	_, row, _ = strings.Cut(page.text, `<tr class="sum">`)
	row, _, _ = strings.Cut(row, "</tr>")
	leads := regexp.MustCompile(`<a href="([^"]+)">[^<]*?(\d+)[^<]*</a>`).FindAllStringSubmatch(row, -1)
	if len(leads) != 2 {
		t.Fatalf("late and over limits are numbers with rows: %s", row)
	}
	for _, m := range leads {
		list := w.browser().signIn("park-a").get(html.UnescapeString(m[1]))
		if n := total.FindStringSubmatch(list.text); n == nil || n[1] != m[2] {
			t.Errorf("%s says %s, its list has %v", m[1], m[2], n)
		}
	}
}

// TestListsOnPhone: at 390 pixels no list scrolls sideways, each row is two lines, and
// how it stands lies within the window; the filters wait until they are asked for, and
// the program's name takes one line.
func TestListsOnPhone(t *testing.T) {
	b, w := newTab(t), newWorld(t)
	w.account("baoan", policies.DistrictInspector, "baoan")
	w.exceeded()
	w.token = w.bearer("baoan")
	if got := w.send("POST", "/api/v1/findings", fmt.Sprintf(`{"parkId":%q,"enterpriseId":%q,"dimension":2,"severity":"minor","place":"一号车间东侧","description":"危险废物贮存间的地面有裂缝，围堰有一处破损，标签没有贴在容器上"}`,
		w.BaoanA.Park.ID, w.BaoanA.Enterprise.ID)); got.status != http.StatusCreated {
		t.Fatalf("finding: %d %s", got.status, got.raw)
	}
	w.made("/patrols", fmt.Sprintf(`{"parkId":%q,"kind":"daily"}`, w.BaoanA.Park.ID))
	w.account("bureau", policies.BureauAdmin, "")
	w.token = w.bearer("bureau")
	doc := w.made("/programmes", `{"title":"任务进度表","issuer":"市生态环境局","issuedOn":"2026-01-05"}`)
	w.made("/tasks", fmt.Sprintf(`{"programmeId":%q,"title":"按照预案改造园区应急池，配备应急物资并组织演练","goal":"应急池容积满足预案要求","parkId":%q,"personId":%q,"dueOn":"2026-02-01","binding":{"query":"ratio","metric":"outletsCoded","target":100}}`,
		doc, w.BaoanA.Park.ID, w.idOf("park-a")))
	const width = 390
	b.do(chromedp.EmulateViewport(width, 844))
	for name, pages := range map[string][]string{
		"park-a": {"/p/exceedances?from=2026-01-01", "/p/ledger?from=2026-01-01", "/p/due?state=", "/p/findings", "/p/tasks", "/p/exceedances?from=2026-01-01&lang=en", "/p/ledger?from=2026-01-01", "/p/due?state=", "/p/findings", "/p/tasks", "/p/firms", "/p/facilities", "/firm/" + string(w.BaoanA.Enterprise.ID), "/p?lang=zh"},
		"baoan":  {"/d/exceedances?from=2026-01-01", "/d/ledger?from=2026-01-01", "/d/due?state=", "/d/findings", "/d/tasks", "/d/firms", "/d/facilities", "/d/patrols"},
	} {
		b.do(chromedp.Navigate(w.server.URL+"/login"), chromedp.SendKeys("#username", name), chromedp.SendKeys("#password", password), chromedp.Submit("form"))
		b.await(`!!document.querySelector("form[action='/logout']")`)
		for _, path := range pages {
			b.do(chromedp.Navigate(w.server.URL + path))
			b.fits(width, path)
			if h := js[float64](b, `document.querySelector(".brand").getBoundingClientRect().height`); h > 30 {
				t.Errorf("%s: the program's name is %v pixels high", path, h)
			}
			if path == "/p?lang=zh" {
				continue // no list
			}
			if n := js[int](b, `document.querySelectorAll(".rows tbody tr").length`); n == 0 {
				t.Errorf("%s has no rows: nothing is looked at", path)
			}
			if over := js[int](b, `document.querySelector(".rows").closest(".scroll").scrollWidth - document.querySelector(".rows").closest(".scroll").clientWidth`); over > 0 {
				t.Errorf("%s: the list scrolls sideways by %d pixels", path, over)
			}
			if bad := js[string](b, `[...document.querySelectorAll(".rows tbody tr")].filter(r => { const e = r.querySelector(".end").getBoundingClientRect(); return e.left < 0 || e.right > innerWidth || e.width < 10 }).map(r => r.innerText).join("\n")`); bad != "" {
				t.Errorf("%s: how a row stands is not on the screen:\n%s", path, bad)
			}
			if bad := js[string](b, `[...document.querySelectorAll(".rows tbody tr")].filter(r => r.offsetHeight < 44 || r.offsetHeight > 76).map(r => r.offsetHeight + " " + r.innerText).join("\n")`); bad != "" {
				t.Errorf("%s: rows that are not two lines:\n%s", path, bad)
			}
			if !js[bool](b, `!!document.querySelector(".filters")`) {
				continue // a list within the page of something else
			}
			if shown := js[bool](b, `document.querySelector(".filters").offsetHeight > 0`); shown {
				t.Errorf("%s: the filters stand before the list", path)
			}
			b.do(chromedp.Click(`.fold-l`))
			if shown := js[bool](b, `document.querySelector(".filters").offsetHeight > 0`); !shown {
				t.Errorf("%s: the filters cannot be opened", path)
			}
		}
		b.do(chromedp.Click(`form[action='/logout'] button`))
		b.await(`location.pathname === "/login"`)
	}
}

package web_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"parkregistry/policies"
)

// mostBytes is the budget of a page with its style (design §11).
const mostBytes = 60 << 10

// TestPagesInBrowser: a person of each tier signs in by typing and opens every page of
// the menu. Each fits its window at both widths, asks this host for at most the page and
// its style, and leaves nothing on the console.
func TestPagesInBrowser(t *testing.T) {
	b, w := newTab(t), newWorld(t)
	w.account("baoan", policies.DistrictInspector, "baoan")
	w.account("bureau", policies.BureauAdmin, "")
	w.token = w.bearer("baoan")
	var f struct{ ID string }
	must(t, json.Unmarshal(w.send("POST", "/api/v1/findings", fmt.Sprintf(`{"parkId":%q,"dimension":2,"severity":"minor","description":"护栏松动"}`, w.BaoanA.Park.ID)).raw, &f))
	host, err := url.Parse(w.server.URL)
	must(t, err)
	open := func(name, path string) {
		t.Helper()
		b.asksOf()
		b.do(chromedp.Navigate(w.server.URL + path))
		asks := b.requests()
		pages := ofHost(asks, w.server.URL)
		for _, a := range asks {
			if !strings.HasPrefix(a, w.server.URL) && !strings.HasPrefix(a, "data:") {
				t.Errorf("%s asks for %s, which is not on %s", path, a, host.Host)
			}
		}
		if pages > 3 {
			t.Errorf("%s makes %d requests: %q", path, pages, asks)
		}
		if n := js[int](b, `performance.getEntriesByType("navigation")[0].decodedBodySize + performance.getEntriesByType("resource").filter(r => r.name.startsWith("http")).reduce((n, r) => n + r.decodedBodySize, 0)`); n > mostBytes || n == 0 {
			t.Errorf("%s takes %d bytes of %d", path, n, mostBytes)
		}
		if n := js[int](b, `document.querySelectorAll("h1").length`); n != 1 {
			t.Errorf("%s has %d main headings", path, n)
		}
		if bad := js[string](b, `[...document.querySelectorAll("input:not([type=hidden]),select")].filter(e => !e.labels.length).map(e => e.outerHTML).join()`); bad != "" {
			t.Errorf("%s has fields without a label: %s", path, bad)
		}
		b.do(chromedp.EmulateViewport(390, 844), chromedp.Reload())
		if hidden := js[bool](b, `[...document.querySelectorAll(".side [aria-current], .tabs [aria-current]")].some(e => { const r = e.getBoundingClientRect(); return r.left < 0 || r.right > innerWidth })`); hidden {
			t.Errorf("%s: its line of the menu is not in sight", path)
		}
		for _, width := range []int64{390, 1440} {
			b.fits(width, path)
			b.shot(width, name)
		}
	}
	w.token = w.bearer("park-a")
	form := "/p/ledger/new/treatmentFacility.wastewater?facility=" + string(w.BaoanA.Facility.ID) + "&date=2026-01-03"
	var d struct{ ID string }
	must(t, json.Unmarshal(w.send("POST", "/api/v1/ledgers", fmt.Sprintf(`{"parkId":%q,"facilityId":%q,"class":"treatmentFacility.wastewater","day":"2026-01-03","slot":"早班","payload":%s}`,
		w.BaoanA.Park.ID, w.BaoanA.Facility.ID, strings.Replace(payload, `"38.0"`, `"980.0"`, 1))).raw, &d))
	draft, file := "/ledger/"+d.ID, "/import/"+string(w.brought(t, "2026-01-05", "2026/13/06", "2026.1.7 日", "2027-12-08"))
	open("login", "/login")
	for name, pages := range map[string][]string{
		"park-a": {"/p", "/p/due?state=", "/p/ledger", "/p/exceedances", "/p/findings", "/p/matrix?dim=4", "/ledger/" + string(w.entry), "/me", "/help/metrics", "/search", "/search?q=TW", "/search?q=zzz", "/p/facilities", "/firm/" + string(w.BaoanA.Enterprise.ID), "/p/ledger/new", "/p/ledger/new/hazardousWaste.generated", "/p/import", "/p/import?class=treatmentFacility.wastewater", file, form, draft + "/edit", draft + "/check", "/p/ledger/new?lang=en", draft + "/edit?lang=en", file + "?lang=en", draft + "/check?lang=zh"},
		"baoan":  {"/d", "/d/due?state=missing", "/d/ledger", "/d/exceedances", "/d/findings", "/d/findings/board", "/d/compare", "/d/matrix", "/ledger/" + string(w.entry), "/d/import", "/finding/" + f.ID},
		"bureau": {"/c", "/c/compare", "/c/compare?lang=en", "/c?lang=zh", "/c/matrix?park=" + w.BaoanA.Park.Code + "&dim=1", "/c/due", "/c/ledger", "/c/findings", "/c/import?class=register.enterprises&parkId=" + string(w.BaoanA.Park.ID), "/c?lang=en", "/c/matrix?lang=en", "/c?lang=zh"},
	} {
		b.do(chromedp.Navigate(w.server.URL+"/login"), chromedp.SendKeys("#username", name), chromedp.SendKeys("#password", password), chromedp.Submit("form"))
		b.await(`!!document.querySelector("form[action='/logout']")`)
		for _, p := range pages {
			open(name+strings.NewReplacer("/", "-", "?", "_", "&", "_", "=", "-").Replace(p), p)
		}
		if name == "park-a" {
			b.enlarged(w.server.URL, "/p", "/p/ledger", "/p/matrix?dim=4", "/me", "/search?q=TW", "/firm/"+string(w.BaoanA.Enterprise.ID), file, draft+"/edit", draft+"/check")
		}
		b.do(chromedp.Click(`form[action='/logout'] button`))
		b.await(`location.pathname === "/login"`)
	}
	b.do(chromedp.Navigate(w.server.URL + "/nowhere"))
	b.forget() // the browser tells a 404 on its console
	if said := js[string](b, `document.querySelector("h1").textContent`); said != "没有找到" {
		t.Errorf("an address that leads nowhere says %q", said)
	}
}

// enlarged chooses the largest text as a person does and finds every page within the
// narrowest window still; a slash goes to the search box, and types itself inside of it.
func (b *tab) enlarged(host string, pages ...string) {
	b.t.Helper()
	b.do(chromedp.Navigate(host+"/me"), chromedp.Click(`input[value=larger]`), chromedp.Click(`form[action='/me/size'] button`))
	b.await(`document.documentElement.className === "larger"`)
	for _, p := range pages {
		b.do(chromedp.Navigate(host + p))
		b.fits(390, p+" in the largest text")
	}
	b.do(chromedp.EmulateViewport(1440, 900), chromedp.Navigate(host+"/p"))
	b.await(`document.readyState === "complete"`)
	if js[bool](b, `document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "/", bubbles: true, cancelable: true}))`) || js[string](b, `document.activeElement.id`) != "find" {
		b.t.Error("a slash does not go to the search box")
	}
	b.do(chromedp.KeyEvent("T/W"))
	b.await(`document.activeElement.value === "T/W"`)
}

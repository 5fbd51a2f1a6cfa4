package web_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"parkregistry/policies"
)

// axe is the text of axe-core, which nobody ships: PARK_TEST_AXE names the file. Without
// it the test is skipped at a desk and fails where PARK_TEST_NO_SKIP is set, as in CI.
func axe(t *testing.T) string {
	t.Helper()
	path := os.Getenv("PARK_TEST_AXE")
	if path == "" {
		if os.Getenv("PARK_TEST_NO_SKIP") != "" {
			t.Fatal("PARK_TEST_AXE does not name axe.min.js")
		}
		t.Skip("PARK_TEST_AXE does not name axe.min.js")
	}
	text, err := os.ReadFile(path)
	must(t, err)
	return string(text)
}

// violation is a rule that axe-core found broken, with where.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct{ HTML, FailureSummary string }
}

// audited gives what axe-core finds on the page that is open.
func (b *tab) audited(source string) (all []violation) {
	b.t.Helper()
	js[bool](b, source+";true")
	js[bool](b, `window.found = null, axe.run(document, {resultTypes: ["violations"]}).then(r => { window.found = JSON.stringify(r.violations.map(v => ({ID: v.id, Impact: v.impact, Help: v.help, Nodes: v.nodes.map(n => ({HTML: n.html.slice(0, 200), FailureSummary: n.failureSummary}))}))) }), true`)
	b.await(`typeof window.found === "string"`)
	must(b.t, json.Unmarshal([]byte(js[string](b, `window.found`)), &all))
	return all
}

// TestAccessible: axe-core finds no violation on any page of the menu of any role, on the
// forms and on what the lists lead to, in both languages.
func TestAccessible(t *testing.T) {
	source := axe(t)
	b, w := newTab(t), newWorld(t)
	w.account("baoan", policies.DistrictInspector, "baoan")
	w.account("bureau", policies.BureauAdmin, "")
	w.account("auditor", policies.Auditor, "")
	w.account("admin", policies.Admin, "")
	began := w.made("/assessments", fmt.Sprintf(`{"parkId":%q,"year":2026}`, w.BaoanA.Park.ID))
	w.token = w.bearer("baoan")
	finding := w.made("/findings", fmt.Sprintf(`{"parkId":%q,"dimension":2,"severity":"minor","description":"护栏松动"}`, w.BaoanA.Park.ID))
	card := w.made("/enterprises/"+string(w.BaoanA.Enterprise.ID)+"/grades", `{"kind":"capability","reason":"现场核查了全部设施"}`)
	w.token = w.bearer("bureau")
	asked := w.made("/account-requests", fmt.Sprintf(`{"username":"asked-one","displayName":"新专员","role":%q,"parkId":%q,"reason":"接替离任的专员"}`, policies.ParkManager.Slug(), w.BaoanA.Park.ID))
	firm, park, six := "/firm/"+string(w.BaoanA.Enterprise.ID), "/park/"+string(w.BaoanA.Park.ID), "/six/"+string(began)
	facility, outlet := "/facility/"+string(w.BaoanA.Facility.ID), "/outlet/"+string(w.BaoanA.Outlet.ID)
	also := map[string][]string{
		"park-a":  {"/me", "/me/tokens", "/inbox", "/help/metrics", "/help/manual", "/help/accessibility", "/search?q=TW", "/search?q=zzz", "/ledger/" + string(w.entry), "/p/ledger/new/hazardousWaste.generated", firm, park, park + "?tab=six", park + "?tab=ledger", park + "?tab=changes", facility, outlet, w.permitted(), six + "?dim=1&item=A1", six + "?dim=7"},
		"baoan":   {"/inbox", "/d/findings/board", "/finding/" + string(finding), firm, park, "/grade/" + string(card), six},
		"bureau":  {"/c/setup?class=treatmentFacility.wastewater", "/c/setup?checklist=2026-draft-3", "/c/setup/locks", "/c/setup/checklist", "/c/matrix?park=" + w.BaoanA.Park.Code + "&dim=1", "/c/tasks/new?unit=city", "/grade/" + string(card), park, "/exports", "/report/monthly", "/report/overdue", "/report/park?parkId=" + string(w.BaoanA.Park.ID)},
		"auditor": nil,
		"admin":   {"/user/" + w.idOf("baoan"), "/request/" + string(asked), "/report/access"},
	}
	for name, pages := range w.rare() {
		also[name] = append(also[name], pages...)
	}
	b.do(chromedp.EmulateViewport(1440, 900), chromedp.Navigate(w.server.URL+"/login"))
	for _, v := range b.audited(source) {
		t.Errorf("/login: %+v", v)
	}
	js[bool](b, `document.documentElement.removeAttribute("lang"), true`)
	if found := b.audited(source); len(found) != 1 || found[0].ID != "html-has-lang" {
		t.Fatalf("a page without a language passes: %+v", found)
	}
	for _, name := range []string{"park-a", "baoan", "bureau", "auditor", "admin"} {
		b.do(chromedp.Navigate(w.server.URL+"/login"), chromedp.SendKeys("#username", name), chromedp.SendKeys("#password", password), chromedp.Submit("form"))
		b.await(`!!document.querySelector("form[action='/logout']")`)
		pages := append(w.browser().signIn(name).places("/me"), also[name]...)
		for _, lang := range []string{"en", "zh"} {
			for _, path := range pages {
				if path == "/m/" { // has a test of its own, and keeps the browser's storage
					continue
				}
				mark := "?"
				if strings.Contains(path, "?") {
					mark = "&"
				}
				b.do(chromedp.Navigate(w.server.URL + path + mark + "lang=" + lang))
				for _, v := range b.audited(source) {
					t.Errorf("%s as %s in %s: %s (%s) %s: %+v", path, name, lang, v.ID, v.Impact, v.Help, v.Nodes)
				}
			}
		}
		b.do(chromedp.Navigate(w.server.URL+"/me"), chromedp.Click(`form[action='/logout'] button`)) // a report has no menu
		b.await(`location.pathname === "/login"`)
	}
}

package web_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"gorm.io/gorm"

	"parkregistry/models/registry"
	"parkregistry/policies"
)

// Budgets of a page at a desk beside mostBytes (design §11). Times are written down and
// never judged.
const (
	mostDeskScript = 10 << 10
	mostAsks       = 4 // the page, its style, at most two scripts
	mostShift      = 0.05
	mostFirst      = 25_000 // bytes over the wire with an empty cache
	mostAgain      = 12_000 // and with a full one
	mostStatements = 33     // of one opening, three of them who is asking; most has one assessment, for which every ratio of its park is worked out
)

// observed is what the browser tells of how a page came to stand.
const observed = `window.cls = 0; window.lcp = 0;
new PerformanceObserver(l => { for (const e of l.getEntries()) if (!e.hadRecentInput) window.cls += e.value }).observe({type: "layout-shift", buffered: true});
new PerformanceObserver(l => { for (const e of l.getEntries()) window.lcp = e.startTime }).observe({type: "largest-contentful-paint", buffered: true});`

// weight is one page as the browser took it.
type weight struct {
	HTML, CSS, JS, Wire, Asks int
	Shift, LCP                float64
}

// weighing reads the weight of the page that is open.
const weighing = `(() => {
	const nav = performance.getEntriesByType("navigation")[0], all = performance.getEntriesByType("resource").filter(r => r.name.startsWith("http"));
	const sum = (kind) => all.filter(r => r.name.split("?")[0].endsWith(kind)).reduce((n, r) => n + r.decodedBodySize, 0);
	return JSON.stringify({HTML: nav.decodedBodySize, CSS: sum(".css"), JS: sum(".js"), Wire: nav.transferSize + all.reduce((n, r) => n + r.transferSize, 0), Asks: 1 + all.length, Shift: window.cls, LCP: window.lcp});
})()`

// weighed opens a page and waits until it has been painted.
func (b *tab) weighed(address string) (x weight) {
	b.t.Helper()
	b.do(chromedp.Navigate(address))
	b.await(`document.readyState === "complete" && window.lcp > 0`)
	must(b.t, json.Unmarshal([]byte(js[string](b, weighing)), &x))
	return x
}

// throttle is the command that browsers of any age know for a slow network.
var throttle = cdp.Command[network.OverrideNetworkStateParams, cdp.Empty]{Method: "Network.emulateNetworkConditions"}

// slow is a mid-range phone on weak 4G, or an office computer of 2018 on 10 Mb/s.
func (b *tab) slow(phone bool) {
	b.t.Helper()
	width, height, bits, wait, rate := int64(1440), int64(900), 10e6, 20.0, 2.0
	if phone {
		width, height, bits, wait, rate = 390, 844, 1.6e6, 150, 4
	}
	b.do(chromedp.EmulateViewport(width, height))
	_, err := chromedp.Call(b.ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: rate})
	must(b.t, err)
	_, err = chromedp.Call(b.ctx, throttle, network.OverrideNetworkStateParams{Latency: wait, DownloadThroughput: bits / 8, UploadThroughput: bits / 8})
	must(b.t, err)
}

// TestBudgets: every page of the menus of the three tiers, and what they lead to, keeps
// within the budgets of the design: bytes, script, requests, nothing that moves while it
// is drawn. PARK_TEST_BUDGETS names the file to which the table is written
// (docs/pages.md), with times under an emulated network and processor.
func TestBudgets(t *testing.T) {
	b, w := newTab(t), newWorld(t)
	w.account("baoan", policies.DistrictInspector, "baoan")
	w.account("bureau", policies.BureauAdmin, "")
	six := w.made("/assessments", fmt.Sprintf(`{"parkId":%q,"year":2026}`, w.BaoanA.Park.ID))
	w.token = w.bearer("baoan")
	finding := w.made("/findings", fmt.Sprintf(`{"parkId":%q,"dimension":2,"severity":"minor","description":"护栏松动"}`, w.BaoanA.Park.ID))
	_, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: observed})
	must(t, err)
	var n atomic.Int64
	all := w.DB.Visible(w.Program(), policies.ParkRead, &registry.Park{}).Callback()
	for _, err := range []error{all.Query().Before("gorm:query").Register("budget", func(*gorm.DB) { n.Add(1) }), all.Row().Before("gorm:row").Register("budget", func(*gorm.DB) { n.Add(1) }), all.Raw().Before("gorm:raw").Register("budget", func(*gorm.DB) { n.Add(1) })} {
		must(t, err)
	}
	firm, park := "/firm/"+string(w.BaoanA.Enterprise.ID), "/park/"+string(w.BaoanA.Park.ID)
	permit := w.permitted()
	also := map[string][]string{
		"park-a": {"/ledger/" + string(w.entry), "/p/ledger/new/treatmentFacility.wastewater?facility=" + string(w.BaoanA.Facility.ID) + "&date=2026-01-03", "/search?q=TW", firm, permit, "/facility/" + string(w.BaoanA.Facility.ID), "/outlet/" + string(w.BaoanA.Outlet.ID), "/six/" + string(six), "/inbox", "/me", "/me/tokens", "/help/metrics"},
		"baoan":  {"/finding/" + string(finding), park, park + "?tab=six", park + "?tab=ledger", park + "?tab=changes"},
		"bureau": {"/c/setup?class=treatmentFacility.wastewater", "/c/setup?checklist=2026-draft-3", "/c/setup/locks", "/c/setup/checklist", "/c/matrix?park=" + w.BaoanA.Park.Code + "&dim=1", "/c/tasks/new", "/exports", "/report/monthly"},
	}
	for _, more := range []map[string][]string{w.beside(t, six), w.rare()} {
		for name, pages := range more {
			also[name] = append(also[name], pages...)
		}
	}
	out := os.Getenv("PARK_TEST_BUDGETS")
	var table strings.Builder
	for _, name := range []string{"park-a", "baoan", "bureau", "auditor", "admin"} {
		b.do(chromedp.EmulateViewport(1440, 900), chromedp.Navigate(w.server.URL+"/login"), chromedp.SendKeys("#username", name), chromedp.SendKeys("#password", password), chromedp.Submit("form"))
		b.await(`!!document.querySelector("form[action='/logout']")`)
		pages := append(w.browser().signIn(name).places("/me"), also[name]...)
		for _, path := range slices.DeleteFunc(pages, func(p string) bool { return p == "/m/" }) { // weighed by TestFieldWalk
			_, err := chromedp.Call(b.ctx, network.ClearBrowserCache, cdp.Empty{})
			must(t, err)
			n.Store(0)
			first := b.weighed(w.server.URL + path)
			asked := n.Load()
			repeat := b.weighed(w.server.URL + path)
			if asked > mostStatements {
				t.Errorf("%s as %s takes %d statements", path, name, asked)
			}
			if total := first.HTML + first.CSS + first.JS; first.HTML == 0 || total > mostBytes || first.JS > mostDeskScript || first.Asks > mostAsks || first.Shift >= mostShift {
				t.Errorf("%s as %s is over its budget: %d bytes, %+v", path, name, total, first)
			}
			if first.Wire > mostFirst || repeat.Wire > mostAgain || repeat.Wire >= first.Wire {
				t.Errorf("%s as %s takes %d bytes over the wire at first and %d again", path, name, first.Wire, repeat.Wire)
			}
			if out != "" {
				b.slow(false)
				desk := b.weighed(w.server.URL + path)
				b.slow(true)
				phone := b.weighed(w.server.URL + path)
				_, err := chromedp.Call(b.ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 1})
				must(t, err)
				_, err = chromedp.Call(b.ctx, throttle, network.OverrideNetworkStateParams{DownloadThroughput: -1, UploadThroughput: -1})
				must(t, err)
				b.do(chromedp.EmulateViewport(1440, 900))
				fmt.Fprintf(&table, "| %s | `%s` | %.1f | %.1f | %.1f | %.1f / %.1f | %d | %d | %.3f / %.3f | %.0f / %.0f |\n", name, shortened(path), kib(first.HTML), kib(first.CSS), kib(first.JS), float64(first.Wire)/1000, float64(repeat.Wire)/1000, first.Asks, asked, first.Shift, phone.Shift, desk.LCP, phone.LCP)
			}
		}
		b.do(chromedp.Navigate(w.server.URL+"/me"), chromedp.Click(`form[action='/logout'] button`))
		b.await(`location.pathname === "/login"`)
	}
	if out != "" {
		text, err := os.ReadFile(out)
		must(t, err)
		head, rest, found := strings.Cut(string(text), "<!-- budgets -->\n")
		_, tail, ended := strings.Cut(rest, "<!-- end of budgets -->\n")
		if !found || !ended {
			t.Fatalf("%s has no place for the table", out)
		}
		must(t, os.WriteFile(out, []byte(head+"<!-- budgets -->\n"+budgetHead+table.String()+"<!-- end of budgets -->\n"+tail), 0o644))
	}
}

const budgetHead = "| Who | Page | HTML, KiB | CSS, KiB | JS, KiB | wire first / again, kB | requests | statements | CLS 1440 / 390 | LCP desk / phone, ms |\n|---|---|---|---|---|---|---|---|---|---|\n"

func kib(n int) float64 { return float64(n) / 1024 }

// shortened is a path without what differs at each run.
func shortened(path string) string {
	at, query, has := strings.Cut(path, "?")
	parts := strings.Split(at, "/")
	for i, p := range parts {
		if len(p) == 36 {
			parts[i] = "…"
		}
	}
	at = strings.Join(parts, "/")
	switch {
	case !has:
		return at
	case len(query) > 40:
		return at + "?…"
	}
	return at + "?" + query
}

package web_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"parkregistry/models/progress"
	"parkregistry/policies"
	"parkregistry/sheets"
)

// TestReportPages: everybody finds the reports that they may have, the print says every
// number of the overview, its own address gives the same digest later, and the workbook
// comes from the same form.
func TestReportPages(t *testing.T) {
	w := newWorld(t)
	w.account("bureau", policies.BureauAdmin, "")
	w.account("admin", policies.Admin, "")
	w.account("firm-a", policies.EnterpriseUser, w.BaoanA.Enterprise.ID)
	for who, want := range map[string][]string{"bureau": {"monthly", "overdue", "park", "execution", "solidWaste"}, "park-a": {"monthly", "overdue", "park", "execution", "solidWaste"}, "firm-a": {"execution", "solidWaste"}, "admin": {"access"}} {
		list := w.browser().signIn(who).get("/reports")
		var have []string
		for _, m := range regexp.MustCompile(`action="/report/([a-zA-Z]+)"`).FindAllStringSubmatch(list.text, -1) {
			have = append(have, m[1])
		}
		if strings.Join(have, " ") != strings.Join(want, " ") || !strings.Contains(list.text, `aria-current="page">报表与导出`) {
			t.Errorf("%s: %v, want %v", who, have, want)
		}
	}
	b := w.browser().signIn("bureau")
	print := b.get("/report/monthly")
	text := html.UnescapeString(print.text)
	p, err := w.progress.Report(w.Bureau(), progress.Question{})
	must(t, err)
	if print.status != http.StatusOK || !strings.Contains(text, p.Brief().String()) || strings.Count(text, "<tr>") < len(p.Parks) || !strings.Contains(text, `<body class="wide">`) || !strings.Contains(text, fmt.Sprintf("，计入变更序号 %d</p>", p.KnownSeq)) {
		t.Fatalf("%d\n%s", print.status, text)
	}
	digest := regexp.MustCompile(`class="mono">([0-9a-f ]+)<`)
	again := regexp.MustCompile(`href="(/report/monthly\?[^"]+)"`).FindStringSubmatch(print.text)
	w.exceeded()
	w.numbered()
	if later := b.get(html.UnescapeString(again[1])); digest.FindString(later.text) == "" || digest.FindString(later.text) != digest.FindString(print.text) {
		t.Errorf("the same report later: %s, was %s", digest.FindString(later.text), digest.FindString(print.text))
	}
	if now := b.get("/report/monthly"); digest.FindString(now.text) == digest.FindString(print.text) {
		t.Error("what came since changes nothing")
	}
	sent := b.send("POST", "/report/park", url.Values{"form": {b.get("/reports").form(t)}, "parkId": {string(w.BaoanA.Park.ID)}})
	if sent.status != http.StatusOK || sent.header.Get("Content-Type") != sheets.MediaType {
		t.Errorf("the workbook: %d %v", sent.status, sent.header)
	}
	// A firm declares for itself: the form knows its code, and the print has its own address.
	own := w.browser().signIn("firm-a")
	if list := own.get("/reports"); !strings.Contains(list.text, `name="creditCode" value="`+w.BaoanA.Enterprise.CreditCode+`"`) {
		t.Errorf("the form does not know the firm: %s", list.text)
	}
	declared := own.get("/report/solidWaste?period=month&asOf=2026-01-31&creditCode=" + w.BaoanA.Enterprise.CreditCode)
	fixed := regexp.MustCompile(`href="(/report/solidWaste\?[^"]+)"`).FindStringSubmatch(declared.text)
	if declared.status != http.StatusOK || !strings.Contains(declared.text, "2026-01-01 至 2026-01-31") || fixed == nil {
		t.Fatalf("a declaration: %d %s", declared.status, declared.text)
	}
	if again := own.get(html.UnescapeString(fixed[1])); digest.FindString(again.text) != digest.FindString(declared.text) {
		t.Errorf("%s is another: %s", fixed[1], again.text)
	}
	if other := own.get("/report/execution?creditCode=" + w.Longgang.Enterprise.CreditCode); other.status != http.StatusUnprocessableEntity {
		t.Errorf("another firm's declaration: %d", other.status)
	}
	if foreign := w.browser().signIn("park-a").get("/report/park?parkId=" + string(w.Longgang.Park.ID)); foreign.status != http.StatusNotFound {
		t.Errorf("another park's file: %d", foreign.status)
	}
}

// TestReportOnPaper: the browser makes sheets of A3 across of the monthly report, of
// declarations and of the matrix, and of A4 upright of the others and of lists. A list may
// break between its rows, and says who printed it and when; what only a screen can use is
// not printed. PARK_TEST_SHOTS keeps them.
func TestReportOnPaper(t *testing.T) {
	b, w := newTab(t), newWorld(t)
	w.account("bureau", policies.BureauAdmin, "")
	b.do(chromedp.Navigate(w.server.URL+"/login"), chromedp.SendKeys("#username", "bureau"), chromedp.SendKeys("#password", password), chromedp.Submit("form"))
	b.await(`!!document.querySelector("form[action='/logout']")`)
	box := regexp.MustCompile(`/MediaBox ?\[ ?0 0 ([0-9.]+) ([0-9.]+)`)
	for path, want := range map[string]string{"/c/matrix": "1191 841", "/c/firms": "594 841", "/report/monthly": "1191 841", "/report/overdue": "594 841", "/report/park?parkId=" + string(w.BaoanA.Park.ID): "594 841",
		"/report/execution?enterpriseId=" + string(w.BaoanA.Enterprise.ID): "1191 841", "/report/solidWaste?period=year&parkId=" + string(w.BaoanA.Park.ID): "1191 841"} {
		b.do(chromedp.Navigate(w.server.URL + path))
		name, _, _ := strings.Cut(strings.ReplaceAll(strings.TrimPrefix(path, "/report/"), "/", "-"), "?")
		pdf := b.paper("report-" + name)
		size := box.FindSubmatch(pdf)
		if size == nil {
			t.Errorf("%s: no sheet", path)
			continue
		}
		whole := func(b []byte) string { s, _, _ := strings.Cut(string(b), "."); return s }
		if got := whole(size[1]) + " " + whole(size[2]); got != want {
			t.Errorf("%s: sheets of %s points, want %s", path, got, want)
		}
	}
	b.do(chromedp.Navigate(w.server.URL + "/c/firms?lang=zh"))
	seen := `getComputedStyle(document.querySelector(%q)).display !== "none"`
	if js[bool](b, fmt.Sprintf(seen, ".printed")) {
		t.Error("a screen shows who prints the page")
	}
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	must(t, err)
	for part, want := range map[string]bool{".printed": true, ".data": true, "h1": true, ".side": false, ".beside": false, ".filters": false, ".btn": false, ".foot": false} {
		if js[bool](b, fmt.Sprintf(seen, part)) != want {
			t.Errorf("on paper %s stands: %t", part, !want)
		}
	}
	if said := js[string](b, `document.querySelector(".printed").innerText`); !strings.Contains(said, "由bureau打印") {
		t.Errorf("the print says %q", said)
	}
	if broken := js[string](b, `getComputedStyle(document.querySelector(".panel:has(.data)")).breakInside + " " + getComputedStyle(document.querySelector(".data tbody tr")).breakInside`); broken != "auto avoid" {
		t.Errorf("a list and its rows break at the end of a sheet: %s", broken)
	}
}

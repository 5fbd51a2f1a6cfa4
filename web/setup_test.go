package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
)

// testSetup: every definition stands on one page with its version, and a class with its
// fields and what is possible in them.
func testSetup(t *testing.T, w *world) {
	b := w.browser().signIn("bureau")
	page := b.get("/c/setup")
	for _, c := range ledger.Embedded().Classes() {
		if !strings.Contains(page.text, `href="/c/setup?class=`+c.Code+`"`) {
			t.Errorf("%s is not listed", c.Code)
		}
	}
	for _, r := range ledger.OddRules().All {
		if !strings.Contains(page.text, "<b>"+r.ID+"</b>") {
			t.Errorf("rule %s is not listed", r.ID)
		}
	}
	for _, l := range inspection.Checklists() {
		if !strings.Contains(page.text, "<b>"+l.Version+"</b>") {
			t.Errorf("checklist %s is not listed", l.Version)
		}
	}
	one := b.get("/c/setup?class=treatmentFacility.wastewater").text
	for _, said := range []string{"runningHours", "readings", "· ", "至多 4 位小数", "/c/ledger?class=treatmentFacility.wastewater"} {
		if !strings.Contains(one, said) {
			t.Errorf("the class does not say %q", said)
		}
	}
	// What a version changed, and where things come from, in Chinese on a Chinese page.
	for _, said := range []string{"只用于读以前的记录", "readings/detectionLimit", "名称：单位，与污染物代码表一致 → 单位，不填为污染物代码表的单位；填写的应当能够换算", "HJ 944-2018，以排污许可证载明的为准"} {
		if !strings.Contains(one, said) {
			t.Errorf("the versions do not say %q", said)
		}
	}
	english := regexp.MustCompile(`[a-z]{3,}`)
	source := regexp.MustCompile(`<td class="desk(?: meta)?">([^<]*)</td>(?:<td class="(?:desk|end)">(?:<a href="/c/setup/template/[^>]*>|--|是|否)|</tr>)|<span class="meta sub">([^<]*)</span>`)
	pages := []string{"/c/setup?lang=zh"}
	for _, c := range ledger.Embedded().Classes() {
		pages = append(pages, "/c/setup?class="+c.Code)
	}
	for _, l := range []string{"2026-draft-1", "2026-draft-2", "2026-draft-3"} {
		pages = append(pages, "/c/setup?checklist="+l)
	}
	found := 0
	for _, path := range pages {
		for _, m := range source.FindAllStringSubmatch(b.get(path).text, -1) {
			if found++; english.MatchString(m[1]+m[2]) && !strings.Contains(m[2], " → ") {
				t.Errorf("%s says in English: %q", path, m[1]+m[2])
			}
		}
	}
	if found < 300 {
		t.Errorf("only %d sources are found", found)
	}
	if got := b.get("/c/setup?class=treatmentFacility.wastewater&lang=en").text; !strings.Contains(got, "HJ 944-2018 as carried into discharge permits") {
		t.Error("the English page does not cite as the definition does")
	}
	b.get("/c/setup?lang=zh")

	list := b.get("/c/setup?checklist=2026-draft-3").text
	for _, said := range []string{"设立园区环境管理机构", "参照：", "否决项", "认定分数线 80", "25 分"} {
		if !strings.Contains(list, said) {
			t.Errorf("the checklist does not say %q", said)
		}
	}
	for _, said := range []string{"环保诚信 90 分起", "深环规〔2023〕3号 · 2024-01-15 至 2029-01-14", "红牌：限期整改，列入强制性清洁生产审核"} {
		if !strings.Contains(page.text, said) {
			t.Errorf("the rules of grades do not say %q", said)
		}
	}

	// The template of everything that can be brought in, for every reader.
	links := regexp.MustCompile(`/c/setup/template/[A-Za-z.]+`).FindAllString(page.text, -1)
	reader := w.browser().signIn("analyst")
	for _, link := range links {
		got := reader.get(link)
		if _, err := excelize.OpenReader(strings.NewReader(got.text)); got.status != http.StatusOK || err != nil {
			t.Errorf("%s: %d %v", link, got.status, err)
		}
	}
	if len(links) < 35 {
		t.Errorf("%d templates", len(links))
	}
	if got := reader.get("/c/setup/template/nothing"); got.status != http.StatusNotFound {
		t.Errorf("the template of nothing: %d", got.status)
	}
	if got := b.get("/c/setup?checklist=x"); got.status != http.StatusBadRequest {
		t.Errorf("no such checklist: %d", got.status)
	}
	if got := b.get("/c/setup?class=x"); got.status != http.StatusBadRequest {
		t.Errorf("no such class: %d", got.status)
	}
}

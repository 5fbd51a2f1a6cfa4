package web_test

import (
	"encoding/csv"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"parkregistry/models/inspection"
	"parkregistry/policies"
	"parkregistry/sheets"
)

var (
	exportFields = regexp.MustCompile(`<form class="btns" method="post" action="(/export/[a-z-]+)">(.*?)</form>`)
	hiddenField  = regexp.MustCompile(`<input type="hidden" name="([a-zA-Z]+)" value="([^"]*)">`)
	anyTag       = regexp.MustCompile(`<[^>]*>`)
	bodyRows     = regexp.MustCompile(`(?s)<tbody>(.*?)</tbody>`)
)

// takenOut is the list of a page as its own button gives it.
func (b *browser) takenOut(page shown, format string) shown {
	b.t.Helper()
	form := exportFields.FindStringSubmatch(page.text)
	if form == nil {
		b.t.Fatalf("no button to export:\n%s", page.text)
	}
	fields := url.Values{"format": {format}}
	for _, f := range hiddenField.FindAllStringSubmatch(form[2], -1) {
		fields.Set(f[1], html.UnescapeString(f[2]))
	}
	return b.send("POST", form[1], fields)
}

// TestListsAsTheirPages: what a list gives as a file is what its page shows: the same
// rows in the same order, with every word and number of them.
func TestListsAsTheirPages(t *testing.T) {
	w := newWorld(t)
	w.exceeded()
	walks := inspection.New(w.DB, nil)
	for i, park := range []string{string(w.BaoanA.Park.ID), string(w.Longgang.Park.ID), string(w.BaoanA.Park.ID)} {
		site := map[int]string{0: string(w.BaoanA.Site.ID), 1: string(w.Longgang.Site.ID), 2: ""}[i]
		_, err := walks.Log(w.Inspector(map[int]string{0: "baoan", 1: "longgang", 2: "baoan"}[i]), "", inspection.FindingInput{ParkID: park, SiteID: site, Dimension: 1 + i, Place: "一号车间", Description: []string{"地面有裂缝", "围堰破损", "-2 层标签不清"}[i], Severity: "minor"})
		must(t, err)
	}
	w.account("baoan", policies.DistrictInspector, "baoan")
	w.account("bureau", policies.BureauAdmin, "")
	w.account("admin", policies.Admin, "")
	w.account("auditor", policies.Auditor, "")
	for _, c := range []struct {
		who, path string
		least     int
	}{
		{"bureau", "/c/findings", 3}, {"bureau", "/c/findings?dimension=3", 1}, {"baoan", "/d/findings", 2}, {"park-a", "/p/findings?lang=en", 2},
		{"park-a", "/p/ledger?from=2026-01-01&lang=zh", 2}, {"bureau", "/c/exceedances?from=2026-01-01", 1}, {"park-a", "/p/due?state=", 1},
		{"bureau", "/c/firms", 4}, {"bureau", "/c/firms?q=测试1", 1}, {"park-a", "/p/facilities", 2}, {"admin", "/users", 4}, {"auditor", "/c/audit?outcome=done&objectId=" + string(w.BaoanA.Park.ID), 1}, {"baoan", "/d/patrols", 0},
	} {
		b := w.browser().signIn(c.who)
		page := b.get(c.path)
		if page.status != http.StatusOK {
			t.Fatalf("%s: %d", c.path, page.status)
		}
		file := b.takenOut(page, "csv")
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.text, "\ufeff"))).ReadAll()
		if err != nil || file.status != http.StatusOK {
			t.Errorf("%s: %d %v\n%s", c.path, file.status, err, file.text)
			continue
		}
		var lines []string
		if body := bodyRows.FindStringSubmatch(page.text); body != nil {
			lines = strings.Split(strings.TrimSpace(body[1]), "</tr>")
			lines = lines[:len(lines)-1]
		}
		if len(rows)-1 != len(lines) || len(lines) < c.least {
			t.Errorf("%s: %d rows in the file, %d on the page, want at least %d", c.path, len(rows)-1, len(lines), c.least)
			continue
		}
		for i, row := range rows[1:] {
			line := html.UnescapeString(anyTag.ReplaceAllString(lines[i], " "))
			for j, cell := range row {
				cell = sheets.Unguard(cell)
				if cell == "是" || cell == "否" || cell == "Yes" || cell == "No" || strings.HasPrefix(cell, "{") || j < 4 && strings.Contains(c.path, "/p/") && cell == "宝安甲园" {
					continue // a mark on the page, a detail of it, or the one park whose name its people need not read
				}
				if !strings.Contains(line, cell) && !strings.Contains(lines[i], `title="`+cell+`"`) { // in full where the page shortens it
					t.Errorf("%s: %q of %s is not in row %d of the page: %s", c.path, cell, rows[0][j], i+1, line)
				}
			}
		}
		if book := b.takenOut(page, "xlsx"); book.status != http.StatusOK || book.header.Get("Content-Type") != sheets.MediaType || !strings.HasPrefix(book.text, "PK") || !strings.Contains(book.header.Get("Content-Disposition"), ".xlsx") {
			t.Errorf("%s as a workbook: %d %v", c.path, book.status, book.header)
		}
	}
}

// TestExportedPage: what was written in the background is on a page of its person, and
// fetched from there.
func TestExportedPage(t *testing.T) {
	w := newWorld(t)
	made := w.send("POST", "/api/v1/exports", `{"list":"ledgers","format":"csv"}`)
	if made.status != http.StatusCreated {
		t.Fatalf("%d %s", made.status, made.raw)
	}
	b := w.browser().signIn("park-a")
	page := b.get("/exports")
	link := regexp.MustCompile(`href="(/exports/[0-9a-f-]+)">台账查询_1条.csv`).FindStringSubmatch(page.text)
	if link == nil || !strings.Contains(page.text, "可以下载") {
		t.Fatalf("the page:\n%s", page.text)
	}
	if got := b.get(link[1]); got.status != http.StatusOK || !strings.Contains(got.text, "早班") || got.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the file: %d %q %v", got.status, got.text, got.header)
	}
	w.account("bureau", policies.BureauAdmin, "")
	if got := w.browser().signIn("bureau").get(link[1]); got.status != http.StatusNotFound {
		t.Errorf("somebody else: %d", got.status)
	}
}

// TestRoundsTakenOut: the planned patrols come out as their page has them, of the park, the
// days and the state that are asked for, and of no other park.
func TestRoundsTakenOut(t *testing.T) {
	later := time.Duration(0)
	w := newWorldAt(t, func() time.Time { return time.Now().Add(later) })
	later = 5 * 24 * time.Hour // everything was registered some days ago
	w.account("bureau", policies.BureauAdmin, "")
	line := regexp.MustCompile(`<th scope="row" class="one">([^<]+)</th>`)
	for who, path := range map[string]string{"park-a": "/p/rounds", "bureau": "/c/rounds?state=due&parkId=" + string(w.BaoanA.Park.ID)} {
		b := w.browser().signIn(who)
		page := b.get(path)
		file := b.takenOut(page, "csv")
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.text, "\ufeff"))).ReadAll()
		if err != nil || file.status != http.StatusOK {
			t.Fatalf("%s: %d %v\n%s", path, file.status, err, file.text)
		}
		lines := line.FindAllStringSubmatch(page.text, -1)
		if len(rows)-1 != len(lines) || len(lines) == 0 {
			t.Fatalf("%s: %d rows in the file, %d on the page", path, len(rows)-1, len(lines))
		}
		for i, row := range rows[1:] {
			if row[0] != "宝安甲园" || row[4] != html.UnescapeString(lines[i][1]) || strings.Contains(path, "state=due") && row[7] != "待巡查" {
				t.Errorf("%s: row %d is %q, the page has %q", path, i+1, row, lines[i][1])
			}
		}
	}
	// Of all parks the page has counts, and the file every row behind them.
	b := w.browser().signIn("bureau")
	if all := b.takenOut(b.get("/c/rounds"), "csv"); !strings.Contains(all.text, "宝安甲园") || !strings.Contains(all.text, "龙岗园") {
		t.Errorf("not all parks: %d %s", all.status, all.text)
	}
}

// TestWhereListsComeFrom: the page of exports names the lists that a visitor may take out,
// and each of its links leads to a page with the button.
func TestWhereListsComeFrom(t *testing.T) {
	w := newWorld(t)
	w.account("bureau", policies.BureauAdmin, "")
	w.account("baoan", policies.DistrictInspector, "baoan")
	place := regexp.MustCompile(`<li><a href="(/[^"]+)">`)
	for who, least := range map[string]int{"park-a": 11, "baoan": 11, "bureau": 12} {
		b := w.browser().signIn(who)
		_, main, _ := strings.Cut(b.get("/exports").text, "<main")
		links := place.FindAllStringSubmatch(main, -1)
		for _, l := range links {
			if page := b.get(l[1]); page.status != http.StatusOK || !strings.Contains(page.text, `action="/export/`) {
				t.Errorf("%s: %s is %d, without a button", who, l[1], page.status)
			}
		}
		if len(links) < least {
			t.Errorf("%s: %d lists", who, len(links))
		}
	}
}

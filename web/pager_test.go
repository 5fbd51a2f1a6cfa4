package web_test

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var (
	rowLink = regexp.MustCompile(`<a class="row" href="([^"]+)"`)
	relLink = map[string]*regexp.Regexp{
		"next": regexp.MustCompile(`rel="next" href="([^"]+)"`),
		"prev": regexp.MustCompile(`rel="prev" href="([^"]+)"`),
	}
)

// rowsOf are the addresses of the rows of a list's page.
func rowsOf(text string) (all []string) {
	for _, m := range rowLink.FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return all
}

// turned is the address of the page that rel leads to, "" for none.
func turned(text, rel string) string {
	if m := relLink[rel].FindStringSubmatch(text); m != nil {
		return html.UnescapeString(m[1])
	}
	return ""
}

// testPager: a page has 20 rows, or as many as are asked for of what is offered; the way
// back shows what the way there did; a day begins a page; and what is summed is all rows.
func testPager(t *testing.T, w *world) {
	w.token = w.bearer("baoan")
	for n := range 23 {
		w.made("/findings", fmt.Sprintf(`{"parkId":%q,"dimension":2,"severity":"minor","description":"翻页的第 %d 个问题"}`, w.BaoanA.Park.ID, n))
	}
	b := w.browser().signIn("baoan")
	park := "/d/findings?parkId=" + string(w.BaoanA.Park.ID)
	first := b.get(park)
	if n := len(rowsOf(first.text)); n != 20 || turned(first.text, "prev") != "" {
		t.Fatalf("the first page has %d rows, and before it %q", n, turned(first.text, "prev"))
	}
	second := b.get(turned(first.text, "next"))
	if len(rowsOf(second.text)) == 0 || strings.Contains(strings.Join(rowsOf(first.text), " "), rowsOf(second.text)[0]) {
		t.Error("the second page shows rows of the first")
	}
	back := b.get(turned(second.text, "prev"))
	if fmt.Sprint(rowsOf(back.text)) != fmt.Sprint(rowsOf(first.text)) || turned(back.text, "prev") != "" {
		t.Errorf("the way back shows %v", rowsOf(back.text))
	}
	if all := b.get(park + "&size=50"); len(rowsOf(all.text)) < 23 || !strings.Contains(all.text, `name="size" value="50"`) {
		t.Errorf("a page of 50 has %d rows, or its filters forget the size", len(rowsOf(all.text)))
	}
	for _, bad := range []string{"&size=7", "&size=1000", "&at=soon"} {
		if got := b.get(park + bad); got.status != http.StatusBadRequest {
			t.Errorf("%s is answered %d", bad, got.status)
		}
	}
	today := string(w.DB.Today())
	if at := b.get(park + "&at=" + today); fmt.Sprint(rowsOf(at.text)) != fmt.Sprint(rowsOf(first.text)) || !strings.Contains(at.text, `value="`+today+`"`) {
		t.Error("the day of the newest rows does not begin with them")
	}
	if at := b.get(park + "&at=2020-01-01"); len(rowsOf(at.text)) != 0 || !strings.Contains(at.text, "回到第一页") {
		t.Error("a day before all rows has some, or no way back")
	}
	if got := b.get("/d/firms?at=" + today); got.status != http.StatusBadRequest {
		t.Errorf("a day in a list that no day orders: %d", got.status)
	}
	ledger := b.get("/d/ledger?from=2026-01-01&size=20")
	if n := total.FindStringSubmatch(ledger.text); n == nil {
		t.Error("the ledger counts no rows")
	} else if len(rowsOf(ledger.text)) > 1 && !strings.Contains(ledger.text, "当前条件合计 "+n[1]+" 条") {
		t.Errorf("the sums are not those of all %s rows", n[1])
	}
}

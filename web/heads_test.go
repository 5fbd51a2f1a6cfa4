package web_test

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"parkregistry/policies"
)

var columnFilter = regexp.MustCompile(`<details class="hf( on)?"><summary aria-label="筛选：([^"]+)">.*?</details>`)

// headed is the filter of a column as the page has it, whether it narrows, and the address
// behind one of its choices.
func headed(text, column, choice string) (there, on bool, to string) {
	for _, m := range columnFilter.FindAllStringSubmatch(text, -1) {
		if m[2] != column {
			continue
		}
		if a := regexp.MustCompile(`<a href="([^"]+)"[^>]*>` + regexp.QuoteMeta(choice) + `</a>`).FindStringSubmatch(m[0]); a != nil {
			to = html.UnescapeString(a[1])
		}
		return true, m[1] != "", to
	}
	return false, false, ""
}

// testHeads: a filter in the head of a column is the field above the list: it keeps what
// else narrows the list, begins at the first page, shows where it stands and can be taken
// back; who has one park has no choice of parks.
func testHeads(t *testing.T, w *world) {
	w.token = w.bearer("baoan")
	for n := range 3 {
		w.made("/findings", fmt.Sprintf(`{"parkId":%q,"dimension":%d,"severity":"minor","description":"列头里的第 %d 个问题"}`, w.BaoanA.Park.ID, 4+n%2, n))
	}
	b := w.browser().signIn("baoan")
	list := b.get("/d/findings?state=open&size=50&at=" + string(w.DB.Today()))
	_, on, to := headed(list.text, "方面", "建立环境管理台账")
	q, _ := url.ParseQuery(to[strings.Index(to, "?")+1:])
	if on || q.Get("dimension") != "4" || q.Get("state") != "open" || q.Get("size") != "50" || q.Has("at") {
		t.Errorf("the areas lead to %q", to)
	}
	narrow := b.get(to)
	rows := total.FindStringSubmatch(narrow.text)
	if rows == nil || fmt.Sprint(len(rowsOf(narrow.text))) != rows[1] || len(rowsOf(narrow.text)) < 2 || len(rowsOf(narrow.text)) >= len(rowsOf(list.text)) || !strings.Contains(narrow.text, `<option value="4" selected>`) {
		t.Errorf("one area has %d rows, all have %d", len(rowsOf(narrow.text)), len(rowsOf(list.text)))
	}
	there, on, back := headed(narrow.text, "方面", "全部")
	if !there || !on || strings.Contains(back, "dimension") || len(rowsOf(b.get(back).text)) != len(rowsOf(list.text)) {
		t.Errorf("the head is marked: %v; back leads to %q", on, back)
	}
	month := b.get("/d/ledger")
	if _, _, to := headed(month.text, "状态", "已报送"); !strings.Contains(to, "from=") {
		t.Errorf("the month that holds without being asked for is lost: %q", to)
	}
	if !strings.Contains(month.text, `<a class="hf" href="#f-class" aria-label="筛选：类别">`) || !strings.Contains(month.text, `id="f-class"`) {
		t.Error("many classes do not lead to their field")
	}
	if _, on, to := headed(b.get("/d/due").text, "状态", "全部"); !on || !strings.Contains(to, "state=") {
		t.Errorf("the records that are due are not marked, or all lead to %q", to)
	}
	if there, _, _ := headed(month.text, "园区", "全部"); !there {
		t.Error("a district cannot choose its park in the head")
	}
	if there, _, _ := headed(w.browser().signIn("park-a").get("/p/ledger").text, "园区", "全部"); there {
		t.Error("who has one park chooses among parks")
	}
}

// TestHeads: the head of a list stays in view while its rows go by; a filter in it opens
// by the keyboard, closes by Escape, and another press closes it too.
func TestHeads(t *testing.T) {
	w := newWorld(t)
	w.account("baoan", policies.DistrictInspector, "baoan")
	w.token = w.bearer("baoan")
	for n := range 30 {
		w.made("/findings", fmt.Sprintf(`{"parkId":%q,"dimension":2,"severity":"minor","description":"第 %d 个问题"}`, w.BaoanA.Park.ID, n))
	}
	b := newTab(t)
	b.do(chromedp.EmulateViewport(1440, 800), chromedp.Navigate(w.server.URL+"/login?next="+url.QueryEscape("/d/findings?size=50")),
		chromedp.SendKeys("#username", "baoan"), chromedp.SendKeys("#password", password), chromedp.Submit("form"))
	b.await(`!!document.querySelector(".hf summary")`)
	b.do(chromedp.Focus(".hf summary"), chromedp.KeyEvent(kb.Enter))
	b.await(`!!document.querySelector(".hf[open]")`)
	b.shot(1440, "head")
	b.do(chromedp.KeyEvent(kb.Escape))
	b.await(`!document.querySelector(".hf[open]") && document.activeElement === document.querySelector(".hf summary")`)
	b.do(chromedp.Click(".hf summary"))
	b.await(`!!document.querySelector(".hf[open]")`)
	b.do(chromedp.Click(".page-head h1"))
	b.await(`!document.querySelector(".hf[open]")`)
	if at := js[float64](b, `scrollTo(0, 900), document.querySelector("thead th").getBoundingClientRect().top`); at < 40 || at > 60 {
		t.Errorf("scrolled by, the head stands at %v", at)
	}
	b.requests()
}

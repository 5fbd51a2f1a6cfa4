package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"parkregistry/policies"
)

// waits is the number that stands at 待办 in the top bar of a page, 0 for none.
func (p shown) waits(t *testing.T) int {
	t.Helper()
	m := regexp.MustCompile(`<a href="/inbox"[^>]*>待办(?:<span class="count hot">(\d+)</span>)?</a>`).FindStringSubmatch(p.text)
	if m == nil {
		t.Fatal("no 待办 in the top bar")
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// testInbox: the number in the top bar of any page is how many rows the inbox lists, each
// leads to where it is done, and what somebody does is off his number at once.
func testInbox(t *testing.T, w *world) {
	w.account("counts", policies.DistrictInspector, "baoan")
	w.token = w.bearer("counts")
	var last string
	for n := range 51 { // one more than a page has
		last = string(w.made("/findings", fmt.Sprintf(`{"parkId":%q,"dimension":2,"severity":"minor","description":"待办里的一项 %d"}`, w.BaoanA.Park.ID, n)))
	}
	b := w.browser().signIn("counts")
	n := b.get("/d/ledger").waits(t)
	page, second := b.get("/inbox"), b.get("/inbox?skip=20")
	rows := func(p shown) int { return strings.Count(p.text, `<a class="row"`) }
	if n < 51 || rows(page) != 20 || rows(second) != min(20, n-20) || !strings.Contains(page.text, `href="/inbox?skip=20"`) || page.waits(t) != n {
		t.Fatalf("the bar has %d, the pages list %d and %d", n, rows(page), rows(second))
	}
	path := "/finding/" + last
	if !strings.Contains(b.get("/inbox?size=100").text+b.get("/inbox?size=100&skip=100").text, `href="`+path+`"`) {
		t.Errorf("nothing leads to %s", path)
	}
	got := b.send("POST", path+"/notice", url.Values{"form": {page.form(t)}, "version": {"1"}, "dueOn": {""}})
	if after := b.get("/d/ledger").waits(t); got.status != http.StatusSeeOther || after != n-1 {
		t.Errorf("a notice was issued (%d) and the bar says %d, before %d", got.status, after, n)
	}
	if got := w.browser().signIn("auditor").get("/inbox"); got.waits(t) != 0 || !strings.Contains(got.text, "没有等待办理的事项。") {
		t.Error("something waits for who only reads")
	}
	for _, skip := range []string{"-1", "x"} {
		if got := b.get("/inbox?skip=" + skip); got.status != http.StatusBadRequest {
			t.Errorf("skip=%s: %d", skip, got.status)
		}
	}
}

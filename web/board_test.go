package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// testBoard: the board is the list in columns: each finding stands in the column of its
// state with the count of the list, under the same filters, and leads to its page.
func testBoard(t *testing.T, w *world) {
	w.token = w.bearer("baoan")
	var f struct{ ID string }
	must(t, json.Unmarshal(w.send("POST", "/api/v1/findings", fmt.Sprintf(`{"parkId":%q,"dimension":6,"severity":"minor","description":"看板上的一项"}`, w.BaoanA.Park.ID)).raw, &f))
	b := w.browser().signIn("baoan")
	page := b.get("/d/findings/board?dimension=6&parkId=" + string(w.BaoanA.Park.ID))
	columns := strings.Split(page.text, "<section><h2>")
	if page.status != http.StatusOK || len(columns) != 6 {
		t.Fatalf("%d, %d columns", page.status, len(columns)-1)
	}
	for i, column := range columns[1:] {
		if got := strings.Contains(column, `href="/finding/`+f.ID+`"`); got != (i == 0) {
			t.Errorf("a finding that was just opened stands in column %d: %v", i+1, got)
		}
	}
	list := b.get("/d/findings?dimension=6&state=open&parkId=" + string(w.BaoanA.Park.ID))
	if n := total.FindStringSubmatch(list.text); n == nil || !strings.Contains(columns[1], `<span class="count">`+n[1]+`</span>`) {
		t.Errorf("the list has %v of the column %s", n, columns[1])
	}
	if !strings.Contains(list.text, `href="/d/findings/board?dimension=6&amp;parkId=`) || !strings.Contains(page.text, `href="/d/findings?dimension=6&amp;parkId=`) {
		t.Error("list and board do not lead to each other with their filters")
	}
	if strings.Contains(b.get("/d/findings/board?dimension=5").text, f.ID) || strings.Contains(w.browser().signIn("other").get("/p/findings/board").text, f.ID) {
		t.Error("a board shows what its filter, or its reader's reach, leaves out")
	}
}

package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/audit"
)

// rows follows a link to its last page and counts what it lists.
func (w *world) rows(who, href string) (n int) {
	w.t.Helper()
	seen := map[string]bool{}
	for cursor := ""; ; {
		page := w.want(w.call(who, "GET", strings.TrimPrefix(href, "/api/v1")+"&limit=4"+cursor, nil), http.StatusOK, who+" follows "+href)
		for _, item := range page.body["items"].([]any) {
			id := item.(map[string]any)["id"].(string)
			if seen[id] {
				w.t.Fatalf("%s lists %s twice", href, id)
			}
			seen[id] = true
		}
		next, more := page.body["next"].(string)
		if !more {
			return len(seen)
		}
		cursor = "&cursor=" + next
	}
}

// numbers walks every count of one standing.
func (w *world) numbers(who string, standing map[string]any) (walked int, counted float64) {
	w.t.Helper()
	links := standing["links"].(map[string]any)
	for name, n := range standing["counts"].(map[string]any) {
		if got := w.rows(who, links[name].(string)); float64(got) != n.(float64) {
			w.t.Errorf("%s: %s is %v, its link lists %d: %s", who, name, n, got, links[name])
		}
		walked, counted = walked+1, counted+n.(float64)
	}
	if walked != len(links) {
		w.t.Errorf("%d numbers, %d links", walked, len(links))
	}
	return walked, counted
}

// TestEveryNumberHasItsRows: each count of each role's overview, of every park and in
// total, today and on past days, known now and known then, is the length of the list
// behind its link.
func TestEveryNumberHasItsRows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		a := place{Place: w.BaoanA}
		w.busy(w.BaoanA)
		w.visit(a)
		w.visit(place{Place: w.Longgang})
		w.seal()
		early, err := audit.New(db).Known(w.Bureau())
		if err != nil {
			t.Fatal(err)
		}
		// What comes later is not in what was known: entries returned, findings closed.
		w.correct(a)
		w.seal()
		today := db.Today()
		walked, counted := 0, 0.0
		for _, who := range []string{"bureau", "analyst", "auditor", "baoan-1", "longgang", "dapeng", "park-a", "park-b"} {
			asks := []string{"/progress", "/progress?asOf=" + string(today.Add(-3)), "/progress?knownSeq=" + jsonOf(early), "/progress?asOf=" + string(today.Add(-3)) + "&knownSeq=" + jsonOf(early)}
			if who != "bureau" && who != "park-a" {
				asks = asks[:1]
			}
			for _, ask := range asks {
				report := w.want(w.call(who, "GET", ask, nil), http.StatusOK, who+" reads "+ask)
				n, sum := w.numbers(who, report.body["totals"].(map[string]any))
				walked, counted = walked+n, counted+sum
				for _, p := range report.body["parks"].([]any) {
					n, _ := w.numbers(who, p.(map[string]any))
					walked += n
				}
			}
		}
		if counted < 60 {
			t.Errorf("only %v rows are counted in all: too few to show anything", counted)
		}
		t.Logf("%d numbers walked, %v rows in the totals", walked, counted)
		for _, who := range []string{"bureau", "park-a"} {
			brief := w.want(w.call(who, "GET", "/progress/brief?knownSeq="+jsonOf(early), nil), http.StatusOK, "the paragraph")
			report := w.want(w.call(who, "GET", strings.TrimPrefix(brief.text("report"), "/api/v1"), nil), http.StatusOK, "its report")
			for _, n := range []string{"ledgersFiled", "findingsOpen", "findingsOverdue"} {
				if want := " " + jsonOf(report.at("totals.counts."+n)) + " "; !strings.Contains(brief.text("zh"), want) || !strings.Contains(brief.text("en"), want) {
					t.Errorf("%s: %s is%s, the paragraph says: %s %s", who, n, want, brief.text("zh"), brief.text("en"))
				}
			}
		}
		w.want(w.call("bureau", "GET", "/progress/baseline", nil), http.StatusOK, "the letter's figures")
		w.want(w.call("bureau", "GET", "/ledgers?asOf="+string(today), nil), http.StatusUnprocessableEntity, "a day without a number")
		w.want(w.call("bureau", "GET", "/findings?counted=findingsOpen&asOf="+string(today.Add(2)), nil), http.StatusUnprocessableEntity, "a day to come")
	})
}

// correct moves what the number of the log before does not know of.
func (w *world) correct(p place) {
	w.t.Helper()
	filed := w.want(w.call("park-a", "GET", "/ledgers?state=filed&parkId="+string(p.Park.ID), nil), 200, "what stands")
	for i, item := range filed.body["items"].([]any) {
		path := "/ledgers/" + item.(map[string]any)["id"].(string)
		switch i % 3 {
		case 0:
			w.call("park-a", "POST", path+"/return", map[string]any{"reason": "数值与原始记录不符"})
		case 1:
			w.call("park-a", "POST", path+"/acceptance", nil)
		}
	}
	open := w.want(w.call("baoan-1", "GET", "/findings?parkId="+string(p.Park.ID), nil), 200, "findings")
	for i, item := range open.body["items"].([]any) {
		path := "/findings/" + item.(map[string]any)["id"].(string)
		switch i % 3 {
		case 0:
			w.call("baoan-1", "POST", path+"/referral", map[string]any{"basis": "suspectedViolation", "reason": "疑似偷排废水"})
		case 1:
			w.call("baoan-1", "POST", path+"/notice", map[string]any{"recipient": "park"})
		default:
			w.call("baoan-2", "POST", path+"/review", map[string]any{"result": "close"})
		}
	}
}

func jsonOf(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

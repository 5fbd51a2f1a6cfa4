package api_test

import (
	"net/http"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
)

// TestOddMoments: before the pilot nothing had happened, before any data nothing was
// known, and of what is to come neither is answered, on every route that takes a moment.
func TestOddMoments(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		w.busy(w.BaoanA)
		w.visit(place{Place: w.BaoanA})
		w.seal()
		tomorrow := string(db.Today().Add(1))
		now := w.want(w.call("bureau", "GET", "/progress", nil), http.StatusOK, "today")
		if now.at("totals.counts.findingsOpened").(float64) == 0 || now.at("knownSeq").(float64) < 1 {
			t.Fatalf("nothing to hide: %s", now.raw)
		}
		for _, route := range []string{"/progress", "/progress/brief", "/progress/baseline", "/progress/items", "/progress/rows", "/pilots", "/grades", "/assessments", "/parks/" + string(w.BaoanA.Park.ID) + "/progress"} {
			ask := func(query string, status int) answer {
				return w.want(w.call("bureau", "GET", route+"?"+query, nil), status, route+"?"+query)
			}
			for query, pointer := range map[string]string{"asOf=" + tomorrow: "/query/asOf", "knownAsOf=" + tomorrow: "/query/knownAsOf", "knownSeq=999999": "/query/knownSeq",
				"knownSeq=1&knownAsOf=2026-01-01": "/query/knownSeq"} {
				if got := ask(query, http.StatusUnprocessableEntity); !strings.Contains(string(got.raw), `"pointer":"`+pointer+`"`) {
					t.Errorf("%s?%s: %s", route, query, got.raw)
				}
			}
			ask("asOf=2001-01-01", http.StatusOK)
			if unknown := "knownAsOf=2001-01-01"; strings.HasPrefix(route, "/parks/") {
				ask(unknown, http.StatusNotFound) // nobody knew of the park
			} else if got := ask(unknown, http.StatusOK); strings.Contains(string(got.raw), `"knownSeq"`) && got.at("knownSeq").(float64) != -1 {
				t.Errorf("%s?%s: %s", route, unknown, got.raw)
			}
		}
		before := w.want(w.call("bureau", "GET", "/progress?asOf=2001-01-01", nil), http.StatusOK, "before the pilot")
		if n := len(before.body["parks"].([]any)); n != len(now.body["parks"].([]any)) {
			t.Errorf("%d parks before the pilot", n)
		}
		unknown := w.want(w.call("bureau", "GET", "/progress?knownAsOf=2001-01-01", nil), http.StatusOK, "before any data")
		if n := len(unknown.body["parks"].([]any)) + len(unknown.body["districts"].([]any)); n != 0 {
			t.Errorf("%d parks and districts before anybody knew of one", n)
		}
		for _, r := range []answer{before, unknown} {
			months := r.body["trend"].([]any)
			for _, standing := range append(months, r.body["totals"]) {
				for name, n := range standing.(map[string]any)["counts"].(map[string]any) {
					if n.(float64) != 0 {
						t.Errorf("%s is %v: %s", name, n, r.raw)
					}
				}
			}
			if len(months) != 12 {
				t.Errorf("%d months", len(months))
			}
		}
		for _, list := range []string{"/ledgers?counted=ledgersFiled&asOf=2001-01-01", "/findings?counted=findingsOpened&knownSeq=-1", "/patrols?counted=patrols&asOf=2001-01-01&jurisdiction=baoan",
			"/progress/items?part=met&knownAsOf=2001-01-01", "/progress/rows?asOf=2001-01-01"} {
			if got := w.want(w.call("bureau", "GET", list, nil), http.StatusOK, list); len(got.body["items"].([]any)) != 0 {
				t.Errorf("%s: %s", list, got.raw)
			}
		}
	})
}

// TestPilotsAsKnown: where a park stood in the pilot is what was known of it: a step
// that was entered later is not in what was known before.
func TestPilotsAsKnown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		w.seal()
		state := func(query string) (string, string) {
			r := w.want(w.call("bureau", "GET", "/pilots?limit=200&"+query, nil), http.StatusOK, "pilots "+query)
			for _, item := range r.body["items"].([]any) {
				if p := item.(map[string]any); p["parkId"] == string(w.BaoanA.Park.ID) {
					return p["state"].(string), jsonOf(r.body["knownSeq"])
				}
			}
			t.Fatalf("no such park: %s", r.raw)
			return "", ""
		}
		before, seq := state("")
		path := "/parks/" + string(w.BaoanA.Park.ID)
		etag := w.call("bureau", "GET", path, nil).header.Get("ETag")
		w.want(w.call("baoan-1", "POST", path+"/nomination", map[string]any{}, "If-Match", etag), http.StatusOK, "a step of the pilot")
		w.seal()
		after, _ := state("")
		then, known := state("knownSeq=" + seq)
		if after == before || then != before || known != seq {
			t.Errorf("%q before, %q after, %q as known at %s (answered %s)", before, after, then, seq, known)
		}
	})
}

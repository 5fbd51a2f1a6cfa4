package api_test

import (
	"fmt"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
)

// TestBatchOverHTTP: each entry answered by itself, the same key once, warnings that
// a strict caller takes for refusals, and the limits of the route.
func TestBatchOverHTTP(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		p := place{Place: w.BaoanA}
		entry := func(slot string, file bool) map[string]any {
			e := entryBody(p, string(db.Today().Add(-1)))
			e["slot"], e["file"] = slot, file
			return e
		}
		wrong := entry("三", true)
		wrong["payload"].(map[string]any)["readings"] = []any{map[string]any{"pollutant": "w01001", "value": "17"}}
		body := map[string]any{"mode": "perItem", "entries": []any{entry("一", true), entry("二", false), wrong}}
		key := []string{"Idempotency-Key", "a-batch"}
		a := w.want(w.call("firm-a", "POST", "/ledgers/batch", body, key...), 200, "a batch, item by item")
		for path, want := range map[string]string{"results.0.outcome": "stored", "results.0.entry.state": "filed", "results.1.entry.state": "draft", "results.2.outcome": "refused",
			"results.2.errors.0.pointer": "/entries/2/payload/readings/0/value"} {
			if got := a.text(path); got != want {
				t.Errorf("%s is %q, want %q: %s", path, got, want, a.raw)
			}
		}
		if a.at("results.0.status") != 201.0 || a.at("results.2.status") != 422.0 || a.at("results.0.entry.payload") != nil {
			t.Errorf("the batch answers %s", a.raw)
		}
		if again := w.want(w.call("firm-a", "POST", "/ledgers/batch", body, key...), 200, "the same key"); again.header.Get("Idempotent-Replayed") != "true" || string(again.raw) != string(a.raw) {
			t.Error("the same key was a second batch")
		}
		body["mode"] = "atomic"
		refused := w.want(w.call("firm-a", "POST", "/ledgers/batch", body), 422, "as a whole")
		if !strings.Contains(string(refused.raw), `"/entries/2/payload/readings/0/value"`) {
			t.Errorf("the fault is not named: %s", refused.raw)
		}
		body["entries"] = []any{entry("四", true), entry("一", true)}
		if taken := w.want(w.call("firm-a", "POST", "/ledgers/batch", body), 409, "a place that is taken"); !strings.Contains(string(taken.raw), a.text("results.0.entry.number")) {
			t.Errorf("the refusal does not name the entry: %s", taken.raw)
		}
		odd := entry("五", true)
		odd["payload"].(map[string]any)["treated"] = "640"
		body["entries"] = []any{entry("六", true), odd}
		strict := w.want(w.call("firm-a", "POST", "/ledgers/batch", body, "Prefer", "handling=strict"), 422, "strictly, a warning refuses")
		if !strings.Contains(string(strict.raw), `"/entries/1/payload/treated"`) {
			t.Errorf("the warning is not named: %s", strict.raw)
		}
		if l := w.want(w.call("firm-a", "GET", "/ledgers?count=exact", nil), 200, "the list"); l.at("total") != 2.0 {
			t.Errorf("%v entries are there, want 2", l.at("total"))
		}
		var many []any
		for i := range 501 {
			many = append(many, entry(fmt.Sprint("多", i), true))
		}
		body["entries"] = many
		w.want(w.call("firm-a", "POST", "/ledgers/batch", body), 422, "one entry too many")
		body["entries"] = []any{}
		w.want(w.call("firm-a", "POST", "/ledgers/batch", body), 422, "no entry")
		w.want(w.call("firm-a", "POST", "/ledgers/batch", `{"entries":[`+strings.Repeat(" ", 8<<20)+`]}`), 413, "over 8 MiB")
		body["entries"], body["colour"] = many[:1], "red"
		w.want(w.call("firm-a", "POST", "/ledgers/batch", body), 400, "an unknown member")
	})
}

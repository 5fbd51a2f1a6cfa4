package api_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/export"
)

// TestExportsOverHTTP: everybody takes out the lists that they may read and nothing
// beyond their own reach, in their language; another's export is absent.
func TestExportsOverHTTP(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		for who, p := range map[string]dbtest.Place{"baoan-1": w.BaoanA, "longgang": w.Longgang} {
			w.want(w.call(who, "POST", "/findings", map[string]any{"parkId": p.Park.ID, "siteId": p.Site.ID, "dimension": 2, "description": "=1+1 调节池没有加盖", "severity": "minor"}), 201, "a finding")
		}
		for _, c := range callers {
			made := w.call(c.name, "POST", "/exports", map[string]any{"list": "facilities", "format": "csv"})
			lists := string(w.want(w.call(c.name, "GET", "/export-lists", nil), 200, "the lists").raw)
			if strings.Contains(lists, `"facilities"`) != (made.status == http.StatusCreated) || made.status != http.StatusCreated && made.status != http.StatusForbidden {
				t.Errorf("%s: %d, but the lists are %s", c.name, made.status, lists)
				continue
			}
			if made.status != http.StatusCreated {
				continue
			}
			path := "/exports/" + made.text("id")
			if made.text("state") != "ready" || !strings.HasSuffix(made.text("name"), "条.csv") {
				t.Errorf("%s: %s", c.name, made.raw)
			}
			rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(w.want(w.call(c.name, "GET", path+"/content", nil), 200, "the file").raw), "\ufeff"))).ReadAll()
			seen := w.call(c.name, "GET", "/facilities?count=exact", nil).at("total")
			if err != nil || float64(len(rows)-1) != seen {
				t.Errorf("%s: %d rows and %v facilities, %v", c.name, len(rows)-1, seen, err)
			}
			if c.foreign != "" && strings.Contains(string(w.call(c.name, "GET", path+"/content", nil).raw), map[string]string{"longgang": w.Longgang.Enterprise.Name, "dapeng": w.Dapeng.Enterprise.Name, "baoan-a": w.BaoanA.Enterprise.Name}[c.foreign]) {
				t.Errorf("%s has rows of %s", c.name, c.foreign)
			}
			other := map[bool]string{true: "analyst", false: "bureau"}[c.name == "bureau"]
			for _, p := range []string{path, path + "/content"} {
				if got := w.call(other, "GET", p, nil); got.status != http.StatusNotFound {
					t.Errorf("%s of %s as %s: %d", p, c.name, other, got.status)
				}
			}
			if n := len(w.call(c.name, "GET", "/exports", nil).at("items").([]any)); n != 1 {
				t.Errorf("%s: %d exports in the list", c.name, n)
			}
		}
		made := w.want(w.call("baoan-1", "POST", "/exports", map[string]any{"list": "findings", "filters": map[string]any{"dimension": "2"}, "format": "csv"}, "Accept-Language", "en"), 201, "an export")
		text := string(w.call("baoan-1", "GET", "/exports/"+made.text("id")+"/content", nil).raw)
		if !strings.Contains(text, "'=1+1 调节池没有加盖") || !strings.Contains(text, "Rectification overdue") || strings.Count(text, "\n") != 2 {
			t.Errorf("in English, guarded, of Bao'an alone: %q", text)
		}
		if got := w.call("bureau", "POST", "/exports", map[string]any{"list": "findings", "filters": map[string]any{"colour": "red", "from": "x"}}); got.status != http.StatusUnprocessableEntity || got.text("errors.0.pointer") != "/filters/colour" || got.text("errors.1.pointer") != "/filters/from" {
			t.Errorf("faults: %s", got.raw)
		}
		if export.AtOnce != 10_000 {
			t.Errorf("security.md XL4 says 10,000, not %d", export.AtOnce)
		}
	})
}

package api_test

import (
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
)

// TestOutAndInAgain: what was brought in and filed comes out with all its contents in the
// columns of its template; brought in again it changes nothing, and a cell that was
// changed meanwhile is named. Without a class there is nothing to take out.
func TestOutAndInAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		in := "/imports?class=treatmentFacility.wastewater&parkId=" + string(w.BaoanA.Park.ID)
		k := w.want(w.call("park-a", "POST", in, table("2026-03-01", "2026-03-02", "2026-03-03"), "Content-Type", "text/csv"), 201, "a file")
		w.want(w.call("park-a", "POST", "/imports/"+k.text("id")+"/commit", map[string]any{"rows": "all", "file": true}), 200, "the commit")
		out := func(format string) string {
			e := w.want(w.call("park-a", "POST", "/exports", map[string]any{"list": "ledger-rows", "format": format, "filters": map[string]string{"class": "treatmentFacility.wastewater", "from": "2026-03-01", "to": "2026-03-31"}}), 201, "an export")
			return string(w.want(w.call("park-a", "GET", "/exports/"+e.text("id")+"/content", nil), 200, "the file").raw)
		}
		for _, format := range []string{"csv", "xlsx"} {
			again := w.want(w.call("park-a", "POST", in, out(format), "Content-Type", map[string]string{"csv": "text/csv", "xlsx": "application/octet-stream"}[format]), 201, "the file again")
			if again.at("unchanged") != 3.0 || again.at("bad") != 0.0 || again.at("good") != 0.0 {
				t.Errorf("as %s it comes back as %s", format, again.raw)
			}
		}
		csv := out("csv")
		changed := w.want(w.call("park-a", "POST", in, strings.Replace(csv, "412.5", "413.5", 1), "Content-Type", "text/csv"), 201, "a changed file")
		if changed.at("unchanged") != 2.0 || changed.at("bad") != 1.0 {
			t.Errorf("a changed cell: %s\n%s", changed.raw, csv)
		}
		for _, filters := range []map[string]string{{}, {"class": "park.profile"}, {"class": "nothing"}} {
			if got := w.want(w.call("park-a", "POST", "/exports", map[string]any{"list": "ledger-rows", "format": "csv", "filters": filters}), 422, "no class"); got.text("errors.0.pointer") != "/filters/class" {
				t.Errorf("%v: %s", filters, got.raw)
			}
		}
	})
}

package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/sheets"
)

// TestReportsOverHTTP: everybody has the reports that their rights make, about their own
// reach; asked again by its number a report has the same digest; the numbers are those of
// the progress report.
func TestReportsOverHTTP(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		w.seal()
		for _, c := range callers {
			kinds := string(w.want(w.call(c.name, "GET", "/reports", nil), 200, "the reports").raw)
			for _, name := range []string{"monthly", "overdue", "park", "access"} {
				path := "/reports/" + name
				if name == "park" {
					path += "?parkId=" + string(w.BaoanA.Park.ID)
				}
				got := w.call(c.name, "GET", path, nil)
				listed := strings.Contains(kinds, `"name":"`+name+`"`)
				foreign := name == "park" && (strings.HasPrefix(c.foreign, "baoan") || c.name == "park-b" || c.name == "dapeng" || c.name == "longgang")
				want := map[bool]int{true: http.StatusOK, false: http.StatusForbidden}[listed]
				if listed && foreign {
					want = http.StatusNotFound
				}
				if got.status != want {
					t.Errorf("%s of %s: %d, want %d: %s", name, c.name, got.status, want, got.raw)
					continue
				}
				if got.status != http.StatusOK {
					continue
				}
				if c.own != "" && c.foreign != "" && strings.Contains(string(got.raw), map[string]string{"longgang": w.Longgang.Enterprise.Name, "dapeng": w.Dapeng.Enterprise.Name, "baoan-a": w.BaoanA.Enterprise.Name}[c.foreign]) {
					t.Errorf("%s of %s has rows of %s", name, c.name, c.foreign)
				}
				book := w.call(c.name, "GET", strings.Replace(path, name, name+"/workbook", 1), nil)
				if book.status != http.StatusOK || book.header.Get("Content-Type") != sheets.MediaType || !strings.HasPrefix(string(book.raw), "PK") {
					t.Errorf("%s of %s as a workbook: %d", name, c.name, book.status)
				}
			}
		}
		first := w.want(w.call("bureau", "GET", "/reports/monthly", nil), 200, "a report")
		progress := w.call("bureau", "GET", "/progress", nil)
		if n := len(first.at("tables.2.rows").([]any)); n != len(progress.at("parks").([]any)) || first.at("knownSeq") != progress.at("knownSeq") {
			t.Errorf("%d parks at %v, the progress report is of %v", n, first.at("knownSeq"), progress.at("knownSeq"))
		}
		w.want(w.call("baoan-1", "POST", "/findings", map[string]any{"parkId": w.BaoanA.Park.ID, "siteId": w.BaoanA.Site.ID, "dimension": 2, "description": "调节池没有加盖", "severity": "minor"}), 201, "a finding")
		w.seal()
		again := w.call("bureau", "GET", fmt.Sprintf("/reports/monthly?asOf=%s&knownSeq=%v", first.text("asOf"), first.at("knownSeq")), nil)
		if now := w.call("bureau", "GET", "/reports/monthly", nil); again.text("sha256") != first.text("sha256") || now.text("sha256") == first.text("sha256") {
			t.Errorf("was %s, again %s, now %s", first.text("sha256"), again.text("sha256"), now.text("sha256"))
		}
		if got := w.call("bureau", "GET", "/reports/park", nil); got.status != http.StatusUnprocessableEntity || got.text("errors.0.pointer") != "/query/parkId" {
			t.Errorf("no park: %s", got.raw)
		}
		if got := w.call("bureau", "GET", "/reports/nothing", nil); got.status != http.StatusNotFound {
			t.Errorf("no such report: %d", got.status)
		}
		w.seal()
		if got := string(w.call("auditor", "GET", "/audit-records?action=export", nil).raw); !strings.Contains(got, "xlsx asOf=") || !strings.Contains(got, "sha256=") {
			t.Errorf("not recorded: %s", got)
		}
	})
}

package web_test

import (
	"net/http"
	"strings"
	"testing"

	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
)

// testSetup: every definition stands on one page with its version, and a class with its
// fields and what is possible in them.
func testSetup(t *testing.T, w *world) {
	b := w.browser().signIn("bureau")
	page := b.get("/c/setup")
	for _, c := range ledger.Embedded().Classes() {
		if !strings.Contains(page.text, `href="/c/setup?class=`+c.Code+`"`) {
			t.Errorf("%s is not listed", c.Code)
		}
	}
	for _, r := range ledger.OddRules().All {
		if !strings.Contains(page.text, "<b>"+r.ID+"</b>") {
			t.Errorf("rule %s is not listed", r.ID)
		}
	}
	for _, l := range inspection.Checklists() {
		if !strings.Contains(page.text, "<b>"+l.Version+"</b>") {
			t.Errorf("checklist %s is not listed", l.Version)
		}
	}
	one := b.get("/c/setup?class=treatmentFacility.wastewater").text
	for _, said := range []string{"runningHours", "readings", "· ", "至多 4 位小数", "/c/ledger?class=treatmentFacility.wastewater"} {
		if !strings.Contains(one, said) {
			t.Errorf("the class does not say %q", said)
		}
	}
	if got := b.get("/c/setup?class=x"); got.status != http.StatusBadRequest {
		t.Errorf("no such class: %d", got.status)
	}
}

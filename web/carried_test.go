package web_test

import (
	"net/url"
	"strings"
	"testing"
)

// TestCarried: a new form takes over from the newest filed entry of the facility where
// sludge and water go, and says so; no measured value, and nothing from a later day. What
// is taken over can be changed.
func TestCarried(t *testing.T) {
	w := newWorld(t)
	park := w.browser().signIn("park-a")
	form := func(day string) shown {
		return park.get("/p/ledger/new/treatmentFacility.wastewater?" + url.Values{"facility": {string(w.BaoanA.Facility.ID)}, "date": {day}}.Encode())
	}
	page := form("2026-01-03")
	got := page.fields(t)
	if got.Get("/sludgeDestination") != "示例处置公司 <b>" || got.Get("/drainDestination") != "sewagePlant" || strings.Count(page.text, "沿用 2026-01-02 的记录，有变化就改") != 2 {
		t.Errorf("taken over: %q, %q", got.Get("/sludgeDestination"), got.Get("/drainDestination"))
	}
	for name, values := range got {
		if strings.HasPrefix(name, "/") && values[0] != "" && name != "/sludgeDestination" && name != "/drainDestination" && !strings.HasSuffix(name, "/pollutant") {
			t.Errorf("%s begins with %q", name, values[0])
		}
	}
	if early := form("2026-01-01"); early.fields(t).Get("/sludgeDestination") != "" || strings.Contains(early.text, "沿用") {
		t.Error("a form takes over from a later day")
	}
	made := park.fill(page, "save", "slot", "沿用班", "/sludgeDestination", "另一家处置公司")
	if !strings.HasPrefix(made.to, "/ledger/") || park.get(made.to).fields(t).Get("/sludgeDestination") != "另一家处置公司" {
		t.Errorf("what was changed is not kept: %d to %q", made.status, made.to)
	}
	if again := form("2026-01-04").fields(t); again.Get("/sludgeDestination") != "示例处置公司 <b>" {
		t.Errorf("a form takes over what was not filed: %q", again.Get("/sludgeDestination"))
	}
}

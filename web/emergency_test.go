package web_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"parkregistry/models"
)

// testEmergency: what a park records about emergencies stands with what it says, and until
// when it is good; what is over is told, and who may file is led to the forms.
func testEmergency(t *testing.T, w *world) {
	w.token = w.bearer("park-a")
	today := w.DB.Today()
	file := func(class, day, payload string) models.ID {
		body, err := json.Marshal(map[string]any{"parkId": w.BaoanA.Park.ID, "class": class, "day": day, "payload": json.RawMessage(payload)})
		must(t, err)
		id := w.made("/ledgers", string(body))
		if got := w.send("POST", "/api/v1/ledgers/"+string(id)+"/filing", ""); got.status != http.StatusOK {
			t.Fatalf("file: %d %s", got.status, got.raw)
		}
		return id
	}
	last := string(today.AddYears(-2))
	drill := file("park.emergencyDrill", last, `{"startAt":"`+last+`T09:00:00+08:00","endAt":"`+last+`T10:00:00+08:00","scenario":"酸液泄漏","organiser":"园区","participants":12,"findings":"围堵慢","improvement":"增设沙袋"}`)
	plan := file("park.emergencyPlan", string(today.Add(-10)), `{"activity":"filed","on":"`+string(today.Add(-10))+`","planNumber":"440306-2026-001-M","content":"综合预案备案"}`)
	park, baoan := w.browser().signIn("park-a"), w.browser().signIn("baoan")
	page := park.get("/p/emergency?parkId=" + string(w.BaoanA.Park.ID))
	for _, said := range []string{"/ledger/" + string(drill), "酸液泄漏，12 人", "备案 440306-2026-001-M", `<span class="due over">` + string(today.AddYears(-1)) + `</span>`, string(today.Add(-10).AddYears(3)), "/p/ledger/new/park.emergencyDrill"} {
		if page.status != http.StatusOK || !strings.Contains(page.text, said) {
			t.Errorf("the page does not say %q (%d)", said, page.status)
		}
	}
	_, list, _ := strings.Cut(baoan.get("/d/emergency?class=park.emergencyPlan").text, `<form class="filters"`)
	if !strings.Contains(list, string(plan)) || strings.Contains(list, string(drill)) || strings.Contains(list, "/p/ledger/new/") {
		t.Errorf("one kind alone, for who files none: %s", list)
	}
	if got := w.browser().signIn("other").get("/p/emergency").text; strings.Contains(got, string(drill)) {
		t.Error("another park reads it")
	}
	if got := baoan.get("/d/emergency?class=park.training"); got.status != http.StatusBadRequest {
		t.Errorf("another class: %d", got.status)
	}
}

package web_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"parkregistry/models"
)

// testHazard: hazardous waste stands by facility and waste with how long it has lain; a row
// leads to its batches and these to the ledger; what has lain too long is told and found.
func testHazard(t *testing.T, w *world) {
	w.token = w.bearer("park-a")
	store := w.made("/facilities", fmt.Sprintf(`{"parkId":%q,"siteId":%q,"code":"MF0077","kind":"production","name":"镀镍线","capacity":"20","capacityUnit":"t","inUse":true}`, w.BaoanA.Park.ID, w.BaoanA.Site.ID))
	file := func(batch, day, quantity string) models.ID {
		payload := fmt.Sprintf(`{"batchCode":%q,"generatedAt":"%sT09:00:00+08:00","tradeName":"含镍污泥","listName":"示例名称","category":"HW17","wasteCode":"336-054-17","listEdition":"2025","quantity":%q,"containerType":"pipe","handler":"甲","destination":"sendOut"}`, batch, day, quantity)
		body, err := json.Marshal(map[string]any{"parkId": w.BaoanA.Park.ID, "siteId": w.BaoanA.Site.ID, "facilityId": store, "class": "hazardousWaste.generated", "day": day, "payload": json.RawMessage(payload)})
		must(t, err)
		id := w.made("/ledgers", string(body))
		if got := w.send("POST", "/api/v1/ledgers/"+string(id)+"/filing", ""); got.status != http.StatusOK {
			t.Fatalf("file: %d %s", got.status, got.raw)
		}
		return id
	}
	today := w.DB.Today()
	old, young := file("HWCS20200101001", string(today.AddYears(-2)), "1234.5"), file("HWCS20200101002", string(today.Add(-3)), "1")
	b := w.browser().signIn("baoan")
	page := b.get("/d/hw?parkId=" + string(w.BaoanA.Park.ID))
	link := regexp.MustCompile(`href="(/d/hw\?facilityId=` + string(store) + `[^"]*)"`).FindStringSubmatch(page.text)
	if page.status != http.StatusOK || link == nil || !strings.Contains(page.text, "1,235.5") || !strings.Contains(page.text, `class="due over"`) || !strings.Contains(page.text, "MF0077 镀镍线") {
		t.Fatalf("the stock: %d\n%s", page.status, page.text)
	}
	batches := b.get(html.UnescapeString(link[1])).text
	if o, y := strings.Index(batches, "/ledger/"+string(old)), strings.Index(batches, "/ledger/"+string(young)); o < 0 || y < o {
		t.Errorf("the batches do not lead to their entries, what has lain longest first: %d, %d", o, y)
	}
	for path, want := range map[string]bool{"/d/hw?lain=over": true, "/d/hw?lain=soon": false, "/d/hw?wasteCode=900-402-06": false, "/d/hw?facilityId=" + url.QueryEscape(string(w.Longgang.Facility.ID)): false} {
		if got := b.get(path); got.status != http.StatusOK || strings.Contains(got.text, link[1]) != want {
			t.Errorf("%s: %d, has the row %v, want %v", path, got.status, !want, want)
		}
	}
	if got := w.browser().signIn("other").get("/p/hw"); got.status != http.StatusOK || strings.Contains(got.text, string(store)) {
		t.Errorf("another park reads it: %d", got.status)
	}
	for _, strange := range []string{"?wasteCode=x", "?lain=x", "?facilityId=x", "?skip=x"} {
		if got := b.get("/d/hw" + strange); got.status != http.StatusBadRequest {
			t.Errorf("%s: %d", strange, got.status)
		}
	}
}

package web_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"parkregistry/policies"
)

// testParkFile: the file of a park has its parts by address, each with rows of that park
// and the way to all of them; who may not read one has no tab of it.
func testParkFile(t *testing.T, w *world) {
	w.account("rower", policies.EnterpriseUser, w.BaoanA.Enterprise.ID)
	at, firm := "/park/"+string(w.BaoanA.Park.ID), "/firm/"+string(w.BaoanA.Enterprise.ID)
	w.token = w.bearer("baoan")
	finding := w.made("/findings", fmt.Sprintf(`{"parkId":%q,"dimension":2,"severity":"minor","description":"档案里的一项"}`, w.BaoanA.Park.ID))
	elsewhere := w.made("/findings", fmt.Sprintf(`{"parkId":%q,"dimension":2,"severity":"minor","description":"别处的一项"}`, w.BaoanB.Park.ID))
	b := w.browser().signIn("baoan")
	for part, c := range map[string]struct{ row, all string }{
		"six":        {"/d/matrix?park=" + w.BaoanA.Park.Code + "&amp;dim=4#park", ""},
		"ledger":     {`href="/ledger/`, "/d/ledger"},
		"firms":      {firm, "/d/firms"},
		"facilities": {firm, "/d/facilities"},
		"monitoring": {"/d/ledger?parkId=" + string(w.BaoanA.Park.ID) + "&amp;class=monitoring.manual", "/d/exceedances"},
		"patrols":    {"", "/d/patrols"},
		"findings":   {"/finding/" + string(finding), "/d/findings"},
		"emergency":  {"", "/d/emergency"},
	} {
		got := b.get(at + "?tab=" + part)
		_, main, _ := strings.Cut(got.text, `<nav class="tabs`)
		if got.status != http.StatusOK || !strings.Contains(main, `href="`+at+`?tab=`+part+`" aria-current="page"`) || !strings.Contains(main, c.row) || strings.Contains(main, string(elsewhere)) {
			t.Errorf("%s: %d, a row %q of the park alone: %s", part, got.status, c.row, main)
		}
		if c.all != "" && (!strings.Contains(main, `href="`+c.all+`?parkId=`+string(w.BaoanA.Park.ID)+`"`) || b.get(c.all+"?parkId="+string(w.BaoanA.Park.ID)).status != http.StatusOK) {
			t.Errorf("%s does not lead to %s", part, c.all)
		}
	}
	for _, strange := range []string{"?tab=x", "?tab=changes&cursor=x"} {
		if got := b.get(at + strange); got.status != http.StatusBadRequest {
			t.Errorf("%s: %d", strange, got.status)
		}
	}
	if got := w.browser().signIn("other").get(at + "?tab=ledger"); got.status != http.StatusNotFound {
		t.Errorf("another park reads it: %d", got.status)
	}
	// Who acts for a firm has the tabs of what the firm may read.
	mine := w.browser().signIn("rower")
	can := string(mine.send("GET", "/api/v1/me", nil).text)
	for part, need := range map[string]policies.Permission{"six": policies.ProgressRead, "patrols": policies.PatrolRead, "changes": policies.ChangeRead, "ledger": policies.LedgerRead} {
		may := strings.Contains(can, `"`+string(need)+`"`)
		got := mine.get(at + "?tab=" + part)
		if has := strings.Contains(mine.get(at).text, at+"?tab="+part); has != may || may != (got.status == http.StatusOK) {
			t.Errorf("a firm, %s: may %v, tab %v, %d", part, may, has, got.status)
		}
	}
}

// testParkChanges: what the register says of a park, as it came about: the newest first,
// old and new beside each other, and nothing of another park.
func testParkChanges(t *testing.T, w *world) {
	at := "/park/" + string(w.BaoanA.Park.ID)
	w.token = w.bearer("park-a")
	path := "/api/v1/facilities/" + string(w.made("/facilities", fmt.Sprintf(`{"parkId":%q,"code":"TW078","kind":"basin","name":"调节池","capacity":"20","capacityUnit":"m3","inUse":true}`, w.BaoanA.Park.ID)))
	if got := w.send("PATCH", path, `{"name":"改了名的调节池"}`, "If-Match", w.send("GET", path, "").header.Get("ETag"), "Content-Type", "application/merge-patch+json"); got.status != http.StatusOK {
		t.Fatalf("rename: %d %s", got.status, got.raw)
	}
	w.numbered()
	text := w.browser().signIn("park-a").get(at + "?tab=changes").text
	items := strings.Split(text, "<li><b>")
	said := slices.IndexFunc(items, func(s string) bool { return strings.Contains(s, "改了名的调节池") })
	if said != 1 || !strings.Contains(items[said], "<del>调节池</del>") || !strings.Contains(items[said], "TW078") {
		t.Errorf("the newest change stands at %d of %d: %s", said, len(items)-1, items[1])
	}
	if strings.Contains(text, "改了名的调节池") && strings.Contains(w.browser().signIn("baoan").get("/park/"+string(w.BaoanB.Park.ID)+"?tab=changes").text, "改了名的调节池") {
		t.Error("a change stands in the file of another park")
	}
}

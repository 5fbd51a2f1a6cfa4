package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"parkregistry/models/registry"
)

// testParkParticulars: a park corrects what the register has of it and adds a phase; what
// names it is the bureau's, which also registers a park and ends it. What was not touched
// stays as it was.
func testParkParticulars(t *testing.T, w *world) {
	park, bureau, baoan := w.browser().signIn("park-a"), w.browser().signIn("bureau"), w.browser().signIn("baoan")
	at := "/park/" + string(w.BaoanA.Park.ID)
	before, err := w.Registry.Park(w.Bureau(), w.BaoanA.Park.ID)
	must(t, err)
	for _, move := range []string{"change", "phase", "closing"} {
		if strings.Contains(baoan.get(at).text, `action="`+at+"/"+move+`"`) {
			t.Errorf("a district is offered %s", move)
		}
	}
	mine := park.get(at).filled(t, at+"/change")
	if mine.Has("code") || mine.Has("jurisdiction") || strings.Contains(park.get(at).text, at+"/closing") {
		t.Error("a park is offered to name itself, or to end its registration")
	}
	mine.Set("form", baoan.get("/me").form(t))
	if got := baoan.send("POST", at+"/change", mine); got.status != http.StatusForbidden {
		t.Errorf("a district corrects a park: %d", got.status)
	}
	if got := park.fills(at, "change", "areaKm2", "很大", "address", "新的地址 1 号"); !got.faulty("change", "areaKm2") || !strings.Contains(got.text, `value="新的地址 1 号"`) {
		t.Errorf("an area that is no number: %d %s", got.status, got.complaint())
	}
	if got := park.fills(at, "change", "bodyStaff", "几个"); !got.faulty("change", "bodyStaff") {
		t.Errorf("a staff that is no number: %d", got.status)
	}
	older := park.get(at).filled(t, at+"/change", "address", "谁也没看到的地址")
	if got := park.fills(at, "change", "address", "新的地址 1 号", "areaKm2", "2.5", "sectors", "电路板、别的行业"); got.status != http.StatusSeeOther {
		t.Fatalf("correct a park: %d %s", got.status, got.complaint())
	}
	after, err := w.Registry.Park(w.Bureau(), w.BaoanA.Park.ID)
	must(t, err)
	want := before.Input()
	want.Address, want.AreaKm2, want.Sectors = "新的地址 1 号", "2.5", []string{"pcb", "别的行业"}
	if got := after.Input(); !sameAs(got, want) {
		t.Errorf("the park is %+v, want %+v", got, want)
	}
	if got := park.send("POST", at+"/change", older); got.status != http.StatusPreconditionFailed || !strings.Contains(got.text, "谁也没看到的地址") || !strings.Contains(got.text, "现在登记的是：新的地址 1 号") {
		t.Errorf("a change to a version that is gone: %d", got.status)
	}
	if got := park.fills(at, "phase", "name", "二期厂房", "state", "building"); !got.faulty("phase", "number") || !strings.Contains(got.text, `value="二期厂房"`) {
		t.Errorf("a phase without a number: %d %s", got.status, got.complaint())
	}
	if got := park.fills(at, "phase", "number", "2", "name", "二期厂房", "state", "building"); got.status != http.StatusSeeOther || !strings.Contains(park.get(at).text, "二期厂房") {
		t.Errorf("a phase: %d %s", got.status, got.complaint())
	}

	if strings.Contains(park.get("/p/parks").text, "/parks/park") || park.sends("/parks/park", "code", "SZ-70").status != http.StatusForbidden {
		t.Error("a park registers parks")
	}
	form := bureau.get("/c/parks").filled(t, "/parks/park", "code", "SZ 70", "name", "新登记的园区")
	if got := bureau.send("POST", "/parks/park", form); !got.faulty("park", "code") || !strings.Contains(got.text, `value="新登记的园区"`) {
		t.Errorf("a code that is none: %d %s", got.status, got.complaint())
	}
	form.Set("code", "SZ-70")
	made := bureau.send("POST", "/parks/park", form)
	if !strings.HasPrefix(made.to, "/park/") {
		t.Fatalf("register a park: %d %s", made.status, made.complaint())
	}
	if got := bureau.fills(made.to, "change", "name", "改了名的园区", "jurisdiction", "baoan"); got.status != http.StatusSeeOther || !strings.Contains(bureau.get(made.to).text, "改了名的园区") {
		t.Errorf("the bureau names a park: %d %s", got.status, got.complaint())
	}
	if got := bureau.fills(made.to, "closing", "reason", "短"); !got.faulty("closing", "reason") {
		t.Errorf("ended for a short reason: %d", got.status)
	}
	if got := bureau.fills(made.to, "closing", "reason", "登记时重复了"); got.status != http.StatusSeeOther || strings.Contains(bureau.get(made.to).text, made.to+"/change") {
		t.Errorf("end a park: %d, or what ended is offered to be corrected", got.status)
	}
}

// sameAs compares what was entered of two parks but for the order in which it points.
func sameAs(a, b registry.ParkInput) bool {
	if (a.BodyStaff == nil) != (b.BodyStaff == nil) || a.BodyStaff != nil && *a.BodyStaff != *b.BodyStaff {
		return false
	}
	a.BodyStaff, b.BodyStaff = nil, nil
	return fmt.Sprintf("%+v", a) == fmt.Sprintf("%+v", b)
}

// testFirmTelephone: who may sees the whole telephone of a firm on one answer, with a
// record of it; no page that is only opened shows it, and who may not is not asked.
func testFirmTelephone(t *testing.T, w *world) {
	at := "/firm/" + string(w.BaoanA.Enterprise.ID)
	looks := func() int {
		return strings.Count(w.browser().signIn("auditor").get("/c/audit?objectId="+string(w.BaoanA.Enterprise.ID)).text, "enterprise.contact")
	}
	before := looks()
	for name, may := range map[string]bool{"park-a": true, "baoan": true, "analyst": false, "auditor": false} {
		b := w.browser().signIn(name)
		page := b.get(at)
		if offered := strings.Contains(page.text, `action="`+at+`/contact"`); page.status != http.StatusOK || offered != may || strings.Contains(page.text, "13800138000") {
			t.Errorf("%s: %d, offered %v, want %v", name, page.status, offered, may)
		}
		got := b.sends(at + "/contact")
		if shown := got.status == http.StatusOK && strings.Contains(got.text, "13800138000"); shown != may || !may && got.status != http.StatusForbidden {
			t.Errorf("%s asks for the telephone: %d, shown %v", name, got.status, shown)
		}
	}
	if n := looks() - before; n < 2 {
		t.Errorf("two people looked, and the trail has %d of them", n)
	}
}

// testFirmParticulars: a park corrects a firm of its own, whose telephone it need not see
// to leave it; only the bureau ends a firm.
func testFirmParticulars(t *testing.T, w *world) {
	park, bureau, baoan := w.browser().signIn("park-a"), w.browser().signIn("bureau"), w.browser().signIn("baoan")
	at := "/firm/" + string(w.BaoanA.Enterprise.ID)
	if got := baoan.get(at).text; strings.Contains(got, `action="`+at+`/change"`) || strings.Contains(park.get(at).text, `action="`+at+`/closing"`) {
		t.Error("a district is offered to correct a firm, or a park to end it")
	}
	if got := park.fills(at, "change", "contact", "", "riskLevel", "major"); !got.faulty("change", "contact") || !strings.Contains(got.text, `value="major" selected`) {
		t.Errorf("nobody to speak to: %d %s", got.status, got.complaint())
	}
	if got := park.fills(at, "change", "industries", "3982、12"); !got.faulty("change", "industries") {
		t.Errorf("an industry that is none: %d %s", got.status, got.complaint())
	}
	if got := park.fills(at, "change", "keyYears", "去年"); !got.faulty("change", "keyYears") {
		t.Errorf("a year that is none: %d %s", got.status, got.complaint())
	}
	older := park.get(at).filled(t, at+"/change", "contact", "没人认识的人")
	if got := park.fills(at, "change", "contact", "新联系人", "keyYears", "2024、2025", "aliases", "AT 电路，安泰"); got.to != at {
		t.Fatalf("correct a firm: %d %s", got.status, got.complaint())
	}
	shows := park.get(at).text
	for _, said := range []string{"新联系人", "2024、2025", "AT 电路、安泰", "138 **** 8000"} {
		if !strings.Contains(shows, said) {
			t.Errorf("the firm does not say %q", said)
		}
	}
	if got := park.send("POST", at+"/change", older); got.status != http.StatusPreconditionFailed || !strings.Contains(got.text, "没人认识的人") || !strings.Contains(got.text, "现在登记的是：新联系人") {
		t.Errorf("a change to a version that is gone: %d", got.status)
	}
	older.Set("form", baoan.get("/me").form(t))
	if got := baoan.send("POST", at+"/change", older); got.status != http.StatusForbidden {
		t.Errorf("a district corrects a firm: %d", got.status)
	}
	if got := park.sends(at+"/closing", "version", "99", "reason", "企业已经注销"); got.status != http.StatusForbidden {
		t.Errorf("a park ends a firm: %d", got.status)
	}
	if got := bureau.fills(at, "closing", "reason", ""); !got.faulty("closing", "reason") {
		t.Errorf("the bureau ends a firm without a reason: %d", got.status)
	}
}

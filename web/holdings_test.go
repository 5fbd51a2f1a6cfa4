package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
)

// choice is the value of the option of a field that says the text, "" for none.
func (p shown) choice(field, said string) string {
	m := regexp.MustCompile(`(?s)id="` + field + `".*?</select>`).FindString(p.text)
	if o := regexp.MustCompile(`<option value="([^"]+)"[^>]*>` + regexp.QuoteMeta(said)).FindStringSubmatch(m); o != nil {
		return o[1]
	}
	return ""
}

// testHoldings: a park registers permits, outlets, units and times without production of a
// firm by forms, changes and ends them; whoever only reads is offered none, and what is
// another firm's or was never offered is refused at its field.
func testHoldings(t *testing.T, w *world) {
	park, baoan := w.browser().signIn("park-a"), w.browser().signIn("baoan")
	credit := dbtest.CreditCode(83)
	made := park.sends("/firms/enterprise", "parkId", string(w.BaoanA.Park.ID), "creditCode", credit, "name", "持证的电路公司", "industries", "3982", "permitClass", "key", "discharges", "true", "legalRepresentative", "王五", "contact", "赵六", "phone", "13800138001")
	if made.status != http.StatusSeeOther {
		t.Fatalf("register: %d\n%s", made.status, made.text)
	}
	at := made.to
	site := park.get(at).choice("permit-siteId", "")
	if got := baoan.get(at); got.status != http.StatusOK || strings.Contains(got.text, `action="`+at+"/permit") || strings.Contains(got.text, `action="`+at+"/shutdown") {
		t.Errorf("who only reads is offered to register: %d", got.status)
	}
	if got := baoan.sends(at+"/shutdown", "siteId", site, "from", "2026-01-05", "reason", "春节放假停产"); got.status != http.StatusNotFound && got.status != http.StatusForbidden && got.status != http.StatusUnprocessableEntity {
		t.Errorf("a district registers a shut-down: %d", got.status)
	}
	do := func(move, want string, typed ...string) {
		t.Helper()
		if got := park.sends(at+"/"+move, typed...); got.to != at {
			t.Fatalf("%s: %d\n%s", move, got.status, regexp.MustCompile(`(?s)<div class="esum".*?</div>`).FindString(got.text))
		}
		if got := park.get(at); !strings.Contains(got.text, want) {
			t.Errorf("after %s the page does not say %q", move, want)
		}
	}
	refuse := func(move, field string, typed ...string) {
		t.Helper()
		got := park.sends(at+"/"+move, typed...)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="`+move+"-"+field+`-e"`) {
			t.Errorf("%s without a right %s: %d\n%s", move, field, got.status, regexp.MustCompile(`(?s)<div class="esum".*?</div>`).FindString(got.text))
		}
	}

	refuse("permit", "number", "siteId", site, "number", w.BaoanA.Enterprise.CreditCode+"001P", "kind", "permit", "class", "key", "issuedOn", "2025-03-01", "authority", "深圳市生态环境局宝安管理局")
	refuse("permit", "kind", "siteId", site, "number", credit+"001P", "kind", "made-up", "class", "key", "issuedOn", "2025-03-01", "authority", "深圳市生态环境局宝安管理局")
	refuse("permit", "siteId", "siteId", string(w.BaoanA.Site.ID), "number", credit+"001P", "kind", "permit", "class", "key", "issuedOn", "2025-03-01", "authority", "深圳市生态环境局宝安管理局")
	do("permit", credit+"001P", "siteId", site, "number", credit+"001P", "kind", "permit", "class", "key", "issuedOn", "2025-03-01", "authority", "深圳市生态环境局宝安管理局")
	refuse("outlet", "receivingPlant", "siteId", site, "code", "DW001", "kind", "total", "regime", "indirect")
	do("outlet", "宝安水质净化厂", "siteId", site, "code", "DW001", "kind", "total", "regime", "indirect", "receivingPlant", "宝安水质净化厂")
	do("facility", "TW021", "siteId", site, "code", "TW021", "name", "车间处理站", "kind", "treatment", "capacity", "120", "capacityUnit", "m3/d", "inUse", "true")
	refuse("stream", "classOne", "siteId", site, "name", "含镍废水", "kind", "nickel")
	do("stream", "含镍废水", "siteId", site, "name", "含镍废水", "kind", "nickel", "classOne", "true")
	do("tenancy", "3 栋 301", "siteId", site, "building", "3 栋", "unit", "301", "from", "2025-01-01")
	refuse("tenancy-ending", "reason", "tenancy", park.get(at).choice("tenancy-ending-tenancy", ""), "on", "2026-01-01")

	refuse("shutdown", "reason", "siteId", site, "from", "2026-01-05")
	refuse("shutdown", "from", "siteId", site, "reason", "春节放假停产")
	do("shutdown", "停产停运中", "siteId", site, "from", "2026-01-05", "reason", "春节放假停产")
	stop := park.get(at).choice("shutdown-ending-shutdown", "2026-01-05")
	refuse("shutdown-ending", "on", "shutdown", stop, "on", "2026-01-04")
	refuse("shutdown-ending", "shutdown", "on", "2026-01-09")
	do("shutdown-ending", "已恢复", "shutdown", stop, "on", "2026-01-09")
	do("shutdown-withdrawal", "登记已撤销", "shutdown", stop, "reason", "登记到了别的企业")
	if got := park.get(at); strings.Contains(got.text, at+"/shutdown-ending") || strings.Contains(got.text, at+"/shutdown-withdrawal") {
		t.Error("what is taken back can be ended still")
	}
	do("site-closing", "已迁出", "site", park.get(at).choice("site-closing-site", ""), "reason", "企业整体迁出园区")
}

// testOwnStops: a park's own facility stands still by the forms of the page of facilities;
// a park that is not one's own is absent.
func testOwnStops(t *testing.T, w *world) {
	park, baoan := w.browser().signIn("park-a"), w.browser().signIn("baoan")
	mine, foreign := string(w.BaoanA.Park.ID), string(w.Longgang.Park.ID)
	works := park.get("/p/facilities").choice("shutdown-facilityId", w.BaoanA.Own.Code)
	if works == "" {
		t.Fatal("the park is not offered to stop its own facility")
	}
	if got := baoan.get("/d/facilities?parkId=" + mine); got.status != http.StatusOK || strings.Contains(got.text, "/facilities/stop/") {
		t.Errorf("a district is offered to stop a facility: %d", got.status)
	}
	stop := []string{"park", mine, "facilityId", works, "from", "2026-01-05", "reason", "设施检修停运"}
	if got := park.sends("/facilities/stop/shutdown", "park", mine, "from", "2026-01-05", "reason", "设施检修停运"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="shutdown-facilityId-e"`) {
		t.Errorf("no facility: %d", got.status)
	}
	if got := park.sends("/facilities/stop/shutdown", append([]string{"park", foreign}, stop[2:]...)...); got.status == http.StatusSeeOther {
		t.Error("a park stops a facility of another park")
	}
	got := park.sends("/facilities/stop/shutdown", stop...)
	if got.status != http.StatusSeeOther {
		t.Fatalf("stop: %d\n%s", got.status, got.text)
	}
	page := park.get(got.to)
	if !strings.Contains(page.text, "停产停运中") || !strings.Contains(page.text, "设施检修停运") {
		t.Error("the page does not say that the facility stands still")
	}
	if got := park.sends("/facilities/stop/shutdown-ending", "park", mine, "shutdown", page.choice("shutdown-ending-shutdown", "2026-01-05"), "on", "2026-01-06"); got.status != http.StatusSeeOther || !strings.Contains(park.get(got.to).text, "已恢复") {
		t.Errorf("end: %d", got.status)
	}
}

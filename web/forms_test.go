package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/policies"
)

// sends sends a form that has no version.
func (b *browser) sends(to string, typed ...string) shown {
	b.t.Helper()
	form := url.Values{"form": {b.get("/me").form(b.t)}}
	for i := 0; i+1 < len(typed); i += 2 {
		form.Add(typed[i], typed[i+1])
	}
	return b.send("POST", to, form)
}

// testRegistering: a park registers a firm, a residence and facilities by forms that only
// it and the bureau are offered; what is refused is told at its field, and nothing of
// another park can be registered.
func testRegistering(t *testing.T, w *world) {
	park, baoan, bureau := w.browser().signIn("park-a"), w.browser().signIn("baoan"), w.browser().signIn("bureau")
	if got := baoan.get("/d/firms").text + baoan.get("/d/facilities").text; strings.Contains(got, "/firms/enterprise") || strings.Contains(got, "/facilities/facility") {
		t.Error("a district is offered to register")
	}
	if got := bureau.get("/c/firms").text; !strings.Contains(got, "/firms/enterprise") {
		t.Error("the bureau is not offered to register")
	}
	firm := []string{"parkId", string(w.BaoanA.Park.ID), "creditCode", dbtest.CreditCode(71), "name", "新来的电路公司", "industries", "3982、3990", "permitClass", "key", "discharges", "true", "legalRepresentative", "王五", "contact", "赵六", "phone", "13800138001"}
	bad := append([]string{}, firm...)
	bad[3] = "91440300DEM900005L"
	if got := park.sends("/firms/enterprise", bad...); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="enterprise-creditCode-e"`) || !strings.Contains(got.text, "新来的电路公司") {
		t.Errorf("a wrong credit code: %d", got.status)
	}
	foreign := append([]string{}, firm...)
	foreign[1] = string(w.Longgang.Park.ID)
	if got := park.sends("/firms/enterprise", foreign...); got.status != http.StatusNotFound {
		t.Errorf("registered in another park: %d", got.status)
	}
	if got := baoan.sends("/firms/enterprise", firm...); got.status != http.StatusForbidden {
		t.Errorf("a district registers: %d", got.status)
	}
	made := park.sends("/firms/enterprise", firm...)
	if made.status != http.StatusSeeOther || !strings.HasPrefix(made.to, "/firm/") {
		t.Fatalf("register: %d\n%s", made.status, made.text)
	}
	page := park.get(made.to)
	if !strings.Contains(page.text, "新来的电路公司") || !strings.Contains(page.text, made.to+"/facility") {
		t.Fatalf("the page of the firm: %d, or its facility cannot be registered", page.status)
	}
	site := regexp.MustCompile(`<option value="([^"]+)" selected>`).FindStringSubmatch(page.text)
	if site == nil {
		t.Fatal("the only site is not chosen")
	}
	work := []string{"siteId", site[1], "code", "TW009", "name", "新来的处理站", "kind", "treatment", "capacity", "120", "capacityUnit", "m3/d", "shifts", "早班、中班", "inUse", "true"}
	if got := park.sends(made.to+"/facility", "siteId", site[1], "code", "X", "name", "新来的处理站"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="facility-capacity-e"`) {
		t.Errorf("a facility without capacity: %d", got.status)
	}
	if got := park.sends(made.to+"/facility", work...); got.to != made.to || !strings.Contains(park.get(made.to).text, "TW009") {
		t.Errorf("a facility: %d\n%s", got.status, got.text)
	}
	if got := park.sends("/facilities/facility", "parkId", string(w.BaoanA.Park.ID), "code", "TW008", "name", "园区新建的处理站", "kind", "central", "capacity", "900", "capacityUnit", "m3/d", "inUse", "true"); got.status != http.StatusSeeOther || !strings.Contains(park.get(got.to).text, "园区新建的处理站") {
		t.Errorf("a facility of the park's own: %d\n%s", got.status, got.text)
	}
	if got := w.browser().signIn("other").sends("/firms/site", "parkId", string(w.Longgang.Park.ID), "creditCode", firm[3], "building", "2", "unit", "201", "from", "2026-01-01"); got.to != made.to {
		t.Errorf("residence in a second park: %d to %q\n%s", got.status, got.to, got.text)
	}
}

// testAccounts: whoever keeps accounts makes one, grants and ends assignments and resets
// the password, by forms that nobody else is offered; the first password is shown once.
func testAccounts(t *testing.T, w *world) {
	admin, auditor := w.browser().signIn("admin"), w.browser().signIn("auditor")
	if got := auditor.get("/users").text; strings.Contains(got, "/users/account") {
		t.Error("who only reads is offered to make accounts")
	}
	if got := admin.sends("/users/account", "username", "新人", "displayName", "新人"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="account-username-e"`) {
		t.Errorf("a name that is none: %d", got.status)
	}
	made := admin.sends("/users/account", "username", "newcomer", "displayName", "新来的人")
	shownOnce := regexp.MustCompile(`<b class="mono">([^<]+)</b>`)
	first := shownOnce.FindStringSubmatch(made.text)
	if made.status != http.StatusCreated || first == nil {
		t.Fatalf("make an account: %d\n%s", made.status, made.text)
	}
	page := "/user/" + w.idOf("newcomer")
	if got := admin.get(page); got.status != http.StatusOK || strings.Contains(got.text, first[1]) {
		t.Errorf("the password is shown twice (%d)", got.status)
	}
	if got := auditor.get(page).text; strings.Contains(got, `action="/user/`) {
		t.Error("who only reads is offered to change an account")
	}
	grant := []string{"role", policies.ParkManager.Slug(), "parkId", string(w.BaoanA.Park.ID), "reason", "新任环保专员"}
	if got := admin.sends(page+"/assignment", append([]string{"jurisdiction", "baoan"}, grant...)...); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, "新任环保专员") {
		t.Errorf("a park and a jurisdiction: %d", got.status)
	}
	if got := admin.sends(page+"/assignment", grant...); got.to != page {
		t.Fatalf("grant: %d\n%s", got.status, got.text)
	}
	firm := []string{"role", policies.EnterpriseUser.Slug(), "creditCode", w.BaoanA.Enterprise.CreditCode, "reason", "兼任企业填报人"}
	if got := admin.sends(page+"/assignment", firm...); got.to != page {
		t.Fatalf("grant for a firm: %d\n%s", got.status, got.text)
	}
	shows := admin.get(page).text
	for _, said := range []string{*w.BaoanA.Park.Name, w.BaoanA.Enterprise.Name} {
		if !strings.Contains(shows, said) {
			t.Errorf("the assignments do not name %q", said)
		}
	}
	if strings.Contains(shows, ">"+string(w.BaoanA.Park.ID)+"<") {
		t.Error("a bare id is shown")
	}
	b := w.browser()
	if got := b.send("POST", "/login", url.Values{"username": {"newcomer"}, "password": {first[1]}}); got.status != http.StatusSeeOther {
		t.Fatalf("the first password does not open: %d", got.status)
	}
	open := regexp.MustCompile(`<option value="(` + `[0-9a-f-]{36}` + `)">[^<]*` + regexp.QuoteMeta(*w.BaoanA.Park.Name) + `</option>`)
	var held string
	for _, m := range open.FindAllStringSubmatch(shows, -1) {
		if models.ID(m[1]) != w.BaoanA.Park.ID {
			held = m[1]
		}
	}
	if got := admin.sends(page+"/ending", "assignment", held, "reason", "短"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="ending-reason-e"`) {
		t.Errorf("ended for a short reason: %d", got.status)
	}
	if got := admin.sends(page+"/ending", "assignment", held, "reason", "调离环保岗位"); got.to != page || !strings.Contains(admin.get(page).text, "已结束") {
		t.Errorf("end: %d\n%s", got.status, got.text)
	}
	reset := admin.sends(page+"/password-reset", "reason", "忘记了初始密码")
	if again := shownOnce.FindStringSubmatch(reset.text); reset.status != http.StatusOK || again == nil || again[1] == first[1] {
		t.Errorf("reset: %d", reset.status)
	}
	if got := admin.sends(page+"/disabling", "reason", "已经离开单位"); got.to != page || b.get("/me").status != http.StatusSeeOther {
		t.Errorf("disable: %d, or the session goes on", got.status)
	}
}

// testSetting: the bureau enters a document and sets a task for a person of the unit that
// it picked; nobody else is offered to.
func testSetting(t *testing.T, w *world) {
	bureau, baoan := w.browser().signIn("bureau"), w.browser().signIn("baoan")
	if got := baoan.get("/d/tasks").text; strings.Contains(got, "/c/tasks/new") {
		t.Error("a district is offered to set tasks")
	}
	if got := bureau.sends("/c/tasks/programme", "title", "试点方案", "issuer", "市生态环境局", "issuedOn", "2099-01-01"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="programme-issuedOn-e"`) {
		t.Errorf("a document of a day to come: %d", got.status)
	}
	if got := bureau.sends("/c/tasks/programme", "title", "试点方案", "issuer", "市生态环境局", "issuedOn", "2026-01-01"); got.status != http.StatusSeeOther {
		t.Fatalf("enter a document: %d\n%s", got.status, got.text)
	}
	page := bureau.get("/c/tasks/new?unit=park:" + string(w.BaoanA.Park.ID)).text
	doc := regexp.MustCompile(`<option value="([^"]+)"[^>]*>试点方案</option>`).FindStringSubmatch(page)
	if doc == nil || !strings.Contains(page, ">park-a</option>") || strings.Contains(page, ">baoan</option>") {
		t.Fatal("the form does not have the document, or not exactly the people of the unit")
	}
	sent := []string{"unit", "park:" + string(w.BaoanA.Park.ID), "programmeId", doc[1], "title", "台账按时报送", "goal", "每日台账按时报送", "personId", w.idOf("park-a"), "dueOn", "2026-12-31", "query", "ratio", "metric", "ledgersFiled"}
	if got := bureau.sends("/c/tasks/new", sent...); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="new-target-e"`) || !strings.Contains(got.text, "台账按时报送") {
		t.Errorf("a question without a target: %d", got.status)
	}
	if got := bureau.sends("/c/tasks/new", append(sent, "target", "95")...); got.status != http.StatusSeeOther || !strings.Contains(bureau.get(got.to).text, "台账按时报送") {
		t.Errorf("set: %d\n%s", got.status, got.text)
	}
}

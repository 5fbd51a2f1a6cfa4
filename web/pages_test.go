package web_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

func TestPages(t *testing.T) {
	w := newWorld(t)
	w.account("baoan", policies.DistrictInspector, "baoan")
	w.account("bureau", policies.BureauAdmin, "")
	w.account("analyst", policies.BureauAnalyst, "")
	w.account("auditor", policies.Auditor, "")
	w.account("admin", policies.Admin, "")
	w.account("other", policies.ParkManager, w.Longgang.Park.ID)
	for _, c := range []struct {
		name string
		test func(*testing.T, *world)
	}{{"guards", testGuards}, {"workplaces", testWorkplaces}, {"forged", testForged}, {"credentials", testCredentials}, {"sign-in", testSignIn}, {"password", testPassword},
		{"foreign", testForeign}, {"numbers", testNumbers}, {"entry", testEntry}, {"finding", testFinding}, {"failures", testFailures}, {"paging", testPaging}, {"import", testImport}, {"form", testForm}, {"attached", testAttached}, {"outlive", testOutlive}, {"every class", testEveryClass},
		{"import lists", testImportLists},
		{"tasks", testTasks}, {"register", testRegister}, {"patrols", testPatrols}, {"draws", testDraws}, {"trail", testTrail}, {"users", testUsers}, {"six", testSix}, {"pilot", testPilot}, {"grades", testGrades}, {"registering", testRegistering}, {"holdings", testHoldings}, {"own stops", testOwnStops}, {"records", testRecords}, {"outlet limits", testOutletLimits}, {"permit", testPermit}, {"tokens", testTokens}, {"another's token", testOthersToken}, {"second factor", testFactor}, {"park particulars", testParkParticulars}, {"firm telephone", testFirmTelephone}, {"firm particulars", testFirmParticulars}, {"search", testSearch}, {"size", testSize}, {"accounts", testAccounts}, {"requests", testRequests}, {"setting", testSetting}, {"charts", testCharts}, {"board", testBoard}, {"packed", testPacked}, {"masked", testMaskedPages},
		{"inbox", testInbox}, {"park file", testParkFile}, {"park changes", testParkChanges}, {"hazard", testHazard}, {"emergency", testEmergency}, {"setup", testSetup}, {"locks", testLocks}, {"checklist", testLoadChecklist}, {"pager", testPager}, {"heads", testHeads}} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			c.test(t, w)
		})
	}
}

// testGuards: every page of the table × every role: who is not signed in is sent to do
// so, who may not is told, who may sees it; and no form counts without its token.
func testGuards(t *testing.T, w *world) { // S-AZ2, S-AU8
	readers := map[string]*browser{"": w.browser()}
	for _, name := range []string{"park-a", "baoan", "bureau", "analyst", "auditor", "admin"} {
		readers[name] = w.browser().signIn(name)
	}
	business := []string{"park-a", "baoan", "bureau", "analyst", "auditor"}
	everybody := append(slices.Clone(business), "admin")
	open := []string{"GET /verify", "GET /verify/", "GET /verify/offline.html", "GET /static/:file", "GET /", "GET /login", "POST /login",
		"GET /field-worker.js", "GET /m/manifest.webmanifest", "GET /m/icon-180.png", "GET /m/icon-512.png", "GET /m/shell/:lang", "GET /m/", "GET /m/outbox", "GET /m/park/:id", "GET /m/patrol/:id",
		"GET /m/patrol/:id/:point", "GET /q/:id"}
	walkers := []string{"GET /m/pack", "POST /m/key", "GET /d/bring", "GET /p/bring", "GET /d/signs", "GET /p/signs", "POST /m/park/:id", "POST /m/patrol/:id", "POST /m/patrol/:id/:point"}
	filers := []string{"GET /p/ledger/new", "GET /p/ledger/new/:class", "POST /p/ledger/new/:class", "GET /ledger/:id/edit", "POST /ledger/:id/edit", "GET /ledger/:id/amend", "POST /ledger/:id/amend",
		"GET /ledger/:id/check", "POST /ledger/:id/filing", "GET /ledger/:id/done", "GET /import/template/:class"}
	officials := []string{"GET /d/draws", "GET /c/draws", "GET /draw/:id"}
	drawers := []string{"POST /draws/publishing", "POST /draw/:id/drawing"}
	outlives := map[string]int{"POST /p/ledger/new/:class": http.StatusBadRequest, "POST /ledger/:id/edit": http.StatusNotFound, "POST /ledger/:id/amend": http.StatusNotFound, "POST /ledgers/return": http.StatusUnprocessableEntity} // drawn again, when there is something to draw
	personal := []string{"GET /me", "GET /me/session", "GET /inbox", "GET /exports", "GET /exports/:id", "GET /help/metrics", "GET /help/manual", "GET /help/accessibility", "POST /logout", "POST /me/password", "POST /me/size", "POST /me/sessions/:id/ending", "GET /m/session", "POST /me/factor", "POST /me/factor/confirmation", "GET /me/tokens", "POST /me/tokens/token", "POST /me/tokens/:id/revocation"}
	for _, line := range w.pages.Paths() {
		method, path, _ := strings.Cut(line, " ")
		if slices.Contains(open, line) {
			continue
		}
		allowed := business
		if slices.Contains(personal, line) {
			allowed = everybody
		}
		if slices.Contains(filers, line) {
			allowed = []string{"park-a"}
		}
		if strings.Contains(line, "/import") && !slices.Contains(filers, line) { // what of it depends on the list
			allowed = []string{"park-a", "baoan", "bureau"}
		}
		if slices.Contains(walkers, line) {
			allowed = []string{"park-a", "baoan"}
		}
		if slices.Contains(officials, line) {
			allowed = []string{"baoan", "bureau", "analyst", "auditor"}
		}
		if slices.Contains(drawers, line) {
			allowed = []string{"baoan", "bureau"}
		}
		if strings.HasPrefix(line, "POST /c/setup") || line == "GET /c/setup/checklist" {
			allowed = []string{"bureau"}
		}
		if strings.Contains(line, "/c/tasks/new") || strings.Contains(line, "/c/tasks/programme") || line == "POST /parks/park" {
			allowed = []string{"bureau"}
		}
		if line == "POST /ledgers/return" {
			allowed = []string{"park-a", "baoan"}
		}
		if line == "POST /six/start" {
			allowed = []string{"park-a"}
		}
		if strings.HasPrefix(line, "GET /user") {
			allowed = []string{"auditor", "admin"}
		}
		if strings.HasPrefix(line, "GET /request") { // everybody has requests of their own, if none
			allowed = everybody
		}
		if strings.Contains(line, " /export") || strings.Contains(line, " /report") { // what of them depends on the list, the report
			allowed = everybody
		}
		if strings.Contains(line, " /report/") {
			path, allowed = "/report/access", []string{"auditor", "admin"}
		}
		if line == "GET /c/audit" {
			allowed = []string{"auditor"}
		}
		path = strings.ReplaceAll(path, ":class", "treatmentFacility.wastewater")
		path = strings.ReplaceAll(path, ":id", string(models.NewID()))
		var form url.Values
		if method == "POST" {
			form = url.Values{"form": {"forged"}}
		}
		for name, b := range readers {
			want, to := http.StatusForbidden, ""
			switch {
			case name == "" && method == "POST":
				want = http.StatusUnauthorized
			case name == "":
				want, to = http.StatusSeeOther, "/login?next="+url.QueryEscape(path)
			case slices.Contains(allowed, name) && outlives[line] > 0:
				want = outlives[line]
			case slices.Contains(allowed, name) && strings.Contains(line, ":id") && method == "GET":
				want = http.StatusNotFound
			case slices.Contains(allowed, name) && method == "GET":
				want = http.StatusOK
			}
			got := b.send(method, path, form)
			if got.status != want || got.to != to {
				t.Errorf("%s as %q: %d to %q, want %d to %q", line, name, got.status, got.to, want, to)
			}
			if csp := got.header.Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'self'; style-src 'self'") || strings.Contains(csp, "unsafe") {
				t.Errorf("%s: policy %q", line, csp)
			}
			if strings.Contains(got.text, " style=") || strings.Contains(got.text, "<script>") || strings.Contains(got.text, "<style") {
				t.Errorf("%s: something stands inline that the policy forbids", line)
			}
		}
	}
}

// testWorkplaces: / leads each role to its own, and its menu only to pages that it may
// open; no menu has more lines than twelve.
func testWorkplaces(t *testing.T, w *world) {
	for name, home := range map[string]string{"park-a": "/p", "baoan": "/d", "bureau": "/c", "analyst": "/c", "auditor": "/c", "admin": "/me"} {
		b := w.browser().signIn(name)
		if got := b.get("/"); got.to != home {
			t.Errorf("%s is led to %q, want %q", name, got.to, home)
		}
		if name == "bureau" {
			if here := linksIn(menuPart, b.get("/c/setup/locks").text, ` aria-current="true"`); !slices.Equal(here, []string{"/c/setup"}) {
				t.Errorf("a page below one of the menu stands in it at %q", here)
			}
		}
		lines := b.menu(home)
		if len(lines) > 12 {
			t.Errorf("the menu of %s has %d lines: %q", name, len(lines), lines)
		}
		for _, path := range b.places(home) {
			if path == "/m/" {
				continue // has a head of its own, without a menu
			}
			got := b.get(path)
			if got.status != http.StatusOK || !strings.Contains(got.text, `aria-current="page"`) {
				t.Errorf("%s: the menu leads to %s: %d", name, path, got.status)
			}
			if here := linksIn(menuPart, got.text, ` aria-current=`); len(here) != 1 {
				t.Errorf("%s on %s stands in the menu at %q", name, path, here)
			}
		}
	}
}

// testForged: what another site makes a browser send changes nothing.
func testForged(t *testing.T, w *world) { // S-AU8
	b := w.browser().signIn("park-a")
	token := b.get("/me").form(t)
	stranger := w.browser().signIn("park-a").get("/me").form(t)
	for name, c := range map[string]struct {
		form   url.Values
		header []string
	}{
		"no token":                   {form: url.Values{}},
		"the token of a new sign-in": {form: url.Values{"form": {stranger}}},
		"from another site":          {form: url.Values{"form": {token}}, header: []string{"Sec-Fetch-Site", "cross-site"}},
		"from another origin":        {form: url.Values{"form": {token}}, header: []string{"Origin", "https://elsewhere.example"}},
	} {
		if got := b.send("POST", "/logout", c.form, c.header...); got.status != http.StatusForbidden {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	if got := b.send("POST", "/logout", url.Values{"form": {token}}, "Content-Type", "text/plain"); got.status != http.StatusUnsupportedMediaType {
		t.Errorf("a form in another format: %d", got.status)
	}
	if got := b.get("/me"); got.status != http.StatusOK {
		t.Fatalf("a forged request ended the session: %d", got.status)
	}
	if got := b.send("POST", "/logout", url.Values{"form": {token}}, "Sec-Fetch-Site", "same-origin"); got.status != http.StatusSeeOther || got.to != "/login" {
		t.Fatalf("sign out: %d to %q", got.status, got.to)
	}
	if b.secret() != "" || b.get("/me").status != http.StatusSeeOther {
		t.Error("the sign-in outlives its end")
	}
}

// testCredentials: what a browser keeps is no bearer and a bearer is no cookie; by cookie
// the JSON routes read, and change only with the token that no other site can send.
func testCredentials(t *testing.T, w *world) { // S-AU8, S-AU9
	b := w.browser().signIn("park-a")
	form := b.get("/me").form(t)
	send := func(method, path string, header ...string) int { return b.send(method, path, nil, header...).status }
	if got := send("GET", "/api/v1/me"); got != http.StatusOK {
		t.Errorf("read by cookie: %d", got)
	}
	if got := b.send("GET", w.receipt(), nil); got.status != http.StatusOK || !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
		t.Errorf("a receipt by cookie: %d", got.status)
	}
	if got := send("POST", "/api/v1/users/"+string(models.NewID())+"/session-ending"); got != http.StatusForbidden {
		t.Errorf("change by cookie alone: %d", got)
	}
	if got := send("DELETE", "/api/v1/sessions/"+string(models.NewID()), "X-CSRF-Token", "x"); got != http.StatusForbidden {
		t.Errorf("change by cookie with a wrong token: %d", got)
	}
	if got := send("DELETE", "/api/v1/sessions/"+string(models.NewID()), "X-CSRF-Token", form); got != http.StatusNotFound {
		t.Errorf("change by cookie with its token: %d", got)
	}
	w.token = ""
	bearer := w.bearer("park-a")
	for name, header := range map[string][]string{"a cookie's secret as bearer": {"Authorization", "Bearer " + b.secret()}, "a bearer as cookie": {"Cookie", "park=" + bearer}} {
		w.token = ""
		if got := w.send("GET", "/api/v1/me", "", header...).status; got != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, got)
		}
		if got := w.send("GET", "/me", "", header...); !strings.Contains(string(got.raw), `action="/login"`) {
			t.Errorf("%s opens a page: %d", name, got.status)
		}
	}
}

// testSignIn: refused in one sentence, with the name kept and the password not; and
// nobody is led to another site afterwards.
func testSignIn(t *testing.T, w *world) { // S-AU4, S-OUT3
	b := w.browser()
	got := b.send("POST", "/login", url.Values{"username": {"nobody"}, "password": {"Wrong-river-31"}, "next": {"/p"}})
	if got.status != http.StatusUnauthorized || !strings.Contains(got.text, "账号、密码或者动态口令不正确") || !strings.Contains(got.text, `value="nobody"`) ||
		strings.Contains(got.text, "Wrong-river-31") || !strings.Contains(got.text, "<title>错误：") || !strings.Contains(got.text, `name="next" value="/p"`) {
		t.Errorf("refused: %d\n%s", got.status, got.text)
	}
	if b.secret() != "" {
		t.Error("a refused sign-in leaves a cookie")
	}
	for next, want := range map[string]string{"/p/due?state=due": "/p/due?state=due", "": "/", "https://elsewhere.example/": "/", "//elsewhere.example": "/", `/\elsewhere.example`: "/", "p": "/", "javascript:alert(1)": "/"} {
		b := w.browser()
		if got := b.send("POST", "/login", url.Values{"username": {"park-a"}, "password": {password}, "next": {next}}); got.to != want {
			t.Errorf("next %q leads to %q, want %q", next, got.to, want)
		}
	}
	signed := w.browser().signIn("park-a")
	if got := signed.get("/login?next=%2Fp%2Fledger"); got.to != "/p/ledger" {
		t.Errorf("who is signed in and opens the form is led to %q", got.to)
	}
}

// testPassword: the page of somebody who has to change a first password is the only one
// that opens; a change gives the browser a new secret and ends every other sign-in.
func testPassword(t *testing.T, w *world) { // S-AU3, S-AU6
	w.account("new", policies.ParkManager, w.BaoanA.Park.ID)
	must(t, w.DB.Write(w.Program(), func(tx *models.Tx) error {
		return tx.Program().Table("users").Where("username = ?", "new").Update("must_change_password", true).Error
	}))
	b, elsewhere := w.browser().signIn("new"), w.browser().signIn("new")
	if got := b.get("/p"); got.to != "/me?needs=password" {
		t.Fatalf("before the change /p leads to %q", got.to)
	}
	for _, path := range []string{"/finding/" + string(models.NewID()) + "/notice", "/me/sessions/" + string(models.NewID()) + "/ending"} {
		if got := b.send("POST", path, url.Values{"form": {"forged"}}); got.status != http.StatusSeeOther || got.to != "/me?needs=password" {
			t.Errorf("before the change a form of %s is taken: %d to %q", path, got.status, got.to)
		}
	}
	page := b.get("/me")
	token, old := page.form(t), b.secret()
	change := func(current, next, again string) string {
		return b.send("POST", "/me/password", url.Values{"form": {token}, "current": {current}, "next": {next}, "again": {again}}).text
	}
	for want, text := range map[string]string{
		"两次输入的新密码不一样":  change(password, "Green-hill-47-clouds", "Green-hill-48-clouds"),
		"当前密码不正确":      change("Wrong-river-31", "Green-hill-47-clouds", "Green-hill-47-clouds"),
		"新密码不能与当前密码相同": change(password, password, password),
	} {
		if !strings.Contains(text, want) || strings.Contains(text, "Green-hill") {
			t.Errorf("%s: not said, or a password comes back", want)
		}
	}
	change(password, "Green-hill-47-clouds", "Green-hill-47-clouds")
	if b.secret() == old || b.get("/p").status != http.StatusOK {
		t.Error("the change left the old secret, or did not open the pages")
	}
	if got := elsewhere.get("/p"); got.status != http.StatusSeeOther {
		t.Errorf("another sign-in outlives the change: %d", got.status)
	}
}

// testForeign: what lies outside the reach is answered as absent, and no list has it.
func testForeign(t *testing.T, w *world) { // S-AZ10
	w.token = w.bearer("other")
	made := w.send("POST", "/api/v1/findings", fmt.Sprintf(`{"parkId":%q,"dimension":1,"severity":"minor","description":"龙岗的问题"}`, w.Longgang.Park.ID))
	if made.status != http.StatusCreated {
		t.Fatalf("%d %s", made.status, made.raw)
	}
	own, foreign := w.browser().signIn("other"), w.browser().signIn("park-a")
	if !strings.Contains(own.get("/p/findings").text, "龙岗的问题") {
		t.Error("its own park does not see the finding")
	}
	for _, path := range []string{"/p/findings", "/p/findings?parkId=" + string(w.Longgang.Park.ID), "/p/findings?state=open", "/p/matrix", "/p/due?state=due", "/p/ledger"} {
		if got := foreign.get(path); got.status != http.StatusOK || strings.Contains(got.text, "龙岗的问题") || strings.Contains(got.text, *w.Longgang.Park.Name) {
			t.Errorf("%s: %d, or shows the other park", path, got.status)
		}
	}
	for _, code := range []string{w.Longgang.Park.Code, "SZ-99"} {
		if got := foreign.get("/p/matrix?park=" + code); got.status != http.StatusNotFound {
			t.Errorf("park %s: %d", code, got.status)
		}
	}
	if got := foreign.send("POST", "/me/sessions/"+string(models.NewID())+"/ending", url.Values{"form": {foreign.get("/me").form(t)}}); got.status != http.StatusNotFound {
		t.Errorf("the end of an absent session: %d", got.status)
	}
}

var (
	counted = regexp.MustCompile(`<a class="v[^"]*" href="([^"]+)">(\d+)</a>`)
	total   = regexp.MustCompile(`共 (\d+) 条`)
)

// testNumbers: every number of a workplace leads to exactly the rows that it counts.
func testNumbers(t *testing.T, w *world) {
	seen := 0
	if past := w.browser().signIn("bureau").get("/c?asOf=2026-01-03"); past.status != http.StatusOK || strings.Contains(past.text, "overdue=true") || !strings.Contains(past.text, `/c/matrix?asOf=2026-01-03"`) {
		t.Errorf("a day that is over: %d, or its numbers lead to today's rows", past.status)
	}
	must(w.t, w.DB.Write(w.Program(), func(tx *models.Tx) error {
		return models.Load(tx, []registry.ReferenceItem{
			{List: "baseline_figures", Code: "pilot_parks", NameZh: "试点园区", NameEn: "pilot parks", Data: `{"value":31,"unit":"parks","unitZh":"个","period":"2021-07-14","periodZh":"2021年7月14日","ownerZh":"市生态环境局"}`, Source: "seed", Confidence: "seed"},
			{List: "baseline_figures", Code: "cases", NameZh: "环境违法案件", NameEn: "cases", Data: `{"value":9896,"unit":"cases","unitZh":"件","period":"2017-2020","periodZh":"2017—2020 年","ownerZh":"市生态环境局"}`, Source: "seed", Confidence: "seed"}})
	}))
	for _, p := range []dbtest.Place{w.BaoanA, w.Longgang} { // so that the rows of a district are not all rows
		_, err := inspection.New(w.DB, nil).Log(w.Inspector(models.Deref(p.Park.Jurisdiction)), "", inspection.FindingInput{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID), Dimension: 2, Description: "标牌缺失", Severity: "minor"})
		must(w.t, err)
	}
	w.numbered()
	letter := w.browser().signIn("bureau").get("/help/baseline").text
	for _, want := range []string{"20210087", `31 <span class="of">个`, "2021年7月14日", `</span>5<span class="meta sub">报告中的园区`, `9,896 <span class="of">件`, "未登记"} {
		if !strings.Contains(letter, want) {
			w.t.Errorf("the letter's figures do not say %q:\n%s", want, letter)
		}
	}
	if got := w.browser().signIn("bureau").get("/c/ledger?counted=patrols"); got.status != http.StatusBadRequest {
		t.Errorf("a number that is not made of entries: %d", got.status)
	}
	for _, x := range [][2]string{{"park-a", "/p"}, {"baoan", "/d"}, {"baoan", "/d/compare"}, {"bureau", "/c"}, {"bureau", "/c?asOf=2026-01-03"}, {"other", "/p"}} {
		name, home := x[0], x[1]
		b := w.browser().signIn(name)
		for _, m := range counted.FindAllStringSubmatch(b.get(home).text, -1) {
			list := b.get(html.UnescapeString(m[1]))
			rows := "0"
			if n := total.FindStringSubmatch(list.text); n != nil {
				rows = n[1]
			}
			if list.status != http.StatusOK || rows != m[2] {
				t.Errorf("%s: %s says %s, its list has %s (%d)", name, m[1], m[2], rows, list.status)
			}
			if rows != "0" {
				seen++
				if n := strings.Count(b.takenOut(list, "csv").text, "\n") - 1; fmt.Sprint(n) != rows {
					t.Errorf("%s: %s lists %s rows, its file has %d", name, m[1], rows, n)
				}
			}
		}
	}
	if seen < 8 {
		t.Errorf("only %d numbers are more than 0: too few were compared", seen)
	}
}

// testFailures: a refusal says what happened and what is safe, with a number to quote; a
// browser gets a page, a program gets the problem.
func testFailures(t *testing.T, w *world) { // S-OUT1
	b := w.browser().signIn("bureau")
	for path, want := range map[string]struct {
		status int
		said   string
	}{"/nowhere": {404, "没有找到"}, "/c?asOf=yesterday": {422, "日期应当写成"}, "/c?asOf=2099-01-01": {422, "不能晚于今天"}, "/c/findings?cursor=x": {400, "查询参数有误"}, "/c/findings?state=&state=": {400, ""},
		"/c/findings?parkId=x": {400, "没有这一项"}, "/c/ledger?from=x": {400, "没有这一项"}, "/c/due?dueBy=2026-02-30": {400, "没有这一项"}, "/c/findings?state=bogus": {400, "没有这一项"},
		"/c/findings?dimension=7": {400, "没有这一项"}, "/c/findings?colour=red": {400, "没有这一项"}} {
		got := b.get(path)
		if got.status != want.status || !strings.Contains(got.text, want.said) {
			t.Errorf("%s: %d\n%s", path, got.status, got.text)
		}
	}
	if got := b.send("GET", "/nowhere", nil, "Accept", "application/json"); !json.Valid([]byte(got.text)) {
		t.Errorf("a program is answered %q", got.text)
	}
	if got := b.get("/c/findings?state=&state="); got.status != http.StatusBadRequest || !strings.Contains(got.text, "回到首页") {
		t.Errorf("a browser that doubles a parameter is answered %d %q", got.status, got.text)
	}
	if got := b.send("GET", "/c/findings?state=&state=", nil, "Accept", "application/json"); got.status != http.StatusBadRequest || !json.Valid([]byte(got.text)) {
		t.Errorf("a program that doubles one is answered %q", got.text)
	}
	kept := b.get("/c/findings?dimension=3&overdue=true&state=open").text
	for _, said := range []string{`<option value="3" selected>`, `<input type="hidden" name="overdue" value="true">`, `href="/c/findings?dimension=3&amp;state=open"`, "严格园区企业入驻"} {
		if !strings.Contains(kept, said) {
			t.Errorf("what the address asks for is not kept or cannot be dropped: no %s", said)
		}
	}
	if got := b.send("GET", "/api/v1/nowhere", nil); !json.Valid([]byte(got.text)) {
		t.Errorf("below the API a browser is answered %q", got.text)
	}
	if got := b.get("//elsewhere.example/x"); got.status != http.StatusNotFound || strings.Contains(got.text, "elsewhere.example") {
		t.Errorf("a path that looks like a host: %d, linked %v", got.status, strings.Contains(got.text, "elsewhere.example"))
	}
	english := b.get("/c?lang=en")
	if !strings.Contains(english.text, `<html lang="en">`) || !strings.Contains(b.get("/nowhere").text, "Back to the start") {
		t.Error("the language that was chosen is not kept")
	}
}

// testPaging: the form of the filters sends its empty fields too, and the second page of
// what it found still opens, with the same filters.
func testPaging(t *testing.T, w *world) {
	w.token = w.bearer("bureau")
	inspector := w.bearer("baoan")
	for i := range 52 {
		w.token = inspector
		if got := w.send("POST", "/api/v1/findings", fmt.Sprintf(`{"parkId":%q,"dimension":3,"severity":"minor","description":"第 %d 项，很多问题之一"}`, w.BaoanA.Park.ID, i)); got.status != http.StatusCreated {
			t.Fatalf("%d %s", got.status, got.raw)
		}
	}
	b := w.browser().signIn("bureau")
	next := regexp.MustCompile(`rel="next" href="([^"]+)"`)
	for _, path := range []string{"/c/findings?parkId=&state=open&from=&to=", "/c/findings?parkId=&state=&from=&to="} {
		first := b.get(path)
		m := next.FindStringSubmatch(first.text)
		if m == nil {
			t.Fatalf("%s has no second page", path)
		}
		second := b.get(html.UnescapeString(m[1]))
		if second.status != http.StatusOK || !strings.Contains(second.text, "很多问题之一") || total.FindString(first.text) != total.FindString(second.text) {
			t.Errorf("%s, second page: %d, %s of %s", path, second.status, total.FindString(second.text), total.FindString(first.text))
		}
	}
}

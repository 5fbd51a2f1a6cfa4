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

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

// fields are the form of a page as a browser would send it back, untouched.
func (p shown) fields(t *testing.T) url.Values {
	t.Helper()
	_, form, found := strings.Cut(p.text, `<form class="ledger"`)
	form, _, closed := strings.Cut(form, "</form>")
	if !found || !closed {
		t.Fatalf("%d: the page has no ledger form\n%s", p.status, p.text)
	}
	out := url.Values{}
	add := func(name, value string) { out.Add(html.UnescapeString(name), html.UnescapeString(value)) }
	attribute := func(tag, name string) string {
		m := regexp.MustCompile(` ` + name + `="([^"]*)"`).FindStringSubmatch(tag)
		if m == nil {
			return ""
		}
		return m[1]
	}
	for _, tag := range regexp.MustCompile(`<input[^>]*>`).FindAllString(form, -1) {
		if name := attribute(tag, "name"); name != "" && (!strings.Contains(tag, `type="radio"`) || strings.Contains(tag, " checked")) {
			add(name, attribute(tag, "value"))
		}
	}
	for _, m := range regexp.MustCompile(`(?s)<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>`).FindAllStringSubmatch(form, -1) {
		add(m[1], m[2])
	}
	for _, m := range regexp.MustCompile(`(?s)<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>`).FindAllStringSubmatch(form, -1) {
		chosen := regexp.MustCompile(`value="([^"]*)" selected`).FindStringSubmatch(m[2])
		if chosen == nil {
			chosen = []string{"", ""}
		}
		add(m[1], chosen[1])
	}
	return out
}

// fill sends the form of a page back with what was typed: name, value, name, value.
func (b *browser) fill(p shown, do string, typed ...string) shown {
	b.t.Helper()
	form := p.fields(b.t)
	for i := 0; i+1 < len(typed); i += 2 {
		form.Set(typed[i], typed[i+1])
	}
	form.Set("do", do)
	action := regexp.MustCompile(`<form class="ledger"[^>]* action="([^"]+)"`).FindStringSubmatch(p.text)
	return b.send("POST", html.UnescapeString(action[1]), form)
}

// rowOf is the pointer of the row in which a pollutant is measured.
func rowOf(t *testing.T, p shown, pollutant string) string {
	t.Helper()
	for name, values := range p.fields(t) {
		if values[0] == pollutant && strings.HasSuffix(name, "/pollutant") {
			return strings.TrimSuffix(name, "/pollutant")
		}
	}
	t.Fatalf("the form asks for no %s", pollutant)
	return ""
}

// whole is a day of the works as people type it.
var whole = []string{"/normal", "true", "/startAt", "2026-01-03T00:00", "/endAt", "2026-01-03T23:00", "/inflow", "１，０", "/treated", " 9。5 ", "/reused", "0", "/discharged", "9.50",
	"/sludgeQuantity", "0", "/sludgeDestination", "示例处置公司 <b>", "/drainDestination", "sewagePlant"}

// testForm walks a ledger entry by its form alone: typed, saved, gone on with, refused
// with everything kept, checked, filed, receipted, corrected.
func testForm(t *testing.T, w *world) {
	park := w.browser().signIn("park-a")
	facility := string(w.BaoanA.Facility.ID)
	blank := park.get("/p/ledger/new/treatmentFacility.wastewater?facility=" + facility + "&date=2026-01-03")
	for _, said := range []string{"污泥产生量", "必填", "昨日 412.50", ">m³<", "2026-01-03", "w01018", "近 30 日"} {
		if blank.status != http.StatusOK || !strings.Contains(blank.text, said) {
			t.Errorf("the form does not say %q (%d)", said, blank.status)
		}
	}
	row := rowOf(t, blank, "w01018")
	bad := park.fill(blank, "save", append(append([]string{"slot", "早班"}, whole...), row+"/value", "十二", "/sludgeQuantity", "-1")...)
	for _, said := range []string{"<title>错误：", `href="#f` + strings.ReplaceAll(row, "/", "-") + `-value"`, `value="十二"`, "示例处置公司 &lt;b&gt;", "污泥产生量：不能小于 0", `aria-describedby="f-sludgeQuantity-e f-sludgeQuantity-h"`} {
		if bad.status != http.StatusUnprocessableEntity || !strings.Contains(bad.text, said) {
			t.Errorf("what was refused does not say %q (%d)", said, bad.status)
		}
	}
	if inline := strings.Count(bad.text, "污泥产生量：不能小于 0"); inline != 2 {
		t.Errorf("the summary and the field say it %d times in the same words", inline)
	}
	saved := park.fill(bad, "save", row+"/value", "＜０。０５", "/sludgeQuantity", "")
	if saved.status != http.StatusSeeOther || !strings.HasSuffix(saved.to, "/edit") {
		t.Fatalf("save: %d to %q\n%s", saved.status, saved.to, saved.text)
	}
	draft := park.get(saved.to)
	again := draft.fields(t)
	for name, want := range map[string]string{"/inflow": "1.0", "/treated": "9.5", "/discharged": "9.50", "/startAt": "2026-01-03T00:00", rowOf(t, draft, "w01018") + "/value": "<0.05", "slot": "早班"} {
		if got := again.Get(name); got != want {
			t.Errorf("the draft keeps %s as %q, want %q", name, got, want)
		}
	}
	twice := park.fill(blank, "save", append([]string{"slot", "早班"}, whole...)...)
	if twice.status != http.StatusConflict || !strings.Contains(twice.text, "示例处置公司") {
		t.Errorf("another draft of the same shift: %d", twice.status)
	}
	check := park.fill(draft, "check")
	if check.status != http.StatusSeeOther || !strings.HasSuffix(check.to, "/check") {
		t.Fatalf("check: %d to %q", check.status, check.to)
	}
	if got := park.get(check.to); !strings.Contains(got.text, "污泥产生量：必须填写") || strings.Contains(got.text, `name="declared"`) {
		t.Error("what is incomplete can be filed, or is not told")
	}
	path := strings.TrimSuffix(check.to, "/check")
	if got := park.fill(park.get(path+"/edit"), "save", "/sludgeQuantity", "0", row+"/value", "480"); got.status != http.StatusSeeOther {
		t.Fatalf("complete it: %d\n%s", got.status, got.text)
	}
	stale := park.fill(draft, "save", "/sludgeDestination", "另一家公司")
	for _, said := range []string{"另一家公司", "示例处置公司 &lt;b&gt;", "与刚刚保存的不同"} {
		if stale.status != http.StatusPreconditionFailed || !strings.Contains(stale.text, said) {
			t.Errorf("a save over somebody else's does not say %q (%d)", said, stale.status)
		}
	}
	if got := park.fill(stale, "save", "/sludgeQuantity", "0"); got.status != http.StatusSeeOther {
		t.Errorf("after a look at the other's it is still refused: %d", got.status)
	}
	testFiling(t, w, park, path)
}

func testFiling(t *testing.T, w *world, park *browser, path string) {
	page := park.get(path + "/check")
	version := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(page.text)
	if version == nil {
		t.Fatalf("the check offers no filing: %d\n%s", page.status, page.text)
	}
	form := url.Values{"form": {page.form(t)}, "version": {version[1]}}
	if got := park.send("POST", path+"/filing", form); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, "报送前确认内容真实、完整") {
		t.Errorf("filed without the declaration: %d", got.status)
	}
	form.Set("declared", "yes")
	for _, reason := range []string{"", "  ", "忘了"} { // the day is long past
		form.Set("reason", reason)
		if got := park.send("POST", path+"/filing", form); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="reason-e"`) || !strings.Contains(got.text, `href="#reason"`) || !strings.Contains(got.text, `value="yes" required checked`) {
			t.Errorf("filed late for the reason %q: %d", reason, got.status)
		}
	}
	form.Set("reason", "停电两天，无法 <登录> 系统")
	lock, err := ledger.New(w.DB).LockPeriod(w.Bureau(), "", ledger.PeriodInput{From: "2026-01-01", To: "2026-01-31", Reason: "一月份已经汇总"})
	must(t, err)
	if got := park.send("POST", path+"/filing", form); got.status != http.StatusConflict || !strings.Contains(got.text, "已经锁定") || !strings.Contains(got.text, "另一家公司") || strings.Contains(got.text, `name="declared"`) {
		t.Errorf("filed into a locked period: %d", got.status)
	}
	_, err = ledger.New(w.DB).UnlockPeriod(w.Bureau(), lock.ID, 0, ledger.ReasonInput{Reason: "补充一月份的记录"})
	must(t, err)
	if got := park.send("POST", path+"/filing", form); got.status != http.StatusSeeOther || got.to != path+"/done" {
		t.Fatalf("file: %d to %q\n%s", got.status, got.to, got.text)
	}
	done := park.get(path + "/done")
	if !strings.Contains(done.text, `href="/api/v1`+strings.Replace(path, "/ledger/", "/ledgers/", 1)+`/receipt"`) || !strings.Contains(done.text, "LG-") {
		t.Error("the filed entry leads to no receipt")
	}
	for _, reader := range []*browser{park, w.browser().signIn("baoan")} {
		if got := reader.get(path); strings.Count(got.text, "停电两天，无法 &lt;登录&gt; 系统") != 2 || !strings.Contains(got.text, "补报的原因：") {
			t.Errorf("the entry does not say above and in its history why it came late: %d", got.status)
		}
	}
	if got := park.get(path + "/edit"); got.status != http.StatusSeeOther {
		t.Errorf("what is filed is edited: %d", got.status)
	}
	amend := park.get(path + "/amend")
	if got := park.fill(amend, "save", "reason", "错"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `aria-describedby="f-reason-e f-reason-h"`) {
		t.Errorf("a correction without a reason: %d", got.status)
	}
	corrected := park.fill(amend, "check", "reason", "抄表时看错了一位", "/sludgeQuantity", "0.2")
	if corrected.status != http.StatusSeeOther || strings.HasPrefix(corrected.to, path+"/") {
		t.Fatalf("correct: %d to %q\n%s", corrected.status, corrected.to, corrected.text)
	}
	// As a script saves it: answered in short, with the reason among what can be changed.
	draft := park.get(strings.TrimSuffix(corrected.to, "/check") + "/edit")
	if !strings.Contains(draft.text, ">抄表时看错了一位</textarea>") || !strings.Contains(draft.text, "<h1>更正：") {
		t.Error("the draft of a correction does not show its reason")
	}
	if got := park.fill(draft, "auto", "reason", "短"); got.status != http.StatusUnprocessableEntity || !strings.HasPrefix(got.header.Get("Content-Type"), "application/json") {
		t.Errorf("a reason cut short is saved: %d", got.status)
	}
	if got := park.fill(draft, "auto", "reason", "抄表时看错了小数点"); got.status != http.StatusOK || !strings.Contains(park.get(strings.TrimSuffix(corrected.to, "/check")+"/edit").text, ">抄表时看错了小数点</textarea>") {
		t.Errorf("another reason is not saved: %d %s", got.status, got.text)
	}
	if got := park.get(corrected.to); got.status != http.StatusOK || !strings.Contains(got.text, "0.2") {
		t.Errorf("the correction: %d", got.status)
	} else if strings.Contains(got.text, `id="reason"`) {
		t.Error("a correction is asked why it is late; it is as late as what it corrects")
	}
	testLine(t, w, park)
}

// testAttached: files come with the form, travel on where something is refused, leave by
// their box, and stand where the entry is read.
func testAttached(t *testing.T, w *world) {
	park := w.browser().signIn("park-a")
	address := "/p/ledger/new/treatmentFacility.wastewater"
	blank := park.get(address + "?facility=" + string(w.BaoanA.Facility.ID) + "&date=2026-01-07")
	if !strings.Contains(blank.text, `enctype="multipart/form-data"`) || !strings.Contains(blank.text, `type="file"`) {
		t.Fatal("the form takes no file")
	}
	parts := func(p shown, typed ...string) (fields []string) {
		form := p.fields(t)
		for i := 0; i+1 < len(typed); i += 2 {
			form.Set(typed[i], typed[i+1])
		}
		form.Del("form")
		for name, values := range form {
			for _, value := range values {
				fields = append(fields, name, value)
			}
		}
		return fields
	}
	typed := append([]string{"do", "save", "slot", "早班"}, whole...)
	box := regexp.MustCompile(`name="attachments" value="([^"]+)"( checked)?`)
	bad := park.sendParts(address, blank.form(t), parts(blank, typed...), []string{"甲.png", string(dbtest.PNG(t, 1)), "乙.png", "<html>"})
	for _, said := range []string{"“乙.png”没有收下", `href="#file"`, "甲.png", "示例处置公司"} {
		if bad.status != http.StatusUnprocessableEntity || !strings.Contains(bad.text, said) {
			t.Fatalf("a file that is no picture: %d, does not say %q\n%s", bad.status, said, bad.text)
		}
	}
	saved := park.sendParts(address, bad.form(t), parts(bad, "do", "save"), []string{"丙.png", string(dbtest.PNG(t, 2))})
	if saved.status != http.StatusSeeOther {
		t.Fatalf("save: %d\n%s", saved.status, saved.text)
	}
	draft := park.get(saved.to)
	kept := box.FindAllStringSubmatch(draft.text, -1)
	if len(kept) != 2 || kept[0][2] == "" || kept[1][2] == "" {
		t.Fatalf("the draft keeps %q", kept)
	}
	if got := park.fill(draft, "save", "attachments", kept[1][1]); got.status != http.StatusSeeOther { // the other box is empty
		t.Fatalf("leave one out: %d\n%s", got.status, got.text)
	}
	for _, path := range []string{saved.to, strings.TrimSuffix(saved.to, "/edit"), strings.TrimSuffix(saved.to, "/edit") + "/check"} {
		links := regexp.MustCompile(`href="(/api/v1/attachments/([^"]+)/content)"`).FindAllStringSubmatch(park.get(path).text, -1)
		if len(links) != 1 || links[0][2] != kept[1][1] {
			t.Errorf("%s shows %q", path, links)
		} else if got := park.get(links[0][1]); got.status != http.StatusOK || !strings.HasPrefix(got.text, "\x89PNG") {
			t.Errorf("the file: %d", got.status)
		}
	}
	if got := park.sendParts(saved.to, "", parts(park.get(saved.to), "do", "save"), []string{"丁.png", string(dbtest.PNG(t, 3))}); got.status != http.StatusForbidden || len(box.FindAllString(got.text, -1)) != 1 {
		t.Errorf("a stranger's form with a file: %d", got.status)
	}
}

// testLine: 480 on the first and 38.0 on the second of the month are a line from the left
// above to the right below, with the limit of 500 over it; what is below the limit of detection is no point of it.
func testLine(t *testing.T, w *world, park *browser) {
	w.token = w.bearer("park-a")
	first := strings.NewReplacer("2026-01-02", "2026-01-01", `"38.0"`, `"480"`).Replace(payload)
	must(t, json.Unmarshal(w.send("POST", "/api/v1/ledgers/batch", fmt.Sprintf(`{"entries":[{"parkId":%q,"facilityId":%q,"class":"treatmentFacility.wastewater","day":"2026-01-01","slot":"早班","file":true,"payload":%s}]}`,
		w.BaoanA.Park.ID, w.BaoanA.Facility.ID, first)).raw, &struct{}{}))
	next := park.get("/p/ledger/new/treatmentFacility.wastewater?facility=" + string(w.BaoanA.Facility.ID) + "&date=2026-01-04")
	if !strings.Contains(next.text, `aria-label="近 30 日 38 至 480"`) || !strings.Contains(next.text, `<path class="t" d="M0 3H84"/><path d="M3 4L81 19"/><circle cx="81" cy="19"`) {
		t.Errorf("the line of thirty days: %q", regexp.MustCompile(`<svg class="spark".*?</svg>`).FindAllString(next.text, -1))
	}
}

// testEveryClass: the form of every class is drawn and saved blank, and takes a value of
// each kind of field.
func testEveryClass(t *testing.T, w *world) {
	park := w.browser().signIn("park-a")
	list := park.get("/p/ledger/new")
	links := regexp.MustCompile(`href="(/p/ledger/new/[^"]+)"`).FindAllStringSubmatch(list.text, -1)
	if len(links) < 39 {
		t.Fatalf("%d classes are offered", len(links))
	}
	drawn := 0
	for _, l := range links {
		path := html.UnescapeString(l[1])
		page := park.get(path)
		if object := regexp.MustCompile(`<option value="([a-z]+):([^"]+)">`).FindStringSubmatch(page.text); object != nil {
			page = park.get(path + "?" + url.Values{object[1]: {object[2]}, "date": {"2026-01-05"}}.Encode())
		}
		if page.status != http.StatusOK {
			t.Errorf("%s: %d\n%s", path, page.status, page.text)
			continue
		}
		if !strings.Contains(page.text, `<form class="ledger"`) {
			continue // no such object in the park
		}
		drawn++
		got := park.fill(page, "save", "slot", "B-"+string(models.NewID())[:8])
		if got.status != http.StatusSeeOther && !(got.status == http.StatusUnprocessableEntity && strings.Contains(got.text, `id="f-slot-e"`)) {
			t.Errorf("%s saved blank: %d\n%s", path, got.status, got.text)
		}
	}
	if drawn < 20 {
		t.Errorf("only %d of %d forms were drawn", drawn, len(links))
	}
}

// testOutlive: a form whose sign-in is over comes back after the next one with all that
// was typed; under another sign-in it is shown again and not written.
func testOutlive(t *testing.T, w *world) {
	park := w.browser().signIn("park-a")
	page := park.get("/p/ledger/new/treatmentFacility.wastewater?facility=" + string(w.BaoanA.Facility.ID) + "&date=2026-01-06")
	typed := append([]string{"slot", "中班"}, whole...)
	park.send("POST", "/logout", url.Values{"form": {page.form(t)}})
	over := park.fill(page, "save", typed...)
	if over.status != http.StatusUnauthorized || !strings.Contains(over.text, "kept:/sludgeDestination") || strings.Contains(over.text, "kept:form") {
		t.Fatalf("over: %d\n%s", over.status, over.text)
	}
	login := url.Values{"username": {"park-a"}, "password": {"wrong"}, "next": {"/p/ledger/new/treatmentFacility.wastewater"}}
	for _, m := range regexp.MustCompile(`name="(kept:[^"]+)" value="([^"]*)"`).FindAllStringSubmatch(over.text, -1) {
		login.Add(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	if got := park.send("POST", "/login", login); !strings.Contains(got.text, "kept:/sludgeDestination") {
		t.Errorf("a wrong password loses what was typed: %d", got.status)
	}
	login.Set("password", password)
	back := park.send("POST", "/login", login)
	form := url.Values{"do": {"resume"}}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`).FindAllStringSubmatch(back.text[strings.Index(back.text, `class="fail"`):], -1) {
		form.Add(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	again := park.send("POST", "/p/ledger/new/treatmentFacility.wastewater", form)
	if got := again.fields(t); again.status != http.StatusOK || got.Get("/sludgeDestination") != "示例处置公司 <b>" || got.Get("slot") != "中班" || got.Get("/normal") != "true" {
		t.Errorf("after the sign-in: %d %v", again.status, got)
	}
	login.Set("next", "/me")
	if got := w.browser().send("POST", "/login", login); got.status != http.StatusSeeOther || got.to != "/me" {
		t.Errorf("what was kept leads elsewhere: %d to %q", got.status, got.to)
	}
	strange := w.browser().signIn("park-a").fill(page, "check", typed...)
	if strange.status != http.StatusForbidden || strange.fields(t).Get("/sludgeDestination") != "示例处置公司 <b>" {
		t.Errorf("under another sign-in: %d", strange.status)
	}
	if got := park.get("/p/ledger?class=treatmentFacility.wastewater&from=2026-01-06&to=2026-01-06&state=draft"); strings.Contains(got.text, "LG-") {
		t.Error("something was written meanwhile")
	}
	if got := w.browser().signIn("park-a").fill(page, "save", "form", "forged"); got.status != http.StatusForbidden {
		t.Errorf("a forged form: %d", got.status)
	}
}

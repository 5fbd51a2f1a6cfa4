package web_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/models/assessment"
)

var versionSent = regexp.MustCompile(`name="version" value="(\d+)"`)

// version is that of the row that the page has forms for.
func (p shown) version(t *testing.T) string {
	t.Helper()
	m := versionSent.FindStringSubmatch(p.text)
	if m == nil {
		t.Fatalf("the page has no form of a version\n%s", p.text)
	}
	return m[1]
}

// does sends the form of a move with what was typed, as the page at path has it.
func (b *browser) does(path, to string, typed ...string) shown {
	b.t.Helper()
	at := b.get(path)
	form := url.Values{"form": {at.form(b.t)}, "version": {at.version(b.t)}}
	for i := 0; i+1 < len(typed); i += 2 {
		form.Add(typed[i], typed[i+1])
	}
	return b.send("POST", to, form)
}

// testSix: a park judges itself item by item with evidence, its district verifies, the
// bureau samples and sends it back, all by the forms of one page; who may not write is
// offered nothing, and what was refused comes back with everything that was entered.
func testSix(t *testing.T, w *world) {
	park, baoan, bureau, analyst, other := w.browser().signIn("park-a"), w.browser().signIn("baoan"), w.browser().signIn("bureau"), w.browser().signIn("analyst"), w.browser().signIn("other")
	year := w.DB.Now().In(code.Zone).Format("2006")
	if got := park.get("/p/six"); !strings.Contains(got.text, "还没有记录") || !strings.Contains(got.text, `action="/six/start"`) {
		t.Fatalf("before the first: %d\n%s", got.status, got.text)
	}
	if got := baoan.get("/d/six"); strings.Contains(got.text, "/six/start") {
		t.Error("a district is offered to judge itself")
	}
	start := func(year string) shown {
		return park.send("POST", "/six/start", url.Values{"form": {park.get("/p/six").form(t)}, "year": {year}})
	}
	if got := start("2020"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="start-year-e"`) {
		t.Errorf("a year before the pilot: %d", got.status)
	}
	began := start(year)
	if began.status != http.StatusSeeOther || !strings.HasPrefix(began.to, "/six/") {
		t.Fatalf("start: %d\n%s", began.status, began.text)
	}
	page := began.to
	if got := start(year); got.status != http.StatusConflict || !strings.Contains(got.text, "已经开始") {
		t.Errorf("the same year again: %d", got.status)
	}
	if got := other.get(page); got.status != http.StatusNotFound {
		t.Errorf("another park reads it: %d", got.status)
	}
	for name, b := range map[string]*browser{"district": baoan, "bureau": bureau, "analyst": analyst} {
		if got := b.get(page + "?dim=1&item=A1"); got.status != http.StatusOK || strings.Contains(got.text, `action="/six/`) {
			t.Errorf("before the submission a form is offered to the %s: %d", name, got.status)
		}
	}
	mark := func(item string, typed ...string) shown {
		at := page + "?dim=1&item=" + item
		return park.does(at, page+"/self-assessment", append([]string{"dim", "1", "item", item}, typed...)...)
	}
	if got := mark("A1", "points", "2", "evidence", ""); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="self-assessment-attachments-e"`) || !strings.Contains(got.text, `name="points" value="2"`) {
		t.Errorf("points without evidence: %d\n%s", got.status, got.text)
	}
	if got := mark("A1", "notApplicable", "true"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="self-assessment-reason-e"`) || !strings.Contains(got.text, `value="true" checked`) {
		t.Errorf("not applicable without a reason: %d\n%s", got.status, got.text)
	}
	at := park.get(page + "?dim=1&item=A1")
	fields := []string{"version", at.version(t), "dim", "1", "item", "A1", "points", "1.5", "reason", "", "evidence", "任命文件 <一>", "evidenceOn", year + "-03-01"}
	if got := park.sendParts(page+"/self-assessment", at.form(t), fields, []string{"任命.png", string(dbtest.PNG(t, 7))}); got.status != http.StatusSeeOther || !strings.HasSuffix(got.to, "dim=1&item=A2#A2") {
		t.Fatalf("an item with a photograph leads to %q (%d), not to the next\n%s", got.to, got.status, got.text)
	}
	shows := park.get(page + "?dim=1").text
	for _, said := range []string{"1.5 / 2", "任命文件 &lt;一&gt;", ">任命.png</a>", year + "-03-01"} {
		if !strings.Contains(shows, said) {
			t.Errorf("the park's column does not say %q", said)
		}
	}
	stale := url.Values{"form": {at.form(t)}, "version": {"1"}, "dim": {"1"}, "item": {"A2"}, "points": {"0"}}
	if got := park.send("POST", page+"/self-assessment", stale); got.status != http.StatusPreconditionFailed || !strings.Contains(got.text, "已经被修改") {
		t.Errorf("an older version: %d", got.status)
	}
	if got := park.does(page, page+"/submission"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, "item=F1#F1") || !strings.Contains(got.text, "这一项还没有自评") {
		t.Errorf("submitted with items missing: %d\n%s", got.status, got.text)
	}
	testSixSides(t, page, park, baoan, bureau)
	for name, b := range map[string]*browser{"analyst": analyst, "district": baoan} {
		if got := b.get(page); strings.Contains(got.text, `action="/six/`) {
			t.Errorf("a form is offered to the %s, who may not", name)
		}
	}
	if list := analyst.get("/c/six?state=returned&year=" + year); !strings.Contains(list.text, `href="`+page+`"`) {
		t.Errorf("the list of what was sent back: %d", list.status)
	}
	for path, status := range map[string]int{"/c/six?year=x": 400, "/c/six?state=x": 400, "/six/x": 404} {
		if got := analyst.get(path); got.status != status {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

// testSixSides takes a self-assessment through all three columns.
func testSixSides(t *testing.T, page string, park, baoan, bureau *browser) {
	for _, i := range assessment.Draft().Items {
		if i.Computed() || i.ID == "A1" {
			continue
		}
		typed := []string{"dim", strconv.Itoa(i.Dimension), "item", i.ID, "points", "0"}
		if i.ID == "A5" {
			typed = []string{"dim", "1", "item", "A5", "notApplicable", "true", "reason", "园区规划不需要开展环评"}
		}
		if got := park.does(page, page+"/self-assessment", typed...); got.status != http.StatusSeeOther {
			t.Fatalf("%s: %d\n%s", i.ID, got.status, got.text)
		}
	}
	if got := park.does(page, page+"/submission"); got.to != page+"?done=submission" || !strings.Contains(park.get(got.to).text, "已办理：提交自评") {
		t.Fatalf("submit: %d to %q\n%s", got.status, got.to, got.text)
	}
	if got := park.get(page + "?item=A1"); strings.Contains(got.text, `action="/six/`) {
		t.Error("who has submitted is still offered to write")
	}
	if got := baoan.does(page, page+"/verification", "dim", "1", "item", "A1", "points", "1"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="verification-reason-e"`) {
		t.Errorf("another judgement without a reason: %d", got.status)
	}
	if got := baoan.does(page, page+"/verification", "dim", "1", "item", "A1", "points", "1", "reason", "任命文件没有盖章"); got.status != http.StatusSeeOther {
		t.Fatalf("verify A1: %d\n%s", got.status, got.text)
	}
	box := regexp.MustCompile(`name="same" value="([^"]+)"`)
	for dim := 1; dim <= 7; dim++ {
		typed := []string{"dim", strconv.Itoa(dim)}
		for _, m := range box.FindAllStringSubmatch(baoan.get(fmt.Sprintf("%s?dim=%d", page, dim)).text, -1) {
			typed = append(typed, "same", html.UnescapeString(m[1]))
		}
		if got := baoan.does(page, page+"/verification", typed...); got.status != http.StatusSeeOther {
			t.Fatalf("verify area %d: %d\n%s", dim, got.status, got.text)
		}
	}
	if got := baoan.get(page + "?dim=7"); strings.Contains(got.text, `<b class="wn">`) {
		t.Error("items wait though all are verified")
	}
	if got := baoan.does(page, page+"/completion"); got.to != page+"?done=completion" {
		t.Fatalf("complete: %d\n%s", got.status, got.text)
	}
	if got := bureau.get(page + "?dim=1").text; !strings.Contains(got, "任命文件没有盖章") || !strings.Contains(got, "园区规划不需要开展环评") || !strings.Contains(got, "核定得分") {
		t.Error("the three columns do not stand beside each other with their reasons")
	}
	if got := bureau.does(page, page+"/sample", "dim", "1", "same", "A1"); got.status != http.StatusSeeOther {
		t.Fatalf("sample: %d\n%s", got.status, got.text)
	}
	if got := bureau.does(page, page+"/return", "reason", "短"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, ">短</textarea>") {
		t.Errorf("sent back for a short reason: %d", got.status)
	}
	if got := bureau.does(page, page+"/return", "reason", "佐证与现场不符，重新自评"); got.status != http.StatusSeeOther {
		t.Fatalf("return: %d\n%s", got.status, got.text)
	}
	if got := park.get(page).text; !strings.Contains(got, "第 2 轮") || !strings.Contains(got, "佐证与现场不符") || !strings.Contains(got, page+"/submission") {
		t.Error("the park is not told, or cannot submit again")
	}
}

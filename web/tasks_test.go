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

	"parkregistry/models"
	"parkregistry/policies"
)

// made is the id of what a request made.
func (w *world) made(path, body string) models.ID {
	w.t.Helper()
	got := w.send("POST", "/api/v1"+path, body)
	var row struct{ ID models.ID }
	must(w.t, json.Unmarshal(got.raw, &row))
	if got.status != http.StatusCreated {
		w.t.Fatalf("POST %s: %d %s", path, got.status, got.raw)
	}
	return row.ID
}

// idOf is the account of that name.
func (w *world) idOf(name string) (id string) {
	w.t.Helper()
	must(w.t, w.DB.Write(w.Program(), func(tx *models.Tx) error {
		return tx.Program().Table("users").Where("username = ?", name).Select("id").Scan(&id).Error
	}))
	return id
}

// testTasks: a task is seen by its unit and those above, walks from its start to its
// verification by forms alone, and each form shows to exactly who may send it; an
// override stands with its reason, and a number leads to its rows.
func testTasks(t *testing.T, w *world) {
	w.account("bureau-2", policies.BureauAdmin, "")
	w.token = w.bearer("bureau")
	doc := w.made("/programmes", `{"title":"2026 年任务 <表>","issuer":"市生态环境局","issuedOn":"2026-01-05"}`)
	plain := w.made("/tasks", fmt.Sprintf(`{"programmeId":%q,"title":"应急池改造","goal":"容积满足预案 <要求>","parkId":%q,"personId":%q,"dueOn":"2026-02-01"}`, doc, w.BaoanA.Park.ID, w.idOf("park-a")))
	bound := w.made("/tasks", fmt.Sprintf(`{"programmeId":%q,"title":"宝安区整改清零","goal":"没有逾期","jurisdiction":"baoan","personId":%q,"dueOn":"2098-02-01","binding":{"query":"overdue","target":0}}`, doc, w.idOf("baoan")))
	city := w.made("/tasks", fmt.Sprintf(`{"programmeId":%q,"title":"全市核定","goal":"全部核定","personId":%q,"dueOn":"2026-03-01","binding":{"query":"parksVerified","target":20}}`, doc, w.idOf("bureau")))
	park, baoan, bureau, second, other := w.browser().signIn("park-a"), w.browser().signIn("baoan"), w.browser().signIn("bureau"), w.browser().signIn("bureau-2"), w.browser().signIn("other")
	for name, c := range map[string]struct {
		b    *browser
		path string
		want []models.ID
	}{"the park": {park, "/p/tasks", []models.ID{plain}}, "its district": {baoan, "/d/tasks", []models.ID{plain, bound}}, "the bureau": {bureau, "/c/tasks", []models.ID{plain, city, bound}}, "another park": {other, "/p/tasks", nil},
		"of the document": {bureau, "/c/tasks?programmeId=" + string(doc), []models.ID{plain, city, bound}}, "planned": {bureau, "/c/tasks?state=planned", []models.ID{plain, city, bound}}, "verified": {bureau, "/c/tasks?state=verified", nil}} {
		got := c.b.get(c.path)
		var rows []models.ID
		for _, m := range regexp.MustCompile(`href="/task/([^"]+)"`).FindAllStringSubmatch(got.text, -1) {
			rows = append(rows, models.ID(m[1]))
		}
		if got.status != http.StatusOK || !slices.Equal(rows, c.want) {
			t.Errorf("%s: %d, %v of %v", name, got.status, rows, c.want)
		}
	}
	if got := park.get("/p/tasks").text; !strings.Contains(got, "滞后") || strings.Contains(got, "<要求>") || !strings.Contains(got, "宝安甲园") || !strings.Contains(got, ">park-a<") {
		t.Errorf("the park's list does not say how its task stands\n%s", got)
	}
	for _, id := range []models.ID{bound, city} {
		if got := park.get("/task/" + string(id)); got.status != http.StatusNotFound {
			t.Errorf("a task of others: %d", got.status)
		}
	}
	offers := func(b *browser, id models.ID) []string {
		var all []string
		for _, m := range regexp.MustCompile(`action="/task/[^/]+/([a-z]+)"`).FindAllStringSubmatch(b.get("/task/"+string(id)).text, -1) {
			all = append(all, m[1])
		}
		return all
	}
	do := func(b *browser, id models.ID, move string, fields ...string) shown {
		page := b.get("/task/" + string(id))
		version := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(page.text)
		form := url.Values{"form": {b.get("/me").form(t)}}
		if version != nil {
			form.Set("version", version[1])
		}
		for i := 0; i+1 < len(fields); i += 2 {
			form.Set(fields[i], fields[i+1])
		}
		return b.send("POST", "/task/"+string(id)+"/"+move, form)
	}
	for i, c := range []struct {
		b      *browser
		id     models.ID
		offers []string
		move   string
		fields []string
		status int
		said   string
	}{
		{park, plain, []string{"start", "report"}, "start", nil, 303, ""},
		{baoan, plain, nil, "report", []string{"reason", "已经全部改造完成", "evidence", "验收单"}, 400, "返回重新提交"}, // it has no form, so no version either
		{park, plain, []string{"report"}, "report", []string{"reason", "短 <", "evidence", " \n"}, 422, "短 &lt;"},
		{park, plain, []string{"report"}, "report", []string{"reason", "已经全部改造完成", "evidence", "验收单 <1>\n\n照片三张"}, 303, ""},
		{bureau, plain, []string{"verification", "return"}, "return", []string{"reason", ""}, 422, `id="return-reason-e"`},
		{bureau, plain, []string{"verification", "return"}, "verification", nil, 303, ""},
		{bureau, plain, nil, "", nil, 0, ""},
		{bureau, city, []string{"start", "report", "override", "reassignment", "cancellation"}, "report", []string{"reason", "已经全部核定完成", "evidence", "通报"}, 409, "登记数据还没有达到目标"},
		{second, city, []string{"start", "report", "override", "reassignment", "cancellation"}, "override", []string{"says", "done", "reason", "核定表已经归档 <见附件>"}, 303, ""},
		{bureau, city, []string{"start", "report", "override", "reassignment", "cancellation"}, "reassignment", []string{"personId", w.idOf("bureau-2"), "dueOn", "2098-03-01", "reason", "经办人员调整"}, 303, ""},
		{baoan, bound, []string{"start", "report"}, "start", nil, 303, ""},
	} {
		if got := offers(c.b, c.id); !slices.Equal(got, c.offers) {
			t.Errorf("step %d: %q of %q are offered", i, got, c.offers)
		}
		if c.move == "" {
			continue
		}
		got := do(c.b, c.id, c.move, c.fields...)
		if got.status != c.status || !strings.Contains(got.text, c.said) {
			t.Fatalf("step %d, %s: %d to %q\n%s", i, c.move, got.status, got.to, got.text)
		}
		if got.status == http.StatusSeeOther && !strings.Contains(c.b.get(got.to).text, `role="status"`) {
			t.Errorf("step %d, %s: nothing says that it is done", i, c.move)
		}
	}
	for id, said := range map[models.ID][]string{
		plain: {"验收单 &lt;1&gt;", "照片三张", "已核验", "2026 年任务 &lt;表&gt;", "容积满足预案 &lt;要求&gt;"},
		city:  {"人工认定完成", "核定表已经归档 &lt;见附件&gt;", "0 / 5", "区已核定评估的园区，至少 20 个", ">bureau-2<"},
	} {
		got := bureau.get("/task/" + string(id)).text
		for _, s := range said {
			if !strings.Contains(got, s) {
				t.Errorf("the page of %s does not say %q", id, s)
			}
		}
	}
	if got := do(bureau, plain, "opening"); got.status != http.StatusNotFound {
		t.Errorf("a step that has no form: %d", got.status)
	}
	stale := bureau.send("POST", "/task/"+string(city)+"/cancellation", url.Values{"form": {bureau.get("/me").form(t)}, "version": {"1"}, "reason": {"不再需要办理"}})
	if stale.status != http.StatusPreconditionFailed || !strings.Contains(stale.text, "不再需要办理") {
		t.Errorf("an old version: %d", stale.status)
	}
	// the number of the goal and the rows behind it
	number := regexp.MustCompile(`<a href="(/d/findings[^"]*)">(\d+)</a>`).FindStringSubmatch(baoan.get("/d/tasks").text)
	if number == nil {
		t.Fatal("the number of the district's goal leads nowhere")
	}
	rows := "0"
	if n := total.FindStringSubmatch(baoan.get(html.UnescapeString(number[1])).text); n != nil {
		rows = n[1]
	}
	if rows != number[2] {
		t.Errorf("the goal says %s, its list has %s", number[2], rows)
	}
	if got := bureau.get("/c/tasks").text; strings.Contains(got, `href="/c/findings?overdue=true"`) {
		t.Error("for the bureau the district's number leads to the rows of the city")
	}
}

package web_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"parkregistry/models"
	"parkregistry/policies"
)

// testRegister: the roster is searched, narrowed and turned; the page of a firm holds what
// is registered and recorded about it and what others may not read is absent.
func testRegister(t *testing.T, w *world) {
	b, other := w.browser().signIn("park-a"), w.browser().signIn("other")
	name := w.BaoanA.Enterprise.Name
	for path, want := range map[string]bool{"/p/firms": true, "/p/firms?q=" + url.QueryEscape("测试1号"): true, "/p/firms?q=" + w.BaoanA.Enterprise.CreditCode: true, "/p/firms?q=" + url.QueryEscape("没有这家"): false,
		"/p/firms?permitClass=key": true, "/p/firms?permitClass=none": false, "/p/facilities": true, "/p/facilities?kind=production": false, "/p/facilities?kind=treatment": true, "/p/facilities?enterpriseId=" + string(w.BaoanA.Enterprise.ID): true} {
		got := b.get(path)
		if got.status != http.StatusOK || strings.Contains(got.text, `href="/firm/`+string(w.BaoanA.Enterprise.ID)+`"`) != want {
			t.Errorf("%s: %d, shows the firm %v", path, got.status, !want)
		}
		if strings.Contains(got.text, w.Longgang.Enterprise.Name) {
			t.Errorf("%s shows a firm of another park", path)
		}
	}
	page := "/firm/" + string(w.BaoanA.Enterprise.ID)
	got := b.get(page)
	for _, said := range []string{name, w.BaoanA.Enterprise.CreditCode, "3982", "重点管理", "李四", "张三", "138 **** 8000", "TW001", "DW001", "示例污水处理厂", "1 101", `href="/ledger/`} {
		if !strings.Contains(got.text, said) {
			t.Errorf("the page of the firm does not say %q", said)
		}
	}
	if strings.Contains(got.text, "13800138000") {
		t.Error("the page of the firm shows the whole phone number")
	}
	if got := other.get(page); got.status != http.StatusNotFound {
		t.Errorf("a firm of another park: %d", got.status)
	}
	// what the page leads to is about the firm alone
	for _, list := range []string{"ledger", "findings"} {
		link := regexp.MustCompile(`href="(/p/` + list + `\?enterpriseId=[^"]+)"`).FindStringSubmatch(got.text)
		if link == nil {
			t.Errorf("the page does not lead to its %s", list)
			continue
		}
		if at := b.get(html.UnescapeString(link[1])); at.status != http.StatusOK || !strings.Contains(at.text, "去掉条件："+name) {
			t.Errorf("%s: %d, or the list does not say about whom it is", link[1], at.status)
		}
	}
	for path, status := range map[string]int{"/p/firms?permitClass=x": 400, "/p/facilities?kind=x": 400, "/p/patrols?nature=x": 400, "/firm/x": 404, "/patrol/x": 404, "/draw/x": 404, "/task/x": 404} {
		if got := b.get(path); got.status != status && got.status != http.StatusForbidden {
			t.Errorf("%s: %d, want %d", path, got.status, status)
		}
	}
}

// testPatrols: a walk is listed with what its events come to, its page tells them in the
// order of the device's clock, and what was taken back is marked.
func testPatrols(t *testing.T, w *world) {
	w.token = w.bearer("baoan")
	id := w.made("/patrols", fmt.Sprintf(`{"parkId":%q,"kind":"night","weather":"多云","officers":[{"name":"王巡查"}]}`, w.BaoanA.Park.ID))
	event := func(at, rest string) string {
		return fmt.Sprintf(`{"id":%q,"at":"2026-01-03T%s:00+08:00",%s}`, models.NewID(), at, rest)
	}
	gone := models.NewID()
	body := `{"events":[` + strings.Join([]string{
		event("09:30", `"type":"answer","item":"W2","result":"notAsRequired","reason":"正在检修 <设备>","object":"1# 泵房"`),
		event("09:00", `"type":"start"`),
		fmt.Sprintf(`{"id":%q,"at":"2026-01-03T09:40:00+08:00","type":"note","text":"记错了的一条"}`, gone),
		event("09:50", fmt.Sprintf(`"type":"void","voids":%q,"reason":"写错了对象"`, gone)),
		event("10:00", `"type":"end"`)}, ",") + `]}`
	if got := w.send("POST", "/api/v1/patrols/"+string(id)+"/events", body); got.status != http.StatusOK || strings.Contains(string(got.raw), `"refused"`) {
		t.Fatalf("events: %d %s", got.status, got.raw)
	}
	b := w.browser().signIn("baoan")
	if got := b.get("/d/patrols"); !strings.Contains(got.text, `href="/patrol/`+string(id)+`"`) || !strings.Contains(got.text, "巡查，夜间") {
		t.Errorf("the list does not have the patrol: %d", got.status)
	}
	if got := b.get("/d/patrols?nature=inspection"); strings.Contains(got.text, string(id)) {
		t.Error("a patrol stands among the inspections")
	}
	got := b.get("/patrol/" + string(id)).text
	last := -1
	for _, said := range []string{"王巡查", "1 / 1", "多云", "2026-01-03 09:00:00", "1# 泵房", "W2 ", "正在检修 &lt;设备&gt;", "不符合", "记错了的一条", "已作废", "2026-01-03 10:00:00"} {
		at := strings.LastIndex(got, said)
		if at < last && said != "不符合" {
			t.Errorf("the patrol does not say %q, or out of its order", said)
		}
		if said == "2026-01-03 09:00:00" || last > 0 {
			last = max(last, at)
		}
	}
	if got := w.browser().signIn("other").get("/patrol/" + string(id)); got.status != http.StatusNotFound {
		t.Errorf("a patrol of another park: %d", got.status)
	}
}

// testDraws: lists are published and drawn by forms, once, by who may; the page holds what
// anybody needs to draw again, and says that the result agrees.
func testDraws(t *testing.T, w *world) {
	w.account("inspector-2", policies.DistrictInspector, "baoan")
	w.account("inspector-3", policies.DistrictInspector, "baoan")
	baoan, analyst, park := w.browser().signIn("baoan"), w.browser().signIn("analyst"), w.browser().signIn("park-a")
	publish := func(b *browser, count string) shown {
		return b.send("POST", "/draws/publishing", url.Values{"form": {b.get("/me").form(t)}, "jurisdiction": {"baoan"}, "units": {"key"}, "count": {count}})
	}
	if got := park.get("/d/draws"); got.status != http.StatusForbidden {
		t.Errorf("a park reads draws: %d", got.status)
	}
	if got := analyst.get("/c/draws"); got.status != http.StatusOK || strings.Contains(got.text, "/draws/publishing") {
		t.Errorf("who only reads is offered to publish: %d", got.status)
	}
	if got := publish(analyst, "1"); got.status != http.StatusForbidden {
		t.Errorf("who only reads publishes: %d", got.status)
	}
	for _, count := range []string{"", "many", "0", "400"} {
		if got := publish(baoan, count); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="publishing-count-e"`) {
			t.Errorf("%q units: %d", count, got.status)
		}
	}
	recuse := func(code, why string) shown {
		return baoan.send("POST", "/draws/publishing", url.Values{"form": {baoan.get("/me").form(t)}, "jurisdiction": {"baoan"}, "units": {"key"}, "count": {"1"}, "officer1": {w.idOf("inspector-3")}, "firm1": {code}, "why1": {why}})
	}
	if got := recuse("nothing", "亲属任职于企业"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="publishing-firm1-e"`) || !strings.Contains(got.text, "亲属任职于企业") {
		t.Errorf("a recusal without a firm: %d", got.status)
	}
	if got := recuse(w.BaoanA.Enterprise.CreditCode, "亲属任职于企业"); got.status != http.StatusSeeOther || !strings.Contains(baoan.get(got.to).text, "亲属任职于企业") {
		t.Errorf("a recusal: %d\n%s", got.status, got.text)
	}
	made := publish(baoan, "1")
	if made.status != http.StatusSeeOther {
		t.Fatalf("publish: %d\n%s", made.status, made.text)
	}
	before := baoan.get(made.to)
	for _, said := range []string{"名单已公布", w.BaoanA.Enterprise.Name, w.BaoanB.Enterprise.Name, ">inspector-2<", "还没有抽取。", "重点管理单位", made.to + "/drawing"} {
		if !strings.Contains(before.text, said) {
			t.Errorf("before the draw its page does not say %q", said)
		}
	}
	if strings.Contains(analyst.get(made.to).text, "/drawing") {
		t.Error("who only reads is offered to draw")
	}
	run := func(b *browser, seed string) shown {
		return b.send("POST", made.to+"/drawing", url.Values{"form": {b.get("/me").form(t)}, "seed": {seed}})
	}
	if got := run(baoan, "短"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `value="短"`) {
		t.Errorf("a short seed: %d", got.status)
	}
	if got := run(baoan, "2026-11-27 双色球 08 12 19"); got.status != http.StatusSeeOther {
		t.Fatalf("draw: %d\n%s", got.status, got.text)
	}
	if got := run(baoan, "another seed"); got.status != http.StatusConflict || !strings.Contains(got.text, "another seed") {
		t.Errorf("drawn twice: %d", got.status)
	}
	after := baoan.get(made.to)
	for _, said := range []string{"已抽取", "双色球 08 12 19", "填写的公开数值", "用名单和种子重新抽取，结果一致", "park draw draw.json", "/api/v1/draws/"} {
		if !strings.Contains(after.text, said) {
			t.Errorf("after the draw its page does not say %q", said)
		}
	}
	list := baoan.get("/d/draws")
	if !strings.Contains(list.text, `href="`+made.to+`"`) || !strings.Contains(list.text, "1 : 0.5") {
		t.Errorf("the list does not have the draw with its ratio\n%s", list.text)
	}
	if got := baoan.get("/d/draws?quarter=2020-Q1"); strings.Contains(got.text, made.to) {
		t.Error("a draw of another quarter is listed")
	}
	if got := baoan.get("/d/draws?quarter=now"); got.status != http.StatusBadRequest {
		t.Errorf("no quarter: %d", got.status)
	}
}

// TestRounds: the park sees each planned patrol by its period with how it stands and
// whose turn it is, each number leading to exactly its rows; a district sees its parks.
func TestRounds(t *testing.T) {
	later := time.Duration(0)
	w := newWorldAt(t, func() time.Time { return time.Now().Add(later) })
	later = 5 * 24 * time.Hour // everything was registered some days ago
	w.account("baoan", policies.DistrictInspector, "baoan")
	w.account("other", policies.ParkManager, w.Longgang.Park.ID)
	park, baoan, other := w.browser().signIn("park-a"), w.browser().signIn("baoan"), w.browser().signIn("other")
	got := park.get("/p/rounds")
	for _, said := range []string{w.BaoanA.Own.Name, "漏巡", "待巡查"} {
		if got.status != http.StatusOK || !strings.Contains(got.text, said) {
			t.Errorf("the planned patrols do not say %q (%d)\n%s", said, got.status, got.text)
		}
	}
	seen := 0
	for _, m := range counted.FindAllStringSubmatch(got.text, -1) {
		list := park.get(html.UnescapeString(m[1]))
		rows := strings.Count(list.text, `<tr`) - strings.Count(list.text, `class="gh"`) - strings.Count(list.text, "<thead>")
		if list.status != http.StatusOK || fmt.Sprint(rows) != m[2] {
			t.Errorf("%s says %s, its list has %d rows (%d)", m[1], m[2], rows, list.status)
		}
		seen += rows
	}
	if seen == 0 {
		t.Error("every number is 0: nothing was compared")
	}
	if got := baoan.get("/d/rounds"); got.status != http.StatusOK || !strings.Contains(got.text, "宝安甲园") || strings.Contains(got.text, "龙岗园") {
		t.Errorf("the district's parks: %d\n%s", got.status, got.text)
	}
	if got := baoan.get("/d/rounds?parkId=" + string(w.BaoanA.Park.ID)); !strings.Contains(got.text, w.BaoanA.Own.Name) {
		t.Error("the district does not see the rounds of its park")
	}
	if got := other.get("/p/rounds?parkId=" + string(w.BaoanA.Park.ID)); got.status != http.StatusNotFound {
		t.Errorf("the rounds of another park: %d", got.status)
	}
	for path, status := range map[string]int{"/p/rounds?to=2099-01-01": 422, "/p/rounds?from=2020-01-01": 422, "/p/rounds?state=x": 400} {
		if got := park.get(path); got.status != status {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

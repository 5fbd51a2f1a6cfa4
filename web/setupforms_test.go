package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"parkregistry/models/assessment"
)

// testLocks: the bureau locks a period and lifts it again; a refusal keeps what was
// entered and names the field; who may not sees no form and is refused.
func testLocks(t *testing.T, w *world) {
	const list = "/c/setup/locks"
	b, reader := w.browser().signIn("bureau"), w.browser().signIn("analyst")
	page := b.get(list + "?lang=zh")
	if got := reader.get(list); got.status != http.StatusOK || strings.Contains(got.text, "锁定一段日期") || !strings.Contains(page.text, "锁定一段日期") {
		t.Errorf("the form shows to the wrong people: %d", got.status)
	}
	form := url.Values{"form": {page.form(t)}, "from": {"2026-01-05"}, "to": {"2026-01-04"}, "jurisdiction": {"baoan"}, "parkId": {string(w.BaoanA.Park.ID)}, "reason": {"核 <"}}
	got := b.send("POST", list+"/locking", form)
	for _, said := range []string{`href="#locking-reason"`, `href="#locking-jurisdiction"`, ">核 &lt;</textarea>", `value="2026-01-05"`, `<option value="baoan" selected>`, `<option value="` + string(w.BaoanA.Park.ID) + `" selected>`, "<title>错误："} {
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, said) {
			t.Errorf("the refusal does not say %q: %d", said, got.status)
		}
	}
	form.Set("jurisdiction", "")
	form.Set("reason", "这几天已经核查完毕")
	if got := b.send("POST", list+"/locking", form); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `href="#locking-to"`) {
		t.Errorf("an end before its beginning: %d", got.status)
	}
	form.Set("to", "2026-01-06")
	own := reader.get("/c/setup").form(t)
	form.Set("form", own)
	if got := reader.send("POST", list+"/locking", form); got.status != http.StatusForbidden {
		t.Errorf("who only reads locks a period: %d", got.status)
	}
	form.Set("form", page.form(t))
	made := b.send("POST", list+"/locking", form)
	if made.status != http.StatusSeeOther {
		t.Fatalf("locking: %d\n%s", made.status, made.text)
	}
	lock := b.get(made.to)
	number := regexp.MustCompile(`PL-\d{4}-\d{6}`).FindString(lock.text)
	for _, said := range []string{"2026-01-05 至 2026-01-06", "锁定中", "这几天已经核查完毕", "宝安甲园"} {
		if !strings.Contains(lock.text, said) {
			t.Errorf("the lock does not say %q", said)
		}
	}
	if got := b.get(list + "?state=locked"); !strings.Contains(got.text, number) {
		t.Error("the lock is not in the list")
	}
	if got := w.browser().signIn("other").get(made.to); got.status != http.StatusNotFound {
		t.Errorf("a lock over another park is read: %d", got.status)
	}
	if got := reader.get(made.to); got.status != http.StatusOK || strings.Contains(got.text, ">解锁</button>") {
		t.Errorf("who only reads may unlock: %d", got.status)
	}
	open := url.Values{"form": {lock.form(t)}, "version": {"1"}, "reason": {"改 <"}}
	if got := b.send("POST", made.to+"/unlocking", open); got.status != 422 || !strings.Contains(got.text, ">改 &lt;</textarea>") || !strings.Contains(got.text, `href="#unlocking-reason"`) {
		t.Errorf("too short a reason: %d\n%s", got.status, got.text)
	}
	open.Set("reason", "园区补充了监测报告")
	if got := b.send("POST", made.to+"/unlocking", open); got.status != http.StatusSeeOther {
		t.Errorf("unlocking: %d\n%s", got.status, got.text)
	}
	if got := b.get(made.to); !strings.Contains(got.text, "已解锁") || !strings.Contains(got.text, "园区补充了监测报告") || strings.Contains(got.text, ">解锁</button>") {
		t.Errorf("the lock is not lifted: %s", got.text)
	}
	if got := b.send("POST", made.to+"/unlocking", open); got.status != http.StatusPreconditionFailed && got.status != http.StatusConflict || !strings.Contains(got.text, "园区补充了监测报告") {
		t.Errorf("lifted twice: %d", got.status)
	}
	if got := b.get(list + "?state=locked"); strings.Contains(got.text, number) {
		t.Error("a lifted lock stands")
	}
}

// testLoadChecklist: a file is checked and shown beside the newest version before it is
// stored; what is refused is kept, with what is wrong with it.
func testLoadChecklist(t *testing.T, w *world) {
	const path = "/c/setup/checklist"
	b, reader := w.browser().signIn("bureau"), w.browser().signIn("analyst")
	blank := b.get(path + "?lang=zh")
	if strings.Contains(reader.get("/c/setup").text, `href="`+path+`"`) || !strings.Contains(b.get("/c/setup").text, `href="`+path+`"`) {
		t.Error("the way to load shows to the wrong people")
	}
	newest := assessment.Draft()
	file := b.get("/c/setup/file?checklist=" + newest.Version)
	var in assessment.ChecklistInput
	must(t, json.Unmarshal([]byte(file.text), &in))
	if in.Version != newest.Version || len(in.Items) != len(newest.Items) {
		t.Fatalf("the file to begin with: %s", file.text)
	}
	bring := func(content string) shown {
		return b.sendFiles(path, blank.form(t), "content", nil, []string{"checklist.json", content})
	}
	for said, content := range map[string]string{"没有选择文件": "", "第 2 行不是 JSON": "{\n!", "检查表没有 &#34;happiness&#34; 这一项": `{"happiness": 1}`, "文件没有写完": `{"version": "x"`, "第 2 行：version 的类型不对": "{\n\"version\": 3}"} {
		if got := bring(content); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, said) || !strings.Contains(got.text, "<title>错误：") {
			t.Errorf("%q is told %d, not %q", content, got.status, said)
		}
	}
	if got := bring(file.text); got.status != http.StatusConflict || !strings.Contains(got.text, "换一个版本名") || !strings.Contains(got.text, "<textarea") || strings.Contains(got.text, "装入这个版本") {
		t.Errorf("a version that there is: %d", got.status)
	}
	in.Version = "2027-" + time.Now().Format("150405")
	in.Items[0].Points = "1"
	write := func() string {
		raw, err := json.MarshalIndent(in, "", "  ")
		must(t, err)
		return string(raw)
	}
	if got := bring(write()); got.status != 422 || !strings.Contains(got.text, "分值合计应当是 100") || !strings.Contains(got.text, "/items") || !strings.Contains(got.text, "<textarea") {
		t.Errorf("99 points: %d", got.status)
	}
	in.Items[1].Points = "3"
	checked := bring(write())
	for _, said := range []string{"核对通过，还没有装入", "与 " + newest.Version + " 相比", "分值：2 → 1", "分值：2 → 3"} {
		if checked.status != http.StatusOK || !strings.Contains(checked.text, said) {
			t.Errorf("the check does not say %q: %d", said, checked.status)
		}
	}
	if got := b.get("/c/setup"); strings.Contains(got.text, in.Version) {
		t.Fatal("what is checked is stored")
	}
	load := url.Values{"form": {checked.form(t)}, "content": {write()}, "do": {"load"}}
	forged := url.Values{"form": {reader.get("/c/setup").form(t)}, "content": load["content"], "do": {"load"}}
	if got := reader.send("POST", path, forged); got.status != http.StatusForbidden {
		t.Errorf("who only reads loads a checklist: %d", got.status)
	}
	if got := b.send("POST", path, load); got.status != http.StatusSeeOther || got.to != "/c/setup?checklist="+in.Version {
		t.Fatalf("loading: %d to %q\n%s", got.status, got.to, got.text)
	}
	if got := b.get("/c/setup?checklist=" + in.Version); got.status != http.StatusOK {
		t.Errorf("the loaded version: %d", got.status)
	}
	if got := b.send("POST", path, load); got.status != http.StatusConflict || !strings.Contains(got.text, in.Version) {
		t.Errorf("loaded twice: %d", got.status)
	}
}

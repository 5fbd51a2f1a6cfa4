package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/policies"
)

// testEntry: a button shows exactly when the visitor can; a refusal keeps what was
// entered and a move shows at once. What lies outside the reach is absent.
func testEntry(t *testing.T, w *world) {
	w.account("firm", policies.EnterpriseUser, w.BaoanA.Enterprise.ID)
	w.account("other-park", policies.ParkManager, w.BaoanB.Park.ID)
	path := "/ledger/" + string(w.entry)
	park, baoan, analyst, firm := w.browser().signIn("park-a"), w.browser().signIn("baoan"), w.browser().signIn("analyst"), w.browser().signIn("firm")
	for name, c := range map[string]struct {
		b       *browser
		buttons []string
	}{"who filed": {park, []string{"作废"}}, "the district": {baoan, []string{"确认", "退回更正"}}, "who only reads": {analyst, nil}, "the firm that it is about": {firm, []string{"作废"}}} {
		got := c.b.get(path)
		for _, button := range []string{"确认", "退回更正", "作废"} {
			shows := strings.Contains(got.text, ">"+button+"</button>")
			if want := slices.Contains(c.buttons, button); got.status != http.StatusOK || shows != want {
				t.Errorf("%s: %s shows %v, want %v (%d)", name, button, shows, want, got.status)
			}
		}
	}
	got := park.get(path)
	for _, said := range []string{"示例处置公司 &lt;b&gt;", "化学需氧量", "412.50", "回执"} {
		if !strings.Contains(got.text, said) {
			t.Errorf("the entry does not say %q", said)
		}
	}
	if got := w.browser().signIn("other-park").get(path); got.status != http.StatusNotFound {
		t.Errorf("a neighbour reads the entry: %d", got.status)
	}
	page := baoan.get(path)
	version := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(page.text)[1]
	form := func(reason, version string) url.Values {
		return url.Values{"form": {page.form(t)}, "version": {version}, "reason": {reason}}
	}
	for name, c := range map[string]struct {
		form   url.Values
		status int
		said   string
	}{"too short a reason": {form("错 <", version), 422, "错 &lt;"}, "an old version": {form("读数与单据不符", "99"), 412, "读数与单据不符"}, "no version": {form("读数与单据不符", ""), 400, "返回重新提交"}} {
		if got := baoan.send("POST", path+"/return", c.form); got.status != c.status || !strings.Contains(got.text, c.said) || !strings.Contains(got.text, "<title>错误：") && c.status != 400 {
			t.Errorf("%s: %d\n%s", name, got.status, got.text)
		}
	}
	if got := analyst.send("POST", path+"/acceptance", url.Values{"form": {analyst.get("/me").form(t)}, "version": {version}}); got.status != http.StatusForbidden {
		t.Errorf("who only reads accepts: %d", got.status)
	}
	if got := park.send("POST", path+"/acceptance", url.Values{"form": {park.get(path).form(t)}, "version": {version}}); got.status != http.StatusConflict && got.status != http.StatusForbidden {
		t.Errorf("who filed accepts: %d", got.status)
	}
	if got := baoan.get(path + "?done=voiding"); strings.Contains(got.text, `role="status"`) {
		t.Error("an address claims a move that nobody made")
	}
	done := baoan.send("POST", path+"/acceptance", form("", version))
	if done.status != http.StatusSeeOther || done.to != path+"?done=acceptance" {
		t.Fatalf("accept: %d to %q\n%s", done.status, done.to, done.text)
	}
	if got := baoan.get(done.to); !strings.Contains(got.text, "已确认") || strings.Contains(got.text, ">确认</button>") {
		t.Error("the accepted entry still asks to be accepted")
	}
}

// testFinding walks a finding by forms alone, from its notice to its closure.
func testFinding(t *testing.T, w *world) {
	w.account("baoan-2", policies.DistrictInspector, "baoan")
	w.token = w.bearer("baoan")
	made := w.send("POST", "/api/v1/findings", fmt.Sprintf(`{"parkId":%q,"dimension":2,"severity":"minor","description":"护栏松动 <u>"}`, w.BaoanA.Park.ID))
	var f struct{ ID models.ID }
	must(t, json.Unmarshal(made.raw, &f))
	path := "/finding/" + string(f.ID)
	baoan, second, park := w.browser().signIn("baoan"), w.browser().signIn("baoan-2"), w.browser().signIn("park-a")
	do := func(b *browser, move string, fields ...string) shown {
		form := url.Values{"form": {b.get("/me").form(t)}}
		for i := 0; i+1 < len(fields); i += 2 {
			form.Set(fields[i], fields[i+1])
		}
		return b.send("POST", path+"/"+move, form)
	}
	offers := func(b *browser) []string {
		var all []string
		for _, m := range regexp.MustCompile(`action="/finding/[^/]+/([a-z-]+)"`).FindAllStringSubmatch(b.get(path).text, -1) {
			all = append(all, m[1])
		}
		return all
	}
	if got := offers(park); !slices.Equal(got, []string{"referral-request"}) {
		t.Errorf("before the notice the park may %q", got)
	}
	if got := park.get(path).text; !strings.Contains(got, `value="suspectedViolation"`) || strings.Contains(got, `value="secondReturn"`) || strings.Contains(got, `value="refusal"`) {
		t.Error("the form of the request offers grounds that are not there")
	}
	if got := do(baoan, "notice", "text", "紧固护栏", "dueOn", "2001-01-01"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, "紧固护栏") || !strings.Contains(got.text, `id="notice-dueOn-e"`) {
		t.Errorf("a notice with a day gone by: %d\n%s", got.status, got.text)
	}
	if got := do(park, "notice", "text", "紧固护栏"); got.status != http.StatusNotFound && got.status != http.StatusConflict && got.status != http.StatusForbidden {
		t.Errorf("the park issues the district's notice: %d", got.status)
	}
	today := string(w.DB.Today())
	for i, c := range []struct {
		b      *browser
		move   string
		fields []string
	}{
		{baoan, "notice", []string{"text", "紧固护栏"}},
		{park, "acknowledgement", nil},
		{park, "rectification", []string{"measure", "更换螺栓", "cost", "120.5", "doneOn", today, "note", "现场照片见附件"}},
		{second, "review", []string{"result", "close", "opinion", "已紧固"}},
	} {
		if !slices.Contains(offers(c.b), c.move) {
			t.Errorf("step %d: %s is not offered, %q are", i, c.move, offers(c.b))
		}
		if c.move == "rectification" {
			if got := do(c.b, c.move, "measure", "更换螺栓", "cost", "120.5", "doneOn", today); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="rectification-attachments-e"`) || !strings.Contains(got.text, "更换螺栓") {
				t.Errorf("a rectification with a note alone: %d", got.status)
			}
			testPhotos(t, c.b, path)
			continue
		}
		if got := do(c.b, c.move, c.fields...); got.status != http.StatusSeeOther {
			t.Fatalf("step %d, %s: %d\n%s", i, c.move, got.status, got.text)
		}
	}
	if got := do(second, "review", "result", "close", "opinion", "又看了一遍"); got.status != http.StatusConflict || !strings.Contains(got.text, "又看了一遍") {
		t.Errorf("a review after the closure: %d, or what was typed is lost", got.status)
	}
	got := baoan.get(path)
	for _, said := range []string{"已销号", "护栏松动 &lt;u&gt;", "更换螺栓", "现场照片见附件", "已紧固", today} {
		if !strings.Contains(got.text, said) {
			t.Errorf("the closed finding does not say %q", said)
		}
	}
	if got := w.browser().signIn("other").get(path); got.status != http.StatusNotFound {
		t.Errorf("another park reads the finding: %d", got.status)
	}
	if got := do(baoan, "applause"); got.status != http.StatusNotFound {
		t.Errorf("a move that there is not: %d", got.status)
	}
}

// testPhotos hands a rectification in with photographs, by a form alone: what is no
// picture and what comes twice is told by its name, what was taken need not come again,
// and without the token of the form nothing is taken at all.
func testPhotos(t *testing.T, b *browser, path string) {
	t.Helper()
	token, today := b.get("/me").form(t), string(b.DB.Today())
	words := []string{"measure", "更换螺栓", "cost", "120.5", "doneOn", today, "note", "现场照片见附件"}
	one, two := string(dbtest.PNG(t, 1)), string(dbtest.PNG(t, 2))
	received := regexp.MustCompile(`name="attachments" value="([^"]+)" checked`)
	for _, c := range []struct {
		name, token string
		files       []string // name and content
		status      int
		says        []string
		kept        int
	}{
		{"a stranger's form", "", []string{"甲.png", one}, http.StatusForbidden, []string{"不是从本系统的页面发出"}, 0},
		{"what is no picture", token, []string{"甲.png", one, "乙.png", "<html>"}, http.StatusUnprocessableEntity, []string{"“乙.png”没有收下", "更换螺栓", "现场照片见附件", "已收到：甲.png"}, 1},
		{"the same twice", token, []string{"甲.png", one, "丙.png", one}, http.StatusUnprocessableEntity, []string{"“丙.png”与“甲.png”内容相同", "已收到：甲.png"}, 1},
	} {
		got := b.sendParts(path+"/rectification", c.token, words, c.files)
		for _, said := range c.says {
			if !strings.Contains(got.text, said) {
				t.Errorf("%s: does not say %q", c.name, said)
			}
		}
		if kept := received.FindAllStringSubmatch(got.text, -1); got.status != c.status || len(kept) != c.kept {
			t.Errorf("%s: %d with %d kept, want %d with %d\n%s", c.name, got.status, len(kept), c.status, c.kept, got.text)
		} else if c.name == "the same twice" {
			words = append(words, "attachments", kept[0][1])
		}
	}
	if got := b.sendParts(path+"/rectification", token, words, []string{"丁.png", two}); got.status != http.StatusSeeOther {
		t.Fatalf("a rectification with photographs: %d\n%s", got.status, got.text)
	}
	links := regexp.MustCompile(`href="(/api/v1/attachments/[^"]+/content)"`).FindAllStringSubmatch(b.get(path).text, -1)
	if len(links) != 2 {
		t.Fatalf("the finding shows %d photographs, want 2", len(links))
	}
	if got := b.get(links[0][1]); got.status != http.StatusOK || !strings.HasPrefix(got.text, "\x89PNG") {
		t.Errorf("a photograph: %d", got.status)
	}
}

// sendParts sends a form in parts: its token, pairs of field and value, pairs of name
// and content of files.
func (b *browser) sendParts(path, token string, fields, brings []string) shown {
	return b.sendFiles(path, token, "attachments", fields, brings)
}

// sendFiles is sendParts with the files in a field of another name.
func (b *browser) sendFiles(path, token, in string, fields, brings []string) shown {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	fields = append([]string{"form", token}, fields...)
	for i := 0; i < len(fields); i += 2 {
		must(b.t, form.WriteField(fields[i], fields[i+1]))
	}
	for i := 0; i < len(brings); i += 2 {
		part, err := form.CreateFormFile(in, brings[i])
		must(b.t, err)
		_, err = part.Write([]byte(brings[i+1]))
		must(b.t, err)
	}
	must(b.t, form.Close())
	return b.sendBody("POST", path, form.FormDataContentType(), &body)
}

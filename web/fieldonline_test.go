package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"regexp"
	"strings"
	"testing"

	"parkregistry/policies"
)

// parts sends a form in parts: fields, then photographs.
func (b *browser) parts(to string, fields [][2]string, photos ...string) shown {
	b.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	must(b.t, m.WriteField("form", b.get("/me").form(b.t)))
	for _, f := range fields {
		must(b.t, m.WriteField(f[0], f[1]))
	}
	for _, path := range photos {
		content, err := os.ReadFile(path)
		must(b.t, err)
		part, err := m.CreatePart(textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="photos"; filename=%q`, path[strings.LastIndex(path, "/")+1:])}, "Content-Type": {"image/jpeg"}})
		must(b.t, err)
		_, err = part.Write(content)
		must(b.t, err)
	}
	must(b.t, m.Close())
	return b.sendBody("POST", to, m.FormDataContentType(), &body)
}

// TestFieldOnline: where no script runs, a patrol is begun, answered point by point with
// photographs and ended by forms, through the same rules; a form sent twice counts once,
// and nobody else's patrol can be filled in.
func TestFieldOnline(t *testing.T) {
	w := newWorld(t)
	w.account("baoan", policies.DistrictInspector, "baoan")
	w.account("second", policies.DistrictInspector, "baoan")
	w.account("longgang", policies.DistrictInspector, "longgang")
	b, second, foreign := w.browser().signIn("baoan"), w.browser().signIn("second"), w.browser().signIn("longgang")
	park := "/m/park/" + string(w.BaoanA.Park.ID)
	if got := w.browser().get("/m/"); strings.Contains(got.text, "宝安甲园") || !strings.Contains(got.text, `href="/login?next=/m/"`) {
		t.Error("who is not signed in sees a park, or is not told where to sign in")
	}
	if got := foreign.get("/m/"); strings.Contains(got.text, "宝安甲园") || strings.Contains(foreign.get(park).text, "宝安甲园") {
		t.Error("another district sees the park")
	}
	if got := b.get("/m/"); got.header.Get("Cache-Control") != "no-store" || !strings.Contains(got.text, `href="`+park+`"`) {
		t.Errorf("the parks are not on the page, or it may be kept: %q", got.header.Get("Cache-Control"))
	}
	id := regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(b.get(park).text)[1]
	begin := []string{"id", id, "kind", "daily", "weather", "晴", "others", "张三、李四"}
	if got := b.sends(park, "id", id, "kind", "sometimes", "weather", "晴"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `value="晴"`) {
		t.Errorf("an occasion that is none: %d", got.status)
	}
	if got := foreign.sends(park, begin...); got.status != http.StatusNotFound {
		t.Errorf("another district begins a patrol: %d", got.status)
	}
	walk := "/m/patrol/" + id
	for range 2 {
		if got := b.sends(park, begin...); got.to != walk {
			t.Fatalf("begin: %d\n%s", got.status, got.text)
		}
	}
	if got := b.sends(walk); got.status != http.StatusConflict || !strings.Contains(got.text, "至少检查一项再结束") {
		t.Errorf("ended with nothing looked at: %d", got.status)
	}
	if !strings.Contains(b.get("/m/").text, `href="`+walk+`"`) || strings.Contains(second.get("/m/").text, walk) || strings.Contains(second.get(walk).text, `action="`+walk) {
		t.Error("a patrol that goes on is not offered to its own people only")
	}
	point := walk + "/" + string(w.BaoanA.Facility.ID)
	page := b.get(point).text
	finding := regexp.MustCompile(`name="finding-T2" value="([^"]+)"`).FindStringSubmatch(page)
	if finding == nil || !strings.Contains(page, `enctype="multipart/form-data"`) {
		t.Fatalf("the point has no form:\n%s", page)
	}
	said := [][2]string{{"result-T1", "asRequired"}, {"result-T2", "notAsRequired"}, {"how-T2", "minor"}, {"finding-T2", finding[1]}, {"note", "调节池旁有积水"}}
	photo := picture(t, t.TempDir(), 1)
	if got := b.parts(point, said, photo); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, "已收到：1.jpg") || !strings.Contains(got.text, `value="notAsRequired" checked`) || !strings.Contains(got.text, "调节池旁有积水") {
		t.Fatalf("a finding without a description: %d\n%s", got.status, got.text)
	}
	said = append(said, [2]string{"text-T2", "一根软管接向雨水沟"})
	if got := second.parts(point, said); got.status != http.StatusNotFound {
		t.Errorf("somebody else fills it in: %d", got.status)
	}
	for range 2 {
		if got := b.parts(point, said, photo); got.status != http.StatusSeeOther || !strings.HasPrefix(got.to, walk) {
			t.Fatalf("answer: %d to %q\n%s", got.status, got.to, got.text)
		}
	}
	if page = b.get(point).text; !strings.Contains(page, "/finding/"+finding[1]) || !strings.Contains(page, "1.jpg") || !strings.Contains(b.get(walk).text, "已查 2/") {
		t.Error("what was answered is not shown")
	}
	common := walk + "/" + string(w.BaoanA.Park.ID)
	if got := b.parts(common, [][2]string{{"result-E1", "asRequired"}}); got.status != http.StatusSeeOther {
		t.Errorf("the park's common ground: %d", got.status)
	}
	if got := b.sends(walk); got.to != "/patrol/"+id || !strings.Contains(b.get(got.to).text, "完成") {
		t.Errorf("end: %d to %q", got.status, got.to)
	}
	w.token = w.bearer("baoan")
	var list struct {
		Items []struct {
			ID, State string
			Counts    struct{ Events, Answers, NotAsRequired, Photos, PhotoCopies, Findings int }
		}
	}
	must(t, json.Unmarshal(w.send("GET", "/api/v1/patrols", "").raw, &list))
	// start, two arrivals, answers of T1, T2 and E1, a photograph, a note, end.
	if got := fmt.Sprint(list.Items); got != "[{"+id+" completed {9 3 1 1 0 1}}]" {
		t.Errorf("the patrol is %s", got)
	}
	// The size that was chosen reaches these pages too.
	b.sends("/me/size", "size", "larger")
	var session struct{ Size string }
	must(t, json.Unmarshal([]byte(b.get("/m/session").text), &session))
	if session.Size != "larger" || !strings.Contains(b.get("/m/").text, ` class="larger">`) || strings.Contains(b.get("/m/shell/zh").text, "larger") {
		t.Errorf("the size is %q", session.Size)
	}
}

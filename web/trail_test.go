package web_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// testTrail: the auditor reads who did what to what, what it was before, what was
// refused, the trail of one object alone, and how far the log is signed.
func testTrail(t *testing.T, w *world) {
	if _, err := w.prover.Sign(w.Program()); err != nil {
		t.Fatal(err)
	}
	w.token = w.bearer("baoan")
	finding := w.made("/findings", fmt.Sprintf(`{"parkId":%q,"dimension":1,"severity":"minor","description":"留痕的问题"}`, w.BaoanA.Park.ID))
	if got := w.send("POST", "/api/v1/findings/"+string(finding)+"/withdrawal", `{"cause":"mistaken","reason":"登记错了 <对象>"}`); got.status >= 300 && got.status != http.StatusConflict {
		t.Fatalf("withdraw: %d %s", got.status, got.raw)
	}
	b := w.browser().signIn("auditor")
	got := b.get("/c/audit")
	for _, said := range []string{"新建 · <a href=\"/finding/" + string(finding) + `"`, "登录", "finding.create", "已办", "存证日志", "根散列", ">baoan<"} {
		if got.status != http.StatusOK || !strings.Contains(got.text, said) {
			t.Errorf("the trail does not say %q (%d)", said, got.status)
		}
	}
	same := regexp.MustCompile(`href="(/c/audit\?objectId=` + string(finding) + `)"`).FindStringSubmatch(got.text)
	if same == nil {
		t.Fatal("the trail does not lead to the trail of the finding")
	}
	one := b.get(html.UnescapeString(same[1]))
	if n := strings.Count(one.text, "/finding/"); one.status != http.StatusOK || n == 0 || n != strings.Count(one.text, "finding.") || strings.Contains(one.text, "signin") {
		t.Errorf("the trail of one object has something else (%d)\n%s", one.status, one.text)
	}
	w.browser().signIn("park-a").get("/c/audit") // refused, and that is recorded
	if refused := b.get("/c/audit?outcome=refused"); !strings.Contains(refused.text, "已拒绝") || strings.Contains(refused.text, "已办</span>") {
		t.Error("what was refused is not told apart")
	}
	if none := b.get("/c/audit?to=2020-01-01"); !strings.Contains(none.text, "没有符合条件的记录") {
		t.Error("a day on which nothing happened has records")
	}
	for path, status := range map[string]int{"/c/audit?outcome=x": 400, "/c/audit?actorId=x": 400, "/c/audit?from=x": 400} {
		if got := b.get(path); got.status != status {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

// testUsers: who keeps accounts finds one and reads its assignments, and no secret of it.
func testUsers(t *testing.T, w *world) {
	admin := w.browser().signIn("admin")
	list := admin.get("/users?q=" + url.QueryEscape("park-a"))
	link := regexp.MustCompile(`href="(/user/[^"]+)">park-a<`).FindStringSubmatch(list.text)
	if link == nil || strings.Contains(list.text, ">baoan<") {
		t.Fatalf("the search for one account: %d\n%s", list.status, list.text)
	}
	for _, b := range []*browser{admin, w.browser().signIn("auditor")} {
		got := b.get(link[1])
		if got.status != http.StatusOK || !strings.Contains(got.text, "园区管理机构") || !strings.Contains(got.text, "2020-01-01") || strings.Contains(got.text, "argon2") {
			t.Errorf("the account: %d\n%s", got.status, got.text)
		}
	}
	if got := w.browser().signIn("auditor").get(link[1]); !strings.Contains(got.text, "宝安甲园") {
		t.Error("who reads parks does not read which one it is")
	}
	if got := admin.get("/users?state=disabled"); strings.Contains(got.text, ">park-a<") {
		t.Error("an account in use stands among the disabled ones")
	}
}

package web_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parkregistry/policies"
)

// testRequests: a park asks for an account and follows its own requests; who keeps
// accounts approves or refuses with an opinion, once, and sees the first password once.
func testRequests(t *testing.T, w *world) {
	admin, park, other := w.browser().signIn("admin"), w.browser().signIn("park-a"), w.browser().signIn("other")
	if got := park.places("/p"); !slices.Contains(got, "/requests") {
		t.Error("the menu of a park does not lead to its requests")
	}
	asked := []string{"displayName", "新专员", "role", policies.ParkManager.Slug(), "parkId", string(w.BaoanA.Park.ID), "reason", "接替离任的专员"}
	if got := park.sends("/requests/asking", append([]string{"username", "A"}, asked...)...); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="asking-username-e"`) || !strings.Contains(got.text, "接替离任的专员") {
		t.Errorf("a name that is none: %d", got.status)
	}
	for _, name := range []string{"asked-one", "asked-two"} {
		if got := park.sends("/requests/asking", append([]string{"username", name}, asked...)...); got.to != "/requests" {
			t.Fatalf("ask: %d\n%s", got.status, got.text)
		}
	}
	link := func(name string) string {
		m := regexp.MustCompile(`href="(/request/[0-9a-f-]+)">` + name + `<`).FindStringSubmatch(admin.get("/requests?state=requested").text)
		if m == nil {
			t.Fatalf("%s is not among those that wait", name)
		}
		return m[1]
	}
	one, two := link("asked-one"), link("asked-two")
	if got := park.get(one); got.status != http.StatusOK || !strings.Contains(got.text, *w.BaoanA.Park.Name) || strings.Contains(got.text, one+"/approval") {
		t.Errorf("the own request: %d, or it offers to decide", got.status)
	}
	if got := other.get(one); got.status != http.StatusNotFound {
		t.Errorf("somebody else's request: %d", got.status)
	}
	if got := park.sends(one+"/approval", "reason", "自己同意自己"); got.status != http.StatusForbidden {
		t.Errorf("a park approves: %d", got.status)
	}
	if got := admin.sends(one+"/approval", "reason", "短"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="approval-reason-e"`) {
		t.Errorf("an opinion that is too short: %d", got.status)
	}
	made := admin.sends(one+"/approval", "reason", "核对过任命文件")
	first := regexp.MustCompile(`<b class="mono">([^<]+)</b>`).FindStringSubmatch(made.text)
	if made.status != http.StatusOK || first == nil || strings.Contains(admin.get(one).text, first[1]) {
		t.Fatalf("approve: %d, or the password is not shown exactly once", made.status)
	}
	if got := w.browser().send("POST", "/login", map[string][]string{"username": {"asked-one"}, "password": {first[1]}}); got.status != http.StatusSeeOther {
		t.Errorf("the first password does not open: %d", got.status)
	}
	if got := admin.sends(one+"/refusal", "reason", "改变了主意"); got.status != http.StatusConflict || !strings.Contains(got.text, "改变了主意") {
		t.Errorf("decided twice: %d", got.status)
	}
	if got := admin.sends(two+"/refusal", "reason", "岗位已经有人"); got.to != two || !strings.Contains(park.get(two).text, "岗位已经有人") {
		t.Errorf("refuse: %d", got.status)
	}

	user := "/user/" + w.idOf("asked-one")
	version := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(admin.get(user).text)
	if version == nil {
		t.Fatal("the form does not say which version it shows")
	}
	if got := admin.sends(user+"/profile", "version", "99", "displayName", "改了姓名"); got.status < 400 || !strings.Contains(got.text, "改了姓名") {
		t.Errorf("a stale profile: %d", got.status)
	}
	if got := admin.sends(user+"/profile", "version", version[1], "displayName", "改了姓名", "organisation", "示例单位"); got.to != user || !strings.Contains(admin.get(user).text, "改了姓名") {
		t.Errorf("change a profile: %d\n%s", got.status, got.text)
	}
	if got := admin.sends(user+"/session-ending", "reason", "电脑遗失，结束登录"); got.to != user {
		t.Errorf("end the sessions: %d\n%s", got.status, got.text)
	}
}

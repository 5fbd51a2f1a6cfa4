package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"parkregistry/policies"
)

// testSearch: the box of the top bar finds parks, firms, permits and facilities, each kind
// only among what the visitor may read, and leads to pages that open.
func testSearch(t *testing.T, w *world) {
	park, baoan, other, admin := w.browser().signIn("park-a"), w.browser().signIn("baoan"), w.browser().signIn("other"), w.browser().signIn("admin")
	find := func(b *browser, q string) shown { return b.get("/search?q=" + url.QueryEscape(q)) }
	firm := `href="/firm/` + string(w.BaoanA.Enterprise.ID) + `"`
	for q, want := range map[string]string{w.BaoanA.Enterprise.Name: firm, w.BaoanA.Enterprise.CreditCode: firm, w.BaoanA.Facility.Name: `href="/facility/` + string(w.BaoanA.Facility.ID) + `"`, "宝安甲园": `href="/park/` + string(w.BaoanA.Park.ID) + `"`, w.BaoanA.Own.Name: `href="/facility/` + string(w.BaoanA.Own.ID) + `"`} {
		if got := find(park, q); got.status != http.StatusOK || !strings.Contains(got.text, want) || !strings.Contains(got.text, `name="q" type="search" maxlength="100" value="`+q+`"`) {
			t.Errorf("%q: %d, want %s", q, got.status, want)
		}
		if got := find(other, q); got.status != http.StatusOK || strings.Contains(got.text, want) {
			t.Errorf("another park finds %q", q)
		}
	}
	if got := find(baoan, w.Longgang.Enterprise.Name); !strings.Contains(got.text, "没有找到") || strings.Contains(got.text, string(w.Longgang.Enterprise.ID)) {
		t.Error("a district finds a firm of another one")
	}
	w.token = w.bearer("baoan")
	var seen struct{ ID, Number string }
	must(t, json.Unmarshal(w.send("POST", "/api/v1/findings", fmt.Sprintf(`{"parkId":%q,"dimension":2,"severity":"minor","description":"查找用的问题"}`, w.BaoanA.Park.ID)).raw, &seen))
	var filed struct{ Number string }
	must(t, json.Unmarshal(w.send("GET", "/api/v1/ledgers/"+string(w.entry), "").raw, &filed))
	for number, to := range map[string]string{filed.Number: "/ledger/" + string(w.entry), strings.ToLower(seen.Number): "/finding/" + seen.ID, strings.ReplaceAll(seen.Number, "-", "－"): "/finding/" + seen.ID} {
		if got := find(park, number); got.status != http.StatusSeeOther || got.to != to {
			t.Errorf("%q leads to %q (%d), want %q", number, got.to, got.status, to)
		}
		if got := find(other, number); got.status != http.StatusOK || !strings.Contains(got.text, "没有找到") {
			t.Errorf("another park finds %q: %d to %q", number, got.status, got.to)
		}
	}
	w.account("planner", policies.BureauAdmin, "")
	w.token = w.bearer("planner")
	doc := w.made("/programmes", `{"title":"任务进度表","issuer":"市生态环境局","issuedOn":"2026-01-05"}`)
	set := w.made("/tasks", fmt.Sprintf(`{"programmeId":%q,"title":"改造应急池","goal":"满足预案要求","parkId":%q,"personId":%q,"dueOn":"2026-02-01"}`, doc, w.BaoanA.Park.ID, w.idOf("park-a")))
	var task struct{ Number string }
	must(t, json.Unmarshal(w.send("GET", "/api/v1/tasks/"+string(set), "").raw, &task))
	if got := find(park, task.Number); got.to != "/task/"+string(set) {
		t.Errorf("%q leads to %q (%d)", task.Number, got.to, got.status)
	}
	if got := find(other, task.Number); got.to != "" || !strings.Contains(got.text, "没有找到") {
		t.Errorf("another park finds %q: %d to %q", task.Number, got.status, got.to)
	}
	if got := find(park, "LG-1999-000001"); got.status != http.StatusOK || !strings.Contains(got.text, "没有找到") {
		t.Errorf("a number that nobody has: %d", got.status)
	}
	if got := find(park, `<b>"%`); got.status != http.StatusOK || strings.Contains(got.text, `<b>"`) || !strings.Contains(got.text, "没有找到") {
		t.Errorf("what is not there: %d", got.status)
	}
	if got := find(park, ""); got.status != http.StatusOK || !strings.Contains(got.text, "输入名称、代码或者首字母") {
		t.Errorf("nothing asked: %d", got.status)
	}
	if got := find(park, strings.Repeat("园", 101)); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="q-e"`) {
		t.Errorf("too long: %d", got.status)
	}
	if got := admin.get("/me"); strings.Contains(got.text, `action="/search"`) {
		t.Error("who may read no park is offered to search")
	}
}

// testSize: the size of the text is kept by the browser and is a class of every page; one
// that is none changes nothing.
func testSize(t *testing.T, w *world) {
	b := w.browser().signIn("park-a")
	if got := b.get("/p"); strings.Contains(got.text, `<html lang="zh-CN" class`) {
		t.Error("a size before one was chosen")
	}
	if got := b.sends("/me/size", "size", "larger"); got.status != http.StatusSeeOther || got.to != "/me" {
		t.Fatalf("choose: %d", got.status)
	}
	for _, path := range []string{"/p", "/me", "/search"} {
		if got := b.get(path); !strings.Contains(got.text, ` class="larger">`) {
			t.Errorf("%s is not of the size that was chosen", path)
		}
	}
	if got := b.get("/me"); !strings.Contains(got.text, `value="larger" checked`) {
		t.Error("the chosen size is not marked")
	}
	if got := b.sends("/me/size", "size", `x" onload="`); got.status != http.StatusBadRequest || !strings.Contains(b.get("/me").text, ` class="larger">`) {
		t.Errorf("a size that is none: %d", got.status)
	}
	if got := b.sends("/me/size", "size", ""); got.status != http.StatusSeeOther || strings.Contains(b.get("/me").text, ` class="larger">`) {
		t.Errorf("back to the usual one: %d", got.status)
	}
	if got := b.send("GET", "/me", nil, "Cookie", "size=huge"); strings.Contains(got.text, "huge") {
		t.Error("what a cookie says is written into the page")
	}
}

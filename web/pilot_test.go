package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// testPilot: a park goes its way through the pilot by the forms of its page, each offered
// to exactly who may take the step then; the page keeps what was refused.
func testPilot(t *testing.T, w *world) {
	park, baoan, bureau, other := w.browser().signIn("park-a"), w.browser().signIn("baoan"), w.browser().signIn("bureau"), w.browser().signIn("other")
	page := "/park/" + string(w.BaoanA.Park.ID)
	if got := other.get(page); got.status != http.StatusNotFound {
		t.Errorf("another park reads it: %d", got.status)
	}
	if got := other.send("POST", page+"/nomination", url.Values{"form": {other.get("/me").form(t)}, "version": {"1"}}); got.status != http.StatusForbidden && got.status != http.StatusNotFound {
		t.Errorf("another park nominates it: %d", got.status)
	}
	for path, want := range map[string]bool{"/c/parks": true, "/c/parks?jurisdiction=baoan": true, "/c/parks?jurisdiction=longgang": false, "/c/parks?q=" + w.BaoanA.Park.Code: true, "/c/parks?state=accredited": false} {
		if got := bureau.get(path); got.status != http.StatusOK || strings.Contains(got.text, `href="`+page+`"`) != want {
			t.Errorf("%s: %d, lists the park %v", path, got.status, !want)
		}
	}
	for _, step := range []struct {
		move  string
		takes *browser
		not   []*browser
	}{{"nomination", baoan, []*browser{park}}, {"designation", bureau, []*browser{park, baoan}}, {"plan-agreement", baoan, []*browser{bureau}}, {"construction", park, []*browser{baoan, bureau}}} {
		for _, b := range step.not {
			if got := b.get(page); got.status != http.StatusOK || strings.Contains(got.text, page+"/"+step.move) {
				t.Errorf("%s is offered to who may not (%d)", step.move, got.status)
			}
		}
		if got := step.takes.does(page, page+"/"+step.move, "on", "2099-01-01", "document", "深环试〔2026〕1号"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="`+step.move+`-on-e"`) || !strings.Contains(got.text, "深环试〔2026〕1号") {
			t.Fatalf("%s on a day to come: %d\n%s", step.move, got.status, got.text)
		}
		if got := step.takes.does(page, page+"/"+step.move, "document", "深环试〔2026〕1号"); got.status != http.StatusSeeOther || !strings.Contains(step.takes.get(got.to).text, `role="status"`) {
			t.Fatalf("%s: %d to %q\n%s", step.move, got.status, got.to, got.text)
		}
	}
	if got := bureau.get(page).text; !strings.Contains(got, "建设中") || !strings.Contains(got, "深环试〔2026〕1号") || strings.Contains(got, "/accreditation") {
		t.Error("the steps are not told, or accreditation is offered before an assessment")
	}
}

// testGrades: a firm is checked and gets its card, is ordered to rectify and checked
// again, and scored by the quarter, by the forms of its pages.
func testGrades(t *testing.T, w *world) {
	park, baoan, bureau, other := w.browser().signIn("park-a"), w.browser().signIn("baoan"), w.browser().signIn("bureau"), w.browser().signIn("other")
	firm := "/firm/" + string(w.BaoanA.Enterprise.ID)
	open := func(b *browser, kind string, typed ...string) shown {
		form := url.Values{"form": {b.get("/me").form(t)}}
		for i := 0; i < len(typed); i += 2 {
			form.Set(typed[i], typed[i+1])
		}
		return b.send("POST", firm+"/"+kind, form)
	}
	if got := park.get(firm).text; strings.Contains(got, firm+"/capability") {
		t.Error("a park is offered to grade")
	}
	if got := baoan.get(firm).text; !strings.Contains(got, firm+"/capability") || strings.Contains(got, firm+"/credit") {
		t.Error("a district is not offered the check, or is offered the score")
	}
	if got := open(park, "capability", "reason", "现场核查了全部设施"); got.status != http.StatusForbidden {
		t.Errorf("a park grades: %d", got.status)
	}
	if got := open(baoan, "capability", "reason", "短", "document", "宝环核〔2026〕7号"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="capability-reason-e"`) || !strings.Contains(got.text, "宝环核〔2026〕7号") {
		t.Errorf("a short reason: %d", got.status)
	}
	made := open(baoan, "capability", "reason", "现场核查了全部设施")
	if made.status != http.StatusSeeOther || !strings.HasPrefix(made.to, "/grade/") {
		t.Fatalf("record a check: %d\n%s", made.status, made.text)
	}
	card := made.to
	if got := baoan.does(card, card+"/rating", "reason", "设施不能满足负荷"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `id="rating-level-e"`) {
		t.Errorf("rated without a level: %d", got.status)
	}
	for _, step := range []struct {
		by    *browser
		move  string
		typed []string
		state string
	}{{baoan, "rating", []string{"level", "red", "reason", "设施不能满足负荷"}, "红牌"}, {bureau, "rectification-order", []string{"dueOn", string(w.DB.Today().Add(30)), "reason", "责令扩建处理设施"}, "限期整改"},
		{bureau, "reassessment", []string{"reason", "扩建完成并稳定运行"}, "已复查"}, {bureau, "rating", []string{"level", "green", "reason", "处理能力满足负荷"}, "绿牌"}} {
		if got := step.by.does(card, card+"/"+step.move, step.typed...); got.to != card+"?done="+step.move {
			t.Fatalf("%s: %d\n%s", step.move, got.status, got.text)
		}
		if got := park.get(card); got.status != http.StatusOK || !strings.Contains(got.text, step.state) || strings.Contains(got.text, `action="/grade/`) {
			t.Errorf("after %s the park reads %d, or is offered a move", step.move, got.status)
		}
	}
	scored := open(bureau, "credit", "period", "2025Q4", "score", "91.5", "reason", "按季度评价指标计分")
	if scored.status != http.StatusSeeOther {
		t.Fatalf("score a quarter: %d\n%s", scored.status, scored.text)
	}
	if got := open(bureau, "credit", "period", "2025Q4", "score", "80", "reason", "按季度评价指标计分"); got.status != http.StatusConflict {
		t.Errorf("the quarter again: %d", got.status)
	}
	if got := park.get("/p/grades?grade=credit&level=trustworthy").text; !strings.Contains(got, `href="`+scored.to+`"`) || strings.Contains(got, `href="`+card+`"`) || !strings.Contains(got, "91.5") {
		t.Error("the list of credit does not have exactly the quarter")
	}
	for _, path := range []string{card, scored.to} {
		if got := other.get(path); got.status != http.StatusNotFound {
			t.Errorf("another park reads %s: %d", path, got.status)
		}
	}
	for path, status := range map[string]int{"/p/grades?grade=x": 400, "/p/grades?level=x": 400, "/grade/x": 404} {
		if got := park.get(path); got.status != status {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

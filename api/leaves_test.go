package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/account"
)

// leafless are the routes whose success writes nothing of the business, with the reason.
var leafless = map[string]string{
	"POST /sessions":                  "signs in: an audit record",
	"DELETE /sessions/current":        "signs out: an audit record",
	"DELETE /sessions/{id}":           "ends a session: an audit record",
	"POST /users/{id}/session-ending": "ends sessions: an audit record",
	"POST /exports":                   "reads; what was taken out is an audit record",
	"POST /checkpoints":               "signs what the log is; the log does not grow by it",
}

// several are the successes of TestEveryWriteIsALeaf that write more than one row of
// the business, each with its leaf.
var several = map[string]int{
	"POST /enterprises":                    2, // and the site where the firm moves in
	"POST /account-requests/{id}/decision": 3, // and the account, and its assignment
	"POST /ledgers/batch":                  2, // two entries
	"POST /imports":                        2, // and the file
	"POST /imports/{id}/commit":            3, // and two entries
	"POST /imports/{id}/undo":              3,
}

// writes counts the leaves of one success after another.
type writes struct {
	*world
	done map[string]bool
}

// do sends what has to succeed; id stands for {id} in the route.
func (w *writes) do(who, route, id string, body any, header ...string) answer {
	w.t.Helper()
	method, template, _ := strings.Cut(route, " ")
	path := strings.Replace(template, "{id}", id, 1)
	if method == "PATCH" || matched(template) {
		kind, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
		header = append(header, "If-Match", w.call(who, "GET", "/"+kind+"/"+id, nil).header.Get("ETag"))
	}
	if raw, ok := body.(rawBody); ok {
		path, body, header = path+"?"+raw.query, raw.content, append(header, "Content-Type", raw.media)
	}
	w.as(who) // signed in before the count
	before := w.leafCount()
	a := w.call(who, method, path, body, header...)
	if a.status >= http.StatusMultipleChoices {
		w.t.Fatalf("%s as %s: %d %s", route, who, a.status, a.raw)
	}
	want := 1
	if leafless[route] != "" {
		want = 0
	} else if n := several[route]; n > 0 {
		want = n
	}
	if grown := w.leafCount() - before; grown != want {
		w.t.Errorf("%s left %d leaves, want %d", route, grown, want)
	}
	w.done[route] = true
	return a
}

func (w *world) leafCount() (n int) {
	w.t.Helper()
	if err := w.DB.SQL().QueryRow("SELECT COUNT(*) FROM changes").Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// TestEveryWriteIsALeaf: each route that writes, in an order in which each succeeds,
// leaves one leaf for each row of the business that it wrote, and the others none
// (S-LG7). A new route fails until it stands here.
func TestEveryWriteIsALeaf(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		profile := account.DefaultProfile()
		profile.FactorKey = []byte("0123456789abcdef0123456789abcdef")
		w := &writes{newWorldWith(t, db, profile, nil), map[string]bool{}}
		here := w.fill()["baoan-a"]
		why := map[string]any{"reason": "测试中终止这条登记"}
		body := func(route string) any { return bodies[route](here) }

		park := w.do("bureau", "POST /parks", "", body("POST /parks")).text("id")
		w.do("bureau", "POST /parks/{id}/closing", park, why)
		for _, route := range []string{"PATCH /parks/{id}", "POST /parks/{id}/phases"} {
			w.do("park-a", route, here.rows["parks"], body(route))
		}
		w.do("park-a", "POST /enterprises", "", body("POST /enterprises"))
		w.do("park-a", "PATCH /enterprises/{id}", here.rows["enterprises"], body("PATCH /enterprises/{id}"))
		site := w.do("park-a", "POST /sites", "", body("POST /sites")).text("id")
		unit := w.do("park-a", "POST /sites/{id}/tenancies", site, body("POST /sites/{id}/tenancies")).text("id")
		w.tenancyEnds(site, unit, body("POST /sites/{id}/tenancies/{tenancyId}/ending"))
		w.do("park-a", "POST /sites/{id}/closing", site, why)
		permit := w.do("park-a", "POST /permits", "", body("POST /permits")).text("id")
		w.do("park-a", "PATCH /permits/{id}", permit, body("PATCH /permits/{id}"))
		w.do("bureau", "POST /permits/{id}/closing", permit, why)
		w.do("firm-a", "POST /shutdowns/{id}/ending", here.rows["shutdowns"], body("POST /shutdowns/{id}/ending"))
		shutdown := w.do("firm-a", "POST /shutdowns", "", body("POST /shutdowns")).text("id")
		w.do("park-a", "POST /shutdowns/{id}/withdrawal", shutdown, body("POST /shutdowns/{id}/withdrawal"))
		for _, kind := range []string{"facilities", "outlets", "streams"} {
			id := w.do("park-a", "POST /"+kind, "", body("POST /"+kind)).text("id")
			w.do("park-a", "PATCH /"+kind+"/{id}", id, body("PATCH /"+kind+"/{id}"))
			if kind == "outlets" {
				w.do("park-a", "POST /outlets/{id}/limits", id, body("POST /outlets/{id}/limits"))
			}
			w.do("park-a", "POST /"+kind+"/{id}/closing", id, why)
		}
		w.ledgers(here)
		w.inspections(here)
		w.assessments(here)
		w.pilot(here)
		w.grades(here)
		w.tasks(here)
		w.people()
		w.do("bureau", "POST /exports", "", map[string]any{"list": "facilities", "format": "csv"})
		alone := w.want(w.call("bureau", "POST", "/enterprises", map[string]any{"creditCode": dbtest.CreditCode(701), "name": "未入驻电子有限公司", "industries": []string{"3982"},
			"permitClass": "key", "legalRepresentative": "李四", "contact": "张三"}), 201, "a firm in no park").text("id")
		w.do("bureau", "POST /enterprises/{id}/closing", alone, why)

		for _, op := range w.operations() {
			if route := op.method + " " + op.path; op.method != "GET" && !w.done[route] {
				t.Errorf("%s has no success here", route)
			}
		}
	})
}

func (w *writes) tenancyEnds(site, unit string, body any) {
	w.t.Helper()
	before := w.leafCount()
	w.want(w.call("park-a", "POST", "/sites/"+site+"/tenancies/"+unit+"/ending", body), 200, "the end of a tenancy")
	if grown := w.leafCount() - before; grown != 1 {
		w.t.Errorf("the end of a tenancy left %d leaves", grown)
	}
	w.done["POST /sites/{id}/tenancies/{tenancyId}/ending"] = true
}

func (w *writes) ledgers(here place) {
	w.t.Helper()
	because := map[string]any{"reason": "数值与原始记录不符"}
	w.do("firm-a", "POST /attachments", "", bodies["POST /attachments"](here))
	entry := w.do("firm-a", "POST /ledgers", "", entryBody(here, "2026-02-02")).text("id")
	w.do("firm-a", "PATCH /ledgers/{id}", entry, bodies["PATCH /ledgers/{id}"](here))
	w.do("firm-a", "POST /ledgers/{id}/filing", entry, nil)
	w.do("park-a", "POST /ledgers/{id}/return", entry, because)
	w.do("firm-a", "POST /ledgers/{id}/filing", entry, nil)
	w.do("park-a", "POST /ledgers/{id}/acceptance", entry, nil)
	w.do("firm-a", "POST /ledgers/{id}/amendment", entry, because)
	batch := w.do("firm-a", "POST /ledgers/batch", "", map[string]any{"entries": []any{entryBody(here, "2026-02-03"), entryBody(here, "2026-02-04")}})
	w.do("firm-a", "POST /ledgers/{id}/voiding", batch.text("results.0.entry.id"), because)
	file := w.do("firm-a", "POST /imports", "", importBody(here, "2026-03-01", "2026-03-02", "2026/13/03")).text("id")
	w.do("firm-a", "POST /imports/{id}/corrections", file, map[string]any{"cells": []any{map[string]any{"cell": "A4", "text": "2026-03-33"}}})
	w.do("firm-a", "POST /imports/{id}/commit", file, map[string]any{"rows": "good", "file": true})
	w.do("firm-a", "POST /imports/{id}/undo", file, nil)
	lock := w.do("bureau", "POST /period-locks", "", bodies["POST /period-locks"](here)).text("id")
	w.do("bureau", "POST /period-locks/{id}/unlocking", lock, bodies["POST /period-locks/{id}/unlocking"](here))
}

func (w *writes) inspections(here place) {
	w.t.Helper()
	patrol := w.do("baoan-1", "POST /patrols", "", bodies["POST /patrols"](here)).text("id")
	w.do("baoan-1", "POST /patrols/{id}/events", patrol, map[string]any{"events": []any{map[string]any{"id": models.NewID(), "type": "start", "at": w.DB.Now(), "elapsedMs": 0}}})
	found := func() string { return w.do("baoan-1", "POST /findings", "", findingBody(here)).text("id") }
	move := func(who, what, id string, body any) { w.t.Helper(); w.do(who, "POST /findings/{id}/"+what, id, body) }
	day := w.DB.Today()
	closed := found()
	move("baoan-1", "notice", closed, map[string]any{"dueOn": day.Add(3)})
	move("firm-a", "acknowledgement", closed, map[string]any{})
	move("baoan-1", "extension", closed, map[string]any{"dueOn": day.Add(5), "reason": "配件到货延迟"})
	move("firm-a", "rectification", closed, rectificationBody(day, w.proof()))
	move("baoan-2", "review", closed, map[string]any{"result": "close", "opinion": "现场核实"})
	move("baoan-2", "withdrawal", found(), bodies["POST /findings/{id}/withdrawal"](here))
	own := w.do("park-a", "POST /findings", "", findingBody(here)).text("id")
	move("park-a", "notice", own, map[string]any{})
	move("park-a", "referral-request", own, bodies["POST /findings/{id}/referral-request"](here))
	move("baoan-1", "referral", own, bodies["POST /findings/{id}/referral"](here))
	draw := w.do("baoan-1", "POST /draws", "", map[string]any{"jurisdiction": "baoan", "count": 1}).text("id")
	w.do("baoan-2", "POST /draws/{id}/drawing", draw, map[string]any{})
	w.seal()
	w.do("bureau", "POST /checkpoints", "", nil)
}

func (w *writes) assessments(here place) {
	w.t.Helper()
	id := w.do("park-a", "POST /assessments", "", bodies["POST /assessments"](here)).text("id")
	for _, x := range []struct {
		who, what string
		body      any
	}{
		{"park-a", "self-assessment", selfMarks("2025")}, {"park-a", "submission", nil}, {"baoan-1", "verification", districtMarks()}, {"baoan-1", "completion", nil},
		{"bureau", "sample", map[string]any{"items": []any{map[string]any{"item": "A1"}}}}, {"bureau", "return", map[string]any{"reason": "佐证需要补齐"}},
	} {
		w.do(x.who, "POST /assessments/{id}/"+x.what, id, x.body)
	}
	w.do("bureau", "POST /assessment-checklists", "", bodies["POST /assessment-checklists"](here))
}

// pilot takes a park from its nomination to its end in the pilot; what it submits and
// what is checked moves it along, which is one leaf more.
func (w *writes) pilot(here place) {
	w.t.Helper()
	park := here.rows["parks"]
	for _, x := range [][2]string{{"baoan-1", "nomination"}, {"bureau", "designation"}, {"park-a", "plan-agreement"}, {"park-a", "construction"}} {
		w.do(x[0], "POST /parks/{id}/"+x[1], park, map[string]any{})
	}
	id := here.rows["assessments"]
	w.do("park-a", "POST /assessments/{id}/self-assessment", id, selfMarks("2026"))
	several["POST /assessments/{id}/submission"], several["POST /assessments/{id}/completion"] = 2, 2
	defer func() {
		delete(several, "POST /assessments/{id}/submission")
		delete(several, "POST /assessments/{id}/completion")
	}()
	w.do("park-a", "POST /assessments/{id}/submission", id, nil)
	w.do("baoan-1", "POST /assessments/{id}/verification", id, districtMarks())
	w.do("baoan-1", "POST /assessments/{id}/completion", id, nil)
	w.do("bureau", "POST /parks/{id}/accreditation", park, map[string]any{})
	w.do("bureau", "POST /parks/{id}/lapse", park, map[string]any{"reason": "多次评估没有达到要求"})
}

func (w *writes) grades(here place) {
	w.t.Helper()
	firm, because := here.rows["enterprises"], "现场核查废水处理设施"
	card := w.do("baoan-1", "POST /enterprises/{id}/grades", firm, map[string]any{"kind": "capability", "reason": because}).text("id")
	quarter := w.want(w.call("bureau", "POST", "/enterprises/"+firm+"/grades", map[string]any{"kind": "credit", "period": "2026Q2", "score": "70", "reason": because}), 201, "a quarter").text("id")
	for _, x := range []struct {
		who, what, id string
		body          map[string]any
	}{
		{"baoan-1", "rating", card, map[string]any{"level": "red"}}, {"bureau", "rectification-order", card, map[string]any{"dueOn": w.DB.Today().Add(30)}}, {"bureau", "reassessment", card, map[string]any{}},
		{"bureau", "notification", quarter, map[string]any{}}, {"firm-a", "objection", quarter, map[string]any{}}, {"bureau", "decision", quarter, map[string]any{}}, {"firm-a", "repair", quarter, map[string]any{}},
	} {
		x.body["reason"] = because
		w.do(x.who, "POST /grades/{id}/"+x.what, x.id, x.body)
	}
}

func (w *writes) tasks(here place) {
	w.t.Helper()
	w.do("bureau", "POST /programmes", "", bodies["POST /programmes"](here))
	x := w.do("bureau", "POST /tasks", "", taskBody(here)).text("id")
	for _, step := range []struct{ who, what string }{{"park-a", "start"}, {"park-a", "report"}, {"bureau", "return"}, {"park-a", "report"}, {"bureau", "verification"}} {
		route := "POST /tasks/{id}/" + step.what
		w.do(step.who, route, x, bodies[route](here))
	}
	for _, what := range []string{"override", "reassignment", "cancellation"} {
		route := "POST /tasks/{id}/" + what
		w.do("bureau", route, here.rows["tasks"], bodies[route](here))
	}
}

func (w *writes) people() {
	w.t.Helper()
	why := map[string]any{"reason": "测试中办理这一项"}
	made := w.do("admin", "POST /users", "", map[string]any{"username": "new-one", "displayName": "新同事"})
	user, first := made.text("id"), made.text("firstPassword")
	w.do("admin", "PATCH /users/{id}", user, map[string]any{"organisation": "示例单位"})
	held := w.do("admin", "POST /users/{id}/assignments", user, map[string]any{"role": "bureau_analyst", "reason": "新来的同事"}).text("id")
	in := w.do("", "POST /sessions", "", map[string]any{"username": "new-one", "password": first})
	w.tokens["new-one"] = in.text("token")
	next := "Seven-grey-herons-wade"
	w.tokens["new-one"] = w.do("new-one", "POST /me/password", "", map[string]any{"currentPassword": first, "newPassword": next}).text("token")
	secret := w.do("new-one", "POST /me/second-factor", "", nil).text("secret")
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	w.do("new-one", "POST /me/second-factor/confirmation", "", map[string]any{"code": code})
	token := w.do("new-one", "POST /tokens", "", map[string]any{"name": "x", "scopes": []string{"park.read"}}).text("about.id")
	w.do("new-one", "DELETE /tokens/{id}", token, nil)
	session := w.call("new-one", "GET", "/sessions", nil).text("items.0.id")
	w.do("admin", "DELETE /sessions/{id}", session, nil)
	w.do("admin", "POST /users/{id}/session-ending", user, nil)
	w.do("admin", "POST /users/{id}/second-factor-reset", user, why)
	w.do("admin", "POST /users/{id}/disabling", user, why)
	w.do("admin", "POST /users/{id}/enabling", user, why)
	w.do("admin", "POST /users/{id}/password-reset", user, why)
	w.do("admin", "POST /assignments/{id}/ending", held, why)
	asked := w.do("bureau", "POST /account-requests", "", map[string]any{"username": "asked-for", "displayName": "新", "role": "bureau_analyst", "reason": "新来的同事"}).text("id")
	w.do("admin", "POST /account-requests/{id}/decision", asked, map[string]any{"approve": true, "reason": "申请材料齐全"})
	w.do("analyst", "DELETE /sessions/current", "", nil)
}

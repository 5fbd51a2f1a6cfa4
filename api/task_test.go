package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/audit"
	"parkregistry/models/progress"
	"parkregistry/models/task"
	"parkregistry/policies"
)

// parkPeople are the accounts of the park bodies of the test city.
var parkPeople = map[string]string{"SZ-01": "park-a", "SZ-02": "park-b"}

// tasked gives a place a task of its park, bound to its own codes of outlets.
func (w *world) tasked(p *place) (programme, id string) {
	w.t.Helper()
	svc := task.New(w.DB, progress.New(w.DB, audit.New(w.DB), w.Registry), anybody{})
	doc, err := svc.CreateProgramme(w.Bureau(), "", task.ProgrammeInput{Title: "任务进度表", Issuer: "市生态环境局", IssuedOn: "2026-01-05"})
	if err != nil {
		w.t.Fatal(err)
	}
	p.rows["programmes"], p.rows["person"] = string(doc.ID), w.person(*p)
	x, err := svc.Create(w.Bureau(), "", task.TaskInput{ProgrammeID: string(doc.ID), Title: "规范排放口编号", Goal: "全部编号", ParkID: string(p.Park.ID), PersonID: p.rows["person"],
		DueOn: "2098-12-31", Binding: &task.Binding{Query: task.Ratio, Metric: "outletsCoded", Target: 100}})
	if err != nil {
		w.t.Fatal(err)
	}
	return string(doc.ID), string(x.ID)
}

// anybody stands in for the accounts where the park of a place has none.
type anybody struct{}

func (anybody) Belongs(context.Context, models.ID, policies.Organisation) (bool, error) {
	return true, nil
}

// person is the account of a place's body.
func (w *world) person(p place) string {
	w.t.Helper()
	var u account.User
	name := parkPeople[p.Park.Code]
	if name == "" {
		return string(models.NewID())
	}
	if err := models.One(w.DB.Visible(w.Program(), policies.UserRead, &u).Where("username = ?", name), &u); err != nil {
		w.t.Fatal(err)
	}
	return string(u.ID)
}

// taskBody is a task of the park of a place, for its own person.
func taskBody(p place) any {
	return map[string]any{"programmeId": p.rows["programmes"], "title": "开展隐患排查", "goal": "全部企业排查一遍", "parkId": p.Park.ID, "personId": p.rows["person"], "dueOn": "2098-12-31"}
}

// says are members of an answer, one after the other.
func says(a answer, paths ...string) string {
	all := make([]string, len(paths))
	for i, p := range paths {
		all[i] = fmt.Sprint(a.at(p))
	}
	return strings.Join(all, " ")
}

// TestGoalLinks: what a goal counts is the list behind it, of a park and of a district,
// from the first and from a later day.
func TestGoalLinks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		a := place{Place: w.BaoanA}
		w.busy(w.BaoanA)
		w.walked(a)
		late := w.want(w.call("baoan-1", "POST", "/findings", map[string]any{"parkId": a.Park.ID, "dimension": 2, "description": "调节池无盖板，有异味", "severity": "minor"}), 201, "a finding")
		w.want(w.call("baoan-1", "POST", "/findings/"+late.text("id")+"/notice", map[string]any{"recipient": "park", "dueOn": db.Today()}), 200, "a notice")
		document := w.want(w.call("bureau", "POST", "/programmes", bodies["POST /programmes"](a)), 201, "a document").text("id")
		w.seal()
		list := func(href any) (n float64) {
			if href, there := href.(string); there {
				n = float64(w.rows("bureau", href))
			}
			return n
		}
		seen := map[string]float64{}
		for _, unit := range []map[string]any{{"parkId": a.Park.ID, "personId": w.person(a)}, {"jurisdiction": "baoan", "personId": w.userID("baoan-1")}} {
			for _, b := range []map[string]any{{"query": "ratio", "metric": "findingsClosedInTime", "target": 80}, {"query": "ratio", "metric": "ledgersFiled", "target": 80}, {"query": "ratio", "metric": "outletsCoded", "target": 80},
				{"query": "count", "measure": "ledgersFiled", "target": 1}, {"query": "count", "measure": "ledgersFiled", "from": db.Today().Add(-5), "target": 1}, {"query": "count", "measure": "findingsClosed", "target": 1},
				{"query": "count", "measure": "patrols", "target": 1}, {"query": "overdue", "target": 0}, {"query": "parksReached", "stage": "designated", "target": 1}} {
				body := map[string]any{"programmeId": document, "title": "开展隐患排查", "goal": "全部企业排查一遍", "dueOn": "2098-12-31", "binding": b}
				for k, v := range unit {
					body[k] = v
				}
				x := w.want(w.call("bureau", "POST", "/tasks", body), 201, jsonOf(b))
				n, links := x.at("computed.n").(float64), x.at("computed.links")
				if b["query"] == "parksReached" {
					if href := x.text("computed.href"); unit["parkId"] != nil {
						w.want(w.call("bureau", "GET", strings.TrimPrefix(href, "/api/v1"), nil), 200, "the steps of the park")
					} else if list(href) != x.at("computed.of") || links != nil {
						t.Errorf("stages: %s", x.raw)
					}
					continue
				}
				if got := list(x.at("computed.links.n")) - list(x.at("computed.links.before")); got != n || links == nil {
					t.Errorf("%v is %v, its links list %v: %s", b, n, got, x.raw)
				}
				if of, there := x.at("computed.of").(float64); there && list(x.at("computed.links.of")) != of {
					t.Errorf("%v of %v: %s", b, of, x.raw)
				}
				seen[b["query"].(string)] += n
			}
		}
		if seen["ratio"] == 0 || seen["count"] == 0 {
			t.Errorf("nothing to compare: %v", seen)
		}
		w.want(w.call("bureau", "GET", "/progress/rows?metric=zzz", nil), 400, "a ratio that is none")
	})
}

// TestTaskTable: the table over HTTP, from the document to an override that shows.
func TestTaskTable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		here := w.fill()["baoan-a"]
		w.seal()
		x := w.want(w.call("park-a", "GET", "/tasks/"+here.rows["tasks"], nil), 200, "its task")
		if says(x, "done", "computed.n", "computed.of", "override") != "true 1 1 <nil>" || !strings.Contains(x.text("computed.href"), "/progress?asOf=") {
			t.Errorf("a bound goal that is reached: %s", x.raw)
		}
		w.want(w.call("park-a", "GET", strings.TrimPrefix(x.text("computed.href"), "/api/v1"), nil), 200, "what the figure rests on")
		judged := w.want(w.call("bureau", "POST", "/tasks/"+here.rows["tasks"]+"/override", map[string]any{"says": "notDone", "reason": "现场核查编号牌缺失"}, "If-Match", x.header.Get("ETag")), 200, "an override")
		if says(judged, "done", "override", "computed.met") != "false notDone true" {
			t.Errorf("an override beside the answer of the registry: %s", judged.raw)
		}
		steps := w.call("park-a", "GET", "/tasks/"+here.rows["tasks"]+"/steps", nil)
		if steps.text("items.1.kind") != "override" || steps.text("items.1.reason") != "现场核查编号牌缺失" {
			t.Errorf("its steps: %s", steps.raw)
		}
		list := w.want(w.call("bureau", "GET", "/tasks?asOf="+string(db.Today())+"&programmeId="+here.rows["programmes"], nil), 200, "the table")
		if list.text("asOf") != string(db.Today()) || list.text("items.0.id") != here.rows["tasks"] || list.text("items.1.id") != "" {
			t.Errorf("the table of a document: %s", list.raw)
		}
		if a := w.want(w.call("bureau", "GET", "/tasks?asOf=2020-01-01", nil), 200, "before the pilot"); a.text("items.0.id") != "" {
			t.Errorf("before the pilot: %s", a.raw)
		}
		w.want(w.call("bureau", "GET", "/tasks?asOf=2999-01-01", nil), 422, "a day to come")
		if q := w.want(w.call("park-a", "GET", "/task-queries", nil, "Accept-Language", "en"), 200, "the catalogue"); q.text("items.0.query") != "parksOnTarget" || q.text("items.3.metrics.0") == "" {
			t.Errorf("the catalogue: %s", q.raw)
		}
		if docs := w.want(w.call("park-a", "GET", "/programmes", nil), 200, "documents"); docs.text("items.0.title") != "任务进度表" {
			t.Errorf("documents: %s", docs.raw)
		}
		w.want(w.call("firm-a", "GET", "/tasks", nil), 403, "a firm")
		for who, n := range map[string]int{"park-a": 1, "park-b": 1, "baoan-1": 0, "bureau": 0} {
			box := w.want(w.call(who, "GET", "/inbox", nil), 200, "an inbox")
			found := 0
			for _, x := range box.items() {
				if item := x.(map[string]any); item["kind"] == "task" && item["what"] == "report" {
					found++
				}
			}
			if found != n {
				t.Errorf("%s has %d tasks: %s", who, found, box.raw)
			}
		}
	})
}

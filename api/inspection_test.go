package api_test

import (
	"strings"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/inspection"
)

func findingBody(p place) any {
	return map[string]any{"parkId": p.Park.ID, "enterpriseId": p.Enterprise.ID, "facilityId": p.Facility.ID, "dimension": 2, "type": "ledger_missing",
		"description": "三日没有填写运行台账", "severity": "minor"}
}

func rectificationBody(day code.Day, photo models.ID) any {
	return map[string]any{"measure": "补填台账，指定专人", "cost": "0", "doneOn": day, "attachments": []models.ID{photo}}
}

// proof is a photograph that the firm of the first park has brought for its site.
func (w *world) proof() models.ID {
	w.t.Helper()
	to := "/attachments?parkId=" + string(w.BaoanA.Park.ID) + "&siteId=" + string(w.BaoanA.Site.ID)
	return models.ID(w.want(w.call("firm-a", "POST", to, string(dbtest.PNG(w.t, 1)), "Content-Type", "image/png"), 201, "a photograph").text("id"))
}

// visit gives a place a patrol and a finding, made by the district's inspector.
func (w *world) visit(p place) (patrol, finding string) {
	w.t.Helper()
	svc := inspection.New(w.DB, w.accounts)
	ctx := w.Inspector(models.Deref(p.Park.Jurisdiction))
	v, err := svc.LogPatrol(ctx, "", inspection.PatrolInput{ParkID: string(p.Park.ID), Kind: "daily"})
	if err != nil {
		w.t.Fatal(err)
	}
	f, err := svc.Log(ctx, "", inspection.FindingInput{ParkID: string(p.Park.ID), EnterpriseID: string(p.Enterprise.ID), PatrolID: string(v.ID), Dimension: 2,
		Description: "三日没有填写运行台账", Severity: inspection.Minor})
	if err != nil {
		w.t.Fatal(err)
	}
	return string(v.ID), string(f.Finding.ID)
}

// TestFindingLoop is the main job over HTTP: a patrol with a finding, the recipient
// answers it, another inspector closes it.
func TestFindingLoop(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		park, firm := string(w.BaoanA.Park.ID), string(w.BaoanA.Enterprise.ID)
		at := db.Now().Format("2006-01-02T15:04:05Z07:00")
		patrol := w.want(w.call("baoan-1", "POST", "/patrols", map[string]any{"id": models.NewID(), "parkId": park, "kind": "daily", "startedAt": at}), 201, "log a patrol")
		if patrol.text("state") != "in_progress" || !strings.HasPrefix(patrol.text("number"), "PT-") {
			t.Errorf("patrol %s", patrol.raw)
		}
		finding := models.NewID()
		note := map[string]any{"id": models.NewID(), "type": "note", "at": at, "elapsedMs": 5, "text": "企业陪同"}
		batch := map[string]any{"events": []any{note, map[string]any{"type": "note", "at": at},
			map[string]any{"id": models.NewID(), "type": "answer", "at": at, "item": "L1", "result": "notAsRequired"},
			map[string]any{"id": models.NewID(), "type": "finding", "at": at, "item": "L1", "findingId": finding},
			map[string]any{"id": models.NewID(), "type": "end", "at": at, "position": map[string]any{"longitude": "113.88", "latitude": "22.55", "accuracyM": "8", "datum": "GCJ-02"}}}}
		path := "/patrols/" + patrol.text("id") + "/events"
		sent := w.want(w.call("baoan-1", "POST", path, batch), 200, "send events")
		if sent.text("results.0.outcome") != "stored" || sent.at("results.0.status") != 201.0 || sent.text("results.1.outcome") != "refused" || sent.at("results.1.status") != 422.0 ||
			sent.text("results.1.errors.0.pointer") != "/events/1/id" || sent.text("patrol.state") != "in_progress" || sent.text("patrol.missing.0") != "explanation" {
			t.Errorf("sent: %s", sent.raw)
		}
		if again := w.want(w.call("baoan-1", "POST", path, map[string]any{"events": []any{note}}), 200, "send again"); again.text("results.0.outcome") != "repeated" {
			t.Errorf("again: %s", again.raw)
		}
		note["text"] = "别的内容"
		if other := w.want(w.call("baoan-1", "POST", path, map[string]any{"events": []any{note}}), 200, "other content"); other.at("results.0.status") != 409.0 {
			t.Errorf("other content: %s", other.raw)
		}
		w.want(w.call("baoan-2", "POST", path, batch), 409, "a stranger sends events")
		if listed := w.want(w.call("park-a", "GET", path+"?limit=10", nil), 200, "events"); len(listed.items()) != 4 {
			t.Errorf("events: %s", listed.raw)
		}

		body := findingBody(place{Place: w.BaoanA}).(map[string]any)
		body["id"], body["patrolId"] = finding, patrol.text("id")
		f := w.want(w.call("baoan-1", "POST", "/findings", body), 201, "log a finding")
		if f.text("state") != "open" || f.text("moves.0") != "notice" || f.at("warnings") == nil {
			t.Errorf("finding %s", f.raw)
		}
		w.want(w.call("baoan-1", "POST", "/findings", body), 201, "the same finding again")
		if p := w.want(w.call("baoan-1", "GET", "/patrols/"+patrol.text("id"), nil), 200, "the patrol"); p.text("state") != "completed" {
			t.Errorf("with its finding: %s", p.raw)
		}
		body["description"] = "别的内容"
		w.want(w.call("baoan-1", "POST", "/findings", body), 409, "other content under its id")
		self := "/findings/" + string(finding)
		due := string(db.Today().Add(3))
		f = w.want(w.call("baoan-1", "POST", self+"/notice", map[string]any{"dueOn": due}), 200, "notice")
		if f.text("state") != "notified" || f.text("recipient") != "enterprise" || f.text("dueOn") != due || f.header.Get("ETag") == "" {
			t.Errorf("notice %s", f.raw)
		}
		w.want(w.call("firm-a", "POST", self+"/acknowledgement", map[string]any{}), 200, "acknowledge")
		w.want(w.call("firm-a", "POST", self+"/acknowledgement", map[string]any{}), 409, "acknowledge twice")
		bad := w.want(w.call("firm-a", "POST", self+"/rectification", map[string]any{"measure": "补填", "cost": "0", "doneOn": db.Today(), "attachments": []any{}, "note": "已经补齐"}), 422, "no evidence")
		if bad.text("errors.0.pointer") != "/attachments" {
			t.Errorf("no evidence: %s", bad.raw)
		}
		w.want(w.call("firm-a", "POST", self+"/rectification", rectificationBody(db.Today(), w.proof())), 200, "rectify")
		w.want(w.call("firm-a", "POST", self+"/review", map[string]any{"result": "close"}), 403, "the firm reviews itself")
		w.want(w.call("longgang", "POST", self+"/review", map[string]any{"result": "close"}), 404, "another district reviews")
		w.want(w.call("park-a", "POST", self+"/review", map[string]any{"result": "close"}), 409, "the park reviews a district's finding")
		f = w.want(w.call("baoan-2", "POST", self+"/review", map[string]any{"result": "close", "opinion": "现场核实"}), 200, "review")
		if f.text("state") != "closed" || len(f.at("moves").([]any)) != 0 {
			t.Errorf("review %s", f.raw)
		}
		steps := w.want(w.call("firm-a", "GET", self+"/steps", nil), 200, "steps")
		var kinds []string
		for i := range steps.items() {
			kinds = append(kinds, steps.text("items."+string(rune('0'+i))+".kind"))
		}
		if strings.Join(kinds, " ") != "opening notice acknowledgement rectification review" {
			t.Errorf("steps %v", kinds)
		}
		for query, n := range map[string]int{"": 1, "?state=closed": 1, "?state=open": 0, "?overdue=true": 0, "?dimension=2&sort=dueOn": 1, "?parkId=" + park + "&enterpriseId=" + firm: 1} {
			if page := w.want(w.call("analyst", "GET", "/findings"+query, nil), 200, "list "+query); len(page.items()) != n {
				t.Errorf("/findings%s lists %d, want %d", query, len(page.items()), n)
			}
		}
		if types := w.want(w.call("firm-a", "GET", "/finding-types", nil, "Accept-Language", "en"), 200, "types"); types.text("items.0.name") != "Discharge without permit" {
			t.Errorf("types %s", types.raw)
		}
		if lists := w.want(w.call("park-a", "GET", "/patrol-checklists", nil), 200, "checklists"); lists.text("items.0.items.0.id") != "R1" {
			t.Errorf("checklists %s", lists.raw)
		}
		w.want(w.call("park-a", "POST", "/patrols", map[string]any{"parkId": park, "kind": "random", "nature": "inspection",
			"officers": []any{map[string]any{"name": "甲", "certificate": "1"}, map[string]any{"name": "乙", "certificate": "2"}}}), 403, "a park inspects")
		w.want(w.call("baoan-1", "POST", "/patrols", map[string]any{"parkId": park, "kind": "random", "nature": "inspection"}), 422, "nobody inspects")
	})
}

package api_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/audit"
)

// seal numbers every committed change, as the running program does all the time.
func (w *world) seal() {
	w.t.Helper()
	s := audit.NewSequencer(w.DB, slog.New(slog.DiscardHandler))
	for n := 1; n > 0; {
		var err error
		if n, err = s.Round(context.Background()); err != nil {
			w.t.Fatal(err)
		}
	}
}

// standing is one park's line of GET /progress.
func (w *world) standing(who, parkCode string) map[string]any {
	w.t.Helper()
	report := w.want(w.call(who, "GET", "/progress", nil), 200, who+" reads progress")
	for _, p := range report.body["parks"].([]any) {
		if park := p.(map[string]any); park["code"] == parkCode {
			return park
		}
	}
	w.t.Fatalf("%s is not in the progress of %s", parkCode, who)
	return nil
}

// TestMainJob drives the whole job over HTTP on both engines: a park files a ledger
// entry, a district inspector logs a patrol with a finding, the recipient answers
// it, another inspector closes it, and the bureau's progress counts all of it. Each
// step leaves one numbered change and one audit record.
func TestMainJob(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		w.seal()
		p, today := w.BaoanA, string(db.Today())
		before := w.standing("bureau", p.Park.Code)["counts"].(map[string]any)
		lastSeq := w.call("auditor", "GET", "/progress", nil).body["knownSeq"].(float64)

		// 园区报送台账
		payload := map[string]any{"normal": true, "startAt": today + "T00:00:00+08:00", "endAt": today + "T00:30:00+08:00", "inflow": "412.50", "treated": "410", "reused": "100.0",
			"discharged": "310", "sludgeQuantity": "1.2", "sludgeDestination": "示例处置公司", "drainDestination": "sewagePlant",
			"readings": []any{map[string]any{"pollutant": "w01001", "value": "7.2"}, map[string]any{"pollutant": "w01018", "value": "38.0"}, map[string]any{"pollutant": "w20121", "value": "<0.05"}}}
		draft := w.want(w.call("park-a", "POST", "/ledgers", map[string]any{"parkId": p.Park.ID, "facilityId": p.Facility.ID, "class": "treatmentFacility.wastewater", "day": today, "payload": payload}), 201, "draft")
		filed := w.want(w.call("park-a", "POST", "/ledgers/"+draft.text("id")+"/filing", nil), 200, "filing")
		if draft.text("state") != "draft" || filed.text("state") != "filed" || filed.at("leafIndex") != nil || !strings.HasPrefix(filed.text("number"), "LG-") {
			t.Errorf("draft %s, filed %s", draft.raw, filed.raw)
		}
		accepted := w.want(w.call("baoan-1", "POST", "/ledgers/"+draft.text("id")+"/acceptance", nil), 200, "the district accepts what the park filed")

		// 区管理局巡查，发现问题
		at := db.Now().Format("2006-01-02T15:04:05Z07:00")
		patrol := w.want(w.call("baoan-1", "POST", "/patrols", map[string]any{"parkId": p.Park.ID, "kind": "daily", "startedAt": at}), 201, "patrol")
		events := w.want(w.call("baoan-1", "POST", "/patrols/"+patrol.text("id")+"/events", map[string]any{"events": []any{
			map[string]any{"id": models.NewID(), "type": "answer", "at": at, "item": "L1", "result": "asRequired"},
			map[string]any{"id": models.NewID(), "type": "end", "at": at}}}), 200, "events")
		if events.text("patrol.state") != "completed" {
			t.Errorf("events: %s", events.raw)
		}
		finding := w.want(w.call("baoan-1", "POST", "/findings", map[string]any{"parkId": p.Park.ID, "enterpriseId": p.Enterprise.ID, "facilityId": p.Facility.ID, "patrolId": patrol.text("id"),
			"dimension": 2, "description": "调节池没有加盖，现场有异味", "severity": "minor"}), 201, "finding")
		at1 := "/findings/" + finding.text("id")
		w.want(w.call("baoan-1", "POST", at1+"/notice", map[string]any{"recipient": "enterprise"}), 200, "notice")

		// 企业整改，另一名检查人员复查销号
		w.want(w.call("firm-a", "POST", at1+"/acknowledgement", map[string]any{}), 200, "acknowledgement")
		photo := w.proof()
		w.want(w.call("firm-a", "POST", at1+"/rectification", map[string]any{"measure": "已加盖并收集废气", "cost": "3600.50", "doneOn": today, "attachments": []any{photo}}), 200, "rectification")
		if got := w.want(w.call("baoan-2", "GET", "/attachments/"+string(photo), nil), 200, "the reviewer looks at the photograph"); got.text("ownerId") != finding.text("id") {
			t.Errorf("the photograph: %s", got.raw)
		}
		w.want(w.call("firm-a", "POST", at1+"/review", map[string]any{"result": "close"}), 403, "the submitter lacks the right to review")
		w.want(w.call("longgang", "POST", at1+"/review", map[string]any{"result": "close"}), 404, "another district does not see it")
		closed := w.want(w.call("baoan-2", "POST", at1+"/review", map[string]any{"result": "close"}), 200, "closure")
		if closed.text("state") != "closed" {
			t.Errorf("closed: %s", closed.raw)
		}

		// 市局看到每一步的结果
		w.seal()
		after := w.standing("bureau", p.Park.Code)
		counts := after["counts"].(map[string]any)
		for name, grew := range map[string]float64{"ledgersFiled": 1, "ledgersFiledRecent": 1, "ledgersAccepted": 1, "patrols": 1, "findingsOpened": 1, "findingsClosed": 1, "findingsOpen": 0} {
			if got := counts[name].(float64) - before[name].(float64); got != grew {
				t.Errorf("%s grew by %v, want %v", name, got, grew)
			}
		}
		if dims := after["dimensions"].([]any); len(dims) != 6 {
			t.Errorf("%d dimensions", len(dims))
		}
		for _, d := range after["dimensions"].([]any) {
			reasons := w.want(w.call("bureau", "GET", strings.TrimPrefix(d.(map[string]any)["reasons"].(string), "/api/v1"), nil), 200, "reasons")
			if n := d.(map[string]any)["required"].(float64) + d.(map[string]any)["pending"].(float64); int(n) > len(reasons.items()) || len(reasons.items()) == 0 {
				t.Errorf("dimension %v: %v items, reasons %s", d, n, reasons.raw)
			}
		}

		// 每一步一条变更、一条留痕，变更号连续
		leaf := w.call("park-a", "GET", "/ledgers/"+draft.text("id"), nil)
		if leaf.at("leafIndex") == nil || accepted.text("state") != "accepted" {
			t.Errorf("the entry after numbering: %s", leaf.raw)
		}
		var seqs []float64
		next := ""
		for {
			page := w.want(w.call("auditor", "GET", "/changes?limit=200&cursor="+next, nil), 200, "changes")
			for _, c := range page.items() {
				seqs = append(seqs, c.(map[string]any)["seq"].(float64))
			}
			if next = page.text("next"); next == "" {
				break
			}
		}
		for i, s := range seqs {
			if s != float64(i) {
				t.Fatalf("change %d has the number %v", i, s)
			}
		}
		const steps = 3 + 3 + 5 // draft, filing, acceptance; patrol, a batch of events, finding; notice, acknowledgement, photograph, rectification, closure
		if grew := float64(len(seqs)-1) - lastSeq; grew != steps {
			t.Errorf("%v changes, want %d", grew, steps)
		}
		for object, want := range map[string]int{draft.text("id"): 3, finding.text("id"): 5} {
			if got := len(w.call("auditor", "GET", "/audit-records?outcome=done&objectId="+object, nil).items()); got != want {
				t.Errorf("%d audit records of %s, want %d", got, object, want)
			}
		}
		if got := w.call("auditor", "GET", "/audit-records?outcome=refused&objectId="+finding.text("id"), nil).items(); len(got) != 2 {
			t.Errorf("%d refusals are on record, want 2", len(got))
		}
	})
}

package api_test

import (
	"slices"
	"strconv"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/grade"
)

// assessed gives a place an assessment that its park has begun.
func (w *world) assessed(p place) string {
	w.t.Helper()
	svc := assessment.New(w.DB, w.measures)
	a, err := svc.Start(w.ParkManager(p.Place), "", assessment.StartInput{ParkID: string(p.Park.ID), Year: 2026})
	if err != nil {
		w.t.Fatal(err)
	}
	return string(a.ID)
}

// selfMarks are lawful marks of every item that people judge.
func selfMarks(year string) map[string]any {
	items := []any{}
	for _, i := range assessment.Draft().Items {
		if !i.Computed() {
			items = append(items, map[string]any{"item": i.ID, "points": i.ItemInput.Points, "evidence": "任命文件", "evidenceOn": year + "-01-15"})
		}
	}
	return map[string]any{"items": items}
}

// districtMarks agree with every item and answer every veto.
func districtMarks() map[string]any {
	items, vetoes := []any{}, []any{}
	for _, i := range assessment.Draft().Items {
		items = append(items, map[string]any{"item": i.ID})
	}
	for _, v := range assessment.Draft().VetoItems {
		vetoes = append(vetoes, map[string]any{"veto": v.ID, "found": false})
	}
	return map[string]any{"items": items, "vetoes": vetoes}
}

// TestAssessmentOverHTTP is the main job: a park judges itself with an attachment as
// evidence, the district verifies, the bureau samples; the three columns stand side by
// side, ratios with both their numbers.
func TestAssessmentOverHTTP(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		park, year := string(w.BaoanA.Park.ID), string(db.Today())[:4]
		w.seal() // ratios are those of what has its number
		a := w.want(w.call("park-a", "POST", "/assessments", map[string]any{"parkId": park, "year": 2026}), 201, "start")
		path := "/assessments/" + a.text("id")
		if a.text("state") != "draft" || a.text("moves.0") != "self-assessment" || a.text("moves.1") != "submission" {
			t.Errorf("started: %s", a.raw)
		}
		w.seal() // the ratios are of what has a number
		post := func(who, what string, body any, status int) answer {
			t.Helper()
			tag := w.call("auditor", "GET", path, nil).header.Get("ETag")
			return w.want(w.call(who, "POST", path+"/"+what, body, "If-Match", tag), status, what+" by "+who)
		}
		w.want(w.call("park-a", "POST", path+"/self-assessment", selfMarks(year)), 428, "marks without the version read")
		file := w.want(w.call("park-a", "POST", "/attachments?parkId="+park, pdf(7), "Content-Type", "application/pdf"), 201, "evidence").text("id")
		foreign := w.want(w.call("park-b", "POST", "/attachments?parkId="+string(w.BaoanB.Park.ID), pdf(8), "Content-Type", "application/pdf"), 201, "another park's").text("id")
		mark := func(item string, more map[string]any) map[string]any {
			more["item"] = item
			return map[string]any{"items": []any{more}}
		}
		bad := post("park-a", "self-assessment", mark("A1", map[string]any{"points": "2", "evidenceOn": year + "-01-15", "attachments": []any{file, foreign}}), 422)
		if bad.text("errors.0.pointer") != "/body/items/0/attachments/1" && bad.text("errors.0.pointer") != "/items/0/attachments/1" {
			t.Errorf("somebody else's attachment: %s", bad.raw)
		}
		bad = post("park-a", "self-assessment", mark("E1", map[string]any{"notApplicable": true}), 422)
		if bad.text("errors.0.pointer") != "/items/0/reason" {
			t.Errorf("not applicable without a reason: %s", bad.raw)
		}
		post("park-a", "self-assessment", mark("A1", map[string]any{"points": "2", "evidenceOn": year + "-01-15", "attachments": []any{file}}), 200)
		rest := selfMarks(year)
		rest["items"] = rest["items"].([]any)[1:]
		post("park-a", "self-assessment", rest, 200)
		post("park-a", "submission", nil, 200)
		w.want(w.call("baoan-1", "GET", "/attachments/"+file+"/content", nil), 200, "the district looks at the evidence")
		post("baoan-1", "verification", districtMarks(), 200)
		done := post("baoan-1", "completion", nil, 200)
		if done.text("state") != "district_checked" || done.text("level") == "" || done.text("score") == "" {
			t.Errorf("checked: %s", done.raw)
		}
		post("baoan-2", "completion", nil, 409)
		post("bureau", "sample", mark("A1", map[string]any{"points": "1", "reason": "抽查时缺少盖章"}), 200)
		sheet := w.want(w.call("analyst", "GET", path, nil), 200, "the sheet")
		for column, want := range map[string]string{"self": "2", "district": "2", "bureau": "1"} {
			if got := sheet.text("items.0." + column + ".points"); got != want {
				t.Errorf("A1 in the column of %s: %q, want %q", column, got, want)
			}
		}
		for i, item := range assessment.Draft().Items {
			at := "items." + strconv.Itoa(i)
			if item.ID == "C4" && (sheet.at(at+".district.numerator") != 0.0 || sheet.at(at+".district.denominator") != 1.0 || sheet.at(at+".computed.denominator") != 1.0) {
				t.Errorf("C4 shows both numbers: %s", sheet.raw)
			}
		}
		listed := w.want(w.call("baoan-1", "GET", "/assessments?state=district_checked&year=2026&count=exact", nil), 200, "the list")
		if listed.at("total") != 1.0 || listed.text("items.0.id") != a.text("id") {
			t.Errorf("listed: %s", listed.raw)
		}
		w.seal()
		reasons := w.want(w.call("park-a", "GET", "/parks/"+park+"/progress?dimension=1", nil), 200, "what the numbers are made of")
		if reasons.text("items.0.item") != "A1" || reasons.text("items.0.state") != "verified" || reasons.at("items.0.earned") != 2.0 || reasons.text("items.6.state") != "notApplicable" {
			t.Errorf("after the check: %s", reasons.raw)
		}
		standing := w.want(w.call("bureau", "GET", "/progress", nil), 200, "progress")
		parks, _ := standing.at("parks").([]any)
		if len(parks) != 5 {
			t.Errorf("%d parks", len(parks))
		}
		for _, x := range parks {
			row := x.(map[string]any)
			if assessed := row["assessment"] != nil; assessed != (row["parkId"] == park) {
				t.Errorf("%v rests on %v", row["code"], row["assessment"])
			}
		}
		list := w.call("analyst", "GET", "/assessment-checklists/2026-draft-3", nil)
		if got := list.text("items.5.metric") + " " + list.text("items.5.scoring.by") + " " + list.text("items.5.scoring.partialPoints"); got != "patrolsDone step 1" {
			t.Errorf("how a ratio is scored reads %q", got)
		}
		if english := w.call("analyst", "GET", path, nil, "Accept-Language", "en"); english.text("items.0.name") != "Environmental management body" || english.text("stateName") != "Checked by the district" {
			t.Errorf("in English: %s", english.raw)
		}
	})
}

// otherChecklist is the draft under another name, with A1 at 1 and A2 at 3 points.
func otherChecklist(version string) assessment.ChecklistInput {
	in := assessment.Draft().ChecklistInput
	in.Version, in.Items = version, slices.Clone(in.Items)
	in.Items[0].Points, in.Items[1].Points = "1", "3"
	return in
}

// graded gives a place's firm a check of its capability.
func (w *world) graded(p place) string {
	w.t.Helper()
	g, err := grade.New(w.DB).Open(w.Bureau(), p.Enterprise.ID, "", grade.OpenInput{Kind: grade.Capability, Reason: "现场核查废水处理设施"})
	if err != nil {
		w.t.Fatal(err)
	}
	return string(g.ID)
}

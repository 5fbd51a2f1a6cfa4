package assessment_test

import (
	"context"
	"slices"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// TestLife: from the start over self-assessment, verification and a sample to a return
// and a second round, with what each column says side by side.
func TestLife(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		a := w.submitted(t)
		if a.State != assessment.Assessed || *a.SubmittedOn != today || a.SubmittedOrg != policies.ParkBody(string(w.BaoanA.Park.ID)) {
			t.Fatalf("submitted: %+v", a)
		}
		in := agreed()
		in.Items[0] = assessment.MarkInput{Item: "A1", Points: "1", Reason: "没有任命文件原件"}
		in.Items[4] = assessment.MarkInput{Item: "A5", NotApplicable: true, Reason: "园区规划不需要开展环评"}
		a = got(w.Mark(w.district(), assessment.District, a.ID, a.Version, in))(t)
		a = got(w.Complete(w.district(), a.ID, a.Version))(t)
		// 100 points without D2 (nothing to measure: 2) and A2 (2); lost: A1 1, D3 1.5, C4 3 − 2.91.
		if a.State != assessment.Checked || a.Score == nil || *a.Score != 97302083 || a.Level != "exemplary" {
			t.Errorf("checked: %s %v %s, want 97.302083", a.State, models.Ref(a.Level), a.State)
			if a.Score != nil {
				t.Error(*a.Score)
			}
		}
		a = got(w.Mark(w.Bureau(), assessment.Bureau, a.ID, a.Version, assessment.MarksInput{Items: []assessment.MarkInput{{Item: "A1", Points: "0", Reason: "抽查时没有找到文件"}}}))(t)
		whole := got(w.Read(w.Analyst(), a.ID))(t)
		for side, want := range map[assessment.Side]int64{assessment.Self: 2000000, assessment.District: 1000000, assessment.Bureau: 0} {
			if m := whole.Sheet[side]["A1"]; m.Points != want || !m.Applies {
				t.Errorf("A1 of %s: %+v, want %d", side, m, want)
			}
		}
		a = got(w.Return(w.Bureau(), a.ID, a.Version, assessment.ReturnInput{Reason: "任命文件需要补齐"}))(t)
		if a.State != assessment.Returned || a.Round != 2 || a.Score != nil || a.CheckedOn != nil {
			t.Errorf("returned: %+v", a)
		}
		a = got(w.Mark(w.park(), assessment.Self, a.ID, a.Version, assessment.MarksInput{Items: []assessment.MarkInput{{Item: "A1", Points: "2", Evidence: "任命文件", EvidenceOn: "2026-11-20"}}}))(t)
		a = got(w.Submit(w.park(), a.ID, a.Version))(t)
		_, err := w.Complete(w.district(), a.ID, a.Version)
		want := []string{"/items/A1", "/vetoes/V1", "/vetoes/V2", "/vetoes/V3", "/vetoes/V4", "/vetoes/V5"}
		if got := pointers(err); !slices.Equal(got, want) {
			t.Errorf("the second round asks for %v, want what changed and the vetoes: %v", got, want)
		}
		kinds := []assessment.StepKind{}
		for _, s := range got(w.Steps(w.Auditor(), a.ID))(t) {
			kinds = append(kinds, s.Kind)
		}
		if !slices.Equal(kinds, []assessment.StepKind{"start", "self-assessment", "submission", "verification", "completion", "sample", "return", "self-assessment", "submission"}) {
			t.Errorf("steps: %v", kinds)
		}
		var changes int64
		if err := w.DB.Visible(w.Auditor(), policies.ChangeRead, &audit.Change{}).Where("object_id = ?", a.ID).Count(&changes).Error; err != nil || int(changes) != len(kinds) {
			t.Errorf("%d changes for %d steps: %v", changes, len(kinds), err)
		}
		r, err := audit.Verify(w.Program(), w.DB, audit.Against{Sources: assessment.Verifiable()})
		if err != nil || r.Bad != nil {
			t.Errorf("rows and leaves disagree: %+v %v", r.Bad, err)
		}
	})
}

// TestMarks: what may be said of an item, told by its pointer.
func TestMarks(t *testing.T) {
	one := func(m assessment.MarkInput) assessment.MarksInput {
		return assessment.MarksInput{Items: []assessment.MarkInput{m}}
	}
	cases := map[string]struct {
		in   assessment.MarksInput
		want []string
	}{
		"lawful":                        {one(assessment.MarkInput{Item: "A1", Points: "1.5", Evidence: "文件", EvidenceOn: "2026-01-01"}), nil},
		"zero needs no evidence":        {one(assessment.MarkInput{Item: "A1", Points: "0"}), nil},
		"not applicable":                {one(assessment.MarkInput{Item: "E1", NotApplicable: true, Reason: "没有集中处理设施"}), nil},
		"never not applicable":          {one(assessment.MarkInput{Item: "A2", NotApplicable: true, Reason: "园区没有排污单位"}), []string{"/items/0/notApplicable"}},
		"counted, yet not applicable":   {one(assessment.MarkInput{Item: "E2", NotApplicable: true, Reason: "没有含镍废水"}), []string{"/items/0/notApplicable"}},
		"not applicable without reason": {one(assessment.MarkInput{Item: "E1", NotApplicable: true}), []string{"/items/0/reason"}},
		"not applicable with points":    {one(assessment.MarkInput{Item: "E1", NotApplicable: true, Reason: "没有集中处理设施", Points: "1"}), []string{"/items/0/points"}},
		"no evidence":                   {one(assessment.MarkInput{Item: "A1", Points: "1"}), []string{"/items/0/attachments"}},
		"evidence of another year":      {one(assessment.MarkInput{Item: "A1", Points: "1", Evidence: "文件", EvidenceOn: "2025-12-31"}), []string{"/items/0/evidenceOn"}},
		"evidence of tomorrow":          {one(assessment.MarkInput{Item: "A1", Points: "1", Evidence: "文件", EvidenceOn: "2026-11-25"}), []string{"/items/0/evidenceOn"}},
		"evidence without a day":        {one(assessment.MarkInput{Item: "A1", Points: "1", Evidence: "文件"}), []string{"/items/0/evidenceOn"}},
		"more than the item gives":      {one(assessment.MarkInput{Item: "A1", Points: "2.01", Evidence: "文件", EvidenceOn: "2026-01-01"}), []string{"/items/0/points"}},
		"an unknown item":               {one(assessment.MarkInput{Item: "Z9", Points: "1"}), []string{"/items/0/item"}},
		"a ratio typed over":            {one(assessment.MarkInput{Item: "D3", Points: "3"}), []string{"/items/0/points"}},
		"a ratio lowered silently":      {one(assessment.MarkInput{Item: "D3", Points: "1"}), []string{"/items/0/reason"}},
		"a ratio lowered":               {one(assessment.MarkInput{Item: "D3", Points: "1", Reason: "有两周记录不完整"}), nil},
		"a ratio of nothing":            {one(assessment.MarkInput{Item: "D2", Points: "2"}), []string{"/items/0/points"}},
		"somebody else's attachment":    {one(assessment.MarkInput{Item: "A1", Points: "1", EvidenceOn: "2026-01-01", Attachments: []string{string(models.NewID())}}), []string{"/items/0/attachments/0"}},
		"a veto without words":          {assessment.MarksInput{Vetoes: []assessment.VetoMarkInput{{Veto: "V1", Found: true}}}, []string{"/vetoes/0/reason"}},
		"an unknown veto":               {assessment.MarksInput{Vetoes: []assessment.VetoMarkInput{{Veto: "V9"}}}, []string{"/vetoes/0/veto"}},
		"nothing":                       {assessment.MarksInput{}, []string{"/items"}},
		"the same twice": {assessment.MarksInput{Items: []assessment.MarkInput{{Item: "A1", Points: "0"}, {Item: "A1", Points: "0"}}},
			[]string{"/items/1/item"}},
	}
	each(t, func(t *testing.T, w world) {
		a := w.start(t)
		for name, x := range cases {
			after, err := w.Mark(w.park(), assessment.Self, a.ID, a.Version, x.in)
			if got := pointers(err); !slices.Equal(got, x.want) || (err == nil) != (x.want == nil) {
				t.Errorf("%s: %v (%v), want %v", name, got, err, x.want)
			}
			if err == nil {
				a = after
			}
		}
		sheet := got(w.Read(w.park(), a.ID))(t).Sheet[assessment.Self]
		d3, _ := assessment.Draft().Item("D3")
		if m := sheet["D3"]; m.Points != 1000000 || *m.Numerator != 85 || *m.Denominator != 100 || !m.Override(d3) {
			t.Errorf("a lowered ratio shows both its numbers and that it was lowered: %+v", m)
		}
		if m := sheet["E1"]; m.Applies || m.Reason == "" {
			t.Errorf("not applicable: %+v", m)
		}
		_, err := w.Submit(w.park(), a.ID, a.Version)
		if n := len(pointers(err)); n != 49-2-8 { // A1 and E1 are marked; eight are computed
			t.Errorf("%d items are asked for: %v", n, err)
		}
	})
}

// TestWho: each write by each caller: only who may, never the submitter's own body, in
// whatever role; out of sight is absent.
func TestWho(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		a := w.submitted(t)
		park := string(w.BaoanA.Park.ID)
		both := w.person("two-hats", policies.Assignment{Role: policies.ParkManager, Park: park}, policies.Assignment{Role: policies.DistrictInspector, Jurisdiction: "baoan"})
		in := agreed()
		for name, x := range map[string]struct {
			ctx  context.Context
			want fault.Code
		}{
			"the park itself":    {w.park(), fault.Denied},
			"a foreign park":     {w.ParkManager(w.Longgang), fault.Denied},
			"a foreign district": {w.Inspector("longgang"), fault.NotFound},
			"the bureau":         {w.Bureau(), fault.Denied},
			"auditor":            {w.Auditor(), fault.Denied},
			"under another role": {both, fault.Conflict},
		} {
			if _, err := w.Mark(x.ctx, assessment.District, a.ID, a.Version, in); !fault.Is(err, x.want) {
				t.Errorf("verification by %s: %v, want %s", name, err, x.want)
			}
			if _, err := w.Complete(x.ctx, a.ID, a.Version); !fault.Is(err, x.want) {
				t.Errorf("completion by %s: %v, want %s", name, err, x.want)
			}
		}
		if _, err := w.Return(both, a.ID, a.Version, assessment.ReturnInput{Reason: "佐证需要补齐"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("return under another role: %v", err)
		}
		if _, err := w.Mark(w.Bureau(), assessment.Bureau, a.ID, a.Version, assessment.MarksInput{Items: in.Items[:1]}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a sample before the district has checked: %v", err)
		}
		if _, err := w.Get(w.ParkManager(w.BaoanB), a.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another park reads it: %v", err)
		}
		if _, err := w.Get(w.Firm(w.BaoanA), a.ID); !fault.Is(err, fault.Denied) {
			t.Errorf("a firm reads it: %v", err)
		}
		a = got(w.Mark(w.district(), assessment.District, a.ID, a.Version, in))(t)
		a = got(w.Complete(w.district(), a.ID, a.Version))(t)
		if _, err := w.Return(w.district(), a.ID, a.Version, assessment.ReturnInput{Reason: "佐证需要补齐"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("the district returns what it has checked: %v", err)
		}
	})
}

// TestMoment: a place without a name, a second assessment of a year, a year to come,
// an old version, and two at once.
func TestMoment(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		manager := w.As("unnamed", policies.ParkManager, string(w.Unnamed.ID))
		if _, err := w.Start(manager, "", assessment.StartInput{ParkID: string(w.Unnamed.ID), Year: 2026}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a pilot place without a name: %v", err)
		}
		if _, err := w.Start(w.park(), "", assessment.StartInput{ParkID: string(w.BaoanA.Park.ID), Year: 2027}); !slices.Equal(pointers(err), []string{"/year"}) {
			t.Errorf("a year to come: %v", err)
		}
		begin := func(p dbtest.Place) func() error {
			return func() error {
				_, err := w.Start(w.ParkManager(p), "", assessment.StartInput{ParkID: string(p.Park.ID), Year: 2026})
				return err
			}
		}
		race(t, begin(w.BaoanB), begin(w.BaoanB))
		a := w.submitted(t)
		verify := func(ctx context.Context) func() error {
			return func() error {
				_, err := w.Mark(ctx, assessment.District, a.ID, a.Version, agreed())
				return err
			}
		}
		race(t, verify(w.district()), verify(w.SecondInspector("baoan")))
		b := got(w.Get(w.district(), a.ID))(t)
		if err := verify(w.district())(); !fault.Is(err, fault.Stale) {
			t.Errorf("a verification of the version before: %v", err)
		}
		finish := func(ctx context.Context) func() error {
			return func() error { _, err := w.Complete(ctx, b.ID, b.Version); return err }
		}
		race(t, finish(w.district()), finish(w.SecondInspector("baoan")))
		b = got(w.Get(w.district(), a.ID))(t)
		if _, err := w.Complete(w.district(), b.ID, b.Version); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second completion: %v", err)
		}
		if _, err := w.Mark(w.park(), assessment.Self, b.ID, b.Version, full()); !fault.Is(err, fault.Conflict) {
			t.Errorf("a self-assessment after the check: %v", err)
		}
	})
}

// TestVeto: one veto makes the lowest level of any score.
func TestVeto(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		a := w.checked(t, "V4")
		if !a.Vetoed || a.Level != "not_conforming" || a.Score == nil || *a.Score < 90_000_000 {
			t.Errorf("%+v", a)
		}
	})
}

// TestHandedInWaits: what a park handed in waits for its district, and for nobody else.
func TestHandedInWaits(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		a := w.submitted(t)
		if all := got(w.Inbox(w.district()))(t); len(all) != 1 || all[0].What != "completion" || all[0].Assessment.ID != a.ID || all[0].Place() != a.ParkID {
			t.Errorf("the district's inbox: %+v", all)
		}
		for who, ctx := range map[string]context.Context{"park": w.park(), "bureau": w.Bureau(), "foreign": w.Inspector("longgang"), "auditor": w.Auditor()} {
			if all := got(w.Inbox(ctx))(t); len(all) != 0 {
				t.Errorf("%s: %+v", who, all)
			}
		}
	})
}

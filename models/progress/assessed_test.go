package progress_test

import (
	"strconv"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/assessment"
)

// assess takes the assessment of a park's year as far as the district's check: A1 is
// verified at half its points, A2 does not apply.
func (c city) assess(t *testing.T, svc *assessment.Service, year int) assessment.Assessment {
	t.Helper()
	p := c.BaoanA
	must := func(a assessment.Assessment, err error) assessment.Assessment {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	var self, district assessment.MarksInput
	for _, i := range assessment.Draft().Items {
		if i.Computed() {
			continue
		}
		self.Items = append(self.Items, assessment.MarkInput{Item: i.ID, Points: i.ItemInput.Points, Evidence: "佐证", EvidenceOn: strconv.Itoa(year) + "-01-02"})
		district.Items = append(district.Items, assessment.MarkInput{Item: i.ID})
	}
	district.Items[0] = assessment.MarkInput{Item: "A1", Points: "1", Reason: "没有任命文件"}
	district.Items[4] = assessment.MarkInput{Item: "A5", NotApplicable: true, Reason: "园区规划不需要开展环评"}
	for _, v := range assessment.Draft().VetoItems {
		district.Vetoes = append(district.Vetoes, assessment.VetoMarkInput{Veto: v.ID})
	}
	a := must(svc.Start(c.ParkManager(p), "", assessment.StartInput{ParkID: string(p.Park.ID), Year: year}))
	a = must(svc.Mark(c.ParkManager(p), assessment.Self, a.ID, a.Version, self))
	a = must(svc.Submit(c.ParkManager(p), a.ID, a.Version))
	a = must(svc.Mark(c.Inspector("baoan"), assessment.District, a.ID, a.Version, district))
	return must(svc.Complete(c.Inspector("baoan"), a.ID, a.Version))
}

// TestVerified: before the district's check only what the registry computes counts;
// from that day on met, required and score are what the district verified, of all six
// together too; a return takes it back from its own day on, and the days before keep
// what they had.
func TestVerified(t *testing.T) {
	each(t, func(t *testing.T, c city) {
		svc := assessment.New(c.DB, c.measures())
		*c.clock = c.clock.AddDate(0, 0, 10)
		c.Seal(t)
		before := c.DB.Today()
		*c.clock = c.clock.AddDate(0, 0, 1)
		checked := c.DB.Today()
		a := c.assess(t, svc, 2026)
		*c.clock = c.clock.AddDate(0, 0, 1)
		if _, err := svc.Return(c.Bureau(), a.ID, a.Version, assessment.ReturnInput{Reason: "任命文件需要补齐"}); err != nil {
			t.Fatal(err)
		}
		sent := c.DB.Today()
		c.Seal(t)
		for day, want := range map[code.Day]struct {
			assessment             models.ID
			met, required, pending int // of dimension 1
		}{
			before:  {"", 0, 0, 8},   // A7 is computed and there was no finding
			checked: {a.ID, 5, 7, 0}, // nine, without A5 (not applicable) and A7; A1 is not full, and no patrol was walked (A6)
			sent:    {"", 0, 0, 8},
		} {
			s := of(t, c.report(t, c.Bureau(), day), c.BaoanA.Park)
			d := s.Dimensions[0]
			if s.Basis.Assessment != want.assessment || d.Met != want.met || d.Required != want.required || d.Pending != want.pending {
				t.Errorf("%s: by %q, %d/%d, %d pending, want %+v", day, s.Basis.Assessment, d.Met, d.Required, d.Pending, want)
			}
		}
		s := of(t, c.report(t, c.Inspector("baoan"), checked), c.BaoanA.Park)
		if got := s.Dimensions[0].Score.FloatString(4); got != "72.7273" { // 8 of 11 points: A1 1 of 2, A6 none, without A5 and A7
			t.Errorf("score of dimension 1: %s", got)
		}
		list := assessment.Draft()
		earned, applicable, pending := 0.0, 0.0, 0
		for _, r := range s.Results {
			if r.Applies() {
				e, _ := r.Earned.Float64()
				p, _ := r.Item.Points.Float64()
				earned, applicable = earned+e, applicable+p
			}
		}
		for _, d := range s.Dimensions {
			pending += d.Pending
		}
		overall, _ := s.Overall.Float64()
		if len(s.Results) != len(list.Items) || pending != 0 || overall-earned/applicable*100 > 1e-9 {
			t.Errorf("%d results, %d pending, overall %v of %v/%v", len(s.Results), pending, overall, earned, applicable)
		}
		if r := item(t, s, "C4"); r.Denominator != 1 || !r.Verified() {
			t.Errorf("a verified ratio keeps both its numbers: %+v", r)
		}
		if other := of(t, c.report(t, c.Bureau(), checked), c.Dapeng.Park); other.Basis.Assessment != "" || other.Dimensions[0].Pending == 0 {
			t.Errorf("another park: %+v", other.Basis)
		}
	})
}

// TestVerifiedAsKnown: what the log had not numbered yet was not known: results at a
// number are the same for good, whatever came later.
func TestVerifiedAsKnown(t *testing.T) {
	each(t, func(t *testing.T, c city) {
		svc := assessment.New(c.DB, c.measures())
		*c.clock = c.clock.AddDate(0, 0, 10)
		c.Seal(t)
		early := c.report(t, c.Bureau(), "").KnownSeq
		a := c.assess(t, svc, 2026)
		day := c.DB.Today()
		c.Seal(t)
		known := c.report(t, c.Bureau(), "").KnownSeq
		if _, err := svc.Return(c.Bureau(), a.ID, a.Version, assessment.ReturnInput{Reason: "任命文件需要补齐"}); err != nil {
			t.Fatal(err)
		}
		c.Seal(t)
		late := c.report(t, c.Bureau(), "").KnownSeq
		for seq, want := range map[int64]int{early: 0, known: 1, late: 0} {
			_, all, err := assessment.Results(c.Auditor(), c.DB, seq, day)
			if err != nil || len(all[0]) != want {
				t.Errorf("known at %d: %d parks, want %d: %v", seq, len(all[0]), want, err)
			}
		}
		_, all, err := assessment.Results(c.Inspector("longgang"), c.DB, known, day)
		if err != nil || len(all[0]) != 0 {
			t.Errorf("another district sees %d: %v", len(all[0]), err)
		}
	})
}

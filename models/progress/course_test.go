package progress_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/progress"
)

// TestCourse: a course is the report that was asked for and, before it, the same report at
// the ends of the months before, known at the same number whatever came since: park by
// park the same results, scores and counts as when it is asked for alone, also where a
// district has verified and the bureau sent it back meanwhile, and for who sees some parks.
func TestCourse(t *testing.T) {
	each(t, func(t *testing.T, c city) {
		c.years(t, rand.New(rand.NewPCG(5, 31)))
		judged := assessment.New(c.DB, c.measures())
		a := c.assess(t, judged, 2026)
		*c.clock = c.clock.AddDate(0, 1, 20)
		if _, err := judged.Return(c.Bureau(), a.ID, a.Version, assessment.ReturnInput{Reason: "任命文件需要补齐"}); err != nil {
			t.Fatal(err)
		}
		*c.clock = c.clock.AddDate(0, 2, 3)
		c.Seal(t)
		svc := c.progress
		scored := 0
		for _, ctx := range []context.Context{c.Bureau(), c.Inspector("baoan")} {
			newest, err := svc.Report(ctx, progress.Question{})
			if err != nil {
				t.Fatal(err)
			}
			past := newest.KnownSeq - 40
			for _, q := range []progress.Question{{}, {AsOf: c.DB.Today().Add(-45)}, {KnownSeq: &past}} {
				all, err := svc.Course(ctx, q, 6)
				if err != nil || len(all) != 6 {
					t.Fatalf("%d reports, %v", len(all), err)
				}
				last := all[5]
				for i, got := range all {
					if want := last.Trend[len(last.Trend)-6+i].AsOf; got.AsOf != want {
						t.Fatalf("report %d is of %s, not %s", i, got.AsOf, want)
					}
					want, err := svc.Report(ctx, progress.Question{AsOf: got.AsOf, KnownSeq: &last.KnownSeq})
					if err != nil {
						t.Fatal(err)
					}
					if i < 5 {
						want.Trend = nil
					}
					if g, w := told(got), told(want); g != w {
						t.Errorf("%s:\n%s\nasked for alone:\n%s", got.AsOf, g, w)
					}
					for _, p := range got.Parks {
						if p.Basis.Assessment != "" {
							scored++
						}
					}
				}
			}
		}
		if scored == 0 {
			t.Error("no report has a park that its district verified")
		}
	})
}

// told is everything that a report says, as text.
func told(r progress.Report) string {
	var b strings.Builder
	fmt.Fprintln(&b, r.AsOf, r.KnownSeq, r.Version, r.Trend)
	standing := func(s progress.Standing) {
		fmt.Fprintln(&b, s.Overall, s.Counts)
		for _, d := range s.Dimensions {
			fmt.Fprintln(&b, d.Dimension.Number, d.Score, d.Met, d.Required, d.Pending)
		}
	}
	standing(r.Totals)
	for _, p := range r.Parks {
		fmt.Fprintln(&b, p.Park.ID, p.Park.Code, models.Deref(p.Park.Name), models.Deref(p.Park.Jurisdiction), p.Park.Sectors, p.Basis.Assessment, p.Basis.On, p.Basis.List.Version)
		standing(p.Standing)
		for _, i := range p.Results {
			fmt.Fprintln(&b, i.Item.ID, i.Numerator, i.Denominator, i.Earned, i.Full, i.Verified(), i.Applies())
		}
	}
	return b.String()
}

package progress_test

import (
	"math/rand/v2"
	"testing"

	"parkregistry/models/progress"
)

// TestCourse: a course is the report that was asked for and, before it, the same report at
// the ends of the months before, known at the same number whatever came since.
func TestCourse(t *testing.T) {
	each(t, func(t *testing.T, c city) {
		c.years(t, rand.New(rand.NewPCG(5, 31)))
		svc := c.progress
		for _, q := range []progress.Question{{}, {AsOf: c.DB.Today().Add(-45)}} {
			all, err := svc.Course(c.Bureau(), q, 6)
			if err != nil || len(all) != 6 {
				t.Fatalf("%d reports, %v", len(all), err)
			}
			last := all[5]
			for i, got := range all {
				if want := last.Trend[len(last.Trend)-6+i].AsOf; got.AsOf != want {
					t.Fatalf("report %d is of %s, not %s", i, got.AsOf, want)
				}
				want, err := svc.Report(c.Bureau(), progress.Question{AsOf: got.AsOf, KnownSeq: &last.KnownSeq})
				if err != nil {
					t.Fatal(err)
				}
				if want.Totals.Counts != got.Totals.Counts || want.KnownSeq != got.KnownSeq {
					t.Errorf("%s: %+v, asked for alone %+v", got.AsOf, got.Totals.Counts, want.Totals.Counts)
				}
			}
		}
	})
}

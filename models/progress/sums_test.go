package progress_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/progress"
	"parkregistry/policies"
)

// years lets the parks move for some years, some days apart: what each change counts
// is about days before and after, and is numbered as it came.
func (c city) years(t *testing.T, rng *rand.Rand) []audit.Change {
	t.Helper()
	c.Seal(t)
	last, err := audit.New(c.DB).Known(c.Bureau())
	if err != nil {
		t.Fatal(err)
	}
	var all []audit.Change
	at := c.DB.Now()
	for range 160 {
		if rng.IntN(3) > 0 { // a third comes on the same day as the one before
			at = at.Add(time.Duration(rng.IntN(14*24)) * time.Hour)
		}
		place := []dbtest.Place{c.BaoanA, c.BaoanB, c.Longgang, c.Dapeng}[rng.IntN(4)].Park.Place()
		about := code.DayOf(at).Add(20 - rng.IntN(70))
		if rng.IntN(3) == 0 { // long ago
			about = about.Add(-rng.IntN(300))
		}
		if rng.IntN(2) == 0 { // on the edges of months, where thirty days are not the month
			about = code.Day(about.Month() + "-01").Add(-rng.IntN(3))
		}
		change, err := audit.ChangeOf(audit.Event{Action: policies.LedgerFile, Kind: "ledger", ID: models.NewID(), Place: place, About: about, Counts: map[string]int{
			ledger.MeasureFiled: 1 + rng.IntN(9), inspection.MeasureOpen: 3 - rng.IntN(6), audit.On(inspection.MeasureOverdue, about.Add(rng.IntN(60))): 1}}, models.NewID(), models.NewID(), at)
		if err != nil {
			t.Fatal(err)
		}
		last++
		seq, sealed := last, at
		change.Seq, change.SealedAt = &seq, &sealed
		all = append(all, change)
	}
	if err := c.DB.Write(c.Program(), func(tx *models.Tx) error {
		for _, change := range all {
			if err := audit.Fold(tx, []audit.Change{change}, code.DayOf(*change.SealedAt)); err != nil {
				return err
			}
		}
		return models.AppendAll(tx, all)
	}); err != nil {
		t.Fatal(err)
	}
	*c.clock = at.Add(time.Hour)
	return all
}

// TestSumsOverYears: on any day and at any number the counts of each park, and the
// months of the trend, are what the changes add up to one by one; what is kept by
// months and years only spares reading them.
func TestSumsOverYears(t *testing.T) {
	each(t, func(t *testing.T, c city) {
		rng := rand.New(rand.NewPCG(4, 31))
		all := c.years(t, rng)
		first := all[0].AboutOn
		shown := map[string]func(progress.Counts) int64{"": func(c progress.Counts) int64 { return c.LedgersFiledRecent }, ledger.MeasureFiled: measures[ledger.MeasureFiled],
			inspection.MeasureOpen: measures[inspection.MeasureOpen], inspection.MeasureOverdue: measures[inspection.MeasureOverdue]}
		// sum adds up one by one, of the park or of all that are mine.
		sum := func(measure string, mine map[models.ID]bool, after, until code.Day, seq int64) (n int64) {
			for _, change := range all {
				for _, m := range change.Moves() {
					if m.Measure == measure && mine[*change.ParkID] && m.AboutOn > after && m.AboutOn <= until && *change.Seq <= seq {
						n += int64(m.N)
					}
				}
			}
			return n
		}
		ask := func(i int) {
			q := progress.Question{AsOf: c.DB.Today()}
			if i > 0 {
				q.AsOf = q.AsOf.Add(-rng.IntN(q.AsOf.Sub(first)))
			}
			if seq := *all[rng.IntN(len(all))].Seq; i%3 > 0 {
				q.KnownSeq = &seq
			}
			who := []context.Context{c.Bureau(), c.Inspector("baoan"), c.ParkManager(c.Dapeng)}[rng.IntN(3)]
			r, err := c.progress.Report(who, q)
			if err != nil {
				t.Fatal(err)
			}
			together := map[models.ID]bool{}
			for _, p := range r.Parks {
				together[p.Park.ID] = true
				for measure, pick := range shown {
					from, what := code.Day(""), measure
					if measure == "" {
						from, what = q.AsOf.Add(-progress.Window), ledger.MeasureFiled
					}
					if got, want := pick(p.Counts), sum(what, map[models.ID]bool{p.Park.ID: true}, from, q.AsOf, r.KnownSeq); got != want {
						t.Fatalf("%s of %s on %s at number %d: %d, the changes add up to %d", measure, p.Park.Code, q.AsOf, r.KnownSeq, got, want)
					}
				}
			}
			if n := len(r.Trend); n != 12 || r.Trend[n-1].AsOf != q.AsOf {
				t.Fatalf("%d months up to %+v", n, r.Trend[n-1])
			}
			for n, month := range r.Trend {
				if n > 0 && r.Trend[n-1].AsOf.Add(1) != code.Day(month.Month+"-01") {
					t.Errorf("%s follows %s", month.Month, r.Trend[n-1].AsOf)
				}
				for measure, pick := range shown {
					from, what := code.Day(""), measure
					if measure == "" {
						from, what = month.AsOf.Add(-progress.Window), ledger.MeasureFiled
					}
					if got, want := pick(month.Counts), sum(what, together, from, month.AsOf, r.KnownSeq); got != want {
						t.Fatalf("%s by the end of %s, asked for %s at number %d: %d, the changes add up to %d", measure, month.Month, q.AsOf, r.KnownSeq, got, want)
					}
				}
			}
		}
		for i := range 60 {
			ask(i)
		}
		all = append(all, c.years(t, rng)...) // what is kept in memory goes on from there
		for i := range 60 {
			ask(i)
		}
	})
}

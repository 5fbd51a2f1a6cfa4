package grade_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/grade"
)

// world is a city with grades and a clock that a test can move.
type world struct {
	dbtest.City
	*grade.Service
	clock *time.Time
}

func each(t *testing.T, fn func(t *testing.T, w world)) {
	t.Helper()
	var now time.Time
	dbtest.EachWith(t, dbtest.Options{Clock: func() time.Time { return now }}, func(t *testing.T, db *models.DB) {
		now = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
		fn(t, world{dbtest.NewCity(t, db), grade.New(db), &now})
	})
}

const because = "现场核查废水处理设施"

func got[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (w world) firm() models.ID { return w.BaoanA.Enterprise.ID }

func (w world) check(t testing.TB) grade.Grade {
	t.Helper()
	return got(w.Open(w.Inspector("baoan"), w.firm(), "", grade.OpenInput{Kind: grade.Capability, Reason: because}))(t)
}

func (w world) quarter(t testing.TB, score string) grade.Grade {
	t.Helper()
	return got(w.Open(w.Bureau(), w.firm(), "", grade.OpenInput{Kind: grade.Credit, Period: "2026Q3", Score: score, Reason: because}))(t)
}

func (w world) move(t testing.TB, ctx context.Context, m grade.Move, g grade.Grade, in grade.MoveInput) grade.Grade {
	t.Helper()
	in.Reason = because
	return got(w.Move(ctx, m, g.ID, g.Version, in))(t)
}

func pointers(err error) []string {
	var all []string
	if e, ok := err.(*fault.Error); ok {
		for _, v := range e.Violations {
			all = append(all, v.Pointer)
		}
	}
	return all
}

// TestCard: a red card, the order to rectify with its last day, late when nobody came,
// a second check and a green card; the history keeps each step with its colour.
func TestCard(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		g := w.check(t)
		waits := func(name, district, bureau string) {
			t.Helper()
			for who, want := range map[string]string{"district": district, "bureau": bureau, "foreign": "", "firm": "", "reader": ""} {
				ctx := map[string]context.Context{"district": w.Inspector("baoan"), "bureau": w.Bureau(), "foreign": w.Inspector("longgang"), "firm": w.Firm(w.BaoanA), "reader": w.Analyst()}[who]
				said := ""
				for _, x := range got(w.Inbox(ctx))(t) {
					said += string(x.What)
				}
				if said != want {
					t.Errorf("%s: %q waits for %s, want %q", name, said, who, want)
				}
			}
		}
		waits("checked", "rating", "rating")
		g = w.move(t, w.Inspector("baoan"), grade.MoveRating, g, grade.MoveInput{Level: "red"})
		waits("red", "", "rectification-order")
		if g.State != grade.Red || g.Rule != "2021-letter" {
			t.Errorf("rated: %+v", g)
		}
		g = w.move(t, w.Bureau(), grade.MoveOrder, g, grade.MoveInput{DueOn: "2026-12-24"})
		for day, want := range map[code.Day]bool{"2026-12-24": false, "2026-12-25": true} {
			*w.clock = day.Start().Add(3 * time.Hour)
			page := got(w.List(w.Analyst(), grade.Filter{Overdue: true}, models.Query{Limit: 10}))(t)
			if g.Overdue(day) != want || (len(page.Items) == 1) != want {
				t.Errorf("on %s late is %v, listed %d, want %v", day, g.Overdue(day), len(page.Items), want)
			}
		}
		waits("ordered", "", "reassessment")
		g = w.move(t, w.Bureau(), grade.MoveReassessment, g, grade.MoveInput{})
		waits("looked at again", "", "rating")
		if _, err := w.Move(w.Inspector("baoan"), grade.MoveRating, g.ID, g.Version, grade.MoveInput{Level: "green", Reason: because}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a district gives the second card: %v", err)
		}
		g = w.move(t, w.Bureau(), grade.MoveRating, g, grade.MoveInput{Level: "green"})
		waits("green", "", "")
		if g.State != grade.Green || g.DueOn != nil {
			t.Errorf("in the end: %+v", g)
		}
		levels := []string{}
		for _, s := range got(w.Steps(w.Firm(w.BaoanA), g.ID))(t) {
			levels = append(levels, string(s.ToState)+" "+s.Level)
		}
		if !slices.Equal(levels, []string{"assessed ", "red red", "rectifying red", "reassessed red", "green green"}) {
			t.Errorf("history: %q", levels)
		}
		r, err := audit.Verify(w.Program(), w.DB, audit.Against{Sources: grade.Verifiable()})
		if err != nil || r.Bad != nil {
			t.Errorf("rows and leaves disagree: %+v %v", r.Bad, err)
		}
	})
}

// TestCredit: the scale at its borders, an objection that changes the score, and a
// repair within six months.
func TestCredit(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		for i, x := range []struct{ score, want string }{{"90", "trustworthy"}, {"89.99", "good"}, {"75", "good"}, {"74.99", "warning"}, {"60", "warning"}, {"59.99", "poor"}, {"0", "poor"}} {
			quarter := "202" + string(rune('4'+i/3)) + "Q" + string(rune('1'+i%3))
			g := got(w.Open(w.Bureau(), w.Dapeng.Enterprise.ID, "", grade.OpenInput{Kind: grade.Credit, Period: quarter, Score: x.score, Reason: because}))(t)
			if g.Level != x.want {
				t.Errorf("%s gives %s, want %s", x.score, g.Level, x.want)
			}
		}
		g := w.quarter(t, "74")
		if _, err := w.Open(w.Bureau(), w.firm(), "", grade.OpenInput{Kind: grade.Credit, Period: "2026Q3", Score: "80", Reason: because}); !fault.Is(err, fault.Conflict) {
			t.Errorf("the quarter twice: %v", err)
		}
		g = w.move(t, w.Bureau(), grade.MoveNotification, g, grade.MoveInput{})
		g = w.move(t, w.Firm(w.BaoanA), grade.MoveObjection, g, grade.MoveInput{})
		g = w.move(t, w.Bureau(), grade.MoveDecision, g, grade.MoveInput{Score: "76"})
		if g.Level != "good" || g.State != grade.Decided {
			t.Errorf("decided: %+v", g)
		}
		*w.clock = w.clock.AddDate(0, 6, 1)
		late := grade.MoveInput{Reason: because}
		if _, err := w.Move(w.Firm(w.BaoanA), grade.MoveRepairRequest, g.ID, g.Version, late); !slices.Equal(pointers(err), []string{"/on"}) {
			t.Errorf("a repair after six months: %v", err)
		}
		*w.clock = w.clock.AddDate(0, 0, -1)
		g = w.move(t, w.Firm(w.BaoanA), grade.MoveRepairRequest, g, grade.MoveInput{})
		if g = w.move(t, w.Bureau(), grade.MoveDecision, g, grade.MoveInput{Score: "90"}); g.Level != "trustworthy" {
			t.Errorf("repaired: %+v", g)
		}
	})
}

// TestRules: what may be entered, told by its pointer, and who may what.
func TestRules(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		for name, x := range map[string]struct {
			in   grade.OpenInput
			want []string
		}{
			"no reason":            {grade.OpenInput{Kind: grade.Capability}, []string{"/reason"}},
			"a card with a score":  {grade.OpenInput{Kind: grade.Capability, Score: "80", Reason: because}, []string{"/score"}},
			"credit of no quarter": {grade.OpenInput{Kind: grade.Credit, Score: "80", Reason: because}, []string{"/period"}},
			"a quarter misspelt":   {grade.OpenInput{Kind: grade.Credit, Period: "2026-3", Score: "80", Reason: because}, []string{"/period"}},
			"a running quarter":    {grade.OpenInput{Kind: grade.Credit, Period: "2026Q4", Score: "80", Reason: because}, []string{"/period"}},
			"more than 100":        {grade.OpenInput{Kind: grade.Credit, Period: "2026Q3", Score: "100.01", Reason: because}, []string{"/score"}},
			"before any rule":      {grade.OpenInput{Kind: grade.Credit, Period: "2023Q4", Score: "80", Reason: because}, []string{"/kind"}},
			"tomorrow":             {grade.OpenInput{Kind: grade.Capability, On: "2026-11-25", Reason: because}, []string{"/on"}},
			"another kind":         {grade.OpenInput{Kind: "luck", Reason: because}, []string{"/kind"}},
		} {
			if _, err := w.Open(w.Bureau(), w.firm(), "", x.in); !slices.Equal(pointers(err), x.want) {
				t.Errorf("%s: %v, want %v", name, err, x.want)
			}
		}
		card := grade.OpenInput{Kind: grade.Capability, Reason: because}
		for name, x := range map[string]struct {
			ctx  context.Context
			want fault.Code
		}{
			"a foreign district": {w.Inspector("longgang"), fault.NotFound},
			"its park":           {w.ParkManager(w.BaoanA), fault.Denied},
			"itself":             {w.Firm(w.BaoanA), fault.Denied},
			"the analyst":        {w.Analyst(), fault.Denied},
		} {
			if _, err := w.Open(x.ctx, w.firm(), "", card); !fault.Is(err, x.want) {
				t.Errorf("a check by %s: %v, want %s", name, err, x.want)
			}
		}
		credit := grade.OpenInput{Kind: grade.Credit, Period: "2026Q3", Score: "80", Reason: because}
		if _, err := w.Open(w.Inspector("baoan"), w.firm(), "", credit); !fault.Is(err, fault.Denied) {
			t.Errorf("a district scores credit: %v", err)
		}
		g := w.check(t)
		for m, in := range map[grade.Move]grade.MoveInput{grade.MoveRating: {Level: "blue"}, grade.MoveOrder: {DueOn: "2026-12-01"}, grade.MoveDecision: {}} {
			in.Reason = because
			if _, err := w.Move(w.Bureau(), m, g.ID, g.Version, in); err == nil {
				t.Errorf("%s of a check that is not rated", m)
			}
		}
		for name, p := range map[string]dbtest.Place{"where it lives": w.BaoanA, "where it also lives": w.BaoanB} {
			if _, err := w.Get(w.ParkManager(p), g.ID); err != nil {
				t.Errorf("the park %s: %v", name, err)
			}
		}
		for name, ctx := range map[string]context.Context{"another park": w.ParkManager(w.Longgang), "another firm": w.Firm(w.Longgang), "another district": w.Inspector("dapeng")} {
			if _, err := w.Get(ctx, g.ID); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s reads it: %v", name, err)
			}
		}
	})
}

// TestTwoAtOnce: of two ratings one wins; an old version is stale.
func TestTwoAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		g := w.check(t)
		rate := func(ctx context.Context, level string) error {
			_, err := w.Move(ctx, grade.MoveRating, g.ID, g.Version, grade.MoveInput{Level: level, Reason: because})
			return err
		}
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i, ctx := range []context.Context{w.Inspector("baoan"), w.SecondInspector("baoan")} {
			wg.Go(func() { errs[i] = rate(ctx, []string{"red", "yellow"}[i]) })
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("of two at once: %v", errs)
		}
		if err := rate(w.Bureau(), "green"); !fault.Is(err, fault.Stale) {
			t.Errorf("on the version before: %v", err)
		}
	})
}

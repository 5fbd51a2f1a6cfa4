package assessment_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/policies"
)

// world is a city with an assessment service, ratios that a test sets, and a clock
// that it can move.
type world struct {
	dbtest.City
	*assessment.Service
	ratios ratios
	clock  *clock
}

type clock struct{ at time.Time }

// set moves the clock to ten in the morning of a day.
func (c *clock) set(day string) { c.at, _ = time.Parse(time.RFC3339, day+"T10:00:00+08:00") }

// ratios stand for what the registry computes.
type ratios map[string]assessment.Ratio

func (r ratios) Measure(context.Context, models.ID, code.Day) (map[string]assessment.Ratio, error) {
	return r, nil
}

const today = "2026-11-24"

func each(t *testing.T, fn func(t *testing.T, w world)) {
	t.Helper()
	c := &clock{}
	dbtest.EachWith(t, dbtest.Options{Clock: func() time.Time { return c.at }}, func(t *testing.T, db *models.DB) {
		c.set(today)
		r := ratios{assessment.MetricPatrols: {N: 96, D: 100}, assessment.MetricWorkshops: {N: 9, D: 9}, assessment.MetricMonitoring: {N: 40, D: 40}, assessment.MetricFindings: {N: 19, D: 20}, assessment.MetricPermits: {N: 97, D: 100}, assessment.MetricFiles: {N: 96, D: 100}, assessment.MetricOutlets: {}, assessment.MetricLedgers: {N: 85, D: 100}}
		fn(t, world{dbtest.NewCity(t, db), assessment.New(db, r), r, c})
	})
}

// got takes a service's answer and stops the test on an error.
func got[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// person is somebody with several roles.
func (w world) person(name string, roles ...policies.Assignment) context.Context {
	user := "0190b000-0000-7000-8000-" + strings.Repeat("0", 12-len(name)) + name
	for i := range roles {
		roles[i].ID, roles[i].User, roles[i].From = string(models.NewID()), user, "2020-01-01"
	}
	return policies.With(context.Background(), w.DB.Policy.Actor(user, name, roles, w.DB.Today()))
}

func (w world) park() context.Context     { return w.ParkManager(w.BaoanA) }
func (w world) district() context.Context { return w.Inspector("baoan") }

func (w world) start(t testing.TB) assessment.Assessment {
	t.Helper()
	return got(w.Start(w.park(), "", assessment.StartInput{ParkID: string(w.BaoanA.Park.ID), Year: 2026}))(t)
}

// full is a lawful self-assessment at full points of all items that people judge.
func full() assessment.MarksInput {
	var in assessment.MarksInput
	for _, i := range assessment.Draft().Items {
		if !i.Computed() {
			in.Items = append(in.Items, assessment.MarkInput{Item: i.ID, Points: i.ItemInput.Points, Evidence: "任命文件", EvidenceOn: "2026-03-01"})
		}
	}
	return in
}

// submitted is an assessment that the park has handed in at full points.
func (w world) submitted(t testing.TB) assessment.Assessment {
	t.Helper()
	a := w.start(t)
	a = got(w.Mark(w.park(), assessment.Self, a.ID, a.Version, full()))(t)
	return got(w.Submit(w.park(), a.ID, a.Version))(t)
}

// agreed verifies every item as the park says, and says of each veto that it is not the case.
func agreed(found ...string) assessment.MarksInput {
	var in assessment.MarksInput
	for _, i := range assessment.Draft().Items {
		in.Items = append(in.Items, assessment.MarkInput{Item: i.ID})
	}
	for _, v := range assessment.Draft().VetoItems {
		x := assessment.VetoMarkInput{Veto: v.ID}
		for _, f := range found {
			if f == v.ID {
				x.Found, x.Reason = true, "现场检查发现这种情形"
			}
		}
		in.Vetoes = append(in.Vetoes, x)
	}
	return in
}

func (w world) checked(t testing.TB, found ...string) assessment.Assessment {
	t.Helper()
	a := w.submitted(t)
	a = got(w.Mark(w.district(), assessment.District, a.ID, a.Version, agreed(found...)))(t)
	return got(w.Complete(w.district(), a.ID, a.Version))(t)
}

// race runs two callers at once and wants one to win and the other to be refused.
func race(t *testing.T, first, second func() error) {
	t.Helper()
	var wg sync.WaitGroup
	errs := make([]error, 2)
	start := make(chan struct{})
	for i, f := range []func() error{first, second} {
		wg.Go(func() {
			<-start
			errs[i] = f()
		})
	}
	close(start)
	wg.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Stale):
			t.Errorf("the slower one got %v, want a refusal", err)
		}
	}
	if won != 1 {
		t.Errorf("%d of two won: %v", won, errs)
	}
}

package inspection_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/policies"
)

// TestRounds: what is planned, done and missed follows from the rules, the calendar, the
// objects and the completed patrols alone.
func TestRounds(t *testing.T) {
	own := inspection.RoundObject{Kind: "facility", ID: "own", Since: "2026-11-01"}
	plating := inspection.RoundObject{Kind: "site", ID: "plating", Since: "2026-10-01", Firm: &inspection.Firm{Industries: []string{"3360"}}}
	listed := inspection.RoundObject{Kind: "site", ID: "listed", Since: "2026-10-01", Firm: &inspection.Firm{Industries: []string{"2110"}, KeyYears: []int{2026}}}
	other := inspection.RoundObject{Kind: "site", ID: "other", Since: "2026-09-30", Firm: &inspection.Firm{Industries: []string{"2110"}, KeyYears: []int{2024}}}
	for _, c := range []struct {
		name       string
		object     inspection.RoundObject
		visits     []inspection.Visit
		from, asOf code.Day
		want       []string // period and state
	}{
		{"each day, from the day after it was registered", own, nil, "2026-10-30", "2026-11-03", []string{"2026-11-02–2026-11-02 missed", "2026-11-03–2026-11-03 due"}},
		{"a day on which somebody went", own, []inspection.Visit{{Patrol: "p", Day: "2026-11-02", Objects: []models.ID{"x", "own"}}}, "2026-11-02", "2026-11-03",
			[]string{"2026-11-02–2026-11-02 done", "2026-11-03–2026-11-03 due"}},
		{"somebody went elsewhere", own, []inspection.Visit{{Patrol: "p", Day: "2026-11-02", Objects: []models.ID{"x"}}}, "2026-11-02", "2026-11-02", []string{"2026-11-02–2026-11-02 due"}},
		{"weeks from Monday", plating, []inspection.Visit{{Patrol: "p", Day: "2026-11-22", Objects: []models.ID{"plating"}}}, "2026-11-16", "2026-11-30",
			[]string{"2026-11-16–2026-11-22 done", "2026-11-23–2026-11-29 missed", "2026-11-30–2026-12-06 due"}},
		{"a visit of a later day is not known yet", plating, []inspection.Visit{{Patrol: "p", Day: "2026-11-22", Objects: []models.ID{"plating"}}}, "2026-11-18", "2026-11-20", []string{"2026-11-16–2026-11-22 due"}},
		{"on the list of the year", listed, nil, "2026-11-24", "2026-11-24", []string{"2026-11-23–2026-11-29 due"}},
		{"other dischargers by the month", other, nil, "2026-09-20", "2026-11-24", []string{"2026-10-01–2026-10-31 missed", "2026-11-01–2026-11-30 due"}},
		{"before there was a rule", inspection.RoundObject{ID: "old", Since: "2020-01-01"}, nil, "2024-12-30", "2025-01-01", []string{"2025-01-01–2025-01-01 due"}},
		{"closed in the middle of a week", inspection.RoundObject{ID: "gone", Since: "2026-01-01", ClosedOn: "2026-11-26", Firm: &inspection.Firm{Industries: []string{"3982"}}}, nil, "2026-11-16", "2026-11-30", []string{"2026-11-16–2026-11-22 missed"}},
	} {
		var got []string
		for _, r := range inspection.Rounds(inspection.AllRoundRules(), []inspection.RoundObject{c.object}, c.visits, c.from, c.asOf) {
			got = append(got, string(r.From+"–"+r.To)+" "+string(r.State))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestTurns: people take turns, each as often as the others.
func TestTurns(t *testing.T) {
	people := []models.ID{"a", "b", "c"}
	had := map[models.ID]int{}
	for day := code.Day("2026-11-01"); day <= "2026-11-30"; day = day.Add(1) {
		had[inspection.Round{Rule: inspection.RoundRule{Every: "day"}, From: day}.Turn(people)]++
	}
	if had["a"] != 10 || had["b"] != 10 || had["c"] != 10 {
		t.Errorf("turns in thirty days: %v", had)
	}
	week := inspection.Round{Rule: inspection.RoundRule{Every: "week"}, From: "2026-11-23"}
	month := inspection.Round{Rule: inspection.RoundRule{Every: "month"}, From: "2026-11-01"}
	next := inspection.Round{Rule: inspection.RoundRule{Every: "week"}, From: "2026-11-30"}
	after := inspection.Round{Rule: inspection.RoundRule{Every: "month"}, From: "2026-12-01"}
	if week.Turn(people) == next.Turn(people) || month.Turn(people) == after.Turn(people) || week.Turn(nil) != "" {
		t.Error("turns by week and month")
	}
}

// TestPlannedPatrols: a completed patrol of the park does what is planned, nobody else's
// does; what is due stands in the inbox of whose turn it is, and of nobody else.
func TestPlannedPatrols(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		park, at := w.ParkManager(w.BaoanA), w.BaoanA.Park.ID
		w.clock.set("2026-11-26") // two days after everything was registered
		w.firms.members = []models.ID{userOf(park)}
		look := func() inspection.RoundsAnswer {
			t.Helper()
			return got(w.Rounds(park, at, "", ""))(t)
		}
		if a := look(); a.Count[inspection.RoundMissed] != 1 || a.Count[inspection.RoundDue] != 1 || a.Rounds[0].Object.ID != w.BaoanA.Own.ID {
			t.Fatalf("the park's own works: %+v", a.Count)
		}
		waits := func() (n int) {
			t.Helper()
			all, _, err := w.Inbox(park)
			for _, x := range got(all, err)(t) {
				if x.What == inspection.WaitingRound {
					n++
				}
			}
			return n
		}
		if waits() != 1 {
			t.Errorf("%d rounds wait", waits())
		}
		w.firms.members = []models.ID{models.NewID()}
		if waits() != 0 {
			t.Error("another's turn waits for the caller")
		}
		w.firms.members = []models.ID{userOf(park)}
		walk := wholeWalk()
		for i := range walk {
			if walk[i].Type == inspection.EventAnswer || walk[i].Type == inspection.EventFinding {
				walk[i].ObjectID = string(w.BaoanA.Own.ID)
			}
			walk[i].At = w.clock.now().Format(time.RFC3339)
		}
		foreign := got(w.LogPatrol(w.Inspector("baoan"), "", w.patrol()))(t)
		w.send(t, w.Inspector("baoan"), foreign.ID, walk...)
		if a := look(); a.Count[inspection.RoundDone] != 0 {
			t.Errorf("a patrol of the district counts as the park's: %+v", a.Count)
		}
		p := got(w.LogPatrol(park, "", w.patrol()))(t)
		for i := range walk {
			walk[i].ID = string(models.NewID())
		}
		if w.send(t, park, p.ID, walk[:len(walk)-1]...); look().Count[inspection.RoundDone] != 0 {
			t.Error("a patrol that is not completed counts")
		}
		w.send(t, park, p.ID, walk[len(walk)-1])
		if a := look(); a.Count[inspection.RoundDone] != 1 || a.Count[inspection.RoundDue] != 0 || waits() != 0 {
			t.Errorf("after the walk: %+v, %d wait", a.Count, waits())
		}
		if a := got(w.Rounds(park, at, "", "2026-11-25"))(t); a.Count[inspection.RoundDone] != 0 || a.Count[inspection.RoundDue] != 1 {
			t.Errorf("the day before: %+v", a.Count)
		}
		for name, err := range map[string]error{"tomorrow": second(w.Rounds(park, at, "", "2026-11-27")), "a year": second(w.Rounds(park, at, "2025-11-26", ""))} {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := second(w.Rounds(park, w.BaoanB.Park.ID, "", "")); !fault.Is(err, fault.NotFound) {
			t.Errorf("another park: %v", err)
		}
		if err := second(w.Rounds(w.Firm(w.BaoanA), at, "", "")); !fault.Is(err, fault.Denied) {
			t.Errorf("a firm: %v", err)
		}
	})
}

func userOf(ctx context.Context) models.ID {
	actor, _ := policies.ActorFrom(ctx)
	return models.ID(actor.User)
}

// TestCrowded: more than five units for each officer on the lists warn.
func TestCrowded(t *testing.T) {
	d := inspection.Draw{}
	d.Lists.V = inspection.Lists{Officers: make([]inspection.Drawn, 2), Count: 10}
	if d.Crowded() != nil {
		t.Error("five for each warn")
	}
	if d.Lists.V.Count++; len(d.Crowded()) != 1 {
		t.Error("eleven for two do not warn")
	}
}

func second[T any](_ T, err error) error { return err }

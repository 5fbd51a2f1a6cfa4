package inspection_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// TestRounds: what is planned, done and missed follows from the rules, the calendar, the
// objects and the completed patrols alone.
func TestRounds(t *testing.T) {
	site := func(id models.ID, since code.Day, firm inspection.Firm) inspection.RoundObject {
		return inspection.RoundObject{Kind: "site", ID: id, Since: since, Was: []inspection.RoundMode{{Since: since, Walked: true, Firm: &firm}}}
	}
	works := func(since code.Day, with ...inspection.RoundMode) inspection.RoundObject {
		return inspection.RoundObject{Kind: "facility", ID: "own", Since: since, Was: append([]inspection.RoundMode{{Since: since, Walked: true}}, with...)}
	}
	own := works("2026-11-01")
	plating := site("plating", "2026-10-01", inspection.Firm{Industries: []string{"3360"}})
	listed := site("listed", "2026-10-01", inspection.Firm{Industries: []string{"2110"}, KeyYears: []int{2026}})
	other := site("other", "2026-09-30", inspection.Firm{Industries: []string{"2110"}, KeyYears: []int{2024}})
	with := func(o inspection.RoundObject, change func(*inspection.RoundObject)) inspection.RoundObject {
		change(&o)
		return o
	}
	stopped := func(o inspection.RoundObject, stops ...inspection.Stop) inspection.RoundObject {
		return with(o, func(o *inspection.RoundObject) { o.Stops = stops })
	}
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
		{"before there was a rule", works("2020-01-01"), nil, "2024-12-30", "2025-01-01", []string{"2025-01-01–2025-01-01 due"}},
		{"closed in the middle of a week", with(plating, func(o *inspection.RoundObject) { o.ClosedOn = "2026-11-26" }), nil, "2026-11-16", "2026-11-30", []string{"2026-11-16–2026-11-22 missed"}},
		{"out of use, and in use again", works("2026-10-01", inspection.RoundMode{Since: "2026-11-02"}, inspection.RoundMode{Since: "2026-11-04", Walked: true}), nil, "2026-11-01", "2026-11-05",
			[]string{"2026-11-01–2026-11-01 missed", "2026-11-02–2026-11-02 missed", "2026-11-05–2026-11-05 due"}},
		{"another industry from the week after", with(other, func(o *inspection.RoundObject) {
			o.Was = append(o.Was, inspection.RoundMode{Since: "2026-11-18", Walked: true, Firm: &inspection.Firm{Industries: []string{"3982"}}})
		}), nil, "2026-11-01", "2026-11-30", []string{"2026-11-23–2026-11-29 missed", "2026-11-01–2026-11-30 due", "2026-11-30–2026-12-06 due"}},
		{"rents from the middle of a week to that of another", with(plating, func(o *inspection.RoundObject) {
			o.Tenancies = []inspection.Tenancy{{From: "2026-11-04", To: "2026-11-12"}, {From: "2026-11-13", To: "2026-11-26"}}
		}), nil, "2026-11-02", "2026-11-30", []string{"2026-11-09–2026-11-15 missed", "2026-11-16–2026-11-22 missed"}},
		{"shut down for the whole week", stopped(plating, inspection.Stop{From: "2026-11-16", To: "2026-11-22"}), nil, "2026-11-16", "2026-11-24", []string{"2026-11-16–2026-11-22 excused", "2026-11-23–2026-11-29 due"}},
		{"one day of work in the week", stopped(plating, inspection.Stop{From: "2026-11-16", To: "2026-11-21"}), nil, "2026-11-16", "2026-11-23", []string{"2026-11-16–2026-11-22 missed", "2026-11-23–2026-11-29 due"}},
		{"two shut-downs that follow each other", stopped(plating, inspection.Stop{From: "2026-11-10", To: "2026-11-18"}, inspection.Stop{From: "2026-11-19"}), nil, "2026-11-16", "2026-11-24",
			[]string{"2026-11-16–2026-11-22 excused", "2026-11-23–2026-11-29 excused"}},
		{"somebody went although it was shut down", stopped(own, inspection.Stop{From: "2026-11-01"}), []inspection.Visit{{Patrol: "p", Day: "2026-11-02", Objects: []models.ID{"own"}}}, "2026-11-02", "2026-11-03",
			[]string{"2026-11-02–2026-11-02 done", "2026-11-03–2026-11-03 excused"}},
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
			w.Seal(t)
			return got(w.Rounds(park, at, inspection.RoundsQuestion{}))(t)
		}
		if a := look(); a.Count[inspection.RoundMissed] != 1 || a.Count[inspection.RoundDue] != 1 || a.Rounds[0].Object.ID != w.BaoanA.Own.ID {
			t.Fatalf("the park's own works: %+v", a.Count)
		}
		sum := func(from, to code.Day) string {
			t.Helper()
			done, planned, err := w.RoundsDone(w.Program(), at, from, to)
			return fmt.Sprintf("%d of %d", done, got(planned, err)(t))
		}
		if s := sum("2026-11-24", "2026-11-25"); s != "0 of 1" {
			t.Errorf("%s before the walk", s)
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
		if s := sum("2026-11-24", "2026-11-26"); s != "1 of 2" {
			t.Errorf("%s after the walk", s)
		}
		if s := sum("2026-11-24", "2026-11-25"); s != "0 of 1" {
			t.Errorf("%s until the day before the walk", s)
		}
		if a := got(w.Rounds(park, at, inspection.RoundsQuestion{AsOf: "2026-11-25"}))(t); a.Count[inspection.RoundDone] != 0 || a.Count[inspection.RoundDue] != 1 {
			t.Errorf("the day before: %+v", a.Count)
		}
		for name, q := range map[string]inspection.RoundsQuestion{"tomorrow": {AsOf: "2026-11-27"}, "a year": {From: "2025-11-26"}, "known tomorrow": {KnownAsOf: "2026-11-27"}, "a number to come": {KnownSeq: new(int64(1 << 40))}} {
			err := second(w.Rounds(park, at, q))
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := second(w.Rounds(park, w.BaoanB.Park.ID, inspection.RoundsQuestion{})); !fault.Is(err, fault.NotFound) {
			t.Errorf("another park: %v", err)
		}
		if err := second(w.Rounds(w.Firm(w.BaoanA), at, inspection.RoundsQuestion{})); !fault.Is(err, fault.Denied) {
			t.Errorf("a firm: %v", err)
		}
	})
}

// TestPlannedPatrolsStand: what is corrected, registered, walked or taken back later moves
// what is known today about a past day, and never what was known on that day.
func TestPlannedPatrolsStand(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		park, at, a := w.ParkManager(w.BaoanA), w.BaoanA.Park.ID, w.BaoanA
		program := w.Program()
		w.firms.members = []models.ID{userOf(park)}
		got(w.Registry.CreateOutlet(program, "", registry.OutletInput{ParkID: string(at), Code: "YS001", Kind: "rain", Regime: "none"}))(t)
		store := got(w.Registry.CreateFacility(program, "", registry.FacilityInput{ParkID: string(at), Code: "TS001", Kind: "store", Name: "危险废物贮存间", Capacity: "20", CapacityUnit: "t", InUse: true}))(t)
		walk := func(day string, to models.ID) inspection.Patrol {
			t.Helper()
			w.clock.set(day)
			p := got(w.LogPatrol(park, "", w.patrol()))(t)
			events := wholeWalk()
			for i := range events {
				events[i].ID, events[i].At = string(models.NewID()), w.clock.now().Format(time.RFC3339)
				if events[i].Type == inspection.EventAnswer || events[i].Type == inspection.EventFinding {
					events[i].ObjectID = string(to)
				}
				if events[i].Item == "T1" {
					events[i].Item = "S1" // of a store too
				}
			}
			w.send(t, park, p.ID, events...)
			return p
		}
		type taken struct {
			question inspection.RoundsQuestion
			bytes    string
			count    map[inspection.RoundState]int
		}
		ask := func(q inspection.RoundsQuestion) taken {
			t.Helper()
			answer := got(w.Rounds(park, at, q))(t)
			return taken{q, string(got(json.Marshal(answer))(t)), answer.Count}
		}
		var asked []taken
		var first inspection.Patrol
		for _, day := range []code.Day{"2026-11-30", "2026-12-01", "2026-12-02", "2026-12-03"} {
			switch day {
			case "2026-11-30":
				walk(string(day), a.Site.ID)
			case "2026-12-02":
				first = walk(string(day), store.ID)
			}
			w.clock.set(string(day))
			w.Seal(t)
			w.clock.set(string(day.Add(1)))
			for _, q := range []inspection.RoundsQuestion{{AsOf: day, KnownAsOf: string(day)}, {AsOf: day.Add(-1), KnownAsOf: string(day)}} {
				asked = append(asked, ask(q))
			}
		}
		was := asked[len(asked)-2]
		if was.count[inspection.RoundDone] != 2 || was.count[inspection.RoundExcused] != 0 || was.count[inspection.RoundMissed] == 0 {
			t.Fatalf("before the corrections: %v", was.count)
		}
		now := ask(inspection.RoundsQuestion{AsOf: "2026-12-03"})

		w.clock.set("2026-12-10")
		got(w.Registry.CreateShutdown(program, "", registry.ShutdownInput{ParkID: string(at), SiteID: string(a.Site.ID), From: "2026-11-28", Reason: "设备检修停产"}))(t)
		got(w.Registry.CreateShutdown(program, "", registry.ShutdownInput{ParkID: string(at), FacilityID: string(a.Own.ID), From: "2026-11-25", To: "2026-12-02", Reason: "更换膜组件停运"}))(t)
		got(w.Registry.UpdateEnterprise(program, a.Enterprise.ID, a.Enterprise.Version, func(in registry.EnterpriseInput) (registry.EnterpriseInput, error) {
			in.Industries, in.Name = []string{"2110"}, "改名电子有限公司"
			return in, nil
		}))(t)
		got(w.Registry.UpdateFacility(park, store.ID, store.Version, func(in registry.FacilityInput) (registry.FacilityInput, error) {
			in.InUse, in.Name = false, "旧贮存间"
			return in, nil
		}))(t)
		units := got(w.Registry.Tenancies(park, a.Site.ID))(t)
		got(w.Registry.EndTenancy(park, a.Site.ID, units[0].ID, registry.EndInput{On: "2026-12-09", Reason: "租约到期迁出"}))(t)
		w.send(t, park, first.ID, inspection.EventInput{ID: string(models.NewID()), Type: inspection.EventVoid, At: w.clock.now().Format(time.RFC3339), Reason: "记到别的设施上了",
			Voids: string(endOf(t, w, park, first.ID))})
		late := got(w.LogPatrol(park, "", w.patrol()))(t) // a walk of the third that arrives a week later
		events := wholeWalk()
		for i := range events {
			events[i].ID, events[i].At = string(models.NewID()), "2026-12-03T09:00:00+08:00"
			if events[i].Type == inspection.EventAnswer || events[i].Type == inspection.EventFinding {
				events[i].ObjectID = string(store.ID)
			}
			if events[i].Item == "T1" {
				events[i].Item = "S1"
			}
		}
		w.send(t, park, late.ID, events...)
		w.Seal(t)

		for _, before := range asked {
			if after := ask(before.question); after.bytes != before.bytes {
				t.Errorf("%+v\nwas %.900s\nis  %.900s", before.question, before.bytes, after.bytes)
			}
		}
		after := ask(inspection.RoundsQuestion{AsOf: "2026-12-03"})
		if after.bytes == now.bytes || after.count[inspection.RoundDone] != 2 || after.count[inspection.RoundExcused] == 0 {
			t.Errorf("known today of the third: %v, before the corrections %v", after.count, now.count)
		}
		w.clock.set("2026-12-12")
		for _, r := range got(w.Rounds(park, at, inspection.RoundsQuestion{}))(t).Rounds {
			if r.Object.ID == a.Site.ID && r.From > "2026-12-06" || r.Object.ID == store.ID && r.From > "2026-12-10" {
				t.Errorf("planned after it moved out or was not in use: %s %s", r.Object.Name, r.From)
			}
			if r.Object.ID == a.Site.ID && r.From == "2026-11-30" && (r.State != inspection.RoundDone || r.Rule.ID != "key") {
				t.Errorf("the week in which somebody went: %s by %s", r.State, r.Rule.ID)
			}
			if r.Object.ID == a.Own.ID && r.From == "2026-12-01" && (r.State != inspection.RoundExcused || r.Stop.Reason != "更换膜组件停运") {
				t.Errorf("a day on which the works were shut down: %s", r.State)
			}
		}
	})
}

// endOf is the event that ended a patrol.
func endOf(t *testing.T, w world, who context.Context, patrol models.ID) models.ID {
	t.Helper()
	page, _, err := w.Events(who, patrol, models.Query{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range page.Items {
		if e.Type == inspection.EventEnd {
			return e.ID
		}
	}
	t.Fatal("it has no end")
	return ""
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

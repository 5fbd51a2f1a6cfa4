package inspection_test

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/models/registry"
)

// TestEventsAreAboutThePark: an event is about an object that the park has on its day and
// of which its item can be asked; whatever else is in the sending is taken.
func TestEventsAreAboutThePark(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		a := w.BaoanA
		park := string(a.Park.ID)
		rain := got(w.Registry.CreateOutlet(w.Program(), "", registry.OutletInput{ParkID: park, Code: "YS001", Kind: "rain", Regime: "none"}))(t)
		store := got(w.Registry.CreateFacility(w.Program(), "", registry.FacilityInput{ParkID: park, Code: "TS001", Kind: "store", Name: "危险废物贮存间", Capacity: "20", CapacityUnit: "t", InUse: true}))(t)
		old := got(w.Registry.CreateFacility(w.Program(), "", registry.FacilityInput{ParkID: park, Code: "TS002", Kind: "store", Name: "旧贮存间", Capacity: "20", CapacityUnit: "t", InUse: true}))(t)
		got(w.Registry.CloseFacility(w.ParkManager(a), old.ID, old.Version, registry.CloseInput{On: "2026-11-20", Reason: "贮存间已经拆除"}))(t)
		p := got(w.LogPatrol(w.ParkManager(a), "", w.patrol()))(t)
		for _, c := range []struct {
			name, item string
			object     models.ID
			want       fault.Code
			pointer    string
		}{
			{name: "a store's item of a store", item: "H1", object: store.ID},
			{name: "a rain outlet's item of one", item: "R2", object: rain.ID},
			{name: "any item of a firm's site", item: "T1", object: a.Site.ID},
			{name: "papers of a store", item: "L1", object: store.ID},
			{name: "a store's item of a rain outlet", item: "H1", object: rain.ID, want: fault.Invalid, pointer: "item"},
			{name: "an outlet's item of a store", item: "R2", object: store.ID, want: fault.Invalid, pointer: "item"},
			{name: "nothing", item: "H1", object: models.NewID(), want: fault.NotFound, pointer: "objectId"},
			{name: "of another park", item: "T1", object: w.BaoanB.Own.ID, want: fault.NotFound, pointer: "objectId"},
			{name: "the park itself", item: "E1", object: a.Park.ID, want: fault.NotFound, pointer: "objectId"},
			{name: "closed before the day", item: "H1", object: old.ID, want: fault.NotFound, pointer: "objectId"},
		} {
			note := event(inspection.EventNote, "09:00", func(e *inspection.EventInput) { e.Text = c.name })
			e := event(inspection.EventAnswer, "09:10", func(e *inspection.EventInput) {
				e.Item, e.Result, e.ObjectID = c.item, inspection.AsRequired, string(c.object)
			})
			answer := w.send(t, w.ParkManager(a), p.ID, e, note)
			r := answer.Results[0]
			if r.Code != c.want || c.want != "" && (r.Outcome != inspection.EventRefused || r.Violations[0].Pointer != "/events/0/"+c.pointer) || answer.Results[1].Outcome != inspection.EventStored {
				t.Errorf("%s: %+v", c.name, answer.Results)
			}
		}
	})
}

// found is a walk of one answer that is not as required, explained by a finding alone.
func found(finding string) []inspection.EventInput {
	return []inspection.EventInput{event(inspection.EventStart, "09:00", nil), event(inspection.EventEnd, "09:40", nil),
		event(inspection.EventAnswer, "09:20", func(e *inspection.EventInput) {
			e.Item, e.Result, e.FindingID = "H1", inspection.NotAsRequired, finding
		})}
}

// TestFindingsComplete: a finding explains an item when it is there, in whatever order
// event and finding arrive; a number that stands for none, or for one of another park,
// explains nothing. Completion is counted once either way.
func TestFindingsComplete(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ctx := w.Inspector("baoan")
		about := func(p inspection.Patrol) inspection.FindingInput {
			in := w.aboutPark()
			in.PatrolID = string(p.ID)
			return in
		}
		state := func(p inspection.Patrol) inspection.PatrolState {
			return got(w.Walks(ctx, []inspection.Patrol{p}))(t)[p.ID].State
		}
		whole := map[string]int{"patrol.completed": 1}
		check := func(name string, p inspection.Patrol, want inspection.PatrolState) {
			t.Helper()
			counts := map[string]int{}
			if want == inspection.Completed {
				counts = whole
			}
			if s, sum := state(p), w.counts(t, p.ID); s != want || !maps.Equal(sum, counts) {
				t.Errorf("%s: %s with counts %v, want %s", name, s, sum, want)
			}
		}
		for name, run := range map[string]func(p inspection.Patrol, id models.ID){
			"events first": func(p inspection.Patrol, id models.ID) {
				a := w.send(t, ctx, p.ID, found(string(id))...)
				if a.Walk.State != inspection.InProgress || strings.Join(a.Walk.Missing, "") != "explanation" {
					t.Errorf("before its finding: %+v", a.Walk)
				}
				got(w.Log(ctx, id, about(p)))(t)
				got(w.Log(ctx, id, about(p)))(t) // the answer was lost
			},
			"finding first": func(p inspection.Patrol, id models.ID) {
				got(w.Log(ctx, id, about(p)))(t)
				w.send(t, ctx, p.ID, found(string(id))...)
			},
			"in the middle": func(p inspection.Patrol, id models.ID) {
				all := found(string(id))
				w.send(t, ctx, p.ID, all[2])
				got(w.Log(ctx, id, about(p)))(t)
				w.send(t, ctx, p.ID, all...)
			},
		} {
			p := got(w.LogPatrol(ctx, "", w.patrol()))(t)
			run(p, models.NewID())
			check(name, p, inspection.Completed)
		}
		lone := got(w.LogPatrol(ctx, "", w.patrol()))(t)
		w.send(t, ctx, lone.ID, found(string(models.NewID()))...)
		check("no finding", lone, inspection.InProgress)
		in := w.aboutPark()
		in.ParkID, in.FacilityID = string(w.BaoanB.Park.ID), ""
		foreign := got(w.LogPatrol(ctx, "", w.patrol()))(t)
		w.send(t, ctx, foreign.ID, found(string(w.log(t, ctx, in).ID))...)
		check("a finding of another park", foreign, inspection.InProgress)
		earlier := got(w.LogPatrol(ctx, "", w.patrol()))(t)
		w.send(t, ctx, earlier.ID, found(string(w.log(t, ctx, w.aboutPark()).ID))...)
		check("a finding that was there before", earlier, inspection.Completed)
		unbound := models.NewID()
		after := got(w.LogPatrol(ctx, "", w.patrol()))(t)
		w.send(t, ctx, after.ID, found(string(unbound))...)
		w.clock.set("2026-11-25")
		got(w.Log(ctx, unbound, w.aboutPark()))(t)
		check("a later finding of no patrol", after, inspection.InProgress)
		for range 4 { // event and finding at once: whoever is second sees the other
			p, id := got(w.LogPatrol(ctx, "", w.patrol()))(t), models.NewID()
			errs := make(chan error, 2)
			go func() { _, err := w.Record(ctx, p.ID, inspection.BatchInput{Events: found(string(id))}); errs <- err }()
			go func() { _, err := w.Log(ctx, id, about(p)); errs <- err }()
			for range 2 {
				if err := <-errs; err != nil {
					t.Error(err)
				}
			}
			check("at once", p, inspection.Completed)
		}
	})
}

// TestRoundsAreWalked: a note or a photograph about an object is no visit, and what
// arrives weeks later does no round of then; within a week it does, and says when it came.
func TestRoundsAreWalked(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		park, at := w.ParkManager(w.BaoanA), w.BaoanA.Park.ID
		store := got(w.Registry.CreateFacility(w.Program(), "", registry.FacilityInput{ParkID: string(at), Code: "TS001", Kind: "store", Name: "危险废物贮存间", Capacity: "20", CapacityUnit: "t", InUse: true}))(t)
		walk := func(day string, answered models.ID, noted ...models.ID) {
			t.Helper()
			p := got(w.LogPatrol(park, "", w.patrol()))(t)
			sent := []inspection.EventInput{event(inspection.EventStart, "09:00", nil), event(inspection.EventEnd, "09:00", nil),
				event(inspection.EventAnswer, "09:00", func(e *inspection.EventInput) {
					e.Item, e.Result, e.ObjectID = "E1", inspection.AsRequired, string(answered)
				})}
			for _, n := range noted {
				sent = append(sent, event(inspection.EventNote, "09:00", func(e *inspection.EventInput) { e.Text, e.ObjectID = "路过", string(n) }))
			}
			for i := range sent {
				sent[i].At = day + "T09:00:00+08:00"
			}
			if a := w.send(t, park, p.ID, sent...); a.Walk.State != inspection.Completed {
				t.Fatalf("%s", a.Walk.State)
			}
		}
		on := func(ctx context.Context, day string, object models.ID) inspection.Round {
			t.Helper()
			w.Seal(t)
			for _, r := range got(w.Rounds(ctx, at, inspection.RoundsQuestion{From: "2026-11-25"}))(t).Rounds {
				if r.Object.ID == object && string(r.From) == day {
					return r
				}
			}
			t.Fatalf("no round on %s", day)
			return inspection.Round{}
		}
		w.clock.set("2026-11-26")
		walk("2026-11-26", w.BaoanA.Own.ID, store.ID)
		if a, b := on(park, "2026-11-26", w.BaoanA.Own.ID), on(park, "2026-11-26", store.ID); a.State != inspection.RoundDone || a.Late != "" || b.State == inspection.RoundDone {
			t.Errorf("answered: %s %s, only noted: %s", a.State, a.Late, b.State)
		}
		w.clock.set("2026-12-04")
		walk("2026-11-27", w.BaoanA.Own.ID)
		walk("2026-11-25", store.ID)
		if a, b := on(park, "2026-11-27", w.BaoanA.Own.ID), on(park, "2026-11-25", store.ID); a.State != inspection.RoundDone || string(a.Late) != "2026-12-04" || b.State != inspection.RoundMissed {
			t.Errorf("a week later: %s received %q; nine days later: %s", a.State, a.Late, b.State)
		}
		in := w.patrol() // a start that is claimed weeks later, with events of today
		in.StartedAt = "2026-11-25T09:00:00+08:00"
		p := got(w.LogPatrol(park, "", in))(t)
		late := []inspection.EventInput{event(inspection.EventEnd, "09:00", nil), event(inspection.EventAnswer, "09:00", func(e *inspection.EventInput) {
			e.Item, e.Result, e.ObjectID = "E1", inspection.AsRequired, string(store.ID)
		})}
		for i := range late {
			late[i].At = w.clock.now().Format(time.RFC3339)
		}
		w.send(t, park, p.ID, late...)
		if r := on(park, "2026-11-25", store.ID); r.State != inspection.RoundMissed {
			t.Errorf("by a start claimed nine days later: %s", r.State)
		}
		// The counts of all parks at once are those of each park by itself.
		for name, c := range map[string]struct {
			ctx   context.Context
			parks int
		}{"the bureau": {w.Bureau(), 4}, "a district": {w.Inspector("baoan"), 2}, "a park": {park, 1}} {
			q := inspection.RoundsQuestion{From: "2026-11-25"}
			all := got(w.RoundCounts(c.ctx, q))(t)
			if len(all) != c.parks {
				t.Errorf("%s counts the rounds of %d parks", name, len(all))
			}
			for of, counts := range all {
				if want := got(w.Rounds(c.ctx, of, q))(t).Count; !maps.Equal(counts, want) || name == "a park" && counts[inspection.RoundDone] == 0 {
					t.Errorf("%s counts %v, by itself %v", name, counts, want)
				}
			}
		}
	})
}

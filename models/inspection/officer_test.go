package inspection_test

import (
	"testing"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/policies"
)

// TestOfficersAreTwoPeople: the officers of an inspection are different people with
// different papers, and whoever has an account may inspect there on that day.
func TestOfficersAreTwoPeople(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.officers("inspector-baoan", "inspector-2-baoan")
		first, second := personOf(w.Inspector("baoan")), personOf(w.SecondInspector("baoan"))
		foreign, manager := personOf(w.Inspector("longgang")), personOf(w.ParkManager(w.BaoanA))
		w.firms.inspectors = append(w.firms.inspectors, policies.Assignment{User: foreign, Role: policies.DistrictInspector, Jurisdiction: "longgang"},
			policies.Assignment{User: manager, Role: policies.ParkManager, Park: string(w.BaoanA.Park.ID)})
		w.firms.inspectors[1].Until = "2026-11-24"
		type who struct{ user, paper string }
		for _, c := range []struct {
			name          string
			a, b          who
			on            string
			pointer, rule string
		}{
			{name: "two people", a: who{first, "粤B0001"}, b: who{second, "粤B0002"}},
			{name: "one without an account", a: who{first, "粤B0001"}, b: who{"", "粤B0002"}},
			{name: "one person twice", a: who{first, "粤B0001"}, b: who{first, "粤B0002"}, pointer: "/officers/1/userId", rule: "doubled"},
			{name: "one paper, written wide", a: who{first, "粤B0001"}, b: who{second, "粤Ｂ０００１"}, pointer: "/officers/1/certificate", rule: "doubled"},
			{name: "one paper, with spaces and signs", a: who{first, "粤B0001"}, b: who{second, "粤b 00-01"}, pointer: "/officers/1/certificate", rule: "doubled"},
			{name: "of another district", a: who{first, "粤B0001"}, b: who{foreign, "粤B0002"}, pointer: "/officers/1/userId", rule: "mayNotInspect"},
			{name: "the park's manager", a: who{first, "粤B0001"}, b: who{manager, "粤B0002"}, pointer: "/officers/1/userId", rule: "mayNotInspect"},
			{name: "nobody", a: who{first, "粤B0001"}, b: who{string(models.NewID()), "粤B0002"}, pointer: "/officers/1/userId", rule: "mayNotInspect"},
			{name: "two people on the last day of one, sent later", on: "2026-11-25", a: who{first, "粤B0001"}, b: who{second, "粤B0002"}},
			{name: "after the last day of one", on: "2026-11-26", a: who{first, "粤B0001"}, b: who{second, "粤B0002"}, pointer: "/officers/1/userId", rule: "mayNotInspect"},
		} {
			in := w.inspection()
			in.Officers[0].UserID, in.Officers[0].Certificate, in.Officers[1].UserID, in.Officers[1].Certificate = c.a.user, c.a.paper, c.b.user, c.b.paper
			w.clock.set(today)
			if c.on != "" {
				w.clock.set(c.on)
			}
			if c.on == "2026-11-25" {
				in.StartedAt = "2026-11-24T09:00:00+08:00"
			}
			_, err := w.LogPatrol(w.Inspector("baoan"), "", in)
			if c.pointer == "" && err != nil || c.pointer != "" && !breaks(err, c.pointer, c.rule) {
				t.Errorf("%s: %v, want %q at %q", c.name, err, c.rule, c.pointer)
			}
		}
		patrol := w.patrol()
		patrol.Officers[0].UserID = manager
		got(w.LogPatrol(w.Inspector("baoan"), "", patrol))(t) // a patrol asks for no such permission
	})
}

// TestOnlyInspectorsRecordInspections: who may not inspect records nothing in an
// inspection, even where its head, from a time before officers were asked, names him.
func TestOnlyInspectorsRecordInspections(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		p := got(w.LogPatrol(w.Inspector("baoan"), "", w.inspection()))(t)
		manager := w.ParkManager(w.BaoanA)
		if _, err := w.DB.SQL().Exec(`UPDATE patrols SET officers = '[{"userId":"` + personOf(manager) + `","name":"陈工","certificate":"1"}]' WHERE id = '` + string(p.ID) + `'`); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Record(manager, p.ID, inspection.BatchInput{Events: wholeWalk()}); !fault.Is(err, fault.Denied) {
			t.Errorf("a manager records in an inspection: %v", err)
		}
		w.send(t, w.Inspector("baoan"), p.ID, wholeWalk()...)
	})
}

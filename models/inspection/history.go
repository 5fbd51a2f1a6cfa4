package inspection

import (
	"slices"
	"time"

	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Recorded is a sending of events as part of history that is loaded in bulk: the
// patrol after it, the events with their change, and the write as the log records it.
func (p Patrol) Recorded(events []Event, change models.ID, at time.Time) (Patrol, []Event, audit.Event) {
	all := slices.Clone(events)
	for i := range all {
		all[i].ChangeID = change
	}
	before, after := p.Walk(nil), p.Walk(all)
	p.Version, p.UpdatedAt = p.Version+1, at
	return p, all, p.recorded(all, change, before, after)
}

// Done is the write of a patrol that came with all of its events, as history loaded in
// bulk has it.
func (p Patrol) Done() audit.Event {
	e := p.Event()
	e.Counts = map[string]int{p.measure(): 1}
	return e
}

// recorded is a sending of new events as the log records it: p is the patrol after
// it, the two walks are what it came to before and after.
func (p Patrol) recorded(fresh []Event, change models.ID, before, after Walk) audit.Event {
	return audit.Event{Action: policies.PatrolRecord, Kind: "patrol", ID: p.ID, Place: p.Placed, About: p.Day(), Counts: p.completion(before, after), Change: change,
		Facts: map[string]any{"events": len(fresh), "version": p.Version}, Wrote: []audit.Wrote{{Object: p.ID, Head: p, Rows: audit.AllOf(nil, fresh)}}}
}

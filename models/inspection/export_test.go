package inspection

import (
	"maps"
	"slices"
	"time"

	"parkregistry/models"
)

// Door is what Record does with the sendings of one patrol, without its database: for
// tests that try more orders than a database would answer in time.
type Door struct{ b *batch }

// NewDoor opens the door of a patrol.
func NewDoor(p Patrol) Door {
	return Door{&batch{patrol: p, there: map[models.ID]Event{}, positions: map[models.ID]Position{}}}
}

// Take answers one sending.
func (d Door) Take(in []EventInput, now time.Time) []EventResult {
	return d.b.take(in, "", now)
}

// Stored are the events that were kept, as they came.
func (d Door) Stored() []Event { return d.b.all }

// Copy is a door in the same state that goes its own way.
func (d Door) Copy() Door {
	b := *d.b
	b.all, b.fresh = slices.Clone(b.all), slices.Clone(b.fresh)
	b.there, b.positions = maps.Clone(b.there), maps.Clone(b.positions)
	return Door{&b}
}

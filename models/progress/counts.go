package progress

import (
	"maps"
	"slices"

	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
)

// Counts are what happened and what stands, about days up to the one asked about:
// each is one sum of the summary (decision 14, ADR 0025).
type Counts struct {
	LedgersFiled       int64 // entries standing as filed or accepted
	LedgersFiledRecent int64 // of these, about the last 30 days
	LedgersAccepted    int64
	LedgersLate        int64
	LedgersReturned    int64
	FindingsOpened     int64
	FindingsOpen       int64
	FindingsClosed     int64
	FindingsReferred   int64
	FindingsOverdue    int64
	Patrols            int64
	Inspections        int64
}

func (c *Counts) add(o Counts) { c.plus(o, 1) }

func (c *Counts) sub(o Counts) { c.plus(o, -1) }

func (c *Counts) plus(o Counts, sign int64) {
	c.LedgersFiled += sign * o.LedgersFiled
	c.LedgersFiledRecent += sign * o.LedgersFiledRecent
	c.LedgersAccepted += sign * o.LedgersAccepted
	c.LedgersLate += sign * o.LedgersLate
	c.LedgersReturned += sign * o.LedgersReturned
	c.FindingsOpened += sign * o.FindingsOpened
	c.FindingsOpen += sign * o.FindingsOpen
	c.FindingsClosed += sign * o.FindingsClosed
	c.FindingsReferred += sign * o.FindingsReferred
	c.FindingsOverdue += sign * o.FindingsOverdue
	c.Patrols += sign * o.Patrols
	c.Inspections += sign * o.Inspections
}

// tally is what the summary adds up to for one park.
type tally struct {
	Counts
	due, inTime int64 // findings
}

// plus adds what another adds up to.
func (t *tally) plus(o tally) {
	t.Counts.add(o.Counts)
	t.due, t.inTime = t.due+o.due, t.inTime+o.inTime
}

// sub takes off what another adds up to.
func (t *tally) sub(o tally) {
	t.Counts.sub(o.Counts)
	t.due, t.inTime = t.due-o.due, t.inTime-o.inTime
}

// places are where the measures that a report shows are counted in a tally.
var places = map[string]func(*tally) *int64{
	ledger.MeasureFiled:           func(t *tally) *int64 { return &t.LedgersFiled },
	ledger.MeasureAccepted:        func(t *tally) *int64 { return &t.LedgersAccepted },
	ledger.MeasureLate:            func(t *tally) *int64 { return &t.LedgersLate },
	ledger.MeasureReturned:        func(t *tally) *int64 { return &t.LedgersReturned },
	inspection.MeasureOpened:      func(t *tally) *int64 { return &t.FindingsOpened },
	inspection.MeasureOpen:        func(t *tally) *int64 { return &t.FindingsOpen },
	inspection.MeasureClosed:      func(t *tally) *int64 { return &t.FindingsClosed },
	inspection.MeasureReferred:    func(t *tally) *int64 { return &t.FindingsReferred },
	inspection.MeasureOverdue:     func(t *tally) *int64 { return &t.FindingsOverdue },
	inspection.MeasureDue:         func(t *tally) *int64 { return &t.due },
	inspection.MeasureInTime:      func(t *tally) *int64 { return &t.inTime },
	inspection.MeasurePatrols:     func(t *tally) *int64 { return &t.Patrols },
	inspection.MeasureInspections: func(t *tally) *int64 { return &t.Inspections },
}

// shown are the measures that have a place, in one order.
var shown = slices.Sorted(maps.Keys(places))

// add counts n of a measure.
func (t *tally) add(measure string, n int64) {
	if at := places[measure]; at != nil {
		*at(t) += n
	}
}

// Window is how many days up to the day asked about are recent.
const Window = 30

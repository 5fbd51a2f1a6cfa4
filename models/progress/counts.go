package progress

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/policies"
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

func (c *Counts) add(o Counts) {
	c.LedgersFiled += o.LedgersFiled
	c.LedgersFiledRecent += o.LedgersFiledRecent
	c.LedgersAccepted += o.LedgersAccepted
	c.LedgersLate += o.LedgersLate
	c.LedgersReturned += o.LedgersReturned
	c.FindingsOpened += o.FindingsOpened
	c.FindingsOpen += o.FindingsOpen
	c.FindingsClosed += o.FindingsClosed
	c.FindingsReferred += o.FindingsReferred
	c.FindingsOverdue += o.FindingsOverdue
	c.Patrols += o.Patrols
	c.Inspections += o.Inspections
}

// tally is what the summary adds up to for one park.
type tally struct {
	Counts
	due, inTime int64 // findings
}

// place is where a measure is counted in a tally; nil for one that no report shows.
func (t *tally) place(measure string) *int64 {
	switch measure {
	case ledger.MeasureFiled:
		return &t.LedgersFiled
	case ledger.MeasureAccepted:
		return &t.LedgersAccepted
	case ledger.MeasureLate:
		return &t.LedgersLate
	case ledger.MeasureReturned:
		return &t.LedgersReturned
	case inspection.MeasureOpened:
		return &t.FindingsOpened
	case inspection.MeasureOpen:
		return &t.FindingsOpen
	case inspection.MeasureClosed:
		return &t.FindingsClosed
	case inspection.MeasureReferred:
		return &t.FindingsReferred
	case inspection.MeasureOverdue:
		return &t.FindingsOverdue
	case inspection.MeasureDue:
		return &t.due
	case inspection.MeasureInTime:
		return &t.inTime
	case inspection.MeasurePatrols:
		return &t.Patrols
	case inspection.MeasureInspections:
		return &t.Inspections
	}
	return nil
}

// add counts n of a measure, recent of them about the last days.
func (t *tally) add(measure string, n, recent int64) {
	if at := t.place(measure); at != nil {
		*at += n
	}
	if measure == ledger.MeasureFiled {
		t.LedgersFiledRecent += recent
	}
}

// Window is how many days up to the day asked about are recent.
const Window = 30

// tallies sums the summary by park: what is about days up to asOf and was known on
// the day of the moment's number or earlier, without what was numbered later that day.
func (s *Service) tallies(ctx context.Context, m moment) (map[models.ID]*tally, error) {
	out := map[models.ID]*tally{}
	if m.Seq < 0 {
		return out, nil
	}
	of := func(park models.ID) *tally {
		if out[park] == nil {
			out[park] = &tally{}
		}
		return out[park]
	}
	var park models.ID
	var measure string
	var total, recent int64
	q := s.db.Visible(ctx, policies.ProgressRead, &audit.DayCount{}).Where("about_on <= ? AND known_on <= ?", m.asOf, m.On).Group("park_id, measure")
	err := models.Read(q, "park_id, measure, CAST(SUM(n) AS bigint), CAST(SUM(CASE WHEN about_on > '"+string(m.asOf.Add(-Window))+"' THEN n ELSE 0 END) AS bigint)",
		[]any{&park, &measure, &total, &recent}, func() error {
			of(park).add(measure, total, recent)
			return nil
		})
	if err != nil {
		return nil, err
	}
	later, err := s.audit.LaterThatDay(ctx, m.Knowledge)
	for _, c := range later {
		for _, move := range c.Moves() {
			if c.ParkID != nil && move.AboutOn <= m.asOf {
				of(*c.ParkID).add(move.Measure, -int64(move.N), -int64(recentOf(move, m.asOf)))
			}
		}
	}
	return out, err
}

func recentOf(m audit.Move, asOf code.Day) int {
	if m.AboutOn > asOf.Add(-Window) {
		return m.N
	}
	return 0
}

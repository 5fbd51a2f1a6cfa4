package inspection

import (
	"maps"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/models/audit"
)

// How the counts of a park change by the writes of this package; the progress
// summary folds them by the day that they are about. Those about a finding's
// opening stand on its day of opening, all others on the day of the move.
const (
	MeasureOpened    = "finding.opened"    // +1 when a finding is logged
	MeasureOpen      = "finding.open"      // stock: +1 when logged, -1 when closed or withdrawn
	MeasureNotified  = "finding.notified"  // +1 for each notice
	MeasureSubmitted = "finding.submitted" // +1 for each rectification, a second one too
	MeasureReturned  = "finding.returned"  // +1 for each rectification sent back
	MeasureClosed    = "finding.closed"    // +1 when closed (销号)
	MeasureReferred  = "finding.referred"  // +1 when handed to enforcement
	MeasureWithdrawn = "finding.withdrawn" // +1 when withdrawn

	// These stand on the day from which they hold, which may be to come: so that what
	// is due and overdue on a day is a sum too (ADR 0025).
	MeasureDue     = "finding.due"     // stock: due by the day, withdrawn ones left out
	MeasureInTime  = "finding.inTime"  // stock: of these, closed by its last day
	MeasureOverdue = "finding.overdue" // stock: the recipient is late on the day

	// What was planned, called off or never ended is no patrol that was made.
	MeasurePatrols     = "patrol.completed"     // stock: -1 when a voided event undoes it; on the day of the patrol
	MeasureInspections = "inspection.completed" // the same for inspections by officers
)

// MeasureOpenIn is MeasureOpen of one dimension, 1 to 6.
func MeasureOpenIn(dimension int) string { return MeasureOpen + "." + strconv.Itoa(dimension) }

// Measures are all of them.
func Measures() []string {
	all := []string{MeasureOpened, MeasureOpen, MeasureNotified, MeasureSubmitted, MeasureReturned, MeasureClosed, MeasureReferred, MeasureWithdrawn,
		MeasureDue, MeasureInTime, MeasureOverdue,
		MeasurePatrols, MeasureInspections}
	for d := 1; d <= 6; d++ {
		all = append(all, MeasureOpenIn(d))
	}
	return all
}

// counts are how the move changes the counts of the park: those of the move itself,
// and what the finding would have counted for from now on against what it does.
func (a Advance) counts() map[string]int {
	c := maps.Clone(a.Counts)
	a.was.ripens(c, a.About, -1)
	a.After.ripens(c, a.About, 1)
	maps.DeleteFunc(c, func(_ string, n int) bool { return n == 0 })
	return c
}

// ripens adds n times what the finding counts for, seen from a day on, while nobody
// moves it: due from its last day, overdue from the day after.
func (f Finding) ripens(c map[string]int, from code.Day, n int) {
	if f.State == "" || f.State == Withdrawn || f.DueOn == nil {
		return
	}
	due := *f.DueOn
	c[audit.On(MeasureDue, max(from, due))] += n
	switch {
	case f.State == Closed && *f.ClosedOn <= due:
		c[audit.On(MeasureInTime, max(from, due))] += n
	case f.State == Notified, f.State == Returned:
		c[audit.On(MeasureOverdue, max(from, due.Add(1)))] += n
	}
}

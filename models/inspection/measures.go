package inspection

import "strconv"

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

	MeasurePatrols             = "patrol.logged"        // +1 when a patrol is created
	MeasureInspections         = "inspection.logged"    // +1 when an inspection by officers is created
	MeasurePatrolsCompleted    = "patrol.completed"     // stock: -1 when a voided event undoes it; on the day of the patrol
	MeasureInspectionsComplete = "inspection.completed" // the same for inspections
)

// MeasureOpenIn is MeasureOpen of one dimension, 1 to 6.
func MeasureOpenIn(dimension int) string { return MeasureOpen + "." + strconv.Itoa(dimension) }

// Measures are all of them.
func Measures() []string {
	all := []string{MeasureOpened, MeasureOpen, MeasureNotified, MeasureSubmitted, MeasureReturned, MeasureClosed, MeasureReferred, MeasureWithdrawn,
		MeasurePatrols, MeasureInspections, MeasurePatrolsCompleted, MeasureInspectionsComplete}
	for d := 1; d <= 6; d++ {
		all = append(all, MeasureOpenIn(d))
	}
	return all
}

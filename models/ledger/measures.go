package ledger

// Measures of a park by the day that an entry is about. A change carries how
// they move; the sequencer sums them (decision 14). Each is a number of entries.
const (
	MeasureFiled    = "ledger.filed"    // standing as filed or accepted
	MeasureAccepted = "ledger.accepted" // of these, accepted
	MeasureLate     = "ledger.late"     // of the filed ones, filed late
	MeasureReturned = "ledger.returned" // standing as returned, not filed again yet
	MeasureAmended  = "ledger.amended"  // amendments filed; never goes down
	MeasureVoided   = "ledger.voided"   // filed and then voided; never goes down
)

// Measures are all measures of this package, for progress.
func Measures() []string {
	return []string{MeasureFiled, MeasureAccepted, MeasureLate, MeasureReturned, MeasureAmended, MeasureVoided}
}

// counts adds up moves of measures and leaves out those that come to nothing.
type counts map[string]int

func (c counts) add(measure string, n int) counts {
	if c[measure] += n; c[measure] == 0 {
		delete(c, measure)
	}
	return c
}

// stands adds n times what the entry, as filed, counts for.
func (c counts) stands(e Entry, n int) counts {
	c.add(MeasureFiled, n)
	if e.Late() {
		c.add(MeasureLate, n)
	}
	if e.State == Accepted {
		c.add(MeasureAccepted, n)
	}
	return c
}

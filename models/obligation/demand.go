package obligation

import (
	"strings"

	"parkregistry/internal/rhythm"
)

// Kind says whether periods can be counted from a wording.
type Kind int

const (
	counted     Kind = iota // so many records in each period of the calendar
	eventDriven             // by batch, cycle, condition or event: nothing is due by the calendar
	unclear                 // the wording is not understood, or refers to what is not registered
	exempt                  // nothing is asked for
)

// demand is what a wording asks of an object under the facts known about it.
// Demands are compared: the calendar is cut only where one gives way to another.
type demand struct {
	kind     Kind
	grid     grid
	times    int    // records in a period
	shifts   string // names of the shifts of a day, one a line; "" where a record is about the whole day
	grace    int    // days after the period in which a record is in time
	moved    bool   // a last day that is a day off moves to the next working day
	reason   Reason // of an exempt demand
	text     string // the wording, byte for byte
	standard bool   // the wording is the class's own, since the permit has none
}

// Facts decide which of a wording's conditions hold.
type Facts struct {
	Shifts     []string // names of the shifts of a day, in their order
	Operation  string   // continuous, batch, "" when not registered
	CycleHours int      // length of a production cycle; 0 when not registered
	KeyUnit    bool     // under key management (重点管理)
}

// Operation of a facility.
const (
	Continuous = "continuous"
	Batchwise  = "batch"
)

// holds decides the conditions that the register can decide. What it cannot
// decide does not hold: no record is asked for on a guess.
func (f Facts) holds(w rhythm.When) bool {
	switch w.Kind {
	case rhythm.Unchanged, rhythm.Normal, rhythm.Producing: // shut-downs are taken out day by day
		return true
	case rhythm.ContinuousRun:
		return f.Operation == Continuous
	case rhythm.BatchRun:
		return f.Operation == Batchwise
	case rhythm.CycleUnder:
		return f.Operation == Continuous || f.CycleHours > 0 && f.CycleHours < w.Hours
	case rhythm.CycleWithin:
		return f.Operation == Continuous || f.CycleHours > 0 && f.CycleHours <= w.Hours
	case rhythm.CycleOver:
		return f.CycleHours > w.Hours
	case rhythm.KeyUnit:
		return f.KeyUnit
	case rhythm.OtherUnit:
		return !f.KeyUnit
	}
	return false
}

// demandOf is what a wording asks for. anchor is the day from which longer
// periods are counted that the calendar does not fix.
func demandOf(r rhythm.Rule, f Facts, anchor int) demand {
	d := demand{kind: unclear, text: r.Text, grace: defaultGrace}
	if !r.Parsed() {
		return d
	}
	for _, c := range r.Under(f.holds) {
		if next := d.of(c, f, anchor); stricter(next, d) {
			d = next
		}
	}
	if d.kind == unclear && !refers(r) {
		d.kind = eventDriven // none of its conditions is known to hold
	}
	return d
}

// refers reports whether the wording only points to another document.
func refers(r rhythm.Rule) bool {
	for _, c := range r.Clauses {
		for _, t := range c.Any {
			if t.Mode != rhythm.Reference {
				return false
			}
		}
	}
	return r.Parsed()
}

// of is the demand of one clause. Of several rhythms one is enough: of two by the
// calendar (1次/日或1次/月) the one that asks for less, and of the calendar's and
// the batch's (每日或每批次) the calendar's, unless the object is known to run in
// batches.
func (d demand) of(c rhythm.Clause, f Facts, anchor int) demand {
	all := make([]demand, len(c.Any))
	for i, t := range c.Any {
		all[i] = d.term(t, f, anchor)
	}
	enough := all[0]
	for _, next := range all {
		switch {
		case next.kind == eventDriven && f.Operation == Batchwise:
			return next
		case next.rank() > enough.rank(), next.kind == counted && stricter(enough, next):
			enough = next
		}
	}
	return enough
}

func (d demand) term(t rhythm.Term, f Facts, anchor int) demand {
	d.grid, d.times, d.shifts, d.reason = grid{}, 0, "", ""
	switch t.Mode {
	case rhythm.Continuous:
		d.kind, d.reason = exempt, Automatic
	case rhythm.Exempt:
		d.kind, d.reason = exempt, NotRequired
	case rhythm.Reference:
		d.kind = unclear
	default:
		d = d.counted(t, f, anchor)
	}
	return d
}

func (d demand) counted(t rhythm.Term, f Facts, anchor int) demand {
	every := max(t.Every, 1)
	switch {
	case t.Unit == rhythm.Hour:
		// The hours of a day are lines of one record: a day has one entry of a class, slot by slot.
		d.kind, d.grid, d.times = counted, grid{unit: rhythm.Day, every: 1}, 1
	case t.Unit == rhythm.Shift:
		d.kind, d.grid, d.times = counted, grid{unit: rhythm.Shift, every: 1}, 1
		d.shifts = strings.Join(f.Shifts, "\n") // none registered: one record a day at least
	case t.Unit.Calendar():
		d.kind, d.grid, d.times = counted, grid{unit: t.Unit, every: every}, max(t.Times, 1)
		if d.grid.floats() {
			d.grid.anchor = anchor
		}
	default:
		d.kind = eventDriven
	}
	return d
}

// floats reports whether the calendar leaves open which day begins a period.
func (g grid) floats() bool {
	if g.every == 1 {
		return false
	}
	months := map[rhythm.Unit]int{rhythm.Month: 1, rhythm.Quarter: 3, rhythm.HalfYear: 6, rhythm.Year: 12}[g.unit]
	return months == 0 || 12%(months*g.every) != 0
}

// stricter reports whether a asks for more than b: the calendar before events,
// the shorter period before the longer one, more records before fewer.
func stricter(a, b demand) bool {
	if a.kind != b.kind {
		return a.rank() > b.rank()
	}
	if a.kind != counted {
		return false
	}
	la, lb := a.length(), b.length()
	return la < lb || la == lb && a.perPeriod() > b.perPeriod()
}

func (d demand) rank() int {
	return map[Kind]int{counted: 3, exempt: 2, eventDriven: 1, unclear: 0}[d.kind]
}

// length is about how many days a period has.
func (d demand) length() int {
	days := map[rhythm.Unit]int{rhythm.Week: 7, rhythm.TenDays: 10, rhythm.Month: 30, rhythm.Quarter: 91, rhythm.HalfYear: 182, rhythm.Year: 365}[d.grid.unit]
	return max(days, 1) * d.grid.every
}

func (d demand) perPeriod() int { return max(d.times, len(d.slots())) }

// slots are the shifts that each have a record of their own.
func (d demand) slots() []string {
	if d.shifts == "" {
		return nil
	}
	return strings.Split(d.shifts, "\n")
}

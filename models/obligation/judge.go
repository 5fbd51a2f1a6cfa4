package obligation

import (
	"slices"
	"time"

	"parkregistry/models"
	"parkregistry/models/ledger"
)

// State is how a period stands at an instant.
type State string

// The states. Only the first five and excused are about something that is owed.
const (
	Due         State = "due"         // owed, and still in time
	OnTime      State = "onTime"      // recorded in time
	Late        State = "late"        // recorded after the grace
	Backfilled  State = "backfilled"  // filled in long afterwards
	Missing     State = "missing"     // not recorded, and the time is over
	Excused     State = "excused"     // nothing is owed, with the reason
	EventDriven State = "eventDriven" // by batch, cycle, condition or event: what came is counted, nothing is missed
	Unclear     State = "unclear"     // the wording is not understood, or the calendar is not known: nothing is said
)

// States are all states, in the order in which they are counted.
func States() []State {
	return []State{Due, OnTime, Late, Backfilled, Missing, Excused, EventDriven, Unclear}
}

// Mark is an entry of the ledger as far as it decides what was recorded.
type Mark struct {
	Day      int
	Slot     string
	At       int64     // when it was first filed, in seconds; an amendment keeps the time of what it amends
	Standing bool      // filed or accepted; otherwise a draft or returned
	Entry    models.ID // "" where only the counts are asked for
	Number   string
	State    ledger.State
}

// Ruling is what became of a period at an instant.
type Ruling struct {
	State State
	Filed int   // records that stand
	At    int64 // when the last one that was needed was filed, in seconds; 0 while one is missing
}

// zone is the seconds by which a civil day at UTC+8 begins before the one at UTC.
const zone = 8 * 60 * 60

// endOf is the first instant after a day at UTC+8, in seconds.
func endOf(day int) int64 { return int64(day+1)*24*60*60 - zone }

func instantOf(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }

// marks are the entries of one duty by day.
type marks []Mark

func (m marks) sort() {
	slices.SortFunc(m, func(a, b Mark) int {
		if a.Day != b.Day {
			return a.Day - b.Day
		}
		return int(a.At - b.At)
	})
}

// in are the marks of a stretch of days.
func (m marks) in(days span) marks {
	from, _ := slices.BinarySearchFunc(m, days.from, func(x Mark, day int) int { return x.Day - day })
	to := from
	for to < len(m) && m[to].Day <= days.to {
		to++
	}
	return m[from:to]
}

// judge says how the period stands at an instant, given the marks of its duty.
func (p Period) judge(all marks, at int64) Ruling {
	switch {
	case p.unknown:
		return Ruling{State: Unclear}
	case p.reason != "":
		return Ruling{State: Excused}
	}
	var few [4]int64 // most periods have one record: no heap for them
	times := few[:0]
	for _, m := range p.marks(all) {
		if m.Standing {
			times = append(times, m.At)
		}
	}
	r := Ruling{Filed: len(times)}
	switch p.demand.kind {
	case eventDriven:
		r.State = EventDriven
		return r
	case unclear:
		r.State = Unclear
		return r
	}
	due, backfill := p.due()
	if len(times) < p.required {
		r.State = Missing
		if at < endOf(due) {
			r.State = Due
		}
		return r
	}
	slices.Sort(times)
	r.At = times[p.required-1]
	switch {
	case r.At < endOf(due):
		r.State = OnTime
	case r.At < endOf(backfill):
		r.State = Late
	default:
		r.State = Backfilled
	}
	return r
}

// marks are the entries about the period: all of its days, or the one that
// records its shift.
func (p Period) marks(all marks) marks {
	here := all.in(p.days)
	if len(p.slots) > 0 {
		return assign(here, p.slots, p.slot)
	}
	return here
}

// assign is the entry that records one shift of a day. Entries are dealt out in
// the order in which they came, those that stand before drafts: each to the shift
// that it names, or else to the first that has none. What came later thus never
// takes the place of what came before.
func assign(day marks, names []string, slot string) marks {
	taken := make([]*Mark, len(names))
	deal := func(standing bool) {
		for i := range day {
			if day[i].Standing != standing {
				continue
			}
			n := slices.Index(names, day[i].Slot)
			if n < 0 || taken[n] != nil {
				n = slices.Index(taken, nil)
			}
			if n >= 0 {
				taken[n] = &day[i]
			}
		}
	}
	deal(true)
	deal(false)
	if m := taken[slices.Index(names, slot)]; m != nil {
		return marks{*m}
	}
	return nil
}

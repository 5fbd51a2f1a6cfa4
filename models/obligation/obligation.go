// Package obligation answers what is due in the ledger, what was recorded in time,
// late or not at all, and what is excused and why. Nothing of it is stored: it
// follows from the permits' wordings, the days of permits, tenancies, facilities
// and shut-downs, the entries, and the instant asked about.
//
// The core is a pure function. Duties lays out the calendar of each object and
// class from an Estate; Duty.Obligations judges its periods by the marks that the
// entries leave. The Service only reads what they take.
package obligation

import (
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
)

// Obligation is one period of one duty as it stands at an instant.
type Obligation struct {
	Place     models.Placed
	Class     string
	Object    *Object  // nil: the site, or the park, as a whole
	Pollutant string   // of a line of the self-monitoring plan
	From      code.Day // the first day of the period
	To        code.Day // the last day: the day that it counts for
	Slot      string   // the shift, "" for the whole period
	State     State
	Required  int        // records asked for; 0 where no number is
	Filed     int        // records that stand
	DueAt     *time.Time // the first instant that is late; nil where nothing is due
	FiledAt   *time.Time // when the last record that was needed came
	Entries   []Mark     // records that stand, drafts and returned ones
	Reason    Reason     // why nothing is due
	Stop      *Stop      // the shut-down behind it
	Text      string     // the wording, as the permit or the standard has it
	Standard  bool       // the wording is the standard's: the permit has none
	PermitID  models.ID  // whose wording it is, "" for the standard of the park's own works
	Permit    string     // its number
}

// Window says which periods are asked for: those that end from From to To. To ""
// takes every period that has begun.
type Window struct{ From, To code.Day }

func (w Window) days() span {
	s := span{w.From.Number(), lastDay}
	if w.To != "" {
		s.to = w.To.Number()
	}
	return s
}

// Obligations are the periods of the duty in the window that have begun by the
// instant, in the order of time, judged by what was recorded until then. Marks of
// later filings must not be among them.
func (d *Duty) Obligations(w Window, recorded []Mark, at time.Time) []Obligation {
	all := marks(recorded)
	all.sort()
	var out []Obligation
	d.periods(w.days(), code.DayOf(at).Number(), func(p Period) bool {
		out = append(out, p.obligation(all, at.Unix()))
		return true
	})
	return out
}

// obligation is the period with everything that people are told about it.
func (p Period) obligation(all marks, at int64) Obligation {
	r := p.judge(all, at)
	d := p.duty
	o := Obligation{Place: d.Place, Class: d.Class, Object: d.Object, Pollutant: d.Pollutant, From: p.From(), To: p.To(), Slot: p.slot,
		State: r.State, Required: p.required, Filed: r.Filed, Reason: p.reason, Stop: p.stop, Text: p.demand.text, Standard: p.demand.standard}
	if h := held(d.permits, p.days.to); !o.Standard {
		o.PermitID, o.Permit = h.id, h.number
	}
	if p.owed() {
		due, _ := p.due()
		last := instantOf(endOf(due))
		o.DueAt = &last
	}
	if r.At != 0 {
		filed := instantOf(r.At)
		o.FiledAt = &filed
	}
	if o.State != Excused {
		o.Entries = p.marks(all)
	}
	return o
}

// LastDay is the last day on which the record is in time; false where nothing is due.
func (o Obligation) LastDay() (last code.Day, owed bool) {
	if o.DueAt == nil {
		return "", false
	}
	last = code.DayOf(*o.DueAt)
	if last.Start().Equal(*o.DueAt) { // the end of the day before
		last = last.Add(-1)
	}
	return last, true
}

// held is what a calendar says of a day.
func held[T any](all []stretch[T], day int) T {
	var last T
	for _, s := range all {
		last = s.is
		if day <= s.to {
			break
		}
	}
	return last
}

package obligation

import (
	"parkregistry/internal/code"
	"parkregistry/internal/rhythm"
)

// What this project adds where neither the permit nor a standard says how long a
// record may take; the ledger judges its entries by the same days.
const (
	defaultGrace  = 1 // a night shift ends after midnight and the clerk comes in the morning
	backfillAfter = 2 // more days: then nobody writes from the shift's own sheet any longer
)

// Period is one stretch of a duty's calendar, or one shift of a day, with what is
// asked for in it.
type Period struct {
	duty     *Duty
	days     span
	slot     string
	slots    []string // shifts of the day, none where a record is about the whole period
	required int
	last     int // the last day on which the demand stands; before days.from when there is none
	demand   *demand
	reason   Reason
	stop     *Stop // the shut-down behind reason
	unknown  bool  // the working days of the year are not announced: nothing can be said
}

// From is the first day of the period.
func (p Period) From() code.Day { return code.DayNumber(p.days.from) }

// To is the last day of the period: the day that it counts for.
func (p Period) To() code.Day { return code.DayNumber(p.days.to) }

// owed reports whether a certain number of records is asked for.
func (p Period) owed() bool { return p.reason == "" && !p.unknown && p.demand.kind == counted }

// cursor walks the three calendars of a duty forward.
type cursor struct {
	d            *Duty
	demand, life int      // where it stands
	slots        []string // of the demand at slotsOf
	slotsOf      *demand
}

// periods calls yield with every period that begins by until and ends in days, in
// the order of time, until yield is false.
func (d *Duty) periods(days span, until int, yield func(Period) bool) {
	c := cursor{d: d}
	days = days.within(span{firstDay, lastDay})
	for day := days.from; day <= days.to; {
		p := c.period(day)
		if p.days.from > until || p.days.to > days.to {
			return // the next ones end later still
		}
		if !c.shifts(p, yield) {
			return
		}
		day = p.days.to + 1
	}
}

// period is the one that the day is in. Days never go back.
func (c *cursor) period(day int) Period {
	d := c.d
	for c.life < len(d.life)-1 && d.life[c.life].to < day {
		c.life++
	}
	for c.demand < len(d.demands)-1 && d.demands[c.demand].to < day {
		c.demand++
	}
	in := d.demands[c.demand]
	p := Period{duty: d, demand: &d.demands[c.demand].is}
	if day < d.hull.from || day > d.hull.to { // before and after all life: by the year
		p.days = grid{unit: rhythm.Year}.period(day).within(d.life[c.life].span)
		p.days = p.days.within(in.span)
		p.reason, p.last = d.life[c.life].is, p.days.from-1
		return p
	}
	p.days = p.demand.layout().period(day).within(in.span).within(d.hull)
	c.look(&p)
	return p
}

// layout is how the calendar is laid out: by the demand's own periods, by the
// month where it has none, by the year where nothing is asked for.
func (d *demand) layout() grid {
	switch d.kind {
	case counted:
		return d.grid
	case exempt:
		return grid{unit: rhythm.Year}
	}
	return grid{unit: rhythm.Month}
}

// look finds whether the demand stands on a day of the period, and if not, why.
func (c *cursor) look(p *Period) {
	p.last = p.days.from - 1
	edgesOnly := true
	life := c.life
	for life > 0 && c.d.life[life].from > p.days.from {
		life--
	}
	for day := p.days.from; day <= p.days.to; day++ {
		for c.d.life[life].to < day {
			life++
		}
		if why := c.d.life[life].is; why != "" {
			p.reason = why
			continue
		}
		inside, edge := c.d.stopped(day)
		if inside != nil {
			p.reason, p.stop = ShutDown, inside
			continue
		}
		if p.demand.grid.unit == rhythm.WorkDay {
			work, err := code.IsWorkday(code.DayNumber(day))
			p.unknown = p.unknown || err != nil
			if err == nil && !work {
				p.reason = DayOff
				continue
			}
		}
		p.last, edgesOnly = day, edgesOnly && edge
	}
	if p.last >= p.days.from {
		p.reason, p.stop = "", nil
		p.required = p.demand.times
		if edgesOnly { // the first and the last day of a shut-down: that it began, that it ended
			p.required = min(1, p.required)
			return
		}
		p.slots = c.shiftsOf(p.demand)
	}
}

// stopped is the shut-down that a day is inside of; edge reports that the day is
// the first or the last of one.
func (d *Duty) stopped(day int) (inside *Stop, edge bool) {
	for i := range d.stops {
		s := &d.stops[i]
		switch {
		case s.from > day:
			return nil, edge
		case s.from < day && day < s.to:
			return &s.of, false
		case s.from == day || s.to == day:
			edge = true
		}
	}
	return nil, edge
}

// shiftsOf are the shifts that a demand names; they are read once for all its days.
func (c *cursor) shiftsOf(d *demand) []string {
	if c.slotsOf != d {
		c.slots, c.slotsOf = d.slots(), d
	}
	return c.slots
}

// shifts yields the period, or each shift of it.
func (c *cursor) shifts(p Period, yield func(Period) bool) bool {
	if len(p.slots) == 0 {
		return yield(p)
	}
	for _, name := range p.slots {
		p.slot = name
		if !yield(p) {
			return false
		}
	}
	return true
}

// due is the last day on which a record is in time, and backfill the last before
// it counts as filled in long afterwards.
func (p Period) due() (due, backfill int) {
	due = p.last + p.demand.grace
	if p.demand.moved {
		due = nextWorkday(due)
	}
	return due, due + backfillAfter
}

// nextWorkday moves a day off to the next working day. In a year whose calendar
// is not announced the day stays.
func nextWorkday(day int) int {
	for n := day; ; n++ {
		work, err := code.IsWorkday(code.DayNumber(n))
		if err != nil {
			return day
		}
		if work {
			return n
		}
	}
}

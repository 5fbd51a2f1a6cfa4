package obligation

import (
	"slices"

	"parkregistry/internal/code"
)

// duty lays out the calendar of one line: what is demanded and why not, from one
// day on which something changes to the next.
func (b *builder) duty(l line) *Duty {
	d := &Duty{Place: b.Place, Class: l.class, Object: l.object, Pollutant: l.pollutant}
	cuts := append([]int{firstDay, lastDay + 1}, b.cuts...)
	if o := l.object; o != nil {
		for _, day := range []code.Day{o.From, o.ClosedOn} {
			if day != "" {
				cuts = append(cuts, day.Number())
			}
		}
		for _, m := range o.Modes {
			cuts = append(cuts, m.Since.Number())
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	known := false // a demand has been seen
	for i, from := range cuts[:len(cuts)-1] {
		if from < firstDay || from > lastDay {
			continue
		}
		days := span{from, min(cuts[i+1]-1, lastDay)}
		found, of, why, ok := b.on(l, from)
		if ok {
			if !known { // before the first demand stands what it will be
				d.demands, known = []stretch[demand]{{span{firstDay, from - 1}, found}}, true
				d.permits = []stretch[holder]{{span{firstDay, from - 1}, of}}
				if from == firstDay {
					d.demands, d.permits = nil, nil
				}
			}
			d.demands, d.permits = extend(d.demands, days, found), extend(d.permits, days, of)
		} else if known { // in a gap and afterwards, what it was
			d.demands = extend(d.demands, days, d.demands[len(d.demands)-1].is)
			d.permits = extend(d.permits, days, d.permits[len(d.permits)-1].is)
		}
		d.life = extend(d.life, days, why)
	}
	if !known {
		d.demands = []stretch[demand]{{span{firstDay, lastDay}, demand{kind: exempt, reason: BeforePermit}}}
		d.permits = []stretch[holder]{{span{firstDay, lastDay}, holder{}}}
	}
	d.stops = b.stopsOf(l)
	d.hull = hull(d.life)
	return d
}

// extend adds days to a calendar and joins them to the last stretch when nothing
// changes.
func extend[T comparable](all []stretch[T], days span, is T) []stretch[T] {
	if n := len(all); n > 0 && all[n-1].is == is {
		all[n-1].to = days.to
		return all
	}
	return append(all, stretch[T]{days, is})
}

// hull is from the first day of life to the last.
func hull(life []stretch[Reason]) span {
	h := span{lastDay + 1, firstDay - 1}
	for _, s := range life {
		if s.is == "" {
			h = span{min(h.from, s.from), max(h.to, s.to)}
		}
	}
	return h
}

// on is what is demanded on a day and by whom, and why nothing is due; ok is
// false when nobody demands anything then.
func (b *builder) on(l line, day int) (found demand, of holder, why Reason, ok bool) {
	permit, terms, noPermit := b.inForce(day)
	switch {
	case permit == nil && b.Place.SiteID != nil:
	case permit != nil && permit.Receipt:
		found, of, ok = demand{kind: exempt, reason: RegisteredOnly}, holder{permit.ID, permit.Number}, true
	default:
		found, ok = b.demand(l, permit, terms, day), true
		if permit != nil {
			of = holder{permit.ID, permit.Number}
		}
	}
	switch {
	case b.resident(day) != "":
		why = b.resident(day)
	case l.object != nil && l.object.gone(day) != "":
		why = l.object.gone(day)
	case !ok:
		why = noPermit
	case found.kind == exempt:
		why = found.reason
	}
	return found, of, why, ok
}

// resident is why the firm is not there on a day, "" when it is.
func (b *builder) resident(day int) Reason {
	if b.ClosedOn != "" && b.ClosedOn.Number() <= day {
		return MovedOut
	}
	for _, a := range b.Away {
		if a.From.Number() <= day && day <= a.To.Number() {
			return MovedOut
		}
	}
	if len(b.Tenancies) == 0 {
		return ""
	}
	why := BeforeMoveIn
	for _, t := range b.Tenancies {
		switch {
		case t.From.Number() > day:
		case t.To == "" || t.To.Number() >= day:
			return ""
		default:
			why = MovedOut
		}
	}
	return why
}

// gone is why the object is not there on a day, "" when it is.
func (o *Object) gone(day int) Reason {
	switch {
	case o.ClosedOn != "" && o.ClosedOn.Number() <= day:
		return FacilityClosed
	case o.From != "" && o.From.Number() > day:
		return NotBuilt
	case !o.Outlet && !o.mode(day).InUse:
		return NotInUse
	}
	return ""
}

// mode is how the object runs on a day: the first mode is since ever.
func (o *Object) mode(day int) Mode {
	m := Mode{InUse: true}
	for i, next := range o.Modes {
		if i == 0 || next.Since.Number() <= day {
			m = next
		}
	}
	return m
}

// terms are what the permit demands on a day: the first terms are since ever.
func (p *Permit) terms(day int) Terms {
	t := Terms{}
	for i, next := range p.Terms {
		if i == 0 || next.Since.Number() <= day {
			t = next
		}
	}
	return t
}

// inForce is the permit of a day, the one issued last when two overlap (延续,
// 变更后重新核发); nil with the reason when there is none.
func (b *builder) inForce(day int) (*Permit, Terms, Reason) {
	var found *Permit
	var terms Terms
	why := BeforePermit
	for i := range b.Permits {
		p := &b.Permits[i]
		t := p.terms(day)
		switch {
		case p.IssuedOn.Number() > day || t.Applied:
		case p.ClosedOn != "" && p.ClosedOn.Number() <= day || !t.InForce && !p.Receipt:
			if why == BeforePermit {
				why = PermitEnded
			}
		case p.ValidTo.Number() < day:
			why = PermitExpired
		case found == nil || p.IssuedOn > found.IssuedOn || p.IssuedOn == found.IssuedOn && p.Number > found.Number:
			found, terms = p, t
		}
	}
	return found, terms, why
}

// demand is what a permit, or the standard where there is none, asks of a line.
func (b *builder) demand(l line, permit *Permit, terms Terms, day int) demand {
	facts := Facts{}
	if l.object != nil {
		facts = l.object.mode(day).Facts
	}
	facts.KeyUnit = terms.KeyUnit
	if permit == nil || len(terms.Rules) == 0 && l.pollutant == "" {
		d := demandOf(b.read(b.classes[l.class].Text), facts, 0)
		d.standard = true
		return d
	}
	anchor := permit.IssuedOn.Number()
	if l.pollutant != "" {
		for _, w := range terms.Monitoring {
			if w.Outlet == l.object.Code && w.Pollutant == l.pollutant {
				return demandOf(b.read(w.Text), facts, anchor)
			}
		}
		return demand{kind: exempt, reason: NotRequired}
	}
	rule := b.rule(l, terms.Rules)
	if rule == nil {
		return demand{kind: exempt, reason: NotRequired}
	}
	d := demandOf(b.read(rule.Text), facts, anchor)
	if rule.Grace != nil {
		d.grace = *rule.Grace
	}
	d.moved = rule.Workday
	if l.object == nil && (rule.Object != "" || b.classes[l.class].Code == "") {
		d.kind, d.grid, d.times, d.shifts = unclear, grid{}, 0, "" // about what nobody has registered
	}
	return d
}

// rule is the wording for a line: one that names the object goes before one for all.
func (b *builder) rule(l line, rules []Rule) *Rule {
	var all *Rule
	for i := range rules {
		r := &rules[i]
		switch {
		case r.Class != l.class:
		case l.object != nil && r.Object == l.object.Code:
			return r
		case all == nil && (r.Object == "" || l.object == nil && !b.has(r.Object)):
			all = r
		}
	}
	return all
}

func (b *builder) has(object string) bool {
	return slices.ContainsFunc(b.Objects, func(o Object) bool { return o.Code == object })
}

// stopsOf are the shut-downs that a line takes part in, by their first day.
func (b *builder) stopsOf(l line) []stop {
	var out []stop
	for _, s := range b.Stops {
		if s.Facility != nil && (l.object == nil || *s.Facility != l.object.ID) {
			continue
		}
		if b.Place.SiteID == nil && s.Facility == nil {
			continue // a park as a whole never stops
		}
		days := span{s.From.Number(), lastDay}
		if s.To != "" {
			days.to = s.To.Number()
		}
		out = append(out, stop{days, s})
	}
	slices.SortStableFunc(out, func(a, b stop) int { return a.from - b.from })
	return out
}

package inspection

import (
	"slices"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/models"
)

// Objects that a park walks to.
const (
	RoundOwn   = "own"   // of the park itself
	RoundKey   = "key"   // a key discharger
	RoundOther = "other" // any other discharger
)

// RoundObject is what a round is to: a facility or an outlet of the park, or a firm's
// site. Days on which something came, went or stood still are facts about the world:
// the newest word on them counts for the past too. What the object was, it was from
// the day on which it was registered so.
type RoundObject struct {
	Kind      string // facility, outlet, site
	ID        models.ID
	Name      string
	Place     models.Placed
	Since     code.Day    // registered; rounds begin with the first period after it
	ClosedOn  code.Day    // "" while it is there
	Was       []RoundMode // in the order of Since
	Tenancies []Tenancy   // of a site; none where no unit is registered
	Stops     []Stop
}

// RoundMode is what an object was from a day on.
type RoundMode struct {
	Since  code.Day
	Walked bool  // in use, or a discharger
	Firm   *Firm // of a site
}

// Firm is what decides how often a discharger is visited.
type Firm struct {
	Industries []string
	KeyYears   []int
}

// Tenancy is a unit rented from its first to its last day; To is "" while open.
type Tenancy struct{ From, To code.Day }

// Stop is a shut-down (停产停运) with its first and last day; To is "" while it lasts.
type Stop struct {
	ID       models.ID
	From, To code.Day
	Reason   string
}

// planned reports whether the object is walked to by the rule in the period: it was
// there before the period began, and is there to its end. What it was when the period
// began holds for the whole of it, so that no round is owed for what was not known.
func (o RoundObject) planned(versions []RoundRules, rule RoundRule, p span) bool {
	if o.Since >= p.from || o.ClosedOn != "" && o.ClosedOn <= p.to || !o.tenant(p.from) || !o.tenant(p.to) {
		return false
	}
	was := o.before(p.from)
	return was.Walked && was.class(keyRule(rulesOn(versions, p.from)), p.from.Start().Year()) == rule.Objects
}

// before is what the object was when a day began.
func (o RoundObject) before(day code.Day) RoundMode {
	for _, m := range slices.Backward(o.Was) {
		if m.Since < day {
			return m
		}
	}
	return RoundMode{}
}

// tenant reports whether the firm of the site rents a unit there on the day. A site of
// which no unit is registered is rented from its registration to its closing.
func (o RoundObject) tenant(day code.Day) bool {
	return len(o.Tenancies) == 0 || slices.ContainsFunc(o.Tenancies, func(t Tenancy) bool { return within(day, t.From, t.To) })
}

// stopped is the shut-down that the whole period lies in, the first of them where they
// follow each other; nil when there is a day of work.
func (o RoundObject) stopped(p span) *Stop {
	on := func(day code.Day) int {
		return slices.IndexFunc(o.Stops, func(s Stop) bool { return within(day, s.From, s.To) })
	}
	for day := p.from; day <= p.to; day = day.Add(1) {
		if on(day) < 0 {
			return nil
		}
	}
	return &o.Stops[on(p.from)]
}

func within(day, from, to code.Day) bool { return from <= day && (to == "" || day <= to) }

// class is the kind of object by one version of the rules, in a year.
func (m RoundMode) class(r RoundRule, year int) string {
	switch {
	case m.Firm == nil:
		return RoundOwn
	case slices.Contains(m.Firm.KeyYears, year):
		return RoundKey
	}
	for _, code := range m.Firm.Industries {
		if slices.ContainsFunc(r.Industries, func(begins string) bool { return strings.HasPrefix(code, begins) }) {
			return RoundKey
		}
	}
	return RoundOther
}

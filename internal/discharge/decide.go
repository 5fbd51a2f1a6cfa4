package discharge

import (
	"slices"
	"strings"

	"parkregistry/internal/code"
)

// Decide gives every candidate for a pollutant at an outlet on a day: those of
// the tables, and those that the register has beside them (permit, approval),
// which bring basis, bounds, unit and days.
func Decide(s Situation, pollutant string, day code.Day, recorded []Candidate) Set {
	set := Set{Pollutant: pollutant, Unit: unitOf(pollutant), About: s, Rules: Rules()}
	for _, c := range recorded {
		if c.Pollutant == pollutant {
			set.Candidates = append(set.Candidates, s.recorded(c, day, set.Unit))
		}
	}
	if s.Kind == Total || s.Kind == Workshop {
		for _, t := range tables().tables {
			if s.governs(t) {
				set.Candidates = append(set.Candidates, s.ofTable(t, pollutant, day)...)
			}
		}
	}
	set.yield()
	slices.SortStableFunc(set.Candidates, func(a, b Candidate) int { return slices.Index(Bases, a.Basis) - slices.Index(Bases, b.Basis) })
	set.choose()
	return set
}

// Turns are the days from which something else may apply at the outlet, in order:
// from one to the next, Decide gives the same set.
func Turns(s Situation, recorded []Candidate) []code.Day {
	turns := []code.Day{s.EIAOn}
	ends := func(last code.Day) {
		if last != "" {
			turns = append(turns, last.Add(1))
		}
	}
	for _, t := range tables().tables {
		turns = append(turns, t.newFrom, t.existingFrom)
		ends(t.lastDay)
	}
	for _, c := range recorded {
		turns = append(turns, c.From)
		ends(c.To)
	}
	slices.Sort(turns)
	return slices.DeleteFunc(slices.Compact(turns), func(d code.Day) bool { return d == "" })
}

// All is Decide for every pollutant that has a candidate.
func All(s Situation, day code.Day, recorded []Candidate) []Set {
	names := slices.Clone(tables().pollutants)
	for _, c := range recorded {
		if !slices.Contains(names, c.Pollutant) {
			names = append(names, c.Pollutant)
		}
	}
	var out []Set
	for _, p := range names {
		if set := Decide(s, p, day, recorded); len(set.Candidates) > 0 {
			out = append(out, set)
		}
	}
	return out
}

// unitOf is the unit in which a pollutant's limits are stated.
func unitOf(pollutant string) string {
	if u := code.Pollutant(pollutant).Unit(); u != "" {
		return u
	}
	return "mg/L" // what HJ 525 has no code for
}

// medium is what the outlet lets go.
func (s Situation) medium() string {
	if s.Kind == Air {
		return "air"
	}
	return "water"
}

// usual is the kind of mean that a limit is about which names none, as group says it:
// a day's for water, an hour's for gas.
func (s Situation) usual() string {
	if s.Kind == Air {
		return "hourly"
	}
	return ""
}

// recorded judges a candidate that the register has at this outlet.
func (s Situation) recorded(c Candidate, day code.Day, unit string) Candidate {
	c.Applies = false
	if c.Averaging == "" {
		c.Averaging = s.usual()
	}
	_, fits := conversion(c.Unit, unit)
	first, known := code.Pollutant(c.Pollutant).FirstClass(), code.Pollutant(c.Pollutant).Name() != ""
	switch {
	case !fits && c.Unit != unit:
		c.Why = because("unit", "Unit", c.Unit, "Expected", unit)
	case c.From != "" && day < c.From:
		c.Why = because("before", "Day", string(c.From))
	case c.To != "" && day > c.To:
		c.Why = because("after", "Day", string(c.To))
	case c.Basis != "permit" && c.Basis != "eia" && known && s.Kind == Total && first:
		c.Point, c.Why = Workshop, because("workshop")
	default:
		c.Applies, c.Why = true, because(c.said(), "Number", c.Standard)
	}
	return c
}

// governs reports whether a table can be one for this outlet at all: what is left
// out here would only be noise among the candidates.
func (s Situation) governs(t *table) bool {
	switch {
	case t.regime != "any" && t.regime != s.Regime, s.Regime != Direct && s.Regime != Indirect:
		return false
	case t.industry() && !slices.Contains(s.standards(), t.standard):
		return false
	case t.region != "" && !slices.Contains(s.regions(), t.region):
		return false
	case t.special == "yes" && !s.Special, t.special == "no" && s.Special:
		return false
	case (t.level == "1" || t.level == "2") && s.level() != "" && s.level() != t.level:
		return false
	}
	return true
}

// standards are those named for the outlet, or those that follow from the production.
func (s Situation) standards() []string {
	if len(s.Standards) > 0 {
		return s.Standards
	}
	var out []string
	for _, k := range tables().kinds {
		if slices.Contains(s.Production, k.id) {
			out = append(out, k.standards...)
		}
	}
	return out
}

// regions: the city belongs to the Pearl River Delta; whether Shenshan does was
// not established, so that there the tables of both stand side by side and the
// stricter wins.
func (s Situation) regions() []string {
	if s.Jurisdiction == "shenshan" {
		return []string{"delta", "outside"}
	}
	return []string{"delta"}
}

// level is the level of DB44/26 and GB 8978 for direct discharge by the class of
// the receiving water; "" while nobody has said it.
func (s Situation) level() string {
	switch s.WaterClass {
	case "III":
		return "1"
	case "IV", "V":
		return "2"
	}
	return ""
}

// ofTable are the rows of a table for a pollutant that fit the production.
func (s Situation) ofTable(t *table, pollutant string, day code.Day) []Candidate {
	var out []Candidate
	for _, r := range t.rows[pollutant] {
		fits, unknown := s.fits(t, r)
		if !fits && !unknown {
			continue
		}
		c := Candidate{Basis: t.basis, Standard: t.number, Table: t.id, Row: r.id, Title: t.title, Pollutant: pollutant, Minimum: r.low, Maximum: s.maximum(r), Unit: r.unit,
			Point: Total, From: t.since(s.EIAOn), To: t.lastDay, Note: r.note, Source: r.source, Confidence: weaker(t.confidence, r.confidence)}
		if r.workshop {
			c.Point = Workshop
		}
		why, ok := s.when(t, day)
		switch {
		case why.Code == "past":
			continue
		case !ok:
			c.Why = why
		case unknown:
			c.Why = because("production")
		case t.receiver == Municipal && s.Receiver == ParkWorks:
			c.Why = because("receiver")
		case (t.level == "1" || t.level == "2") && s.level() == "":
			c.Why = because("waterClass")
		case c.Point == Total && s.Kind == Workshop:
			c.Why = because("total")
		case c.Point == Workshop && s.Kind == Total && t.standard == "db44-1597":
			c.Applies, c.Boundary, c.Why = true, true, because("boundary") // 4.2.6
		case c.Point == Workshop && s.Kind == Total:
			c.Why = because("workshop")
		default:
			c.Applies, c.Why = true, why
		}
		out = append(out, c)
	}
	return out
}

// weaker is the less certain of two confidences.
func weaker(a, b string) string {
	if a == "confirmed" {
		return b
	}
	return a
}

// since is from when the table binds the outlet.
func (t *table) since(approved code.Day) code.Day {
	if t.newFrom != "" && approved >= t.newFrom {
		return max(t.newFrom, approved)
	}
	return t.existingFrom
}

// when reports whether the table binds on that day who was approved when this
// outlet was, with the reason.
func (s Situation) when(t *table, day code.Day) (Why, bool) {
	approved := string(s.EIAOn)
	byApproval := t.eiaFrom != "" || t.eiaTo != ""
	switch {
	case t.lastDay != "" && day > t.lastDay:
		return because("past"), false
	case byApproval && approved == "":
		return because("approvalUnknown"), false
	case t.eiaFrom != "" && s.EIAOn < t.eiaFrom, t.eiaTo != "" && s.EIAOn > t.eiaTo:
		return because("approvalOther", "Day", approved), false
	case t.newFrom != "" && t.existingFrom == "" && approved == "":
		return because("approvalUnknown"), false
	case t.newFrom != "" && t.existingFrom == "" && s.EIAOn < t.newFrom:
		return because("onlyNew", "Day", string(t.newFrom)), false
	}
	if since := t.since(s.EIAOn); since != "" && day < since {
		return because("before", "Day", string(since)), false
	}
	if byApproval {
		return because("approval", "Day", approved), true
	}
	return because("table"), true
}

// fits reports whether a row is for what the outlet's owner makes; unknown when
// nobody has said what that is.
func (s Situation) fits(t *table, r row) (fits, unknown bool) {
	restricted := len(r.only)+len(r.except) > 0 || r.others
	metal := t.standard == "gb39731" && strings.HasPrefix(r.pollutant, "w201")
	if !restricted && !metal {
		return true, false
	}
	if len(s.Production) == 0 {
		return !restricted, restricted
	}
	return slices.ContainsFunc(s.Production, func(kind string) bool {
		switch {
		case metal && kind == "terminal" && !slices.Contains(s.Production, "platingProcess"):
			return false // GB 39731-2020: metals of terminal products only when they have plating
		case r.others:
			return !slices.ContainsFunc(t.rows[r.pollutant], func(o row) bool { return slices.Contains(o.only, kind) })
		case len(r.only) > 0:
			return slices.Contains(r.only, kind)
		}
		return !slices.Contains(r.except, kind)
	}), false
}

// maximum is the upper limit, or the one that stands instead of it for a kind of
// production, in cold water or for an old plant.
func (s Situation) maximum(r row) string {
	switch r.instead {
	case "":
		return r.high
	case "cold":
		if s.Cold {
			return r.value
		}
	case "before2006":
		if s.EIAOn != "" && s.EIAOn < "2006-01-01" {
			return r.value
		}
	default:
		if len(s.Production) == 1 && s.Production[0] == r.instead {
			return r.value
		}
	}
	return r.high
}

// yield takes out of force what gives way to another standard that has a limit here.
func (s *Set) yield() {
	var standing []string
	for _, c := range s.Candidates {
		if c.Applies && c.Table != "" {
			standing = append(standing, tableOf(c.Table).standard)
		}
	}
	for i := range s.Candidates {
		c := &s.Candidates[i]
		if !c.Applies || c.Table == "" {
			continue
		}
		for _, other := range tableOf(c.Table).yieldsTo {
			if slices.Contains(standing, other) {
				c.Applies, c.Why = false, because("yields", "Standard", numberOf(other))
				break
			}
		}
	}
}

func tableOf(id string) *table {
	i := slices.IndexFunc(tables().tables, func(t *table) bool { return t.id == id })
	return tables().tables[i]
}

// numberOf is the official number of a standard.
func numberOf(standard string) string {
	i := slices.IndexFunc(tables().tables, func(t *table) bool { return t.standard == standard })
	return tables().tables[i].number
}

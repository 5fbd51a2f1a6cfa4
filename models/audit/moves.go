package audit

import (
	"strings"

	"parkregistry/internal/code"
)

// On names a measure that moves on another day than the one that its change is
// about: what falls due on a day is known long before.
func On(measure string, day code.Day) string { return measure + "@" + string(day) }

// Move is how one measure of a park moves on one day.
type Move struct {
	Measure string
	AboutOn code.Day
	N       int
}

// Moves are how a change moves the measures of its park, each on the day that it
// is about unless the measure names one of its own.
func (c *Change) Moves() []Move {
	all := make([]Move, 0, len(c.Counts.V))
	for name, n := range c.Counts.V {
		m := Move{name, c.AboutOn, n}
		if measure, day, own := strings.Cut(name, "@"); own {
			m.Measure, m.AboutOn = measure, code.Day(day)
		}
		all = append(all, m)
	}
	return all
}

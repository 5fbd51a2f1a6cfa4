package obligation

import (
	"parkregistry/internal/code"
	"parkregistry/internal/rhythm"
)

// Days are counted (code.Day.Number) while periods are laid out, and written as
// days again where people read them.

// The first and the last day that the registry takes.
var (
	firstDay = code.Day("2000-01-01").Number()
	lastDay  = code.Day("2100-12-31").Number()
)

// span is a stretch of days, both ends in it.
type span struct{ from, to int }

// within cuts the span to another one that it meets.
func (s span) within(o span) span { return span{max(s.from, o.from), min(s.to, o.to)} }

// grid is how a unit divides the calendar. Its periods meet end to end.
type grid struct {
	unit   rhythm.Unit
	every  int // 2 in once in two weeks
	anchor int // a day that begins a period, where the calendar alone does not say which
}

// period is the period of the grid that the day is in.
func (g grid) period(day int) span {
	every := max(g.every, 1)
	switch g.unit {
	case rhythm.Week:
		return blocks(day, monday(g.anchor), 7*every)
	case rhythm.TenDays:
		return tenDays(day)
	case rhythm.Month:
		return g.months(day, every)
	case rhythm.Quarter:
		return g.months(day, 3*every)
	case rhythm.HalfYear:
		return g.months(day, 6*every)
	case rhythm.Year:
		return g.months(day, 12*every)
	case rhythm.Day, rhythm.WorkDay:
		return blocks(day, g.anchor, every)
	default: // shifts and hours are told apart within their day
		return span{day, day}
	}
}

// monday is the Monday of the week that the day is in.
func monday(day int) int { return day - mod(day+3, 7) } // 1970-01-01 was a Thursday

func blocks(day, anchor, length int) span {
	from := day - mod(day-anchor, length)
	return span{from, from + length - 1}
}

// tenDays are the 旬: they begin on the 1st, the 11th and the 21st.
func tenDays(day int) span {
	y, m, d := code.CivilOf(day)
	switch {
	case d <= 10:
		return span{code.NumberOf(y, m, 1), code.NumberOf(y, m, 10)}
	case d <= 20:
		return span{code.NumberOf(y, m, 11), code.NumberOf(y, m, 20)}
	}
	return span{code.NumberOf(y, m, 21), code.NumberOf(y, m+1, 1) - 1}
}

// months are periods of n months. What divides the year begins in January; any
// other number is counted from the anchor's month or year.
func (g grid) months(day, n int) span {
	y, m, _ := code.CivilOf(day)
	at := 12*y + m - 1
	from := at - mod(at, n)
	if 12%n != 0 {
		ay, am, _ := code.CivilOf(g.anchor)
		first := 12*ay + am - 1
		if n%12 == 0 {
			first = 12 * ay
		}
		from = at - mod(at-first, n)
	}
	return span{code.NumberOf(0, from+1, 1), code.NumberOf(0, from+n+1, 1) - 1}
}

func mod(a, b int) int {
	r := a % b
	if r < 0 {
		r += b
	}
	return r
}

package progress

import (
	"context"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

// counted is what the summary adds up to: what is about days up to asOf and was known
// at the moment's number.
type counted struct {
	parks map[models.ID]*tally
	moved map[string]map[models.ID]*tally // what is about each month of the trend, as far as it goes
	trend []Month                         // the twelve months up to the day, all parks of the caller together
}

func (c *counted) of(park models.ID) *tally { return of(c.parks, park) }

// Month is where all parks together stood at the end of a month, or of the day asked about.
type Month struct {
	Month string // 2026-03
	AsOf  code.Day
	Counts
}

// months is how many a trend has.
const months = 12

// counts sums the summary for parks of the caller. What a sum is about runs up to the end of the year, less
// the months after the day's, less the days after it; and the same of what was known:
// so few rows are read that the cost does not grow with the years.
func (s *Service) counts(ctx context.Context, m moment, mine map[models.ID]bool) (counted, error) {
	c := counted{parks: map[models.ID]*tally{}, moved: map[string]map[models.ID]*tally{}, trend: monthsTo(m.asOf)}
	if m.Seq < 0 {
		return c, nil
	}
	a := sums{s: s, ctx: ctx, m: m, mine: mine, moved: c.moved}
	for _, part := range []func(*counted) error{a.years, a.monthsAfter, a.daysAfter, a.monthsLearnt, a.daysLearnt, a.recent, a.byMonth, a.later} {
		if err := part(&c); err != nil {
			return c, err
		}
	}
	c.accumulate()
	return c, nil
}

// sums adds up one report's counts, part by part.
type sums struct {
	s     *Service
	ctx   context.Context
	m     moment
	mine  map[models.ID]bool
	moved map[string]map[models.ID]*tally
}

func (a *sums) periods(span audit.Span) *gorm.DB {
	q := a.s.db.Visible(a.ctx, policies.ProgressRead, &audit.PeriodCount{}).Where("span = ? AND measure IN ?", span, shown)
	if !a.m.Newest { // everything is known
		q = q.Where("known_in <= ?", audit.Years.Of(a.m.On)+lastOf(span))
	}
	return q
}

// lastOf completes a year to its last period.
func lastOf(span audit.Span) string {
	if span == audit.Months {
		return "-12"
	}
	return ""
}

func (a *sums) days() *gorm.DB {
	return a.s.db.Visible(a.ctx, policies.ProgressRead, &audit.DayCount{}).Where("measure IN ?", shown)
}

// add adds sign times what a query sums to the parks.
func (a *sums) add(c *counted, q *gorm.DB, sign int64) error {
	var park models.ID
	var measure string
	var n int64
	return models.Read(q.Group("park_id, measure"), "park_id, measure, CAST(SUM(n) AS bigint)", []any{&park, &measure, &n}, func() error {
		c.of(park).add(measure, sign*n)
		return nil
	})
}

// addBy does the same by the month that it is about, for the trend as well.
func (a *sums) addBy(c *counted, q *gorm.DB, month string, sign int64) error {
	var park models.ID
	var measure, in string
	var n int64
	return models.Read(q.Group("park_id, measure, "+month), "park_id, measure, "+month+", CAST(SUM(n) AS bigint)", []any{&park, &measure, &in, &n}, func() error {
		c.of(park).add(measure, sign*n)
		a.in(in, park).add(measure, sign*n)
		return nil
	})
}

func (a *sums) in(month string, park models.ID) *tally {
	if a.moved[month] == nil {
		a.moved[month] = map[models.ID]*tally{}
	}
	return of(a.moved[month], park)
}

// monthOf is the month of a day in the database.
const monthOf = "SUBSTR(CAST(about_on AS text), 1, 7)"

// years are all that is about the day's year and those before it.
func (a *sums) years(c *counted) error {
	return a.add(c, a.periods(audit.Years).Where("about_in <= ?", audit.Years.Of(a.m.asOf)), 1)
}

// monthsAfter are those of the year that come after the day's.
func (a *sums) monthsAfter(c *counted) error {
	return a.add(c, a.periods(audit.Months).Where("about_in > ? AND about_in <= ?", a.m.asOf.Month(), audit.Years.Of(a.m.asOf)+"-12"), -1)
}

// daysAfter are those of the month that come after the day.
func (a *sums) daysAfter(c *counted) error {
	q := a.days().Where("about_on > ? AND about_on <= ?", a.m.asOf, lastDay(a.m.asOf))
	if !a.m.Newest {
		q = q.Where("known_on <= ?", lastDay(a.m.On))
	}
	return a.addBy(c, q, monthOf, -1)
}

// monthsLearnt were known later in the year than in the month of the moment.
func (a *sums) monthsLearnt(c *counted) error {
	if a.m.Newest {
		return nil
	}
	return a.add(c, a.periods(audit.Months).Where("known_in > ? AND about_in <= ?", a.m.On.Month(), a.m.asOf.Month()), -1)
}

// daysLearnt were known later in the month than on the day of the moment.
func (a *sums) daysLearnt(c *counted) error {
	if a.m.Newest {
		return nil
	}
	return a.addBy(c, a.days().Where("known_on > ? AND known_on <= ? AND about_on <= ?", a.m.On, lastDay(a.m.On), a.m.asOf), monthOf, -1)
}

// recent is what is about the last days.
func (a *sums) recent(c *counted) error {
	q := a.s.db.Visible(a.ctx, policies.ProgressRead, &audit.DayCount{}).Where("measure = ? AND about_on > ? AND about_on <= ?", ledger.MeasureFiled, a.m.asOf.Add(-Window), a.m.asOf)
	if !a.m.Newest {
		q = q.Where("known_on <= ?", a.m.On)
	}
	var park models.ID
	var n int64
	return models.Read(q.Group("park_id"), "park_id, CAST(SUM(n) AS bigint)", []any{&park, &n}, func() error {
		c.of(park).LedgersFiledRecent += n
		return nil
	})
}

// byMonth is what is about each month of the trend, all of it.
func (a *sums) byMonth(c *counted) error {
	if a.m.Newest {
		if done, err := a.kept(c.trend); done || err != nil {
			return err
		}
	}
	var park models.ID
	var month, measure string
	var n int64
	q := a.s.db.Visible(a.ctx, policies.ProgressRead, &audit.PeriodCount{}).
		Where("span = ? AND measure IN ? AND about_in >= ? AND about_in <= ?", audit.Months, shown, c.trend[0].Month, a.m.asOf.Month())
	if !a.m.Newest {
		q = q.Where("known_in <= ?", a.m.On.Month())
	}
	if err := models.Read(q.Group("about_in, park_id, measure"), "about_in, park_id, measure, CAST(SUM(n) AS bigint)", []any{&month, &park, &measure, &n}, func() error {
		a.in(month, park).add(measure, n)
		return nil
	}); err != nil {
		return err
	}
	return a.byEdge(c.trend)
}

// later takes off what was numbered later on the day of the moment's number: the
// counts of that day hold it already.
func (a *sums) later(c *counted) error {
	changes, err := a.s.audit.LaterThatDay(a.ctx, a.m.Knowledge)
	for _, change := range changes {
		if change.ParkID == nil || !a.mine[*change.ParkID] {
			continue
		}
		for _, move := range change.Moves() {
			if move.AboutOn > a.m.asOf {
				continue
			}
			n := int64(move.N)
			c.of(*change.ParkID).add(move.Measure, -n)
			a.in(move.AboutOn.Month(), *change.ParkID).add(move.Measure, -n)
			if move.Measure == ledger.MeasureFiled && move.AboutOn > a.m.asOf.Add(-Window) {
				c.of(*change.ParkID).LedgersFiledRecent -= n
			}
			if month, sign := edgeOf(move.AboutOn); sign != 0 && move.Measure == ledger.MeasureFiled {
				a.in(month, *change.ParkID).LedgersFiledRecent -= sign * n
			}
		}
	}
	return err
}

// lastDay is the last day of a day's month.
func lastDay(d code.Day) code.Day {
	first := code.Day(d.Month() + "-01")
	return code.Day(first.Add(31).Month() + "-01").Add(-1)
}

// monthsTo are the months of a trend up to a day, the last as far as the day.
func monthsTo(day code.Day) []Month {
	all := make([]Month, months)
	for i := months - 1; i >= 0; i-- {
		all[i] = Month{Month: day.Month(), AsOf: day}
		day = code.Day(day.Month() + "-01").Add(-1)
	}
	return all
}

// accumulate goes back from where the parks stand, month by month, less what is
// about the months after.
func (c *counted) accumulate() {
	var now tally
	for _, t := range c.parks {
		now.Counts.add(t.Counts)
	}
	for i := months - 1; i >= 0; i-- {
		var t tally
		for _, park := range c.moved[c.trend[i].Month] {
			t.Counts.add(park.Counts)
		}
		if c.trend[i].Counts = now.Counts; i < months-1 {
			c.trend[i].LedgersFiledRecent = t.LedgersFiled + t.LedgersFiledRecent // the month, and its edges
		}
		now.Counts.sub(t.Counts)
	}
}

// before is where each park stood at the end of a month of the trend: where it stands,
// less what is about the months after.
func (c *counted) before(month int) map[models.ID]*tally {
	out := make(map[models.ID]*tally, len(c.parks))
	for park, t := range c.parks {
		then := *t
		for _, after := range c.trend[month+1:] {
			if moved := c.moved[after.Month][park]; moved != nil {
				then.sub(*moved)
			}
		}
		then.LedgersFiledRecent = 0
		if of := c.moved[c.trend[month].Month][park]; of != nil {
			then.LedgersFiledRecent = of.LedgersFiled + of.LedgersFiledRecent
		}
		out[park] = &then
	}
	return out
}

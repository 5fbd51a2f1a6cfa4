package progress

import (
	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

// edgeOf is the month whose last thirty days are not that month itself because of the
// day: -1 for the first of a month of 31, which is none of them, +1 for the last of
// January, which are some of February's. With the sums by months the edges give what is
// about the last days of each month of a trend. "" for any other day.
func edgeOf(day code.Day) (month string, sign int64) {
	end := lastDay(day)
	if day < end.Add(1-Window) {
		return day.Month(), -1
	}
	if next := end.Add(1); day >= lastDay(next).Add(1-Window) {
		return next.Month(), 1
	}
	return "", 0
}

// edges are the days of which edgeOf says a month.
func edges(month string) []code.Day {
	var all []code.Day
	first := code.Day(month + "-01")
	from := lastDay(first).Add(1 - Window)
	for day := min(first, from); day < max(first, from); day = day.Add(1) {
		all = append(all, day)
	}
	return all
}

// byEdge is what is about the edges of the months of a trend; the last month may be
// unfinished and is counted by itself.
func (a *sums) byEdge(trend []Month) error {
	var days []code.Day
	for _, t := range trend[:months-1] {
		days = append(days, edges(t.Month)...)
	}
	q := a.s.db.Visible(a.ctx, policies.ProgressRead, &audit.DayCount{}).Where("measure = ? AND about_on IN ?", ledger.MeasureFiled, days)
	if !a.m.Newest {
		q = q.Where("known_on <= ?", a.m.On)
	}
	var park models.ID
	var day code.Day
	var n int64
	return models.Read(q.Group("about_on, park_id"), "about_on, park_id, CAST(SUM(n) AS bigint)", []any{&day, &park, &n}, func() error {
		month, sign := edgeOf(day)
		a.in(month, park).LedgersFiledRecent += sign * n
		return nil
	})
}

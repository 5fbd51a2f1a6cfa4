package audit

import (
	"cmp"
	"maps"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parkregistry/internal/code"
	"parkregistry/models"
)

// DayCount is how a measure of a park changed, by the day it is about and the
// day it was known. Additive in both, so any (asOf, knownAsOf) is one sum.
type DayCount struct {
	ParkID       models.ID `gorm:"primaryKey"`
	Measure      string    `gorm:"primaryKey"`
	AboutOn      code.Day  `gorm:"primaryKey"`
	KnownOn      code.Day  `gorm:"primaryKey"`
	Jurisdiction *string
	N            int64
}

// TableName implements gorm's Tabler.
func (DayCount) TableName() string { return "park_day_counts" }

// Scope implements models.Scoped.
func (DayCount) Scope() models.Scope {
	return models.ParkOnlyRows("park_day_counts", "park_id", "progress")
}

// Span is how long the periods of a PeriodCount are.
type Span string

// The spans.
const (
	Months Span = "month"
	Years  Span = "year"
)

func spans() []Span { return []Span{Months, Years} }

// Of is the period in which a day lies: 2026-03 or 2026.
func (s Span) Of(day code.Day) string {
	if s == Years {
		return string(day[:4])
	}
	return day.Month()
}

// PeriodCount is the sum of the day counts about a period that were known in a period:
// months by months and years by years. A sum over all days reads the years, and days
// and months only at its two ends, so that it costs the same after ten years (ADR 0028).
type PeriodCount struct {
	Span         Span      `gorm:"primaryKey"`
	AboutIn      string    `gorm:"primaryKey"`
	KnownIn      string    `gorm:"primaryKey"`
	ParkID       models.ID `gorm:"primaryKey"`
	Measure      string    `gorm:"primaryKey"`
	Jurisdiction *string
	N            int64
}

// TableName implements gorm's Tabler.
func (PeriodCount) TableName() string { return "park_period_counts" }

// Scope implements models.Scoped.
func (PeriodCount) Scope() models.Scope {
	return models.ParkOnlyRows("park_period_counts", "park_id", "progress")
}

// folded are the sums of some changes, by what they are kept under.
type folded struct {
	days    map[DayCount]int64    // N is 0, the jurisdiction apart
	periods map[PeriodCount]int64 // the same
	in      map[models.ID]*string // jurisdiction by park
}

// Fold adds the counts of changes, known on that day, to the summary.
func Fold(tx *models.Tx, changes []Change, known code.Day) error {
	f := folded{map[DayCount]int64{}, map[PeriodCount]int64{}, map[models.ID]*string{}}
	for _, c := range changes {
		if c.ParkID == nil {
			continue
		}
		f.in[*c.ParkID] = c.Jurisdiction
		for _, m := range c.Moves() {
			f.add(*c.ParkID, m, known)
		}
	}
	if len(f.days) == 0 {
		return nil
	}
	days, periods := f.rows()
	upsert := tx.Program().Session(&gorm.Session{CreateBatchSize: 500})
	if err := upsert.Clauses(adding("park_day_counts", "park_id", "measure", "about_on", "known_on")).Create(&days).Error; err != nil {
		return err
	}
	return upsert.Clauses(adding("park_period_counts", "span", "about_in", "known_in", "park_id", "measure")).Create(&periods).Error
}

func (f *folded) add(park models.ID, m Move, known code.Day) {
	f.days[DayCount{ParkID: park, Measure: m.Measure, AboutOn: m.AboutOn, KnownOn: known}] += int64(m.N)
	for _, s := range spans() {
		f.periods[PeriodCount{Span: s, AboutIn: s.Of(m.AboutOn), KnownIn: s.Of(known), ParkID: park, Measure: m.Measure}] += int64(m.N)
	}
}

// rows are in one order everywhere, so that two folds cannot lock each other out.
func (f *folded) rows() (days []DayCount, periods []PeriodCount) {
	for r := range maps.Keys(f.days) {
		n := f.days[r]
		r.Jurisdiction, r.N = f.in[r.ParkID], n
		days = append(days, r)
	}
	for r := range maps.Keys(f.periods) {
		n := f.periods[r]
		r.Jurisdiction, r.N = f.in[r.ParkID], n
		periods = append(periods, r)
	}
	slices.SortFunc(days, func(a, b DayCount) int {
		return cmp.Or(cmp.Compare(a.ParkID, b.ParkID), cmp.Compare(a.AboutOn, b.AboutOn), cmp.Compare(a.Measure, b.Measure))
	})
	slices.SortFunc(periods, func(a, b PeriodCount) int {
		return cmp.Or(cmp.Compare(a.Span, b.Span), cmp.Compare(a.ParkID, b.ParkID), cmp.Compare(a.AboutIn, b.AboutIn), cmp.Compare(a.Measure, b.Measure))
	})
	return days, periods
}

// adding adds to the rows that are there already.
func adding(table string, key ...string) clause.OnConflict {
	columns := make([]clause.Column, len(key))
	for i, name := range key {
		columns[i].Name = name
	}
	return clause.OnConflict{Columns: columns, DoUpdates: clause.Set{{Column: clause.Column{Name: "n"}, Value: gorm.Expr(table + ".n + excluded.n")}}}
}

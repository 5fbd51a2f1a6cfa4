package ledger

import (
	"context"
	"math/big"
	"strings"

	"gorm.io/gorm"

	"parkregistry/internal/fault"
)

// MostSummed is how many entries are added up; a longer list has to be narrowed first.
const MostSummed = 10_000

// Sums is what a list adds up to: all of its rows, not those of a page.
type Sums struct {
	Count      int64
	InTime     int64 // filed within the grace, whatever became of it
	Late       int64 // filed after it
	Backfilled int64 // of them those of long afterwards
	Returned   int64
	Exceeded   int64   // readings over their limits, of the entries that stand
	Figure     *Figure // of a list of one class: the sum over the entries that stand
}

// inForce keeps the entries whose last filing holds.
const inForce = "ledger_entries.state IN ('filed', 'accepted')"

// Sums adds up the entries that the filter leaves, as they are at one moment.
func (s *Service) Sums(ctx context.Context, f Filter) (Sums, error) {
	var out Sums
	if err := f.check(); err != nil {
		return out, err
	}
	err := s.db.Snapshot(ctx, func(ctx context.Context) error {
		narrow, err := s.knownAs(ctx, f)
		if err != nil {
			return err
		}
		rows := s.narrowed(ctx, f, narrow).Session(&gorm.Session{})
		if err := s.counts(&out, rows); err != nil {
			return err
		}
		out.Figure, err = s.figureOf(rows, f.Class)
		return err
	})
	return out, err
}

func (s *Service) counts(out *Sums, rows *gorm.DB) error {
	after := func(days int) string {
		return "SUM(CASE WHEN ledger_entries.filed_at IS NOT NULL AND " + filedAfter(s.db.Engine, days) + " AND " + keptAfter(s.db.Engine, days) + " THEN 1 ELSE 0 END)"
	}
	var sums struct{ Count, Filed, Late, Backfilled, Returned, Exceeded *int64 }
	err := rows.Select("COUNT(*) AS count, SUM(CASE WHEN ledger_entries.filed_at IS NOT NULL THEN 1 ELSE 0 END) AS filed, " +
		after(graceDays) + " AS late, " + after(backfillDays) + " AS backfilled, SUM(CASE WHEN ledger_entries.state = 'returned' THEN 1 ELSE 0 END) AS returned, " +
		"SUM(CASE WHEN " + inForce + " THEN (SELECT COUNT(*) FROM ledger_exceedances over WHERE over.entry_id = ledger_entries.id AND over.filing = ledger_entries.filings) ELSE 0 END) AS exceeded").
		Scan(&sums).Error
	if err != nil || sums.Filed == nil { // nothing to add up
		return err
	}
	*out = Sums{Count: *sums.Count, InTime: *sums.Filed - *sums.Late, Late: *sums.Late, Backfilled: *sums.Backfilled, Returned: *sums.Returned, Exceeded: *sums.Exceeded}
	return nil
}

// figureOf adds up the figure of the entries of a class; nil without one.
func (s *Service) figureOf(rows *gorm.DB, class string) (*Figure, error) {
	c, known := s.classes.Newest(class)
	field, has := c.Figure()
	if !known || !has {
		return nil, nil
	}
	var sums struct{ Whole, Rest *int64 } // apart, since the sum of what is kept × 10^6 could leave 64 bits
	err := rows.Where(inForce).Joins("JOIN ledger_filings shown ON shown.entry_id = ledger_entries.id AND shown.number = ledger_entries.filings").
		Joins("JOIN ledger_items figure ON figure.filing_id = shown.id AND figure.path = ?", "/"+field.Name).
		Select("SUM(figure.scaled / 1000000) AS whole, SUM(figure.scaled % 1000000) AS rest").Scan(&sums).Error
	if err != nil || sums.Whole == nil {
		return nil, err
	}
	return &Figure{fault.Label{Zh: field.LabelZh, En: field.LabelEn}, millionths(*sums.Whole, *sums.Rest), field.Unit}, nil
}

// millionths is whole + rest / 10^6 as a decimal without idle zeros.
func millionths(whole, rest int64) string {
	n := new(big.Int).Mul(big.NewInt(whole), big.NewInt(1e6))
	text := new(big.Rat).SetFrac(n.Add(n, big.NewInt(rest)), big.NewInt(1e6)).FloatString(6)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

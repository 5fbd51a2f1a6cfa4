package progress

import (
	"context"
	"slices"
	"sync"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

// filingClass is the class whose daily rhythm the filing rate looks at.
const filingClass = "treatmentFacility.wastewater"

// filedDay are the facilities that have an entry about a day.
type filedDay struct {
	day    code.Day
	filers map[models.ID]bool
}

// diary keeps the days that reports have looked at, as they were known at the newest
// number that a report has asked for. What is numbered later says which days it is
// about: only those are read anew, so that a report does not read thirty days of
// entries each time (ADR 0028).
type diary struct {
	mu    sync.Mutex
	seq   int64
	days  map[code.Day]map[models.ID]bool
	rates map[*cityDay]map[models.ID]ratio // what the works of all parks owe and have, worked out from the days as they are
}

// Beyond these it is cheaper to begin anew, and memory is bounded.
const (
	mostSince = 20_000 // changes
	mostDays  = 8 * Window
	mostRates = 24
)

// filingRates (D3) are the days that works owe, and of these the ones that have an entry,
// by park, about each of the days: what is not kept of all of them is read at once.
func (s *Service) filingRates(ctx context.Context, m moment, c *city, days []code.Day) ([]map[models.ID]ratio, error) {
	s.diary.mu.Lock()
	defer s.diary.mu.Unlock()
	windows, err := s.windows(ctx, m, days)
	if err != nil {
		return nil, err
	}
	out := make([]map[models.ID]ratio, len(days))
	for i, day := range days {
		of := c.on(day)
		if m.Seq < s.diary.seq { // a past number, worked out for itself
			out[i] = of.filed(windows[i])
			continue
		}
		if s.diary.rates == nil || len(s.diary.rates) >= mostRates && s.diary.rates[of] == nil {
			s.diary.rates = map[*cityDay]map[models.ID]ratio{}
		}
		if s.diary.rates[of] == nil {
			s.diary.rates[of] = of.filed(windows[i])
		}
		out[i] = s.diary.rates[of]
	}
	return out, nil
}

// filedBefore are the thirty days before a day, the oldest first, as they were known.
func (s *Service) filedBefore(ctx context.Context, m moment) ([]filedDay, error) {
	s.diary.mu.Lock()
	defer s.diary.mu.Unlock()
	windows, err := s.windows(ctx, m, []code.Day{m.asOf})
	if err != nil {
		return nil, err
	}
	return windows[0], nil
}

// windows are filedBefore each of the days for who holds the diary.
func (s *Service) windows(ctx context.Context, m moment, days []code.Day) ([][]filedDay, error) {
	all := make([][]filedDay, len(days))
	for i, asOf := range days {
		all[i] = make([]filedDay, Window)
		for n := range all[i] {
			all[i][n].day = asOf.Add(n - Window)
		}
	}
	d := &s.diary
	if d.days == nil || m.Seq-d.seq > mostSince || len(d.days) > mostDays {
		d.days, d.seq, d.rates = map[code.Day]map[models.ID]bool{}, m.Seq, nil
	}
	if m.Seq < d.seq { // a past number: of no use to the next report
		return all, s.read(ctx, m, all, map[code.Day]map[models.ID]bool{})
	}
	if err := s.forget(ctx, m); err != nil {
		return nil, err
	}
	return all, s.read(ctx, m, all, d.days)
}

// forget drops the days about which something was numbered since.
func (s *Service) forget(ctx context.Context, m moment) error {
	if m.Seq == s.diary.seq {
		return nil
	}
	program := policies.With(ctx, s.db.Policy.Program("progress"))
	var touched []code.Day
	if err := s.db.Visible(program, policies.ChangeRead, &audit.Change{}).Where("seq > ? AND seq <= ? AND object_kind = ?", s.diary.seq, m.Seq, "ledger").
		Distinct().Pluck("about_on", &touched).Error; err != nil {
		return err
	}
	for _, day := range touched {
		delete(s.diary.days, day)
		s.diary.rates = nil
	}
	s.diary.seq = m.Seq
	return nil
}

// read fills the windows from what is kept, and keeps what it has to read.
func (s *Service) read(ctx context.Context, m moment, windows [][]filedDay, kept map[code.Day]map[models.ID]bool) error {
	var missing []code.Day
	for _, window := range windows {
		for _, w := range window {
			if kept[w.day] == nil {
				missing = append(missing, w.day)
			}
		}
	}
	slices.Sort(missing) // windows of short months overlap
	missing = slices.Compact(missing)
	if len(missing) > 0 {
		found, err := s.filers(ctx, m, missing)
		if err != nil {
			return err
		}
		for _, day := range missing {
			if kept[day] = found[day]; kept[day] == nil {
				kept[day] = map[models.ID]bool{}
			}
		}
	}
	for _, window := range windows {
		for i := range window {
			window[i].filers = kept[window[i].day]
		}
	}
	return nil
}

// filers reads the facilities that have an entry of daily operation, filed or accepted,
// by day.
func (s *Service) filers(ctx context.Context, m moment, days []code.Day) (map[code.Day]map[models.ID]bool, error) {
	out := map[code.Day]map[models.ID]bool{}
	var facility *models.ID
	var day code.Day
	q := s.filings(ctx, m).Where("day BETWEEN ? AND ?", slices.Min(days), slices.Max(days)).Group("day, facility_id")
	if slices.Max(days).Sub(slices.Min(days)) != len(days)-1 { // some between are kept
		q = q.Where("day IN ?", days)
	}
	return out, models.Read(q, "day, facility_id", []any{&day, &facility}, func() error {
		if out[day] == nil {
			out[day] = map[models.ID]bool{}
		}
		if facility != nil {
			out[day][*facility] = true
		}
		facility = nil
		return nil
	})
}

// filings are the entries of daily operation that stood as filed or accepted.
func (s *Service) filings(ctx context.Context, m moment) *gorm.DB {
	ctx = policies.With(ctx, s.db.Policy.Program("progress"))
	q := s.db.Visible(ctx, policies.LedgerRead, &ledger.Entry{}).Where("class = ?", filingClass)
	return ledger.StoodAs(q, m.Knowledge, ledger.Filed, ledger.Accepted)
}

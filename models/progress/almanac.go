package progress

import (
	"context"
	"maps"
	"slices"
	"sync"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

// almanac keeps what is about each month that a trend has shown, its edges included, by park, as it was known
// at the newest number that a report has asked for. A year of months is most of the rows
// that a report of everything known would read; what is numbered later carries its own
// moves, so that only those are added (ADR 0028).
type almanac struct {
	mu     sync.Mutex
	seq    int64
	months map[string]map[models.ID]*tally
}

// mostMonths bounds what is kept: the trends of reports about some years.
const mostMonths = 10 * months

// kept adds what is about the months of a trend for parks of the caller; false for a
// number before the one that is kept, which is of no use to it.
func (a *sums) kept(trend []Month) (bool, error) {
	k := &a.s.almanac
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.months == nil || a.m.Seq-k.seq > mostSince || len(k.months) > mostMonths {
		k.months, k.seq = map[string]map[models.ID]*tally{}, a.m.Seq
	}
	if a.m.Seq < k.seq {
		return false, nil
	}
	program := policies.With(a.ctx, a.s.db.Policy.Program("progress"))
	if err := a.s.turn(program, k, a.m.Seq); err != nil {
		return false, err
	}
	if err := a.s.open(program, k, trend); err != nil {
		return false, err
	}
	for _, t := range trend {
		for park, n := range k.months[t.Month] {
			if a.mine[park] {
				a.in(t.Month, park).plus(*n)
			}
		}
	}
	return true, nil
}

// turn brings what is kept up to a number.
func (s *Service) turn(ctx context.Context, k *almanac, seq int64) error {
	if seq == k.seq {
		return nil
	}
	var since []audit.Change
	if err := s.db.Visible(ctx, policies.ChangeRead, &audit.Change{}).Where("seq > ? AND seq <= ? AND park_id IS NOT NULL", k.seq, seq).
		Select("park_id", "about_on", "counts").Find(&since).Error; err != nil {
		return err
	}
	for _, change := range since {
		for _, move := range change.Moves() {
			if month := k.months[move.AboutOn.Month()]; month != nil {
				of(month, *change.ParkID).add(move.Measure, int64(move.N))
			}
			if name, sign := edgeOf(move.AboutOn); move.Measure == ledger.MeasureFiled && k.months[name] != nil {
				of(k.months[name], *change.ParkID).LedgersFiledRecent += sign * int64(move.N)
			}
		}
	}
	k.seq = seq
	return nil
}

// open reads the months that are not kept yet.
func (s *Service) open(ctx context.Context, k *almanac, trend []Month) error {
	read, days := map[string]map[models.ID]*tally{}, []code.Day{}
	for _, t := range trend {
		if k.months[t.Month] == nil {
			read[t.Month] = map[models.ID]*tally{}
			days = append(days, edges(t.Month)...)
		}
	}
	if len(read) == 0 {
		return nil
	}
	var park models.ID
	var month, measure string
	var n int64
	q := s.db.Visible(ctx, policies.ProgressRead, &audit.PeriodCount{}).Where("span = ? AND measure IN ? AND about_in IN ?", audit.Months, shown, slices.Sorted(maps.Keys(read)))
	if err := models.Read(q.Group("about_in, park_id, measure"), "about_in, park_id, measure, CAST(SUM(n) AS bigint)", []any{&month, &park, &measure, &n}, func() error {
		of(read[month], park).add(measure, n)
		return nil
	}); err != nil {
		return err
	}
	if err := s.openEdges(ctx, read, days); err != nil {
		return err
	}
	maps.Copy(k.months, read)
	return nil
}

// openEdges reads what is about the edges of months that are being read.
func (s *Service) openEdges(ctx context.Context, read map[string]map[models.ID]*tally, days []code.Day) error {
	if len(days) == 0 {
		return nil
	}
	var park models.ID
	var day code.Day
	var n int64
	q := s.db.Visible(ctx, policies.ProgressRead, &audit.DayCount{}).Where("measure = ? AND about_on IN ?", ledger.MeasureFiled, days)
	return models.Read(q.Group("about_on, park_id"), "about_on, park_id, CAST(SUM(n) AS bigint)", []any{&day, &park, &n}, func() error {
		month, sign := edgeOf(day)
		of(read[month], park).LedgersFiledRecent += sign * n
		return nil
	})
}

func of(parks map[models.ID]*tally, park models.ID) *tally {
	if parks[park] == nil {
		parks[park] = &tally{}
	}
	return parks[park]
}

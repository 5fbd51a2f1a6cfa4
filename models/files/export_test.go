package files

import "context"

// SweepDay is a day of hourly sweeps within one moment.
func (s *Service) SweepDay(ctx context.Context) (int, error) {
	removed, err := s.Sweep(ctx)
	for hour := range 24 {
		if err != nil {
			return removed, err
		}
		var n int
		n, err = s.sweepHour(ctx, s.db.Now(), hour)
		removed += n
	}
	return removed, err
}

package progress

import (
	"context"
	"slices"
)

// Course is the report and, before it, what it is at the end of each of the months before,
// the oldest first: n in all, each of the same register and as it is known at the same
// number, so that what is drawn of them never mixes two states of the log.
func (s *Service) Course(ctx context.Context, q Question, n int) ([]Report, error) {
	var all []Report
	err := s.db.Snapshot(ctx, func(ctx context.Context) error {
		r, err := s.Report(ctx, q)
		if err != nil {
			return err
		}
		all = []Report{r}
		ends := monthsTo(r.AsOf)
		for _, m := range slices.Backward(ends[len(ends)-min(n, len(ends)) : len(ends)-1]) {
			then := Question{AsOf: m.AsOf}
			if r.KnownSeq >= 0 {
				then.KnownSeq = &r.KnownSeq
			}
			if r, err = s.Report(ctx, then); err != nil {
				return err
			}
			all = append(all, r)
		}
		slices.Reverse(all)
		return nil
	})
	return all, err
}

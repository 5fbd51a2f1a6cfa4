package progress

import (
	"context"

	"parkregistry/policies"
)

// Course is the report and, before it, what it is at the end of each of the months before,
// the oldest first: n in all, at most as many as a trend has, each of the same register and
// as it is known at the same number, so that what is drawn of them never mixes two states
// of the log. Only the last has a trend. What they share is read once: six months cost
// little more than one.
func (s *Service) Course(ctx context.Context, q Question, n int) (all []Report, err error) {
	if err := policies.Require(ctx, policies.ProgressRead); err != nil {
		return nil, err
	}
	return all, s.db.Snapshot(ctx, func(ctx context.Context) error {
		m, err := s.moment(ctx, q)
		if err != nil {
			return err
		}
		all, err = s.standings(ctx, m, n)
		return err
	})
}

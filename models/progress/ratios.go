package progress

import (
	"context"

	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/policies"
)

// Ratios are the two numbers of each item that the registry computes, by metric and park.
type Ratios map[string]map[models.ID]assessment.Ratio

// Ratios computes every computed item of every park of the caller, whatever a district
// has verified. Denied without progress.read; Invalid for what has not come yet.
func (s *Service) Ratios(ctx context.Context, q Question) (Ratios, error) {
	out := Ratios{}
	if err := policies.Require(ctx, policies.ProgressRead); err != nil {
		return nil, err
	}
	err := s.db.Snapshot(ctx, func(ctx context.Context) error {
		m, err := s.moment(ctx, q)
		if err != nil {
			return err
		}
		mine, err := s.mine(ctx)
		if err != nil {
			return err
		}
		c, err := s.cityAt(ctx, m.Seq)
		if err != nil {
			return err
		}
		counted, err := s.counts(ctx, m, mine)
		if err != nil {
			return err
		}
		all, err := s.ratios(ctx, m, c, counted.parks)
		for metric, parks := range all {
			out[metric] = map[models.ID]assessment.Ratio{}
			for park, r := range parks {
				if mine[park] {
					out[metric][park] = assessment.Ratio{N: r.N, D: r.D}
				}
			}
		}
		return err
	})
	return out, err
}

package progress

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/assessment"
)

// Measure is what the registry computes about one park on a day, by metric: the
// ratios that an assessment takes.
func (s *Service) Measure(ctx context.Context, park models.ID, asOf code.Day) (map[string]assessment.Ratio, error) {
	out := map[string]assessment.Ratio{}
	err := s.db.Snapshot(ctx, func(ctx context.Context) error {
		m, err := s.moment(ctx, Question{AsOf: asOf})
		if err != nil {
			return err
		}
		c, err := s.cityAt(ctx, m.Seq)
		if err != nil {
			return err
		}
		mine := map[models.ID]bool{park: true}
		counted, err := s.counts(ctx, m, mine)
		if err != nil {
			return err
		}
		all, err := s.ratios(ctx, m, c, counted.parks)
		for metric, parks := range all {
			out[metric] = assessment.Ratio{N: parks[park].N, D: parks[park].D}
		}
		return err
	})
	return out, err
}

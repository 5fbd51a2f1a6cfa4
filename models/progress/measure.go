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
	all, err := s.ratios(ctx, asOf)
	out := make(map[string]assessment.Ratio, len(all))
	for metric, parks := range all {
		out[metric] = assessment.Ratio{N: parks[park].N, D: parks[park].D}
	}
	return out, err
}

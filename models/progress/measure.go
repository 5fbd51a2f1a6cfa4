package progress

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/inspection"
	"parkregistry/models/obligation"
	"parkregistry/policies"
)

// Days that the ratios of a park by itself look back, up to the day before.
const (
	patrolDays   = 90
	measuredDays = 365
)

// Measures are the ratios that an assessment takes of one park: those of the report, and
// those that follow from its wordings and walks and would cost a report of all parks more
// than everything else in it.
type Measures struct {
	Reports *Service
	Duties  *obligation.Service
	Walks   *inspection.Service
}

// Measure is what the registry computes about one park on a day, by metric. Whoever
// asks, the answer is the registry's: who may see an assessment may see its figures.
func (m Measures) Measure(ctx context.Context, park models.ID, asOf code.Day) (map[string]assessment.Ratio, error) {
	ctx = policies.With(ctx, m.Reports.db.Policy.Program("assessment"))
	out, err := m.Reports.measure(ctx, park, asOf)
	if err != nil {
		return nil, err
	}
	last := asOf.Add(-1)
	done, planned, err := m.Walks.RoundsDone(ctx, park, asOf.Add(-patrolDays), last)
	if err != nil {
		return nil, err
	}
	w, err := m.Duties.Watched(ctx, park, asOf.Add(-measuredDays), last)
	out[assessment.MetricPatrols] = assessment.Ratio{N: done, D: planned}
	out[assessment.MetricMonitoring] = assessment.Ratio{N: w.Made, D: w.Required}
	out[assessment.MetricWorkshops] = assessment.Ratio{N: w.WorkshopsMade, D: w.WorkshopsRequired}
	return out, err
}

// measure are the ratios of the report.
func (s *Service) measure(ctx context.Context, park models.ID, asOf code.Day) (map[string]assessment.Ratio, error) {
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

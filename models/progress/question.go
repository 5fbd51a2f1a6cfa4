package progress

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/models/audit"
)

// Question is what a report is asked for.
type Question = audit.Question

// moment is a question resolved.
type moment struct {
	asOf code.Day
	audit.Knowledge
}

// moment resolves a question, inside the snapshot that answers it.
func (s *Service) moment(ctx context.Context, q Question) (moment, error) {
	m, err := s.audit.Moment(ctx, q)
	return moment{m.AsOf, m.Knowledge}, err
}

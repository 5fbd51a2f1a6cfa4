package audit

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
)

// Question is a day that something is asked about, and what was known: a day or an
// instant of knowing becomes the last number of the log given by then; a number may be
// asked for at once. "" and nil are today and the newest number.
type Question struct {
	AsOf      code.Day
	KnownAsOf string
	KnownSeq  *int64
}

// Moment is a question resolved.
type Moment struct {
	AsOf code.Day
	Knowledge
}

// Moment resolves a question against the log, inside the snapshot that answers it; what
// is to come is neither about anything nor known.
func (s *Service) Moment(ctx context.Context, q Question) (m Moment, err error) {
	var c fault.Check
	today := s.db.Today()
	if m.AsOf = q.AsOf; m.AsOf == "" {
		m.AsOf = today
	}
	if m.AsOf > today {
		c.Cite("/query/asOf", "future", "", string(q.AsOf), "截止日期不能晚于今天（{{.Today}}）", "Today", string(today))
	}
	m.Knowledge, err = s.Asked(ctx, &c, q.KnownAsOf, q.KnownSeq)
	return m, err
}

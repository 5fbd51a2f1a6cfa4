package progress

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models/audit"
)

// Question is what a report is asked for: a day, and what was known. A day or an
// instant of knowing becomes the last number of the log given by then; a number may
// be asked for at once. "" and nil are today and the newest number.
type Question struct {
	AsOf      code.Day
	KnownAsOf string
	KnownSeq  *int64
}

// moment is a question resolved.
type moment struct {
	asOf code.Day
	audit.Knowledge
}

// moment resolves a question against the log, inside the snapshot that answers it; what
// is to come is neither about anything nor known.
func (s *Service) moment(ctx context.Context, q Question) (m moment, err error) {
	var c fault.Check
	today := s.db.Today()
	if m.asOf = q.AsOf; m.asOf == "" {
		m.asOf = today
	}
	if m.asOf > today {
		c.Cite("/query/asOf", "future", "", string(q.AsOf), "截止日期不能晚于今天（{{.Today}}）", "Today", string(today))
	}
	m.Knowledge, err = s.audit.Asked(ctx, &c, q.KnownAsOf, q.KnownSeq)
	return m, err
}

package progress

import (
	"context"
	"time"

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

// check reads the question; what is to come is neither about anything nor known.
func (q Question) check(now time.Time) (day code.Day, knownBefore time.Time, err error) {
	var c fault.Check
	today := code.DayOf(now)
	if day = q.AsOf; day == "" {
		day = today
	}
	if day > today {
		c.Cite("/query/asOf", "future", "", string(q.AsOf), "截止日期不能晚于今天（{{.Today}}）", "Today", string(today))
	}
	_, knownBefore = audit.Instant(&c, "/query/knownAsOf", q.KnownAsOf, now)
	if q.KnownAsOf != "" && q.KnownSeq != nil {
		c.Fail("/query/knownSeq", "both", "knownAsOf 和 knownSeq 只填一个")
	}
	return day, knownBefore, c.Err()
}

// moment resolves a question against the log, inside the snapshot that answers it.
func (s *Service) moment(ctx context.Context, q Question) (moment, error) {
	day, before, err := q.check(s.db.Now())
	m := moment{asOf: day}
	if err != nil {
		return m, err
	}
	seq := q.KnownSeq
	if q.KnownAsOf != "" {
		by, err := s.audit.KnownBy(ctx, before.Add(-time.Second))
		if err != nil {
			return m, err
		}
		seq = &by
	}
	if m.Knowledge, err = s.audit.At(ctx, seq); err != nil {
		return m, err
	}
	if q.KnownSeq != nil && *q.KnownSeq > m.Seq {
		var c fault.Check
		c.Cite("/query/knownSeq", "future", "", *q.KnownSeq, "最新的变更序号是 {{.Newest}}", "Newest", m.Seq)
		return m, c.Err()
	}
	return m, nil
}

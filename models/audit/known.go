package audit

import (
	"context"
	"time"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// KnownBy is the last number that was given by an instant, -1 when none was.
func (s *Service) KnownBy(ctx context.Context, at time.Time) (int64, error) {
	high, err := s.Known(ctx)
	if err != nil {
		return -1, err
	}
	low := int64(-1)
	for low < high { // numbers have no gaps and were given in the order of time
		middle := low + (high-low+1)/2
		c, err := s.numbered(ctx, middle)
		if err != nil {
			return -1, err
		}
		if c.SealedAt.After(at) {
			high = middle - 1
		} else {
			low = middle
		}
	}
	return low, nil
}

// longestWrite is longer than any transaction lives on either engine.
const longestWrite = 10 * time.Minute

// UntouchedBefore is an instant before which no change was made that has a number
// above seq, or none yet: a row that nobody wrote since then stands as it was
// known at seq. Nil when everything is known.
func (s *Service) UntouchedBefore(ctx context.Context, seq int64) (*time.Time, error) {
	newest, err := s.Known(ctx)
	if err != nil {
		return nil, err
	}
	return s.untouched(ctx, seq, seq >= newest)
}

func (s *Service) untouched(ctx context.Context, seq int64, newest bool) (*time.Time, error) {
	program := policies.With(ctx, s.db.Policy.Program("known"))
	var at time.Time
	if !newest {
		// A round numbers what waits in the order of time: only a transaction that was
		// still open then can have begun earlier.
		next, err := s.numbered(ctx, seq+1)
		if err != nil {
			return nil, err
		}
		at = next.At
	} else {
		var waiting []Change
		err := s.db.Visible(program, policies.ChangeRead, &Change{}).Select("at").Where("seq IS NULL").Order("at, id").Limit(1).Find(&waiting).Error
		if err != nil || len(waiting) == 0 {
			return nil, err
		}
		at = waiting[0].At
	}
	at = at.Add(-longestWrite)
	return &at, nil
}

// numbered is the change of a number, with its instants.
func (s *Service) numbered(ctx context.Context, seq int64) (Change, error) {
	ctx = policies.With(ctx, s.db.Policy.Program("known"))
	var c Change
	return c, models.One(s.db.Visible(ctx, policies.ChangeRead, &Change{}).Select("at", "sealed_at").Where("seq = ?", seq), &c)
}

// Asked resolves what was known as somebody asks for it: a day or an instant, a number,
// or neither, which is the newest. Violations go into c, with those that are there
// already.
func (s *Service) Asked(ctx context.Context, c *fault.Check, knownAsOf string, knownSeq *int64) (Knowledge, error) {
	_, before := Instant(c, "/query/knownAsOf", knownAsOf, s.db.Now())
	if knownAsOf != "" && knownSeq != nil {
		c.Fail("/query/knownSeq", "both", "knownAsOf 和 knownSeq 只填一个")
	}
	if err := c.Err(); err != nil {
		return Knowledge{}, err
	}
	seq := knownSeq
	if knownAsOf != "" {
		by, err := s.KnownBy(ctx, before.Add(-time.Second))
		if err != nil {
			return Knowledge{}, err
		}
		seq = &by
	}
	k, err := s.At(ctx, seq)
	if err == nil && knownSeq != nil && *knownSeq > k.Seq {
		c.Cite("/query/knownSeq", "future", "", *knownSeq, "最新的变更序号是 {{.Newest}}", "Newest", k.Seq)
		err = c.Err()
	}
	return k, err
}

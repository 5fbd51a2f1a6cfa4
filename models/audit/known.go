package audit

import (
	"context"
	"time"

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

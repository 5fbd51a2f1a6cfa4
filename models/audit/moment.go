package audit

import (
	"context"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/policies"
)

// Instant is a day, which means its end at UTC+8, or an instant as somebody asks for
// it, and the first instant after what happened by then; "" is now. Nothing that is
// to come is known.
func Instant(c *fault.Check, pointer, raw string, now time.Time) (at, before time.Time) {
	at, before = now, now.Add(time.Second)
	if raw == "" {
		return at, before
	}
	asked := fault.Parse(c, pointer, raw, dayOrInstant)
	switch today := code.DayOf(now); {
	case c.Has(pointer), asked.end.After(today.End()):
		if !c.Has(pointer) {
			c.Cite(pointer, "future", "", raw, "截止日期不能晚于今天（{{.Today}}）", "Today", string(today))
		}
	case asked.end.Before(before): // otherwise today is not over, and it is now
		at, before = asked.at, asked.end
	}
	return at, before
}

// asked is a day or an instant with the first instant after it.
type asked struct{ at, end time.Time }

func dayOrInstant(s string) (asked, error) {
	if len(s) == len("2026-01-31") {
		d, err := code.ParseDay(s)
		if err != nil {
			return asked{}, err
		}
		return asked{d.End().UTC(), d.End().UTC()}, nil
	}
	at, err := code.ParseInstant(s)
	return asked{at, at.Add(time.Second)}, err
}

// Knowledge is what was known: the changes up to a number of the log.
type Knowledge struct {
	Seq       int64      // -1 while nothing was numbered
	On        code.Day   // the day on which Seq was given, "" for -1
	Newest    bool       // no later number has been given
	Untouched *time.Time // what nobody wrote since stands as it was known; nil when everything is known
}

// At is the knowledge at a number of the log, the newest for nil. Whoever sums or
// lists with it does so in the same snapshot of the database.
func (s *Service) At(ctx context.Context, seq *int64) (Knowledge, error) {
	newest, err := s.Known(ctx)
	k := Knowledge{Seq: newest, Newest: true}
	if err != nil {
		return k, err
	}
	if seq != nil && *seq < newest {
		k.Seq, k.Newest = *seq, false
	}
	if k.Untouched, err = s.UntouchedBefore(ctx, k.Seq); err != nil || k.Seq < 0 {
		return k, err
	}
	c, err := s.numbered(ctx, k.Seq)
	if err == nil {
		k.On = code.DayOf(*c.SealedAt)
	}
	return k, err
}

// LaterThatDay are the changes that were numbered after Seq on the day on which it
// was given, as far as they count: the counts of that day hold them already.
func (s *Service) LaterThatDay(ctx context.Context, k Knowledge) ([]Change, error) {
	if k.Newest || k.Seq < 0 {
		return nil, nil
	}
	ctx = policies.With(ctx, s.db.Policy.Program("known"))
	var all []Change
	q := s.db.Visible(ctx, policies.ChangeRead, &Change{}).Where("seq > ? AND sealed_at < ?", k.Seq, k.On.End().UTC())
	return all, q.Select("park_id", "about_on", "counts").Find(&all).Error
}

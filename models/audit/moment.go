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
	newest, err := s.newest(ctx)
	k := Knowledge{Seq: -1, Newest: true}
	if err != nil {
		return k, err
	}
	at := newest
	if newest.Seq != nil {
		k.Seq = *newest.Seq
	}
	if seq != nil && *seq < k.Seq {
		k.Seq, k.Newest = *seq, false
		if k.Seq >= 0 {
			if at, err = s.numbered(ctx, k.Seq); err != nil {
				return k, err
			}
		}
	}
	if k.Seq >= 0 {
		k.On = code.DayOf(*at.SealedAt)
	}
	k.Untouched, err = s.untouched(ctx, k.Seq, k.Newest)
	return k, err
}

// newest is the change with the last number that was given; none has Seq nil.
func (s *Service) newest(ctx context.Context) (Change, error) {
	ctx = policies.With(ctx, s.db.Policy.Program("known"))
	var all []Change
	err := s.db.Visible(ctx, policies.ChangeRead, &Change{}).Select("seq", "sealed_at").Where("seq IS NOT NULL").Order("seq DESC").Limit(1).Find(&all).Error
	if err != nil || len(all) == 0 {
		return Change{}, err
	}
	return all[0], nil
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

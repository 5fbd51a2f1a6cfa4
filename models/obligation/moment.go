package obligation

import (
	"context"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
)

// Moment is the instant asked about, and what was known when it is answered.
type Moment struct {
	AsOf     code.Day  // the day asked about
	At       time.Time // its end, or the instant itself, or now
	KnownSeq int64     // number of the last change that counts, -1 for none
	known    *int64    // KnownSeq when a known time is asked for; nil for everything that is known now
	before   time.Time // what happened earlier counts: an instant counts with its own second
}

// past reports whether entries may have moved since.
func (m Moment) past(now time.Time) bool { return !m.before.After(now) || m.known != nil }

// MomentInput is a moment as it is asked for: a day, which means its end at
// UTC+8, or an instant; "" is now.
type MomentInput struct{ AsOf, KnownAsOf string }

// parse reads both; nothing that is to come is known.
func (in MomentInput) parse(now time.Time) (m Moment, knownBefore time.Time, err error) {
	var c fault.Check
	m.At, m.before = instant(&c, "/query/asOf", in.AsOf, now)
	_, known := instant(&c, "/query/knownAsOf", in.KnownAsOf, now)
	m.AsOf = code.DayOf(m.before.Add(-time.Second)) // the end of a day belongs to it
	return m, known, c.Err()
}

// instant is an instant asked for, and the first one after what happened by then.
func instant(c *fault.Check, pointer, raw string, now time.Time) (at, before time.Time) {
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

// moment resolves what is asked for against the log.
func (s *Service) moment(ctx context.Context, in MomentInput) (Moment, error) {
	m, before, err := in.parse(s.db.Now())
	if err != nil {
		return m, err
	}
	if in.KnownAsOf == "" {
		m.KnownSeq, err = s.log.Known(ctx)
		return m, err
	}
	if m.KnownSeq, err = s.log.KnownBy(ctx, before.Add(-time.Second)); err != nil {
		return m, err
	}
	m.known = &m.KnownSeq
	return m, nil
}

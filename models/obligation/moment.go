package obligation

import (
	"context"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models/audit"
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
// UTC+8, or an instant; "" is now. What was known may be asked for by a number as well.
type MomentInput struct {
	AsOf, KnownAsOf string
	KnownSeq        *int64
}

// parse reads both; nothing that is to come is known.
func (in MomentInput) parse(now time.Time) (m Moment, knownBefore time.Time, err error) {
	var c fault.Check
	m.At, m.before = audit.Instant(&c, "/query/asOf", in.AsOf, now)
	_, known := audit.Instant(&c, "/query/knownAsOf", in.KnownAsOf, now)
	m.AsOf = code.DayOf(m.before.Add(-time.Second)) // the end of a day belongs to it
	return m, known, c.Err()
}

// moment resolves what is asked for against the log.
func (s *Service) moment(ctx context.Context, in MomentInput) (Moment, error) {
	m, before, err := in.parse(s.db.Now())
	if err != nil {
		return m, err
	}
	switch {
	case in.KnownSeq != nil:
		k, err := s.log.At(ctx, in.KnownSeq)
		m.KnownSeq, m.known = k.Seq, &k.Seq
		return m, err
	case in.KnownAsOf == "":
		m.KnownSeq, err = s.log.Known(ctx)
		return m, err
	}
	if m.KnownSeq, err = s.log.KnownBy(ctx, before.Add(-time.Second)); err != nil {
		return m, err
	}
	m.known = &m.KnownSeq
	return m, nil
}

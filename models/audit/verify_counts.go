package audit

import (
	"cmp"
	"context"
	"slices"
	"unique"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// tally is what the leaves add up to, by park, measure, day that it is about and day
// on which it became known, and by the months and years of both: what the sequencer has
// folded (ADR 0008).
type tally struct {
	sums     map[tallyKey]int64
	among    map[unique.Handle[string]][]string // the jurisdictions that leaves of a park name
	numbered int64                              // leaves added
}

type tallyKey struct{ park, measure, about, known unique.Handle[string] }

func newTally() tally {
	return tally{sums: map[tallyKey]int64{}, among: map[unique.Handle[string]][]string{}}
}

func keyOf(park models.ID, measure, about, known string) tallyKey {
	return tallyKey{unique.Make(string(park)), unique.Make(measure), unique.Make(about), unique.Make(known)}
}

func (t *tally) add(c *Change) {
	t.numbered++
	if c.ParkID == nil || c.SealedAt == nil {
		return
	}
	for _, m := range c.Moves() {
		known := code.DayOf(*c.SealedAt)
		k := keyOf(*c.ParkID, m.Measure, string(m.AboutOn), string(known))
		t.sums[k] += int64(m.N)
		for _, s := range spans() {
			t.sums[keyOf(*c.ParkID, m.Measure, s.Of(m.AboutOn), s.Of(known))] += int64(m.N)
		}
		if among := models.Deref(c.Jurisdiction); !slices.Contains(t.among[k.park], among) {
			t.among[k.park] = append(t.among[k.park], among)
		}
	}
}

// counts holds the counts of the parks against the sums of the leaves, with what was
// numbered since the walk.
func (v *verifier) counts(ctx context.Context) error {
	return v.ofOneMoment(ctx, "park_day_counts", func(ctx context.Context) error {
		var since []Change
		q := v.db.Visible(ctx, policies.ChangeRead, &Change{}).Select("park_id", "jurisdiction", "about_on", "counts", "sealed_at")
		if err := q.Where("seq >= ?", v.tally.numbered).Find(&since).Error; err != nil {
			return err
		}
		for i := range since {
			v.tally.add(&since[i])
		}
		parks, err := v.parks(ctx)
		if err != nil {
			return err
		}
		for park, now := range parks {
			if err := v.countsOf(ctx, park, now); err != nil {
				return err
			}
		}
		for _, k := range v.tally.left() {
			v.badCount(k.table(), k, v.tally.sums[k], 0)
		}
		for table, model := range map[string]models.Scoped{"park_day_counts": &DayCount{}, "park_period_counts": &PeriodCount{}} {
			var stored int64
			if err := v.db.Visible(ctx, policies.ProgressRead, model).Count(&stored).Error; err != nil {
				return err
			}
			if stored != v.report.Rows[table] {
				v.bad(table, "", nil, "有按日计数不属于任何园区")
			}
		}
		return nil
	})
}

// countsOf holds the counts of one park, whose jurisdiction is now, against the leaves.
func (v *verifier) countsOf(ctx context.Context, park models.ID, now string) error {
	var days []DayCount
	if err := v.db.Visible(ctx, policies.ProgressRead, &DayCount{}).Where("park_id = ?", park).Find(&days).Error; err != nil {
		return err
	}
	for _, r := range days {
		v.sum("park_day_counts", keyOf(r.ParkID, r.Measure, string(r.AboutOn), string(r.KnownOn)), r.N, models.Deref(r.Jurisdiction), now)
	}
	var periods []PeriodCount
	if err := v.db.Visible(ctx, policies.ProgressRead, &PeriodCount{}).Where("park_id = ?", park).Find(&periods).Error; err != nil {
		return err
	}
	for _, r := range periods {
		k := keyOf(r.ParkID, r.Measure, r.AboutIn, r.KnownIn)
		if r.Span != k.span() {
			v.badCount("park_period_counts", k, v.tally.sums[k], 0)
		}
		v.sum("park_period_counts", k, r.N, models.Deref(r.Jurisdiction), now)
	}
	v.report.Rows["park_day_counts"] += int64(len(days))
	v.report.Rows["park_period_counts"] += int64(len(periods))
	return nil
}

// span is that of a key of periods.
func (k tallyKey) span() Span {
	for _, s := range spans() {
		if len(k.about.Value()) == len(s.Of("2026-01-31")) {
			return s
		}
	}
	return ""
}

// table is the one that keeps the sum.
func (k tallyKey) table() string {
	if k.span() == "" {
		return "park_day_counts"
	}
	return "park_period_counts"
}

// sum holds one stored count against the sum of the leaves; now is the jurisdiction
// that its park has.
func (v *verifier) sum(table string, k tallyKey, got int64, in, now string) {
	n, there := v.tally.sums[k]
	delete(v.tally.sums, k)
	if !there || n != got {
		v.badCount(table, k, n, got)
	}
	// A job brings the jurisdiction of the park to its counts; until then it is one that leaves name.
	if in != now && !slices.Contains(v.tally.among[k.park], in) {
		v.bad(table, models.ID(k.park.Value()), nil, "按日计数的管辖区不是园区的")
	}
}

func (v *verifier) badCount(table string, k tallyKey, want, got int64) {
	if v.report.Bad == nil {
		v.report.Bad = &Bad{table, models.ID(k.park.Value()), nil, fault.T("{{.Measure}} 在 {{.About}}（{{.Known}} 得知）的计数是 {{.Got}}，由存证推算应为 {{.Want}}",
			"Measure", k.measure.Value(), "About", k.about.Value(), "Known", k.known.Value(), "Got", got, "Want", want)}
	}
}

// left are the sums that no stored count has taken, in one order.
func (t *tally) left() []tallyKey {
	var all []tallyKey
	for k := range t.sums {
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b tallyKey) int {
		return cmp.Or(cmp.Compare(a.park.Value(), b.park.Value()), cmp.Compare(a.about.Value(), b.about.Value()), cmp.Compare(a.measure.Value(), b.measure.Value()), cmp.Compare(a.known.Value(), b.known.Value()))
	})
	return all
}

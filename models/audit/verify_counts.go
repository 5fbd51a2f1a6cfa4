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
// on which it became known: what the sequencer has folded (ADR 0008).
type tally struct {
	sums     map[tallyKey]int64
	among    map[unique.Handle[string]][]string // the jurisdictions that leaves of a park name
	numbered int64                              // leaves added
}

type tallyKey struct{ park, measure, about, known unique.Handle[string] }

func newTally() tally {
	return tally{sums: map[tallyKey]int64{}, among: map[unique.Handle[string]][]string{}}
}

func keyOf(park models.ID, measure string, about, known code.Day) tallyKey {
	return tallyKey{unique.Make(string(park)), unique.Make(measure), unique.Make(string(about)), unique.Make(string(known))}
}

func (t *tally) add(c *Change) {
	t.numbered++
	if c.ParkID == nil || c.SealedAt == nil {
		return
	}
	for _, m := range c.Moves() {
		k := keyOf(*c.ParkID, m.Measure, m.AboutOn, code.DayOf(*c.SealedAt))
		t.sums[k] += int64(m.N)
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
		seen := int64(0)
		for park, now := range parks {
			var rows []DayCount
			if err := v.db.Visible(ctx, policies.ProgressRead, &DayCount{}).Where("park_id = ?", park).Find(&rows).Error; err != nil {
				return err
			}
			for _, row := range rows {
				v.dayCount(row, now)
			}
			seen += int64(len(rows))
		}
		for _, k := range v.tally.left() {
			v.badCount(k, v.tally.sums[k], 0)
		}
		var stored int64
		if err := v.db.Visible(ctx, policies.ProgressRead, &DayCount{}).Count(&stored).Error; err != nil {
			return err
		}
		if v.report.Rows["park_day_counts"] = seen; stored != seen {
			v.bad("park_day_counts", "", nil, "有按日计数不属于任何园区")
		}
		return nil
	})
}

// dayCount holds one stored count against the sum of the leaves; now is the
// jurisdiction that its park has.
func (v *verifier) dayCount(row DayCount, now string) {
	k := keyOf(row.ParkID, row.Measure, row.AboutOn, row.KnownOn)
	n, there := v.tally.sums[k]
	delete(v.tally.sums, k)
	if !there || n != row.N {
		v.badCount(k, n, row.N)
	}
	// A job brings the jurisdiction of the park to its counts; until then it is one that leaves name.
	if in := models.Deref(row.Jurisdiction); in != now && !slices.Contains(v.tally.among[k.park], in) {
		v.bad("park_day_counts", row.ParkID, nil, "按日计数的管辖区不是园区的")
	}
}

func (v *verifier) badCount(k tallyKey, want, got int64) {
	if v.report.Bad == nil {
		v.report.Bad = &Bad{"park_day_counts", models.ID(k.park.Value()), nil, fault.T("{{.Measure}} 在 {{.About}}（{{.Known}} 得知）的计数是 {{.Got}}，由存证推算应为 {{.Want}}",
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

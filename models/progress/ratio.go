package progress

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// ratio is the two numbers of one item of one park.
type ratio struct {
	ParkID models.ID
	N      int64
	D      int64
}

// results puts the computed items of a park in the order of the checklist.
func results(list assessment.Checklist, ratios map[string]map[models.ID]ratio, park models.ID) []Result {
	var out []Result
	for _, i := range list.Items {
		if !i.Computed() {
			continue
		}
		r := Result{Item: i, Numerator: ratios[i.Metric][park].N, Denominator: ratios[i.Metric][park].D}
		if r.Applies() {
			r.Earned, r.Full = i.Earned(r.Numerator, r.Denominator)
		}
		out = append(out, r)
	}
	return out
}

// ratios computes every computed item of every park of the city, each from what the
// register said and what was counted.
func (s *Service) ratios(ctx context.Context, m moment, c *city, counted map[models.ID]*tally) (map[string]map[models.ID]ratio, error) {
	closed := map[models.ID]ratio{}
	for park, t := range counted {
		closed[park] = ratio{ParkID: park, N: t.inTime, D: t.due}
	}
	filed, err := s.filingRate(ctx, m, c)
	return map[string]map[models.ID]ratio{assessment.MetricFindings: closed, assessment.MetricPermits: c.permitted(m.asOf), assessment.MetricOutlets: c.coded(m.asOf),
		assessment.MetricLedgers: filed}, err
}

// tell counts one more of a park's ratio.
func tell(of map[models.ID]ratio, park models.ID, met bool) {
	r := of[park]
	r.ParkID, r.D = park, r.D+1
	if met {
		r.N++
	}
	of[park] = r
}

// permitted (C4): sites of dischargers, and of these the ones with a permit or a
// registration that was valid on the day.
func (c *city) permitted(day code.Day) map[models.ID]ratio {
	out := map[models.ID]ratio{}
	c.dischargers(day, func(site said[registry.SiteFields], valid bool) { tell(out, site.park(), valid) })
	return out
}

// dischargers calls yield with each site of a discharger that was there on the day,
// and whether it had a valid permit.
func (c *city) dischargers(day code.Day, yield func(site said[registry.SiteFields], valid bool)) {
	for _, site := range c.sites {
		firm := c.firms[models.Deref(site[0].Place.EnterpriseID)]
		if !site.there(day) || len(firm) == 0 {
			continue
		}
		if f, _ := firm.on(day); f.Discharges {
			yield(site, c.valid(site.id(), day))
		}
	}
}

// valid reports whether a site had a permit or a registration on the day. Its days
// are facts about the world: the newest word on them counts for the past too.
func (c *city) valid(site models.ID, day code.Day) bool {
	return slices.ContainsFunc(c.permits[site], func(p said[registry.BookPermit]) bool {
		then, _ := p.on(day)
		days := p.newest()
		stands := then.State == "" || then.State == "issued" || then.State == "changed" || then.State == "registered"
		return stands && days.IssuedOn <= day && days.ValidTo >= day && (p.closedOn() == "" || p.closedOn() > day)
	})
}

// coded (D2): outlets, and of these the ones with a code of HJ 608.
func (c *city) coded(day code.Day) map[models.ID]ratio {
	out := map[models.ID]ratio{}
	c.outletsOn(day, func(o said[registry.BookOutlet], coded bool) { tell(out, o.park(), coded) })
	return out
}

// outletsOn calls yield with each outlet that was there on the day, and whether it had
// a code.
func (c *city) outletsOn(day code.Day, yield func(o said[registry.BookOutlet], coded bool)) {
	for _, o := range c.outlets {
		if o.there(day) {
			then, _ := o.on(day)
			yield(o, then.Code != "")
		}
	}
}

// filingClass is the class whose daily rhythm the filing rate looks at.
const filingClass = "treatmentFacility.wastewater"

// works is a treatment facility for wastewater and the days on which it owes an entry.
type works struct {
	said[registry.BookFacility]
	from, to code.Day
}

func (w works) days() int64 { return int64(w.to.Sub(w.from) + 1) }

// owing are the works in use on the day (HJ 944-2018: one entry of daily operation a
// day), each with those of the thirty days before that it was there.
func (c *city) owing(day code.Day) []works {
	var out []works
	for _, f := range c.facilities {
		then, _ := f.on(day)
		if !f.there(day) || !then.InUse || then.Kind != "treatment" && then.Kind != "central" || code.FacilityCode(then.Code).Medium() != "water" {
			continue
		}
		first := f.newest().BuiltOn
		if first == "" {
			first = code.DayOf(f[0].Since)
		}
		if w := (works{f, max(first, day.Add(-Window)), day.Add(-1)}); w.days() > 0 {
			out = append(out, w)
		}
	}
	return out
}

// filingRate (D3): the days that works owe, and of these the ones that have an entry.
func (s *Service) filingRate(ctx context.Context, m moment, c *city) (map[models.ID]ratio, error) {
	filed, err := s.filedDays(ctx, m)
	if err != nil {
		return nil, err
	}
	out := map[models.ID]ratio{}
	for _, w := range c.owing(m.asOf) {
		of := filed[w.id()]
		if of.first != "" && of.first < w.from { // entries from before it was built
			if of.days, err = s.filedSince(ctx, m, w); err != nil {
				return nil, err
			}
		}
		r := out[w.park()]
		r.ParkID, r.N, r.D = w.park(), r.N+of.days, r.D+w.days()
		out[w.park()] = r
	}
	return out, nil
}

// filedDays are of a facility how many of the thirty days have an entry, and the first that has.
type filedDays struct {
	days  int64
	first code.Day
}

func (s *Service) filedDays(ctx context.Context, m moment) (map[models.ID]filedDays, error) {
	out := map[models.ID]filedDays{}
	var facility *models.ID
	var of filedDays
	err := models.Read(s.filings(ctx, m).Where("day BETWEEN ? AND ?", m.asOf.Add(-Window), m.asOf.Add(-1)).Group("facility_id"),
		"facility_id, COUNT(DISTINCT day), MIN(day)", []any{&facility, &of.days, &of.first}, func() error {
			if facility != nil {
				out[*facility] = of
			}
			facility = nil
			return nil
		})
	return out, err
}

// filedSince counts the days of one works that have an entry.
func (s *Service) filedSince(ctx context.Context, m moment, w works) (n int64, err error) {
	err = s.filings(ctx, m).Where("facility_id = ? AND day BETWEEN ? AND ?", w.id(), w.from, w.to).Select("COUNT(DISTINCT day)").Scan(&n).Error
	return n, err
}

// filings are the entries of daily operation that stood as filed or accepted.
func (s *Service) filings(ctx context.Context, m moment) *gorm.DB {
	ctx = policies.With(ctx, s.db.Policy.Program("progress"))
	q := s.db.Visible(ctx, policies.LedgerRead, &ledger.Entry{}).Where("class = ?", filingClass)
	return ledger.StoodAs(q, m.Knowledge, ledger.Filed, ledger.Accepted)
}

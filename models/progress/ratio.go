package progress

import (
	"context"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/registry"
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
		if !i.Reported() {
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

// ratios computes every computed item of every park, each from what the register said
// and what was counted.
func (s *Service) ratios(ctx context.Context, m moment, c *city, counted map[models.ID]*tally) (map[string]map[models.ID]ratio, error) {
	filed, err := s.filingRates(ctx, m, c, []code.Day{m.asOf})
	if err != nil {
		return nil, err
	}
	return ratiosOf(c.on(m.asOf), counted, filed[0]), nil
}

// ratiosOf are those of a day.
func ratiosOf(day *cityDay, counted map[models.ID]*tally, filed map[models.ID]ratio) map[string]map[models.ID]ratio {
	closed := map[models.ID]ratio{}
	for park, t := range counted {
		closed[park] = ratio{ParkID: park, N: t.inTime, D: t.due}
	}
	return map[string]map[models.ID]ratio{assessment.MetricFindings: closed, assessment.MetricPermits: day.permitted, assessment.MetricFiles: day.whole, assessment.MetricOutlets: day.coded,
		assessment.MetricLedgers: filed}
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
func (c *city) permitted(at when) map[models.ID]ratio {
	out := map[models.ID]ratio{}
	c.dischargers(at, func(site said[registry.SiteFields]) { tell(out, site.park(), c.valid(site.id(), at)) })
	return out
}

// whole (D1): sites of dischargers, and of these the ones of which the register has a
// permit or a registration, a facility and an outlet.
func (c *city) whole(at when) map[models.ID]ratio {
	out := map[models.ID]ratio{}
	c.dischargers(at, func(site said[registry.SiteFields]) { tell(out, site.park(), c.complete(site.id(), at)) })
	return out
}

// complete reports whether the register had the file of a site on the day. A permit that
// has run out is in the file; whether it is valid is another item.
func (c *city) complete(site models.ID, at when) bool {
	return slices.ContainsFunc(c.permits[site], func(p said[registry.BookPermit]) bool {
		then, _ := p.on(at)
		return p.there(at) && then.State != "applied"
	}) && slices.ContainsFunc(c.works[site], func(f said[registry.BookFacility]) bool { return f.there(at) }) &&
		slices.ContainsFunc(c.drains[site], func(o said[registry.BookOutlet]) bool { return o.there(at) })
}

// dischargers calls yield with each site of a discharger that was there on the day.
func (c *city) dischargers(at when, yield func(site said[registry.SiteFields])) {
	for _, site := range c.sites {
		firm := c.firms[models.Deref(site[0].Place.EnterpriseID)]
		if !site.there(at) || len(firm) == 0 {
			continue
		}
		if f, _ := firm.on(at); f.Discharges {
			yield(site)
		}
	}
}

// valid reports whether a site had a permit or a registration on the day. Its days
// are facts about the world: the newest word on them counts for the past too.
func (c *city) valid(site models.ID, at when) bool {
	return slices.ContainsFunc(c.permits[site], func(p said[registry.BookPermit]) bool {
		then, _ := p.on(at)
		days, day := p.newest(), at.day
		stands := then.State == "" || then.State == "issued" || then.State == "changed" || then.State == "registered"
		return stands && days.IssuedOn <= day && days.ValidTo >= day && (p.closedOn() == "" || p.closedOn() > day)
	})
}

// coded (D2): outlets, and of these the ones with a code of HJ 608.
func (c *city) coded(at when) map[models.ID]ratio {
	out := map[models.ID]ratio{}
	c.outletsOn(at, func(o said[registry.BookOutlet], coded bool) { tell(out, o.park(), coded) })
	return out
}

// outletsOn calls yield with each outlet that was there on the day, and whether it had
// a code.
func (c *city) outletsOn(at when, yield func(o said[registry.BookOutlet], coded bool)) {
	for _, o := range c.outlets {
		if o.there(at) {
			then, _ := o.on(at)
			yield(o, then.Code != "")
		}
	}
}

// works is a treatment facility for wastewater and the days on which it owes an entry.
type works struct {
	said[registry.BookFacility]
	from, to code.Day
}

// owing are the works in use on the day (HJ 944-2018: one entry of daily operation a
// day), each with those of the thirty days before that it was there.
func (c *city) owing(at when) []works {
	var out []works
	first, last := at.day.Add(-Window), at.day.Add(-1)
	for _, f := range c.facilities {
		then, _ := f.on(at)
		if !f.there(at) || !then.InUse || then.Kind != "treatment" && then.Kind != "central" || code.FacilityCode(then.Code).Medium() != "water" {
			continue
		}
		built := f.newest().BuiltOn
		if built == "" {
			built = code.DayOf(f[0].Since)
		}
		if w := (works{f, max(built, first), last}); w.from <= w.to {
			out = append(out, w)
		}
	}
	return out
}

// on calls yield with each day that the works owe, and whether it has an entry.
func (w works) on(window []filedDay, yield func(day code.Day, filed bool)) {
	for _, d := range window {
		if d.day >= w.from && d.day <= w.to {
			yield(d.day, d.filers[w.id()])
		}
	}
}

// filed counts by park the days that works owe, and of these the ones that have an entry.
func (d *cityDay) filed(window []filedDay) map[models.ID]ratio {
	out := map[models.ID]ratio{}
	for _, w := range d.owing {
		r := out[w.park()]
		r.ParkID = w.park()
		w.on(window, func(_ code.Day, filed bool) {
			r.D++
			if filed {
				r.N++
			}
		})
		out[w.park()] = r
	}
	return out
}

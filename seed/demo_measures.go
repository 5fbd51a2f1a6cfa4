package seed

import (
	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
)

// measured is what the registry computed about a park on a day, from the rows of the
// city: what an assessment took then.
func (c *city) measured(p *registry.Park, day code.Day) map[string]assessment.Ratio {
	return map[string]assessment.Ratio{
		assessment.MetricFindings: c.closedInTime(p.ID, day), assessment.MetricPermits: c.sitesPermitted(p.ID, day),
		assessment.MetricFiles: c.filesComplete(p.ID, day), assessment.MetricOutlets: c.coded(p.ID, day), assessment.MetricLedgers: c.filed(p.ID, day),
	}
}

func tell(r *assessment.Ratio, met bool) {
	r.D++
	if met {
		r.N++
	}
}

func (c *city) closedInTime(park models.ID, day code.Day) (r assessment.Ratio) {
	for _, f := range c.rounds.findings {
		if f.ParkID == park && f.DueOn != nil && *f.DueOn <= day && f.State != inspection.Withdrawn {
			tell(&r, f.ClosedOn != nil && *f.ClosedOn <= *f.DueOn && *f.ClosedOn <= day)
		}
	}
	return r
}

// thereOn reports whether a row of the register had begun and not ended on the day.
func thereOn(v models.Versioned, closing registry.Closing, day code.Day) bool {
	return v.CreatedAt.Before(day.End()) && (closing.ClosedOn == nil || *closing.ClosedOn > day)
}

func (c *city) sitesPermitted(park models.ID, day code.Day) (r assessment.Ratio) {
	valid := map[models.ID]bool{}
	for _, x := range c.permits {
		if x.SiteID != nil && x.IssuedOn <= day && x.ValidTo >= day && thereOn(models.Versioned{}, x.Closing, day) {
			valid[*x.SiteID] = true
		}
	}
	for _, s := range c.dischargersOn(park, day) {
		tell(&r, valid[s])
	}
	return r
}

// dischargersOn are the sites of a park whose firms discharge.
func (c *city) dischargersOn(park models.ID, day code.Day) (sites []models.ID) {
	discharges := map[models.ID]bool{}
	for _, e := range c.enterprises {
		discharges[e.ID] = e.Discharges
	}
	for _, s := range c.sites {
		if s.ParkID == park && discharges[models.Deref(s.EnterpriseID)] && thereOn(s.Versioned, s.Closing, day) {
			sites = append(sites, s.ID)
		}
	}
	return sites
}

// filesComplete counts the sites of which the register has a permit or a registration, a
// facility and an outlet.
func (c *city) filesComplete(park models.ID, day code.Day) (r assessment.Ratio) {
	permits, works, outlets := map[models.ID]bool{}, map[models.ID]bool{}, map[models.ID]bool{}
	for _, x := range c.permits {
		if x.SiteID != nil && x.State != "applied" && thereOn(x.Versioned, x.Closing, day) {
			permits[*x.SiteID] = true
		}
	}
	for _, x := range c.facilities {
		if x.SiteID != nil && thereOn(x.Versioned, x.Closing, day) {
			works[*x.SiteID] = true
		}
	}
	for _, x := range c.outlets {
		if x.SiteID != nil && thereOn(x.Versioned, x.Closing, day) {
			outlets[*x.SiteID] = true
		}
	}
	for _, s := range c.dischargersOn(park, day) {
		tell(&r, permits[s] && works[s] && outlets[s])
	}
	return r
}

func (c *city) coded(park models.ID, day code.Day) (r assessment.Ratio) {
	for _, o := range c.outlets {
		if o.ParkID == park && thereOn(o.Versioned, o.Closing, day) {
			tell(&r, o.Code != "")
		}
	}
	return r
}

// filed counts the daily ledgers of the works for wastewater over thirty days.
func (c *city) filed(park models.ID, day code.Day) (r assessment.Ratio) {
	from, to := day.Add(-30), day.Add(-1)
	for _, f := range c.facilities {
		if f.ParkID != park || f.Medium != "water" || !f.InUse || f.Kind != "treatment" && f.Kind != "central" || !thereOn(f.Versioned, f.Closing, day) {
			continue
		}
		first := code.DayOf(f.CreatedAt)
		if f.BuiltOn != nil {
			first = *f.BuiltOn
		}
		r.D += int64(max(0, to.Sub(max(first, from))+1))
	}
	type shift struct {
		facility models.ID
		day      code.Day
	}
	days := map[shift]bool{}
	for i := range c.book.entries {
		e := &c.book.entries[i]
		if e.ParkID == park && e.Class == "treatmentFacility.wastewater" && from <= e.Day && e.Day <= to && e.FiledAt != nil && e.FiledAt.Before(day.End()) && (e.State == ledger.Filed || e.State == ledger.Accepted) {
			days[shift{models.Deref(e.FacilityID), e.Day}] = true
		}
	}
	r.N = min(int64(len(days)), r.D)
	return r
}

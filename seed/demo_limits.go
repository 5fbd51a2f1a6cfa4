package seed

import (
	"fmt"
	"maps"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
)

// approve makes up when a firm's EIA was approved: one in four before 2012-09-01,
// so that both tables of the plating standard are met.
func (c *city) approve(n int, f *firm) {
	f.approved = f.from.Add(-c.between(60, 700))
	if n%4 == 2 && f.from < c.start {
		f.approved = code.Day("2012-08-31").Add(-c.between(0, 1400))
	}
	f.approval = fmt.Sprintf("示例环批〔%d〕%d号", yearOf(f.approved), n)
}

// total is the firm's total outlet, which goes to a sewage works of the city.
func (f *firm) total(park, site, facility string) registry.OutletInput {
	return registry.OutletInput{ParkID: park, SiteID: site, FacilityID: facility, Code: "DW001", Kind: discharge.Total, Name: "示例废水总排放口", Regime: discharge.Indirect, Destination: "市政污水管网",
		ReceivingPlant: "示例污水处理厂", Receiver: discharge.Municipal, Production: f.sector.production, EIANumber: f.approval, EIAApprovedOn: string(f.approved)}
}

// workshop is where class-I metals are controlled.
func (f *firm) workshop(park, site, facility string) registry.OutletInput {
	in := f.total(park, site, facility)
	in.Code, in.Kind, in.Name, in.Destination, in.ReceivingPlant = "DW002", discharge.Workshop, "示例车间排放口", "进入厂内综合处理", "示例厂内处理设施"
	return in
}

// permitted states in a permit the limits of the official tables, at each outlet
// for what is measured there.
func (c *city) permitted(f *firm, in *registry.PermitInput) {
	state := func(outlet registry.OutletInput, pollutant string) {
		o, err := outlet.Parse()
		c.fail("outlet", err)
		o.Jurisdiction = f.park.Jurisdiction
		set := discharge.Decide(o.Situation(), pollutant, code.Day(in.IssuedOn), nil)
		l := registry.PermitLimit{Outlet: o.Code, Pollutant: pollutant, Kind: "daily"}
		for _, x := range set.Candidates { // of a range, the last that is in force has the higher lower end
			if x.InForce {
				l.Minimum, l.Unit = x.Minimum, x.Unit
				if l.Maximum == "" {
					l.Maximum = x.Maximum
				}
			}
		}
		if l.Maximum != "" {
			in.Limits = append(in.Limits, l)
			in.Monitoring = append(in.Monitoring, registry.MonitoringRule{Outlet: o.Code, Pollutant: pollutant, Text: "1次/月"})
		}
	}
	park, site := string(f.park.ID), string(f.site.ID)
	for _, p := range f.sector.measured {
		state(f.total(park, site, ""), p)
	}
	if f.sector.metal != "" {
		state(f.workshop(park, site, ""), f.sector.metal)
	}
}

// stricter records what an approval asks beyond the standard: three quarters of
// the COD that the tables allow.
func (c *city) stricter(f *firm, o *registry.Outlet) {
	for _, x := range discharge.Decide(o.Situation(), "w01018", c.anchor, nil).Candidates {
		if !x.InForce {
			continue
		}
		q, err := code.ParseQuantity(x.Maximum)
		c.fail("limit", err)
		l, err := registry.LimitInput{Pollutant: "w01018", Maximum: code.Decimal(q.Scaled / 4 * 3), Unit: x.Unit, Basis: "eia", Standard: f.approval, ValidFrom: string(max(f.approved, "2000-01-01"))}.Parse()
		c.fail("limit", err)
		l.ID, l.OutletID, l.CreatedAt = c.id(o.CreatedAt), o.ID, o.CreatedAt
		c.limits = append(c.limits, l)
		c.change(l.Added(*o), c.id(o.CreatedAt), f.actor, o.CreatedAt)
	}
}

// judge settles what readings at each outlet are judged by, once permits and limits
// are there.
func (c *city) judge() {
	c.book.sets = map[string]ledger.LimitSet{}
	permits := values(c.permits)
	for _, w := range c.works {
		w.limits = c.groundsAt(w.outlet, permits, w.sector.measured)
		if w.workshop != nil {
			maps.Copy(w.limits, c.groundsAt(w.workshop, permits, []string{w.sector.metal}))
		}
	}
	for _, w := range c.gasWorks {
		c.groundsAt(w.outlet, permits, nil)
	}
}

// groundsAt keeps the grounds at an outlet and gives the limits in force there.
func (c *city) groundsAt(o *registry.Outlet, permits []registry.Permit, pollutants []string) map[string]discharge.Candidate {
	recorded := registry.RecordedAt(*o, c.limits, permits)
	c.grounds[o.ID] = ledger.GroundsOf(*o, recorded)
	out := map[string]discharge.Candidate{}
	for _, p := range pollutants {
		for _, x := range discharge.Decide(o.Situation(), p, c.anchor, recorded).Candidates {
			if _, known := out[p]; x.InForce && !known {
				out[p] = x
			}
		}
	}
	return out
}

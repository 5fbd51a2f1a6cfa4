package seed

import (
	"fmt"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// works is a wastewater facility that keeps a daily ledger.
type works struct {
	desk
	facility *registry.Facility
	outlet   *registry.Outlet
	workshop *registry.Outlet // nil where there is none
	sector   sector
	since    code.Day  // the first day of its ledger
	stopped  *stopping // nil for one that never stops
	capacity int       // m3/d
	firm     *firm     // nil for the park's own

	limits map[string]discharge.Candidate // the one in force, by pollutant; of class I at the workshop outlet
}

// wholeYear is how many firms' works keep a ledger for the whole year, most of
// them in the two parks that have accounts; the rest was built in its last weeks.
// More would be truer and would not load in time.
const wholeYear = 15

// yearly is how many of them may stand in one park.
func yearly(park string) int {
	switch park {
	case "SZ-01":
		return 8
	case "SZ-02":
		return 4
	}
	return 1
}

// makeWorks gives the firms their permits, facilities, outlets and streams.
func (c *city) makeWorks() {
	years, wet := 0, 0
	inPark := map[string]int{}
	for i, f := range c.firms {
		if f.gone {
			continue
		}
		class := f.row.PermitClass
		permitted := class == "key" || class == "simplified"
		// Three in five treat their water themselves; the others send it to the park's works.
		f.treats = permitted && f.sector.wet && (i == 0 || i%5 < 3)
		f.year = f.treats && f.from < c.start && years < c.size(wholeYear) && inPark[f.park.Code] < c.size(yearly(f.park.Code))
		if f.year {
			years++
			inPark[f.park.Code]++
		}
		if f.treats && !f.year {
			wet++
			f.inShifts = wet%shiftsEach == 0
		}
		if class != "none" {
			c.makePermit(i, f)
		}
		c.makeProduction(f)
		switch {
		case f.treats:
			c.makeTreatment(f)
		case permitted && !f.sector.wet:
			c.makeAir(f)
		}
	}
}

// shiftsEach: one in so many of the new works keeps its ledger by the shift.
const shiftsEach = 8

// shifts are the shifts of such works.
var shifts = []string{"白班", "夜班"}

func (c *city) makeProduction(f *firm) {
	for n := range c.between(1, 2) {
		in := registry.FacilityInput{ParkID: string(f.park.ID), SiteID: string(f.site.ID), Code: fmt.Sprintf("MF%04d", n+1), Kind: "production", Name: fmt.Sprintf("示例%s生产线%d", f.sector.word, n+1),
			Capacity: fmt.Sprint(c.between(1, 40)), CapacityUnit: "t/d", BuiltOn: string(f.from), InUse: !c.chance(8), Operation: "batch"}
		row, err := in.Parse()
		c.fail("facility", err)
		row.Versioned, row.Placed, row.Demo = c.fresh(f.at), f.site.Place(), true
		c.addFacility(&row, f.actor, f.at)
	}
}

// makeAir gives a firm its works for waste gas, which were fitted in the last
// months and have a record a week.
func (c *city) makeAir(f *firm) {
	built := max(c.anchor.Add(-c.between(40, 110)), f.from)
	in := registry.FacilityInput{ParkID: string(f.park.ID), SiteID: string(f.site.ID), Code: "TA001", Kind: "treatment", Name: "示例有机废气治理设施", Capacity: fmt.Sprint(c.between(5, 60) * 1000),
		CapacityUnit: "m3/h", Process: "活性炭吸附", BuiltOn: string(built), InUse: true}
	row, err := in.Parse()
	c.fail("facility", err)
	row.Versioned, row.Placed, row.Demo = c.fresh(f.at), f.site.Place(), true
	c.addFacility(&row, f.actor, f.at)
	w := &gasWorks{desk: c.desk(f), facility: &row, since: built}
	c.gasWorks = append(c.gasWorks, w)
	w.outlet = c.addOutlet(registry.OutletInput{ParkID: string(f.park.ID), SiteID: string(f.site.ID), FacilityID: string(row.ID), Code: "DA001", Kind: discharge.Air, Name: "示例废气排放口", Regime: "none"},
		f.site.Place(), f.actor, f.at)
}

// makeTreatment gives a firm its own wastewater works. One that keeps a ledger of
// the whole year stood before it began.
func (c *city) makeTreatment(f *firm) {
	built := c.anchor.Add(-c.between(10, 35))
	if f.year {
		built = c.start.Add(-c.between(30, 900))
	}
	built = max(built, f.from)
	f.actor = c.people.firm(f, false)
	at := c.at(built, 14)
	if at.Before(f.at) {
		at = f.at
	}
	capacity := c.between(4, 60) * 10
	in := registry.FacilityInput{ParkID: string(f.park.ID), SiteID: string(f.site.ID), Code: "TW001", Kind: "treatment", Name: "示例综合废水处理设施", Capacity: fmt.Sprint(capacity), CapacityUnit: "m3/d",
		Process: "物化＋生化", Supplier: "示例环境工程有限公司", BuiltOn: string(built), InUse: true, Operation: "continuous"}
	if f.inShifts {
		in.Shifts = shifts
	}
	row, err := in.Parse()
	c.fail("facility", err)
	row.Versioned, row.Placed, row.Demo = c.fresh(at), f.site.Place(), true
	c.addFacility(&row, f.actor, at)
	f.desk = c.desk(f)
	w := &works{desk: f.desk, facility: &row, sector: f.sector, since: max(built, f.from, c.start), capacity: capacity, firm: f}
	park, site, facility := string(f.park.ID), string(f.site.ID), string(row.ID)
	w.outlet = c.addOutlet(f.total(park, site, facility), f.site.Place(), f.actor, at)
	if f.sector.metal != "" {
		w.workshop = c.addOutlet(f.workshop(park, site, facility), f.site.Place(), f.actor, at)
	}
	if len(c.works)%3 == 0 {
		c.stricter(f, w.outlet)
	}
	c.addOutlet(registry.OutletInput{ParkID: park, SiteID: site, Code: "YS001", Kind: "rain", Name: "示例雨水排放口", Regime: "direct", ReceivingWater: "示例河"}, f.site.Place(), f.actor, at)
	for _, s := range f.sector.streams {
		s.ParkID, s.SiteID, s.FacilityID, s.VolumeM3d = park, site, facility, fmt.Sprint(max(1, capacity/(c.between(3, 6))))
		stream, err := s.Parse()
		c.fail("stream", err)
		stream.Versioned, stream.Placed, stream.Demo = c.fresh(at), f.site.Place(), true
		c.streams = append(c.streams, &stream)
		c.fail("stream", c.history.Wrote(&stream, policies.FacilityCreate, f.actor, at))
	}
	c.stop(w)
	c.works = append(c.works, w)
}

// makePermit gives a firm a permit or a registration. The days of expiry are
// spread so that every list of expiring permits has something to show.
func (c *city) makePermit(n int, f *firm) {
	left := c.between(91, 1700)
	switch n % 40 {
	case 1, 21:
		left = c.between(0, 7)
	case 2, 12, 22:
		left = c.between(8, 30)
	case 3, 13, 23, 33:
		left = c.between(31, 90)
	case 4:
		left = -c.between(1, 120)
	}
	to := c.anchor.Add(left)
	issued := to.Add(1).AddYears(-5)
	in := registry.PermitInput{SiteID: string(f.site.ID), Number: f.row.CreditCode + "001" + string("PQRUV"[n%5]), Kind: "permit", Class: f.row.PermitClass, IssuedOn: string(issued), ValidTo: string(to),
		Authority: "示例生态环境局"}
	if f.row.PermitClass == "registration" {
		in.Kind, in.Number, in.State = "registration", f.row.CreditCode+"001X", "registered"
	}
	if in.Kind == "permit" {
		in.LedgerRules = f.wordings(n)
		if !f.sector.wet {
			in.Limits = []registry.PermitLimit{{Outlet: "DA001", Pollutant: hydrocarbons, Maximum: fmt.Sprint(gasLimit), Unit: "mg/m3", Kind: "hourly"}}
		}
	}
	if f.treats {
		c.permitted(f, &in)
		in.Amounts = []registry.PermitAmount{{Pollutant: "w01018", TonnesA: fmt.Sprintf("%d.%d", c.between(1, 9), c.rng.IntN(10)), Year: yearOf(c.anchor)}}
	}
	p, err := in.Parse()
	c.fail("permit", err)
	p.Versioned, p.Placed, p.Demo = c.fresh(f.at), f.site.Place(), true
	c.permits = append(c.permits, &p)
	c.fail("permit", c.history.Wrote(&p, policies.PermitCreate, c.people.parkBody(f.park), f.at))
}

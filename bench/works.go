package main

import (
	"encoding/json"
	"fmt"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// What the ledger of the bench is about: a thousand treatment facilities spread over
// the parks, each filed three shifts a day. A million entries are eleven months.
const (
	facilities  = 1000
	shifts      = 3
	ledgerClass = "treatmentFacility.wastewater"
	ledgerLast  = code.Day("2026-01-04") // newest day that is loaded; more entries reach further back
	beforehand  = 31                     // days of the manager's park that are loaded first: what its filings are compared with is there at each size
)

// turnOfDuty is one shift of one facility.
type turnOfDuty struct {
	facility, shift int
	day             code.Day
}

// duties gives the shifts in the order in which they are loaded.
func (f *filler) duties(yield func(turnOfDuty) bool) {
	first := ledgerLast.Add(1 - beforehand)
	for day := ledgerLast; day >= first; day = day.Add(-1) {
		for shift := range shifts {
			for n := range f.works {
				if f.mine(n) && !yield(turnOfDuty{n, shift, day}) {
					return
				}
			}
		}
	}
	for day := ledgerLast; ; day = day.Add(-1) {
		for shift := range shifts {
			for n := range f.works {
				if (!f.mine(n) || day < first) && !yield(turnOfDuty{n, shift, day}) {
					return
				}
			}
		}
	}
}

// mine reports whether the facility stands in the park whose manager asks.
func (f *filler) mine(n int) bool { return string(f.works[n].ParkID) == f.city.park }

// works is one facility with its outlet, of the park whose manager asks.
type works struct {
	number                 int // among the facilities
	Park, Facility, Outlet string
}

// equip stores the facilities with an outlet each and its limits, and the permits of
// their firms, which ask for a record of each shift.
func (f *filler) equip(tx *models.Tx) error {
	var outlets []registry.Outlet
	var limits []registry.OutletLimit
	var permits []registry.Permit
	codes := map[models.ID]string{}
	for _, e := range f.firms {
		codes[e.ID] = e.CreditCode
	}
	h := f.history()
	for n := range facilities {
		place := f.sites[n*len(f.sites)/facilities].Place()
		w := registry.Facility{Versioned: f.stamp(f.began), Placed: place, Code: fmt.Sprintf("TW%03d", n), Kind: "treatment", Name: fmt.Sprintf("示例废水治理设施%03d", n),
			Medium: "water", Capacity: "500", CapacityUnit: "m3/d", InUse: true, BuiltOn: models.Ref[code.Day]("2020-01-01"), Shifts: models.Texts{"1", "2", "3"}}
		o := registry.Outlet{Versioned: f.stamp(f.began), Placed: place, FacilityID: &w.ID, Code: fmt.Sprintf("DW%03d", n), Kind: "total", Name: "示例排放口", Regime: "indirect",
			ReceivingPlant: "示例污水处理厂"}
		for _, l := range [][2]string{{"w01018", "80"}, {"w21003", "15"}, {"w20122", "0.5"}} {
			limits = append(limits, registry.OutletLimit{ID: f.id(f.began), OutletID: o.ID, Pollutant: l[0], Maximum: l[1], Unit: "mg/L", Basis: "permit", Standard: "DB44/1597-2015",
				ValidFrom: "2021-01-01", CreatedAt: f.began})
		}
		p, err := registry.PermitInput{SiteID: string(*place.SiteID), Number: codes[*place.EnterpriseID] + "001P", Kind: "permit", Class: "key", IssuedOn: "2022-01-01",
			Authority: "示例生态环境局", LedgerRules: []registry.LedgerRule{{Class: ledgerClass, Object: w.Code, Text: "1次/班"}}}.Parse()
		if err != nil {
			return fmt.Errorf("permit of %s: %w", w.Code, err)
		}
		p.Versioned, p.Placed = f.stamp(f.began), place
		for _, err := range []error{h.Wrote(&w, policies.FacilityCreate, policies.SystemUser, f.began), h.Wrote(&o, policies.FacilityCreate, policies.SystemUser, f.began),
			h.Wrote(&p, policies.PermitCreate, policies.SystemUser, f.began)} {
			if err != nil {
				return err
			}
		}
		f.works, outlets, permits = append(f.works, w), append(outlets, o), append(permits, p)
		if string(place.ParkID) == f.city.park {
			f.city.works = append(f.city.works, works{number: n, Park: f.city.park, Facility: string(w.ID), Outlet: string(o.ID)})
		}
	}
	if err := models.Load(tx, f.works); err != nil {
		return err
	}
	if err := models.Load(tx, outlets); err != nil {
		return err
	}
	if err := models.Load(tx, permits); err != nil {
		return err
	}
	if err := f.remember(tx, h); err != nil {
		return err
	}
	return models.Load(tx, limits)
}

// end is when the shift is over and somebody writes its record.
func (d turnOfDuty) end() time.Time {
	return d.day.Start().Add(time.Duration(8*d.shift+8)*time.Hour + time.Duration(d.facility)*time.Second)
}

// figures are what is recorded of a shift, as texts.
type figures struct {
	start, end                                  string
	inflow, treated, reused, discharged, sludge string
	readings                                    [2]string // COD, ammonia nitrogen
}

// values are numbers that differ from those before and beside them, and that nothing is
// odd about.
func (d turnOfDuty) values() figures {
	n := d.day.Sub(ledgerLast)*shifts + d.shift + 7*d.facility
	vary := func(factor, modulus int) int { return ((n*factor)%modulus + modulus) % modulus }
	at := func(minutes int) string {
		return d.day.Start().Add(time.Duration(8*60*d.shift+minutes) * time.Minute).In(code.Zone).Format(time.RFC3339)
	}
	treated, reused := 100+vary(37, 31), 20+vary(13, 11)
	return figures{at(3), at(477), fmt.Sprintf("%d.4", treated+1), fmt.Sprintf("%d.%d", treated, 1+vary(3, 9)), fmt.Sprintf("%d.3", reused),
		fmt.Sprintf("%d.8", treated-reused-1), fmt.Sprintf("0.%d", 101+vary(7, 23)),
		[2]string{fmt.Sprintf("3%d.%d", vary(1, 9), vary(1, 7)), fmt.Sprintf("%d.%d", 2+vary(5, 7), 1+vary(7, 9))}}
}

// payload is what is filed about the shift.
func (d turnOfDuty) payload() json.RawMessage {
	v := d.values()
	b, _ := json.Marshal(map[string]any{ // always encodes
		"normal": true, "startAt": v.start, "endAt": v.end, "inflow": v.inflow, "treated": v.treated, "reused": v.reused, "discharged": v.discharged, "sludgeQuantity": v.sludge,
		"readings":          []map[string]string{{"pollutant": "w01018", "value": v.readings[0]}, {"pollutant": "w21003", "value": v.readings[1]}},
		"sludgeDestination": "示例危险废物经营单位", "drainDestination": "sewagePlant"})
	return b
}

// shelf is a part of the ledger as it is stored: what filing and, of each fourth
// entry, acceptance leave.
type shelf struct {
	rounds
	entries []ledger.Entry
	filings []ledger.Filing
	steps   []ledger.Step
	items   []ledger.Item
	changes []audit.Change
	records []audit.Record
}

// shelf makes the next n entries of the ledger.
func (f *filler) shelf(n int) (*shelf, error) {
	s := &shelf{}
	for range n {
		d, _ := f.duty() // without end
		w := f.works[d.facility]
		at := d.end()
		b, err := ledger.Build(ledger.Bulk{ID: f.id(at), FilingID: f.id(at), StepID: f.id(at), ChangeID: f.id(at), Number: fmt.Sprintf("LG-%s-%07d", d.day[:4], f.stocked), Class: ledgerClass,
			Place: w.Placed, FacilityID: &w.ID, Day: d.day, Slot: fmt.Sprint(d.shift + 1), Payload: d.payload(), Capacity: w.Capacity, CapacityUnit: w.CapacityUnit,
			RecordedAt: at, ReceivedAt: at, FiledAt: at, Person: models.ID(f.city.caller[manager].User), As: policies.ParkBody(string(w.ParkID))})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.day, err)
		}
		if err := s.log(f, b.Filed(policies.LedgerFile, nil), *b.Entry.ChangeID, manager, at); err != nil {
			return nil, err
		}
		entry := b.Entry
		s.filings, s.steps, s.items = append(s.filings, b.Filing), append(s.steps, b.Step), append(s.items, b.Items...)
		if f.stocked%4 == 0 {
			later := at.Add(26 * time.Hour)
			by := ledger.Past{At: later, Person: models.ID(f.city.caller[inspector].User), As: policies.DistrictBureau(*w.Jurisdiction), StepID: f.id(later), ChangeID: f.id(later)}
			after, step, event, err := entry.Moved(ledger.Accepted, "", by)
			if err != nil {
				return nil, fmt.Errorf("accept %s: %w", entry.Number, err)
			}
			if err := s.log(f, event, by.ChangeID, inspector, later); err != nil {
				return nil, err
			}
			entry, s.steps = after, append(s.steps, step)
		}
		s.entries = append(s.entries, entry)
		if err := s.round(f, w, at); err != nil {
			return nil, fmt.Errorf("%s: %w", d.day, err)
		}
		f.stocked++
	}
	return s, nil
}

// log adds the change and the audit record of one write.
func (s *shelf) log(f *filler, e audit.Event, id models.ID, who string, at time.Time) error {
	user := models.ID(f.city.caller[who].User)
	c, err := audit.ChangeOf(e, id, user, at)
	if err != nil {
		return err
	}
	seq := f.seq
	f.seq++
	c.Seq, c.SealedAt = &seq, &at
	s.changes = append(s.changes, c)
	s.records = append(s.records, audit.Record{ID: f.id(at), At: at, ActorID: &user, ActorName: who, Via: "session", RemoteAddr: "192.0.2.31", UserAgent: "Mozilla/5.0",
		RequestID: string(f.id(at)), Action: c.Action, Outcome: audit.Done, ObjectKind: e.Kind, ObjectID: string(e.ID), ParkID: c.ParkID, Jurisdiction: c.Jurisdiction,
		EnterpriseID: c.EnterpriseID, BeforeValues: `{"state":"draft"}`, AfterValues: `{"state":"filed"}`, ChangeID: &c.ID})
	return nil
}

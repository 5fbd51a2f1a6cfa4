package seed

import (
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// desk is who writes the ledger of a place, who accepts it, and how well it is kept.
type desk struct {
	place      models.Placed
	filer      models.ID
	filedAs    policies.Organisation
	accepter   models.ID
	acceptedAs policies.Organisation
	habit      habit
}

// desk is a firm's own, with the body of its park behind it.
func (c *city) desk(f *firm) desk {
	h := habitOf(f.park.PilotState)
	if c.chance(10) {
		h = careless
	}
	return desk{f.site.Place(), f.actor, policies.Firm(string(f.row.ID)), c.people.parkBody(f.park), policies.ParkBody(string(f.park.ID)), h}
}

// parkDesk is that of a park's body, with its district behind it.
func (c *city) parkDesk(p *registry.Park) desk {
	return desk{p.Place(), c.people.parkBody(p), policies.ParkBody(string(p.ID)), c.people.district(*p.Jurisdiction), policies.DistrictBureau(*p.Jurisdiction), habitOf(p.PilotState)}
}

// habit says how many of a hundred records are missing, come late, or are filled
// in long afterwards.
type habit struct{ missing, late, backfilled int }

var (
	diligent = habit{1, 2, 1}
	usual    = habit{3, 5, 3}
	learning = habit{6, 8, 4}
	careless = habit{12, 12, 8}
)

// habitOf lets a park that has come far in the pilot keep its ledger better.
func habitOf(state string) habit {
	switch state {
	case "accredited", "district_checked", "self_assessed":
		return diligent
	case "building", "plan_agreed":
		return usual
	case "returned", "lapsed":
		return careless
	}
	return learning
}

// filedAt is when the record of a day is filed.
func (c *city) filedAt(day code.Day, h habit) time.Time {
	switch n := c.rng.IntN(100); {
	case n < h.backfilled:
		return c.at(day.Add(c.between(5, 12)), 15)
	case n < h.backfilled+h.late:
		return c.at(day.Add(c.between(2, 3)), 10)
	case n < 84:
		return c.at(day, c.between(18, 22))
	}
	return c.at(day.Add(1), c.between(8, 11))
}

// stopping is a time without operation, from its first to its last day.
type stopping struct{ from, to code.Day }

// inside reports whether nothing runs on the day: on the first and on the last
// day there is still something to record.
func (s *stopping) inside(day code.Day) bool { return s != nil && s.from < day && day < s.to }

var stopReasons = []string{"示例：设备年度检修", "示例：订单不足，临时停产", "示例：园区停电检修"}

// stop gives works a time without operation. Whoever keeps the ledger well
// registers it; of the careless half does not, and those days are gaps.
func (c *city) stop(w *works) {
	days := c.anchor.Sub(w.since)
	switch {
	case days > 100: // of works with a whole year, each third stops in its last weeks
		s := &stopping{from: w.since.Add(c.between(20, days-60))}
		if c.chance(33) {
			s.from = c.anchor.Add(-c.between(9, 25))
		}
		s.to = s.from.Add(c.between(4, 8))
		w.stopped = s
	case days > 14 && c.chance(25):
		s := &stopping{from: w.since.Add(c.between(3, days-9))}
		s.to = s.from.Add(c.between(3, 5))
		w.stopped = s
	}
	if w.stopped == nil || w.habit == careless && c.chance(50) {
		return
	}
	in := registry.ShutdownInput{ParkID: string(w.place.ParkID), SiteID: string(models.Deref(w.place.SiteID)), From: string(w.stopped.from), To: string(w.stopped.to), Reason: pick(c, stopReasons)}
	if w.firm == nil {
		in.FacilityID = string(w.facility.ID)
	}
	row, err := in.Parse()
	c.fail("shut-down", err)
	at := c.at(w.stopped.from.Add(-1), 15)
	row.Versioned, row.Placed, row.Demo = c.fresh(at), w.place, true
	c.shutdowns = append(c.shutdowns, &row)
	c.fail("shut-down", c.history.Wrote(&row, policies.ShutdownCreate, w.filer, at))
}

// wordings are what a permit says of the ledger, for what the firm has.
func (f *firm) wordings(n int) []registry.LedgerRule {
	rules := []registry.LedgerRule{{Class: "productionFacility.output", Text: "1次/批"}}
	switch {
	case f.inShifts:
		rules = append(rules, registry.LedgerRule{Class: normalClass, Object: "TW001", Text: "1次/班"})
	case f.treats:
		rules = append(rules, registry.LedgerRule{Class: normalClass, Object: "TW001", Text: "1次/日"})
	case !f.sector.wet:
		rules = append(rules, registry.LedgerRule{Class: gasClass, Object: "TA001", Text: "1次/周"})
	case n%23 == 4: // nobody has registered the works that the permit names
		rules = append(rules, registry.LedgerRule{Class: normalClass, Object: "TW001", Text: "1次/日"})
	}
	if f.year {
		rules = append(rules, registry.LedgerRule{Class: generalClass, Text: "1次/月"})
		if f.makesSludge() {
			rules = append(rules, registry.LedgerRule{Class: generatedClass, Object: "TW001", Text: "1次/批"}, registry.LedgerRule{Class: sentOutClass, Text: "1次/批"})
		}
	}
	return rules
}

// makesSludge reports whether the firm's works leave hazardous sludge that the
// city has a code for.
func (f *firm) makesSludge() bool { return f.sector.slug == "surface_treatment" }

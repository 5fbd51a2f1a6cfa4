package seed

import (
	"fmt"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/files"
	"parkregistry/models/inspection"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// rounds is the inspection's part of the city.
type rounds struct {
	patrols  []inspection.Patrol
	events   []inspection.Event
	findings []inspection.Finding
	steps    []inspection.Step
	photos   []files.Attachment // what rectifications show
}

// makePatrols lets every park walk about once a month and its district inspect
// once a quarter. What they find becomes findings.
func (c *city) makePatrols() {
	for _, p := range c.parks {
		for n := range c.size(12) {
			day := c.start.Add(n*30 + c.between(0, 28))
			c.makePatrol(p, day, inspection.NaturePatrol)
			if n%3 == 1 {
				c.makePatrol(p, day.Add(1), inspection.NatureInspection)
			}
		}
	}
	c.makeDemoFindings()
	for _, p := range c.parks[:2] {
		c.makeRounds(p)
	}
}

// roundDays is how many days the parks with an account have walked as planned, up to
// yesterday, with gaps.
const roundDays = 20

// makeRounds lets a park walk to its own works nearly every day, and to some of its
// firms each week.
func (c *city) makeRounds(p *registry.Park) {
	var own, firms []models.ID
	for _, w := range c.works {
		if w.firm == nil && w.place.ParkID == p.ID {
			own = append(own, w.facility.ID)
		}
	}
	for _, f := range c.firms {
		if f.park == p && !f.gone {
			firms = append(firms, f.site.ID)
		}
	}
	for n := range roundDays {
		day := c.anchor.Add(n - roundDays)
		if c.chance(12) { // nobody went
			continue
		}
		to := own
		if len(firms) > 0 {
			to = append(to[:len(to):len(to)], firms[n%len(firms)])
		}
		c.makeRound(p, day, to)
	}
}

func (c *city) makeRound(p *registry.Park, day code.Day, to []models.ID) {
	at := c.at(day, c.between(8, 10))
	body := c.people.parkBody(p)
	by := actsAs(body, policies.ParkBody(string(p.ID)))
	parsed, err := inspection.PatrolInput{ParkID: string(p.ID), Kind: "daily", PlannedOn: string(day), Weather: pick(c, []string{"晴", "多云", "阵雨"}), StartedAt: at.In(code.Zone).Format(time.RFC3339),
		Officers: []inspection.Officer{{UserID: string(body), Name: c.person()}}}.Parse()
	c.fail("round", err)
	parsed.Placed, parsed.Demo = p.Place(), true
	patrol := inspection.OpenPatrol(parsed, c.id(at), c.number(models.PatrolNumber, at), by, at)
	c.change(patrol.Event(), c.id(at), by.User, at)
	ins := []inspection.EventInput{{Type: inspection.EventStart}}
	for _, id := range to {
		ins = append(ins, inspection.EventInput{Type: inspection.EventAnswer, Item: "T1", Result: inspection.AsRequired, ObjectID: string(id)})
	}
	list, sent := inspection.Checklists()[len(inspection.Checklists())-1], at.Add(95*time.Minute)
	var events []inspection.Event
	for i, in := range append(ins, inspection.EventInput{Type: inspection.EventEnd}) {
		clock := at.Add(time.Duration(i) * 9 * time.Minute)
		in.ID, in.At = string(c.id(clock)), clock.In(code.Zone).Format(time.RFC3339)
		e, _, err := in.Parse(list)
		c.fail("event of a round", err)
		e, _ = e.Receive(patrol.ID, nil, by.User, sent)
		events = append(events, e)
	}
	change := c.id(sent)
	patrol, events, ev := patrol.Recorded(events, change, sent)
	c.change(ev, change, by.User, sent)
	c.rounds.patrols, c.rounds.events = append(c.rounds.patrols, patrol), append(c.rounds.events, events...)
}

func (c *city) makePatrol(p *registry.Park, day code.Day, nature inspection.Nature) {
	if day >= c.anchor {
		return
	}
	at := c.at(day, c.between(9, 14))
	body := c.people.parkBody(p)
	by := actsAs(body, policies.ParkBody(string(p.ID)))
	in := inspection.PatrolInput{ParkID: string(p.ID), Nature: nature, Kind: pick(c, []string{"daily", "daily", "daily", "special", "afterRain", "night"}), Weather: pick(c, []string{"晴", "多云", "阵雨"}),
		StartedAt: at.In(code.Zone).Format(time.RFC3339), Officers: []inspection.Officer{{UserID: string(body), Name: c.person()}}}
	if nature == inspection.NatureInspection {
		by = c.inspector(p, 0)
		in.Kind = pick(c, []string{"random", "special", "recheck"})
		in.Officers = []inspection.Officer{{UserID: string(by.User), Name: c.person(), Certificate: fmt.Sprintf("示例证%04d", c.rng.IntN(5000))},
			{UserID: string(c.inspector(p, 1).User), Name: c.person(), Certificate: fmt.Sprintf("示例证%04d", 5000+c.rng.IntN(5000))}}
	}
	parsed, err := in.Parse()
	c.fail("patrol", err)
	parsed.Placed, parsed.Demo = p.Place(), true
	patrol := inspection.OpenPatrol(parsed, c.id(at), "", by, at)
	patrol.Number = c.number(models.PatrolNumber, at)
	c.change(patrol.Event(), c.id(at), by.User, at)
	events, found := c.walk(&patrol, by, at)
	sent := at.Add(95 * time.Minute)
	change := c.id(sent)
	patrol, events, ev := patrol.Recorded(events, change, sent)
	c.change(ev, change, by.User, sent)
	c.rounds.patrols, c.rounds.events = append(c.rounds.patrols, patrol), append(c.rounds.events, events...)
	for _, f := range found {
		c.makeFinding(f)
	}
}

// inspector is one of the two inspectors of the park's district.
func (c *city) inspector(p *registry.Park, n int) inspection.By {
	return actsAs(c.people.districts[*p.Jurisdiction][n], policies.DistrictBureau(*p.Jurisdiction))
}

// actsAs is a person who acts for one body.
func actsAs(user models.ID, org policies.Organisation) inspection.By {
	return inspection.By{User: user, Org: org, Orgs: []policies.Organisation{org}}
}

// walk makes the events of one patrol and what it finds.
func (c *city) walk(p *inspection.Patrol, by inspection.By, at time.Time) ([]inspection.Event, []found) {
	list := inspection.Checklists()[len(inspection.Checklists())-1]
	var events []inspection.Event
	var all []found
	clock := at
	add := func(in inspection.EventInput) {
		clock = clock.Add(time.Duration(c.between(3, 12)) * time.Minute)
		in.ID, in.At = string(c.id(clock)), clock.In(code.Zone).Format(time.RFC3339)
		e, _, err := in.Parse(list)
		c.fail("patrol event", err)
		e, _ = e.Receive(p.ID, nil, by.User, at.Add(95*time.Minute))
		events = append(events, e)
	}
	add(inspection.EventInput{Type: inspection.EventStart})
	for range c.between(3, 6) {
		it := pick(c, list.Items)
		in := inspection.EventInput{Type: inspection.EventAnswer, Item: it.ID, Result: inspection.AsRequired, Object: "示例" + it.NameZh}
		if it.Answer != "yesNo" {
			in.Value, in.Unit = fmt.Sprintf("%d.%d", c.between(6, 8), c.rng.IntN(10)), "pH"
		}
		if c.chance(14) {
			f := c.find(p, by, it, clock)
			in.Result, in.FindingID = inspection.NotAsRequired, string(f.id)
			all = append(all, f)
		}
		add(in)
	}
	add(inspection.EventInput{Type: inspection.EventEnd})
	return events, all
}

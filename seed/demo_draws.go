package seed

import (
	"time"

	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/policies"
)

// lottery are the random selections of the city.
type lottery struct {
	draws []inspection.Draw
	tasks []inspection.Task
}

// makeDraws lets two districts draw from their key units this quarter, and a third
// publish lists that wait for their seed.
func (c *city) makeDraws() {
	c.makeDraw("baoan", mark+" 排列五 41907")
	c.makeDraw("longgang", mark+" 排列五 20338")
	c.makeDraw("dapeng", "")
}

func (c *city) makeDraw(jurisdiction, seed string) {
	at := c.at(c.anchor.Add(-3), 9)
	two := c.people.districts[jurisdiction]
	l := inspection.Lists{Units: []inspection.Unit{}, Recusals: []inspection.Recusal{}, Officers: []inspection.Drawn{{UserID: two[0], Jurisdiction: jurisdiction}, {UserID: two[1], Jurisdiction: jurisdiction}}}
	for _, f := range c.firms {
		if *f.park.Jurisdiction == jurisdiction && !f.gone && f.row.PermitClass == "key" {
			l.Units = append(l.Units, inspection.Unit{SiteID: f.site.ID, EnterpriseID: f.row.ID, ParkID: f.park.ID, Jurisdiction: jurisdiction, Key: true})
		}
	}
	if len(l.Units) == 0 { // a small city
		return
	}
	l.Count = max(1, min(len(l.Units), (len(l.Units)*inspection.ShareDistrict+99)/100, inspection.UnitsPerOfficer*len(l.Officers)))
	d := inspection.Draw{Versioned: models.Versioned{ID: c.id(at), Version: 1, CreatedAt: at, UpdatedAt: at}, Number: c.number(models.DrawNumber, at), Jurisdiction: &jurisdiction,
		Quarter: inspection.QuarterOf(c.anchor.Add(-3)), Digest: l.Digest(), CreatedBy: two[0], CreatedOrg: policies.DistrictBureau(jurisdiction)}
	d.Lists.V = l
	change := c.id(at)
	c.change(d.Event(policies.DrawCreate, change, nil), change, two[0], at)
	if seed != "" {
		at = at.Add(30 * time.Hour)
		d = d.Drawn(seed, "entered", two[1], at)
		change = c.id(at)
		tasks := d.Tasks(change)
		c.change(d.Event(policies.DrawRun, change, tasks), change, two[1], at)
		c.draws.tasks = append(c.draws.tasks, tasks...)
	}
	c.draws.draws = append(c.draws.draws, d)
}

package seed

import (
	"fmt"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// firm is an enterprise with where it lives now.
type firm struct {
	row    *registry.Enterprise
	site   *registry.Site
	park   *registry.Park
	sector sector
	actor  models.ID // who acts for it: a person of its own, or its park on its behalf
	from   code.Day  // the first day on its present site
	at     time.Time // when it was registered there
	gone   bool      // closed for good

	approved code.Day // when its EIA was approved, and under which number
	approval string

	treats   bool // has wastewater works of its own
	desk     desk // who writes their ledger
	year     bool // which keep a ledger for the whole year
	inShifts bool // by the shift
}

var firmWords = []string{"恒光", "嘉汇", "泰禾", "源创", "明远", "鼎盛", "宏达", "瑞祥", "欣荣", "金辉", "天成", "安泰", "华信", "佳美", "永顺", "卓越", "同方圆", "海纳", "志诚",
	"百川", "云帆", "启明", "东升", "博雅", "和顺", "长青", "力合", "凯旋", "星河"}

// makeFirms makes the residents of every park. A few move from one park to
// another, change their name, or close in the course of the year.
func (c *city) makeFirms() {
	n := 0
	for i, m := range madeUp {
		for j := range c.size(m.firms) {
			n++
			c.makeFirm(n, c.parks[i], sectors[m.sectors[j%len(m.sectors)]], i == 0 && j == 0)
		}
	}
	for i, f := range c.firms {
		switch {
		case i == 0: // the firm of the demonstration account stays where it is
		case i%27 == 5:
			c.move(f)
		case i%13 == 3:
			c.rename(f)
		case i%67 == 8:
			c.closeFirm(f)
		}
	}
}

func (c *city) makeFirm(n int, p *registry.Park, s sector, first bool) {
	f := &firm{park: p, sector: s, from: c.start.Add(-c.between(30, 1800)), at: c.at(c.start.Add(-c.between(1, 35)), 10)}
	if !first && n%11 == 4 { // moved in during the year
		f.from = c.start.Add(c.between(20, 330))
		f.at = c.at(f.from, 10)
	}
	c.approve(n, f)
	class := s.class
	if class == "registration" && c.chance(20) {
		class = "none"
	}
	in := registry.EnterpriseInput{CreditCode: creditCode(n), Name: fmt.Sprintf("示例%s%s%03d号有限公司", pick(c, firmWords), s.word, n), Industries: []string{pick(c, s.industry)},
		PermitClass: class, Discharges: class != "none", LegalRepresentative: c.person(), Contact: c.person(), Phone: c.phone()}
	if class == "key" {
		in.RiskLevel = pick(c, []string{"general", "larger", "larger", "major"})
		in.KeyYears = []int{yearOf(c.anchor) - 1, yearOf(c.anchor)}
	} else if c.chance(50) {
		in.RiskLevel = "general"
	}
	e, err := in.Parse()
	c.fail("enterprise", err)
	e.Versioned, e.Demo = c.fresh(f.at), true
	f.row = &e
	f.actor = c.people.parkBody(p)
	if first {
		f.actor = c.people.firm(f, true)
	}
	c.firms, c.enterprises = append(c.firms, f), append(c.enterprises, &e)
	c.names = append(c.names, registry.EnterpriseName{ID: c.id(f.at), EnterpriseID: e.ID, Name: e.Name, FromOn: code.DayOf(f.at)})
	c.fail("enterprise", c.history.Wrote(&e, policies.EnterpriseCreate, c.people.parkBody(p), f.at))
	c.settle(f, p, f.at, f.from)
}

// settle gives a firm its site and unit in a park.
func (c *city) settle(f *firm, p *registry.Park, at time.Time, from code.Day) {
	in := registry.SiteInput{ParkID: string(p.ID), EnterpriseID: string(f.row.ID), Process: "示例工艺：" + f.sector.word}
	s, err := in.Parse()
	c.fail("site", err)
	s.Versioned, s.Jurisdiction, s.Demo = c.fresh(at), p.Jurisdiction, true
	f.site, f.park = &s, p
	c.sites = append(c.sites, &s)
	c.fail("site", c.history.Wrote(&s, policies.SiteCreate, c.people.parkBody(p), at))
	for range 1 + c.rng.IntN(2) {
		n := len(c.tenancies)
		t, err := registry.TenancyInput{Building: fmt.Sprintf("示例%d栋", n%12+1), Unit: fmt.Sprintf("%d层%04d", n%6+1, n), AreaM2: fmt.Sprintf("%d.5", c.between(200, 6000)), Purpose: "生产", From: string(from)}.Parse()
		c.fail("tenancy", err)
		t.Versioned, t.Placed = c.fresh(at), s.Place()
		c.tenancies = append(c.tenancies, &t)
		c.fail("tenancy", c.history.Wrote(&t, policies.SiteUpdate, c.people.parkBody(p), at))
	}
}

// leave ends a firm's site and units on a day.
func (c *city) leave(f *firm, day code.Day, reason string) {
	at := c.at(day, 16)
	for _, t := range c.tenancies {
		if *t.SiteID == f.site.ID && t.ToOn == nil {
			t.ToOn, t.EndReason, t.Version, t.UpdatedAt = &day, reason, 2, at
			c.fail("tenancy", c.history.Wrote(t, policies.SiteEnd, c.people.parkBody(f.park), at))
		}
	}
	f.site.ClosedOn, f.site.ClosedReason, f.site.Version, f.site.UpdatedAt = &day, reason, 2, at
	c.fail("site", c.history.Wrote(f.site, policies.SiteEnd, c.people.parkBody(f.park), at))
}

func (c *city) move(f *firm) {
	to := pick(c, c.parks)
	if to.ID == f.park.ID || f.from >= c.start {
		return
	}
	day := c.start.Add(c.between(30, 300))
	c.leave(f, day, "示例：整体搬迁到另一个园区")
	f.from = day.Add(1)
	f.at = c.at(f.from, 10)
	c.settle(f, to, f.at, f.from)
}

func (c *city) rename(f *firm) {
	day := max(c.start.Add(c.between(40, 350)), f.from.Add(1))
	if day >= c.anchor {
		return
	}
	at := c.at(day, 11)
	last := len(c.names)
	for i := range c.names {
		if c.names[i].EnterpriseID == f.row.ID {
			c.names[i].UntilOn = &day
			last = i
		}
	}
	in := f.row.Input()
	in.Name = fmt.Sprintf("示例新%s", c.names[last].Name[len(mark):])
	in.Aliases = []string{c.names[last].Name}
	e, err := in.Parse()
	c.fail("enterprise", err)
	e.Versioned, e.Demo = f.row.Versioned, true
	e.Version, e.UpdatedAt = 2, at
	*f.row = e
	c.names = append(c.names, registry.EnterpriseName{ID: c.id(at), EnterpriseID: e.ID, Name: e.Name, FromOn: day})
	c.fail("enterprise", c.history.Wrote(f.row, policies.EnterpriseUpdate, c.people.parkBody(f.park), at))
}

func (c *city) closeFirm(f *firm) {
	if f.from >= c.start {
		return
	}
	day := c.start.Add(c.between(60, 300))
	reason := "示例：自愿关停，生产线已经拆除"
	c.leave(f, day, reason)
	at := c.at(day, 17)
	f.row.ClosedOn, f.row.ClosedReason, f.row.Version, f.row.UpdatedAt = &day, reason, f.row.Version+1, at
	c.fail("enterprise", c.history.Wrote(f.row, policies.EnterpriseClose, c.people.parkBody(f.park), at))
	f.gone = true
}

func yearOf(d code.Day) int { return d.Start().In(code.Zone).Year() }

package web

import (
	"net/url"
	"slices"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// subject is what a ledger form is about, as its address names it and as people read it.
type subject struct {
	ledger.About
	ParkName, Firm, Object string
	DayText                string
	Shifts                 []string // of the facility
	Late                   fault.Text
}

// query is the subject as the form's address has it.
func (s subject) query() url.Values {
	q := url.Values{"date": {string(s.Day)}}
	for name, id := range map[string]*models.ID{"site": s.Site, "facility": s.Facility, "outlet": s.Outlet} {
		if id != nil {
			q.Set(name, string(*id))
		}
	}
	if s.Site == nil && s.Facility == nil && s.Outlet == nil {
		q.Set("park", string(s.Park))
	}
	return q
}

// subjectNamed reads what an address or a form names; whole is false while the class
// asks for more than is named.
func (p *Pages) subjectNamed(v *visit, class ledger.Class, get func(string) string) (s subject, whole bool, err error) {
	s.Class, s.Slot, s.Day = class.Code, get("slot"), p.options.Today()
	if date := get("date"); date != "" {
		day, err := code.ParseDay(code.TypedDay(date))
		if err != nil {
			return s, false, err
		}
		s.Day = day
	}
	for name, into := range map[string]**models.ID{"site": &s.Site, "facility": &s.Facility, "outlet": &s.Outlet} {
		if raw := get(name); raw != "" {
			id, err := models.ParseID(raw)
			if err != nil {
				return s, false, fault.Absent()
			}
			*into = &id
		}
	}
	if park := get("park"); park != "" {
		if s.Park, err = models.ParseID(park); err != nil {
			return s, false, fault.Absent()
		}
	}
	if err = p.locate(v, &s); err != nil {
		return s, false, err
	}
	whole = s.Park != "" && (class.Facility != ledger.Required || s.Facility != nil) && (class.Outlet != ledger.Required || s.Outlet != nil)
	if whole {
		err = p.describe(v, &s)
	}
	return s, whole, err
}

// locate finds the site and the park of what is named.
func (p *Pages) locate(v *visit, s *subject) error {
	place := func(at models.Placed) {
		s.Park = at.ParkID
		if at.SiteID != nil {
			s.Site = at.SiteID
		}
	}
	if s.Outlet != nil {
		o, err := p.options.Registry.Outlet(v.ctx, *s.Outlet)
		if err != nil {
			return err
		}
		place(o.Placed)
	}
	if s.Facility != nil {
		f, err := p.options.Registry.Facility(v.ctx, *s.Facility)
		if err != nil {
			return err
		}
		place(f.Placed)
	}
	if s.Outlet != nil || s.Facility != nil || s.Site == nil {
		return nil
	}
	row, err := p.options.Registry.Site(v.ctx, *s.Site)
	s.Park = row.ParkID
	return err
}

// describe names everything for the reader.
func (p *Pages) describe(v *visit, s *subject) error {
	place := models.Placed{ParkID: s.Park, SiteID: s.Site}
	if s.Site != nil {
		row, err := p.options.Registry.Site(v.ctx, *s.Site)
		if err != nil {
			return err
		}
		place.EnterpriseID = row.EnterpriseID
	}
	var err error
	if s.ParkName, s.Firm, err = p.placeOf(v, place); err != nil {
		return err
	}
	var names []string
	if s.Facility != nil {
		f, err := p.options.Registry.Facility(v.ctx, *s.Facility)
		if err != nil {
			return err
		}
		names, s.Shifts = append(names, f.Code+" "+f.Name), f.Shifts
	}
	if s.Outlet != nil {
		o, err := p.options.Registry.Outlet(v.ctx, *s.Outlet)
		if err != nil {
			return err
		}
		names = append(names, o.Code+" "+o.Name)
	}
	s.Object, s.DayText = strings.Join(names, " · "), dayOf(v.lang, s.Day)
	if now := p.options.Today().Start(); ledger.Backfilled(s.Day, now) {
		s.Late = fault.T("补报")
	} else if ledger.Late(s.Day, now) {
		s.Late = fault.T("迟报")
	}
	return nil
}

// choosePage is what templates/choose.html shows: the classes that may be filed, or the
// objects that a class may be about.
type choosePage struct {
	Shell   shell
	Groups  []classGroup
	Class   string
	Path    string
	Objects []option
	Date    string
	Today   string
}

type classGroup struct {
	Name    string
	Classes []option
}

// classes lists what may be filed at all.
func (p *Pages) classes(v *visit) error {
	page := choosePage{Shell: p.shell(v, fault.T("台账填报")), Groups: p.classGroups(v, func(c ledger.Class) string { return "/p/ledger/new/" + c.Code })}
	return p.show(v, 200, "choose.html", page)
}

// classGroups are the classes that are filed, by their groups, each with a value of its own.
func (p *Pages) classGroups(v *visit, value func(ledger.Class) string) (groups []classGroup) {
	for _, c := range p.options.Ledger.Catalogue().Classes() {
		if c.View != "" {
			continue
		}
		group := nameOf(v.lang, c.GroupZh, c.GroupEn)
		i := slices.IndexFunc(groups, func(g classGroup) bool { return g.Name == group })
		if i < 0 {
			groups = append(groups, classGroup{Name: group})
			i = len(groups) - 1
		}
		groups[i].Classes = append(groups[i].Classes, option{Value: value(c), Name: nameOf(v.lang, c.TitleZh, c.TitleEn)})
	}
	return groups
}

// choose lists the objects that an entry of the class may be about.
func (p *Pages) choose(v *visit, class ledger.Class, s subject) error {
	page := choosePage{Shell: p.shell(v, fault.T("台账填报")), Class: nameOf(v.lang, class.TitleZh, class.TitleEn), Path: "/p/ledger/new/" + class.Code, Date: string(s.Day), Today: string(p.options.Today())}
	add := func(kind string, id models.ID, names ...string) {
		names = slices.DeleteFunc(names, func(s string) bool { return s == "" })
		page.Objects = append(page.Objects, option{Value: kind + ":" + string(id), Name: strings.Join(names, " · ")})
	}
	all := models.Query{Limit: models.MaxPage}
	parks, err := p.options.Registry.Parks(v.ctx, registry.ParkFilter{}, all)
	if err != nil {
		return err
	}
	names := map[models.ID]string{}
	for _, park := range parks.Items {
		names[park.ID] = parkName(park)
	}
	sites, err := p.options.Registry.Sites(v.ctx, registry.SiteFilter{}, all)
	if err != nil {
		return err
	}
	firms, err := firmsOf(p, v, sites.Items, func(s registry.Site) *models.ID { return s.EnterpriseID })
	if err != nil {
		return err
	}
	if class.Facility != ledger.None {
		facilities, err := p.options.Registry.Facilities(v.ctx, registry.FacilityFilter{}, all)
		if err != nil {
			return err
		}
		for _, f := range facilities.Items {
			if slices.Contains(class.FacilityKinds, f.Kind) && (class.Medium == "" || f.Medium == class.Medium) && (class.Site != ledger.None || f.SiteID == nil) && f.ClosedOn == nil {
				add("facility", f.ID, names[f.ParkID], named(firms, f.EnterpriseID), f.Code+" "+f.Name)
			}
		}
	}
	if class.Outlet == ledger.Required {
		outlets, err := p.options.Registry.Outlets(v.ctx, registry.FacilityFilter{}, all)
		if err != nil {
			return err
		}
		for _, o := range outlets.Items {
			if (len(class.OutletKinds) == 0 || slices.Contains(class.OutletKinds, o.Kind)) && o.ClosedOn == nil {
				add("outlet", o.ID, names[o.ParkID], named(firms, o.EnterpriseID), o.Code+" "+o.Name)
			}
		}
	}
	if class.Facility != ledger.Required && class.Outlet != ledger.Required {
		if class.Site != ledger.None {
			for _, s := range sites.Items {
				add("site", s.ID, names[s.ParkID], named(firms, s.EnterpriseID))
			}
		}
		for _, park := range parks.Items {
			if class.Site != ledger.Required && v.mayAbout(policies.LedgerCreate, models.Placed{ParkID: park.ID, Jurisdiction: park.Jurisdiction}) {
				add("park", park.ID, parkName(park), say(v, fault.T("园区自有")))
			}
		}
	}
	return p.show(v, 200, "choose.html", page)
}

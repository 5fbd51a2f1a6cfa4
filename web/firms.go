package web

import (
	"net/http"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/grade"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// firmsPage is what templates/firms.html shows: the roster of enterprises (企业名录).
type firmsPage struct {
	Shell   shell
	Head    listHead
	Lines   []firmLine
	Forms   []moveForm
	Failure Failure
	Kept    []saidLine
}

// firmLine is one enterprise in the roster.
type firmLine struct {
	registry.Enterprise
	Industry string
	Class    fault.Text
	Risk     fault.Text
}

func (p *Pages) firms(v *visit) error {
	page, err := p.firmsOf(v, v.c.Request.URL.Path)
	if err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "firms.html", page)
}

func (p *Pages) firmsOf(v *visit, path string) (firmsPage, error) {
	page := firmsPage{Shell: p.listed(v, fault.T("企业名录"))}
	h, _, err := p.filtersOf(v, nil)
	if err != nil {
		return page, err
	}
	h.Path, h.Clear, h.Undated, h.Search = path, path, true, true
	classes := choice{Name: "permitClass", Label: fault.T("许可管理类别")}
	for _, c := range permitClasses() {
		classes.Options = append(classes.Options, option{c, say(v, registry.PermitClassName(c)), c == v.c.Query("permitClass")})
	}
	h.Lists = []choice{classes}
	f := registry.EnterpriseFilter{Q: h.Q, ParkID: v.c.Query("parkId"), PermitClass: v.c.Query("permitClass")}
	found, err := p.options.Registry.Enterprises(v.ctx, f, h.page("name"))
	if err != nil {
		return page, err
	}
	turn(&h, found)
	h.exportsRows(v, "enterprises", "", "enterprise-rows")
	page.Head, page.Forms = h, firmsForms(v, h.Parks)
	for _, e := range found.Items {
		page.Lines = append(page.Lines, firmLine{Enterprise: e, Industry: say(v, code.Industry(e.MainIndustry).Title()), Class: registry.PermitClassName(e.PermitClass), Risk: e.RiskName()})
	}
	return page, nil
}

func permitClasses() []string { return []string{"key", "simplified", "registration", "none"} }

// firmPage is what templates/firm.html shows: one enterprise (一企一档).
type firmPage struct {
	Shell    shell
	Firm     firmLine
	Phone    string // masked, but on the one answer that shows it
	Asks     bool   // the visitor may see it whole
	Former   []registry.EnterpriseName
	Cards    []cardLine
	Sites    []siteLine
	Permits  []permitLine
	Works    []workLine
	Outlets  []outletLine
	Streams  recordTable
	Stops    []stopLine
	Entries  []entryLine
	Findings []findingLine
	More     bool // not everything of some kind is shown
	Forms    []moveForm
	Failure  Failure
	Kept     []saidLine
}

// siteLine is where the firm is, with the units that it rents.
type siteLine struct {
	registry.Site
	Park      string
	Tenancies []registry.Tenancy
}

type permitLine struct {
	registry.Permit
	Park  string
	Class fault.Text
	Name  fault.Text
	Mark  band
}

// mostOfFirm is how many rows of a kind the page of a firm has.
const mostOfFirm = 20

func (p *Pages) firm(v *visit) error {
	page, err := p.firmOf(v)
	if err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "firm.html", page)
}

func (p *Pages) firmOf(v *visit) (page firmPage, err error) {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return page, fault.Absent()
	}
	e, err := p.options.Registry.Enterprise(v.ctx, id)
	if err != nil {
		return page, err
	}
	page = firmPage{Shell: p.shell(v, fault.Text{Key: e.Name, English: e.Name}), Phone: code.MaskPhone(e.Phone), Asks: e.Phone != "" && v.may(policies.EnterpriseContact),
		Firm: firmLine{Enterprise: e, Industry: say(v, code.Industry(e.MainIndustry).Title()), Class: registry.PermitClassName(e.PermitClass), Risk: e.RiskName()}}
	names, err := p.options.Registry.EnterpriseNames(v.ctx, id)
	if err != nil {
		return page, err
	}
	for _, n := range names {
		if n.UntilOn != nil {
			page.Former = append(page.Former, n)
		}
	}
	parks, err := p.parkNames(v)
	if err != nil {
		return page, err
	}
	for _, read := range []func(*visit, models.ID, map[string]string, *firmPage) error{p.firmCards, p.firmSites, p.firmPermits, p.firmWorks, p.firmStops, p.firmEntries, p.firmFindings} {
		if err := read(v, id, parks, &page); err != nil {
			return page, err
		}
	}
	sites := []option{}
	for _, l := range page.Sites {
		if l.ClosedOn == nil {
			sites = append(sites, option{Value: string(l.Site.ID), Name: l.Park})
		}
	}
	page.Forms = gradingForms(v, id)
	if len(sites) > 0 {
		page.Forms = append(page.Forms, workForm(v, "/firm/"+string(id), nil, sites)...)
	}
	holdingForms(v, &page, sites)
	page.Forms = append(page.Forms, firmForms(v, e)...)
	return page, nil
}

// moveFirm registers what the form of the address says about a firm.
func (p *Pages) moveFirm(v *visit) error {
	page, err := p.firmOf(v)
	if err != nil {
		return err
	}
	move, id := v.c.Param("move"), page.Firm.Enterprise.ID
	if move == "contact" {
		return p.showContact(v, page)
	}
	var to string
	switch move {
	case string(grade.Capability), string(grade.Credit):
		to, err = p.openGrade(v, id, grade.Kind(move))
	case "facility":
		to, err = "/firm/"+string(id), p.registerFirmWork(v, page)
	case "change", "closing":
		to, err = "/firm/"+string(id), p.changeFirm(v, page.Firm.Enterprise, move)
	default:
		known := false
		if known, err = p.moveHolding(v, page, move); !known {
			return fault.Absent()
		}
		to = "/firm/" + string(id)
	}
	if err == nil {
		v.to(to)
		return nil
	}
	f, here := p.told(v, err)
	if !here {
		return err
	}
	page.Failure, page.Shell.Failed = f, true
	page.Kept = p.refused(v, page.Forms, move, nil, f)
	return p.show(v, f.Status, "firm.html", page)
}

func (p *Pages) firmCards(v *visit, id models.ID, _ map[string]string, page *firmPage) error {
	if !v.may(policies.GradeRead) {
		return nil
	}
	grades, err := p.options.Grades.List(v.ctx, grade.Filter{EnterpriseID: string(id)}, models.Query{Limit: mostOfFirm})
	for _, g := range grades.Items {
		page.Cards = append(page.Cards, p.cardLineOf(g, page.Firm.Enterprise.Name))
	}
	page.More = page.More || grades.Next != ""
	return err
}

func (p *Pages) firmSites(v *visit, id models.ID, parks map[string]string, page *firmPage) error {
	if !v.may(policies.SiteRead) {
		return nil
	}
	sites, err := p.options.Registry.Sites(v.ctx, registry.SiteFilter{EnterpriseID: string(id)}, models.Query{Limit: mostOfFirm})
	if err != nil {
		return err
	}
	for _, s := range sites.Items {
		l := siteLine{Site: s, Park: parks[string(s.ParkID)]}
		if l.Tenancies, err = p.options.Registry.Tenancies(v.ctx, s.ID); err != nil {
			return err
		}
		page.Sites = append(page.Sites, l)
	}
	page.More = page.More || sites.Next != ""
	return nil
}

func (p *Pages) firmPermits(v *visit, id models.ID, parks map[string]string, page *firmPage) error {
	if !v.may(policies.PermitRead) {
		return nil
	}
	permits, err := p.options.Registry.Permits(v.ctx, registry.PermitFilter{EnterpriseID: string(id)}, models.Query{Limit: mostOfFirm, Sort: "-validTo"})
	for _, x := range permits.Items {
		l := permitLine{Permit: x, Park: parks[string(x.ParkID)], Class: registry.PermitClassName(x.Class)}
		standing := x.Standing(p.options.Today())
		l.Name, l.Mark = registry.PermitStandingName(standing), permitBand(standing)
		page.Permits = append(page.Permits, l)
	}
	page.More = page.More || permits.Next != ""
	return err
}

// permitBand is the mark of where a permit stands.
func permitBand(standing string) band {
	switch standing {
	case "issued", "registered":
		return onTarget
	case "renewal_due", "applied":
		return halfway
	case "expired", "withdrawn":
		return behind
	}
	return noScore
}

package web

import (
	"net/http"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// worksPage is what templates/works.html shows: treatment works and what belongs to
// them (治理设施).
type worksPage struct {
	Shell shell
	Head  listHead
	Lines []workLine
}

// workLine is one facility in a list.
type workLine struct {
	registry.Facility
	Park, Firm string
	Kind       fault.Text
	Name       fault.Text // whether it is in use
	Mark       band
}

// outletLine is one outlet of a firm.
type outletLine struct {
	registry.Outlet
	Kind, Regime fault.Text
}

func workKinds() []string { return []string{"treatment", "central", "store", "basin", "production"} }

func workKindName(kind string) fault.Text {
	switch kind {
	case "production":
		return fault.T("生产设施")
	case "treatment":
		return fault.T("污染防治设施")
	case "central":
		return fault.T("集中处理设施")
	case "store":
		return fault.T("贮存设施")
	}
	return fault.T("应急池")
}

func (p *Pages) works(v *visit) error {
	h, parks, err := p.filtersOf(v, nil)
	if err != nil {
		return err
	}
	h.Undated = true
	kinds := choice{Name: "kind", Label: fault.T("种类")}
	for _, k := range workKinds() {
		kinds.Options = append(kinds.Options, option{k, say(v, workKindName(k)), k == v.c.Query("kind")})
	}
	h.Lists = []choice{kinds}
	q := v.c.Query
	found, err := p.options.Registry.Facilities(v.ctx, registry.FacilityFilter{ParkID: q("parkId"), EnterpriseID: q("enterpriseId"), Kind: q("kind")}, h.page("code"))
	if err != nil {
		return err
	}
	h.turn(found.Next, found.Total)
	firms, err := firmsOf(p, v, found.Items, func(f registry.Facility) *models.ID { return f.EnterpriseID })
	if err != nil {
		return err
	}
	page := worksPage{Shell: p.shell(v, fault.T("治理设施")), Head: h}
	for _, f := range found.Items {
		l := workLineOf(f)
		l.Park, l.Firm = h.place(parks[string(f.ParkID)], named(firms, f.EnterpriseID))
		page.Lines = append(page.Lines, l)
	}
	return p.show(v, http.StatusOK, "works.html", page)
}

func workLineOf(f registry.Facility) workLine {
	l := workLine{Facility: f, Kind: workKindName(f.Kind), Name: fault.T("在用"), Mark: onTarget}
	switch {
	case f.ClosedOn != nil:
		l.Name, l.Mark = fault.T("已终止"), noScore
	case !f.InUse:
		l.Name, l.Mark = fault.T("停用"), noScore
	}
	return l
}

func outletLineOf(o registry.Outlet) outletLine {
	l := outletLine{Outlet: o, Kind: fault.T("总排放口"), Regime: fault.T("直接排放")}
	switch o.Kind {
	case "workshop":
		l.Kind = fault.T("车间排放口")
	case "rain":
		l.Kind = fault.T("雨水排放口")
	case "air":
		l.Kind = fault.T("废气排放口")
	}
	switch o.Regime {
	case "indirect":
		l.Regime = fault.T("间接排放")
	case "none":
		l.Regime = fault.T("不外排")
	}
	return l
}

func (p *Pages) firmWorks(v *visit, id models.ID, parks map[string]string, page *firmPage) error {
	if !v.may(policies.FacilityRead) {
		return nil
	}
	f := registry.FacilityFilter{EnterpriseID: string(id)}
	works, err := p.options.Registry.Facilities(v.ctx, f, models.Query{Limit: mostOfFirm})
	if err != nil {
		return err
	}
	for _, x := range works.Items {
		l := workLineOf(x)
		l.Park = parks[string(x.ParkID)]
		page.Works = append(page.Works, l)
	}
	outlets, err := p.options.Registry.Outlets(v.ctx, f, models.Query{Limit: mostOfFirm})
	for _, x := range outlets.Items {
		page.Outlets = append(page.Outlets, outletLineOf(x))
	}
	page.More = page.More || works.Next != "" || outlets.Next != ""
	return err
}

// recent is how many filings and findings the page of a firm has.
const recent = 10

func (p *Pages) firmEntries(v *visit, id models.ID, parks map[string]string, page *firmPage) error {
	if !v.may(policies.LedgerRead) {
		return nil
	}
	found, err := p.options.Ledger.List(v.ctx, ledger.Filter{EnterpriseID: string(id)}, models.Query{Limit: recent, Sort: "-day"})
	for _, r := range found.Items {
		page.Entries = append(page.Entries, entryLine{Record: r, Park: parks[string(r.ParkID)], Class: nameOf(v.lang, r.TitleZh, r.TitleEn), Name: r.State.Word(), Mark: entryBand(r.State), Late: lateness(r.Entry)})
	}
	return err
}

func (p *Pages) firmFindings(v *visit, id models.ID, parks map[string]string, page *firmPage) error {
	if !v.may(policies.FindingRead) {
		return nil
	}
	found, err := p.options.Inspection.Findings(v.ctx, inspection.FindingFilter{EnterpriseID: string(id)}, models.Query{Limit: recent, Sort: "-openedOn"})
	for _, f := range found.Items {
		page.Findings = append(page.Findings, findingLineOf(f, parks, p.options.Today()))
	}
	return err
}

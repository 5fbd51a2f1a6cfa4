package web

import (
	"cmp"
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
	Shell   shell
	Head    listHead
	Lines   []workLine
	Stops   []stopLine
	Forms   []moveForm
	Failure Failure
	Kept    []saidLine
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

// Into is what the outlet leads to, "" when nothing is registered.
func (l outletLine) Into() string { return cmp.Or(l.ReceivingPlant, l.ReceivingWater, l.Destination) }

func workKinds() []string { return []string{"treatment", "central", "store", "basin", "production"} }

func (p *Pages) works(v *visit) error {
	page, err := p.worksOf(v, v.c.Request.URL.Path)
	if err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "works.html", page)
}

func (p *Pages) worksOf(v *visit, path string) (worksPage, error) {
	page := worksPage{Shell: p.listed(v, fault.T("治理设施"))}
	h, parks, err := p.filtersOf(v, nil)
	if err != nil {
		return page, err
	}
	h.Path, h.Clear, h.Undated = path, path, true
	kinds := choice{Name: "kind", Label: fault.T("种类")}
	for _, k := range workKinds() {
		kinds.Options = append(kinds.Options, option{k, say(v, registry.FacilityKindName(k)), k == v.c.Query("kind")})
	}
	h.Lists = []choice{kinds}
	q := v.c.Query
	found, err := p.options.Registry.Facilities(v.ctx, registry.FacilityFilter{ParkID: q("parkId"), EnterpriseID: q("enterpriseId"), Kind: q("kind")}, h.page("code"))
	if err != nil {
		return page, err
	}
	turn(&h, found)
	firms, err := firmsOf(p, v, found.Items, func(f registry.Facility) *models.ID { return f.EnterpriseID })
	if err != nil {
		return page, err
	}
	h.exportsRows(v, "facilities", "", "facility-rows")
	page.Head, page.Forms = h, workForm(v, "/facilities", h.Parks, nil)
	if err := p.ownStops(v, &page); err != nil {
		return page, err
	}
	for _, f := range found.Items {
		l := workLineOf(f)
		l.Park, l.Firm = h.place(parks[string(f.ParkID)], named(firms, f.EnterpriseID))
		page.Lines = append(page.Lines, l)
	}
	return page, nil
}

func workLineOf(f registry.Facility) workLine {
	l := workLine{Facility: f, Kind: f.KindName(), Name: f.StandingName(), Mark: onTarget}
	if f.ClosedOn != nil || !f.InUse {
		l.Mark = noScore
	}
	return l
}

func outletLineOf(o registry.Outlet) outletLine {
	return outletLine{Outlet: o, Kind: o.KindName(), Regime: o.RegimeName()}
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
	if err != nil {
		return err
	}
	streams, err := p.options.Registry.Streams(v.ctx, f, models.Query{Limit: mostOfFirm})
	page.Streams = streamTable(v, streams.Items)
	page.More = page.More || works.Next != "" || outlets.Next != "" || streams.Next != ""
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
		page.Entries = append(page.Entries, entryLine{Record: r, Park: parks[string(r.ParkID)], Class: nameOf(v.lang, r.TitleZh, r.TitleEn), Name: r.State.Word(), Mark: entryBand(r.State), Late: r.Lateness()})
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

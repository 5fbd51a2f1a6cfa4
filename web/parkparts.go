package web

import (
	"cmp"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/progress"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// tabLink is one of the parts that a page is divided into; each has an address.
type tabLink struct {
	Name    fault.Text
	Path    string
	Current bool
}

// parkPart is one part of the file of a park.
type parkPart struct {
	id   string
	name fault.Text
	need policies.Permission
	list string // of the workplace that has all of it, "" for none
	read func(*Pages, *visit, *parkPage) error
}

// firstPart is what stands without anything in the address.
const firstPart = "about"

// parkParts are they, in the order of the tabs. What happened to the register comes last.
func parkParts() []parkPart {
	return []parkPart{
		{firstPart, fault.T("概况"), policies.ParkRead, "", (*Pages).parkAbout},
		{"six", fault.T("六维"), policies.ProgressRead, "", (*Pages).parkSix},
		{"ledger", fault.T("台账"), policies.LedgerRead, "ledger", (*Pages).parkLedger},
		{"firms", fault.T("企业"), policies.EnterpriseRead, "firms", (*Pages).parkFirms},
		{"facilities", fault.T("设施"), policies.FacilityRead, "facilities", (*Pages).parkWorks},
		{"monitoring", fault.T("监测"), policies.LedgerRead, "exceedances", (*Pages).parkWatched},
		{"patrols", fault.T("巡查"), policies.PatrolRead, "patrols", (*Pages).parkPatrols},
		{"findings", fault.T("问题"), policies.FindingRead, "findings", (*Pages).parkFindings},
		{"emergency", fault.T("应急"), policies.LedgerRead, "emergency", (*Pages).parkEmergency},
		{"changes", fault.T("变更"), policies.ChangeRead, "", (*Pages).parkChanges},
	}
}

// parkRows is what the parts show; each fills its own.
type parkRows struct {
	Areas       []parkArea
	Months      int
	Assessments []sixLine
	Today       *parkTodayRow
	Entries     entryTable
	Firms       []firmLine
	Works       []workLine
	Over        []exceedanceLine
	Watch       []watchLink
	Patrols     []patrolLine
	Findings    []findingLine
	Emergency   []emergencyLine
	Changes     []changeLine
	Next        string // of the changes
}

// parkArea is one of the six areas with how its score went.
type parkArea struct {
	areaDetail
	Course *spark
}

// watchLink leads to the records of one kind of monitoring.
type watchLink struct{ Name, Class string }

// open is the part that the address asks for; the tabs are those that the visitor may read.
func (page *parkPage) open(v *visit) (parkPart, error) {
	var asked *parkPart
	at := "/park/" + string(page.Line.ID)
	all := parkParts()
	for i, part := range all {
		if !v.may(part.need) {
			continue
		}
		link := tabLink{part.name, at + "?tab=" + part.id, part.id == page.Tab}
		if part.id == firstPart {
			link.Path = at
		}
		page.Tabs = append(page.Tabs, link)
		if link.Current {
			asked = &all[i]
		}
	}
	if asked == nil {
		return parkPart{}, strange("tab", page.Tab)
	}
	if asked.list != "" {
		page.More = string(page.Shell.Tier) + "/" + asked.list + "?parkId=" + string(page.Line.ID)
	}
	return *asked, nil
}

// parkScores are the six scores of the head, with how they went where that is the part.
func (p *Pages) parkScores(v *visit, page *parkPage) error {
	if !v.may(policies.ProgressRead) {
		return nil
	}
	months := 1
	if page.Tab == "six" {
		months = courseMonths
	}
	course, err := p.options.Progress.Course(v.ctx, progress.Question{}, months)
	if err != nil {
		return err
	}
	overall := make([][]score, len(assessment.Dimensions()))
	for _, r := range course {
		i := slices.IndexFunc(r.Parks, func(st progress.ParkStanding) bool { return st.Park.ID == page.Line.ID })
		if i < 0 { // not known then
			for d := range overall {
				overall[d] = append(overall[d], scoreOf(nil))
			}
			continue
		}
		page.Scores, page.Overall = nil, scoreOf(r.Parks[i].Overall)
		for d, dim := range r.Parks[i].Dimensions {
			page.Scores = append(page.Scores, areaDetail{dim.Dimension.Number, dim.Dimension.Name, scoreOf(dim.Score), dim.Met, dim.Required, dim.Pending})
			overall[d] = append(overall[d], scoreOf(dim.Score))
		}
	}
	page.Months = months
	for d, area := range page.Scores {
		page.Areas = append(page.Areas, parkArea{area, sparkScores(overall[d])})
	}
	return nil
}

// parkSix adds the assessments to the areas, which the head has read.
func (p *Pages) parkSix(v *visit, page *parkPage) error {
	if !v.may(policies.AssessmentRead) {
		return nil
	}
	all, err := p.options.Assessments.List(v.ctx, assessment.Filter{ParkID: string(page.Line.ID)}, models.Query{Limit: mostOfFirm})
	if err != nil {
		return err
	}
	for _, a := range all.Items {
		list, err := p.options.Assessments.Checklist(v.ctx, a.Checklist)
		if err != nil {
			return err
		}
		page.Assessments = append(page.Assessments, sixLineOf(a, list, page.Line.Label))
	}
	return nil
}

func (p *Pages) parkLedger(v *visit, page *parkPage) error {
	id := string(page.Line.ID)
	t, err := p.options.Obligations.Today(v.ctx, id)
	if err != nil {
		return err
	}
	for _, row := range t.Parks {
		page.Today = &parkTodayRow{ParkToday: row, ID: id, Since: t.Since, AsOf: t.AsOf}
	}
	found, err := p.options.Ledger.List(v.ctx, ledger.Filter{ParkID: id}, models.Query{Limit: recent, Sort: "-day"})
	if err != nil {
		return err
	}
	page.Entries.Lines, err = p.entryLines(v, found.Items, nil, func(_, firm string) (string, string) { return withinPark(firm, page), "" })
	return err
}

func (p *Pages) parkFirms(v *visit, page *parkPage) error {
	found, err := p.options.Registry.Enterprises(v.ctx, registry.EnterpriseFilter{ParkID: string(page.Line.ID)}, models.Query{Limit: mostOfFirm, Sort: "name"})
	for _, e := range found.Items {
		page.Firms = append(page.Firms, firmLine{Enterprise: e, Industry: say(v, code.Industry(e.MainIndustry).Title()), Class: registry.PermitClassName(e.PermitClass), Risk: e.RiskName()})
	}
	return err
}

func (p *Pages) parkWorks(v *visit, page *parkPage) error {
	found, err := p.options.Registry.Facilities(v.ctx, registry.FacilityFilter{ParkID: string(page.Line.ID)}, models.Query{Limit: mostOfFirm, Sort: "code"})
	if err != nil {
		return err
	}
	firms, err := firmsOf(p, v, found.Items, func(f registry.Facility) *models.ID { return f.EnterpriseID })
	for _, f := range found.Items {
		l := workLineOf(f)
		l.Park = withinPark(named(firms, f.EnterpriseID), page)
		page.Works = append(page.Works, l)
	}
	return err
}

// parkWatched are the newest readings over their limits, and the way to the records of monitoring.
func (p *Pages) parkWatched(v *visit, page *parkPage) error {
	for _, c := range p.options.Ledger.Catalogue().Classes() {
		if c.Group == "monitoring" {
			page.Watch = append(page.Watch, watchLink{nameOf(v.lang, c.TitleZh, c.TitleEn), c.Code})
		}
	}
	found, err := p.options.Ledger.Exceedances(v.ctx, ledger.ExceedanceFilter{ParkID: string(page.Line.ID)}, models.Query{Limit: recent, Sort: "-day"})
	if err != nil {
		return err
	}
	firms, err := firmsOf(p, v, found.Items, func(x ledger.ExceedanceRecord) *models.ID { return x.Entry.EnterpriseID })
	for _, x := range found.Items {
		l := exceedanceLineOf(v, x)
		l.Park = withinPark(named(firms, x.Entry.EnterpriseID), page)
		page.Over = append(page.Over, l)
	}
	return err
}

// withinPark is where a row of the park is: the firm, or the park itself.
func withinPark(firm string, page *parkPage) string { return cmp.Or(firm, page.Line.Label) }

func (p *Pages) parkPatrols(v *visit, page *parkPage) error {
	found, err := p.options.Inspection.Patrols(v.ctx, inspection.PatrolFilter{ParkID: string(page.Line.ID)}, models.Query{Limit: recent, Sort: "-createdAt"})
	if err != nil {
		return err
	}
	walks, err := p.options.Inspection.Walks(v.ctx, found.Items)
	if err != nil {
		return err
	}
	firms, err := firmsOf(p, v, found.Items, func(x inspection.Patrol) *models.ID { return x.EnterpriseID })
	for _, x := range found.Items {
		l := patrolLineOf(x, walks[x.ID])
		l.Park = withinPark(named(firms, x.EnterpriseID), page)
		page.Patrols = append(page.Patrols, l)
	}
	return err
}

func (p *Pages) parkFindings(v *visit, page *parkPage) error {
	found, err := p.options.Inspection.Findings(v.ctx, inspection.FindingFilter{ParkID: string(page.Line.ID)}, models.Query{Limit: recent, Sort: "-openedOn"})
	if err != nil {
		return err
	}
	firms, err := firmsOf(p, v, found.Items, func(f inspection.Finding) *models.ID { return f.EnterpriseID })
	for _, f := range found.Items {
		l := findingLineOf(f, nil, p.options.Today())
		l.Park = withinPark(named(firms, f.EnterpriseID), page)
		page.Findings = append(page.Findings, l)
	}
	return err
}

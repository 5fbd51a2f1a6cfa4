package web

import (
	"net/http"
	"net/url"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/progress"
	"parkregistry/models/registry"
	"parkregistry/models/task"
	"parkregistry/policies"
)

// searchPage is what templates/search.html shows: what the register has of a few words,
// among what the visitor may read.
type searchPage struct {
	Shell  shell
	Q      string
	Failed string // why the words are none
	Groups []hitGroup
}

// hitGroup are the hits of one kind, with the list that has all of them where there is one.
type hitGroup struct {
	Name  fault.Text
	All   string
	Lines []hitLine
}

type hitLine struct{ Label, Code, Beside, Path string }

func (p *Pages) search(v *visit) error {
	q := strings.TrimSpace(v.c.Query("q"))
	page := searchPage{Shell: p.shell(v, fault.T("查找")), Q: q}
	page.Shell.Asked = q
	if q == "" {
		return p.show(v, http.StatusOK, "search.html", page)
	}
	if kind, number, is := models.ReadNumber(q); is {
		to, err := p.numbered(v, kind, number)
		if err != nil {
			return err
		}
		if to != "" {
			v.to(to)
			return nil
		}
	}
	hits, err := p.options.Registry.Search(v.ctx, q)
	if err != nil {
		f, here := p.told(v, err)
		if !here || len(f.Errors) == 0 {
			return err
		}
		page.Failed, page.Shell.Failed = f.Errors[0].Detail, true
		return p.show(v, f.Status, "search.html", page)
	}
	parks, err := p.parkNames(v)
	if err != nil {
		return err
	}
	firms, err := firmsOf(p, v, hits, func(h registry.Hit) *models.ID { return h.FirmID })
	if err != nil {
		return err
	}
	base := string(page.Shell.Tier)
	for _, kind := range []registry.Kind{registry.KindPark, registry.KindEnterprise, registry.KindPermit, registry.KindFacility} {
		g := hitGroup{Name: hitKindName(kind)}
		if kind == registry.KindEnterprise && v.may(policies.EnterpriseRead) {
			g.All = base + "/firms?" + url.Values{"q": {q}}.Encode()
		}
		for _, h := range hits {
			if h.Kind == kind {
				g.Lines = append(g.Lines, hitLineOf(h, parks, firms))
			}
		}
		if len(g.Lines) > 0 {
			page.Groups = append(page.Groups, g)
		}
	}
	return p.show(v, http.StatusOK, "search.html", page)
}

// numbered is the page of the row with a number that people quote, "" for none among what
// the visitor may read.
func (p *Pages) numbered(v *visit, kind models.NumberKind, number string) (string, error) {
	one := models.Query{Limit: 1}
	switch {
	case kind == models.LedgerNumber && v.may(policies.LedgerRead):
		found, err := p.options.Ledger.List(v.ctx, ledger.Filter{Numbers: []string{number}}, one)
		return pageOf("/ledger/", found.Items, func(r ledger.Record) models.ID { return r.ID }), err
	case kind == models.FindingNumber && v.may(policies.FindingRead):
		found, err := p.options.Inspection.Findings(v.ctx, inspection.FindingFilter{Number: number}, one)
		return pageOf("/finding/", found.Items, func(f inspection.Finding) models.ID { return f.ID }), err
	case kind == models.PatrolNumber && v.may(policies.PatrolRead):
		found, err := p.options.Inspection.Patrols(v.ctx, inspection.PatrolFilter{Number: number}, one)
		return pageOf("/patrol/", found.Items, func(x inspection.Patrol) models.ID { return x.ID }), err
	case kind == models.TaskNumber && v.may(policies.TaskRead):
		found, err := p.options.Tasks.List(v.ctx, task.Filter{Number: number}, progress.Question{}, one)
		return pageOf("/task/", found.Items, func(x task.Standing) models.ID { return x.ID }), err
	case kind == models.DrawNumber && v.may(policies.DrawRead):
		found, err := p.options.Inspection.Draws(v.ctx, inspection.DrawFilter{Number: number}, one)
		return pageOf("/draw/", found.Items, func(x inspection.Draw) models.ID { return x.ID }), err
	}
	return "", nil
}

func pageOf[T any](base string, rows []T, id func(T) models.ID) string {
	if len(rows) == 0 {
		return ""
	}
	return base + string(id(rows[0]))
}

// hitLineOf leads to the page that the row is on: a park's, a firm's, a permit's or a facility's.
func hitLineOf(h registry.Hit, parks map[string]string, firms map[models.ID]string) hitLine {
	l := hitLine{Label: h.Label, Code: h.Code}
	if h.ParkID != nil && h.Kind != registry.KindPark {
		l.Beside = parks[string(*h.ParkID)]
	}
	switch {
	case h.Kind == registry.KindPark:
		l.Path = "/park/" + string(h.ID)
	case h.Kind == registry.KindFacility, h.Kind == registry.KindPermit:
		l.Path = "/" + string(h.Kind) + "/" + string(h.ID)
		l.Beside = strings.TrimSpace(l.Beside + " " + named(firms, h.FirmID))
	default:
		l.Path = "/firm/" + string(models.Deref(h.FirmID))
	}
	if l.Code == l.Label {
		l.Code = ""
	}
	return l
}

func hitKindName(kind registry.Kind) fault.Text {
	switch kind {
	case registry.KindPark:
		return fault.T("园区")
	case registry.KindEnterprise:
		return fault.T("企业")
	case registry.KindPermit:
		return fault.T("排污许可证和登记回执")
	}
	return fault.T("设施")
}

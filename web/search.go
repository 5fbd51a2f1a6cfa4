package web

import (
	"net/http"
	"net/url"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
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
				g.Lines = append(g.Lines, hitLineOf(h, base, parks, firms))
			}
		}
		if len(g.Lines) > 0 {
			page.Groups = append(page.Groups, g)
		}
	}
	return p.show(v, http.StatusOK, "search.html", page)
}

// hitLineOf leads to the page that the row is on: a park's, a firm's, or the list of the
// facilities of a park.
func hitLineOf(h registry.Hit, base string, parks map[string]string, firms map[models.ID]string) hitLine {
	l := hitLine{Label: h.Label, Code: h.Code}
	if h.ParkID != nil && h.Kind != registry.KindPark {
		l.Beside = parks[string(*h.ParkID)]
	}
	switch {
	case h.Kind == registry.KindPark:
		l.Path = "/park/" + string(h.ID)
	case h.FirmID != nil:
		l.Path = "/firm/" + string(*h.FirmID)
		if h.Kind != registry.KindEnterprise {
			l.Beside = strings.TrimSpace(l.Beside + " " + named(firms, h.FirmID))
		}
	default:
		l.Path = base + "/facilities?" + url.Values{"parkId": {string(models.Deref(h.ParkID))}}.Encode()
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

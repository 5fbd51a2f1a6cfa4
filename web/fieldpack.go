package web

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/models/registry"
)

// pack is what a phone holds for patrols without a network: everything in the visitor's
// reach, read through the services as any page reads it.
type pack struct {
	Version   string        `json:"version"` // of the content
	At        time.Time     `json:"at"`      // clock of the server
	Parks     []packPark    `json:"parks"`
	Points    []packPoint   `json:"points"`
	Limits    [][]packLimit `json:"limits"` // each set once; points name them by place
	Findings  []packFinding `json:"findings"`
	Checklist string        `json:"checklist"` // version
	Items     []packItem    `json:"items"`
	Types     []packType    `json:"types"`

	only models.ID // the one park that is asked for, "" for every one; without limits and findings then
}

type packPark struct {
	ID   models.ID `json:"id"`
	Code string    `json:"code"`
	Name string    `json:"name"`
}

// packPoint is something to walk to: a facility, an outlet, a firm's site, or the park's
// common ground, which has no id of its own.
type packPoint struct {
	ID     models.ID  `json:"id"` // of the park for its common ground
	Park   models.ID  `json:"park"`
	Site   *models.ID `json:"site,omitempty"`
	Kind   string     `json:"kind"` // facility, outlet, site, park
	Code   string     `json:"code,omitempty"`
	Name   string     `json:"name"`
	Firm   string     `json:"firm,omitempty"`
	Asks   []string   `json:"asks"`   // items of the checklist
	Limits int        `json:"limits"` // which set, -1 for none
}

// packLimit is one limit in force, as a hint for the eye: what is recorded is judged by
// the server.
type packLimit struct {
	Zh      string `json:"zh"`
	En      string `json:"en"`
	Minimum string `json:"min,omitempty"`
	Maximum string `json:"max"`
	Unit    string `json:"unit,omitempty"` // none for what has no dimension
}

type packFinding struct {
	Park     models.ID  `json:"park"`
	Site     *models.ID `json:"site,omitempty"`
	Facility *models.ID `json:"facility,omitempty"`
	Number   string     `json:"number"`
	On       code.Day   `json:"on"`
	Zh       string     `json:"zh"` // how it stands
	En       string     `json:"en"`
	Open     bool       `json:"open"`
	Text     string     `json:"text"`
}

type packItem struct {
	ID        string              `json:"id"`
	Zh        string              `json:"zh"`
	En        string              `json:"en"`
	Answer    string              `json:"answer"`
	Severity  inspection.Severity `json:"severity"`
	Dimension int                 `json:"dimension"`
}

type packType struct {
	ID       string              `json:"id"`
	Zh       string              `json:"zh"`
	En       string              `json:"en"`
	Severity inspection.Severity `json:"severity"`
}

// What a pack holds of findings: those of half a year, each with the beginning of its text.
const (
	packDays = 183
	packText = 120
)

func (p *Pages) fieldPack(v *visit) error {
	k := pack{Limits: [][]packLimit{}, Findings: []packFinding{}}
	k.questions()
	for _, read := range []func(*visit, *pack) error{p.packParks, p.packSites, p.packFacilities, p.packOutlets, p.packFindings} {
		if err := read(v, &k); err != nil {
			return err
		}
	}
	raw, err := json.Marshal(k)
	if err != nil {
		return err
	}
	k.Version, k.At = digest(raw), p.options.Now().UTC()
	return p.json(v, k)
}

// digest names a content in a few characters.
func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:5])
}

// dimensions are the areas that the objects of the checklist belong to; what is not
// named is treatment (2).
var dimensions = map[string]int{"construction": 3, "permit": 3, "ledger": 4, "monitorStation": 5, "emergency": 6}

func (k *pack) questions() {
	all := inspection.Checklists()
	list := all[len(all)-1]
	k.Checklist = list.Version
	for _, i := range list.Items {
		d, ok := dimensions[i.Object]
		if !ok {
			d = 2
		}
		k.Items = append(k.Items, packItem{i.ID, i.NameZh + "：" + i.CheckZh, i.CheckEn, i.Answer, i.Severity, d})
	}
	for _, t := range inspection.FindingTypes() {
		k.Types = append(k.Types, packType{t.ID, t.NameZh, t.NameEn, t.Severity})
	}
}

// asks are the items of the checklist about these kinds of object.
func (k *pack) asks(objects ...string) []string {
	ids := []string{}
	all := inspection.Checklists()
	for _, i := range all[len(all)-1].Items {
		if slices.Contains(objects, i.Object) {
			ids = append(ids, i.ID)
		}
	}
	return ids
}

// every reads a list to its end.
func every[T any](read func(models.Query) (models.Page[T], error), sort string) ([]T, error) {
	var all []T
	q := models.Query{Limit: models.MaxPage, Sort: sort}
	for {
		page, err := read(q)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.Next == "" {
			return all, nil
		}
		q.Cursor = page.Next
	}
}

func (p *Pages) packParks(v *visit, k *pack) error {
	parks, err := every(func(q models.Query) (models.Page[registry.Park], error) {
		return p.options.Registry.Parks(v.ctx, registry.ParkFilter{}, q)
	}, "")
	for _, x := range parks {
		if x.ClosedOn == nil && x.Name != nil && (k.only == "" || k.only == x.ID) {
			k.Parks = append(k.Parks, packPark{x.ID, x.Code, *x.Name})
			k.Points = append(k.Points, packPoint{ID: x.ID, Park: x.ID, Kind: "park", Name: words.Render(words.Chinese, fault.T("园区公共区域")), Asks: k.asks("construction", "emergency", "monitorStation"), Limits: -1})
		}
	}
	return err
}

func (p *Pages) packSites(v *visit, k *pack) error {
	sites, err := every(func(q models.Query) (models.Page[registry.Site], error) {
		return p.options.Registry.Sites(v.ctx, registry.SiteFilter{ParkID: string(k.only)}, q)
	}, "")
	if err != nil {
		return err
	}
	sites = slices.DeleteFunc(sites, func(s registry.Site) bool { return s.ClosedOn != nil })
	firms, err := firmsOf(p, v, sites, func(s registry.Site) *models.ID { return s.EnterpriseID })
	for _, s := range sites {
		k.add(packPoint{ID: s.ID, Park: s.ParkID, Site: &s.ID, Kind: "site", Name: named(firms, s.EnterpriseID), Asks: k.asks("ledger", "permit", "emergency"), Limits: -1})
	}
	return err
}

// add takes a point of a park that is in the pack; of a firm's, the name of the firm.
func (k *pack) add(x packPoint) {
	if !slices.ContainsFunc(k.Parks, func(p packPark) bool { return p.ID == x.Park }) {
		return
	}
	if x.Kind != "site" && x.Site != nil {
		i := slices.IndexFunc(k.Points, func(o packPoint) bool { return o.ID == *x.Site })
		if i < 0 {
			return // its firm has moved out
		}
		x.Firm = k.Points[i].Name
	}
	k.Points = append(k.Points, x)
}

func (p *Pages) packFacilities(v *visit, k *pack) error {
	all, err := every(func(q models.Query) (models.Page[registry.Facility], error) {
		return p.options.Registry.Facilities(v.ctx, registry.FacilityFilter{ParkID: string(k.only)}, q)
	}, "code")
	for _, f := range all {
		if f.ClosedOn == nil && f.Kind != "production" {
			k.add(packPoint{ID: f.ID, Park: f.ParkID, Site: f.SiteID, Kind: "facility", Code: f.Code, Name: f.Name, Asks: k.asks(inspection.FacilityObjects(f)...), Limits: -1})
		}
	}
	return err
}

func (p *Pages) packOutlets(v *visit, k *pack) error {
	all, err := every(func(q models.Query) (models.Page[registry.Outlet], error) {
		return p.options.Registry.Outlets(v.ctx, registry.FacilityFilter{ParkID: string(k.only)}, q)
	}, "code")
	if err != nil {
		return err
	}
	sets := map[string]int{}
	for _, o := range all {
		if o.ClosedOn != nil {
			continue
		}
		x := packPoint{ID: o.ID, Park: o.ParkID, Site: o.SiteID, Kind: "outlet", Code: o.Code, Name: outletName(o), Asks: k.asks(inspection.OutletObjects(o)...), Limits: -1}
		if k.only == "" {
			if x.Limits, err = p.packLimits(v, k, o, sets); err != nil {
				return err
			}
		}
		k.add(x)
	}
	return nil
}

// outletName stands in the record of a patrol, in whatever language the reader has.
func outletName(o registry.Outlet) string {
	return cmp.Or(o.Name, words.Render(words.Chinese, outletLineOf(o).Kind))
}

// packLimits are the limits in force at an outlet today; most outlets share theirs.
func (p *Pages) packLimits(v *visit, k *pack, o registry.Outlet, sets map[string]int) (int, error) {
	found, err := p.options.Registry.Limits(v.ctx, o.ID, "", "")
	if err != nil {
		return -1, err
	}
	var all []packLimit
	for _, s := range found {
		name := code.Pollutant(s.Pollutant).Label()
		for _, c := range s.Candidates {
			if c.InForce {
				unit := unitOf(words.Chinese, c.Unit)
				if unit == "dimensionless" {
					unit = ""
				}
				all = append(all, packLimit{name.Zh, words.Name(words.English, name), c.Minimum, c.Maximum, unit})
			}
		}
	}
	if len(all) == 0 {
		return -1, nil
	}
	raw, err := json.Marshal(all)
	if err != nil {
		return -1, err
	}
	at, known := sets[string(raw)]
	if !known {
		at = len(k.Limits)
		sets[string(raw)], k.Limits = at, append(k.Limits, all)
	}
	return at, nil
}

func (p *Pages) packFindings(v *visit, k *pack) error {
	since := p.options.Today().Add(-packDays)
	all, err := every(func(q models.Query) (models.Page[inspection.Finding], error) {
		return p.options.Inspection.Findings(v.ctx, inspection.FindingFilter{From: since}, q)
	}, "-openedOn")
	for _, f := range all {
		text := []rune(strings.Join(strings.Fields(f.Description), " "))
		if len(text) > packText {
			text = append(text[:packText], '…')
		}
		name := f.State.Name()
		k.Findings = append(k.Findings, packFinding{f.ParkID, f.SiteID, f.FacilityID, f.Number, f.OpenedOn, words.Render(words.Chinese, name), words.Render(words.English, name),
			f.State != inspection.Closed && f.State != inspection.Withdrawn && f.State != inspection.Referred, string(text)})
	}
	return err
}

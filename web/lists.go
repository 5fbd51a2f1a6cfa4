package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/audit"
	"parkregistry/models/inspection"
	"parkregistry/models/obligation"
	"parkregistry/models/progress"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// option is one choice of a filter.
type option struct {
	Value  string
	Name   string
	Chosen bool
}

// firmsOf are the names of the firms that a list is about.
func firmsOf[T any](p *Pages, v *visit, rows []T, firm func(T) *models.ID) (map[models.ID]string, error) {
	var ids []models.ID
	for _, r := range rows {
		if id := firm(r); id != nil && !slices.Contains(ids, *id) {
			ids = append(ids, *id)
		}
	}
	if !v.may(policies.EnterpriseRead) {
		return nil, nil
	}
	return p.options.Registry.EnterpriseNamed(v.ctx, ids)
}

// named is the name of the firm, "" for what is the park's own.
func named(names map[models.ID]string, id *models.ID) string {
	if id == nil {
		return ""
	}
	return names[*id]
}

// listHead is what every list of the pages shares: the filters as the address has them,
// and the way to the next page.
type listHead struct {
	Path    string
	Parks   []option
	States  []option
	Lists   []choice // further filters that pick one of a list
	Undated bool     // its rows are not narrowed by days
	Search  bool     // it is searched by words
	Q       string   // these
	From    string
	To      string
	Overdue bool
	Total   int64
	Counted bool // that is known
	pageTurn
	Narrow bool // some filter is set
	Set    int  // how many are
	Clear  string
	Chips  []chip      // what the address asks for beside the fields
	Hidden []option    // the same, for the form to keep
	Export *exportForm // nil for who may not take the list out
	query  url.Values
	codes  map[string]string // of the parks
}

// choice is a filter that picks one of a list.
type choice struct {
	Name    string
	Label   fault.Text
	Options []option
}

// chip is a condition that no field shows, with the way to drop it.
type chip struct{ Name, Remove string }

// filtersOf reads the filters out of the address; the parks are those of the visitor,
// lists are further filters that have a field.
func (p *Pages) filtersOf(v *visit, states []option, lists ...choice) (listHead, map[string]string, error) {
	q := v.c.Request.URL.Query()
	q.Del("lang")
	h := listHead{pageTurn: pageTurn{Size: sizeIn(q)}, Path: v.c.Request.URL.Path, From: q.Get("from"), To: q.Get("to"), Q: q.Get("q"), Overdue: q.Get("overdue") == "true", States: states, Lists: lists, Clear: v.c.Request.URL.Path, query: q}
	for i := range h.States {
		h.States[i].Chosen = h.States[i].Value == q.Get("state")
	}
	if err := check(q, states); err != nil {
		return h, nil, err
	}
	var parks models.Page[registry.Park]
	if v.may(policies.ParkRead) { // who keeps accounts does not
		var err error
		if parks, err = p.options.Registry.Parks(v.ctx, registry.ParkFilter{}, models.Query{Limit: models.MaxPage}); err != nil {
			return h, nil, err
		}
	}
	names := map[string]string{}
	h.codes = map[string]string{}
	for _, park := range parks.Items {
		names[string(park.ID)], h.codes[string(park.ID)] = parkName(park), park.Code
		h.Parks = append(h.Parks, option{string(park.ID), parkName(park), string(park.ID) == q.Get("parkId")})
	}
	p.beside(v, &h)
	if size := q.Get("size"); size != "" { // other filters leave it as it is
		h.Hidden = append(h.Hidden, option{Value: size, Name: "size"})
	}
	h.reportedChip(v)
	for k, values := range q {
		if !isPlace(k) && slices.ContainsFunc(values, func(s string) bool { return s != "" }) {
			h.Set++
		}
	}
	h.Narrow = h.Set > 0
	return h, names, nil
}

// parkNames are the names of the visitor's parks.
func (p *Pages) parkNames(v *visit) (map[string]string, error) {
	parks, err := p.options.Registry.Parks(v.ctx, registry.ParkFilter{}, models.Query{Limit: models.MaxPage})
	names := map[string]string{}
	for _, park := range parks.Items {
		names[string(park.ID)] = parkName(park)
	}
	return names, err
}

// place is where a row is, first what tells it from the others: who has one park knows
// which it is, and reads the firm.
func (h listHead) place(park, firm string) (first, second string) {
	if len(h.Parks) == 1 && firm != "" {
		return firm, ""
	}
	return park, firm
}

// beside names the conditions of the address that have no field.
func (p *Pages) beside(v *visit, h *listHead) {
	for _, name := range slices.Sorted(maps.Keys(h.query)) {
		value := h.query.Get(name)
		if slices.ContainsFunc(h.Lists, func(c choice) bool { return c.Name == name }) {
			continue // its field says it
		}
		said := fault.Text{}
		switch name {
		case "class":
			said = fault.T("类别：{{.Class}}", "Class", value)
			if c, ok := p.options.Ledger.Catalogue().Newest(value); ok {
				said = fault.T("类别：{{.Class}}", "Class", nameOf(v.lang, c.TitleZh, c.TitleEn))
			}
		case "dueBy":
			said = fault.T("期限不晚于 {{.Day}}", "Day", value)
		case "enterpriseId":
			said = fault.T("一家企业")
			if firms, err := p.options.Registry.EnterpriseNamed(v.ctx, []models.ID{models.ID(value)}); err == nil && firms[models.ID(value)] != "" {
				said = fault.Text{Key: firms[models.ID(value)], English: firms[models.ID(value)]}
			}
		case "facilityId":
			said = fault.T("一个设施")
			if works, err := p.options.Registry.FacilitiesNamed(v.ctx, []models.ID{models.ID(value)}); err == nil && works[models.ID(value)] != "" {
				said = fault.Text{Key: works[models.ID(value)], English: works[models.ID(value)]}
			}
		case "wasteCode":
			said = fault.T("废物代码 {{.Code}}", "Code", value)
		case "lain":
			said = lainNames[value]
		case "objectId":
			said = fault.T("一个对象")
		case "actorId":
			said = fault.T("一个人")
		case "overdue":
			said = fault.T("整改逾期")
		case "late":
			said = fault.T("迟报")
		case "odd":
			said = fault.T("有异常提示")
		case "parkId":
			if i := slices.IndexFunc(h.Parks, func(o option) bool { return o.Chosen }); len(h.Parks) == 1 && i >= 0 {
				said = fault.Text{Key: h.Parks[i].Name, English: h.Parks[i].Name}
			}
		}
		if value == "" || said.Key == "" {
			continue
		}
		rest := maps.Clone(h.query)
		rest.Del(name)
		rest.Del("cursor")
		rest.Del("at")
		h.Chips, h.Hidden = append(h.Chips, chip{say(v, said), h.Path + "?" + rest.Encode()}), append(h.Hidden, option{Value: value, Name: name})
	}
}

// filterNames are the filters that lists take, each with what reads it; nil takes any.
var filterNames = map[string]func(string) error{
	"cursor": nil, "state": nil, "class": nil,
	"at":     models.IsDay,
	"size":   models.Among(sizeNames()...),
	"parkId": models.IsID, "programmeId": models.IsID, "enterpriseId": models.IsID,
	"outcome":  models.Among(audit.Done, audit.Refused, audit.Failed),
	"objectId": models.IsShort, "actorId": models.IsID,
	"quarter":      inspection.ParseQuarter,
	"year":         assessment.IsYear,
	"jurisdiction": models.Among(jurisdictionIDs()...),
	"grade":        models.Among(gradeKinds()...),
	"level":        models.Among(levelIDs()...),
	"q":            models.IsShort,
	"permitClass":  models.Among(permitClasses()...),
	"kind":         models.Among(workKinds()...),
	"nature":       models.Among(string(inspection.NaturePatrol), string(inspection.NatureInspection)),
	"from":         models.IsDay,
	"to":           models.IsDay,
	"dueBy":        models.IsDay,
	"dimension":    models.Among("1", "2", "3", "4", "5", "6"),
	"overdue":      models.Among("true"),
	"late":         models.Among("true"),
	"counted":      models.Among(countedNames()...),
	"asOf":         models.IsDay,
	"knownSeq":     audit.IsSeq,
	"district":     models.Among(append(jurisdictionIDs(), progress.NoDistrict)...),
	"odd":          models.Among("true"),
	"facilityId":   models.IsID,
	"wasteCode":    isWaste,
	"lain":         models.Among("over", "soon"),
	"skip":         nil, // read by portion
}

func isWaste(s string) error {
	_, err := code.ParseWasteCode(s)
	return err
}

// check refuses a filter that no list has, and what cannot be read as its filter is
// (S-IN4); an empty one is none.
func check(q url.Values, states []option) error {
	for name, values := range q {
		read, known := filterNames[name]
		value := values[0]
		known = known && (name != "state" || value == "" || slices.ContainsFunc(states, func(o option) bool { return o.Value == value }))
		if !known || read != nil && value != "" && read(value) != nil {
			return strange(name, value)
		}
	}
	return nil
}

// strange refuses a parameter of an address that is none, or has a value that none has.
func strange(name, value string) error {
	return &fault.Error{Code: fault.Malformed, Detail: fault.T("查询参数有误"), Violations: []fault.Violation{{Pointer: "/query/" + name, Code: "unknown", Detail: fault.T("没有这一项，或者不是它的值"), Value: value}}}
}

// Asked is what the address asks for by name.
func (h listHead) Asked(name string) string { return h.query.Get(name) }

// narrowed is the address with one condition more, from the first page.
func (h listHead) narrowed(name, value string) string {
	q := maps.Clone(h.query)
	q.Del("cursor")
	q.Del("skip")
	q.Del("at")
	q.Set(name, value)
	return h.Path + "?" + q.Encode()
}

// duePage is what templates/due.html shows: records owed, and how each stands.
type duePage struct {
	Shell shell
	Head  listHead
	Lines []dueLine
}

func (p *Pages) due(v *visit) error {
	var states []option
	for _, s := range obligation.States() {
		states = append(states, option{Value: string(s), Name: say(v, s.Name())})
	}
	h, names, err := p.filtersOf(v, states)
	if err != nil {
		return err
	}
	q := v.c.Query
	state := q("state")
	if _, asked := v.c.GetQuery("state"); !asked { // what is still to be done, unless something else is asked for
		state = string(obligation.Due)
		for i := range h.States {
			h.States[i].Chosen = h.States[i].Value == state
		}
	}
	f := obligation.Filter{ParkID: q("parkId"), EnterpriseID: q("enterpriseId"), State: obligation.State(state), From: code.Day(h.From), To: code.Day(h.To), DueBy: code.Day(q("dueBy"))}
	a, err := p.options.Obligations.List(v.ctx, f, obligation.MomentInput{}, h.page(""))
	if err != nil {
		return err
	}
	turn(&h, a.Page)
	h.exports(v, "obligations", state)
	page := duePage{Shell: p.listed(v, fault.T("应报台账")), Head: h}
	if page.Lines, err = p.dueLines(v, a.Items, a.AsOf, names); err != nil {
		return err
	}
	for i, l := range page.Lines {
		page.Lines[i].Park, page.Lines[i].Firm = h.place(l.Park, l.Firm)
	}
	return p.show(v, http.StatusOK, "due.html", page)
}

// findingsPage is what templates/findings.html shows.
type findingsPage struct {
	Shell shell
	Head  listHead
	Board string // the same findings as a board
	Lines []findingLine
}

// findingLine is one finding in a list.
type findingLine struct {
	inspection.Finding
	Park    string
	Firm    string
	Name    fault.Text
	Mark    band
	Area    fault.Text
	Due     string
	DueText fault.Text
}

// findingsAsked are the filters of the findings, the same for the list and for the board.
func (p *Pages) findingsAsked(v *visit) (listHead, map[string]string, inspection.FindingFilter, error) {
	var states []option
	for _, s := range inspection.States() {
		states = append(states, option{Value: string(s), Name: say(v, s.Name())})
	}
	var f inspection.FindingFilter
	h, names, err := p.filtersOf(v, states, areas(v))
	if err != nil {
		return h, nil, f, err
	}
	q := v.c.Query
	dimension, _ := strconv.Atoi(q("dimension"))
	f = inspection.FindingFilter{ParkID: q("parkId"), EnterpriseID: q("enterpriseId"), State: inspection.State(q("state")), Dimension: dimension, Overdue: h.Overdue, From: code.Day(h.From), To: code.Day(h.To)}
	f.Counted, err = p.counted(v, h, "findings")
	return h, names, f, err
}

func (p *Pages) findings(v *visit) error {
	h, names, f, err := p.findingsAsked(v)
	if err != nil {
		return err
	}
	found, err := p.options.Inspection.Findings(v.ctx, f, h.page("-openedOn"))
	if err != nil {
		return err
	}
	turn(&h, found)
	h.jumps()
	firms, err := firmsOf(p, v, found.Items, func(f inspection.Finding) *models.ID { return f.EnterpriseID })
	if err != nil {
		return err
	}
	h.exportsRows(v, "findings", v.c.Query("state"), "finding-rows")
	page := findingsPage{Shell: p.listed(v, fault.T("问题整改")), Head: h, Board: h.seenAt("/board")}
	for _, x := range found.Items {
		l := findingLineOf(x, names, p.options.Today())
		l.Park, l.Firm = h.place(l.Park, named(firms, x.EnterpriseID))
		page.Lines = append(page.Lines, l)
	}
	return p.show(v, http.StatusOK, "findings.html", page)
}

func findingLineOf(f inspection.Finding, parks map[string]string, today code.Day) findingLine {
	l := findingLine{Finding: f, Park: parks[string(f.ParkID)], Name: f.State.Name(), Mark: findingBand(f.State)}
	for _, a := range assessment.Dimensions() {
		if a.Number == f.Dimension {
			l.Area = a.Name
		}
	}
	if f.DueOn == nil || l.Mark == noScore || l.Mark == onTarget {
		return l
	}
	l.Due = dueIn(*f.DueOn, today)
	days := f.DueOn.Sub(today)
	switch {
	case f.Overdue(today):
		l.DueText = fault.T("逾期 {{.Days}} 天", "Days", -days)
	case l.Due == "over": // the recipient has answered
		l.Due, l.DueText = "later", fault.T("期限 {{.Day}}", "Day", string(*f.DueOn))
	case days == 0:
		l.DueText = fault.T("今日到期")
	default:
		l.DueText = fault.T("剩余 {{.Days}} 天", "Days", days)
	}
	return l
}

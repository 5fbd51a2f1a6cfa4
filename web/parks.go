package web

import (
	"net/http"
	"slices"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/models/report"
	"parkregistry/policies"
)

// parksPage is what templates/parks.html shows: the parks with where each stands in the
// pilot (园区档案).
type parksPage struct {
	Shell   shell
	Head    listHead
	Lines   []parkLine
	Forms   []moveForm
	Failure Failure
	Kept    []saidLine
}

// parkLine is one park in a list.
type parkLine struct {
	registry.Park
	Label    string
	District fault.Text
	Name     fault.Text // of its stage
	Mark     band
	Trades   string
	Staff    int // of the environmental body, 0 for unknown
}

func parkLineOf(v *visit, park registry.Park) parkLine {
	l := parkLine{Park: park, Label: parkName(park), Name: park.Pilot().Name(), Mark: halfway, Trades: sectorsOf(v, park.Sectors)}
	if park.BodyStaff != nil {
		l.Staff = *park.BodyStaff
	}
	if park.Jurisdiction != nil {
		l.District = code.AreaName(*park.Jurisdiction)
	}
	switch park.Pilot() {
	case registry.Accredited:
		l.Mark = onTarget
	case registry.SentBack:
		l.Mark = behind
	case registry.Lapsed, "":
		l.Mark = noScore
	}
	return l
}

func (p *Pages) parks(v *visit) error {
	page, err := p.parksOf(v, v.c.Request.URL.Path)
	if err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "parks.html", page)
}

func (p *Pages) parksOf(v *visit, path string) (parksPage, error) {
	page := parksPage{Shell: p.listed(v, fault.T("园区档案")), Forms: newParkForms(v)}
	var stages []option
	for _, s := range registry.PilotStates() {
		stages = append(stages, option{Value: string(s), Name: say(v, s.Name())})
	}
	h, _, err := p.filtersOf(v, stages)
	if err != nil {
		return page, err
	}
	h.Path, h.Clear = path, path
	h.Undated, h.Search, h.Parks = true, true, nil
	q := v.c.Query
	areas := choice{Name: "jurisdiction", Label: fault.T("属地")}
	for _, j := range code.Jurisdictions() {
		areas.Options = append(areas.Options, option{string(j), say(v, code.AreaName(string(j))), string(j) == q("jurisdiction")})
	}
	if tierOf(v.actor) == cityTier {
		h.Lists = []choice{areas}
	}
	found, err := p.options.Registry.Parks(v.ctx, registry.ParkFilter{Q: h.Q, Jurisdiction: q("jurisdiction"), PilotState: q("state")}, h.page("code"))
	if err != nil {
		return page, err
	}
	turn(&h, found)
	h.exports(v, "parks", q("state"))
	page.Head = h
	for _, park := range found.Items {
		page.Lines = append(page.Lines, parkLineOf(v, park))
	}
	return page, nil
}

func jurisdictionIDs() (all []string) {
	for _, j := range code.Jurisdictions() {
		all = append(all, string(j))
	}
	return all
}

// parkPage is what templates/park.html shows: one park, one part of its file at a time
// (一园一档). What the visitor may not read is not among the parts.
type parkPage struct {
	Shell   shell
	Line    parkLine
	Tabs    []tabLink
	Tab     string
	Report  bool // the file can be printed
	Scores  []areaDetail
	Overall score
	More    string // address of the whole list of what the part shows, "" for none

	Phases  []registry.Phase
	Stages  []stage
	Forms   []moveForm
	Steps   []stepLine
	Failure Failure
	Kept    []saidLine
	Done    fault.Text
	newest  registry.PilotState

	parkRows
}

// pilotNames are the moves of the pilot, each with the sub-resource that makes it.
var pilotNames = map[registry.PilotState]string{registry.Nominated: "nomination", registry.Designated: "designation", registry.PlanAgreed: "plan-agreement",
	registry.Building: "construction", registry.Accredited: "accreditation", registry.Lapsed: "lapse"}

func (p *Pages) park(v *visit) error {
	page, err := p.parkPageOf(v, v.c.DefaultQuery("tab", firstPart))
	if err != nil {
		return err
	}
	if done := v.c.Query("done"); done != "" && done == pilotNames[page.newest] {
		page.Done = page.newest.Name()
	}
	return p.show(v, http.StatusOK, "park.html", page)
}

func (p *Pages) parkPageOf(v *visit, tab string) (parkPage, error) {
	var page parkPage
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return page, fault.Absent()
	}
	park, err := p.options.Registry.Park(v.ctx, id)
	if err != nil {
		return page, err
	}
	name := parkName(park)
	page = parkPage{Shell: p.shell(v, fault.Text{Key: name, English: name}), Line: parkLineOf(v, park), Tab: tab}
	page.Report = slices.ContainsFunc(p.options.Reports.Kinds(v.ctx), func(k report.Kind) bool { return k.Name == "park" })
	part, err := page.open(v)
	if err != nil {
		return page, err
	}
	if err := p.parkScores(v, &page); err != nil {
		return page, err
	}
	return page, part.read(p, v, &page)
}

// parkAbout is the first part: the register, the way through the pilot and what may be
// done about it.
func (p *Pages) parkAbout(v *visit, page *parkPage) (err error) {
	park := page.Line.Park
	page.Stages = pilotStages(park.Pilot())
	if page.Phases, err = p.options.Registry.Phases(v.ctx, park.ID); err != nil {
		return err
	}
	moves, err := p.options.Assessments.PilotMoves(v.ctx, park)
	if err != nil {
		return err
	}
	for _, to := range moves {
		form := newMove(v, "/park/"+string(park.ID), pilotNames[to], to.Name(), pilotFields(to))
		form.Hidden = versionOf(park.Version)
		page.Forms = append(page.Forms, form)
	}
	page.Forms = append(page.Forms, parkForms(v, park)...)
	return p.pilotSteps(v, park.ID, page)
}

// pilotSteps are the steps in the pilot, the newest first.
func (p *Pages) pilotSteps(v *visit, id models.ID, page *parkPage) error {
	steps, err := p.options.Registry.PilotSteps(v.ctx, id, models.Query{Limit: models.MaxPage})
	for i, s := range steps.Items {
		if i == 0 {
			page.newest = s.ToState
		}
		l := stepLine{Name: s.ToState.Name(), At: string(s.Day), By: bodyOf(string(s.ActorOrg)), Reason: s.Reason}
		if s.Document != "" {
			l.Said = append(l.Said, saidLine{Label: fault.T("文号"), Value: s.Document})
		}
		if s.AssessmentID != nil && v.may(policies.AssessmentRead) {
			l.Said = append(l.Said, saidLine{fault.T("依据"), say(v, fault.T("评估")), "/six/" + string(*s.AssessmentID)})
		}
		page.Steps = append(page.Steps, l)
	}
	return err
}

// pilotStages are the way of a park that goes it; what is not in the pilot, or has left
// it, has none.
func pilotStages(now registry.PilotState) []stage {
	way := []registry.PilotState{registry.Nominated, registry.Designated, registry.PlanAgreed, registry.Building, registry.SelfAssessed, registry.DistrictChecked, registry.Accredited}
	at := slices.Index(way, now)
	if now == registry.SentBack { // to the self-assessment
		at = slices.Index(way, registry.Building)
	}
	if at < 0 {
		return nil
	}
	all := make([]stage, len(way))
	for i, s := range way {
		all[i] = stage{Name: s.Name(), Done: i <= at, Now: i == at+1}
	}
	return all
}

// pilotFields are what a step asks for.
func pilotFields(to registry.PilotState) []formField {
	reason := formField{Name: "reason", Label: fault.T("说明，可以不填；填写时至少 5 个字"), Kind: "area"}
	if to == registry.Lapsed {
		reason.Label, reason.Required = fault.T("原因，至少 5 个字"), true
	}
	return []formField{{Name: "on", Label: fault.T("日期，不填为今天"), Kind: "date"}, {Name: "document", Label: fault.T("文号"), Kind: "text"}, reason}
}

// parkMoved makes a step of the pilot, or what else may be done about a park; known is
// false where the address names neither. The fields are those of a form that may be gone.
func (p *Pages) parkMoved(v *visit, id models.ID, move string, version int64) (fields []formField, known bool, err error) {
	for to, name := range pilotNames {
		if name == move {
			in := registry.PilotInput{On: v.field("on"), Document: v.field("document"), Reason: v.field("reason")}
			_, err = p.options.Assessments.MovePilot(v.ctx, to, id, version, in)
			return pilotFields(to), true, err
		}
	}
	known, err = p.changePark(v, id, move, version)
	return nil, known, err
}

// movePark does what the form of the address says and shows the park again; what was refused is
// told in the form, with everything as it was entered.
func (p *Pages) movePark(v *visit) error {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return fault.Absent()
	}
	version, err := v.version()
	if err != nil {
		return err
	}
	move := v.c.Param("move")
	fields, known, err := p.parkMoved(v, id, move, version)
	if !known && err == nil {
		return fault.Absent()
	}
	if err == nil {
		v.to("/park/" + string(id) + "?done=" + move)
		return nil
	}
	f, here := p.told(v, err)
	if !here {
		return err
	}
	page, err := p.parkPageOf(v, firstPart)
	if err != nil {
		return err
	}
	page.Failure, page.Shell.Failed = f, true
	page.Kept = p.refused(v, page.Forms, move, fields, f)
	return p.show(v, f.Status, "park.html", page)
}

// sectorsOf are main industries by their names; what has none reads as it was entered.
func sectorsOf(v *visit, all []string) string {
	said := make([]string, len(all))
	for i, s := range all {
		said[i] = say(v, registry.SectorName(s))
	}
	return strings.Join(said, say(v, fault.T("、")))
}

package web

import (
	"net/http"
	"slices"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/files"
	"parkregistry/models/inspection"
	"parkregistry/policies"
)

// patrolsPage is what templates/patrols.html shows: patrols and inspections.
type patrolsPage struct {
	Shell shell
	Head  listHead
	Lines []patrolLine
	Walks bool // the visitor may go on one
}

// patrolLine is one patrol with what its events come to.
type patrolLine struct {
	inspection.Patrol
	Walk       inspection.Walk
	Park, Firm string
	What       fault.Text // its nature and occasion
	Name       fault.Text
	Mark       band
	Began      string
}

func (p *Pages) patrols(v *visit) error {
	h, parks, err := p.filtersOf(v, nil)
	if err != nil {
		return err
	}
	natures := choice{Name: "nature", Label: fault.T("性质")}
	for _, n := range []inspection.Nature{inspection.NaturePatrol, inspection.NatureInspection} {
		natures.Options = append(natures.Options, option{string(n), say(v, n.Name()), string(n) == v.c.Query("nature")})
	}
	h.Lists = []choice{natures}
	q := v.c.Query
	f := inspection.PatrolFilter{ParkID: q("parkId"), EnterpriseID: q("enterpriseId"), Nature: inspection.Nature(q("nature")), From: code.Day(h.From), To: code.Day(h.To)}
	if f.Counted, err = p.counted(v, h, "patrols"); err != nil {
		return err
	}
	found, err := p.options.Inspection.Patrols(v.ctx, f, h.page("-createdAt"))
	if err != nil {
		return err
	}
	turn(&h, found)
	h.jumps()
	walks, err := p.options.Inspection.Walks(v.ctx, found.Items)
	if err != nil {
		return err
	}
	firms, err := firmsOf(p, v, found.Items, func(x inspection.Patrol) *models.ID { return x.EnterpriseID })
	if err != nil {
		return err
	}
	h.exports(v, "patrols", "")
	page := patrolsPage{Shell: p.listed(v, fault.T("巡查记录")), Head: h, Walks: v.may(policies.PatrolRecord)}
	for _, x := range found.Items {
		l := patrolLineOf(x, walks[x.ID])
		l.Park, l.Firm = h.place(parks[string(x.ParkID)], named(firms, x.EnterpriseID))
		page.Lines = append(page.Lines, l)
	}
	return p.show(v, http.StatusOK, "patrols.html", page)
}

func patrolLineOf(x inspection.Patrol, w inspection.Walk) patrolLine {
	l := patrolLine{Patrol: x, Walk: w, What: x.What(), Name: w.StateName(), Mark: halfway, Began: "--"}
	switch w.State {
	case inspection.Completed:
		l.Mark = onTarget
	case inspection.Cancelled:
		l.Mark = noScore
	}
	if w.StartedAt != nil {
		l.Began = moment(*w.StartedAt)
	}
	return l
}

// patrolPage is what templates/patrol.html shows: one patrol and what happened on it.
type patrolPage struct {
	Shell    shell
	Line     patrolLine
	Ended    string
	Officers string
	Missing  []fault.Text // why it is not completed
	Events   []eventLine
	More     bool
	Findings []findingLine
}

// eventLine is one event of a patrol.
type eventLine struct {
	At     string
	Name   fault.Text
	Object string
	Item   string // the question, in words
	Result fault.Text
	Mark   band // of the result, "" for none
	Value  string
	Text   string
	Photo  string // address of the photograph, "" for none or while its file has not arrived
	Voided bool
}

func (p *Pages) patrol(v *visit) error {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return fault.Absent()
	}
	x, err := p.options.Inspection.Patrol(v.ctx, id)
	if err != nil {
		return err
	}
	walks, err := p.options.Inspection.Walks(v.ctx, []inspection.Patrol{x})
	if err != nil {
		return err
	}
	w := walks[id]
	page := patrolPage{Shell: p.shell(v, fault.T("巡查 {{.Number}}", "Number", x.Number)), Line: patrolLineOf(x, w), Ended: momentOr(w.EndedAt), Missing: missingOf(w)}
	if page.Line.Park, page.Line.Firm, err = p.placeOf(v, x.Placed); err != nil {
		return err
	}
	var who []string
	for _, o := range x.Officers.V {
		who = append(who, o.Name)
	}
	page.Officers = strings.Join(who, say(v, fault.T("、")))
	events, _, err := p.options.Inspection.Events(v.ctx, id, models.Query{Limit: models.MaxPage})
	if err != nil {
		return err
	}
	page.More = events.Next != ""
	photos, err := p.options.Inspection.Photos(v.ctx, id)
	if err != nil {
		return err
	}
	page.events(v, x, events.Items, photos)
	if !v.may(policies.FindingRead) {
		return p.show(v, http.StatusOK, "patrol.html", page)
	}
	found, err := p.options.Inspection.Findings(v.ctx, inspection.FindingFilter{PatrolID: string(id)}, models.Query{Limit: models.MaxPage, Sort: "-openedOn"})
	if err != nil {
		return err
	}
	for _, f := range found.Items {
		page.Findings = append(page.Findings, findingLineOf(f, nil, p.options.Today()))
	}
	return p.show(v, http.StatusOK, "patrol.html", page)
}

// missingOf says why a patrol that has an end is not completed.
func missingOf(w inspection.Walk) []fault.Text {
	var all []fault.Text
	for _, m := range w.Missing {
		switch m {
		case inspection.MissingStart:
			all = append(all, fault.T("没有开始的记录"))
		case inspection.MissingAnswer:
			all = append(all, fault.T("没有回答任何一项"))
		case inspection.MissingOrder:
			all = append(all, fault.T("结束早于开始"))
		case inspection.MissingReason:
			all = append(all, fault.T("有不符合的项目，没有登记问题，也没有写原因"))
		}
	}
	return all
}

// events are the events by the clock of the device; what was taken back is marked.
func (page *patrolPage) events(v *visit, x inspection.Patrol, all []inspection.Event, photos map[string]files.Attachment) {
	voided := map[models.ID]bool{}
	for _, e := range all {
		if e.Type == inspection.EventVoid {
			voided[e.Body.V.Voids] = true
		}
	}
	items := map[string]string{}
	for _, c := range inspection.Checklists() {
		if c.Version != x.Checklist {
			continue
		}
		for _, i := range c.Items {
			items[i.ID] = i.ID + " " + words.Name(v.lang, fault.Label{Zh: i.CheckZh, En: i.CheckEn})
		}
	}
	slices.SortStableFunc(all, func(a, b inspection.Event) int { return a.At.Compare(b.At) })
	for _, e := range all {
		b := e.Body.V
		l := eventLine{At: moment(e.At), Name: eventName(e.Type), Object: b.Object, Item: items[b.Item], Voided: voided[e.ID]}
		l.Value = strings.TrimSpace(b.Quantity + " " + b.Value + " " + unitOf(v.lang, b.Unit))
		l.Text = strings.TrimSpace(b.Text + " " + b.Reason)
		if e.Type == inspection.EventPhoto {
			l.Value = "SHA-256 " + groups(b.SHA256)
			if a, there := photos[b.SHA256]; there {
				l.Photo = "/api/v1/attachments/" + string(a.ID) + "/content"
			}
		}
		if b.Result != "" {
			l.Result, l.Mark = resultName(b.Result)
		}
		page.Events = append(page.Events, l)
	}
}

func resultName(result string) (fault.Text, band) {
	switch result {
	case inspection.AsRequired:
		return fault.T("符合"), onTarget
	case inspection.NotAsRequired:
		return fault.T("不符合"), behind
	}
	return fault.T("不涉及"), noScore
}

func eventName(t inspection.EventType) fault.Text {
	switch t {
	case inspection.EventStart:
		return fault.T("开始")
	case inspection.EventArrive:
		return fault.T("到达")
	case inspection.EventAnswer:
		return fault.T("检查")
	case inspection.EventReading:
		return fault.T("测量")
	case inspection.EventPhoto:
		return fault.T("照片")
	case inspection.EventNote:
		return fault.T("备注")
	case inspection.EventFinding:
		return fault.T("发现问题")
	case inspection.EventEnd:
		return fault.T("结束")
	}
	return fault.T("作废一条")
}

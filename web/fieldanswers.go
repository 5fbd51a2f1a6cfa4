package web

import (
	"cmp"
	"slices"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/inspection"
)

// onlineQuestions are what the form of one point asks.
type onlineQuestions struct {
	Questions []onlineQuestion
	Types     []option
	Photos    []option // taken there already
	Kept      []option // brought by an earlier try of the form
}

// onlineQuestion is one item of the checklist with how it was answered last.
type onlineQuestion struct {
	Item                              packItem
	Text                              string
	Result, Value                     string
	Bad, Found                        bool // Found: a finding has been logged, which goes on at a desk
	FindingID                         models.ID
	Description, How, Type, Due, last string
}

func (p *Pages) onlinePoint(v *visit, page *onlinePage) error {
	id := models.ID(v.c.Param("point"))
	if !slices.ContainsFunc(page.Points, func(o onlinePoint) bool { return o.ID == id }) {
		return fault.Absent()
	}
	page.nextOf(v, id)
	for _, t := range page.pack.Types {
		page.Types = append(page.Types, option{Value: t.ID, Name: wordsOf(v, t.Zh, t.En)})
	}
	for _, item := range page.pack.Items {
		if slices.Contains(page.Point.Asks, item.ID) {
			page.Questions = append(page.Questions, page.question(v, item))
		}
	}
	photos, err := p.options.Inspection.Photos(v.ctx, page.Walk.ID)
	if err != nil {
		return err
	}
	for _, e := range page.events {
		switch a, arrived := photos[e.Body.V.SHA256]; {
		case !page.Point.at(e):
		case e.Type == inspection.EventNote:
			page.Said["note"] = e.Body.V.Text
		case e.Type == inspection.EventPhoto && arrived:
			page.Photos = append(page.Photos, option{Value: "/api/v1/attachments/" + string(a.ID) + "/content", Name: a.Name})
		}
	}
	return nil
}

// question is an item as it was answered last at the point.
func (page *onlinePage) question(v *visit, item packItem) onlineQuestion {
	q := onlineQuestion{Item: item, Text: wordsOf(v, item.Zh, item.En), How: string(item.Severity), FindingID: models.NewID()}
	for _, e := range page.events {
		b := e.Body.V
		if e.Type != inspection.EventAnswer || b.Item != item.ID || !page.Point.at(e) {
			continue
		}
		q.Result, q.Value, q.Description, q.Found = b.Result, b.Value, b.Reason, b.FindingID != ""
		if q.Found {
			q.FindingID = b.FindingID
		}
		if b.Reason != "" {
			q.How = noFinding
		}
	}
	q.Bad, q.last = q.Result == inspection.NotAsRequired, q.said()
	return q
}

// noFinding is the choice to give a reason in place of a finding.
const noFinding = "none"

// said is what an answer comes to, for whether it has changed.
func (q onlineQuestion) said() string {
	s := []string{q.Result, q.Value}
	if q.Result == inspection.NotAsRequired && q.How == noFinding {
		s = append(s, q.Description)
	}
	return strings.Join(s, "\x00")
}

// take puts what the form says into the questions.
func (page *onlinePage) take(v *visit) {
	for i := range page.Questions {
		q := &page.Questions[i]
		get := func(name string) string { return strings.TrimSpace(v.field(name + "-" + q.Item.ID)) }
		q.Result, q.Value = get("result"), get("value")
		if q.Bad = q.Result == inspection.NotAsRequired; q.Result == inspection.NotApplicable {
			q.Value = ""
		}
		if q.Found {
			continue
		}
		if id, err := models.ParseID(get("finding")); err == nil {
			q.FindingID = id
		}
		q.Description, q.How, q.Type, q.Due = get("text"), cmp.Or(get("how"), q.How), get("type"), get("due")
	}
	page.Said["note"] = strings.TrimSpace(v.field("note"))
}

// answerPoint takes the form of a point: findings first, which answers name, then what
// happened, photographs among it. Each of them is safe to send again.
func (p *Pages) answerPoint(v *visit) error {
	page, err := p.onlineOf(v)
	if err != nil {
		return err
	}
	if page == nil || page.Point == nil {
		return fault.Absent()
	}
	before := page.Said["note"]
	page.take(v)
	if err = p.keepBrought(v, page.Walk.ParkID, page.Walk.SiteID); err == nil {
		err = p.answers(v, page, before)
	}
	if err != nil {
		page.Kept = p.keptFiles(v)
		return p.onlineAgain(v, page, err)
	}
	to := "/m/patrol/" + string(page.Walk.ID)
	if page.next != "" {
		to += "/" + string(page.next)
	}
	v.to(to)
	return nil
}

// noPlace stands in the record, in whatever language the reader has.
var noPlace = fault.T("在网页上填写，没有定位")

func (p *Pages) answers(v *visit, page *onlinePage, noted string) error {
	at := &page.Point.packPoint
	var events []inspection.EventInput
	if !page.Point.Arrived {
		events = append(events, p.happened(inspection.EventArrive, at, func(e *inspection.EventInput) { e.Text = words.Render(words.Chinese, noPlace) }))
	}
	for _, q := range page.Questions {
		if q.Result == "" && q.Value == "" || q.said() == q.last {
			continue
		}
		finds := q.Bad && q.How != noFinding
		if finds && !q.Found {
			if err := p.logFinding(v, page, q); err != nil {
				return err
			}
		}
		events = append(events, p.happened(inspection.EventAnswer, at, func(e *inspection.EventInput) {
			e.Item, e.Result, e.Value = q.Item.ID, q.Result, q.Value
			if finds {
				e.FindingID = string(q.FindingID)
			} else if q.Bad {
				e.Reason = q.Description
			}
		}))
	}
	for _, raw := range v.c.Request.PostForm["attachments"] {
		id, err := models.ParseID(raw)
		if err != nil {
			return fault.Absent()
		}
		a, err := p.options.Files.Get(v.ctx, id)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(page.events, func(e inspection.Event) bool { return e.Body.V.SHA256 == a.Sum() && at.at(e) }) {
			continue // the form was sent twice
		}
		events = append(events, p.happened(inspection.EventPhoto, at, func(e *inspection.EventInput) { e.SHA256 = a.Sum() }))
	}
	if note := page.Said["note"]; note != "" && note != noted {
		events = append(events, p.happened(inspection.EventNote, at, func(e *inspection.EventInput) { e.Text = note }))
	}
	return p.record(v, page.Walk.ID, events...)
}

// logFinding logs what was not as required, with the id that the form carries.
func (p *Pages) logFinding(v *visit, page *onlinePage, q onlineQuestion) error {
	at := page.Point.packPoint
	in := inspection.FindingInput{ParkID: string(page.Walk.ParkID), SiteID: string(models.Deref(at.Site)), PatrolID: string(page.Walk.ID), Dimension: q.Item.Dimension, Type: q.Type, Description: q.Description,
		Severity: inspection.Severity(q.How), Place: strings.TrimSpace(at.Name + " " + at.Code), DueOn: q.Due, OpenedOn: string(p.options.Today())}
	if at.Kind == "facility" {
		in.FacilityID = string(at.ID)
	}
	_, err := p.options.Inspection.Log(v.ctx, q.FindingID, in)
	return err
}

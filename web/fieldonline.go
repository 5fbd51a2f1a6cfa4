package web

import (
	"net/http"
	"slices"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/policies"
)

// onlinePage is what the server shows of a patrol: before the script has opened what the
// phone keeps, and in its place where the browser runs no script
// (templates/fieldonline.html). What is entered goes through the services of the API, as
// what a phone sends does.
type onlinePage struct {
	Form    string
	Failure Failure
	Said    map[string]string // what the form says beside the questions

	Parks []packPark
	Walks []patrolLine
	Park  *packPark
	NewID models.ID // of the patrol that the form begins: sent twice, it begins once

	Walk   *patrolLine
	Points []onlinePoint
	Point  *onlinePoint
	Next   string // where saving leads to
	onlineQuestions

	pack   pack
	events []inspection.Event // that count
	next   models.ID
}

// onlinePoint is a point with how far it has been looked at.
type onlinePoint struct {
	packPoint
	Arrived bool
	Done    int
}

// fieldShell is every page of the patrol. Its script reads from the address which one it
// is, since without a network nobody else could; for who is signed in, the server says it
// too.
func (p *Pages) fieldShell(v *visit) error {
	page := p.fieldPage(v.lang)
	page.Size = sizeOf(v)
	var err error
	if page.Online, err = p.onlineOf(v); err != nil {
		return err
	}
	if v.c.Param("point") != "" {
		page.Back = "/m/patrol/" + v.c.Param("id")
	}
	return p.show(v, http.StatusOK, "field.html", page)
}

// onlineOf reads what the address names; nil for who may not walk. What is not there may
// be on the phone only: then the pages begin where every walk does.
func (p *Pages) onlineOf(v *visit) (*onlinePage, error) {
	if v.who.User.ID == "" || v.who.User.MustChangePassword || v.who.OwesFactor || !v.may(policies.PatrolRecord) || !v.may(policies.PatrolCreate) {
		return nil, nil
	}
	page := &onlinePage{Form: v.token(), NewID: models.NewID(), Said: map[string]string{}}
	var err error
	switch path := v.c.FullPath(); {
	case strings.HasPrefix(path, "/m/park/"):
		err = p.onlinePark(v, page)
	case strings.HasPrefix(path, "/m/patrol/"):
		err = p.onlineWalk(v, page)
	default:
		return page, p.onlineHome(v, page)
	}
	if fault.Is(err, fault.NotFound) {
		*page = onlinePage{Form: page.Form, Said: page.Said}
		return page, p.onlineHome(v, page)
	}
	return page, err
}

// onlineHome are the parks and what the visitor has begun in these days.
func (p *Pages) onlineHome(v *visit, page *onlinePage) error {
	if err := p.packParks(v, &page.pack); err != nil {
		return err
	}
	page.Parks = page.pack.Parks
	recent, err := p.options.Inspection.Patrols(v.ctx, inspection.PatrolFilter{From: p.options.Today().Add(-7)}, models.Query{Limit: models.MaxPage})
	if err != nil {
		return err
	}
	own := slices.DeleteFunc(recent.Items, func(x inspection.Patrol) bool { return !walks(v, x) })
	folded, err := p.options.Inspection.Walks(v.ctx, own)
	for _, x := range own {
		if w := folded[x.ID]; w.State == inspection.InProgress || w.State == inspection.Planned {
			page.Walks = append(page.Walks, page.lineOf(x, w))
		}
	}
	return err
}

// walks reports whether the visitor is one of the patrol's people.
func walks(v *visit, x inspection.Patrol) bool {
	return slices.ContainsFunc(x.Officers.V, func(o inspection.Officer) bool { return o.UserID == string(v.who.User.ID) })
}

func (page *onlinePage) lineOf(x inspection.Patrol, w inspection.Walk) patrolLine {
	l := patrolLineOf(x, w)
	for _, k := range page.pack.Parks {
		if k.ID == x.ParkID {
			l.Park = k.Name
		}
	}
	return l
}

func (p *Pages) onlinePark(v *visit, page *onlinePage) error {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return fault.Absent()
	}
	page.pack.only = id
	if err := p.packParks(v, &page.pack); err != nil {
		return err
	}
	if len(page.pack.Parks) == 0 {
		return fault.Absent()
	}
	page.Park = &page.pack.Parks[0]
	return nil
}

// onlineWalk is a patrol of the visitor's that has not ended, with its points, and the one
// that the address names.
func (p *Pages) onlineWalk(v *visit, page *onlinePage) error {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return fault.Absent()
	}
	x, err := p.options.Inspection.Patrol(v.ctx, id)
	if err != nil {
		return err
	}
	if !walks(v, x) {
		return fault.Absent()
	}
	page.pack.only = x.ParkID
	page.pack.questions()
	for _, read := range []func(*visit, *pack) error{p.packParks, p.packSites, p.packFacilities, p.packOutlets} {
		if err := read(v, &page.pack); err != nil {
			return err
		}
	}
	folded, err := p.options.Inspection.Walks(v.ctx, []inspection.Patrol{x})
	if err != nil {
		return err
	}
	line := page.lineOf(x, folded[id])
	page.Walk = &line
	if page.events, err = p.liveEvents(v, id); err != nil {
		return err
	}
	page.points()
	if v.c.Param("point") == "" {
		return nil
	}
	return p.onlinePoint(v, page)
}

// liveEvents are the events of a patrol that no other takes back.
func (p *Pages) liveEvents(v *visit, id models.ID) ([]inspection.Event, error) {
	all, err := every(func(q models.Query) (models.Page[inspection.Event], error) {
		found, _, err := p.options.Inspection.Events(v.ctx, id, q)
		return found, err
	}, "at")
	back := map[models.ID]bool{}
	for _, e := range all {
		back[e.Body.V.Voids] = true
	}
	return slices.DeleteFunc(all, func(e inspection.Event) bool { return back[e.ID] || e.Type == inspection.EventVoid }), err
}

// at reports whether an event is about the point.
func (x packPoint) at(e inspection.Event) bool {
	if x.Kind == "park" {
		return e.Body.V.ObjectID == "" && e.Body.V.Object == x.Name
	}
	return e.Body.V.ObjectID == x.ID
}

// points tells how far each point has been looked at.
func (page *onlinePage) points() {
	for _, x := range page.pack.Points {
		o, answered := onlinePoint{packPoint: x}, map[string]bool{}
		for _, e := range page.events {
			if x.at(e) {
				o.Arrived = true
				if e.Type == inspection.EventAnswer && slices.Contains(x.Asks, e.Body.V.Item) {
					answered[e.Body.V.Item] = true
				}
			}
		}
		o.Done = len(answered)
		page.Points = append(page.Points, o)
	}
}

// beginWalk begins a patrol by the form of a park.
func (p *Pages) beginWalk(v *visit) error {
	page, err := p.onlineOf(v)
	if err != nil {
		return err
	}
	if page == nil || page.Park == nil {
		return fault.Absent()
	}
	id, err := models.ParseID(v.field("id"))
	if err != nil {
		return fault.New(fault.Malformed, "表单没有完整送到，返回重新提交")
	}
	officers := []inspection.Officer{{UserID: string(v.who.User.ID), Name: v.who.User.DisplayName}}
	for _, name := range strings.FieldsFunc(v.field("others"), func(r rune) bool { return strings.ContainsRune("、,，", r) }) {
		if name = strings.TrimSpace(name); name != "" {
			officers = append(officers, inspection.Officer{Name: name})
		}
	}
	page.pack.questions()
	_, err = p.options.Inspection.LogPatrol(v.ctx, id, inspection.PatrolInput{ParkID: string(page.Park.ID), Kind: v.field("kind"), Weather: v.field("weather"), Checklist: page.pack.Checklist, Officers: officers})
	if err == nil {
		// An event of its own id: the form sent twice starts the patrol once.
		err = p.record(v, id, p.happened(inspection.EventStart, nil, func(e *inspection.EventInput) { e.ID = string(id) }))
	}
	if err != nil {
		for _, name := range []string{"kind", "weather", "others"} {
			page.Said[name] = v.field(name)
		}
		page.NewID = id
		return p.onlineAgain(v, page, err)
	}
	v.to("/m/patrol/" + string(id))
	return nil
}

// endWalk ends a patrol when something was looked at, and shows what it came to.
func (p *Pages) endWalk(v *visit) error {
	page, err := p.onlineOf(v)
	if err != nil {
		return err
	}
	if page == nil || page.Walk == nil {
		return fault.Absent()
	}
	if page.Walk.Walk.Answers == 0 {
		err = fault.New(fault.Conflict, "至少检查一项再结束")
	} else {
		err = p.record(v, page.Walk.ID, p.happened(inspection.EventEnd, nil, nil))
	}
	if err != nil {
		return p.onlineAgain(v, page, err)
	}
	v.to("/patrol/" + string(page.Walk.ID))
	return nil
}

// happened is an event of this moment, about a point where one is named.
func (p *Pages) happened(kind inspection.EventType, at *packPoint, says func(*inspection.EventInput)) inspection.EventInput {
	e := inspection.EventInput{ID: string(models.NewID()), Type: kind, At: p.options.Now().UTC().Format("2006-01-02T15:04:05Z")}
	if at != nil {
		e.Object = strings.TrimSpace(at.Name + " " + at.Code)
		if at.Kind == "park" {
			e.Object = at.Name
		} else {
			e.ObjectID = string(at.ID)
		}
		if all := []rune(e.Object); len(all) > 100 {
			e.Object = string(all[:100])
		}
	}
	if says != nil {
		says(&e)
	}
	return e
}

// record sends events as a phone does, and makes one error of what was refused.
func (p *Pages) record(v *visit, id models.ID, events ...inspection.EventInput) error {
	if len(events) == 0 {
		return nil
	}
	answer, err := p.options.Inspection.Record(v.ctx, id, inspection.BatchInput{Events: events})
	if err != nil {
		return err
	}
	var c fault.Check
	for _, r := range answer.Results {
		if r.Outcome == inspection.EventRefused {
			for _, x := range r.Violations {
				c.Add(x)
			}
		}
	}
	return c.Err()
}

// onlineAgain shows the form again with why it was not taken.
func (p *Pages) onlineAgain(v *visit, page *onlinePage, err error) error {
	f, here := p.told(v, err)
	if !here {
		return err
	}
	page.Failure = f
	shell := p.fieldPage(v.lang)
	shell.Size, shell.Online = sizeOf(v), page
	return p.show(v, f.Status, "field.html", shell)
}

// nextOf is the point after one, with its name; the patrol itself after the last.
func (page *onlinePage) nextOf(v *visit, id models.ID) {
	i := slices.IndexFunc(page.Points, func(o onlinePoint) bool { return o.ID == id })
	page.Next = say(v, fault.T("巡查记录"))
	if i+1 < len(page.Points) {
		page.Next, page.next = page.Points[i+1].Name, page.Points[i+1].ID
	}
	page.Point = &page.Points[i]
}

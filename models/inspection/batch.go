package inspection

import (
	"context"
	"errors"
	"strconv"
	"time"

	"gorm.io/gorm"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// MaxBatch is how many events one sending may hold.
const MaxBatch = 200

// BatchInput is a sending of events.
type BatchInput struct {
	Events []EventInput `json:"events" minItems:"1" maxItems:"200" doc:"至多 200 条；先后不限，可以重复上传"`
}

// Parse checks the size only: every event is judged by itself and answered by itself.
func (in BatchInput) Parse() (BatchInput, error) {
	var c fault.Check
	if n := len(in.Events); n == 0 || n > MaxBatch {
		c.Fail("/events", "size", "每次上传 1 至 {{.Max}} 条", "Max", MaxBatch)
	}
	return in, c.Err()
}

// clockSlack is how far the clocks of two servers may lie apart.
const clockSlack = time.Minute

// How one event of a sending was taken.
const (
	EventStored   = "stored"
	EventRepeated = "repeated" // was there already, with the same content
	EventRefused  = "refused"
)

// EventResult answers one event. Code is why it was refused: Invalid, NotFound when it
// is about an object that the park does not have on that day, or Conflict when the id
// belongs to other content.
type EventResult struct {
	ID         string // as sent
	Outcome    string
	Code       fault.Code
	Violations []fault.Violation
}

// BatchAnswer answers a sending, with what the patrol comes to after it.
type BatchAnswer struct {
	Patrol  Patrol
	Walk    Walk
	Results []EventResult // in the order of the sending
}

// Record takes a sending of events from the patrol's own people. What is new is
// stored with one change; a sending that brings nothing new changes nothing.
func (s *Service) Record(ctx context.Context, id models.ID, in BatchInput) (BatchAnswer, error) {
	var out BatchAnswer
	if err := policies.Require(ctx, policies.PatrolRecord); err != nil {
		return out, err
	}
	in, err := in.Parse()
	if err != nil {
		return out, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		var p Patrol
		if err := models.One(tx.Visible(policies.PatrolRecord, &p).Where("id = ?", id), &p); err != nil {
			return err
		}
		actor, _ := policies.ActorFrom(ctx)
		if !p.named(models.ID(actor.User)) {
			return fault.New(fault.Conflict, "只有这次巡查的人员能上传记录")
		}
		if p.Nature == NatureInspection { // by whoever may inspect, however he came to be named
			if _, err := actingOne(ctx, policies.PatrolInspect, p.Owner()); err != nil {
				return err
			}
		}
		// Two sendings of one patrol take turns here: the second sees what the first stored.
		turn := tx.Visible(policies.PatrolRecord, &Patrol{}).Where("id = ?", id).UpdateColumn("version", gorm.Expr("version"))
		if err := models.Changed(turn, fault.Absent()); err != nil {
			return err
		}
		b, err := openBatch(tx, p)
		if err != nil {
			return err
		}
		if err := b.know(tx, in.Events); err != nil {
			return err
		}
		before := b.walk()
		out.Results = b.take(in.Events, models.ID(actor.User), tx.Now())
		if len(b.fresh) > 0 {
			if err := b.store(tx, before); err != nil {
				return err
			}
		}
		if err := b.tiePhotos(tx, in.Events, out.Results, models.ID(actor.User)); err != nil {
			return err
		}
		out.Patrol, out.Walk = b.patrol, b.walk()
		return nil
	})
	return out, err
}

// batch is one sending on its way in.
type batch struct {
	patrol    Patrol
	all       []Event // stored and fresh
	there     map[models.ID]Event
	positions map[models.ID]Position
	places    map[models.ID]place // objects of the park that the sending names
	findings  tied
	fresh     []Event
	located   []Position // of the fresh ones
}

// walk is what the patrol comes to with what has been taken so far.
func (b *batch) walk() Walk { return b.findings.walk(b.patrol, b.all) }

// know reads what the events are about.
func (b *batch) know(tx *models.Tx, in []EventInput) (err error) {
	if b.places, err = placesOf(tx, b.patrol, in); err != nil {
		return err
	}
	var named []models.ID
	for _, e := range in {
		if id, err := models.ParseID(e.FindingID); err == nil {
			named = append(named, id)
		}
	}
	b.findings, err = tiedTo(tx.Visible(policies.PatrolRecord, &Finding{}), b.all, named...)
	return err
}

func openBatch(tx *models.Tx, p Patrol) (*batch, error) {
	b := &batch{patrol: p, there: map[models.ID]Event{}, positions: map[models.ID]Position{}}
	if err := tx.Visible(policies.PatrolRecord, &Patrol{}).Where("id = ?", p.ID).Take(&b.patrol).Error; err != nil {
		return nil, err
	}
	if err := tx.Visible(policies.PatrolRecord, &Event{}).Where("patrol_id = ?", p.ID).Find(&b.all).Error; err != nil {
		return nil, err
	}
	for _, e := range b.all {
		b.there[e.ID] = e
	}
	var places []Position
	if err := tx.Visible(policies.PatrolRecord, &Position{}).Where("patrol_id = ?", p.ID).Find(&places).Error; err != nil {
		return nil, err
	}
	for _, q := range places {
		b.positions[q.EventID] = q
	}
	return b, nil
}

// take sorts a sending into new, known and refused.
func (b *batch) take(in []EventInput, actor models.ID, now time.Time) []EventResult {
	results := make([]EventResult, len(in))
	list, _ := checklistOf(b.patrol.Checklist) // checked when the patrol was logged
	for i, raw := range in {
		r := &results[i]
		r.ID = raw.ID
		e, place, err := raw.Parse(list)
		if err != nil {
			var c fault.Check
			c.Within("/events/"+strconv.Itoa(i), err)
			r.refuse(c.Err())
			continue
		}
		old, known := b.there[e.ID]
		switch {
		case known && old.same(e) && b.samePlace(old, place):
			r.Outcome = EventRepeated
		case known:
			r.Outcome, r.Code = EventRefused, fault.Conflict
			r.Violations = []fault.Violation{{Pointer: "/events/" + strconv.Itoa(i) + "/id", Code: "taken", Value: raw.ID,
				Detail: fault.T("这个编号已经用于另一条记录，换一个编号再提交")}}
		case e.ServerAt != nil && e.ServerAt.After(now.Add(clockSlack)):
			r.Outcome, r.Code = EventRefused, fault.Invalid
			r.Violations = []fault.Violation{{Pointer: "/events/" + strconv.Itoa(i) + "/serverAt", Code: "future", Value: raw.ServerAt,
				Detail: fault.T("服务器时间不能晚于现在，填写设备最近一次从服务器收到的时间")}}
		default:
			if code, why := b.placed(e, list, i); code != "" {
				r.Outcome, r.Code, r.Violations = EventRefused, code, why
				continue
			}
			r.Outcome = EventStored
			e, place = e.Receive(b.patrol.ID, place, actor, now)
			b.fresh, b.all, b.there[e.ID] = append(b.fresh, e), append(b.all, e), e
			if place != nil {
				b.located, b.positions[e.ID] = append(b.located, *place), *place
			}
		}
	}
	return results
}

// samePlace compares positions; one that has been erased can no longer differ.
func (b *batch) samePlace(old Event, sent *Position) bool {
	kept, there := b.positions[old.ID]
	switch {
	case there:
		return sent != nil && kept.same(*sent)
	case old.Body.V.Position != "":
		return sent != nil
	default:
		return sent == nil
	}
}

func (r *EventResult) refuse(err error) {
	r.Outcome, r.Code = EventRefused, fault.Invalid
	var f *fault.Error
	if errors.As(err, &f) {
		r.Violations = f.Violations
	}
}

// store writes the new events with one change; before is what the patrol came to.
func (b *batch) store(tx *models.Tx, before Walk) error {
	p := &b.patrol
	after := b.walk()
	p.Version, p.UpdatedAt = p.Version+1, tx.Now()
	change := models.NewID()
	for i := range b.fresh {
		b.fresh[i].ChangeID = change
	}
	res := tx.Visible(policies.PatrolRecord, &Patrol{}).Where("id = ?", p.ID).Updates(map[string]any{"version": p.Version, "updated_at": p.UpdatedAt})
	if err := models.Changed(res, fault.Absent()); err != nil {
		return err
	}
	e := p.recorded(b.fresh, change, before, after)
	e.Before, e.After = map[string]any{"state": before.State, "events": before.Events}, map[string]any{"state": after.State, "events": after.Events}
	if _, err := audit.Log(tx, e); err != nil {
		return err
	}
	if err := models.AppendAll(tx, b.fresh); err != nil {
		return err
	}
	return models.AppendAll(tx, b.located)
}

// completion counts a patrol that became complete, or that a void undid.
func (p Patrol) completion(before, after Walk) map[string]int {
	measure := p.measure()
	was, is := before.State == Completed, after.State == Completed
	switch {
	case !was && is:
		return map[string]int{measure: 1}
	case was && !is:
		return map[string]int{measure: -1}
	}
	return nil
}

// Walks folds the events of patrols that the caller has already reached.
func (s *Service) Walks(ctx context.Context, patrols []Patrol) (map[models.ID]Walk, error) {
	out := make(map[models.ID]Walk, len(patrols))
	if len(patrols) == 0 {
		return out, nil
	}
	ids := make([]models.ID, len(patrols))
	for i, p := range patrols {
		ids[i] = p.ID
	}
	var all []Event
	err := s.db.Visible(ctx, policies.PatrolRead, &Event{}).Where("patrol_id IN ?", ids).Find(&all).Error
	of := map[models.ID][]Event{}
	for _, e := range all {
		of[e.PatrolID] = append(of[e.PatrolID], e)
	}
	if err != nil {
		return nil, err
	}
	there, err := tiedTo(s.db.Visible(ctx, policies.PatrolRead, &Finding{}), all)
	for _, p := range patrols {
		out[p.ID] = there.walk(p, of[p.ID])
	}
	return out, err
}

var eventOrders = map[string]models.Order[Event]{
	"at": {Column: "patrol_events.at", Key: func(e Event) any { return e.At }},
}

// Events lists the events of a patrol by the device's clock, with the positions of
// those that have one.
func (s *Service) Events(ctx context.Context, patrol models.ID, q models.Query) (models.Page[Event], map[models.ID]Position, error) {
	if _, err := s.Patrol(ctx, patrol); err != nil {
		return models.Page[Event]{}, nil, err
	}
	rows := s.db.Visible(ctx, policies.PatrolRead, &Event{}).Where("patrol_id = ?", patrol)
	page, err := models.List(s.db, rows, q, eventOrders, "at", func(e Event) models.ID { return e.ID })
	if err != nil || len(page.Items) == 0 {
		return page, nil, err
	}
	ids := make([]models.ID, len(page.Items))
	for i, e := range page.Items {
		ids[i] = e.ID
	}
	var places []Position
	err = s.db.Visible(ctx, policies.PatrolRead, &Position{}).Where("patrol_id = ? AND event_id IN ?", patrol, ids).Find(&places).Error
	of := make(map[models.ID]Position, len(places))
	for _, p := range places {
		of[p.EventID] = p
	}
	return page, of, err
}

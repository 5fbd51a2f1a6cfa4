package inspection

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// roundObjects are what a park walks to, or every park of the caller (""), by everything
// that the register said and that was known.
func (s *Service) roundObjects(ctx context.Context, park models.ID, known audit.Knowledge) ([]RoundObject, error) {
	book, seq := registry.New(s.db, nil), &known.Seq
	if known.Untouched == nil {
		seq = nil // all versions that there are, without asking for the number of each
	}
	h, err := book.Histories(ctx, registry.HistoryFilter{ParkID: string(park)}, seq)
	if err != nil {
		return nil, err
	}
	firms, err := book.Firms(ctx, firmsOf(h.Sites), seq)
	if err != nil {
		return nil, err
	}
	var out []RoundObject
	for _, said := range byRow(h.Facilities) {
		o := objectOf("facility", said, func(f registry.FacilityInput) bool { return f.InUse && (f.Kind == "central" || f.Kind == "store") })
		o.Name = newest(said).Fields.Name
		out = append(out, o)
	}
	for _, said := range byRow(h.Outlets) {
		o := objectOf("outlet", said, func(f registry.OutletInput) bool { return f.Kind == "rain" })
		o.Name = newest(said).Fields.Code
		out = append(out, o)
	}
	out = slices.DeleteFunc(out, func(o RoundObject) bool { return o.Place.SiteID != nil }) // of a firm: walked to with its site
	out = append(out, siteObjects(h, firms)...)
	stop(out, h.Shutdowns)
	return out, nil
}

// objectOf is an object of the park itself, walked to while walked says so.
func objectOf[T any](kind string, said []registry.Telling[T], walked func(T) bool) RoundObject {
	last := newest(said)
	o := RoundObject{Kind: kind, ID: last.ID, Place: last.Place, Since: code.DayOf(said[0].Since), ClosedOn: last.ClosedOn}
	for _, v := range said {
		o.Was = append(o.Was, RoundMode{Since: code.DayOf(v.Since), Walked: walked(v.Fields)})
	}
	return o
}

// siteObjects are the sites of a park, each with what its firm was and what it rented.
func siteObjects(h registry.Histories, firms []registry.Telling[registry.FirmFields]) []RoundObject {
	rented := map[models.ID][]Tenancy{}
	for _, said := range byRow(h.Tenancies) {
		t := newest(said)
		rented[models.Deref(t.Place.SiteID)] = append(rented[models.Deref(t.Place.SiteID)], Tenancy{t.Fields.From, t.Fields.To})
	}
	firm := map[models.ID][]registry.Telling[registry.FirmFields]{}
	for _, said := range byRow(firms) {
		firm[said[0].ID] = said
	}
	var out []RoundObject
	for _, said := range byRow(h.Sites) {
		was, last := firm[models.Deref(said[0].Place.EnterpriseID)], newest(said)
		if len(was) == 0 {
			continue
		}
		o := RoundObject{Kind: "site", ID: last.ID, Name: newest(was).Fields.Name, Place: last.Place, Since: code.DayOf(said[0].Since), ClosedOn: last.ClosedOn, Tenancies: rented[last.ID]}
		for _, v := range was {
			o.Was = append(o.Was, RoundMode{Since: code.DayOf(v.Since), Walked: v.Fields.Discharges, Firm: &Firm{v.Fields.Industries, v.Fields.KeyYears}})
		}
		out = append(out, o)
	}
	return out
}

// stop tells the objects which shut-downs were registered of them, but for those that
// were taken back.
func stop(objects []RoundObject, said []registry.Telling[registry.ShutdownInput]) {
	stops := map[models.ID][]Stop{}
	for _, v := range byRow(said) {
		s := newest(v)
		if s.ClosedOn != "" {
			continue
		}
		of := models.ID(s.Fields.FacilityID)
		if of == "" {
			of = models.ID(s.Fields.SiteID)
		}
		stops[of] = append(stops[of], Stop{s.ID, code.Day(s.Fields.From), code.Day(s.Fields.To), s.Fields.Reason})
	}
	for i := range objects {
		objects[i].Stops = stops[objects[i].ID]
	}
}

func firmsOf(sites []registry.Telling[registry.SiteFields]) []models.ID {
	var out []models.ID
	for _, s := range sites {
		out = append(out, models.Deref(s.Place.EnterpriseID))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// byRow are the versions of each row together, the oldest first.
func byRow[T any](all []registry.Telling[T]) [][]registry.Telling[T] {
	var out [][]registry.Telling[T]
	for _, v := range all {
		if n := len(out); n > 0 && out[n-1][0].ID == v.ID {
			out[n-1] = append(out[n-1], v)
			continue
		}
		out = append(out, []registry.Telling[T]{v})
	}
	return out
}

func newest[T any](said []registry.Telling[T]) registry.Telling[T] { return said[len(said)-1] }

// visits are the completed patrols of the park's own body since a day, as they stood at
// the end of asOf and were known. One that is about a firm alone is to its site; any
// other to what its events name.
func (s *Service) visits(ctx context.Context, parks []models.ID, since, asOf code.Day, known audit.Knowledge) (map[models.ID][]Visit, error) {
	bodies := make([]policies.Organisation, len(parks))
	for i, park := range parks {
		bodies[i] = policies.ParkBody(string(park))
	}
	made, args := known.KnownRow("patrols.id", "patrols.created_at")
	var patrols []Patrol
	// Whatever happened since then was sent since then.
	rows := s.db.Visible(ctx, policies.PatrolRead, &Patrol{}).Where("park_id IN ? AND nature = ? AND created_org IN ? AND updated_at >= ?", parks, NaturePatrol, bodies, since.Start().UTC())
	if err := rows.Where(made, args...).Order("created_at, id").Find(&patrols).Error; err != nil || len(patrols) == 0 {
		return nil, err
	}
	ids := make([]models.ID, len(patrols))
	for i, p := range patrols {
		ids[i] = p.ID
	}
	var events []Event
	if err := sentBy(s.db.Visible(ctx, policies.PatrolRead, &Event{}).Where("patrol_id IN ?", ids), known).Find(&events).Error; err != nil {
		return nil, err
	}
	of := map[models.ID][]Event{}
	for _, e := range events {
		if e.Type == EventVoid || e.At.Before(asOf.End()) && !stale(e.At, e.ReceivedAt) { // what was taken back never was
			of[e.PatrolID] = append(of[e.PatrolID], e)
		}
	}
	named, args := known.KnownRow("findings.id", "findings.created_at")
	there, err := tiedTo(s.db.Visible(ctx, policies.PatrolRead, &Finding{}).Where(named, args...), events)
	if err != nil {
		return nil, err
	}
	out := map[models.ID][]Visit{}
	for _, p := range patrols {
		if p.CreatedOrg != policies.ParkBody(string(p.ParkID)) { // by the body of another park
			continue
		}
		if p.StartedAt != nil && stale(*p.StartedAt, p.CreatedAt) {
			p.StartedAt = nil
		}
		w := there.walk(p, of[p.ID])
		if w.State != Completed {
			continue
		}
		v := Visit{Patrol: p.ID, Day: code.DayOf(moment(w.StartedAt)), Received: receivedOn(of[p.ID]), Objects: w.Objects}
		if p.SiteID != nil {
			v.Objects = append(slices.Clone(v.Objects), *p.SiteID)
		}
		out[p.ParkID] = append(out[p.ParkID], v)
	}
	return out, nil
}

// lateDays is how long after its day something that happened may arrive and still say
// where the park went: a phone without a network keeps it for days, not for weeks.
const lateDays = 7

// stale tells whether something arrived too long after it is said to have happened.
func stale(at, received time.Time) bool {
	return code.DayOf(received).Sub(code.DayOf(at)) > lateDays
}

// receivedOn is the day on which the last was there of what a walk is made of.
func receivedOn(events []Event) (day code.Day) {
	for _, e := range events {
		if e.Type == EventStart || e.Type == EventAnswer || e.Type == EventEnd {
			day = max(day, code.DayOf(e.ReceivedAt))
		}
	}
	return day
}

// sentBy keeps the events that were known.
func sentBy(q *gorm.DB, known audit.Knowledge) *gorm.DB {
	if known.Untouched == nil {
		return q
	}
	return q.Where("(patrol_events.received_at < ? OR EXISTS (SELECT 1 FROM changes c WHERE c.id = patrol_events.change_id AND c.seq <= ?))", *known.Untouched, known.Seq)
}

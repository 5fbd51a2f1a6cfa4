package obligation

import (
	"cmp"
	"context"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/rhythm"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
)

// estates are the sites, and the parks' own works, of the caller as they were known.
func (s *Service) estates(ctx context.Context, f registry.HistoryFilter, known *int64) ([]Estate, error) {
	h, err := s.registry.Histories(ctx, f, known)
	if err != nil {
		return nil, err
	}
	b := estateBuilder{by: map[models.ID]*Estate{}}
	for _, versions := range rows(h.Sites) {
		e := b.at(versions[0].Place)
		for _, x := range versions {
			if e.ClosedOn != "" && x.ClosedOn == "" {
				if to := code.DayOf(x.Since).Add(-1); to >= e.ClosedOn {
					e.Away = append(e.Away, Away{e.ClosedOn, to})
				}
			}
			e.ClosedOn = x.ClosedOn
		}
	}
	for _, x := range last(h.Tenancies) {
		e := b.at(x.Place)
		e.Tenancies = append(e.Tenancies, Tenancy{x.Fields.From, x.Fields.To})
	}
	for _, versions := range rows(h.Permits) {
		e := b.at(versions[0].Place)
		e.Permits = append(e.Permits, permitOf(versions))
	}
	for _, versions := range rows(h.Facilities) {
		e := b.at(versions[0].Place)
		e.Objects = append(e.Objects, facilityOf(versions))
	}
	built := map[models.ID]code.Day{}
	for _, e := range b.by {
		for _, o := range e.Objects {
			built[o.ID] = o.From
		}
	}
	for _, versions := range rows(h.Outlets) {
		x := versions[len(versions)-1]
		o := Object{ID: x.ID, Outlet: true, Code: x.Fields.Code, Name: x.Fields.Name, Kind: x.Fields.Kind, ClosedOn: x.ClosedOn}
		for i, v := range versions { // since the first of the facilities before it; without one, since ever
			if from := built[models.ID(v.Fields.FacilityID)]; i == 0 || from < o.From {
				o.From = from
			}
		}
		e := b.at(x.Place)
		e.Objects = append(e.Objects, o)
	}
	for _, x := range last(h.Shutdowns) {
		if x.ClosedOn != "" {
			continue // taken back
		}
		e := b.at(x.Place)
		e.Stops = append(e.Stops, Stop{ID: x.ID, Facility: models.Ref(models.ID(x.Fields.FacilityID)), From: code.Day(x.Fields.From), To: code.Day(x.Fields.To), Reason: x.Fields.Reason})
	}
	return b.done(), nil
}

// estateBuilder collects what belongs to one site, or to a park itself.
type estateBuilder struct{ by map[models.ID]*Estate }

func (b estateBuilder) at(p models.Placed) *Estate {
	key := p.ParkID
	if p.SiteID != nil {
		key = *p.SiteID
	}
	if b.by[key] == nil {
		b.by[key] = &Estate{Place: p}
	}
	return b.by[key]
}

func (b estateBuilder) done() []Estate {
	out := make([]Estate, 0, len(b.by))
	for _, e := range b.by {
		slices.SortStableFunc(e.Tenancies, func(x, y Tenancy) int { return cmp.Compare(x.From, y.From) })
		out = append(out, *e)
	}
	slices.SortFunc(out, func(x, y Estate) int {
		return cmp.Or(cmp.Compare(x.Place.ParkID, y.Place.ParkID), cmp.Compare(models.Deref(x.Place.SiteID), models.Deref(y.Place.SiteID)))
	})
	return out
}

// rows are the versions of each row together, the oldest first.
func rows[T any](all []registry.Telling[T]) [][]registry.Telling[T] {
	var out [][]registry.Telling[T]
	for from := 0; from < len(all); {
		to := from
		for to < len(all) && all[to].ID == all[from].ID {
			to++
		}
		out = append(out, all[from:to])
		from = to
	}
	return out
}

// last is the newest word on each row.
func last[T any](all []registry.Telling[T]) []registry.Telling[T] {
	var out []registry.Telling[T]
	for _, versions := range rows(all) {
		out = append(out, versions[len(versions)-1])
	}
	return out
}

func permitOf(versions []registry.Telling[registry.PermitInput]) Permit {
	now := versions[len(versions)-1]
	p := Permit{ID: now.ID, Number: now.Fields.Number, Receipt: now.Fields.Kind == "registration", IssuedOn: code.Day(now.Fields.IssuedOn), ValidTo: code.Day(now.Fields.ValidTo), ClosedOn: now.ClosedOn}
	for _, v := range versions {
		t := Terms{Since: code.DayOf(v.Since), InForce: v.Fields.State == "issued" || v.Fields.State == "changed", Applied: v.Fields.State == "applied", KeyUnit: v.Fields.Class == "key"}
		for _, r := range v.Fields.LedgerRules {
			t.Rules = append(t.Rules, Rule{Class: r.Class, Object: r.Object, Text: r.Text, Grace: r.GraceDays, Workday: r.DueOnWorkday})
		}
		for _, w := range v.Fields.Monitoring {
			t.Monitoring = append(t.Monitoring, Watch{w.Outlet, w.Pollutant, w.Text})
		}
		p.Terms = append(p.Terms, t)
	}
	return p
}

func facilityOf(versions []registry.Telling[registry.FacilityInput]) Object {
	now := versions[len(versions)-1]
	o := Object{ID: now.ID, Code: now.Fields.Code, Name: now.Fields.Name, Kind: now.Fields.Kind, Medium: code.FacilityCode(now.Fields.Code).Medium(), From: code.Day(now.Fields.BuiltOn), ClosedOn: now.ClosedOn}
	if o.From == "" {
		o.From = code.DayOf(versions[0].Since)
	}
	for _, v := range versions {
		m := Mode{Since: code.DayOf(v.Since), InUse: v.Fields.InUse, Facts: Facts{Shifts: v.Fields.Shifts, Operation: v.Fields.Operation}}
		if h := v.Fields.CycleHours; h != nil {
			m.Facts.CycleHours = *h
		}
		o.Modes = append(o.Modes, m)
	}
	return o
}

// classes are the ledger's classes as the engine has to know them.
func classes(c *ledger.Catalogue) []Class {
	var out []Class
	for _, x := range c.Classes() {
		if x.View != "" {
			continue // the register says it; nothing is filed
		}
		k := Class{Code: x.Code, NeedsWorks: x.Facility == ledger.Required, NeedsDrain: x.Facility != ledger.Required && x.Outlet == ledger.Required,
			Kinds: x.FacilityKinds, Medium: x.Medium, Outlets: x.OutletKinds, Text: x.FrequencyZh, Standard: x.Condition == "normal" && x.Confidence == "confirmed" && !x.Voluntary}
		k.ByPlan = k.NeedsDrain && refers(rhythm.Parse(k.Text))
		out = append(out, k)
	}
	return out
}

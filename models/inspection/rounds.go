package inspection

import (
	"context"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// MaxRoundDays is how many days one question about planned patrols covers.
const MaxRoundDays = 92

// RoundsAnswer are the planned patrols of a park, with how many stand how.
type RoundsAnswer struct {
	From, AsOf code.Day
	Rounds     []Round
	Count      map[RoundState]int
}

// Rounds are the planned patrols of a park from a day ("" is thirty days before) to the
// end of asOf ("" is today), computed anew: nothing of it is stored.
func (s *Service) Rounds(ctx context.Context, park models.ID, from, asOf code.Day) (RoundsAnswer, error) {
	out := RoundsAnswer{From: from, AsOf: asOf}
	if err := policies.Require(ctx, policies.PatrolRead); err != nil {
		return out, err
	}
	today := s.db.Today()
	if out.AsOf == "" {
		out.AsOf = today
	}
	if out.From == "" {
		out.From = out.AsOf.Add(-30)
	}
	var c fault.Check
	if out.AsOf > today {
		c.Cite("/query/asOf", "future", "", string(asOf), "截止日期不能晚于今天（{{.Today}}）", "Today", string(today))
	}
	if n := out.AsOf.Sub(out.From); n < 0 || n > MaxRoundDays {
		c.Fail("/query/from", "range", "一次至多 {{.Days}} 天，起始日期不晚于截止日期", "Days", MaxRoundDays)
	}
	if err := c.Err(); err != nil {
		return out, err
	}
	err := s.db.Snapshot(ctx, func(ctx context.Context) (err error) {
		out.Rounds, err = s.roundsOf(ctx, park, out.From, out.AsOf)
		return err
	})
	out.Count = map[RoundState]int{}
	for _, r := range out.Rounds {
		out.Count[r.State]++
	}
	return out, err
}

func (s *Service) roundsOf(ctx context.Context, id models.ID, from, asOf code.Day) ([]Round, error) {
	var park registry.Park
	if err := models.One(s.db.Visible(ctx, policies.ParkRead, &park).Where("id = ?", id), &park); err != nil {
		return nil, err
	}
	objects, err := s.roundObjects(ctx, id)
	if err != nil {
		return nil, err
	}
	visits, err := s.visits(ctx, id, periodOf("month", from).from)
	if err != nil {
		return nil, err
	}
	people, err := s.accounts.Members(ctx, policies.ParkBody(string(id)))
	if err != nil {
		return nil, err
	}
	all := Rounds(AllRoundRules(), objects, visits, from, asOf)
	for i := range all {
		all[i].Person = all[i].Turn(people)
	}
	return all, nil
}

// roundObjects are what a park walks to, as the register says now.
func (s *Service) roundObjects(ctx context.Context, park models.ID) ([]RoundObject, error) {
	var works []registry.Facility
	if err := s.db.Visible(ctx, policies.FacilityRead, &registry.Facility{}).Where("park_id = ? AND site_id IS NULL AND kind IN ('central', 'store') AND in_use = ?", park, true).Find(&works).Error; err != nil {
		return nil, err
	}
	var drains []registry.Outlet
	if err := s.db.Visible(ctx, policies.FacilityRead, &registry.Outlet{}).Where("park_id = ? AND site_id IS NULL AND kind = 'rain'", park).Find(&drains).Error; err != nil {
		return nil, err
	}
	var out []RoundObject
	for _, f := range works {
		out = append(out, RoundObject{Kind: "facility", ID: f.ID, Name: f.Name, Place: f.Placed, Since: code.DayOf(f.CreatedAt), ClosedOn: models.Deref(f.ClosedOn)})
	}
	for _, o := range drains {
		out = append(out, RoundObject{Kind: "outlet", ID: o.ID, Name: o.Code, Place: o.Placed, Since: code.DayOf(o.CreatedAt), ClosedOn: models.Deref(o.ClosedOn)})
	}
	sites, err := s.roundSites(ctx, park)
	return append(out, sites...), err
}

// roundSites are the dischargers of a park.
func (s *Service) roundSites(ctx context.Context, park models.ID) ([]RoundObject, error) {
	var sites []registry.Site
	if err := s.db.Visible(ctx, policies.SiteRead, &registry.Site{}).Where("park_id = ?", park).Find(&sites).Error; err != nil || len(sites) == 0 {
		return nil, err
	}
	ids := make([]models.ID, len(sites))
	for i, st := range sites {
		ids[i] = models.Deref(st.EnterpriseID)
	}
	var firms []registry.Enterprise
	if err := s.db.Visible(ctx, policies.EnterpriseRead, &registry.Enterprise{}).Select("id", "name", "industries", "key_years").Where("id IN ? AND discharges = ?", ids, true).Find(&firms).Error; err != nil {
		return nil, err
	}
	of := make(map[models.ID]registry.Enterprise, len(firms))
	for _, f := range firms {
		of[f.ID] = f
	}
	var out []RoundObject
	for _, st := range sites {
		if f, discharges := of[models.Deref(st.EnterpriseID)]; discharges {
			out = append(out, RoundObject{Kind: "site", ID: st.ID, Name: f.Name, Place: st.Place(), Since: code.DayOf(st.CreatedAt), ClosedOn: models.Deref(st.ClosedOn),
				Firm: &Firm{Industries: f.Industries, KeyYears: f.KeyYears.V}})
		}
	}
	return out, nil
}

// visits are the completed patrols of the park's own body since a day. One that is about
// a firm alone is to its site; any other to what its events name.
func (s *Service) visits(ctx context.Context, park models.ID, since code.Day) ([]Visit, error) {
	var patrols []Patrol
	rows := s.db.Visible(ctx, policies.PatrolRead, &Patrol{}).Where("park_id = ? AND nature = ? AND created_org = ? AND created_at >= ?", park, NaturePatrol, policies.ParkBody(string(park)), since.Start().UTC())
	if err := rows.Order("created_at, id").Find(&patrols).Error; err != nil {
		return nil, err
	}
	walks, err := s.Walks(ctx, patrols)
	var out []Visit
	for _, p := range patrols {
		w := walks[p.ID]
		if w.State != Completed {
			continue
		}
		v := Visit{Patrol: p.ID, Day: code.DayOf(moment(w.StartedAt)), Objects: w.Objects}
		if p.SiteID != nil {
			v.Objects = append(slices.Clone(v.Objects), *p.SiteID)
		}
		out = append(out, v)
	}
	return out, err
}

// waitingRounds are the planned patrols that are due today and whose turn is the caller's.
func (s *Service) waitingRounds(ctx context.Context) ([]Waiting, error) {
	actor, _ := policies.ActorFrom(ctx)
	var all []Waiting
	for _, a := range actor.Assignments {
		if a.Role != policies.ParkManager {
			continue
		}
		rounds, err := s.roundsOf(ctx, models.ID(a.Park), s.db.Today(), s.db.Today())
		if err != nil {
			return nil, err
		}
		for _, r := range rounds {
			if r.State == RoundDue && r.Person == models.ID(actor.User) && len(all) < MaxWaiting {
				all = append(all, Waiting{What: WaitingRound, ID: r.Object.ID, Number: r.Object.Name, Place: r.Object.Place, DueOn: &r.To})
			}
		}
	}
	return all, nil
}

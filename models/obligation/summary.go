package obligation

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
)

// Summary is the gap map (缺口图): how many periods of each park end on each day,
// by state. Every number is the length of the list with the same filter, that
// park, that day and that state.
type Summary struct {
	Moment
	From, To code.Day
	Parks    []ParkSummary
	Totals   Counts
}

// ParkSummary is one park's row of the map.
type ParkSummary struct {
	Park   registry.Park
	Totals Counts
	Days   map[State][]int // of each state that occurs, a number a day
}

// mapDays is how many days a map may have.
const mapDays = 100

// Summary counts by park and day, from thirty days before the moment up to it
// unless the filter says otherwise.
func (s *Service) Summary(ctx context.Context, f Filter, in MomentInput) (Summary, error) {
	m, _, err := in.parse(s.db.Now())
	if err != nil {
		return Summary{}, err
	}
	if f.To == "" {
		f.To = m.AsOf
	}
	if f.From == "" {
		f.From = f.To.Add(1 - defaultDays)
	}
	if err := f.check(); err != nil {
		return Summary{}, err
	}
	if f.To.Sub(f.From) >= mapDays {
		var c fault.Check
		c.Fail("/query/from", "range", "一次最多查询 {{.Days}} 天", "Days", mapDays)
		return Summary{}, c.Err()
	}
	q, err := s.ask(ctx, f, in)
	if err != nil {
		return Summary{}, err
	}
	out := Summary{Moment: q.Moment, From: f.From, To: f.To, Totals: Counts{}}
	parks, err := s.registry.Parks(ctx, registry.ParkFilter{}, models.Query{Limit: models.MaxPage})
	if err != nil {
		return out, err
	}
	rows := map[models.ID]*ParkSummary{}
	for _, p := range parks.Items {
		if f.ParkID == "" || f.ParkID == string(p.ID) {
			out.Parks = append(out.Parks, ParkSummary{Park: p, Totals: Counts{}, Days: map[State][]int{}})
		}
	}
	for i := range out.Parks {
		rows[out.Parks[i].Park.ID] = &out.Parks[i]
	}
	first, length := f.From.Number(), f.To.Sub(f.From)+1
	err = s.each(ctx, q, func(p Period, r Ruling) {
		row := rows[p.duty.Place.ParkID]
		if row == nil || !q.wanted(p, r) {
			return
		}
		if row.Days[r.State] == nil {
			row.Days[r.State] = make([]int, length)
		}
		row.Days[r.State][p.days.to-first]++
		row.Totals[r.State]++
		out.Totals[r.State]++
	})
	return out, err
}

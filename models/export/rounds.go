package export

import (
	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// roundList are the planned patrols. They are computed park by park and never stored, so
// that the whole list is one page: of one park, or of all that the caller sees.
func roundList() List {
	return List{Name: "planned-patrols", Title: fault.T("计划巡查"), Need: policies.PatrolRead, read: rounds,
		Columns: []Column{text(fault.T("园区名称")), text(fault.T("周期起")), text(fault.T("周期止")), text(fault.T("频次")), text(fault.T("对象")), text(fault.T("种类")), text(fault.T("轮到")), text(fault.T("状态")), text(fault.T("原因"))},
		Filters: []Filter{byPark(), oneOf("state", fault.T("状态"), inspection.RoundStates(), inspection.RoundState.Name), from(), until()}}
}

func rounds(r *reading, q models.Query) (batch, error) {
	parks := []models.ID{models.ID(r.has("parkId"))}
	if parks[0] == "" {
		var err error
		if parks, err = r.everyPark(); err != nil {
			return batch{}, err
		}
	}
	if err := r.knowParks(); err != nil {
		return batch{}, err
	}
	var b batch
	for _, park := range parks {
		a, err := r.Inspection.Rounds(r.ctx, park, inspection.RoundsQuestion{From: code.Day(r.has("from")), AsOf: code.Day(r.has("to"))})
		if err != nil {
			return b, err
		}
		var people []models.ID
		for _, x := range a.Rounds {
			people = append(people, x.Person)
		}
		names, err := r.Accounts.Names(r.ctx, people)
		if err != nil {
			return b, err
		}
		for _, x := range a.Rounds {
			if state := r.has("state"); state != "" && string(x.State) != state {
				continue
			}
			why := ""
			if x.Stop != nil {
				why = x.Stop.Reason
			}
			b.rows = append(b.rows, []Cell{plain(r.park(park)), plain(string(x.From)), plain(string(x.To)), fault.Named(x.Rule.Text, x.Rule.TextEn), plain(x.Object.Name), x.Object.KindName(), plain(names[x.Person]), x.State.Name(), plain(why)})
		}
	}
	total := int64(len(b.rows))
	b.total = &total
	return b, nil
}

// everyPark are the parks that the caller sees, in the order of their codes.
func (r *reading) everyPark() ([]models.ID, error) {
	var all []models.ID
	for q := (models.Query{Limit: models.MaxPage}); ; {
		page, err := r.Registry.Parks(r.ctx, registry.ParkFilter{}, q)
		if err != nil {
			return nil, err
		}
		for _, p := range page.Items {
			all = append(all, p.ID)
		}
		if q.Cursor = page.Next; page.Next == "" {
			return all, nil
		}
	}
}

package inspection

import (
	"slices"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// things are the kinds of object of the checklists that stand somewhere as a facility or
// an outlet; the others (papers, emergency, construction, the monitoring station) are
// looked at wherever one stands.
var things = []string{"rainOutlet", "wastewaterOutlet", "treatmentFacility", "wasteGas", "hazardousStore", "generalStore"}

// FacilityObjects are what a checklist asks of a facility. A store may be for either kind
// of waste: what does not concern it is answered so.
func FacilityObjects(f registry.Facility) []string {
	switch {
	case f.Kind == "store":
		return []string{"hazardousStore", "generalStore"}
	case f.Kind == "basin":
		return []string{"emergency"}
	case f.Medium == "air":
		return []string{"wasteGas"}
	case f.Medium == "solid":
		return []string{"generalStore"}
	}
	return []string{"treatmentFacility"}
}

// OutletObjects are what a checklist asks of an outlet.
func OutletObjects(o registry.Outlet) []string {
	switch o.Kind {
	case "rain":
		return []string{"rainOutlet"}
	case "air":
		return []string{"wasteGas"}
	}
	return []string{"wastewaterOutlet"}
}

// place is an object of the park that events may be about.
type place struct {
	asks     []string // kinds of object; nil for a firm's site, where anything may stand
	closedOn *code.Day
}

// placesOf are the objects of the patrol's park that a sending names.
func placesOf(tx *models.Tx, p Patrol, in []EventInput) (map[models.ID]place, error) {
	out := map[models.ID]place{}
	var ids []models.ID
	for _, e := range in {
		if id, err := models.ParseID(e.ObjectID); err == nil {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return out, nil
	}
	var facilities []registry.Facility
	if err := tx.Visible(policies.FacilityRead, &registry.Facility{}).Where("park_id = ? AND id IN ?", p.ParkID, ids).Find(&facilities).Error; err != nil {
		return nil, err
	}
	for _, f := range facilities {
		out[f.ID] = place{FacilityObjects(f), f.ClosedOn}
	}
	var outlets []registry.Outlet
	if err := tx.Visible(policies.FacilityRead, &registry.Outlet{}).Where("park_id = ? AND id IN ?", p.ParkID, ids).Find(&outlets).Error; err != nil {
		return nil, err
	}
	for _, o := range outlets {
		out[o.ID] = place{OutletObjects(o), o.ClosedOn}
	}
	var sites []registry.Site
	if err := tx.Visible(policies.SiteRead, &registry.Site{}).Where("park_id = ? AND id IN ?", p.ParkID, ids).Find(&sites).Error; err != nil {
		return nil, err
	}
	for _, s := range sites {
		out[s.ID] = place{nil, s.ClosedOn}
	}
	return out, nil
}

// placed holds an event to the park: it is about an object that stands there on the day
// of the event, and answers what can be asked of it. i is its place in the sending.
func (b *batch) placed(e Event, list Checklist, i int) (fault.Code, []fault.Violation) {
	id := e.Body.V.ObjectID
	if id == "" {
		return "", nil
	}
	at := "/events/" + strconv.Itoa(i)
	o, there := b.places[id]
	if !there || o.closedOn != nil && *o.closedOn < code.DayOf(e.At) {
		return fault.NotFound, []fault.Violation{{Pointer: at + "/objectId", Code: "absent", Value: string(id), Detail: fault.T("这一天园区没有这个编号的设施、排放口或者企业场所")}}
	}
	item, named := list.item(e.Body.V.Item)
	if named && o.asks != nil && slices.Contains(things, item.Object) && !slices.Contains(o.asks, item.Object) {
		return fault.Invalid, []fault.Violation{{Pointer: at + "/item", Code: "mismatch", Value: item.ID, Detail: fault.T("检查项“{{.Item}}”不适用于这个对象", "Item", item.NameZh)}}
	}
	return "", nil
}

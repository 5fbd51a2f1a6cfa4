package progress

import (
	"context"

	"parkregistry/models"
	"parkregistry/models/assessment"
)

// Part says which items of a dimension make one of its numbers.
type Part string

// The numbers of a dimension.
const (
	Met      Part = "met"      // items at full points
	Required Part = "required" // items that apply
	Pending  Part = "pending"  // items that wait for an assessment
)

// ParkItem is one item of the checklist in one park.
type ParkItem struct {
	Park   Park
	Item   assessment.Item
	Result *Result // nil while it waits
}

// Is reports whether the item is one of a part.
func (i ParkItem) Is(part Part) bool {
	switch part {
	case Met:
		return i.Result != nil && i.Result.Applies() && i.Result.Full
	case Required:
		return i.Result != nil && i.Result.Applies()
	case Pending:
		return i.Result == nil
	}
	return true
}

// key orders the items and says where a page begins.
func (i ParkItem) key() string { return i.Park.Code + " " + string(i.Park.ID) + " " + i.Item.ID }

// ItemFilter asks for items; what is zero is not asked for.
type ItemFilter struct {
	Park         models.ID
	Jurisdiction string // NoDistrict for those without
	Dimension    int
	Part         Part
}

func (f ItemFilter) has(i ParkItem) bool {
	in := models.Deref(i.Park.Jurisdiction)
	if in == "" {
		in = NoDistrict
	}
	return (f.Park == "" || f.Park == i.Park.ID) && (f.Jurisdiction == "" || f.Jurisdiction == in) && (f.Dimension == 0 || f.Dimension == i.Item.Dimension) && i.Is(f.Part)
}

// Items lists the items of the checklist park by park: those that met, required and
// pending of a report count.
func (s *Service) Items(ctx context.Context, f ItemFilter, q Question, page models.Query) (Report, models.Page[ParkItem], error) {
	r, err := s.Report(ctx, q)
	if err != nil {
		return r, models.Page[ParkItem]{}, err
	}
	var all []ParkItem
	for _, p := range r.Parks {
		for _, i := range p.Items() {
			if f.has(i) {
				all = append(all, i)
			}
		}
	}
	items, err := paged(ctx, s.db, page, "progress-items", all, ParkItem.key)
	return r, items, err
}

// Items are those of the park's checklist, each with its result.
func (p ParkStanding) Items() []ParkItem {
	results := map[string]*Result{}
	for i := range p.Results {
		results[p.Results[i].Item.ID] = &p.Results[i]
	}
	out := make([]ParkItem, len(p.Basis.List.Items))
	for n, i := range p.Basis.List.Items {
		out[n] = ParkItem{p.Park, i, results[i.ID]}
	}
	return out
}

package web

import (
	"slices"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

// carried are the fields that a new entry takes over from the one before it: where
// something goes is the same for months. No measured value is among them, since a copy of
// one would pass for a measurement.
var carried = []string{"sludgeDestination", "drainDestination"}

// lookBack bounds how many entries are looked at for one that was filed.
const lookBack = 10

// takeOver puts into a new form what the newest filed entry of the same facility and class
// says in these fields, of the same day or earlier.
func (p *Pages) takeOver(v *visit, f *filling) error {
	if f.about.Facility == nil || !slices.ContainsFunc(f.class.Fields, func(x ledger.Field) bool { return slices.Contains(carried, x.Name) }) {
		return nil
	}
	found, err := p.options.Ledger.List(v.ctx, ledger.Filter{FacilityID: string(*f.about.Facility), Class: f.class.Code, To: f.about.Day, Live: true}, models.Query{Limit: lookBack})
	if err != nil {
		return err
	}
	at := slices.IndexFunc(found.Items, func(r ledger.Record) bool { return r.Filings > 0 })
	if at < 0 {
		return nil
	}
	last := found.Items[at]
	says, err := p.options.Ledger.Contents(v.ctx, []ledger.Record{last})
	before := f.class.Typed(says[last.ID])
	f.taken = map[string]fault.Text{}
	for _, name := range carried {
		if said := before["/"+name]; said != "" {
			f.typed["/"+name] = said
			f.taken["/"+name] = fault.T("沿用 {{.Day}} 的记录，有变化就改", "Day", string(last.Day))
		}
	}
	return err
}

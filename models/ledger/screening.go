package ledger

import (
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
	"parkregistry/models"
	"parkregistry/models/ledger/screen"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// screened screens an entry that is whole beside its neighbours; nothing for one
// that is not.
func (s *Service) screened(tx *models.Tx, class Class, e Entry, o object, content Content, judged []Judged) ([]screen.Hit, error) {
	if !screens(class, content) {
		return nil, nil
	}
	return newNeighbours(s.classes, tx.Visible).judge(class.Code, rowOf(e.head(), content), e, o, limited(judged), nil)
}

// limited gives the limits that readings were judged by.
func limited(judged []Judged) func() (map[string]int64, error) {
	return func() (map[string]int64, error) { return maximums(judged), nil }
}

// screens reports whether rules look at an entry of the class that says this.
func screens(class Class, content Content) bool {
	return screen.Embedded().Covers(class.Code) && len(content.Missing) == 0
}

// judge puts a row beside its neighbours. limits gives the upper limits × 10^6 by
// pollutant, should a rule need them; looked is told which rules could judge.
func (n *neighbours) judge(class string, row screen.Row, e Entry, o object, limits func() (map[string]int64, error), looked func(string)) ([]screen.Hit, error) {
	rules := screen.Embedded()
	sheet := screen.Sheet{Class: class, Row: row}
	if c := o.capacity(); c != nil {
		sheet.Capacity = *c.Scaled
	}
	about := topic{e.ParkID, class, objectOf(e)}
	if err := n.want(n.before(e.Day), about); err != nil {
		return nil, err
	}
	sheet.Beside = n.on(about, e, e.Day, e.Day)
	sheet.Earlier = n.on(about, e, e.Day.Add(-screen.Days), e.Day.Add(-1))
	outlet, err := n.outletOf(e, o)
	if err != nil {
		return nil, err
	}
	if sheet.Against, err = n.against(e, outlet, o); err != nil {
		return nil, err
	}
	if rules.AsksLimits(sheet) {
		if sheet.Limits, err = limits(); err != nil {
			return nil, err
		}
	}
	return rules.Screen(sheet, looked), nil
}

// days are n days before day and day itself, newest first.
func days(day code.Day, n int) []code.Day {
	all := make([]code.Day, 0, n+1)
	for i := range n + 1 {
		all = append(all, day.Add(-i))
	}
	return all
}

// objectOf is what the unique key of live entries takes an entry to be about.
func objectOf(e Entry) models.ID {
	switch {
	case e.FacilityID != nil:
		return *e.FacilityID
	case e.OutletID != nil:
		return *e.OutletID
	}
	return owner(e)
}

// head is what a row of the screen needs of an entry besides its content.
type head struct {
	ID           models.ID
	Number       string
	Class        string
	ClassVersion int
	Day          code.Day
	Slot         string
	OutletID     *models.ID
	RecordedAt   time.Time
}

func (e Entry) head() head {
	return head{e.ID, e.Number, e.Class, e.ClassVersion, e.Day, e.Slot, e.OutletID, e.RecordedAt}
}

// rowOf is an entry as the screen sees it.
func rowOf(h head, content Content) screen.Row {
	r := screen.Row{ID: string(h.ID), Number: h.Number, Outlet: string(models.Deref(h.OutletID)), Day: h.Day, Slot: h.Slot, Entered: h.RecordedAt, Values: make([]screen.Value, 0, len(content.Items))}
	if start, end := content.Times["/startAt"], content.Times["/endAt"]; !start.IsZero() && end.After(start) {
		r.Length = end.Sub(start)
	}
	for _, i := range content.Items {
		p, reading := code.PollutantOf(i.Item)
		v := screen.Value{Pointer: i.Path, Name: i.Item, Reading: reading, Raw: i.Raw, Exact: i.Scaled != nil && i.Qualifier == ""}
		if i.Scaled != nil {
			v.Scaled = *i.Scaled
		}
		if v.Reading && i.Unit != p.Unit() { // values of one pollutant are compared in one unit
			v.Scaled = discharge.Rescaled(v.Scaled, i.Unit, p.Unit())
		}
		r.Values = append(r.Values, v)
	}
	return screen.Embedded().Prepare(h.Class, r)
}

// outletOf is the outlet that an entry names, or the only one behind its facility.
func (n *neighbours) outletOf(e Entry, o object) (models.ID, error) {
	if o.outlet != nil {
		return o.outlet.ID, nil
	}
	if o.facility == nil {
		return "", nil
	}
	all, known := n.behind[o.facility.ID]
	if !known {
		err := n.look(policies.FacilityRead, &registry.Outlet{}).Where("facility_id = ?", o.facility.ID).Order("id").Limit(100).Find(&all).Error
		if err != nil {
			return "", err
		}
		n.behind[o.facility.ID] = all
	}
	var open []models.ID
	for _, out := range all {
		if out.ClosedOn == nil || *out.ClosedOn >= e.Day {
			open = append(open, out.ID)
		}
	}
	if len(open) != 1 {
		return "", nil
	}
	return open[0], nil
}

// maximums are the upper limits in force that readings were judged by, by pollutant.
func maximums(all []Judged) map[string]int64 {
	out := map[string]int64{}
	for _, j := range all {
		if high, ok := j.Set.Maximum(); ok {
			out[j.Pollutant] = high
		}
	}
	return out
}

package ledger

import (
	"cmp"
	"slices"
	"time"

	"gorm.io/gorm"

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
	near := neighbours{classes: s.classes, look: tx.Visible, on: []code.Day{e.Day}, before: days(e.Day, screen.Days), most: maxNeighbours}
	return near.screen(class, e, o, content, judged)
}

// screen screens one entry.
func (n *neighbours) screen(class Class, e Entry, o object, content Content, judged []Judged) ([]screen.Hit, error) {
	if !screen.Embedded().Covers(class.Code) || len(content.Missing) > 0 {
		return nil, nil
	}
	limits := func() (map[string]int64, error) { return maximums(judged), nil }
	return n.judge(class.Code, rowOf(e.head(), content), e, o, limits, nil)
}

// judge puts a row beside its neighbours. limits gives the upper limits × 10^6 by
// pollutant, should a rule need them; looked is told which rules could judge.
func (n *neighbours) judge(class string, row screen.Row, e Entry, o object, limits func() (map[string]int64, error), looked func(string)) ([]screen.Hit, error) {
	rules := screen.Embedded()
	sheet := screen.Sheet{Class: class, Row: row}
	if c := o.capacity(); c != nil {
		sheet.Capacity = *c.Scaled
	}
	rows, err := n.of(e, class, objectOf(e), n.before)
	if err != nil {
		return nil, err
	}
	first := e.Day.Add(-screen.Days)
	for _, r := range rows {
		switch {
		case r.Day == e.Day:
			sheet.Beside = append(sheet.Beside, r.Row)
		case r.Day < e.Day && r.Day >= first:
			sheet.Earlier = append(sheet.Earlier, r.Row)
		}
	}
	outlet, err := n.outletOf(e, o)
	if err != nil {
		return nil, err
	}
	if sheet.Against, err = n.against(e, rules.Compared(class), outlet, o); err != nil {
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
	r := screen.Row{ID: string(h.ID), Number: h.Number, Day: h.Day, Slot: h.Slot, Entered: h.RecordedAt, Values: make([]screen.Value, 0, len(content.Items))}
	if start, end := content.Times["/startAt"], content.Times["/endAt"]; !start.IsZero() && end.After(start) {
		r.Length = end.Sub(start)
	}
	for _, i := range content.Items {
		p, none := code.ParsePollutant(i.Item)
		v := screen.Value{Pointer: i.Path, Name: i.Item, Reading: none == nil, Raw: i.Raw, Exact: i.Scaled != nil && i.Qualifier == ""}
		if i.Scaled != nil {
			v.Scaled = *i.Scaled
		}
		if v.Reading && i.Unit != p.Unit() { // values of one pollutant are compared in one unit
			v.Scaled = discharge.Rescaled(v.Scaled, i.Unit, p.Unit())
		}
		r.Values = append(r.Values, v)
	}
	return r
}

// neighbours finds what was filed about the same thing, through the unique key of
// live entries, day by day: the cost does not grow with the ledger. What it has
// found it keeps, since the entries of a batch are mostly about a few objects.
type neighbours struct {
	classes *Catalogue
	look    func(policies.Permission, models.Scoped) *gorm.DB
	before  []code.Day // the days of the entries, and those before them that the rules look at
	on      []code.Day // the days on which other classes are compared; before for a batch, whose entries are neighbours of each other
	most    int        // rows of one object, besides one a day
	found   map[[3]string][]neighbour
	behind  map[models.ID][]registry.Outlet // the outlets behind a facility
}

// neighbour is a row with what it is about.
type neighbour struct {
	screen.Row
	outlet *models.ID
}

// maxNeighbours bounds what is read about one object: 31 days of six batches, and
// the days of a batch.
const maxNeighbours = 200

// of are the filed entries of a class about an object on those days, newest first,
// but for e itself and what it amends.
func (n *neighbours) of(e Entry, class string, object models.ID, days []code.Day) ([]neighbour, error) {
	key := [3]string{string(e.ParkID), class, string(object)}
	rows, known := n.found[key]
	if !known {
		var err error
		if rows, err = n.read(e.ParkID, class, object, days); err != nil {
			return nil, err
		}
		if n.found == nil {
			n.found = map[[3]string][]neighbour{}
		}
		n.found[key] = rows
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r neighbour) bool {
		return r.ID == string(e.ID) || e.Supersedes != nil && r.ID == string(*e.Supersedes)
	}), nil
}

func (n *neighbours) read(park models.ID, class string, object models.ID, days []code.Day) ([]neighbour, error) {
	var found []struct {
		Head    head `gorm:"embedded"`
		Payload string
	}
	// The condition repeats the index ledger_entries_live to the letter.
	err := n.look(policies.LedgerRead, &Entry{}).
		Joins("JOIN ledger_filings ON ledger_filings.entry_id = ledger_entries.id AND ledger_filings.number = ledger_entries.filings").
		Where("ledger_entries.park_id = ? AND ledger_entries.day IN ? AND ledger_entries.class = ?", park, days, class).
		Where("COALESCE(ledger_entries.facility_id, ledger_entries.outlet_id, ledger_entries.site_id, ledger_entries.park_id) = ?", object).
		Where("ledger_entries.state NOT IN ('superseded', 'voided') AND (ledger_entries.supersedes IS NULL OR ledger_entries.filings > 0)").
		Select("ledger_entries.id, ledger_entries.number, ledger_entries.class, ledger_entries.class_version, ledger_entries.day, ledger_entries.slot, " +
			"ledger_entries.outlet_id, ledger_entries.recorded_at, ledger_filings.payload").
		Order("ledger_entries.day DESC, ledger_entries.slot").Limit(n.most + len(days)).Scan(&found).Error
	rows := make([]neighbour, 0, len(found))
	for _, f := range found {
		if content, ok := n.classes.contentOf(f.Head, f.Payload); ok {
			rows = append(rows, neighbour{rowOf(f.Head, content), f.Head.OutletID})
		}
	}
	return rows, err
}

// add makes an entry that is about to be stored a neighbour of those that follow.
func (n *neighbours) add(e Entry, content Content) {
	key := [3]string{string(e.ParkID), e.Class, string(objectOf(e))}
	rows, known := n.found[key]
	if !known {
		return // nobody has asked about the object, so that no rule looks at its class
	}
	at, _ := slices.BinarySearchFunc(rows, e, func(r neighbour, e Entry) int {
		return cmp.Or(cmp.Compare(e.Day, r.Day), cmp.Compare(r.Slot, e.Slot))
	})
	rows = slices.Insert(rows, at, neighbour{rowOf(e.head(), content), e.OutletID})
	n.found[key] = rows[:min(len(rows), n.most+len(n.before))]
}

// contentOf reads a filed payload by the version of its class.
func (c *Catalogue) contentOf(h head, payload string) (Content, bool) {
	class, ok := c.At(h.Class, h.ClassVersion)
	if !ok {
		return Content{}, false
	}
	content, err := class.Read([]byte(payload))
	return content, err == nil
}

// against are the entries of those classes about the water of one outlet on the day of e.
func (n *neighbours) against(e Entry, classes []string, outlet models.ID, o object) ([]screen.Row, error) {
	if outlet == "" {
		return nil, nil
	}
	var all []screen.Row
	for _, name := range classes {
		class, ok := n.classes.Newest(name)
		if !ok {
			continue
		}
		about := outlet
		if class.Facility == Required {
			if o.outlet == nil || o.outlet.FacilityID == nil {
				continue
			}
			about = *o.outlet.FacilityID
		}
		rows, err := n.of(e, name, about, n.on)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.Day == e.Day && (r.outlet == nil && class.Outlet != Required || r.outlet != nil && *r.outlet == outlet) {
				all = append(all, r.Row)
			}
		}
	}
	return all, nil
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
		if n.behind == nil {
			n.behind = map[models.ID][]registry.Outlet{}
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

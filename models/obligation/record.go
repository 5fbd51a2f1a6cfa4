package obligation

import (
	"context"
	"time"

	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

// read reads the marks that the duties need for the periods that end in days.
// Longer periods need entries from before: each class is read as far back as its
// own duties go.
func (s *Service) read(ctx context.Context, f Filter, duties []*Duty, days span, m Moment, detail bool) (recorded, error) {
	until := m.AsOf.Number()
	wanted := map[string]span{}
	plans := map[string]bool{} // classes of which it matters which pollutants an entry names
	for _, d := range duties {
		d.periods(days, until, func(p Period) bool {
			if p.reason != "" {
				return true // the first that is not excused goes back furthest
			}
			need, ok := wanted[d.Class]
			if !ok {
				need = span{p.days.from, min(days.to, until)}
			}
			wanted[d.Class] = span{min(need.from, p.days.from), need.to}
			plans[d.Class] = plans[d.Class] || d.Pollutant != ""
			return false
		})
	}
	together := map[span][]string{}
	for class, need := range wanted {
		if need.from <= need.to {
			together[need] = append(together[need], class)
		}
	}
	all := recorded{}
	for need, classes := range together {
		r := reading{Filter: f, classes: classes, days: need, moment: m, detail: detail}
		for _, class := range classes {
			r.detail = r.detail || plans[class]
		}
		entries, err := s.entries(ctx, r)
		if err != nil {
			return nil, err
		}
		first, err := s.original(ctx, entries)
		if err != nil {
			return nil, err
		}
		all.add(entries, first)
		for _, class := range classes {
			if plans[class] {
				r.classes = []string{class}
				if err := s.readItems(ctx, r, entries, first, all); err != nil {
					return nil, err
				}
			}
		}
	}
	for k := range all {
		all[k].sort()
	}
	return all, nil
}

// add turns entries into marks.
func (all recorded) add(entries []row, first map[models.ID]time.Time) {
	for _, e := range entries {
		k := about{e.object, e.class, ""}
		all[k] = append(all[k], e.mark(first))
	}
}

// mark is what an entry leaves: an amendment keeps the time of what it amends.
func (e row) mark(first map[models.ID]time.Time) Mark {
	m := Mark{Day: e.day, Slot: e.slot, Standing: e.standing(), Entry: e.id, Number: e.number, State: e.state}
	if e.filed != nil {
		m.At = e.filed.Unix()
	}
	if e.supersedes != nil {
		if at, ok := first[*e.supersedes]; ok {
			m.At = at.Unix()
		}
	}
	return m
}

// readItems adds a mark for each pollutant that the entries of a monitoring class
// name, by the filing that stands.
func (s *Service) readItems(ctx context.Context, r reading, entries []row, first map[models.ID]time.Time, all recorded) error {
	by := map[models.ID]row{}
	for _, e := range entries {
		if e.class == r.classes[0] && e.filed != nil {
			by[e.id] = e
		}
	}
	if len(by) == 0 {
		return nil
	}
	q := s.db.Visible(ctx, policies.LedgerRead, &ledger.Item{}).Joins("JOIN ledger_entries ON ledger_entries.id = ledger_items.entry_id").
		Joins("JOIN ledger_filings ON ledger_filings.id = ledger_items.filing_id")
	var id models.ID
	var item string
	var filed time.Time
	return models.Read(s.narrow(q, r), "ledger_items.entry_id, ledger_items.item, ledger_filings.filed_at", []any{&id, &item, &filed}, func() error {
		if e, ok := by[id]; ok && e.filed.Equal(filed) {
			k := about{e.object, e.class, item}
			all[k] = append(all[k], e.mark(first))
		}
		return nil
	})
}

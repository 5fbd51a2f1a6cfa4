package obligation

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

// about is what an entry is about, as far as duties go.
type about struct {
	object    models.ID
	class     string
	pollutant string
}

// recorded are the marks of the entries that the caller sees, by what they are about.
type recorded map[about]marks

// of are the marks of a duty, in the order of their days.
func (r recorded) of(d *Duty) marks { return r[about{d.ObjectID(), d.Class, d.Pollutant}] }

// reading says which entries are wanted, and how much of each.
type reading struct {
	Filter
	classes []string
	days    span
	moment  Moment
	detail  bool // with ids, numbers and states, and with drafts
}

// row is an entry on its way to a mark.
type row struct {
	id         models.ID
	number     string
	object     models.ID
	class      string
	day        int
	slot       string
	state      ledger.State
	filed      *time.Time
	supersedes *models.ID
	updated    time.Time
}

func (r row) standing() bool { return r.state == ledger.Filed || r.state == ledger.Accepted }

// entries reads the entries of one reading as they stood at its moment.
func (s *Service) entries(ctx context.Context, r reading) ([]row, error) {
	q := s.narrow(s.db.Visible(ctx, policies.LedgerRead, &ledger.Entry{}), r)
	if !r.moment.past(s.db.Now()) {
		states := []ledger.State{ledger.Filed, ledger.Accepted}
		if r.detail {
			states = append(states, ledger.Returned, ledger.Draft)
		}
		// An amendment that is not filed yet is no draft of a record that is missing.
		return s.rows(q.Where("ledger_entries.state IN ? AND (ledger_entries.filings > 0 OR ledger_entries.supersedes IS NULL)", states), r.detail)
	}
	all, err := s.rows(q.Where("ledger_entries.filings > 0"), true)
	if err != nil {
		return nil, err
	}
	return s.backThen(ctx, r, all)
}

// narrow keeps the entries that a reading wants.
func (s *Service) narrow(q *gorm.DB, r reading) *gorm.DB {
	for column, value := range map[string]string{"park_id": r.ParkID, "enterprise_id": r.EnterpriseID} {
		if value != "" {
			q = q.Where("ledger_entries."+column+" = ?", value)
		}
	}
	if r.ObjectID != "" {
		q = q.Where("(ledger_entries.facility_id = ? OR ledger_entries.facility_id IS NULL AND ledger_entries.outlet_id = ?)", r.ObjectID, r.ObjectID)
	}
	return q.Where("ledger_entries.day BETWEEN ? AND ? AND ledger_entries.class IN ?", code.DayNumber(r.days.from), code.DayNumber(r.days.to), r.classes)
}

// rows reads what decides a mark, and with whole the rest of it.
func (s *Service) rows(q *gorm.DB, whole bool) ([]row, error) {
	var all []row
	var next row
	var day code.Day
	columns := "COALESCE(ledger_entries.facility_id, ledger_entries.outlet_id, ledger_entries.site_id, ledger_entries.park_id), ledger_entries.class, ledger_entries.slot, ledger_entries.state, ledger_entries.filed_at, ledger_entries.supersedes, "
	fields := []any{&next.object, &next.class, &next.slot, &next.state, &next.filed, &next.supersedes}
	if s.db.Engine == models.Postgres {
		columns, fields = columns+"ledger_entries.day - DATE '1970-01-01'", append(fields, &next.day)
	} else {
		columns, fields = columns+"ledger_entries.day", append(fields, &day)
	}
	if whole {
		columns, fields = columns+", ledger_entries.id, ledger_entries.number, ledger_entries.updated_at", append(fields, &next.id, &next.number, &next.updated)
	}
	err := models.Read(q, columns, fields, func() error {
		if day != "" {
			next.day = day.Number()
		}
		all = append(all, next)
		next.filed, next.supersedes = nil, nil // what a column points to belongs to the row just kept
		return nil
	})
	return all, err
}

// backThen takes entries as they stand to how they stood at a moment: those that
// nobody has touched since stand as they did, the others are derived from their steps.
func (s *Service) backThen(ctx context.Context, r reading, all []row) ([]row, error) {
	before := r.moment.before
	if r.moment.known != nil {
		untouched, err := s.log.UntouchedBefore(ctx, r.moment.KnownSeq)
		if err != nil {
			return nil, err
		}
		if untouched != nil && untouched.Before(before) {
			before = *untouched
		}
	}
	if !slices.ContainsFunc(all, func(e row) bool { return !e.updated.Before(before) }) {
		return slices.DeleteFunc(all, func(e row) bool { return !e.standing() && e.state != ledger.Returned }), nil
	}
	moved, err := s.steps(ctx, r, before)
	if err != nil {
		return nil, err
	}
	out := all[:0]
	for _, e := range all {
		if !e.updated.Before(before) {
			then := moved[e.id]
			e.state, e.filed = then.state, then.filed
		}
		if e.standing() || e.state == ledger.Returned {
			out = append(out, e)
		}
	}
	return out, nil
}

// standing is where an entry stood at a moment; the zero one was not filed yet.
type standing struct {
	state ledger.State
	filed *time.Time
}

// steps derives from their steps where the entries stood that were touched since.
func (s *Service) steps(ctx context.Context, r reading, since time.Time) (map[models.ID]standing, error) {
	q := s.db.Visible(ctx, policies.LedgerRead, &ledger.Step{}).Joins("JOIN ledger_entries ON ledger_entries.id = ledger_steps.entry_id")
	q = s.narrow(q, r).Where("ledger_entries.updated_at >= ? AND ledger_steps.at < ?", since, r.moment.before)
	if r.moment.known != nil {
		q = q.Joins("JOIN changes ON changes.id = ledger_steps.change_id").Where("changes.seq <= ?", *r.moment.known)
	}
	out := map[models.ID]standing{}
	var id models.ID
	var kind ledger.State
	var at time.Time
	err := models.Read(q.Order("ledger_steps.at, ledger_steps.id"), "ledger_steps.entry_id, ledger_steps.kind, ledger_steps.at", []any{&id, &kind, &at}, func() error {
		then := out[id]
		then.state = kind
		if kind == ledger.Filed {
			when := at
			then.filed = &when
		}
		out[id] = then
		return nil
	})
	return out, err
}

// original finds when the first entry of each chain of amendments was filed: an
// amendment corrects what a record says, not when it was kept.
func (s *Service) original(ctx context.Context, all []row) (map[models.ID]time.Time, error) {
	type link struct {
		ID         models.ID
		FiledAt    *time.Time
		Supersedes *models.ID
	}
	first := map[models.ID]time.Time{}
	roots := map[models.ID][]models.ID{} // the entry to look at next, and which entries it decides
	for _, e := range all {
		if e.supersedes != nil {
			roots[*e.supersedes] = append(roots[*e.supersedes], *e.supersedes)
		}
	}
	for len(roots) > 0 {
		ids := make([]models.ID, 0, len(roots))
		for id := range roots {
			ids = append(ids, id)
		}
		next := map[models.ID][]models.ID{}
		for part := range slices.Chunk(ids, 500) {
			var links []link
			if err := s.db.Visible(ctx, policies.LedgerRead, &ledger.Entry{}).Select("id, filed_at, supersedes").Where("id IN ?", part).Scan(&links).Error; err != nil {
				return nil, err
			}
			for _, l := range links {
				for _, of := range roots[l.ID] {
					if l.FiledAt != nil {
						first[of] = *l.FiledAt
					}
				}
				if l.Supersedes != nil {
					next[*l.Supersedes] = append(next[*l.Supersedes], roots[l.ID]...)
				}
			}
		}
		roots = next
	}
	return first, nil
}

package progress

import (
	"context"
	"slices"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// Row is one of the rows that the register counts for a ratio: the denominator is
// their number, the numerator that of those that are met.
type Row struct {
	Metric string
	ParkID models.ID
	Kind   string // site, outlet, facility
	ID     models.ID
	Day    code.Day // of an entry that a facility owes; "" for the others
	Met    bool
}

// key orders the rows and says where a page begins.
func (r Row) key() string { return strings.Join([]string{r.Metric, string(r.ID), string(r.Day)}, " ") }

// RowFilter asks for rows: of a park, of a ratio, all of them or the met ones.
type RowFilter struct {
	Park         models.ID // "" for all that the caller sees
	Jurisdiction string    // slug of a district, NoDistrict, "" for all
	Metric       string    // one of [RowMetrics], "" for each of them
	Met          bool
}

// RowMetrics are the ratios whose rows are told here. Those of findings are a list of
// their own, and those of a park's assessment stand on days of its own.
func RowMetrics() []string {
	return []string{assessment.MetricPermits, assessment.MetricFiles, assessment.MetricOutlets, assessment.MetricLedgers}
}

// Rows lists what the ratios of a report are made of, computed as the report
// computes them. Findings (A7) are rows of their own list.
func (s *Service) Rows(ctx context.Context, f RowFilter, q Question, page models.Query) (models.Page[Row], error) {
	if err := policies.Require(ctx, policies.ProgressRead); err != nil {
		return models.Page[Row]{}, err
	}
	if f.Metric != "" && !slices.Contains(RowMetrics(), f.Metric) {
		var c fault.Check
		c.Fail("/query/metric", "enum", "只能是：{{.Arg}}", "Arg", strings.Join(RowMetrics(), ", "))
		return models.Page[Row]{}, c.Err()
	}
	var all []Row
	var parks []models.ID
	err := s.db.Snapshot(ctx, func(ctx context.Context) error {
		m, err := s.moment(ctx, q)
		if err != nil {
			return err
		}
		if f.Jurisdiction != "" {
			if parks, err = s.ParksIn(ctx, f.Jurisdiction, q); err != nil {
				return err
			}
		}
		all, err = s.rows(ctx, m)
		return err
	})
	if err != nil {
		return models.Page[Row]{}, err
	}
	all = slices.DeleteFunc(all, func(r Row) bool {
		return f.Park != "" && r.ParkID != f.Park || f.Jurisdiction != "" && !slices.Contains(parks, r.ParkID) || f.Metric != "" && r.Metric != f.Metric || f.Met && !r.Met
	})
	return paged(ctx, s.db, page, "progress-rows", all, Row.key)
}

// rows are those of the caller's parks.
func (s *Service) rows(ctx context.Context, m moment) ([]Row, error) {
	mine, err := s.mine(ctx)
	if err != nil {
		return nil, err
	}
	c, err := s.cityAt(ctx, m.Seq)
	if err != nil {
		return nil, err
	}
	window, err := s.filedBefore(ctx, m)
	if err != nil {
		return nil, err
	}
	var all []Row
	add := func(r Row) {
		if mine[r.ParkID] {
			all = append(all, r)
		}
	}
	at := whenOf(m.asOf)
	c.dischargers(at, func(site said[registry.SiteFields]) {
		add(Row{assessment.MetricPermits, site.park(), "site", site.id(), "", c.valid(site.id(), at)})
		add(Row{assessment.MetricFiles, site.park(), "site", site.id(), "", c.complete(site.id(), at)})
	})
	c.outletsOn(at, func(o said[registry.BookOutlet], coded bool) {
		add(Row{assessment.MetricOutlets, o.park(), "outlet", o.id(), "", coded})
	})
	for _, w := range c.on(m.asOf).owing {
		w.on(window, func(day code.Day, filed bool) {
			add(Row{assessment.MetricLedgers, w.park(), "facility", w.id(), day, filed})
		})
	}
	return all, nil
}

// paged is one page of a list that is computed, in the order of its keys.
func paged[T any](ctx context.Context, db *models.DB, q models.Query, name string, all []T, key func(T) string) (models.Page[T], error) {
	page := models.Page[T]{Items: []T{}}
	if err := q.Check(); err != nil {
		return page, err
	}
	slices.SortFunc(all, func(a, b T) int { return strings.Compare(key(a), key(b)) })
	if q.Exact {
		total := int64(len(all))
		page.Total = &total
	}
	if q.Cursor != "" {
		from, err := db.OpenPosition(ctx, q, name)
		if err != nil {
			return page, err
		}
		all = all[sortedFrom(all, from, key):]
	}
	if len(all) > q.Limit {
		next, err := db.SealPosition(ctx, q, name, key(all[q.Limit]))
		if err != nil {
			return page, err
		}
		page.Next, all = next, all[:q.Limit]
	}
	page.Items = append(page.Items, all...)
	return page, nil
}

func sortedFrom[T any](all []T, from string, key func(T) string) int {
	i, _ := slices.BinarySearchFunc(all, from, func(x T, from string) int { return strings.Compare(key(x), from) })
	return i
}

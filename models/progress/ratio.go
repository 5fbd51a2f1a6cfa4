package progress

import (
	"context"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/audit"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// ratio is the two numbers of one item of one park.
type ratio struct {
	ParkID models.ID
	N      int64
	D      int64
}

// results puts the computed items of a park in the order of the checklist.
func results(list assessment.Checklist, ratios map[string]map[models.ID]ratio, park models.ID) []Result {
	var out []Result
	for _, i := range list.Items {
		if !i.Computed() {
			continue
		}
		r := Result{Item: i, Numerator: ratios[i.Metric][park].N, Denominator: ratios[i.Metric][park].D}
		if r.Applies() {
			r.Earned, r.Full = i.Earned(r.Numerator, r.Denominator)
		}
		out = append(out, r)
	}
	return out
}

// ratios computes every computed item of every park in sight, one statement each.
func (s *Service) ratios(ctx context.Context, asOf code.Day) (map[string]map[models.ID]ratio, error) {
	out := map[string]map[models.ID]ratio{}
	for id, query := range map[string]func(context.Context, code.Day) *gorm.DB{
		assessment.MetricFindings: s.closedInTime, assessment.MetricPermits: s.permitted, assessment.MetricOutlets: s.coded,
	} {
		var rows []ratio
		if err := query(ctx, asOf).Scan(&rows).Error; err != nil {
			return nil, err
		}
		out[id] = map[models.ID]ratio{}
		for _, r := range rows {
			out[id][r.ParkID] = r
		}
	}
	var err error
	out[assessment.MetricLedgers], err = s.filingRate(ctx, asOf)
	return out, err
}

// openOn keeps rows of the register that had not ended by the end of the day.
func openOn(q *gorm.DB, table string, day code.Day) *gorm.DB {
	return q.Where("("+table+".closed_on IS NULL OR "+table+".closed_on > ?)", day).Where(table+".created_at < ?", day.End().UTC())
}

// closedInTime (A7): findings due by the day, and of these the ones closed (销号)
// by their due date. Withdrawn findings were none.
func (s *Service) closedInTime(ctx context.Context, asOf code.Day) *gorm.DB {
	return s.db.Visible(ctx, policies.FindingRead, &inspection.Finding{}).
		Select("park_id, COUNT(*) AS d, COALESCE(SUM(CASE WHEN closed_on IS NOT NULL AND closed_on <= due_on THEN 1 ELSE 0 END), 0) AS n").
		Where("due_on <= ? AND state <> ?", asOf, inspection.Withdrawn).Group("park_id")
}

// permitted (C4): sites of dischargers, and of these the ones with a permit or a
// registration that was valid on the day.
func (s *Service) permitted(ctx context.Context, asOf code.Day) *gorm.DB {
	q := s.db.Visible(ctx, policies.SiteRead, &registry.Site{}).
		Joins("JOIN enterprises ON enterprises.id = sites.enterprise_id AND enterprises.discharges = ?", true).
		Select(`sites.park_id, COUNT(*) AS d, COALESCE(SUM(CASE WHEN EXISTS (SELECT 1 FROM permits WHERE permits.site_id = sites.id AND permits.issued_on <= ? AND permits.valid_to >= ?
			AND (permits.closed_on IS NULL OR permits.closed_on > ?) AND permits.state IN ('issued', 'changed', 'registered')) THEN 1 ELSE 0 END), 0) AS n`, asOf, asOf, asOf)
	return openOn(q, "sites", asOf).Group("sites.park_id")
}

// coded (D2): outlets, and of these the ones with a code of HJ 608.
func (s *Service) coded(ctx context.Context, asOf code.Day) *gorm.DB {
	q := s.db.Visible(ctx, policies.FacilityRead, &registry.Outlet{}).Select("park_id, COUNT(*) AS d, COALESCE(SUM(CASE WHEN code <> '' THEN 1 ELSE 0 END), 0) AS n")
	return openOn(q, "outlets", asOf).Group("park_id")
}

// filingClass is the class whose daily rhythm the filing rate looks at.
const filingClass = "treatmentFacility.wastewater"

// filingRate (D3): each treatment facility for wastewater in use owes one entry of
// daily operation a day (HJ 944-2018 as permits carry it), over the thirty days
// that were due by asOf; filed are the days that have one, filed by then.
func (s *Service) filingRate(ctx context.Context, asOf code.Day) (map[models.ID]ratio, error) {
	from, to := asOf.Add(-Window), asOf.Add(-1)
	var works []registry.Facility
	q := s.db.Visible(ctx, policies.FacilityRead, &registry.Facility{}).Select("id", "park_id", "built_on", "created_at").
		Where("kind IN ('treatment', 'central') AND medium = 'water' AND in_use = ?", true)
	if err := openOn(q, "facilities", asOf).Find(&works).Error; err != nil {
		return nil, err
	}
	var filed []ratio
	err := s.db.Visible(ctx, policies.LedgerRead, &ledger.Entry{}).
		Select("park_id, COUNT(DISTINCT CAST(facility_id AS text) || '/' || CAST(day AS text)) AS n").
		Where("class = ? AND day BETWEEN ? AND ? AND state IN ? AND filed_at < ?", filingClass, from, to, []ledger.State{ledger.Filed, ledger.Accepted}, asOf.End().UTC()).
		Group("park_id").Scan(&filed).Error
	if err != nil {
		return nil, err
	}
	out := map[models.ID]ratio{}
	for _, f := range works {
		first := code.DayOf(f.CreatedAt)
		if f.BuiltOn != nil {
			first = *f.BuiltOn
		}
		if days := to.Sub(max(first, from)) + 1; days > 0 {
			r := out[f.ParkID]
			r.D += int64(days)
			out[f.ParkID] = r
		}
	}
	for _, f := range filed {
		r := out[f.ParkID]
		r.N = min(f.N, r.D)
		out[f.ParkID] = r
	}
	return out, nil
}

// counts sums the summary by park, and counts what was overdue on the day.
func (s *Service) counts(ctx context.Context, asOf code.Day) (map[models.ID]Counts, error) {
	var sums []struct {
		ParkID  models.ID
		Measure string
		Total   int64
		Recent  int64
	}
	err := s.db.Visible(ctx, policies.ProgressRead, &audit.DayCount{}).
		Select("park_id, measure, SUM(n) AS total, SUM(CASE WHEN about_on > ? THEN n ELSE 0 END) AS recent", asOf.Add(-Window)).
		Where("about_on <= ? AND known_on <= ?", asOf, asOf).Group("park_id, measure").Scan(&sums).Error
	if err != nil {
		return nil, err
	}
	out := map[models.ID]Counts{}
	for _, m := range sums {
		c := out[m.ParkID]
		switch m.Measure {
		case ledger.MeasureFiled:
			c.LedgersFiled, c.LedgersFiledRecent = m.Total, m.Recent
		case ledger.MeasureAccepted:
			c.LedgersAccepted = m.Total
		case ledger.MeasureLate:
			c.LedgersLate = m.Total
		case ledger.MeasureReturned:
			c.LedgersReturned = m.Total
		case inspection.MeasureOpened:
			c.FindingsOpened = m.Total
		case inspection.MeasureOpen:
			c.FindingsOpen = m.Total
		case inspection.MeasureClosed:
			c.FindingsClosed = m.Total
		case inspection.MeasureReferred:
			c.FindingsReferred = m.Total
		case inspection.MeasurePatrols:
			c.Patrols = m.Total
		case inspection.MeasureInspections:
			c.Inspections = m.Total
		}
		out[m.ParkID] = c
	}
	var overdue []ratio
	// Late is whose answer is due: notified by the day, and neither answered nor closed
	// by then. On the present day these are the findings that are listed as overdue.
	err = s.db.Visible(ctx, policies.FindingRead, &inspection.Finding{}).Select("park_id, COUNT(*) AS n").
		Where("due_on < ? AND notified_on <= ? AND state NOT IN ? AND (closed_on IS NULL OR closed_on > ?)", asOf, asOf, []inspection.State{inspection.Withdrawn, inspection.Referred}, asOf).
		Where("NOT (state = ? AND submitted_on <= ?)", inspection.Submitted, asOf).
		Group("park_id").Scan(&overdue).Error
	if err != nil {
		return nil, err
	}
	for _, o := range overdue {
		c := out[o.ParkID]
		c.FindingsOverdue = o.N
		out[o.ParkID] = c
	}
	return out, nil
}

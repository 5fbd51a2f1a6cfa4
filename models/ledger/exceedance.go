package ledger

import (
	"context"
	"slices"
	"strings"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
	"parkregistry/models"
	"parkregistry/policies"
)

// Exceedance (超标) says that a reading of a filing was over its limit when it was
// filed. It is an index to the judgement that the filing keeps, made from it in the
// same transaction, so that a list finds it without reading the others.
type Exceedance struct {
	ID        models.ID `gorm:"primaryKey"` // follows from the filing and the path
	FilingID  models.ID
	Path      string // JSON pointer of the reading in the payload
	EntryID   models.ID
	Filing    int // number of the filing within its entry
	ParkID    models.ID
	OutletID  *models.ID
	Class     string
	Day       code.Day
	Pollutant string
	Grave     bool // over a standard by what 法释〔2023〕7号 art. 1 names
}

// TableName implements gorm's Tabler.
func (Exceedance) TableName() string { return "ledger_exceedances" }

// Scope implements models.Scoped.
func (Exceedance) Scope() models.Scope {
	return models.ChildRows("ledger_exceedances", "entry_id", Entry{})
}

// Exceedances are the readings of the filing that were over their limits.
func (b Built) Exceedances() []Exceedance {
	f, e := b.Filing, b.Entry
	if !strings.Contains(f.Judged, `"`+string(discharge.Exceeded)+`"`) {
		return nil // as nearly every filing: nothing needs to be read
	}
	all, err := f.judgements()
	if err != nil {
		panic(err) // what this program has written a moment ago
	}
	var out []Exceedance
	for _, j := range all {
		if j.Verdict == discharge.Exceeded {
			out = append(out, Exceedance{ID: models.DerivedID(f.ID, j.Path), FilingID: f.ID, Path: j.Path, EntryID: e.ID, Filing: f.Number, ParkID: e.ParkID, OutletID: j.OutletID,
				Class: e.Class, Day: e.Day, Pollutant: j.Pollutant, Grave: j.Grave})
		}
	}
	return out
}

// ExceedanceRecord is an exceedance with the entry that it stands in and its judgement.
type ExceedanceRecord struct {
	Exceedance
	Entry   Record
	FiledAt time.Time // of the filing
	Finding Judged    // with all candidates
}

// ExceedanceFilter narrows the list; "" and false do not.
type ExceedanceFilter struct {
	ParkID, SiteID, EnterpriseID, FacilityID, OutletID, Class, Pollutant string
	From, To                                                             code.Day
	Grave                                                                bool
	All                                                                  bool // also of filings that were returned, amended or voided
}

var exceedanceOrders = map[string]models.Order[Exceedance]{
	"-day": {Column: "ledger_exceedances.day", Desc: true, On: models.OnDay, Key: func(x Exceedance) any { return string(x.Day) }},
	"day":  {Column: "ledger_exceedances.day", Key: func(x Exceedance) any { return string(x.Day) }},
}

// stands keeps the readings of the filings that stand now: not those of an entry that
// was given back, taken out or corrected, nor of a filing after which there is another.
const stands = `EXISTS (SELECT 1 FROM ledger_entries stood WHERE stood.id = ledger_exceedances.entry_id
	AND stood.filings = ledger_exceedances.filing AND stood.state IN ('filed', 'accepted'))`

// Exceedances lists the readings over their limits that the caller may see, as they
// were judged when they were filed.
func (s *Service) Exceedances(ctx context.Context, f ExceedanceFilter, q models.Query) (models.Page[ExceedanceRecord], error) {
	rows := s.db.Visible(ctx, policies.LedgerRead, &Exceedance{})
	for column, value := range map[string]string{"park_id": f.ParkID, "outlet_id": f.OutletID, "class": f.Class, "pollutant": f.Pollutant} {
		if value != "" {
			rows = rows.Where("ledger_exceedances."+column+" = ?", value)
		}
	}
	for column, value := range map[string]string{"site_id": f.SiteID, "enterprise_id": f.EnterpriseID, "facility_id": f.FacilityID} {
		if value != "" {
			rows = rows.Where("ledger_exceedances.entry_id IN (SELECT id FROM ledger_entries WHERE "+column+" = ?)", value)
		}
	}
	if f.From != "" {
		rows = rows.Where("ledger_exceedances.day >= ?", f.From)
	}
	if f.To != "" {
		rows = rows.Where("ledger_exceedances.day <= ?", f.To)
	}
	if f.Grave {
		rows = rows.Where("ledger_exceedances.grave")
	}
	if !f.All {
		rows = rows.Where(stands)
	}
	page, err := models.List(s.db, rows, q, exceedanceOrders, "-day", func(x Exceedance) models.ID { return x.ID })
	out := models.Page[ExceedanceRecord]{Next: page.Next, Before: page.Before, Total: page.Total, Items: make([]ExceedanceRecord, len(page.Items))}
	if err != nil || len(page.Items) == 0 {
		return out, err
	}
	return out, s.explain(ctx, page.Items, out.Items)
}

// explain reads what stands beside each row: its entry, and the judgement with its candidates.
func (s *Service) explain(ctx context.Context, rows []Exceedance, out []ExceedanceRecord) error {
	var entries, filings []models.ID
	for _, x := range rows {
		entries, filings = append(entries, x.EntryID), append(filings, x.FilingID)
	}
	var heads []Entry
	if err := s.db.Visible(ctx, policies.LedgerRead, &Entry{}).Where("id IN ?", entries).Omit("draft").Find(&heads).Error; err != nil {
		return err
	}
	var kept []Filing
	if err := s.db.Visible(ctx, policies.LedgerRead, &Filing{}).Select("id, judged, filed_at").Where("id IN ?", filings).Find(&kept).Error; err != nil {
		return err
	}
	judged, err := s.judgements(ctx, kept...)
	if err != nil {
		return err
	}
	for i, x := range rows {
		out[i].Exceedance = x
		if n := slices.IndexFunc(heads, func(e Entry) bool { return e.ID == x.EntryID }); n >= 0 {
			out[i].Entry = s.record(heads[n])
		}
		if n := slices.IndexFunc(kept, func(f Filing) bool { return f.ID == x.FilingID }); n >= 0 {
			out[i].FiledAt = kept[n].FiledAt
		}
		if n := slices.IndexFunc(judged[x.FilingID], func(j Judged) bool { return j.Path == x.Path }); n >= 0 {
			out[i].Finding = judged[x.FilingID][n]
		}
	}
	return nil
}

// CountExceedances counts by park what Exceedances lists from a day on, in one park or
// in all of the caller.
func CountExceedances(ctx context.Context, db *models.DB, parkID string, from code.Day) (map[models.ID]int64, error) {
	q := db.Visible(ctx, policies.LedgerRead, &Exceedance{}).Select("park_id, COUNT(*) AS n").Where("ledger_exceedances.day >= ?", from).Where(stands).Group("park_id")
	if parkID != "" {
		q = q.Where("park_id = ?", parkID)
	}
	var all []struct {
		ParkID models.ID
		N      int64
	}
	err := q.Scan(&all).Error
	out := make(map[models.ID]int64, len(all))
	for _, x := range all {
		out[x.ParkID] = x.N
	}
	return out, err
}

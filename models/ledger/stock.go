package ledger

import (
	"context"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/policies"
)

// storageYears is how long hazardous waste may lie (固体废物污染环境防治法
// art. 81). The article binds licensed operators; a producer is held to the period in its
// EIA, permit or plan, which the register does not know.
const storageYears = 1

// inStock are the batches that still lie where they arose or where they were brought into
// store, in the words of the index waste_batches_stock. What was released is on its way.
const inStock = "waste_batches.class IN ('hazardousWaste.generated', 'hazardousWaste.stored') AND waste_batches.live AND waste_batches.taken < waste_batches.quantity"

// StockFilter narrows the stock of hazardous waste; "" does not.
type StockFilter struct{ ParkID, EnterpriseID, FacilityID, WasteCode string }

// Stock is what lies of one hazardous waste at one facility: a store, or the works where it
// arose.
type Stock struct {
	models.Placed
	FacilityID models.ID
	WasteCode  string
	Batches    int64
	Held       int64    // t × 10^6
	Oldest     code.Day // of the batch that has lain longest
}

// LastDay is until when the oldest batch may lie there.
func (s Stock) LastDay() code.Day { return s.Oldest.AddYears(storageYears) }

// Stored is a batch that lies somewhere.
type Stored struct {
	WasteBatch
	Day    code.Day // on which it arose, or came into store
	Number string   // of its entry
}

// LastDay is until when it may lie there.
func (s Stored) LastDay() code.Day { return s.Day.AddYears(storageYears) }

// MaxStock is how many facilities and wastes are told at once, those that have lain longest.
const MaxStock = 2000

// Stocks is what lies where the caller may see it, by facility and waste, what has lain
// longest first.
func (s *Service) Stocks(ctx context.Context, f StockFilter) ([]Stock, error) {
	var all []Stock
	err := s.stored(ctx, f).
		Select("waste_batches.site_id, waste_batches.park_id, waste_batches.jurisdiction, waste_batches.enterprise_id, waste_batches.facility_id, waste_batches.waste_code, " +
			"COUNT(*) AS batches, CAST(SUM(waste_batches.quantity - waste_batches.taken) AS bigint) AS held, MIN(ledger_entries.day) AS oldest").
		Group("waste_batches.site_id, waste_batches.park_id, waste_batches.jurisdiction, waste_batches.enterprise_id, waste_batches.facility_id, waste_batches.waste_code").
		Order("oldest, waste_batches.facility_id, waste_batches.waste_code").Limit(MaxStock).Scan(&all).Error
	return all, err
}

// storedRow is a Stored as the database gives it.
type storedRow struct {
	WasteBatch
	Day    code.Day
	Number string
}

var storedOrders = map[string]models.Order[storedRow]{
	"day": {Column: "ledger_entries.day", Key: func(r storedRow) any { return string(r.Day) }},
}

// StoredBatches are the batches that lie somewhere, what has lain longest first.
func (s *Service) StoredBatches(ctx context.Context, f StockFilter, q models.Query) (models.Page[Stored], error) {
	rows := s.stored(ctx, f).Select("waste_batches.*, ledger_entries.day, ledger_entries.number")
	found, err := models.List(s.db, rows, q, storedOrders, "day", func(r storedRow) models.ID { return r.ID })
	out := models.Page[Stored]{Next: found.Next, Before: found.Before, Total: found.Total, Items: make([]Stored, len(found.Items))}
	for i, r := range found.Items {
		out.Items[i] = Stored(r)
	}
	return out, err
}

func (s *Service) stored(ctx context.Context, f StockFilter) *gorm.DB {
	rows := s.db.Visible(ctx, policies.LedgerRead, &WasteBatch{}).Where(inStock).Joins("JOIN ledger_entries ON ledger_entries.id = waste_batches.entry_id")
	for _, by := range [...]struct{ column, value string }{{"park_id", f.ParkID}, {"enterprise_id", f.EnterpriseID}, {"facility_id", f.FacilityID}, {"waste_code", f.WasteCode}} {
		if by.value != "" {
			rows = rows.Where("waste_batches."+by.column+" = ?", by.value)
		}
	}
	return rows
}

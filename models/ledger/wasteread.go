package ledger

import (
	"context"

	"parkregistry/models"
	"parkregistry/policies"
)

// WasteFilter narrows the list of batches; "" and false do not.
type WasteFilter struct {
	ParkID, SiteID, FacilityID, Class, WasteCode, Code string
	Left                                               bool // only those that may still be taken from
}

var wasteOrders = map[string]models.Order[WasteBatch]{
	"code":  {Column: "waste_batches.code", Key: func(b WasteBatch) any { return b.Code }},
	"-code": {Column: "waste_batches.code", Desc: true, Key: func(b WasteBatch) any { return b.Code }},
}

// WasteBatches lists the batches of hazardous waste that the caller may see, by
// their codes: what each holds and what is left of it.
func (s *Service) WasteBatches(ctx context.Context, f WasteFilter, q models.Query) (models.Page[WasteBatch], error) {
	rows := s.db.Visible(ctx, policies.LedgerRead, &WasteBatch{})
	for column, value := range map[string]string{"park_id": f.ParkID, "site_id": f.SiteID, "facility_id": f.FacilityID, "class": f.Class, "waste_code": f.WasteCode, "code": f.Code} {
		if value != "" {
			rows = rows.Where("waste_batches."+column+" = ?", value)
		}
	}
	if f.Left {
		rows = rows.Where("waste_batches.live = ? AND waste_batches.taken < waste_batches.quantity", true)
	}
	return models.List(s.db, rows, q, wasteOrders, "code", func(b WasteBatch) models.ID { return b.ID })
}

package export

import (
	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

// The entries of one class with everything that they say, in the columns of its template:
// what is taken out so can be brought in again, and changes nothing.

// besideRows are the columns behind those of the class. No column of a class is called so.
func besideRows() []Column {
	return []Column{text(fault.T("所在园区")), text(fault.T("系统编号")), text(fault.T("台账状态")), text(fault.T("台账报送时间"))}
}

// filedClass picks a class of which something can be filed.
func filedClass() Filter {
	f := byClass()
	f.parse = func(s string) error {
		if c, known := ledger.ClassOf(s); !known || c.View != "" {
			return fault.New(fault.Malformed, "没有这一类台账")
		}
		return nil
	}
	return f
}

func (r *reading) class() ledger.Class {
	c, _ := r.Ledger.Catalogue().Newest(r.has("class"))
	return c
}

func classColumns(r *reading) []Column { return append(columnsOf(r.class()), besideRows()...) }

// entryRows are entries that have not been corrected or taken out: of those the record
// that took their place stands in the list. A number of a report has all that it counts.
func entryRows(r *reading, q models.Query) (batch, error) {
	narrow, err := r.chosen()
	if err != nil {
		return batch{}, err
	}
	narrow.Live = narrow.State == "" && narrow.Counted.What == ""
	page, err := r.Ledger.List(r.ctx, narrow, q)
	if err != nil {
		return batch{}, err
	}
	said, err := r.Ledger.Contents(r.ctx, page.Items)
	if err != nil {
		return batch{}, err
	}
	objects, err := r.Ledger.Objects(r.ctx, page.Items)
	if err != nil {
		return batch{}, err
	}
	return inColumns(r, r.class(), page, func(x ledger.Record) *models.ID { return x.EnterpriseID }, func(x ledger.Record) spoken {
		filed := Cell{}
		if x.FiledAt != nil {
			filed = plain(code.ClockTime(*x.FiledAt))
		}
		keys := map[string]string{ledger.FirmColumn: r.firm(x.EnterpriseID), ledger.DayColumn: string(x.Day), ledger.SlotColumn: x.Slot,
			ledger.FacilityColumn: objects[models.Deref(x.FacilityID)].Code, ledger.OutletColumn: objects[models.Deref(x.OutletID)].Code}
		return spoken{keys, said[x.ID], []Cell{plain(r.park(x.ParkID)), plain(x.Number), x.State.Word(), filed}}
	})
}

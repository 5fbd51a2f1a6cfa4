package api

import (
	"context"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

type wasteBatchView struct {
	PlaceView
	ID         models.ID  `json:"id" format:"uuid"`
	Code       string     `json:"code" doc:"批次编码"`
	WasteCode  string     `json:"wasteCode" doc:"危险废物代码"`
	Class      string     `json:"class" doc:"哪一环节的台账类别"`
	FacilityID *models.ID `json:"facilityId" nullable:"true" doc:"产生、贮存或者利用处置设施"`
	LedgerID   models.ID  `json:"ledgerId" format:"uuid" doc:"台账记录"`
	Quantity   string     `json:"quantity" doc:"数量（t）"`
	Taken      string     `json:"taken" doc:"后续环节已经取用（t）"`
	Left       string     `json:"left" doc:"还可以取用（t）；记录被退回或者作废的为 0"`
	Live       bool       `json:"live" doc:"记录是否有效；已经退回或者作废的不能取用"`
	Demo       bool       `json:"demo,omitempty" doc:"示例数据"`
}

func wasteBatchOf(b ledger.WasteBatch) wasteBatchView {
	left := b.Left()
	if !b.Live {
		left = 0
	}
	return wasteBatchView{placeView0(b.Placed), b.ID, b.Code, b.WasteCode, b.Class, b.FacilityID, b.EntryID,
		code.Decimal(b.Quantity), code.Decimal(b.Taken), code.Decimal(left), b.Live, b.Demo}
}

type listWasteBatchesInput struct {
	ListParams
	Sort       string `query:"sort" enum:"code,-code"`
	ParkID     string `query:"parkId" format:"uuid"`
	SiteID     string `query:"siteId" format:"uuid"`
	FacilityID string `query:"facilityId" format:"uuid" doc:"例如一个贮存设施：其中的结存"`
	Class      string `query:"class" maxLength:"100"`
	WasteCode  string `query:"wasteCode" maxLength:"10"`
	Code       string `query:"code" maxLength:"40" doc:"批次编码"`
	Left       bool   `query:"left" doc:"true：只列还可以取用的"`
}

func (h ledgerAPI) listWasteBatches(ctx context.Context, in *listWasteBatchesInput) (*list[wasteBatchView], error) {
	f := ledger.WasteFilter{ParkID: in.ParkID, SiteID: in.SiteID, FacilityID: in.FacilityID, Class: in.Class, WasteCode: in.WasteCode, Code: in.Code, Left: in.Left}
	page, err := h.svc.WasteBatches(ctx, f, in.query(in.Sort, map[string]string{"r": "waste-batches", "p": in.ParkID, "s": in.SiteID, "f": in.FacilityID,
		"c": in.Class, "w": in.WasteCode, "b": in.Code, "l": strconv.FormatBool(in.Left)}))
	return listOf(page, wasteBatchOf), err
}

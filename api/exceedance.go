package api

import (
	"context"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

type exceedanceView struct {
	PlaceView
	ID         models.ID     `json:"id" format:"uuid"`
	LedgerID   models.ID     `json:"ledgerId" format:"uuid" doc:"台账记录，其中写明原因、措施和是否报告"`
	Number     string        `json:"number" doc:"台账编号"`
	Class      string        `json:"class"`
	Title      string        `json:"title" doc:"台账类别"`
	State      string        `json:"state" doc:"台账记录的状态"`
	Day        code.Day      `json:"day" format:"date"`
	Slot       string        `json:"slot"`
	FacilityID *models.ID    `json:"facilityId" nullable:"true"`
	Filing     int           `json:"filing" doc:"第几次报送"`
	FiledAt    string        `json:"filedAt" format:"date-time" doc:"这次报送的时间"`
	Judgement  judgementView `json:"judgement" doc:"报送时的判定，带全部候选限值"`
	Demo       bool          `json:"demo,omitempty" doc:"示例数据"`
}

func exceedanceOf(lang words.Lang) func(ledger.ExceedanceRecord) exceedanceView {
	return func(x ledger.ExceedanceRecord) exceedanceView {
		e := x.Entry
		return exceedanceView{placeView0(e.Placed), x.ID, e.ID, e.Number, e.Class, Labels{e.TitleZh, e.TitleEn}.in(lang), string(e.State), e.Day, e.Slot, e.FacilityID,
			x.Filing, instant(x.FiledAt), judgementsOf(lang, []ledger.Judged{x.Finding})[0], e.Demo}
	}
}

type listExceedancesInput struct {
	ListParams
	Sort         string   `query:"sort" enum:"-day,day" doc:"默认最近的日期在前"`
	ParkID       string   `query:"parkId" format:"uuid"`
	SiteID       string   `query:"siteId" format:"uuid"`
	EnterpriseID string   `query:"enterpriseId" format:"uuid"`
	FacilityID   string   `query:"facilityId" format:"uuid"`
	OutletID     string   `query:"outletId" format:"uuid" doc:"判定所在的排放口"`
	Class        string   `query:"class" maxLength:"100" doc:"台账类别"`
	Pollutant    string   `query:"pollutant" maxLength:"10" doc:"污染物代码"`
	From         code.Day `query:"from" format:"date" doc:"起始日期（含）"`
	To           code.Day `query:"to" format:"date" doc:"截止日期（含）"`
	Grave        bool     `query:"grave" doc:"true：只列超过排放标准达到环境污染刑事案件司法解释（2023）第一条倍数的"`
	All          bool     `query:"all" doc:"true：已经退回、更正、作废的报送也列出；默认只列有效的"`
}

func (h ledgerAPI) listExceedances(ctx context.Context, in *listExceedancesInput) (*list[exceedanceView], error) {
	f := ledger.ExceedanceFilter{ParkID: in.ParkID, SiteID: in.SiteID, EnterpriseID: in.EnterpriseID, FacilityID: in.FacilityID, OutletID: in.OutletID, Class: in.Class, Pollutant: in.Pollutant,
		From: in.From, To: in.To, Grave: in.Grave, All: in.All}
	page, err := h.svc.Exceedances(ctx, f, in.query(in.Sort, map[string]string{"r": "exceedances", "p": in.ParkID, "s": in.SiteID, "e": in.EnterpriseID, "f": in.FacilityID, "o": in.OutletID,
		"c": in.Class, "w": in.Pollutant, "from": string(in.From), "to": string(in.To), "g": strconv.FormatBool(in.Grave), "a": strconv.FormatBool(in.All)}))
	return listOf(page, exceedanceOf(requestOf(ctx).lang)), err
}

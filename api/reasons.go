package api

import (
	"context"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/progress"
)

type reasonView struct {
	ParkID      models.ID   `json:"parkId" format:"uuid"`
	Item        string      `json:"item" doc:"检查表项目编号，例 D3"`
	Dimension   int         `json:"dimension"`
	Name        string      `json:"name"`
	Points      string      `json:"points" doc:"分值"`
	State       string      `json:"state" enum:"verified,computed,notApplicable,pending" doc:"verified 区已核定；computed 由登记数据计算；notApplicable 不适用或者没有可计的对象，不计入分母；pending 等待评估"`
	Numerator   *int64      `json:"numerator" nullable:"true"`
	Denominator *int64      `json:"denominator" nullable:"true"`
	Earned      *float64    `json:"earned" nullable:"true" doc:"得分，一位小数"`
	Links       *RatioLinks `json:"links,omitempty" doc:"分子和分母各自所计的全部行；只有由登记数据计算的有"`
}

type parkProgressInput struct {
	IDParam
	ProgressParams
	Dimension int `query:"dimension" minimum:"1" maximum:"6"`
}

func (h progressAPI) reasons(ctx context.Context, in *parkProgressInput) (*list[reasonView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	q, err := in.question()
	if err != nil {
		return nil, err
	}
	r, err := h.svc.Park(ctx, id, q)
	if err != nil {
		return nil, err
	}
	out := new(list[reasonView])
	out.Body.Items = []reasonView{}
	for _, i := range r.Parks[0].Items() {
		if in.Dimension == 0 || in.Dimension == i.Item.Dimension {
			out.Body.Items = append(out.Body.Items, reasonOf(requestOf(ctx).lang, i, r))
		}
	}
	return out, nil
}

func reasonOf(lang words.Lang, item progress.ParkItem, report progress.Report) reasonView {
	i := item.Item
	v := reasonView{ParkID: item.Park.ID, Item: i.ID, Dimension: i.Dimension, Name: i.Name, Points: i.Points.FloatString(1), State: "pending"}
	if lang == words.English {
		v.Name = i.NameEn
	}
	if item.Result == nil {
		return v
	}
	r := *item.Result
	if !r.Verified() {
		v.Links = ofAll(report.AsOf, report.KnownSeq).park(item.Park.ID).ratio(i.Metric)
	}
	if r.Denominator > 0 {
		v.Numerator, v.Denominator = &r.Numerator, &r.Denominator
	}
	switch {
	case r.Verified() && r.Applies():
		v.State, v.Earned = "verified", tenths(r.Earned)
	case r.Verified():
		v.State = "notApplicable"
	case !r.Applies():
		v.State = "notApplicable"
	default:
		v.State, v.Earned = "computed", tenths(r.Earned)
	}
	return v
}

type listItemsInput struct {
	ListParams
	ProgressParams
	ParkID       string `query:"parkId" format:"uuid"`
	Jurisdiction string `query:"jurisdiction" maxLength:"40" doc:"报告归入这个辖区的园区；none 为辖区还没有公布的"`
	Dimension    int    `query:"dimension" minimum:"1" maximum:"6"`
	Part         string `query:"part" enum:"met,required,pending" doc:"满分的、适用的、等待评估的；默认全部"`
}

// items lists what the numbers of the dimensions are made of.
func (h progressAPI) items(ctx context.Context, in *listItemsInput) (*list[reasonView], error) {
	q, err := in.question()
	if err != nil {
		return nil, err
	}
	f := progress.ItemFilter{Park: models.ID(in.ParkID), Jurisdiction: in.Jurisdiction, Dimension: in.Dimension, Part: progress.Part(in.Part)}
	r, page, err := h.svc.Items(ctx, f, q, in.query("", map[string]string{"p": in.ParkID, "di": in.Jurisdiction, "d": strconv.Itoa(in.Dimension), "part": in.Part, "a": in.AsOf, "ka": in.KnownAsOf, "k": in.KnownSeq}))
	lang := requestOf(ctx).lang
	return listOf(page, func(i progress.ParkItem) reasonView { return reasonOf(lang, i, r) }), err
}

type rowView struct {
	Metric string    `json:"metric"`
	ParkID models.ID `json:"parkId" format:"uuid"`
	Kind   string    `json:"kind" enum:"site,outlet,facility" doc:"所计的是什么；facility 为设施应有记录的一天"`
	ID     models.ID `json:"id" format:"uuid"`
	Day    *code.Day `json:"day" nullable:"true"`
	Met    bool      `json:"met" doc:"是否计入分子"`
}

type listRowsInput struct {
	ListParams
	ProgressParams
	ParkID       string `query:"parkId" format:"uuid"`
	Jurisdiction string `query:"jurisdiction" maxLength:"40" doc:"归入这个辖区的园区的，none 为辖区还没有公布的"`
	Metric       string `query:"metric" enum:"sitesPermitted,filesComplete,outletsCoded,ledgersFiled" doc:"计算项目的指标；默认全部"`
	Met          string `query:"met" enum:"true" doc:"只要计入分子的"`
}

// rows lists what computed items count.
func (h progressAPI) rows(ctx context.Context, in *listRowsInput) (*list[rowView], error) {
	q, err := in.question()
	if err != nil {
		return nil, err
	}
	f := progress.RowFilter{Park: models.ID(in.ParkID), Jurisdiction: in.Jurisdiction, Metric: in.Metric, Met: in.Met != ""}
	page, err := h.svc.Rows(ctx, f, q, in.query("", map[string]string{"p": in.ParkID, "di": in.Jurisdiction, "m": in.Metric, "met": in.Met, "a": in.AsOf, "ka": in.KnownAsOf, "k": in.KnownSeq}))
	return listOf(page, func(r progress.Row) rowView {
		return rowView{r.Metric, r.ParkID, r.Kind, r.ID, models.Ref(r.Day), r.Met}
	}), err
}

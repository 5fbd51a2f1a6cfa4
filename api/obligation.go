package api

import (
	"context"
	"fmt"

	"parkregistry/internal/code"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/models/obligation"
)

type obligationAPI struct {
	svc     *obligation.Service
	classes *ledger.Catalogue
}

type obligationView struct {
	PlaceView
	Class      string             `json:"class"`
	ClassTitle string             `json:"classTitle"`
	FacilityID *models.ID         `json:"facilityId" nullable:"true"`
	OutletID   *models.ID         `json:"outletId" nullable:"true"`
	ObjectCode string             `json:"objectCode" doc:"设施或者排放口编码；整个场所为空"`
	ObjectName string             `json:"objectName"`
	Pollutant  string             `json:"pollutant,omitempty" doc:"自行监测方案中的污染物（HJ 525）"`
	From       code.Day           `json:"from" doc:"周期的第一天"`
	To         code.Day           `json:"to" doc:"周期的最后一天，按这一天归属"`
	Slot       string             `json:"slot" doc:"班次，没有为空；填报时写入台账的 slot"`
	State      obligation.State   `json:"state" enum:"due,onTime,late,backfilled,missing,excused,eventDriven,unclear"`
	StateName  string             `json:"stateName" doc:"状态的文字"`
	Required   int                `json:"required" doc:"应报条数；没有定数为 0"`
	Filed      int                `json:"filed" doc:"已报条数"`
	DueAt      *string            `json:"dueAt" format:"date-time" nullable:"true" doc:"从这一刻起算迟报；不欠报为 null"`
	FiledAt    *string            `json:"filedAt" format:"date-time" nullable:"true" doc:"报齐的时间"`
	Entries    []obligedEntryView `json:"entries" doc:"周期内的台账记录，草稿和退回的也在内"`
	Reason     *excuseView        `json:"reason,omitempty" doc:"免报的原因；其他状态没有这一项"`
	Wording    string             `json:"wording" doc:"记录频次原文"`
	Basis      string             `json:"basis" enum:"permit,standard,none" doc:"原文出处：许可证；许可证没有录入时按标准；都没有"`
	PermitID   *models.ID         `json:"permitId" nullable:"true"`
	Permit     *string            `json:"permit" nullable:"true" doc:"许可证编号"`
}

type obligedEntryView struct {
	ID     models.ID `json:"id" format:"uuid"`
	Number string    `json:"number"`
	State  string    `json:"state"`
	Slot   string    `json:"slot"`
}

type excuseView struct {
	Code       string     `json:"code" enum:"beforePermit,permitExpired,permitEnded,notRequired,registeredOnly,automatic,beforeMoveIn,movedOut,notBuilt,notInUse,facilityClosed,shutDown,dayOff"`
	Detail     string     `json:"detail"`
	ShutdownID *models.ID `json:"shutdownId" nullable:"true" doc:"依据的停产停运登记"`
	Because    string     `json:"because,omitempty" doc:"停产停运的原因"`
}

func (h obligationAPI) view(lang words.Lang) func(obligation.Obligation) obligationView {
	return func(o obligation.Obligation) obligationView {
		v := obligationView{PlaceView: placeView0(o.Place), Class: o.Class, ClassTitle: o.Class, Pollutant: o.Pollutant, From: o.From, To: o.To, Slot: o.Slot, State: o.State,
			StateName: words.Render(lang, o.State.Name()), Required: o.Required, Filed: o.Filed, DueAt: instantOrNull(o.DueAt), FiledAt: instantOrNull(o.FiledAt),
			Entries: []obligedEntryView{}, Wording: o.Text, Basis: "none", PermitID: models.Ref(o.PermitID), Permit: orNull(o.Permit)}
		if c, ok := h.classes.Newest(o.Class); ok {
			v.ClassTitle = Labels{c.TitleZh, c.TitleEn}.in(lang)
		}
		if o.Object != nil {
			v.ObjectCode, v.ObjectName = o.Object.Code, o.Object.Name
			if o.Object.Outlet {
				v.OutletID = &o.Object.ID
			} else {
				v.FacilityID = &o.Object.ID
			}
		}
		switch {
		case o.Standard:
			v.Basis = "standard"
		case o.PermitID != "":
			v.Basis = "permit"
		}
		for _, e := range o.Entries {
			v.Entries = append(v.Entries, obligedEntryView{e.Entry, e.Number, string(e.State), e.Slot})
		}
		if o.Reason != "" {
			v.Reason = &excuseView{Code: string(o.Reason), Detail: words.Render(lang, o.Reason.Detail())}
			if o.Stop != nil {
				v.Reason.ShutdownID, v.Reason.Because = &o.Stop.ID, o.Stop.Reason
			}
		}
		return v
	}
}

// MomentParams say at which instant, and with what knowledge, a question is answered.
type MomentParams struct {
	AsOf      string `query:"asOf" maxLength:"40" doc:"截止日期（当天结束）或者时刻（RFC 3339），默认现在 · a day, which means its end, or an instant"`
	KnownAsOf string `query:"knownAsOf" maxLength:"40" doc:"只计到这一天结束或者这一刻为止已经编号的变更，默认全部 · only what had been numbered by then"`
}

func (p MomentParams) input() obligation.MomentInput {
	return obligation.MomentInput{AsOf: p.AsOf, KnownAsOf: p.KnownAsOf}
}

// MomentView echoes the moment of an answer.
type MomentView struct {
	AsOf      string  `json:"asOf" doc:"截止日期或者时刻"`
	KnownAsOf *string `json:"knownAsOf" nullable:"true" doc:"没有指定为 null"`
	KnownSeq  int64   `json:"knownSeq" doc:"计入的最后一个变更序号，还没有为 -1"`
}

func momentOf(p MomentParams, m obligation.Moment) MomentView {
	v := MomentView{AsOf: p.AsOf, KnownAsOf: orNull(p.KnownAsOf), KnownSeq: m.KnownSeq}
	if v.AsOf == "" {
		v.AsOf = string(m.AsOf)
	}
	return v
}

// ObligationFilter narrows lists and maps of obligations.
type ObligationFilter struct {
	ParkID       string `query:"parkId" format:"uuid"`
	EnterpriseID string `query:"enterpriseId" format:"uuid"`
	ObjectID     string `query:"objectId" format:"uuid" doc:"设施或者排放口"`
	Class        string `query:"class" maxLength:"100"`
	State        string `query:"state" enum:"due,onTime,late,backfilled,missing,excused,eventDriven,unclear"`
	From         string `query:"from" format:"date" doc:"周期最后一天不早于；默认 30 天前，state=due 时包括全部还没有到期的"`
	To           string `query:"to" format:"date" doc:"周期最后一天不晚于；默认包括正在进行的周期"`
	DueBy        string `query:"dueBy" format:"date" doc:"报送期限的最后一天不晚于"`
}

func (f ObligationFilter) filter() obligation.Filter {
	return obligation.Filter{ParkID: f.ParkID, EnterpriseID: f.EnterpriseID, ObjectID: f.ObjectID, Class: f.Class, State: obligation.State(f.State),
		From: code.Day(f.From), To: code.Day(f.To), DueBy: code.Day(f.DueBy)}
}

func (f ObligationFilter) binding(m MomentParams) map[string]string {
	return map[string]string{"p": f.ParkID, "e": f.EnterpriseID, "o": f.ObjectID, "c": f.Class, "s": f.State, "f": f.From, "t": f.To, "d": f.DueBy, "a": m.AsOf, "k": m.KnownAsOf}
}

type listObligationsInput struct {
	ListParams
	MomentParams
	ObligationFilter
}

type obligationList struct {
	Body struct {
		MomentView
		Items  []obligationView `json:"items"`
		Next   *string          `json:"next" nullable:"true" doc:"下一页的 cursor，最后一页为 null"`
		Total  *int64           `json:"total,omitempty" doc:"总数，仅在 count=exact 时给出"`
		Counts *StateCounts     `json:"counts,omitempty" doc:"同样条件下各状态的数量，仅在 count=exact 时给出"`
	}
}

// StateCounts are numbers of obligations by state.
type StateCounts struct {
	Due         int64 `json:"due"`
	OnTime      int64 `json:"onTime"`
	Late        int64 `json:"late"`
	Backfilled  int64 `json:"backfilled"`
	Missing     int64 `json:"missing"`
	Excused     int64 `json:"excused"`
	EventDriven int64 `json:"eventDriven"`
	Unclear     int64 `json:"unclear"`
}

func stateCountsOf(c obligation.Counts) StateCounts {
	return StateCounts{c[obligation.Due], c[obligation.OnTime], c[obligation.Late], c[obligation.Backfilled], c[obligation.Missing], c[obligation.Excused], c[obligation.EventDriven], c[obligation.Unclear]}
}

func (h obligationAPI) list(ctx context.Context, in *listObligationsInput) (*obligationList, error) {
	a, err := h.svc.List(ctx, in.filter(), in.input(), in.query("", in.binding(in.MomentParams)))
	if err != nil {
		return nil, err
	}
	page := listOf(a.Page, h.view(requestOf(ctx).lang))
	out := new(obligationList)
	out.Body.MomentView, out.Body.Items, out.Body.Next, out.Body.Total = momentOf(in.MomentParams, a.Moment), page.Body.Items, page.Body.Next, page.Body.Total
	if a.Counts != nil {
		counts := stateCountsOf(a.Counts)
		out.Body.Counts = &counts
	}
	return out, nil
}

type summaryInput struct {
	MomentParams
	ObligationFilter
}

type parkSummaryView struct {
	ParkID models.ID        `json:"parkId" format:"uuid"`
	Code   string           `json:"code"`
	Name   *string          `json:"name" nullable:"true"`
	Totals StateCounts      `json:"totals"`
	Days   map[string][]int `json:"days" doc:"出现过的每种状态：从 from 到 to 每天的数量"`
	Href   string           `json:"href" format:"uri-reference" doc:"列表地址；加上 from、to 为同一天和 state，就是那一格的条目"`
}

type obligationSummary struct {
	Body struct {
		MomentView
		From   code.Day          `json:"from"`
		To     code.Day          `json:"to"`
		Parks  []parkSummaryView `json:"parks"`
		Totals StateCounts       `json:"totals"`
	}
}

func (h obligationAPI) summary(ctx context.Context, in *summaryInput) (*obligationSummary, error) {
	s, err := h.svc.Summary(ctx, in.filter(), in.input())
	if err != nil {
		return nil, err
	}
	out := new(obligationSummary)
	out.Body.MomentView, out.Body.From, out.Body.To, out.Body.Totals = momentOf(in.MomentParams, s.Moment), s.From, s.To, stateCountsOf(s.Totals)
	out.Body.Parks = make([]parkSummaryView, len(s.Parks))
	for i, p := range s.Parks {
		v := parkSummaryView{p.Park.ID, p.Park.Code, p.Park.Name, stateCountsOf(p.Totals), map[string][]int{}, base + "/obligations?parkId=" + string(p.Park.ID)}
		for state, days := range p.Days {
			v.Days[string(state)] = days
		}
		out.Body.Parks[i] = v
	}
	return out, nil
}

type todayInput struct {
	ParkID string `query:"parkId" format:"uuid" doc:"只看一个园区；默认管理范围内的全部园区"`
}

// WaitView is a number of things that wait, with the list of them.
type WaitView struct {
	Count int64  `json:"count"`
	Href  string `json:"href" format:"uri-reference" doc:"这些条目的列表；加上 count=exact，total 等于 count"`
}

type parkTodayView struct {
	ParkID     models.ID `json:"parkId" format:"uuid"`
	Code       string    `json:"code"`
	Name       *string   `json:"name" nullable:"true"`
	DueToday   WaitView  `json:"dueToday" doc:"今天结束前必须报送的台账"`
	Due        WaitView  `json:"due" doc:"待报送、还没有到期的台账，今天到期的也在内"`
	Late       WaitView  `json:"late" doc:"最近 30 天迟报的"`
	Backfilled WaitView  `json:"backfilled" doc:"最近 30 天补报的"`
	Missing    WaitView  `json:"missing" doc:"最近 30 天缺报的"`
	Returned   WaitView  `json:"returned" doc:"被退回、待重新报送的台账记录"`
	Drafts     WaitView  `json:"drafts" doc:"没有报送的草稿"`
	Exceeded   WaitView  `json:"exceeded" doc:"最近 30 天超过限值的监测值"`
	Notices    WaitView  `json:"notices" doc:"已发整改通知、待整改的问题"`
	Rejected   WaitView  `json:"rejected" doc:"复查不通过、待再次整改的问题"`
	Review     WaitView  `json:"review" doc:"已提交整改、待复查的问题"`
	Overdue    WaitView  `json:"overdue" doc:"整改逾期的问题"`
}

type todayOutput struct {
	Body struct {
		MomentView
		Parks []parkTodayView  `json:"parks"`
		Tasks []obligationView `json:"tasks" doc:"待报送的台账，期限最早的在前，至多 50 条"`
		More  int              `json:"more" doc:"没有列出的待报送台账"`
	}
}

func (h obligationAPI) today(ctx context.Context, in *todayInput) (*todayOutput, error) {
	t, err := h.svc.Today(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	out := new(todayOutput)
	out.Body.MomentView, out.Body.More = momentOf(MomentParams{}, t.Moment), t.More
	out.Body.Parks = make([]parkTodayView, len(t.Parks))
	for i, p := range t.Parks {
		out.Body.Parks[i] = parkTodayOf(t, p)
	}
	out.Body.Tasks = make([]obligationView, len(t.Tasks))
	for i, o := range t.Tasks {
		out.Body.Tasks[i] = h.view(requestOf(ctx).lang)(o)
	}
	return out, nil
}

func parkTodayOf(t obligation.Today, p obligation.ParkToday) parkTodayView {
	to := func(count int64, list, filter string) WaitView {
		return WaitView{count, fmt.Sprintf("%s/%s?parkId=%s&%s", base, list, p.Park.ID, filter)}
	}
	since := "&from=" + string(t.Since)
	return parkTodayView{ParkID: p.Park.ID, Code: p.Park.Code, Name: p.Park.Name,
		DueToday: to(p.DueToday, "obligations", "state=due&dueBy="+string(t.AsOf)), Due: to(p.Due, "obligations", "state=due"),
		Late: to(p.Late, "obligations", "state=late"+since), Backfilled: to(p.Backfilled, "obligations", "state=backfilled"+since), Missing: to(p.Missing, "obligations", "state=missing"+since),
		Returned: to(p.Returned, "ledgers", "state=returned"), Drafts: to(p.Drafts, "ledgers", "state=draft"), Exceeded: to(p.Exceeded, "exceedances", since[1:]),
		Notices: to(p.Notices, "findings", "state=notified"), Rejected: to(p.Rejected, "findings", "state=returned"), Review: to(p.Review, "findings", "state=submitted"),
		Overdue: to(p.Overdue, "findings", "overdue=true")}
}

package api

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"parkregistry/internal/code"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/files"
	"parkregistry/models/ledger"
	"parkregistry/models/progress"
)

type ledgerAPI struct {
	svc       *ledger.Service
	districts *progress.Service // which parks a report puts in a district
}

type entryView struct {
	Warned
	PlaceView
	ID           models.ID         `json:"id" format:"uuid"`
	Number       string            `json:"number" doc:"例 LG-2026-000123"`
	Class        string            `json:"class"`
	ClassTitle   string            `json:"classTitle"`
	ClassVersion int               `json:"classVersion"`
	Condition    string            `json:"condition" enum:"normal,abnormal"`
	FacilityID   *models.ID        `json:"facilityId" nullable:"true"`
	OutletID     *models.ID        `json:"outletId" nullable:"true"`
	Day          code.Day          `json:"day" format:"date" doc:"记录哪一天的情况（UTC+8）"`
	Slot         string            `json:"slot" doc:"班次、批次或者事件编号"`
	State        string            `json:"state" enum:"draft,filed,returned,accepted,superseded,voided"`
	Payload      json.RawMessage   `json:"payload,omitempty" doc:"内容：草稿，或者最近一次报送的原文；列表中不给出"`
	Computed     map[string]string `json:"computed,omitempty" doc:"由最近一次报送算出的值，例 loadPercent；列表中不给出"`
	Judgements   []judgementView   `json:"judgements,omitempty" doc:"最近一次报送时对每个监测值的判定，此后不变；列表中不给出"`
	OccurredAt   *string           `json:"occurredAt" nullable:"true" format:"date-time" doc:"填报人声明的发生时间"`
	RecordedAt   string            `json:"recordedAt" format:"date-time" doc:"设备上的记录时间"`
	ReceivedAt   string            `json:"receivedAt" format:"date-time" doc:"服务器首次收到的时间"`
	ClockOff     int64             `json:"clockOff" doc:"设备时钟至少差多少秒：recordedAt 晚于服务器见到它的时间为正，早于所记日期开始为负，5 分钟以内为 0"`
	FiledAt      *string           `json:"filedAt" nullable:"true" format:"date-time" doc:"最近一次报送的时间（服务器），据此判断是否迟报"`
	FiledBy      *models.ID        `json:"filedBy" nullable:"true"`
	FiledAs      string            `json:"filedAs" doc:"报送单位：park:编号 或者 enterprise:编号；没有报送为空"`
	Filings      int               `json:"filings" doc:"报送次数"`
	Late         bool              `json:"late" doc:"次日结束后才报送"`
	Backfilled   bool              `json:"backfilled" doc:"超过 3 天才补报"`
	Odd          bool              `json:"odd" doc:"报送时，提示规则发现过异常之处"`
	Oddities     []oddityView      `json:"oddities,omitempty" doc:"最近一次报送时发现的异常之处，规则见 GET /odd-rules"`
	LeafIndex    *int64            `json:"leafIndex" nullable:"true" doc:"最近一次报送在存证日志中的序号，编号前为 null"`
	Receipt      *string           `json:"receipt" nullable:"true" doc:"最近一次报送的回执；没有报送为 null"`
	Supersedes   *models.ID        `json:"supersedes" nullable:"true" doc:"更正的是哪一条"`
	SupersededBy *models.ID        `json:"supersededBy" nullable:"true" doc:"被哪一条更正"`
	Reason       string            `json:"reason" doc:"更正原因"`
	Attachments  []AttachedView    `json:"attachments,omitempty" doc:"草稿的，或者最近一次报送的附件；列表中不给出"`
	CreatedBy    models.ID         `json:"createdBy"`
	Demo         bool              `json:"demo,omitempty" doc:"示例数据"`
	Version      int64             `json:"version"`
	CreatedAt    string            `json:"createdAt" format:"date-time"`
	UpdatedAt    string            `json:"updatedAt" format:"date-time"`
}

func entryOf(lang words.Lang) func(ledger.Record) entryView {
	return func(r ledger.Record) entryView {
		title := Labels{r.TitleZh, r.TitleEn}.in(lang)
		return entryView{PlaceView: placeView0(r.Placed), ID: r.ID, Number: r.Number, Class: r.Class, ClassTitle: title, ClassVersion: r.ClassVersion,
			Condition: r.Condition, FacilityID: r.FacilityID, OutletID: r.OutletID, Day: r.Day, Slot: r.Slot, State: string(r.State), Payload: r.Payload, Computed: r.Outputs, Judgements: judgementsOf(lang, r.Judgements),
			OccurredAt: instantOrNull(r.OccurredAt), RecordedAt: instant(r.RecordedAt), ReceivedAt: instant(r.ReceivedAt), ClockOff: int64(r.ClockOff().Seconds()), FiledAt: instantOrNull(r.FiledAt),
			FiledBy: r.FiledBy, FiledAs: r.FiledAs, Filings: r.Filings, Late: r.Late(), Backfilled: r.Backfilled(), Odd: r.Odd, Oddities: odditiesOf(lang, r.Oddities), LeafIndex: r.LeafIndex, Receipt: receiptHref(r.Entry),
			Supersedes: r.Supersedes, SupersededBy: r.SupersededBy, Reason: r.Reason, Attachments: mapped(r.Attached, attachedOf), CreatedBy: r.CreatedBy, Demo: r.Demo, Version: r.Version,
			CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt)}
	}
}

// receiptHref is where the receipt of the last filing is; nil for a draft.
func receiptHref(e ledger.Entry) *string {
	if e.Filings == 0 {
		return nil
	}
	return ptr(base + "/ledgers/" + string(e.ID) + "/receipt")
}

type listEntriesInput struct {
	ListParams
	Sort         string   `query:"sort" enum:"-day,day,-createdAt,createdAt" doc:"默认最近的日期在前"`
	ParkID       string   `query:"parkId" format:"uuid"`
	SiteID       string   `query:"siteId" format:"uuid"`
	FacilityID   string   `query:"facilityId" format:"uuid"`
	EnterpriseID string   `query:"enterpriseId" format:"uuid"`
	Class        string   `query:"class" maxLength:"100"`
	State        string   `query:"state" enum:"draft,filed,returned,accepted,superseded,voided"`
	From         code.Day `query:"from" format:"date" doc:"起始日期（含）"`
	To           code.Day `query:"to" format:"date" doc:"截止日期（含）"`
	Odd          string   `query:"odd" enum:"true" doc:"只要报送时提示规则发现过异常之处的"`
	Late         string   `query:"late" enum:"true" doc:"只要迟报的，即 late 为 true 的，补报的也在内"`
	Backfilled   string   `query:"backfilled" enum:"true" doc:"只要补报的，即 backfilled 为 true 的"`
	Number       string   `query:"number" maxLength:"2000" doc:"只要这些编号的，逗号分隔，至多 100 个"`
	Counted      string   `query:"counted" enum:"ledgersFiled,ledgersFiledRecent,ledgersAccepted,ledgersLate,ledgersReturned" doc:"只要进展报告的这个数所计的记录"`
	CountedParams
}

func (h ledgerAPI) listEntries(ctx context.Context, in *listEntriesInput) (*list[entryView], error) {
	of, err := in.counted(ctx, h.districts, in.Counted)
	if err != nil {
		return nil, err
	}
	numbers, err := ledger.ParseNumbers(in.Number)
	if err != nil {
		return nil, err
	}
	f := ledger.Filter{Counted: of, Numbers: numbers, ParkID: in.ParkID, SiteID: in.SiteID, FacilityID: in.FacilityID, EnterpriseID: in.EnterpriseID, Class: in.Class, State: in.State, From: in.From, To: in.To,
		Odd: in.Odd != "", Late: in.Late != "", Backfilled: in.Backfilled != ""}
	page, err := h.svc.List(ctx, f, in.query(in.Sort, map[string]string{"r": "ledgers", "p": in.ParkID, "s": in.SiteID, "f": in.FacilityID, "e": in.EnterpriseID,
		"c": in.Class, "st": in.State, "from": string(in.From), "to": string(in.To), "odd": in.Odd, "late": in.Late, "back": in.Backfilled, "nr": in.Number, "n": in.Counted, "a": in.AsOf, "k": in.KnownSeq, "di": in.Jurisdiction}))
	return listOf(page, entryOf(requestOf(ctx).lang)), err
}

func (h ledgerAPI) getEntry(ctx context.Context, in *IDParam) (*one[entryView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	r, err := h.svc.Get(ctx, id)
	return &one[entryView]{etag(r.ID, r.Version), entryOf(requestOf(ctx).lang)(r)}, err
}

// written is what a write answers: the entry as it stands, with its warnings.
func written(ctx context.Context, r ledger.Record, err error) (*one[entryView], error) {
	if err != nil {
		return nil, err
	}
	lang := requestOf(ctx).lang
	v := entryOf(lang)(r)
	v.warn(list0(items(lang, r.Warnings)))
	return &one[entryView]{etag(r.ID, r.Version), v}, nil
}

type newEntry struct {
	NewID
	ledger.Input
}

func (h ledgerAPI) createEntry(ctx context.Context, in *Payload[newEntry]) (*one[entryView], error) {
	r, err := h.svc.Create(ctx, in.Body.id(), in.Body.Input)
	return written(ctx, r, err)
}

func (h ledgerAPI) updateEntry(ctx context.Context, in *patchInput[ledger.Revision]) (*one[entryView], error) {
	id, version, err := target(in.IDParam, in.MatchParam)
	if err != nil {
		return nil, err
	}
	r, err := h.svc.Update(ctx, id, version, in.Body.apply)
	return written(ctx, r, err)
}

// EntryParam names an entry that is moved. With If-Match the move is refused when
// the entry is not as the caller read it.
type EntryParam struct {
	IDParam
	IfMatch string `header:"If-Match" doc:"可选：读取时的 ETag，内容变过就不办理 · optional"`
}

func (p EntryParam) target() (models.ID, int64, error) {
	id, err := p.id()
	if err != nil || p.IfMatch == "" {
		return id, 0, err
	}
	version, err := MatchParam{p.IfMatch}.version(id)
	return id, version, err
}

type fileInput struct {
	EntryParam
	FilingBody
}

// FilingBody is the body of a filing, which may be left out.
type FilingBody struct {
	Body *ledger.FilingInput
}

// Resolve implements huma.Resolver.
func (b *FilingBody) Resolve(huma.Context) []error {
	if b.Body == nil {
		return nil
	}
	return violations("", parseOf(reflect.ValueOf(*b.Body)))
}

func (h ledgerAPI) fileEntry(ctx context.Context, in *fileInput) (*one[entryView], error) {
	id, version, err := in.target()
	if err != nil {
		return nil, err
	}
	said := ledger.FilingInput{}
	if in.Body != nil {
		said = *in.Body
	}
	r, err := h.svc.FileWith(ctx, id, version, said)
	return written(ctx, r, err)
}

func (h ledgerAPI) acceptEntry(ctx context.Context, in *EntryParam) (*one[entryView], error) {
	return moved(ctx, in, h.svc.Accept)
}

func moved(ctx context.Context, in *EntryParam, move func(context.Context, models.ID, int64) (ledger.Record, error)) (*one[entryView], error) {
	id, version, err := in.target()
	if err != nil {
		return nil, err
	}
	r, err := move(ctx, id, version)
	return written(ctx, r, err)
}

type becauseInput struct {
	EntryParam
	Payload[ledger.ReasonInput]
}

func (h ledgerAPI) returnEntry(ctx context.Context, in *becauseInput) (*one[entryView], error) {
	return because(ctx, in, h.svc.Return)
}

func (h ledgerAPI) voidEntry(ctx context.Context, in *becauseInput) (*one[entryView], error) {
	return because(ctx, in, h.svc.Void)
}

func because(ctx context.Context, in *becauseInput, move func(context.Context, models.ID, int64, ledger.ReasonInput) (ledger.Record, error)) (*one[entryView], error) {
	id, version, err := in.target()
	if err != nil {
		return nil, err
	}
	r, err := move(ctx, id, version, in.Body)
	return written(ctx, r, err)
}

type newAmendment struct {
	NewID
	ledger.AmendInput
}

type amendInput struct {
	EntryParam
	Payload[newAmendment]
}

func (h ledgerAPI) amendEntry(ctx context.Context, in *amendInput) (*one[entryView], error) {
	id, version, err := in.target()
	if err != nil {
		return nil, err
	}
	r, err := h.svc.Amend(ctx, id, in.Body.id(), version, in.Body.AmendInput)
	return written(ctx, r, err)
}

type stepView struct {
	ID       models.ID `json:"id" format:"uuid"`
	Kind     string    `json:"kind" enum:"filed,returned,accepted,superseded,voided"`
	At       string    `json:"at" format:"date-time"`
	ActorID  models.ID `json:"actorId"`
	ActedAs  string    `json:"actedAs" doc:"代表哪个单位：park:编号、enterprise:编号、district:代号"`
	Reason   string    `json:"reason"`
	ChangeID models.ID `json:"changeId"`
}

func stepOf(s ledger.Step) stepView {
	return stepView{s.ID, s.Kind, instant(s.At), s.ActorID, s.ActedAs, s.Reason, s.ChangeID}
}

func (h ledgerAPI) listSteps(ctx context.Context, in *IDParam) (*list[stepView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	all, err := h.svc.Steps(ctx, id)
	return listOf(models.Page[ledger.Step]{Items: all}, stepOf), err
}

type filingView struct {
	Number      int             `json:"number" doc:"第几次报送"`
	Payload     json.RawMessage `json:"payload" doc:"报送的原文"`
	SHA256      string          `json:"sha256" doc:"原文的散列，十六进制"`
	OccurredAt  *string         `json:"occurredAt" nullable:"true" format:"date-time"`
	RecordedAt  string          `json:"recordedAt" format:"date-time"`
	ReceivedAt  string          `json:"receivedAt" format:"date-time"`
	ClockOff    int64           `json:"clockOff" doc:"设备时钟至少差多少秒，见台账记录"`
	FiledAt     string          `json:"filedAt" format:"date-time"`
	FiledBy     models.ID       `json:"filedBy"`
	FiledAs     string          `json:"filedAs"`
	Late        bool            `json:"late"`
	Backfilled  bool            `json:"backfilled"`
	LeafIndex   *int64          `json:"leafIndex" nullable:"true"`
	ChangeID    models.ID       `json:"changeId"`
	Attachments []filedFileView `json:"attachments" doc:"报送时的附件"`
	Judgements  []judgementView `json:"judgements" doc:"报送时对每个监测值的判定"`
}

type filedFileView struct {
	ID     models.ID `json:"id" format:"uuid"`
	SHA256 string    `json:"sha256"`
}

func filingOf(lang words.Lang) func(ledger.FilingRecord) filingView {
	return func(f ledger.FilingRecord) filingView {
		return filingView{f.Number, json.RawMessage(f.Payload), hex.EncodeToString(f.Digest), instantOrNull(f.OccurredAt), instant(f.RecordedAt), instant(f.ReceivedAt),
			int64(ledger.ClockOff(f.Day, f.RecordedAt, f.FiledAt).Seconds()), instant(f.FiledAt), f.FiledBy, f.FiledAs, f.Late(), f.Backfilled(), f.LeafIndex, f.ChangeID,
			list0(mapped(f.Attachments.V, func(a files.Fixed) filedFileView { return filedFileView{a.ID, a.SHA256} })), judgementsOf(lang, f.Judgements)}
	}
}

func (h ledgerAPI) listFilings(ctx context.Context, in *IDParam) (*list[filingView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	all, err := h.svc.Filings(ctx, id)
	return listOf(models.Page[ledger.FilingRecord]{Items: all}, filingOf(requestOf(ctx).lang)), err
}

type differenceView struct {
	In      string          `json:"in" enum:"payload,entry" doc:"payload 为内容；entry 为内容以外的发生时间和附件"`
	Pointer string          `json:"pointer" doc:"其中的位置（JSON 指针）"`
	Label   string          `json:"label" doc:"这一项的名称，按记录所用的类别版本"`
	Before  json.RawMessage `json:"before" doc:"原来的值，没有为 null；附件为它的散列"`
	After   json.RawMessage `json:"after" doc:"后来的值，没有为 null"`
}

type differenceInput struct {
	IDParam
	FromEntry string `query:"fromEntry" format:"uuid" doc:"与哪一条记录比较：同一条记录历次更正中的任何一条；不填为本条"`
	From      int    `query:"from" minimum:"1" maximum:"10000" doc:"它的第几次报送；不填为前一次，更正的第一次报送与被更正的记录比较；填了 fromEntry 为它最近一次"`
	To        int    `query:"to" minimum:"1" maximum:"10000" doc:"本条的第几次报送；不填为最近一次"`
}

func (h ledgerAPI) difference(ctx context.Context, in *differenceInput) (*list[differenceView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	lang := requestOf(ctx).lang
	all, err := h.svc.Compare(ctx, id, ledger.Between{FromEntry: in.FromEntry, From: in.From, To: in.To})
	return listOf(models.Page[ledger.Difference]{Items: all}, func(d ledger.Difference) differenceView {
		return differenceView{string(d.In), d.Pointer, Labels{d.LabelZh, d.LabelEn}.in(lang), rawOrNull(string(d.Before)), rawOrNull(string(d.After))}
	}), err
}

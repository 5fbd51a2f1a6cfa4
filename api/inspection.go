package api

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/models/progress"
)

type inspectionAPI struct {
	svc   *inspection.Service
	today func() code.Day
	// notice is the printable form of a notice and its content security policy; nil where the program has no pages.
	notice    func(inspection.Paper) (page []byte, policy string, err error)
	districts *progress.Service // which parks a report puts in a district
	reports   reportAPI         // a notice as a workbook
}

type findingView struct {
	Warned
	PlaceView
	ID                models.ID           `json:"id" format:"uuid"`
	Number            string              `json:"number" doc:"例 FD-2026-000123"`
	FacilityID        *models.ID          `json:"facilityId" nullable:"true"`
	PatrolID          *models.ID          `json:"patrolId" nullable:"true"`
	Dimension         int                 `json:"dimension" doc:"1–6"`
	Type              *string             `json:"type" nullable:"true" doc:"见 /finding-types"`
	Description       string              `json:"description"`
	Place             string              `json:"place"`
	Severity          inspection.Severity `json:"severity" enum:"immediate,minor,major,works,violation"`
	State             inspection.State    `json:"state" enum:"open,notified,submitted,returned,closed,referred,withdrawn"`
	StateName         string              `json:"stateName" doc:"状态的文字"`
	Recipient         *string             `json:"recipient" nullable:"true" doc:"整改单位：enterprise 企业，park 园区；发通知前为 null"`
	NotifiedOn        *code.Day           `json:"notifiedOn" nullable:"true"`
	DueOn             *code.Day           `json:"dueOn" nullable:"true" doc:"整改期限；发通知前是建议的期限或者 null"`
	Overdue           bool                `json:"overdue" doc:"整改单位今天已经逾期"`
	Extended          bool                `json:"extended"`
	Returns           int                 `json:"returns" doc:"退回次数"`
	OpenedOn          code.Day            `json:"openedOn"`
	OpenedBy          models.ID           `json:"openedBy" format:"uuid"`
	OpenedByOf        string              `json:"openedByOrganisation" doc:"例 district:baoan、park:<编号>"`
	AcknowledgedAt    *string             `json:"acknowledgedAt" format:"date-time" nullable:"true"`
	SubmittedOn       *code.Day           `json:"submittedOn" nullable:"true"`
	ReviewDueOn       *code.Day           `json:"reviewDueOn" nullable:"true" doc:"复查期限：提交后 5 个工作日"`
	ReviewDueNote     *string             `json:"reviewDueNote" nullable:"true" doc:"等待复查而推算不出复查期限时，说明原因"`
	ReferralRequested bool                `json:"referralRequested" doc:"园区已提请移交"`
	ClosedOn          *code.Day           `json:"closedOn" nullable:"true"`
	Moves             []inspection.Move   `json:"moves" doc:"当前登录人现在可以办理的事项"`
	ReferralBases     []inspection.Basis  `json:"referralBases" doc:"现在可以据以移交的情形"`
	Steps             string              `json:"steps" format:"uri-reference" doc:"办理过程的地址"`
	Version           int64               `json:"version"`
	CreatedAt         string              `json:"createdAt" format:"date-time"`
	UpdatedAt         string              `json:"updatedAt" format:"date-time"`
	Demo              bool                `json:"demo,omitempty" doc:"示例数据"`
}

// finding shows a finding to the caller, with the moves that are open to him.
func (h inspectionAPI) finding(ctx context.Context, f inspection.Finding) (findingView, error) {
	moves, err := h.svc.Allowed(ctx, f)
	due, why := f.ReviewDueOn()
	return findingView{PlaceView: placeView0(f.Placed), ID: f.ID, Number: f.Number, FacilityID: f.FacilityID, PatrolID: f.PatrolID, Dimension: f.Dimension, Type: orNull(f.Type),
		Description: f.Description, Place: f.Place, Severity: f.Severity, State: f.State, StateName: words.Render(requestOf(ctx).lang, f.State.Name()),
		Recipient: orNull(string(f.Recipient)), NotifiedOn: f.NotifiedOn, DueOn: f.DueOn, Overdue: f.Overdue(h.today()), Extended: f.Extended, Returns: f.Returns,
		OpenedOn: f.OpenedOn, OpenedBy: f.OpenedBy, OpenedByOf: string(f.OpenedOrg), AcknowledgedAt: instantOrNull(f.AcknowledgedAt), SubmittedOn: f.SubmittedOn,
		ReviewDueOn: due, ReviewDueNote: orNull(words.Render(requestOf(ctx).lang, why)), ReferralRequested: f.ReferralRequested, ClosedOn: f.ClosedOn, Moves: moves, ReferralBases: f.Bases(),
		Steps: base + "/findings/" + string(f.ID) + "/steps", Version: f.Version, CreatedAt: instant(f.CreatedAt), UpdatedAt: instant(f.UpdatedAt), Demo: f.Demo}, err
}

type listFindingsInput struct {
	ListParams
	Sort         string   `query:"sort" enum:"-openedOn,openedOn,dueOn"`
	ParkID       string   `query:"parkId" format:"uuid"`
	EnterpriseID string   `query:"enterpriseId" format:"uuid"`
	FacilityID   string   `query:"facilityId" format:"uuid"`
	PatrolID     string   `query:"patrolId" format:"uuid"`
	State        string   `query:"state" enum:"open,notified,submitted,returned,closed,referred,withdrawn"`
	Severity     string   `query:"severity" enum:"immediate,minor,major,works,violation"`
	Dimension    string   `query:"dimension" enum:"1,2,3,4,5,6"`
	Overdue      string   `query:"overdue" enum:"true" doc:"只要今天逾期的"`
	From         code.Day `query:"from" format:"date" doc:"发现日期起（含）"`
	To           code.Day `query:"to" format:"date" doc:"发现日期止（含）"`
	Counted      string   `query:"counted" enum:"findingsOpened,findingsOpen,findingsClosed,findingsReferred,findingsOverdue,findingsDue,findingsInTime" doc:"只要进展报告的这个数所计的问题"`
	CountedParams
}

func (h inspectionAPI) listFindings(ctx context.Context, in *listFindingsInput) (*list[findingView], error) {
	of, err := in.counted(ctx, h.districts, in.Counted)
	if err != nil {
		return nil, err
	}
	f := inspection.FindingFilter{Counted: of, ParkID: in.ParkID, EnterpriseID: in.EnterpriseID, FacilityID: in.FacilityID, PatrolID: in.PatrolID, State: inspection.State(in.State),
		Severity: inspection.Severity(in.Severity), Overdue: in.Overdue == "true", From: in.From, To: in.To}
	if in.Dimension != "" {
		f.Dimension = int(in.Dimension[0] - '0')
	}
	page, err := h.svc.Findings(ctx, f, in.query(in.Sort, map[string]string{"r": "findings", "p": in.ParkID, "e": in.EnterpriseID, "f": in.FacilityID, "t": in.PatrolID,
		"st": in.State, "se": in.Severity, "d": in.Dimension, "o": in.Overdue, "from": string(in.From), "to": string(in.To), "n": in.Counted, "a": in.AsOf, "k": in.KnownSeq, "di": in.Jurisdiction}))
	if err != nil {
		return nil, err
	}
	return listOf(page, func(f inspection.Finding) (v findingView) {
		if err == nil {
			v, err = h.finding(ctx, f)
		}
		return v
	}), err
}

func (h inspectionAPI) getFinding(ctx context.Context, in *IDParam) (*one[findingView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	f, err := h.svc.Finding(ctx, id)
	if err != nil {
		return nil, err
	}
	v, err := h.finding(ctx, f)
	return &one[findingView]{etag(f.ID, f.Version), v}, err
}

// settled is what every write of a finding answers.
func (h inspectionAPI) settled(ctx context.Context, out inspection.Outcome, err error) (*one[findingView], error) {
	if err != nil {
		return nil, err
	}
	f := out.Finding
	v, err := h.finding(ctx, f)
	v.warn(list0(items(requestOf(ctx).lang, out.Warnings)))
	return &one[findingView]{etag(f.ID, f.Version), v}, err
}

type newFinding struct {
	NewID
	inspection.FindingInput
}

func (h inspectionAPI) createFinding(ctx context.Context, in *Payload[newFinding]) (*one[findingView], error) {
	out, err := h.svc.Log(ctx, in.Body.id(), in.Body.FindingInput)
	return h.settled(ctx, out, err)
}

// moveInput is the input of every sub-resource of a finding.
type moveInput[B any] struct {
	IDParam
	Payload[B]
}

// moveFinding is the handler of one move of a finding.
func moveFinding[B any](h inspectionAPI, move func(context.Context, models.ID, B) (inspection.Outcome, error)) func(context.Context, *moveInput[B]) (*one[findingView], error) {
	return func(ctx context.Context, in *moveInput[B]) (*one[findingView], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		out, err := move(ctx, id, in.Body)
		return h.settled(ctx, out, err)
	}
}

type findingStepView struct {
	ID      models.ID       `json:"id" format:"uuid"`
	Kind    string          `json:"kind" doc:"opening 登记，其余与办理的地址相同"`
	At      string          `json:"at" format:"date-time"`
	ActorID models.ID       `json:"actorId" format:"uuid"`
	ActorOf string          `json:"actorOrganisation" doc:"代表的单位"`
	Reason  string          `json:"reason"`
	DueOn   *code.Day       `json:"dueOn" nullable:"true" doc:"这一步定下的期限"`
	Entered json.RawMessage `json:"entered" doc:"填写的内容"`
	Again   []shownAgain    `json:"shownAgain" doc:"整改佐证中，以前的提交已经用过内容相同的"`
}

type shownAgain struct {
	AttachmentID models.ID `json:"attachmentId" format:"uuid"`
	Submission   int       `json:"submission" doc:"第几次提交时用过"`
}

func (h inspectionAPI) listFindingSteps(ctx context.Context, in *IDParam) (*list[findingStepView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	all, err := h.svc.Steps(ctx, id)
	again := inspection.ShownAgain(all)
	return listOf(models.Page[inspection.Step]{Items: all}, func(s inspection.Step) findingStepView {
		v := findingStepView{s.ID, string(s.Kind), instant(s.At), s.ActorID, string(s.ActorOrg), s.Reason, s.DueOn, json.RawMessage(s.Body), []shownAgain{}}
		for _, id := range slices.Sorted(maps.Keys(again[s.ID])) {
			v.Again = append(v.Again, shownAgain{id, again[s.ID][id]})
		}
		return v
	}), err
}

type findingTypeView struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Severity   string `json:"severity" doc:"通常的严重程度"`
	Days       int    `json:"days" doc:"整改天数；最后一天是休息日的，顺延到下一个工作日"`
	Action     string `json:"action" doc:"处理要求"`
	Source     string `json:"source" doc:"依据"`
	Confidence string `json:"confidence"`
}

func (h inspectionAPI) listFindingTypes(ctx context.Context, _ *struct{}) (*list[findingTypeView], error) {
	english := requestOf(ctx).lang == words.English
	return listOf(models.Page[inspection.FindingType]{Items: inspection.FindingTypes()}, func(t inspection.FindingType) findingTypeView {
		name := t.NameZh
		if english {
			name = t.NameEn
		}
		return findingTypeView{t.ID, name, string(t.Severity), t.Severity.Days(), t.Action, t.Source, t.Confidence}
	}), nil
}

package api

import (
	"context"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/progress"
)

type assessmentAPI struct{ svc *assessment.Service }

// AssessmentView is the head: what a list shows.
type AssessmentView struct {
	Warned
	ID           models.ID        `json:"id" format:"uuid"`
	ParkID       models.ID        `json:"parkId" format:"uuid"`
	Jurisdiction *string          `json:"jurisdiction" nullable:"true"`
	Year         int              `json:"year" doc:"评估年度"`
	Checklist    string           `json:"checklist" doc:"检查表的版本，见 /assessment-checklists"`
	State        assessment.State `json:"state" enum:"draft,self_assessed,district_checked,returned"`
	StateName    string           `json:"stateName" doc:"状态的文字"`
	Round        int              `json:"round" doc:"第几轮，每退回一次加 1"`
	SubmittedOn  *code.Day        `json:"submittedOn" nullable:"true"`
	SubmittedOf  *string          `json:"submittedByOrganisation" nullable:"true" doc:"例 park:<编号>"`
	CheckedOn    *code.Day        `json:"checkedOn" nullable:"true"`
	CheckedOf    *string          `json:"checkedByOrganisation" nullable:"true" doc:"例 district:baoan"`
	Score        *string          `json:"score" nullable:"true" doc:"核定的得分：得分 ÷ 适用分值 × 100，至多 6 位小数，多的舍去；核查前为 null"`
	Level        *string          `json:"level" nullable:"true" doc:"等级，见检查表；有否决情形的取最低一级"`
	Vetoed       bool             `json:"vetoed" doc:"存在否决情形"`
	Moves        []string         `json:"moves" doc:"当前登录人现在可以办理的事项，与地址的最后一段相同"`
	Steps        string           `json:"steps" format:"uri-reference" doc:"办理过程的地址"`
	Version      int64            `json:"version"`
	CreatedAt    string           `json:"createdAt" format:"date-time"`
	UpdatedAt    string           `json:"updatedAt" format:"date-time"`
	Demo         bool             `json:"demo,omitempty" doc:"示例数据"`
}

func (h assessmentAPI) view(ctx context.Context, a assessment.Assessment) (AssessmentView, error) {
	moves, err := h.svc.Allowed(ctx, a)
	v := AssessmentView{ID: a.ID, ParkID: a.ParkID, Jurisdiction: a.Jurisdiction, Year: a.Year, Checklist: a.Checklist, State: a.State,
		StateName: words.Render(requestOf(ctx).lang, a.State.Name()), Round: a.Round, SubmittedOn: a.SubmittedOn, SubmittedOf: orNull(string(a.SubmittedOrg)),
		CheckedOn: a.CheckedOn, CheckedOf: orNull(string(a.CheckedOrg)), Level: orNull(a.Level), Vetoed: a.Vetoed, Moves: moves,
		Steps: base + "/assessments/" + string(a.ID) + "/steps", Version: a.Version, CreatedAt: instant(a.CreatedAt), UpdatedAt: instant(a.UpdatedAt), Demo: a.Demo}
	if a.Score != nil {
		v.Score = ptr(code.Decimal(*a.Score))
	}
	return v, err
}

type listAssessmentsInput struct {
	ListParams
	Sort         string `query:"sort" enum:"-year,year,-updatedAt"`
	ParkID       string `query:"parkId" format:"uuid"`
	Jurisdiction string `query:"jurisdiction" maxLength:"40"`
	Year         int    `query:"year" minimum:"2021" maximum:"2100"`
	State        string `query:"state" enum:"draft,self_assessed,district_checked,returned"`
	ProgressParams
}

func (h assessmentAPI) list(ctx context.Context, in *listAssessmentsInput) (*momentList[AssessmentView], error) {
	ask, err := in.question()
	if err != nil {
		return nil, err
	}
	f := assessment.Filter{ParkID: in.ParkID, Jurisdiction: in.Jurisdiction, Year: in.Year, State: assessment.State(in.State)}
	q := in.query(in.Sort, map[string]string{"r": "assessments", "p": in.ParkID, "j": in.Jurisdiction, "y": strconv.Itoa(in.Year), "st": in.State, "a": in.AsOf, "ka": in.KnownAsOf, "kn": in.KnownSeq})
	if ask == (progress.Question{}) {
		page, err := h.svc.List(ctx, f, q)
		return viewed(page, err, func(a assessment.Assessment) (AssessmentView, error) { return h.view(ctx, a) }, nil)
	}
	then, err := h.svc.Then(ctx, f, ask, q)
	return viewed(then.Page, err, func(a assessment.Assessment) (AssessmentView, error) {
		v, err := h.view(ctx, a)
		v.Moves = []string{} // what may be done now is none of it
		return v, err
	}, &then.Moment)
}

// assessmentSheetView is an assessment with every item and its three columns.
type assessmentSheetView struct {
	AssessmentView
	Items  []sheetItemView `json:"items"`
	Vetoes []sheetVetoView `json:"vetoes"`
}

type sheetItemView struct {
	Item      string        `json:"item" doc:"项目编号，例 D3"`
	Dimension int           `json:"dimension" doc:"1–6"`
	Name      string        `json:"name"`
	Points    string        `json:"points" doc:"分值"`
	Computed  *computedView `json:"computed,omitempty" doc:"现在由登记数据计算的结果；人工评分的项目没有"`
	Self      *markView     `json:"self,omitempty" doc:"自评；还没有时不出现"`
	District  *markView     `json:"district,omitempty" doc:"核定；还没有时不出现"`
	Bureau    *markView     `json:"bureau,omitempty" doc:"抽查；还没有时不出现"`
	Verified  bool          `json:"verified" doc:"自评之后已经核定"`
}

type computedView struct {
	Metric      string  `json:"metric"`
	Numerator   int64   `json:"numerator"`
	Denominator int64   `json:"denominator" doc:"0：没有可计的对象，不适用"`
	Points      *string `json:"points" nullable:"true"`
}

type markView struct {
	Applies     bool      `json:"applies" doc:"false 为不适用"`
	Points      *string   `json:"points" nullable:"true" doc:"得分；不适用时为 null"`
	Numerator   *int64    `json:"numerator" nullable:"true" doc:"当时计算的分子"`
	Denominator *int64    `json:"denominator" nullable:"true" doc:"当时计算的分母"`
	Override    bool      `json:"override" doc:"与计算结果不同，由人改低"`
	Reason      string    `json:"reason"`
	Evidence    string    `json:"evidence"`
	EvidenceOn  *code.Day `json:"evidenceOn" nullable:"true"`
	Attachments []string  `json:"attachments" doc:"附件编号，见 /attachments"`
	Round       int       `json:"round"`
	At          string    `json:"at" format:"date-time"`
	ActorID     models.ID `json:"actorId" format:"uuid"`
	ActorOf     string    `json:"actorOrganisation"`
}

type sheetVetoView struct {
	Veto     string        `json:"veto"`
	Name     string        `json:"name"`
	Self     *vetoMarkView `json:"self,omitempty"`
	District *vetoMarkView `json:"district,omitempty"`
	Bureau   *vetoMarkView `json:"bureau,omitempty"`
}

type vetoMarkView struct {
	Found   bool   `json:"found" doc:"存在这种情形"`
	Reason  string `json:"reason"`
	At      string `json:"at" format:"date-time"`
	ActorOf string `json:"actorOrganisation"`
}

func markOf(sheet assessment.Sheet, side assessment.Side, item assessment.Item) *markView {
	m, there := sheet[side][item.ID]
	if !there {
		return nil
	}
	v := &markView{Applies: m.Applies, Numerator: m.Numerator, Denominator: m.Denominator, Override: m.Override(item), Reason: m.Reason, Evidence: m.Evidence,
		EvidenceOn: m.EvidenceOn, Attachments: list0(m.Attachments), Round: m.Round, At: instant(m.At), ActorID: m.ActorID, ActorOf: string(m.ActorOrg)}
	if m.Applies {
		v.Points = ptr(code.Decimal(m.Points))
	}
	return v
}

func vetoMarkOf(sheet assessment.Sheet, side assessment.Side, veto string) *vetoMarkView {
	m, there := sheet[side][veto]
	if !there {
		return nil
	}
	return &vetoMarkView{m.Veto, m.Reason, instant(m.At), string(m.ActorOrg)}
}

func sheetOf(lang words.Lang, w assessment.Whole) ([]sheetItemView, []sheetVetoView) {
	items, vetoes := []sheetItemView{}, []sheetVetoView{}
	for _, i := range w.List.Items {
		v := sheetItemView{Item: i.ID, Dimension: i.Dimension, Name: inLanguage(lang, i.Name, i.NameEn), Points: i.ItemInput.Points, Self: markOf(w.Sheet, assessment.Self, i),
			District: markOf(w.Sheet, assessment.District, i), Bureau: markOf(w.Sheet, assessment.Bureau, i), Verified: w.Sheet.Verified(i.ID)}
		if i.Computed() {
			r := w.Measured[i.Metric]
			v.Computed = &computedView{Metric: i.Metric, Numerator: r.N, Denominator: r.D}
			if most, applies := i.Most(r); applies {
				v.Computed.Points = ptr(code.Decimal(most))
			}
		}
		items = append(items, v)
	}
	for _, x := range w.List.VetoItems {
		vetoes = append(vetoes, sheetVetoView{x.ID, inLanguage(lang, x.Name, x.NameEn), vetoMarkOf(w.Sheet, assessment.Self, x.ID),
			vetoMarkOf(w.Sheet, assessment.District, x.ID), vetoMarkOf(w.Sheet, assessment.Bureau, x.ID)})
	}
	return items, vetoes
}

func (h assessmentAPI) get(ctx context.Context, in *IDParam) (*one[assessmentSheetView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	w, err := h.svc.Read(ctx, id)
	if err != nil {
		return nil, err
	}
	v := assessmentSheetView{}
	if v.AssessmentView, err = h.view(ctx, w.Assessment); err != nil {
		return nil, err
	}
	v.Items, v.Vetoes = sheetOf(requestOf(ctx).lang, w)
	return &one[assessmentSheetView]{etag(id, w.Version), v}, nil
}

// settled is what every write answers: the head.
func (h assessmentAPI) settled(ctx context.Context, a assessment.Assessment, err error) (*one[AssessmentView], error) {
	if err != nil {
		return nil, err
	}
	v, err := h.view(ctx, a)
	return answer(a.ID, a.Version, v), err
}

type newAssessment struct {
	NewID
	assessment.StartInput
}

func (h assessmentAPI) start(ctx context.Context, in *Payload[newAssessment]) (*one[AssessmentView], error) {
	a, err := h.svc.Start(ctx, in.Body.id(), in.Body.StartInput)
	return h.settled(ctx, a, err)
}

// assessmentMarks is the input of a column: some items.
type assessmentMarks struct {
	IDParam
	MatchParam
	Payload[assessment.MarksInput]
}

func (h assessmentAPI) mark(side assessment.Side) func(context.Context, *assessmentMarks) (*one[AssessmentView], error) {
	return func(ctx context.Context, in *assessmentMarks) (*one[AssessmentView], error) {
		id, version, err := target(in.IDParam, in.MatchParam)
		if err != nil {
			return nil, err
		}
		a, err := h.svc.Mark(ctx, side, id, version, in.Body)
		return h.settled(ctx, a, err)
	}
}

type assessmentMove struct {
	IDParam
	MatchParam
}

func (h assessmentAPI) move(move func(context.Context, models.ID, int64) (assessment.Assessment, error)) func(context.Context, *assessmentMove) (*one[AssessmentView], error) {
	return func(ctx context.Context, in *assessmentMove) (*one[AssessmentView], error) {
		id, version, err := target(in.IDParam, in.MatchParam)
		if err != nil {
			return nil, err
		}
		a, err := move(ctx, id, version)
		return h.settled(ctx, a, err)
	}
}

type assessmentReturn struct {
	IDParam
	MatchParam
	Payload[assessment.ReturnInput]
}

func (h assessmentAPI) sendBack(ctx context.Context, in *assessmentReturn) (*one[AssessmentView], error) {
	id, version, err := target(in.IDParam, in.MatchParam)
	if err != nil {
		return nil, err
	}
	a, err := h.svc.Return(ctx, id, version, in.Body)
	return h.settled(ctx, a, err)
}

type assessmentStepView struct {
	ID      models.ID           `json:"id" format:"uuid"`
	Kind    assessment.StepKind `json:"kind" doc:"start 开始，其余与办理的地址相同"`
	Round   int                 `json:"round"`
	Day     code.Day            `json:"day"`
	At      string              `json:"at" format:"date-time"`
	ActorID models.ID           `json:"actorId" format:"uuid"`
	ActorOf string              `json:"actorOrganisation" doc:"代表的单位"`
	Reason  string              `json:"reason"`
}

func (h assessmentAPI) steps(ctx context.Context, in *IDParam) (*list[assessmentStepView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	all, err := h.svc.Steps(ctx, id)
	return listOf(models.Page[assessment.Step]{Items: all}, func(s assessment.Step) assessmentStepView {
		return assessmentStepView{s.ID, s.Kind, s.Round, s.Day, instant(s.At), s.ActorID, string(s.ActorOrg), s.Reason}
	}), err
}

package api

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/grade"
	"parkregistry/models/progress"
)

type gradeAPI struct {
	svc   *grade.Service
	today func() code.Day
}

type gradeView struct {
	Warned
	ID           models.ID    `json:"id" format:"uuid"`
	EnterpriseID models.ID    `json:"enterpriseId" format:"uuid"`
	Kind         grade.Kind   `json:"kind" enum:"capability,credit" doc:"排污能力、环境信用"`
	Period       *string      `json:"period" nullable:"true" doc:"季度，例 2026Q3；排污能力为 null"`
	Rule         string       `json:"rule" doc:"规则的版本，见 /grade-rules"`
	State        grade.State  `json:"state" enum:"assessed,green,yellow,red,rectifying,reassessed,scored,notified,objected,decided,repaired"`
	StateName    string       `json:"stateName"`
	Level        *string      `json:"level" nullable:"true" doc:"等级，评级前为 null；整改期间是评出的那一级"`
	LevelName    *string      `json:"levelName" nullable:"true"`
	Score        *string      `json:"score" nullable:"true" doc:"环境信用的得分"`
	Day          code.Day     `json:"day" doc:"核查或者初评的日期"`
	DueOn        *code.Day    `json:"dueOn" nullable:"true" doc:"整改期限"`
	Overdue      bool         `json:"overdue" doc:"整改今天已经逾期"`
	DecidedOn    *code.Day    `json:"decidedOn" nullable:"true" doc:"评级或者评定的日期"`
	Moves        []grade.Move `json:"moves" doc:"当前登录人现在可以办理的事项，与地址的最后一段相同"`
	Steps        string       `json:"steps" format:"uri-reference" doc:"办理过程的地址"`
	Version      int64        `json:"version"`
	CreatedAt    string       `json:"createdAt" format:"date-time"`
	UpdatedAt    string       `json:"updatedAt" format:"date-time"`
	Demo         bool         `json:"demo,omitempty" doc:"示例数据"`
}

// then is a grading as it stood on a day: what may be done now is none of it.
func (h gradeAPI) then(ctx context.Context, g grade.Grade, day code.Day) (gradeView, error) {
	v, err := h.view(ctx, g)
	v.Moves, v.Overdue = []grade.Move{}, g.Overdue(day)
	return v, err
}

func (h gradeAPI) view(ctx context.Context, g grade.Grade) (gradeView, error) {
	lang := requestOf(ctx).lang
	moves, err := h.svc.Allowed(ctx, g)
	level := g.LevelName()
	v := gradeView{ID: g.ID, EnterpriseID: g.EnterpriseID, Kind: g.Kind, Period: orNull(g.Period), Rule: g.Rule, State: g.State, StateName: words.Render(lang, g.State.Name()),
		Level: orNull(g.Level), LevelName: orNull(inLanguage(lang, level.Name, level.NameEn)), Day: g.Day, DueOn: g.DueOn, Overdue: g.Overdue(h.today()), DecidedOn: g.DecidedOn, Moves: moves,
		Steps: base + "/grades/" + string(g.ID) + "/steps", Version: g.Version, CreatedAt: instant(g.CreatedAt), UpdatedAt: instant(g.UpdatedAt), Demo: g.Demo}
	if g.Score != nil {
		v.Score = ptr(code.Decimal(*g.Score))
	}
	return v, err
}

// GradeFilters narrow a list of grades.
type GradeFilters struct {
	ListParams
	Sort    string `query:"sort" enum:"-day,day"`
	Kind    string `query:"kind" enum:"capability,credit"`
	State   string `query:"state" enum:"assessed,green,yellow,red,rectifying,reassessed,scored,notified,objected,decided,repaired"`
	Level   string `query:"level" maxLength:"20" doc:"等级，例 red、good"`
	Period  string `query:"period" maxLength:"6" doc:"季度，例 2026Q3"`
	Overdue string `query:"overdue" enum:"true" doc:"只要整改今天逾期的；问过去的一天时是那一天逾期的"`
	ProgressParams
}

func (h gradeAPI) page(ctx context.Context, in GradeFilters, enterprise string) (*momentList[gradeView], error) {
	ask, err := in.question()
	if err != nil {
		return nil, err
	}
	f := grade.Filter{EnterpriseID: enterprise, Kind: grade.Kind(in.Kind), State: grade.State(in.State), Level: in.Level, Period: in.Period, Overdue: in.Overdue == "true"}
	q := in.query(in.Sort, map[string]string{"r": "grades", "e": enterprise, "k": in.Kind, "st": in.State, "l": in.Level, "p": in.Period, "o": in.Overdue, "a": in.AsOf, "ka": in.KnownAsOf, "kn": in.KnownSeq})
	if ask == (progress.Question{}) {
		page, err := h.svc.List(ctx, f, q)
		return viewed(page, err, func(g grade.Grade) (gradeView, error) { return h.view(ctx, g) }, nil)
	}
	a, err := h.svc.Then(ctx, f, ask, q)
	return viewed(a.Page, err, func(g grade.Grade) (gradeView, error) { return h.then(ctx, g, a.AsOf) }, &a.Moment)
}

type listGradesInput struct {
	GradeFilters
	EnterpriseID string `query:"enterpriseId" format:"uuid"`
}

func (h gradeAPI) list(ctx context.Context, in *listGradesInput) (*momentList[gradeView], error) {
	return h.page(ctx, in.GradeFilters, in.EnterpriseID)
}

type enterpriseGradesInput struct {
	IDParam
	GradeFilters
}

// ofEnterprise lists the grades of one enterprise; 404 for one that the caller does not see.
func (h gradeAPI) ofEnterprise(ctx context.Context, in *enterpriseGradesInput) (*momentList[gradeView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	if err := h.svc.Sees(ctx, id); err != nil {
		return nil, err
	}
	return h.page(ctx, in.GradeFilters, string(id))
}

func (h gradeAPI) get(ctx context.Context, in *IDParam) (*one[gradeView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	g, err := h.svc.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	v, err := h.view(ctx, g)
	return &one[gradeView]{etag(g.ID, g.Version), v}, err
}

func (h gradeAPI) settled(ctx context.Context, g grade.Grade, err error) (*one[gradeView], error) {
	if err != nil {
		return nil, err
	}
	v, err := h.view(ctx, g)
	return answer(g.ID, g.Version, v), err
}

type newGrade struct {
	NewID
	grade.OpenInput
}

type openGradeInput struct {
	IDParam
	Payload[newGrade]
}

func (h gradeAPI) open(ctx context.Context, in *openGradeInput) (*one[gradeView], error) {
	enterprise, err := in.IDParam.id()
	if err != nil {
		return nil, err
	}
	g, err := h.svc.Open(ctx, enterprise, in.Body.id(), in.Body.OpenInput)
	return h.settled(ctx, g, err)
}

type gradeMoveInput struct {
	IDParam
	MatchParam
	Payload[grade.MoveInput]
}

func (h gradeAPI) move(m grade.Move) func(context.Context, *gradeMoveInput) (*one[gradeView], error) {
	return func(ctx context.Context, in *gradeMoveInput) (*one[gradeView], error) {
		id, version, err := target(in.IDParam, in.MatchParam)
		if err != nil {
			return nil, err
		}
		g, err := h.svc.Move(ctx, m, id, version, in.Body)
		return h.settled(ctx, g, err)
	}
}

type gradeStepView struct {
	ID       models.ID   `json:"id" format:"uuid"`
	Kind     grade.Move  `json:"kind" doc:"opening 核查或者初评，其余与办理的地址相同"`
	From     grade.State `json:"from"`
	To       grade.State `json:"to"`
	Level    *string     `json:"level" nullable:"true"`
	Score    *string     `json:"score" nullable:"true"`
	DueOn    *code.Day   `json:"dueOn" nullable:"true"`
	Day      code.Day    `json:"day"`
	At       string      `json:"at" format:"date-time"`
	ActorID  models.ID   `json:"actorId" format:"uuid"`
	ActorOf  string      `json:"actorOrganisation" doc:"代表的单位"`
	Document string      `json:"document" doc:"文号"`
	Reason   string      `json:"reason"`
}

func (h gradeAPI) steps(ctx context.Context, in *IDParam) (*list[gradeStepView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	all, err := h.svc.Steps(ctx, id)
	return listOf(models.Page[grade.Step]{Items: all}, func(s grade.Step) gradeStepView {
		v := gradeStepView{s.ID, s.Kind, s.FromState, s.ToState, orNull(s.Level), nil, s.DueOn, s.Day, instant(s.At), s.ActorID, string(s.ActorOrg), s.Document, s.Reason}
		if s.Score != nil {
			v.Score = ptr(code.Decimal(*s.Score))
		}
		return v
	}), err
}

type gradeRuleView struct {
	Kind       grade.Kind       `json:"kind"`
	Version    string           `json:"version"`
	Title      string           `json:"title"`
	Document   string           `json:"document"`
	ValidFrom  code.Day         `json:"validFrom"`
	ValidTo    *code.Day        `json:"validTo" nullable:"true"`
	Note       string           `json:"note"`
	Source     string           `json:"source"`
	Confidence string           `json:"confidence"`
	Levels     []gradeLevelView `json:"levels" doc:"由好到差"`
}

type gradeLevelView struct {
	ID    string  `json:"id"`
	Name  string  `json:"name"`
	From  *string `json:"from" nullable:"true" doc:"从这个得分起；由人评定的为 null"`
	Means string  `json:"means" doc:"后果"`
}

func (h gradeAPI) listRules(ctx context.Context, _ *struct{}) (*list[gradeRuleView], error) {
	lang := requestOf(ctx).lang
	return listOf(models.Page[grade.Rule]{Items: grade.Rules()}, func(r grade.Rule) gradeRuleView {
		v := gradeRuleView{r.Kind, r.Version, inLanguage(lang, r.Title, r.TitleEn), r.Document, r.ValidFrom, models.Ref(r.ValidTo), r.Note, r.Source, r.Confidence, nil}
		for _, l := range r.Grades {
			v.Levels = append(v.Levels, gradeLevelView{l.ID, inLanguage(lang, l.Name, l.NameEn), orNull(l.From), l.Means})
		}
		return v
	}), nil
}

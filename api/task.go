package api

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/files"
	"parkregistry/models/inspection"
	"parkregistry/models/registry"
	"parkregistry/models/task"
)

type taskAPI struct{ svc *task.Service }

type programmeView struct {
	Warned
	ID        models.ID `json:"id" format:"uuid"`
	Title     string    `json:"title"`
	Document  *string   `json:"document" nullable:"true" doc:"文号"`
	Issuer    string    `json:"issuer"`
	IssuedOn  code.Day  `json:"issuedOn" format:"date"`
	Note      string    `json:"note"`
	Tasks     string    `json:"tasks" format:"uri-reference" doc:"这份文件下的任务"`
	CreatedAt string    `json:"createdAt" format:"date-time"`
	Demo      bool      `json:"demo,omitempty" doc:"示例数据"`
}

func programmeOf(p task.Programme) programmeView {
	return programmeView{ID: p.ID, Title: p.Title, Document: orNull(p.Document), Issuer: p.Issuer, IssuedOn: p.IssuedOn, Note: p.Note,
		Tasks: base + "/tasks?programmeId=" + string(p.ID), CreatedAt: instant(p.CreatedAt), Demo: p.Demo}
}

func (h taskAPI) listProgrammes(ctx context.Context, in *ListParams) (*list[programmeView], error) {
	page, err := h.svc.Programmes(ctx, in.query("", map[string]string{"r": "programmes"}))
	return listOf(page, programmeOf), err
}

func (h taskAPI) getProgramme(ctx context.Context, in *IDParam) (*one[programmeView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	p, err := h.svc.Programme(ctx, id)
	return &one[programmeView]{etag(p.ID, 1), programmeOf(p)}, err
}

type newProgramme struct {
	NewID
	task.ProgrammeInput
}

func (h taskAPI) createProgramme(ctx context.Context, in *Payload[newProgramme]) (*one[programmeView], error) {
	p, err := h.svc.CreateProgramme(ctx, in.Body.id(), in.Body.ProgrammeInput)
	return answer(p.ID, 1, programmeOf(p)), err
}

type taskFigureView struct {
	N    int64  `json:"n" doc:"登记数据算出的数"`
	Of   *int64 `json:"of" nullable:"true" doc:"分母；只计件数的为 null"`
	Met  bool   `json:"met" doc:"达到目标"`
	Href string `json:"href" format:"uri-reference" doc:"这个数所依据的报告；parksReached 为各园区的试点阶段"`
	// Of questions about parks the report itself is the rows.
	Links *goalLinks `json:"links,omitempty" doc:"比例和件数所计的全部记录"`
}

// goalLinks are the rows behind the answer to a goal: of is the list of the denominator,
// and what stands in before does not count for a goal that counts from a day.
type goalLinks struct {
	N      string `json:"n" format:"uri-reference" doc:"所计的记录"`
	Of     string `json:"of,omitempty" format:"uri-reference" doc:"分母的记录"`
	Before string `json:"before,omitempty" format:"uri-reference" doc:"起始日之前的记录，从 n 中减去"`
}

// figureOf is the answer to the goal of a task, with the way to what it counts.
func figureOf(t task.Task, f task.Figure, asOf code.Day, known int64) *taskFigureView {
	b := *t.Binding.V
	v := &taskFigureView{N: f.N, Met: f.Met, Href: base + "/progress?" + string(ofAll(asOf, known))[1:]}
	if f.D > 0 || b.Query.Shares() {
		v.Of = &f.D
	}
	at := func(day code.Day) whose {
		switch rows := ofAll(day, known); {
		case t.ParkID != nil:
			return rows.park(*t.ParkID)
		case t.Jurisdiction != nil:
			return rows.district(*t.Jurisdiction)
		default:
			return rows
		}
	}
	switch b.Query {
	case task.ParksReached:
		if v.Href = base + "/pilots?" + string(at(asOf))[1:]; t.ParkID != nil {
			v.Href = base + "/parks/" + string(*t.ParkID) + "/pilot-steps"
		}
	case task.Ratio:
		r := at(asOf).ratio(b.Metric)
		v.Links = &goalLinks{N: r.Numerator, Of: r.Denominator}
	case task.Count:
		if code.Day(b.From) > asOf { // nothing counts yet
			break
		}
		v.Links = &goalLinks{N: at(asOf).count(b.Measure)}
		if b.From != "" {
			v.Links.Before = at(code.Day(b.From).Add(-1)).count(b.Measure)
		}
	case task.Overdue:
		v.Links = &goalLinks{N: at(asOf).to("/findings", "counted", inspection.CountOverdue)}
	}
	return v
}

type taskView struct {
	Warned
	ID           models.ID       `json:"id" format:"uuid"`
	Number       string          `json:"number" doc:"例 TK-2026-000001"`
	ProgrammeID  models.ID       `json:"programmeId" format:"uuid"`
	Title        string          `json:"title" doc:"任务"`
	Goal         string          `json:"goal" doc:"目标"`
	Unit         string          `json:"unit" doc:"责任单位：city 市局，例 district:baoan、park:<编号>"`
	ParkID       *models.ID      `json:"parkId" nullable:"true"`
	Jurisdiction *string         `json:"jurisdiction" nullable:"true"`
	PersonID     models.ID       `json:"personId" format:"uuid" doc:"责任人"`
	DueOn        code.Day        `json:"dueOn" format:"date" doc:"完成期限"`
	State        task.State      `json:"state" enum:"planned,in_progress,completed,verified,cancelled"`
	StateName    string          `json:"stateName"`
	Binding      *task.Binding   `json:"binding,omitempty" doc:"目标绑定的问题；没有的由人核验"`
	Computed     *taskFigureView `json:"computed,omitempty" doc:"登记数据的回答；没有绑定的没有这一项"`
	Override     *task.Says      `json:"override" nullable:"true" doc:"人工认定：done 完成、notDone 未完成；没有认定的为 null，理由见办理过程"`
	Done         bool            `json:"done" doc:"完成：先看人工认定，再看登记数据，没有绑定的看报送"`
	Delayed      bool            `json:"delayed" doc:"滞后：过了期限没有完成，由日期算出"`
	AsOf         code.Day        `json:"asOf" format:"date"`
	Moves        []task.Move     `json:"moves" doc:"当前登录人现在可以办理的事项，与地址的最后一段相同"`
	Steps        string          `json:"steps" format:"uri-reference" doc:"办理过程的地址"`
	Version      int64           `json:"version"`
	CreatedAt    string          `json:"createdAt" format:"date-time"`
	UpdatedAt    string          `json:"updatedAt" format:"date-time"`
	Demo         bool            `json:"demo,omitempty" doc:"示例数据"`
}

func (h taskAPI) view(ctx context.Context, s task.Standing, asOf code.Day, known int64) (taskView, error) {
	moves, err := h.svc.Allowed(ctx, s.Task)
	v := taskView{ID: s.ID, Number: s.Number, ProgrammeID: s.ProgrammeID, Title: s.Title, Goal: s.Goal, Unit: string(s.Unit), ParkID: s.ParkID, Jurisdiction: s.Jurisdiction,
		PersonID: s.PersonID, DueOn: s.DueOn, State: s.State, StateName: words.Render(requestOf(ctx).lang, s.State.Name()), Binding: s.Binding.V, Override: models.Ref(s.Override),
		Done: s.Done, Delayed: s.Delayed, AsOf: asOf, Moves: moves, Steps: base + "/tasks/" + string(s.ID) + "/steps",
		Version: s.Version, CreatedAt: instant(s.CreatedAt), UpdatedAt: instant(s.UpdatedAt), Demo: s.Demo}
	if f := s.Figure; f != nil {
		v.Computed = figureOf(s.Task, *f, asOf, known)
	}
	return v, err
}

type listTasksInput struct {
	ListParams
	ProgressParams
	Sort         string `query:"sort" enum:"dueOn,-dueOn"`
	ProgrammeID  string `query:"programmeId" format:"uuid"`
	ParkID       string `query:"parkId" format:"uuid" doc:"责任单位是这个园区的"`
	Jurisdiction string `query:"jurisdiction" maxLength:"20" doc:"责任单位是这个区的，或者在这个区的园区"`
	PersonID     string `query:"personId" format:"uuid" doc:"责任人"`
	State        string `query:"state" enum:"planned,in_progress,completed,verified,cancelled"`
}

type tasksOutput struct {
	Body struct {
		AsOf     code.Day   `json:"asOf" format:"date"`
		KnownSeq int64      `json:"knownSeq" doc:"计入的最后一个变更序号"`
		Items    []taskView `json:"items"`
		Next     *string    `json:"next" nullable:"true"`
		Total    *int64     `json:"total,omitempty"`
	}
}

func (h taskAPI) list(ctx context.Context, in *listTasksInput) (*tasksOutput, error) {
	ask, err := in.question()
	if err != nil {
		return nil, err
	}
	f := task.Filter{ProgrammeID: in.ProgrammeID, ParkID: in.ParkID, Jurisdiction: in.Jurisdiction, PersonID: in.PersonID, State: task.State(in.State)}
	got, err := h.svc.List(ctx, f, ask, in.query(in.Sort, map[string]string{"r": "tasks", "pr": in.ProgrammeID, "p": in.ParkID, "j": in.Jurisdiction, "u": in.PersonID, "st": in.State,
		"a": in.AsOf, "k": in.KnownAsOf, "s": in.KnownSeq}))
	if err != nil {
		return nil, err
	}
	out := &tasksOutput{}
	out.Body.AsOf, out.Body.KnownSeq, out.Body.Items, out.Body.Next, out.Body.Total = got.AsOf, *got.KnownSeq, make([]taskView, len(got.Items)), orNull(got.Next), got.Total
	for i, s := range got.Items {
		if out.Body.Items[i], err = h.view(ctx, s, got.AsOf, *got.KnownSeq); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (h taskAPI) get(ctx context.Context, in *IDParam) (*one[taskView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	return h.now(ctx, id)
}

// now is a task as it is, with what the registry says of it.
func (h taskAPI) now(ctx context.Context, id models.ID) (*one[taskView], error) {
	s, about, err := h.svc.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	v, err := h.view(ctx, s, about.AsOf, *about.KnownSeq)
	return &one[taskView]{etag(s.ID, s.Version), v}, err
}

// settled answers a write.
func (h taskAPI) settled(ctx context.Context, t task.Task, err error) (*one[taskView], error) {
	if err != nil {
		return nil, err
	}
	out, err := h.now(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	return answer(t.ID, t.Version, out.Body), nil
}

type newTask struct {
	NewID
	task.TaskInput
}

func (h taskAPI) create(ctx context.Context, in *Payload[newTask]) (*one[taskView], error) {
	t, err := h.svc.Create(ctx, in.Body.id(), in.Body.TaskInput)
	return h.settled(ctx, t, err)
}

type taskMoveInput struct {
	IDParam
	MatchParam
	Payload[task.StepInput]
}

func (h taskAPI) move(m task.Move) func(context.Context, *taskMoveInput) (*one[taskView], error) {
	return func(ctx context.Context, in *taskMoveInput) (*one[taskView], error) {
		id, version, err := target(in.IDParam, in.MatchParam)
		if err != nil {
			return nil, err
		}
		t, err := h.svc.Move(ctx, m, id, version, in.Body)
		return h.settled(ctx, t, err)
	}
}

type taskStepView struct {
	ID          models.ID       `json:"id" format:"uuid"`
	Kind        task.Move       `json:"kind" doc:"opening 下达，其余与办理的地址相同"`
	From        task.State      `json:"from"`
	To          task.State      `json:"to"`
	PersonID    models.ID       `json:"personId" format:"uuid"`
	DueOn       code.Day        `json:"dueOn" format:"date"`
	Override    *task.Says      `json:"override" nullable:"true"`
	Day         code.Day        `json:"day" format:"date"`
	At          string          `json:"at" format:"date-time"`
	ActorID     models.ID       `json:"actorId" format:"uuid"`
	ActorOf     string          `json:"actorOrganisation" doc:"代表的单位"`
	Evidence    []string        `json:"evidence" doc:"佐证材料的名称或者文号"`
	Attachments []filedFileView `json:"attachments" doc:"佐证附件，见 /attachments"`
	Reason      string          `json:"reason"`
}

func (h taskAPI) steps(ctx context.Context, in *IDParam) (*list[taskStepView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	all, err := h.svc.Steps(ctx, id)
	return listOf(models.Page[task.Step]{Items: all}, func(s task.Step) taskStepView {
		return taskStepView{s.ID, s.Kind, s.FromState, s.ToState, s.PersonID, s.DueOn, models.Ref(s.Override), s.Day, instant(s.At), s.ActorID, string(s.ActorOrg), list0(s.Evidence),
			list0(mapped(s.Attachments.V, func(a files.Fixed) filedFileView { return filedFileView{a.ID, a.SHA256} })), s.Reason}
	}), err
}

type taskQueryView struct {
	Query      task.Query            `json:"query"`
	Name       string                `json:"name"`
	Parameters []string              `json:"parameters" doc:"目标 target 以外的参数"`
	Stages     []registry.PilotState `json:"stages,omitempty" doc:"stage 的取值"`
	Metrics    []string              `json:"metrics,omitempty" doc:"metric 的取值"`
	Measures   []string              `json:"measures,omitempty" doc:"measure 的取值"`
}

func (h taskAPI) listQueries(ctx context.Context, _ *struct{}) (*list[taskQueryView], error) {
	lang := requestOf(ctx).lang
	return listOf(models.Page[task.Query]{Items: task.Queries()}, func(q task.Query) taskQueryView {
		v := taskQueryView{Query: q, Name: words.Render(lang, q.Name()), Parameters: list0(q.Parameters())}
		switch q {
		case task.ParksReached:
			v.Stages = task.Stages()
		case task.Ratio:
			v.Metrics = assessment.Reported()
		case task.Count:
			v.Measures = task.Countable()
		}
		return v
	}), nil
}

package task

import (
	"context"
	"slices"
	"strconv"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/models/progress"
	"parkregistry/policies"
)

// Move is what somebody may do to a task; the name is that of its sub-resource.
type Move string

const (
	MoveOpening      Move = "opening"      // set under a document; no sub-resource
	MoveStart        Move = "start"        // 推进
	MoveReport       Move = "report"       // 报送完成情况
	MoveVerification Move = "verification" // 核验
	MoveReturn       Move = "return"       // 退回
	MoveOverride     Move = "override"     // 人工认定
	MoveReassignment Move = "reassignment" // 调整责任人或者期限
	MoveCancellation Move = "cancellation" // 取消
)

// Moves are those with a sub-resource, in the order of a task's life.
func Moves() []Move {
	return []Move{MoveStart, MoveReport, MoveVerification, MoveReturn, MoveOverride, MoveReassignment, MoveCancellation}
}

var rules = map[Move]struct {
	perm policies.Permission
	from []State
	to   State // "" where the state stays
}{
	MoveStart:        {policies.TaskReport, []State{Planned}, InProgress},
	MoveReport:       {policies.TaskReport, []State{Planned, InProgress}, Completed},
	MoveVerification: {policies.TaskVerify, []State{Completed}, Verified},
	MoveReturn:       {policies.TaskVerify, []State{Completed}, InProgress},
	MoveOverride:     {policies.TaskVerify, []State{Planned, InProgress, Completed, Verified}, ""},
	MoveReassignment: {policies.TaskPlan, []State{Planned, InProgress}, ""},
	MoveCancellation: {policies.TaskPlan, []State{Planned, InProgress}, Cancelled},
}

// Says is what an override says.
type Says string

const (
	SayDone     Says = "done"
	SayNotDone  Says = "notDone"
	SayComputed Says = "computed" // the override is lifted: the registry answers again
)

// By is who makes a move, and for which body.
type By struct {
	User models.ID
	Org  policies.Organisation
}

func by(tx *models.Tx, org policies.Organisation) By { return By{actor(tx), org} }

// StepInput is a move as people enter it.
type StepInput struct {
	Evidence    []string `json:"evidence,omitempty" maxItems:"20" doc:"report：佐证材料的名称或者文号；与 attachments 合计至少一项"`
	Attachments []string `json:"attachments,omitempty" format:"uuid" maxItems:"50" doc:"report：责任单位是园区的，本人为这个园区上传的附件的编号，见 /attachments"`
	Says        Says     `json:"says,omitempty" enum:"done,notDone,computed" doc:"override：认定完成、认定未完成、撤销认定"`
	PersonID    string   `json:"personId,omitempty" format:"uuid" doc:"reassignment：新的责任人"`
	DueOn       string   `json:"dueOn,omitempty" format:"date" doc:"reassignment：新的期限"`
	Reason      string   `json:"reason,omitempty" doc:"完成情况或者理由，至少 5 个字；start 和 verification 可以不填"`
}

// Parse checks the form of everything before it answers.
func (in StepInput) Parse() (Step, error) {
	var c fault.Check
	s := in.form(&c)
	return s, c.Err()
}

func (in StepInput) form(c *fault.Check) Step {
	s := Step{Reason: fault.Parse(c, "/reason", in.Reason, code.ParseReason), PersonID: fault.Parse(c, "/personId", in.PersonID, models.ParseID),
		DueOn: fault.Parse(c, "/dueOn", in.DueOn, code.ParseDay)}
	if len(in.Evidence) > 20 {
		c.Fail("/evidence", "maxItems", "不能超过 {{.Max}} 项", "Max", 20)
	}
	for i, e := range in.Evidence {
		s.Evidence = append(s.Evidence, fault.Must(c, "/evidence/"+strconv.Itoa(i), e, code.ParseText(200)))
	}
	for _, id := range files.ParseIDs(c, "/attachments", in.Attachments) {
		s.Attachments.V = append(s.Attachments.V, files.Fixed{ID: id})
	}
	if in.Says != "" {
		oneOf(c, "/says", in.Says, []Says{SayDone, SayNotDone, SayComputed})
	}
	return s
}

// For is Parse of what one move asks for; each has its own.
func (in StepInput) For(m Move) (Step, error) {
	var c fault.Check
	s := in.form(&c)
	s.Kind = m
	if m != MoveStart && m != MoveVerification {
		c.Required("/reason", in.Reason)
	}
	switch {
	case m == MoveReport && len(in.Evidence)+len(in.Attachments) == 0:
		c.Fail("/evidence", "required", "至少一项佐证：材料的名称或者文号，或者附件")
	case m == MoveReassignment && in.PersonID == "" && in.DueOn == "":
		c.Fail("/personId", "required", "写明新的责任人或者新的期限")
	case m == MoveOverride && c.Required("/says", string(in.Says)) && in.Says != SayComputed:
		s.Override = in.Says
	}
	for _, f := range []struct {
		pointer string
		of      Move
		given   bool
	}{{"/evidence", MoveReport, len(in.Evidence) > 0}, {"/attachments", MoveReport, len(in.Attachments) > 0}, {"/says", MoveOverride, in.Says != ""}, {"/personId", MoveReassignment, in.PersonID != ""}, {"/dueOn", MoveReassignment, in.DueOn != ""}} {
		if f.given && f.of != m {
			c.Fail(f.pointer, "unexpected", "这一步不填写这一项")
		}
	}
	return s, c.Err()
}

// Advance is one write of a task: the head after it and the step that records it.
type Advance struct {
	After  Task
	Step   Step
	Action policies.Permission
}

// Event is the write as the log records it.
func (a Advance) Event() audit.Event {
	e := audit.Event{Action: a.Action, Kind: "task", ID: a.After.ID, Place: a.After.Place(), About: a.Step.Day, Reason: a.Step.Reason, Change: a.Step.ChangeID,
		Facts:  map[string]any{"number": a.After.Number, "move": string(a.Step.Kind), "state": string(a.After.State), "override": string(a.After.Override), "version": a.After.Version},
		Wrote:  []audit.Wrote{{Object: a.After.ID, Head: a.After, Rows: []any{a.Step}}},
		Before: map[string]any{"state": a.Step.FromState},
		After:  map[string]any{"state": a.After.State, "personId": a.After.PersonID, "dueOn": a.After.DueOn, "override": a.After.Override}}
	if sums := files.Sums(a.Step.Attachments.V); sums != nil {
		e.Facts["attachments"] = sums
	}
	return e
}

// Open is the first step: a task is set under a document.
func Open(t Task, under Programme, id models.ID, by By, now time.Time) (Advance, error) {
	var c fault.Check
	if t.DueOn < under.IssuedOn {
		c.Cite("/dueOn", "order", "", string(t.DueOn), "完成期限不能早于文件的印发日期 {{.Day}}", "Day", string(under.IssuedOn))
	}
	if err := c.Err(); err != nil {
		return Advance{}, err
	}
	t.Versioned = models.Versioned{ID: id, Version: 1, CreatedAt: now, UpdatedAt: now}
	t.ProgrammeID, t.State = under.ID, Planned
	return t.stepped(Step{Kind: MoveOpening}, policies.TaskPlan, by, now), nil
}

// stepped is the head as it is now with the step that led to it.
func (t Task) stepped(s Step, perm policies.Permission, by By, now time.Time) Advance {
	s.ID, s.TaskID, s.ChangeID = models.NewID(), t.ID, models.NewID()
	s.ToState, s.PersonID, s.DueOn, s.Override = t.State, t.PersonID, t.DueOn, t.Override
	s.Day, s.At, s.ActorID, s.ActorOrg = code.DayOf(now), now, by.User, by.Org
	return Advance{t, s, perm}
}

// May decides whether by may make the move now: nil, or a Conflict that says why not.
// The same answer refuses a move and hides its button.
func (t Task) May(m Move, by By) error {
	r := rules[m]
	switch {
	case !slices.Contains(r.from, t.State):
		return fault.New(fault.Conflict, "任务目前的状态是“{{.State}}”，不能这样办理", "State", t.State.Name()).With("state", string(t.State))
	case r.perm == policies.TaskReport && by.Org != t.Unit:
		return fault.New(fault.Conflict, "由责任单位办理")
	case m == MoveVerification && models.Deref(t.ReportedBy) == by.User:
		return fault.New(fault.Conflict, "报送的人不能核验，由另一人核验")
	case m == MoveOverride && t.Binding.V == nil:
		return fault.New(fault.Conflict, "这项目标没有绑定登记数据，按报送和核验办理")
	}
	return nil
}

// Move makes one move. f is the answer of the registry today, nil for a goal that is
// not bound: while it says that the goal is not reached, nobody reports or verifies it.
func (t Task) Move(s Step, f *Figure, by By, now time.Time) (Advance, error) {
	if err := t.May(s.Kind, by); err != nil {
		return Advance{}, err
	}
	today := code.DayOf(now)
	if s.Kind == MoveReport || s.Kind == MoveVerification {
		if f != nil && !stand(t, f, today).Done {
			return Advance{}, fault.New(fault.Conflict, "登记数据还没有达到目标（{{.Answer}}）；确有依据的由市局人工认定", "Answer", t.Binding.V.answer(*f))
		}
	}
	if s.DueOn != "" && s.DueOn < today {
		var c fault.Check
		c.Fail("/dueOn", "order", "新的期限不能早于今天")
		return Advance{}, c.Err()
	}
	r := rules[s.Kind]
	s.FromState = t.State
	t.Version, t.UpdatedAt = t.Version+1, now
	if r.to != "" {
		t.State = r.to
	}
	switch s.Kind {
	case MoveReport:
		t.ReportedBy = &by.User
	case MoveOverride:
		t.Override = s.Override
	case MoveReassignment:
		if s.PersonID != "" {
			t.PersonID = s.PersonID
		}
		if s.DueOn != "" {
			t.DueOn = s.DueOn
		}
	}
	return t.stepped(s, r.perm, by, now), nil
}

// capacity is the body for which the caller may make the move; Absent when the
// permission does not reach the task, else the refusal.
func capacity(ctx context.Context, t Task, m Move) (By, error) {
	a, _ := policies.ActorFrom(ctx)
	orgs, err := a.ActingFor(rules[m].perm, t.Owner())
	if err != nil {
		return By{}, err
	}
	refused := error(fault.Absent())
	for i, org := range orgs {
		as := By{models.ID(a.User), org}
		err := t.May(m, as)
		if err == nil {
			return as, nil
		}
		if i == 0 {
			refused = err
		}
	}
	return By{}, refused
}

// Allowed are the moves that the caller may make now.
func (s *Service) Allowed(ctx context.Context, t Task) ([]Move, error) {
	out := []Move{}
	for _, m := range Moves() {
		switch _, err := capacity(ctx, t, m); fault.CodeOf(err) {
		case "":
			out = append(out, m)
		case fault.Conflict, fault.NotFound:
		default:
			return nil, err
		}
	}
	return out, nil
}

// Move makes one move of a task in the version that the caller read.
func (s *Service) Move(ctx context.Context, m Move, id models.ID, version int64, in StepInput) (Task, error) {
	var out Task
	perm := rules[m].perm
	if err := policies.Require(ctx, perm); err != nil {
		return out, err
	}
	step, err := in.For(m)
	if err != nil {
		return out, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		var t Task
		if err := models.One(tx.Visible(perm, &t).Where("id = ?", id), &t); err != nil {
			return err
		}
		if t.Version != version {
			return fault.New(fault.Stale, "内容已经被修改，重新读取后再保存")
		}
		as, err := capacity(tx.Context(), t, m)
		if err != nil {
			return err
		}
		a, err := s.plan(tx, t, step, as)
		if err != nil {
			return err
		}
		res := tx.Visible(perm, &Task{}).Where("id = ? AND version = ?", id, version).Updates(a.After.head())
		if err := models.Changed(res, fault.New(fault.Conflict, "这项任务刚刚被别人处理，重新读取后再办理")); err != nil {
			return err
		}
		out = a.After
		return record(tx, a)
	})
	return out, err
}

// plan asks the registry and the accounts what a move depends on.
func (s *Service) plan(tx *models.Tx, t Task, step Step, as By) (Advance, error) {
	if step.PersonID != "" {
		if err := s.belongs(tx.Context(), step.PersonID, t.Unit); err != nil {
			return Advance{}, err
		}
	}
	var f *Figure
	if t.Binding.V != nil && (step.Kind == MoveReport || step.Kind == MoveVerification) {
		all, err := s.figures(tx.Context(), progress.Question{})
		if err != nil {
			return Advance{}, err
		}
		if f, err = all.of(t); err != nil {
			return Advance{}, err
		}
	}
	named, err := shows(tx, t, &step)
	if err != nil {
		return Advance{}, err
	}
	a, err := t.Move(step, f, as, tx.Now())
	if err != nil {
		return a, err
	}
	return a, named.Tie(tx)
}

// shows finds the attachments that a report names, each content once. They belong to a
// park; a district and the bureau name their documents in words.
func shows(tx *models.Tx, t Task, step *Step) (files.Attached, error) {
	if len(step.Attachments.V) == 0 {
		return files.Attached{}, nil
	}
	if t.ParkID == nil {
		var c fault.Check
		c.Fail("/attachments", "unexpected", "附件属于园区；区管理局和市局的任务写明佐证材料的名称或者文号")
		return files.Attached{}, c.Err()
	}
	ids := make([]models.ID, len(step.Attachments.V))
	for i, a := range step.Attachments.V {
		ids[i] = a.ID
	}
	named, err := files.Look(tx, policies.TaskReport, files.Owner{Kind: "task", ID: t.ID, Place: t.Place()}, ids)
	named.Once()
	step.Attachments.V = files.Fix(named.All)
	return named, err
}

func record(tx *models.Tx, a Advance) error {
	if _, err := audit.Log(tx, a.Event()); err != nil {
		return err
	}
	return tx.Append(&a.Step)
}

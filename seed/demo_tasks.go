package seed

import (
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/models/task"
)

// taskTable are the documents that set tasks, the tasks and their steps.
type taskTable struct {
	programmes []task.Programme
	tasks      []task.Task
	steps      []task.Step
	second     models.ID // a second person of the bureau
}

// sample is one line of the table: for whom, how it is judged, and what happened.
type sample struct {
	title, goal  string
	jurisdiction string
	park         *registry.Park
	binding      *task.Binding
	due          int // days from the anchor
	moves        []task.Move
}

// makeTasks sets a table under one document: goals of the bureau, of districts and of
// parks; some the registry judges, some people, in each state, some late.
func (c *city) makeTasks() {
	at := c.at(c.anchor.Add(-200), 10)
	in := task.ProgrammeInput{Title: mark + "：推进工业企业污染集中治理工作任务进度表", Issuer: "示例市生态环境局", IssuedOn: string(code.DayOf(at)), Note: demoSource}
	p, err := in.Parse()
	c.fail("programme", err)
	p.Demo = true
	p, err = p.Issue(c.id(at), c.people.bureau, at)
	c.fail("programme", err)
	if c.failed != nil {
		return
	}
	p.ChangeID = c.id(at)
	c.change(p.Event(), p.ChangeID, c.people.bureau, at)
	c.table.programmes = append(c.table.programmes, p)
	c.table.second = c.people.extra("sample-bureau-2", mark+"市局管理员2", "示例市生态环境局")
	for _, s := range c.samples() {
		c.makeTask(p, s, at.Add(time.Hour))
	}
}

func (c *city) samples() []sample {
	start, report, verify := task.MoveStart, task.MoveReport, task.MoveVerification
	first, second := c.parks[0], c.parks[1]
	baoan, longgang := "baoan", "longgang"
	return []sample{
		{title: "试点园区全部确定建设方案", goal: "31 个试点园区到达“方案确定”阶段", binding: &task.Binding{Query: task.ParksReached, Stage: registry.PlanAgreed, Target: 31}, due: 60, moves: []task.Move{start}},
		{title: "完成试点园区年度评估核定", goal: "20 个园区由区核定评估", binding: &task.Binding{Query: task.ParksVerified, Target: 20}, due: 30},
		{title: "排污许可应领尽领", goal: "排污单位持证或者登记的比例达到 90 %", binding: &task.Binding{Query: task.Ratio, Metric: "sitesPermitted", Target: 90}, due: -10, moves: []task.Move{start}},
		{title: "编制园区环境管理指引", goal: "印发指引并组织培训", due: 90, moves: []task.Move{start, report, verify}},
		{title: "宝安区园区达标", goal: "2 个园区得分达到 80", jurisdiction: baoan, binding: &task.Binding{Query: task.ParksOnTarget, Score: 80, Target: 2}, due: -5, moves: []task.Move{start}},
		{title: "宝安区整改清零", goal: "逾期未整改的问题不超过 3 项", jurisdiction: baoan, binding: &task.Binding{Query: task.Overdue, Target: 3}, due: 45, moves: []task.Move{start, task.MoveOverride}},
		{title: "龙岗区现场检查", goal: "全年现场检查 50 次", jurisdiction: longgang, binding: &task.Binding{Query: task.Count, Measure: "inspections", From: string(c.anchor.Add(-180)), Target: 50}, due: 35},
		{title: "龙岗区雨污分流排查", goal: "完成全部园区排查并建立清单", jurisdiction: longgang, due: -20, moves: []task.Move{start}},
		{title: "规范排放口编号", goal: "园区全部排放口按 HJ 608 编号", park: first, binding: &task.Binding{Query: task.Ratio, Metric: "outletsCoded", Target: 100}, due: 20, moves: []task.Move{start}},
		{title: "应急池改造", goal: "应急池容积满足预案要求", park: first, due: 15, moves: []task.Move{start, report}},
		{title: "签订环境保护责任书", goal: "与全部入驻企业签订", park: second, due: 40, moves: []task.Move{start, report, task.MoveReturn}},
		{title: "园区网站公开栏", goal: "开设环境信息公开栏", park: second, due: 10, moves: []task.Move{task.MoveCancellation}},
	}
}

func (c *city) makeTask(under task.Programme, s sample, at time.Time) {
	person := c.people.bureau
	in := task.TaskInput{ProgrammeID: string(under.ID), Title: mark + "：" + s.title, Goal: s.goal, Jurisdiction: s.jurisdiction, DueOn: string(c.anchor.Add(s.due)), Binding: s.binding}
	switch {
	case s.park != nil:
		person, in.ParkID = c.people.parkBody(s.park), string(s.park.ID)
	case s.jurisdiction != "":
		person = c.people.district(s.jurisdiction)
	}
	in.PersonID = string(person)
	head, err := in.Parse()
	c.fail("task", err)
	if c.failed != nil {
		return
	}
	head, head.Demo = head.For(s.park), true
	head.Number = c.number(models.TaskNumber, at)
	bureau := task.By{User: c.people.bureau, Org: "city"}
	a, err := task.Open(head, under, c.id(at), bureau, at)
	c.tasked(a, err, bureau, at)
	for _, m := range s.moves {
		at = at.Add(20 * 24 * time.Hour)
		by := bureau
		switch m {
		case task.MoveStart, task.MoveReport:
			by = task.By{User: person, Org: head.Unit}
		case task.MoveVerification: // not the one who reported
			by.User = c.table.second
		}
		step, err := sampleStep(m)
		c.fail("task", err)
		if c.failed != nil {
			return
		}
		a, err = a.After.Move(step, nil, by, at)
		c.tasked(a, err, by, at)
	}
	c.table.tasks = append(c.table.tasks, a.After)
}

// sampleStep is what is entered to a move.
func sampleStep(m task.Move) (task.Step, error) {
	in := task.StepInput{Reason: mark + "：按进度办理"}
	switch m {
	case task.MoveReport:
		in.Evidence = []string{mark + "：完成情况说明"}
	case task.MoveOverride:
		in.Says, in.Reason = task.SayDone, mark+"：逾期问题已经现场确认完成，系统登记滞后"
	}
	return in.For(m)
}

func (c *city) tasked(a task.Advance, err error, by task.By, at time.Time) {
	c.fail("task", err)
	if err != nil {
		return
	}
	a.Step.ID, a.Step.ChangeID = c.id(at), c.id(at)
	c.change(a.Event(), a.Step.ChangeID, by.User, at)
	c.table.steps = append(c.table.steps, a.Step)
}

package web

import (
	"net/http"
	"strconv"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/registry"
	"parkregistry/models/task"
	"parkregistry/policies"
)

// newTaskPage is what templates/newtask.html shows: a document is entered, a unit picked,
// and then the task set for one of its people.
type newTaskPage struct {
	Shell   shell
	Units   []option
	Unit    string // the picked one, "" before
	Forms   []moveForm
	Failure Failure
	Kept    []saidLine
}

// cityUnit is the bureau among the units of a task.
const cityUnit = "city"

func (p *Pages) newTask(v *visit) error {
	page, err := p.newTaskOf(v, v.c.Query("unit"))
	if err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "newtask.html", page)
}

func (p *Pages) newTaskOf(v *visit, unit string) (newTaskPage, error) {
	page := newTaskPage{Shell: p.shell(v, fault.T("下达任务"))}
	page.Units = []option{{Value: cityUnit, Name: say(v, fault.T("市生态环境局"))}}
	for _, j := range code.Jurisdictions() {
		page.Units = append(page.Units, option{Value: "district:" + string(j), Name: say(v, j.Branch())})
	}
	parks, err := p.options.Registry.Parks(v.ctx, registry.ParkFilter{}, models.Query{Limit: models.MaxPage})
	if err != nil {
		return page, err
	}
	for _, x := range parks.Items {
		page.Units = append(page.Units, option{Value: "park:" + string(x.ID), Name: x.Code + " " + parkName(x)})
	}
	for i := range page.Units {
		if page.Units[i].Value == unit {
			page.Unit, page.Units[i].Chosen = unit, true
		}
	}
	page.Forms = []moveForm{newMove(v, "/c/tasks", "programme", fault.T("登记文件"), []formField{need(text("title", fault.T("文件名称"))), text("document", fault.T("文号")), need(text("issuer", fault.T("印发单位"))),
		{Name: "issuedOn", Label: fault.T("印发日期"), Kind: "date", Required: true}, {Name: "note", Label: fault.T("说明"), Kind: "area"}})}
	if page.Unit == "" {
		return page, nil
	}
	fields, err := p.setFields(v, page.Unit)
	if err != nil {
		return page, err
	}
	form := newMove(v, "/c/tasks", "new", fault.T("下达任务"), fields)
	form.Hidden, form.Open = []option{{Name: "unit", Value: page.Unit}}, true
	page.Forms = append([]moveForm{form}, page.Forms...)
	return page, nil
}

// setFields are what a task asks for; who is responsible belongs to the unit.
func (p *Pages) setFields(v *visit, unit string) ([]formField, error) {
	docs, err := p.programmes(v)
	if err != nil {
		return nil, err
	}
	people, err := p.members(v, policies.Organisation(unit))
	if err != nil {
		return nil, err
	}
	var queries, areas, stages, metrics, counts []option
	for _, q := range task.Queries() {
		queries = append(queries, option{Value: string(q), Name: say(v, q.Name())})
	}
	for _, d := range assessment.Dimensions() {
		areas = append(areas, option{Value: strconv.Itoa(d.Number), Name: say(v, d.Name)})
	}
	for _, s := range task.Stages() {
		stages = append(stages, option{Value: string(s), Name: say(v, s.Name())})
	}
	for _, m := range assessment.Reported() {
		metrics = append(metrics, option{Value: m, Name: say(v, task.MetricName(m))})
	}
	for _, m := range task.Countable() {
		counts = append(counts, option{Value: m, Name: say(v, task.MeasureName(m))})
	}
	return []formField{need(pick("programmeId", fault.T("文件"), docs[0].Options)), need(text("title", fault.T("任务"))), {Name: "goal", Label: fault.T("目标"), Kind: "area", Required: true},
		need(pick("personId", fault.T("责任人"), people)), {Name: "dueOn", Label: fault.T("完成期限"), Kind: "date", Required: true},
		pick("query", fault.T("由登记数据计算的问题；不选由责任单位报送、市局核验"), queries), text("target", fault.T("目标值：园区数、件数或者百分数")),
		text("score", fault.T("得分，仅“达到得分的园区数”，不填为 90")), pick("dimension", fault.T("方面，仅“达到得分的园区数”，不选为总分"), areas), pick("stage", fault.T("阶段，仅“到达试点阶段的园区数”"), stages),
		pick("metric", fault.T("比例，仅“由登记数据计算的比例”"), metrics), pick("measure", fault.T("数什么，仅“从某一天起的件数”"), counts), {Name: "from", Label: fault.T("从哪一天起，仅“从某一天起的件数”"), Kind: "date"}}, nil
}

// setTask sets the task of the form and shows it.
func (p *Pages) setTask(v *visit) error {
	f := v.field
	in := task.TaskInput{ProgrammeID: f("programmeId"), Title: f("title"), Goal: f("goal"), PersonID: f("personId"), DueOn: f("dueOn")}
	kind, at, _ := strings.Cut(f("unit"), ":")
	switch kind {
	case "district":
		in.Jurisdiction = at
	case "park":
		in.ParkID = at
	}
	number := func(name string) int { // what is no number is refused as one that is out of range
		n, err := strconv.Atoi(f(name))
		if err != nil && f(name) != "" {
			return -1
		}
		return n
	}
	if f("query") != "" {
		in.Binding = &task.Binding{Query: task.Query(f("query")), Target: int64(number("target")), Score: number("score"), Dimension: number("dimension"), Stage: registry.PilotState(f("stage")), Metric: f("metric"), Measure: f("measure"), From: f("from")}
	}
	t, err := p.options.Tasks.Create(v.ctx, "", in)
	if err == nil {
		v.to("/task/" + string(t.ID))
		return nil
	}
	return p.newTaskRefused(v, "new", err)
}

// enterProgramme enters the document of the form.
func (p *Pages) enterProgramme(v *visit) error {
	f := v.field
	_, err := p.options.Tasks.CreateProgramme(v.ctx, models.ID(""), task.ProgrammeInput{Title: f("title"), Document: f("document"), Issuer: f("issuer"), IssuedOn: f("issuedOn"), Note: f("note")})
	if err == nil {
		v.to("/c/tasks/new")
		return nil
	}
	return p.newTaskRefused(v, "programme", err)
}

func (p *Pages) newTaskRefused(v *visit, move string, err error) error {
	f, here := p.told(v, err)
	if !here {
		return err
	}
	page, err := p.newTaskOf(v, v.field("unit"))
	if err != nil {
		return err
	}
	page.Failure, page.Shell.Failed = f.without("/binding"), true
	page.Kept = p.refused(v, page.Forms, move, nil, page.Failure)
	return p.show(v, f.Status, "newtask.html", page)
}

package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/task"
	"parkregistry/policies"
)

// taskPage is what templates/task.html shows: one task, what the registry says of its
// goal, what the visitor may do with it, and what happened to it.
type taskPage struct {
	Shell     shell
	Line      taskLine
	Programme task.Programme
	Issued    string
	Last      string // day
	Override  *stepLine
	Forms     []moveForm
	Steps     []stepLine
	Failure   Failure
	Kept      []saidLine
	Done      fault.Text
	newest    task.Move
}

func (p *Pages) task(v *visit) error {
	page, err := p.taskOf(v)
	if err != nil {
		return err
	}
	if m := task.Move(v.c.Query("done")); m != "" && m == page.newest {
		page.Done = taskMoveName(m)
	}
	return p.show(v, http.StatusOK, "task.html", page)
}

func (p *Pages) taskOf(v *visit) (taskPage, error) {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return taskPage{}, fault.Absent()
	}
	t, _, err := p.options.Tasks.Get(v.ctx, id)
	if err != nil {
		return taskPage{}, err
	}
	page := taskPage{Shell: p.shell(v, fault.T("任务 {{.Number}}", "Number", t.Number)), Last: dayOf(v.lang, t.DueOn)}
	if page.Programme, err = p.options.Tasks.Programme(v.ctx, t.ProgrammeID); err != nil {
		return page, err
	}
	page.Issued = dayOf(v.lang, page.Programme.IssuedOn)
	names, codes, err := p.parkOf(v, t.ParkID)
	if err != nil {
		return page, err
	}
	steps, err := p.options.Tasks.Steps(v.ctx, id)
	if err != nil {
		return page, err
	}
	ids := []models.ID{t.PersonID}
	for _, s := range steps {
		ids = append(ids, s.PersonID)
	}
	people, err := p.options.Accounts.Names(v.ctx, ids)
	if err != nil {
		return page, err
	}
	page.Line = p.taskLine(v, t, names, codes, people)
	page.steps(v, steps, people)
	moves, err := p.options.Tasks.Allowed(v.ctx, t.Task)
	if err != nil {
		return page, err
	}
	for _, m := range moves {
		fields, err := p.taskFields(v, m, t.Task)
		if err != nil {
			return page, err
		}
		form := newMove(v, "/task/"+string(id), string(m), taskMoveName(m), fields)
		form.Brings = m == task.MoveReport && t.ParkID != nil
		form.Hidden = []option{{Name: "version", Value: strconv.FormatInt(t.Version, 10)}}
		page.Forms = append(page.Forms, form)
	}
	return page, nil
}

// parkOf are name and code of a park that a row may be about, by its id.
func (p *Pages) parkOf(v *visit, id *models.ID) (names, codes map[string]string, err error) {
	names, codes = map[string]string{}, map[string]string{}
	if id == nil || !v.may(policies.ParkRead) {
		return names, codes, nil
	}
	park, err := p.options.Registry.Park(v.ctx, *id)
	if err != nil {
		return names, codes, err
	}
	names[string(*id)], codes[string(*id)] = parkName(park), park.Code
	return names, codes, nil
}

// steps are what happened, newest first; the override that stands is told apart too.
func (page *taskPage) steps(v *visit, all []task.Step, people map[models.ID]string) {
	for i, s := range slices.Backward(all) {
		l := stepLine{Name: taskMoveName(s.Kind), At: moment(s.At), By: bodyOf(string(s.ActorOrg)), Reason: s.Reason}
		if s.Kind == task.MoveOpening || s.Kind == task.MoveReassignment {
			l.DueOn, l.Said = string(s.DueOn), append(l.Said, saidLine{Label: fault.T("责任人"), Value: people[s.PersonID]})
		}
		if s.Kind == task.MoveOverride {
			l.Said = append(l.Said, saidLine{Label: fault.T("认定"), Value: say(v, says(s.Override))})
		}
		for _, e := range s.Evidence {
			l.Said = append(l.Said, saidLine{Label: fault.T("佐证材料"), Value: e})
		}
		for _, a := range s.Attachments.V {
			l.Said = append(l.Said, saidLine{fault.T("佐证照片、文件"), "SHA-256 " + groups(a.SHA256), "/api/v1/attachments/" + string(a.ID) + "/content"})
		}
		if s.Kind == task.MoveOverride && page.Override == nil && page.Line.Override != "" {
			page.Override = &l
		}
		if i == len(all)-1 {
			page.newest = s.Kind
		}
		page.Steps = append(page.Steps, l)
	}
}

// says is what an override says.
func says(s task.Says) fault.Text {
	switch s {
	case task.SayDone:
		return fault.T("人工认定完成")
	case task.SayNotDone:
		return fault.T("人工认定未完成")
	}
	return fault.T("撤销认定，按登记数据")
}

// taskMoveName is the move as people call it.
func taskMoveName(m task.Move) fault.Text {
	switch m {
	case task.MoveOpening:
		return fault.T("下达")
	case task.MoveStart:
		return fault.T("开始推进")
	case task.MoveReport:
		return fault.T("报送完成情况")
	case task.MoveVerification:
		return fault.T("通过核验")
	case task.MoveReturn:
		return fault.T("核验退回")
	case task.MoveOverride:
		return fault.T("人工认定")
	case task.MoveReassignment:
		return fault.T("调整责任人或者期限")
	}
	return fault.T("取消任务")
}

// taskFields are what a move asks for.
func (p *Pages) taskFields(v *visit, m task.Move, t task.Task) ([]formField, error) {
	reason := formField{Name: "reason", Label: fault.T("原因，至少 5 个字"), Kind: "area", Required: true}
	switch m {
	case task.MoveStart, task.MoveVerification:
		reason.Label, reason.Required = fault.T("说明，可以不填；填写时至少 5 个字"), false
	case task.MoveReport:
		reason.Label = fault.T("完成情况，至少 5 个字")
		fields := []formField{reason, {Name: "evidence", Label: fault.T("佐证材料的名称或者文号，一行一项"), Kind: "area"}}
		if t.ParkID != nil { // others have no attachments
			fields = append(fields, formField{Name: "attachments", Label: fault.T("佐证照片、文件，可选多个：JPEG、PNG、PDF、XLSX"), Kind: "files"})
		}
		return fields, nil
	case task.MoveOverride:
		choose := formField{Name: "says", Label: fault.T("认定"), Kind: "select", Required: true}
		for _, s := range []task.Says{task.SayDone, task.SayNotDone, task.SayComputed} {
			choose.Options = append(choose.Options, option{Value: string(s), Name: say(v, says(s))})
		}
		return []formField{choose, reason}, nil
	case task.MoveReassignment:
		who, err := p.members(v, t.Unit)
		return []formField{{Name: "personId", Label: fault.T("新的责任人，不变则不选"), Kind: "select", Options: who},
			{Name: "dueOn", Label: fault.T("新的期限，不变则不填"), Kind: "date"}, reason}, err
	}
	return []formField{reason}, nil
}

// members are the people of a body who may be made responsible for a task.
func (p *Pages) members(v *visit, unit policies.Organisation) ([]option, error) {
	ids, err := p.options.Accounts.Members(v.ctx, unit)
	if err != nil {
		return nil, err
	}
	names, err := p.options.Accounts.Names(v.ctx, ids)
	var all []option
	for _, id := range ids {
		all = append(all, option{Value: string(id), Name: names[id]})
	}
	return all, err
}

// moveTask makes the move of the address and shows the task again; what was refused is
// told in the form, with everything as it was entered.
func (p *Pages) moveTask(v *visit) error {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return fault.Absent()
	}
	m := task.Move(v.c.Param("move"))
	if !slices.Contains(task.Moves(), m) {
		return fault.Absent()
	}
	version, err := v.version()
	if err != nil {
		return err
	}
	err = p.keepReport(v, m, id)
	in := task.StepInput{Attachments: v.c.Request.PostForm["attachments"], Evidence: rowsOf(v.field("evidence")), Says: task.Says(v.field("says")), PersonID: v.field("personId"), DueOn: v.field("dueOn"), Reason: v.field("reason")}
	if err == nil {
		_, err = p.options.Tasks.Move(v.ctx, m, id, version, in)
	}
	if err == nil {
		v.to("/task/" + string(id) + "?done=" + string(m))
		return nil
	}
	f := p.options.Explain(v.ctx, err)
	if f.Status >= http.StatusInternalServerError || f.Status == http.StatusNotFound {
		return err
	}
	page, err := p.taskOf(v)
	if err != nil {
		return err
	}
	page.Failure, page.Shell.Failed = f, true
	fields, err := p.taskFields(v, m, page.Line.Task)
	if err != nil {
		return err
	}
	page.Kept = p.refused(v, page.Forms, string(m), fields, f)
	return p.show(v, f.Status, "task.html", page)
}

// keepReport takes what came with a report, where the visitor may report for a park;
// otherwise nothing is taken and the service says why.
func (p *Pages) keepReport(v *visit, m task.Move, id models.ID) error {
	if m != task.MoveReport || len(v.brought) == 0 {
		return nil
	}
	t, _, err := p.options.Tasks.Get(v.ctx, id)
	if err != nil {
		return err
	}
	moves, err := p.options.Tasks.Allowed(v.ctx, t.Task)
	if err != nil || t.ParkID == nil || !slices.Contains(moves, m) {
		return err
	}
	return p.keepBrought(v, *t.ParkID, nil)
}

// rowsOf are the lines of a text, without those that say nothing.
func rowsOf(text string) []string {
	var all []string
	for _, l := range strings.Split(text, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			all = append(all, l)
		}
	}
	return all
}

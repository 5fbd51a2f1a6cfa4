package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/progress"
	"parkregistry/models/task"
	"parkregistry/policies"
)

// tasksPage is what templates/tasks.html shows: the task table (任务进度表).
type tasksPage struct {
	Plans bool // the visitor may set tasks
	Shell shell
	Head  listHead
	AsOf  string
	Lines []taskLine
}

// taskLine is one task as it stands.
type taskLine struct {
	task.Standing
	Unit   fault.Text
	Person string
	Name   fault.Text
	Mark   band
	Due    string // over, today, soon, later; "" where nothing more is due
	Goal   *goalFigure
}

// goalFigure is what the registry answers to the goal of a task.
type goalFigure struct {
	task.Figure
	Asks   fault.Text
	Shares bool // so many of so many
	Mark   band
	Link   string // to where the number stands, "" where no page has it
}

func (p *Pages) tasks(v *visit) error {
	var states []option
	for _, s := range task.States() {
		states = append(states, option{Value: string(s), Name: say(v, s.Name())})
	}
	h, parks, err := p.filtersOf(v, states)
	if err != nil {
		return err
	}
	h.Undated = true
	page := tasksPage{Shell: p.listed(v, fault.T("任务进度表")), Plans: v.may(policies.TaskPlan)}
	if h.Lists, err = p.programmes(v); err != nil {
		return err
	}
	q := v.c.Query
	f := task.Filter{ParkID: q("parkId"), ProgrammeID: q("programmeId"), State: task.State(q("state"))}
	found, err := p.options.Tasks.List(v.ctx, f, progress.Question{}, h.page("dueOn"))
	if err != nil {
		return err
	}
	turn(&h, found.Page)
	h.exports(v, "tasks", q("state"))
	page.Head, page.AsOf = h, dayOf(v.lang, found.AsOf)
	var ids []models.ID
	for _, t := range found.Items {
		ids = append(ids, t.PersonID)
	}
	people, err := p.options.Accounts.Names(v.ctx, ids)
	if err != nil {
		return err
	}
	for _, t := range found.Items {
		page.Lines = append(page.Lines, p.taskLine(v, t, parks, h.codes, people))
	}
	return p.show(v, http.StatusOK, "tasks.html", page)
}

// programmes is the filter by the document that sets tasks, the newest first.
func (p *Pages) programmes(v *visit) ([]choice, error) {
	docs, err := p.options.Tasks.Programmes(v.ctx, models.Query{Limit: models.MaxPage})
	c := choice{Name: "programmeId", Label: fault.T("文件")}
	for _, d := range docs.Items {
		c.Options = append(c.Options, option{string(d.ID), d.Title, string(d.ID) == v.c.Query("programmeId")})
	}
	return []choice{c}, err
}

func (p *Pages) taskLine(v *visit, t task.Standing, parks, codes map[string]string, people map[models.ID]string) taskLine {
	l := taskLine{Standing: t, Unit: bodyNamed(t.Task, parks), Person: people[t.PersonID], Name: t.StateName(), Mark: taskBand(t)}
	if t.State != task.Cancelled && !t.Done {
		l.Due = dueIn(t.DueOn, p.options.Today())
	}
	if t.Figure != nil {
		b := t.Binding.V
		l.Goal = &goalFigure{Figure: *t.Figure, Asks: b.Question(), Shares: b.Query.Shares(), Mark: halfway, Link: goalLink(v, t.Task, codes)}
		if t.Figure.Met {
			l.Goal.Mark = onTarget
		}
	}
	return l
}

// bodyNamed is what the responsible unit is called.
func bodyNamed(t task.Task, parks map[string]string) fault.Text {
	switch {
	case t.ParkID != nil:
		name := parks[string(*t.ParkID)]
		return fault.Text{Key: name, English: name}
	case t.Jurisdiction != nil:
		return code.Jurisdiction(*t.Jurisdiction).Branch()
	}
	return fault.T("市生态环境局")
}

// taskBand is the mark of where a task stands.
func taskBand(t task.Standing) band {
	switch {
	case t.State == task.Cancelled:
		return noScore
	case t.Delayed:
		return behind
	case t.Done:
		return onTarget
	}
	return halfway
}

// goalLink leads to a page that shows the number of a goal to this visitor: the late
// findings of exactly the unit's parks, or where the parks stand.
func goalLink(v *visit, t task.Task, codes map[string]string) string {
	base := string(tierOf(v.actor))
	b := t.Binding.V
	switch {
	case b.Query == task.Overdue && t.ParkID != nil:
		return base + "/findings?" + url.Values{"overdue": {"true"}, "parkId": {string(*t.ParkID)}}.Encode()
	case b.Query == task.Overdue && v.reachesOnly(policies.FindingRead, models.Deref(t.Jurisdiction)):
		return base + "/findings?overdue=true"
	case b.Query == task.Overdue, b.Query == task.Count, b.Query == task.ParksReached, !v.may(policies.ProgressRead):
		return ""
	case t.ParkID == nil:
		return base + "/matrix"
	}
	q := url.Values{"park": {codes[string(*t.ParkID)]}}
	for _, i := range assessment.Draft().Items {
		if b.Metric != "" && i.Metric == b.Metric {
			q.Set("dim", strconv.Itoa(i.Dimension))
		}
	}
	return base + "/matrix?" + q.Encode() + "#park"
}

// reaches reports whether the visitor holds the permission for a row.
func (v *visit) reaches(perm policies.Permission, row policies.Row) bool {
	scope, err := v.actor.Scope(perm)
	return err == nil && scope.Covers(row)
}

// reachesOnly reports whether what the visitor reads by the permission is all of the
// jurisdiction, or of the city for "", and nothing else.
func (v *visit) reachesOnly(perm policies.Permission, jurisdiction string) bool {
	scope, err := v.actor.Scope(perm)
	if err != nil || scope.City || jurisdiction == "" {
		return err == nil && scope.City && jurisdiction == ""
	}
	return len(scope.Parks) == 0 && slices.Equal(scope.Jurisdictions, []string{jurisdiction})
}

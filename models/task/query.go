package task

import (
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models/assessment"
	"parkregistry/models/progress"
	"parkregistry/models/registry"
)

// Query is a question to the registry by its name in the catalogue. Nobody writes one:
// a goal picks one of them and gives its parameters.
type Query string

const (
	ParksOnTarget Query = "parksOnTarget" // parks that reach a score, overall or in a dimension
	ParksVerified Query = "parksVerified" // parks whose assessment the district has verified
	ParksReached  Query = "parksReached"  // parks that came to a stage of the pilot
	Ratio         Query = "ratio"         // an item that the registry computes
	Count         Query = "count"         // what happened since a day
	Overdue       Query = "overdue"       // rectifications that are late
)

// Queries are the catalogue.
func Queries() []Query {
	return []Query{ParksOnTarget, ParksVerified, ParksReached, Ratio, Count, Overdue}
}

// Name is the question in words.
func (q Query) Name() fault.Text {
	switch q {
	case ParksOnTarget:
		return fault.T("达到得分的园区数")
	case ParksVerified:
		return fault.T("区已核定评估的园区数")
	case ParksReached:
		return fault.T("到达试点阶段的园区数")
	case Ratio:
		return fault.T("由登记数据计算的比例，%")
	case Count:
		return fault.T("从某一天起的件数")
	default:
		return fault.T("逾期未整改的问题数，不超过")
	}
}

// Parameters are the names of what the question takes besides the target.
func (q Query) Parameters() []string {
	switch q {
	case ParksOnTarget:
		return []string{"score", "dimension"}
	case ParksReached:
		return []string{"stage"}
	case Ratio:
		return []string{"metric"}
	case Count:
		return []string{"measure", "from"}
	}
	return nil
}

// Shares reports whether the answer is so many of so many.
func (q Query) Shares() bool { return q != Count && q != Overdue }

// counts are what a goal may count, each as a sum of the report.
var counts = map[string]func(progress.Counts) int64{
	"ledgersFiled":   func(c progress.Counts) int64 { return c.LedgersFiled },
	"findingsClosed": func(c progress.Counts) int64 { return c.FindingsClosed },
	"patrols":        func(c progress.Counts) int64 { return c.Patrols },
	"inspections":    func(c progress.Counts) int64 { return c.Inspections },
}

// Countable are the measures of Count.
func Countable() []string {
	return []string{"ledgersFiled", "findingsClosed", "patrols", "inspections"}
}

// Stages are what ParksReached asks for, in their order; a park that has lapsed has
// reached nothing.
func Stages() []registry.PilotState {
	return []registry.PilotState{registry.Designated, registry.PlanAgreed, registry.Building, registry.SelfAssessed, registry.DistrictChecked, registry.Accredited}
}

// Binding ties a goal to a question.
type Binding struct {
	Query     Query               `json:"query" enum:"parksOnTarget,parksVerified,parksReached,ratio,count,overdue" doc:"问题，见 /task-queries"`
	Target    int64               `json:"target" minimum:"0" maximum:"100000000" doc:"目标：园区数、件数或者百分数；overdue 是至多几件"`
	Score     int                 `json:"score,omitempty" minimum:"1" maximum:"100" doc:"parksOnTarget：得分，默认 90"`
	Dimension int                 `json:"dimension,omitempty" minimum:"1" maximum:"6" doc:"parksOnTarget：六个方面之一，不填为总分"`
	Stage     registry.PilotState `json:"stage,omitempty" doc:"parksReached：试点阶段"`
	Metric    string              `json:"metric,omitempty" doc:"ratio：项目，见 /task-queries"`
	Measure   string              `json:"measure,omitempty" doc:"count：数什么，见 /task-queries"`
	From      string              `json:"from,omitempty" format:"date" doc:"count：从哪一天起，不填为全部"`
}

// parse checks the parameters: each question takes its own and no other.
func (b *Binding) parse(c *fault.Check) *Binding {
	if b == nil {
		return nil
	}
	if !slices.Contains(Queries(), b.Query) {
		c.Fail("/binding/query", "enum", "只能是：{{.Arg}}", "Arg", "parksOnTarget, parksVerified, parksReached, ratio, count, overdue")
		return b
	}
	out := *b
	out.only(c)
	top := map[Query]int64{Ratio: 100, ParksOnTarget: 1000, ParksVerified: 1000, ParksReached: 1000}[out.Query]
	switch {
	case out.Target < 0 || top > 0 && out.Target > top:
		c.Fail("/binding/target", "range", "目标超出这个问题的范围：百分数至多 100，园区数至多 1000")
	case out.Target == 0 && out.Query != Overdue:
		c.Required("/binding/target", "")
	}
	switch out.Query {
	case ParksOnTarget:
		if out.Score == 0 {
			out.Score = 90
		}
		if out.Score < 1 || out.Score > 100 || out.Dimension < 0 || out.Dimension > 6 {
			c.Fail("/binding/score", "range", "得分是 1 至 100，方面是 1 至 6")
		}
	case ParksReached:
		oneOf(c, "/binding/stage", out.Stage, Stages())
	case Ratio:
		oneOf(c, "/binding/metric", out.Metric, assessment.Reported())
	case Count:
		oneOf(c, "/binding/measure", out.Measure, Countable())
		fault.Parse(c, "/binding/from", out.From, code.ParseDay)
	}
	return &out
}

// only refuses parameters of other questions.
func (b Binding) only(c *fault.Check) {
	given := map[string]bool{"score": b.Score != 0, "dimension": b.Dimension != 0, "stage": b.Stage != "", "metric": b.Metric != "", "measure": b.Measure != "", "from": b.From != ""}
	for _, name := range []string{"score", "dimension", "stage", "metric", "measure", "from"} {
		if given[name] && !slices.Contains(b.Query.Parameters(), name) {
			c.Fail("/binding/"+name, "unexpected", "这个问题没有这个参数")
		}
	}
}

func oneOf[T ~string](c *fault.Check, pointer string, value T, all []T) {
	if !c.Required(pointer, string(value)) || slices.Contains(all, value) {
		return
	}
	list := ""
	for i, v := range all {
		if i > 0 {
			list += ", "
		}
		list += string(v)
	}
	c.Fail(pointer, "enum", "只能是：{{.Arg}}", "Arg", list)
}

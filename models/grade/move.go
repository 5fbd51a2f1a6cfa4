package grade

import (
	"context"
	"slices"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// Move is what somebody may do to a grade; the name is that of its sub-resource.
type Move string

const (
	MoveOpening       Move = "opening"             // the check or the first score; no sub-resource
	MoveRating        Move = "rating"              // a card is given
	MoveOrder         Move = "rectification-order" // 责令限期整改
	MoveReassessment  Move = "reassessment"        // 复查
	MoveNotification  Move = "notification"        // 告知
	MoveObjection     Move = "objection"           // 异议
	MoveDecision      Move = "decision"            // 评定
	MoveRepairRequest Move = "repair"              // 修复
)

// Moves are those with a sub-resource, in the order of a grade's life.
func Moves() []Move {
	return []Move{MoveRating, MoveOrder, MoveReassessment, MoveNotification, MoveObjection, MoveDecision, MoveRepairRequest}
}

var rules = map[Move]struct {
	perm policies.Permission
	from []State
	to   State // "" where the card says it
}{
	MoveRating:        {policies.GradeRate, []State{Checked, Rechecked}, ""},
	MoveOrder:         {policies.GradeOrder, []State{Yellow, Red}, Rectifying},
	MoveReassessment:  {policies.GradeOrder, []State{Rectifying}, Rechecked},
	MoveNotification:  {policies.GradeEvaluate, []State{Scored}, Notified},
	MoveObjection:     {policies.GradeObject, []State{Notified}, Objected},
	MoveDecision:      {policies.GradeEvaluate, []State{Notified, Objected, Repaired}, Decided},
	MoveRepairRequest: {policies.GradeObject, []State{Decided}, Repaired},
}

// repairMonths is how long after the decision a repair can be asked for: the
// provincial rule of 2015.
const repairMonths = 6

// Step is one thing that happened to a grade. Inserted only.
type Step struct {
	ID        models.ID `gorm:"primaryKey"`
	GradeID   models.ID
	Kind      Move
	FromState State
	ToState   State
	Level     string
	Score     *int64
	DueOn     *code.Day
	Day       code.Day
	At        time.Time
	ActorID   models.ID
	ActorOrg  policies.Organisation
	Document  string
	Reason    string
	ChangeID  models.ID
}

// TableName implements gorm's Tabler.
func (Step) TableName() string { return "grade_steps" }

// Scope implements models.Scoped: seen exactly when the grade is.
func (Step) Scope() models.Scope { return models.ChildRows("grade_steps", "grade_id", Grade{}) }

// OpenInput begins a grading.
type OpenInput struct {
	Kind     Kind   `json:"kind" enum:"capability,credit" doc:"排污能力、环境信用"`
	On       string `json:"on,omitempty" format:"date" doc:"现场核查或者初评的日期，默认今天"`
	Period   string `json:"period,omitempty" doc:"季度，例 2026Q3；环境信用必填"`
	Score    string `json:"score,omitempty" doc:"得分，0 至 100，至多 2 位小数；环境信用必填"`
	Document string `json:"document,omitempty" doc:"文号"`
	Reason   string `json:"reason" doc:"依据：核查的设施和工艺，或者得分的来由；至少 5 个字"`
}

// Parse checks everything before it answers.
func (in OpenInput) Parse() (Grade, error) {
	var c fault.Check
	g := Grade{Kind: in.Kind, State: Checked, Day: fault.Parse(&c, "/on", in.On, code.ParseDay)}
	fault.Must(&c, "/reason", in.Reason, code.ParseReason)
	fault.Parse(&c, "/document", in.Document, code.ParseText(80))
	switch in.Kind {
	case Capability:
		if in.Period != "" {
			c.Fail("/period", "unexpected", "排污能力分级不分季度")
		}
		if in.Score != "" {
			c.Fail("/score", "unexpected", "排污能力分级不打分")
		}
	case Credit:
		g.State = Scored
		g.Period = fault.Must(&c, "/period", in.Period, parseQuarter)
		if s := fault.Must(&c, "/score", in.Score, parseScore); c.OK() {
			g.Score = &s
		}
	default:
		c.Fail("/kind", "enum", "只能是：{{.Arg}}", "Arg", "capability, credit")
	}
	return g, c.Err()
}

// parseQuarter takes 2026Q3.
func parseQuarter(s string) (string, error) {
	if len(s) == 6 && s[4] == 'Q' && s[5] >= '1' && s[5] <= '4' {
		if _, err := code.ParseDay(s[:4] + "-01-01"); err == nil {
			return s, nil
		}
	}
	return "", fault.Broken("quarter", "", "季度应当写成 2026Q3 的样子")
}

// lastDay is that of a quarter.
func lastDay(quarter string) code.Day {
	return code.Day(quarter[:4] + map[byte]string{'1': "-03-31", '2': "-06-30", '3': "-09-30", '4': "-12-31"}[quarter[5]])
}

func parseScore(s string) (int64, error) {
	q, err := code.ParseQuantity(s)
	if err != nil {
		return 0, err
	}
	if q.Scaled < 0 || q.Scaled > 100*code.QuantityScale || q.Scaled%(code.QuantityScale/100) != 0 {
		return 0, fault.Broken("range", "", "分数是 0 至 100，至多 2 位小数")
	}
	return q.Scaled, nil
}

// MoveInput is a move as people enter it.
type MoveInput struct {
	On       string `json:"on,omitempty" format:"date" doc:"日期，默认今天；不早于上一步"`
	Level    string `json:"level,omitempty" doc:"rating：green、yellow、red"`
	DueOn    string `json:"dueOn,omitempty" format:"date" doc:"rectification-order：整改期限"`
	Score    string `json:"score,omitempty" doc:"decision：复核后的得分，不填为初评的得分"`
	Document string `json:"document,omitempty" doc:"文号"`
	Reason   string `json:"reason,omitempty" doc:"依据或者理由，至少 5 个字；告知以外必填"`
}

// Parse checks the form of everything before it answers.
func (in MoveInput) Parse() (Step, error) {
	var c fault.Check
	s := Step{Level: in.Level, Day: fault.Parse(&c, "/on", in.On, code.ParseDay), DueOn: models.Ref(fault.Parse(&c, "/dueOn", in.DueOn, code.ParseDay)),
		Document: fault.Parse(&c, "/document", in.Document, code.ParseText(80)), Reason: fault.Parse(&c, "/reason", in.Reason, code.ParseReason)}
	if score := fault.Parse(&c, "/score", in.Score, parseScore); in.Score != "" && c.OK() {
		s.Score = &score
	}
	return s, c.Err()
}

// Advance is one write of a grade: the head after it and the step that records it.
type Advance struct {
	After  Grade
	Step   Step
	Action policies.Permission
}

// Event is the write as the log records it.
func (a Advance) Event() audit.Event {
	return audit.Event{Action: a.Action, Kind: "grade", ID: a.After.ID, Place: models.Placed{EnterpriseID: &a.After.EnterpriseID}, About: a.Step.Day, Reason: a.Step.Reason, Change: a.Step.ChangeID,
		Facts:  map[string]any{"move": string(a.Step.Kind), "state": string(a.After.State), "level": a.After.Level, "version": a.After.Version},
		Wrote:  []audit.Wrote{{Object: a.After.ID, Head: a.After, Rows: []any{a.Step}}},
		Before: map[string]any{"state": a.Step.FromState}, After: map[string]any{"kind": a.After.Kind, "state": a.After.State, "level": a.After.Level, "dueOn": a.After.DueOn}}
}

// Open is the first step: a site was checked, or a quarter scored.
func Open(g Grade, in OpenInput, enterprise, id, by models.ID, org policies.Organisation, now time.Time) (Advance, error) {
	today := code.DayOf(now)
	if g.Day == "" {
		g.Day = today
	}
	var c fault.Check
	if g.Day > today {
		c.Fail("/on", "future", "日期不能晚于今天，到那一天再办理")
	}
	about := g.Day
	if g.Kind == Credit {
		if about = lastDay(g.Period); about >= g.Day {
			c.Fail("/period", "future", "这个季度还没有结束")
		}
	}
	rule, known := ruleOn(g.Kind, about)
	if !known {
		c.Cite("/kind", "rule", "", string(about), "{{.Day}} 没有执行的分级规则", "Day", string(about))
	}
	if err := c.Err(); err != nil {
		return Advance{}, err
	}
	perm := policies.GradeRate
	if g.Kind == Credit {
		perm, g.Level = policies.GradeEvaluate, rule.by(*g.Score)
	}
	g.Versioned, g.EnterpriseID, g.Rule = models.Versioned{ID: id, Version: 1, CreatedAt: now, UpdatedAt: now}, enterprise, rule.Version
	s := Step{ID: models.NewID(), GradeID: id, Kind: MoveOpening, ToState: g.State, Level: g.Level, Score: g.Score, Day: g.Day, At: now, ActorID: by, ActorOrg: org,
		Document: in.Document, Reason: in.Reason, ChangeID: models.NewID()}
	return Advance{g, s, perm}, nil
}

// Move makes one move; last is the day of the step before.
func (g Grade) Move(m Move, s Step, last code.Day, by models.ID, org policies.Organisation, now time.Time) (Advance, error) {
	r := rules[m]
	if !slices.Contains(r.from, g.State) {
		return Advance{}, fault.New(fault.Conflict, "目前的状态是“{{.State}}”，不能这样办理", "State", g.State.Name()).With("state", string(g.State))
	}
	if m == MoveRating && g.State == Rechecked && org != "city" {
		return Advance{}, fault.New(fault.Conflict, "复查后的评级由市生态环境局办理")
	}
	today := code.DayOf(now)
	if s.Day == "" {
		s.Day = today
	}
	var c fault.Check
	if s.Day > today {
		c.Fail("/on", "future", "日期不能晚于今天，到那一天再办理")
	} else if s.Day < last {
		c.Cite("/on", "order", "", string(s.Day), "不能早于上一步的日期 {{.Day}}", "Day", string(last))
	}
	if m != MoveNotification && s.Reason == "" {
		c.Required("/reason", "")
	}
	g.fields(&c, m, s)
	if err := c.Err(); err != nil {
		return Advance{}, err
	}
	s.ID, s.GradeID, s.Kind, s.FromState, s.At, s.ActorID, s.ActorOrg, s.ChangeID = models.NewID(), g.ID, m, g.State, now, by, org, models.NewID()
	g.Version, g.UpdatedAt, g.State = g.Version+1, now, r.to
	switch m {
	case MoveRating:
		g.Level, g.State, g.DecidedOn, g.DueOn = s.Level, State(s.Level), &s.Day, nil
	case MoveOrder:
		g.DueOn = s.DueOn
	case MoveDecision:
		if s.Score != nil {
			g.Score = s.Score
		}
		g.Level, g.DecidedOn = ruleNamed(g.Kind, g.Rule).by(*g.Score), &s.Day
	}
	s.ToState, s.Level, s.Score, s.DueOn = g.State, g.Level, g.Score, g.DueOn
	return Advance{g, s, r.perm}, nil
}

// fields holds what is entered to the move: each has its own.
func (g Grade) fields(c *fault.Check, m Move, s Step) {
	if _, known := ruleNamed(g.Kind, g.Rule).level(s.Level); m == MoveRating && !known {
		c.Fail("/level", "enum", "只能是：{{.Arg}}", "Arg", "green, yellow, red")
	}
	if m != MoveRating && s.Level != "" {
		c.Fail("/level", "unexpected", "只有评级时填写")
	}
	switch {
	case m == MoveOrder && s.DueOn == nil:
		c.Required("/dueOn", "")
	case m == MoveOrder && *s.DueOn <= s.Day:
		c.Fail("/dueOn", "order", "整改期限应当晚于责令整改的日期")
	case m != MoveOrder && s.DueOn != nil:
		c.Fail("/dueOn", "unexpected", "只有责令整改时填写期限")
	}
	if m != MoveDecision && s.Score != nil {
		c.Fail("/score", "unexpected", "只有评定时填写复核后的得分")
	}
	if m == MoveRepairRequest && g.DecidedOn != nil && s.Day > after(*g.DecidedOn, repairMonths) {
		c.Fail("/on", "range", "修复应当在评定后 6 个月内申请")
	}
}

// after is some months later, at most the last day of that month.
func after(d code.Day, months int) code.Day {
	at := d.Start().In(code.Zone)
	first := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, code.Zone).AddDate(0, months, 0)
	last := first.AddDate(0, 1, -1).Day()
	return code.DayOf(first.AddDate(0, 0, min(at.Day(), last)-1))
}

// Open begins a grading of an enterprise that the caller reaches.
func (s *Service) Open(ctx context.Context, enterprise, id models.ID, in OpenInput) (Grade, error) {
	var out Grade
	perm := policies.GradeRate
	if in.Kind == Credit {
		perm = policies.GradeEvaluate
	}
	if err := policies.Require(ctx, perm); err != nil {
		return out, err
	}
	head, err := in.Parse()
	if err != nil {
		return out, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		var firm registry.Enterprise
		if err := models.One(tx.Visible(perm, &firm).Where("enterprises.id = ?", enterprise), &firm); err != nil {
			return err
		}
		owner, org, err := capacity(tx, perm, enterprise)
		if err != nil {
			return err
		}
		if id == "" {
			id = models.NewID()
		}
		a, err := Open(head, in, enterprise, id, actor(tx), org, tx.Now())
		if err != nil {
			return err
		}
		if err := tx.CreateCovered(perm, owner, &a.After); models.Duplicate(err) {
			return fault.Wrap(err, fault.Conflict, "这家企业这一季度已经评价，或者编号已经用于另一条记录")
		} else if err != nil {
			return err
		}
		out = a.After
		return record(tx, a)
	})
	return out, err
}

func actor(tx *models.Tx) models.ID {
	a, _ := policies.ActorFrom(tx.Context())
	return models.ID(a.User)
}

// capacity is the enterprise's row, with the places where it has or had a site, and
// the body for which the caller does perm to it; Absent when none does.
func capacity(tx *models.Tx, perm policies.Permission, enterprise models.ID) (policies.Row, policies.Organisation, error) {
	row := policies.Row{Enterprises: []string{string(enterprise)}}
	var sites []registry.Site
	if err := tx.Visible(policies.SiteRead, &registry.Site{}).Where("sites.enterprise_id = ?", enterprise).Find(&sites).Error; err != nil {
		return row, "", err
	}
	for _, s := range sites {
		row.Parks = append(row.Parks, string(s.ParkID))
		row.Jurisdictions = append(row.Jurisdictions, models.Deref(s.Jurisdiction))
	}
	a, _ := policies.ActorFrom(tx.Context())
	orgs, err := a.ActingFor(perm, row)
	if err == nil && len(orgs) == 0 {
		err = fault.Absent()
	}
	if err != nil {
		return row, "", err
	}
	return row, orgs[0], nil
}

func record(tx *models.Tx, a Advance) error {
	if _, err := audit.Log(tx, a.Event()); err != nil {
		return err
	}
	return tx.Append(&a.Step)
}

// Move makes one move of a grade in the version that the caller read.
func (s *Service) Move(ctx context.Context, m Move, id models.ID, version int64, in MoveInput) (Grade, error) {
	var out Grade
	perm := rules[m].perm
	if err := policies.Require(ctx, perm); err != nil {
		return out, err
	}
	step, err := in.Parse()
	if err != nil {
		return out, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		var g Grade
		if err := models.One(tx.Visible(perm, &g).Where("id = ?", id), &g); err != nil {
			return err
		}
		if g.Version != version {
			return fault.New(fault.Stale, "内容已经被修改，重新读取后再保存")
		}
		_, org, err := capacity(tx, perm, g.EnterpriseID)
		if err != nil {
			return err
		}
		var last []Step
		if err := tx.Visible(perm, &Step{}).Where("grade_id = ?", id).Order("day DESC, id DESC").Limit(1).Find(&last).Error; err != nil {
			return err
		}
		a, err := g.Move(m, step, last[0].Day, actor(tx), org, tx.Now())
		if err != nil {
			return err
		}
		res := tx.Visible(perm, &Grade{}).Where("id = ? AND version = ?", id, version).Updates(a.After.head())
		if err := models.Changed(res, fault.New(fault.Conflict, "这项分级刚刚被别人处理，重新读取后再办理")); err != nil {
			return err
		}
		out = a.After
		return record(tx, a)
	})
	return out, err
}

// Package grade is how enterprises are graded: their discharge capability (排污能力)
// with a red, yellow or green card, and their environmental credit (环境信用) by the
// quarter, each by a version of its rule, with what was decided in steps that stay.
package grade

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// Service is the door to grades.
type Service struct{ db *models.DB }

// New makes the service.
func New(db *models.DB) *Service { return &Service{db} }

// Models are the tables of this package, for the schema's tests.
func Models() []models.Scoped { return []models.Scoped{Grade{}, Step{}} }

// State is where the grading stands.
type State string

const (
	Checked    State = "assessed" // 核查: capability, before a card is given
	Green      State = "green"
	Yellow     State = "yellow"
	Red        State = "red"
	Rectifying State = "rectifying" // 限期整改
	Rechecked  State = "reassessed" // 复查

	Scored   State = "scored"   // 初评: credit
	Notified State = "notified" // 告知
	Objected State = "objected" // 异议
	Decided  State = "decided"  // 评定
	Repaired State = "repaired" // 修复
)

// States are all, capability first.
func States() []State {
	return []State{Checked, Green, Yellow, Red, Rectifying, Rechecked, Scored, Notified, Objected, Decided, Repaired}
}

// Name is the state in words.
func (s State) Name() fault.Text {
	switch s {
	case Checked:
		return fault.T("已核查，待评级")
	case Green:
		return fault.T("绿牌")
	case Yellow:
		return fault.T("黄牌")
	case Red:
		return fault.T("红牌")
	case Rectifying:
		return fault.T("限期整改")
	case Rechecked:
		return fault.T("已复查，待评级")
	case Scored:
		return fault.T("已初评")
	case Notified:
		return fault.T("已告知")
	case Objected:
		return fault.T("企业有异议")
	case Decided:
		return fault.T("已评定")
	default:
		return fault.T("已申请修复")
	}
}

// Grade is the mutable head of one grading of one enterprise.
type Grade struct {
	models.Versioned
	EnterpriseID models.ID
	Kind         Kind
	Period       string // 2026Q3 for credit, "" for capability
	Rule         string // version of the rule, for good
	State        State
	Level        string // id of the rule's grade, "" before one is given
	Score        *int64 // of credit × 10^6
	Day          code.Day
	DueOn        *code.Day // last day of the rectification
	DecidedOn    *code.Day
	Demo         bool
}

// TableName implements gorm's Tabler.
func (Grade) TableName() string { return "grades" }

// Scope implements models.Scoped.
func (Grade) Scope() models.Scope { return models.EnterpriseRows("grades", "enterprise_id", "grade") }

// Owner implements models.Owned: the enterprise itself. Where it has sites says the
// transaction that has read them.
func (g Grade) Owner() policies.Row {
	return policies.Row{Enterprises: []string{string(g.EnterpriseID)}}
}

// Overdue reports whether the rectification is late on day.
func (g Grade) Overdue(day code.Day) bool {
	return g.State == Rectifying && g.DueOn != nil && *g.DueOn < day
}

// LevelName is the grade in words, "" before one is given.
func (g Grade) LevelName() Level {
	l, _ := ruleNamed(g.Kind, g.Rule).level(g.Level)
	return l
}

func (g Grade) head() map[string]any {
	return map[string]any{"state": g.State, "level": g.Level, "score": g.Score, "due_on": g.DueOn, "decided_on": g.DecidedOn, "version": g.Version, "updated_at": g.UpdatedAt}
}

// Filter narrows the list of grades.
type Filter struct {
	EnterpriseID, Level, Period string
	Kind                        Kind
	State                       State
	Overdue                     bool // only rectifications that are late today
}

var orders = map[string]models.Order[Grade]{
	"-day": {Column: "grades.day", Desc: true, On: models.OnDay, Key: func(g Grade) any { return string(g.Day) }},
	"day":  {Column: "grades.day", Key: func(g Grade) any { return string(g.Day) }},
}

// List lists the grades that the caller may see, the newest first.
func (s *Service) List(ctx context.Context, f Filter, q models.Query) (models.Page[Grade], error) {
	rows := f.lasting(s.db.Visible(ctx, policies.GradeRead, &Grade{}))
	if f.Level != "" {
		rows = rows.Where("grades.level = ?", f.Level)
	}
	if f.State != "" {
		rows = rows.Where("grades.state = ?", f.State)
	}
	if f.Overdue {
		rows = rows.Where("grades.state = ? AND grades.due_on < ?", Rectifying, s.db.Today())
	}
	return models.List(s.db, rows, q, orders, "-day", func(g Grade) models.ID { return g.ID })
}

// lasting narrows by what never changes.
func (f Filter) lasting(rows *gorm.DB) *gorm.DB {
	for _, eq := range [][2]string{{"grades.enterprise_id", f.EnterpriseID}, {"grades.period", f.Period}, {"grades.kind", string(f.Kind)}} {
		if eq[1] != "" {
			rows = rows.Where(eq[0]+" = ?", eq[1])
		}
	}
	return rows
}

// Sees is Absent for an enterprise that the caller may not see.
func (s *Service) Sees(ctx context.Context, enterprise models.ID) error {
	var firm registry.Enterprise
	return models.One(s.db.Visible(ctx, policies.GradeRead, &firm).Where("enterprises.id = ?", enterprise), &firm)
}

// Get reads one grade.
func (s *Service) Get(ctx context.Context, id models.ID) (Grade, error) {
	var g Grade
	return g, models.One(s.db.Visible(ctx, policies.GradeRead, &g).Where("id = ?", id), &g)
}

// Steps lists what happened to a grade, first to last.
func (s *Service) Steps(ctx context.Context, id models.ID) ([]Step, error) {
	if _, err := s.Get(ctx, id); err != nil {
		return nil, err
	}
	var all []Step
	return all, s.db.Visible(ctx, policies.GradeRead, &Step{}).Where("grade_id = ?", id).Order("id").Limit(500).Find(&all).Error
}

// Allowed are the moves that the caller may make now.
func (s *Service) Allowed(ctx context.Context, g Grade) ([]Move, error) {
	out := []Move{}
	for _, m := range Moves() {
		if policies.Require(ctx, rules[m].perm) != nil || !slices.Contains(rules[m].from, g.State) {
			continue
		}
		if m == MoveRating && g.State == Rechecked && !ofBureau(ctx) {
			continue
		}
		out = append(out, m)
	}
	return out, nil
}

// ofBureau reports whether the caller acts for the bureau.
func ofBureau(ctx context.Context) bool {
	actor, _ := policies.ActorFrom(ctx)
	return slices.Contains(actor.Organisations(), "city")
}

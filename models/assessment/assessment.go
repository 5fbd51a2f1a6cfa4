// Package assessment is how the parks are judged: the checklist in versions, and
// assessments (评估), in which a park judges itself item by item with evidence (自评),
// its district verifies (核定) and the bureau samples (抽查), the three side by side.
package assessment

import (
	"context"
	"slices"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Ratio is what the registry computes for an item: both its numbers. D is 0 where
// there is nothing to measure.
type Ratio struct{ N, D int64 }

// Measures computes the ratios of a park on a day, by the names that checklists use.
type Measures interface {
	Measure(ctx context.Context, park models.ID, asOf code.Day) (map[string]Ratio, error)
}

// Service is the door to assessments.
type Service struct {
	db       *models.DB
	measures Measures
}

// New makes the service.
func New(db *models.DB, measures Measures) *Service { return &Service{db, measures} }

// Models are the tables of this package, for the schema's tests.
func Models() []models.Scoped { return []models.Scoped{Assessment{}, Step{}, Mark{}, Version{}} }

// State is where an assessment stands. All but draft are named as in the life of a
// pilot park (试点), which they move.
type State string

const (
	Started  State = "draft"            // 自评中
	Assessed State = "self_assessed"    // 园区自评
	Checked  State = "district_checked" // 区核查
	Returned State = "returned"         // 退回整改
)

// FirstYear is that of the reply letter: nothing was assessed before.
const FirstYear = 2021

// IsYear takes the years of the pilot.
func IsYear(s string) error {
	if n, err := strconv.Atoi(s); err != nil || n < FirstYear || n > 2100 {
		return fault.New(fault.Malformed, "查询参数有误")
	}
	return nil
}

// States are all, in the order of an assessment's life.
func States() []State { return []State{Started, Assessed, Checked, Returned} }

// Name is the state in words.
func (s State) Name() fault.Text {
	switch s {
	case Started:
		return fault.T("自评中")
	case Assessed:
		return fault.T("园区已自评，待区核查")
	case Checked:
		return fault.T("区已核查")
	default:
		return fault.T("退回整改")
	}
}

// Assessment is the mutable head: of one park for one year.
type Assessment struct {
	models.Versioned
	ParkID       models.ID
	Jurisdiction *string
	Year         int
	Checklist    string // the version that it is judged by, for good
	State        State
	Round        int // 1, and one more after each return
	StartedBy    models.ID
	SubmittedBy  *models.ID
	SubmittedOrg policies.Organisation
	SubmittedOn  *code.Day
	CheckedBy    *models.ID
	CheckedOrg   policies.Organisation
	CheckedOn    *code.Day
	Score        *int64 // per cent × 10^6 as the district verified it; nil before
	Level        string // id of the checklist's level, "" before
	Vetoed       bool
	Demo         bool
}

// TableName implements gorm's Tabler.
func (Assessment) TableName() string { return "assessments" }

// Scope implements models.Scoped.
func (Assessment) Scope() models.Scope {
	return models.ParkOnlyRows("assessments", "park_id", "assessment", "progress")
}

// Place is where the assessment and its attachments stand.
func (a Assessment) Place() models.Placed {
	return models.Placed{ParkID: a.ParkID, Jurisdiction: a.Jurisdiction}
}

// Owner implements models.Owned.
func (a Assessment) Owner() policies.Row { return a.Place().Owner() }

// head are the columns that moves may change.
func (a Assessment) head() map[string]any {
	return map[string]any{"state": a.State, "round": a.Round, "submitted_by": a.SubmittedBy, "submitted_org": a.SubmittedOrg, "submitted_on": a.SubmittedOn,
		"checked_by": a.CheckedBy, "checked_org": a.CheckedOrg, "checked_on": a.CheckedOn, "score": a.Score, "level": a.Level, "vetoed": a.Vetoed,
		"version": a.Version, "updated_at": a.UpdatedAt}
}

// By is who acts, as the rules see it.
type By struct {
	User models.ID
	Org  policies.Organisation   // for whom: the body whose assignment gives the permission used
	Orgs []policies.Organisation // every body that the person belongs to today
}

// acting is the first capacity in which perm reaches the row; Absent when none does.
func acting(ctx context.Context, perm policies.Permission, row policies.Row) (By, error) {
	actor, _ := policies.ActorFrom(ctx)
	orgs, err := actor.ActingFor(perm, row)
	if err != nil {
		return By{}, err
	}
	if len(orgs) == 0 {
		return By{}, fault.Absent()
	}
	return By{models.ID(actor.User), orgs[0], actor.Organisations()}, nil
}

// apart refuses the submitter and whoever belongs to the submitter's body, in
// whatever role (decision 11).
func (a Assessment) apart(by By) error {
	switch {
	case a.SubmittedBy != nil && *a.SubmittedBy == by.User:
		return fault.New(fault.Conflict, "提交自评的人不能核定、抽查或者退回，由另一人办理")
	case a.SubmittedOrg != "" && slices.Contains(by.Orgs, a.SubmittedOrg):
		return fault.New(fault.Conflict, "提交自评的单位不能核定、抽查或者退回自己的评估")
	}
	return nil
}

// is nil while the assessment is in one of the states.
func (a Assessment) is(states ...State) error {
	if slices.Contains(states, a.State) {
		return nil
	}
	return fault.New(fault.Conflict, "评估目前的状态是“{{.State}}”，不能这样办理", "State", a.State.Name()).With("state", string(a.State))
}

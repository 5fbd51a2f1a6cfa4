// Package task is the task table (任务进度表) of a programme document: task, goal,
// responsible unit, person and last day. A goal that is bound to a question to the
// registry is done when the registry says so; somebody may say otherwise only with a
// reason, and it shows.
package task

import (
	"context"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/models/progress"
	"parkregistry/policies"
)

// Measures answers what the registry says on a day.
type Measures interface {
	Report(ctx context.Context, q progress.Question) (progress.Report, error)
	Ratios(ctx context.Context, q progress.Question) (progress.Ratios, error)
}

// People knows who belongs to which body.
type People interface {
	Belongs(ctx context.Context, user models.ID, to policies.Organisation) (bool, error)
}

// Service is the door to programmes and their tasks.
type Service struct {
	db       *models.DB
	measures Measures
	people   People
}

// New makes the service.
func New(db *models.DB, measures Measures, people People) *Service {
	return &Service{db, measures, people}
}

// Models are the tables of this package, for the schema's tests.
func Models() []models.Scoped { return []models.Scoped{Programme{}, Task{}, Step{}} }

// Programme is a document that sets tasks (例如年度任务进度表的通知). Inserted only.
type Programme struct {
	ID        models.ID `gorm:"primaryKey"`
	Title     string
	Document  string // its number, "" where none is known
	Issuer    string
	IssuedOn  code.Day
	Note      string
	CreatedBy models.ID
	CreatedAt time.Time
	Demo      bool
	ChangeID  models.ID
}

// TableName implements gorm's Tabler.
func (Programme) TableName() string { return "programmes" }

// Scope implements models.Scoped: the document is issued to everybody who has tasks.
func (Programme) Scope() models.Scope { return models.ReferenceRows("programmes", "programme", "task") }

// Owner implements models.Owned: the city's.
func (Programme) Owner() policies.Row { return policies.Row{} }

// Event is the write as the log records it.
func (p Programme) Event() audit.Event {
	return audit.Event{Action: policies.TaskPlan, Kind: "programme", ID: p.ID, About: p.IssuedOn, Change: p.ChangeID, Facts: map[string]any{"document": p.Document},
		Wrote: []audit.Wrote{{Object: p.ID, Head: p}}, After: map[string]any{"title": p.Title, "document": p.Document, "issuedOn": p.IssuedOn}}
}

// State is where a task stands. Delayed is computed, never a state.
type State string

const (
	Planned    State = "planned"     // 计划
	InProgress State = "in_progress" // 推进
	Completed  State = "completed"   // 完成: the unit has reported
	Verified   State = "verified"    // 核验
	Cancelled  State = "cancelled"   // 取消
)

// States are all, in the order of a task's life.
func States() []State { return []State{Planned, InProgress, Completed, Verified, Cancelled} }

// Name is the state in words.
func (s State) Name() fault.Text {
	switch s {
	case Planned:
		return fault.T("计划")
	case InProgress:
		return fault.T("推进中")
	case Completed:
		return fault.T("已报完成，待核验")
	case Verified:
		return fault.T("已核验")
	default:
		return fault.T("已取消")
	}
}

// Task is the mutable head of one line of the table. What is to be done never changes;
// person, last day, state and override move with the steps.
type Task struct {
	models.Versioned
	ProgrammeID  models.ID
	Number       string // TK-2026-000001
	Title        string
	Goal         string
	Unit         policies.Organisation // responsible unit (责任单位)
	ParkID       *models.ID            // of the unit, where it is a park's
	Jurisdiction *string               // of the unit; nil for the bureau's own
	PersonID     models.ID             // responsible person (责任人)
	DueOn        code.Day
	Binding      models.JSON[*Binding] // nil for a goal that people judge
	State        State
	Override     Says // what stands instead of the computed answer; "" for none
	ReportedBy   *models.ID
	Demo         bool
}

// TableName implements gorm's Tabler.
func (Task) TableName() string { return "tasks" }

// Scope implements models.Scoped: the unit's own, so that nobody learns a sum over
// parks that he does not reach.
func (Task) Scope() models.Scope { return models.ParkOnlyRows("tasks", "park_id", "task") }

// Place is whose the task is.
func (t Task) Place() models.Placed {
	return models.Placed{ParkID: models.Deref(t.ParkID), Jurisdiction: t.Jurisdiction}
}

// Owner implements models.Owned.
func (t Task) Owner() policies.Row { return t.Place().Owner() }

// Over reports whether nothing more happens to the task.
func (t Task) Over() bool { return t.State == Verified || t.State == Cancelled }

func (t Task) head() map[string]any {
	return map[string]any{"person_id": t.PersonID, "due_on": t.DueOn, "state": t.State, "override": t.Override, "reported_by": t.ReportedBy,
		"version": t.Version, "updated_at": t.UpdatedAt}
}

// Step is one thing that happened to a task, with how it stood afterwards. Inserted only.
type Step struct {
	ID        models.ID `gorm:"primaryKey"`
	TaskID    models.ID
	Kind      Move
	FromState State
	ToState   State
	PersonID  models.ID
	DueOn     code.Day
	Override  Says
	Day       code.Day
	At        time.Time
	ActorID   models.ID
	ActorOrg  policies.Organisation
	Evidence  models.Texts // documents that a report names
	// What a report of a park shows, with the digests of the bytes.
	Attachments models.JSON[[]files.Fixed]
	Reason      string
	ChangeID    models.ID
}

// TableName implements gorm's Tabler.
func (Step) TableName() string { return "task_steps" }

// Scope implements models.Scoped: seen exactly when the task is.
func (Step) Scope() models.Scope { return models.ChildRows("task_steps", "task_id", Task{}) }

// then is the task as it stood after a step.
func (t Task) then(s Step) Task {
	t.State, t.PersonID, t.DueOn, t.Override = s.ToState, s.PersonID, s.DueOn, s.Override
	return t
}

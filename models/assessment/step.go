package assessment

import (
	"context"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// StepKind is what happened to an assessment.
type StepKind string

const (
	StepStart      StepKind = "start"           // 开始
	StepSelf       StepKind = "self-assessment" // 自评了一些项目
	StepSubmission StepKind = "submission"      // 提交自评
	StepVerify     StepKind = "verification"    // 核定了一些项目
	StepCompletion StepKind = "completion"      // 完成核查
	StepSample     StepKind = "sample"          // 抽查了一些项目
	StepReturn     StepKind = "return"          // 退回
)

// Step is one thing that happened to an assessment. Inserted only.
type Step struct {
	ID           models.ID `gorm:"primaryKey"`
	AssessmentID models.ID
	Kind         StepKind
	Round        int
	Day          code.Day
	At           time.Time
	ActorID      models.ID
	ActorOrg     policies.Organisation
	Reason       string
	Outcome      models.JSON[*Outcome] // of a completion: what it came to, for good
	ChangeID     models.ID
}

// TableName implements gorm's Tabler.
func (Step) TableName() string { return "assessment_steps" }

// Scope implements models.Scoped: seen exactly when the assessment is.
func (Step) Scope() models.Scope {
	return models.ChildRows("assessment_steps", "assessment_id", Assessment{})
}

// Steps lists what happened to an assessment, first to last.
func (s *Service) Steps(ctx context.Context, id models.ID) ([]Step, error) {
	if _, err := s.Get(ctx, id); err != nil {
		return nil, err
	}
	var all []Step
	return all, s.db.Visible(ctx, policies.AssessmentRead, &Step{}).Where("assessment_id = ?", id).Order("id").Limit(500).Find(&all).Error
}

// Advance is one write of an assessment: the head after it, the step that records it
// and the marks that it made. Nothing is stored yet.
type Advance struct {
	Before State
	After  Assessment
	Step   Step
	Marks  []Mark
	Action policies.Permission
}

// advance begins a write by by at now.
func (a Assessment) advance(perm policies.Permission, kind StepKind, by By, now time.Time) Advance {
	out := Advance{Before: a.State, After: a, Action: perm}
	out.After.Version, out.After.UpdatedAt = a.Version+1, now
	out.Step = Step{ID: models.NewID(), AssessmentID: a.ID, Kind: kind, Round: a.Round, Day: code.DayOf(now), At: now, ActorID: by.User, ActorOrg: by.Org, ChangeID: models.NewID()}
	return out
}

// Rename gives every row that the write inserts an id of newID: the demonstration
// city has the same ids every time.
func (a *Advance) Rename(newID func() models.ID) {
	a.Step.ID, a.Step.ChangeID = newID(), newID()
	for i := range a.Marks {
		a.Marks[i].ID, a.Marks[i].ChangeID = newID(), a.Step.ChangeID
	}
}

// Event is the write as the log records it; the words of people stay out of the leaf's
// facts, which commit to the rows by their digest.
func (a Advance) Event() audit.Event {
	e := audit.Event{Action: a.Action, Kind: "assessment", ID: a.After.ID, Place: a.After.Place(), About: a.Step.Day, Reason: a.Step.Reason, Change: a.Step.ChangeID,
		Facts: map[string]any{"step": string(a.Step.Kind), "state": string(a.After.State), "version": a.After.Version, "marks": len(a.Marks)},
		Wrote: []audit.Wrote{{Object: a.After.ID, Head: a.After, Rows: audit.AllOf([]any{a.Step}, a.Marks)}},
		After: map[string]any{"year": a.After.Year, "state": a.After.State, "step": a.Step.Kind, "marks": len(a.Marks)}}
	if a.Before != "" {
		e.Before = map[string]any{"state": a.Before}
	}
	return e
}

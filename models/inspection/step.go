package inspection

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/policies"
)

// StepKind is what happened to a finding: its opening, or one of the moves.
type StepKind string

// StepOpening is the first step; the others carry the name of their Move.
const StepOpening StepKind = "opening"

// Step is one thing that happened to a finding. Inserted only.
type Step struct {
	ID        models.ID `gorm:"primaryKey"`
	FindingID models.ID
	Kind      StepKind
	At        time.Time
	ActorID   models.ID
	ActorOrg  policies.Organisation // acted for
	Reason    string
	DueOn     *code.Day // the day that the step set
	Body      string    // JSON of what was entered
	ChangeID  models.ID
}

// TableName implements gorm's Tabler.
func (Step) TableName() string { return "finding_steps" }

// Scope implements models.Scoped: seen exactly when the finding is.
func (Step) Scope() models.Scope { return models.ChildRows("finding_steps", "finding_id", Finding{}) }

func newStep(finding models.ID, kind StepKind, by By, now time.Time, entered any) Step {
	return Step{ID: models.NewID(), FindingID: finding, Kind: kind, At: now, ActorID: by.User, ActorOrg: by.Org, Body: encoded(entered), ChangeID: models.NewID()}
}

// encoded is what was entered as JSON; an input struct of this package always encodes.
func encoded(entered any) string {
	body, _ := json.Marshal(entered)
	return string(body)
}

func (s Step) digest() string {
	sum := sha256.Sum256([]byte(s.Body))
	return hex.EncodeToString(sum[:])
}

// Steps lists what happened to a finding, first to last.
func (s *Service) Steps(ctx context.Context, finding models.ID) ([]Step, error) {
	if _, err := s.Finding(ctx, finding); err != nil {
		return nil, err
	}
	var all []Step
	return all, s.db.Visible(ctx, policies.FindingRead, &Step{}).Where("finding_id = ?", finding).Order("id").Limit(500).Find(&all).Error
}

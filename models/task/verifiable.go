package task

import (
	"context"

	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Verifiable is what verify compares of the task table: the documents, and each task
// with its steps.
func Verifiable() []audit.Source {
	return []audit.Source{audit.SourceOf[Programme]("programme", policies.ProgrammeRead, nil), audit.SourceOf[Task]("task", policies.TaskRead, func(ctx context.Context, db *models.DB, f *audit.Found) error {
		return audit.AddRows[Step](f, db.Visible(ctx, policies.TaskRead, &Step{}), "task_id")
	})}
}

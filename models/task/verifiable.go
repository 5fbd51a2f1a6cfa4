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
		var steps []Step
		err := db.Visible(ctx, policies.TaskRead, &Step{}).Where("task_id IN ?", f.IDs).Find(&steps).Error
		for _, s := range steps {
			f.Add(s.TaskID, s.ChangeID, s)
		}
		return err
	})}
}

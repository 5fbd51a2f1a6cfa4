package grade

import (
	"context"

	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Verifiable is what verify compares of the grades: each with its steps.
func Verifiable() []audit.Source {
	return []audit.Source{audit.SourceOf[Grade]("grade", policies.GradeRead, func(ctx context.Context, db *models.DB, f *audit.Found) error {
		return audit.AddRows[Step](f, db.Visible(ctx, policies.GradeRead, &Step{}), "grade_id")
	})}
}

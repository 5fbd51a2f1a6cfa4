package assessment

import (
	"context"

	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Verifiable is what verify compares of the assessments: each with its steps and marks,
// and the versions of the checklist.
func Verifiable() []audit.Source {
	return []audit.Source{audit.SourceOf[Version]("checklist", policies.ReferenceRead, nil), audit.SourceOf[Assessment]("assessment", policies.AssessmentRead, func(ctx context.Context, db *models.DB, f *audit.Found) error {
		if err := audit.AddRows[Step](f, db.Visible(ctx, policies.AssessmentRead, &Step{}), "assessment_id"); err != nil {
			return err
		}
		return audit.AddRows[Mark](f, db.Visible(ctx, policies.AssessmentRead, &Mark{}), "assessment_id")
	})}
}

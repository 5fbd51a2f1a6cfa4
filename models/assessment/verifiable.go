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
		var steps []Step
		if err := db.Visible(ctx, policies.AssessmentRead, &Step{}).Where("assessment_id IN ?", f.IDs).Find(&steps).Error; err != nil {
			return err
		}
		for _, s := range steps {
			f.Add(s.AssessmentID, s.ChangeID, s)
		}
		var marks []Mark
		err := db.Visible(ctx, policies.AssessmentRead, &Mark{}).Where("assessment_id IN ?", f.IDs).Find(&marks).Error
		for _, m := range marks {
			f.Add(m.AssessmentID, m.ChangeID, m)
		}
		return err
	})}
}

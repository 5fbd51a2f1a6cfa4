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
		var steps []Step
		err := db.Visible(ctx, policies.GradeRead, &Step{}).Where("grade_id IN ?", f.IDs).Find(&steps).Error
		for _, s := range steps {
			f.Add(s.GradeID, s.ChangeID, s)
		}
		return err
	})}
}

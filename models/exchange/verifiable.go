package exchange

import (
	"context"

	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Verifiable is what verify compares of the imports: each with its steps.
func Verifiable() []audit.Source {
	return []audit.Source{audit.SourceOf[Import]("import", policies.LedgerRead, func(ctx context.Context, db *models.DB, f *audit.Found) error {
		return audit.AddRows[Step](f, db.Visible(ctx, policies.LedgerRead, &Step{}), "import_id")
	})}
}

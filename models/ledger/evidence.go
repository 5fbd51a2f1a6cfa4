package ledger

import (
	"bytes"
	"context"
	"encoding/hex"

	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Evidence is what verify compares of the ledgers: each filing's payload with the
// digest in its row and in its leaf, its judgements with the leaf, and the
// candidates that they were made by with their ids.
func Evidence() audit.Source {
	return audit.Source{
		Table:  Filing{}.TableName(),
		Claims: func(kind string, facts map[string]any) bool { return kind == "ledger" && facts["filing"] != nil },
		Read: func(ctx context.Context, db *models.DB, after models.ID, limit int) ([]audit.Evidence, error) {
			var page []Filing
			q := db.Visible(ctx, policies.LedgerRead, &Filing{}).Where("ledger_filings.id > ?", after)
			if err := q.Order("ledger_filings.id").Limit(limit).Find(&page).Error; err != nil {
				return nil, err
			}
			judged, err := soundJudgements(ctx, db, page)
			if err != nil {
				return nil, err
			}
			out := make([]audit.Evidence, len(page))
			for i, f := range page {
				digest := sum(f.Payload)
				out[i] = audit.Evidence{ID: f.ID, ChangeID: f.ChangeID, Kind: "ledger", ObjectID: f.EntryID, Sound: bytes.Equal(digest, f.Digest) && judged[i],
					Facts: map[string]any{"filing": f.Number, "sha256": hex.EncodeToString(digest), "attachments": attachedTo(f.Attachments.V), "judged": f.judgedFact()}}
			}
			return out, nil
		},
	}
}

// PeriodEvidence is what verify compares of the period locks: each step with its
// leaf, and the head with the steps that made it.
func PeriodEvidence() audit.Source {
	return audit.Source{
		Table:  PeriodStep{}.TableName(),
		Claims: func(kind string, _ map[string]any) bool { return kind == "period" },
		Read: func(ctx context.Context, db *models.DB, after models.ID, limit int) ([]audit.Evidence, error) {
			var page []PeriodStep
			q := db.Visible(ctx, policies.PeriodRead, &PeriodStep{}).Where("period_lock_steps.id > ?", after)
			if err := q.Order("period_lock_steps.id").Limit(limit).Find(&page).Error; err != nil {
				return nil, err
			}
			out := make([]audit.Evidence, len(page))
			for i, s := range page {
				var l PeriodLock
				var lifted int64
				if err := db.Visible(ctx, policies.PeriodRead, &l).Where("id = ?", s.LockID).Limit(1).Find(&l).Error; err != nil {
					return nil, err
				}
				err := db.Visible(ctx, policies.PeriodRead, &PeriodStep{}).Where("lock_id = ? AND kind = ?", s.LockID, unlocked).Count(&lifted).Error
				if err != nil {
					return nil, err
				}
				out[i] = audit.Evidence{ID: s.ID, ChangeID: s.ChangeID, Kind: "period", ObjectID: s.LockID, Facts: l.facts(s.Kind, s.Reason),
					Sound: (lifted == 1) == (l.UnlockedAt != nil) && (s.Kind == unlocked || s.Reason == l.Reason)}
			}
			return out, nil
		},
	}
}

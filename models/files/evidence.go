package files

import (
	"context"

	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Evidence is what verify compares of the attachments: each row with its leaf, and
// the stored bytes with both. Without a store the rows alone are looked at.
func Evidence(store *Store) audit.Source {
	return audit.Source{
		Table:  Attachment{}.TableName(),
		Claims: func(kind string, facts map[string]any) bool { return kind == "attachment" && facts[algorithm] != nil },
		Read: func(ctx context.Context, db *models.DB, after models.ID, limit int) ([]audit.Evidence, error) {
			var page []Attachment
			q := db.Visible(ctx, policies.AttachmentRead, &Attachment{}).Where("attachments.id > ?", after)
			if err := q.Order("attachments.id").Limit(limit).Find(&page).Error; err != nil {
				return nil, err
			}
			out := make([]audit.Evidence, len(page))
			for i, a := range page {
				sound := true
				if store != nil && a.DiscardedAt == nil {
					var err error
					if sound, err = store.sound(a.SHA256, a.Size); err != nil {
						return nil, err
					}
				}
				out[i] = audit.Evidence{ID: a.ID, ChangeID: a.ChangeID, Kind: "attachment", ObjectID: a.ID, Facts: a.facts(), Sound: sound}
			}
			return out, nil
		},
	}
}

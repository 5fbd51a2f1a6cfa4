package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"parkregistry/models"
	"parkregistry/models/audit"
)

// recorded are the kinds of object whose versions leaves commit to.
var recorded = func() map[string]bool {
	kinds := map[string]bool{}
	for _, r := range []record{&Park{}, &Phase{}, &Enterprise{}, &Site{}, &Tenancy{}, &Permit{}, &Facility{}, &Outlet{}, &Stream{}, &Shutdown{}} {
		kinds[r.kind()] = true
	}
	return kinds
}()

// Evidence is what verify compares of the register: each version's content with
// the digest in its leaf.
func Evidence() audit.Source {
	return audit.Source{
		Table:  Version{}.TableName(),
		Claims: func(kind string, facts map[string]any) bool { return recorded[kind] && facts["sha256"] != nil },
		Read: func(ctx context.Context, db *models.DB, after models.ID, limit int) ([]audit.Evidence, error) {
			var page []Version
			if err := db.Internal(ctx, &Version{}).Where("id > ?", after).Order("id").Limit(limit).Find(&page).Error; err != nil {
				return nil, err
			}
			out := make([]audit.Evidence, len(page))
			for i, v := range page {
				digest := sha256.Sum256([]byte(v.Data))
				out[i] = audit.Evidence{ID: v.ID, ChangeID: v.ChangeID, Kind: v.ObjectKind, ObjectID: v.ObjectID, Sound: true,
					Facts: map[string]any{"version": v.Version, "sha256": hex.EncodeToString(digest[:])}}
			}
			return out, nil
		},
	}
}

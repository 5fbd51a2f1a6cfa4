package inspection

import (
	"context"
	"encoding/hex"

	"parkregistry/models"
	"parkregistry/models/files"
	"parkregistry/policies"
)

// tiePhotos attaches to the patrol the photographs that its events name by their
// digest and that the same person has brought to the same place. The event alone is
// the word of a device; the file is what it showed. Files may come before or after:
// the event is sent once more when its file has arrived.
func (b *batch) tiePhotos(tx *models.Tx, in []EventInput, results []EventResult, actor models.ID) error {
	var sums [][]byte
	for i, e := range in {
		if sum, err := hex.DecodeString(e.SHA256); err == nil && e.Type == EventPhoto && results[i].Outcome != EventRefused {
			sums = append(sums, sum)
		}
	}
	if len(sums) == 0 {
		return nil
	}
	var waiting []files.Attachment
	q := tx.Visible(policies.PatrolRecord, &files.Attachment{}).Where("owner_id IS NULL AND discarded_at IS NULL AND uploaded_by = ? AND park_id = ? AND sha256 IN ?", actor, b.patrol.ParkID, sums)
	if b.patrol.SiteID == nil {
		q = q.Where("site_id IS NULL")
	} else {
		q = q.Where("site_id = ?", *b.patrol.SiteID)
	}
	if err := q.Order("id").Find(&waiting).Error; err != nil {
		return err
	}
	ids := make([]models.ID, len(waiting))
	for i, a := range waiting {
		ids[i] = a.ID
	}
	_, err := files.Attach(tx, policies.PatrolRecord, files.Owner{Kind: "patrol", ID: b.patrol.ID, Place: b.patrol.Placed}, ids)
	return err
}

// Photos are the photographs of a patrol that have arrived, by their digest in hex.
func (s *Service) Photos(ctx context.Context, patrol models.ID) (map[string]files.Attachment, error) {
	if _, err := s.Patrol(ctx, patrol); err != nil {
		return nil, err
	}
	var all []files.Attachment
	err := s.db.Visible(ctx, policies.PatrolRead, &files.Attachment{}).Where("owner_kind = ? AND owner_id = ?", "patrol", patrol).Order("id DESC").Find(&all).Error
	out := make(map[string]files.Attachment, len(all))
	for _, a := range all {
		out[a.Sum()] = a
	}
	return out, err
}

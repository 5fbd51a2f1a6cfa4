package files

import (
	"bytes"
	"context"
	"encoding/hex"
	"path"
	"slices"
	"time"

	"gorm.io/gorm"

	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// filesLatch: an upload shares it while it puts the content in its place and the row
// beside it; the sweeper is alone with it while it takes contents away.
const filesLatch models.Latch = 0x66696c65

const (
	strayFor  = 24 * time.Hour     // a content without a row, S-LG2
	unusedFor = 7 * 24 * time.Hour // an attachment that nobody attached to anything
	sweepMost = 500
)

// Sweep removes what nothing points to: arrivals that ended half-way, the contents of
// attachments that nobody attached to anything within a week, contents without a
// row. Each call looks at the contents of its hour, so that a day of hourly calls
// sees all of them. It returns how many contents it removed.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	if err := policies.Require(ctx, policies.AttachmentDiscard); err != nil {
		return 0, err
	}
	now := s.db.Now()
	stale, err := s.store.older(incoming, now.Add(-strayFor))
	if err != nil {
		return 0, err
	}
	for _, name := range stale {
		if err := s.store.root.Remove(path.Join(incoming, name)); err != nil {
			return 0, err
		}
	}
	if err := s.discard(ctx, now); err != nil {
		return 0, err
	}
	return s.sweepHour(ctx, now, now.Hour())
}

func (s *Service) sweepHour(ctx context.Context, now time.Time, hour int) (int, error) {
	removed := 0
	for n := hour; n < 256; n += 24 {
		old, err := s.store.older(path.Join(kept, hex.EncodeToString([]byte{byte(n)})), now.Add(-strayFor))
		if err != nil {
			return removed, err
		}
		for some := range slices.Chunk(old, sweepMost) {
			gone, err := s.sweep(ctx, some, now)
			if err != nil {
				return removed, err
			}
			removed += gone
		}
	}
	return removed, nil
}

// discard gives up attachments that were brought and attached to nothing. The row
// stays, as every row does; its content goes a day later.
func (s *Service) discard(ctx context.Context, now time.Time) error {
	return s.db.Write(ctx, func(tx *models.Tx) error {
		var unused []Attachment
		q := tx.Visible(policies.AttachmentDiscard, &Attachment{}).Where("owner_id IS NULL AND discarded_at IS NULL AND uploaded_at < ?", now.Add(-unusedFor))
		if err := q.Order("uploaded_at").Limit(sweepMost).Find(&unused).Error; err != nil || len(unused) == 0 {
			return err
		}
		events, ids := make([]audit.Event, len(unused)), make([]models.ID, len(unused))
		for i, a := range unused {
			ids[i] = a.ID
			a.DiscardedAt = &now
			events[i] = audit.Event{Action: policies.AttachmentDiscard, Kind: "attachment", ID: a.ID, Place: a.Placed, Facts: map[string]any{"discarded": a.Sum()},
				Wrote: []audit.Wrote{{Object: a.ID, Head: a}}}
			if err := s.store.touch(a.SHA256, now); err != nil {
				return err
			}
		}
		err := tx.Visible(policies.AttachmentDiscard, &Attachment{}).Where("id IN ? AND owner_id IS NULL", ids).Updates(map[string]any{"discarded_at": now}).Error
		if err != nil {
			return err
		}
		_, err = audit.LogAll(tx, events)
		return err
	})
}

// sweep removes those of the named contents that no row needs.
func (s *Service) sweep(ctx context.Context, names []string, now time.Time) (int, error) {
	sums := make([][]byte, 0, len(names))
	for _, n := range names {
		if sum, err := hex.DecodeString(n); err == nil && sumName.MatchString(n) {
			sums = append(sums, sum)
		}
	}
	sums, err := unneeded(s.db.Visible(ctx, policies.AttachmentDiscard, &Attachment{}), sums)
	if err != nil || len(sums) == 0 {
		return 0, err
	}
	removed := 0
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		// From here on no row is made for one of them until it is gone; an upload that
		// waited brings it again.
		if err := tx.Alone(filesLatch); err != nil {
			return err
		}
		sums, err := unneeded(tx.Visible(policies.AttachmentDiscard, &Attachment{}), sums)
		removed = 0
		for _, sum := range sums {
			info, gone := s.store.root.Stat(place(sum))
			if gone != nil || !info.ModTime().Before(now.Add(-strayFor)) {
				continue
			}
			if err := s.store.root.Remove(place(sum)); err != nil {
				return err
			}
			removed++
		}
		return err
	})
	return removed, err
}

// unneeded are those sums that no attachment has which is not given up.
func unneeded(rows *gorm.DB, sums [][]byte) ([][]byte, error) {
	if len(sums) == 0 {
		return nil, nil
	}
	var needed [][]byte
	if err := rows.Where("sha256 IN ? AND discarded_at IS NULL", sums).Distinct().Pluck("sha256", &needed).Error; err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(sums), func(sum []byte) bool {
		return slices.ContainsFunc(needed, func(n []byte) bool { return bytes.Equal(n, sum) })
	}), nil
}

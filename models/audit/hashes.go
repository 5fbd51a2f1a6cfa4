package audit

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"parkregistry/models"
	"parkregistry/models/proof"
	"parkregistry/policies"
)

// LogHash is one hash of the Merkle log, of a leaf or of a complete subtree, by
// its stored index. With them a proof reads as many rows as the log is high.
type LogHash struct {
	Position int64 `gorm:"primaryKey;autoIncrement:false"`
	Hash     []byte
}

// TableName implements gorm's Tabler.
func (LogHash) TableName() string { return "log_hashes" }

// Scope implements models.Scoped: hashes leave the program in proofs only.
func (LogHash) Scope() models.Scope { return models.Closed("log_hashes") }

// reading gives stored hashes through rows, a statement on log_hashes.
func reading(rows func() *gorm.DB) proof.Read {
	return func(positions []int64) ([]proof.Hash, error) {
		var found []LogHash
		if err := rows().Where("position IN ?", positions).Find(&found).Error; err != nil {
			return nil, err
		}
		by := make(map[int64][]byte, len(found))
		for _, h := range found {
			by[h.Position] = h.Hash
		}
		hashes := make([]proof.Hash, len(positions))
		for i, p := range positions {
			var err error
			if hashes[i], err = proof.HashOf(by[p]); err != nil {
				return nil, fmt.Errorf("stored hash %d of the log: %w", p, err)
			}
		}
		return hashes, nil
	}
}

// hashed is how many leaves have their hashes in rows, a statement on log_hashes.
func hashed(rows *gorm.DB) (int64, error) {
	var last []int64
	if err := rows.Order("position DESC").Limit(1).Pluck("position", &last).Error; err != nil || len(last) == 0 {
		return 0, err
	}
	return proof.SizeOf(last[0]), nil
}

// growLog adds the hashes of up to limit numbered changes that have none yet and
// returns for how many it did.
func growLog(tx *models.Tx, limit int) (int, error) {
	stored := func() *gorm.DB { return tx.Internal(&LogHash{}) }
	size, err := hashed(stored())
	if err != nil {
		return 0, err
	}
	var leaves [][]byte
	err = tx.Visible(policies.ChangeSeal, &Change{}).Where("seq >= ?", size).Order("seq").Limit(limit).Pluck("leaf_hash", &leaves).Error
	if err != nil || len(leaves) == 0 {
		return 0, err
	}
	tree, err := proof.NewTree(size, reading(stored))
	if err != nil {
		return 0, err
	}
	next := proof.StoredCount(size)
	rows := make([]LogHash, 0, 2*len(leaves))
	for _, leaf := range leaves {
		h, err := proof.HashOf(leaf)
		if err != nil {
			return 0, err
		}
		added, err := tree.Add(h)
		if err != nil {
			return 0, err
		}
		for _, h := range added {
			rows = append(rows, LogHash{next, h[:]})
			next++
		}
	}
	return len(leaves), models.AppendAll(tx, rows)
}

// CatchUp gives every numbered change its hashes: those that were numbered before
// the program kept any, and history that was loaded in bulk. The sequencer does it
// for those that it numbers.
func CatchUp(ctx context.Context, db *models.DB) error {
	ctx = policies.With(ctx, db.Policy.Program("sequencer"))
	for {
		n, mine := 0, false
		err := db.Write(ctx, func(tx *models.Tx) (err error) {
			if mine, err = alone(tx); err != nil || !mine {
				return err
			}
			n, err = growLog(tx, batch)
			return err
		})
		if err != nil || !mine || n < batch {
			return err // another process that holds the lock is at it
		}
	}
}

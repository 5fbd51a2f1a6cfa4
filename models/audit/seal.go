package audit

import (
	"context"

	"parkregistry/models"
	"parkregistry/policies"
)

// RecordSeal is an audit record that no leaf of its own write commits to, with the leaf
// that commits to it and to others of its time.
type RecordSeal struct {
	RecordID models.ID  `gorm:"primaryKey"`
	ChangeID *models.ID // nil until it is sealed
}

// TableName implements gorm's Tabler.
func (RecordSeal) TableName() string { return "audit_seals" }

// Scope implements models.Scoped.
func (RecordSeal) Scope() models.Scope { return models.Closed("audit_seals") }

// What leaves say of audit records: the digest of the one that was written with the
// change, or of several at once.
const (
	recordFact  = "record"
	recordsFact = "records"
	sealKind    = "audit-records" // what a leaf about several is about
)

// sealerLock is the advisory lock of whoever seals on PostgreSQL.
const sealerLock = 0x7265636f // "reco"

// mostSealed is how many audit records one leaf commits to.
const mostSealed = 1000

// Seal writes a leaf about the audit records that have none: sign-ins, refusals, reads.
// They are many and nobody waits for a proof of one, so a leaf speaks for all that
// came since the last.
func Seal(ctx context.Context, db *models.DB) error {
	ctx = policies.With(ctx, db.Policy.Program("sealer"))
	for {
		n := 0
		err := db.Write(ctx, func(tx *models.Tx) (err error) {
			n, err = sealSome(tx)
			return err
		})
		if err != nil || n < mostSealed {
			return err
		}
	}
}

func sealSome(tx *models.Tx) (int, error) {
	if mine, err := locked(tx, sealerLock); err != nil || !mine {
		return 0, err
	}
	var ids []models.ID
	waiting := tx.Internal(&RecordSeal{}).Where("change_id IS NULL")
	if err := waiting.Order("record_id").Limit(mostSealed).Pluck("record_id", &ids).Error; err != nil || len(ids) == 0 {
		return 0, err
	}
	var rows [][]byte
	err := ReadStored[Record](tx.Visible(policies.AuditRead, &Record{}).Where("id IN ?", ids), func(r *Stored) error { return r.encodeTo(&rows) })
	if err != nil {
		return 0, err
	}
	e := Event{Action: policies.ChangeSeal, Kind: sealKind, ID: models.NewID(), Facts: map[string]any{recordsFact: digestOf(rows), "count": len(rows)}}
	c := newChange(tx, e)
	if err := c.Seal(e.Facts); err != nil {
		return 0, err
	}
	if err := models.AppendAll(tx, []Change{c}); err != nil {
		return 0, err
	}
	return len(ids), tx.Internal(&RecordSeal{}).Where("record_id IN ? AND change_id IS NULL", ids).Update("change_id", c.ID).Error
}

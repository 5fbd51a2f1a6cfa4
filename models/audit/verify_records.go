package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"gorm.io/gorm"

	"parkregistry/models"
	"parkregistry/policies"
)

// trail is what a leaf says of audit records.
type trail struct {
	Record  string // digest of the one that was written with it
	Records string // digest of several, of a leaf about nothing else
}

// trail reads what the leaf says of audit records; most of its facts are about others.
func (l *leaf) trail() (t trail, err error) {
	if strings.Contains(l.facts, `"`+recordFact) {
		err = json.Unmarshal([]byte(l.facts), &t)
	}
	return t, err
}

const (
	trailAltered = "操作留痕与这一条存证不一致：有记录被改写、增加或者删除"
	trailStray   = "这条操作留痕没有对应的存证"
	trailGone    = "等待存证的操作留痕已经缺失"
)

// records compares the audit records with what the leaves of a page say of them.
func (v *verifier) records(ctx context.Context, page []leaf) error {
	ids := make([]models.ID, len(page))
	for i := range page {
		ids[i] = page[i].ID
	}
	return models.Fault(v.db.Snapshot(ctx, func(ctx context.Context) error {
		with := map[models.ID]string{}
		err := v.encodedRecords(ctx, "id IN ?", ids, func(id models.ID, encoded []byte) {
			sum := sha256.Sum256(encoded)
			with[id] = hex.EncodeToString(sum[:])
		})
		for i := range page {
			if err != nil || v.report.Bad != nil {
				return err
			}
			l := &page[i]
			said, failed := l.trail()
			if failed != nil || said.Record != with[l.ID] {
				v.bad(Record{}.TableName(), l.ID, l.Seq, trailAltered)
			} else if l.ObjectKind == sealKind {
				err = v.sealed(ctx, l, said)
			}
		}
		return err
	}))
}

// sealed compares the audit records that a leaf speaks for with what it says.
func (v *verifier) sealed(ctx context.Context, l *leaf, said trail) error {
	var rows [][]byte
	of := v.db.Internal(ctx, &RecordSeal{}).Select("record_id").Where("change_id = ?", l.ID)
	err := v.encodedRecords(ctx, "id IN (?)", of, func(_ models.ID, encoded []byte) { rows = append(rows, encoded) })
	if err == nil && digestOf(rows) != said.Records {
		v.bad(Record{}.TableName(), "", l.Seq, trailAltered)
	}
	return err
}

func (v *verifier) encodedRecords(ctx context.Context, where string, of any, each func(id models.ID, encoded []byte)) error {
	rows := v.db.Visible(ctx, policies.AuditRead, &Record{}).Where(where, of)
	return ReadStored[Record](rows, func(r *Stored) error {
		var one [][]byte
		if err := r.encodeTo(&one); err != nil {
			v.bad(Record{}.TableName(), r.ID("id"), nil, unreadable)
			return nil
		}
		v.report.Rows[Record{}.TableName()]++
		each(r.ID("id"), one[0])
		return nil
	})
}

// strayRecords looks for audit records that no leaf speaks for and that wait for none,
// and for seals of records or leaves that are not there.
func (v *verifier) strayRecords(ctx context.Context) error {
	return v.ofOneMoment(ctx, Record{}.TableName(), func(ctx context.Context) error {
		records, seals := v.db.Visible(ctx, policies.AuditRead, &Record{}), v.db.Internal(ctx, &RecordSeal{})
		for _, look := range []struct {
			rows             *gorm.DB
			column, sentence string
		}{
			{records.Where("NOT EXISTS (SELECT 1 FROM audit_seals s WHERE s.record_id = audit_records.id) AND NOT EXISTS (SELECT 1 FROM changes c WHERE c.id = audit_records.id)"), "id", trailStray},
			{seals.Where("NOT EXISTS (SELECT 1 FROM audit_records r WHERE r.id = audit_seals.record_id)"), "record_id", trailGone},
			{v.db.Internal(ctx, &RecordSeal{}).Where("change_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM changes c WHERE c.id = audit_seals.change_id AND c.object_kind = ?)", sealKind), "record_id", trailStray},
		} {
			var ids []models.ID
			if err := look.rows.Order(look.column).Limit(1).Pluck(look.column, &ids).Error; err != nil {
				return err
			}
			if len(ids) > 0 {
				v.bad(Record{}.TableName(), ids[0], nil, look.sentence)
				return nil
			}
		}
		return nil
	})
}

package assessment

import (
	"context"
	"strconv"

	"gorm.io/gorm/clause"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// Start begins the assessment of a park for a year. Conflict where there is one
// already, and for a pilot place without a name.
func (s *Service) Start(ctx context.Context, id models.ID, in StartInput) (Assessment, error) {
	var out Assessment
	if err := policies.Require(ctx, policies.AssessmentAssess); err != nil {
		return out, err
	}
	head, err := in.Parse()
	if err != nil {
		return out, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		var park registry.Park
		if err := models.One(tx.Visible(policies.ParkRead, &park).Where("id = ?", head.ParkID), &park); err != nil {
			return err
		}
		by, err := acting(tx.Context(), policies.AssessmentAssess, park.Owner())
		if err != nil {
			return err
		}
		own := id
		if own == "" {
			own = models.NewID()
		}
		list, err := newest(tx)
		if err != nil {
			return err
		}
		a, err := Start(head, park, list, own, by, tx.Now())
		if err != nil {
			return err
		}
		// DO NOTHING, since on PostgreSQL a refused insert would spoil the transaction.
		res := tx.Visible(policies.AssessmentAssess, &Assessment{}).Clauses(clause.OnConflict{DoNothing: true}).Create(&a.After)
		if err := models.Changed(res, fault.New(fault.Conflict, "这个园区这一年度的评估已经开始，或者编号已经用于另一条记录")); err != nil {
			return err
		}
		out = a.After
		return record(tx, a)
	})
	return out, err
}

// record writes the change, the audit record, the step and the marks of a write.
func record(tx *models.Tx, a Advance) error {
	if _, err := audit.Log(tx, a.Event()); err != nil {
		return err
	}
	if err := tx.Append(&a.Step); err != nil {
		return err
	}
	return models.AppendAll(tx, a.Marks)
}

// basis is what a write of an assessment is decided by.
type basis struct {
	tx       *models.Tx
	head     Assessment
	list     Checklist
	sheet    Sheet
	measured map[string]Ratio
	by       By
}

// write makes one write: reads the assessment as the permission reaches it, in the
// version that the caller read, lets plan decide and stores what it answers unless
// somebody was faster.
func (s *Service) write(ctx context.Context, perm policies.Permission, id models.ID, version int64, plan func(b basis) (Advance, error)) (Assessment, error) {
	var out Assessment
	if err := policies.Require(ctx, perm); err != nil {
		return out, err
	}
	err := s.db.Write(ctx, func(tx *models.Tx) error {
		b := basis{tx: tx}
		if err := models.One(tx.Visible(perm, &b.head).Where("id = ?", id), &b.head); err != nil {
			return err
		}
		if b.head.Version != version {
			return fault.New(fault.Stale, "内容已经被修改，重新读取后再保存")
		}
		var err error
		if b.by, err = acting(tx.Context(), perm, b.head.Owner()); err != nil {
			return err
		}
		if b.list, b.sheet, err = s.sheet(tx.Context(), b.head); err != nil {
			return err
		}
		if b.measured, err = s.measures.Measure(tx.Context(), b.head.ParkID, tx.Today()); err != nil {
			return err
		}
		a, err := plan(b)
		if err != nil {
			return err
		}
		res := tx.Visible(perm, &Assessment{}).Where("id = ? AND version = ?", id, version).Updates(a.After.head())
		if err := models.Changed(res, fault.New(fault.Conflict, "这份评估刚刚被别人处理，重新读取后再办理")); err != nil {
			return err
		}
		out = a.After
		if err := record(tx, a); err != nil {
			return err
		}
		return carry(tx, perm, a)
	})
	return out, err
}

// Mark writes items of a side's column: the park's self-assessment, the district's
// verification, the bureau's samples.
func (s *Service) Mark(ctx context.Context, side Side, id models.ID, version int64, in MarksInput) (Assessment, error) {
	perm := columns[side].perm
	if err := policies.Require(ctx, perm); err != nil {
		return Assessment{}, err
	}
	in, err := in.Parse()
	if err != nil {
		return Assessment{}, err
	}
	return s.write(ctx, perm, id, version, func(b basis) (Advance, error) {
		a, err := b.head.Mark(side, in, b.list, b.sheet, b.measured, b.by, b.tx.Now())
		if err != nil {
			return a, err
		}
		return a, attach(b.tx, perm, b.head, in)
	})
}

// attach ties the attachments that the items name to the assessment.
func attach(tx *models.Tx, perm policies.Permission, a Assessment, in MarksInput) error {
	var c fault.Check
	var all []models.ID
	owner, seen := files.Owner{Kind: "assessment", ID: a.ID, Place: a.Place()}, map[models.ID]bool{}
	for i, m := range in.Items {
		ids := make([]models.ID, len(m.Attachments))
		for n, id := range m.Attachments {
			ids[n] = models.ID(id)
			if !seen[ids[n]] {
				all = append(all, ids[n])
			}
			seen[ids[n]] = true
		}
		_, err := files.Look(tx, perm, owner, ids)
		if err != nil && fault.CodeOf(err) != fault.Invalid {
			return err
		}
		c.Within("/items/"+strconv.Itoa(i), err)
	}
	if err := c.Err(); err != nil {
		return err
	}
	_, err := files.Attach(tx, perm, owner, all)
	return err
}

// Submit hands the self-assessment in (提交自评).
func (s *Service) Submit(ctx context.Context, id models.ID, version int64) (Assessment, error) {
	return s.write(ctx, policies.AssessmentAssess, id, version, func(b basis) (Advance, error) {
		return b.head.Submit(b.list, b.sheet, b.measured, b.by, b.tx.Now())
	})
}

// Complete ends the district's check (完成核查).
func (s *Service) Complete(ctx context.Context, id models.ID, version int64) (Assessment, error) {
	return s.write(ctx, policies.AssessmentVerify, id, version, func(b basis) (Advance, error) {
		return b.head.Complete(b.list, b.sheet, b.measured, b.by, b.tx.Now())
	})
}

// Return sends the assessment back to the park (退回).
func (s *Service) Return(ctx context.Context, id models.ID, version int64, in ReturnInput) (Assessment, error) {
	if err := policies.Require(ctx, policies.AssessmentReturn); err != nil {
		return Assessment{}, err
	}
	in, err := in.Parse()
	if err != nil {
		return Assessment{}, err
	}
	return s.write(ctx, policies.AssessmentReturn, id, version, func(b basis) (Advance, error) { return b.head.Return(in, b.by, b.tx.Now()) })
}

package audit

import (
	"context"

	"gorm.io/gorm"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// unreadable is what is said of a row whose columns cannot be read back: half a JSON
// text, a time that is none.
const unreadable = "这条记录读不出来：某一列的内容已经损坏"

// torn reports whether reading failed for the content of a row, not for the database
// or the caller.
func torn(ctx context.Context, err error) bool {
	return ctx.Err() == nil && fault.CodeOf(models.Fault(err)) == fault.Internal
}

// unreadableChange names the first change of a page that cannot be read, or gives the
// error back.
func (v *verifier) unreadableChange(ctx context.Context, rows func() *gorm.DB, err error) error {
	if !torn(ctx, err) {
		return models.Fault(err)
	}
	var ids []models.ID
	if err := rows().Pluck("id", &ids).Error; err != nil {
		return models.Fault(err)
	}
	for _, id := range ids {
		if _, failed := readLeaves(v.db.Visible(ctx, policies.ChangeRead, &Change{}).Where("id = ?", id)); failed != nil {
			var seq []*int64
			if err := v.db.Visible(ctx, policies.ChangeRead, &Change{}).Where("id = ?", id).Pluck("seq", &seq).Error; err != nil || len(seq) == 0 {
				seq = []*int64{nil}
			}
			v.bad("changes", id, seq[0], unreadable)
			return nil
		}
	}
	return models.Fault(err)
}

// unreadableObject is unreadableChange for a page of objects: it names the last leaf
// about the first that cannot be read.
func (v *verifier) unreadableObject(ctx context.Context, s Source, of Stretch, err error) error {
	if !torn(ctx, err) {
		return models.Fault(err)
	}
	var ids []models.ID
	if err := s.Heads(ctx, v.db).Where(of.where(s.Table+".id")).Order(s.Table+".id").Pluck(s.Table+".id", &ids).Error; err != nil {
		return models.Fault(err)
	}
	for _, id := range ids {
		if _, failed := s.Read(ctx, v.db, Stretch{list: []models.ID{id}}); failed == nil {
			continue
		}
		var seq []*int64
		last := v.db.Visible(ctx, policies.ChangeRead, &Change{}).Where("object_id = ?", id).Order("seq IS NULL DESC, seq DESC").Limit(1)
		if err := last.Pluck("seq", &seq).Error; err != nil {
			return models.Fault(err)
		}
		v.bad(s.Table, id, append(seq, nil)[0], unreadable)
		return nil
	}
	return models.Fault(err)
}

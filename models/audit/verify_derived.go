package audit

import (
	"context"
	"gorm.io/gorm"

	"parkregistry/models"
)

// Derived is a table that no leaf holds: its rows follow from others that leaves hold,
// and verify derives them again.
type Derived struct {
	Table string
	// Compare says how many rows it looked at, and the first that is another; nil for none.
	// Everything that it reads is of one moment.
	Compare func(ctx context.Context, db *models.DB) (rows int64, wrong *Wrong, err error)
}

// Wrong is a row that does not follow, and why, a sentence.
type Wrong struct {
	ID       models.ID
	Sentence string
}

// Pages reads rows by id, some at a time; column is where rows has the id.
func Pages[T any](rows func() *gorm.DB, column string, id func(T) models.ID, each func(page []T) error) error {
	after := beforeAll
	for {
		var page []T
		if err := rows().Where(column+" > ?", after).Order(column).Limit(verifyPage).Find(&page).Error; err != nil {
			return err
		}
		if err := each(page); err != nil || len(page) < verifyPage {
			return err
		}
		after = id(page[len(page)-1])
	}
}

func (v *verifier) derived(ctx context.Context, d Derived) error {
	return v.ofOneMoment(ctx, d.Table, func(ctx context.Context) error {
		rows, wrong, err := d.Compare(ctx, v.db)
		v.report.Rows[d.Table] += rows
		if err == nil && wrong != nil {
			v.bad(d.Table, wrong.ID, nil, wrong.Sentence)
		}
		return err
	})
}

// ofOneMoment runs a comparison of a table, and takes content that cannot be read for
// content that was altered.
func (v *verifier) ofOneMoment(ctx context.Context, table string, compare func(ctx context.Context) error) error {
	err := v.db.Snapshot(ctx, compare)
	if err != nil && torn(ctx, err) {
		v.bad(table, "", nil, unreadable)
		return nil
	}
	return models.Fault(err)
}

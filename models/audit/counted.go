package audit

import (
	"context"
	"strconv"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
)

// Counted asks a list for exactly the rows that add up to one number of a report.
type Counted struct {
	What string   // name of the number
	AsOf code.Day // of the report; "" is today
	Seq  *int64   // number of the log that the report counts up to; nil is the newest

	Parks []models.ID // of a district; nil is every park
}

// IsSeq reads a number of the log that a report counts up to, -1 before the first.
func IsSeq(s string) error {
	if n, err := strconv.ParseInt(s, 10, 64); err != nil || n < -1 {
		return fault.New(fault.Malformed, "不是变更序号")
	}
	return nil
}

// Of keeps the rows of the parks; column names theirs.
func (c Counted) Of(q *gorm.DB, column string) *gorm.DB {
	if c.Parks == nil {
		return q
	}
	return q.Where(column+" IN ?", c.Parks)
}

// CountedAt is the day and what was known at the number; a number to come is Invalid.
func (s *Service) CountedAt(ctx context.Context, c Counted) (code.Day, Knowledge, error) {
	var check fault.Check
	day := c.AsOf
	if day == "" {
		day = s.db.Today()
	}
	if day > s.db.Today() {
		check.Cite("/query/asOf", "future", "", string(day), "截止日期不能晚于今天（{{.Today}}）", "Today", string(s.db.Today()))
	}
	k, err := s.At(ctx, c.Seq)
	if err == nil && c.Seq != nil && *c.Seq > k.Seq {
		check.Cite("/query/knownSeq", "future", "", *c.Seq, "最新的变更序号是 {{.Newest}}", "Newest", k.Seq)
	}
	if err == nil {
		err = check.Err()
	}
	return day, k, err
}

// KnownRow says in SQL that a row was made by a change up to the number: its id and
// the instant of its making are columns.
func (k Knowledge) KnownRow(id, createdAt string) (string, []any) {
	const made = "EXISTS (SELECT 1 FROM changes known_changes WHERE known_changes.object_id = "
	if k.Untouched == nil {
		return "1 = 1", nil
	}
	return "(" + createdAt + " < ? OR " + made + id + " AND known_changes.seq <= ?))", []any{*k.Untouched, k.Seq}
}

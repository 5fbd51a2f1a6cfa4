package ledger

import (
	"fmt"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
)

const (
	// graceDays: an entry is in time until the end of the following day, since a
	// night shift ends after midnight and the clerk comes in the morning. No source
	// gives a grace; a design choice.
	graceDays = 1
	// backfillDays: after three more days nobody writes from the shift's own sheet
	// any longer, and the entry counts as filled in afterwards. A design choice.
	backfillDays = 3
)

// Late reports whether an entry about day was filed after its grace.
func Late(day code.Day, filed time.Time) bool { return !filed.Before(day.Add(graceDays).End()) }

// Backfilled reports whether an entry about day was filled in long afterwards.
func Backfilled(day code.Day, filed time.Time) bool {
	return !filed.Before(day.Add(backfillDays).End())
}

// filedAfter says in SQL that the last filing came after the end of the day that is
// so many days after the one it is about. The partial indexes of late entries say it
// in the same words: a planner compares the text.
func filedAfter(engine models.Engine, days int) string {
	return columnAfter(engine, "ledger_entries.filed_at", days)
}

// keptAfter keeps of what was filed so late what is no amendment of a record that was
// in time. An amendment is filed after what it amends, so that filedAfter holds too.
func keptAfter(engine models.Engine, days int) string {
	return "(ledger_entries.kept_at IS NULL OR " + columnAfter(engine, "ledger_entries.kept_at", days) + ")"
}

// columnAfter is filedAfter of a filing that another column names.
func columnAfter(engine models.Engine, column string, days int) string {
	if engine == models.Postgres {
		return fmt.Sprintf("%s >= ((ledger_entries.day + %d)::timestamp AT TIME ZONE INTERVAL '08:00')", column, days+1)
	}
	// Text as it is stored, in UTC; with its offset behind it, the same second is the longer text.
	return fmt.Sprintf("%s >= datetime(ledger_entries.day, '+%d hours')", column, (days+1)*24-8)
}

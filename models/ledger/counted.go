package ledger

import (
	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/audit"
)

// The numbers of a report that are made of entries.
const (
	CountFiled    = "ledgersFiled"
	CountRecent   = "ledgersFiledRecent"
	CountAccepted = "ledgersAccepted"
	CountLate     = "ledgersLate"
	CountReturned = "ledgersReturned"
)

// recentDays is how many days up to the day asked about are recent.
const recentDays = 30

// counted keeps the entries that a number is made of.
func counted(q *gorm.DB, engine models.Engine, what string, day code.Day, k audit.Knowledge) *gorm.DB {
	q = q.Where("ledger_entries.day <= ?", day)
	switch what {
	case CountRecent:
		return StoodAs(q.Where("ledger_entries.day > ?", day.Add(-recentDays)), k, Filed, Accepted)
	case CountAccepted:
		return StoodAs(q, k, Accepted)
	case CountReturned:
		return StoodAs(q, k, Returned)
	case CountLate:
		column, args := filedBy(k)
		return StoodAs(q, k, Filed, Accepted).Where(columnAfter(engine, column, graceDays), args...).Where(keptAfter(engine, graceDays))
	default:
		return StoodAs(q, k, Filed, Accepted)
	}
}

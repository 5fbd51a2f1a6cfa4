package ledger

import (
	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
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

// Counts are the numbers, in the order in which reports have them.
func Counts() []string {
	return []string{CountFiled, CountRecent, CountAccepted, CountLate, CountReturned}
}

// CountName is a number in words.
func CountName(what string) fault.Text {
	switch what {
	case CountRecent:
		return fault.T("近 30 天台账")
	case CountAccepted:
		return fault.T("已确认台账")
	case CountLate:
		return fault.T("迟报台账")
	case CountReturned:
		return fault.T("退回待重报台账")
	default:
		return fault.T("有效台账")
	}
}

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

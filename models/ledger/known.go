package ledger

import (
	"gorm.io/gorm"

	"parkregistry/models/audit"
)

// Steps up to a number of the log: the last of them says where an entry stood then.
const (
	stateThen = `COALESCE((SELECT then_steps.kind FROM ledger_steps then_steps JOIN changes then_changes ON then_changes.id = then_steps.change_id
		WHERE then_steps.entry_id = ledger_entries.id AND then_changes.seq <= ? ORDER BY then_steps.at DESC, then_steps.id DESC LIMIT 1), 'draft')`
	filedThen = `(SELECT MAX(then_steps.at) FROM ledger_steps then_steps JOIN changes then_changes ON then_changes.id = then_steps.change_id
		WHERE then_steps.entry_id = ledger_entries.id AND then_steps.kind = 'filed' AND then_changes.seq <= ?)`
)

// StoodAs keeps the entries that stood in one of the states, as it was known. What
// nobody has touched since stands as it did.
func StoodAs(q *gorm.DB, k audit.Knowledge, states ...State) *gorm.DB {
	if k.Untouched == nil {
		return q.Where("ledger_entries.state IN ?", states)
	}
	return q.Where("CASE WHEN ledger_entries.updated_at < ? THEN ledger_entries.state ELSE "+stateThen+" END IN ?", k.Untouched, k.Seq, states)
}

// filedBy is the instant of the last filing that was known, as a column.
func filedBy(k audit.Knowledge) (column string, args []any) {
	if k.Untouched == nil {
		return "ledger_entries.filed_at", nil
	}
	return "(CASE WHEN ledger_entries.updated_at < ? THEN ledger_entries.filed_at ELSE " + filedThen + " END)", []any{*k.Untouched, k.Seq}
}

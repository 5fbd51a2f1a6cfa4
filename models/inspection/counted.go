package inspection

import (
	"context"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
)

// The numbers of a report that are made of findings, and of patrols.
const (
	CountOpened      = "findingsOpened"
	CountOpen        = "findingsOpen"
	CountClosed      = "findingsClosed"
	CountReferred    = "findingsReferred"
	CountOverdue     = "findingsOverdue"
	CountDue         = "findingsDue"
	CountInTime      = "findingsInTime"
	CountPatrols     = "patrols"
	CountInspections = "inspections"
)

// FindingCounts are the numbers that are made of findings, in the order in which reports
// have them.
func FindingCounts() []string {
	return []string{CountOpened, CountOpen, CountClosed, CountReferred, CountOverdue, CountDue, CountInTime}
}

// PatrolCounts are those that are made of patrols.
func PatrolCounts() []string { return []string{CountPatrols, CountInspections} }

// CountName is a number in words.
func CountName(what string) fault.Text {
	switch what {
	case CountOpen:
		return fault.T("未销号问题")
	case CountClosed:
		return fault.T("已销号问题")
	case CountReferred:
		return fault.T("移交执法的问题")
	case CountOverdue:
		return fault.T("整改逾期")
	case CountDue:
		return fault.T("到期问题")
	case CountInTime:
		return fault.T("按期销号的问题")
	case CountPatrols:
		return fault.T("完成的巡查")
	case CountInspections:
		return fault.T("完成的现场检查")
	default:
		return fault.T("发现问题")
	}
}

// Steps by the end of a day and up to a number of the log: the last of them says
// where a finding stood then, and until when it was due. A finding counts from the
// day on which it was found, which may be before it was entered.
const (
	thenSteps = `FROM finding_steps then_steps JOIN changes then_changes ON then_changes.id = then_steps.change_id
		WHERE then_steps.finding_id = findings.id AND (then_steps.kind = 'opening' OR then_steps.at < ?) AND then_changes.seq <= ?`
	stateThen = `COALESCE((SELECT CASE then_steps.kind WHEN 'opening' THEN 'open' WHEN 'notice' THEN 'notified' WHEN 'rectification' THEN 'submitted' WHEN 'referral' THEN 'referred'
		WHEN 'withdrawal' THEN 'withdrawn' ELSE CASE WHEN then_steps.due_on IS NULL THEN 'closed' ELSE 'returned' END END ` + thenSteps +
		` AND then_steps.kind IN ('opening', 'notice', 'rectification', 'referral', 'withdrawal', 'review') ORDER BY then_steps.at DESC, then_steps.id DESC LIMIT 1), 'open')`
	dueThen      = `(SELECT then_steps.due_on ` + thenSteps + ` AND then_steps.due_on IS NOT NULL ORDER BY then_steps.at DESC, then_steps.id DESC LIMIT 1)`
	referredThen = `EXISTS (SELECT 1 ` + thenSteps + ` AND then_steps.kind = 'referral')`
)

// countedFindings keeps the findings that a number is made of.
func countedFindings(q *gorm.DB, what string, day code.Day, k audit.Knowledge) *gorm.DB {
	known, args := k.KnownRow("findings.id", "findings.created_at")
	q = q.Where("findings.opened_on <= ?", day).Where(known, args...)
	before := day.End().UTC()
	if k.Untouched != nil && k.Untouched.Before(before) {
		before = *k.Untouched
	}
	end := day.End().UTC()
	stood := func(q *gorm.DB, not string, states ...State) *gorm.DB {
		return q.Where("CASE WHEN findings.updated_at < ? THEN findings.state ELSE "+stateThen+" END "+not+"IN ?", before, end, k.Seq, states)
	}
	due := func(q *gorm.DB, compare string) *gorm.DB {
		return q.Where("CASE WHEN findings.updated_at < ? THEN findings.due_on ELSE "+dueThen+" END "+compare+" ?", before, end, k.Seq, day)
	}
	switch what {
	case CountOpen:
		return stood(q, "NOT ", Closed, Withdrawn)
	case CountClosed:
		return stood(q, "", Closed)
	case CountReferred:
		return q.Where(referredThen, end, k.Seq)
	case CountOverdue:
		return due(stood(q, "", Notified, Returned), "<")
	case CountDue:
		return due(stood(q, "NOT ", Withdrawn), "<=")
	case CountInTime: // nothing follows a closure: its days are those of the head
		return due(stood(q, "", Closed), "<=").Where("findings.closed_on <= findings.due_on")
	default:
		return q
	}
}

// countedPatrols keeps the patrols, or the inspections, that were completed, by the day
// that they count for ([Patrol.Day]): those whose changes up to the number add up to one
// completion. The measure says the nature too; asked of the row it costs less.
func countedPatrols(q *gorm.DB, what string, day code.Day, k audit.Knowledge) *gorm.DB {
	p := Patrol{Nature: NaturePatrol}
	if what == CountInspections {
		p.Nature = NatureInspection
	}
	made, _ := models.JSON[map[string]int]{V: map[string]int{p.measure(): 1}}.Value()
	undone, _ := models.JSON[map[string]int]{V: map[string]int{p.measure(): -1}}.Value()
	end := day.End().UTC()
	return q.Where("patrols.nature = ?", p.Nature).
		Where("CASE WHEN patrols.started_at IS NOT NULL THEN patrols.started_at < ? WHEN patrols.planned_on IS NULL THEN patrols.created_at < ? ELSE patrols.planned_on <= ? END", end, end, day).
		Where(`(SELECT SUM(CASE WHEN then_changes.counts = ? THEN 1 ELSE -1 END) FROM changes then_changes
			WHERE then_changes.object_id = patrols.id AND then_changes.counts IN ? AND then_changes.seq <= ?) > 0`, made, []any{made, undone}, k.Seq)
}

// ofNumber runs list with what narrows its rows to those of a number of a report, if
// one is asked for; all in one state of the database.
func ofNumber[T any](ctx context.Context, db *models.DB, c audit.Counted, keep func(*gorm.DB, string, code.Day, audit.Knowledge) *gorm.DB,
	list func(context.Context, func(*gorm.DB) *gorm.DB) (models.Page[T], error)) (page models.Page[T], err error) {
	if c.What == "" {
		return list(ctx, func(q *gorm.DB) *gorm.DB { return q })
	}
	err = db.Snapshot(ctx, func(ctx context.Context) error {
		day, known, err := audit.New(db).CountedAt(ctx, c)
		if err != nil {
			return err
		}
		page, err = list(ctx, func(q *gorm.DB) *gorm.DB { return keep(q, c.What, day, known) })
		return err
	})
	return page, err
}

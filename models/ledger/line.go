package ledger

import (
	"parkregistry/models"
)

// line is an entry as lists read it: without the draft, which may be a megabyte, and
// without attachments; with the number of its change.
type line struct {
	Entry
	leaf *int64 // nil until sequenced
}

// Columns implements models.Plain. The number of the change is asked for of each row
// of the page alone: a join would hide the index of the day from the planner.
func (*line) Columns() string {
	return `ledger_entries.id, ledger_entries.version, ledger_entries.created_at, ledger_entries.updated_at, ledger_entries.site_id, ledger_entries.park_id,
ledger_entries.jurisdiction, ledger_entries.enterprise_id, ledger_entries.number, ledger_entries.class, ledger_entries.class_version, ledger_entries.condition,
ledger_entries.facility_id, ledger_entries.outlet_id, ledger_entries.day, ledger_entries.slot, ledger_entries.state, ledger_entries.occurred_at, ledger_entries.recorded_at,
ledger_entries.received_at, ledger_entries.filed_at, ledger_entries.filed_by, ledger_entries.filed_as, ledger_entries.filings, ledger_entries.odd, ledger_entries.change_id,
ledger_entries.supersedes, ledger_entries.kept_at, ledger_entries.superseded_by, ledger_entries.reason, ledger_entries.created_by, ledger_entries.demo,
(SELECT seq FROM changes WHERE changes.id = ledger_entries.change_id)`
}

// Fields implements models.Plain.
func (l *line) Fields() []any {
	return []any{(*string)(&l.ID), &l.Version, &l.CreatedAt, &l.UpdatedAt, &l.SiteID, (*string)(&l.ParkID),
		&l.Jurisdiction, &l.EnterpriseID, &l.Number, &l.Class, &l.ClassVersion, &l.Condition,
		&l.FacilityID, &l.OutletID, &l.Day, &l.Slot, (*string)(&l.State), &l.OccurredAt, &l.RecordedAt,
		&l.ReceivedAt, &l.FiledAt, &l.FiledBy, &l.FiledAs, &l.Filings, &l.Odd, &l.ChangeID,
		&l.Supersedes, &l.KeptAt, &l.SupersededBy, &l.Reason, (*string)(&l.CreatedBy), &l.Demo,
		&l.leaf}
}

var orders = map[string]models.Order[line]{
	"-day":       {Column: "ledger_entries.day", Desc: true, On: models.OnDay, Key: func(l line) any { return string(l.Day) }},
	"day":        {Column: "ledger_entries.day", Key: func(l line) any { return string(l.Day) }},
	"-createdAt": {Column: "ledger_entries.created_at", Desc: true, Key: func(l line) any { return l.CreatedAt }},
	"createdAt":  {Column: "ledger_entries.created_at", Key: func(l line) any { return l.CreatedAt }},
}

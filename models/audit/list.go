package audit

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/policies"
)

// Service reads the audit trail and the change feed.
type Service struct{ db *models.DB }

// New makes the service.
func New(db *models.DB) *Service { return &Service{db} }

// RecordFilter narrows the audit trail; empty fields do not.
type RecordFilter struct {
	ActorID  string
	ObjectID string
	ParkID   string
	Action   string
	Outcome  string
	From, To code.Day // days of At at UTC+8, both included
}

var recordOrders = map[string]models.Order[Record]{
	"-at": {Column: "audit_records.at", Desc: true, On: models.OnInstant, Key: func(r Record) any { return r.At }},
	"at":  {Column: "audit_records.at", Key: func(r Record) any { return r.At }},
}

// Records lists the audit trail, newest first. Denied without audit.read.
func (s *Service) Records(ctx context.Context, f RecordFilter, q models.Query) (models.Page[Record], error) {
	rows := s.db.Visible(ctx, policies.AuditRead, &Record{})
	for column, value := range map[string]string{"actor_id": f.ActorID, "object_id": f.ObjectID, "park_id": f.ParkID, "action": f.Action, "outcome": f.Outcome} {
		if value != "" {
			rows = rows.Where("audit_records."+column+" = ?", value)
		}
	}
	if f.From != "" {
		rows = rows.Where("audit_records.at >= ?", f.From.Start().UTC())
	}
	if f.To != "" {
		rows = rows.Where("audit_records.at < ?", f.To.End().UTC())
	}
	return models.List(s.db, rows, q, recordOrders, "-at", func(r Record) models.ID { return r.ID })
}

// ChangeFilter narrows the change feed.
type ChangeFilter struct {
	ParkID     string
	ObjectKind string
	ObjectID   string
}

var changeOrders = map[string]models.Order[Change]{
	"seq": {Column: "changes.seq", Key: func(c Change) any { return *c.Seq }},
}

// Changes lists the numbered changes of the caller's rows in the order of their
// numbers: a reader that keeps the cursor misses none, since a number is given
// after the commit and never below one that was given before.
func (s *Service) Changes(ctx context.Context, f ChangeFilter, q models.Query) (models.Page[Change], error) {
	rows := s.db.Visible(ctx, policies.ChangeRead, &Change{}).Where("changes.seq IS NOT NULL")
	for column, value := range map[string]string{"park_id": f.ParkID, "object_kind": f.ObjectKind, "object_id": f.ObjectID} {
		if value != "" {
			rows = rows.Where("changes."+column+" = ?", value)
		}
	}
	return models.List(s.db, rows, q, changeOrders, "seq", func(c Change) models.ID { return c.ID })
}

// Known is the newest number given and the instant when it was, -1 while there is none.
func (s *Service) Known(ctx context.Context) (int64, error) {
	ctx = policies.With(ctx, s.db.Policy.Program("known"))
	var seq []int64
	err := s.db.Visible(ctx, policies.ChangeRead, &Change{}).Where("seq IS NOT NULL").Order("seq DESC").Limit(1).Pluck("seq", &seq).Error
	if err != nil || len(seq) == 0 {
		return -1, err
	}
	return seq[0], nil
}

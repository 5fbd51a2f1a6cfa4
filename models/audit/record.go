// Package audit keeps what happened: one change row for every business write
// (the leaf of the log, numbered after commit) and one audit record for every
// write, sign-in, permission change and refusal. Both are inserted in the
// transaction of what they record and never changed.
package audit

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/policies"
)

// Origin is where a request came from. Text only; empty for the program itself.
type Origin struct {
	Address   string // client address without port
	UserAgent string
	RequestID string
	Via       string // session, token, job, command
}

type originKey struct{}

// From puts the origin into ctx, what the browser says of itself only as far as a
// record can keep it.
func From(ctx context.Context, o Origin) context.Context {
	o.UserAgent = code.Clip(o.UserAgent, 200)
	return context.WithValue(ctx, originKey{}, o)
}

// OriginOf is the origin in ctx.
func OriginOf(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	return o
}

// Record is one line of the audit trail (操作留痕). Never holds passwords,
// tokens, keys, file contents or full phone numbers (S-PI4).
type Record struct {
	ID           models.ID `gorm:"primaryKey"`
	At           time.Time
	ActorID      *models.ID // nil when nobody was signed in
	ActorName    string
	Via          string
	RemoteAddr   string
	UserAgent    string
	RequestID    string
	Action       string // a permission, or signin, signout, refusal, …
	Outcome      string // done, refused, failed
	ObjectKind   string
	ObjectID     string
	ParkID       *models.ID
	Jurisdiction *string
	EnterpriseID *models.ID
	Reason       string
	BeforeValues string // JSON object, "" for a creation
	AfterValues  string // JSON object
	ChangeID     *models.ID
}

// TableName implements gorm's Tabler.
func (Record) TableName() string { return "audit_records" }

// Scope implements models.Scoped: only a city-wide audit.read reaches records.
func (Record) Scope() models.Scope { return models.LogRows("audit_records", "audit") }

// Models are the tables of this package, for the schema's tests.
func Models() []models.Scoped {
	return []models.Scoped{Change{}, Record{}, RecordSeal{}, DayCount{}, PeriodCount{}, LogHash{}, Checkpoint{}}
}

// Columns implements models.Plain.
func (*Record) Columns() string {
	return `audit_records.id, audit_records.at, audit_records.actor_id, audit_records.actor_name, audit_records.via, audit_records.remote_addr, audit_records.user_agent,
audit_records.request_id, audit_records.action, audit_records.outcome, audit_records.object_kind, audit_records.object_id, audit_records.park_id,
audit_records.jurisdiction, audit_records.enterprise_id, audit_records.reason, audit_records.before_values, audit_records.after_values, audit_records.change_id`
}

// Fields implements models.Plain.
func (r *Record) Fields() []any {
	return []any{(*string)(&r.ID), &r.At, &r.ActorID, &r.ActorName, &r.Via, &r.RemoteAddr, &r.UserAgent, &r.RequestID, &r.Action, &r.Outcome, &r.ObjectKind, &r.ObjectID,
		&r.ParkID, &r.Jurisdiction, &r.EnterpriseID, &r.Reason, &r.BeforeValues, &r.AfterValues, &r.ChangeID}
}

// Outcomes of a record.
const (
	Done    = "done"
	Refused = "refused"
	Failed  = "failed"
)

// Note is what a record says that has no change of its own.
type Note struct {
	Action  string
	Outcome string
	Kind    string
	Object  string
	Reason  string
	Actor   *models.ID // who, when not the caller of the context: a failed sign-in
	Name    string
}

// Write appends a record without a change: sign-ins, refusals, exports.
func Write(tx *models.Tx, n Note) error {
	r := newRecord(tx)
	r.Action, r.Outcome, r.ObjectKind, r.ObjectID, r.Reason = n.Action, n.Outcome, n.Kind, n.Object, n.Reason
	if n.Actor != nil {
		r.ActorID = n.Actor
	}
	if n.Name != "" {
		r.ActorName = n.Name
	}
	if err := tx.Append(&r); err != nil {
		return err
	}
	return tx.Append(&RecordSeal{RecordID: r.ID})
}

func newRecord(tx *models.Tx) Record {
	ctx := tx.Context()
	o := OriginOf(ctx)
	r := Record{ID: models.NewID(), At: tx.Now(), Via: o.Via, RemoteAddr: o.Address, UserAgent: o.UserAgent, RequestID: o.RequestID}
	if a, ok := policies.ActorFrom(ctx); ok {
		r.ActorID, r.ActorName = models.Ref(models.ID(a.User)), a.Username
	}
	return r
}

// Event is one business write.
type Event struct {
	Action policies.Permission
	Kind   string // park, enterprise, ledger, …
	ID     models.ID
	Place  models.Placed  // whose row it is; zero for rows of no park
	About  code.Day       // the civil day that the write is about; "" is today
	Counts map[string]int // how measures of the park change by it, for progress
	Facts  map[string]any // what the leaf says besides: digests, states, versions; no personal data
	Wrote  []Wrote        // the rows that the leaf commits to, by object
	Before any            // for the audit record; encoded as JSON, nil for none
	After  any
	Reason string
	Change models.ID // of the change that it leaves, when other rows name it already; "" makes one
}

// Log writes the change row and the audit record of e and returns the change's id.
func Log(tx *models.Tx, e Event) (models.ID, error) {
	ids, err := LogAll(tx, []Event{e})
	if err != nil {
		return "", err
	}
	return ids[0], nil
}

// LogAll is Log for many writes of one transaction: the changes' ids in their order.
func LogAll(tx *models.Tx, events []Event) ([]models.ID, error) {
	ids, changes, records := make([]models.ID, len(events)), make([]Change, len(events)), make([]Record, len(events))
	faults := make([]error, len(events))
	models.Beside(len(events), func(i int) {
		changes[i], records[i], faults[i] = logged(tx, events[i])
		ids[i] = changes[i].ID
	})
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	if err := models.AppendAll(tx, changes); err != nil {
		return nil, err
	}
	return ids, models.AppendAll(tx, records)
}

// logged is the change of a write with its audit record, which the leaf commits to.
func logged(tx *models.Tx, e Event) (Change, Record, error) {
	c := newChange(tx, e)
	r, err := recordOf(tx, e, &c)
	if err != nil {
		return c, r, err
	}
	facts, err := e.facts()
	if err != nil {
		return c, r, err
	}
	if _, facts[recordFact], err = headDigest(r); err != nil {
		return c, r, err
	}
	return c, r, c.Seal(facts)
}

// recordOf is the audit record of a write that leaves the change c.
func recordOf(tx *models.Tx, e Event, c *Change) (Record, error) {
	r := newRecord(tx)
	r.ID = c.ID // one is found by the other
	r.Action, r.Outcome, r.ObjectKind, r.ObjectID, r.Reason = string(e.Action), Done, e.Kind, string(e.ID), e.Reason
	r.ParkID, r.Jurisdiction, r.EnterpriseID, r.ChangeID = c.ParkID, c.Jurisdiction, c.EnterpriseID, &c.ID
	var err error
	if r.BeforeValues, err = encode(e.Before); err != nil {
		return r, err
	}
	r.AfterValues, err = encode(e.After)
	return r, err
}

func encode(v any) (string, error) {
	if v == nil {
		return "", nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}

// Package registry is the register itself: parks with phases and operators,
// enterprises with their names over time, sites and tenancies, permits,
// facilities, outlets, wastewater streams. Rows end by a day and a reason; none
// is deleted, and every write leaves a version.
package registry

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Service is the door to the register.
type Service struct {
	db   *models.DB
	jobs Rewriter
}

// Rewriter enqueues the rewriting of heads after a park's jurisdiction changed,
// in the transaction of the change.
type Rewriter interface {
	RewriteJurisdiction(tx *models.Tx, park models.ID) error
}

// New makes the service.
func New(db *models.DB, jobs Rewriter) *Service { return &Service{db: db, jobs: jobs} }

// record is what every row of the register can say about itself.
type record interface {
	models.Owned
	kind() string
	meta() *models.Versioned
	where() models.Placed
	input() any                  // the fields as they were entered, without people's
	personal() map[string]string // people's fields by name; nil when the kind has none
	closing() *Closing
}

// Closing ends a row: nothing with history is deleted.
type Closing struct {
	ClosedOn     *code.Day
	ClosedReason string
}

// CloseInput is what closing asks for.
type CloseInput struct {
	On     string `json:"on,omitempty" format:"date" doc:"终止日期，默认今天"`
	Reason string `json:"reason" doc:"原因，至少 5 个字"`
}

// Parse checks day and reason.
func (in CloseInput) Parse() (Closing, error) {
	var c fault.Check
	day := fault.Parse(&c, "/on", in.On, code.ParseDay)
	reason := fault.Must(&c, "/reason", in.Reason, code.ParseReason)
	return Closing{ClosedOn: models.Ref(day), ClosedReason: reason}, c.Err()
}

// Version is what a row said from ValidFrom on, until the next version.
type Version struct {
	ID         models.ID `gorm:"primaryKey"`
	ObjectKind string
	ObjectID   models.ID
	Version    int64
	ValidFrom  time.Time
	ChangeID   models.ID
	Data       string // JSON of the fields; people's fields as salted commitments
}

// TableName implements gorm's Tabler.
func (Version) TableName() string { return "registry_versions" }

// Scope implements models.Scoped: read through the head only.
func (Version) Scope() models.Scope { return models.Closed("registry_versions") }

// personalField is one value about a person, kept apart so that it can be erased.
type personalField struct {
	ObjectKind string
	ObjectID   models.ID `gorm:"primaryKey"`
	Field      string    `gorm:"primaryKey"`
	Value      string
	Salt       []byte
	UpdatedAt  time.Time
}

// TableName implements gorm's Tabler.
func (personalField) TableName() string { return "personal_fields" }

// Scope implements models.Scoped: read through the head only.
func (personalField) Scope() models.Scope { return models.Closed("personal_fields") }

// Models are the tables of this package, for the schema's tests.
func Models() []models.Scoped {
	return []models.Scoped{Park{}, Phase{}, Enterprise{}, EnterpriseName{}, Site{}, Tenancy{}, Permit{}, Facility{}, Outlet{}, OutletLimit{}, Stream{}, Shutdown{},
		PilotStep{}, Version{}, personalField{}, District{}, Street{}, ReferenceItem{}}
}

// create stores a new row with its first version, change and audit record.
func create(tx *models.Tx, perm policies.Permission, r record, id models.ID) error {
	id, err := freeID(tx, id)
	if err != nil {
		return err
	}
	now := tx.Now()
	*r.meta() = models.Versioned{ID: id, Version: 1, CreatedAt: now, UpdatedAt: now}
	if err := tx.Create(perm, r); err != nil {
		return err
	}
	return recordVersion(tx, perm, r, nil, "")
}

// freeID is the id of a new row: one of our own, or the caller's when no row has it.
func freeID(tx *models.Tx, id models.ID) (models.ID, error) {
	if id == "" {
		return models.NewID(), nil
	}
	var n int64
	err := tx.Internal(&Version{}).Where("object_id = ?", id).Limit(1).Count(&n).Error
	if err == nil && n > 0 {
		err = fault.New(fault.Conflict, "这个编号已经用于另一条记录，换一个编号再提交")
	}
	return id, err
}

// update stores after where before was read, unless somebody was faster; steps are
// stored with it.
func update(tx *models.Tx, perm policies.Permission, before, after record, reason string, steps ...*PilotStep) error {
	m := after.meta()
	*m = *before.meta()
	m.Version, m.UpdatedAt = before.meta().Version+1, tx.Now()
	res := tx.Visible(perm, after).Where("id = ? AND version = ?", m.ID, before.meta().Version).
		Select("*").Omit("id", "created_at").Updates(after)
	if err := models.Changed(res, stale()); err != nil {
		return err
	}
	return recordVersion(tx, perm, after, before, reason, steps...)
}

func stale() error { return fault.New(fault.Stale, "内容已经被修改，重新读取后再保存") }

func recordVersion(tx *models.Tx, perm policies.Permission, r, before record, reason string, steps ...*PilotStep) error {
	commitments, err := storePersonal(tx, r)
	if err != nil {
		return err
	}
	data := snapshot(r, commitments)
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(text)
	e := audit.Event{Action: perm, Kind: r.kind(), ID: r.meta().ID, Place: r.where(), After: data, Reason: reason,
		Facts: map[string]any{"version": r.meta().Version, "sha256": hex.EncodeToString(digest[:])}}
	if before != nil {
		e.Before = snapshot(before, nil)
	}
	v := Version{ID: models.NewID(), ObjectKind: r.kind(), ObjectID: r.meta().ID, Version: r.meta().Version, ValidFrom: tx.Now(), ChangeID: models.NewID(), Data: string(text)}
	rows := []any{v}
	for _, s := range steps {
		s.ChangeID = v.ChangeID
		rows = append(rows, *s)
	}
	e.Change, e.Wrote = v.ChangeID, []audit.Wrote{{Object: v.ObjectID, Head: r, Rows: rows}}
	if _, err := audit.Log(tx, e); err != nil {
		return err
	}
	for _, s := range steps {
		if err := tx.Append(s); err != nil {
			return err
		}
	}
	return tx.Append(&v)
}

// snapshot is the row's fields for versions and audit: closing included, people's values left out.
func snapshot(r record, commitments map[string]string) map[string]any {
	data := map[string]any{"fields": r.input()}
	if c := r.closing(); c != nil && c.ClosedOn != nil {
		data["closedOn"], data["closedReason"] = *c.ClosedOn, c.ClosedReason
	}
	if len(commitments) > 0 {
		data["personal"] = commitments
	}
	return data
}

// storePersonal keeps people's fields in their own table and returns a salted
// commitment to each: versions and leaves hold these, so that a value can be
// erased later while the log stays whole (decision 8).
func storePersonal(tx *models.Tx, r record) (map[string]string, error) {
	values := r.personal()
	if values == nil {
		return nil, nil
	}
	commitments := map[string]string{}
	for field, value := range values {
		salt := make([]byte, 16)
		_, _ = rand.Read(salt) // never fails since Go 1.24
		commitments[field] = commitment(salt, value)
		row := personalField{ObjectKind: r.kind(), ObjectID: r.meta().ID, Field: field, Value: value, Salt: salt, UpdatedAt: tx.Now()}
		err := tx.Internal(&personalField{}).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error
		if err != nil {
			return nil, fmt.Errorf("keep %s: %w", field, err)
		}
	}
	return commitments, nil
}

// commitment binds to a value without telling it.
func commitment(salt []byte, value string) string {
	mac := hmac.New(sha256.New, salt)
	mac.Write([]byte(value))
	return hex.EncodeToString(mac.Sum(nil))
}

// personalColumn is a field about a person as a column of a row of table, "" when there is none.
func personalColumn(table, field string) string {
	return "COALESCE((SELECT value FROM personal_fields WHERE object_id = " + table + ".id AND field = '" + field + "'), '')"
}

// loadPersonal fills in people's fields of a row that the caller has already reached,
// where they do not come with the row itself.
func loadPersonal(ctx context.Context, db *models.DB, r record) error {
	apart, ok := r.(interface{ setPersonal(map[string]string) })
	if !ok {
		return nil
	}
	values := map[string]string{}
	var field, value string
	err := models.Read(db.Internal(ctx, &personalField{}).Where("object_id = ?", r.meta().ID), "field, value", []any{&field, &value}, func() error {
		values[field] = value
		return nil
	})
	if err == nil {
		apart.setPersonal(values)
	}
	return err
}

// closeRow ends a row that is open.
func closeRow(tx *models.Tx, perm policies.Permission, before, after record, c Closing) error {
	if before.closing().ClosedOn != nil {
		return fault.New(fault.Conflict, "已经终止")
	}
	if c.ClosedOn == nil {
		c.ClosedOn = models.Ref(tx.Today())
	}
	if *c.ClosedOn > tx.Today() {
		return broken("/on", "future", "终止日期不能晚于今天，到那一天再办理")
	}
	*after.closing() = c
	return update(tx, perm, before, after, c.ClosedReason)
}

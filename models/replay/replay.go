// Package replay keeps the answers to requests that carry an Idempotency-Key,
// so that the same request sent twice happens once.
package replay

import (
	"bytes"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parkregistry/internal/fault"
	"parkregistry/models"
)

// Key names one request of one caller on one route.
type Key struct {
	ActorID models.ID
	Route   string
	Key     string
}

// Answer is what was answered.
type Answer struct {
	Status   int
	Headers  map[string]string
	Body     []byte
	Replayed bool // it comes from storage
}

// row is one kept answer; Status is nil while the request that took the key runs.
type row struct {
	ActorID     models.ID `gorm:"primaryKey"`
	Route       string    `gorm:"primaryKey"`
	Key         string    `gorm:"primaryKey"`
	Fingerprint []byte
	Status      *int
	Headers     models.JSON[map[string]string]
	Body        []byte
	CreatedAt   time.Time
}

// TableName implements gorm's Tabler.
func (row) TableName() string { return "idempotency_keys" }

// Scope implements models.Scoped.
func (row) Scope() models.Scope { return models.Closed("idempotency_keys") }

// Models are the tables of this package, for the schema's tests.
func Models() []models.Scoped { return []models.Scoped{row{}} }

// Take claims the key for this transaction, or finds the answer kept for it. A
// twin that is still running is waited for as long as the database waits for a
// lock. The same key with another request is Invalid.
func Take(tx *models.Tx, k Key, fingerprint []byte) (Answer, bool, error) {
	r := row{ActorID: k.ActorID, Route: k.Route, Key: k.Key, Fingerprint: fingerprint, CreatedAt: tx.Now()}
	res := tx.Internal(&row{}).Clauses(clause.OnConflict{DoNothing: true}).Create(&r)
	if res.Error != nil {
		if fault.Is(models.Fault(res.Error), fault.Unavailable) {
			return Answer{}, false, running()
		}
		return Answer{}, false, res.Error
	}
	if res.RowsAffected == 1 {
		return Answer{}, false, nil
	}
	var kept row
	if err := models.One(where(tx, k), &kept); err != nil {
		return Answer{}, false, err
	}
	if !bytes.Equal(kept.Fingerprint, fingerprint) {
		return Answer{}, false, &fault.Error{Code: fault.Invalid, Detail: fault.T("这个 Idempotency-Key 已经用于另一次提交，换一个新的键"),
			Violations: []fault.Violation{{Pointer: "/header/Idempotency-Key", Code: "reused", Detail: fault.T("这个 Idempotency-Key 已经用于另一次提交，换一个新的键")}}}
	}
	if kept.Status == nil {
		return Answer{}, false, running()
	}
	return Answer{Status: *kept.Status, Headers: kept.Headers.V, Body: kept.Body, Replayed: true}, true, nil
}

func running() error {
	f := fault.New(fault.Conflict, "同一次提交正在处理，稍后再试")
	f.RetryAfter = 2
	return f
}

func where(tx *models.Tx, k Key) *gorm.DB {
	return tx.Internal(&row{}).Where("actor_id = ? AND route = ? AND key = ?", k.ActorID, k.Route, k.Key)
}

// Keep stores the answer in the transaction of its effect.
func Keep(tx *models.Tx, k Key, a Answer) error {
	return where(tx, k).Updates(map[string]any{"status": a.Status, "headers": models.JSON[map[string]string]{V: a.Headers}, "body": a.Body}).Error
}

// KeepRefusal stores a refusal, whose effect was undone, in a transaction of its own.
func KeepRefusal(tx *models.Tx, k Key, fingerprint []byte, a Answer) error {
	r := row{ActorID: k.ActorID, Route: k.Route, Key: k.Key, Fingerprint: fingerprint, Status: &a.Status, Body: a.Body, CreatedAt: tx.Now()}
	r.Headers.V = a.Headers
	return tx.Internal(&row{}).Clauses(clause.OnConflict{DoNothing: true}).Create(&r).Error
}

// keptFor is how long an answer is kept.
const keptFor = 72 * time.Hour

// Sweep forgets answers older than 72 hours.
func Sweep(tx *models.Tx) (int64, error) {
	res := tx.Internal(&row{}).Where("created_at < ?", tx.Now().Add(-keptFor)).Delete(&row{})
	return res.RowsAffected, res.Error
}

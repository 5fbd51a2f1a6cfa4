package models

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/policies"
)

// Tx is one transaction with one instant: everything written in it happened at Now.
type Tx struct {
	db    *DB
	g     *gorm.DB
	ctx   context.Context
	now   time.Time
	after []func()
	held  map[Latch]bool

	conn    *sql.Conn    // PostgreSQL only, of a transaction that writes: for COPY
	copying bytes.Buffer // what one COPY sends
}

type txKey struct{ db *DB }

func ambient(ctx context.Context, db *DB) (*Tx, bool) {
	tx, ok := ctx.Value(txKey{db}).(*Tx)
	return tx, ok
}

// Write runs fn in a transaction and commits when it returns nil. Inside a
// transaction that ctx already carries (a request with an Idempotency-Key) it
// joins that one. Work that the database gave up for no fault of its own
// (serialization, deadlock) is tried again, three times at most, so fn must be
// safe to run again.
func (db *DB) Write(ctx context.Context, fn func(tx *Tx) error) error {
	if tx, ok := ambient(ctx, db); ok {
		return fn(tx)
	}
	var err error
	for try := 0; try < 4; try++ {
		if try > 0 {
			time.Sleep(time.Duration(try*try) * 5 * time.Millisecond)
		}
		var tx *Tx
		tx, err = db.once(ctx, fn)
		if err == nil {
			for _, f := range tx.after {
				f()
			}
			return nil
		}
		if !transient(err) || ctx.Err() != nil {
			break
		}
	}
	return Fault(err)
}

func (db *DB) once(ctx context.Context, fn func(tx *Tx) error) (*Tx, error) {
	tx := &Tx{db: db, now: db.Now()}
	tx.ctx = context.WithValue(ctx, txKey{db}, tx)
	begin := func(g *gorm.DB) error {
		return g.Transaction(func(g *gorm.DB) error {
			tx.g = g.Session(&gorm.Session{NowFunc: tx.Now}) // one instant, also of what the mapper fills in
			return fn(tx)
		})
	}
	if db.Engine != Postgres {
		return tx, begin(db.write.WithContext(ctx))
	}
	return tx, db.write.WithContext(ctx).Connection(func(g *gorm.DB) error {
		tx.conn = g.Statement.ConnPool.(*sql.Conn)
		return begin(g)
	})
}

// Snapshot runs fn with a context whose reads all see one state of the database,
// whoever writes meanwhile. Nothing can be written with it.
func (db *DB) Snapshot(ctx context.Context, fn func(ctx context.Context) error) error {
	if _, ok := ambient(ctx, db); ok {
		return fn(ctx)
	}
	how := &sql.TxOptions{ReadOnly: true}
	if db.Engine == Postgres { // on SQLite every transaction that only reads is one
		how.Isolation = sql.LevelRepeatableRead
	}
	tx := &Tx{db: db, now: db.Now()}
	tx.ctx = context.WithValue(ctx, txKey{db}, tx)
	return Fault(db.read.WithContext(ctx).Transaction(func(g *gorm.DB) error {
		tx.g = g
		return fn(tx.ctx)
	}, how))
}

// Rehearse runs fn in a transaction and takes back what it wrote: what would a write
// answer. Inside a transaction that ctx already carries only fn is taken back.
func (db *DB) Rehearse(ctx context.Context, fn func(tx *Tx) error) error {
	tried := func(tx *Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return errRehearsed
	}
	if outer, ok := ambient(ctx, db); ok {
		err := outer.g.WithContext(ctx).Transaction(func(g *gorm.DB) error { // a savepoint
			tx := &Tx{db: db, g: g, now: outer.now, conn: outer.conn}
			tx.ctx = context.WithValue(ctx, txKey{db}, tx)
			return tried(tx)
		})
		return rehearsed(err)
	}
	return rehearsed(db.Write(ctx, tried))
}

var errRehearsed = errors.New("a rehearsal is taken back")

func rehearsed(err error) error {
	if errors.Is(err, errRehearsed) {
		return nil
	}
	return err
}

// Context carries the transaction, so that a service called with it joins.
func (tx *Tx) Context() context.Context { return tx.ctx }

// DB is the database of the transaction.
func (tx *Tx) DB() *DB { return tx.db }

// Now is the instant of the transaction: UTC, whole seconds.
func (tx *Tx) Now() time.Time { return tx.now }

// Today is the civil day of Now at UTC+8.
func (tx *Tx) Today() code.Day { return code.DayOf(tx.now) }

// Replan makes PostgreSQL forget the plans of this connection. It keeps that of a statement
// which has been carried out five times; one made while a table was empty reads the whole
// table, each time, however much the transaction has stored in it since.
func (tx *Tx) Replan() error {
	if tx.db.Engine != Postgres {
		return nil
	}
	return tx.g.Exec("DISCARD PLANS").Error
}

// AfterCommit runs f once the transaction is durable: for what leaves the process.
func (tx *Tx) AfterCommit(f func()) { tx.after = append(tx.after, f) }

// SQL is the transaction as the job library needs it.
func (tx *Tx) SQL() *sql.Tx { return tx.g.Statement.ConnPool.(*sql.Tx) }

// Visible is DB.Visible inside the transaction.
func (tx *Tx) Visible(perm policies.Permission, model Scoped) *gorm.DB {
	return visible(tx.ctx, tx.g, perm, model)
}

// Create stores a new row if perm reaches its owner; otherwise the answer is
// that of a row outside the scope.
func (tx *Tx) Create(perm policies.Permission, row Owned) error {
	s := row.Scope()
	if s.Kind == closed || s.Kind == childRows {
		return fault.New(fault.Internal, "数据表 {{.Table}} 不接受权限 {{.Permission}}", "Table", s.Table, "Permission", string(perm))
	}
	if err := tx.Covers(perm, row.Owner()); err != nil {
		return err
	}
	return tx.g.Create(row).Error
}

// CreateNew is Create for a row whose unique keys may be taken: it reports
// whether the row is stored. A refusal by the database would end the whole
// transaction on PostgreSQL, so that the caller could not say by what it was taken.
func (tx *Tx) CreateNew(perm policies.Permission, row Owned) (bool, error) {
	if s := row.Scope(); s.Kind == closed || s.Kind == childRows {
		return false, fault.New(fault.Internal, "数据表 {{.Table}} 不接受权限 {{.Permission}}", "Table", s.Table, "Permission", string(perm))
	}
	if err := tx.Covers(perm, row.Owner()); err != nil {
		return false, err
	}
	res := tx.g.Clauses(clause.OnConflict{DoNothing: true}).Create(row)
	return res.RowsAffected == 1, res.Error
}

// CreateAllNew is CreateNew for many rows of one table: it says how many are stored. Which
// of them, when not all are, is for the caller to read: by something that only they have.
func CreateAllNew[T Owned](tx *Tx, perm policies.Permission, rows []T) (stored int, err error) {
	for _, row := range rows {
		if s := row.Scope(); s.Kind == closed || s.Kind == childRows {
			return 0, fault.New(fault.Internal, "数据表 {{.Table}} 不接受权限 {{.Permission}}", "Table", s.Table, "Permission", string(perm))
		}
		if err := tx.Covers(perm, row.Owner()); err != nil {
			return 0, err
		}
	}
	if len(rows) == 0 {
		return 0, nil
	}
	res := tx.g.Session(&gorm.Session{CreateBatchSize: 200}).Clauses(clause.OnConflict{DoNothing: true}).Create(&rows)
	return int(res.RowsAffected), res.Error
}

// CreateCovered is Create for a row whose owner follows from another row: a firm
// that takes residence in a park. owner must have been read in this transaction.
func (tx *Tx) CreateCovered(perm policies.Permission, owner policies.Row, row Owned) error {
	if err := tx.Covers(perm, owner); err != nil {
		return err
	}
	return tx.g.Create(row).Error
}

// Covers is the decision about a row that is not stored yet: nil, Denied when
// the role lacks perm altogether, or the answer of a row outside the scope.
func (tx *Tx) Covers(perm policies.Permission, owner policies.Row) error {
	if err := policies.Require(tx.ctx, perm); err != nil {
		return err
	}
	actor, _ := policies.ActorFrom(tx.ctx)
	scope, err := actor.Scope(perm)
	if err != nil {
		return err
	}
	if !scope.Covers(owner) {
		return fault.Absent()
	}
	return nil
}

// Append inserts a row that has no reach of its own: a child of a head that the
// caller has already reached, a row of a log or of a table that no request
// reaches. Any other table goes through Create.
func (tx *Tx) Append(row Scoped) error {
	if err := appendable(row.Scope()); err != nil {
		return err
	}
	return tx.g.Create(row).Error
}

// AppendAll is Append for many rows of one table.
func AppendAll[T Scoped](tx *Tx, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	if err := appendable(rows[0].Scope()); err != nil {
		return err
	}
	if done, err := copyIn(tx, rows); done || err != nil {
		return err
	}
	return tx.g.Session(&gorm.Session{CreateBatchSize: 500}).Create(&rows).Error
}

func appendable(s Scope) error {
	if s.Kind == childRows || s.Kind == closed || s.log {
		return nil
	}
	return fmt.Errorf("table %s takes new rows by a permission only", s.Table)
}

// Internal starts a statement on a table that no request reaches (settings,
// sessions by token, numbers). A table with rows of a park, an enterprise or a
// person is refused, except to the program itself.
func (tx *Tx) Internal(model Scoped) *gorm.DB { return internalRows(tx.ctx, tx.g, model) }

// Internal is Tx.Internal for reading outside a transaction.
func (db *DB) Internal(ctx context.Context, model Scoped) *gorm.DB {
	if tx, ok := ambient(ctx, db); ok {
		return internalRows(ctx, tx.g, model)
	}
	return internalRows(ctx, db.read, model)
}

func internalRows(ctx context.Context, g *gorm.DB, model Scoped) *gorm.DB {
	g = g.WithContext(ctx).Model(model)
	if s := model.Scope(); s.Kind != closed {
		g = g.Where("1 = 0")
		_ = g.AddError(fmt.Errorf("table %s is reached by a permission only", s.Table))
	}
	return g
}

// Program is the unscoped transaction, for the program itself only (seed, jobs,
// sequencer): for anybody else the statement carries an error and does nothing.
func (tx *Tx) Program() *gorm.DB {
	g := tx.g.WithContext(tx.ctx)
	if a, ok := policies.ActorFrom(tx.ctx); !ok || !a.Holds(policies.System) {
		_ = g.AddError(errors.New("only the program itself works without a scope"))
	}
	return g
}

// Changed turns a conditional update that met nothing into refusal: somebody
// moved the row first, or it is not in the state that the move starts from.
func Changed(res *gorm.DB, refusal error) error {
	if res.Error != nil {
		return res.Error
	}
	if res.RowsAffected == 0 {
		return refusal
	}
	return nil
}

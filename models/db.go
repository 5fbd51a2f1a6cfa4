// Package models is the kernel under every domain: the connection to
// PostgreSQL or SQLite, transactions, which rows a caller sees, paging, error
// translation and migrations. It knows no domain: those live in its folders.
package models

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/policies"
)

// Engine names the database behind a DB.
type Engine string

const (
	Postgres Engine = "postgres"
	SQLite   Engine = "sqlite"
)

// DB is the only door to rows. Reads go through Visible, writes through Write.
type DB struct {
	Engine Engine
	Policy *policies.Policy

	write, read       *gorm.DB // the same pool on PostgreSQL
	writeSQL, readSQL *sql.DB
	clock             func() time.Time
	cursors           cursorSealer

	counter    *gorm.DB // PostgreSQL only: one connection that takes blocks of numbers
	counterSQL *sql.DB
	numberMu   sync.Mutex
	numbers    map[numberKey]numberBlock // PostgreSQL only: blocks taken ahead
}

// Now is the present instant in whole seconds, UTC, from the injected clock.
func (db *DB) Now() time.Time { return db.clock().UTC().Truncate(time.Second) }

// Today is the civil day at UTC+8.
func (db *DB) Today() code.Day { return code.DayOf(db.clock()) }

// Visible starts a read of model's table, limited to the rows that perm
// reaches for the caller of ctx. Inside a request's transaction it reads there.
func (db *DB) Visible(ctx context.Context, perm policies.Permission, model Scoped) *gorm.DB {
	if tx, ok := ambient(ctx, db); ok {
		return visible(ctx, tx.g, perm, model)
	}
	return visible(ctx, db.read, perm, model)
}

// Joined reports whether everything that is read with ctx goes through one transaction.
func (db *DB) Joined(ctx context.Context) bool {
	_, ok := ambient(ctx, db)
	return ok
}

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.writeSQL.PingContext(ctx); err != nil {
		return Fault(err)
	}
	return nil
}

// Pools are the connection pools by name, for metrics.
func (db *DB) Pools() map[string]*sql.DB {
	if db.readSQL == db.writeSQL {
		return map[string]*sql.DB{"primary": db.writeSQL}
	}
	return map[string]*sql.DB{"write": db.writeSQL, "read": db.readSQL}
}

// SQL is the writing pool, for the job library and for migrations. Domains
// have no use for it.
func (db *DB) SQL() *sql.DB { return db.writeSQL }

// Settle brings what the write-ahead log of SQLite holds into the file, so that a
// large load does not stay on the disk twice. Nothing to do on PostgreSQL.
func (db *DB) Settle(ctx context.Context) error {
	if db.Engine != SQLite {
		return nil
	}
	_, err := db.writeSQL.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}

// Close lets the database finish its housekeeping and closes the pools.
func (db *DB) Close() error {
	if db.Engine == SQLite {
		_, _ = db.writeSQL.Exec("PRAGMA optimize")
		_ = db.Settle(context.Background())
	}
	if db.readSQL != db.writeSQL {
		_ = db.readSQL.Close()
	}
	if db.counterSQL != nil {
		_ = db.counterSQL.Close()
	}
	return db.writeSQL.Close()
}

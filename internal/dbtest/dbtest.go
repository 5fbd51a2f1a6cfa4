// Package dbtest gives a test a migrated database on each engine: SQLite always,
// PostgreSQL when PGHOST names a server. Without one the PostgreSQL half is
// skipped at a desk and fails where PARK_TEST_NO_SKIP is set, as in CI.
package dbtest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"parkregistry/models"
	"parkregistry/policies"
)

// Options change how the database is opened.
type Options struct {
	Policy *policies.Policy // nil is the embedded one
	Clock  func() time.Time // nil is time.Now
}

// Each runs fn with an empty, migrated database of each engine.
func Each(t *testing.T, fn func(t *testing.T, db *models.DB)) {
	t.Helper()
	EachWith(t, Options{}, fn)
}

// EachWith is Each with options.
func EachWith(t *testing.T, o Options, fn func(t *testing.T, db *models.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, open(t, o, SQLite(t))) })
	t.Run("postgres", func(t *testing.T) { fn(t, open(t, o, Postgres(t))) })
}

// open opens the database at address and closes it with the test.
func open(t testing.TB, o Options, address string) *models.DB {
	t.Helper()
	db, err := models.Open(context.Background(), models.Config{URL: address, Policy: o.Policy, Clock: o.Clock, PoolSize: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// template is the migrated file that every SQLite test starts from: made once a process.
var template = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "park-template-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "template.db")
	if err := migrate(context.Background(), "sqlite:"+file); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

func migrate(ctx context.Context, address string) error {
	db, err := models.Open(ctx, models.Config{URL: address, PoolSize: 2})
	if err != nil {
		return err
	}
	if _, err := db.Migrate(ctx); err != nil {
		_ = db.Close()
		return err
	}
	return db.Close()
}

// SQLite makes a migrated file and gives its address.
func SQLite(t testing.TB) string {
	t.Helper()
	content, err := template()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "park.db")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + file
}

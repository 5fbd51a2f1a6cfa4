package models_test

import (
	"context"
	"os"
	"slices"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/assessment"
	"parkregistry/models/audit"
	"parkregistry/models/exchange"
	"parkregistry/models/export"
	"parkregistry/models/files"
	"parkregistry/models/grade"
	"parkregistry/models/inbox"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/models/replay"
	"parkregistry/models/task"
	"parkregistry/policies"
)

// registered are the tables of every domain: a new package adds its line here.
func registered() []models.Scoped {
	return slices.Concat(
		registry.Models(),
		audit.Models(),
		replay.Models(),
		account.Models(),
		ledger.Models(),
		inspection.Models(), assessment.Models(), grade.Models(), task.Models(),
		files.Models(), inbox.Models(), exchange.Models(), export.Models(),
	)
}

// unmodelled are tables that no struct describes, and why.
var unmodelled = map[string]string{
	"goose_db_version": "the migrations' own",
	"sqlite_sequence":  "SQLite's own",
	"numbers":          "reached by one statement of the kernel",
	"settings":         "made ahead for the rooms that read it",
}

func mustRead(name string) string {
	raw, err := os.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// addresses gives the test a migrated database of each engine by its address, for
// tests that open it more than once.
func addresses(t *testing.T, fn func(t *testing.T, address string)) {
	t.Run("sqlite", func(t *testing.T) { fn(t, dbtest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { fn(t, dbtest.Postgres(t)) })
}

func open(t *testing.T, address string, pool int) *models.DB {
	t.Helper()
	db, err := models.Open(t.Context(), models.Config{URL: address, PoolSize: pool})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func program(db *models.DB) context.Context {
	return policies.With(context.Background(), db.Policy.Program("test"))
}

package models_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"parkregistry/models"
)

// twoRoles makes a database with an owner and a role that serves, as
// deploy/initdb/10-roles.sh does, and gives the addresses of both.
func twoRoles(t *testing.T) (owner, runtime string) {
	t.Helper()
	if os.Getenv("PGHOST") == "" {
		if os.Getenv("PARK_TEST_NO_SKIP") != "" {
			t.Fatal("PGHOST names no PostgreSQL")
		}
		t.Skip("no PostgreSQL at this desk")
	}
	id := "grants_" + strings.ToLower(rand.Text()[:12])
	run := func(ctx context.Context, database string, statements ...string) error {
		cfg, err := pgx.ParseConfig("database=" + database)
		if err != nil {
			return err
		}
		conn, err := pgx.ConnectConfig(ctx, cfg)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close(ctx) }()
		for _, s := range statements {
			if _, err := conn.Exec(ctx, strings.ReplaceAll(s, "ID", id)); err != nil {
				return err
			}
		}
		return nil
	}
	t.Cleanup(func() {
		if err := run(context.Background(), "postgres", "DROP DATABASE IF EXISTS ID WITH (FORCE)", "DROP ROLE IF EXISTS ID_run", "DROP ROLE IF EXISTS ID_own"); err != nil {
			t.Errorf("tidy up: %v", err)
		}
	})
	err := errors.Join(
		run(t.Context(), "postgres", "CREATE ROLE ID_own LOGIN PASSWORD 'p'", "CREATE ROLE ID_run LOGIN PASSWORD 'p'", "CREATE DATABASE ID OWNER ID_own"),
		run(t.Context(), id,
			"GRANT USAGE ON SCHEMA public TO ID_run",
			"ALTER DEFAULT PRIVILEGES FOR ROLE ID_own IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ID_run"))
	if err != nil {
		t.Fatal(err)
	}
	at := "@" + os.Getenv("PGHOST") + ":" + os.Getenv("PGPORT") + "/" + id
	return "postgres://" + id + "_own:p" + at, "postgres://" + id + "_run:p" + at
}

// TestRuntimeRoleCannotRewriteLogs: behind the triggers stands a second fence (S-LG5).
func TestRuntimeRoleCannotRewriteLogs(t *testing.T) {
	owner, runtime := twoRoles(t)
	for range 2 { // the second time there is nothing left to take
		db, err := models.Open(t.Context(), models.Config{URL: owner})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := pgx.Connect(t.Context(), runtime)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, c := range []struct {
		statement string
		allowed   bool
	}{
		{"DELETE FROM audit_records", false},
		{"UPDATE audit_records SET reason = ''", false},
		{"TRUNCATE audit_records", false},
		{"DELETE FROM changes", false},
		{"UPDATE changes SET seq = 1 WHERE false", true}, // the sequencer numbers; a trigger keeps the rest
		{"UPDATE ledger_filings SET id = id", false},
		{"DELETE FROM ledger_steps", false},
		{"UPDATE ledger_items SET raw = raw", false},
		{"DELETE FROM ledger_oddities", false},
		{"DELETE FROM ledger_exceedances", false},
		{"DELETE FROM ledger_limit_sets", false},
		{"UPDATE period_lock_steps SET reason = reason", false},
		{"DELETE FROM finding_steps", false},
		{"UPDATE patrol_events SET id = id", false},
		{"DELETE FROM registry_versions", false},
		{"UPDATE log_hashes SET hash = hash", false},
		{"DELETE FROM checkpoints", false},
		{"TRUNCATE log_hashes", false},
		{"DELETE FROM sessions", true},
		{"UPDATE users SET disabled_reason = ''", true},
		{"ALTER TABLE changes DISABLE TRIGGER ALL", false},
		{"CREATE TABLE mine (id int)", false},
	} {
		_, err := conn.Exec(t.Context(), c.statement)
		var pg *pgconn.PgError
		switch {
		case c.allowed && err != nil:
			t.Errorf("%s: %v", c.statement, err)
		case !c.allowed && (!errors.As(err, &pg) || pg.Code != "42501"): // insufficient_privilege
			t.Errorf("%s: want insufficient privilege, got %v", c.statement, err)
		}
	}
}

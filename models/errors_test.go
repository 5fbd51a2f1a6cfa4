package models_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// TestFaultsOfTheDriver breaks each constraint for real and reads what comes out of Write.
func TestFaultsOfTheDriver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		site := c.BaoanA.Site
		tenancy := func(building, from string) string {
			return fmt.Sprintf("INSERT INTO tenancies (id, site_id, park_id, enterprise_id, building, unit, from_on, created_at, updated_at) SELECT '%s', id, park_id, enterprise_id, '%s', '101', '%s', created_at, updated_at FROM sites WHERE id = '%s'",
				models.NewID(), building, from, site.ID)
		}
		for _, x := range []struct {
			name, statement string
			code            fault.Code
			says            string
			dup, overlap    bool
		}{
			{"unique", "UPDATE parks SET code = 'SZ-01' WHERE code = 'SZ-02'", fault.Conflict, "相同的记录", true, false},
			{"primary key", fmt.Sprintf("UPDATE parks SET id = '%s' WHERE code = 'SZ-31'", c.BaoanA.Park.ID), fault.Conflict, "相同的记录", true, false},
			{"foreign key", fmt.Sprintf("INSERT INTO enterprise_names (id, enterprise_id, name, from_on) VALUES ('%s', '%s', 'x', '2020-01-01')", models.NewID(), models.NewID()), fault.Conflict, "引用的记录不存在", false, false},
			{"a child in another park", fmt.Sprintf("UPDATE outlets SET park_id = '%s' WHERE id = '%s'", c.Longgang.Park.ID, c.BaoanA.Outlet.ID), fault.Conflict, "不在同一园区", false, false},
			{"check", "UPDATE parks SET pilot_confirmed = true, name = NULL WHERE code = 'SZ-31'", fault.Conflict, "约束不符", false, false},
			{"overlap", tenancy("1", "2023-01-01"), fault.Conflict, "重叠", false, true},
			{"frozen", "DELETE FROM audit_records", fault.Conflict, "不能修改", false, false},
			{"no overlap", tenancy("2", "2023-01-01"), "", "", false, false},
			{"no such table", "SELECT nothing FROM nowhere", fault.Internal, "", false, false},
		} {
			t.Run(x.name, func(t *testing.T) {
				var raw error
				err := db.Write(c.Program(), func(tx *models.Tx) error {
					raw = tx.Program().Exec(x.statement).Error
					return raw
				})
				if fault.CodeOf(err) != x.code || err != nil && !strings.Contains(err.Error(), x.says) {
					t.Errorf("got %v, want %s with %q", err, x.code, x.says)
				}
				if models.Duplicate(raw) != x.dup || models.Overlap(raw) != x.overlap {
					t.Errorf("%v: Duplicate %v, Overlap %v", raw, models.Duplicate(raw), models.Overlap(raw))
				}
				var f *fault.Error
				if errors.As(err, &f) && errors.Unwrap(err) == nil {
					t.Error("the cause is lost for the log")
				}
			})
		}
	})
}

// TestLockTimeout: a writer that waits too long for another is told to come back.
func TestLockTimeout(t *testing.T) {
	addresses(t, func(t *testing.T, address string) {
		db := open(t, address, 4)
		c := dbtest.NewCity(t, db)
		other := open(t, address, 2)
		hold := "UPDATE parks SET address = address"
		err := db.Write(c.Program(), func(tx *models.Tx) error {
			if err := tx.Program().Exec(hold).Error; err != nil {
				return err
			}
			err := other.Write(program(other), func(tx *models.Tx) error {
				wait := "SET LOCAL lock_timeout = '50ms'"
				if other.Engine == models.SQLite {
					wait = "SELECT 1" // never reached: BEGIN IMMEDIATE waits
				}
				return errors.Join(tx.Program().Exec(wait).Error, tx.Program().Exec(hold).Error)
			})
			var f *fault.Error
			if !errors.As(err, &f) || f.Code != fault.Unavailable || f.RetryAfter == 0 {
				t.Errorf("waiting for a lock: %v", err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestFault(t *testing.T) {
	own := fault.New(fault.Stale, "内容已经被修改，重新读取后再保存")
	for _, c := range []struct {
		name string
		err  error
		want fault.Code
	}{
		{"nothing", nil, ""},
		{"a fault passes", own, fault.Stale},
		{"a fault inside passes", fmt.Errorf("save: %w", own), fault.Stale},
		{"no row", gorm.ErrRecordNotFound, fault.NotFound},
		{"deadline", context.DeadlineExceeded, fault.Unavailable},
		{"duplicate", gorm.ErrDuplicatedKey, fault.Conflict},
		{"unknown", io.ErrNoProgress, fault.Internal},
		{"cancelled by the caller", context.Canceled, fault.Internal},
	} {
		if got := fault.CodeOf(models.Fault(c.err)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if !errors.Is(models.Fault(context.Canceled), context.Canceled) {
		t.Error("the caller's own cancellation can no longer be told")
	}
}

// TestServerGoesAway: a server that ends the connection is Unavailable, not a defect
// of ours, and the next write gets a connection that works.
func TestServerGoesAway(t *testing.T) {
	db := open(t, dbtest.Postgres(t), 2)
	err := db.Write(program(db), func(tx *models.Tx) error {
		return tx.Program().Exec("SELECT pg_terminate_backend(pg_backend_pid())").Error
	})
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("the server ended the connection: %v", err)
	}
	if err := db.Write(program(db), func(tx *models.Tx) error { return tx.Program().Create(district("a")).Error }); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestDeadline: a caller without time left gets Unavailable.
func TestDeadline(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		ctx, stop := context.WithTimeout(program(db), time.Nanosecond)
		defer stop()
		var n int64
		err := models.Fault(db.Visible(ctx, policies.ParkRead, &registry.Park{}).Count(&n).Error)
		if !fault.Is(err, fault.Unavailable) {
			t.Errorf("past the deadline: %v", err)
		}
	})
}

// TestFrozen: no row of a log is changed or deleted, whoever asks.
func TestFrozen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		all := columns(t, db)
		logs := []string{"audit_records", "audit_seals", "changes", "log_hashes", "checkpoints", "registry_versions", "ledger_filings", "ledger_steps", "ledger_items", "ledger_oddities", "ledger_exceedances", "ledger_limit_sets",
			"period_lock_steps", "patrol_events", "finding_steps", "draw_tasks", "assessment_checklists", "assessment_steps", "assessment_marks", "pilot_steps", "grade_steps", "programmes", "task_steps", "import_steps"}
		// Heads move, each only in the columns that its own trigger leaves free.
		heads := []string{"ledger_entries", "attachments", "imports"}
		for table, has := range all {
			if _, written := has["change_id"]; written && !slices.Contains(logs, table) && !slices.Contains(heads, table) {
				t.Errorf("the rows of %s name the change that wrote them, and nothing says that they are frozen", table)
			}
		}
		for _, table := range logs {
			t.Run(table, func(t *testing.T) {
				insertAny(t, db, table, all[table])
				column := map[string]string{"audit_seals": "record_id", "ledger_items": "raw", "ledger_oddities": "args", "ledger_limit_sets": "content", "log_hashes": "hash", "draw_tasks": "place"}[table]
				if column == "" {
					column = "id"
				}
				statements := []string{"DELETE FROM " + table, "UPDATE " + table + " SET " + column + " = " + column}
				if db.Engine == models.Postgres {
					statements = append(statements, "TRUNCATE "+table+" CASCADE")
				}
				for _, s := range statements {
					err := db.Write(program(db), func(tx *models.Tx) error { return tx.Program().Exec(s).Error })
					if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "已经报送或者留痕") {
						t.Errorf("%s: %v", s, err)
					}
				}
			})
		}
	})
}

// insertAny stores one row of made-up values, past the foreign keys.
func insertAny(t *testing.T, db *models.DB, table string, columns map[string]column) {
	t.Helper()
	ctx := t.Context()
	conn, err := db.SQL().Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	off, on := "PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"
	if db.Engine == models.Postgres {
		off, on = `DO $$ DECLARE c record; BEGIN
			FOR c IN SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = '`+table+`'::regclass LOOP
				EXECUTE format('ALTER TABLE `+table+` DROP CONSTRAINT %I', c.conname);
			END LOOP; END $$`, "SELECT 1"
	}
	names, values := []string{}, []string{}
	for name, c := range columns {
		if c.null {
			continue
		}
		names = append(names, name)
		switch {
		case c.kind == "integer":
			values = append(values, "1")
		case c.kind == "boolean":
			values = append(values, "false")
		case c.kind == "instant":
			values = append(values, "'2026-01-01 00:00:00+00:00'")
		case c.kind == "bytes":
			values = append(values, "''")
		case c.kind == "day" || strings.HasSuffix(name, "_on") || name == "day":
			values = append(values, "'2026-01-01'")
		case table == "period_lock_steps" && name == "kind":
			values = append(values, "'locked'")
		case name == "side":
			values = append(values, "'self'")
		case name == "to_state":
			values = append(values, "'lapsed'")
		case name == "counts" || name == "body" || name == "outcome" || name == "attachments" || name == "content":
			values = append(values, "'{}'")
		default:
			values = append(values, "'"+string(models.NewID())+"'")
		}
	}
	for _, s := range []string{off, "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")", on} {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

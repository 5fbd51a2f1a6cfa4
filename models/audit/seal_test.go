package audit_test

import (
	"fmt"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
)

// TestTrail: whoever holds the tables and alters any column of an audit record, deletes
// one, adds one or moves one to another leaf, is found, whether it was written with a
// change, speaks for itself, or still waits for its leaf.
func TestTrail(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		note := func(action string) {
			t.Helper()
			err := db.Write(c.Bureau(), func(tx *models.Tx) error {
				return audit.Write(tx, audit.Note{Action: action, Outcome: audit.Done, Kind: "session"})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		note("signin")
		note("signout")
		if err := audit.Seal(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		note("export")
		write(t, c, 1)
		for _, table := range []string{"audit_records", "audit_seals"} {
			thaw(t, db, table)
		}
		exec := func(statement string) {
			t.Helper()
			if res, err := db.SQL().Exec(statement); err != nil {
				t.Fatalf("%s: %v", statement, err)
			} else if n, _ := res.RowsAffected(); n == 0 {
				t.Fatalf("%s: nothing altered", statement)
			}
		}
		unbind(t, db, "audit_records")
		unbind(t, db, "changes")
		verify := func(name string, want bool) {
			t.Helper()
			r, err := audit.Verify(c.Program(), db, audit.Against{})
			if err != nil || want != (r.Bad != nil) || want && r.Bad.Table != "audit_records" {
				t.Errorf("%s: %+v, %v", name, r.Bad, err)
			}
		}
		verify("untouched", false)
		for _, table := range []string{"audit_records", "audit_seals"} {
			exec("CREATE TABLE kept_" + table + " AS SELECT * FROM " + table)
		}
		restore := func() {
			t.Helper()
			for _, table := range []string{"audit_seals", "audit_records"} {
				if _, err := db.SQL().Exec("DELETE FROM " + table); err != nil {
					t.Fatal(err)
				}
			}
			for _, table := range []string{"audit_records", "audit_seals"} {
				exec("INSERT INTO " + table + " SELECT * FROM kept_" + table)
			}
		}
		other, leaf := otherID, "(SELECT id FROM changes WHERE seq = 0)"
		if db.Engine == models.Postgres {
			other = "CAST(" + otherID + " AS uuid)"
		}
		values := map[string]string{"id": otherID, "at": "'2020-01-01 00:00:00+00:00'", "actor_id": otherID, "park_id": otherID, "enterprise_id": otherID, "change_id": otherID}
		all := columnsOf(t, db, "audit_records")
		for _, which := range []string{"object_kind = 'park'", "action = 'signin'"} {
			one := "CAST(id AS text) = (SELECT MIN(CAST(id AS text)) FROM kept_audit_records WHERE " + which + ")"
			for _, column := range all {
				value := values[column]
				if value == "" {
					value = "COALESCE(" + column + ", '') || 'x'"
				}
				exec(fmt.Sprintf("UPDATE audit_records SET %s = %s WHERE %s", column, value, one))
				verify(which+": "+column+" altered", true)
				restore()
			}
			exec("DELETE FROM audit_records WHERE " + one)
			verify(which+": deleted", true)
			restore()
			copied := strings.Replace(strings.Join(all, ", "), "id,", other+",", 1)
			exec(fmt.Sprintf("INSERT INTO audit_records (%s) SELECT %s FROM kept_audit_records WHERE %s", strings.Join(all, ", "), copied, one))
			verify(which+": added", true)
			restore()
		}
		signout, export := "(SELECT id FROM kept_audit_records WHERE action = 'signout')", "(SELECT id FROM kept_audit_records WHERE action = 'export')"
		for name, statements := range map[string][]string{
			"one that waits is deleted":     {"DELETE FROM audit_records WHERE id = " + export},
			"its seal too, of one that has": {"DELETE FROM audit_seals WHERE record_id = " + signout, "DELETE FROM audit_records WHERE id = " + signout},
			"a seal is deleted":             {"DELETE FROM audit_seals WHERE record_id = " + signout},
			"a seal that waits is deleted":  {"DELETE FROM audit_seals WHERE record_id = " + export},
			"sealed by another leaf":        {"UPDATE audit_seals SET change_id = " + leaf + " WHERE record_id = " + signout},
			"added to a leaf":               {"UPDATE audit_seals SET change_id = (SELECT change_id FROM kept_audit_seals WHERE record_id = " + signout + ") WHERE record_id = " + export},
			"everything gone":               {"DELETE FROM audit_seals", "DELETE FROM audit_records"},
		} {
			for _, s := range statements {
				exec(s)
			}
			verify(name, true)
			restore()
		}
		verify("restored", false)
	})
}

// TestSeal: a leaf speaks for what came since the last, once, however many ask.
func TestSeal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		if err := audit.Seal(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		before := len(changes(t, c))
		for range 3 {
			if err := db.Write(c.Bureau(), func(tx *models.Tx) error { return audit.Write(tx, audit.Note{Action: "signin", Outcome: audit.Done}) }); err != nil {
				t.Fatal(err)
			}
		}
		done := make(chan error)
		for range 2 {
			go func() { done <- audit.Seal(t.Context(), db) }()
		}
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if err := audit.Seal(t.Context(), db); err != nil {
			t.Error(err)
		}
		if now := changes(t, c); len(now) != before+1 || now[len(now)-1].ObjectKind != "audit-records" {
			t.Errorf("%d leaves for three records", len(now)-before)
		}
		err := db.Write(c.Program(), func(tx *models.Tx) error { return tx.Program().Exec("UPDATE audit_seals SET change_id = NULL").Error })
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("a seal is taken off: %v", err)
		}
	})
}

package audit_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/proof"
)

const otherID = "'0190a000-0000-7000-8000-00000000dead'"

// tampered are lawful values of another content, for every column of the log.
func tampered(engine models.Engine) map[string]map[string]string {
	blob := "zeroblob(32)"
	if engine == models.Postgres {
		blob = "decode(repeat('00', 32), 'hex')"
	}
	instant := "'2020-01-01 00:00:00+00:00'"
	return map[string]map[string]string{
		"changes": {"id": otherID, "at": instant, "actor_id": otherID, "action": "'x'", "object_kind": "'x'", "object_id": otherID, "park_id": otherID,
			"jurisdiction": "'x'", "enterprise_id": otherID, "about_on": "'2020-01-01'", "counts": `'{"x":1}'`, "leaf": blob, "leaf_hash": blob,
			"algorithm": "'x'", "seq": "1000", "sealed_at": instant},
		"log_hashes": {"position": "100000", "hash": blob},
		"checkpoints": {"size": "2", "root": blob, "at": instant, "sealed": blob, "key_id": "'x'",
			"note": "REPLACE(note, 'time 2', 'time 3')"},
	}
}

// TestTampering: whoever holds the tables, with the triggers off, and alters, deletes,
// inserts, swaps, cuts off, rolls back or signs anew, is found (S-LG8).
func TestTampering(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c, s := dbtest.NewCity(t, db), newSigner(t, db)
		write(t, c, 3)
		if _, err := s.Sign(c.Bureau()); err != nil {
			t.Fatal(err)
		}
		write(t, c, 3)
		if _, err := s.Sign(c.Bureau()); err != nil {
			t.Fatal(err)
		}
		exec := func(statement string) {
			t.Helper()
			if _, err := db.SQL().Exec(statement); err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
		unbind(t, db, "changes")
		all := tampered(db.Engine)
		for table := range all {
			thaw(t, db, table)
			exec("CREATE TABLE kept_" + table + " AS SELECT * FROM " + table)
		}
		against := audit.Against{Keys: s.trusted(t), Kept: s.kept}
		verify := func(name string, want bool) *audit.Bad {
			t.Helper()
			r, err := audit.Verify(c.Program(), db, against)
			if err != nil || want != (r.Bad != nil) {
				t.Errorf("%s: %+v, %v", name, r.Bad, err)
			}
			return r.Bad
		}
		restore := func() {
			t.Helper()
			for table := range all {
				exec("DELETE FROM " + table)
				exec("INSERT INTO " + table + " SELECT * FROM kept_" + table)
			}
		}
		verify("untouched", false)
		for table, columns := range all {
			where := map[string]string{"changes": "seq = 3", "log_hashes": "position = 3", "checkpoints": "size > 20"}[table]
			if table == "checkpoints" {
				where = fmt.Sprintf("size = (SELECT MAX(size) FROM kept_%s)", table)
			}
			for _, column := range columnsOf(t, db, table) {
				value, ok := columns[column]
				if !ok {
					if table == "checkpoints" && column == "id" {
						continue // only a name of the row: what is signed is in the note
					}
					t.Errorf("%s.%s is altered by no case", table, column)
					continue
				}
				exec(fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s", table, column, value, where))
				bad := verify(table+"."+column+" altered", true)
				if table == "changes" && column != "sealed_at" && column != "seq" && bad != nil && (bad.Seq == nil || *bad.Seq != 3) {
					t.Errorf("changes.%s altered: %+v is named, not leaf 3", column, bad)
				}
				restore()
			}
		}
		size := len(changes(t, c))
		for name, statements := range map[string][]string{
			"a leaf deleted":              {"DELETE FROM changes WHERE seq = 3"},
			"deleted and numbered anew":   {"DELETE FROM changes WHERE seq = 3", "UPDATE changes SET seq = -seq WHERE seq > 3", "UPDATE changes SET seq = -seq - 1 WHERE seq < 0"},
			"two leaves swapped":          {"UPDATE changes SET seq = -1 WHERE seq = 3", "UPDATE changes SET seq = 3 WHERE seq = 4", "UPDATE changes SET seq = 4 WHERE seq = -1"},
			"the end cut off":             {fmt.Sprintf("DELETE FROM changes WHERE seq >= %d", size-2), fmt.Sprintf("DELETE FROM log_hashes WHERE position >= %d", proof.StoredCount(int64(size-2)))},
			"last week's backup restored": {fmt.Sprintf("DELETE FROM changes WHERE seq >= %d", size-3), fmt.Sprintf("DELETE FROM log_hashes WHERE position >= %d", proof.StoredCount(int64(size-3))), fmt.Sprintf("DELETE FROM checkpoints WHERE size > %d", size-3)},
			"everything gone":             {"DELETE FROM changes", "DELETE FROM log_hashes", "DELETE FROM checkpoints"},
			"a hash deleted":              {"DELETE FROM log_hashes WHERE position = 5"},
			"a hash too many":             {"INSERT INTO log_hashes SELECT position + 100000, hash FROM log_hashes WHERE position = 5"},
			"a checkpoint deleted":        {fmt.Sprintf("DELETE FROM checkpoints WHERE size = %d", size)},
		} {
			for _, statement := range statements {
				exec(statement)
			}
			verify(name, true)
			restore()
		}
		// Signed anew with another key, over the same true log.
		forger := newSigner(t, db)
		if _, err := forger.Sign(c.Bureau()); err != nil {
			t.Fatal(err)
		}
		if bad := verify("signed by another key", true); bad != nil && bad.Table != "checkpoints" {
			t.Errorf("signed by another key: %+v", bad)
		}
		restore()
		verify("restored", false)
	})
}

// unbind takes away the foreign keys to a table.
func unbind(t *testing.T, db *models.DB, table string) {
	t.Helper()
	statement := "PRAGMA foreign_keys = OFF"
	if db.Engine == models.Postgres {
		statement = `DO $$
DECLARE
    held record;
BEGIN
    FOR held IN SELECT conrelid::regclass AS name, conname FROM pg_constraint WHERE contype = 'f' AND confrelid = '` + table + `'::regclass LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', held.name, held.conname);
    END LOOP;
END
$$`
	}
	if _, err := db.SQL().Exec(statement); err != nil {
		t.Fatal(err)
	}
}

// TestForkedLog: rows, leaves, hashes and checkpoints are all rewritten together, with
// the stolen key; only what was kept outside shows it.
func TestForkedLog(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c, s := dbtest.NewCity(t, db), newSigner(t, db)
		write(t, c, 3)
		if _, err := s.Sign(c.Bureau()); err != nil {
			t.Fatal(err)
		}
		outside := slices.Clone(s.kept)
		for _, table := range []string{"changes", "log_hashes", "checkpoints"} {
			thaw(t, db, table)
		}
		// One leaf is written anew from its row, as the program would have written it.
		ch := changes(t, c)[3]
		ch.Action = "ledger.void"
		leaf, ok := proof.DecodeLeaf(ch.Leaf)
		facts := map[string]any{}
		if err := json.Unmarshal([]byte(leaf.Facts), &facts); err != nil || !ok {
			t.Fatal(err)
		}
		if err := ch.Seal(facts); err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{
			fmt.Sprintf("UPDATE changes SET action = 'ledger.void', leaf = %s, leaf_hash = %s WHERE seq = 3", hexOf(db, ch.Leaf), hexOf(db, ch.LeafHash)),
			"DELETE FROM log_hashes", "DELETE FROM checkpoints",
		} {
			if _, err := db.SQL().Exec(statement); err != nil {
				t.Fatal(err)
			}
		}
		if err := audit.CatchUp(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Sign(c.Bureau()); err != nil {
			t.Fatal(err)
		}
		if r, err := audit.Verify(c.Program(), db, audit.Against{Keys: s.trusted(t)}); err != nil || r.Bad != nil {
			t.Fatalf("the forgery is not whole: %+v, %v", r.Bad, err)
		}
		if r, err := audit.Verify(c.Program(), db, audit.Against{Keys: s.trusted(t), Kept: outside}); err != nil || r.Bad == nil {
			t.Errorf("a forked log passes against a checkpoint kept outside: %+v, %v", r, err)
		}
	})
}

func hexOf(db *models.DB, b []byte) string {
	if db.Engine == models.Postgres {
		return fmt.Sprintf("decode('%x', 'hex')", b)
	}
	return fmt.Sprintf("x'%x'", b)
}

// columnsOf are the columns of a table as the database has them.
func columnsOf(t *testing.T, db *models.DB, table string) []string {
	t.Helper()
	rows, err := db.SQL().Query("SELECT * FROM " + table + " LIMIT 1")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil || len(names) == 0 || rows.Err() != nil {
		t.Fatal(strings.Join(names, " "), err)
	}
	return names
}

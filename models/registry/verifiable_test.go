package registry_test

import (
	"log/slog"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/registry"
)

// TestVerifyFindsTampering changes a copy by plain SQL, past every trigger (S-LG8).
func TestVerifyFindsTampering(t *testing.T) {
	for _, c := range []struct {
		name, sql, table string
	}{
		{"nothing", "", ""},
		{"a column edited", "UPDATE changes SET action = 'park.close' WHERE seq = 7", "changes"},
		{"a day moved", "UPDATE changes SET about_on = '2020-01-01' WHERE seq = 7", "changes"},
		{"a leaf's hash edited", "UPDATE changes SET leaf_hash = leaf WHERE seq = 7", "changes"},
		{"another algorithm named", "UPDATE changes SET algorithm = 'none' WHERE seq = 7", "changes"},
		{"a number skipped", "UPDATE changes SET seq = seq + 100000 WHERE seq >= 7", "changes"},
		{"a version edited", "UPDATE registry_versions SET data = '{}' WHERE change_id = (SELECT id FROM changes WHERE seq = 7)", "registry_versions"},
		{"a version renumbered", "UPDATE registry_versions SET version = 99 WHERE change_id = (SELECT id FROM changes WHERE seq = 7)", "registry_versions"},
		{"a version deleted", "DELETE FROM registry_versions WHERE change_id = (SELECT id FROM changes WHERE seq = 7)", "gone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, db *models.DB) {
				city := dbtest.NewCity(t, db)
				s := audit.NewSequencer(db, slog.New(slog.DiscardHandler))
				if _, err := s.Round(city.Program()); err != nil {
					t.Fatal(err)
				}
				if c.sql != "" {
					tamper(t, db, c.sql)
				}
				r, err := audit.Verify(city.Program(), db, audit.Against{Sources: registry.Verifiable()})
				if err != nil {
					t.Fatal(err)
				}
				switch {
				case c.table == "" && (r.Bad != nil || r.Changes < 20 || r.Rows["registry_versions"] != r.Changes || r.Waiting != 0):
					t.Errorf("an untouched log: %+v", r)
				case c.table != "" && (r.Bad == nil || r.Bad.Seq == nil || *r.Bad.Seq%100000 != 7 || c.table != "gone" && r.Bad.Table != c.table):
					t.Errorf("found %+v, want leaf 7 and something bad in %s", r.Bad, c.table)
				}
			})
		})
	}
}

// tamper runs a statement with the triggers of its table out of the way.
func tamper(t *testing.T, db *models.DB, statement string) {
	t.Helper()
	table := "changes"
	if strings.Contains(strings.SplitN(statement, "WHERE", 2)[0], "registry_versions") {
		table = "registry_versions"
	}
	statements := []string{"ALTER TABLE " + table + " DISABLE TRIGGER USER"}
	if db.Engine == models.SQLite {
		statements = []string{"DROP TRIGGER IF EXISTS " + table + "_update", "DROP TRIGGER IF EXISTS " + table + "_delete"}
	}
	for _, s := range append(statements, statement) {
		res, err := db.SQL().Exec(s)
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		if n, _ := res.RowsAffected(); s == statement && n == 0 {
			t.Fatalf("%s changed nothing", s)
		}
	}
}

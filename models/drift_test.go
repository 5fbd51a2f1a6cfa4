package models_test

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm/schema"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/registry"
)

// column is what both engines agree on about a column.
type column struct {
	kind string // text, integer, boolean, instant, day, bytes
	null bool
}

var kinds = map[string]string{
	"text": "text", "uuid": "text", "json": "text", "jsonb": "text", "character varying": "text", "integer": "integer", "bigint": "integer", "smallint": "integer",
	"boolean": "boolean", "datetime": "instant", "timestamp with time zone": "instant", "date": "day", "blob": "bytes", "bytea": "bytes",
}

// columns reads every table of the database as it is after the migrations.
func columns(t *testing.T, db *models.DB) map[string]map[string]column {
	t.Helper()
	query := `SELECT m.name, c.name, lower(c.type), c."notnull" = 0 AND c.pk = 0 FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'`
	if db.Engine == models.Postgres {
		query = `SELECT table_name, column_name, data_type, is_nullable = 'YES' FROM information_schema.columns WHERE table_schema = current_schema()`
	}
	rows, err := db.SQL().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	all := map[string]map[string]column{}
	for rows.Next() {
		var table, name, kind string
		var null bool
		if err := rows.Scan(&table, &name, &kind, &null); err != nil {
			t.Fatal(err)
		}
		if all[table] == nil {
			all[table] = map[string]column{}
		}
		k, ok := kinds[kind]
		if !ok && unmodelled[table] == "" {
			t.Errorf("%s.%s is of the unexpected type %s", table, name, kind)
		}
		all[table][name] = column{k, null}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// kindOf is what a field of a struct is stored as.
func kindOf(f *schema.Field) string {
	ft := f.FieldType
	for ft.Kind() == reflect.Pointer {
		ft = ft.Elem()
	}
	switch {
	case ft == reflect.TypeFor[time.Time]():
		return "instant"
	case ft == reflect.TypeFor[code.Day]():
		return "day"
	case ft == reflect.TypeFor[models.Texts](), ft == reflect.TypeFor[models.RawJSON](), strings.HasPrefix(ft.Name(), "JSON["), ft.Kind() == reflect.String:
		return "text"
	case ft.Kind() == reflect.Slice && ft.Elem().Kind() == reflect.Uint8:
		return "bytes"
	case ft.Kind() == reflect.Bool:
		return "boolean"
	case ft.Kind() >= reflect.Int && ft.Kind() <= reflect.Uint64:
		return "integer"
	}
	return ft.String()
}

// TestDrift compares the migrated tables with the structs, both ways.
func TestDrift(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		stored := columns(t, db)
		described := map[string]bool{}
		for _, m := range registered() {
			s, err := schema.Parse(m, &sync.Map{}, schema.NamingStrategy{})
			if err != nil {
				t.Fatal(err)
			}
			table := m.Scope().Table
			described[table] = true
			if s.Table != table {
				t.Errorf("%T is table %s for gorm and %s for its scope", m, s.Table, table)
			}
			have, ok := stored[table]
			if !ok {
				t.Errorf("%T has no table %s", m, table)
				continue
			}
			seen := map[string]bool{}
			for _, f := range s.Fields {
				if f.DBName == "" {
					continue
				}
				seen[f.DBName] = true
				c, ok := have[f.DBName]
				if !ok {
					t.Errorf("%s.%s of %T is in no migration", table, f.DBName, m)
					continue
				}
				want := kindOf(f)
				if db.Engine == models.SQLite && want == "day" {
					want = "text"
				}
				if c.kind != want {
					t.Errorf("%s.%s is %s, the struct says %s", table, f.DBName, c.kind, want)
				}
				pointer := f.FieldType.Kind() == reflect.Pointer
				if c.null && !pointer && want != "bytes" {
					t.Errorf("%s.%s may be null, %T.%s cannot be", table, f.DBName, m, f.Name)
				}
				if !c.null && pointer && !mustBeThere[table+"."+f.DBName] {
					t.Errorf("%s.%s is NOT NULL, %T.%s may be nil", table, f.DBName, m, f.Name)
				}
			}
			for name := range have {
				if !seen[name] {
					t.Errorf("%s.%s is in no field of %T", table, name, m)
				}
			}
		}
		for table := range stored {
			if !described[table] && unmodelled[table] == "" {
				t.Errorf("no struct describes table %s: add its package's Models() to registered()", table)
			}
			if described[table] && unmodelled[table] != "" {
				t.Errorf("a struct describes %s: take it out of unmodelled", table)
			}
		}
	})
}

// mustBeThere are columns that one struct for all (models.Placed) leaves open and
// whose own table does not.
var mustBeThere = map[string]bool{
	"sites.enterprise_id": true, "tenancies.site_id": true, "tenancies.enterprise_id": true, "permits.site_id": true, "permits.enterprise_id": true,
}

// TestEnginesAgree: the same tables with the same columns of the same kinds on both.
func TestEnginesAgree(t *testing.T) {
	lite := columns(t, open(t, dbtest.SQLite(t), 2))
	pg := columns(t, open(t, dbtest.Postgres(t), 2))
	for table, have := range lite {
		if unmodelled[table] != "" && table != "numbers" {
			continue
		}
		for name, c := range have {
			p, ok := pg[table][name]
			if p.kind == "day" {
				p.kind = "text"
			}
			if !ok || p != c {
				t.Errorf("%s.%s is %+v on SQLite and %+v (%v) on PostgreSQL", table, name, c, p, ok)
			}
		}
	}
	for table, have := range pg {
		for name := range have {
			if _, ok := lite[table][name]; !ok && unmodelled[table] == "" {
				t.Errorf("%s.%s is on PostgreSQL only", table, name)
			}
		}
	}
}

func TestMigrationsArePaired(t *testing.T) {
	names := func(engine string) (all []string) {
		files, err := os.ReadDir("migrations/" + engine)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			all = append(all, f.Name())
		}
		return all
	}
	lite, pg := names("sqlite"), names("postgres")
	if !slices.Equal(lite, pg) {
		t.Errorf("SQLite has %v\nPostgreSQL has %v", lite, pg)
	}
	for i, name := range lite {
		if !strings.HasPrefix(name, fmt.Sprintf("%04d_", i+1)) {
			t.Errorf("%s does not follow the one before it", name)
		}
	}
}

func TestSchemaVersion(t *testing.T) {
	addresses(t, func(t *testing.T, address string) {
		db := open(t, address, 2)
		if err := db.Current(t.Context()); err != nil {
			t.Fatalf("a migrated database: %v", err)
		}
		if steps, err := db.Migrate(t.Context()); err != nil || len(steps) != 0 {
			t.Errorf("migrating again took %v, %v", steps, err)
		}
		all, err := db.Migrations(t.Context())
		if err != nil || len(all) < 5 || slices.ContainsFunc(all, func(m models.Migration) bool { return !m.Applied }) {
			t.Errorf("migrations %v, %v", all, err)
		}
		set := func(statement string) {
			if _, err := db.SQL().ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		set("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)")
		if err := db.Current(t.Context()); err == nil || !strings.Contains(err.Error(), "9999") {
			t.Errorf("a schema newer than the program: %v", err)
		}
		if _, err := db.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), "newer program") {
			t.Errorf("migrating a schema newer than the program: %v", err)
		}
		set("DELETE FROM goose_db_version WHERE version_id IN (9999, " + fmt.Sprint(len(all)) + ")")
		if err := db.Current(t.Context()); err == nil || !strings.Contains(err.Error(), "older") {
			t.Errorf("a schema older than the program: %v", err)
		}
	})
}

// keeps are tables with a park and a jurisdiction whose rows stay as they were written
// when a park goes to another jurisdiction, and why.
var keeps = map[string]string{
	"changes":          "the log",
	"audit_records":    "the log",
	"assignments":      "names what somebody holds, one of the two",
	"account_requests": "names what somebody is to hold, one of the two",
}

// TestFollowing: a park that goes to another jurisdiction takes the rows of every table
// with it that stand where it does.
func TestFollowing(t *testing.T) {
	following := registry.Following()
	for _, m := range registered() {
		if s := m.Scope(); s.FollowsPark() != slices.Contains(following, s.Table) {
			t.Errorf("rows of %s follow their park by their scope: %t, by the rewriting: %t", s.Table, s.FollowsPark(), !s.FollowsPark())
		}
	}
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		for table, has := range columns(t, db) {
			_, park := has["park_id"]
			_, jurisdiction := has["jurisdiction"]
			if park && jurisdiction && !slices.Contains(following, table) && keeps[table] == "" {
				t.Errorf("%s has a park and a jurisdiction, and does not follow", table)
			}
		}
	})
}

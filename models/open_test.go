package models_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
)

func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct{ address, want string }{
		{"", "sqlite:PATH or postgres://"},
		{"mysql://x", "sqlite:PATH or postgres://"},
		{"sqlite:", "names no file"},
		{"sqlite::memory:", "journal_mode=memory"},
		{"postgres://u:secret@[bad", "cannot be read"},
		{"postgres://u:secret@127.0.0.1:1/x?connect_timeout=1", "reach PostgreSQL"},
	} {
		db, err := models.Open(t.Context(), models.Config{URL: c.address})
		if err == nil {
			_ = db.Close()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.address, err, c.want)
			continue
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("the password stands in %v", err)
		}
	}
	if _, err := models.Open(t.Context(), models.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "a.db"), CursorKey: []byte("short")}); err == nil {
		t.Error("a cursor key of five bytes is taken")
	}
	_ = os.Remove(":memory:")
}

// TestDurablePostgres: a server that may lose what it acknowledged is refused. The
// setting cannot be changed for one session, so a function of the same name stands
// before the server's own in the search path.
func TestDurablePostgres(t *testing.T) {
	for _, setting := range []string{"fsync", "full_page_writes"} {
		address := dbtest.Postgres(t)
		db := open(t, address, 1)
		_, err := db.SQL().Exec(`CREATE SCHEMA shadow; CREATE FUNCTION shadow.current_setting(name text) RETURNS text LANGUAGE sql AS
			$$ SELECT CASE WHEN name = '` + setting + `' THEN 'off' ELSE pg_catalog.current_setting(name) END $$`)
		if err != nil {
			t.Fatal(err)
		}
		lying, err := models.Open(t.Context(), models.Config{URL: address + "&search_path=" + url.QueryEscape("shadow,pg_catalog,public"), PoolSize: 1})
		if err == nil {
			_ = lying.Close()
		}
		if err == nil || !strings.Contains(err.Error(), setting+"=off") {
			t.Errorf("%s off: %v", setting, err)
		}
	}
}

func TestSessionSettings(t *testing.T) {
	pg := open(t, dbtest.Postgres(t), 1)
	for name, want := range map[string]string{"synchronous_commit": "on", "TimeZone": "UTC", "lock_timeout": "3s", "statement_timeout": "10s", "idle_in_transaction_session_timeout": "15s"} {
		var got string
		if err := pg.SQL().QueryRow("SELECT current_setting($1)", name).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, want %q; %v", name, got, want, err)
		}
	}
}

func TestSQLiteSettings(t *testing.T) {
	// What stands behind the path changes nothing.
	db := open(t, dbtest.SQLite(t)+"?_pragma=synchronous(OFF)&_pragma=foreign_keys(OFF)", 1)
	for pool, sql := range db.Pools() {
		for name, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000"} {
			var got string
			if err := sql.QueryRow("PRAGMA " + name).Scan(&got); err != nil || got != want {
				t.Errorf("%s pool: %s is %q, want %q; %v", pool, name, got, want, err)
			}
		}
	}
	if _, err := db.Pools()["read"].Exec("DELETE FROM parks"); err == nil || !strings.Contains(err.Error(), "readonly") {
		t.Errorf("the reading pool writes: %v", err)
	}
	file := filepath.Join(t.TempDir(), "new", "park.db")
	fresh := open(t, "sqlite:"+file, 1)
	if err := fresh.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file may be read by others: %v, %v", info.Mode(), err)
	}
}

// TestSQLiteFileNames: the database is in the file that the settings name, whatever its folder is called.
func TestSQLiteFileNames(t *testing.T) {
	for _, folder := range []string{"plain", "园区 数据", "a#b", "100%41"} {
		t.Run(folder, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), folder, "park.db")
			db, err := models.Open(t.Context(), models.Config{URL: "sqlite:" + file, PoolSize: 2})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := db.Current(t.Context()); err != nil {
				t.Errorf("readers and the writer do not share a file: %v", err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			if info, err := os.Stat(file); err != nil || info.Size() == 0 {
				t.Errorf("the named file is empty: %v", err)
			}
		})
	}
}

package backup_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/backup"
	"parkregistry/models/files"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// TestBackupWhileWriting copies a database that is being written, puts it back and
// compares: the copy is of one moment, whole, and verifies (S-OP6).
func TestBackupWhileWriting(t *testing.T) {
	for engine, address := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		t.Run(engine, func(t *testing.T) { whileWriting(t, address(t)) })
	}
}

func whileWriting(t *testing.T, address string) {
	db := opened(t, address)
	city := dbtest.NewCity(t, db)
	data, folder := t.TempDir(), t.TempDir()
	for name, content := range map[string]string{"attachments/a.pdf": "photograph", "keys/cursor.key": "key", "checkpoints.txt": "one\n", "park.db": "never copied", "files/incoming/HALF": "never copied"} {
		path := filepath.Join(data, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	store := opens(t, data)
	bring := func(n int) error {
		in, err := files.New(db, store).Receive(city.Firm(city.BaoanA), strings.NewReader(fmt.Sprintf("%%PDF-1.4\n%% %d\nstartxref\n9\n%%%%EOF\n", n)), "a.pdf", "")
		if err != nil {
			return err
		}
		defer in.Discard()
		_, err = files.New(db, store).Upload(city.Firm(city.BaoanA), "", files.UploadInput{ParkID: string(city.BaoanA.Park.ID), SiteID: string(city.BaoanA.Site.ID)}, in)
		return err
	}
	stop, written := make(chan struct{}), make(chan error, 1)
	started := make(chan struct{})
	go func() {
		for n := 100; ; n++ {
			_, err := city.Registry.CreateEnterprise(city.Program(), "", registry.EnterpriseInput{CreditCode: dbtest.CreditCode(n), Name: fmt.Sprintf("备份%d号有限公司", n),
				Industries: []string{"3982"}, PermitClass: "key", LegalRepresentative: "李四", Contact: "张三"}, "")
			if n == 105 {
				close(started)
			}
			err = errors.Join(err, bring(n))
			select {
			case <-stop:
				written <- err
				return
			default:
			}
			if err != nil {
				written <- err
				return
			}
		}
	}()
	<-started
	m, dir, err := backup.Make(city.Program(), db, backup.Options{Folder: folder, Data: data, Address: address, Version: "test"})
	close(stop)
	if w := <-written; err != nil || w != nil {
		t.Fatalf("backup: %v; the writer beside it: %v", err, w)
	}
	if m.Counts["enterprises"] < 9 || m.Counts["changes"] != m.Counts["audit_records"] || m.Counts["enterprises"] != m.Counts["enterprise_names"] {
		t.Errorf("not of one moment: %v", m.Counts)
	}
	var copied []string
	for _, f := range m.Files {
		copied = append(copied, f.Path)
	}
	if got := strings.Join(copied, " "); strings.Contains(got, "HALF") || !strings.Contains(got, "files/attachments/a.pdf") || !strings.Contains(got, "keys/cursor.key") || strings.Contains(got, "park.db") {
		t.Errorf("copied %s", got)
	}

	// Into the database it came from: never without being told.
	if _, err := backup.Restore(t.Context(), dir, backup.Target{Address: address}); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a full database is overwritten: %v", err)
	}
	to, remove, err := backup.Scratch(t.Context(), admin(t, address))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := remove(); err != nil {
			t.Error(err)
		}
	})
	back := t.TempDir()
	for _, replace := range []bool{false, true} { // empty at first, and full the second time
		if _, err := backup.Restore(t.Context(), dir, backup.Target{Address: to, Data: back, Replace: replace}); err != nil {
			t.Fatalf("restore, replace %v: %v", replace, err)
		}
		if !replace { // signed after the backup
			if err := os.WriteFile(filepath.Join(back, "checkpoints.txt"), []byte("one\ntwo\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got, err := os.ReadFile(filepath.Join(back, "checkpoints.txt")); err != nil || string(got) != "one\ntwo\n" {
		t.Errorf("a restore forgets what was signed after the backup: %q, %v", got, err)
	}
	if got, err := os.ReadFile(filepath.Join(back, "attachments/a.pdf")); err != nil || string(got) != "photograph" {
		t.Errorf("the file came back as %q, %v", got, err)
	}
	restored, err := models.Open(t.Context(), models.Config{URL: to, PoolSize: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = restored.Close() }()
	if err := restored.Current(t.Context()); err != nil {
		t.Error(err)
	}
	r, err := audit.Verify(policies.With(t.Context(), restored.Policy.Program("test")), restored, audit.Against{Sources: append(registry.Verifiable(), files.Verifiable(opens(t, back))...)})
	if err != nil || r.Bad != nil || r.Changes != m.Counts["changes"] || r.Rows["attachments"] < 5 {
		t.Errorf("verify: %+v, %v; want %d changes", r, err, m.Counts["changes"])
	}
	// The frozen triggers came back with the rows (S-LG5).
	if _, err := restored.SQL().Exec("DELETE FROM changes"); err == nil {
		t.Error("the restored log can be emptied")
	}
}

// opens is the store of files below a data folder.
func opens(t *testing.T, data string) *files.Store {
	t.Helper()
	s, err := files.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func opened(t *testing.T, address string) *models.DB {
	t.Helper()
	db, err := models.Open(context.Background(), models.Config{URL: address, PoolSize: 6})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// admin is address as a role that may make databases: the test's own may not.
func admin(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "sqlite" {
		return address
	}
	u.User = url.UserPassword(os.Getenv("PGUSER"), os.Getenv("PGPASSWORD"))
	return u.String()
}

// TestDamagedBackup: what differs from its manifest is not put back.
func TestDamagedBackup(t *testing.T) {
	db := opened(t, dbtest.SQLite(t))
	city := dbtest.NewCity(t, db)
	_, dir, err := backup.Make(city.Program(), db, backup.Options{Folder: t.TempDir(), Data: t.TempDir(), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	to := backup.Target{Address: "sqlite:" + filepath.Join(t.TempDir(), "new.db")}
	if _, err := backup.Restore(t.Context(), dir, backup.Target{Address: "postgres://x@127.0.0.1:1/x"}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("into the other engine: %v", err)
	}
	extra := filepath.Join(dir, "files", "extra")
	for _, damage := range []struct {
		name    string
		do, fix func() error
	}{
		{"a file added", func() error {
			if err := os.MkdirAll(filepath.Dir(extra), 0o700); err != nil {
				return err
			}
			return os.WriteFile(extra, nil, 0o600)
		}, func() error { return os.Remove(extra) }},
		{"the manifest missing", func() error { return os.Rename(filepath.Join(dir, "manifest.json"), filepath.Join(dir, "..", "m")) },
			func() error { return os.Rename(filepath.Join(dir, "..", "m"), filepath.Join(dir, "manifest.json")) }},
		{"the database cut off", func() error { return os.Truncate(filepath.Join(dir, "database.sqlite"), 4096) }, func() error { return nil }},
	} {
		if err := damage.do(); err != nil {
			t.Fatal(err)
		}
		if _, err := backup.Restore(t.Context(), dir, to); fault.CodeOf(err) != fault.Invalid && fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s: %v", damage.name, err)
		}
		if err := damage.fix(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDrillSaysWhatItsRoleNeeds: a role that may make no database is told how it may.
func TestDrillSaysWhatItsRoleNeeds(t *testing.T) {
	address := dbtest.Postgres(t)
	_, _, err := backup.Scratch(t.Context(), address)
	if !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), "ALTER ROLE park_test CREATEDB") {
		t.Errorf("a role without the right: %v", err)
	}
}

package backup

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"parkregistry/internal/fault"
	"parkregistry/models"
)

// Target is where a backup is put back.
type Target struct {
	Address string // of the database: a role that may make tables
	Data    string // the data folder; "" leaves files and keys out, for a drill
	Replace bool   // what stands there may go
}

// Read reads the manifest in dir and checks every file against it.
func Read(dir string) (Manifest, error) {
	var m Manifest
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return m, fault.Wrap(err, fault.NotFound, "{{.Path}} 不是一份完整的备份：没有 manifest.json", "Path", dir)
	}
	if err := json.Unmarshal(text, &m); err != nil || m.Format != format {
		return m, fault.New(fault.Invalid, "manifest.json 读不懂，或者来自更新的程序")
	}
	have, err := list(dir)
	if err != nil {
		return m, err
	}
	if !slices.Equal(have, m.Files) {
		return m, fault.New(fault.Invalid, "备份与清单不符：{{.Path}}", "Path", firstDifference(have, m.Files))
	}
	return m, nil
}

func firstDifference(have, want []File) string {
	for i, w := range want {
		if i >= len(have) || have[i] != w {
			return w.Path
		}
	}
	return have[len(want)].Path
}

// Restore puts the backup in dir back. What stands at the target is never
// replaced unless asked, since it holds the accounts of the people who use it
// (S-OP6): Conflict then. Counts and log are compared with the manifest.
func Restore(ctx context.Context, dir string, to Target) (Manifest, error) {
	m, err := Read(dir)
	if err != nil {
		return m, err
	}
	engine := models.SQLite
	if !strings.HasPrefix(to.Address, "sqlite:") {
		engine = models.Postgres
	}
	if engine != m.Engine {
		return m, fault.New(fault.Invalid, "备份来自 {{.From}}，目标是 {{.To}}：只能恢复到同一种数据库", "From", string(m.Engine), "To", string(engine))
	}
	var got Manifest
	if engine == models.SQLite {
		err = restoreSQLite(ctx, dir, to, &got)
	} else {
		err = restorePostgres(ctx, dir, to, &got)
	}
	if err != nil {
		return m, err
	}
	if !maps.Equal(got.Counts, m.Counts) || got.Leaves != m.Leaves || got.Digest != m.Digest {
		return m, fault.New(fault.Internal, "恢复之后的行数或者存证与清单不符：{{.Table}}", "Table", differs(got, m))
	}
	if to.Data == "" {
		return m, nil
	}
	return m, restoreFiles(dir, m, to)
}

func differs(got, want Manifest) string {
	for _, t := range slices.Sorted(maps.Keys(want.Counts)) {
		if got.Counts[t] != want.Counts[t] {
			return fmt.Sprintf("%s %d/%d", t, got.Counts[t], want.Counts[t])
		}
	}
	return "changes"
}

func occupied() error {
	return fault.New(fault.Conflict, "目标数据库不是空的：恢复会替换其中的账号和记录，确需替换时加 --replace")
}

func restoreSQLite(ctx context.Context, dir string, to Target, got *Manifest) error {
	file, _, _ := strings.Cut(strings.TrimPrefix(to.Address, "sqlite:"), "?")
	aside := file + ".before-" + strings.ToLower(rand.Text()[:8])
	for _, suffix := range []string{"", "-wal", "-shm"} {
		_, err := os.Stat(file + suffix)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		case !to.Replace:
			return occupied()
		default: // kept beside: a wrong restore can be undone
			if err := os.Rename(file+suffix, aside+suffix); err != nil {
				return err
			}
		}
	}
	if err := copyFile(filepath.Join(dir, sqliteName), file); err != nil {
		return fmt.Errorf("put the database back: %w", err)
	}
	if err := syncFolder(filepath.Dir(file)); err != nil {
		return err
	}
	return inspectSQLite(ctx, file, got)
}

func restorePostgres(ctx context.Context, dir string, to Target, got *Manifest) error {
	pool, err := sql.Open("pgx", to.Address)
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }()
	tables, err := column(ctx, pool, postgresTables)
	if err != nil {
		return models.Fault(err)
	}
	if len(tables) > 0 {
		if !to.Replace {
			return occupied()
		}
		if err := clearPostgres(ctx, pool); err != nil {
			return err
		}
	}
	// Owner and rights are the target's: its own roles have made and been granted them.
	err = tool(ctx, to.Address, "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", "--no-comments", "--no-password",
		filepath.Join(dir, postgresName))
	if err != nil {
		return err
	}
	return inspect(ctx, pool, postgresTables, got)
}

// clearPostgres empties the schema of everything that the role owns.
func clearPostgres(ctx context.Context, pool *sql.DB) error {
	_, err := pool.ExecContext(ctx, `DO $$
DECLARE
    own record;
BEGIN
    FOR own IN SELECT oid::regclass AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace LOOP
        EXECUTE format('DROP TABLE IF EXISTS %s CASCADE', own.name);
    END LOOP;
    FOR own IN SELECT p.oid::regprocedure AS name FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') LOOP
        EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', own.name);
    END LOOP;
    FOR own IN SELECT t.oid::regtype AS name FROM pg_type t WHERE t.typtype = 'e' AND t.typnamespace = current_schema()::regnamespace LOOP
        EXECUTE format('DROP TYPE IF EXISTS %s CASCADE', own.name);
    END LOOP;
END
$$`)
	if err != nil {
		return fmt.Errorf("empty the database: %w", err)
	}
	return nil
}

// grows is a file to which the program only adds: what was signed after the backup
// is the only trace of what the backup lacks.
const grows = "checkpoints.txt"

// restoreFiles puts files and keys back; one that stands there with other content
// is a conflict unless it may be replaced.
func restoreFiles(dir string, m Manifest, to Target) error {
	for _, f := range m.Files {
		below, ok := strings.CutPrefix(f.Path, filesFolder+"/")
		if !ok {
			if !strings.HasPrefix(f.Path, keysFolder+"/") {
				continue
			}
			below = f.Path
		}
		path := filepath.Join(to.Data, filepath.FromSlash(below))
		if there, err := hashed(path); err == nil {
			if there.SHA256 == f.SHA256 || below == grows {
				continue
			}
			if !to.Replace {
				return fault.New(fault.Conflict, "文件 {{.Path}} 已经存在而内容不同，确需替换时加 --replace", "Path", path)
			}
			if err := os.Remove(path); err != nil {
				return err
			}
		}
		if err := copyFile(filepath.Join(dir, filepath.FromSlash(f.Path)), path); err != nil {
			return err
		}
	}
	return nil
}

// noScratch says what a role needs that may make no database.
func noScratch(err error, role string) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42501" {
		return fault.Wrap(err, fault.Denied, "演练要建一个临时数据库，数据库角色 {{.Role}} 没有这项权限：由数据库管理员执行 ALTER ROLE {{.Role}} CREATEDB", "Role", role)
	}
	return fmt.Errorf("make the database of the drill: %w", err)
}

// Scratch gives an empty place like address for a drill, and how to remove it
// again. On PostgreSQL the role needs CREATEDB.
func Scratch(ctx context.Context, address string) (string, func() error, error) {
	if strings.HasPrefix(address, "sqlite:") {
		dir, err := os.MkdirTemp("", "park-drill-")
		return "sqlite:" + filepath.Join(dir, "drill.db"), func() error { return os.RemoveAll(dir) }, err
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", nil, errors.New("the PostgreSQL address cannot be read")
	}
	pool, err := sql.Open("pgx", address)
	if err != nil {
		return "", nil, err
	}
	name := "park_drill_" + strings.ToLower(rand.Text()[:10])
	if _, err := pool.ExecContext(ctx, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"); err != nil {
		return "", nil, errors.Join(noScratch(err, u.User.Username()), pool.Close())
	}
	u.Path = "/" + name
	remove := func() error {
		_, err := pool.ExecContext(context.WithoutCancel(ctx), "DROP DATABASE "+name+" WITH (FORCE)")
		return errors.Join(err, pool.Close())
	}
	return u.String(), remove, nil
}

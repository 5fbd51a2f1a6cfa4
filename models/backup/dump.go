package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models"
)

// dumpSQLite writes one consistent file from a reading connection: writers go on.
func dumpSQLite(ctx context.Context, db *models.DB, file string, m *Manifest) error {
	if _, err := db.Pools()["read"].ExecContext(ctx, "VACUUM INTO ?", file); err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	if err := syncFile(file); err != nil {
		return err
	}
	return inspectSQLite(ctx, file, m)
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := f.Chmod(0o600); err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(f.Sync(), f.Close())
}

// inspectSQLite counts a file that nobody writes.
func inspectSQLite(ctx context.Context, file string, m *Manifest) error {
	db, err := sql.Open("sqlite", "file:"+strings.NewReplacer("%", "%25", "#", "%23", "?", "%3f").Replace(file)+"?mode=ro&immutable=1")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return inspect(ctx, db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name", m)
}

// querier is a pool, a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

const postgresTables = `SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace ORDER BY c.relname`

// inspect notes the number of rows of every table and the digest of the log. The
// names come from the database's own catalogue.
func inspect(ctx context.Context, q querier, tables string, m *Manifest) error {
	names, err := column(ctx, q, tables)
	if err != nil {
		return fmt.Errorf("list the tables: %w", err)
	}
	m.Counts = map[string]int64{}
	for _, name := range names {
		var n int64
		if err := q.QueryRowContext(ctx, `SELECT count(*) FROM "`+strings.ReplaceAll(name, `"`, `""`)+`"`).Scan(&n); err != nil {
			return fmt.Errorf("count %s: %w", name, err)
		}
		m.Counts[name] = n
	}
	rows, err := q.QueryContext(ctx, "SELECT leaf_hash FROM changes WHERE seq IS NOT NULL ORDER BY seq")
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	defer func() { _ = rows.Close() }()
	h := sha256.New()
	m.Leaves = 0
	for rows.Next() {
		var leaf []byte
		if err := rows.Scan(&leaf); err != nil {
			return err
		}
		_, _ = h.Write(leaf) // a hash never fails
		m.Leaves++
	}
	m.Digest = hex.EncodeToString(h.Sum(nil))
	return rows.Err()
}

func column(ctx context.Context, q querier, query string) ([]string, error) {
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []string
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// dumpPostgres runs pg_dump on a snapshot that the counts are taken from too.
func dumpPostgres(ctx context.Context, db *models.DB, address, file string, m *Manifest) error {
	tx, err := db.SQL().BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return models.Fault(err)
	}
	defer func() { _ = tx.Rollback() }()
	// The transaction only holds the snapshot while pg_dump reads; counting a large table takes its time.
	if _, err := tx.ExecContext(ctx, "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0"); err != nil {
		return models.Fault(err)
	}
	var snapshot string
	if err := tx.QueryRowContext(ctx, "SELECT pg_export_snapshot()").Scan(&snapshot); err != nil {
		return models.Fault(err)
	}
	if err := inspect(ctx, tx, postgresTables, m); err != nil {
		return err
	}
	err = tool(ctx, address, "pg_dump", "--format=custom", "--no-password", "--snapshot="+snapshot, "--file="+file)
	if err != nil {
		return err
	}
	return syncFile(file)
}

// tool runs one of PostgreSQL's programs on the database at address. The password
// travels in the environment: arguments can be read in the process list.
func tool(ctx context.Context, address, name string, args ...string) error {
	path, err := exec.LookPath(name)
	if err != nil {
		return fault.New(fault.Unavailable, "没有找到 {{.Tool}}：在这台机器上安装与服务器同版本的 PostgreSQL 客户端，或者在装有它的机器上执行", "Tool", name)
	}
	u, err := url.Parse(address)
	if err != nil {
		return errors.New("the PostgreSQL address cannot be read")
	}
	password, _ := u.User.Password()
	u.User = url.User(u.User.Username())
	cmd := exec.CommandContext(ctx, path, append(args, "--dbname="+u.String())...) //nolint:gosec // the address comes from the settings
	cmd.Env = append(os.Environ(), "PGPASSWORD="+password, "PGCONNECT_TIMEOUT=5")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(stderr.String()))
	}
	return nil
}

package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	gormsqlite "gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	_ "modernc.org/sqlite" // the driver named "sqlite"

	"parkregistry/policies"
)

// Config says which database to open and how.
type Config struct {
	URL       string           // sqlite:PATH or postgres://…
	Policy    *policies.Policy // what Visible compiles; nil is the embedded one
	Clock     func() time.Time // nil is time.Now
	CursorKey []byte           // 32 bytes that seal list cursors; nil makes one for this process
	PoolSize  int              // connections, 0 is 16 on PostgreSQL and 8 readers on SQLite
}

// Open connects, checks the settings that durability rests on and returns the
// door. It does not migrate.
func Open(ctx context.Context, c Config) (*DB, error) {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Policy == nil {
		p, err := policies.Embedded()
		if err != nil {
			return nil, err
		}
		c.Policy = p
	}
	seal, err := newCursorSealer(c.CursorKey)
	if err != nil {
		return nil, err
	}
	db := &DB{Policy: c.Policy, clock: c.Clock, cursors: seal, numbers: map[numberKey]numberBlock{}}
	switch {
	case strings.HasPrefix(c.URL, "postgres://"), strings.HasPrefix(c.URL, "postgresql://"):
		err = db.openPostgres(ctx, c)
	case strings.HasPrefix(c.URL, "sqlite:"):
		err = db.openSQLite(ctx, strings.TrimPrefix(c.URL, "sqlite:"), c.PoolSize)
	default:
		err = errors.New("the database must be sqlite:PATH or postgres://…")
	}
	if err != nil {
		return nil, err
	}
	return db, nil
}

func (db *DB) gormConfig() *gorm.Config {
	return &gorm.Config{
		SkipDefaultTransaction: true,
		TranslateError:         true,
		Logger:                 logger.Discard, // an error is returned to the caller, who logs it once
		NowFunc:                db.Now,
	}
}

func (db *DB) openPostgres(ctx context.Context, c Config) error {
	cfg, err := pgx.ParseConfig(c.URL)
	if err != nil {
		return errors.New("the PostgreSQL address cannot be read (expected postgres://user:password@host:5432/name)")
	}
	for name, value := range map[string]string{
		"application_name": "park", "timezone": "UTC", "synchronous_commit": "on",
		"statement_timeout": "10s", "lock_timeout": "3s", "idle_in_transaction_session_timeout": "15s",
	} {
		if _, set := cfg.RuntimeParams[name]; !set {
			cfg.RuntimeParams[name] = value
		}
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 2 * time.Second
	}
	n := c.PoolSize
	if n == 0 {
		n = 16
	}
	pool, counter := postgresPool(cfg, n), postgresPool(cfg, 1)
	db.Engine, db.writeSQL, db.readSQL, db.counterSQL = Postgres, pool, pool, counter
	if err := durablePostgres(ctx, pool); err != nil {
		_ = db.Close()
		return err
	}
	open := func(pool *sql.DB) (*gorm.DB, error) {
		return gorm.Open(postgres.New(postgres.Config{Conn: pool}), db.gormConfig())
	}
	if db.write, err = open(pool); err == nil {
		db.counter, err = open(counter)
	}
	if err != nil {
		_ = db.Close()
		return err
	}
	db.read = db.write
	return nil
}

func postgresPool(cfg *pgx.ConnConfig, n int) *sql.DB {
	pool := stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(func(_ context.Context, conn *pgx.Conn) error {
		conn.TypeMap().RegisterType(&pgtype.Type{Name: "timestamptz", OID: pgtype.TimestamptzOID,
			Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC}})
		return nil
	}))
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n) // the default of two opens a new backend all the time under load
	return pool
}

// durablePostgres refuses a server that may lose what it acknowledged (S-LG1).
func durablePostgres(ctx context.Context, pool *sql.DB) error {
	for _, name := range []string{"fsync", "full_page_writes"} {
		var value string
		if err := pool.QueryRowContext(ctx, "SELECT current_setting($1)", name).Scan(&value); err != nil {
			return fmt.Errorf("reach PostgreSQL: %w", err)
		}
		if value != "on" {
			return fmt.Errorf("PostgreSQL runs with %s=%s: an acknowledged filing could be lost; set it to on", name, value)
		}
	}
	return nil
}

// sqliteDialector answers unique and check violations in gorm's own words,
// which its driver does for the C library only.
type sqliteDialector struct{ *gormsqlite.Dialector }

func (sqliteDialector) Translate(err error) error {
	if Duplicate(err) {
		return errors.Join(gorm.ErrDuplicatedKey, err)
	}
	return err
}

func (db *DB) openSQLite(ctx context.Context, path string, readers int) error {
	path, _, _ = strings.Cut(path, "?")
	if path == "" {
		return errors.New("sqlite: names no file")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the folder of the database: %w", err)
	}
	if f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o600); err == nil {
		_ = f.Close()
	} else if !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make the database file: %w", err)
	}
	// busy_timeout stands first so that the pragmas after it wait too. FULL, because an
	// acknowledged filing must survive a power cut; immediate, because a transaction that
	// reads before it writes would otherwise fail with "database is locked".
	// The name is a URI to SQLite: # would cut it off and % begin an escape.
	dsn := "file:" + strings.NewReplacer("%", "%25", "#", "%23").Replace(path) + "?_time_format=sqlite&_timezone=UTC&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)" +
		"&_pragma=synchronous(FULL)&_pragma=foreign_keys(ON)&_pragma=cache_size(-16000)"
	writer, err := sql.Open("sqlite", dsn+"&_txlock=immediate")
	if err != nil {
		return err
	}
	writer.SetMaxOpenConns(1)
	reader, err := sql.Open("sqlite", dsn+"&mode=ro&_txlock=deferred")
	if err != nil {
		return err
	}
	if readers == 0 {
		readers = 8
	}
	reader.SetMaxOpenConns(readers)
	reader.SetMaxIdleConns(readers)
	db.Engine, db.writeSQL, db.readSQL = SQLite, writer, reader
	if err := soundSQLite(ctx, writer); err != nil {
		_ = db.Close()
		return err
	}
	open := func(pool *sql.DB) (*gorm.DB, error) {
		return gorm.Open(sqliteDialector{&gormsqlite.Dialector{DriverName: "sqlite", Conn: pool}}, db.gormConfig())
	}
	if db.write, err = open(writer); err != nil {
		return err
	}
	db.read, err = open(reader)
	return err
}

// soundSQLite refuses a library or a file system that could corrupt or lose data (S-LG1).
func soundSQLite(ctx context.Context, pool *sql.DB) error {
	var version, journal string
	var sync int
	err := errors.Join(
		pool.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version),
		pool.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&journal),
		pool.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&sync))
	if err != nil {
		return fmt.Errorf("open the SQLite file: %w", err)
	}
	var major, minor, patch int
	if _, err := fmt.Sscanf(version, "%d.%d.%d", &major, &minor, &patch); err != nil {
		return fmt.Errorf("read the SQLite version %q: %w", version, err)
	}
	if major*1_000_000+minor*1_000+patch < 3_051_003 {
		return fmt.Errorf("SQLite %s can corrupt a database in WAL mode; 3.51.3 or newer is needed", version)
	}
	if journal != "wal" || sync < 2 {
		return fmt.Errorf("SQLite runs with journal_mode=%s synchronous=%d; the disk does not support write-ahead logging", journal, sync)
	}
	return nil
}

package main

import (
	"context"
	"database/sql"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "modernc.org/sqlite" // the driver named "sqlite"
)

// poolSize is the number of connections of both servers on PostgreSQL: the program's default.
const poolSize = 16

// openBare opens the reference's pools with the durability that the program asks for.
func openBare(ctx context.Context, url string) (engine, error) {
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		return openBareSQLite(path)
	}
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.MinConns, cfg.MaxConns = poolSize, poolSize
	cfg.ConnConfig.RuntimeParams["timezone"], cfg.ConnConfig.RuntimeParams["synchronous_commit"] = "UTC", "on"
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return pgEngine{pgConn{pool}, pool}, nil
}

// pgQuerier is a pool or a transaction of pgx.
type pgQuerier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

type pgConn struct{ q pgQuerier }

func (c pgConn) query(ctx context.Context, sql string, args ...any) (rows, error) {
	return c.q.Query(ctx, sql, args...)
}

func (c pgConn) exec(ctx context.Context, sql string, args ...any) (int64, error) {
	tag, err := c.q.Exec(ctx, sql, args...)
	return tag.RowsAffected(), err
}

type pgEngine struct {
	pgConn
	pool *pgxpool.Pool
}

func (e pgEngine) within(ctx context.Context, fn func(conn) error) error {
	return pgx.BeginFunc(ctx, e.pool, func(tx pgx.Tx) error { return fn(pgConn{tx}) })
}

func (e pgEngine) snapshot(ctx context.Context, fn func(conn) error) error {
	return pgx.BeginTxFunc(ctx, e.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error { return fn(pgConn{tx}) })
}

// liteQuerier is a pool or a transaction of database/sql.
type liteQuerier interface {
	QueryContext(ctx context.Context, sql string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, sql string, args ...any) (sql.Result, error)
}

type liteConn struct{ q liteQuerier }

var numbered sync.Map // a statement with $1 → the same with ?1

func liteSQL(sql string) string {
	if v, ok := numbered.Load(sql); ok {
		return v.(string)
	}
	v := strings.ReplaceAll(sql, "$", "?")
	numbered.Store(sql, v)
	return v
}

func (c liteConn) query(ctx context.Context, sql string, args ...any) (rows, error) {
	return c.q.QueryContext(ctx, liteSQL(sql), args...)
}

func (c liteConn) exec(ctx context.Context, sql string, args ...any) (int64, error) {
	res, err := c.q.ExecContext(ctx, liteSQL(sql), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

type liteEngine struct {
	liteConn
	reader, writer *sql.DB
}

// openBareSQLite opens one writer and eight readers with the program's pragmas.
func openBareSQLite(path string) (engine, error) {
	dsn := "file:" + path + "?_time_format=sqlite&_timezone=UTC&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(ON)&_pragma=cache_size(-16000)"
	writer, err := sql.Open("sqlite", dsn+"&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	writer.SetMaxOpenConns(1)
	reader, err := sql.Open("sqlite", dsn+"&mode=ro&_txlock=deferred")
	if err != nil {
		return nil, err
	}
	reader.SetMaxOpenConns(8)
	reader.SetMaxIdleConns(8)
	return liteEngine{liteConn{reader}, reader, writer}, nil
}

func (e liteEngine) within(ctx context.Context, fn func(conn) error) error {
	tx, err := e.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := fn(liteConn{tx}); err != nil {
		return err
	}
	return tx.Commit()
}

func (e liteEngine) snapshot(ctx context.Context, fn func(conn) error) error {
	tx, err := e.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := fn(liteConn{tx}); err != nil {
		return err
	}
	return tx.Commit()
}

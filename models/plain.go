package models

import (
	"context"
	"database/sql"
	"errors"
	"strconv"

	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parkregistry/internal/fault"
	"parkregistry/policies"
)

// Plain is a row that names its columns and says where their values go. The
// rows of the hottest lists do: a mapper's reflection costs as much as the rest
// of a page (docs/performance.md). Columns are all of the table's, qualified, in
// the order of Fields.
type Plain interface {
	Columns() string
	Fields() []any
}

// Read runs q for columns alone and calls row each time that fields hold the next row.
func Read(q *gorm.DB, columns string, fields []any, row func() error) error {
	q = q.Clauses(clause.Select{Expression: clause.Expr{SQL: columns}})
	if pool, ok := q.Statement.ConnPool.(*sql.DB); ok && q.Name() == string(Postgres) {
		return readNative(q, pool, fields, row)
	}
	rows, err := q.Rows()
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	return each(rows, fields, row)
}

// readNative is Read outside a transaction on PostgreSQL: the values go from the
// driver into fields at once, without database/sql between them.
func readNative(q *gorm.DB, pool *sql.DB, fields []any, row func() error) error {
	var none []struct{}
	q = q.Session(&gorm.Session{DryRun: true}).Find(&none) // the statement, not run
	if q.Error != nil {
		return q.Error
	}
	return native(q.Statement.Context, pool, q.Statement.SQL.String(), q.Statement.Vars, fields, row)
}

// native runs a statement past database/sql.
func native(ctx context.Context, pool *sql.DB, statement string, args, fields []any, row func() error) error {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return conn.Raw(func(driver any) error {
		rows, err := driver.(*stdlib.Conn).Conn().Query(ctx, statement, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		return each(rows, fields, row)
	})
}

// scanner is what the rows of both drivers can do.
type scanner interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
}

func each(rows scanner, fields []any, row func() error) error {
	for rows.Next() {
		if err := rows.Scan(fields...); err != nil {
			return err
		}
		if err := row(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// find reads the rows of q, at most about expected.
func find[T any](q *gorm.DB, expected int) ([]T, error) {
	var next T
	plain, ok := any(&next).(Plain)
	if !ok {
		var all []T
		return all, q.Find(&all).Error
	}
	all := make([]T, 0, expected)
	err := Read(q, plain.Columns(), plain.Fields(), func() error {
		var empty T
		all = append(all, next)
		next = empty // what a column points to belongs to the row just kept
		return nil
	})
	return all, err
}

// One reads a single row into dest; a row that is not there, or not visible, is Absent.
func One[T any](q *gorm.DB, dest *T) error {
	if _, ok := any(dest).(Plain); !ok {
		return take(q, dest)
	}
	all, err := find[T](q.Limit(1), 1)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return fault.Absent()
	}
	*dest = all[0]
	return nil
}

func take(q *gorm.DB, dest any) error {
	err := q.Take(dest).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return fault.Absent()
	}
	return err
}

// ByID reads into dest, a pointer to a row, the one of that id if perm reaches it for
// the caller of ctx; any other is Absent. Inside a request's transaction it reads there.
func ByID(ctx context.Context, db *DB, perm policies.Permission, id ID, dest Scoped) error {
	table := dest.Scope().Table
	plain, ok := dest.(Plain)
	if !ok {
		return take(db.Visible(ctx, perm, dest).Where(table+".id = ?", id), dest)
	}
	where, args, err := reach(ctx, perm, dest)
	if err != nil {
		return err
	}
	if where != "" {
		where += " AND "
	}
	found := false
	err = db.run(ctx, "SELECT "+plain.Columns()+" FROM "+table+" WHERE "+where+table+".id = ?", append(args, id), plain.Fields(), func() error { found = true; return nil })
	if err == nil && !found {
		return fault.Absent()
	}
	return err
}

// run runs a statement of ours, each ? of it the place of an argument, in the
// transaction of ctx if there is one. Beside a single row the mapper's way to a
// statement would be the larger half of the work.
func (db *DB) run(ctx context.Context, statement string, args, fields []any, row func() error) error {
	if db.Engine == Postgres {
		statement = numbered(statement)
	}
	pool := gorm.ConnPool(db.readSQL)
	if tx, ok := ambient(ctx, db); ok {
		pool = tx.g.Statement.ConnPool
	} else if db.Engine == Postgres {
		return native(ctx, db.readSQL, statement, args, fields, row)
	}
	rows, err := pool.QueryContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	return each(rows, fields, row)
}

// numbered writes ? as PostgreSQL does: $1, $2, …
func numbered(statement string) string {
	b := make([]byte, 0, len(statement)+8)
	n := int64(0)
	for i := range len(statement) {
		if statement[i] != '?' {
			b = append(b, statement[i])
			continue
		}
		n++
		b = strconv.AppendInt(append(b, '$'), n, 10)
	}
	return string(b)
}

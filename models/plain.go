package models

import (
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parkregistry/internal/fault"
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
	ctx := q.Statement.Context
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return conn.Raw(func(driver any) error {
		rows, err := driver.(*stdlib.Conn).Conn().Query(ctx, q.Statement.SQL.String(), q.Statement.Vars...)
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
		err := q.Take(dest).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return fault.Absent()
		}
		return err
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

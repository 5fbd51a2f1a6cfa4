package models

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"parkregistry/internal/fault"
)

// Fault turns an error of the driver into a fault; faults pass as they are and
// what it does not know stays an internal error with its cause.
func Fault(err error) error {
	var f *fault.Error
	var pg *pgconn.PgError
	var lite *sqlite.Error
	switch {
	case err == nil || errors.As(err, &f):
		return err
	case errors.Is(err, gorm.ErrRecordNotFound):
		return fault.Absent()
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return away(err)
	case Duplicate(err):
		return fault.Wrap(err, fault.Conflict, "已经有相同的记录")
	case errors.As(err, &pg):
		return fromPostgres(err, pg)
	case errors.As(err, &lite):
		return fromSQLite(err, lite)
	case unreachable(err):
		return away(err)
	}
	return err
}

func away(err error) error {
	f := fault.Wrap(err, fault.Unavailable, "数据库暂时没有响应，已填写的内容没有丢失，稍后再试")
	f.RetryAfter = 5
	return f
}

func fromPostgres(err error, pg *pgconn.PgError) error {
	switch {
	case pg.Code == "23001":
		return fault.Wrap(err, fault.Conflict, "已经报送或者留痕的记录不能修改，也不能删除")
	case pg.Code == "23P01":
		return fault.Wrap(err, fault.Conflict, "起止日期与已有记录重叠")
	case pg.Code == "23503":
		return fault.Wrap(err, fault.Conflict, "引用的记录不存在，或者不在同一园区")
	case pg.Code == "23514":
		return fault.Wrap(err, fault.Conflict, "与数据表的约束不符")
	case pg.Code == "57014", pg.Code == "55P03", pg.Code == "40001", pg.Code == "40P01",
		strings.HasPrefix(pg.Code, "08"), strings.HasPrefix(pg.Code, "57P"), strings.HasPrefix(pg.Code, "53"):
		return away(err)
	}
	return err
}

func fromSQLite(err error, lite *sqlite.Error) error {
	text := lite.Error()
	switch {
	case strings.Contains(text, "frozen:"):
		return fault.Wrap(err, fault.Conflict, "已经报送或者留痕的记录不能修改，也不能删除")
	case strings.Contains(text, "overlap:"):
		return fault.Wrap(err, fault.Conflict, "起止日期与已有记录重叠")
	case lite.Code() == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return fault.Wrap(err, fault.Conflict, "引用的记录不存在，或者不在同一园区")
	case lite.Code() == sqlite3.SQLITE_CONSTRAINT_CHECK:
		return fault.Wrap(err, fault.Conflict, "与数据表的约束不符")
	case lite.Code()&0xff == sqlite3.SQLITE_BUSY, lite.Code()&0xff == sqlite3.SQLITE_LOCKED,
		lite.Code()&0xff == sqlite3.SQLITE_FULL, lite.Code()&0xff == sqlite3.SQLITE_IOERR,
		lite.Code()&0xff == sqlite3.SQLITE_CANTOPEN:
		return away(err)
	}
	return err
}

// Duplicate reports whether err is a broken unique constraint, on either engine.
func Duplicate(err error) bool {
	var pg *pgconn.PgError
	var lite *sqlite.Error
	switch {
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return true
	case errors.As(err, &pg):
		return pg.Code == "23505"
	case errors.As(err, &lite):
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return false
}

// Overlap reports whether err says that two periods of one thing overlap.
func Overlap(err error) bool {
	var pg *pgconn.PgError
	var lite *sqlite.Error
	return errors.As(err, &pg) && pg.Code == "23P01" || errors.As(err, &lite) && strings.Contains(lite.Error(), "overlap:")
}

// transient failures are worth another try of the whole transaction.
func transient(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01" || pg.Code == "0A000")
}

func unreachable(err error) bool {
	var n net.Error
	var c *pgconn.ConnectError
	return errors.As(err, &n) || errors.As(err, &c) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "unexpected EOF")
}

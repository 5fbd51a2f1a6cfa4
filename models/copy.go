package models

import (
	"bytes"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
	"gorm.io/gorm/callbacks"
)

// copyAtLeast is from how many rows on COPY is used. An INSERT of many rows costs
// PostgreSQL more to read and to plan than to carry out; COPY is neither, but asks for two
// more turns to the server.
const copyAtLeast = 20

// copyIn adds rows to their table with COPY, inside the transaction, under the same
// checks, triggers and defaults as INSERT. It reports false when COPY is not for them:
// on SQLite, for a few rows, and where the database makes a value itself.
func copyIn[T any](tx *Tx, rows []T) (bool, error) {
	if tx.conn == nil || len(rows) < copyAtLeast {
		return false, nil
	}
	stmt := tx.g.Session(&gorm.Session{NewDB: true}).Model(&rows).Statement
	if err := stmt.Parse(&rows); err != nil {
		return false, err
	}
	if len(stmt.Schema.FieldsWithDefaultDBValue) > 0 {
		return false, nil
	}
	stmt.Dest, stmt.ReflectValue = &rows, reflect.ValueOf(rows)
	values := callbacks.ConvertToCreateValues(stmt)
	if err := stmt.Error; err != nil {
		return false, err
	}
	columns := make([]string, len(values.Columns))
	for i, c := range values.Columns {
		columns[i] = `"` + c.Name + `"`
	}
	text := &tx.copying
	text.Reset()
	for _, row := range values.Values {
		if err := copyLine(text, row); err != nil {
			return false, fmt.Errorf("table %s: %w", stmt.Table, err)
		}
	}
	command := `COPY "` + stmt.Table + `" (` + strings.Join(columns, ", ") + `) FROM STDIN`
	return true, tx.conn.Raw(func(c any) error {
		_, err := c.(*stdlib.Conn).Conn().PgConn().CopyFrom(tx.ctx, text, command)
		return err
	})
}

// copyLine writes one row in the text format of COPY.
func copyLine(w *bytes.Buffer, row []any) error {
	for i, v := range row {
		if i > 0 {
			w.WriteByte('\t')
		}
		v, err := driver.DefaultParameterConverter.ConvertValue(v)
		if err != nil {
			return err
		}
		switch v := v.(type) {
		case nil:
			w.WriteString(`\N`)
		case string:
			copyText(w, v)
		case []byte:
			w.WriteString(`\\x`)
			w.Write(hex.AppendEncode(w.AvailableBuffer(), v))
		case int64:
			w.Write(strconv.AppendInt(w.AvailableBuffer(), v, 10))
		case bool:
			w.Write(strconv.AppendBool(w.AvailableBuffer(), v))
		case time.Time:
			w.Write(v.UTC().AppendFormat(w.AvailableBuffer(), "2006-01-02 15:04:05.999999Z07:00"))
		default: // a float: the registry stores decimals as text or whole numbers of their last place
			return fmt.Errorf("a value of the type %T", v)
		}
	}
	w.WriteByte('\n')
	return nil
}

// copyEscapes are the bytes that mean something to COPY.
var copyEscapes = strings.NewReplacer("\\", `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)

func copyText(w *bytes.Buffer, s string) {
	if !strings.ContainsAny(s, "\\\t\n\r") {
		w.WriteString(s)
		return
	}
	_, _ = copyEscapes.WriteString(w, s) // a buffer takes everything
}

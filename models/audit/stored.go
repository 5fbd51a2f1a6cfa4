package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/proof"
)

// Stored is one row of a table as the database gave it. Verify encodes it as it stands:
// making a struct of every row first would cost as much as all the rest (docs/performance.md).
type Stored struct {
	plan   *plan
	values []any // in the order of plan.list
	buffer []byte
}

// ReadStored calls each with every row of q, a statement on the table of T within a
// transaction. A row is good until each returns.
func ReadStored[T any](q *gorm.DB, each func(r *Stored) error) error {
	var row T
	p, _, err := planOf(row)
	if err != nil {
		return err
	}
	r := &Stored{plan: p, values: make([]any, len(p.at))}
	fields := make([]any, len(r.values))
	for i := range fields {
		fields[i] = &r.values[i]
	}
	return models.Read(q, p.list, fields, func() error { return each(r) })
}

// Text is the text of a column, "" for NULL.
func (r *Stored) Text(column string) string {
	switch v := r.value(column).(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return ""
}

// ID is the id in a column, "" for NULL.
func (r *Stored) ID(column string) models.ID { return models.ID(r.Text(column)) }

// Int is the number in a column, 0 for NULL.
func (r *Stored) Int(column string) int64 {
	n, _ := r.value(column).(int64)
	return n
}

// Null reports whether a column holds nothing.
func (r *Stored) Null(column string) bool { return r.value(column) == nil }

func (r *Stored) value(column string) any { return r.values[r.plan.at[column]] }

// encode is what encodeRow makes of the row before it is stored, good until the next row.
func (r *Stored) encode() ([]byte, error) {
	b := proof.AppendField(r.buffer[:0], r.plan.table)
	for _, c := range r.plan.columns {
		with, says, err := c.append(b, r.values[c.at])
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", r.plan.table, c.name, err)
		}
		if says {
			b = with
		}
	}
	r.buffer = b
	return b, nil
}

// encodeTo adds the encoded row to others, for longer than its turn.
func (r *Stored) encodeTo(rows *[][]byte) error {
	b, err := r.encode()
	*rows = append(*rows, bytes.Clone(b))
	return err
}

// append appends name and value of a column; says is false for one that is empty.
func (c column) append(b []byte, value any) (with []byte, says bool, err error) {
	if value == nil {
		return b, false, nil
	}
	var small [32]byte
	var text []byte
	switch v := value.(type) {
	case string:
		if c.kind != asText && c.kind != asJSON {
			return nil, false, errStored
		}
		says = v != "" && !(c.kind == asJSON && (v == "null" || v == "[]" || v == "{}"))
		if !says && !c.pointer {
			return b, false, nil
		}
		return proof.AppendField(proof.AppendField(b, c.name), v), true, nil
	case []byte:
		text, says = v, len(v) > 0
		if c.kind != asBytes {
			return nil, false, errStored
		}
	case int64:
		switch c.kind {
		case asInt:
			text, says = strconv.AppendInt(small[:0], v, 10), v != 0
		case asBool: // SQLite has no other way to say it
			text, says = strconv.AppendBool(small[:0], v != 0), v != 0
		default:
			return nil, false, errStored
		}
	case bool:
		if c.kind != asBool {
			return nil, false, errStored
		}
		text, says = strconv.AppendBool(small[:0], v), v
	case time.Time:
		switch c.kind {
		case asTime:
			text, says = strconv.AppendInt(small[:0], v.UnixMicro(), 10), !v.IsZero()
		case asText: // a day, which PostgreSQL gives as an instant
			var day code.Day
			if err := day.Scan(v); err != nil {
				return nil, false, err
			}
			text, says = append(small[:0], day...), true
		default:
			return nil, false, errStored
		}
	default:
		return nil, false, errStored
	}
	if !says && !c.pointer {
		return b, false, nil
	}
	return proof.AppendField(proof.AppendField(b, c.name), text), true, nil
}

var errStored = errors.New("a value that the column cannot hold")

// valueKind is how the value of a column is encoded.
type valueKind int

const (
	asText valueKind = iota
	asInt
	asBool
	asTime
	asBytes
	asJSON
)

// kindOf is how values of a type are encoded, as encodeValue does it.
func kindOf(t reflect.Type) (kind valueKind, pointer bool) {
	if t.Kind() == reflect.Pointer {
		kind, _ = kindOf(t.Elem())
		return kind, true
	}
	switch t.Kind() {
	case reflect.String:
		return asText, false
	case reflect.Int, reflect.Int64:
		return asInt, false
	case reflect.Bool:
		return asBool, false
	}
	switch t {
	case reflect.TypeFor[time.Time]():
		return asTime, false
	case reflect.TypeFor[[]byte]():
		return asBytes, false
	}
	return asJSON, false
}

// clone is the row for longer than its turn.
func (r *Stored) clone() Stored { return Stored{plan: r.plan, values: slices.Clone(r.values)} }

// digest is headDigest of the row.
func (r *Stored) digest() (string, error) {
	encoded, err := r.encode()
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:]), err
}

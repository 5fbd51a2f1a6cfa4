package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm/schema"

	"parkregistry/models"
	"parkregistry/models/proof"
)

// Wrote is what a write leaves of one object: the head as it stands afterwards, and
// the rows stored with it for good. The leaf commits to both, column by column.
type Wrote struct {
	Object models.ID
	Head   any   // nil where the write moves no head
	Rows   []any // in any order
}

// Uncommitted is a row with columns that no leaf commits to, each with the reason.
type Uncommitted interface{ Uncommitted() map[string]string }

// AllOf adds rows of one table to those of a write.
func AllOf[T any](to []any, rows []T) []any {
	for i := range rows {
		to = append(to, rows[i])
	}
	return to
}

// written is Wrote as the facts of a leaf have it.
type written struct {
	Version int64  `json:"version,omitempty"` // of the head
	Head    string `json:"head,omitempty"`    // SHA-256, hexadecimal
	Rows    string `json:"rows,omitempty"`    // SHA-256 over all of them, hexadecimal
}

// wroteFact is the member of a leaf's facts that holds what was written, by object.
const wroteFact = "wrote"

func (w Wrote) written() (written, error) {
	var out written
	var err error
	if w.Head != nil {
		if out.Version, out.Head, err = headDigest(w.Head); err != nil {
			return out, err
		}
	}
	if len(w.Rows) > 0 {
		out.Rows, err = rowsDigest(w.Rows)
	}
	return out, err
}

// headDigest is the digest of a head with the version that it has.
func headDigest(head any) (version int64, digest string, err error) {
	encoded, err := encodeRow(head)
	if err != nil {
		return 0, "", err
	}
	p, v, err := planOf(head)
	if err == nil && p.version >= 0 {
		version = v.FieldByIndex(p.columns[p.version].index).Int()
	}
	sum := sha256.Sum256(encoded)
	return version, hex.EncodeToString(sum[:]), err
}

// rowsDigest is one digest over rows of any tables, whatever order they come in.
func rowsDigest(rows []any) (string, error) {
	all := make([][]byte, len(rows))
	for i, row := range rows {
		var err error
		if all[i], err = encodeRow(row); err != nil {
			return "", err
		}
	}
	return digestOf(all), nil
}

// digestOf is the digest over encoded rows; it puts them in order.
func digestOf(rows [][]byte) string {
	slices.SortFunc(rows, bytes.Compare)
	sum := sha256.New()
	var length [8]byte
	for _, row := range rows { // each with its length before it; a hash never fails
		binary.BigEndian.PutUint64(length[:], uint64(len(row)))
		_, _ = sum.Write(length[:])
		_, _ = sum.Write(row)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// plan is how the rows of one type are encoded.
type plan struct {
	table   string
	columns []column // by name; without those that no leaf commits to
	version int      // among the columns, -1 for none

	// Where the jurisdiction of a row follows its park, it does so without a leaf
	// (registry.RewriteJurisdiction) and is compared with the park.
	follows bool

	at   map[string]int // every column of the table, and its place in the list
	list string         // of all columns, as a statement asks for them
}

type column struct {
	name    string
	index   []int // of the field
	at      int   // among all columns
	kind    valueKind
	pointer bool
}

var plans sync.Map // of reflect.Type

func planOf(row any) (*plan, reflect.Value, error) {
	v := reflect.Indirect(reflect.ValueOf(row))
	if p, ok := plans.Load(v.Type()); ok {
		return p.(*plan), v, nil
	}
	s, err := schema.Parse(reflect.New(v.Type()).Interface(), &sync.Map{}, schema.NamingStrategy{})
	if err != nil {
		return nil, v, fmt.Errorf("columns of %s: %w", v.Type(), err)
	}
	p := &plan{table: s.Table, version: -1, at: map[string]int{}}
	left := map[string]string{}
	if u, ok := v.Interface().(Uncommitted); ok {
		left = u.Uncommitted()
	}
	scoped, _ := v.Interface().(models.Scoped)
	p.follows = scoped != nil && scoped.Scope().FollowsPark()
	for i, name := range s.DBNames {
		p.at[name] = i
		f := s.FieldsByDBName[name].StructField
		if left[name] == "" && !(p.follows && name == "jurisdiction") {
			kind, pointer := kindOf(f.Type)
			p.columns = append(p.columns, column{name, f.Index, i, kind, pointer})
		}
	}
	p.list = s.Table + "." + strings.Join(s.DBNames, ", "+s.Table+".")
	slices.SortFunc(p.columns, func(a, b column) int { return strings.Compare(a.name, b.name) })
	p.version = slices.IndexFunc(p.columns, func(c column) bool { return c.name == "version" })
	plans.Store(v.Type(), p)
	return p, v, nil
}

// encodeRow is the canonical encoding of a row: its table, then the name and the value
// of each column that says anything. A column of a later version of the program that
// is still empty changes no digest.
func encodeRow(row any) ([]byte, error) {
	p, v, err := planOf(row)
	if err != nil {
		return nil, err
	}
	b := proof.AppendField(make([]byte, 0, 512), p.table)
	for _, c := range p.columns {
		text, says, err := encodeValue(v.FieldByIndex(c.index))
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", p.table, c.name, err)
		}
		if says {
			b = proof.AppendField(proof.AppendField(b, c.name), text)
		}
	}
	return b, nil
}

// encodeValue is a value as text, the same before it is stored and after it is read
// back from either engine; says is false for an empty one. A pointer that is set says
// something, whatever it points to.
func encodeValue(v reflect.Value) (text string, says bool, err error) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return "", false, nil
		}
		text, _, err = encodeValue(v.Elem())
		return text, true, err
	}
	switch v.Kind() {
	case reflect.String:
		return v.String(), v.String() != "", nil
	case reflect.Int, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), v.Int() != 0, nil
	case reflect.Bool:
		return strconv.FormatBool(v.Bool()), v.Bool(), nil
	}
	switch x := v.Interface().(type) {
	case time.Time:
		return strconv.FormatInt(x.UnixMicro(), 10), !x.IsZero(), nil
	case []byte:
		return string(x), len(x) > 0, nil
	}
	if text, ok, err := models.JSONText(v.Interface()); ok {
		return text, text != "null" && text != "[]" && text != "{}", err
	}
	return "", false, fmt.Errorf("a value of type %s has no encoding", v.Type())
}

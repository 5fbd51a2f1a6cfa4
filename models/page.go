package models

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/policies"
)

// Order is one way to sort a list. Column is NOT NULL and is followed by the
// id, so that the order is total; Key reads the column from a row.
type Order[T any] struct {
	Column string // qualified: parks.code
	Desc   bool
	Key    func(T) any        // string, int64 or time.Time
	On     func(code.Day) any // the last key of a day, of an order that starts with the newest; nil for no days
}

// OnDay is Order.On of a column of days, OnInstant that of one of instants.
func OnDay(d code.Day) any { return string(d) }

// OnInstant is the last microsecond of the day, as fine as the databases keep time.
func OnInstant(d code.Day) any { return d.End().Add(-time.Microsecond) }

// Query is what a caller may ask of a list. Filters names every filter and its
// value: a cursor only continues the list that it was made for.
type Query struct {
	Limit   int // 1 to MaxPage
	Cursor  string
	At      code.Day // where there is no cursor, begin with the rows of this day
	Sort    string   // name of an order; "" is the first
	Exact   bool     // count all rows too
	Follow  bool     // the last page has a next as well, from which what comes later is read
	Filters map[string]string
}

// MaxPage is how many rows a page may have.
const MaxPage = 200

// Page is one page of a list; Next is "" on the last, Before on the first. Either is a
// cursor: what leads back says so itself.
type Page[T any] struct {
	Items  []T
	Next   string
	Before string
	Total  *int64
}

type cursor struct {
	Back bool       `json:"b,omitempty"` // what stands before, not after
	Text *string    `json:"s,omitempty"`
	Int  *int64     `json:"i,omitempty"`
	Time *time.Time `json:"t,omitempty"`
	ID   ID         `json:"d"`
}

func (c cursor) value() any {
	switch {
	case c.Text != nil:
		return *c.Text
	case c.Int != nil:
		return *c.Int
	case c.Time != nil:
		return *c.Time
	}
	return ""
}

// List reads one page of q in keyset order: the cost does not grow with the
// page. orders holds the sorts by name, and first is the one taken when none is named.
func List[T any](db *DB, q *gorm.DB, query Query, orders map[string]Order[T], first string, id func(T) ID) (Page[T], error) {
	if query.Sort == "" {
		query.Sort = first
	}
	order, ok := orders[query.Sort]
	if !ok {
		return Page[T]{}, &fault.Error{Code: fault.Malformed, Detail: fault.T("查询参数有误"),
			Violations: []fault.Violation{{Pointer: "/query/sort", Code: "enum", Detail: fault.T("不支持按这一列排序"), Value: query.Sort}}}
	}
	var page Page[T]
	if err := query.Check(); err != nil {
		return page, err
	}
	q = q.Session(&gorm.Session{})
	if query.Exact {
		var total int64
		if err := q.Count(&total).Error; err != nil {
			return page, Fault(err)
		}
		page.Total = &total
	}
	var head T
	table := q.Statement.Table
	if s, ok := any(&head).(Scoped); ok {
		table = s.Scope().Table
	}
	idColumn := table + ".id"
	binding := query.binding(q.Statement.Context, table)
	var from cursor
	if query.Cursor != "" {
		var err error
		if from, err = db.cursors.open(query.Cursor, binding); err != nil {
			return page, err
		}
	}
	begun := query.Cursor == "" // the page is the first
	more := false               // there are rows beyond it, in the direction of reading
	read := func(rows *gorm.DB, back bool) (err error) {
		direction := ""
		if order.Desc != back {
			direction = " DESC"
		}
		page.Items, err = find[T](rows.Order(order.Column+direction).Order(idColumn+direction).Limit(query.Limit+1), query.Limit+1)
		if more = len(page.Items) > query.Limit; more {
			page.Items = page.Items[:query.Limit]
		}
		if back {
			slices.Reverse(page.Items)
		}
		return Fault(err)
	}
	rows := q
	switch {
	case !begun:
		compare := ">"
		if order.Desc != from.Back {
			compare = "<"
		}
		rows = rows.Where("("+order.Column+", "+idColumn+") "+compare+" (?, ?)", from.value(), string(from.ID))
	case query.At != "" && order.On == nil:
		return page, &fault.Error{Code: fault.Malformed, Detail: fault.T("查询参数有误"),
			Violations: []fault.Violation{{Pointer: "/query/at", Code: "order", Detail: fault.T("这个排序不按日期，不能跳到某一天"), Value: string(query.At)}}}
	case query.At != "":
		begun, rows = false, rows.Where(order.Column+" <= ?", order.On(query.At))
	}
	if err := read(rows, from.Back); err != nil {
		return page, err
	}
	if from.Back && len(page.Items) < query.Limit { // as many as there are before do not fill a page: the first one does
		from.Back = false
		if err := read(q, false); err != nil {
			return page, err
		}
		begun = true
	}
	leads := func(row T, back bool) (string, error) {
		c := cursor{ID: id(row), Back: back}
		switch v := order.Key(row).(type) {
		case string:
			c.Text = &v
		case int64:
			c.Int = &v
		case time.Time:
			c.Time = &v
		default:
			return "", fmt.Errorf("sort key of %s is a %T", query.Sort, v)
		}
		return db.cursors.seal(c, binding)
	}
	if query.Follow {
		page.Next = query.Cursor // nothing new: the same place again
	}
	if len(page.Items) == 0 {
		return page, nil
	}
	var err error
	if more || from.Back || query.Follow {
		if page.Next, err = leads(page.Items[len(page.Items)-1], false); err != nil {
			return page, err
		}
	}
	if from.Back && more || !from.Back && !begun {
		page.Before, err = leads(page.Items[0], true)
	}
	return page, err
}

// Check refuses a page of no rows or of too many.
func (q Query) Check() error {
	if q.Limit >= 1 && q.Limit <= MaxPage {
		return nil
	}
	return &fault.Error{Code: fault.Malformed, Detail: fault.T("查询参数有误"),
		Violations: []fault.Violation{{Pointer: "/query/limit", Code: "range", Detail: fault.T("每页应当是 1 至 {{.Max}} 行", "Max", MaxPage), Value: q.Limit}}}
}

// SealPosition makes the cursor of a list that is computed and not selected:
// position says in its own words where the next page begins.
func (db *DB) SealPosition(ctx context.Context, q Query, list, position string) (string, error) {
	return db.cursors.seal(cursor{Text: &position}, q.binding(ctx, list))
}

// OpenPosition is the position in the cursor of q.
func (db *DB) OpenPosition(ctx context.Context, q Query, list string) (string, error) {
	c, err := db.cursors.open(q.Cursor, q.binding(ctx, list))
	if err == nil && c.Text == nil {
		err = BadCursor()
	}
	if err != nil {
		return "", err
	}
	return *c.Text, nil
}

// BadCursor is the answer to a cursor that leads nowhere.
func BadCursor() error {
	return &fault.Error{Code: fault.Malformed, Detail: fault.T("查询参数有误"), Violations: []fault.Violation{
		{Pointer: "/query/cursor", Code: "cursor", Detail: fault.T("翻页位置已经失效，从第一页重新开始")}}}
}

// binding is a digest of everything that must stay the same from page to page:
// the list, its order and filters, and who reads it.
func (q Query) binding(ctx context.Context, table string) []byte {
	reader, _ := policies.ActorFrom(ctx)
	b, _ := json.Marshal(struct { // a map of strings always encodes, and in key order
		Table, User, Sort string
		Filters           map[string]string
	}{table, reader.User, q.Sort, q.Filters})
	sum := sha256.Sum256(b)
	return sum[:]
}

// cursorSealer encrypts cursors: they tell a caller nothing about rows, ids or
// sort keys, and an altered one does not open.
type cursorSealer struct{ aead cipher.AEAD }

func newCursorSealer(key []byte) (cursorSealer, error) {
	if key == nil {
		key = make([]byte, 32)
		_, _ = rand.Read(key) // never fails since Go 1.24
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return cursorSealer{}, fmt.Errorf("cursor key: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return cursorSealer{aead}, err
}

func (s cursorSealer) seal(c cursor, binding []byte) (string, error) {
	plain, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, plain, binding)), nil
}

func (s cursorSealer) open(text string, binding []byte) (cursor, error) {
	var c cursor
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		var plain []byte
		if plain, err = s.aead.Open(nil, nil, sealed, binding); err == nil {
			err = json.Unmarshal(plain, &c)
		}
	}
	if err != nil {
		return c, BadCursor()
	}
	return c, nil
}

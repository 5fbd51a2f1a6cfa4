package main

import (
	"database/sql"
	"net/http"
	"strconv"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models/ledger"
)

// entryRow is the head of a ledger entry as a list shows it.
type entryRow struct {
	id                               uid
	version                          int64
	created, updated                 time.Time
	site, park, enterprise           uid
	jurisdiction                     sql.NullString
	number, class, condition         string
	classVersion                     int64
	facility, outlet                 uid
	day                              dayText
	slot, state                      string
	occurred                         sql.NullTime
	recorded, received               time.Time
	filed                            sql.NullTime
	filedBy                          uid
	filedAs                          string
	filings                          int64
	change, supersedes, supersededBy uid
	reason                           string
	createdBy                        uid
	odd, demo                        bool
	leaf                             sql.NullInt64
	payload, computed                string // of a single entry, "" in lists
}

// dayText is a date as YYYY-MM-DD, whichever way the driver hands it over.
type dayText string

// Scan implements sql.Scanner.
func (d *dayText) Scan(src any) error {
	switch v := src.(type) {
	case time.Time:
		*d = dayText(v.Format(time.DateOnly))
	case string:
		*d = dayText(v[:10])
	}
	return nil
}

const entryColumns = `SELECT id, version, created_at, updated_at, site_id, park_id, jurisdiction, enterprise_id, number, class, class_version, condition, facility_id, outlet_id, day, slot, state,
	occurred_at, recorded_at, received_at, filed_at, filed_by, filed_as, filings, odd, change_id, supersedes, superseded_by, reason, created_by, demo`

func (e *entryRow) fields() []any {
	return []any{&e.id, &e.version, &e.created, &e.updated, &e.site, &e.park, &e.jurisdiction, &e.enterprise, &e.number, &e.class, &e.classVersion, &e.condition, &e.facility, &e.outlet,
		&e.day, &e.slot, &e.state, &e.occurred, &e.recorded, &e.received, &e.filed, &e.filedBy, &e.filedAs, &e.filings, &e.odd, &e.change, &e.supersedes, &e.supersededBy, &e.reason, &e.createdBy, &e.demo}
}

func (b *bare) listEntries(_ http.ResponseWriter, r *http.Request, who caller) (int, []byte, error) {
	var w where
	if who.Park != "" {
		w.and("park_id = $?", who.Park)
	} else {
		w.and("jurisdiction = $?", who.Jurisdiction)
	}
	q := r.URL.Query()
	w.and("class = $?", q.Get("class"))
	w.and("state = $?", q.Get("state"))
	w.and("day >= $?", q.Get("from"))
	after, id, err := openCursor(q.Get("cursor"))
	if err != nil {
		return 0, nil, err
	}
	if id != "" {
		w.and("(day, id) < ($?, $?)", after, id)
	}
	limit := limitOf(r)
	page := w.limit(limit + 1)
	rs, err := b.db.query(r.Context(), entryColumns+", (SELECT seq FROM changes WHERE changes.id = ledger_entries.change_id) FROM ledger_entries"+w.sql+" ORDER BY day DESC, id DESC"+page, w.args...)
	if err != nil {
		return 0, nil, err
	}
	body := append(make([]byte, 0, 1100*limit), `{"items":[`...)
	next, n := "", 0
	var e entryRow
	fields := append(e.fields(), &e.leaf)
	var lastDay dayText
	var lastID uid
	for rs.Next() {
		if n == limit {
			next = sealCursor(string(lastDay), string(lastID))
		}
		if err := rs.Scan(fields...); err != nil {
			return 0, nil, err
		}
		if n++; n > limit {
			continue
		}
		if n > 1 {
			body = append(body, ',')
		}
		body, lastDay, lastID = e.append(body, false), e.day, e.id
	}
	if err := rs.Err(); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, appendNext(body, next), nil
}

// append writes the entry as the API writes it.
func (e *entryRow) append(b []byte, written bool) []byte {
	b = append(b, '{')
	if written {
		b = append(b, `"warnings":[],`...)
	}
	b = appendID(append(b, `"parkId":`...), e.park)
	b = appendID(append(b, `,"siteId":`...), e.site)
	b = appendID(append(b, `,"enterpriseId":`...), e.enterprise)
	b = appendNullable(append(b, `,"jurisdiction":`...), e.jurisdiction)
	b = appendID(append(b, `,"id":`...), e.id)
	b = appendText(append(b, `,"number":`...), e.number)
	b = appendText(append(b, `,"class":`...), e.class)
	b = appendText(append(b, `,"classTitle":`...), ledgerTitle)
	b = strconv.AppendInt(append(b, `,"classVersion":`...), e.classVersion, 10)
	b = appendText(append(b, `,"condition":`...), e.condition)
	b = appendID(append(b, `,"facilityId":`...), e.facility)
	b = appendID(append(b, `,"outletId":`...), e.outlet)
	b = appendText(append(b, `,"day":`...), string(e.day))
	b = appendText(append(b, `,"slot":`...), e.slot)
	b = appendText(append(b, `,"state":`...), e.state)
	if e.payload != "" {
		b = append(append(b, `,"payload":`...), e.payload...)
	}
	if e.computed != "" {
		b = append(append(b, `,"computed":`...), e.computed...)
	}
	b = appendMoment(append(b, `,"occurredAt":`...), e.occurred)
	b = appendInstant(append(b, `,"recordedAt":`...), e.recorded)
	b = appendInstant(append(b, `,"receivedAt":`...), e.received)
	b = strconv.AppendInt(append(b, `,"clockOff":`...), int64(e.clockOff().Seconds()), 10)
	b = appendMoment(append(b, `,"filedAt":`...), e.filed)
	b = appendID(append(b, `,"filedBy":`...), e.filedBy)
	b = appendText(append(b, `,"filedAs":`...), e.filedAs)
	b = strconv.AppendInt(append(b, `,"filings":`...), e.filings, 10)
	b = strconv.AppendBool(append(b, `,"late":`...), e.filed.Valid && ledger.Late(code.Day(e.day), e.filed.Time))
	b = strconv.AppendBool(append(b, `,"backfilled":`...), e.filed.Valid && ledger.Backfilled(code.Day(e.day), e.filed.Time))
	b = strconv.AppendBool(append(b, `,"odd":`...), e.odd)
	if b = append(b, `,"leafIndex":`...); e.leaf.Valid {
		b = strconv.AppendInt(b, e.leaf.Int64, 10)
	} else {
		b = append(b, "null"...)
	}
	if b = append(b, `,"receipt":`...); e.filings > 0 {
		b = append(append(append(b, `"/api/v1/ledgers/`...), e.id...), `/receipt"`...)
	} else {
		b = append(b, "null"...)
	}
	b = appendID(append(b, `,"supersedes":`...), e.supersedes)
	b = appendID(append(b, `,"supersededBy":`...), e.supersededBy)
	b = appendText(append(b, `,"reason":`...), e.reason)
	b = appendID(append(b, `,"createdBy":`...), e.createdBy)
	if e.demo {
		b = append(b, `,"demo":true`...)
	}
	b = strconv.AppendInt(append(b, `,"version":`...), e.version, 10)
	b = appendInstant(append(b, `,"createdAt":`...), e.created)
	b = appendInstant(append(b, `,"updatedAt":`...), e.updated)
	return append(b, '}')
}

// clockOff is by how much the clock of the device was wrong when the server last looked.
func (e *entryRow) clockOff() time.Duration {
	seen := e.received
	if e.filed.Valid {
		seen = e.filed.Time
	}
	return ledger.ClockOff(code.Day(e.day), e.recorded, seen)
}

// ledgerTitle is what the class of the bench is called.
var ledgerTitle = func() string { c, _ := ledger.Embedded().Newest(ledgerClass); return c.TitleZh }()

func appendNullable(b []byte, s sql.NullString) []byte {
	if !s.Valid {
		return append(b, "null"...)
	}
	return appendText(b, s.String)
}

func appendMoment(b []byte, t sql.NullTime) []byte {
	if !t.Valid {
		return append(b, "null"...)
	}
	return appendInstant(b, t.Time)
}

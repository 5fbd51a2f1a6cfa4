package main

import (
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"parkregistry/internal/code"
)

// uid is an id as text, whichever way the driver hands it over.
type uid string

func newUID() uid { return uid(uuid.Must(uuid.NewV7()).String()) }

// ScanUUID implements pgtype.UUIDScanner.
func (u *uid) ScanUUID(v pgtype.UUID) error {
	*u = ""
	if v.Valid {
		*u = uid(uuid.UUID(v.Bytes).String())
	}
	return nil
}

// Scan implements sql.Scanner.
func (u *uid) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*u = ""
	case string:
		*u = uid(v)
	default:
		return errors.New("an id is text")
	}
	return nil
}

type firm struct {
	id                         uid
	version                    int64
	created, updated           time.Time
	creditCode, name, nameSort string
	search, mainIndustry       string
	aliases, industries        string // JSON as stored
	permitClass, riskLevel     string
	keyYears                   string // JSON as stored
	discharges, demo           bool
	closedOn                   sql.NullString
	closedReason               string
	legal, contact, phone      string
}

func (f *firm) etag() string {
	return `"` + strings.ReplaceAll(string(f.id), "-", "")[20:] + "-" + strconv.FormatInt(f.version, 10) + `"`
}

// append writes the firm as the API writes it.
func (f *firm) append(b []byte, written bool) []byte {
	b = append(b, '{')
	if written {
		b = append(b, `"warnings":[],`...)
	}
	b = append(append(b, `"id":"`...), f.id...)
	b = strconv.AppendInt(append(b, `","version":`...), f.version, 10)
	b = appendInstant(append(b, `,"createdAt":`...), f.created)
	b = appendInstant(append(b, `,"updatedAt":`...), f.updated)
	b = append(b, `,"closedOn":`...)
	if f.closedOn.Valid {
		b = appendText(b, f.closedOn.String[:10])
	} else {
		b = append(b, "null"...)
	}
	if f.closedReason != "" {
		b = appendText(append(b, `,"closedReason":`...), f.closedReason)
	}
	if f.demo {
		b = append(b, `,"demo":true`...)
	}
	b = appendText(append(b, `,"creditCode":`...), f.creditCode)
	b = appendText(append(b, `,"name":`...), f.name)
	b = append(append(b, `,"aliases":`...), f.aliases...)
	b = append(append(b, `,"industries":`...), f.industries...)
	b = appendText(append(b, `,"permitClass":`...), f.permitClass)
	b = appendText(append(b, `,"riskLevel":`...), f.riskLevel)
	b = append(append(b, `,"keyYears":`...), f.keyYears...)
	b = strconv.AppendBool(append(b, `,"discharges":`...), f.discharges)
	b = appendText(append(b, `,"legalRepresentative":`...), f.legal)
	b = appendText(append(b, `,"contact":`...), f.contact)
	b = appendText(append(b, `,"phone":`...), code.MaskPhone(f.phone))
	return append(b, '}')
}

type trailRow struct {
	id                                    uid
	at                                    time.Time
	actor                                 uid
	name, via, address, agent, request    string
	action, outcome, kind, object, reason string
	park                                  uid
	jurisdiction                          sql.NullString
	enterprise                            uid
	before, after                         string
	change                                uid
}

func (b *bare) listRecords(_ http.ResponseWriter, r *http.Request, _ caller) (int, []byte, error) {
	var w where
	after, id, err := openCursor(r.URL.Query().Get("cursor"))
	if err != nil {
		return 0, nil, err
	}
	if id != "" {
		at, err := time.Parse(time.RFC3339, after)
		if err != nil {
			return 0, nil, err
		}
		w.and("(at, id) < ($?, $?)", at, id)
	}
	limit := limitOf(r)
	page := w.limit(limit + 1)
	rs, err := b.db.query(r.Context(), `SELECT id, at, actor_id, actor_name, via, remote_addr, user_agent, request_id, action, outcome, object_kind, object_id, park_id, jurisdiction, enterprise_id, reason, before_values, after_values, change_id
		FROM audit_records`+w.sql+" ORDER BY at DESC, id DESC"+page, w.args...)
	if err != nil {
		return 0, nil, err
	}
	body := append(make([]byte, 0, 900*limit), `{"items":[`...)
	next, n := "", 0
	var t, last trailRow
	for rs.Next() {
		last = t
		if err := rs.Scan(&t.id, &t.at, &t.actor, &t.name, &t.via, &t.address, &t.agent, &t.request, &t.action, &t.outcome, &t.kind, &t.object, &t.park,
			&t.jurisdiction, &t.enterprise, &t.reason, &t.before, &t.after, &t.change); err != nil {
			return 0, nil, err
		}
		if n == limit {
			next = sealCursor(last.at.UTC().Format(time.RFC3339), string(last.id))
			continue
		}
		if n++; n > 1 {
			body = append(body, ',')
		}
		body = t.append(body)
	}
	if err := rs.Err(); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, appendNext(body, next), nil
}

func (t *trailRow) append(b []byte) []byte {
	b = append(append(b, `{"id":"`...), t.id...)
	b = appendInstant(append(b, `","at":`...), t.at)
	b = appendID(append(b, `,"actorId":`...), t.actor)
	for _, m := range [...]struct{ name, value string }{{`,"actorName":`, t.name}, {`,"via":`, t.via}, {`,"address":`, t.address}, {`,"userAgent":`, t.agent},
		{`,"requestId":`, t.request}, {`,"action":`, t.action}, {`,"outcome":`, t.outcome}, {`,"objectKind":`, t.kind}, {`,"objectId":`, t.object}} {
		b = appendText(append(b, m.name...), m.value)
	}
	b = appendID(append(b, `,"parkId":`...), t.park)
	b = append(b, `,"jurisdiction":`...)
	if t.jurisdiction.Valid {
		b = appendText(b, t.jurisdiction.String)
	} else {
		b = append(b, "null"...)
	}
	b = appendID(append(b, `,"enterpriseId":`...), t.enterprise)
	b = appendText(append(b, `,"reason":`...), t.reason)
	b = appendRaw(append(b, `,"before":`...), t.before)
	b = appendRaw(append(b, `,"after":`...), t.after)
	b = appendID(append(b, `,"changeId":`...), t.change)
	return append(b, '}')
}

func appendInstant(b []byte, t time.Time) []byte {
	return append(t.In(code.Zone).AppendFormat(append(b, '"'), time.RFC3339), '"')
}

func appendID(b []byte, id uid) []byte {
	if id == "" {
		return append(b, "null"...)
	}
	return append(append(append(b, '"'), id...), '"')
}

func appendRaw(b []byte, v string) []byte {
	if v == "" {
		v = "null"
	}
	return append(b, v...)
}

// appendText quotes a string; what needs escapes is left to encoding/json.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			q, _ := json.Marshal(s)
			return append(b, q...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

func appendNext(b []byte, next string) []byte {
	b = append(b, `],"next":`...)
	if next == "" {
		return append(b, "null}\n"...)
	}
	return append(appendText(b, next), "}\n"...)
}

func sealCursor(key, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(key + "\x00" + id))
}

func openCursor(s string) (key, id string, err error) {
	if s == "" {
		return "", "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	key, id, _ = strings.Cut(string(b), "\x00")
	return key, id, err
}

func limitOf(r *http.Request) int {
	if n, err := strconv.Atoi(r.URL.Query().Get("limit")); err == nil && n > 0 && n <= 200 {
		return n
	}
	return 50
}

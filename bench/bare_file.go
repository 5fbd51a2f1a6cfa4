package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

// insertInto is the statement that stores rows rows.
func insertInto(table, columns string, rows int) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + table + " (" + columns + ") VALUES ")
	width := strings.Count(columns, ",") + 1
	for n := range rows * width {
		switch {
		case n == 0:
			b.WriteByte('(')
		case n%width == 0:
			b.WriteString("),(")
		default:
			b.WriteByte(',')
		}
		b.WriteString("$" + strconv.Itoa(n+1))
	}
	return b.String() + ")"
}

const itemColumns = "filing_id, path, entry_id, park_id, day, item, raw, qualifier, scaled, unit"

var (
	putKey    = insertInto("idempotency_keys", "actor_id, route, key, fingerprint, status, headers, body, created_at", 1) + " ON CONFLICT DO NOTHING"
	putChange = insertInto("changes", "id, at, actor_id, action, object_kind, object_id, park_id, jurisdiction, enterprise_id, about_on, counts, leaf, leaf_hash, algorithm, seq, sealed_at", 1)
	putRecord = insertInto("audit_records", "id, at, actor_id, actor_name, via, remote_addr, user_agent, request_id, action, outcome, object_kind, object_id, park_id, jurisdiction, enterprise_id, reason, before_values, after_values, change_id", 1)
	putEntry  = insertInto("ledger_entries", "id, version, created_at, updated_at, site_id, park_id, jurisdiction, enterprise_id, number, class, class_version, condition, facility_id, outlet_id, day, slot, state, draft, recorded_at, received_at, digest, created_by", 1)
	putFiling = insertInto("ledger_filings", "id, entry_id, number, payload, digest, recorded_at, received_at, filed_at, filed_by, filed_as, change_id", 1)
	putStep   = insertInto("ledger_steps", "id, entry_id, kind, at, actor_id, acted_as, change_id", 1)
)

const (
	keepAnswer = "UPDATE idempotency_keys SET status = $1, headers = $2, body = $3 WHERE actor_id = $4 AND route = $5 AND key = $6"
	headFiled  = `UPDATE ledger_entries SET state = $1, draft = '', filed_at = $2, filed_by = $3, filed_as = $4, filings = $5, change_id = $6, version = $7, updated_at = $8, odd = $9
		WHERE park_id = $10 AND id = $11 AND version = $12 AND state = $13`
	limitsOf = `SELECT pollutant, minimum, maximum, unit, standard FROM outlet_limits WHERE EXISTS (SELECT 1 FROM outlets WHERE outlets.id = outlet_limits.outlet_id AND outlets.park_id = $1)
		AND outlet_id = $2 AND valid_from <= $3 AND (valid_to IS NULL OR valid_to >= $4) ORDER BY pollutant, id LIMIT $5`
	locksOver = `SELECT number FROM period_locks WHERE (park_id = $1 OR park_id IS NULL AND (jurisdiction IS NULL OR jurisdiction IN (SELECT scope_parks.jurisdiction FROM parks scope_parks WHERE scope_parks.id = $2)))
		AND unlocked_at IS NULL AND from_on <= $3 AND to_on >= $4 ORDER BY from_on, id`
	nearby = `SELECT ledger_entries.id, ledger_entries.number, ledger_entries.class_version, ledger_entries.day, ledger_entries.slot, ledger_entries.outlet_id, ledger_entries.recorded_at, ledger_filings.payload
		FROM ledger_entries JOIN ledger_filings ON ledger_filings.entry_id = ledger_entries.id AND ledger_filings.number = ledger_entries.filings
		WHERE ledger_entries.park_id = $1 AND ledger_entries.class = $2 AND COALESCE(ledger_entries.facility_id, ledger_entries.outlet_id, ledger_entries.site_id, ledger_entries.park_id) = $3
		AND ledger_entries.state NOT IN ('superseded', 'voided') AND (ledger_entries.supersedes IS NULL OR ledger_entries.filings > 0) AND ledger_entries.day IN (%s)
		ORDER BY ledger_entries.day DESC, ledger_entries.slot LIMIT 5000`
	takeNumbers = `INSERT INTO numbers (kind, year, next) VALUES ($1, $2, $3 + 1) ON CONFLICT (kind, year) DO UPDATE SET next = numbers.next + $4 RETURNING next - $5`
)

// numbers are blocks of entry numbers on PostgreSQL, as the program takes them.
type numbers struct {
	mu        sync.Mutex
	next, end int64
}

// number is the next number of an entry.
func (b *bare) number(ctx context.Context, c conn, now time.Time) (string, error) {
	year := code.DayOf(now)[:4]
	take := func(c conn, n int64) (first int64, err error) {
		y, _ := strconv.Atoi(string(year))
		return first, one(ctx, c, takeNumbers, []any{"LG", y, n, n, n}, &first)
	}
	if !b.postgres {
		n, err := take(c, 1)
		return fmt.Sprintf("LG-%s-%06d", year, n), err
	}
	b.numbers.mu.Lock()
	defer b.numbers.mu.Unlock()
	if b.numbers.next >= b.numbers.end {
		first, err := take(b.db, 50)
		if err != nil {
			return "", err
		}
		b.numbers.next, b.numbers.end = first, first+50
	}
	b.numbers.next++
	return fmt.Sprintf("LG-%s-%06d", year, b.numbers.next-1), nil
}

// one reads a single row.
func one(ctx context.Context, c conn, statement string, args []any, into ...any) error {
	found := false
	err := every(ctx, c, statement, args, into, func() error { found = true; return nil })
	if err == nil && !found {
		return errAbsent
	}
	return err
}

func every(ctx context.Context, c conn, statement string, args, into []any, row func() error) error {
	rs, err := c.query(ctx, statement, args...)
	if err != nil {
		return err
	}
	for rs.Next() {
		if err := rs.Scan(into...); err != nil {
			return err
		}
		if err := row(); err != nil {
			return err
		}
	}
	return rs.Err()
}

// subject is what an entry is about, as the register has it.
type subject struct {
	site, enterprise       uid
	jurisdiction           string
	capacity, capacityUnit string
}

// locate reads what an entry names, each in the caller's park.
func locate(ctx context.Context, c conn, who caller, park, facility, outlet string) (subject, error) {
	var s subject
	var behind, place uid
	var kind, medium string
	var built, closed sql.NullString
	if err := one(ctx, c, "SELECT jurisdiction FROM parks WHERE id = $1 AND id = $2", []any{who.Park, park}, &s.jurisdiction); err != nil {
		return s, err
	}
	err := one(ctx, c, "SELECT site_id, kind, medium, capacity, capacity_unit, built_on, closed_on FROM facilities WHERE park_id = $1 AND id = $2 AND park_id = $3", []any{who.Park, facility, park},
		&s.site, &kind, &medium, &s.capacity, &s.capacityUnit, &built, &closed)
	if err != nil {
		return s, err
	}
	if err := one(ctx, c, "SELECT site_id, facility_id FROM outlets WHERE park_id = $1 AND id = $2 AND park_id = $3", []any{who.Park, outlet, park}, &place, &behind); err != nil {
		return s, err
	}
	return s, one(ctx, c, "SELECT enterprise_id FROM sites WHERE park_id = $1 AND id = $2 AND park_id = $3", []any{who.Park, string(s.site), park}, &s.enterprise)
}

// judged reads what the rules compare an entry with, and what was filed before, by its class.
func judged(ctx context.Context, c conn, who caller, park, facility, outlet string, s subject, day code.Day) error {
	var text [5]string
	if err := every(ctx, c, "SELECT from_on FROM tenancies WHERE park_id = $1 AND site_id = $2 ORDER BY from_on, id LIMIT $3", []any{who.Park, string(s.site), 500}, []any{(*dayText)(&text[0])}, ignore); err != nil {
		return err
	}
	if err := every(ctx, c, limitsOf, []any{who.Park, outlet, string(day), string(day), 500}, []any{&text[0], &text[1], &text[2], &text[3], &text[4]}, ignore); err != nil {
		return err
	}
	if err := neighbours(ctx, c, park, ledgerClass, facility, day, 30); err != nil {
		return err
	}
	return neighbours(ctx, c, park, "monitoring.manual", facility, day, 0)
}

func ignore() error { return nil }

// neighbours reads what was filed about the facility on a day and before it.
func neighbours(ctx context.Context, c conn, park, class, facility string, day code.Day, before int) error {
	args := []any{park, class, facility}
	var in strings.Builder
	for n := range before + 1 {
		args = append(args, string(day.Add(-n)))
		fmt.Fprintf(&in, ",$%d", len(args))
	}
	var id, outlet uid
	var number, slot, payload string
	var version int
	var on dayText
	var at time.Time
	return every(ctx, c, fmt.Sprintf(nearby, in.String()[1:]), args, []any{&id, &number, &version, &on, &slot, &outlet, &at, &payload}, func() error {
		class, ok := ledger.Embedded().At(class, version)
		if !ok {
			return errors.New("an entry of no class")
		}
		_, err := class.Read(json.RawMessage(payload)) // the rules are the work itself
		return err
	})
}

// wrote stores the change and the audit record of one write.
func wrote(ctx context.Context, c conn, r *http.Request, who caller, e audit.Event, before, after string, now time.Time) (models.ID, error) {
	ch, err := audit.ChangeOf(e, models.NewID(), models.ID(who.User), now)
	if err != nil {
		return "", err
	}
	if _, err := c.exec(ctx, putChange, string(ch.ID), ch.At, who.User, ch.Action, ch.ObjectKind, string(ch.ObjectID), text(ch.ParkID), ch.Jurisdiction, text(ch.EnterpriseID), string(ch.AboutOn), ch.Counts,
		ch.Leaf, ch.LeafHash, ch.Algorithm, nil, nil); err != nil {
		return "", err
	}
	_, err = c.exec(ctx, putRecord, string(newUID()), now, who.User, who.Username, "session", "127.0.0.1", r.UserAgent(), string(newUID()), ch.Action, "done", "ledger", string(ch.ObjectID),
		text(ch.ParkID), ch.Jurisdiction, text(ch.EnterpriseID), "", before, after, string(ch.ID))
	return ch.ID, err
}

func text(id *models.ID) any {
	if id == nil {
		return nil
	}
	return string(*id)
}

// draftEntry starts a draft, with the rows and the questions of the program.
func (b *bare) draftEntry(w http.ResponseWriter, r *http.Request, who caller) (int, []byte, error) {
	ctx, now := r.Context(), time.Now().UTC().Truncate(time.Second)
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return 0, nil, err
	}
	var in draftInput
	if err := json.Unmarshal(raw, &in); err != nil {
		return 0, nil, err
	}
	class, err := in.Parse()
	if err != nil {
		return 0, nil, err
	}
	recorded, err := time.Parse(time.RFC3339, in.RecordedAt)
	if err != nil {
		return 0, nil, err
	}
	recorded = recorded.UTC()
	digest := sha256.Sum256(raw)
	var body []byte
	var e entryRow
	err = b.db.within(ctx, func(c conn) error {
		if n, err := c.exec(ctx, putKey, who.User, "POST /ledgers", r.Header.Get("Idempotency-Key"), digest[:], nil, "null", nil, now); err != nil || n == 0 {
			return errors.Join(err, errors.New("the key is taken"))
		}
		var there uid
		if err := one(ctx, c, "SELECT id FROM ledger_entries WHERE park_id = $1 AND id = $2 LIMIT $3", []any{who.Park, in.ID, 1}, &there); !errors.Is(err, errAbsent) {
			return errors.Join(err, errors.New("the entry is there"))
		}
		s, err := locate(ctx, c, who, in.ParkID, in.FacilityID, in.OutletID)
		if err != nil {
			return err
		}
		e = entryRow{id: uid(in.ID), version: 1, created: now, updated: now, site: s.site, park: uid(in.ParkID), enterprise: s.enterprise, jurisdiction: sql.NullString{String: s.jurisdiction, Valid: true},
			class: class.Code, classVersion: int64(class.Version), condition: class.Condition, facility: uid(in.FacilityID), outlet: uid(in.OutletID), day: dayText(in.Day), slot: in.Slot,
			state: "draft", recorded: recorded, received: now, createdBy: uid(who.User), payload: string(in.Payload)}
		if e.number, err = b.number(ctx, c, now); err != nil {
			return err
		}
		if _, err := c.exec(ctx, putEntry, in.ID, 1, now, now, string(s.site), in.ParkID, s.jurisdiction, string(s.enterprise), e.number, e.class, class.Version, e.condition, in.FacilityID, in.OutletID,
			in.Day, in.Slot, "draft", string(in.Payload), recorded, now, digest[:], who.User); err != nil {
			return err
		}
		sum := sha256.Sum256(in.Payload)
		said, _ := json.Marshal(in.Input)
		if _, err := wrote(ctx, c, r, who, e.event(policies.LedgerCreate, map[string]any{"state": "draft", "version": 1, "class": e.class, "sha256": hex.EncodeToString(sum[:])}, nil), "", string(said), now); err != nil {
			return err
		}
		if err := judged(ctx, c, who, in.ParkID, in.FacilityID, in.OutletID, s, code.Day(in.Day)); err != nil {
			return err
		}
		var lock string
		if err := every(ctx, c, locksOver, []any{who.Park, who.Park, in.Day, in.Day}, []any{&lock}, ignore); err != nil {
			return err
		}
		body = append(e.append(make([]byte, 0, 2000), true), '\n')
		_, err = c.exec(ctx, keepAnswer, http.StatusCreated, `{"Content-Type":"application/json","Etag":`+strconv.Quote(e.etag())+`}`, body, who.User, "POST /ledgers", r.Header.Get("Idempotency-Key"))
		return err
	})
	w.Header().Set("ETag", e.etag())
	return http.StatusCreated, body, err
}

// event is the change of a write to the entry.
func (e *entryRow) event(perm policies.Permission, facts map[string]any, counts map[string]int) audit.Event {
	return audit.Event{Action: perm, Kind: "ledger", ID: models.ID(e.id), About: code.Day(e.day), Facts: facts, Counts: counts, Place: e.placed()}
}

func (e *entryRow) placed() models.Placed {
	return models.Placed{SiteID: models.Ref(models.ID(e.site)), ParkID: models.ID(e.park), Jurisdiction: &e.jurisdiction.String, EnterpriseID: models.Ref(models.ID(e.enterprise))}
}

func (e *entryRow) etag() string { return (&firm{id: e.id, version: e.version}).etag() }

// fileEntry files a draft.
func (b *bare) fileEntry(w http.ResponseWriter, r *http.Request, who caller) (int, []byte, error) {
	ctx, now := r.Context(), time.Now().UTC().Truncate(time.Second)
	const route = "POST /ledgers/{id}/filing"
	fingerprint := sha256.Sum256([]byte(r.URL.Path))
	var body []byte
	var e entryRow
	err := b.db.within(ctx, func(c conn) error {
		if n, err := c.exec(ctx, putKey, who.User, route, r.Header.Get("Idempotency-Key"), fingerprint[:], nil, "null", nil, now); err != nil || n == 0 {
			return errors.Join(err, errors.New("the key is taken"))
		}
		if err := one(ctx, c, entryColumns+", draft FROM ledger_entries WHERE park_id = $1 AND id = $2 LIMIT $3", []any{who.Park, r.PathValue("id"), 1}, append(e.fields(), &e.payload)...); err != nil {
			return err
		}
		if b.postgres {
			if _, err := c.exec(ctx, "SELECT pg_advisory_xact_lock_shared($1)", 31); err != nil {
				return err
			}
		}
		var lock string
		locks := func() error {
			return every(ctx, c, locksOver, []any{who.Park, who.Park, string(e.day), string(e.day)}, []any{&lock}, ignore)
		}
		if err := locks(); err != nil {
			return err
		}
		s, err := locate(ctx, c, who, string(e.park), string(e.facility), string(e.outlet))
		if err != nil {
			return err
		}
		if err := judged(ctx, c, who, string(e.park), string(e.facility), string(e.outlet), s, code.Day(e.day)); err != nil {
			return err
		}
		built, err := ledger.Build(ledger.Bulk{ID: models.ID(e.id), Number: e.number, Class: e.class, Place: e.placed(), FacilityID: models.Ref(models.ID(e.facility)), OutletID: models.Ref(models.ID(e.outlet)),
			Day: code.Day(e.day), Slot: e.slot, Payload: json.RawMessage(e.payload), Capacity: s.capacity, CapacityUnit: s.capacityUnit, RecordedAt: e.recorded, ReceivedAt: e.received, FiledAt: now,
			Person: models.ID(who.User), As: policies.ParkBody(string(e.park))})
		if err != nil {
			return err
		}
		change, err := wrote(ctx, c, r, who, built.Filed(policies.LedgerFile, nil), `{"state":"draft"}`, `{"filing":1,"sha256":"`+hex.EncodeToString(built.Filing.Digest)+`","state":"filed"}`, now)
		if err != nil {
			return err
		}
		if n, err := c.exec(ctx, headFiled, "filed", now, who.User, built.Filing.FiledAs, 1, string(change), e.version+1, now, false, who.Park, string(e.id), e.version, "draft"); err != nil || n != 1 {
			return errors.Join(err, errors.New("somebody was faster"))
		}
		f := built.Filing
		if _, err := c.exec(ctx, putFiling, string(f.ID), string(e.id), 1, f.Payload, f.Digest, e.recorded, e.received, now, who.User, f.FiledAs, string(change)); err != nil {
			return err
		}
		if _, err := c.exec(ctx, putStep, string(built.Step.ID), string(e.id), "filed", now, who.User, f.FiledAs, string(change)); err != nil {
			return err
		}
		if err := putItems(ctx, c, built.Items); err != nil {
			return err
		}
		e.state, e.version, e.updated, e.filed, e.filedBy, e.filedAs, e.filings = "filed", e.version+1, now, sql.NullTime{Time: now, Valid: true}, uid(who.User), f.FiledAs, 1
		e.computed = computed(built.Items)
		body = append(e.append(make([]byte, 0, 2000), true), '\n')
		_, err = c.exec(ctx, keepAnswer, http.StatusOK, `{"Content-Type":"application/json","Etag":`+strconv.Quote(e.etag())+`}`, body, who.User, route, r.Header.Get("Idempotency-Key"))
		return err
	})
	w.Header().Set("ETag", e.etag())
	return http.StatusOK, body, err
}

func putItems(ctx context.Context, c conn, items []ledger.Item) error {
	args := make([]any, 0, 10*len(items))
	for _, i := range items {
		args = append(args, string(i.FilingID), i.Path, string(i.EntryID), string(i.ParkID), string(i.Day), i.Item, i.Raw, i.Qualifier, i.Scaled, i.Unit)
	}
	_, err := c.exec(ctx, insertInto("ledger_items", itemColumns, len(items)), args...)
	return err
}

// computed are the two outputs of the class.
func computed(items []ledger.Item) string {
	values := map[string]int64{}
	for _, i := range items {
		values[i.Item] = *i.Scaled
	}
	percent := func(n, d string) string {
		return new(big.Rat).Mul(big.NewRat(values[n], values[d]), big.NewRat(100, 1)).FloatString(1)
	}
	return `{"loadPercent":"` + percent("treated", "designCapacity") + `","reusePercent":"` + percent("reused", "treated") + `"}`
}

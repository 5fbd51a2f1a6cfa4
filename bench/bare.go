package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models/proof"
	"parkregistry/models/registry"
)

// bare is the reference: net/http, the driver, hand-written SQL and JSON. It runs
// the statements that the program runs and answers the same bytes, and has neither
// router nor mapper nor policy: a caller's reach comes from a map by token.
type bare struct {
	db       engine
	postgres bool
	callers  map[string]caller
	numbers  numbers
	kept     sync.Map // ratios by user and number, once a report has read them
}

// engine is what the two drivers have in common.
type engine interface {
	conn
	within(ctx context.Context, fn func(conn) error) error   // one durable transaction
	snapshot(ctx context.Context, fn func(conn) error) error // one state of the database, to read
}

type conn interface {
	query(ctx context.Context, sql string, args ...any) (rows, error)
	exec(ctx context.Context, sql string, args ...any) (int64, error)
}

type rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
}

var errAbsent = errors.New("no such row")

func (b *bare) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/enterprises", b.answer(b.listFirms))
	mux.HandleFunc("GET /api/v1/enterprises/{id}", b.answer(b.getFirm))
	mux.HandleFunc("POST /api/v1/enterprises", b.answer(b.createFirm))
	mux.HandleFunc("GET /api/v1/audit-records", b.answer(b.listRecords))
	mux.HandleFunc("GET /api/v1/ledgers", b.answer(b.listEntries))
	mux.HandleFunc("GET /api/v1/obligations/summary", b.answer(b.gaps))
	mux.HandleFunc("GET /api/v1/progress", b.answer(b.progress))
	mux.HandleFunc("POST /api/v1/ledgers", b.answer(b.draftEntry))
	mux.HandleFunc("POST /api/v1/ledgers/{id}/filing", b.answer(b.fileEntry))
	return mux
}

// answer lets a known caller pass and writes what h gives.
func (b *bare) answer(h func(w http.ResponseWriter, r *http.Request, who caller) (int, []byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, ok := b.callers[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
		if !ok {
			http.Error(w, "unknown caller", http.StatusUnauthorized)
			return
		}
		status, body, err := h(w, r, who)
		if errors.Is(err, errAbsent) {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}
}

const firmColumns = `SELECT id, version, created_at, updated_at, credit_code, name, name_sort, search, aliases, industries, main_industry, permit_class, risk_level, key_years, discharges, demo, closed_on, closed_reason,
	COALESCE((SELECT value FROM personal_fields WHERE object_id = enterprises.id AND field = 'legalRepresentative'), ''),
	COALESCE((SELECT value FROM personal_fields WHERE object_id = enterprises.id AND field = 'contact'), ''),
	COALESCE((SELECT value FROM personal_fields WHERE object_id = enterprises.id AND field = 'phone'), '') FROM enterprises`

// reach is the row filter of the caller, as models.Scope compiles it.
func (c caller) reach() (string, []any) {
	const sites = "EXISTS (SELECT 1 FROM sites scope_sites WHERE scope_sites.enterprise_id = enterprises.id AND scope_sites."
	switch {
	case c.Park != "":
		return sites + "park_id = $?)", []any{c.Park}
	case c.Jurisdiction != "":
		return sites + "jurisdiction = $?)", []any{c.Jurisdiction}
	}
	return "", nil
}

// where joins conditions, with $? at the place of each argument.
type where struct {
	sql  string
	args []any
}

func (w *where) and(cond string, args ...any) {
	if cond == "" {
		return
	}
	for _, a := range args {
		w.args = append(w.args, a)
		cond = strings.Replace(cond, "$?", "$"+strconv.Itoa(len(w.args)), 1)
	}
	if w.sql == "" {
		w.sql = " WHERE " + cond
	} else {
		w.sql += " AND " + cond
	}
}

// limit is the clause with its argument, as the mapper binds it.
func (w *where) limit(n int) string {
	w.args = append(w.args, n)
	return " LIMIT $" + strconv.Itoa(len(w.args))
}

func (b *bare) firmsOf(ctx context.Context, sql string, args []any) ([]firm, error) {
	rs, err := b.db.query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	var all []firm
	var f firm
	for rs.Next() {
		if err := rs.Scan(&f.id, &f.version, &f.created, &f.updated, &f.creditCode, &f.name, &f.nameSort, &f.search, &f.aliases, &f.industries, &f.mainIndustry, &f.permitClass,
			&f.riskLevel, &f.keyYears, &f.discharges, &f.demo, &f.closedOn, &f.closedReason, &f.legal, &f.contact, &f.phone); err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, rs.Err()
}

func (b *bare) listFirms(_ http.ResponseWriter, r *http.Request, who caller) (int, []byte, error) {
	var w where
	cond, args := who.reach()
	w.and(cond, args...)
	after, id, err := openCursor(r.URL.Query().Get("cursor"))
	if err != nil {
		return 0, nil, err
	}
	if id != "" {
		w.and("(name_sort, id) > ($?, $?)", after, id)
	}
	limit := limitOf(r)
	page := w.limit(limit + 1)
	all, err := b.firmsOf(r.Context(), firmColumns+w.sql+" ORDER BY name_sort, id"+page, w.args)
	if err != nil {
		return 0, nil, err
	}
	next := ""
	if len(all) > limit {
		all = all[:limit]
		next = sealCursor(all[limit-1].nameSort, string(all[limit-1].id))
	}
	body := make([]byte, 0, 600*len(all)+200)
	body = append(body, `{"items":[`...)
	for i := range all {
		if i > 0 {
			body = append(body, ',')
		}
		body = all[i].append(body, false)
	}
	return http.StatusOK, appendNext(body, next), nil
}

func (b *bare) getFirm(w http.ResponseWriter, r *http.Request, who caller) (int, []byte, error) {
	var cond where
	sql, args := who.reach()
	cond.and(sql, args...)
	cond.and("id = $?", r.PathValue("id"))
	one := cond.limit(1)
	all, err := b.firmsOf(r.Context(), firmColumns+cond.sql+one, cond.args)
	if err != nil {
		return 0, nil, err
	}
	if len(all) == 0 {
		return 0, nil, errAbsent
	}
	w.Header().Set("ETag", all[0].etag())
	return http.StatusOK, append(all[0].append(make([]byte, 0, 800), false), '\n'), nil
}

// createFirm writes the rows that the program writes: the key, the firm, its name,
// three fields about people, change, audit record and version, and the answer kept
// with the key.
func (b *bare) createFirm(w http.ResponseWriter, r *http.Request, who caller) (int, []byte, error) {
	ctx := r.Context()
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return 0, nil, err
	}
	var in registry.EnterpriseInput
	if err := json.Unmarshal(raw, &in); err != nil {
		return 0, nil, err
	}
	e, err := in.Parse() // the domain's rules and sort keys are the work itself, not the frame round it
	if err != nil {
		return 0, nil, err
	}
	aliases, _ := json.Marshal([]string(e.Aliases))
	industries, _ := json.Marshal([]string(e.Industries))
	years, _ := json.Marshal(e.KeyYears.V)
	now := time.Now().UTC().Truncate(time.Second)
	today := string(code.DayOf(now))
	f := firm{id: newUID(), version: 1, created: now, updated: now, creditCode: e.CreditCode, name: e.Name, aliases: string(aliases), industries: string(industries),
		permitClass: e.PermitClass, riskLevel: e.RiskLevel, keyYears: string(years), discharges: e.Discharges, legal: e.LegalRepresentative, contact: e.Contact, phone: e.Phone}
	id, key, route := string(f.id), r.Header.Get("Idempotency-Key"), "POST /enterprises"
	fingerprint := sha256.Sum256(append([]byte(r.URL.Path+"\x00"), raw...))
	body := append(f.append(make([]byte, 0, 800), true), '\n')
	err = b.db.within(ctx, func(c conn) error {
		n, err := c.exec(ctx, `INSERT INTO idempotency_keys (actor_id, route, key, fingerprint, status, headers, body, created_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8) ON CONFLICT DO NOTHING`,
			who.User, route, key, fingerprint[:], nil, "null", nil, now)
		if err != nil || n == 0 {
			return errors.Join(err, errors.New("the key is taken"))
		}
		if _, err := c.exec(ctx, `INSERT INTO enterprises (id, version, created_at, updated_at, credit_code, name, name_sort, search, aliases, industries, main_industry, permit_class, risk_level, key_years, discharges, demo, closed_on, closed_reason)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18)`, id, 1, now, now, f.creditCode, f.name, e.NameSort, e.Search, f.aliases, f.industries,
			e.MainIndustry, f.permitClass, f.riskLevel, f.keyYears, f.discharges, false, nil, ""); err != nil {
			return err
		}
		if _, err := c.exec(ctx, `INSERT INTO enterprise_names (id, enterprise_id, name, from_on, until_on) VALUES ($1,$2,$3,$4,$5)`, string(newUID()), id, f.name, today, nil); err != nil {
			return err
		}
		personal := make([]byte, 0, 300)
		for _, p := range [...][2]string{{"contact", f.contact}, {"legalRepresentative", f.legal}, {"phone", f.phone}} {
			salt := make([]byte, 16)
			_, _ = rand.Read(salt)
			mac := hmac.New(sha256.New, salt)
			mac.Write([]byte(p[1]))
			personal = append(personal, `,"`+p[0]+`":"`+hex.EncodeToString(mac.Sum(nil))+`"`...)
			if _, err := c.exec(ctx, `INSERT INTO personal_fields (object_kind, object_id, field, value, salt, updated_at) VALUES ($1,$2,$3,$4,$5,$6)
				ON CONFLICT (object_id, field) DO UPDATE SET object_kind = excluded.object_kind, value = excluded.value, salt = excluded.salt, updated_at = excluded.updated_at`,
				"enterprise", id, p[0], p[1], salt, now); err != nil {
				return err
			}
		}
		in.LegalRepresentative, in.Contact, in.Phone = "", "", ""
		fields, _ := json.Marshal(in)
		data := `{"fields":` + string(fields) + `,"personal":{` + string(personal[1:]) + `}}`
		if err := record(ctx, c, r, who, id, data, now, today); err != nil {
			return err
		}
		headers := `{"Content-Type":"application/json","Etag":` + strconv.Quote(f.etag()) + `}`
		_, err = c.exec(ctx, `UPDATE idempotency_keys SET status = $1, headers = $2, body = $3 WHERE actor_id = $4 AND route = $5 AND key = $6`,
			http.StatusCreated, headers, body, who.User, route, key)
		return err
	})
	if err != nil {
		return 0, nil, err
	}
	w.Header().Set("ETag", f.etag())
	return http.StatusCreated, body, nil
}

// record writes change, audit record and version.
func record(ctx context.Context, c conn, r *http.Request, who caller, id, data string, now time.Time, today string) error {
	digest := sha256.Sum256([]byte(data))
	change := string(newUID())
	leaf := proof.Encode(change, strconv.FormatInt(now.Unix(), 10), who.User, "enterprise.create", "enterprise", id, "", "", id, today, "{}",
		`{"sha256":"`+hex.EncodeToString(digest[:])+`","version":1}`)
	if _, err := c.exec(ctx, `INSERT INTO changes (id, at, actor_id, action, object_kind, object_id, park_id, jurisdiction, enterprise_id, about_on, counts, leaf, leaf_hash, algorithm, seq, sealed_at)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16)`, change, now, who.User, "enterprise.create", "enterprise", id, nil, nil, id, today, "{}",
		leaf, proof.LeafHash(leaf), proof.Algorithm, nil, nil); err != nil {
		return err
	}
	if _, err := c.exec(ctx, `INSERT INTO audit_records (id, at, actor_id, actor_name, via, remote_addr, user_agent, request_id, action, outcome, object_kind, object_id, park_id, jurisdiction, enterprise_id, reason, before_values, after_values, change_id)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19)`, string(newUID()), now, who.User, who.Username, "session", "127.0.0.1", r.UserAgent(),
		string(newUID()), "enterprise.create", "done", "enterprise", id, nil, nil, id, "", "", data, change); err != nil {
		return err
	}
	_, err := c.exec(ctx, `INSERT INTO registry_versions (id, object_kind, object_id, version, valid_from, change_id, data) VALUES ($1,$2,$3,$4,$5,$6,$7)`,
		string(newUID()), "enterprise", id, 1, now, change, data)
	return err
}

package models_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

var sessionOrders = map[string]models.Order[account.Session]{
	"at":    {Column: "sessions.created_at", Key: func(s account.Session) any { return s.CreatedAt }},
	"-at":   {Column: "sessions.created_at", Desc: true, Key: func(s account.Session) any { return s.CreatedAt }},
	"kind":  {Column: "sessions.kind", Key: func(s account.Session) any { return s.Kind }},
	"-kind": {Column: "sessions.kind", Desc: true, Key: func(s account.Session) any { return s.Kind }},
	"bad":   {Column: "sessions.kind", Key: func(account.Session) any { return 1.5 }},
}

func sessionID(s account.Session) models.ID { return s.ID }

// TestPages: with keys that repeat, every order shows every row once, in its order,
// whatever the size of a page.
func TestPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		ctx := program(db)
		user := account.User{Versioned: models.Versioned{ID: models.NewID(), Version: 1, CreatedAt: db.Now(), UpdatedAt: db.Now()}, Username: "u", DisplayName: "u", PasswordHash: "x", PasswordChangedAt: db.Now()}
		var rows []account.Session
		for i := range 23 {
			at := db.Now().Add(-time.Duration(i%5) * time.Hour)
			rows = append(rows, account.Session{ID: models.NewID(), UserID: user.ID, TokenHash: []byte(fmt.Sprint(i)), Kind: []string{"a", "B", "测"}[i%3], CreatedAt: at, LastSeenAt: at, ExpiresAt: at})
		}
		err := db.Write(ctx, func(tx *models.Tx) error {
			return errors.Join(tx.Program().Create(&user).Error, models.Load(tx, rows))
		})
		if err != nil {
			t.Fatal(err)
		}
		key := map[string]func(s account.Session) string{"at": func(s account.Session) string { return s.CreatedAt.UTC().Format(time.RFC3339) }, "kind": func(s account.Session) string { return s.Kind }}
		for _, order := range []string{"", "at", "-at", "kind", "-kind"} {
			name, desc := strings.CutPrefix(order, "-")
			if name == "" {
				name = "at"
			}
			want := slices.Clone(rows)
			sort.Slice(want, func(i, j int) bool {
				a, b := key[name](want[i])+" "+string(want[i].ID), key[name](want[j])+" "+string(want[j].ID)
				return a < b != desc && a != b
			})
			for _, limit := range []int{1, 2, 7, 22, 23, 24, models.MaxPage} {
				var got []models.ID
				q := models.Query{Limit: limit, Sort: order, Exact: true}
				for range 30 {
					page, err := models.List(db, db.Visible(ctx, policies.SessionRead, &account.Session{}), q, sessionOrders, "at", sessionID)
					if err != nil {
						t.Fatal(err)
					}
					if len(page.Items) > limit || page.Total == nil || *page.Total != 23 || len(page.Items) == 0 {
						t.Fatalf("a page of %d rows of %v, limit %d", len(page.Items), page.Total, limit)
					}
					for _, s := range page.Items {
						got = append(got, s.ID)
					}
					if q.Cursor = page.Next; q.Cursor == "" {
						break
					}
				}
				var ids []models.ID
				for _, s := range want {
					ids = append(ids, s.ID)
				}
				if !slices.Equal(got, ids) {
					t.Errorf("sort %q, pages of %d: wrong order or rows\n got  %v\n want %v", order, limit, got, ids)
				}
			}
		}
		list := func(q models.Query) error {
			_, err := models.List(db, db.Visible(ctx, policies.SessionRead, &account.Session{}), q, sessionOrders, "at", sessionID)
			return err
		}
		for _, limit := range []int{0, -1, models.MaxPage + 1} {
			if err := list(models.Query{Limit: limit}); !fault.Is(err, fault.Malformed) {
				t.Errorf("a page of %d: %v", limit, err)
			}
		}
		if err := list(models.Query{Limit: 5, Sort: "token_hash"}); !fault.Is(err, fault.Malformed) {
			t.Errorf("a sort that is not offered: %v", err)
		}
		if err := list(models.Query{Limit: 5, Sort: "bad"}); !fault.Is(err, fault.Internal) {
			t.Errorf("a sort key that no cursor holds: %v", err)
		}
	})
}

// TestCursors: a cursor tells nothing, and opens only for the list, the order, the
// filters and the reader that it was made for.
func TestCursors(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		bureau, analyst := c.Bureau(), c.Analyst()
		first, err := c.Registry.Parks(bureau, registry.ParkFilter{}, models.Query{Limit: 2, Filters: map[string]string{"q": ""}})
		if err != nil || first.Next == "" {
			t.Fatal(first, err)
		}
		again, _ := c.Registry.Parks(bureau, registry.ParkFilter{}, models.Query{Limit: 2, Filters: map[string]string{"q": ""}})
		if again.Next == first.Next {
			t.Error("two cursors for one place are the same text: they can be compared")
		}
		raw, err := base64.RawURLEncoding.DecodeString(first.Next)
		if err != nil {
			t.Fatal(err)
		}
		for _, told := range []string{first.Items[1].Code, string(first.Items[1].ID)} {
			if strings.Contains(string(raw), told) {
				t.Errorf("the cursor tells %s", told)
			}
		}
		good := models.Query{Limit: 2, Cursor: first.Next, Filters: map[string]string{"q": ""}}
		if next, err := c.Registry.Parks(bureau, registry.ParkFilter{}, good); err != nil || next.Items[0].Code != "SZ-03" {
			t.Fatalf("the next page: %+v, %v", next, err)
		}
		refused := func(name string, err error) {
			t.Helper()
			var f *fault.Error
			if !errors.As(err, &f) || f.Code != fault.Malformed || f.Violations[0].Pointer != "/query/cursor" {
				t.Errorf("%s: %v", name, err)
			}
		}
		for i := range raw {
			bad := slices.Clone(raw)
			bad[i] ^= 1
			q := good
			q.Cursor = base64.RawURLEncoding.EncodeToString(bad)
			_, err := c.Registry.Parks(bureau, registry.ParkFilter{}, q)
			refused(fmt.Sprintf("byte %d altered", i), err)
		}
		for _, text := range []string{"x", "!", strings.Repeat("A", 5000), first.Next[:10], first.Next + "AAAA"} {
			q := good
			q.Cursor = text
			_, err := c.Registry.Parks(bureau, registry.ParkFilter{}, q)
			refused("cursor "+text[:1], err)
		}
		q := good
		q.Filters = map[string]string{"q": "园"}
		_, err = c.Registry.Parks(bureau, registry.ParkFilter{}, q)
		refused("another filter", err)
		q = good
		q.Sort = "-code"
		_, err = c.Registry.Parks(bureau, registry.ParkFilter{}, q)
		refused("another order", err)
		_, err = c.Registry.Enterprises(bureau, registry.EnterpriseFilter{}, good)
		refused("another list", err)
		_, err = c.Registry.Parks(analyst, registry.ParkFilter{}, good)
		refused("another reader", err)
	})
}

// TestCursorAcrossRestart: with a stored key a cursor outlives the process; without one it does not.
func TestCursorAcrossRestart(t *testing.T) {
	address := dbtest.SQLite(t)
	key := []byte(strings.Repeat("k", 32))
	start := func(key []byte) *models.DB {
		db, err := models.Open(t.Context(), models.Config{URL: address, CursorKey: key})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	db := start(key)
	c := dbtest.NewCity(t, db)
	page, err := c.Registry.Parks(c.Bureau(), registry.ParkFilter{}, models.Query{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		key  []byte
		want fault.Code
	}{{key, ""}, {nil, fault.Malformed}, {[]byte(strings.Repeat("j", 32)), fault.Malformed}} {
		later := registry.New(start(x.key), nil)
		if _, err := later.Parks(c.Bureau(), registry.ParkFilter{}, models.Query{Limit: 1, Cursor: page.Next}); fault.CodeOf(err) != x.want {
			t.Errorf("key %q: %v", x.key, err)
		}
	}
}

// FuzzCursor: whatever comes as a cursor is a page or a refusal.
func FuzzCursor(f *testing.F) {
	db, err := models.Open(f.Context(), models.Config{URL: dbtest.SQLite(f)}) // a key of this process alone: what another one sealed stays shut
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = db.Close() })
	c := dbtest.NewCity(f, db)
	page, err := c.Registry.Parks(c.Bureau(), registry.ParkFilter{}, models.Query{Limit: 1})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(page.Next)
	f.Add("AAAA")
	f.Add("' OR 1=1 --")
	f.Fuzz(func(t *testing.T, cursor string) {
		_, err := c.Registry.Parks(c.Bureau(), registry.ParkFilter{}, models.Query{Limit: 1, Cursor: cursor})
		if err != nil && !fault.Is(err, fault.Malformed) {
			t.Errorf("%q: %v", cursor, err)
		}
		if err == nil && cursor != "" && cursor != page.Next {
			t.Errorf("%q opens", cursor)
		}
	})
}

// TestPageCost: the last page costs what the first does: it is found by its key, not by counting.
func TestPageCost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		conn, err := db.SQL().Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		explain := "EXPLAIN QUERY PLAN "
		if db.Engine == models.Postgres {
			explain = "EXPLAIN "
			// The table is empty: without this the planner would rather read it all.
			if _, err := conn.ExecContext(t.Context(), "SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off"); err != nil {
				t.Fatal(err)
			}
		}
		rows, err := conn.QueryContext(t.Context(), explain+"SELECT * FROM enterprises WHERE (name_sort, id) > ('x', '00000000-0000-7000-8000-000000000001') ORDER BY name_sort, id LIMIT 51")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		plan := ""
		for rows.Next() {
			cols, _ := rows.Columns()
			cells := make([]any, len(cols))
			for i := range cells {
				cells[i] = new(any)
			}
			if err := rows.Scan(cells...); err != nil {
				t.Fatal(err)
			}
			plan += fmt.Sprintln(*cells[len(cells)-1].(*any))
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(plan, "enterprises_name") || strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "Sort Key") {
			t.Errorf("a page is not read along its index:\n%s", plan)
		}
	})
}

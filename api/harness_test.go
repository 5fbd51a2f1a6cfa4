package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/alexedwards/argon2id"

	"parkregistry/api"
	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/assessment"
	"parkregistry/models/audit"
	"parkregistry/models/exchange"
	"parkregistry/models/export"
	"parkregistry/models/files"
	"parkregistry/models/grade"
	"parkregistry/models/inbox"
	"parkregistry/models/inspection"
	"parkregistry/models/jobs"
	"parkregistry/models/ledger"
	"parkregistry/models/obligation"
	"parkregistry/models/progress"
	"parkregistry/models/proof"
	"parkregistry/models/registry"
	"parkregistry/models/report"
	"parkregistry/models/task"
	"parkregistry/policies"
	"parkregistry/sheets"
	"parkregistry/web"
)

// world is the whole edge over one database, with an account for each role.
type world struct {
	dbtest.City
	t        *testing.T
	server   *httptest.Server
	doc      *description
	tokens   map[string]string
	accounts *account.Service
	files    *files.Service
	imports  *exchange.Service
	prover   *audit.Prover
	inbox    *inbox.Service
	measures assessment.Measures
}

// signingKey is a key of the test alone.
func signingKey(t testing.TB) *proof.Key {
	t.Helper()
	private, err := proof.NewKey("park-test")
	if err != nil {
		t.Fatal(err)
	}
	key, err := proof.ReadKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

const password = "Blue-river-31-stones"

// passwordHash is made once: hashing is slow on purpose.
var passwordHash = sync.OnceValue(func() string {
	h, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 32 * 1024, Iterations: 3, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		panic(err)
	}
	return h
})

// newWorld mounts the edge and signs nobody in yet.
func newWorld(t *testing.T, db *models.DB) *world {
	t.Helper()
	return newWorldWith(t, db, account.DefaultProfile(), nil)
}

func newWorldWith(t *testing.T, db *models.DB, profile account.Profile, ready func(context.Context) error) *world {
	t.Helper()
	return newSignedWorld(t, db, profile, ready, signingKey(t))
}

func newSignedWorld(t *testing.T, db *models.DB, profile account.Profile, ready func(context.Context) error, key *proof.Key) *world {
	t.Helper()
	w := &world{City: dbtest.NewCity(t, db), t: t, tokens: map[string]string{}}
	log := slog.New(slog.NewTextHandler(logSink(), &slog.HandlerOptions{Level: slog.LevelError}))
	w.accounts = account.New(db, log, profile)
	if err := jobs.Migrate(context.Background(), db); err != nil {
		t.Fatal(err)
	}
	queue, err := jobs.New(db, log, jobs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	reg, trail := registry.New(db, queue), audit.New(db)
	store, err := files.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	w.files = files.New(db, store)
	w.prover = audit.NewProver(db, key, log, func(string) error { return nil })
	ledgers := ledger.New(db)
	w.imports = exchange.New(db, ledgers, w.files, sheets.Ledgers{})
	pages, err := web.New(web.Options{Key: w.prover.PublicKey()})
	if err != nil {
		t.Fatal(err)
	}
	duties, walks, standing := obligation.New(db, reg, ledgers, trail), inspection.New(db, w.accounts), progress.New(db, trail, reg)
	tasks := task.New(db, standing, w.accounts)
	w.measures = progress.Measures{Reports: standing, Duties: duties, Walks: walks}
	grades, judged := grade.New(db), assessment.New(db, w.measures)
	w.inbox = inbox.New(db, inbox.Rooms{Inspection: walks, Ledger: ledgers, Tasks: tasks, Assessments: judged, Grades: grades}, w.accounts)
	folder, err := export.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	exports := export.New(db, export.Rooms{Registry: reg, Ledger: ledgers, Obligations: duties, Inspection: walks, Tasks: tasks, Grades: grades, Assessments: judged, Accounts: w.accounts, Audit: trail, Progress: standing}, sheets.Lists{}, folder, queue)
	reports := report.New(db, report.Rooms{Registry: reg, Ledger: ledgers, Obligations: duties, Inspection: walks, Progress: standing, Accounts: w.accounts, Audit: trail})
	engine, err := api.Mount(api.Options{
		DB:          db,
		Accounts:    w.accounts,
		Registry:    reg,
		Ledger:      ledgers,
		Receipts:    ledger.NewReceipts(ledgers, w.prover),
		ReceiptPage: pages.Receipt,
		NoticePage:  pages.Notice,
		Obligations: duties,
		Files:       w.files,
		Imports:     w.imports,
		Exports:     exports,
		Reports:     reports,
		Inspection:  walks,
		Grades:      grades,
		Assessments: judged,
		Audit:       trail,
		Prover:      w.prover,
		Jobs:        queue,
		Progress:    standing,
		Tasks:       tasks,
		Inbox:       w.inbox,
		Log:         log, Version: "test", Ready: ready,
	})
	if err != nil {
		t.Fatal(err)
	}
	pages.Mount(engine)
	w.server = httptest.NewServer(engine)
	t.Cleanup(w.server.Close)
	t.Cleanup(w.holds)
	if w.doc, err = readDescription(w.want(w.call("", "GET", "/openapi.json", nil), 200, "the description").raw); err != nil {
		t.Fatal(err)
	}
	for _, a := range []struct {
		name string
		role policies.Role
		hold string
	}{
		{"park-a", policies.ParkManager, string(w.BaoanA.Park.ID)},
		{"park-b", policies.ParkManager, string(w.BaoanB.Park.ID)},
		{"firm-a", policies.EnterpriseUser, string(w.BaoanA.Enterprise.ID)},
		{"firm-l", policies.EnterpriseUser, string(w.Longgang.Enterprise.ID)},
		{"baoan-1", policies.DistrictInspector, "baoan"},
		{"baoan-2", policies.DistrictInspector, "baoan"},
		{"longgang", policies.DistrictInspector, "longgang"},
		{"dapeng", policies.DistrictInspector, "dapeng"},
		{"bureau", policies.BureauAdmin, ""},
		{"analyst", policies.BureauAnalyst, ""},
		{"auditor", policies.Auditor, ""},
		{"admin", policies.Admin, ""},
		{"security", policies.SecurityAdmin, ""},
	} {
		w.account(a.name, a.role, a.hold)
	}
	return w
}

// logSink shows the program's errors when PARK_TEST_LOG is set.
func logSink() io.Writer {
	if os.Getenv("PARK_TEST_LOG") != "" {
		return os.Stderr
	}
	return io.Discard
}

// account stores a person with one open assignment.
func (w *world) account(name string, role policies.Role, holds string) {
	w.t.Helper()
	err := w.DB.Write(w.Program(), func(tx *models.Tx) error {
		now := tx.Now()
		u := account.User{Versioned: models.Versioned{ID: models.NewID(), Version: 1, CreatedAt: now, UpdatedAt: now}, Username: name, DisplayName: name,
			PasswordHash: passwordHash(), PasswordChangedAt: now}
		if err := tx.Program().Create(&u).Error; err != nil {
			return err
		}
		a := account.Assignment{Versioned: models.Versioned{ID: models.NewID(), Version: 1, CreatedAt: now, UpdatedAt: now}, UserID: u.ID, Role: role.Slug(), StartsOn: "2020-01-01"}
		switch role.Holds() {
		case policies.Jurisdiction:
			a.Jurisdiction = models.Ref(holds)
		case policies.Park:
			a.ParkID = models.Ref(models.ID(holds))
		case policies.Enterprise:
			a.EnterpriseID = models.Ref(models.ID(holds))
		}
		return tx.Program().Create(&a).Error
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// as gives the token of an account, signing in at its first use.
func (w *world) as(name string) string {
	w.t.Helper()
	if name == "" {
		return ""
	}
	if t := w.tokens[name]; t != "" {
		return t
	}
	r := w.call("", "POST", "/sessions", map[string]any{"username": name, "password": password})
	if r.status != http.StatusCreated {
		w.t.Fatalf("sign in as %s: %d %s", name, r.status, r.raw)
	}
	w.tokens[name] = r.text("token")
	return w.tokens[name]
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	raw    []byte
	body   map[string]any
}

// text is a member of the body, by a path of names and indexes joined with dots.
func (a answer) text(path string) string {
	v := a.at(path)
	s, _ := v.(string)
	return s
}

func (a answer) at(path string) any {
	var v any = a.body
	for name := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func (a answer) items() []any {
	v, _ := a.body["items"].([]any)
	return v
}

// call sends one request; header is name, value, name, value.
func (w *world) call(who, method, path string, body any, header ...string) answer {
	w.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			w.t.Fatal(err)
		}
		reader = bytes.NewReader(raw)
	}
	if !strings.HasPrefix(path, "/healthz") && !strings.HasPrefix(path, "/readyz") && !strings.HasPrefix(path, "/problems") && !strings.HasPrefix(path, "/docs") {
		path = "/api/v1" + path
	}
	req, err := http.NewRequestWithContext(context.Background(), method, w.server.URL+path, reader)
	if err != nil {
		w.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
		if method == "PATCH" {
			req.Header.Set("Content-Type", "application/merge-patch+json")
		}
	}
	if t := w.as(who); t != "" {
		req.Header.Set("Authorization", "Bearer "+t)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	a := answer{status: res.StatusCode, header: res.Header}
	if a.raw, err = io.ReadAll(res.Body); err != nil {
		w.t.Fatal(err)
	}
	_ = json.Unmarshal(a.raw, &a.body)
	if w.doc != nil {
		if err := w.doc.check(method, strings.TrimPrefix(path, "/api/v1"), a); err != nil {
			w.t.Errorf("the description and an answer disagree: %v", err)
		}
	}
	return a
}

// want fails the test unless the answer has the status.
func (w *world) want(a answer, status int, what string) answer {
	w.t.Helper()
	if a.status != status {
		w.t.Fatalf("%s: got %d, want %d: %s", what, a.status, status, a.raw)
	}
	return a
}

// holds compares what a suite has written over HTTP with its leaves, whatever it wrote:
// without the accounts, which the harness puts there past their service.
func (w *world) holds() {
	w.t.Helper()
	keys, err := proof.ReadKeys(w.prover.PublicKey())
	if err != nil {
		w.t.Fatal(err)
	}
	sources := slices.Concat(registry.Verifiable(), ledger.Verifiable(), inspection.Verifiable(), assessment.Verifiable(), grade.Verifiable(), task.Verifiable(), files.Verifiable(nil), exchange.Verifiable())
	if r, err := audit.Verify(w.Program(), w.DB, audit.Against{Sources: sources, Keys: keys}); err != nil || r.Bad != nil {
		w.t.Errorf("what the suite wrote and its leaves disagree: %+v, %v", r.Bad, err)
	}
}

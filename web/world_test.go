package web_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/gin-gonic/gin"

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

// world is the program's HTTP with its pages, a park manager and one filed entry.
type world struct {
	dbtest.City
	t        *testing.T
	server   *httptest.Server
	prover   *audit.Prover
	public   string // key of the log
	entry    models.ID
	token    string
	engine   *gin.Engine
	pages    *web.Pages
	imports  *exchange.Service
	kept     *files.Service
	progress *progress.Service
	exports  *export.Service
}

const password = "Blue-river-31-stones"

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldAt(t, time.Now)
}

// newWorldAt is a world by a clock of the test.
func newWorldAt(t *testing.T, clock func() time.Time, settings ...func(*account.Profile)) *world {
	t.Helper()
	db, err := models.Open(t.Context(), models.Config{URL: dbtest.SQLite(t), Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w := &world{City: dbtest.NewCity(t, db), t: t}
	log := slog.New(slog.DiscardHandler)
	private, err := proof.NewKey("park-test")
	must(t, err)
	key, err := proof.ReadKey(private)
	must(t, err)
	w.public = key.Public()
	must(t, jobs.Migrate(t.Context(), db))
	queue, err := jobs.New(db, log, jobs.Options{})
	must(t, err)
	profile := account.DefaultProfile()
	profile.FactorKey = []byte("0123456789abcdef0123456789abcdef")
	for _, set := range settings {
		set(&profile)
	}
	accounts, reg, trail, ledgers := account.New(db, log, profile), registry.New(db, queue), audit.New(db), ledger.New(db)
	w.prover = audit.NewProver(db, key, log, func(string) error { return nil })
	w.server = httptest.NewUnstartedServer(nil)
	store, err := files.Open(t.TempDir())
	must(t, err)
	t.Cleanup(func() { _ = store.Close() })
	attached := files.New(db, store)
	w.kept = attached
	w.imports = exchange.New(db, ledgers, attached, sheets.Ledgers{})
	duties, walks, standing := obligation.New(db, reg, ledgers, trail), inspection.New(db, accounts), progress.New(db, trail, reg)
	tasks := task.New(db, standing, accounts)
	folder, err := export.OpenFolder(t.TempDir())
	must(t, err)
	t.Cleanup(func() { _ = folder.Close() })
	grades, judged := grade.New(db), assessment.New(db, progress.Measures{Reports: standing, Duties: duties, Walks: walks})
	w.exports = export.New(db, export.Rooms{Registry: reg, Ledger: ledgers, Obligations: duties, Inspection: walks, Tasks: tasks, Grades: grades, Assessments: judged, Accounts: accounts, Audit: trail, Progress: standing}, sheets.Lists{}, folder, queue)
	w.progress = standing
	reports := report.New(db, report.Rooms{Registry: reg, Ledger: ledgers, Obligations: duties, Inspection: walks, Progress: standing, Accounts: accounts, Audit: trail})
	waits := inbox.New(db, inbox.Rooms{Inspection: walks, Ledger: ledgers, Tasks: tasks, Assessments: judged, Grades: grades}, accounts)
	pages, err := web.New(web.Options{Public: "http://" + w.server.Listener.Addr().String(), Key: w.public, Version: "test", Demo: true, Accounts: accounts, Registry: reg, Ledger: ledgers,
		Obligations: duties, Files: attached, Imports: w.imports, Exports: w.exports, Reports: reports, Inspection: walks, Progress: standing, Tasks: tasks, Grades: grades, Assessments: judged, Inbox: waits, Audit: trail, Prover: w.prover, Now: db.Now, Today: db.Today, Explain: explain})
	must(t, err)
	engine, err := api.Mount(api.Options{DB: db, Accounts: accounts, Registry: reg, Ledger: ledgers, Receipts: ledger.NewReceipts(ledgers, w.prover), ReceiptPage: pages.Receipt, NoticePage: pages.Notice,
		RefusalPage: pages.Refuse, Obligations: duties, Files: attached, Imports: w.imports, Exports: w.exports, Reports: reports, Inspection: walks, Grades: grades, Assessments: judged, Audit: trail, Prover: w.prover, Jobs: queue,
		Progress: standing, Tasks: tasks, Inbox: waits, Log: log, Version: "test"})
	must(t, err)
	pages.Mount(engine)
	w.engine, w.pages = engine, pages
	w.server.Config.Handler = engine
	w.server.Start()
	t.Cleanup(w.server.Close)
	w.account("park-a", policies.ParkManager, w.BaoanA.Park.ID)
	w.token = w.bearer("park-a")
	w.entry = w.file()
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// explain tells an error as the program does.
func explain(ctx context.Context, err error) web.Failure {
	p := api.Explain(ctx, err)
	f := web.Failure{Status: p.Status, Title: p.Title, Detail: p.Detail, RequestID: p.RequestID, Needs: p.Needs}
	for _, e := range p.Errors {
		f.Errors = append(f.Errors, web.FieldFailure{Pointer: e.Pointer, Detail: e.Detail})
	}
	return f
}

var passwordHash = sync.OnceValue(func() string {
	hash, err := argon2id.CreateHash(password, argon2id.DefaultParams)
	if err != nil {
		panic(err)
	}
	return hash
})

// account makes an account with one assignment; at is the park or the jurisdiction of
// a role that needs one.
func (w *world) account(name string, role policies.Role, at models.ID) {
	w.t.Helper()
	must(w.t, w.DB.Write(w.Program(), func(tx *models.Tx) error {
		now := tx.Now()
		u := account.User{Versioned: models.Versioned{ID: models.NewID(), Version: 1, CreatedAt: now, UpdatedAt: now}, Username: name, DisplayName: name,
			PasswordHash: passwordHash(), PasswordChangedAt: now}
		if err := tx.Program().Create(&u).Error; err != nil {
			return err
		}
		a := account.Assignment{Versioned: models.Versioned{ID: models.NewID(), Version: 1, CreatedAt: now, UpdatedAt: now}, UserID: u.ID, Role: role.Slug(), StartsOn: "2020-01-01"}
		switch role.Holds() {
		case policies.Jurisdiction:
			a.Jurisdiction = models.Ref(string(at))
		case policies.Park:
			a.ParkID = &at
		case policies.Enterprise:
			a.EnterpriseID = &at
		}
		return tx.Program().Create(&a).Error
	}))
}

// bearer signs in as a program does.
func (w *world) bearer(name string) string {
	w.t.Helper()
	var session struct{ Token string }
	must(w.t, json.Unmarshal(w.send("POST", "/api/v1/sessions", `{"username":"`+name+`","password":"`+password+`"}`).raw, &session))
	if session.Token == "" {
		w.t.Fatal("no session")
	}
	return session.Token
}

// payload is what the entry says.
const payload = `{"normal":true,"startAt":"2026-01-02T00:00:00+08:00","endAt":"2026-01-02T23:00:00+08:00","runningHours":"23","inflow":"412.50","treated":"410",` +
	`"reused":"100","discharged":"310","readings":[{"pollutant":"w01018","value":"38.0"},{"pollutant":"w21003","value":"<0.05"}],"sludgeQuantity":"1.2",` +
	`"sludgeDestination":"示例处置公司 <b>","drainDestination":"sewagePlant","reagents":[{"reagent":"聚合氯化铝","addedAt":"2026-01-02T08:30:00+08:00","quantity":"25.5"}]}`

// file files one entry of the firm and numbers it, among other changes.
func (w *world) file() models.ID { return w.fileShift("早班") }

func (w *world) fileShift(slot string) models.ID {
	w.t.Helper()
	occurred := time.Date(2026, 1, 2, 15, 0, 0, 0, time.UTC).Format(time.RFC3339)
	entry := map[string]any{"parkId": w.BaoanA.Park.ID, "siteId": w.BaoanA.Site.ID, "facilityId": w.BaoanA.Facility.ID, "outletId": w.BaoanA.Outlet.ID,
		"class": "treatmentFacility.wastewater", "day": "2026-01-02", "slot": slot, "occurredAt": occurred, "payload": json.RawMessage(payload)}
	body, err := json.Marshal(entry)
	must(w.t, err)
	var made struct{ ID models.ID }
	answer := w.send("POST", "/api/v1/ledgers", string(body))
	must(w.t, json.Unmarshal(answer.raw, &made))
	if answer = w.send("POST", "/api/v1/ledgers/"+string(made.ID)+"/filing", ""); answer.status != http.StatusOK {
		w.t.Fatalf("file: %d %s", answer.status, answer.raw)
	}
	w.numbered()
	return made.ID
}

// numbered gives every change its number.
func (w *world) numbered() {
	w.t.Helper()
	s := audit.NewSequencer(w.DB, slog.New(slog.DiscardHandler))
	for n := 1; n > 0; {
		var err error
		n, err = s.Round(context.Background())
		must(w.t, err)
	}
}

type answer struct {
	status int
	header http.Header
	raw    []byte
}

// send sends one request as the park manager; header is name, value, name, value.
func (w *world) send(method, path, body string, header ...string) answer {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.server.URL+path, strings.NewReader(body))
	must(w.t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if w.token != "" {
		req.Header.Set("Authorization", "Bearer "+w.token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	must(w.t, err)
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	must(w.t, err)
	return answer{res.StatusCode, res.Header, raw}
}

// receipt is the address of the entry's receipt.
func (w *world) receipt() string { return "/api/v1/ledgers/" + string(w.entry) + "/receipt" }

// digestOf is the SHA-256 of a text, in hexadecimal.
func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

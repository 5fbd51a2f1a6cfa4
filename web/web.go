// Package web is the HTML edge: pages and prints for people, from templates, styles
// and scripts that are part of the program. It holds no rule and no query; what a
// page shows was read by a domain's service under the reader's own rights.
package web

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models/account"
	"parkregistry/models/assessment"
	"parkregistry/models/audit"
	"parkregistry/models/exchange"
	"parkregistry/models/export"
	"parkregistry/models/files"
	"parkregistry/models/grade"
	"parkregistry/models/inbox"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/obligation"
	"parkregistry/models/progress"
	"parkregistry/models/registry"
	"parkregistry/models/report"
	"parkregistry/models/task"
	"parkregistry/policies"
)

//go:embed templates/*.html static/*
var embedded embed.FS

// Options is what the pages need from the program.
type Options struct {
	Public      string // where people reach the program, such as https://park.example; "" when nobody said
	Key         string // public key of the log's signatures
	Version     string // of the program
	Demo        bool   // the data are made up, and every page says so
	Accounts    *account.Service
	Registry    *registry.Service
	Ledger      *ledger.Service
	Obligations *obligation.Service
	Files       *files.Service
	Imports     *exchange.Service
	Exports     *export.Service
	Reports     *report.Service
	Inspection  *inspection.Service
	Progress    *progress.Service
	Tasks       *task.Service
	Grades      *grade.Service
	Assessments *assessment.Service
	Inbox       *inbox.Service
	Audit       *audit.Service
	Prover      *audit.Prover
	Now         func() time.Time
	Today       func() code.Day
	Explain     func(context.Context, error) Failure // an error in the words of the API
}

// Pages are the pages, ready to serve.
type Pages struct {
	options     Options
	templates   map[words.Lang]*template.Template
	assets      map[string]asset // by their address
	base        string           // the text of base.css
	style       string           // address of the style of the pages
	viewStyle   string           // of overviews, the matrix, the board and assessments
	script      string           // of those for who is signed in
	listStyle   string           // of lists
	tableScript string           // of lists
	listScript  string           // of a list whose rows can be ticked
	formStyle   string           // of those with a ledger form
	formScript  string
	importStyle string // of an import
	reportStyle string // of a report on paper
	verifier    verifier
	field       field // the patrol without a network
}

// asset is a file whose name tells its content, so that it may be kept for ever.
type asset struct {
	kind    string
	content []byte
	packed  []byte // by gzip
}

// New reads the templates and the files that go with them.
func New(o Options) (*Pages, error) {
	p := &Pages{options: o, templates: map[words.Lang]*template.Template{}, assets: map[string]asset{}}
	for _, lang := range []words.Lang{words.Chinese, words.English} {
		t, err := template.New("").Funcs(speech(lang)).ParseFS(embedded, "templates/*.html")
		if err != nil {
			return nil, fmt.Errorf("read the templates: %w", err)
		}
		p.templates[lang] = t
	}
	var err error
	if p.base, err = static("base.css"); err != nil {
		return nil, err
	}
	style, err := static("pages.css")
	if err != nil {
		return nil, err
	}
	objects, err := static("objects.css")
	if err != nil {
		return nil, err
	}
	table := style
	style = objects + style
	p.style = p.keep("pages", ".css", "text/css; charset=utf-8", p.base+style)
	views, err := static("views.css")
	if err != nil {
		return nil, err
	}
	p.viewStyle = p.keep("views", ".css", "text/css; charset=utf-8", p.base+style+views)
	lists, err := static("lists.css")
	if err != nil {
		return nil, err
	}
	p.listStyle = p.keep("lists", ".css", "text/css; charset=utf-8", p.base+table+lists)
	form, err := static("form.css")
	if err != nil {
		return nil, err
	}
	slash, err := scriptOf("shell.js")
	if err != nil {
		return nil, err
	}
	stay, err := scriptOf("stay.js")
	if err != nil {
		return nil, err
	}
	slash += stay // what every page has
	copier, err := scriptOf("copy.js")
	if err != nil {
		return nil, err
	}
	p.script = p.keep("shell", ".js", "text/javascript; charset=utf-8", slash)
	heads, err := scriptOf("heads.js")
	if err != nil {
		return nil, err
	}
	copier += heads
	p.tableScript = p.keep("table", ".js", "text/javascript; charset=utf-8", slash+copier)
	picker, err := scriptOf("picks.js")
	if err != nil {
		return nil, err
	}
	p.listScript = p.keep("list", ".js", "text/javascript; charset=utf-8", slash+copier+picker)
	script, err := scriptOf("form.js")
	if err != nil {
		return nil, err
	}
	p.formStyle = p.keep("form", ".css", "text/css; charset=utf-8", p.base+style+form)
	imports, err := static("import.css")
	if err != nil {
		return nil, err
	}
	p.importStyle = p.keep("import", ".css", "text/css; charset=utf-8", p.base+style+form+imports)
	paper, err := static("report.css")
	if err != nil {
		return nil, err
	}
	p.reportStyle = p.keep("report", ".css", "text/css; charset=utf-8", p.base+paper)
	p.formScript = p.keep("form", ".js", "text/javascript; charset=utf-8", slash+script)
	if err := p.prepareField(); err != nil {
		return nil, err
	}
	return p, p.prepareVerifier()
}

// speech are the functions of the templates: what is said, in one language.
func speech(lang words.Lang) template.FuncMap {
	return template.FuncMap{
		"t":       func(key string, args ...any) string { return words.Render(lang, fault.T(key, args...)) },
		"say":     func(t fault.Text) string { return words.Render(lang, t) },
		"name":    func(l fault.Label) string { return words.Name(lang, l) },
		"band":    func(name string) fault.Text { return band(name).word() },
		"grouped": grouped,
		"short":   shortArea,
		"label":   func(zh, en string) fault.Label { return fault.Label{Zh: zh, En: en} },
		"add":     func(a, b int) int { return a + b },
		"pair":    func(base string, row parkTodayRow) waits { return waits{Base: base, Row: row} },
		"unit":    func(unit string) string { return unitOf(lang, unit) },
		"instant": moment,
		"joined":  func(all []string) string { return strings.Join(all, "、") },
		"moment":  func(at *time.Time) string { return momentOr(at) },
		"whole":   unbroken,
		"col":     columnOf,
		"table":   tabled,
	}
}

func static(name string) (string, error) {
	b, err := embedded.ReadFile("static/" + name)
	return string(b), err
}

// aside is what of a script only people read: lines of words, and how far lines are moved in.
var aside = regexp.MustCompile(`(?m)^[ \t]*(//.*\n)?`)

// scriptOf is a script as a browser is sent it.
func scriptOf(name string) (string, error) {
	text, err := static(name)
	return aside.ReplaceAllString(text, ""), err
}

// keep makes an asset of the content and gives its address.
func (p *Pages) keep(name, ending, kind, content string) string {
	sum := sha256.Sum256([]byte(content))
	address := "/static/" + name + "." + hex.EncodeToString(sum[:6]) + ending
	p.assets[address] = asset{kind, []byte(content), packed(content)}
	return address
}

// line is one address of the pages. What needs a permission is guarded by it, and its
// visitor is known; the others hold nothing of anybody.
type line struct {
	method, path string
	need         policies.Permission // Public for no sign-in
	visit        func(*visit) error  // or
	serve        gin.HandlerFunc
	typed        bool // a form that was long to fill in: what was typed outlives the sign-in
	brings       bool // a form that may bring files
	table        bool // which are tables
	words        bool // which are texts, and stand for the fields of their names
}

// table is every address of the pages, one line each. A page that is one row in two
// forms is answered by the route of that row (docs/adr/0020-receipt-on-paper.md).
func (p *Pages) table() []line {
	return []line{
		{path: "/verify", serve: func(c *gin.Context) { c.Redirect(http.StatusFound, "/verify/") }},
		{path: "/verify/", serve: p.verify},
		{path: "/verify/offline.html", serve: p.verifyOffline},
		{path: "/static/:file", serve: p.asset},

		{path: "/", visit: p.home},
		{path: "/login", visit: p.signInForm},
		{method: "POST", path: "/login", visit: p.signIn},
		{method: "POST", path: "/logout", need: policies.SessionEnd, visit: p.signOut},
		{path: "/me", need: policies.SessionRead, visit: p.me},
		{method: "POST", path: "/me/password", need: policies.UserPassword, visit: p.changePassword},
		{method: "POST", path: "/me/sessions/:id/ending", need: policies.SessionEnd, visit: p.endSession},
		{method: "POST", path: "/me/factor", need: policies.UserPassword, visit: p.beginFactor},
		{method: "POST", path: "/me/factor/confirmation", need: policies.UserPassword, visit: p.confirmFactor},
		{path: "/me/tokens", need: policies.TokenRead, visit: p.tokens},
		{method: "POST", path: "/me/tokens/token", need: policies.TokenCreate, visit: p.makeToken},
		{method: "POST", path: "/me/tokens/:id/revocation", need: policies.TokenRevoke, visit: p.revokeToken},
		{path: "/me/session", need: policies.SessionRead, visit: p.session},
		{method: "POST", path: "/me/size", need: policies.SessionRead, visit: p.chooseSize},
		{path: "/inbox", need: policies.SessionRead, visit: p.inbox},
		{path: "/search", need: policies.ParkRead, visit: p.search},
		{path: "/help/metrics", need: policies.ReferenceRead, visit: p.metrics},
		{path: "/help/manual", need: policies.ReferenceRead, visit: p.manual},
		{path: "/help/accessibility", need: policies.ReferenceRead, visit: p.accessibility},
		{path: "/help/baseline", need: policies.ProgressRead, visit: p.baseline},

		{path: "/field-worker.js", serve: p.fieldWorker},
		{path: "/m/manifest.webmanifest", serve: p.fieldManifest},
		{path: "/m/icon-180.png", serve: p.fieldIcon},
		{path: "/m/icon-512.png", serve: p.fieldIcon},
		{path: "/m/shell/:lang", serve: p.fieldKept},
		{path: "/m/", visit: p.fieldShell},
		{path: "/m/outbox", visit: p.fieldShell},
		{path: "/m/park/:id", visit: p.fieldShell},
		{path: "/m/patrol/:id", visit: p.fieldShell},
		{path: "/m/patrol/:id/:point", visit: p.fieldShell},
		{path: "/q/:id", visit: p.fieldShell},
		{method: "POST", path: "/m/park/:id", need: policies.PatrolRecord, visit: p.beginWalk},
		{method: "POST", path: "/m/patrol/:id", need: policies.PatrolRecord, visit: p.endWalk},
		{method: "POST", path: "/m/patrol/:id/:point", need: policies.PatrolRecord, visit: p.answerPoint, brings: true},
		{path: "/m/session", need: policies.SessionRead, visit: p.fieldSession},
		{path: "/m/pack", need: policies.PatrolRecord, visit: p.fieldPack},
		{path: "/d/bring", need: policies.PatrolRecord, visit: p.bringWalks},
		{path: "/p/bring", need: policies.PatrolRecord, visit: p.bringWalks},
		{path: "/d/signs", need: policies.PatrolRecord, visit: p.signs},
		{path: "/p/signs", need: policies.PatrolRecord, visit: p.signs},
		{method: "POST", path: "/m/key", need: policies.PatrolRecord, visit: p.fieldKey},

		{path: "/p", need: policies.LedgerRead, visit: p.today},
		{path: "/d", need: policies.LedgerRead, visit: p.today},
		{path: "/c", need: policies.ProgressRead, visit: p.overview},
		{path: "/c/compare", need: policies.ProgressRead, visit: p.compare},
		{path: "/d/compare", need: policies.ProgressRead, visit: p.overview},
		{path: "/c/matrix", need: policies.ProgressRead, visit: p.matrix},
		{path: "/d/matrix", need: policies.ProgressRead, visit: p.matrix},
		{path: "/p/matrix", need: policies.ProgressRead, visit: p.matrix},
		{path: "/p/findings", need: policies.FindingRead, visit: p.findings},
		{path: "/d/findings", need: policies.FindingRead, visit: p.findings},
		{path: "/c/findings", need: policies.FindingRead, visit: p.findings},
		{path: "/p/findings/board", need: policies.FindingRead, visit: p.board},
		{path: "/d/findings/board", need: policies.FindingRead, visit: p.board},
		{path: "/c/findings/board", need: policies.FindingRead, visit: p.board},
		{path: "/d/draws", need: policies.DrawRead, visit: p.draws},
		{path: "/c/draws", need: policies.DrawRead, visit: p.draws},
		{method: "POST", path: "/draws/publishing", need: policies.DrawCreate, visit: p.publishDraw},
		{path: "/draw/:id", need: policies.DrawRead, visit: p.draw},
		{method: "POST", path: "/draw/:id/drawing", need: policies.DrawRun, visit: p.runDraw},
		{path: "/p/rounds", need: policies.PatrolRead, visit: p.rounds},
		{path: "/d/rounds", need: policies.PatrolRead, visit: p.rounds},
		{path: "/c/rounds", need: policies.PatrolRead, visit: p.rounds},
		{path: "/p/patrols", need: policies.PatrolRead, visit: p.patrols},
		{path: "/d/patrols", need: policies.PatrolRead, visit: p.patrols},
		{path: "/c/patrols", need: policies.PatrolRead, visit: p.patrols},
		{path: "/patrol/:id", need: policies.PatrolRead, visit: p.patrol},
		{path: "/p/firms", need: policies.EnterpriseRead, visit: p.firms},
		{path: "/d/firms", need: policies.EnterpriseRead, visit: p.firms},
		{path: "/c/firms", need: policies.EnterpriseRead, visit: p.firms},
		{method: "POST", path: "/firms/:move", need: policies.EnterpriseRead, visit: p.registerFirm},
		{path: "/p/parks", need: policies.ParkRead, visit: p.parks},
		{path: "/d/parks", need: policies.ParkRead, visit: p.parks},
		{path: "/c/parks", need: policies.ParkRead, visit: p.parks},
		{method: "POST", path: "/parks/park", need: policies.ParkCreate, visit: p.registerPark},
		{path: "/park/:id", need: policies.ParkRead, visit: p.park},
		{method: "POST", path: "/park/:id/:move", need: policies.ParkRead, visit: p.movePark},
		{path: "/p/grades", need: policies.GradeRead, visit: p.grades},
		{path: "/d/grades", need: policies.GradeRead, visit: p.grades},
		{path: "/c/grades", need: policies.GradeRead, visit: p.grades},
		{path: "/grade/:id", need: policies.GradeRead, visit: p.grade},
		{method: "POST", path: "/grade/:id/:move", need: policies.GradeRead, visit: p.moveGrade},
		{method: "POST", path: "/firm/:id/:move", need: policies.EnterpriseRead, visit: p.moveFirm},
		{path: "/firm/:id", need: policies.EnterpriseRead, visit: p.firm},
		{path: "/p/facilities", need: policies.FacilityRead, visit: p.works},
		{path: "/d/facilities", need: policies.FacilityRead, visit: p.works},
		{path: "/c/facilities", need: policies.FacilityRead, visit: p.works},
		{path: "/permit/:id", need: policies.PermitRead, visit: p.opens(p.permitPage)},
		{method: "POST", path: "/permit/:id/:move", need: policies.PermitRead, visit: p.movePermit},
		{path: "/facility/:id", need: policies.FacilityRead, visit: p.opens(p.facilityPage)},
		{method: "POST", path: "/facility/:id/:move", need: policies.FacilityRead, visit: p.moveFacility},
		{path: "/outlet/:id", need: policies.FacilityRead, visit: p.opens(p.outletPage)},
		{method: "POST", path: "/outlet/:id/:move", need: policies.FacilityRead, visit: p.moveOutlet},
		{path: "/stream/:id", need: policies.FacilityRead, visit: p.opens(p.streamPage)},
		{method: "POST", path: "/stream/:id/:move", need: policies.FacilityRead, visit: p.moveStream},
		{method: "POST", path: "/facilities/facility", need: policies.FacilityCreate, visit: p.registerWork},
		{method: "POST", path: "/facilities/stop/:move", need: policies.ShutdownRead, visit: p.moveOwnStop},
		{path: "/p/hw", need: policies.LedgerRead, visit: p.hazard},
		{path: "/d/hw", need: policies.LedgerRead, visit: p.hazard},
		{path: "/c/hw", need: policies.LedgerRead, visit: p.hazard},
		{path: "/p/emergency", need: policies.LedgerRead, visit: p.emergency},
		{path: "/d/emergency", need: policies.LedgerRead, visit: p.emergency},
		{path: "/c/emergency", need: policies.LedgerRead, visit: p.emergency},
		{path: "/p/six", need: policies.AssessmentRead, visit: p.sixes},
		{path: "/d/six", need: policies.AssessmentRead, visit: p.sixes},
		{path: "/c/six", need: policies.AssessmentRead, visit: p.sixes},
		{method: "POST", path: "/six/start", need: policies.AssessmentAssess, visit: p.startSix},
		{path: "/six/:id", need: policies.AssessmentRead, visit: p.six},
		{method: "POST", path: "/six/:id/:move", need: policies.AssessmentRead, visit: p.moveSix, brings: true},
		{path: "/c/setup", need: policies.LedgerRead, visit: p.setup},
		{path: "/c/setup/locks", need: policies.PeriodRead, visit: p.locks},
		{method: "POST", path: "/c/setup/locks/locking", need: policies.PeriodLock, visit: p.lockPeriod},
		{path: "/c/setup/lock/:id", need: policies.PeriodRead, visit: p.lock},
		{method: "POST", path: "/c/setup/lock/:id/unlocking", need: policies.PeriodUnlock, visit: p.unlockPeriod},
		{path: "/c/setup/checklist", need: policies.AssessmentLoad, visit: p.loadForm},
		{method: "POST", path: "/c/setup/checklist", need: policies.AssessmentLoad, visit: p.loadChecklist, brings: true, words: true},
		{path: "/c/setup/file", need: policies.LedgerRead, visit: p.sendChecklist},
		{path: "/c/setup/template/:class", need: policies.LedgerRead, visit: p.setupTemplate},
		{path: "/c/audit", need: policies.AuditRead, visit: p.trail},
		{path: "/users", need: policies.AssignmentRead, visit: p.users},
		{method: "POST", path: "/users/account", need: policies.UserCreate, visit: p.createUser},
		{method: "POST", path: "/user/:id/:move", need: policies.AssignmentRead, visit: p.moveUser},
		{path: "/user/:id", need: policies.AssignmentRead, visit: p.user},
		{path: "/requests", need: policies.UserRead, visit: p.requests},
		{method: "POST", path: "/requests/asking", need: policies.UserRequest, visit: p.askSent},
		{path: "/request/:id", need: policies.UserRead, visit: p.request},
		{method: "POST", path: "/request/:id/:move", need: policies.UserCreate, visit: p.decideRequest},
		{path: "/p/tasks", need: policies.TaskRead, visit: p.tasks},
		{path: "/d/tasks", need: policies.TaskRead, visit: p.tasks},
		{path: "/c/tasks", need: policies.TaskRead, visit: p.tasks},
		{path: "/c/tasks/new", need: policies.TaskPlan, visit: p.newTask},
		{method: "POST", path: "/c/tasks/new", need: policies.TaskPlan, visit: p.setTask},
		{method: "POST", path: "/c/tasks/programme", need: policies.TaskPlan, visit: p.enterProgramme},
		{path: "/task/:id", need: policies.TaskRead, visit: p.task},
		{method: "POST", path: "/task/:id/:move", need: policies.TaskRead, visit: p.moveTask, brings: true},
		{path: "/finding/:id", need: policies.FindingRead, visit: p.finding},
		{method: "POST", path: "/finding/:id/:move", need: policies.FindingRead, visit: p.moveFinding, brings: true},
		{path: "/ledger/:id", need: policies.LedgerRead, visit: p.entry},
		{method: "POST", path: "/ledger/:id/acceptance", need: policies.LedgerAccept, visit: p.moveEntry("acceptance", p.acceptEntry)},
		{method: "POST", path: "/ledger/:id/return", need: policies.LedgerReturn, visit: p.moveEntry("return", p.returnEntry)},
		{method: "POST", path: "/ledger/:id/voiding", need: policies.LedgerVoid, visit: p.moveEntry("voiding", p.voidEntry)},
		{path: "/ledger/:id/edit", need: policies.LedgerUpdate, visit: p.editEntry},
		{method: "POST", path: "/ledger/:id/edit", need: policies.LedgerUpdate, visit: p.changeEntry, typed: true, brings: true},
		{path: "/ledger/:id/amend", need: policies.LedgerAmend, visit: p.amendForm},
		{method: "POST", path: "/ledger/:id/amend", need: policies.LedgerAmend, visit: p.amendEntry, typed: true, brings: true},
		{path: "/ledger/:id/check", need: policies.LedgerFile, visit: p.checkEntry},
		{method: "POST", path: "/ledger/:id/filing", need: policies.LedgerFile, visit: p.fileEntry},
		{path: "/ledger/:id/done", need: policies.LedgerFile, visit: p.doneEntry},
		{path: "/p/ledger/new", need: policies.LedgerCreate, visit: p.classes},
		{path: "/p/ledger/new/:class", need: policies.LedgerCreate, visit: p.newEntry},
		{method: "POST", path: "/p/ledger/new/:class", need: policies.LedgerCreate, visit: p.createEntry, typed: true, brings: true},
		{path: "/p/import", need: policies.ImportCreate, visit: p.startImport},
		{path: "/d/import", need: policies.ImportCreate, visit: p.startImport},
		{path: "/c/import", need: policies.ImportCreate, visit: p.startImport},
		{method: "POST", path: "/import", need: policies.ImportCreate, visit: p.bringImport, brings: true, table: true},
		{path: "/import/template/:class", need: policies.ImportCreate, visit: p.sendTemplate},
		{path: "/import/:id", need: policies.ImportCreate, visit: p.imported},
		{path: "/import/:id/marked", need: policies.ImportCreate, visit: p.sendMarked},
		{method: "POST", path: "/import/:id/correction", need: policies.ImportCreate, visit: p.correctImport},
		{method: "POST", path: "/import/:id/recheck", need: policies.ImportCreate, visit: p.recheckImport},
		{method: "POST", path: "/import/:id/commit", need: policies.ImportCreate, visit: p.commitImport},
		{method: "POST", path: "/import/:id/undo", need: policies.ImportCreate, visit: p.undoImport},
		{path: "/p/due", need: policies.LedgerRead, visit: p.due},
		{path: "/d/due", need: policies.LedgerRead, visit: p.due},
		{path: "/c/due", need: policies.LedgerRead, visit: p.due},
		{path: "/p/ledger", need: policies.LedgerRead, visit: p.ledgers},
		{path: "/d/ledger", need: policies.LedgerRead, visit: p.ledgers},
		{path: "/c/ledger", need: policies.LedgerRead, visit: p.ledgers},
		{method: "POST", path: "/ledgers/return", need: policies.LedgerReturn, visit: p.returnChosen, typed: true},
		{method: "POST", path: "/ledgers/print", need: policies.LedgerRead, visit: p.printChosen},
		{method: "POST", path: "/export/:list", need: policies.ExportCreate, visit: p.export},
		{path: "/exports", need: policies.ExportRead, visit: p.exported},
		{path: "/reports", need: policies.ExportRead, visit: p.reports},
		{path: "/report/:name", need: policies.ExportRead, visit: p.printReport},
		{method: "POST", path: "/report/:name", need: policies.ExportCreate, visit: p.sendReport},
		{path: "/exports/:id", need: policies.ExportRead, visit: p.sendExport},
		{path: "/p/exceedances", need: policies.LedgerRead, visit: p.exceedances},
		{path: "/d/exceedances", need: policies.LedgerRead, visit: p.exceedances},
		{path: "/c/exceedances", need: policies.LedgerRead, visit: p.exceedances},
	}
}

// Mount adds the pages to the engine; whatever it does with every request it does
// with these too.
func (p *Pages) Mount(engine *gin.Engine) {
	for _, l := range p.table() {
		engine.Handle(cmp.Or(l.method, http.MethodGet), l.path, p.handler(l))
	}
}

// Paths are the addresses that Mount serves, by method and path.
func (p *Pages) Paths() []string {
	var all []string
	for _, l := range p.table() {
		all = append(all, cmp.Or(l.method, http.MethodGet)+" "+l.path)
	}
	return all
}

func (p *Pages) asset(c *gin.Context) {
	a, ok := p.assets[c.Request.URL.Path]
	if !ok {
		c.Status(http.StatusNotFound)
		return
	}
	c.Header("Cache-Control", "public, max-age=31536000, immutable")
	c.Header("Vary", "Accept-Encoding")
	if takesGzip(c.GetHeader("Accept-Encoding")) {
		c.Header("Content-Encoding", "gzip")
		a.content = a.packed
	}
	c.Data(http.StatusOK, a.kind, a.content)
}

// render fills a template in one language.
func (p *Pages) render(lang words.Lang, name string, data any) ([]byte, error) {
	var b bytes.Buffer
	err := p.templates[lang].ExecuteTemplate(&b, name, data)
	return b.Bytes(), err
}

// hashOf names an inline text in a content security policy.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

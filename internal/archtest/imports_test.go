package archtest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "parkregistry"

// pkg is what `go list` says of a package.
type pkg struct {
	ImportPath  string
	Dir         string
	Doc         string
	Name        string
	GoFiles     []string
	TestGoFiles []string
	Imports     []string
	Deps        []string
}

// room is the package's path below the module: models/registry, "" for main.
func (p pkg) room() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,Doc,Name,GoFiles,TestGoFiles,Imports,Deps", module+"/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 10 {
		t.Fatalf("go list names only %d packages", len(all))
	}
	return all
}

// room says what a package may import of ours; anything else of ours is refused.
// A pattern ends in /... or names one package. The first rule that matches counts.
type room struct {
	who    string
	ours   []string
	reason string
}

var rooms = []room{
	{"", []string{"..."}, "main wires everything"},
	{"bench", []string{"..."}, "bench measures the program as it is wired"},
	{"internal/fault", nil, "a leaf: the error type knows nothing of ours"},
	{"internal/code", []string{"internal/fault"}, "a leaf: values of standards know nothing of ours but how to refuse"},
	{"internal/rhythm", []string{"internal/fault", "internal/code"}, "a leaf: reading a wording knows no permit and no ledger"},
	{"internal/discharge", []string{"internal/fault", "internal/code"}, "a leaf: limits and how a value is judged, without knowing who asks"},
	{"internal/cookie", nil, "a leaf: what a browser keeps, without knowing whose it is"},
	{"internal/golden", nil, "a helper of tests knows nothing of ours"},
	{"internal/archtest", nil, "it reads the program from outside"},
	{"internal/workbook", []string{"internal/fault"}, "a leaf: what an archive is, before anybody opens it"},
	{"internal/words", []string{"internal/fault"}, "the catalogue knows sentences, not who says them"},
	{"internal/config", []string{"internal/fault", "internal/code"}, "settings are values: who uses them is main's affair"},
	{"internal/logging", []string{"internal/config"}, "the log knows no domain"},
	{"internal/dbtest", []string{"models", "models/registry", "models/account", "models/audit", "models/files", "policies", "internal/code", "internal/fault"}, "it makes databases for tests, the city in them and the photographs that its people bring"},
	{"internal/...", []string{"internal/fault", "internal/code"}, "what is internal serves the others and knows none of them"},
	{"policies", []string{"internal/fault", "internal/code"}, "who may do what is decided without knowing tables or protocols"},
	{"models", []string{"policies", "internal/fault", "internal/code"}, "the kernel knows no domain"},
	{"models/proof", []string{"internal/code", "internal/fault"}, "leaves and proofs are bytes and hashes"},
	{"models/audit", []string{"models", "models/proof", "policies", "internal/fault", "internal/code"}, "what happened is recorded below every domain"},
	{"models/replay", []string{"models", "policies", "internal/fault", "internal/code"}, "kept answers belong to no domain"},
	{"models/backup", []string{"models", "internal/fault", "internal/code"}, "a copy is taken of the database, not of a domain"},
	{"models/jobs", []string{"models/...", "policies", "internal/fault", "internal/code"}, "jobs call the domains"},
	{"models/registry", []string{"models", "models/audit", "models/proof", "policies", "internal/fault", "internal/code", "internal/discharge"}, "the register stands below the other domains"},
	{"models/account", []string{"models", "models/audit", "policies", "internal/fault", "internal/code"}, "accounts know no business data"},
	{"models/files", []string{"models", "models/audit", "models/registry", "policies", "internal/fault", "internal/code", "internal/workbook"}, "files know where they belong"},
	{"models/ledger/screen", []string{"internal/fault", "internal/code"}, "what is odd in a sheet is told without a database"},
	{"models/ledger", []string{"models", "models/audit", "models/proof", "models/registry", "models/files", "models/ledger/screen", "policies", "internal/fault", "internal/code", "internal/discharge"}, "a ledger hangs on the register"},
	{"models/exchange", []string{"models", "models/account", "models/audit", "models/registry", "models/files", "models/ledger", "models/inspection", "models/grade", "policies", "internal/fault", "internal/code"}, "an import goes through the doors of the ledger, the register and the inspection, and is undone while nothing hangs on it"},
	{"models/inspection", []string{"models", "models/audit", "models/registry", "models/files", "policies", "internal/fault", "internal/code"}, "an inspection hangs on the register"},
	{"models/obligation", []string{"models", "models/audit", "models/registry", "models/ledger", "models/inspection", "policies", "internal/rhythm", "internal/fault", "internal/code"}, "what is due follows from the register, the wordings and the entries"},
	{"models/monitoring", []string{"models", "models/audit", "models/registry", "policies", "internal/fault", "internal/code"}, "monitoring hangs on the register"},
	{"models/assessment", []string{"models", "models/audit", "models/registry", "models/ledger", "models/inspection", "models/monitoring", "models/files", "policies", "internal/fault", "internal/code"}, "an assessment judges the other domains"},
	{"models/progress", []string{"models", "models/audit", "models/registry", "models/ledger", "models/inspection", "models/obligation", "models/monitoring", "models/assessment", "policies", "internal/fault", "internal/code"}, "progress counts the other domains"},
	{"models/task", []string{"models", "models/audit", "models/registry", "models/files", "models/assessment", "models/progress", "policies", "internal/fault", "internal/code"}, "a task is judged by what progress counts"},
	{"models/inbox", []string{"models", "models/inspection", "models/ledger", "models/task", "models/assessment", "models/grade", "policies", "internal/fault", "internal/code"}, "an inbox asks the rooms what waits"},
	{"models/export", []string{"models", "models/account", "models/audit", "models/registry", "models/ledger", "models/exchange", "models/obligation", "models/inspection", "models/assessment", "models/grade", "models/progress", "models/task", "policies", "internal/fault", "internal/code"}, "what is taken out is read through the doors of the other rooms"},
	{"models/report", []string{"models", "models/account", "models/audit", "models/registry", "models/ledger", "models/obligation", "models/inspection", "models/assessment", "models/progress", "models/export", "policies", "internal/fault", "internal/code", "internal/discharge"}, "a report puts the answers of the other rooms together, and reads what was judged in its own words"},
	{"models/...", []string{"models", "models/audit", "models/registry", "policies", "internal/fault", "internal/code"}, "a domain knows the kernel and what stands below it"},
	{"sheets", []string{"models/...", "internal/fault", "internal/code", "internal/discharge", "internal/words", "internal/workbook"}, "a codec between cells and the domains' inputs"},
	{"telemetry/hj212", []string{"internal/fault", "internal/code"}, "the codec turns bytes into values and back"},
	{"telemetry", []string{"telemetry/hj212", "models/...", "models", "policies", "internal/fault", "internal/code"}, "an edge imports no other edge"},
	{"seed", []string{"models/...", "models", "policies", "sheets", "internal/fault", "internal/code", "internal/discharge"}, "an edge imports no other edge"},
	{"api", []string{"models/...", "models", "policies", "sheets", "internal/fault", "internal/code", "internal/discharge", "internal/words", "internal/cookie", "internal/logging", "internal/metrics"}, "an edge imports no other edge"},
	{"web", []string{"models/...", "models", "policies", "sheets", "internal/fault", "internal/code", "internal/discharge", "internal/words", "internal/cookie"}, "an edge imports no other edge"},
}

// lib says which rooms may import a library, directly.
type lib struct {
	path   string
	rooms  []string
	reason string
}

var libs = []lib{
	{"gorm.io", []string{"models/...", "bench"}, "rows are reached through models only"},
	{"github.com/jackc/pgx", []string{"models", "models/jobs", "models/backup", "internal/dbtest", "bench"}, "the driver is the kernel's affair"},
	{"modernc.org/sqlite", []string{"models", "models/jobs", "models/backup", "bench"}, "the driver is the kernel's affair"},
	{"database/sql", []string{"models", "models/jobs", "models/backup", "internal/dbtest", "api", "bench", ""}, "SQL is spoken in the kernel; the edge only counts connections"},
	{"database/sql/driver", []string{"models", "internal/code"}, "a value says how it is stored"},
	{"github.com/pressly/goose", []string{"models"}, "migrations run in the kernel"},
	{"github.com/casbin", []string{"policies"}, "casbin decides inside policies"},
	{"github.com/riverqueue", []string{"models/jobs"}, "one room knows the job library (decision 29)"},
	{"golang.org/x/mod", []string{"models/proof"}, "one room knows the log library (decision 29)"},
	{"github.com/gin-gonic", []string{"api", "web"}, "HTTP stays at the edge"},
	{"github.com/danielgtaylor/huma", []string{"api"}, "the document is made by the API"},
	{"net/http", []string{"api", "web", "bench", "internal/cookie", "internal/metrics", ""}, "HTTP stays at the edge"},
	{"github.com/xuri/excelize", []string{"sheets", "bench"}, "one room knows workbooks; the bench reads one without it, to compare"},
	{"github.com/alexedwards/argon2id", []string{"models/account"}, "passwords stay in one room"},
	{"golang.org/x/crypto", []string{"models/account"}, "passwords stay in one room"},
	{"github.com/prometheus", []string{"api", "internal/metrics", ""}, "figures are published at the edge"},
	{"github.com/nicksnyder/go-i18n", []string{"internal/words"}, "one catalogue"},
	{"testing", []string{"internal/dbtest", "internal/golden"}, "the program carries no test helper"},
	{module + "/internal/dbtest", nil, "the program carries no test helper"},
	{module + "/internal/golden", nil, "the program carries no test helper"},
}

// far says what a package stays clear of even through others.
var far = []struct {
	who    string
	never  []string
	reason string
}{
	{"internal/fault", []string{"golang.org", "github.com", "gorm.io"}, "a leaf: standard library only"},
	{"internal/code", []string{"github.com", "gorm.io", "net/http"}, "a leaf: standard library and golang.org/x/text"},
	{"internal/discharge", []string{"gorm.io", "net/http"}, "a leaf: figures and arithmetic"},
	{"policies", []string{"gorm.io", "github.com/gin-gonic", "net/http"}, "decisions know no table and no HTTP"},
	{"models/proof", []string{"gorm.io", "net/http"}, "leaves and proofs are bytes and hashes"},
	{"telemetry/hj212", []string{"gorm.io", "net"}, "the codec turns bytes into values and back"},
	{"sheets", []string{"github.com/gin-gonic", "github.com/danielgtaylor"}, "cells know no HTTP"},
	{"models/...", []string{"github.com/gin-gonic", "github.com/danielgtaylor", "github.com/xuri"}, "domains know no HTTP and no workbook"},
}

// matches reports whether room is named by pattern.
func matches(pattern, room string) bool {
	if pattern == "..." {
		return true
	}
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return room == base || strings.HasPrefix(room, base+"/")
	}
	return pattern == room
}

func within(patterns []string, room string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, room) })
}

// under reports whether an import is the library or a package of it.
func under(lib, imported string) bool {
	return imported == lib || strings.HasPrefix(imported, lib+"/")
}

func TestRooms(t *testing.T) {
	for _, p := range packages(t) {
		i := slices.IndexFunc(rooms, func(r room) bool { return matches(r.who, p.room()) })
		if i < 0 {
			t.Errorf("%s is in no room: say in internal/archtest what it may import and why", p.ImportPath)
			continue
		}
		r := rooms[i]
		for _, imported := range p.Imports {
			ours, ok := strings.CutPrefix(imported, module+"/")
			if ok && !within(r.ours, ours) {
				t.Errorf("%s imports %s\n  rule: %q may import %v of ours\n  reason: %s", p.ImportPath, imported, r.who, r.ours, r.reason)
			}
		}
	}
}

func TestLibraries(t *testing.T) {
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			for _, l := range libs {
				exact := l.path == "database/sql" || l.path == "testing" || l.path == "net/http" // their sub-packages are other things
				if exact && imported != l.path || !under(l.path, imported) {
					continue
				}
				if !within(l.rooms, p.room()) {
					t.Errorf("%s imports %s\n  rule: only %q may\n  reason: %s", p.ImportPath, imported, l.rooms, l.reason)
				}
			}
		}
	}
}

func TestFarImports(t *testing.T) {
	for _, p := range packages(t) {
		for _, f := range far {
			if !matches(f.who, p.room()) {
				continue
			}
			for _, dep := range p.Deps {
				for _, never := range f.never {
					// net alone is meant as the package: net/netip and net/url open nothing.
					if dep == never || never != "net" && under(never, dep) {
						t.Errorf("%s depends on %s\n  rule: %q stays clear of %v\n  reason: %s", p.ImportPath, dep, f.who, f.never, f.reason)
					}
				}
			}
		}
	}
}

// TestRulesMatch: the small language of the tables means what it says.
func TestRulesMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, room string
		want          bool
	}{
		{"models", "models", true}, {"models", "models/registry", false}, {"models/...", "models/registry", true}, {"models/...", "models", true},
		{"models/...", "modelsx", false}, {"...", "api", true}, {"", "", true}, {"", "api", false},
	} {
		if got := matches(c.pattern, c.room); got != c.want {
			t.Errorf("matches(%q, %q) = %v", c.pattern, c.room, got)
		}
	}
	if under("gorm.io", "gorm.iox/a") || !under("gorm.io", "gorm.io/gorm") {
		t.Error("under mixes up libraries")
	}
}

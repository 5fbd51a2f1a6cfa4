package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// longest is how many lines a file may have; past it a second noun is usually hiding in it.
const longest = 500

func TestPackagesSayWhatTheyAreFor(t *testing.T) {
	for _, p := range packages(t) {
		want := "Package " + p.Name + " "
		if p.Name == "main" {
			want = "" // a command says what it does in its own words
		}
		if p.Doc == "" || !strings.HasPrefix(p.Doc, want) {
			t.Errorf("%s has no comment that begins %q: one each, saying what it is for and what it leaves to others", p.ImportPath, want)
		}
	}
}

func TestFilesStayReadable(t *testing.T) {
	for _, p := range packages(t) {
		for _, name := range p.GoFiles {
			raw, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(raw), "\n"); n > longest {
				t.Errorf("%s/%s has %d lines, more than %d: a second noun is hiding in it", p.room(), name, n, longest)
			}
		}
	}
}

// banned is a call that must not stand in the program. A name with a dot is a
// function of a package; one without is a method, whoever has it.
type banned struct {
	call   string
	except map[string]string // room/file → why it may there
	reason string
}

var bans = []banned{
	{"Save", nil, "gorm's Save inserts when its filter meets nothing, so it leaves the scope; Updates with a map"},
	{"FirstOrCreate", nil, "it reads and writes without a condition; ON CONFLICT"},
	{"FirstOrInit", nil, "it hides whether a row was found; models.One"},
	{"Preload", nil, "it is not filtered by the parent's scope; a second read through Visible"},
	{"AutoMigrate", nil, "the schema is what the migrations say"},
	{"Or", nil, "gorm's Or stands beside the scope, not inside it; one Where with both conditions"},
	{"Unscoped", nil, "nothing is left out of a scope"},
	{"os.Getenv", map[string]string{"internal/dbtest/postgres.go": "says where the tests' server is"}, "main alone reads configuration"},
	{"os.LookupEnv", nil, "main alone reads configuration"},
	{"os.Exit", nil, "main alone ends the program"},
	{"time.Now", map[string]string{
		"models/open.go":    "the clock that is used when none is given",
		"api/middleware.go": "how long a request took is read off the machine's clock",
	}, "one injected clock: db.Now, tx.Now, tx.Today"},
	{"log.Fatal", nil, "main alone ends the program"},
	{"fmt.Println", nil, "what is said goes through slog or to a writer that was handed over"},
	{"fmt.Printf", nil, "what is said goes through slog or to a writer that was handed over"},
}

// free are rooms to which the bans do not apply: main and the measuring stick.
var free = []string{"", "bench"}

// ginFiles of api may touch *gin.Context: the frame around the handlers. A handler
// has typed input and output, from which the document is made.
var ginFiles = []string{"api.go", "route.go", "middleware.go", "idempotency.go", "docs.go", "limit.go", "metrics.go"}

func TestBannedCalls(t *testing.T) {
	files := token.NewFileSet()
	used := map[string]bool{}
	for _, p := range packages(t) {
		if within(free, p.room()) {
			continue
		}
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			where := p.room() + "/" + name
			imported := map[string]bool{} // names of packages, so that x.Or(…) of a package is not taken for gorm's
			for _, i := range f.Imports {
				base := strings.Trim(i.Path.Value, `"`)
				imported[base[strings.LastIndex(base, "/")+1:]] = true
			}
			ast.Inspect(f, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				x, plain := sel.X.(*ast.Ident)
				isPackage := plain && imported[x.Name]
				for _, b := range bans {
					pkgName, fn, qualified := strings.Cut(b.call, ".")
					hit := qualified && isPackage && x.Name == pkgName && sel.Sel.Name == fn || !qualified && !isPackage && sel.Sel.Name == b.call
					if !hit {
						continue
					}
					if _, ok := b.except[where]; ok {
						used[b.call+where] = true
						continue
					}
					t.Errorf("%s calls %s\n  reason: %s", files.Position(sel.Pos()), b.call, b.reason)
				}
				if isPackage && x.Name == "gin" && sel.Sel.Name == "Context" && p.room() == "api" && !slices.Contains(ginFiles, name) {
					t.Errorf("%s touches gin.Context\n  reason: a handler has typed input and output; the frame (%v) knows gin", files.Position(sel.Pos()), ginFiles)
				}
				return true
			})
		}
	}
	for _, b := range bans {
		for where, why := range b.except {
			if _, err := os.Stat(filepath.Join("..", "..", where)); err == nil && !used[b.call+where] {
				t.Errorf("%s no longer calls %s (%s): take the exception out", where, b.call, why)
			}
		}
	}
}

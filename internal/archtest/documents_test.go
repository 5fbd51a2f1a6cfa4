package archtest_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// root is the module's folder, seen from this package.
const root = "../.."

// documents are all Markdown files by their path below root.
func documents(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		names, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			below, err := filepath.Rel(root, name)
			if err != nil {
				t.Fatal(err)
			}
			all[filepath.ToSlash(below)] = read(t, below)
		}
	}
	return all
}

func read(t *testing.T, below string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, below))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// sources calls do with every file below root that has one of the endings.
func sources(t *testing.T, do func(below, text string), endings ...string) {
	t.Helper()
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && strings.HasPrefix(d.Name(), ".git") {
			return err
		}
		for _, e := range endings {
			if below, err := filepath.Rel(root, name); err == nil && !d.IsDir() && strings.HasSuffix(name, e) {
				do(filepath.ToSlash(below), read(t, below))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

var (
	ruleID   = regexp.MustCompile(`\bS-[A-Z]{2,3}\d+`)
	decision = regexp.MustCompile(`\bdecisions? (\d+)`)
)

// TestCitedRulesAreExplained: a mark in a comment that no document explains helps nobody.
func TestCitedRulesAreExplained(t *testing.T) {
	security, records := read(t, "docs/security.md"), read(t, "docs/adr/README.md")
	sources(t, func(below, text string) {
		if strings.HasSuffix(below, "documents_test.go") {
			return
		}
		for _, id := range ruleID.FindAllString(text, -1) {
			if !strings.Contains(security, "| "+id+" |") {
				t.Errorf("%s cites %s: explain it in docs/security.md", below, id)
			}
		}
		for _, found := range decision.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(records, "\n| "+found[1]+" |") {
				t.Errorf("%s cites decision %s: explain it in docs/adr/README.md", below, found[1])
			}
		}
	}, ".go", ".sql")
}

func TestRecordsAreListed(t *testing.T) {
	index := read(t, "docs/adr/README.md")
	for name := range documents(t) {
		if dir, file := path.Split(name); dir == "docs/adr/" && file != "README.md" && !strings.Contains(index, "]("+file+")") {
			t.Errorf("docs/adr/README.md does not list %s", file)
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	notWord = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// anchors are the names by which a page's headings can be linked to.
func anchors(text string) map[string]bool {
	all := map[string]bool{}
	for _, h := range heading.FindAllStringSubmatch(text, -1) {
		all[strings.ReplaceAll(notWord.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-")] = true
	}
	return all
}

func TestLinksLeadSomewhere(t *testing.T) {
	all := documents(t)
	for name, text := range all {
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(found[1], "://") {
				continue
			}
			file, anchor, _ := strings.Cut(found[1], "#")
			target := name
			if file != "" {
				target = path.Join(path.Dir(name), file)
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s links to %s, which is not there", name, found[1])
			} else if anchor != "" && !anchors(all[target])[anchor] {
				t.Errorf("%s links to %s, where there is no such heading", name, found[1])
			}
		}
	}
}

var cited = regexp.MustCompile("`((?:api|deploy|docs|internal|models|policies|seed|sheets|tools|web)/[A-Za-z0-9_./*-]+)`")

// TestCitedFilesExist: what a document says to look at is there.
func TestCitedFilesExist(t *testing.T) {
	for name, text := range documents(t) {
		for _, found := range cited.FindAllStringSubmatch(text, -1) {
			if name == "CONTRIBUTING.md" && strings.Contains(found[1], "NNNN") {
				continue // the name of a migration to come
			}
			if there, err := filepath.Glob(filepath.Join(root, found[1])); err != nil || len(there) == 0 {
				t.Errorf("%s names %s, which is not there", name, found[1])
			}
		}
	}
}

var setting = regexp.MustCompile(`env:"([A-Z0-9_]+)(?:,file)?"(?: envDefault:"([^"]*)")?`)

// TestSettingsAreDocumented holds the README's table and the settings to each other.
func TestSettingsAreDocumented(t *testing.T) {
	known := map[string]bool{}
	rows := map[string]string{}
	for line := range strings.Lines(read(t, "README.md")) {
		if name, ok := strings.CutPrefix(line, "| `PARK_"); ok {
			name, _, _ = strings.Cut(name, "`")
			rows[name] = line
		}
	}
	for _, found := range setting.FindAllStringSubmatch(read(t, "internal/config/config.go"), -1) {
		known[found[1]] = true
		row, ok := rows[found[1]]
		if !ok {
			t.Errorf("README.md has no row for PARK_%s", found[1])
		} else if found[2] != "" && !strings.Contains(row, "| `"+found[2]+"` |") {
			t.Errorf("README.md gives PARK_%s another default than %s: %s", found[1], found[2], row)
		}
	}
	if len(known) < 10 {
		t.Fatalf("only %d settings were found in internal/config", len(known))
	}
	for name := range rows {
		if !known[name] {
			t.Errorf("README.md explains PARK_%s, which is no setting", name)
		}
	}
}

package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/policies"
)

// description is the served OpenAPI document, against which every answer of the
// tests is held.
type description struct {
	paths    map[string]map[string]any
	compiler *jsonschema.Compiler
	mu       sync.Mutex
	compiled map[string]*jsonschema.Schema
}

func readDescription(raw []byte) (*description, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	d := &description{paths: map[string]map[string]any{}, compiler: jsonschema.NewCompiler(), compiled: map[string]*jsonschema.Schema{}}
	for path, item := range doc.(map[string]any)["paths"].(map[string]any) {
		d.paths[path] = item.(map[string]any)
	}
	return d, d.compiler.AddResource("mem:///openapi.json", doc)
}

// template finds the path of the document that a concrete path belongs to: the one
// with the fewest places.
func (d *description) template(path string) string {
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	best, fewest := "", 99
	for t := range d.paths {
		want := strings.Split(t, "/")
		places := strings.Count(t, "{")
		ok := len(want) == len(parts) && places < fewest
		for i := range want {
			ok = ok && (strings.HasPrefix(want[i], "{") || want[i] == parts[i])
		}
		if ok {
			best, fewest = t, places
		}
	}
	return best
}

// check reports how an answer departs from the document: an undocumented status or
// media type, or a body that is not of the documented shape.
func (d *description) check(method, path string, a answer) error {
	template := d.template(path)
	op, _ := d.paths[template][strings.ToLower(method)].(map[string]any)
	if op == nil {
		return nil // not an operation: 404 and 405 are answered before any
	}
	response, _ := op["responses"].(map[string]any)[fmt.Sprint(a.status)].(map[string]any)
	if response == nil {
		return fmt.Errorf("%s %s answers %d, which is not documented", method, template, a.status)
	}
	if len(a.raw) == 0 {
		return nil
	}
	media, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	content, _ := response["content"].(map[string]any)
	if content[media] == nil {
		return fmt.Errorf("%s %s answers %d as %s, which is not documented", method, template, a.status, media)
	}
	if media == "text/html" {
		return nil // a page is text to the description
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D")
	at := fmt.Sprintf("mem:///openapi.json#/paths/%s/%s/responses/%d/content/%s/schema", escape.Replace(template), strings.ToLower(method), a.status, escape.Replace(media))
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.compiled[at] == nil {
		s, err := d.compiler.Compile(at)
		if err != nil {
			return err
		}
		d.compiled[at] = s
	}
	if schema, _ := content[media].(map[string]any)["schema"].(map[string]any); schema["format"] == "binary" {
		return nil
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(a.raw))
	if err != nil {
		return fmt.Errorf("%s %s %d: %w", method, template, a.status, err)
	}
	if err := d.compiled[at].Validate(v); err != nil {
		return fmt.Errorf("%s %s %d: %w in %s", method, template, a.status, err, a.raw)
	}
	return nil
}

// TestDescription holds the document complete: every operation names its
// permission, its errors as problems, and a successful answer with a schema.
func TestDescription(t *testing.T) {
	db := openSQLite(t)
	w := newWorld(t, db)
	doc := w.want(w.call("", "GET", "/openapi.json", nil), 200, "the description")
	var d struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]struct {
			OperationID string                                      `json:"operationId"`
			Summary     string                                      `json:"summary"`
			Tags        []string                                    `json:"tags"`
			Permission  string                                      `json:"x-permission"`
			Security    []map[string][]string                       `json:"security"`
			Responses   map[string]struct{ Content map[string]any } `json:"responses"`
			Parameters  []struct{ Name, In string }                 `json:"parameters"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(doc.raw, &d); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(d.OpenAPI, "3.1") {
		t.Errorf("OpenAPI %s, want 3.1", d.OpenAPI)
	}
	known := map[string]bool{}
	for _, p := range policies.Permissions() {
		known[string(p)] = true
	}
	ids := map[string]bool{}
	for path, methods := range d.Paths {
		for method, op := range methods {
			name := strings.ToUpper(method) + " " + path
			if op.OperationID == "" || ids[op.OperationID] || op.Summary == "" || len(op.Tags) == 0 {
				t.Errorf("%s: operation id %q missing or used twice, or no summary or tag", name, op.OperationID)
			}
			ids[op.OperationID] = true
			public := len(op.Security) == 0
			if public != (op.Permission == "") || !public && !known[op.Permission] {
				t.Errorf("%s: permission %q, security %v", name, op.Permission, op.Security)
			}
			success := false
			for status, r := range op.Responses {
				if status[0] == '2' {
					success = true
					continue
				}
				if status == "default" {
					t.Errorf("%s: a default answer says nothing", name)
				} else if r.Content["application/problem+json"] == nil {
					t.Errorf("%s: %s is not a problem", name, status)
				}
			}
			if !success {
				t.Errorf("%s: no successful answer", name)
			}
		}
	}
}

// TestRefusalsOutsideOperations: unknown addresses, methods and broken queries are
// problems too (S-OUT1), and pages of problems exist for every kind answered.
func TestRefusalsOutsideOperations(t *testing.T) {
	w := newWorld(t, openSQLite(t))
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/nothing-here", 404},
		{"PUT", "/parks", 405},
		{"GET", "/parks?limit=2&limit=3", 400},
		{"GET", "/parks?nonsense=1", 400},
		{"GET", "/parks?q=%zz", 400},
		{"GET", "/parks?limit=0", 400},
		{"GET", "/parks?limit=201", 400},
		{"GET", "/parks?cursor=abc", 400},
		{"GET", "/parks?sort=address", 400},
		{"GET", "/parks?q=" + strings.Repeat("a", 9<<10), 400},
		{"GET", "/parks/not-an-id", 404},
	} {
		a := w.call("bureau", c.method, c.path, nil)
		if a.status != c.status || a.header.Get("Content-Type") != "application/problem+json" || a.text("type") == "" || a.text("requestId") == "" {
			t.Errorf("%s %.40s: %d %s", c.method, c.path, a.status, a.raw)
			continue
		}
		page := w.call("", "GET", a.text("type"), nil)
		if page.status != 200 || !strings.Contains(page.header.Get("Content-Type"), "text/html") {
			t.Errorf("%s leads nowhere: %d", a.text("type"), page.status)
		}
	}
	if a := w.call("bureau", "PUT", "/parks", nil); !strings.Contains(a.header.Get("Allow"), "GET") {
		t.Errorf("405 without Allow: %v", a.header)
	}
}

// TestDocsWork: the viewer's page and its files come from the program, and its
// policy allows exactly its own inline script.
func TestDocsWork(t *testing.T) {
	w := newWorld(t, openSQLite(t))
	a := w.want(w.call("", "GET", "/docs/", nil), http.StatusOK, "the viewer")
	policy := a.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "script-src 'self' 'sha256-") || strings.Contains(policy, "https:") {
		t.Errorf("policy of the viewer: %s", policy)
	}
	if strings.Contains(string(a.raw), "//cdn") || strings.Contains(string(a.raw), "https://") && strings.Contains(string(a.raw), "src=\"https://") {
		t.Errorf("the viewer loads from elsewhere: %s", a.raw)
	}
	for _, file := range []string{"/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js"} {
		w.want(w.call("", "GET", file, nil), http.StatusOK, file)
	}
}

func openSQLite(t *testing.T) *models.DB {
	t.Helper()
	db, err := models.Open(t.Context(), models.Config{URL: dbtest.SQLite(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// queryOf are the query parameters of an operation that take a text.
func (d *description) queryOf(method, template string) []string {
	var names []string
	op, _ := d.paths[template][strings.ToLower(method)].(map[string]any)
	parameters, _ := op["parameters"].([]any)
	for _, p := range parameters {
		parameter := p.(map[string]any)
		if schema, _ := parameter["schema"].(map[string]any); parameter["in"] == "query" && schema["type"] == "string" {
			names = append(names, parameter["name"].(string))
		}
	}
	return names
}

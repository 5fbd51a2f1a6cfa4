// Package web is the HTML edge: pages and prints for people, from templates, styles
// and scripts that are part of the program. It holds no rule and no query; what a
// page shows was read by a domain's service under the reader's own rights.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"

	"github.com/gin-gonic/gin"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
)

//go:embed templates/*.html static/*
var embedded embed.FS

// Options is what the pages need from the program.
type Options struct {
	Public string // where people reach the program, such as https://park.example; "" when nobody said
	Key    string // public key of the log's signatures
}

// Pages are the pages, ready to serve.
type Pages struct {
	options   Options
	templates map[words.Lang]*template.Template
	assets    map[string]asset // by their address
	base      string           // the text of base.css
	verifier  verifier
}

// asset is a file whose name tells its content, so that it may be kept for ever.
type asset struct {
	kind    string
	content []byte
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
	return p, p.prepareVerifier()
}

// speech are the functions of the templates: what is said, in one language.
func speech(lang words.Lang) template.FuncMap {
	return template.FuncMap{
		"t":   func(key string, args ...any) string { return words.Render(lang, fault.T(key, args...)) },
		"say": func(t fault.Text) string { return words.Render(lang, t) },
	}
}

func static(name string) (string, error) {
	b, err := embedded.ReadFile("static/" + name)
	return string(b), err
}

// keep makes an asset of the content and gives its address.
func (p *Pages) keep(name, ending, kind, content string) string {
	sum := sha256.Sum256([]byte(content))
	address := "/static/" + name + "." + hex.EncodeToString(sum[:6]) + ending
	p.assets[address] = asset{kind, []byte(content)}
	return address
}

// line is one address that the pages serve by GET.
type line struct {
	path  string
	serve gin.HandlerFunc
}

// table is every address of the pages, one line each. All are public: they hold
// nothing of anybody. A page with rows is answered by the route of its rows
// (docs/adr/0020-receipt-on-paper.md).
func (p *Pages) table() []line {
	return []line{
		{"/verify", func(c *gin.Context) { c.Redirect(http.StatusFound, "/verify/") }},
		{"/verify/", p.verify},
		{"/verify/offline.html", p.verifyOffline},
		{"/static/:file", p.asset},
	}
}

// Mount adds the pages to the engine; whatever it does with every request it does
// with these too.
func (p *Pages) Mount(engine *gin.Engine) {
	for _, l := range p.table() {
		engine.GET(l.path, l.serve)
	}
}

// Paths are the addresses that Mount serves.
func (p *Pages) Paths() []string {
	var all []string
	for _, l := range p.table() {
		all = append(all, l.path)
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

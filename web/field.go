package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/policies"
)

// field is the part of the pages that a phone keeps for days without a network
// (docs/adr/0035-patrol-without-a-network.md). What it keeps of the program is the same
// for everybody and holds nothing of anybody.
type field struct {
	style, script           string            // addresses
	deskStyle, importScript string            // of what is done at a desk
	worker                  string            // the service worker
	icons                   map[string][]byte // PNG by the end of their address
}

// fieldScripts are the modules, each after those that it imports.
var fieldScripts = []string{"field-store", "field-net", "field-setup", "field-send", "field-export", "field-limits", "field-camera", "field-walk", "field-point", "field-outbox", "field", "field-import"}

func (p *Pages) prepareField() error {
	own, err := static("field.css")
	if err != nil {
		return err
	}
	pages, err := static("pages.css")
	if err != nil {
		return err
	}
	desk, err := static("field-desk.css")
	if err != nil {
		return err
	}
	f := field{deskStyle: p.keep("field-desk", ".css", "text/css; charset=utf-8", p.base+pages+desk), style: p.keep("field", ".css", "text/css; charset=utf-8", p.base+own), icons: map[string][]byte{}}
	kept := []string{"/m/shell/zh", "/m/shell/en", f.style}
	addresses := map[string]string{}
	for _, name := range fieldScripts {
		text, err := static(name + ".js")
		if err != nil {
			return err
		}
		for module, address := range addresses {
			text = strings.ReplaceAll(text, `"./`+module+`.js"`, `"`+address+`"`)
		}
		addresses[name] = p.keep(name, ".js", "text/javascript; charset=utf-8", text)
	}
	f.script, f.importScript = addresses["field"], addresses["field-import"]
	for _, name := range fieldScripts {
		if name != "field-import" { // done at a desk
			kept = append(kept, addresses[name])
		}
	}
	worker, err := static("field-worker.js")
	if err != nil {
		return err
	}
	list, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	f.worker = strings.Replace(worker, "KEPT", string(list), 1)
	for name, size := range map[string]int{"icon-180.png": 180, "icon-512.png": 512} {
		if f.icons[name], err = icon(size); err != nil {
			return err
		}
	}
	p.field = f
	shells, err := p.shells()
	if err != nil {
		return err
	}
	// Another release, other words: another cache.
	p.field.worker = strings.Replace(p.field.worker, "NAMED", "field-"+digest([]byte(p.field.worker+shells)), 1)
	return nil
}

// shells are the pages in both languages, for what they come to.
func (p *Pages) shells() (string, error) {
	var all strings.Builder
	for _, lang := range []words.Lang{words.Chinese, words.English} {
		b, err := p.render(lang, "field.html", p.fieldPage(lang))
		if err != nil {
			return "", err
		}
		all.Write(b)
	}
	return all.String(), nil
}

// fieldPage is what templates/field.html shows.
type fieldPage struct {
	Lang          words.Lang
	Style, Script string
	Size          string // class of the size of the text
	Demo          bool
	Other         otherLanguage
	Back          string      // the page before this one
	Online        *onlinePage // what the server shows of the visitor's; nil in what a phone keeps
}

func (p *Pages) fieldPage(lang words.Lang) fieldPage {
	return fieldPage{Lang: lang, Style: p.field.style, Script: p.field.script, Demo: p.options.Demo, Other: otherThan(lang), Back: "/m/"}
}

// fieldKept is the same page for the service worker to keep, in the language of its
// address: it does not change the one that the reader chose.
func (p *Pages) fieldKept(c *gin.Context) {
	lang, ok := words.Named(c.Param("lang"))
	if !ok {
		c.Status(http.StatusNotFound)
		return
	}
	b, err := p.render(lang, "field.html", p.fieldPage(lang))
	if err != nil {
		_ = c.Error(err)
		panic(err) // a template of ours: the engine answers and logs it as a defect
	}
	c.Header("Content-Security-Policy", pagePolicy)
	c.Header("Cache-Control", "no-cache")
	sendOpen(c, b, "Accept-Encoding")
}

// fieldWorker is the service worker. It stands at the root so that both scopes are
// below it; it is registered for these and no more.
func (p *Pages) fieldWorker(c *gin.Context) {
	c.Header("Content-Security-Policy", "default-src 'none'; connect-src 'self'")
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusOK, "text/javascript; charset=utf-8", []byte(p.field.worker))
}

// fieldManifest makes the pages installable.
func (p *Pages) fieldManifest(c *gin.Context) {
	lang, ok := words.Named(c.Query("lang"))
	if !ok {
		lang = words.Chinese
	}
	say := func(t fault.Text) string { return words.Render(lang, t) }
	type picture struct {
		Src   string `json:"src"`
		Sizes string `json:"sizes"`
		Type  string `json:"type"`
	}
	b, err := json.Marshal(map[string]any{"name": say(fault.T("园区现场巡查")), "short_name": say(fault.T("现场巡查")), "lang": lang, "id": "/m/", "start_url": "/m/", "scope": "/", "display": "standalone",
		"background_color": "#0A3540", "theme_color": "#0A3540",
		"icons": []picture{{"/m/icon-180.png", "180x180", "image/png"}, {"/m/icon-512.png", "512x512", "image/png"}}})
	if err != nil {
		panic(err) // strings always encode
	}
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusOK, "application/manifest+json; charset=utf-8", b)
}

func (p *Pages) fieldIcon(c *gin.Context) {
	b, ok := p.field.icons[strings.TrimPrefix(c.Request.URL.Path, "/m/")]
	if !ok {
		c.Status(http.StatusNotFound)
		return
	}
	c.Header("Cache-Control", "public, max-age=86400")
	c.Data(http.StatusOK, "image/png", b)
}

// icon is the mark of the program on its own ground, a square of size pixels.
func icon(size int) ([]byte, error) {
	m := image.NewRGBA(image.Rect(0, 0, size, size))
	fill := func(x, y, w, h float64, c color.Color) {
		at := func(v float64) int { return int(v * float64(size)) }
		draw.Draw(m, image.Rect(at(x), at(y), at(x+w), at(y+h)), image.NewUniform(c), image.Point{}, draw.Src)
	}
	fill(0, 0, 1, 1, color.RGBA{0x0A, 0x35, 0x40, 255})
	for i, c := range []color.Color{color.White, color.RGBA{0xBB, 0xC6, 0xC9, 255}, color.RGBA{0x78, 0x90, 0x96, 255}, color.RGBA{0x78, 0x90, 0x96, 255}, color.White, color.RGBA{0xF0, 0xB4, 0x29, 255}} {
		fill(.2+float64(i%3)*.21, .28+float64(i/3)*.24, .18, .2, c)
	}
	var b bytes.Buffer
	err := png.Encode(&b, m)
	return b.Bytes(), err
}

// bringPage is what templates/bringwalks.html shows.
type bringPage struct {
	Shell  shell
	Script string
}

// bringWalks is where a desk brings what a phone has exported.
func (p *Pages) bringWalks(v *visit) error {
	page := bringPage{Shell: p.shell(v, fault.T("导入手机上的巡查")), Script: p.field.importScript}
	page.Shell.Style = p.field.deskStyle
	return p.show(v, http.StatusOK, "bringwalks.html", page)
}

// fieldSession tells the script who is signed in, and what vouches for its requests.
func (p *Pages) fieldSession(v *visit) error {
	return p.json(v, map[string]any{"id": v.who.User.ID, "username": v.who.User.Username, "name": v.who.User.DisplayName, "form": v.token(),
		"size": sizeOf(v), "may": slices.Contains(v.can, policies.PatrolRecord) && slices.Contains(v.can, policies.PatrolCreate)})
}

// fieldKey hands out the second key to what this device keeps for the visitor.
func (p *Pages) fieldKey(v *visit) error {
	key, err := p.options.Accounts.StoreKey(v.ctx, v.field("salt"))
	if err != nil {
		return err
	}
	return p.json(v, map[string]any{"key": key})
}

func (p *Pages) json(v *visit, answer any) error {
	b, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("encode for the field: %w", err)
	}
	v.c.Data(http.StatusOK, "application/json", b)
	return nil
}

package web_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	devtools "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// person is somebody at a browser whose work is counted: every click, every field that is
// filled in, and how long the program took to have each page there.
type person struct {
	*tab
	*world
	t      *testing.T
	way    way
	folder string // where downloads go
	clicks int
	fields int
	waited float64 // ms
}

// way is how a browser is set.
type way struct {
	script bool
	width  int64
	lang   string
}

func (w way) String() string {
	return fmt.Sprintf("%s, %d px, %s", map[bool]string{true: "script", false: "no script"}[w.script], w.width, w.lang)
}

// sits opens a browser for somebody who works in many ways.
func sits(t *testing.T, w *world) *person {
	t.Helper()
	p := &person{tab: newTab(t), world: w, t: t, folder: t.TempDir()}
	_, err := chromedp.Call(p.ctx, devtools.SetDownloadBehavior, devtools.SetDownloadBehaviorParams{Behavior: devtools.SetDownloadBehaviorBehaviorAllow, DownloadPath: p.folder})
	must(t, err)
	_, err = chromedp.Call(p.ctx, devtools.SetPermission, devtools.SetPermissionParams{Permission: &devtools.PermissionDescriptor{Name: "geolocation"}, Setting: devtools.PermissionSettingGranted, Origin: w.server.URL})
	must(t, err)
	_, err = chromedp.Call(p.ctx, emulation.SetGeolocationOverride, emulation.SetGeolocationOverrideParams{Latitude: new(22.757), Longitude: new(113.861), Accuracy: new(8.0)})
	must(t, err)
	return p
}

// under works as a part of a test.
func (p *person) under(t *testing.T) { p.t, p.tab.t, p.world.t = t, t, t }

// enters signs in and stands where work begins; nothing of it is counted.
func (p *person) enters(name string, by way) {
	p.t.Helper()
	p.way = by
	p.do(chromedp.EmulateViewport(by.width, 900))
	for _, err := range []error{
		called(chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !by.script})),
		called(chromedp.Call(p.ctx, network.ClearBrowserCookies, cdp.Empty{})),
	} {
		must(p.t, err)
	}
	p.do(chromedp.Navigate(p.server.URL+"/login?lang="+by.lang), chromedp.SendKeys("#username", name), chromedp.SendKeys("#password", password), chromedp.Submit("form"))
	p.await(`!!document.querySelector("form[action='/logout']")`)
}

func called[T any](_ T, err error) error { return err }

// begins a job: at home, with nothing counted yet.
func (p *person) begins() {
	p.t.Helper()
	p.do(chromedp.Navigate(p.server.URL + "/"))
	p.clicks, p.fields, p.waited = 0, 0, 0
}

// click is a click by the mouse at what can be seen.
func (p *person) click(selector string) {
	p.t.Helper()
	p.clicks++
	p.seen(selector)
	p.do(chromedp.Click(selector))
}

// seen fails where a person would look in vain.
func (p *person) seen(selector string) {
	p.t.Helper()
	if !js[bool](p.tab, fmt.Sprintf(`(() => { const e = document.querySelector(%q); return !!e && e.checkVisibility() && getComputedStyle(e).visibility === "visible" && e.getClientRects().length > 0 })()`, selector)) {
		p.t.Fatalf("nobody sees %s on %s:\n%s", selector, js[string](p.tab, `location.pathname + location.search`), js[string](p.tab, `document.querySelector("main,body").innerText.slice(0, 1500)`))
	}
}

// goes is a click that leads to another page.
func (p *person) goes(selector string) {
	p.t.Helper()
	js[bool](p.tab, `window.left = true`)
	p.click(selector)
	p.await(`!window.left && document.readyState === "complete" && performance.getEntriesByType("navigation")[0].loadEventEnd > 0`)
	p.waited += js[float64](p.tab, `performance.getEntriesByType("navigation")[0].loadEventEnd`)
	if said := js[string](p.tab, `document.querySelector("[role=alert]")?.innerText ?? ""`); said != "" {
		p.t.Fatalf("%s leads to %s, which says: %s", selector, js[string](p.tab, `location.pathname`), said)
	}
}

// menu goes by the menu.
func (p *person) menu(path string) {
	p.t.Helper()
	p.goes(`nav.side a[href="` + path + `"]`)
}

// opens a part of the page that is folded, if it is.
func (p *person) opens(part string) {
	p.t.Helper()
	if !js[bool](p.tab, fmt.Sprintf(`document.querySelector(%q).parentElement.open`, part)) {
		p.click(part)
	}
}

// filters shows the conditions, which a narrow window folds away.
func (p *person) filters() {
	p.t.Helper()
	if p.way.width < 500 {
		p.click(`label[for=f-show]`)
	}
}

// types fills a field in.
func (p *person) types(selector, text string) {
	p.t.Helper()
	p.fields++
	p.seen(selector)
	js[bool](p.tab, fmt.Sprintf(`document.querySelector(%q).value = "", true`, selector))
	p.do(chromedp.SendKeys(selector, text))
}

// sets chooses from a list, or a date or time by its picker, which no test can click.
func (p *person) sets(selector, value string) {
	p.t.Helper()
	p.fields++
	p.seen(selector)
	if !js[bool](p.tab, fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.value = %q; e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})); return e.value === %q })()`, selector, value, value)) {
		p.t.Fatalf("%s does not take %q", selector, value)
	}
}

// first is the first value that a list offers.
func (p *person) first(selector string) string {
	p.t.Helper()
	return js[string](p.tab, fmt.Sprintf(`[...document.querySelector(%q).options].map(o => o.value).find(v => v) ?? ""`, selector))
}

// brings chooses a file in the dialog of the system.
func (p *person) brings(selector, file string) {
	p.t.Helper()
	p.fields++
	p.seen(selector)
	p.do(chromedp.SetUploadFiles(selector, []string{file}))
}

// book is a click that brings a workbook, which is there as a whole in the end.
func (p *person) book(selector string) {
	p.t.Helper()
	p.click(selector)
	for range 3000 {
		for _, name := range p.there() {
			raw, err := os.ReadFile(filepath.Join(p.folder, name))
			if err == nil && strings.HasSuffix(name, ".xlsx") && strings.HasPrefix(string(raw), "PK") {
				must(p.t, os.Remove(filepath.Join(p.folder, name))) // the next may have the same name
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	p.t.Fatalf("%s brings no workbook but %q", selector, p.there())
}

func (p *person) there() (all []string) {
	entries, err := os.ReadDir(p.folder)
	must(p.t, err)
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// says fails unless the page has the element.
func (p *person) says(selector string) {
	p.t.Helper()
	if !js[bool](p.tab, fmt.Sprintf(`!!document.querySelector(%q)`, selector)) {
		p.t.Fatalf("%s has no %s:\n%s", js[string](p.tab, `location.pathname + location.search`), selector, js[string](p.tab, `document.body.innerText.slice(0, 2000)`))
	}
}

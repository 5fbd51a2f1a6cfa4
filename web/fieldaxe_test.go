package web_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"

	"parkregistry/policies"
)

// TestFieldAccessible: axe-core finds no violation on any page of the patrol, by its script
// and by the forms that stand where none runs, in both languages.
func TestFieldAccessible(t *testing.T) {
	source := axe(t)
	w := newWorld(t)
	w.account("baoan", policies.DistrictInspector, "baoan")
	var scripts atomic.Bool
	w.server.Config.Handler = http.HandlerFunc(func(a http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".js") && !scripts.Load() {
			http.NotFound(a, r)
			return
		}
		w.engine.ServeHTTP(a, r)
	})
	b, end := phone(t, w, t.TempDir())
	defer end()
	audit := func(what string) {
		t.Helper()
		for _, v := range b.audited(source) {
			t.Errorf("%s: %s (%s) %s: %+v", what, v.ID, v.Impact, v.Help, v.Nodes)
		}
	}
	point := string(w.BaoanA.Facility.ID)
	// Where no script comes, there are forms.
	b.do(chromedp.Navigate(w.server.URL+"/login?next=/m/"), chromedp.SendKeys("#username", "baoan"), chromedp.SendKeys("#password", password), chromedp.Submit("form"))
	b.await(`!!document.querySelector('a[href^="/m/park/"]')`)
	b.forget()
	for _, lang := range []string{"en", "zh"} {
		b.do(chromedp.Navigate(w.server.URL + "/m/?lang=" + lang))
		audit("the forms, home in " + lang)
		b.do(chromedp.Navigate(w.server.URL + "/m/park/" + string(w.BaoanA.Park.ID)))
		audit("the forms, a park in " + lang)
		b.do(chromedp.Click("form .btn-p"))
		b.await(`/^\/m\/patrol\/[^/]+$/.test(location.pathname) && document.readyState === "complete"`)
		audit("the forms, a patrol in " + lang)
		b.do(chromedp.Navigate(w.server.URL + js[string](b, `location.pathname`) + "/" + point))
		js[bool](b, `document.querySelectorAll("details").forEach(d => { d.open = true }), true`)
		audit("the forms, a point in " + lang)
	}
	scripts.Store(true)
	for i, lang := range []string{"en", "zh"} {
		b.do(chromedp.Navigate(w.server.URL + "/m/?lang=" + lang))
		if i == 0 {
			b.await(`!!document.querySelector("#p1")`)
			audit("a first passphrase")
			b.do(chromedp.SendKeys("#p1", phrase), chromedp.SendKeys("#p2", phrase), chromedp.Click("form button"))
		} else {
			b.await(`!!document.querySelector("#u")`)
			audit("the passphrase")
			b.unlock("baoan", phrase)
		}
		b.await(`!!document.querySelector('a[href^="/m/park/"]')`)
		audit("home in " + lang)
		b.tap(`a[href="/m/park/` + string(w.BaoanA.Park.ID) + `"]`)
		b.await(`!!document.querySelector("#kind")`)
		audit("a park in " + lang)
		b.tap("form[data-on=begin] .btn")
		b.await(`/^\/m\/patrol\//.test(location.pathname) && !!document.querySelector(".mact")`)
		js[bool](b, `document.querySelectorAll("details").forEach(d => { d.open = true }), true`)
		audit("a patrol in " + lang)
		b.tap(`.mlist a[href$="` + point + `"]`)
		b.await(`!!document.querySelector("#q-T2")`)
		b.tap(`#q-T2 .n`)
		b.await(`!document.querySelector("#q-T2 [name=text]").closest(".sub").hidden`)
		b.do(chromedp.SetUploadFiles(`.mcard > .shots .add input`, []string{picture(t, t.TempDir(), i+1)}))
		b.await(`document.querySelectorAll(".shots figure").length === 1`)
		js[bool](b, `document.querySelector("details summary").click(), true`)
		audit("a point in " + lang)
		b.do(chromedp.SendKeys(`#q-T2 [name=text]`, "一根软管接向雨水沟\t"))
		b.tap(`.mact .btn:first-child`)
		b.await(`!!document.querySelector("[data-do=end]")`)
		b.tap(`[data-do=end]`)
		b.await(`location.pathname === "/m/outbox" && !!document.querySelector(".mlist .due")`)
		audit("the outbox in " + lang)
	}
	if found := js[string](b, `document.documentElement.lang`); !strings.HasPrefix(found, "zh") {
		t.Errorf("the last was in %q", found)
	}
}

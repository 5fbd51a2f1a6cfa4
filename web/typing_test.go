package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestTyping: with its script the form goes down by Enter but not while an input method
// composes, takes a column, keeps a draft by itself, and leaves nothing on the console.
func TestTyping(t *testing.T) {
	b, w := newTab(t), newWorld(t)
	b.do(chromedp.Navigate(w.server.URL+"/login"), chromedp.SendKeys("#username", "park-a"), chromedp.SendKeys("#password", password), chromedp.Submit("form"))
	b.await(`!!document.querySelector("form[action='/logout']")`)
	b.do(chromedp.Navigate(w.server.URL + "/p/ledger/new/treatmentFacility.wastewater?facility=" + string(w.BaoanA.Facility.ID) + "&date=2026-01-03"))
	b.await(`!!document.getElementById("ledger")`)
	focused := func() string { return js[string](b, `document.activeElement.name`) }
	b.do(chromedp.SendKeys(`[name="/inflow"]`, "412.5"+kb.Enter))
	if got := focused(); got != "/treated" {
		t.Errorf("Enter leads to %q", got)
	}
	b.do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierShift)))
	if got := focused(); got != "/inflow" {
		t.Errorf("Shift and Enter lead to %q", got)
	}
	js[bool](b, `document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", isComposing: true, bubbles: true, cancelable: true}))`)
	if got := focused(); got != "/inflow" {
		t.Errorf("Enter of an input method leads to %q", got)
	}
	b.await(`/\/ledger\/[^/]+\/edit$/.test(location.pathname)`) // leaving a field has kept it
	b.await(`document.getElementById("saved").textContent.startsWith("草稿已保存")`)
	paste := func(name, text string) {
		js[bool](b, `(() => { const d = new DataTransfer(); d.setData("text/plain", `+"`"+text+"`"+`); const f = document.querySelector('[name="`+name+`"]'); f.focus();
			return f.dispatchEvent(new ClipboardEvent("paste", {clipboardData: d, bubbles: true, cancelable: true})) })()`)
	}
	paste("/readings/0/value", "31.5\r\n<0.05\r\n7\r\n8\r\n")
	if got := js[string](b, `[0, 1, 2].map(n => document.querySelector('[name="/readings/' + n + '/value"]').value).join(" ")`); got != "31.5 <0.05 7" {
		t.Errorf("a column pastes as %q", got)
	}
	if got := js[string](b, `document.getElementById("saved").textContent`); got != "已填 3 格，1 格放不下" {
		t.Errorf("of the column it says %q", got)
	}
	b.do(chromedp.SendKeys(`[name="/readings/2/pollutant"]`, "总磷"), chromedp.SendKeys(`[name="/treated"]`, "400"))
	b.do(chromedp.KeyEvent("s", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.await(`[...document.querySelectorAll("tbody th")].some(e => e.textContent.includes("总磷"))`)
	saved := w.browser().signIn("park-a").get(js[string](b, `location.pathname`))
	if saved.status != http.StatusOK || !strings.Contains(saved.text, `value="31.5"`) || !strings.Contains(saved.text, `value="400"`) {
		t.Errorf("the server keeps something else: %d", saved.status)
	}
	// The clock of the page is in the test's hand: what is typed and not left is kept at its next beat.
	_, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `window.setInterval = (beat, every) => { window.beat = beat; window.every = every }`})
	must(t, err)
	b.do(chromedp.Reload())
	b.await(`window.every > 0`)
	if every := js[int](b, `window.every`); every != 20_000 {
		t.Errorf("a draft is kept every %d ms", every)
	}
	js[bool](b, `(() => { const f = document.querySelector('[name="/treated"]'); f.focus(); f.value = "405.5"; return f.dispatchEvent(new Event("input", {bubbles: true})) })()`)
	if got := js[string](b, `document.getElementById("saved").textContent`); !strings.Contains(got, "未保存") {
		t.Errorf("of what is typed and not kept it says %q", got)
	}
	js[bool](b, `(window.beat(), true)`)
	b.await(`document.getElementById("saved").textContent.startsWith("草稿已保存")`)
	if kept := w.browser().signIn("park-a").get(js[string](b, `location.pathname`)); !strings.Contains(kept.text, `value="405.5"`) {
		t.Errorf("the beat kept something else: %d", kept.status)
	}
	// A correction is kept too, from when it says why, and its reason with it.
	b.do(chromedp.Navigate(w.server.URL + "/ledger/" + string(w.entry) + "/amend"))
	b.asksOf()
	b.do(chromedp.SendKeys(`[name="/sludgeQuantity"]`, "3"+kb.Tab))
	b.do(chromedp.SendKeys(`[name=reason]`, "磅单上看错了一位"+kb.Tab))
	b.await(`/\/edit$/.test(location.pathname) && !location.pathname.includes("` + string(w.entry) + `")`)
	b.await(`document.getElementById("saved").textContent.startsWith("草稿已保存")`)
	if asks := b.asksOf(); len(asks) != 1 { // not before it said why
		t.Errorf("keeping a correction asks for %q", asks)
	}
	b.do(chromedp.SendKeys(`[name=reason]`, "，已经核对"+kb.Tab))
	b.await(`document.getElementById("saved").textContent.startsWith("草稿已保存")`)
	b.do(chromedp.Reload())
	if got := js[string](b, `document.querySelector("[name=reason]").value`); got != "磅单上看错了一位，已经核对" {
		t.Errorf("the reason is kept as %q", got)
	}
	b.requests()
}

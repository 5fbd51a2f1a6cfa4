package web_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/xuri/excelize/v2"

	"parkregistry/models"
	"parkregistry/policies"
)

// numberOf is the number of an entry.
func (w *world) numberOf(id models.ID) string {
	w.t.Helper()
	return regexp.MustCompile(`LG-\d{4}-\d{6}`).FindString(string(w.send("GET", "/api/v1/ledgers/"+string(id), "").raw))
}

const january = "?from=2026-01-01&lang=zh"

// TestChosen: entries that are ticked in the list are taken out, given back and printed,
// these and no others; each return is its own decision, and every row is told its answer.
func TestChosen(t *testing.T) {
	w := newWorld(t)
	w.account("baoan", policies.DistrictInspector, "baoan")
	w.account("analyst", policies.BureauAnalyst, "")
	w.account("auditor", policies.Auditor, "")
	second, third := w.fileShift("中班"), w.fileShift("晚班")
	one, two, three := w.numberOf(w.entry), w.numberOf(second), w.numberOf(third)
	baoan := w.browser().signIn("baoan")
	list := baoan.get("/d/ledger" + january)
	sent := func(fields ...string) url.Values {
		form := url.Values{"form": {list.form(t)}, "number": {""}}
		for i := 0; i < len(fields); i += 2 {
			form.Add(fields[i], fields[i+1])
		}
		return form
	}

	t.Run("who may what", func(t *testing.T) {
		for who, c := range map[string]struct {
			path  string
			shows map[string]bool
		}{
			"baoan":   {"/d/ledger", map[string]bool{"导出所选": true, "退回更正": true, "打印所选": true}},
			"analyst": {"/c/ledger", map[string]bool{"导出所选": true, "退回更正": false, "打印所选": true}},
			"auditor": {"/c/ledger", map[string]bool{"退回更正": false, "打印所选": true}},
		} {
			page := w.browser().signIn(who).get(c.path + january)
			if n := strings.Count(page.text, `<input type="checkbox" name="number"`); n != 3 {
				t.Errorf("%s can tick %d entries", who, n)
			}
			for button, want := range c.shows {
				if got := strings.Contains(page.text, ">"+button+"</button>"); got != want {
					t.Errorf("%s: %s shows %v, want %v", who, button, got, want)
				}
			}
		}
		b := w.browser().signIn("analyst")
		form := url.Values{"form": {b.get("/c/ledger" + january).form(t)}, "number": {one}, "version-" + one: {"2"}, "reason": {"读数与单据不符"}, "do": {"return"}}
		if got := b.send("POST", "/ledgers/return", form); got.status != http.StatusForbidden {
			t.Errorf("who only reads gives entries back: %d", got.status)
		}
	})

	t.Run("taken out", func(t *testing.T) {
		got := baoan.send("POST", "/export/ledgers", sent("format", "xlsx", "number", one, "number", three))
		book, err := excelize.OpenReader(strings.NewReader(got.text))
		if err != nil {
			t.Fatalf("%d %v", got.status, err)
		}
		rows, err := book.GetRows(book.GetSheetName(0))
		must(t, err)
		all := fmt.Sprint(rows)
		if len(rows) != 3 || !strings.Contains(all, one) || !strings.Contains(all, three) || strings.Contains(all, two) {
			t.Errorf("taken out are %v", rows)
		}
		if got := w.send("GET", "/api/v1/ledgers?number="+one+","+three, ""); got.status != http.StatusOK || bytes.Count(got.raw, []byte(`"number":`)) != 2 || bytes.Contains(got.raw, []byte(two)) {
			t.Errorf("the API gives %s", got.raw)
		}
		if got := w.send("GET", "/api/v1/ledgers?number=LG-x", ""); got.status != http.StatusBadRequest || !bytes.Contains(got.raw, []byte("/query/number")) {
			t.Errorf("what is no number: %d %s", got.status, got.raw)
		}
		for name, form := range map[string]url.Values{"nothing is ticked": sent("format", "xlsx"), "what is no number": sent("format", "xlsx", "number", "FD-2026-000001")} {
			if got := baoan.send("POST", "/export/ledgers", form); got.status != 422 && got.status != 400 {
				t.Errorf("%s: %d %s", name, got.status, got.header)
			}
		}
	})

	t.Run("printed", func(t *testing.T) {
		got := baoan.send("POST", "/ledgers/print", sent("number", two))
		for _, said := range []string{two, "412.50", "示例处置公司 &lt;b&gt;", "操作人 baoan"} {
			if got.status != http.StatusOK || !strings.Contains(got.text, said) {
				t.Errorf("the print does not say %q: %d", said, got.status)
			}
		}
		if strings.Contains(got.text, one) {
			t.Error("what was not ticked is printed")
		}
		if got := baoan.send("POST", "/ledgers/print", sent()); got.status != 422 || !strings.Contains(got.text, "还没有勾选") {
			t.Errorf("nothing is printed with %d", got.status)
		}
	})

	t.Run("given back", func(t *testing.T) {
		asked := baoan.send("POST", "/ledgers/return", sent("number", one, "number", two, "number", three, "number", "LG-2026-999999"))
		if asked.status != http.StatusOK || strings.Count(asked.text, "可以退回") != 3 || !strings.Contains(asked.text, "LG-2026-999999") {
			t.Fatalf("the form: %d\n%s", asked.status, asked.text)
		}
		form := url.Values{"form": {asked.form(t)}, "do": {"return"}, "reason": {"错 <"}, "number": {one, two}}
		for _, n := range []string{one, two} {
			form.Set("version-"+n, regexp.MustCompile(`name="version-` + n + `" value="(\d+)"`).FindStringSubmatch(asked.text)[1])
		}
		if got := baoan.send("POST", "/ledgers/return", form); got.status != 422 || !strings.Contains(got.text, `href="#reason"`) || !strings.Contains(got.text, ">错 &lt;</textarea>") ||
			strings.Count(got.text, "checked") != 2 || !strings.Contains(got.text, "<title>错误：") {
			t.Errorf("too short a reason: %d\n%s", got.status, got.text)
		}
		if got := w.send("GET", "/api/v1/ledgers/"+string(w.entry), ""); !strings.Contains(string(got.raw), `"state":"filed"`) {
			t.Errorf("a refused form moved the entry: %s", got.raw)
		}
		form.Set("reason", "读数与单据不符")
		form.Set("version-"+two, "99") // somebody else was there in between
		form.Add("number", three)      // no version
		got := baoan.send("POST", "/ledgers/return", form)
		if got.status != http.StatusOK || !strings.Contains(got.text, "已退回 1 条，共 3 条") || strings.Count(got.text, "没有退回</b>") != 2 {
			t.Errorf("the answers: %d\n%s", got.status, got.text)
		}
		for id, state := range map[models.ID]string{w.entry: "returned", second: "filed", third: "filed"} {
			if got := w.send("GET", "/api/v1/ledgers/"+string(id), ""); !strings.Contains(string(got.raw), `"state":"`+state+`"`) {
				t.Errorf("it is not %s: %s", state, got.raw)
			}
		}
		if again := baoan.send("POST", "/ledgers/return", form); again.status != http.StatusConflict || strings.Count(again.text, "没有退回</b>") != 3 {
			t.Errorf("the same again: %d", again.status)
		}
		if got := baoan.send("POST", "/ledgers/return", sent("number", one)); !strings.Contains(got.text, "勾选的记录都不能退回") || strings.Contains(got.text, "<textarea") {
			t.Errorf("nothing can be given back: %s", got.text)
		}
	})
}

// TestTicks: with script the bar stands only while something is ticked and says how much;
// all of the page is ticked at once; a phone reaches each tick with a thumb. axe-core finds
// nothing on the bar, on the form of the returns and on the print.
func TestTicks(t *testing.T) {
	b, w := newTab(t), newWorld(t)
	w.account("baoan", policies.DistrictInspector, "baoan")
	w.fileShift("中班")
	b.do(chromedp.EmulateViewport(1440, 900), chromedp.Navigate(w.server.URL+"/login"), chromedp.SendKeys("#username", "baoan"), chromedp.SendKeys("#password", password), chromedp.Submit("form"))
	b.await(`!!document.querySelector("form[action='/logout']")`)
	open := func() {
		b.do(chromedp.Navigate(w.server.URL + "/d/ledger" + january))
		b.await(`document.querySelector(".picked").hidden`)
	}
	open()
	b.do(chromedp.Click("tbody tr:nth-child(2) input"))
	b.await(`!document.querySelector(".picked").hidden && document.querySelector(".picked b").textContent === "已选 1 条"`)
	b.do(chromedp.Click("thead input"))
	b.await(`document.querySelector(".picked b").textContent === "已选 2 条" && document.querySelectorAll("tr.sel").length === 2`)
	b.do(chromedp.Click(".picked button[type=reset]"))
	b.await(`document.querySelector(".picked").hidden && !document.querySelector("tr.sel")`)
	b.do(chromedp.EmulateViewport(390, 844))
	open()
	if narrow := js[bool](b, `[...document.querySelectorAll("tbody input")].some(i => { const at = getComputedStyle(i.closest("label"), "::before"); return parseFloat(at.width) < 44 || parseFloat(at.height) < 44 })`); narrow {
		t.Error("a tick is narrower than a thumb")
	}
	first := js[[]float64](b, `(() => { const r = document.querySelector("tbody:not(.sums) tr").getBoundingClientRect(); return [r.left + 4, r.top + 6] })()`)
	b.do(chromedp.MouseClickXY(first[0], first[1]))
	b.await(`document.querySelector(".picked b").textContent === "已选 1 条" && location.pathname === "/d/ledger"`)
	b.do(chromedp.EmulateViewport(1440, 900))

	source := axe(t)
	open()
	b.do(chromedp.Click("thead input"))
	for _, at := range []string{"", "return", "print"} {
		if at != "" {
			open()
			b.do(chromedp.Click("thead input"), chromedp.Click(`.picked button[formaction="/ledgers/`+at+`"]`))
			b.await(`location.pathname === "/ledgers/` + at + `" && document.readyState === "complete"`)
		}
		for _, v := range b.audited(source) {
			t.Errorf("%s: %s (%s) %s: %+v", at, v.ID, v.Impact, v.Help, v.Nodes)
		}
	}
}

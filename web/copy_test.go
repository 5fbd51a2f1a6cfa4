package web_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"parkregistry/models/inspection"
	"parkregistry/policies"
)

// copiedList presses the button of a list from the keyboard and gives what a spreadsheet
// would take: its text, its HTML, and what the page says about it.
func (b *tab) copiedList(address string) (text, html, said string) {
	b.t.Helper()
	b.do(chromedp.Navigate(address))
	b.await(`!!document.querySelector("button[data-copied]:not([hidden])")`)
	js[bool](b, `window.addEventListener("copy", e => { window.taken = [e.clipboardData.getData("text/plain"), e.clipboardData.getData("text/html")] }), true`)
	b.do(chromedp.Focus("button[data-copied]"), chromedp.KeyEvent("\r"))
	b.await(`document.getElementById("copied").textContent !== ""`)
	b.await(`Array.isArray(window.taken)`)
	return js[string](b, `window.taken[0]`), js[string](b, `window.taken[1]`), js[string](b, `document.getElementById("copied").textContent`)
}

// TestCopiedList: the button of a list copies its rows under their heads, one line each;
// nothing becomes a formula, and a code of eighteen digits is text. A list without rows
// has no button.
func TestCopiedList(t *testing.T) {
	b, w := newTab(t), newWorld(t)
	w.account("bureau", policies.BureauAdmin, "")
	for _, text := range []string{"=1+1 地面有裂缝", "围堰 <b>破损</b> & 渗漏"} {
		_, err := inspection.New(w.DB, nil).Log(w.Inspector("baoan"), "", inspection.FindingInput{ParkID: string(w.BaoanA.Park.ID), Dimension: 1, Description: text, Severity: "minor"})
		must(t, err)
	}
	b.do(chromedp.EmulateViewport(1440, 900), chromedp.Navigate(w.server.URL+"/login"), chromedp.SendKeys("#username", "bureau"), chromedp.SendKeys("#password", password), chromedp.Submit("form"))
	b.await(`!!document.querySelector("form[action='/logout']")`)

	text, html, said := b.copiedList(w.server.URL + "/c/findings")
	lines := strings.Split(text, "\r\n")
	heads := js[int](b, `document.querySelectorAll("table.data.rows thead th").length`)
	if len(lines) != 3 || said != "已复制本页 2 行，可以粘贴到表格软件里" {
		t.Fatalf("%q says %q", lines, said)
	}
	for _, line := range lines {
		if strings.Count(line, "\t") != heads-1 {
			t.Errorf("%q has not %d cells", line, heads)
		}
	}
	if !strings.Contains(text, "\t'=1+1 地面有裂缝\t") || !strings.Contains(text, "围堰 <b>破损</b> & 渗漏") || strings.Contains(text, "--") {
		t.Errorf("the text: %q", text)
	}
	if !strings.Contains(html, "围堰 &lt;b>破损&lt;/b> &amp; 渗漏") || !strings.Contains(html, `<td style='mso-number-format:"\@"'>=1+1`) {
		t.Errorf("the HTML: %s", html)
	}
	if text, html, _ = b.copiedList(w.server.URL + "/c/firms"); !regexp.MustCompile(`<td style='mso-number-format:"\\@"'>[0-9A-Z]{18}</td>`).MatchString(html) || !strings.Contains(text, w.BaoanA.Enterprise.CreditCode) {
		t.Errorf("the firms: %q %s", text, html)
	}
	b.do(chromedp.Navigate(w.server.URL + "/c/findings?dimension=5"))
	b.await(`document.readyState === "complete"`)
	if !js[bool](b, `document.querySelector("button[data-copied]").hidden`) {
		t.Error("there is nothing to copy, and a button")
	}
}

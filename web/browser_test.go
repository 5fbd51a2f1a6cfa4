package web_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is one tab of a Chromium that talks to nobody but this machine, and what it
// asked for and complained of.
type tab struct {
	t    *testing.T
	ctx  context.Context
	mu   sync.Mutex
	asks []string // addresses that it requested
	woes []string // errors on its console
}

// newTab starts a browser. Without one the test is skipped at a desk and fails where
// PARK_TEST_NO_SKIP is set, as in CI.
func newTab(t *testing.T) *tab {
	t.Helper()
	b, end := newTabOf(t, t.TempDir())
	t.Cleanup(end)
	return b
}

// newTabOf starts a browser that keeps what it keeps in a folder; end ends it.
func newTabOf(t *testing.T, profile string) (b *tab, end func()) {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if os.Getenv("PARK_TEST_NO_SKIP") != "" {
			t.Fatal("no Chromium is installed")
		}
		t.Skip("no Chromium is installed")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WSURLReadTimeout(time.Minute), chromedp.UserDataDir(profile),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true), chromedp.Flag("accept-lang", "zh-CN"), chromedp.Flag("hide-scrollbars", true))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, leave := chromedp.NewContext(ctx)
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	end = func() { cancel(); leave(); stop() }
	b = &tab{t: t, ctx: ctx}
	b.do()
	if err := chromedp.Listen(ctx, b.heard); err != nil {
		t.Fatal(err)
	}
	return b, end
}

func (b *tab) heard(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.asks = append(b.asks, e.Request.URL)
	case *runtime.EventExceptionThrown:
		b.woes = append(b.woes, fmt.Sprint(e.ExceptionDetails.Text, " ", e.ExceptionDetails.Exception.Description))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			b.woes = append(b.woes, fmt.Sprint(e.Args))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			b.woes = append(b.woes, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

// asksOf takes what was requested since the last call.
func (b *tab) asksOf() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	asks := b.asks
	b.asks = nil
	return asks
}

// requests is asksOf, and fails the test when the console has an error.
func (b *tab) requests() []string {
	b.t.Helper()
	b.mu.Lock()
	for _, woe := range b.woes {
		b.t.Errorf("on the console: %s", woe)
	}
	b.woes = nil
	b.mu.Unlock()
	return b.asksOf()
}

// forget takes no notice of what was on the console until now.
func (b *tab) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.woes = nil
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// js gives the value of an expression.
func js[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// await waits until the expression holds, over a change of the page too.
func (b *tab) await(expression string) {
	b.t.Helper()
	var last error
	for range 3000 {
		var holds bool
		if holds, last = chromedp.Run(b.ctx, chromedp.Evaluate[bool](expression)); holds {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.t.Fatalf("%s never holds: %v", expression, last)
}

// open shows the verifier and waits for its script.
func (b *tab) open(address string) {
	b.t.Helper()
	b.do(chromedp.Navigate("about:blank"), chromedp.Navigate(address))
	b.await(`document.documentElement.dataset.ready === "1"`)
}

// hand gives the page a receipt file by the file dialog and waits for the verdict.
func (b *tab) hand(name string, content []byte) result {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), name)
	if err := os.WriteFile(file, content, 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.SetUploadFiles("#file", []string{file}))
	b.await(`document.getElementById("source").textContent === ` + fmt.Sprintf("%q", name) + ` && document.getElementById("verdict").dataset.state !== "none"`)
	return b.result()
}

// result is what the page says of a receipt.
type result struct {
	verdict string
	steps   string   // those that are not ok, as name=state
	altered []string // the words that the page names as altered
	said    string   // the number of the entry that it shows
}

func (b *tab) result() result {
	b.t.Helper()
	return result{
		verdict: js[string](b, `document.getElementById("verdict").dataset.state`),
		steps:   js[string](b, `[...document.querySelectorAll("[data-step]")].filter(e => e.dataset.state !== "ok").map(e => e.dataset.step + "=" + e.dataset.state).join(" ")`),
		altered: js[[]string](b, `[...document.querySelectorAll("#altered b")].map(e => e.textContent)`),
		said:    js[string](b, `document.getElementById("said").hidden ? "" : document.querySelector("dd[data-said=number]").textContent`),
	}
}

// fits fails when the page is wider than its window.
func (b *tab) fits(width int64, what string) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, 844))
	if got := js[int64](b, `Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)`); got > width {
		wide := js[string](b, fmt.Sprintf(`[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > %d && !e.closest(".vh,.list,svg")).slice(0, 5).map(e => e.outerHTML.slice(0, 90)).join("\n")`, width))
		b.t.Errorf("%s is %d pixels wide in a window of %d:\n%s", what, got, width, wide)
	}
}

// shot keeps a picture of the whole page where PARK_TEST_SHOTS names a folder: they are
// for looking at.
func (b *tab) shot(width int64, name string) {
	b.t.Helper()
	dir := os.Getenv("PARK_TEST_SHOTS")
	if dir == "" {
		return
	}
	b.do(chromedp.EmulateViewport(width, 900))
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d.png", name, width)), png, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

func ofHost(asks []string, host string) (n int) {
	for _, a := range asks {
		if strings.HasPrefix(a, host) {
			n++
		}
	}
	return n
}

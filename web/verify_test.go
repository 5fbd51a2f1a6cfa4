package web_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"parkregistry/models/proof"
)

// forged is a receipt with one thing altered, as JSON.
func forged(t *testing.T, raw []byte, alter func(r map[string]any)) []byte {
	t.Helper()
	var r map[string]any
	must(t, json.Unmarshal(raw, &r))
	alter(r)
	out, err := json.Marshal(r)
	must(t, err)
	return out
}

// flipped is base64 with one bit of one byte turned, from the front or, negative, from the end.
func flipped(text string, at int) string {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	if at < 0 {
		at += len(b)
	}
	b[at] ^= 1
	return base64.StdEncoding.EncodeToString(b)
}

// replaced is base64 with a part of its text replaced by one as long.
func replaced(text, old, by string) string {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(old) != len(by) || strings.Count(string(b), old) != 1 {
		panic("no such part")
	}
	return base64.StdEncoding.EncodeToString([]byte(strings.Replace(string(b), old, by, 1)))
}

// resigned is the checkpoint signed by somebody else, under the same name or another.
func resigned(t *testing.T, signed, name string) (note, public string) {
	t.Helper()
	private, err := proof.NewKey(name)
	must(t, err)
	key, err := proof.ReadKey(private)
	must(t, err)
	c := opened(t, signed)
	note, err = key.Sign(c)
	must(t, err)
	return note, key.Public()
}

// opened reads a checkpoint that the test trusts anyway.
func opened(t *testing.T, signed string) proof.Checkpoint {
	t.Helper()
	c, _, err := trusted.Open(signed)
	must(t, err)
	return c
}

// trusted are the keys of the world of the test that runs.
var trusted proof.Keys

// TestInBrowser shares one program and one browser, which both take seconds to start.
func TestInBrowser(t *testing.T) {
	b := newTab(t)
	w := newWorld(t)
	var err error
	trusted, err = proof.ReadKeys(w.public)
	must(t, err)
	for _, c := range []struct {
		name string
		test func(*testing.T, *world, *tab)
	}{{"addresses", testAddresses}, {"verifier", testVerifier}, {"trust", testTrust}, {"other ways", testOtherWays}, {"receipt", testReceipt}, {"notice", testNotice}, {"SM2", testSM2}, {"old browser", testOldBrowser}, {"description", testDescription}} {
		t.Run(c.name, func(t *testing.T) {
			w.t, b.t = t, t
			c.test(t, w, b)
		})
	}
}

// testAddresses: what the pages add to the program is in their table, and the verifier is
// open to everybody, each answer with a policy that allows nothing inline by permission.
func testAddresses(t *testing.T, w *world, _ *tab) {
	token := w.token
	w.token = ""
	defer func() { w.token = token }()
	for _, r := range w.engine.Routes() {
		inAPI := slices.ContainsFunc([]string{"/api/v1/", "/docs", "/problems/", "/healthz", "/readyz"}, func(p string) bool { return strings.HasPrefix(r.Path, p) })
		if !inAPI && !slices.Contains(w.pages.Paths(), r.Method+" "+r.Path) {
			t.Errorf("%s %s is in no table", r.Method, r.Path)
		}
	}
	page := w.send("GET", "/verify", "") // is sent on to /verify/
	address := regexp.MustCompile(`/static/verify\.[0-9a-f]{12}\.(?:js|css)`).FindAllString(string(page.raw), -1)
	if len(address) != 2 {
		t.Fatalf("the page names %q", address)
	}
	for path, want := range map[string]struct {
		status           int
		kind, cache, csp string
	}{
		"/verify/":                 {200, "text/html; charset=utf-8", "no-cache", "connect-src 'none'"},
		"/verify/offline.html":     {200, "text/html; charset=utf-8", "no-store", "connect-src 'none'"},
		address[0]:                 {200, "text/css; charset=utf-8", "public, max-age=31536000, immutable", "default-src 'none'"},
		address[1]:                 {200, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "default-src 'none'"},
		"/static/verify.js":        {404, "", "no-store", "default-src 'none'"},
		"/static/..%2fverify.html": {404, "", "no-store", "default-src 'none'"},
	} {
		a := w.send("GET", path, "")
		csp := a.header.Get("Content-Security-Policy")
		if a.status != want.status || want.kind != "" && a.header.Get("Content-Type") != want.kind || a.header.Get("Cache-Control") != want.cache || !strings.Contains(csp, want.csp) ||
			strings.Contains(csp, "unsafe") || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", path, a.status, a.header)
		}
	}
	if a := w.send("POST", "/verify/", "{}"); a.status != http.StatusMethodNotAllowed {
		t.Errorf("POST /verify/: %d", a.status)
	}
	if en := string(w.send("GET", "/verify/", "", "Accept-Language", "en-GB").raw); !strings.Contains(en, "Verify a receipt") || !strings.Contains(en, `<html lang="en">`) {
		t.Error("the verifier speaks no English")
	}
}

// testVerifier: a browser finds what the program finds. A real receipt passes; with one
// thing altered the page is red, at the step that it is about, and Go agrees.
func testVerifier(t *testing.T, w *world, b *tab) {
	raw := w.send("GET", w.receipt(), "").raw
	var whole struct {
		proof.Receipt
		Ledger struct{ Number string }
	}
	must(t, json.Unmarshal(raw, &whole))
	note, stranger := resigned(t, whole.Checkpoint, "park-test")
	other, otherKey := resigned(t, whole.Checkpoint, "elsewhere")
	b.open(w.server.URL + "/verify/")
	b.shot(1440, "verify-empty")
	loaded := b.requests()
	if n := ofHost(loaded, w.server.URL); n != 3 {
		t.Errorf("the page is %d requests, want page, style and script: %q", n, loaded)
	}
	for _, c := range []struct {
		name    string
		alter   func(r map[string]any)
		verdict string
		steps   string
		altered string
		inGo    error
	}{
		{"untouched", func(map[string]any) {}, "ok", "kept=skip", "", nil},
		{"payload", func(r map[string]any) { r["payload"] = strings.Replace(r["payload"].(string), "412.50", "412.51", 1) }, "bad", "payload=bad kept=skip", "", proof.ErrPayload},
		{"payload, a blank more", func(r map[string]any) { r["payload"] = r["payload"].(string) + " " }, "bad", "payload=bad kept=skip", "", proof.ErrPayload},
		{"judgements", func(r map[string]any) {
			r["judged"] = strings.Replace(r["judged"].(string), `"verdict":"within"`, `"verdict":"exceeded"`, 1)
		}, "bad", "words=bad judged=bad kept=skip", "判定", proof.ErrJudged},
		{"judgements, gone", func(r map[string]any) { delete(r, "judged") }, "bad", "judged=bad kept=skip", "", proof.ErrJudged},
		{"a verdict for people", func(r map[string]any) {
			r["ledger"].(map[string]any)["judgements"].([]any)[0].(map[string]any)["verdict"] = "exceeded"
		}, "bad", "words=bad kept=skip", "判定", nil},
		{"leaf, a fact", func(r map[string]any) { r["leaf"] = replaced(r["leaf"].(string), `"slot":"早班"`, `"slot":"晚班"`) }, "bad", "words=bad path=bad kept=skip", "存证的事实 班次或者批次", proof.ErrPath},
		{"leaf, first field", func(r map[string]any) { r["leaf"] = flipped(r["leaf"].(string), 21) }, "bad", "words=bad path=bad kept=skip", "", proof.ErrPath},
		{"leaf, not one", func(r map[string]any) { r["leaf"] = flipped(r["leaf"].(string), 0) }, "bad", "file=bad words=none payload=none judged=none path=none signature=none key=none kept=none", "", proof.ErrReceipt},
		{"first hash of the path", func(r map[string]any) { r["path"].([]any)[0] = flipped(r["path"].([]any)[0].(string), 0) }, "bad", "path=bad kept=skip", "", proof.ErrPath},
		{"last hash of the path", func(r map[string]any) { p := r["path"].([]any); p[len(p)-1] = flipped(p[len(p)-1].(string), 31) }, "bad", "path=bad kept=skip", "", proof.ErrPath},
		{"path, one hash less", func(r map[string]any) { r["path"] = r["path"].([]any)[1:] }, "bad", "path=bad kept=skip", "", proof.ErrPath},
		{"path, one hash more", func(r map[string]any) { p := r["path"].([]any); r["path"] = append(p, p[0]) }, "bad", "path=bad kept=skip", "", proof.ErrPath},
		{"index", func(r map[string]any) { r["leafIndex"] = r["leafIndex"].(float64) - 1 }, "bad", "path=bad kept=skip", "", proof.ErrPath},
		{"checkpoint, time", func(r map[string]any) {
			r["checkpoint"] = strings.Replace(r["checkpoint"].(string), "\ntime 2", "\ntime 3", 1)
		}, "bad", "signature=bad kept=skip", "", proof.ErrSignature},
		{"checkpoint, size", func(r map[string]any) { r["checkpoint"] = strings.Replace(r["checkpoint"].(string), "\n", "\n1", 1) }, "bad", "path=bad signature=bad kept=skip", "", proof.ErrSignature},
		{"checkpoint, signature", func(r map[string]any) {
			c := r["checkpoint"].(string)
			at := strings.LastIndex(c, " ") + 1
			r["checkpoint"] = c[:at] + flipped(c[at:len(c)-1], -1) + "\n"
		}, "bad", "signature=bad kept=skip", "", proof.ErrSignature},
		{"signed by another key of the same name", func(r map[string]any) { r["checkpoint"], r["publicKey"] = note, stranger }, "bad", "key=bad kept=skip", "", proof.ErrUnknownKey},
		{"signed by another key that is not shown", func(r map[string]any) { r["checkpoint"] = note }, "bad", "signature=skip key=bad kept=skip", "", proof.ErrUnknownKey},
		{"signed elsewhere", func(r map[string]any) { r["checkpoint"], r["publicKey"] = other, otherKey }, "bad", "key=bad kept=skip", "", proof.ErrUnknownKey},
		{"number", func(r map[string]any) { r["ledger"].(map[string]any)["number"] = "LG-2026-999999" }, "bad", "words=bad kept=skip", "台账编号", nil},
		{"day and time", func(r map[string]any) {
			l := r["ledger"].(map[string]any)
			l["day"], l["filedAt"] = "2026-01-03", "2026-01-03T10:00:00+08:00"
		}, "bad", "words=bad kept=skip", "台账日期 报送时间", nil},
		{"statement", func(r map[string]any) { r["statement"].(map[string]any)["actorId"] = w.BaoanA.Park.ID }, "bad", "words=bad kept=skip", "报送人编号", nil},
		{"cut off", func(r map[string]any) { delete(r, "checkpoint") }, "bad", "file=bad words=none payload=none judged=none path=none signature=none key=none kept=none", "", proof.ErrReceipt},
	} {
		text := forged(t, raw, c.alter)
		got := b.hand(strings.NewReplacer(" ", "-", ",", "").Replace(c.name)+".json", text)
		if got.verdict != c.verdict || got.steps != c.steps {
			t.Errorf("%s: %s, %s; want %s, %s", c.name, got.verdict, got.steps, c.verdict, c.steps)
		}
		if c.altered != "" && c.altered != strings.Join(got.altered, " ") {
			t.Errorf("%s: the page names %q as altered, want %q", c.name, got.altered, c.altered)
		}
		r, err := proof.ReadReceipt(text)
		if err == nil {
			_, err = r.Open(trusted)
		}
		if !errors.Is(err, c.inGo) {
			t.Errorf("%s: the program says %v, want %v", c.name, err, c.inGo)
		}
		switch c.name {
		case "untouched":
			if got.said != whole.Ledger.Number {
				t.Errorf("the page shows the entry %q, want %q", got.said, whole.Ledger.Number)
			}
			if first := js[string](b, `document.querySelector("#judged tbody td").textContent`); first != "化学需氧量 w01018" {
				t.Errorf("the first judgement is about %q", first)
			}
			b.fits(390, "the verifier with a receipt that passes")
			b.shot(1440, "verify-ok")
			b.shot(390, "verify-ok")
		case "day and time":
			b.fits(390, "the verifier with an altered receipt")
			b.shot(1440, "verify-bad")
			b.shot(390, "verify-bad")
		}
	}
	if asks := b.requests(); len(asks) > 0 {
		t.Errorf("while verifying the page asked for %q", asks)
	}
	js[bool](b, `(() => { document.addEventListener("securitypolicyviolation", e => { document.title = e.effectiveDirective }); fetch("/healthz").then(() => { document.title = "answered" }, () => 0); return true })()`)
	b.await(`["connect-src", "answered"].includes(document.title)`)
	if title, asks := js[string](b, "document.title"), ofHost(b.asksOf(), w.server.URL); title != "connect-src" || asks > 0 {
		t.Errorf("the page can talk to its server: %s, %d requests", title, asks)
	}
	b.forget()
}

// testTrust: what the reader trusts decides. Without a key nothing passes; a kept
// checkpoint of the same size has to have the same root.
func testTrust(t *testing.T, w *world, b *tab) {
	raw := w.send("GET", w.receipt(), "").raw
	r, err := proof.ReadReceipt(raw)
	must(t, err)
	fork := opened(t, r.Checkpoint)
	fork.Root[0] ^= 1
	elsewhere := opened(t, r.Checkpoint)
	elsewhere.Origin = proof.NewOrigin()
	later := opened(t, r.Checkpoint)
	later.Size++
	b.open(w.server.URL + "/verify/")
	b.hand("receipt.json", raw)
	enter := func(id, value string) result {
		t.Helper()
		text, err := json.Marshal(value)
		must(t, err)
		js[bool](b, `(() => { const e = document.getElementById("`+id+`"); e.value = `+string(text)+`; document.getElementById("verdict").dataset.state = "none"; e.dispatchEvent(new Event("change")); return true })()`)
		b.await(`document.getElementById("verdict").dataset.state !== "none"`)
		return b.result()
	}
	for _, c := range []struct{ name, id, value, verdict, steps string }{
		{"no key", "keys", "", "open", "key=open kept=skip"},
		{"no key but nonsense", "keys", "trust me", "open", "key=open kept=skip"},
		{"two keys", "keys", strings.Replace(stranger(t), "\n", "", -1) + "\n" + w.public + "\n", "ok", "kept=skip"},
		{"another key", "keys", stranger(t), "bad", "key=bad kept=skip"},
		{"the key", "keys", w.public, "ok", "kept=skip"},
		{"the same checkpoint", "kept", r.Checkpoint, "ok", ""},
		{"a fork", "kept", sign(t, fork), "bad", "kept=bad"},
		{"another log", "kept", sign(t, elsewhere), "bad", "kept=bad"},
		{"another size", "kept", sign(t, later), "open", "kept=open"},
		{"nonsense", "kept", "checkpoint", "open", "kept=open"},
	} {
		if got := enter(c.id, c.value); got.verdict != c.verdict || got.steps != c.steps {
			t.Errorf("%s: %s, %s; want %s, %s", c.name, got.verdict, got.steps, c.verdict, c.steps)
		}
	}
	b.requests()
}

// testOtherWays: the link of a QR code, the saved page, the verifier as a file of its
// own, and both languages on a phone.
func testOtherWays(t *testing.T, w *world, b *tab) {
	raw := w.send("GET", w.receipt(), "").raw
	r, err := proof.ReadReceipt(raw)
	must(t, err)
	compact, err := r.Compact()
	must(t, err)
	b.open(w.server.URL + "/verify/#" + compact)
	b.await(`document.getElementById("verdict").dataset.state !== "none"`)
	if got := b.result(); got.verdict != "ok" || got.steps != "words=skip payload=skip judged=skip kept=skip" {
		t.Errorf("by its link: %+v", got)
	}
	saved := w.send("GET", w.receipt(), "", "Accept", "text/html").raw
	if got := b.hand("saved.html", saved); got.verdict != "ok" || got.steps != "words=skip kept=skip" {
		t.Errorf("as a saved page: %+v", got)
	}
	file := filepath.Join(t.TempDir(), "verify.html")
	must(t, os.WriteFile(file, w.send("GET", "/verify/offline.html", "").raw, 0o600))
	b.requests()
	b.open("file://" + file)
	if got := b.hand("offline.json", raw); got.verdict != "ok" {
		t.Errorf("the verifier as a file: %+v", got)
	}
	if got := b.hand("offline-forged.json", forged(t, raw, func(r map[string]any) { r["payload"] = "{}" })); got.verdict != "bad" {
		t.Errorf("the verifier as a file, a forged receipt: %+v", got)
	}
	if asks := slices.DeleteFunc(b.requests(), func(a string) bool { return strings.HasPrefix(a, "file://") || a == "about:blank" }); len(asks) > 0 {
		t.Errorf("the verifier as a file asks for %q", asks)
	}

	for _, lang := range []string{"zh", "en"} {
		b.open(w.server.URL + "/verify/?lang=" + lang)
		b.hand("receipt-"+lang+".json", raw)
		b.fits(390, "the verifier, "+lang)
	}
	b.shot(1440, "verify-en")
	b.requests()
}

// testSM2: no browser checks SM2. The page checks everything else, says so, and confirms
// nothing; what is altered is found all the same.
func testSM2(t *testing.T, w *world, b *tab) {
	raw := w.send("GET", w.receipt(), "").raw
	private, err := proof.NewSM2Key("park-sm2")
	must(t, err)
	key, err := proof.ReadKey(private)
	must(t, err)
	signed := forged(t, raw, func(r map[string]any) {
		note, err := key.Sign(opened(t, r["checkpoint"].(string)))
		must(t, err)
		r["checkpoint"], r["publicKey"] = note, key.Public()
	})
	b.open(w.server.URL + "/verify/")
	js[bool](b, `(() => { const keys = document.getElementById("keys"); keys.value = "`+key.Public()+`"; return true })()`)
	if got := b.hand("sm2.json", signed); got.verdict != "open" || got.steps != "signature=open kept=skip" {
		t.Errorf("signed with SM2: %+v", got)
	}
	if says := js[string](b, `document.querySelector("[data-step=signature] p[data-when=open]").innerText`); !strings.Contains(says, "SM2") || strings.Contains(says, "Ed25519") {
		t.Errorf("the page says of the signature: %q", says)
	}
	b.fits(390, "the verifier with a receipt signed with SM2")
	b.shot(390, "verify-sm2")
	altered := forged(t, signed, func(r map[string]any) { r["payload"] = strings.Replace(r["payload"].(string), "412.50", "412.51", 1) })
	if got := b.hand("sm2-altered.json", altered); got.verdict != "bad" || got.steps != "payload=bad signature=open kept=skip" {
		t.Errorf("signed with SM2 and altered: %+v", got)
	}
	b.requests()
}

// testOldBrowser: without Ed25519 a good receipt is not confirmed, and the page says why.
func testOldBrowser(t *testing.T, w *world, b *tab) {
	raw := w.send("GET", w.receipt(), "").raw
	_, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
		const has = crypto.subtle && crypto.subtle.importKey.bind(crypto.subtle);
		if (has) crypto.subtle.importKey = (format, key, how, ...rest) => how.name === "Ed25519" ? Promise.reject(new DOMException("", "NotSupportedError")) : has(format, key, how, ...rest);`})
	must(t, err)
	b.open(w.server.URL + "/verify/")
	if got := b.hand("old-browser.json", raw); got.verdict != "open" || got.steps != "signature=open kept=skip" {
		t.Errorf("in a browser without Ed25519: %+v", got)
	}
	b.requests()
}

// testReceipt: the address of a receipt, opened by a browser under the reader's
// credentials, is the page to print; its code holds the link to verify it with.
func testReceipt(t *testing.T, w *world, b *tab) {
	_, err := chromedp.Call(b.ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Authorization": "Bearer " + w.token}})
	must(t, err)
	b.do(chromedp.Navigate(w.server.URL + w.receipt()))
	if title := js[string](b, "document.title"); !strings.HasPrefix(title, "台账报送回执 LG-") {
		t.Fatalf("a browser is shown %q", title)
	}
	words := js[string](b, "document.body.innerText")
	for _, want := range []string{"宝安甲园", "示例处置公司 <b>", "412.50 m³", "化学需氧量 w01018", "<0.05", "聚合氯化铝", "2026-01-02（周五）", "2026-01-02 23:00:00", "早班", "补报", "进入城镇污水处理厂"} {
		if !strings.Contains(words, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if n := js[int](b, `document.querySelectorAll("script:not([type])").length`); n != 1 {
		t.Errorf("%d scripts", n)
	}
	b.fits(390, "the receipt")
	b.shot(1440, "receipt")
	b.shot(390, "receipt")
	b.requests() // the style and the script pass the page's own policy: nothing on the console
	link := js[string](b, `document.querySelector(".bar a").href`)
	b.open(link)
	b.await(`document.getElementById("verdict").dataset.state !== "none"`)
	if got := b.result(); got.verdict != "ok" {
		t.Errorf("the link of the page: %+v", got)
	}
	b.requests()
}

// stranger is the public key of somebody else.
func stranger(t *testing.T) string {
	t.Helper()
	private, err := proof.NewKey("park-test")
	must(t, err)
	key, err := proof.ReadKey(private)
	must(t, err)
	return key.Public()
}

// sign signs a checkpoint by some key: what is kept is compared, not trusted for its signature.
func sign(t *testing.T, c proof.Checkpoint) string {
	t.Helper()
	private, err := proof.NewKey("kept")
	must(t, err)
	key, err := proof.ReadKey(private)
	must(t, err)
	signed, err := key.Sign(c)
	must(t, err)
	return signed
}

// testDescription: the page of the API shows its operations, from this server alone.
func testDescription(t *testing.T, w *world, b *tab) {
	b.forget()
	b.asksOf()
	b.do(chromedp.Navigate("about:blank"), chromedp.Navigate(w.server.URL+"/docs/#/progress/getProgress"))
	b.await(`document.querySelectorAll(".opblock").length > 100 && document.querySelector(".opblock.is-open .parameters") !== null`)
	b.shot(1280, "docs")
	asks := b.requests()
	if n := ofHost(asks, w.server.URL) + ofHost(asks, "data:") + ofHost(asks, "about:"); n != len(asks) {
		t.Errorf("the page of the API asks elsewhere: %v", asks)
	}
}

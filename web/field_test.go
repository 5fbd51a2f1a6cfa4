package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	devtools "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"parkregistry/models"
	"parkregistry/models/files"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

const phrase = "走遍园区-2026"

// phone is a tab of 390 pixels that knows where it is.
func phone(t *testing.T, w *world, profile string) (*tab, func()) {
	t.Helper()
	b, end := newTabOf(t, profile)
	b.do(chromedp.EmulateViewport(390, 844))
	_, err := chromedp.Call(b.ctx, devtools.SetPermission, devtools.SetPermissionParams{Permission: &devtools.PermissionDescriptor{Name: "geolocation"}, Setting: devtools.PermissionSettingGranted, Origin: w.server.URL})
	must(t, err)
	_, err = chromedp.Call(b.ctx, emulation.SetGeolocationOverride, emulation.SetGeolocationOverrideParams{Latitude: new(22.757), Longitude: new(113.861), Accuracy: new(8.0)})
	must(t, err)
	return b, end
}

func (b *tab) signIn(w *world, name string) {
	b.t.Helper()
	b.do(chromedp.Navigate(w.server.URL+"/login?next=/m/"), chromedp.SendKeys("#username", name), chromedp.SendKeys("#password", password), chromedp.Submit("form"))
	b.await(`document.documentElement.dataset.ready === "1"`)
}

// TestFieldPages: what a phone keeps of the program is the same for everybody, and what it
// holds for a person ends where their reach does.
func TestFieldPages(t *testing.T) {
	w := newWorld(t)
	w.account("baoan", policies.DistrictInspector, "baoan")
	nobody, inspector, manager := w.browser(), w.browser().signIn("baoan"), w.browser().signIn("park-a")
	for _, path := range []string{"/m/shell/zh", "/m/shell/en"} {
		a, b := nobody.get(path), inspector.get(path)
		if a.status != http.StatusOK || a.text != b.text || strings.Contains(a.text, "宝安甲园") || len(a.header.Values("Set-Cookie")) > 0 {
			t.Errorf("%s: %d, the same for everybody: %v", path, a.status, a.text == b.text)
		}
	}
	worker := nobody.get("/field-worker.js")
	if csp := worker.header.Get("Content-Security-Policy"); csp != "default-src 'none'; connect-src 'self'" {
		t.Errorf("the worker may %q", csp)
	}
	kept := regexp.MustCompile(`"(/[^"]+)"`).FindAllStringSubmatch(strings.SplitAfter(worker.text, "];")[0], -1)
	if len(kept) != 14 { // two pages, the style, eleven modules
		t.Errorf("the worker keeps %q", kept)
	}
	for _, k := range kept {
		if got := nobody.get(k[1]); got.status != http.StatusOK || got.header.Get("Vary") != "" && got.header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("the worker keeps %s: %d", k[1], got.status)
		}
	}
	var manifest struct {
		Name  string `json:"name"`
		Icons []struct{ Src string }
	}
	must(t, json.Unmarshal([]byte(nobody.get("/m/manifest.webmanifest?lang=en").text), &manifest))
	if manifest.Name != "Park field patrol" || len(manifest.Icons) != 2 {
		t.Errorf("the manifest says %+v", manifest)
	}
	for _, i := range manifest.Icons {
		if _, kind, err := image.DecodeConfig(strings.NewReader(nobody.get(i.Src).text)); err != nil || kind != "png" {
			t.Errorf("%s is %q: %v", i.Src, kind, err)
		}
	}
	type pack struct {
		Version string
		Parks   []struct{ Name string }
		Points  []struct {
			ID, Park models.ID
			Name     string
			Asks     []string
			Limits   int
		}
		Limits [][]struct{ Zh, Max, Unit string }
	}
	for who, c := range map[*browser]string{inspector: "[{宝安甲园} {宝安乙园}]", manager: "[{宝安甲园}]"} {
		var k, again pack
		must(t, json.Unmarshal([]byte(who.get("/m/pack").text), &k))
		must(t, json.Unmarshal([]byte(who.get("/m/pack").text), &again))
		if got := fmt.Sprint(k.Parks); got != c || k.Version != again.Version {
			t.Errorf("the pack has %s of version %s and %s, want %s", got, k.Version, again.Version, c)
		}
		for _, x := range k.Points {
			if x.Park != w.BaoanA.Park.ID && x.Park != w.BaoanB.Park.ID || len(x.Asks) == 0 {
				t.Errorf("the pack has %+v", x)
			}
			if x.ID == w.BaoanA.Outlet.ID && (x.Limits < 0 || len(k.Limits[x.Limits]) == 0 || k.Limits[x.Limits][0].Max == "") {
				t.Errorf("the outlet has limits %d of %d", x.Limits, len(k.Limits))
			}
		}
	}
	if got := nobody.get("/m/session"); got.to == "" {
		t.Errorf("a session without a sign-in: %d", got.status)
	}
}

// TestFieldBring: without a network and without a position, what a phone exports is
// brought to a desk, twice, and sent by the phone as well: it is there once.
func TestFieldBring(t *testing.T) {
	w := newWorld(t)
	r := &road{}
	w.server.Config.Handler = r.over(w.engine)
	w.account("baoan", policies.DistrictInspector, "baoan")
	b, end := phone(t, w, t.TempDir())
	defer end()
	_, err := chromedp.Call(b.ctx, devtools.SetPermission, devtools.SetPermissionParams{Permission: &devtools.PermissionDescriptor{Name: "geolocation"}, Setting: devtools.PermissionSettingDenied, Origin: w.server.URL})
	must(t, err)
	b.signIn(w, "baoan")
	b.do(chromedp.SendKeys("#p1", phrase), chromedp.SendKeys("#p2", phrase))
	b.tap("form button")
	b.await(`!!document.querySelector('a[href^="/m/park/"]') && navigator.serviceWorker.controller !== null`)
	r.closed.Store(true)
	sign := "/q/" + string(w.BaoanA.Outlet.ID) // scanned: another page, which takes the key over where one is open
	b.do(chromedp.Navigate(w.server.URL + sign))
	b.unlock("baoan", phrase)
	b.await(`!!document.querySelector("#kind")`)
	b.tap("form[data-on=begin] .btn")
	b.await(`document.getElementById("place")?.textContent === "没有允许定位" && !document.getElementById("why").parentElement.hidden`)
	b.do(chromedp.SendKeys("#why", "手机不允许\t"))
	b.tap("#q-W2 .y")
	b.tap("details summary")
	b.do(chromedp.SendKeys(`.lim input`, "99999\t"))
	b.await(`document.querySelector(".lim em").textContent === "超出限值"`)
	b.do(chromedp.SetUploadFiles(`.mcard > .shots .add input`, []string{picture(t, t.TempDir(), 1)}))
	b.await(`document.querySelectorAll(".shots figure").length === 1`)
	b.shot(390, "field-outlet")
	b.tap(`.mact .btn:first-child`)
	b.await(`!!document.querySelector("[data-do=end]")`)
	b.tap("[data-do=end]")
	b.await(`document.querySelector(".mlist .due")?.textContent === "等待网络"`)
	js[bool](b, `(URL.createObjectURL = (f) => { f.text().then((x) => { window.saved = x }); return "#" }, true)`)
	b.tap("[data-do=export]")
	b.await(`!!window.saved`)
	saved := js[string](b, `window.saved`)
	if strings.Contains(saved, "宝安甲园") || strings.Contains(saved, "手机不允许") {
		t.Error("the file can be read")
	}
	file := filepath.Join(t.TempDir(), "a.parkfield")
	must(t, os.WriteFile(file, []byte(saved), 0o600))
	b.tap("#back")
	b.await(`!!document.querySelector("[data-do=leave]")`)
	b.tap("[data-do=leave]")
	b.await(`document.getElementById("said").textContent.includes("不能退出")`)

	b.forget()
	r.closed.Store(false)
	there := func(what string) {
		t.Helper()
		w.token = w.bearer("baoan")
		var list struct {
			Items []struct {
				State  string
				Counts struct{ Events, Answers, Photos, PhotoCopies int }
			}
		}
		must(t, json.Unmarshal(w.send("GET", "/api/v1/patrols", "").raw, &list))
		if got := fmt.Sprint(list.Items); got != "[{completed {6 1 1 0}}]" { // start, arrival, answer, reading, photograph, end
			t.Errorf("%s: %s", what, got)
		}
	}
	for _, c := range []struct{ phrase, told, what string }{{"wrong-passphrase", "打不开", ""}, {"", "导入完成", "by the sign-in"}, {phrase, "导入完成", "once more, by the passphrase"}} {
		b.do(chromedp.Navigate(w.server.URL+"/d/bring"), chromedp.SetUploadFiles("#file", []string{file}))
		if c.phrase != "" {
			b.do(chromedp.SendKeys("#phrase", c.phrase))
		}
		b.tap("#bring button")
		b.await(`document.getElementById("told").textContent.startsWith("` + c.told + `")`)
		if c.what == "" {
			continue
		}
		if pile := js[string](b, `document.querySelector("#walks li").dataset.pile`); pile != "sent" {
			t.Errorf("%s: the walk is %s: %s", c.what, pile, js[string](b, `document.querySelector("#walks li").textContent`))
		}
		there(c.what)
	}
	b.fits(390, "the desk's page")
	b.shot(1440, "field-bring")
	b.do(chromedp.Navigate(w.server.URL + "/m/outbox"))
	b.unlock("baoan", phrase)
	b.await(`document.querySelector(".mlist .due")?.textContent === "已上传"`)
	there("by the phone itself")
	var list struct{ Items []struct{ ID string } }
	must(t, json.Unmarshal(w.send("GET", "/api/v1/patrols", "").raw, &list))
	reader := w.browser().signIn("park-a") // the park reads what its district photographed
	shown := regexp.MustCompile(`/api/v1/attachments/[^"]+/content`).FindString(reader.get("/patrol/" + list.Items[0].ID).text)
	if _, kind, err := image.DecodeConfig(strings.NewReader(reader.get(shown).text)); err != nil || kind != "jpeg" {
		t.Errorf("the photograph at %q is %q: %v", shown, kind, err)
	}
	b.do(chromedp.Navigate(w.server.URL + "/d/signs?parkId=" + string(w.BaoanA.Park.ID)))
	if n := js[int](b, `document.querySelectorAll(".signs svg").length`); n != 3 {
		t.Errorf("%d signs", n)
	}
	b.fits(390, "the signs")
	b.shot(1440, "field-signs")
	b.requests()
}

// TestFieldWalk: a simple patrol, sent while there is a network; the page keeps within its
// budget.
func TestFieldWalk(t *testing.T) {
	w := newWorld(t)
	w.account("baoan", policies.DistrictInspector, "baoan")
	b, end := phone(t, w, t.TempDir())
	defer end()
	b.signIn(w, "baoan")
	b.shot(390, "field-setup")
	b.light("the first passphrase")
	b.do(chromedp.SendKeys("#p1", phrase), chromedp.SendKeys("#p2", phrase), chromedp.Click("form button"))
	b.await(`!!document.querySelector('a[href^="/m/park/"]')`)
	b.shot(390, "field-home")
	b.do(chromedp.Click(`a[href="/m/park/` + string(w.BaoanA.Park.ID) + `"]`))
	b.await(`!!document.querySelector("#kind")`)
	b.shot(390, "field-park")
	b.do(chromedp.Click("form button"))
	b.await(`/^\/m\/patrol\//.test(location.pathname)`)
	walk := js[string](b, `location.pathname`)
	b.do(chromedp.Click(`a[href$="` + string(w.BaoanA.Facility.ID) + `"]`))
	b.await(`document.getElementById("place")?.textContent.startsWith("精度")`)
	b.do(chromedp.Click(`#q-T1 .y`))
	b.await(`!!document.querySelector("#q-T1 :checked")`)
	b.shot(390, "field-point")
	b.do(chromedp.Click(`.mact a.btn:first-child`))
	b.await(`!!document.querySelector("[data-do=end]")`)
	b.shot(390, "field-walk")
	b.do(chromedp.Click(`[data-do=end]`))
	b.await(`document.querySelector(".mlist .due")?.textContent === "已上传"`)
	b.shot(390, "field-outbox")
	for _, v := range [][2]string{{"/m/", `a[href^="/m/park/"]`}, {"/m/park/" + string(w.BaoanA.Park.ID), "#kind"}, {walk, "[data-do=end]"}, {walk + "/" + string(w.BaoanA.Facility.ID), "#q-T1"}, {"/m/outbox", "[data-do=retry]"}} {
		b.do(chromedp.Navigate(w.server.URL + v[0]))
		b.unlock("baoan", phrase)
		b.await(`!!document.querySelector("` + strings.ReplaceAll(v[1], `"`, `'`) + `")`)
		b.light(v[0])
	}
	b.requests()
	w.token = w.bearer("baoan")
	var list struct {
		Items []struct {
			ID, State string
			Counts    struct{ Events, Answers int }
		}
	}
	must(t, json.Unmarshal(w.send("GET", "/api/v1/patrols", "").raw, &list))
	if got := fmt.Sprint(list.Items); !strings.Contains(got, "completed {4 1}") {
		t.Errorf("the patrol arrived as %s", got)
	}
}

// mostScript is the budget of the patrol's scripts (design §11).
const mostScript = 24 << 10

// light fails when a page of the patrol, as it was opened, is over its budget.
func (b *tab) light(what string) {
	b.t.Helper()
	sum := func(kind string) int {
		return js[int](b, `performance.getEntriesByType("resource").filter(r => /\.`+kind+`$/.test(r.name)).reduce((n, r) => n + r.decodedBodySize, 0)`)
	}
	page, style, script := js[int](b, `performance.getEntriesByType("navigation")[0].decodedBodySize`), sum("css"), sum("js")
	b.t.Logf("%s: %d + %d + %d bytes", what, page, style, script)
	if page == 0 || style == 0 || script == 0 || script > mostScript || page+style+script > mostBytes {
		b.t.Errorf("%s takes %d bytes of script of %d, with page and style %d of %d", what, script, mostScript, page+style+script, mostBytes)
	}
}

// road is the way from a phone to the program: closed, or open and losing answers of
// what was carried out.
type road struct {
	closed atomic.Bool
	lossy  atomic.Bool
	writes atomic.Int64
}

func (r *road) over(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if r.closed.Load() {
			panic(http.ErrAbortHandler)
		}
		if r.lossy.Load() && q.Method == http.MethodPost && strings.HasPrefix(q.URL.Path, "/api/") && r.writes.Add(1)%9 == 0 {
			next.ServeHTTP(httptest.NewRecorder(), q) // done, and nobody hears of it
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, q)
	})
}

// picture is photograph n.
func picture(t *testing.T, dir string, n int) string {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for i := range m.Pix {
		m.Pix[i] = byte(i*n + i/7)
	}
	for x := range 40 {
		for y := range 10 {
			m.Set(x, y, color.RGBA{byte(n * 4), byte(255 - n*3), byte(n), 255})
		}
	}
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, m, nil))
	file := filepath.Join(dir, fmt.Sprintf("%d.jpg", n))
	must(t, os.WriteFile(file, b.Bytes(), 0o600))
	return file
}

func (b *tab) unlock(name, phrase string) {
	b.t.Helper()
	b.await(`!!document.querySelector("#u")`)
	js[string](b, fmt.Sprintf(`document.querySelector("#u").value = %q`, name))
	b.do(chromedp.SendKeys("#p", phrase), chromedp.Click("form[data-on=unlock] .btn"))
}

// tap touches what stands under a bar of the page too.
func (b *tab) tap(selector string) {
	b.t.Helper()
	js[bool](b, fmt.Sprintf(`(document.querySelector(%q).click(), true)`, selector))
}

// TestFieldOffline: the whole walk of an inspector without a network. 20 points and 60
// photographs, the browser killed in the middle and started again, a road that loses
// answers, an event that is refused: all of it arrives, once, and another person of the
// device sees nothing of it.
func TestFieldOffline(t *testing.T) { // S-PH1
	w := newWorld(t)
	r := &road{}
	w.server.Config.Handler = r.over(w.engine)
	w.account("baoan", policies.DistrictInspector, "baoan")
	w.account("second", policies.DistrictInspector, "baoan")
	for n := range 15 {
		_, err := w.Registry.CreateFacility(w.Program(), "", registry.FacilityInput{ParkID: string(w.BaoanA.Park.ID), Code: fmt.Sprintf("TW8%02d", n), Kind: "treatment", Name: fmt.Sprintf("预处理设施 %d", n), Capacity: "5", CapacityUnit: "m3/d", InUse: true})
		must(t, err)
	}
	profile, pictures := t.TempDir(), t.TempDir()
	b, end := phone(t, w, profile)
	b.signIn(w, "baoan")
	b.do(chromedp.SendKeys("#p1", phrase), chromedp.SendKeys("#p2", phrase))
	b.tap("form button")
	b.await(`!!document.querySelector('a[href^="/m/park/"]')`)
	b.await(`navigator.serviceWorker.controller !== null`)

	r.closed.Store(true)
	b.do(chromedp.Navigate(w.server.URL + "/m/"))
	b.unlock("baoan", "another passphrase")
	b.await(`document.getElementById("said").textContent === "账号或者巡查口令不对"`)
	b.unlock("baoan", phrase)
	b.await(`!!document.querySelector('a[href^="/m/park/"]')`)
	b.await(`!document.getElementById("off").hidden`)
	b.fits(390, "home off line")
	b.tap(`a[href="/m/park/` + string(w.BaoanA.Park.ID) + `"]`)
	b.await(`!!document.querySelector("#kind")`)
	b.tap("form[data-on=begin] .btn")
	b.await(`/^\/m\/patrol\/[^/]+$/.test(location.pathname)`)
	walk := js[string](b, `location.pathname`)
	points := js[[]string](b, `[...document.querySelectorAll('.mlist a')].map(a => a.getAttribute("href"))`)
	if len(points) != 20 {
		t.Fatalf("the park has %d points", len(points))
	}
	visit := func(n int) {
		t.Helper()
		b.tap(`.mlist a[href="` + points[n] + `"]`)
		b.await(`document.getElementById("place")?.textContent.startsWith("精度")`)
		b.tap(`.q3 .z`)
		b.await(`!!document.querySelector(".q3 :checked")`)
		b.do(chromedp.SetUploadFiles(`.mcard > .shots .add input`, []string{picture(t, pictures, 3*n), picture(t, pictures, 3*n+1), picture(t, pictures, 3*n+2)}))
		b.await(`document.querySelectorAll(".shots figure").length === 3`)
		b.tap(`.mact .btn:first-child`)
		b.await(`location.pathname === "` + walk + `" && !!document.querySelector("[data-do=end]")`)
	}
	for n := range 10 {
		visit(n)
	}
	must(t, chromedp.FromContext(b.ctx).Browser.Process().Kill())
	end()

	b, end = phone(t, w, profile)
	b.do(chromedp.Navigate(w.server.URL + walk))
	b.unlock("baoan", phrase)
	b.await(`document.querySelectorAll(".mlist .due:not([hidden])").length === 10`)
	for n := 10; n < 20; n++ {
		visit(n)
	}
	// What the server will refuse: a value that is none. And what a finding needs.
	b.tap(`.mlist a[href$="` + string(w.BaoanA.Facility.ID) + `"]`)
	b.await(`!!document.querySelector("#q-T3")`)
	b.do(chromedp.SendKeys(`#q-T3 [name=value]`, "很多\t"))
	b.tap(`#q-T2 .n`)
	b.await(`!!document.querySelector("#q-T2 [name=text]") && !document.querySelector("#q-T2 [name=text]").closest(".sub").hidden`)
	b.shot(390, "field-finding")
	b.fits(390, "a point")
	b.tap(`.mact .btn:first-child`)
	b.await(`!!document.querySelector("[data-do=end]")`)
	b.tap("[data-do=end]")
	b.await(`document.getElementById("said").textContent.includes("T2")`)
	b.tap(`.mlist a[href$="` + string(w.BaoanA.Facility.ID) + `"]`)
	b.await(`!!document.querySelector("#q-T2")`)
	b.do(chromedp.SendKeys(`#q-T2 [name=text]`, "调节池旁有一根软管接向雨水沟\t"))
	b.tap(`.mact .btn:first-child`)
	b.await(`!!document.querySelector("[data-do=end]")`)
	b.shot(390, "field-walk-offline")
	b.tap("[data-do=end]")
	b.await(`document.querySelector(".mlist .due")?.textContent === "等待网络"`)
	b.shot(390, "field-outbox-offline")
	b.fits(390, "the outbox")

	// The network comes back, and loses every ninth answer.
	b.forget()
	r.closed.Store(false)
	r.lossy.Store(true)
	b.tap("[data-do=retry]")
	b.await(`document.querySelector(".err").textContent.includes("登录后继续上传")`) // the sign-in was the browser's, and went with it
	b.tap(`.err a`)
	b.do(chromedp.SendKeys("#username", "baoan"), chromedp.SendKeys("#password", password), chromedp.Submit("form"))
	b.unlock("baoan", phrase)
	b.await(`!!document.querySelector("[data-do=retry]")`)
	for range 40 {
		if js[bool](b, `document.querySelector(".mlist .due")?.textContent === "需处理" && document.querySelector("progress").value === 1`) {
			break
		}
		b.tap("[data-do=retry]")
		b.do(chromedp.Sleep(500 * time.Millisecond))
	}
	b.await(`document.querySelector(".mlist .due")?.textContent === "需处理" && document.querySelector("progress").value === 1`)
	b.shot(390, "field-outbox-refused")
	b.forget()
	b.tap("[data-do=keepback]")
	b.await(`document.querySelector(".mlist .due")?.textContent === "已上传"`)
	r.lossy.Store(false)
	w.arrived(t)
	if held := b.kept("宝安甲园"); held != "records 3, photos 0, plain 0" {
		t.Errorf("after all have arrived the device keeps %s", held)
	}

	// Another person of the same device.
	b.do(chromedp.Navigate(w.server.URL + "/d"))
	b.tap(`form[action='/logout'] button`)
	b.await(`location.pathname === "/login"`)
	b.signIn(w, "second")
	b.await(`!!document.querySelector("#p1")`) // nothing of theirs is here
	b.do(chromedp.SendKeys("#p1", "another-8-characters"), chromedp.SendKeys("#p2", "another-8-characters"))
	b.tap("form button")
	b.await(`!!document.querySelector('a[href^="/m/park/"]')`)
	b.tap("#queue")
	b.await(`!!document.querySelector("[data-do=retry]")`)
	if n := js[int](b, `document.querySelectorAll(".mlist li").length`); n != 0 {
		t.Errorf("another person of the device sees %d patrols", n)
	}
	b.requests()

	// And off line again, in English: each opens their own, and nobody the other's.
	r.closed.Store(true)
	b.do(chromedp.Navigate(w.server.URL + "/m/outbox?lang=en"))
	b.unlock("baoan", "another-8-characters")
	b.await(`document.getElementById("said").textContent === "Wrong account or passphrase"`)
	b.unlock("baoan", phrase)
	b.await(`document.querySelector(".mlist .due")?.textContent === "Uploaded"`)
	b.fits(390, "the outbox in English")
	b.shot(390, "field-outbox-en")
	end()
}

// kept counts what the databases of the device hold, and where a text stands in it.
func (b *tab) kept(text string) string {
	b.t.Helper()
	js[bool](b, fmt.Sprintf(`((async () => {
		const done = (r) => new Promise((y) => { r.onsuccess = () => y(r.result) }), n = { records: 0, photos: 0, plain: 0 };
		for (const { name } of await indexedDB.databases()) {
			const db = await done(indexedDB.open(name));
			for (const s of ["records", "photos"]) for (const k of await done(db.transaction(s).objectStore(s).getAll())) { n[s]++; if (new TextDecoder().decode(k.data).includes(%q)) n.plain++ }
			db.close();
			if (name.includes("baoan")) n.plain++;
		}
		window.keptHere = "records " + n.records + ", photos " + n.photos + ", plain " + n.plain;
	})(), true)`, text))
	b.await(`!!window.keptHere`)
	return js[string](b, `window.keptHere`)
}

// arrived asks the API what came of the walk.
func (w *world) arrived(t *testing.T) {
	t.Helper()
	w.token = w.bearer("baoan")
	var list struct {
		Items []struct {
			ID, State string
			Counts    struct{ Events, Answers, NotAsRequired, Photos, PhotoCopies, Findings int }
		}
	}
	must(t, json.Unmarshal(w.send("GET", "/api/v1/patrols", "").raw, &list))
	// start, 20 arrivals, 20 answers and the one of T2, 60 photographs, end; the answer of T3 was refused.
	if got := fmt.Sprint(list.Items); len(list.Items) != 1 || !strings.HasSuffix(got, " completed {103 21 1 60 0 1}}]") {
		t.Fatalf("it arrived as %s", got)
	}
	var findings struct {
		Items []struct{ Description, PatrolID, FacilityID string }
	}
	must(t, json.Unmarshal(w.send("GET", "/api/v1/findings", "").raw, &findings))
	if len(findings.Items) != 1 || findings.Items[0].PatrolID != list.Items[0].ID || findings.Items[0].FacilityID != string(w.BaoanA.Facility.ID) {
		t.Errorf("the finding arrived as %+v", findings.Items)
	}
	var n, tied int64
	must(t, w.DB.Visible(w.Program(), policies.AttachmentRead, &files.Attachment{}).Count(&n).Error)
	must(t, w.DB.Visible(w.Program(), policies.AttachmentRead, &files.Attachment{}).Where("owner_kind = 'patrol' AND owner_id = ?", list.Items[0].ID).Count(&tied).Error)
	if n != 60 || tied != 60 {
		t.Errorf("%d photographs arrived, %d of the patrol", n, tied)
	}
}

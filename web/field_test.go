package web_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	devtools "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

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

// TestFieldWalk: a simple patrol, sent while there is a network.
func TestFieldWalk(t *testing.T) {
	w := newWorld(t)
	w.account("baoan", policies.DistrictInspector, "baoan")
	b, end := phone(t, w, t.TempDir())
	defer end()
	b.signIn(w, "baoan")
	b.shot(390, "field-setup")
	b.do(chromedp.SendKeys("#p1", phrase), chromedp.SendKeys("#p2", phrase), chromedp.Click("form button"))
	b.await(`!!document.querySelector('a[href^="/m/park/"]')`)
	b.shot(390, "field-home")
	b.do(chromedp.Click(`a[href="/m/park/` + string(w.BaoanA.Park.ID) + `"]`))
	b.await(`!!document.querySelector("#kind")`)
	b.shot(390, "field-park")
	b.do(chromedp.Click("form button"))
	b.await(`/^\/m\/patrol\//.test(location.pathname)`)
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

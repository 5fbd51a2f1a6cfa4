package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"parkregistry/internal/code"
	"parkregistry/models/registry"
)

// measured are how many pollutants the longest form of a record has.
const measured = 13

// rare are pages that are opened seldom, by whose they are: a stream of waste water, a
// locked period, and the longest form, which corrects a monitoring record.
func (w *world) rare() map[string][]string {
	w.t.Helper()
	stream, err := w.Registry.CreateStream(w.ParkManager(w.BaoanA), "", registry.StreamInput{ParkID: string(w.BaoanA.Park.ID), SiteID: string(w.BaoanA.Site.ID), FacilityID: string(w.BaoanA.Facility.ID), Name: "含镍废水", Kind: "nickel", ClassOne: true, VolumeM3d: "12"})
	must(w.t, err)
	w.token = w.bearer("bureau")
	lock := w.made("/period-locks", `{"from":"2020-01-01","to":"2020-01-31","reason":"年度核算已经完成"}`)
	var readings []string
	for _, x := range code.Pollutants() {
		if !x.Air() && x.Unit() == "mg/L" && len(readings) < measured {
			readings = append(readings, fmt.Sprintf(`{"pollutant":%q,"value":"<0.001"}`, x))
		}
	}
	w.token = w.bearer("park-a")
	record := w.made("/ledgers", fmt.Sprintf(`{"parkId":%q,"outletId":%q,"class":"monitoring.manual","day":"2026-01-02","slot":"批次 1","payload":{"sampledAt":"2026-01-02T10:00:00+08:00","point":"车间排放口","method":"HJ 776-2015",
		"frequency":"1次/日","instrument":"ICP-OES","sampling":"混合样，4 个","productionCondition":"90%%","readings":[%s]}}`, w.BaoanA.Park.ID, w.BaoanA.Outlet.ID, strings.Join(readings, ",")))
	if got := w.send("POST", "/api/v1/ledgers/"+string(record)+"/filing", ""); got.status != http.StatusOK {
		w.t.Fatalf("file a monitoring record: %d %s", got.status, got.raw)
	}
	return map[string][]string{"park-a": {"/stream/" + string(stream.ID), "/ledger/" + string(record) + "/amend"}, "bureau": {"/c/setup/lock/" + string(lock)}}
}

// TestEnrolmentAndVerifier: the two pages that no link opens as the others, the verifier of
// receipts and the enrolment of a second factor, keep the budget of a page, fit a phone and
// break no rule of axe-core, in both languages. The verifier has a script of its own size,
// since it checks signatures without a network.
func TestEnrolmentAndVerifier(t *testing.T) {
	source := axe(t)
	b, w := newTab(t), newWorld(t)
	look := func(name string) {
		t.Helper()
		var x weight
		must(t, json.Unmarshal([]byte(js[string](b, weighing)), &x))
		if total := x.HTML + x.CSS + x.JS; x.HTML == 0 || total > mostBytes {
			t.Errorf("%s takes %d bytes: %+v", name, total, x)
		}
		for _, v := range b.audited(source) {
			t.Errorf("%s: %s (%s) %s: %+v", name, v.ID, v.Impact, v.Help, v.Nodes)
		}
		for _, width := range []int64{390, 1440} {
			b.fits(width, name)
			b.shot(width, "rare-"+name)
		}
	}
	for _, lang := range []string{"en", "zh"} {
		b.open(w.server.URL + "/verify/?lang=" + lang)
		look("verifier-" + lang)
	}
	b.do(chromedp.Navigate(w.server.URL+"/login?next=/me"), chromedp.SendKeys("#username", "park-a"), chromedp.SendKeys("#password", password), chromedp.Submit("form"))
	b.await(`location.pathname === "/me"`)
	for _, lang := range []string{"en", "zh"} {
		b.do(chromedp.Navigate(w.server.URL+"/me?lang="+lang), chromedp.Click(`form[action="/me/factor"] button`))
		b.await(`!!document.querySelector(".scan")`)
		look("enrolment-" + lang)
	}
}

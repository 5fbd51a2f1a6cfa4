package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"parkregistry/models/assessment"
	"parkregistry/policies"
)

// laid prepares a day of work.
func (w *world) laid(t *testing.T, n int) *desk {
	t.Helper()
	w.t = t
	d := &desk{n: n, day: string(w.DB.Today()), paper: picture(t, t.TempDir(), n+1), asked: fmt.Sprintf("asked-%d", n)}
	d.sheet = filepath.Join(t.TempDir(), "台账.csv")
	must(t, os.WriteFile(d.sheet, []byte(days(fmt.Sprintf("2026-02-%02d", 2*n+1), fmt.Sprintf("2026-02-%02d", 2*n+2))), 0o600))
	w.token = w.bearer("baoan")
	d.finding = "/finding/" + string(w.made("/findings", fmt.Sprintf(`{"parkId":%q,"dimension":2,"severity":"minor","description":"护栏松动 %d"}`, w.BaoanA.Park.ID, n)))
	if got := w.send("POST", "/api/v1"+strings.Replace(d.finding, "/finding/", "/findings/", 1)+"/notice", `{"text":"加固护栏"}`); got.status/100 != 2 {
		t.Fatalf("notice: %d %s", got.status, got.raw)
	}
	w.token = w.bearer("bureau")
	w.made("/account-requests", fmt.Sprintf(`{"username":%q,"displayName":"新专员","role":%q,"parkId":%q,"reason":"接替离任的专员"}`, d.asked, policies.ParkManager.Slug(), w.BaoanA.Park.ID))
	w.numbered()
	return d
}

// submitted is a self-assessment of the second park that its district may verify.
func (w *world) submitted(t *testing.T) {
	t.Helper()
	b := w.browser().signIn("park-b")
	began := b.sends("/six/start", "year", string(w.DB.Today())[:4])
	for _, i := range assessment.Draft().Items {
		if i.Computed() {
			continue
		}
		if got := b.does(began.to, began.to+"/self-assessment", "dim", strconv.Itoa(i.Dimension), "item", i.ID, "points", "0"); got.status != http.StatusSeeOther {
			t.Fatalf("%s: %d\n%s", i.ID, got.status, got.text)
		}
	}
	if got := b.does(began.to, began.to+"/submission"); got.to != began.to+"?done=submission" {
		t.Fatalf("submit: %d to %q\n%s", got.status, got.to, got.text)
	}
	w.token = w.bearer("park-a")
	w.made("/assessments", fmt.Sprintf(`{"parkId":%q,"year":%s}`, w.BaoanA.Park.ID, string(w.DB.Today())[:4]))
}

func fileLedger(p *person, d *desk) {
	p.goes(`ul.tasks a[href^="/p/ledger/new/treatmentFacility.wastewater"]`)
	day := js[string](p.tab, `new URLSearchParams(location.search).get("date")`)
	p.sets(`[name="/startAt"]`, day+"T00:00")
	p.sets(`[name="/endAt"]`, day+"T23:59")
	for _, f := range [][2]string{{"/inflow", "412.5"}, {"/treated", "410"}, {"/reused", "100"}, {"/discharged", "310"}, {"/readings/0/value", "7.2"}, {"/sludgeQuantity", "1.2"}, {"/sludgeDestination", "示例处置公司"}} {
		p.types(`[name="`+f[0]+`"]`, f[1])
	}
	if free := `input:not([type=hidden])[name="/readings/0/pollutant"]`; js[bool](p.tab, `!!document.querySelector('`+free+`')`) { // neither a permit nor a record names one yet
		p.types(free, "pH值")
	}
	p.sets(`[name="/drainDestination"]`, "sewagePlant")
	p.click(`label:has([name="/normal"][value=true])`)
	p.goes(`.actbar button[value=check]`)
	p.click(`#declared`)
	p.goes(`form[action$="/filing"] .btn-p`)
	p.says(`a[href$="/receipt"]`)
}

func importBook(p *person, d *desk) {
	p.menu("/p/import")
	p.sets("#class", "treatmentFacility.wastewater")
	p.goes(".pick button")
	p.brings("#file", d.sheet)
	p.goes(`form[enctype] .btn-p`)
	p.click(`[name=file]`)
	p.goes(`.actbar .btn-p`)
	p.says(`.note.ok a[href="/p/ledger"]`)
}

func answerFinding(p *person, d *desk) {
	p.menu("/p/findings")
	p.goes(`a[href="` + d.finding + `"]`)
	p.opens(`details:has([action$="/rectification"]) > summary`)
	p.types("#rectification-measure", "已加固护栏并验收")
	p.sets("#rectification-doneOn", d.day)
	p.types("#rectification-cost", "0")
	p.brings("#rectification-attachments", d.paper)
	p.goes(`[action$="/rectification"] .btn-p`)
	p.says(`[role=status].ok`)
}

func lookUpLedgers(p *person, d *desk) {
	p.menu("/p/ledger")
	p.filters()
	p.sets("#f-from", "2026-01-02")
	p.sets("#f-to", "2026-01-02")
	p.goes(".filters .btn-p")
	p.says(`a[href="/ledger/` + string(p.entry) + `"]`)
	p.book(`.page-head [action="/export/ledgers"] button[value=xlsx]`)
}

func judgeItem(p *person, d *desk) {
	p.menu("/p/six")
	p.goes(`a[href^="/six/"]`)
	item := []string{"A1", "A2", "A3", "A4"}[d.n]
	p.goes(`a[href$="item=` + item + `#` + item + `"]`)
	p.types("#self-assessment-points", "0.5")
	p.types("#self-assessment-evidence", "任命文件")
	p.brings("#self-assessment-attachments", d.paper)
	p.sets("#self-assessment-evidenceOn", d.day)
	p.goes(`tr.ask .btn-p`)
	p.says(`#` + item + ` a[href^="/api/v1/attachments/"]`)
}

func patrolPoint(p *person, d *desk) {
	p.menu("/m/")
	if p.way.script {
		patrolByScript(p, d)
		return
	}
	p.goes(`a[href="/m/park/` + string(p.BaoanA.Park.ID) + `"]`)
	p.goes(`form .btn-p`)
	p.goes(`a[href$="` + string(p.BaoanA.Facility.ID) + `"]`)
	p.click(`label:has([name="result-T2"][value=notAsRequired])`)
	p.click(`fieldset:has([name="result-T2"]) summary`)
	p.types(`[name="text-T2"]`, "一根软管接向雨水沟")
	p.brings(`[name=photos]`, d.paper)
	p.goes(`.mact .btn-p`)
	if js[bool](p.tab, `!document.querySelector('form.mact')`) { // the next point is open: back to the patrol
		p.goes(`.mact a`)
	}
	p.goes(`form.mact .btn-p`)
	p.says(`a[href^="/finding/"]`)
}

func patrolByScript(p *person, d *desk) {
	p.await(`!!document.querySelector("#p1, #p")`)
	if js[bool](p.tab, `!!document.querySelector("#p1")`) { // the first time on this device
		p.types("#p1", phrase)
		p.types("#p2", phrase)
		p.click("form button")
	} else {
		p.types("#p", phrase)
		p.click("form[data-on=unlock] .btn")
	}
	steps := []struct{ there, click string }{
		{`a[href^="/m/park/"]`, `a[href="/m/park/` + string(p.BaoanA.Park.ID) + `"]`},
		{`#kind`, `form[data-on=begin] .btn`},
		{`.mlist a[href$="` + string(p.BaoanA.Facility.ID) + `"]`, ""},
		{`#q-T2`, `#q-T2 .n`},
	}
	for _, s := range steps {
		p.await(`!!document.querySelector(` + strconv.Quote(s.there) + `)`)
		if s.click == "" {
			s.click = s.there
		}
		p.click(s.click)
	}
	p.await(`!!document.querySelector("#q-T2 [name=text]") && !document.querySelector("#q-T2 [name=text]").closest(".sub").hidden`)
	p.types(`#q-T2 [name=text]`, "一根软管接向雨水沟\t")
	p.brings(`.mcard > .shots .add input`, d.paper)
	p.await(`document.querySelectorAll(".shots figure").length === 1`)
	p.click(`.mact .btn:first-child`)
	p.await(`!!document.querySelector("[data-do=end]")`)
	p.click(`[data-do=end]`)
	p.token = p.bearer("baoan")
	for range 500 {
		var list struct {
			Items []struct {
				State  string
				Counts struct{ Findings, Photos int }
			}
		}
		must(p.t, json.Unmarshal(p.send("GET", "/api/v1/patrols", "").raw, &list))
		n := 0
		for _, i := range list.Items {
			if i.State == "completed" && i.Counts.Findings == 1 && i.Counts.Photos == 1 {
				n++
			}
		}
		if n == d.n+1 {
			return
		}
		p.await(`true`)
	}
	p.t.Fatal("the patrol does not arrive")
}

func closeFinding(p *person, d *desk) {
	p.goes(`dd a[href="/d/findings?state=submitted"]`)
	p.goes(`a[href="` + d.finding + `"]`)
	p.opens(`details:has([action$="/review"]) > summary`)
	p.sets("#review-result", "close")
	p.types("#review-opinion", "现场查看，护栏已经加固")
	p.goes(`[action$="/review"] .btn-p`)
	p.says(`[role=status].ok`)
}

func returnLedger(p *person, d *desk) {
	p.menu("/d/ledger")
	p.goes(`tbody tr:first-child a.row`)
	p.types("#reason", "污泥产生量与磅单不符，核对后重报")
	p.goes(`form[action$="/return"] .btn:not(.btn-d)`)
	p.says(`[role=status].ok`)
}

func verifyItem(p *person, d *desk) {
	p.menu("/d/six")
	p.goes(`a[href="` + js[string](p.tab, `[...document.querySelectorAll('a[href^="/six/"]')].find(a => a.closest("tr").textContent.includes("`+*p.BaoanB.Park.Name+`")).getAttribute("href")`) + `"]`)
	p.click(`[name=same]`)
	p.goes(`#same .btn-p`)
	p.says(`#items .st-ok, #items .st-bad, #items .st-warn`)
}

func listMissing(p *person, d *desk) {
	p.goes(`dd a[href^="/d/due?state=missing"]`)
	p.book(`[action="/export/obligations"] button[value=xlsx]`)
}

func weakestCell(p *person, d *desk) {
	p.goes(`.tasks a[href^="/c/matrix?park="]`)
	p.goes(`tr.sel td.c.bad a`)
	p.says(`#park .items`)
}

func pastDay(p *person, d *desk) {
	day := string(p.DB.Today().Add(-1))
	p.sets("#asOf", day)
	p.goes(`form:has(#asOf) .btn`)
	p.says(`[name=asOf][value="` + day + `"]`)
	p.says(`.panel-b.text`)
}

func setTask(p *person, d *desk) {
	p.menu("/c/tasks")
	p.goes(`a[href="/c/tasks/new"]`)
	p.sets("#unit", "district:baoan")
	p.goes(`form:has(#unit) .btn`)
	p.opens(`details:has([action="/c/tasks/new"]) > summary`)
	p.sets("#new-programmeId", p.first("#new-programmeId"))
	p.types("#new-title", "核查电镀企业的围堰")
	p.types("#new-goal", "逐家核查并拍照")
	p.sets("#new-personId", p.first("#new-personId"))
	p.sets("#new-dueOn", "2027-03-31")
	p.goes(`[action="/c/tasks/new"][method=post] .btn-p`)
	p.says(`main .tl`)
}

func overdueBook(p *person, d *desk) {
	p.menu("/reports")
	p.book(`[action="/report/overdue"] [formmethod=post]`)
}

func askAccount(p *person, d *desk) {
	p.menu("/requests")
	p.opens(`details:has([action="/requests/asking"]) > summary`)
	p.types("#asking-username", fmt.Sprintf("new-%d", d.n))
	p.types("#asking-displayName", "新专员")
	p.sets("#asking-role", policies.ParkManager.Slug())
	p.sets("#asking-parkId", string(p.BaoanA.Park.ID))
	p.types("#asking-reason", "接替离任的专员")
	p.goes(`[action="/requests/asking"] .btn-p`)
	p.says(`a[href^="/request/"]`)
}

func decideAccount(p *person, d *desk) {
	p.menu("/requests")
	p.goes(`tr:has(th,td) a[href="` + js[string](p.tab, `[...document.querySelectorAll('a[href^="/request/"]')].find(a => a.closest("tr,li").textContent.includes("`+d.asked+`")).getAttribute("href")`) + `"]`)
	p.opens(`details:has([action$="/approval"]) > summary`)
	p.types("#approval-reason", "核对过任命文件")
	p.goes(`[action$="/approval"] .btn-p`)
	p.says(`[role=status] .mono`)
}

func traceObject(p *person, d *desk) {
	p.menu("/c/audit")
	p.goes(`a[href^="/c/audit?objectId="]`)
	p.says(`.chips, tbody tr`)
}

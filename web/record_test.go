package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parkregistry/internal/discharge"
)

// filled is the form that is sent to an address, with everything as the page has it, and
// what is typed instead: name, value, name, value. A value of "" leaves the field empty.
func (p shown) filled(t *testing.T, action string, typed ...string) url.Values {
	t.Helper()
	form := regexp.MustCompile(`(?s)<form method="post" action="` + action + `".*?</form>`).FindString(p.text)
	if form == "" {
		t.Fatalf("the page (%d) has no form for %s", p.status, action)
	}
	sent := url.Values{}
	for _, tag := range regexp.MustCompile(`<input[^>]*>`).FindAllString(form, -1) {
		name, value := attribute(tag, "name"), attribute(tag, "value")
		if name != "" && (!strings.Contains(tag, `type="checkbox"`) || strings.Contains(tag, " checked")) {
			sent.Add(name, value)
		}
	}
	for _, m := range regexp.MustCompile(`(?s)<select[^>]* name="([^"]+)".*?</select>`).FindAllStringSubmatch(form, -1) {
		if chosen := regexp.MustCompile(`<option value="([^"]*)" selected`).FindStringSubmatch(m[0]); chosen != nil {
			sent.Set(m[1], html.UnescapeString(chosen[1]))
		}
	}
	for _, m := range regexp.MustCompile(`(?s)<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>`).FindAllStringSubmatch(form, -1) {
		sent.Set(m[1], html.UnescapeString(m[2]))
	}
	instead := url.Values{}
	for i := 0; i+1 < len(typed); i += 2 {
		instead.Add(typed[i], typed[i+1])
	}
	for name, values := range instead {
		sent[name] = values
	}
	return sent
}

func attribute(tag, name string) string {
	if m := regexp.MustCompile(` ` + name + `="([^"]*)"`).FindStringSubmatch(tag); m != nil {
		return html.UnescapeString(m[1])
	}
	return ""
}

// fills opens a page and sends one of its forms, changed as typed.
func (b *browser) fills(page, move string, typed ...string) shown {
	b.t.Helper()
	return b.send("POST", page+"/"+move, b.get(page).filled(b.t, page+"/"+move, typed...))
}

// complaint is what a page that refused a form says of it.
func (p shown) complaint() string {
	return regexp.MustCompile(`(?s)<div class="esum".*?</div>`).FindString(p.text)
}

// faulty reports whether the form of the page was refused at the field.
func (p shown) faulty(move, field string) bool {
	return p.status == http.StatusUnprocessableEntity && strings.Contains(p.text, `id="`+move+"-"+field+`-e"`)
}

// forms are the addresses to which the page has forms.
func (p shown) forms(below string) (all []string) {
	for _, m := range regexp.MustCompile(`action="(`+below+`/[^"]+)"`).FindAllStringSubmatch(p.text, -1) {
		all = append(all, m[1])
	}
	return all
}

// testRecords: a facility, an outlet and a stream have pages on which the park corrects
// everything that the register has of them, adds what belongs to them and ends them;
// whoever only reads is offered no form, and who may not see the row finds no page.
func testRecords(t *testing.T, w *world) {
	park, baoan, other := w.browser().signIn("park-a"), w.browser().signIn("baoan"), w.browser().signIn("other")
	facility := "/facility/" + string(w.BaoanA.Own.ID)
	for _, at := range []string{facility, "/outlet/" + string(w.BaoanA.Outlet.ID)} {
		if got := baoan.get(at); got.status != http.StatusOK || len(got.forms(at)) > 0 {
			t.Errorf("%s: who only reads sees %d and forms %v", at, got.status, got.forms(at))
		}
		if got := other.get(at); got.status != http.StatusNotFound {
			t.Errorf("%s of another park: %d", at, got.status)
		}
		sent := park.get(at).filled(t, at+"/change", "name", "区里改的名称")
		sent.Set("form", baoan.get("/me").form(t))
		if got := baoan.send("POST", at+"/change", sent); got.status != http.StatusForbidden || strings.Contains(park.get(at).text, "区里改的名称") {
			t.Errorf("%s: a district changes it: %d", at, got.status)
		}
	}

	if got := park.fills(facility, "change", "capacity", "-5", "supplier", "环保运维公司"); !got.faulty("change", "capacity") || !strings.Contains(got.text, `value="环保运维公司"`) {
		t.Errorf("a capacity below nothing: %d %s", got.status, got.complaint())
	}
	if got := park.fills(facility, "change", "cycleHours", "两天"); !got.faulty("change", "cycleHours") || !strings.Contains(got.text, `value="两天"`) {
		t.Errorf("a cycle that is no number: %d %s", got.status, got.complaint())
	}
	if got := park.fills(facility, "change", "operation", "sometimes"); !got.faulty("change", "operation") {
		t.Errorf("an operation that is not offered: %d", got.status)
	}
	before := park.get(facility).filled(t, facility+"/change", "capacity", "900")
	if got := park.fills(facility, "change", "supplier", "环保运维公司", "shifts", "早班、夜班", "cycleHours", "12", "operation", "batch"); got.to != facility {
		t.Fatalf("correct a facility: %d %s", got.status, got.complaint())
	}
	shows := park.get(facility).text
	for _, said := range []string{"环保运维公司", "早班、夜班", "间歇（按批次）运行"} {
		if !strings.Contains(shows, "<dd>"+said) {
			t.Errorf("the facility does not say %q", said)
		}
	}
	stale := park.send("POST", facility+"/change", before)
	if stale.status != http.StatusPreconditionFailed || !strings.Contains(stale.text, `value="900"`) || !strings.Contains(stale.text, "现在登记的是：环保运维公司") {
		t.Errorf("a change to a version that is gone: %d, or it does not show what stands and what was entered\n%s", stale.status, stale.complaint())
	}
	if got := park.get(facility).text; strings.Contains(got, "900 m") {
		t.Error("the stale change was made")
	}

	stream := park.fills(facility, "stream", "name", "含镍废水", "kind", "nickel")
	if !stream.faulty("stream", "classOne") {
		t.Errorf("nickel without class I: %d %s", stream.status, stream.complaint())
	}
	if stream = park.fills(facility, "stream", "name", "含镍废水", "kind", "nickel", "classOne", "true", "volumeM3d", "120"); !strings.HasPrefix(stream.to, "/stream/") {
		t.Fatalf("register a stream: %d %s", stream.status, stream.complaint())
	}
	if got := park.fills(stream.to, "change", "volumeM3d", "150.5"); got.to != stream.to || !strings.Contains(park.get(facility).text, "150.5") || !strings.Contains(park.get(stream.to).text, w.BaoanA.Own.Code) {
		t.Errorf("correct a stream: %d %s", got.status, got.complaint())
	}
	if got := baoan.get(stream.to); got.status != http.StatusOK || len(got.forms(stream.to)) > 0 || other.get(stream.to).status != http.StatusNotFound {
		t.Errorf("a stream for who only reads: %d", got.status)
	}
	if got := park.fills(stream.to, "closing", "reason", "短"); !got.faulty("closing", "reason") {
		t.Errorf("ended for a short reason: %d", got.status)
	}
	if got := park.fills(stream.to, "closing", "reason", "生产线已经拆除"); got.to != stream.to {
		t.Fatalf("end a stream: %d %s", got.status, got.complaint())
	}
	if got := park.get(stream.to); len(got.forms(stream.to)) > 0 || !strings.Contains(got.text, "生产线已经拆除") {
		t.Error("a stream that ended is offered to be changed, or does not say why it ended")
	}

	outlet := park.fills(facility, "outlet", "code", "DW077", "kind", "total", "regime", "indirect", "receivingPlant", "宝安水质净化厂", "production", "plating", "production", "pcb")
	if !strings.HasPrefix(outlet.to, "/outlet/") {
		t.Fatalf("register an outlet of the park's own: %d %s", outlet.status, outlet.complaint())
	}
	if shows := park.get(outlet.to).text; !strings.Contains(shows, "专业电镀企业、印制电路板") || !strings.Contains(shows, facility) {
		t.Error("the outlet does not say its production, or what stands before it")
	}
}

// testOutletLimits: a limit that an approval states is registered at the outlet by the
// name of the pollutant; the table of limits shows that it is in force from its first day.
func testOutletLimits(t *testing.T, w *world) {
	park := w.browser().signIn("park-a")
	at := "/outlet/" + string(w.BaoanA.Outlet.ID)
	if got := park.fills(at, "limit", "pollutant", "从来没有的东西", "maximum", "5", "basis", "eia", "standard", "深环批〔2025〕1号", "validFrom", "2025-07-01"); !got.faulty("limit", "pollutant") || !strings.Contains(got.text, `value="从来没有的东西"`) {
		t.Errorf("a pollutant that is none: %d %s", got.status, got.complaint())
	}
	if got := park.fills(at, "limit", "pollutant", "化学需氧量", "maximum", "5", "unit", "kg/d", "basis", "eia", "standard", "深环批〔2025〕1号", "validFrom", "2025-07-01"); !got.faulty("limit", "unit") {
		t.Errorf("a unit that is none of it: %d %s", got.status, got.complaint())
	}
	if got := park.fills(at, "limit", "pollutant", "化学需氧量", "maximum", "17.25", "basis", "eia", "standard", "深环批〔2025〕1号", "validFrom", "2025-07-01"); got.to != at {
		t.Fatalf("register a limit: %d %s", got.status, got.complaint())
	}
	row := regexp.MustCompile(`(?s)<tr><th scope="row" class="one">化学需氧量.*?</tr>`).FindString(park.get(at).text)
	for _, said := range []string{"17.25 mg/L", "环评批复 深环批〔2025〕1号", ">执行</td>"} {
		if !strings.Contains(row, said) {
			t.Errorf("the limit in force does not say %q: %s", said, row)
		}
	}
	sets, err := w.Registry.Limits(w.ParkManager(w.BaoanA), w.BaoanA.Outlet.ID, "", "w01018")
	must(t, err)
	if !slices.ContainsFunc(sets[0].Candidates, func(c discharge.Candidate) bool { return c.InForce && c.Maximum == "17.25" && c.Unit == "mg/L" }) {
		t.Errorf("the register has %+v", sets[0].Candidates)
	}
	if got := park.fills(at, "change", "regime", "direct", "receivingWater", ""); !got.faulty("change", "receivingWater") {
		t.Errorf("direct into nothing: %d %s", got.status, got.complaint())
	}
	if got := park.fills(at, "change", "eiaNumber", "深环批〔1998〕7号", "eiaApprovedOn", "1998-03-02", "production", "plating"); got.to != at || !strings.Contains(park.get(at).text, "深环批〔1998〕7号") {
		t.Errorf("correct an outlet: %d %s", got.status, got.complaint())
	}
	o, err := w.Registry.Outlet(w.ParkManager(w.BaoanA), w.BaoanA.Outlet.ID)
	must(t, err)
	if was := w.BaoanA.Outlet.Input(); o.Kind != was.Kind || o.ReceivingPlant != was.ReceivingPlant || o.Input().FacilityID != was.FacilityID {
		t.Errorf("what was not touched changed: %+v from %+v", o.Input(), was)
	}
}

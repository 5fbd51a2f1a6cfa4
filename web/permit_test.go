package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"parkregistry/models"
	"parkregistry/models/registry"
)

// permitted is the page of a permit of the firm with one amount.
func (w *world) permitted() string {
	w.t.Helper()
	made, err := w.Registry.CreatePermit(w.ParkManager(w.BaoanA), "", registry.PermitInput{SiteID: string(w.BaoanA.Site.ID), Number: w.BaoanA.Enterprise.CreditCode + "077P", Kind: "permit", Class: "key", IssuedOn: "2025-03-01",
		Authority: "深圳市生态环境局宝安管理局", Amounts: []registry.PermitAmount{{Pollutant: "w01018", TonnesA: "9"}}})
	must(w.t, err)
	return "/permit/" + string(made.ID)
}

// testPermit: what a permit allows and asks for is entered row by row on its page, the
// same thing again taking the place of what stood, and taken out row by row.
func testPermit(t *testing.T, w *world) {
	park, baoan, other := w.browser().signIn("park-a"), w.browser().signIn("baoan"), w.browser().signIn("other")
	at, number := w.permitted(), w.BaoanA.Enterprise.CreditCode+"077P"
	stands := func() registry.PermitInput {
		x, err := w.Registry.Permit(w.Bureau(), models.ID(strings.TrimPrefix(at, "/permit/")))
		must(t, err)
		return x.Input()
	}
	if got := park.get("/firm/" + string(w.BaoanA.Enterprise.ID)).text; !strings.Contains(got, `href="`+at+`"`) {
		t.Error("the page of the firm does not lead to the permit")
	}
	if got := baoan.get(at); got.status != http.StatusOK || len(got.forms(at)) > 0 || other.get(at).status != http.StatusNotFound {
		t.Errorf("who only reads: %d, forms %v", got.status, got.forms(at))
	}
	refused := park.get(at).filled(t, at+"/amount", "pollutant", "w21003", "tonnesPerYear", "1")
	refused.Set("form", baoan.get("/me").form(t))
	if got := baoan.send("POST", at+"/amount", refused); got.status != http.StatusForbidden {
		t.Errorf("a district enters an amount: %d", got.status)
	}

	for _, c := range []struct {
		move, field string
		typed       []string
	}{
		{"amount", "tonnesPerYear", []string{"pollutant", "w21003", "tonnesPerYear", "很多"}},
		{"amount", "year", []string{"pollutant", "w21003", "tonnesPerYear", "1", "year", "明年"}},
		{"limit", "pollutant", []string{"outlet", "DA001", "pollutant", "w01018", "maximum", "80"}},
		{"limit", "unit", []string{"outlet", "DW001", "pollutant", "化学需氧量", "maximum", "80", "unit", "kg/d"}},
		{"wording", "text", []string{"class", "treatmentFacility.wastewater"}},
		{"wording", "class", []string{"class", "nothing.atAll", "text", "1次/日"}},
		{"monitoring", "outlet", []string{"outlet", "X", "pollutant", "化学需氧量", "text", "1次/月"}},
		{"change", "validTo", []string{"validTo", "2040-01-01"}},
		{"remove", "row", nil},
	} {
		got := park.fills(at, c.move, c.typed...)
		if !got.faulty(c.move, c.field) {
			t.Errorf("%s with %v: %d, want a word at %s: %s", c.move, c.typed, got.status, c.field, got.complaint())
		}
		if len(c.typed) > 0 && c.field != "class" && !strings.Contains(got.text, c.typed[len(c.typed)-1]) {
			t.Errorf("%s does not keep %q", c.move, c.typed[len(c.typed)-1])
		}
	}

	do := func(move string, typed ...string) {
		t.Helper()
		if got := park.fills(at, move, typed...); got.to != at {
			t.Fatalf("%s: %d %s", move, got.status, got.complaint())
		}
	}
	older := park.get(at).filled(t, at+"/remove", "row", "amount/0")
	do("amount", "pollutant", "W01018", "tonnesPerYear", "12.5")
	if got := park.send("POST", at+"/remove", older); got.status != http.StatusPreconditionFailed || len(stands().Amounts) != 1 {
		t.Errorf("a row is taken out of a version that is gone: %d", got.status)
	}
	do("amount", "pollutant", "w21003", "tonnesPerYear", "1.2", "year", "2026")
	do("limit", "outlet", "DW001", "pollutant", "化学需氧量", "maximum", "80", "kind", "daily")
	do("limit", "outlet", "dw001", "pollutant", "w01018", "maximum", "75", "kind", "daily")
	do("wording", "class", "treatmentFacility.wastewater", "text", "1次/日", "graceDays", "3", "dueOnWorkday", "true")
	do("monitoring", "outlet", "DW001", "pollutant", "化学需氧量", "text", "1次/月")
	do("change", "validTo", "2029-12-31")
	in := stands()
	if len(in.Amounts) != 2 || in.Amounts[0].TonnesA != "12.5" || in.Amounts[1].Year != 2026 || len(in.Limits) != 1 || in.Limits[0].Maximum != "75" || in.Limits[0].Unit != "mg/L" ||
		len(in.LedgerRules) != 1 || *in.LedgerRules[0].GraceDays != 3 || !in.LedgerRules[0].DueOnWorkday || len(in.Monitoring) != 1 || in.Monitoring[0].Pollutant != "w01018" || in.ValidTo != "2029-12-31" || in.Number != number {
		t.Errorf("the permit stands as %+v", in)
	}
	shows := park.get(at)
	for _, said := range []string{"75 mg/L", "12.5", "1次/日", "3 天 遇节假日顺延", "1次/月", "2029-12-31", "废水治理设施"} {
		if !strings.Contains(shows.text, said) {
			t.Errorf("the permit does not say %q", said)
		}
	}
	do("remove", "row", shows.choice("remove-row", "许可排放量"))
	if in := stands(); len(in.Amounts) != 1 || in.Amounts[0].Pollutant != "w21003" || len(in.Limits) != 1 {
		t.Errorf("after one row was taken out the permit stands as %+v", in)
	}
	do("closing", "reason", "企业申请注销许可证")
	if got := park.get(at); len(got.forms(at)) > 0 || !regexp.MustCompile(`<dd>企业申请注销许可证</dd>`).MatchString(got.text) {
		t.Error("what ended is offered to be changed, or does not say why it ended")
	}
}

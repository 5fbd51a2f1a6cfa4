package api_test

import (
	"fmt"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
)

// TestOddFilingOverHTTP: the filer is warned before filing and may file; the
// district reads the same afterwards, in its language.
func TestOddFilingOverHTTP(t *testing.T) {
	db, err := models.Open(t.Context(), models.Config{URL: dbtest.SQLite(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w := newWorld(t, db)
	p := place{Place: w.BaoanA}
	var last string
	for n := 2; n > 0; n-- {
		made := w.want(w.call("firm-a", "POST", "/ledgers", entryBody(p, string(db.Today().Add(-n)))), 201, "a draft")
		last = made.text("id")
		if odd := strings.Contains(string(made.raw), `"copiedPeriod"`); odd != (n == 1) {
			t.Errorf("%d days ago the draft warns: %s", n, made.raw)
		}
		filed := w.want(w.call("firm-a", "POST", "/ledgers/"+last+"/filing", nil), 200, "it is filed all the same")
		if filed.at("odd") != (n == 1) {
			t.Errorf("filed: %s", filed.raw)
		}
	}
	rules := map[string]string{}
	for _, lang := range []string{"zh-CN", "en"} {
		all := w.want(w.call("baoan-1", "GET", "/odd-rules", nil, "Accept-Language", lang), 200, "the rules")
		for i := range all.items() {
			rules[lang+all.text(fmt.Sprintf("items.%d.id", i))] = all.text(fmt.Sprintf("items.%d.title", i))
		}
	}
	if len(rules) < 16 || rules["zh-CNcopiedPeriod"] != "各项数值与较早一日完全相同" || rules["encopiedPeriod"] != "Every value is that of an earlier day" {
		t.Errorf("the rules are %v", rules)
	}
	list := w.want(w.call("baoan-1", "GET", "/ledgers?odd=true", nil, "Accept-Language", "en"), 200, "what is odd")
	if len(list.items()) != 1 || list.text("items.0.id") != last || list.text("items.0.oddities.0.rule") != "copiedPeriod" ||
		!strings.HasPrefix(list.text("items.0.oddities.0.detail"), "Every value is that of ") {
		t.Errorf("the district reads %s", list.raw)
	}
	if one := w.want(w.call("park-a", "GET", "/ledgers/"+last, nil), 200, "one entry"); !strings.HasPrefix(one.text("oddities.0.detail"), "各项数值与 ") {
		t.Errorf("the park reads %s", one.raw)
	}
	w.want(w.call("baoan-1", "GET", "/ledgers?odd=false", nil), 400, "there is one value")
}

package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/policies"
	"parkregistry/sheets"
)

var exportOf = regexp.MustCompile(`action="(/export/[a-z]+-rows)"`)

// broughtLists are lists of the register as people bring them: a file of one good row, and
// one with a fault in a cell.
func broughtLists(w *world) []broughtList {
	firm := w.BaoanA.Enterprise
	return []broughtList{
		{class: "register.enterprises", title: "企业名录", shown: "/firms", cell: "H3",
			text: "统一社会信用代码,企业名称,行业代码,排污许可管理类别,是否排污单位,法定代表人,环保联系人,联系电话\n" +
				dbtest.CreditCode(501) + ",导入来的有限公司,3982,重点管理,是,赵法人,钱联系,13700137000\n" + dbtest.CreditCode(502) + ",另一家有限公司,3982,重点管理,是,赵法人,钱联系,一三七\n"},
		{class: "register.facilities", title: "设施名录", shown: "/facilities", cell: "D3",
			text: "企业,设施编码,设施名称,设施种类,设计能力,能力单位,是否在用\n" + firm.Name + ",TW081,导入来的池,污染防治设施,5,m3/d,是\n" + firm.Name + ",TW082,池,池子,5,m3/d,是\n"},
		{class: "register.permits", title: "排污许可证名录", shown: "/firms", cell: "B3",
			text: "企业,许可证编号,证件种类,管理类别,发证日期,发证机关\n" + firm.Name + "," + firm.CreditCode + "008P,排污许可证,重点管理,2024-03-01,市生态环境局\n" + firm.Name + ",008,排污许可证,重点管理,2024-03-01,市生态环境局\n"},
		{class: "inspection.findings", title: "问题清单", shown: "/findings", cell: "C3", undoes: "list-second",
			text: "企业,发现日期,维度,问题描述,严重程度\n" + firm.Name + ",2026-01-05,治理设施,导入来的问题,一般\n" + firm.Name + ",2026-01-05,第七维度,导入来的问题,一般\n"},
	}
}

type broughtList struct{ class, title, shown, text, cell, undoes string }

// testImportLists: lists of the register go through the page of imports, each to the list
// where it is shown; what is said about people is not shown again and not corrected there.
func testImportLists(t *testing.T, w *world) {
	w.account("list-importer", policies.ParkManager, w.BaoanA.Park.ID)
	w.account("list-second", policies.ParkManager, w.BaoanA.Park.ID)
	b := w.browser().signIn("list-importer")
	for who, c := range map[string]struct {
		path         string
		offers, none []string
	}{
		"baoan":         {"/d/import", []string{"inspection.findings"}, []string{"register.", "treatmentFacility."}},
		"bureau":        {"/c/import", []string{"register.enterprises", "register.facilities", "register.permits"}, []string{"inspection.findings", "treatmentFacility."}},
		"list-importer": {"/p/import", []string{"register.enterprises", "register.facilities", "register.permits", "inspection.findings", "monitoring.manual", "监测数据"}, nil},
	} {
		own := w.browser().signIn(who)
		page := own.get(c.path)
		if page.status != http.StatusOK || !strings.Contains(page.text, `href="`+c.path+`" aria-current="page"`) {
			t.Errorf("%s for %s: %d", c.path, who, page.status)
		}
		for _, said := range c.offers {
			if !strings.Contains(page.text, said) {
				t.Errorf("%s does not offer %s", c.path, said)
			}
		}
		for _, said := range c.none {
			if strings.Contains(page.text, `value="`+said) {
				t.Errorf("%s offers %s", c.path, said)
			}
		}
	}
	for _, c := range broughtLists(w) {
		t.Run(c.class, func(t *testing.T) {
			start := b.get("/p/import?class=" + c.class)
			if start.status != http.StatusOK || !strings.Contains(start.text, "导入："+c.title) {
				t.Fatalf("%d\n%s", start.status, start.text)
			}
			out := exportOf.FindStringSubmatch(start.text)
			if out == nil {
				t.Fatalf("what stands is not offered:\n%s", start.text)
			}
			if got := b.send("POST", out[1], url.Values{"form": {start.form(t)}, "parkId": {string(w.BaoanA.Park.ID)}, "format": {"xlsx"}}); got.header.Get("Content-Type") != sheets.MediaType || !strings.HasPrefix(got.text, "PK") {
				t.Errorf("what stands: %d %v", got.status, got.header)
			}
			if got := b.get("/import/template/" + c.class); got.header.Get("Content-Type") != sheets.MediaType || !strings.HasPrefix(got.text, "PK") {
				t.Errorf("the template: %d %v", got.status, got.header)
			}
			sent := b.sendParts("/import", start.form(t), []string{"class", c.class, "parkId", string(w.BaoanA.Park.ID)}, []string{"名录.csv", c.text})
			if sent.status != http.StatusSeeOther {
				t.Fatalf("%d\n%s", sent.status, sent.text)
			}
			page := b.get(sent.to)
			if !strings.Contains(page.text, "共 2 行：1 行可导入，1 行有错误") || !strings.Contains(page.text, ">"+c.cell+"</b>") || strings.Contains(page.text, "同时报送") {
				t.Errorf("checked:\n%s", page.text)
			}
			if c.class == "register.enterprises" && (strings.Contains(page.text, "赵法人") || strings.Contains(page.text, "一三七") || strings.Contains(page.text, `name="cell" value="`+c.cell)) {
				t.Error("it shows what was said about people, or takes it")
			}
			for _, move := range []struct{ what, says string }{{"commit", "已登记 1 条。"}, {"undo", "已撤销，登记的 1 条都已撤回。"}} {
				who := b
				if move.what == "undo" && c.undoes != "" { // it takes a second person
					if got := b.send("POST", sent.to+"/undo", url.Values{"form": {b.get(sent.to).form(t)}}); got.status != http.StatusConflict {
						t.Errorf("undone by who brought it: %d", got.status)
					}
					who = w.browser().signIn(c.undoes)
				}
				if got := who.send("POST", sent.to+"/"+move.what, url.Values{"form": {who.get(sent.to).form(t)}, "rows": {"good"}}); got.status != http.StatusSeeOther {
					t.Fatalf("%s: %d\n%s", move.what, got.status, got.text)
				}
				if page := b.get(sent.to); !strings.Contains(page.text, move.says) || !strings.Contains(page.text, `<a href="/p`+c.shown+`">`) {
					t.Errorf("after %s:\n%s", move.what, page.text)
				}
			}
		})
	}
}

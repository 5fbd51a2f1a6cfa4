package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/policies"
	"parkregistry/sheets"
)

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
	}
}

type broughtList struct{ class, title, shown, text, cell string }

// testImportLists: lists of the register go through the page of imports, each to the list
// where it is shown; what is said about people is not shown again and not corrected there.
func testImportLists(t *testing.T, w *world) {
	w.account("list-importer", policies.ParkManager, w.BaoanA.Park.ID)
	b := w.browser().signIn("list-importer")
	for _, c := range broughtLists(w) {
		t.Run(c.class, func(t *testing.T) {
			start := b.get("/p/import?class=" + c.class)
			if start.status != http.StatusOK || !strings.Contains(start.text, "导入："+c.title) {
				t.Fatalf("%d\n%s", start.status, start.text)
			}
			if got := b.get("/p/import/template/" + c.class); got.header.Get("Content-Type") != sheets.MediaType || !strings.HasPrefix(got.text, "PK") {
				t.Errorf("the template: %d %v", got.status, got.header)
			}
			sent := b.sendParts("/p/import", start.form(t), []string{"class", c.class, "parkId", string(w.BaoanA.Park.ID)}, []string{"名录.csv", c.text})
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
			for _, move := range []struct{ what, says string }{{"commit", "已登记 1 条。"}, {"undo", "已撤销，登记的 1 条都已终止。"}} {
				if got := b.send("POST", sent.to+"/"+move.what, url.Values{"form": {b.get(sent.to).form(t)}, "rows": {"good"}}); got.status != http.StatusSeeOther {
					t.Fatalf("%s: %d\n%s", move.what, got.status, got.text)
				}
				if page := b.get(sent.to); !strings.Contains(page.text, move.says) || !strings.Contains(page.text, `<a href="/p`+c.shown+`">`) {
					t.Errorf("after %s:\n%s", move.what, page.text)
				}
			}
		})
	}
}

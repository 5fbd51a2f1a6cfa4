package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"parkregistry/models"
	"parkregistry/models/exchange"
	"parkregistry/policies"
	"parkregistry/sheets"
)

// days is a file of days of the works of BaoanA's firm.
func days(all ...string) string {
	var b strings.Builder
	b.WriteString("记录日期,班次,设施编码,是否正常运行,开始时间,结束时间,废水进水量（m³）,废水处理量,废水回用量,废水排放量,污染物代码（HJ 525）,监测值,污泥产生量,污泥去向,排水去向,旁注\n")
	for i, day := range all {
		value := map[bool]string{true: `"7,2"`, false: "7.2"}[i == 1]
		fmt.Fprintf(&b, "%s,早班,TW001,是,2026-01-05 00:00,2026-01-05 23:59,412.5,10,2,8,w01001,%s,1.2,示例处置公司<b>,进入城镇污水处理厂,无\n", day, value)
	}
	return b.String()
}

// brought is a checked file of those days.
func (w *world) brought(t *testing.T, all ...string) models.ID {
	t.Helper()
	ctx := w.ParkManager(w.BaoanA)
	file, err := w.kept.ReceiveTable(ctx, strings.NewReader(days(all...)), "一月台账.csv")
	must(t, err)
	defer file.Discard()
	k, err := w.imports.Check(ctx, exchange.Upload{ParkID: string(w.BaoanA.Park.ID), Class: "treatmentFacility.wastewater", File: file})
	must(t, err)
	return k.ID
}

// testImport: a file in four steps, without a script: what is wrong stands in the file's own
// coordinates, is put right in place, and comes in and out again as a whole.
func testImport(t *testing.T, w *world) {
	w.account("importer", policies.ParkManager, w.BaoanA.Park.ID)
	w.account("import-neighbour", policies.ParkManager, w.BaoanB.Park.ID)
	b := w.browser().signIn("importer")
	start := b.get("/p/import?class=treatmentFacility.wastewater")
	if start.status != http.StatusOK || !strings.Contains(start.text, "导入：废水治理设施运行记录") || !strings.Contains(start.text, "模板版本 ") {
		t.Fatalf("%d\n%s", start.status, start.text)
	}
	if got := b.get("/import/template/treatmentFacility.wastewater"); got.header.Get("Content-Type") != sheets.MediaType || !strings.HasPrefix(got.text, "PK") {
		t.Errorf("the template: %d %v", got.status, got.header)
	}
	fields := []string{"class", "treatmentFacility.wastewater", "parkId", string(w.BaoanA.Park.ID)}
	for name, c := range map[string]struct {
		brings []string
		says   string
	}{"nothing": {nil, "先选择要上传的文件"}, "no table": {[]string{"a.jpg", "\xff\xd8\xff\x00"}, "这个文件不是表格"}, "no head": {[]string{"a.csv", "甲,乙\n1,2\n"}, "没有找到"}} {
		if got := b.sendParts("/import", start.form(t), fields, c.brings); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, c.says) || !strings.Contains(got.text, "<title>错误：") {
			t.Errorf("%s: %d\n%s", name, got.status, got.text)
		}
	}
	sent := b.sendParts("/import", start.form(t), fields, []string{"一月台账.csv", days("2026-01-05", "2026-01-06", "2026/13/07")})
	if sent.status != http.StatusSeeOther || !strings.HasPrefix(sent.to, "/import/") {
		t.Fatalf("%d to %q\n%s", sent.status, sent.to, sent.text)
	}
	page := b.get(sent.to)
	for _, said := range []string{"共 3 行：1 行可导入，2 行有错误，0 行已有相同记录", ">L3</b>", ">A4</b>", "改为 7.2", "没有用到的列：旁注", "示例处置公司&lt;b&gt;", `class="ce">2026/13/07`, "先导入 1 行，其余稍后更正", "importer"} {
		if !strings.Contains(page.text, said) {
			t.Errorf("the result does not say %q", said)
		}
	}
	if only := b.get(sent.to + "?kind=number"); !strings.Contains(only.text, ">L3</b>") || strings.Contains(only.text, ">A4</b>") {
		t.Error("the numbers are not by themselves")
	}
	if got := b.get(sent.to + "/marked"); got.header.Get("Content-Type") != sheets.MediaType || !strings.HasPrefix(got.text, "PK") {
		t.Errorf("the marked file: %d %v", got.status, got.header)
	}
	post := func(what string, pairs ...string) shown {
		t.Helper()
		form := url.Values{"form": {b.get(sent.to).form(t)}}
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		return b.send("POST", sent.to+"/"+what, form)
	}
	if got := post("correction", "cell", "L2", "text", "7.3"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, "只能更正核对结果中列出的行") {
		t.Errorf("a row that is not listed: %d", got.status)
	}
	for _, c := range [][]string{{"cell", "L3", "text", "7.2"}, {"cell", "A4", "text", "2026-01-07"}} {
		if got := post("correction", c...); got.status != http.StatusSeeOther || got.to != sent.to {
			t.Fatalf("%v: %d\n%s", c, got.status, got.text)
		}
	}
	page = b.get(sent.to)
	if !strings.Contains(page.text, "<del>2026/13/07</del> <b>2026-01-07</b>") || !strings.Contains(page.text, "导入 3 行") || !strings.Contains(page.text, `name="rows" value="all"`) {
		t.Errorf("corrected:\n%s", page.text)
	}
	if got := post("correction", "cell", "A4", "restore", "1"); got.status != http.StatusSeeOther || !strings.Contains(b.get(sent.to).text, `class="ce">2026/13/07`) {
		t.Errorf("the file's own text is not there again: %d", got.status)
	}
	if got := post("commit", "rows", "all"); got.status != http.StatusConflict || !strings.Contains(got.text, "还有 1 行有错误") {
		t.Errorf("a commit of all: %d", got.status)
	}
	if got := post("commit", "rows", "good", "file", "1"); got.status != http.StatusSeeOther {
		t.Fatalf("the commit: %d\n%s", got.status, got.text)
	}
	page = b.get(sent.to)
	if !strings.Contains(page.text, "已导入并报送 2 条台账") || !strings.Contains(page.text, "撤销整批导入") || strings.Contains(page.text, "导入方式") {
		t.Errorf("committed:\n%s", page.text)
	}
	if n := len(regexp.MustCompile(`/ledger/[0-9a-f-]{36}"`).FindAllString(b.get("/p/ledger?from=2026-01-05&to=2026-01-06").text, -1)); n != 2 {
		t.Errorf("%d entries are listed", n)
	}
	if got := w.browser().signIn("import-neighbour").get(sent.to); got.status != http.StatusNotFound {
		t.Errorf("a neighbour reads it: %d", got.status)
	}
	if got := post("undo"); got.status != http.StatusSeeOther || !strings.Contains(b.get(sent.to).text, "已撤销，2 条台账都已作废") {
		t.Errorf("the undoing: %d", got.status)
	}
	if en := b.get(sent.to + "?lang=en"); strings.Contains(en.text, "行可导入") || !strings.Contains(en.text, "Import: ") {
		t.Errorf("in English:\n%s", en.text)
	}
	b.get(sent.to + "?lang=zh")
	testImportLater(t, w, b)
}

// testImportLater: many rows are left to a job, and the page says so until it is done.
func testImportLater(t *testing.T, w *world, b *browser) {
	park := w.ParkManager(w.BaoanA)
	w.imports.InBackground(exchange.Later{Queue: noQueue{}, AtOnce: 1, Actor: func(context.Context, models.ID) (policies.Actor, error) {
		actor, _ := policies.ActorFrom(park)
		return actor, nil
	}})
	id := w.brought(t, "2026-02-01", "2026-02-02", "2026-02-03")
	must(t, second(w.imports.Correct(park, id, exchange.CorrectInput{Cells: []exchange.CellInput{{Cell: "L3", Text: "7.2"}}})))
	at := "/import/" + string(id)
	if got := b.send("POST", at+"/commit", url.Values{"form": {b.get(at).form(t)}, "rows": {"all"}}); got.status != http.StatusSeeOther {
		t.Fatalf("the commit: %d\n%s", got.status, got.text)
	}
	page := b.get(at)
	for _, said := range []string{`http-equiv="refresh"`, `<progress max="3" value="0">`, "等待写入，共 3 条", "可以离开这个页面", "正在导入"} {
		if !strings.Contains(page.text, said) {
			t.Errorf("the page of a commit that goes on does not say %q", said)
		}
	}
	if strings.Contains(page.text, "导入方式") || strings.Contains(page.text, "撤销整批导入") {
		t.Error("it offers what cannot be done")
	}
	must(t, w.imports.Run(w.Program(), id, false))
	if page = b.get(at); !strings.Contains(page.text, "已导入 3 条台账") || strings.Contains(page.text, "refresh") {
		t.Errorf("done:\n%s", page.text)
	}
}

func second[T any](_ T, err error) error { return err }

// noQueue stands for the job queue: the test runs the job.
type noQueue struct{}

// CommitImport implements exchange.Queue.
func (noQueue) CommitImport(*models.Tx, models.ID) error { return nil }

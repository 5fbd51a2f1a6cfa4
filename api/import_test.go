package api_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/exchange"
	"parkregistry/sheets"
)

// table is a file of days of the works of a place, as CSV with the heads that people know.
func table(days ...string) string {
	var b strings.Builder
	b.WriteString("记录日期,班次,设施编码,是否正常运行,开始时间,结束时间,废水进水量（m³）,废水处理量,废水回用量,废水排放量,污染物代码（HJ 525）,监测值,污泥产生量,污泥去向,排水去向\n")
	for _, day := range days {
		fmt.Fprintf(&b, "%s,早班,TW001,是,2026-03-01 00:00,2026-03-01 23:59,412.5,10,2,8,w01001,7.2,1.2,示例处置公司,进入城镇污水处理厂\n", day)
	}
	return b.String()
}

func importBody(p place, days ...string) any {
	return rawBody{"text/csv", "class=treatmentFacility.wastewater&name=" + "a.csv" + "&parkId=" + string(p.Park.ID) + "&siteId=" + string(p.Site.ID), table(days...)}
}

// imported is a file that the firm of a place brought.
func (w *world) imported(p place) string {
	w.t.Helper()
	file, err := w.files.ReceiveTable(w.Firm(p.Place), strings.NewReader(table("2026-03-05", "2026/13/06")), "三月.csv")
	if err != nil {
		w.t.Fatal(err)
	}
	defer file.Discard()
	k, err := w.imports.Check(w.Firm(p.Place), exchange.Upload{ParkID: string(p.Park.ID), Class: "treatmentFacility.wastewater", File: file})
	if err != nil {
		w.t.Fatal(err)
	}
	if k.Good != 1 || k.Bad != 1 {
		w.t.Fatalf("%+v", k.Report)
	}
	return string(k.ID)
}

// TestImportOverHTTP: the four steps of a file, in the answers that a client sees.
func TestImportOverHTTP(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		var form bytes.Buffer
		m := multipart.NewWriter(&form)
		for name, value := range map[string]string{"parkId": string(w.BaoanA.Park.ID), "class": "treatmentFacility.wastewater"} {
			if err := m.WriteField(name, value); err != nil {
				t.Fatal(err)
			}
		}
		part, err := m.CreateFormFile("file", "三月.csv")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(table("2026-03-01", "2026/13/02", "2026-03-03", "2026-03-01"))); err != nil {
			t.Fatal(err)
		}
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		k := w.want(w.call("firm-a", "POST", "/imports", form.String(), "Content-Type", m.FormDataContentType()), 201, "a file")
		if k.text("state") != "checked" || k.text("name") != "三月.csv" || k.at("rows") != 4.0 || k.at("good") != 2.0 || k.at("bad") != 2.0 || k.text("faults.0.cell") != "A3" ||
			k.text("faults.0.kind") != "day" || k.text("faults.0.text") != "2026/13/02" || k.text("faults.1.cell") != "A5" || k.at("faults.1.row") != 5.0 {
			t.Fatalf("checked: %s", k.raw)
		}
		path := "/imports/" + k.text("id")
		if en := w.call("firm-a", "GET", path, nil, "Accept-Language", "en"); strings.Contains(en.text("faults.1.detail"), "行") {
			t.Errorf("in English: %s", en.raw)
		}
		marked := w.call("firm-a", "GET", path+"/marked", nil)
		if marked.status != 200 || marked.header.Get("Content-Type") != sheets.MediaType || !bytes.HasPrefix(marked.raw, []byte("PK")) {
			t.Errorf("marked: %d %v", marked.status, marked.header)
		}
		w.want(w.call("firm-a", "POST", path+"/commit", map[string]any{"rows": "all"}), 409, "a commit with faults")
		w.want(w.call("firm-a", "POST", path+"/commit", map[string]any{"rows": "some"}), 422, "a commit of what there is not")
		k = w.want(w.call("firm-a", "POST", path+"/corrections", map[string]any{"cells": []any{map[string]any{"cell": "A3", "text": "2026.3.2"}, map[string]any{"cell": "A5", "text": "2026年3月4日"}}}), 200, "corrections")
		if k.at("bad") != 0.0 || k.text("corrections.0.before") != "2026/13/02" || k.text("corrections.0.after") != "2026.3.2" {
			t.Fatalf("corrected: %s", k.raw)
		}
		done := w.want(w.call("firm-a", "POST", path+"/commit", map[string]any{"rows": "all", "file": true}), 200, "the commit")
		if done.at("entries") != 4.0 || done.text("undoUntil") == "" {
			t.Errorf("committed: %s", done.raw)
		}
		if filed := w.call("firm-a", "GET", "/ledgers?state=filed&from=2026-03-01&to=2026-03-31", nil); len(filed.items()) != 4 {
			t.Errorf("filed: %s", filed.raw)
		}
		again := w.want(w.call("park-a", "POST", "/imports?class=treatmentFacility.wastewater&parkId="+string(w.BaoanA.Park.ID), table("2026-03-01", "2026-03-09"), "Content-Type", "text/csv"), 201, "a file of the park")
		if again.at("unchanged") != 1.0 || again.text("duplicates.0.cell") != "A2" || again.at("good") != 1.0 {
			t.Errorf("what is in: %s", again.raw)
		}
		if undone := w.want(w.call("firm-a", "POST", path+"/undo", nil), 200, "the undoing"); undone.text("state") != "undone" {
			t.Errorf("undone: %s", undone.raw)
		}
		for name, c := range map[string]struct{ media, content string }{"nothing": {"text/csv", ""}, "no table": {"application/octet-stream", "\xff\xd8\xff\x00"}, "no head": {"text/csv", "a,b\n1,2\n"}} {
			a := w.call("firm-a", "POST", "/imports?class=treatmentFacility.wastewater&parkId="+string(w.BaoanA.Park.ID), c.content, "Content-Type", c.media)
			w.want(a, 422, name)
		}
		w.want(w.call("firm-a", "POST", "/imports", "x", "Content-Type", "text/plain"), 415, "a text")
		w.want(w.call("firm-a", "POST", "/attachments?parkId="+string(w.BaoanA.Park.ID)+"&siteId="+string(w.BaoanA.Site.ID), table("2026-03-01"), "Content-Type", "application/octet-stream"), 422, "a table as an attachment")
	})
}

// TestListsOverHTTP: lists of the register take the same routes, for who may register what
// they list; what is said about people stays out of the answers.
func TestListsOverHTTP(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		firm, park := w.BaoanA.Enterprise, string(w.BaoanA.Park.ID)
		for _, c := range []struct {
			class, text, read string
			brings            []string // besides the park
			refused           []string
			undoes            string
		}{
			{"register.enterprises", "统一社会信用代码,企业名称,行业代码,排污许可管理类别,法定代表人,环保联系人,联系电话\n" + dbtest.CreditCode(501) + ",导入来的有限公司,3982,重点管理,赵法人,钱联系,13700137000\n" + dbtest.CreditCode(502) + ",甲,3982,重点管理,,钱联系,\n",
				"/enterprises?creditCode=" + dbtest.CreditCode(501), []string{"bureau"}, []string{"firm-a", "baoan-1"}, "park-a"},
			{"register.facilities", "企业,设施编码,设施名称,设施种类,设计能力,能力单位,是否在用\n" + firm.Name + ",TW081,池,污染防治设施,5,m3/d,是\n,TW082,池,污染防治设施,5,m3/d,\n",
				"/facilities?code=TW081&parkId=" + park, []string{"bureau"}, []string{"firm-a", "baoan-1"}, "park-a"},
			{"register.permits", "企业,许可证编号,证件种类,管理类别,发证日期,发证机关\n" + firm.Name + "," + firm.CreditCode + "001P,排污许可证,重点管理,2024-03-01,市生态环境局\n" + firm.Name + "," + firm.CreditCode + "002P,排污许可证,重点管理,,市生态环境局\n",
				"/permits?number=" + firm.CreditCode + "001P", []string{"bureau", "firm-a"}, []string{"baoan-1"}, "park-a"},
			{"inspection.findings", "企业,发现日期,维度,问题描述,严重程度\n" + firm.Name + ",2026-11-01,治理设施,围堰破损,一般\n" + firm.Name + ",,治理设施,围堰破损,一般\n",
				"/findings?state=open&parkId=" + park, []string{"baoan-1"}, []string{"firm-a", "bureau"}, "baoan-1"},
		} {
			t.Run(c.class, func(t *testing.T) {
				at := "/imports?class=" + c.class + "&parkId="
				for _, who := range c.brings {
					if template := w.call(who, "GET", "/ledger-classes/"+c.class+"/template?parkId="+park, nil); template.status != 200 || !bytes.HasPrefix(template.raw, []byte("PK")) {
						t.Errorf("the template for %s: %d", who, template.status)
					}
					w.want(w.call(who, "POST", at+park, c.text+"\n", "Content-Type", "text/csv"), 201, "a file of "+who)
				}
				k := w.want(w.call("park-a", "POST", at+park, c.text, "Content-Type", "text/csv"), 201, "a file")
				path := "/imports/" + k.text("id")
				if k.at("good") != 1.0 || k.at("bad") != 1.0 || k.at("faults.0.row") != 3.0 || strings.Contains(string(k.raw), "钱联系") {
					t.Fatalf("checked: %s", k.raw)
				}
				for _, who := range c.refused {
					w.want(w.call(who, "POST", at+park, c.text, "Content-Type", "text/csv"), 403, "a file of "+who)
					w.want(w.call(who, "GET", path, nil), 404, "the import for "+who)
					w.want(w.call(who, "GET", strings.TrimPrefix(k.text("file"), "/api/v1"), nil), 404, "its file for "+who)
				}
				w.want(w.call("park-a", "POST", at+string(w.Longgang.Park.ID), c.text, "Content-Type", "text/csv"), 404, "into another's park")
				for _, move := range []struct {
					name, who string
					body      any
					left      int
				}{{"commit", "park-a", map[string]any{"rows": "good"}, 1}, {"undo", c.undoes, nil, 0}} {
					w.want(w.call(move.who, "POST", path+"/"+move.name, move.body), 200, move.name)
					open := 0
					for _, x := range w.call("park-a", "GET", c.read, nil).items() {
						if x.(map[string]any)["closedOn"] == nil {
							open++
						}
					}
					if open != move.left {
						t.Errorf("%d are left after the %s, want %d", open, move.name, move.left)
					}
				}
			})
		}
	})
}

// TestImportInBackground: a file of many rows is accepted, its address says how far it is, and
// a repetition gets the same answer.
func TestImportInBackground(t *testing.T) {
	w := newWorld(t, openSQLite(t))
	jobs := &importJobs{}
	w.imports.InBackground(exchange.Later{Queue: jobs, Actor: w.accounts.ActorOf, AtOnce: 1})
	k := w.want(w.call("firm-a", "POST", "/imports?class=treatmentFacility.wastewater&parkId="+string(w.BaoanA.Park.ID), table("2026-03-01", "2026-03-02"), "Content-Type", "text/csv"), 201, "a file")
	path := "/imports/" + k.text("id")
	for range 2 {
		a := w.want(w.call("firm-a", "POST", path+"/commit", map[string]any{"rows": "all"}), 202, "many rows")
		if a.text("state") != "committing" || a.header.Get("Location") != "/api/v1"+path || a.header.Get("Retry-After") == "" || w.call("firm-a", "GET", path, nil).text("state") != "committing" {
			t.Errorf("accepted: %v %s", a.header, a.raw)
		}
	}
	w.want(w.call("firm-a", "POST", path+"/commit", map[string]any{"rows": "good"}), 409, "other rows meanwhile")
	if len(*jobs) == 0 {
		t.Fatal("there is no job")
	}
	if err := w.imports.Run(w.Program(), (*jobs)[0], false); err != nil {
		t.Fatal(err)
	}
	if done := w.call("firm-a", "GET", path, nil); done.text("state") != "committed" || done.at("entries") != 2.0 {
		t.Errorf("done: %s", done.raw)
	}
	w.want(w.call("firm-a", "POST", path+"/commit", map[string]any{"rows": "all"}), 200, "the same once it is done")
}

type importJobs []models.ID

// CommitImport implements exchange.Queue.
func (j *importJobs) CommitImport(_ *models.Tx, id models.ID) error {
	*j = append(*j, id)
	return nil
}

// TestLedgerTemplate: a workbook with what the park has; of a foreign park it is absent.
func TestLedgerTemplate(t *testing.T) {
	w := newWorld(t, openSQLite(t))
	path := "/ledger-classes/treatmentFacility.wastewater/template?parkId="
	a := w.call("firm-a", "GET", path+string(w.BaoanA.Park.ID), nil)
	if a.status != http.StatusOK || a.header.Get("Content-Type") != sheets.MediaType || !strings.Contains(a.header.Get("Content-Disposition"), "filename*=UTF-8''") {
		t.Fatalf("%d %v", a.status, a.header)
	}
	if _, err := zip.NewReader(bytes.NewReader(a.raw), int64(len(a.raw))); err != nil {
		t.Error(err)
	}
	w.want(w.call("firm-a", "GET", path+string(w.Longgang.Park.ID), nil), 404, "of a foreign park")
	w.want(w.call("firm-a", "GET", "/ledger-classes/nothing/template?parkId="+string(w.BaoanA.Park.ID), nil), 404, "of no class")
	w.want(w.call("bureau", "GET", path+string(w.BaoanA.Park.ID), nil), 403, "for who files nothing")
}

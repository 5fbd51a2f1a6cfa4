package sheets_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models/export"
	"parkregistry/models/report"
	"parkregistry/sheets"
)

func sample() report.Report {
	seq := int64(77)
	return report.Report{Name: "monthly", Title: fault.T("试点进展月报"), AsOf: "2026-01-19", KnownSeq: &seq, Said: []fault.Text{fault.T("一段话")}, Tables: []report.Table{
		{Title: fault.T("各园区"), Columns: []export.Column{{Title: fault.T("编码")}, {Title: fault.T("得分"), Number: true}}, Rows: [][]export.Cell{{fault.Named("440300000000000001", ""), fault.Named("87.0", "")}, {fault.Named("=1+1", ""), {}}}},
		{Title: fault.T("逐月"), Columns: []export.Column{{Title: fault.T("月份")}}},
	}}
}

func written(t *testing.T, r report.Report, c sheets.Cover) map[string]string {
	t.Helper()
	var b bytes.Buffer
	if err := sheets.Report(&b, r, c, words.Chinese); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{"": b.String()}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		all, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = string(all)
	}
	return parts
}

// TestReportBytes: whoever makes a report and whenever, the worksheets of its tables are
// the same to the byte, and the cover is not; another number makes another worksheet.
func TestReportBytes(t *testing.T) {
	at := time.Date(2026, 1, 20, 2, 0, 0, 0, time.UTC)
	first, second := written(t, sample(), sheets.Cover{By: "bureau", At: at}), written(t, sample(), sheets.Cover{By: "analyst", At: at.Add(48 * time.Hour)})
	changed := sample()
	changed.Tables[0].Rows[0][1] = fault.Named("87.1", "")
	third := written(t, changed, sheets.Cover{By: "bureau", At: at})
	for _, part := range []string{"xl/worksheets/sheet2.xml", "xl/worksheets/sheet3.xml"} {
		if first[part] == "" || first[part] != second[part] {
			t.Errorf("%s differs:\n%s\n%s", part, first[part], second[part])
		}
	}
	if first["xl/worksheets/sheet2.xml"] == third["xl/worksheets/sheet2.xml"] {
		t.Error("another score gives the same bytes: nothing is compared")
	}
	if first["xl/worksheets/sheet1.xml"]+first["xl/sharedStrings.xml"] == second["xl/worksheets/sheet1.xml"]+second["xl/sharedStrings.xml"] {
		t.Error("the covers are the same")
	}
}

// TestReportBook: a report opens as a workbook that can be read on: codes are texts,
// numbers numbers, nothing runs, heads are frozen and repeat on paper.
func TestReportBook(t *testing.T) {
	f, err := excelize.OpenReader(strings.NewReader(written(t, sample(), sheets.Cover{By: "bureau", At: time.Unix(0, 0)})[""]))
	if err != nil {
		t.Fatal(err)
	}
	for cell, want := range map[string]string{"A2": "440300000000000001", "B2": "87", "A3": "'=1+1", "B3": ""} {
		if got, err := f.GetCellValue("1 各园区", cell); err != nil || got != want {
			t.Errorf("%s: %q %v, want %q", cell, got, err, want)
		}
	}
	if kind, err := f.GetCellType("1 各园区", "A2"); err != nil || kind != excelize.CellTypeInlineString {
		t.Errorf("A2 is of type %v, %v", kind, err)
	}
	if kind, err := f.GetCellType("1 各园区", "B2"); err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
		t.Errorf("B2 is of type %v, %v", kind, err)
	}
	if p, err := f.GetPanes("1 各园区"); err != nil || !p.Freeze {
		t.Errorf("panes %+v %v", p, err)
	}
	if layout, err := f.GetPageLayout("2 逐月"); err != nil || layout.Size == nil || *layout.Size != 9 {
		t.Errorf("layout %v %v", *layout.Size, err)
	}
	titles := 0
	for _, n := range f.GetDefinedName() {
		if n.Name == "_xlnm.Print_Titles" {
			titles++
		}
	}
	if titles != 2 {
		t.Errorf("%d worksheets repeat their heads", titles)
	}
	said := ""
	rows, err := f.GetRows("封面")
	for _, row := range rows {
		said += strings.Join(row, "|") + "\n"
	}
	for _, want := range []string{"截止日期|2026-01-19", "计入变更序号|77", "摘要|一段话", "数据部分的 SHA-256|" + sample().Digest(), "操作人|bureau", "1 各园区|2 行"} {
		if err != nil || !strings.Contains(said, want) {
			t.Errorf("the cover does not say %q: %s %v", want, said, err)
		}
	}
}

package sheets_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"parkregistry/internal/words"
	"parkregistry/sheets"
)

func marked(t testing.TB, file []byte, lang words.Lang, faults ...sheets.CellFault) ([]byte, *excelize.File) {
	t.Helper()
	var b bytes.Buffer
	if err := open(t, file).Marked(&b, class(t, "productionFacility.energy"), faults, lang); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), f
}

// look is what a person sees of a cell: its text, whether it is coloured, its comment.
func look(t testing.TB, f *excelize.File, sheet, cell string) string {
	t.Helper()
	text, err := f.GetCellValue(sheet, cell)
	if err != nil {
		t.Fatal(err)
	}
	id, err := f.GetCellStyle(sheet, cell)
	if err != nil {
		t.Fatal(err)
	}
	style, err := f.GetStyle(id)
	if err != nil {
		t.Fatal(err)
	}
	if style.Fill.Pattern == 1 {
		text += " red"
	}
	comments, err := f.GetComments(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range comments {
		if c.Cell == cell {
			text += " (" + c.Text + ")"
		}
	}
	return text
}

// TestMarked: the sender's own file comes back with its faults on it and nothing else
// changed; sent again it reads as before, and marked again it has the new faults only.
func TestMarked(t *testing.T) {
	c := class(t, "productionFacility.energy")
	file := xlsx(t, cells("用电记录"), cells("企业", "设施编码", "日期", "序号", "用电量"), cells("", "TW009", "2026-01-05", "1", "12"), cells("", "TW009", "2026-01-06", "2", "很多"))
	in, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.NewSheet("合计"); err != nil {
		t.Fatal(err)
	}
	if err := in.SetCellFormula("合计", "A1", "SUM(Sheet1!E3:E4)"); err != nil {
		t.Fatal(err)
	}
	file = saved(t, in)

	first, f := marked(t, file, words.Chinese, sheets.CellFault{Cell: "E4", Detail: "应当是数字", Suggestion: "填写 12.5 这样的数"}, sheets.CellFault{Cell: "A4", Detail: "必须填写"}, sheets.CellFault{Cell: "E4", Detail: "没有单位"})
	for cell, want := range map[string]string{"E4": "很多 red (应当是数字；填写 12.5 这样的数；没有单位)", "A4": " red (必须填写)", "E3": "12", "F2": "错误说明", "F3": "",
		"F4": "A4：必须填写\nE4：应当是数字；填写 12.5 这样的数；没有单位"} {
		if got := look(t, f, "Sheet1", cell); got != want {
			t.Errorf("%s is %q, want %q", cell, got, want)
		}
	}
	for cell, want := range map[string]string{"A2": "A4", "B2": "企业", "C2": "必须填写", "A3": "E4", "B3": "用电量"} {
		if got := look(t, f, "错误说明", cell); got != want {
			t.Errorf("in the list %s is %q, want %q", cell, got, want)
		}
	}
	if linked, to, err := f.GetCellHyperLink("错误说明", "A3"); err != nil || !linked || to != "'Sheet1'!E4" {
		t.Errorf("the list leads to %q, %v", to, err)
	}
	if formula, err := f.GetCellFormula("合计", "A1"); err != nil || formula != "SUM(Sheet1!E3:E4)" {
		t.Errorf("the other sheet says %q, %v", formula, err)
	}
	before, after := read(t, file, c), read(t, first, c)
	if len(after) != len(before) || string(after[1].Input.Payload) != string(before[1].Input.Payload) || after[1].At("/payload/electricity") != "E4" {
		t.Errorf("sent again it says %d entries", len(after))
	}

	_, f = marked(t, first, words.English, sheets.CellFault{Cell: "C3", Detail: "in the future"})
	for cell, want := range map[string]string{"E4": "很多", "A4": "", "F2": "Faults", "F3": "C3: in the future", "F4": "", "G2": "", "C3": "2026-01-05 red (in the future)"} {
		if got := look(t, f, "Sheet1", cell); got != want {
			t.Errorf("the second time %s is %q, want %q", cell, got, want)
		}
	}
	if list := strings.Join(f.GetSheetList(), ","); list != "Sheet1,合计,Faults" {
		t.Errorf("its sheets are %s", list)
	}
}

// TestMarkedCSV: a text cannot be coloured; a workbook with its rows can.
func TestMarkedCSV(t *testing.T) {
	c := class(t, "productionFacility.energy")
	text := []byte("企业,设施编码,日期,序号,用电量\n,TW009,2026-01-05,0001,12.50\n,TW009,2026/1/6,'=2,\n")
	file, f := marked(t, text, words.Chinese, sheets.CellFault{Cell: "E3", Detail: "必须填写"}, sheets.CellFault{Cell: "", Detail: "文件有两行"})
	for cell, want := range map[string]string{"D2": "0001", "E3": " red (必须填写)", "F1": "错误说明", "F3": "E3：必须填写"} {
		if got := look(t, f, "台账", cell); got != want {
			t.Errorf("%s is %q, want %q", cell, got, want)
		}
	}
	before, after := read(t, text, c), read(t, file, c)
	for i := range before {
		if string(before[i].Input.Payload) != string(after[i].Input.Payload) || before[i].Input.Slot != after[i].Input.Slot {
			t.Errorf("entry %d came back as %+v", i, after[i].Input.Input)
		}
	}
	if before[1].Input.Slot != "=2" {
		t.Errorf("the slot is %q", before[1].Input.Slot)
	}
}

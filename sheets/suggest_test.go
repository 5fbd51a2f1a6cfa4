package sheets_test

import (
	"bytes"
	"maps"
	"testing"

	"github.com/xuri/excelize/v2"

	"parkregistry/internal/words"
	"parkregistry/models/ledger"
	"parkregistry/sheets"
)

// TestInstead: what may be meant is offered where it is one thing, and is lawful then.
func TestInstead(t *testing.T) {
	ton := ledger.Field{Type: "decimal", Unit: "t"}
	day := ledger.Field{Type: "day"}
	for _, c := range []struct {
		text, want string
		field      ledger.Field
	}{
		{"1,20", "1.20", ton}, {"约 12.5", "12.5", ton}, {"85 kg", "0.085", ton}, {"1500000 g", "1.5", ton}, {"85 m3", "", ton}, {"1，486", "", ton}, {"很多", "", ton}, {"85", "", ton}, {"-2.5kg", "-0.0025", ton}, {"0.5 t", "", ton},
		{"2 MWh", "2000", ledger.Field{Type: "decimal", Unit: "kWh"}}, {"12 L", "0.012", ledger.Field{Type: "decimal", Unit: "m3"}},
		{"21-11-02", "2021-11-02", day}, {"2021年11月2号", "2021-11-02", day}, {"2021.11.02。", "2021-11-02", day}, {"11月2日", "", day}, {"2021-13-02", "", day}, {"2021/11/2", "", day},
		{"污水处理厂", "进入城镇污水处理厂", ledger.Field{Type: "enum", Enum: []ledger.Option{{Value: "a", LabelZh: "进入城镇污水处理厂", LabelEn: "A"}, {Value: "b", LabelZh: "直接排入水体", LabelEn: "B"}}}},
	} {
		_, _, instead := sheets.Value(c.text, 0, c.field, "2026-01-05")
		if instead != c.want {
			t.Errorf("%s for %q: %q, want %q", c.field.Type, c.text, instead, c.want)
		}
		if instead == "" {
			continue
		}
		if value, fault, more := sheets.Value(instead, 0, c.field, ""); fault != "" || more != "" {
			t.Errorf("%q is offered and gives %q, %s, %s", instead, value, fault, more)
		}
	}
}

// TestCorrected: a text put in place of a cell is read in its stead and given back.
func TestCorrected(t *testing.T) {
	c := class(t, "productionFacility.energy")
	file := xlsx(t, cells("企业", "设施编码", "日期", "序号", "用电量"), cells("示范电镀", "TW001", "2026-01-05", "1", "很多"))
	line := read(t, file, c)[0]
	if want := map[string]string{"A2": "深圳市示范电镀有限公司"}; !maps.Equal(line.Instead, want) {
		t.Errorf("offered: %v", line.Instead)
	}
	for cell, want := range map[string]string{"E2": "/payload/electricity", "C2": "/day", "A2": "/siteId", "F2": "", "A3": ""} {
		if got := line.Of(cell); got != want {
			t.Errorf("%s is %q, want %q", cell, got, want)
		}
	}
	b := open(t, file)
	b.Correct(map[string]string{"A2": "深圳市示范电镀有限公司", "E2": "12.5", "G2": "备注"})
	lines, err := b.LedgerLines(c, park, objects)
	if err != nil {
		t.Fatal(err)
	}
	if lines.HeadRow != 1 || len(lines.Columns) != 5 || lines.Columns[4] != (sheets.HeadText{Letter: "E", Text: "用电量"}) {
		t.Errorf("head in row %d: %v", lines.HeadRow, lines.Columns)
	}
	for l, err := range lines.All() {
		if err != nil || len(l.Faults) > 0 || string(l.Input.Payload) != `{"electricity":"12.5"}` || l.Input.SiteID != string(site) || l.Texts()["E2"] != "12.5" || l.Text("E2") != "12.5" {
			t.Errorf("%v, %v, %s", err, l.Faults, l.Input.Payload)
		}
	}
	var out bytes.Buffer
	if err := b.Marked(&out, c, nil, words.Chinese); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	if got := look(t, f, "Sheet1", "E2"); got != "12.5" {
		t.Errorf("given back with %q", got)
	}
}

// TestRecordsAreFoundByCell: each cell of a list says which record it is.
func TestRecordsAreFoundByCell(t *testing.T) {
	c := class(t, "productionFacility.materials")
	line := read(t, xlsx(t,
		cells("企业", "设施编码", "日期", "批次", "原辅料/名称", "原辅料/用量(t)", "原辅料/有毒有害成分及占比/成分", "原辅料/有毒有害成分及占比/占比"),
		cells(creditCode, "TW001", "20260105", "B1", "镍板", "1.5", "镍", "99.9%"), cells("", "", "", "", "", "", "钴", "0.1"), cells("", "", "", "", "硫酸", "2吨")), c)[0]
	for cell, want := range map[string]string{"E2": "/payload/materials/0/material", "H3": "/payload/materials/0/toxicComponents/1/percent", "F4": "/payload/materials/1/quantity", "D2": "/slot", "E3": ""} {
		if got := line.Of(cell); got != want || want != "" && line.At(want) != cell {
			t.Errorf("%s is %q, want %q, which is at %s", cell, got, want, line.At(want))
		}
	}
}

// TestOneFirm: the sheet of one firm need not name it.
func TestOneFirm(t *testing.T) {
	one := objects
	one.Firms = one.Firms[:1]
	lines, err := open(t, xlsx(t, cells("设施编码", "日期", "序号", "用电量"), cells("TW001", "2026-01-05", "1", "12"))).LedgerLines(class(t, "productionFacility.energy"), park, one)
	if err != nil {
		t.Fatal(err)
	}
	for l, err := range lines.All() {
		if err != nil || l.Input.SiteID != string(site) || l.Input.FacilityID != string(facility) {
			t.Errorf("%v, about %+v", err, l.Input.Input)
		}
	}
}

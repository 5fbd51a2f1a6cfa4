package sheets_test

import (
	"bytes"
	"strings"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/models/ledger"
	"parkregistry/sheets"
)

// FuzzCell: whatever stands in a cell is read without a panic, what was brought to the
// spelling of the class stays so, and a number that is one already is kept as entered.
func FuzzCell(f *testing.F) {
	for _, s := range []string{"", "85 m³", "<0.05", "ND", "—", "2021年11月2日", "20211102", "44502", "44502.5", "24:00", "0.05L", "1,486.00", "1e300", "9.1440300123456789E+17", "是", "日", "，", "-", "<", "NaN", "%"} {
		for kind := range byte(8) {
			f.Add(s, kind)
		}
	}
	fields := []ledger.Field{{Type: "decimal", Unit: "m3", Decimals: 4}, {Type: "decimal", Unit: "%"}, {Type: "decimal", Reading: true, ItemBy: "pollutant"}, {Type: "integer"}, {Type: "day"}, {Type: "instant"},
		{Type: "bool"}, {Type: "enum", Enum: []ledger.Option{{Value: "a", LabelZh: "甲，说明", LabelEn: "A; note"}}}, {Type: "text", MaxLength: 20}, {Type: "code:month"}, {Type: "code:creditCode"}}
	f.Fuzz(func(t *testing.T, s string, kind byte) {
		for _, field := range fields {
			text, fault, _ := sheets.Value(s, kind, field, "2026-01-05")
			if fault != "" {
				continue
			}
			if again, fault, _ := sheets.Value(text, 0, field, "2026-01-05"); fault == "" && again != text {
				t.Errorf("%s: %q becomes %q, and that %q", field.Type, s, text, again)
			}
			if _, err := code.ParseQuantity(s); err == nil && field.Type == "decimal" && kind == 0 && text != s {
				t.Errorf("the number %q becomes %q", s, text)
			}
		}
	})
}

// FuzzHead: no text makes the search for a column panic; blanks, width and the mark of
// what is required change nothing; a column is found by its own title.
func FuzzHead(f *testing.F) {
	for _, s := range []string{"出水水质/监测值", "监测值，可填 <0.05 或 ND", "废水进水量（m³） *", "Outlet quality/Measured value", ")", "((", "a)b)", "/", ""} {
		f.Add(s)
	}
	class, _ := ledger.ClassOf(wastewater)
	f.Fuzz(func(t *testing.T, s string) {
		found := sheets.Named(class, s)
		if again := sheets.Named(class, " "+strings.ReplaceAll(s, "/", " /\n")+"*"); again != found {
			t.Errorf("%q is %q, with blanks %q", s, found, again)
		}
		if found != "" && sheets.Named(class, found) != found {
			t.Errorf("%q is %q, and that is %q", s, found, sheets.Named(class, found))
		}
	})
}

// FuzzOpen: no file makes the reader panic.
func FuzzOpen(f *testing.F) {
	c := class(f, "productionFacility.energy")
	f.Add(xlsx(f, cells("企业", "设施编码", "日期", "序号", "用电量"), cells("", "TW009", "2026-01-05", "1", "12")))
	f.Add([]byte("设施编码,日期\nTW009,\"2026\n"))
	f.Add([]byte("\xc9\xe8\xca\xa9\xb1\xe0\xc2\xeb,\xc8\xd5\xc6\xda\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		b, err := sheets.Open(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		defer func() { _ = b.Close() }()
		lines, err := b.LedgerLines(c, park, objects)
		if err != nil {
			return
		}
		for l, err := range lines.All() {
			if err == nil && l.At("") == "" {
				t.Error("a line without a cell")
			}
		}
	})
}

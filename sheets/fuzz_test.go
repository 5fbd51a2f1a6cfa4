package sheets_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"parkregistry/internal/code"
	"parkregistry/models/ledger"
	"parkregistry/sheets"
)

// FuzzCell: whatever stands in a cell is read without a panic, what was brought to the
// spelling of the class stays so, and a number that is one already is kept as entered, without the blanks around it.
func FuzzCell(f *testing.F) {
	for _, s := range []string{"", "85 m³", "<0.05", "ND", "—", "2021年11月2日", "20211102", "44502", "44502.5", "24:00", "0.05L", "1,486.00", "1e300", "9.1440300123456789E+17", "是", "日", "，", "-", "<", "NaN", "%", "0%"} {
		for kind := range byte(8) {
			f.Add(s, kind)
		}
	}
	fields := []ledger.Field{{Type: "decimal", Unit: "m3", Decimals: 4}, {Type: "decimal", Unit: "%"}, {Type: "decimal", Reading: true, ItemBy: "pollutant"}, {Type: "integer"}, {Type: "day"}, {Type: "instant"},
		{Type: "bool"}, {Type: "enum", Enum: []ledger.Option{{Value: "a", LabelZh: "甲，说明", LabelEn: "A; note"}}}, {Type: "text", MaxLength: 20}, {Type: "code:month"}, {Type: "code:creditCode"}}
	f.Fuzz(func(t *testing.T, s string, kind byte) {
		for _, field := range fields {
			text, fault, _ := sheets.Value(s, kind, field, "2026-01-05")
			if fault != "" || !utf8.ValidString(s) { // which a file cannot bring as text
				continue
			}
			if _, err := code.ParseDay(text); err != nil && (field.Type == "day" || field.Type == "instant") { // no day: refused further on
				continue
			}
			if again, fault, _ := sheets.Value(text, 0, field, "2026-01-05"); fault == "" && again != text {
				t.Errorf("%s: %q becomes %q, and that %q", field.Type, s, text, again)
			}
			if _, err := code.ParseQuantity(s); err == nil && field.Type == "decimal" && kind == 0 && strings.TrimSpace(text) != strings.TrimSpace(s) {
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

// FuzzScan: what the decoder of the standard library reads as XML, the scanner takes apart
// in the same way.
func FuzzScan(f *testing.F) {
	for _, s := range []string{`<worksheet xmlns="a"><sheetData><row r="2"><c r="B2" s="3" t='n'><f>A1&gt;1</f><v>1</v></c><x:c r = "C2"/></row></sheetData></worksheet>`,
		`<?xml version="1.0"?><!-- <c> --><a><![CDATA[<c>]]><![CDATA[]]></a>`, `<a r=">" t="/"/>`, `<a r='"'>`, `<a`, `</a b="<">`, "<a\n\tr=\"1\"\n/>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := sheets.Scanned(bytes.NewReader(file), "r", "t")
		want, whole := decoded(file, "r", "t")
		if whole && (err != nil || !slices.Equal(got, want)) {
			t.Errorf("%q: %q, the decoder reads %q, %v", file, got, want, err)
		}
	})
}

// decoded is what Scanned says, by the decoder of the standard library; false for what is
// no XML, and for what the two write in another way.
func decoded(file []byte, attributes ...string) (all []string, whole bool) {
	for d := xml.NewDecoder(bytes.NewReader(file)); ; {
		token, err := d.RawToken()
		if err != nil {
			return all, errors.Is(err, io.EOF) && len(file) < 60_000 && !bytes.ContainsAny(file, "&\r")
		}
		switch e := token.(type) {
		case xml.StartElement:
			line := "<" + e.Name.Local
			for _, name := range attributes {
				line += " "
				if i := slices.IndexFunc(e.Attr, func(a xml.Attr) bool { return a.Name == xml.Name{Local: name} }); i >= 0 {
					line += e.Attr[i].Value
				}
			}
			all = append(all, line)
			if strings.Contains(e.Name.Local, ":") {
				return nil, false
			}
		case xml.EndElement:
			all = append(all, ">"+e.Name.Local)
			if strings.Contains(e.Name.Local, ":") {
				return nil, false
			}
		case xml.CharData:
			if len(e) > 0 {
				all = append(all, "text")
			}
		case xml.Directive:
			return nil, false // the archive is refused before (S-XL1)
		}
	}
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

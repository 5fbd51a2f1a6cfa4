package sheets_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"parkregistry/internal/fault"
	"parkregistry/sheets"
)

// altered is a workbook with one part replaced or added.
func altered(t testing.TB, file []byte, part string, change func(string) string) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	put := func(name, text string) {
		w, err := out.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	done := false
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if _, err := text.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		if f.Name == part {
			done = true
			put(f.Name, change(text.String()))
			continue
		}
		put(f.Name, text.String())
	}
	if !done {
		put(part, change(""))
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const firstSheet = "xl/worksheets/sheet1.xml"

// compoundFile begins as the container of old workbooks and of those with a password.
func compoundFile(stream string) []byte {
	file := append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 70_000)...)
	for _, r := range stream {
		file = binary.LittleEndian.AppendUint16(file, uint16(r))
	}
	return file
}

// TestRefused: a file is looked at before it is opened, and the reason is the true one (S-XL1).
func TestRefused(t *testing.T) {
	good := xlsx(t, cells("企业", "设施编码", "日期", "序号", "用电量"), cells("", "TW009", "2026-01-05", "1", "12"))
	flipped := bytes.Clone(good)
	flipped[bytes.Index(flipped, []byte(firstSheet))+len(firstSheet)+20] ^= 1
	understated := bytes.Clone(good)
	at := bytes.LastIndex(understated, []byte(firstSheet)) - 46
	binary.LittleEndian.PutUint32(understated[at+24:], 1<<31)
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"nothing", nil, "empty"},
		{"a password", compoundFile("EncryptedPackage"), "password"},
		{"the old format", compoundFile("Workbook"), "xls"},
		{"macros", altered(t, good, "xl/vbaProject.bin", func(string) string { return "x" }), "macro"},
		{"an entity", altered(t, good, firstSheet, func(s string) string {
			return strings.Replace(s, "?>", `?><!DOCTYPE x [<!ENTITY a "b">]>`, 1)
		}), "xml"},
		{"a flipped bit", flipped, "broken"},
		{"a part that claims two gibibytes", understated, "bomb"},
		{"a part packed too tightly", altered(t, good, "xl/media/a.bin", func(string) string { return strings.Repeat("0", 30<<20) }), "bomb"},
		{"another kind of archive", altered(t, xlsxWithout(t), "word/document.xml", func(string) string { return "x" }), "type"},
		{"a part that climbs out", altered(t, good, "../../x", func(string) string { return "x" }), "broken"},
		{"a picture", []byte("\x89PNG\r\n\x1a\n\x00\x00"), "type"},
		{"UTF-16", []byte("\xff\xfea\x00,\x00"), "encoding"},
	} {
		b, err := sheets.Open(bytes.NewReader(c.file), int64(len(c.file)))
		var f *fault.Error
		if !errors.As(err, &f) || len(f.Violations) != 1 || f.Violations[0].Code != c.want {
			t.Errorf("%s: %v, %v, want %s", c.name, b, err, c.want)
		}
	}
}

// xlsxWithout is an archive without a workbook in it.
func xlsxWithout(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	if _, err := w.Create("[Content_Types].xml"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestWorksheets: what a worksheet may do to a reader, and what is made of it.
func TestWorksheets(t *testing.T) {
	c := class(t, "productionFacility.energy")
	head := cells("企业", "设施编码", "日期", "序号", "用电量", "备注")
	row := cells("", "TW009", "2026-01-05", "1", "12")
	edit := func(do func(f *excelize.File) error) []byte {
		f, err := excelize.OpenReader(bytes.NewReader(xlsx(t, head, row, cells("", "TW009", "2026-01-06", "1", "13"))))
		if err == nil {
			err = do(f)
		}
		if err != nil {
			t.Fatal(err)
		}
		return saved(t, f)
	}
	plain := edit(func(*excelize.File) error { return nil })
	for _, k := range []struct {
		name    string
		file    []byte
		entries int
		faults  string
	}{
		{"as it should be", plain, 2, ""},
		{"one cell at the far end", altered(t, plain, firstSheet, func(s string) string {
			return strings.Replace(s, "</sheetData>", `<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>`, 1)
		}), 2, ""},
		{"a row behind a thousand blank ones", altered(t, plain, firstSheet, func(s string) string {
			return strings.Replace(s, "</sheetData>", `<row r="1005"><c r="E1005"><v>1</v></c></row></sheetData>`, 1)
		}), 2, ""},
		{"a million blank rows", altered(t, plain, firstSheet, func(s string) string {
			var blank strings.Builder
			for i := 4; i < 1_000_000; i += 7 {
				fmt.Fprintf(&blank, `<row r="%d"></row>`, i)
			}
			return strings.Replace(s, "</sheetData>", blank.String()+"</sheetData>", 1)
		}), 2, ""},
		{"a formula with its result", altered(t, plain, firstSheet, func(s string) string {
			return strings.Replace(s, `<c r="E2" t="s">`, `<c r="E2" t="str"><f>HYPERLINK("http://x","y")</f>`, 1)
		}), 2, ""},
		{"a formula without its result", altered(t, plain, firstSheet, func(s string) string {
			return strings.Replace(s, `<c r="E2" t="s"><v>`, `<c r="E2"><f>1+1</f><v></v></c><c r="G2" t="s"><v>`, 1)
		}), 2, "E2 formula"},
		{"an error", altered(t, plain, firstSheet, func(s string) string {
			return strings.Replace(s, `<c r="E2" t="s"><v>`, `<c r="E2" t="e"><v>#REF!</v></c><c r="G2" t="s"><v>`, 1)
		}), 2, "E2 formula"},
		{"merged cells among the data", edit(func(f *excelize.File) error { return f.MergeCell("Sheet1", "D2", "D3") }), 2, "D2 merged"},
		{"merged cells beside the data", edit(func(f *excelize.File) error { return f.MergeCell("Sheet1", "F2", "F3") }), 2, ""},
		{"a sheet before it that is a chart", altered(t, edit(func(f *excelize.File) error {
			return f.AddChartSheet("用电图", &excelize.Chart{Type: excelize.Col, Series: []excelize.ChartSeries{{Name: "Sheet1!$E$1", Values: "Sheet1!$E$2:$E$3"}}})
		}), "xl/workbook.xml", func(s string) string {
			return regexp.MustCompile(`(<sheet [^>]*></sheet>)(<sheet [^>]*></sheet>)`).ReplaceAllString(s, "$2$1")
		}), 2, ""},
		{"a hidden sheet before it", edit(func(f *excelize.File) error {
			_, err := f.NewSheet("隐藏")
			if err == nil {
				err = f.SetSheetVisible("隐藏", false)
			}
			return err
		}), 2, ""},
		{"a sheet of notes beside it", edit(func(f *excelize.File) error {
			_, err := f.NewSheet("说明")
			if err == nil {
				err = f.SetCellStr("说明", "A1", "日期")
			}
			return err
		}), 2, ""},
	} {
		lines := read(t, k.file, c)
		if got := strings.Join(faultsOf(lines), ", "); len(lines) != k.entries || got != k.faults {
			t.Errorf("%s: %d entries, faults %q, want %q", k.name, len(lines), got, k.faults)
		}
	}
	cut := altered(t, xlsx(t, head, row), firstSheet, func(s string) string { return s[:strings.Index(s, "</sheetData>")] })
	if _, err := open(t, cut).LedgerLines(c, park, objects); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("a worksheet that ends in the middle: %v", err)
	}
}

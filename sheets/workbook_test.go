package sheets_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"parkregistry/models/registry"
	"parkregistry/sheets"
)

// TestWorkbook: a list as a workbook can be filtered, keeps its codes, and says what it is.
func TestWorkbook(t *testing.T) {
	for _, rows := range []int{0, 1, 199, 200, 201, 1000} {
		var b bytes.Buffer
		w, err := sheets.NewWorkbook(&b, "facilities", []string{"capacity"}, "code", "capacity", "note")
		if err != nil {
			t.Fatal(err)
		}
		w.About("导出时间", "2026-11-27 05:00")
		for i := range rows {
			if err := w.Row(fmt.Sprintf("91440300123456789%d", i%10), []string{"12.5", "12.50", "1000", "", "12345678901234567"}[i%5], "=1+1"); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil || w.Rows() != rows {
			t.Fatalf("%d rows, %v", w.Rows(), err)
		}
		f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		got, err := f.GetRows("facilities")
		if err != nil || len(got) != rows+1 {
			t.Fatalf("%d rows of %d, %v", len(got), rows, err)
		}
		if panes, err := f.GetPanes("facilities"); err != nil || !panes.Freeze || panes.YSplit != 1 {
			t.Errorf("panes %+v, %v", panes, err)
		}
		if s, err := f.GetCellValue("说明 · about", "B1"); err != nil || s != "2026-11-27 05:00" {
			t.Errorf("about: %q, %v", s, err)
		}
		filtered := false
		for _, n := range f.GetDefinedName() {
			filtered = filtered || strings.HasSuffix(n.RefersTo, fmt.Sprintf("$A$1:$C$%d", rows+1))
		}
		if !filtered {
			t.Errorf("%d rows: no filter in %v", rows, f.GetDefinedName())
		}
		kinds := map[int]excelize.CellType{2: excelize.CellTypeUnset, 3: excelize.CellTypeInlineString, 4: excelize.CellTypeUnset, 6: excelize.CellTypeInlineString}
		for row, want := range kinds {
			if row > rows+1 {
				continue
			}
			if kind, err := f.GetCellType("facilities", fmt.Sprintf("B%d", row)); err != nil || kind != want {
				t.Errorf("B%d is of type %v, %v", row, kind, err)
			}
			if kind, err := f.GetCellType("facilities", fmt.Sprintf("A%d", row)); err != nil || kind != excelize.CellTypeInlineString {
				t.Errorf("A%d is of type %v, %v", row, kind, err)
			}
			if formula, err := f.GetCellFormula("facilities", fmt.Sprintf("C%d", row)); err != nil || formula != "" {
				t.Errorf("C%d runs %q", row, formula)
			}
		}
	}
}

// TestRosterComesBack: what goes out as a roster, in either form, comes in as it was.
func TestRosterComesBack(t *testing.T) {
	text := rapid.StringMatching(`[=+\-@'＝]{0,2}[一-龥A-Za-z0-9 "',;=+@-]{1,20}`)
	code := rapid.StringMatching(`[0-9]{2}440300[0-9A-H]{9}[0-9X]`)
	rapid.Check(t, func(t *rapid.T) {
		var out [2]bytes.Buffer
		var header []string
		for _, c := range sheets.EnterpriseColumns {
			header = append(header, c.Name)
		}
		workbook, err := sheets.NewWorkbook(&out[0], "enterprises", nil, header...)
		if err != nil {
			t.Fatal(err)
		}
		csv, err := sheets.NewWriter(&out[1], true, header...)
		if err != nil {
			t.Fatal(err)
		}
		var want []registry.EnterpriseInput
		for range rapid.IntRange(1, 20).Draw(t, "rows") {
			in := registry.EnterpriseInput{CreditCode: code.Draw(t, "code"), Name: strings.TrimSpace(text.Draw(t, "name")), Industries: []string{"0610", "3982"}[:rapid.IntRange(1, 2).Draw(t, "industries")],
				PermitClass: rapid.SampledFrom([]string{"key", "simplified"}).Draw(t, "class"), RiskLevel: rapid.SampledFrom([]string{"", "major"}).Draw(t, "risk"), Discharges: rapid.Bool().Draw(t, "discharges"),
				LegalRepresentative: strings.TrimSpace(text.Draw(t, "person")), Contact: strings.TrimSpace(text.Draw(t, "contact")), Phone: "075523456789"}
			want = append(want, in)
			yes := map[bool]string{true: "1", false: "0"}[in.Discharges]
			row := []string{in.CreditCode, in.Name, strings.Join(in.Industries, ";"), in.PermitClass, in.RiskLevel, yes, "", in.LegalRepresentative, in.Contact, in.Phone, "", ""}
			for _, w := range []interface{ Row(...string) error }{workbook, csv} {
				if err := w.Row(append([]string(nil), row...)...); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, w := range []interface{ Close() error }{workbook, csv} {
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
		}
		for i := range out {
			b, err := sheets.Open(bytes.NewReader(out[i].Bytes()), int64(out[i].Len()))
			if err != nil {
				t.Fatal(err)
			}
			table, err := b.Table(sheets.EnterpriseColumns)
			if err != nil || len(table.Rows) != len(want) {
				t.Fatalf("%d rows of %d, %v", len(table.Rows), len(want), err)
			}
			for n, row := range table.Rows {
				in, _ := sheets.Enterprise(row) // whether it is lawful is another matter
				if !reflect.DeepEqual(in, want[n]) {
					t.Fatalf("row %d of form %d came back as %+v, was %+v", n, i, in, want[n])
				}
			}
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

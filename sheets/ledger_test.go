package sheets_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/sheets"
)

const (
	park     = models.ID("019b0000-0000-7000-8000-000000000001")
	site     = models.ID("019b0000-0000-7000-8000-000000000002")
	other    = models.ID("019b0000-0000-7000-8000-000000000003")
	facility = models.ID("019b0000-0000-7000-8000-000000000004")
	own      = models.ID("019b0000-0000-7000-8000-000000000005")
	outlet   = models.ID("019b0000-0000-7000-8000-000000000006")
)

const creditCode = "91130200699229617X"

var objects = sheets.Objects{
	Firms: []sheets.Firm{{Site: site, CreditCode: creditCode, Name: "深圳市示范电镀有限公司"}, {Site: other, CreditCode: "91440300MA5DQ9CK7N", Name: "深圳（宝安）某某线路板有限公司"}},
	Facilities: []sheets.Object{{ID: facility, Site: site, Code: "TW001", Name: "综合废水处理站", Kind: "treatment", Medium: "water"},
		{ID: own, Code: "TW009", Name: "园区集中处理设施", Kind: "central", Medium: "water"}, {ID: "019b0000-0000-7000-8000-000000000007", Site: other, Code: "TW001", Kind: "treatment", Medium: "water"}},
	Outlets: []sheets.Object{{ID: outlet, Site: site, Code: "DW001", Kind: "total"}},
}

func open(t testing.TB, file []byte) *sheets.Book {
	t.Helper()
	b, err := sheets.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func class(t testing.TB, code string) ledger.Class {
	t.Helper()
	c, known := ledger.ClassOf(code)
	if !known {
		t.Fatalf("there is no class %s", code)
	}
	return c
}

// read are the entries of a file, which must be one of the class.
func read(t testing.TB, file []byte, c ledger.Class) []sheets.Line {
	t.Helper()
	lines, err := open(t, file).LedgerLines(c, park, objects)
	if err != nil {
		t.Fatal(err)
	}
	var all []sheets.Line
	for line, err := range lines.All() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, line)
	}
	return all
}

// xlsx is a workbook of one sheet; a value is written as Go has it, so that a text stays one.
func xlsx(t testing.TB, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", sheets.Cell(0, i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	return saved(t, f)
}

func saved(t testing.TB, f *excelize.File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func cells(texts ...string) []any {
	all := make([]any, len(texts))
	for i, s := range texts {
		if s != "" {
			all[i] = s
		}
	}
	return all
}

// asCSV is a sheet as a spreadsheet saves it: what was merged stands in its first cell.
func asCSV(t testing.TB, file []byte) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows(f.GetSheetName(0))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for _, row := range rows {
		for len(row) < 60 {
			row = append(row, "")
		}
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return b.Bytes()
}

// lawful is a value of a field that a filing takes, as people write it.
func lawful(c ledger.Class, in string, f ledger.Field, lang words.Lang) string {
	for _, r := range c.Rules {
		i := slices.Index(r.Fields, f.Name)
		switch {
		case i < 0 || r.In != in:
		case r.Name == "order":
			return time.Date(2026, 1, 5, 8+i, 30, 0, 0, time.UTC).Format("2006-01-02 15:04")
		case r.Name == "notAbove":
			return "0"
		}
	}
	_, example := f.Form()
	switch {
	case f.Type == "enum":
		return words.Name(lang, fault.Label{Zh: f.Enum[0].LabelZh, En: f.Enum[0].LabelEn})
	case example != "":
		return example
	case f.Type == "decimal":
		return "12.5"
	case f.Type == "integer":
		return "3"
	case f.Type == "bool":
		return map[words.Lang]string{words.Chinese: "否", words.English: "No"}[lang]
	case f.Type == "day":
		return "2026年1月5日"
	case f.Type == "instant":
		return "2026/1/5 9:30"
	}
	return "内容 " + f.Name
}

// fill writes one entry under the head of a template, with two records in its lists
// where no rule adds them up, and gives the number of values of its payload.
func fill(t testing.TB, template []byte, c ledger.Class, lang words.Lang) (file []byte, values int) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(template))
	if err != nil {
		t.Fatal(err)
	}
	sheet := f.GetSheetName(0)
	rows, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	row, x := len(rows)+1, 0 // below the sample
	put := func(row int, s string) {
		if err := f.SetCellStr(sheet, sheets.Cell(x, row), s); err != nil {
			t.Fatal(err)
		}
	}
	if c.Site != ledger.None {
		put(row, creditCode)
		x++
	}
	if c.Facility != ledger.None {
		put(row, map[bool]string{true: "TW009", false: "TW001"}[c.Site == ledger.None])
		x++
	}
	if c.Outlet != ledger.None {
		put(row, "DW001")
		x++
	}
	put(row, "2026.1.5")
	x++
	if c.Slot.Field == "" {
		put(row, "早班")
		x++
	}
	twice := !slices.ContainsFunc(c.Rules, func(r ledger.Rule) bool { return r.Name == "sums" })
	var write func(in string, fields []ledger.Field)
	write = func(in string, fields []ledger.Field) {
		for _, field := range fields {
			if len(field.Fields) > 0 {
				write(field.Name, field.Fields)
				continue
			}
			put(row, lawful(c, in, field, lang))
			values++
			if in != "" && twice {
				put(row+1, lawful(c, in, field, lang))
				values++
			}
			x++
		}
	}
	write("", c.Fields)
	return saved(t, f), values
}

func leaves(raw json.RawMessage) int {
	var list []json.RawMessage
	var record map[string]json.RawMessage
	n := 0
	switch {
	case json.Unmarshal(raw, &record) == nil:
		for _, v := range record {
			n += leaves(v)
		}
	case json.Unmarshal(raw, &list) == nil:
		for _, v := range list {
			n += leaves(v)
		}
	default:
		return 1
	}
	return n
}

// TestEveryClass: the template of every class, filled in and sent back as a workbook or
// as CSV, is an entry that could be filed, with every value that was filled in.
func TestEveryClass(t *testing.T) {
	filed := 0
	for _, c := range ledger.Classes() {
		if c.View != "" {
			continue
		}
		filed++
		for _, lang := range []words.Lang{words.Chinese, words.English} {
			var template bytes.Buffer
			if err := sheets.LedgerTemplate(&template, c, objects, lang); err != nil {
				t.Fatalf("%s: %v", c.Code, err)
			}
			if code, version, is := open(t, template.Bytes()).Class(); code != c.Code || version != c.Version || !is {
				t.Errorf("the template of %s says it is for %s version %d", c.Code, code, version)
			}
			if lang == words.English {
				if blank := read(t, template.Bytes(), c); len(blank) != 0 {
					t.Errorf("%s: the empty template says %d entries: %s", c.Code, len(blank), blank[0].Input.Payload)
				}
			}
			file, values := fill(t, template.Bytes(), c, lang)
			text := asCSV(t, file)
			gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes(text)
			if err != nil {
				t.Fatal(err)
			}
			forms := map[string][]byte{"xlsx": file, "csv": text, "csv in GB18030": gb}
			if lang == words.English {
				forms = map[string][]byte{"xlsx": file}
			}
			for form, file := range forms {
				name := fmt.Sprintf("%s %s %s", c.Code, lang, form)
				lines := read(t, file, c)
				if len(lines) != 1 {
					t.Errorf("%s: %d entries", name, len(lines))
					continue
				}
				l := lines[0]
				for _, v := range l.Faults {
					t.Errorf("%s: %s %s: %s", name, v.Pointer, v.Code, v.Detail)
				}
				if _, err := c.Complete(l.Input.Payload); err != nil {
					t.Errorf("%s: %s is refused: %v", name, l.Input.Payload, err)
				}
				if got := leaves(l.Input.Payload); got != values {
					t.Errorf("%s: %d values of %d came through: %s", name, got, values, l.Input.Payload)
				}
				if in := l.Input; in.Day != "2026-01-05" || in.ParkID != string(park) || in.Class != c.Code ||
					(in.SiteID == string(site)) == (c.Site == ledger.None) || (in.OutletID == string(outlet)) == (c.Outlet == ledger.None) || (in.Slot == "早班") != (c.Slot.Field == "") {
					t.Errorf("%s: it is about %+v", name, in.Input)
				}
			}
		}
	}
	if filed != 39 {
		t.Errorf("%d classes are filed", filed)
	}
}

const wastewater = "treatmentFacility.wastewater"

// TestRecords: records of lists stand one below the other, the keys repeated or left
// blank, and each value is found in its cell.
func TestRecords(t *testing.T) {
	c := class(t, wastewater)
	file := xlsx(t,
		cells("废水治理设施运行记录"),
		cells("备注", "班次", "记录日期", "设施", "统一社会信用代码", "出水水质", "", "废水进水量（m³）", "主要药剂添加", "", "", "是否正常运行", "开始时间", "结束时间", "废水处理量", "废水回用量", "废水排放量", "污泥产生量", "污泥去向", "排水去向"),
		cells("", "", "", "", "", "监测值", "污染物代码", "", "药剂名称", "添加时间", "添加量"),
		cells("说明", "早班", "2026-01-05", "tw001", "深圳市示范电镀有限公司", "<0.05", "化学需氧量", "85 m³", "PAC"),
		cells("", "", "", "", "", "ND", "w21003"),
		cells("", "早班", "2026/1/5", "TW001", "深圳市示范电镀有限公司", "", "", "85 m³", "PAM"),
		cells("", "中班", "2026/1/5", "TW001", "深圳市示范电镀有限公司", "7.2", "w01001"),
		cells("", "", "", "", "", "", "", "9"),
	)
	lines := read(t, file, c)
	if len(lines) != 2 {
		t.Fatalf("%d entries", len(lines))
	}
	if got, want := string(lines[0].Input.Payload), `{"inflow":"85","readings":[{"pollutant":"w01018","value":"<0.05"},{"pollutant":"w21003","value":"ND"}],"reagents":[{"reagent":"PAC"},{"reagent":"PAM"}]}`; got != want {
		t.Errorf("the first is %s", got)
	}
	for pointer, cell := range map[string]string{"/day": "C4", "/facilityId": "D4", "/siteId": "E4", "/payload/inflow": "H4", "/payload/readings/0/value": "F4", "/payload/readings/1/value": "F5", "/payload/readings/1/pollutant": "G5",
		"/payload/reagents/1/reagent": "I6", "/payload/readings": "G4", "/payload/readings/1": "G5", "/payload/sludgeQuantity": "R4", "/payload/electricity": "B4", "/class": "B4", "": "B4"} {
		if got := lines[0].At(pointer); got != cell {
			t.Errorf("%s is at %s, want %s", pointer, got, cell)
		}
	}
	if lines[0].Row != 4 || lines[0].Last != 6 || lines[0].Text("F4") != "<0.05" || lines[0].Text("H6") != "85 m³" || lines[0].Text("H7") != "" {
		t.Errorf("rows %d to %d, %q", lines[0].Row, lines[0].Last, lines[0].Text("F4"))
	}
	if in := lines[0].Input; in.FacilityID != string(facility) || in.SiteID != string(site) || in.Slot != "早班" {
		t.Errorf("it is about %+v", in.Input)
	}
	// A row without keys belongs to the entry before, its late value with its own row.
	if got := string(lines[1].Input.Payload); got != `{"inflow":"9","readings":[{"pollutant":"w01001","value":"7.2"}]}` || lines[1].At("/payload/inflow") != "H8" {
		t.Errorf("the second is %s, its inflow at %s", got, lines[1].At("/payload/inflow"))
	}
}

// TestNestedRecords: a list within a list, each on as many rows as it needs.
func TestNestedRecords(t *testing.T) {
	c := class(t, "productionFacility.materials")
	lines := read(t, xlsx(t,
		cells("企业", "设施编码", "日期", "批次", "原辅料/名称", "原辅料/用量(t)", "原辅料/有毒有害成分及占比/成分", "原辅料/有毒有害成分及占比/占比"),
		cells(creditCode, "TW001", "20260105", "B1", "镍板", "1.5", "镍", "99.9%"),
		cells("", "", "", "", "", "", "钴", "0.1"),
		cells("", "", "", "", "硫酸", "2吨"),
	), c)
	want := `{"materials":[{"material":"镍板","quantity":"1.5","toxicComponents":[{"component":"镍","percent":"99.9"},{"component":"钴","percent":"0.1"}]},{"material":"硫酸","quantity":"2"}]}`
	if len(lines) != 1 || string(lines[0].Input.Payload) != want {
		t.Fatalf("%d entries: %s", len(lines), lines[0].Input.Payload)
	}
	if got := lines[0].At("/payload/materials/0/toxicComponents/1/percent"); got != "H3" {
		t.Errorf("the second component is at %s", got)
	}
	if got := lines[0].At("/payload/materials/1/quantity"); got != "F4" {
		t.Errorf("the second material is at %s", got)
	}
}

// faultsOf are the faults of all lines: B8 code.
func faultsOf(lines []sheets.Line) (all []string) {
	for _, l := range lines {
		for _, v := range l.Faults {
			all = append(all, v.Pointer+" "+v.Code)
		}
	}
	return all
}

// TestWhatIsNamed: what stands in the key columns is looked up in the park.
func TestWhatIsNamed(t *testing.T) {
	c := class(t, "productionFacility.energy")
	row := func(firm, facility string) []any { return cells(firm, facility, "2026-01-05", "1", "12") }
	lines := read(t, xlsx(t, cells("企业", "设施编码", "日期", "序号", "用电量"),
		row("深圳(宝安)某某线路板有限公司", "TW001"), row("", "TW009"), row("", "综合废水处理站"), row("示范电镀", "TW001"), row("没有这家", "TW001"), row("", "TW001"), row(creditCode, "TW002"), row(creditCode, "TW009")), c)
	if got, want := strings.Join(faultsOf(lines), ", "), "A5 unknown, A6 unknown, B7 ambiguous, B8 unknown, B9 unknown"; got != want {
		t.Errorf("faults %s, want %s", got, want)
	}
	if d := lines[3].Faults[0]; !strings.Contains(d.Detail.String(), "深圳市示范电镀有限公司") || d.Value != "示范电镀" {
		t.Errorf("it suggests %s for %v", d.Detail, d.Value)
	}
	if lines[0].Input.SiteID != string(other) || lines[1].Input.FacilityID != string(own) || lines[1].Input.SiteID != "" || lines[2].Input.FacilityID != string(facility) {
		t.Errorf("found %+v, %+v, %+v", lines[0].Input.Input, lines[1].Input.Input, lines[2].Input.Input)
	}
}

func TestSampleRowsAndBlankRows(t *testing.T) {
	c := class(t, "productionFacility.energy")
	lines := read(t, xlsx(t, cells("企业", "设施编码", "日期", "序号", "用电量"), cells("示例：某某公司", "TW001", "2026-01-05", "1", "12"), cells(), cells("—", "/"),
		cells("", "TW009", "2026-01-05", "1", "12"), cells("Example", "TW001", "2026-01-05", "1", "12")), c)
	if len(lines) != 1 || lines[0].Row != 5 {
		t.Errorf("%d entries", len(lines))
	}
}

// TestHeads: what the head of a table can be refused for, each at its cell.
func TestHeads(t *testing.T) {
	c := class(t, wastewater)
	for _, k := range []struct {
		name string
		head []string
		want string
	}{
		{"nothing of the class", []string{"姓名", "电话"}, "/file head"},
		{"a required column is missing", []string{"记录日期", "设施编码", "废水进水量"}, "A1 required"},
		{"a column twice", []string{"记录日期", "日期", "设施编码"}, "B1 doubled"},
		{"another unit", []string{"记录日期", "设施编码", "污泥产生量（kg）"}, "C1 unit"},
	} {
		_, err := open(t, xlsx(t, cells(k.head...))).LedgerLines(c, park, objects)
		f, ok := err.(*fault.Error)
		if !ok || len(f.Violations) == 0 || !slices.ContainsFunc(f.Violations, func(v fault.Violation) bool { return v.Pointer+" "+v.Code == k.want }) {
			t.Errorf("%s: %v, want %s", k.name, err, k.want)
		}
	}
}

// TestTemplatesOfOthers: a template knows what it is for.
func TestTemplatesOfOthers(t *testing.T) {
	old, known := ledger.Embedded().At(wastewater, 1)
	if !known {
		t.Fatal("there is no first version")
	}
	for want, c := range map[string]ledger.Class{"version": old, "class": class(t, "productionFacility.energy")} {
		var b bytes.Buffer
		if err := sheets.LedgerTemplate(&b, c, objects, words.Chinese); err != nil {
			t.Fatal(err)
		}
		_, err := open(t, b.Bytes()).LedgerLines(class(t, wastewater), park, objects)
		if f, ok := err.(*fault.Error); !ok || f.Violations[0].Code != want {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// TestStreamed: entries come while the file is read, and one row too many ends it.
func TestStreamed(t *testing.T) {
	var b strings.Builder
	b.WriteString("设施编码,日期,序号,用电量\n")
	for i := range sheets.MostLines + 1 {
		b.WriteString("TW009,2026-01-05," + strconv.Itoa(i) + ",1\n")
	}
	lines, err := open(t, []byte(b.String())).LedgerLines(class(t, "productionFacility.energy"), park, objects)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err = range lines.All() {
		if err == nil {
			n++
		}
		if n == 1 && lines.Rows() > 2 {
			t.Fatalf("%d rows were read for the first entry", lines.Rows())
		}
	}
	if n != sheets.MostLines || fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("%d entries, then %v", n, err)
	}
}

package ledger

import (
	"encoding/json"
	"strconv"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
)

// The columns by which a row of a sheet is known: about what it is, of which day.
const (
	FirmColumn     = "/siteId"
	FacilityColumn = "/facilityId"
	OutletColumn   = "/outletId"
	DayColumn      = "/day"
	SlotColumn     = "/slot"
)

// Column is one column of the sheet of a class: of its template, and of its entries when
// they are taken out.
type Column struct {
	Pointer  string  // of the input, without the numbers of records: /payload/readings/value
	Lists    []Field // that its field lies in, outermost first
	Field    Field   // of a key, only how it is labelled
	Key      bool
	Required bool     // a table without it is none of the class
	Also     []string // further names of a key
}

// Columns are the columns of the class, those by which a row is known first.
func (c Class) Columns() []Column {
	var all []Column
	key := func(need Need, pointer, kind, zh, en string, also ...string) {
		if need != None {
			all = append(all, Column{Pointer: pointer, Key: true, Required: need == Required, Also: also,
				Field: Field{Type: kind, LabelZh: zh, LabelEn: en, Required: need == Required}})
		}
	}
	key(c.Site, FirmColumn, "firm", "企业", "Enterprise", "企业名称", "统一社会信用代码", "企业名称或者统一社会信用代码", "单位名称", "Name of the enterprise", "Credit code")
	key(c.Facility, FacilityColumn, "code:facility", "设施编码", "Facility code", "设施编号", "设施", "治理设施编码", "治理设施编号", "Facility")
	key(c.Outlet, OutletColumn, "code:outlet", "排放口编码", "Outlet code", "排放口编号", "排放口", "Outlet")
	if !c.Undated {
		key(Required, DayColumn, "day", "记录日期", "Day of the record", "日期", "填报日期", "Date", "Day")
	}
	if c.Slot.Field == "" {
		need := Optional
		if c.Slot.Required {
			need = Required
		}
		key(need, SlotColumn, "slot", c.Slot.LabelZh, c.Slot.LabelEn)
	}
	return append(all, columnsIn("/payload", nil, c.Fields, true)...)
}

// columnsIn are those of fields; whole says that no list around them can be left out.
func columnsIn(at string, lists, fields []Field, whole bool) []Column {
	var all []Column
	for _, f := range fields {
		if len(f.Fields) > 0 {
			all = append(all, columnsIn(at+"/"+f.Name, append(lists[:len(lists):len(lists)], f), f.Fields, whole && f.Required)...)
			continue
		}
		all = append(all, Column{Pointer: at + "/" + f.Name, Lists: lists, Field: f, Required: whole && f.Required})
	}
	return all
}

// Path are the texts of its head, one below the other.
func (c Column) Path() []fault.Text {
	var all []fault.Text
	for _, f := range append(c.Lists[:len(c.Lists):len(c.Lists)], c.Field) {
		all = append(all, ShortTitle(f.LabelZh, f.LabelEn))
	}
	return all
}

// Title is its head in one line, as the import knows it, with the unit behind it.
func (c Column) Title() fault.Text {
	zh, en, stroke := "", "", ""
	for _, t := range c.Path() {
		zh, en, stroke = zh+stroke+t.Key, en+stroke+t.English, "/"
	}
	if unit := code.WrittenUnit(c.Field.Unit); unit != "" {
		zh, en = zh+"（"+unit+"）", en+" ("+unit+")"
	}
	return fault.Named(zh, en)
}

// Number reports whether its cells are numbers, as far as a cell then says the same.
func (c Column) Number() bool { return c.Field.Type == "decimal" || c.Field.Type == "integer" }

// Lines are an entry as rows of the sheet, one cell for each column: what is said once
// stands in every row, so that each can be filtered and read by itself; records of a list
// stand below each other, those of several lists side by side. keys are the texts of the
// key columns.
func (c Class) Lines(columns []Column, keys map[string]string, payload json.RawMessage) [][]fault.Text {
	s := spread{typed: c.Typed(payload), at: map[string]int{}, cells: map[[2]int]fault.Text{}}
	for i, column := range columns {
		s.at[column.Pointer] = i
	}
	height := s.record("", 0, "/payload", c.Fields)
	out := make([][]fault.Text, height)
	for y := range out {
		out[y] = make([]fault.Text, len(columns))
		for x, column := range columns {
			switch {
			case column.Key:
				out[y][x] = fault.Named(keys[column.Pointer], keys[column.Pointer])
			case len(column.Lists) == 0:
				out[y][x] = s.cells[[2]int{0, x}]
			default:
				out[y][x] = s.cells[[2]int{y, x}]
			}
		}
	}
	return out
}

// spread puts the values of a payload into cells, by row and column.
type spread struct {
	typed Typed
	at    map[string]int // columns by pointer
	cells map[[2]int]fault.Text
}

// record puts one record from a row on, and says how many rows it takes.
func (s *spread) record(in string, row int, at string, fields []Field) int {
	height := 1
	for _, f := range fields {
		if len(f.Fields) == 0 {
			if text := s.typed[in+"/"+f.Name]; text != "" {
				s.cells[[2]int{row, s.at[at+"/"+f.Name]}] = f.inCell(text)
			}
			continue
		}
		taken := 0
		for _, n := range s.typed.Rows(in + "/" + f.Name) {
			taken += s.record(in+"/"+f.Name+"/"+strconv.Itoa(n), row+taken, at+"/"+f.Name, f.Fields)
		}
		height = max(height, taken)
	}
	return height
}

// inCell is a typed value as a sheet has it, which reads it back as the same value.
func (f Field) inCell(text string) fault.Text {
	switch {
	case f.Type == "bool" && text == "true":
		return fault.T("是")
	case f.Type == "bool":
		return fault.T("否")
	case f.Type == "instant":
		text = strings.Replace(text, "T", " ", 1)
	case f.Type == "enum":
		for _, o := range f.Enum {
			if o.Value == text {
				return fault.Named(o.LabelZh, o.LabelEn)
			}
		}
	default:
		for _, p := range f.Pollutants() {
			if name := p.Label(); string(p) == text && f.pollutantNamed(name.Zh) == text && f.pollutantNamed(name.En) == text {
				return fault.Named(name.Zh, name.En)
			}
		}
	}
	return fault.Named(text, text)
}

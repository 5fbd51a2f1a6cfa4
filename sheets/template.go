package sheets

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models/ledger"
)

// forms is how many rows of a template are made ready to be filled in.
const forms = 5000

// TemplateName is what the template of a class is called as a file.
func TemplateName(c ledger.Class, lang words.Lang) string {
	title := words.Name(lang, fault.Label{Zh: c.TitleZh, En: c.TitleEn})
	return strings.NewReplacer("/", "-", "\\", "-", ":", "-").Replace(title) + ".xlsx"
}

// LedgerTemplate writes the template of a class for one park: its head with the lists
// merged over their columns, what can be chosen as drop-down lists, what is asked for as
// a note at each cell and on a sheet of its own, a sample row that reading skips, and in
// a sheet that nobody sees which class and version it is for.
func LedgerTemplate(w io.Writer, c ledger.Class, objects Objects, lang words.Lang) error {
	t := template{file: excelize.NewFile(), class: c, objects: objects, lang: lang, columns: columnsOf(c)}
	defer func() { _ = t.file.Close() }() // in memory
	for _, column := range t.columns {
		t.depth = max(t.depth, len(column.lists)+1)
	}
	t.named = t.about()
	t.make()
	if t.err != nil {
		return t.err
	}
	return t.file.Write(w)
}

// template is one that is being made; the first error ends all that follows.
type template struct {
	file    *excelize.File
	class   ledger.Class
	objects Objects
	lang    words.Lang
	columns []column
	depth   int // rows of the head
	sheet   string
	choices int // columns of the sheet of choices that are taken
	named   map[string]string
	err     error
}

func (t *template) do(err error) {
	if t.err == nil {
		t.err = err
	}
}

func (t *template) say(key string, args ...any) string {
	return words.Render(t.lang, fault.T(key, args...))
}

func (t *template) style(s excelize.Style) int {
	id, err := t.file.NewStyle(&s)
	t.do(err)
	return id
}

const hidden = "_choices"

func (t *template) make() {
	if t.sheet = t.say("台账"); t.class.Undated {
		t.sheet = t.name()
	}
	t.do(t.file.SetSheetName("Sheet1", t.sheet))
	for _, name := range []string{t.say("填写说明"), hidden, marks} {
		_, err := t.file.NewSheet(name)
		t.do(err)
	}
	t.body()
	t.title()
	t.head()
	t.paper()
	t.explain(t.say("填写说明"))
	t.do(t.file.SetSheetRow(marks, "A1", &[]any{"ledger", t.class.Code, strconv.Itoa(t.class.Version)}))
	t.do(t.file.SetSheetVisible(hidden, false))
	t.do(t.file.SetSheetVisible(marks, false, true))
}

// first is the row of the sample, under title and head.
func (t *template) first() int { return t.depth + 2 }

func (t *template) name() string {
	return words.Name(t.lang, fault.Label{Zh: t.class.TitleZh, En: t.class.TitleEn})
}

func (t *template) title() {
	bold := t.style(excelize.Style{Font: &excelize.Font{Bold: true, Size: 14}, Alignment: &excelize.Alignment{Vertical: "center"}})
	t.do(t.file.SetCellStr(t.sheet, "A1", t.name()))
	t.do(t.file.SetCellStyle(t.sheet, "A1", "A1", bold))
	t.do(t.file.SetRowHeight(t.sheet, 1, 24))
}

// head writes the paths of the columns, equal ones beside and below each other merged.
func (t *template) head() {
	border := []excelize.Border{{Type: "left", Color: "999999", Style: 1}, {Type: "right", Color: "999999", Style: 1}, {Type: "top", Color: "999999", Style: 1}, {Type: "bottom", Color: "999999", Style: 1}}
	plain := t.style(excelize.Style{Font: &excelize.Font{Bold: true}, Border: border, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"EEF3F8"}},
		Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true}})
	t.do(t.file.SetCellStyle(t.sheet, "A2", Cell(len(t.columns)-1, t.depth+1), plain))
	for level := range t.depth {
		for x := 0; x < len(t.columns); {
			path := t.columns[x].path(t.lang)
			if level >= len(path) {
				x++
				continue
			}
			to := x + 1
			for level < len(path)-1 && to < len(t.columns) && level < len(t.columns[to].lists) && slices.Equal(t.columns[to].path(t.lang)[:level+1], path[:level+1]) {
				to++
			}
			bottom := level + 2
			if level == len(path)-1 {
				bottom = t.depth + 1
				path[level] = t.labelled(t.columns[x])
			}
			from := Cell(x, level+2)
			t.do(t.file.SetCellStr(t.sheet, from, path[level]))
			if end := Cell(to-1, bottom); end != from {
				t.do(t.file.MergeCell(t.sheet, from, end))
			}
			x = to
		}
	}
	t.do(t.file.SetRowHeight(t.sheet, t.depth+1, 32))
	t.do(t.file.SetPanes(t.sheet, &excelize.Panes{Freeze: true, YSplit: t.depth + 1, TopLeftCell: Cell(0, t.first()), ActivePane: "bottomLeft"}))
}

// paper fits some sixteen columns on a page of A3, the head on each.
func (t *template) paper() {
	yes, landscape, a3, across, any := true, "landscape", 8, (len(t.columns)+15)/16, 0
	t.do(t.file.SetPageLayout(t.sheet, &excelize.PageLayoutOptions{Orientation: &landscape, Size: &a3, FitToWidth: &across, FitToHeight: &any}))
	t.do(t.file.SetSheetProps(t.sheet, &excelize.SheetPropsOptions{FitToPage: &yes}))
	t.do(t.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: "'" + t.sheet + "'!$2:$" + strconv.Itoa(t.depth+1), Scope: t.sheet}))
}

// labelled is the last text of a head: with the unit, and a mark where it must be filled in.
func (t *template) labelled(c column) string {
	path := c.path(t.lang)
	s := path[len(path)-1]
	if u := shownUnit(c.field.Unit); u != "" {
		s += map[words.Lang]string{words.Chinese: "（" + u + "）", words.English: " (" + u + ")"}[t.lang]
	}
	if c.field.Required {
		s += " *"
	}
	return s
}

// shownUnit writes a unit as the office does.
func shownUnit(u string) string {
	return strings.NewReplacer("m3", "m³", "m2", "m²", "degC", "℃").Replace(u)
}

// body makes the rows ready: texts as such, so that no digit is lost; days as days.
func (t *template) body() {
	texts := t.style(excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{Vertical: "center"}})
	days := t.style(excelize.Style{CustomNumFmt: ptr("yyyy-mm-dd")})
	times := t.style(excelize.Style{CustomNumFmt: ptr("yyyy-mm-dd hh:mm")})
	grey := t.style(excelize.Style{NumFmt: 49, Font: &excelize.Font{Italic: true, Color: "808080"}})
	for x, c := range t.columns {
		letter := letters(x)
		width := 12.0
		style := texts
		switch c.field.Type {
		case "day":
			style = days
		case "instant":
			style, width = times, 18
		case "decimal", "integer":
			style = 0
		case "text", "firm":
			width = 20
		}
		if style != 0 {
			t.do(t.file.SetColStyle(t.sheet, letter, style))
		}
		t.do(t.file.SetColWidth(t.sheet, letter, letter, width))
		t.validate(x, c)
		t.do(t.file.SetCellStr(t.sheet, Cell(x, t.first()), t.sample(x, c)))
	}
	t.do(t.file.SetCellStyle(t.sheet, Cell(0, t.first()), Cell(len(t.columns)-1, t.first()), grey))
}

func ptr(s string) *string { return &s }

// validate offers what can be chosen and says what is asked for. It refuses nothing: what
// people paste is read by one rule only, that of the import.
func (t *template) validate(x int, c column) {
	v := excelize.NewDataValidation(true)
	v.SetSqref(Cell(x, t.first()+1) + ":" + Cell(x, t.first()+forms))
	if choices := t.offered(c); len(choices) > 0 {
		v.SetSqrefDropList(t.chosen(choices))
	} else {
		t.do(v.SetRange("0", "32767", excelize.DataValidationTypeTextLength, excelize.DataValidationOperatorBetween))
	}
	v.ShowErrorMessage = false
	v.SetInput(clip(c.title(t.lang), 32), clip(strings.Join(t.asked(c), "\n"), 255))
	t.do(t.file.AddDataValidation(t.sheet, v))
}

// clip cuts a text where the format of workbooks does.
func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// chosen writes choices into the hidden sheet and says where.
func (t *template) chosen(choices []string) string {
	letter := letters(t.choices)
	t.choices++
	for i, s := range choices {
		t.do(t.file.SetCellStr(hidden, letter+strconv.Itoa(i+1), s))
	}
	return hidden + "!$" + letter + "$1:$" + letter + "$" + strconv.Itoa(len(choices))
}

// offered is what may be chosen in a column.
func (t *template) offered(c column) []string {
	var all []string
	switch {
	case c.pointer == firmKey:
		for _, f := range t.objects.Firms {
			all = append(all, f.Name)
		}
	case c.pointer == facilityKey:
		for _, o := range t.facilities() {
			all = append(all, o.Code)
		}
	case c.pointer == outletKey:
		for _, o := range t.outlets() {
			all = append(all, o.Code)
		}
	case c.field.Type == "bool":
		return []string{t.say("是"), t.say("否")}
	case c.field.Type == "enum":
		for _, o := range c.field.Enum {
			all = append(all, words.Name(t.lang, fault.Label{Zh: o.LabelZh, En: o.LabelEn}))
		}
		return all
	default:
		for _, p := range c.field.Pollutants() {
			all = append(all, words.Name(t.lang, p.Label()))
		}
		return all
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// asked is what a column asks for, in short sentences.
func (t *template) asked(c column) []string {
	var all []string
	if c.field.Required {
		all = append(all, t.say("必须填写"))
	}
	label := words.Name(t.lang, fault.Label{Zh: c.field.LabelZh, En: c.field.LabelEn})
	if behind := strings.TrimLeft(strings.TrimPrefix(label, short(label)), "，; "); behind != "" {
		all = append(all, behind)
	}
	switch f := c.field; {
	case c.pointer == firmKey:
		all = append(all, t.say("登记的全称，或者统一社会信用代码"))
	case f.Type == "day":
		all = append(all, t.say("日期，例 {{.Example}}", "Example", "2026-01-05"))
	case f.Type == "instant":
		all = append(all, t.say("日期和时间，例 {{.Example}}", "Example", "2026-01-05 08:30"))
	case f.Minimum != "" && f.Maximum != "":
		all = append(all, t.say("{{.Min}} 至 {{.Max}}", "Min", f.Minimum, "Max", f.Maximum))
	case f.Minimum != "" && f.Minimum != "0":
		all = append(all, t.say("不小于 {{.Min}}", "Min", f.Minimum))
	}
	if len(c.lists) > 0 {
		all = append(all, t.say("有多条时，每条一行，前面的各列留空"))
	}
	return all
}

// sample is what the sample row says; its first cell says that it is one.
func (t *template) sample(x int, c column) string {
	s := t.example(c)
	if x == 0 {
		s = t.say("示例：") + s
	}
	return s
}

func (t *template) example(c column) string {
	f := c.field
	_, example := f.Form()
	switch choices := t.offered(c); {
	case t.named[c.pointer] != "":
		return t.named[c.pointer]
	case c.key && len(choices) > 0 && !c.field.Required:
		return "" // nothing of the firm that the row names
	case c.key && len(choices) > 0:
		return choices[0]
	case c.pointer == firmKey:
		return t.say("企业全称")
	case c.pointer == slotKey:
		return map[string]string{"shift": t.say("早班"), "batch": "P20260105-1", "event": "1"}[t.class.Slot.Kind]
	case len(f.Pollutants()) > 0:
		return words.Name(t.lang, f.Pollutants()[0].Label())
	case example != "":
		return example
	case f.Type == "day":
		return "2026-01-05"
	case f.Type == "instant":
		return "2026-01-05 08:30"
	case f.Type == "bool":
		return t.say("是")
	case f.Type == "enum":
		return t.offered(c)[0]
	case f.Type == "integer":
		return "1"
	case f.Type == "decimal":
		return "12.5"
	}
	return t.say("如实填写")
}

// explain lists the columns with all that is asked of each.
func (t *template) explain(sheet string) {
	row := 1
	line := func(cells ...any) {
		t.do(t.file.SetSheetRow(sheet, Cell(0, row), &cells))
		row++
	}
	line(t.name())
	line(t.say("表头按名称识别，列的顺序可以改变；以“示例”开头的一行不导入。没有内容的单元格留空或者填 —。"))
	line(t.say("列"), t.say("必填"), t.say("单位"), t.say("说明"), t.say("示例"))
	for _, c := range t.columns {
		must := ""
		if c.field.Required {
			must = t.say("是")
		}
		line(c.title(t.lang), must, shownUnit(c.field.Unit), strings.Join(t.asked(c), t.say("；")), t.example(c))
	}
	t.do(t.file.SetColWidth(sheet, "A", "A", 36))
	t.do(t.file.SetColWidth(sheet, "D", "D", 60))
	t.do(t.file.SetColWidth(sheet, "E", "E", 24))
}

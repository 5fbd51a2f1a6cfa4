package sheets

import (
	"cmp"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/internal/workbook"
	"parkregistry/models/ledger"
)

// CellFault is what is wrong with a cell, in the words of whoever reads the file.
type CellFault struct{ Cell, Detail, Suggestion string }

func (f CellFault) says(m *marking) string {
	if f.Suggestion == "" {
		return f.Detail
	}
	return f.Detail + m.say("；") + f.Suggestion
}

// largest is the size of a worksheet that is changed in place; the library holds it
// whole then. A larger one is copied row by row.
const largest = 16 << 20

// Marked gives a file of a class back as a workbook: the cells that are wrong coloured
// and commented, a column with the reasons of each row, and a sheet that lists them. It
// is the sender's own file with all that stands in it; a copy of the table when that was
// CSV or is very large. Marks of an earlier time are taken off.
func (b *Book) Marked(w io.Writer, c ledger.Class, faults []CellFault, lang words.Lang) error {
	l, err := b.find(directoryOf(c))
	if err != nil {
		return err
	}
	l.close()
	m := &marking{book: b, lang: lang, from: l.Sheet, sheet: l.Sheet, times: l.times, head: max(l.head.row, 1), titles: map[int]string{}, faults: map[string]CellFault{}, stale: map[int]bool{}}
	for i, x := range l.head.at {
		if x >= 0 {
			m.titles[x+1] = l.head.columns[i].title(lang)
		}
	}
	for _, f := range faults {
		if before, twice := m.faults[f.Cell]; twice {
			f.Detail = before.says(m) + m.say("；") + f.Detail
		}
		m.faults[f.Cell] = f
	}
	if err := m.measure(); err != nil {
		return err
	}
	if b.xlsx == nil || b.parts.size(l.Sheet) > largest {
		return m.copied(w)
	}
	return m.own(w)
}

// marking is a file that is being marked.
type marking struct {
	book    *Book
	lang    words.Lang
	from    string // the worksheet, "" for CSV
	sheet   string // what it is called in the answer
	times   sheetTimes
	head    int            // its last row
	titles  map[int]string // of the columns, from 1
	faults  map[string]CellFault
	reasons int          // the column of the reasons, from 1
	stale   map[int]bool // rows with reasons of an earlier time
}

func (m *marking) say(key string) string { return words.Render(m.lang, fault.T(key)) }

// heading names the column of reasons and the sheet of faults.
func (m *marking) heading() string { return m.say("错误说明") }

// told reports whether a text is the heading in either language.
func told(text string) bool {
	return slices.ContainsFunc([]words.Lang{words.Chinese, words.English}, func(l words.Lang) bool { return text == words.Render(l, fault.T("错误说明")) })
}

// each walks through the rows of the table.
func (m *marking) each(do func(row int, cells []cell) error) error {
	in, err := m.book.read(m.from)
	if err != nil {
		return err
	}
	defer func() { _ = in.close() }() // nothing was written
	for {
		row, cells, err := in.next()
		if errors.Is(err, io.EOF) || row > MostLines+mostHead {
			return nil
		}
		if err == nil {
			err = do(row, cells)
		}
		if err != nil {
			return err
		}
	}
}

// measure finds the column for the reasons: that of an earlier time, or the first free one.
func (m *marking) measure() error {
	width := 0
	err := m.each(func(row int, cells []cell) error {
		width = max(width, len(cells))
		for i, c := range cells {
			if row == m.head && told(c.text) {
				m.reasons = i + 1
			}
		}
		if m.reasons > 0 && row > m.head && m.reasons <= len(cells) {
			m.stale[row] = true
		}
		return nil
	})
	if m.reasons == 0 {
		m.reasons = width + 1
	}
	return err
}

// cells are those that are wrong, in the order of the file; what is about the file as
// such has none.
func (m *marking) cells() []string {
	return slices.SortedFunc(maps.Keys(m.faults), func(a, b string) int {
		x, y, _ := position(a)
		u, v, _ := position(b)
		return cmp.Or(cmp.Compare(y, v), cmp.Compare(x, u), cmp.Compare(a, b))
	})
}

// rows are the reasons by row.
func (m *marking) rows() map[int]string {
	all := map[int]string{}
	for _, name := range m.cells() {
		if _, row, ok := position(name); ok {
			if all[row] != "" {
				all[row] += "\n"
			}
			all[row] += name + m.say("：") + m.faults[name].says(m)
		}
	}
	return all
}

var reasonStyle = &excelize.Style{Font: &excelize.Font{Color: "9C0006"}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}

var red = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFC7CE"}}

// own marks the sender's own file.
func (m *marking) own(w io.Writer) error {
	f, err := excelize.OpenReader(io.NewSectionReader(m.book.from, 0, m.book.size), excelize.Options{UnzipSizeLimit: workbook.MaxUnzipped, UnzipXMLSizeLimit: 16 << 20, TmpDir: m.book.dir})
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // temporary files only
	if err := m.clean(f); err != nil {
		return err
	}
	for name, text := range m.book.corrected {
		if _, _, ok := position(name); ok {
			if err := f.SetCellStr(m.sheet, name, text); err != nil {
				return err
			}
		}
	}
	taken := map[string]bool{}
	comments, err := f.GetComments(m.sheet)
	if err != nil {
		return err
	}
	for _, c := range comments {
		taken[c.Cell] = true
	}
	for _, name := range m.cells() {
		if _, _, ok := position(name); !ok {
			continue
		}
		err := m.fill(f, name, red)
		if err == nil && !taken[name] {
			err = f.AddComment(m.sheet, m.comment(name))
		}
		if err != nil {
			return err
		}
	}
	letter := letters(m.reasons - 1)
	rows := m.rows()
	wrapped, err := f.NewStyle(reasonStyle)
	err = errors.Join(err, f.SetCellStr(m.sheet, Cell(m.reasons-1, m.head), m.heading()), f.SetColWidth(m.sheet, letter, letter, 48), f.SetColVisible(m.sheet, letter, true))
	for row := range m.stale {
		if rows[row] == "" {
			err = errors.Join(err, f.SetCellStr(m.sheet, Cell(m.reasons-1, row), ""))
		}
	}
	for row, reason := range rows {
		at := Cell(m.reasons-1, row)
		err = errors.Join(err, f.SetCellStr(m.sheet, at, clip(reason, excelize.TotalCellChars)), f.SetCellStyle(m.sheet, at, at, wrapped))
		if lines := strings.Count(reason, "\n") + 1; lines > 1 {
			err = errors.Join(err, f.SetRowHeight(m.sheet, row, min(float64(lines)*15, excelize.MaxRowHeight)))
		}
	}
	if err = errors.Join(err, m.list(f)); err != nil {
		return err
	}
	return f.Write(w)
}

// clean takes the comments and colours of an earlier time off.
func (m *marking) clean(f *excelize.File) error {
	comments, err := f.GetComments(m.sheet)
	if err != nil {
		return err
	}
	for _, c := range comments {
		if told(c.Author) {
			if err := errors.Join(f.DeleteComment(m.sheet, c.Cell), m.fill(f, c.Cell, excelize.Fill{})); err != nil {
				return err
			}
		}
	}
	for _, name := range f.GetSheetList() {
		if told(name) && name != m.sheet {
			if err := f.DeleteSheet(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// fill colours a cell and leaves its format as it is.
func (m *marking) fill(f *excelize.File, name string, with excelize.Fill) error {
	id, err := f.GetCellStyle(m.sheet, name)
	if err != nil {
		return err
	}
	style, err := f.GetStyle(id)
	if err != nil {
		return err
	}
	style.Fill = with
	filled, err := f.NewStyle(style)
	if err != nil {
		return err
	}
	return f.SetCellStyle(m.sheet, name, name, filled)
}

func (m *marking) comment(name string) excelize.Comment {
	return excelize.Comment{Cell: name, Author: m.heading(), Text: m.faults[name].says(m), Width: 240, Height: 80}
}

// list writes the sheet of all faults, each with a link to its cell.
func (m *marking) list(f *excelize.File) error {
	sheet := m.heading()
	_, err := f.NewSheet(sheet)
	if err != nil {
		return err
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	head := []any{m.say("单元格"), m.say("列"), m.say("问题"), m.say("建议")}
	err = errors.Join(err, f.SetSheetRow(sheet, "A1", &head), f.SetCellStyle(sheet, "A1", "D1", bold), f.SetColWidth(sheet, "B", "B", 28), f.SetColWidth(sheet, "C", "D", 60))
	for i, name := range m.cells() {
		column, _, ok := position(name)
		at := Cell(0, i+2)
		row := []any{name, m.titles[column], m.faults[name].Detail, m.faults[name].Suggestion}
		err = errors.Join(err, f.SetSheetRow(sheet, at, &row))
		if ok {
			err = errors.Join(err, f.SetCellHyperLink(sheet, at, "'"+strings.ReplaceAll(m.sheet, "'", "''")+"'!"+name, "Location"))
		}
	}
	return err
}

// copied writes the table into a workbook of its own, row by row.
func (m *marking) copied(w io.Writer) error {
	f := excelize.NewFile(excelize.Options{TmpDir: m.book.dir})
	defer func() { _ = f.Close() }() // temporary files only
	if m.sheet == "" {
		m.sheet = m.say("台账")
	}
	if err := f.SetSheetName("Sheet1", m.sheet); err != nil {
		return err
	}
	for _, name := range m.cells() {
		if _, _, ok := position(name); ok {
			if err := f.AddComment(m.sheet, m.comment(name)); err != nil {
				return err
			}
		}
	}
	texts, err := f.NewStyle(&excelize.Style{NumFmt: 49})
	if err != nil {
		return err
	}
	marked, err := f.NewStyle(&excelize.Style{NumFmt: 49, Fill: red})
	if err != nil {
		return err
	}
	reason, err := f.NewStyle(reasonStyle)
	if err != nil {
		return err
	}
	out, err := f.NewStreamWriter(m.sheet)
	if err != nil {
		return err
	}
	if err := m.stream(out, texts, marked, reason); err != nil {
		return err
	}
	if err := errors.Join(out.Flush(), m.list(f)); err != nil {
		return err
	}
	return f.Write(w)
}

func (m *marking) stream(out *excelize.StreamWriter, texts, marked, reason int) error {
	rows := m.rows()
	if err := errors.Join(out.SetColWidth(m.reasons, m.reasons, 48), out.SetPanes(&excelize.Panes{Freeze: true, YSplit: m.head, TopLeftCell: Cell(0, m.head+1), ActivePane: "bottomLeft"})); err != nil {
		return err
	}
	return m.each(func(row int, cells []cell) error {
		all := make([]any, m.reasons)
		for x := range m.reasons - 1 {
			_, wrong := m.faults[Cell(x, row)]
			style := map[bool]int{true: marked, false: texts}[wrong]
			switch {
			case x < len(cells):
				all[x] = excelize.Cell{StyleID: style, Value: Guard(m.times.written(cells[x]))}
			case wrong:
				all[x] = excelize.Cell{StyleID: style}
			}
		}
		switch {
		case row == m.head:
			all[m.reasons-1] = m.heading()
		case rows[row] != "":
			all[m.reasons-1] = excelize.Cell{StyleID: reason, Value: clip(rows[row], excelize.TotalCellChars)}
		}
		return out.SetRow(Cell(0, row), all)
	})
}

package sheets

import (
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"parkregistry/internal/fault"
)

// Workbook writes a list as a workbook, row by row: its head frozen, with filters, the
// columns as wide as what stands in them, and a second sheet that says what the list is.
// Texts are text cells, guarded as in CSV, so that a code keeps its digits and nothing
// runs; a number is one only where the cell then says the same.
type Workbook struct {
	out     io.Writer
	file    *excelize.File
	dir     string
	sheet   string
	stream  *excelize.StreamWriter
	header  []string
	numbers []bool
	first   [][]string // rows by which the columns are measured
	rows    int
	texts   int
	about   [][2]string
}

const (
	measuredBy = 200       // rows
	mostInOne  = 1_048_575 // rows below the head of a worksheet
	narrowest  = 8
	broadest   = 48
)

// NewWorkbook begins a list of that name. Columns named in numbers hold numbers.
func NewWorkbook(w io.Writer, name string, numbers []string, header ...string) (*Workbook, error) {
	dir, err := os.MkdirTemp("", "workbook")
	if err != nil {
		return nil, err
	}
	b := &Workbook{out: w, file: excelize.NewFile(excelize.Options{TmpDir: dir}), dir: dir, sheet: clip(name, 31), header: header}
	for _, h := range header {
		b.numbers = append(b.numbers, slices.Contains(numbers, h))
	}
	err = b.file.SetSheetName("Sheet1", b.sheet)
	if err == nil {
		b.texts, err = b.file.NewStyle(&excelize.Style{NumFmt: 49})
	}
	if err == nil {
		b.stream, err = b.file.NewStreamWriter(b.sheet)
	}
	if err != nil {
		return nil, errors.Join(err, b.Discard())
	}
	return b, nil
}

// About says something of the list as a whole, on the second sheet.
func (b *Workbook) About(what, is string) { b.about = append(b.about, [2]string{what, is}) }

// Row writes one row.
func (b *Workbook) Row(cells ...string) error {
	if b.rows == mostInOne {
		return fault.New(fault.TooLarge, "一张工作表不超过 {{.Max}} 行，改用 CSV", "Max", mostInOne)
	}
	b.rows++
	if b.first == nil && b.rows > measuredBy {
		return b.write(b.rows, cells)
	}
	b.first = append(b.first, slices.Clone(cells))
	if b.rows < measuredBy {
		return nil
	}
	return b.begin()
}

// Rows is how many were written, the header not counted.
func (b *Workbook) Rows() int { return b.rows }

// begin writes the head and what stood waiting for its widths.
func (b *Workbook) begin() error {
	bold, err := b.file.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"EEF3F8"}}})
	if err != nil {
		return err
	}
	head := make([]any, len(b.header))
	for x, name := range b.header {
		width := broad(name) + 3 // the button of the filter
		for _, row := range b.first {
			if x < len(row) {
				width = max(width, broad(row[x])+1)
			}
		}
		head[x] = excelize.Cell{StyleID: bold, Value: Guard(name)}
		if err := b.stream.SetColWidth(x+1, x+1, float64(min(max(width, narrowest), broadest))); err != nil {
			return err
		}
	}
	err = errors.Join(b.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}), b.stream.SetRow("A1", head))
	for i, row := range b.first {
		if err == nil {
			err = b.write(i+1, row)
		}
	}
	b.first = nil
	return err
}

// broad is how many letters wide a text is shown.
func broad(s string) int {
	n := 0
	for _, r := range s {
		n++
		if utf8.RuneLen(r) > 2 {
			n++
		}
	}
	return n
}

func (b *Workbook) write(row int, cells []string) error {
	all := make([]any, len(cells))
	for x, s := range cells {
		if s == "" {
			continue
		}
		all[x] = excelize.Cell{StyleID: b.texts, Value: Guard(s)}
		if v, err := strconv.ParseFloat(s, 64); err == nil && x < len(b.numbers) && b.numbers[x] && strconv.FormatFloat(v, 'f', -1, 64) == s && numeral(s) == s {
			all[x] = v
		}
	}
	return b.stream.SetRow(Cell(0, row+1), all)
}

// Close writes what is left, and the second sheet.
func (b *Workbook) Close() error {
	return errors.Join(b.finish(), b.Discard())
}

func (b *Workbook) finish() error {
	if b.rows == 0 || b.first != nil {
		if err := b.begin(); err != nil {
			return err
		}
	}
	if err := b.file.AutoFilter(b.sheet, "A1:"+Cell(max(len(b.header), 1)-1, b.rows+1), nil); err != nil {
		return err
	}
	if err := b.stream.Flush(); err != nil {
		return err
	}
	if len(b.about) > 0 {
		if err := b.explain(); err != nil {
			return err
		}
	}
	return b.file.Write(b.out)
}

func (b *Workbook) explain() error {
	const sheet = "说明 · about"
	_, err := b.file.NewSheet(sheet)
	for i, line := range b.about {
		row := []any{line[0], Guard(line[1])}
		err = errors.Join(err, b.file.SetSheetRow(sheet, Cell(0, i+1), &row))
	}
	return errors.Join(err, b.file.SetColWidth(sheet, "A", "A", 16), b.file.SetColWidth(sheet, "B", "B", broadest))
}

// Discard gives back what the workbook holds; nothing is written then.
func (b *Workbook) Discard() error {
	return errors.Join(b.file.Close(), os.RemoveAll(b.dir))
}

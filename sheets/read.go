package sheets

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"parkregistry/internal/fault"
)

// MostRows is how many rows a roster may have (S-IN1).
const MostRows = 1_000_000

// MostFaults is how many faults are detailed; all are counted.
const MostFaults = 1000

// Column is one column of a table: its name in the header, and the Chinese one
// that is taken as well.
type Column struct {
	Name     string // a member of the input: creditCode
	Chinese  string
	Required bool
}

// Row is one row by column name, unguarded.
type Row struct {
	Line  int // of the file, the header is 1
	Cells map[string]string
}

// Table is a table that was read whole.
type Table struct {
	Rows    []Row
	columns []string // names by position
}

// Table reads the first table of the file, whose head names the columns in any order.
// What is wrong with the file as such is one Invalid fault with every fault of the
// head in it.
func (b *Book) Table(columns []Column) (Table, error) {
	in, err := b.read(b.visible()[0])
	if err != nil {
		return Table{}, err
	}
	defer func() { _ = in.close() }() // nothing was written
	r := tableReader{wanted: columns, even: b.xlsx == nil}
	for {
		row, cells, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return r.table, err
		}
		if err := r.take(row, cells); err != nil {
			return r.table, err
		}
	}
	if r.head == nil {
		if err := r.begin(); err != nil {
			return r.table, err
		}
	}
	return r.table, r.check.Err()
}

// tableReader takes the rows of a table one by one.
type tableReader struct {
	wanted []Column
	even   bool // every row is as long as the head, as in CSV
	above  []numbered
	head   []cell
	table  Table
	check  fault.Check
	times  sheetTimes
}

// take keeps the first rows until the head is known among them.
func (r *tableReader) take(row int, cells []cell) error {
	if r.head != nil {
		return r.row(row, cells)
	}
	r.above = append(r.above, numbered{row, cells})
	if len(r.above) < mostHead {
		return nil
	}
	return r.begin()
}

// begin takes the row for the head that names most columns, and what stood below it.
func (r *tableReader) begin() error {
	if len(r.above) == 0 {
		return fault.Broken("empty", "", "文件是空的：第一行应当是列名")
	}
	best, most := 0, 0
	for i, n := range r.above {
		named := 0
		for _, c := range n.cells {
			if r.named(c.text) >= 0 {
				named++
			}
		}
		if named > most {
			best, most = i, named
		}
	}
	r.head = r.above[best].cells
	if err := r.columns(r.above[best].row); err != nil {
		return err
	}
	for _, n := range r.above[best+1:] {
		if err := r.row(n.row, n.cells); err != nil {
			return err
		}
	}
	return nil
}

func (r *tableReader) named(head string) int {
	key := headKey(head)
	return slices.IndexFunc(r.wanted, func(c Column) bool { return headKey(c.Name) == key || headKey(c.Chinese) == key })
}

func (r *tableReader) columns(row int) error {
	var c fault.Check
	t := &r.table
	for i, name := range r.head {
		at := r.named(name.text)
		switch {
		case at < 0:
			c.Fail(Cell(i, row), "unknown", "没有 {{.Column}} 这一列", "Column", name.text)
		case slices.Contains(t.columns, r.wanted[at].Name):
			c.Fail(Cell(i, row), "doubled", "{{.Column}} 这一列出现了两次", "Column", name.text)
		default:
			t.columns = append(t.columns, r.wanted[at].Name)
		}
	}
	for _, col := range r.wanted {
		if col.Required && !slices.Contains(t.columns, col.Name) {
			c.Fail(Cell(0, row), "required", "缺少 {{.Column}} 这一列", "Column", col.Chinese)
		}
	}
	return c.Err()
}

func (r *tableReader) row(line int, cells []cell) error {
	if len(r.table.Rows) == MostRows {
		return fault.New(fault.TooLarge, "不能超过 {{.Max}} 行", "Max", MostRows)
	}
	if r.even && len(cells) != len(r.head) {
		r.check.Fail(Cell(0, line), "columns", "这一行有 {{.Have}} 列，表头有 {{.Want}} 列", "Have", len(cells), "Want", len(r.head))
		return nil
	}
	row := Row{Line: line, Cells: make(map[string]string, len(r.table.columns))}
	for i, name := range r.table.columns {
		if i < len(cells) {
			s := r.times.code(cells[i])
			if s.wrong != nil {
				s.wrong.Pointer = Cell(i, line)
				r.check.Add(*s.wrong)
			}
			row.Cells[name] = s.text
		}
	}
	r.table.Rows = append(r.table.Rows, row)
	return nil
}

// At is the cell of a violation of the row: its pointer names a member of the
// input, and an element of a list is in the cell of the list.
func (t Table) At(row Row, pointer string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	return Cell(max(slices.Index(t.columns, name), 0), row.Line)
}

// Cell is how spreadsheets name a cell: column 0 of line 1 is A1.
func Cell(column, line int) string {
	letters := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		letters = string(rune('A'+(n-1)%26)) + letters
	}
	return fmt.Sprintf("%s%d", letters, line)
}

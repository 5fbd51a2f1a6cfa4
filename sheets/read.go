package sheets

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"parkregistry/internal/fault"
)

// MostRows is how many rows a CSV file may have (S-IN1).
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

// Table is a CSV file that was read whole.
type Table struct {
	Rows    []Row
	columns []string // names by position
}

// Read reads a CSV file in UTF-8 whose header names the columns, in any order.
// What is wrong with the file as such is one Invalid fault with every fault of
// the header in it.
func Read(r io.Reader, columns []Column) (Table, error) {
	in := bufio.NewReader(r)
	if mark, err := in.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = in.Discard(3) // it was just peeked
	}
	c := csv.NewReader(in)
	c.FieldsPerRecord = -1
	var t Table
	header, err := c.Read()
	if errors.Is(err, io.EOF) {
		return t, fault.Broken("empty", "", "文件是空的：第一行应当是列名")
	}
	if err != nil {
		return t, unreadable(err)
	}
	if err := t.head(header, columns); err != nil {
		return t, err
	}
	var check fault.Check
	for {
		cells, err := c.Read()
		if errors.Is(err, io.EOF) {
			return t, check.Err()
		}
		if err != nil {
			return t, unreadable(err)
		}
		line, _ := c.FieldPos(0)
		if len(t.Rows) == MostRows {
			return t, fault.New(fault.TooLarge, "不能超过 {{.Max}} 行", "Max", MostRows)
		}
		if len(cells) != len(header) {
			check.Fail(Cell(0, line), "columns", "这一行有 {{.Have}} 列，表头有 {{.Want}} 列", "Have", len(cells), "Want", len(header))
			continue
		}
		row := Row{Line: line, Cells: make(map[string]string, len(cells))}
		for i, v := range cells {
			if !utf8.ValidString(v) {
				check.Fail(Cell(i, line), "encoding", "不是 UTF-8：在表格软件中另存为 CSV UTF-8")
			}
			row.Cells[t.columns[i]] = strings.TrimSpace(Unguard(v))
		}
		t.Rows = append(t.Rows, row)
	}
}

func unreadable(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return fault.New(fault.Invalid, "第 {{.Line}} 行不是 CSV：检查引号是否成对", "Line", p.Line)
	}
	return err
}

func (t *Table) head(header []string, columns []Column) error {
	var c fault.Check
	for i, name := range header {
		name = strings.TrimSpace(name)
		at := slices.IndexFunc(columns, func(col Column) bool { return col.Name == name || col.Chinese == name })
		switch {
		case at < 0:
			c.Fail(Cell(i, 1), "unknown", "没有 {{.Column}} 这一列", "Column", name)
		case slices.Contains(t.columns, columns[at].Name):
			c.Fail(Cell(i, 1), "doubled", "{{.Column}} 这一列出现了两次", "Column", name)
		default:
			t.columns = append(t.columns, columns[at].Name)
		}
	}
	for _, col := range columns {
		if col.Required && !slices.Contains(t.columns, col.Name) {
			c.Fail(Cell(0, 1), "required", "缺少 {{.Column}} 这一列", "Column", col.Chinese)
		}
	}
	return c.Err()
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

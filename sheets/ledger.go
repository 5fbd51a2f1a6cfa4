package sheets

import (
	"errors"
	"io"
	"iter"
	"slices"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/exchange"
	"parkregistry/models/ledger"
)

// MostLines is how many rows the sheet of a ledger may have (S-IN1).
const MostLines = 100_000

// Lines are the entries that the rows of a sheet say, read one after the other.
type Lines struct {
	Sheet     string     // name of the worksheet, "" for CSV
	Unmatched []CellText // heads that are no column of the class
	Columns   []HeadText // all that the sheet has
	HeadRow   int        // the last row of the head

	class  ledger.Class
	park   models.ID
	look   lookup
	head   *head
	tree   []node
	rows   rows
	ahead  []numbered // rows read for the head that stand below it
	times  sheetTimes
	merged map[int][]span // by the first row of data that they touch
	read   int
}

// numbered is a row with its number.
type numbered struct {
	row   int
	cells []cell
}

// node is a record of a class: its own columns, and the lists in it.
type node struct {
	name    string
	columns []int
	lists   []node
}

// LedgerLines finds the worksheet and the head of a class in it. It refuses a template
// of another class or version, a table without such a head, and a head in which a
// required column is missing, a column stands twice or another unit is named.
func (b *Book) LedgerLines(c ledger.Class, park models.ID, objects Objects) (*Lines, error) {
	if err := b.template(c); err != nil {
		return nil, err
	}
	l, err := b.find(directoryOf(c))
	if err != nil {
		return nil, err
	}
	if l.head.matched < 2 {
		l.close()
		return nil, refused("head", "没有找到“{{.Class}}”的表头；用模板的列名，表头放在前 {{.Rows}} 行", "Class", fault.Named(c.TitleZh, c.TitleEn), "Rows", mostHead)
	}
	l.Unmatched, l.Columns, l.HeadRow = l.head.unmatched, l.head.shown, l.head.row
	if err := l.head.whole(); err != nil {
		l.close()
		return nil, err
	}
	l.class, l.park, l.look = c, park, objects.lookup()
	l.tree = treeOf("/payload", c.Fields, l.head)
	return l, nil
}

// find begins to read the worksheet in which most columns are named.
func (b *Book) find(d *directory) (*Lines, error) {
	best := &Lines{head: &head{}}
	for i, sheet := range b.visible() {
		l, err := b.begin(sheet, d)
		if err != nil {
			best.close()
			return nil, err
		}
		if i > 0 && l.head.matched <= best.head.matched {
			l.close()
			continue
		}
		best.close()
		best = l
	}
	return best, nil
}

// template refuses what says itself that it is for something else.
func (b *Book) template(c ledger.Class) error {
	classCode, version, is := b.Class()
	switch {
	case !is:
	case classCode != c.Code:
		other, known := exchange.ClassOf(classCode)
		if !known {
			other = ledger.Class{TitleZh: classCode, TitleEn: classCode}
		}
		return refused("class", "这是“{{.Other}}”的模板，不是“{{.Class}}”的", "Other", fault.Named(other.TitleZh, other.TitleEn), "Class", fault.Named(c.TitleZh, c.TitleEn))
	case version != c.Version:
		return refused("version", "模板是第 {{.Got}} 版，现在填报第 {{.Want}} 版；下载新模板，把内容复制过去", "Got", version, "Want", c.Version)
	}
	return nil
}

// begin reads the first rows of a worksheet and looks for the head in them.
func (b *Book) begin(sheet string, d *directory) (*Lines, error) {
	in, err := b.read(sheet)
	if err != nil {
		return nil, err
	}
	l := &Lines{Sheet: sheet, rows: in, merged: map[int][]span{}, head: &head{}}
	if b.xlsx != nil {
		props, err := b.xlsx.GetWorkbookProps()
		l.times.from1904 = err == nil && props.Date1904 != nil && *props.Date1904
	}
	first, order := map[int][]cell{}, []int{}
	for len(order) < mostHead {
		row, cells, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			_ = in.close() // nothing was written
			return nil, err
		}
		first[row], order = cells, append(order, row)
	}
	if h := d.findHead(first, order, in.merged()); h != nil {
		l.head = h
	}
	for _, row := range order {
		if row > l.head.row {
			l.ahead = append(l.ahead, numbered{row, first[row]})
		}
	}
	for _, m := range in.merged() {
		if m.bottom > l.head.row {
			from := max(m.top, l.head.row+1)
			l.merged[from] = append(l.merged[from], m)
		}
	}
	return l, nil
}

func (l *Lines) close() {
	if l.rows != nil {
		_ = l.rows.close() // nothing was written
	}
}

// personal reports whether a column holds what the class keeps about people.
func (l *Lines) personal(letter string) bool {
	for i, c := range l.head.columns {
		if x := l.head.at[i]; x >= 0 && letters(x) == letter {
			return c.field.Personal
		}
	}
	return false
}

// Rows is how many rows that say something were read so far.
func (l *Lines) Rows() int { return l.read }

// treeOf sorts the columns that the sheet has by the record that they are in.
func treeOf(at string, fields []ledger.Field, h *head) []node {
	var all []node
	for _, f := range fields {
		if len(f.Fields) == 0 {
			continue
		}
		n := node{name: f.Name, lists: treeOf(at+"/"+f.Name, f.Fields, h)}
		for _, inner := range f.Fields {
			if i := h.column(at + "/" + f.Name + "/" + inner.Name); i >= 0 && h.at[i] >= 0 {
				n.columns = append(n.columns, i)
			}
		}
		all = append(all, n)
	}
	return all
}

// next is the next row that says something.
func (l *Lines) next() (numbered, error) {
	for {
		var n numbered
		if len(l.ahead) > 0 {
			n, l.ahead = l.ahead[0], l.ahead[1:]
		} else {
			var err error
			if n.row, n.cells, err = l.rows.next(); err != nil {
				return n, err
			}
		}
		if l.says(n) && !sample(n.cells) {
			if l.read++; l.read > MostLines {
				return n, fault.New(fault.TooLarge, "不能超过 {{.Max}} 行", "Max", MostLines)
			}
			return n, nil
		}
	}
}

// says reports whether a row says something in a column of the class.
func (l *Lines) says(n numbered) bool {
	for _, x := range l.head.at {
		if x >= 0 && x < len(n.cells) && !n.cells[x].blank() {
			return true
		}
	}
	return false
}

// sample reports whether a row is the sample of a template: its first cell says so.
func sample(cells []cell) bool {
	for _, c := range cells {
		if c.text == "" {
			continue
		}
		mark, _, _ := strings.Cut(headKey(c.text), ":")
		return slices.Contains(sampleMarks, mark)
	}
	return false
}

// All gives the entries in the order of their rows. An error ends it: the file as such
// cannot be read on, or has too many rows.
func (l *Lines) All() iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		l.rows = readAhead(l.rows)
		defer l.close()
		var open *building
		for {
			n, err := l.next()
			if err != nil {
				if open != nil && !yield(open.line(), nil) {
					return
				}
				if !errors.Is(err, io.EOF) {
					yield(Line{}, err)
				}
				return
			}
			if open != nil && open.takes(n) {
				open.add(n)
				continue
			}
			if open != nil && !yield(open.line(), nil) {
				return
			}
			open = l.build(n)
		}
	}
}

package sheets

import (
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"parkregistry/internal/fault"
)

// cell is one cell as it stands in the file.
type cell struct {
	text string
	kind kind
}

// rows walks through one table; row counts from 1 as the spreadsheet does.
type rows interface {
	next() (row int, cells []cell, err error) // io.EOF at the end
	merged() []span
	close() error
}

// read begins to walk through a worksheet, "" for that of a CSV, with what was corrected
// in it.
func (b *Book) read(sheet string) (rows, error) {
	in, err := b.raw(sheet)
	if err != nil || len(b.corrected) == 0 {
		return in, err
	}
	c := &correctedRows{in, map[int]map[int]string{}}
	for name, text := range b.corrected {
		if column, row, ok := position(name); ok && column <= widest {
			if c.texts[row] == nil {
				c.texts[row] = map[int]string{}
			}
			c.texts[row][column] = text
		}
	}
	return c, nil
}

// correctedRows are rows with texts in place of what some cells hold.
type correctedRows struct {
	rows
	texts map[int]map[int]string // by row and column
}

func (r *correctedRows) next() (int, []cell, error) {
	row, cells, err := r.rows.next()
	for column, s := range r.texts[row] {
		for len(cells) < column {
			cells = append(cells, cell{})
		}
		cells[column-1] = cell{text: plain(s)}
	}
	return row, cells, err
}

func (b *Book) raw(sheet string) (rows, error) {
	if b.xlsx == nil {
		c := csv.NewReader(b.text())
		c.FieldsPerRecord = -1
		c.LazyQuotes = b.gb // an exported text from elsewhere quotes as it likes
		return &csvRows{csv: c}, nil
	}
	l, err := b.parts.layout(sheet, b.shown())
	if err != nil || !l.ended {
		return nil, fault.New(fault.Invalid, "工作簿不完整或者已经损坏，用表格软件打开并另存后上传")
	}
	in, err := b.xlsx.Rows(sheet)
	if err != nil {
		return nil, err
	}
	return &sheetRows{rows: in, layout: l}, nil
}

type csvRows struct{ csv *csv.Reader }

func (r *csvRows) merged() []span { return nil }
func (r *csvRows) close() error   { return nil }

func (r *csvRows) next() (int, []cell, error) {
	texts, err := r.csv.Read()
	if err != nil {
		if !errors.Is(err, io.EOF) {
			err = unreadable(err)
		}
		return 0, nil, err
	}
	row, _ := r.csv.FieldPos(0)
	cells := make([]cell, len(texts))
	for i, s := range texts {
		cells[i] = cell{text: plain(Unguard(s))}
		if strings.ContainsRune(s, utf8.RuneError) {
			cells[i].kind = garbled
		}
	}
	return row, cells, nil
}

type sheetRows struct {
	rows   *excelize.Rows
	layout *layout
	row    int
	blank  int // rows without a word, one after the other
}

// mostBlank is how many blank rows end a table (S-XL2): a cell at the far end of the
// sheet makes a million of them.
const mostBlank = 1000

func (r *sheetRows) merged() []span { return r.layout.merged }
func (r *sheetRows) close() error   { return r.rows.Close() }

func (r *sheetRows) next() (int, []cell, error) {
	for r.blank < mostBlank && r.rows.Next() {
		r.row++
		texts, err := r.rows.Columns()
		if err != nil {
			return 0, nil, fault.Wrap(err, fault.Invalid, "工作簿不完整或者已经损坏，用表格软件打开并另存后上传")
		}
		cells := make([]cell, min(len(texts), widest))
		said := false
		for i := range cells {
			cells[i] = cell{plain(Unguard(texts[i])), r.layout.kind(i+1, r.row)}
			said = said || cells[i].text != "" || cells[i].kind == unsaved
		}
		if said {
			r.blank = 0
			return r.row, cells, nil
		}
		r.blank++
	}
	return 0, nil, errors.Join(io.EOF, r.rows.Error())
}

var (
	quotedFormat = regexp.MustCompile(`"[^"]*"|\\.|_.|\*.`)
	elapsed      = regexp.MustCompile(`(?i)\[(h+|m+|s+)\]`)
	bracketed    = regexp.MustCompile(`\[[^\]]*\]`)
)

// shown says how the numbers of a style are shown: as such, as days and times, as percent.
func (b *Book) shown() func(style int) kind {
	custom := map[int]string{}
	styles := b.xlsx.Styles
	if styles.NumFmts != nil {
		for _, f := range styles.NumFmts.NumFmt {
			custom[f.NumFmtID] = f.FormatCode
		}
	}
	known := map[int]kind{}
	return func(style int) kind {
		if k, ok := known[style]; ok {
			return k
		}
		k := number
		if styles.CellXfs != nil && style >= 0 && style < len(styles.CellXfs.Xf) {
			if id := styles.CellXfs.Xf[style].NumFmtID; id != nil {
				k = formatted(*id, custom[*id])
			}
		}
		known[style] = k
		return k
	}
}

// formatted is what a number format makes of a number: those without a code are built in.
func formatted(id int, format string) kind {
	if format == "" {
		switch {
		case id == 9 || id == 10:
			return percent
		case id >= 14 && id <= 22, id >= 27 && id <= 36, id >= 45 && id <= 47, id >= 50 && id <= 58:
			return date
		}
		return number
	}
	format = quotedFormat.ReplaceAllString(format, "")
	if elapsed.MatchString(format) {
		return date
	}
	format = strings.ToLower(bracketed.ReplaceAllString(format, ""))
	switch {
	case strings.Contains(format, "general"):
		return number
	case strings.ContainsAny(format, "ymdhs"):
		return date
	case strings.Contains(format, "%"):
		return percent
	}
	return number
}

// lifted gives every cell of a merged range in the head the text of its first one.
func lifted(head map[int][]cell, merged []span) {
	for _, m := range merged {
		row := head[m.top]
		if m.left > len(row) {
			continue
		}
		first := row[m.left-1]
		for y := m.top; y <= m.bottom && y-m.top < mostHead; y++ {
			if _, there := head[y]; !there && y != m.top {
				continue
			}
			for len(head[y]) < min(m.right, widest) {
				head[y] = append(head[y], cell{})
			}
			for x := m.left; x <= min(m.right, widest); x++ {
				head[y][x-1] = first
			}
		}
	}
}

// carried gives the head of a text what merging was in the workbook: a name stands for
// the columns to its right that have none, as long as something stands below it.
func carried(head map[int][]cell) {
	numbers := make([]int, 0, len(head))
	for n := range head {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for i, n := range numbers[:max(len(numbers)-1, 0)] {
		below := head[numbers[i+1]]
		for x := 1; x < len(below); x++ {
			for len(head[n]) <= x {
				head[n] = append(head[n], cell{})
			}
			if head[n][x].text == "" && below[x].text != "" {
				head[n][x] = head[n][x-1]
			}
		}
	}
}

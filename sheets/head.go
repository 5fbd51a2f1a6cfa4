package sheets

import (
	"slices"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models/ledger"
)

// mostHead is among how many rows the head of a table is looked for, deepest how many
// rows it may have.
const (
	mostHead = 30
	deepest  = 4
)

// CellText is a cell and what stands in it.
type CellText struct{ Cell, Text string }

// HeadText is a column of the sheet with what its head says lowest.
type HeadText struct{ Letter, Text string }

// letters name a column of the sheet, from 0.
func letters(x int) string { return strings.TrimRight(Cell(x, 1), "1") }

// head is the head of a table that was found.
type head struct {
	columns   []column
	at        []int    // the column of the sheet by that of the class, from 0; -1 where there is none
	units     []string // that the head states where the class leaves it open
	row       int      // the last row of it
	matched   int
	shown     []HeadText
	unmatched []CellText
	faults    fault.Check
}

// path is the merged path over one column of rows, without what repeats or is blank.
func pathAt(grid map[int][]cell, rows []int, x int) []string {
	var path []string
	for _, y := range rows {
		if x >= len(grid[y]) {
			continue
		}
		key := headKey(grid[y][x].text)
		if key != "" && (len(path) == 0 || path[len(path)-1] != key) {
			path = append(path, key)
		}
	}
	return path
}

// grid is a copy of some rows with what their cells inherit by being merged.
func grid(all map[int][]cell, rows []int, merged []span) map[int][]cell {
	g := map[int][]cell{}
	for _, y := range rows {
		g[y] = slices.Clone(all[y])
	}
	lifted(g, merged)
	carried(g)
	return g
}

// findHead looks for the rows by which most columns are named.
func (d *directory) findHead(first map[int][]cell, order []int, merged []span) *head {
	var best *head
	for end := range order {
		for depth := 1; depth <= min(deepest, end+1); depth++ {
			rows := order[end+1-depth : end+1]
			h := d.match(grid(first, rows, merged), rows)
			if best == nil || h.matched > best.matched {
				best = h
			}
		}
	}
	return best
}

// match names the columns by one choice of head rows.
func (d *directory) match(g map[int][]cell, rows []int) *head {
	last := rows[len(rows)-1]
	h := &head{columns: d.columns, at: slices.Repeat([]int{-1}, len(d.columns)), units: make([]string, len(d.columns)), row: last}
	width := 0
	for _, y := range rows {
		width = max(width, len(g[y]))
	}
	for x := range width {
		path := pathAt(g, rows, x)
		h.shown = append(h.shown, HeadText{letters(x), shownHead(g, rows, x)})
		i, unit := d.find(path)
		cell := Cell(x, last)
		switch {
		case i < 0:
			if len(path) > 0 {
				h.unmatched = append(h.unmatched, CellText{cell, shownHead(g, rows, x)})
			}
			continue
		case h.at[i] >= 0:
			h.faults.Fail(cell, "doubled", "{{.Column}} 这一列出现了两次", "Column", d.columns[i].named())
			continue
		}
		h.at[i] = x
		h.matched++
		f := d.columns[i].field
		switch {
		case unit == "" || f.Unit != "" && sameUnit(unit, f.Unit):
		case f.Unit != "":
			h.faults.Fail(cell, "unit", "表头写的单位是 {{.Got}}，这一项的单位是 {{.Unit}}；换算数值后改正表头", "Got", unit, "Unit", f.Unit)
		case f.ItemBy != "":
			h.units[i] = unit
		}
	}
	return h
}

func shownHead(g map[int][]cell, rows []int, x int) string {
	text := ""
	for _, y := range rows {
		if x < len(g[y]) && g[y][x].text != "" {
			text = g[y][x].text
		}
	}
	return text
}

// named is the column as it is called in a message.
func (c column) named() fault.Text {
	return fault.Named(c.title(words.Chinese), c.title(words.English))
}

// whole says what the head lacks: a required column; of a list that is there, what each
// of its records needs.
func (h *head) whole() error {
	for i, c := range h.columns {
		if h.at[i] < 0 && (c.required || c.field.Required && h.touches(c.lists)) {
			h.faults.Fail(Cell(0, h.row), "required", "缺少 {{.Column}} 这一列", "Column", c.named())
		}
	}
	return h.faults.Err()
}

// touches reports whether the sheet has a column directly in the innermost of lists.
func (h *head) touches(lists []ledger.Field) bool {
	if len(lists) == 0 {
		return false
	}
	for i, c := range h.columns {
		if h.at[i] >= 0 && len(c.lists) == len(lists) && c.lists[len(lists)-1].Name == lists[len(lists)-1].Name {
			return true
		}
	}
	return false
}

// column is the class's column at a column of the sheet.
func (h *head) column(pointer string) int {
	return slices.IndexFunc(h.columns, func(c column) bool { return c.pointer == pointer })
}

package report

import (
	"maps"
	"math/big"
	"slices"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models/export"
	"parkregistry/models/ledger"
)

// Source is one row that a cell of a declaration is made of: which cell, which record,
// where in it, and what stands there.
type Source struct {
	Row, Column int      // of the cell in its table, from 0
	Record      string   // number of the ledger entry, or of the permit
	Day         code.Day // that the entry is about; "" of a permit
	Path        string   // of the value in what was filed, a JSON pointer
	Raw         string   // as filed
	Unit        string
}

// unsourced is what a cell says that no record fills.
func unsourced() export.Cell { return fault.T("无来源") }

// value is a cell with what it is made of; none of it is a cell without a source.
type value struct {
	cell export.Cell
	from []Source
}

// line is a row of a declaration while it is put together.
type line struct {
	cells []export.Cell
	from  []Source
}

// named are cells that say what the row is about.
func named(cells ...export.Cell) *line { return &line{cells: cells} }

// put adds cells that say what was recorded.
func (l *line) put(values ...value) *line {
	for _, v := range values {
		cell := v.cell
		if len(v.from) == 0 {
			cell = unsourced()
		}
		for _, s := range v.from {
			s.Column = len(l.cells)
			l.from = append(l.from, s)
		}
		l.cells = append(l.cells, cell)
	}
	return l
}

// add adds a row to the table.
func (t *Table) add(l *line) {
	for _, s := range l.from {
		s.Row = len(t.Rows)
		t.Sources = append(t.Sources, s)
	}
	t.Rows = append(t.Rows, l.cells)
}

// of is where an item stands.
func of(e ledger.Stood, i ledger.Item) Source {
	return Source{Record: e.Entry.Number, Day: e.Day, Path: i.Path, Raw: i.Raw, Unit: code.WrittenUnit(i.Unit)}
}

// quoted is what the entry says at the pointer, as a cell.
func quoted(e ledger.Stood, pointer string, said export.Cell) value {
	if said.Key == "" {
		return value{}
	}
	return value{said, []Source{{Record: e.Entry.Number, Day: e.Day, Path: pointer, Raw: said.String()}}}
}

func words(e ledger.Stood, pointer string) value { return quoted(e, pointer, plain(e.Text(pointer))) }

// sum adds up numbers exactly and keeps where each stands.
type sum struct {
	total big.Rat
	from  []Source
}

func (s *sum) add(e ledger.Stood, i ledger.Item) {
	if i.Scaled == nil {
		return
	}
	s.total.Add(&s.total, exact(*i.Scaled))
	s.from = append(s.from, of(e, i))
}

// at adds the number that stands at the pointer, if there is one.
func (s *sum) at(e ledger.Stood, pointer string) {
	if i, there := e.Number(pointer); there {
		s.add(e, i)
	}
}

func (s *sum) value() value { return value{plain(decimal(&s.total)), s.from} }

// exact is a scaled number as it is.
func exact(scaled int64) *big.Rat { return big.NewRat(scaled, code.QuantityScale) }

// decimal writes a number with at most six decimals and no zeros behind: sums of what was
// filed never have more.
func decimal(r *big.Rat) string {
	s := strings.TrimRight(strings.TrimRight(r.FloatString(6), "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}

// groups collect what belongs together, by a key in whose order they are told.
type groups[K comparable, T any] struct {
	by    map[K]*T
	order func(K) []string
}

func grouped[T any, K comparable](order func(K) []string) groups[K, T] {
	return groups[K, T]{map[K]*T{}, order}
}

func (g groups[K, T]) of(key K) *T {
	if g.by[key] == nil {
		g.by[key] = new(T)
	}
	return g.by[key]
}

func (g groups[K, T]) each(do func(K, *T)) {
	keys := slices.SortedFunc(maps.Keys(g.by), func(a, b K) int { return slices.Compare(g.order(a), g.order(b)) })
	for _, key := range keys {
		do(key, g.by[key])
	}
}

// label adds cells that say what the row is about, after others.
func (l *line) label(cells ...export.Cell) *line {
	l.cells = append(l.cells, cells...)
	return l
}

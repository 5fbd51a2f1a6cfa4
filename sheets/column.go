package sheets

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models/ledger"
)

// The columns by which a row of a ledger is known: about what it is, of which day.
const (
	firmKey     = ledger.FirmColumn
	facilityKey = ledger.FacilityColumn
	outletKey   = ledger.OutletColumn
	dayKey      = ledger.DayColumn
	slotKey     = ledger.SlotColumn
)

// column is one column of the sheet of a ledger class.
type column struct {
	pointer  string         // of the input, without the numbers of records: /payload/readings/value
	lists    []ledger.Field // that its field lies in, outermost first
	field    ledger.Field   // of a key, only how it is labelled
	key      bool
	required bool     // a table without it is none of the class
	also     []string // further names of a key
}

// columnsOf are the columns of a class, as its template has them.
func columnsOf(c ledger.Class) []column {
	var all []column
	for _, x := range c.Columns() {
		all = append(all, column{x.Pointer, x.Lists, x.Field, x.Key, x.Required, x.Also})
	}
	return all
}

// path are the texts of its head, one below the other.
func (c column) path(lang words.Lang) []string {
	var all []string
	for _, f := range append(slices.Clip(c.lists), c.field) {
		all = append(all, short(words.Name(lang, fault.Label{Zh: f.LabelZh, En: f.LabelEn})))
	}
	return all
}

// title is the head of a column in one line.
func (c column) title(lang words.Lang) string { return strings.Join(c.path(lang), "/") }

// short is a label without what is said behind it for who fills it in.
func short(label string) string {
	label, _, _ = strings.Cut(label, "，")
	label, _, _ = strings.Cut(label, ";")
	return strings.TrimSpace(label)
}

// headKey is a text of a head as it is compared: without spaces, in one width and case.
func headKey(s string) string {
	s = strings.ToLower(norm.NFKC.String(s))
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\n', '\r', '\t', '\u200b', '\ufeff', '*':
			return -1
		}
		return r
	}, s)
}

// bared is a key without what stands in brackets at its end, and that.
func bared(key string) (string, string) {
	if !strings.HasSuffix(key, ")") {
		return key, ""
	}
	depth := 0
	for i := len(key) - 1; i > 0; i-- {
		switch key[i] {
		case ')':
			depth++
		case '(':
			if depth--; depth == 0 {
				return key[:i], key[i+1 : len(key)-1]
			}
		}
	}
	return key, ""
}

// barePath is a path of keys without the brackets at the end of each.
func barePath(path []string) string {
	out := make([]string, len(path))
	for i, s := range path {
		out[i], _ = bared(s)
	}
	return strings.Join(out, "/")
}

// directory finds the column that a head means.
type directory struct {
	columns []column
	exact   map[string]int // merged path, with and without brackets, in both languages
	keys    map[string]int // other names of the keys
	last    map[string]int // the last text of a path; -1 where several end so
}

func directoryOf(c ledger.Class) *directory {
	d := &directory{columnsOf(c), map[string]int{}, map[string]int{}, map[string]int{}}
	for i, c := range d.columns {
		for _, lang := range []words.Lang{words.Chinese, words.English} {
			path := c.path(lang)
			for n := range path {
				path[n] = headKey(path[n])
			}
			d.name(d.exact, i, strings.Join(path, "/"), barePath(path))
			if u := unitKey(c.field.Unit); u != "" {
				d.name(d.exact, i, barePath(path)+"/"+u, barePath(path)+u)
			}
			end := path[len(path)-1]
			bare, _ := bared(end)
			d.name(d.last, i, end, bare)
		}
		for _, name := range c.also {
			d.name(d.keys, i, headKey(name))
		}
	}
	return d
}

// name gives a column names; one that two columns have is nobody's, but for the same
// column in the other language.
func (d *directory) name(into map[string]int, column int, names ...string) {
	for _, name := range names {
		if other, taken := into[name]; taken && other != column {
			into[name] = -1
			continue
		}
		into[name] = column
	}
}

// find is the column that a path of head texts means, -1 for none, and the unit that
// stands in brackets behind its name.
func (d *directory) find(path []string) (int, string) {
	if len(path) == 0 {
		return -1, ""
	}
	end := path[len(path)-1]
	bare, inside := bared(end)
	for _, try := range []struct {
		in  map[string]int
		key string
	}{{d.exact, strings.Join(path, "/")}, {d.exact, barePath(path)}, {d.keys, strings.Join(path, "/")}, {d.keys, barePath(path)}, {d.last, end}, {d.last, bare}} {
		if i, found := try.in[try.key]; found && i >= 0 {
			if !isUnit(inside) {
				inside = ""
			}
			return i, inside
		}
	}
	return -1, ""
}

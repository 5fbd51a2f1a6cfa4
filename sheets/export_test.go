package sheets

import (
	"io"
	"strings"

	"parkregistry/internal/words"
	"parkregistry/models/ledger"
)

// Required are the heads without which a table is none of the class.
func Required(c ledger.Class) (heads []string) {
	for _, column := range columnsOf(c) {
		if column.required || len(column.lists) > 0 && column.field.Required {
			heads = append(heads, column.title(words.Chinese))
		}
	}
	return heads
}

// Value is what a cell of a kind says about a field, the code of its fault, and what
// may be meant.
func Value(text string, k byte, f ledger.Field, day string) (value, fault, instead string) {
	c := cell{plain(text), kind(k)}
	if c.blank() {
		return "", "", ""
	}
	s := sheetTimes{}.value(c, f, day)
	if s.wrong != nil {
		fault = s.wrong.Code
	}
	return s.text, fault, s.instead
}

// Named is the title of the column that a head means, its rows divided by /.
func Named(c ledger.Class, head string) string {
	d := directoryOf(c)
	var path []string
	for part := range strings.SplitSeq(head, "/") {
		if key := headKey(part); key != "" {
			path = append(path, key)
		}
	}
	if i, _ := d.find(path); i >= 0 {
		return d.columns[i].title(words.Chinese)
	}
	return ""
}

// Scanned is what a worksheet consists of, a line each: elements with those of their
// attributes that are asked for, and texts.
func Scanned(in io.Reader, attributes ...string) ([]string, error) {
	w := &trace{attributes: attributes}
	err := scan(in, w)
	return w.all, err
}

type trace struct{ attributes, all []string }

func (t *trace) start(element string, attribute func(string) string) {
	for _, name := range t.attributes {
		element += " " + attribute(name)
	}
	t.all = append(t.all, "<"+element)
}
func (t *trace) end(element string) { t.all = append(t.all, ">"+element) }
func (t *trace) text()              { t.all = append(t.all, "text") }

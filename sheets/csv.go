// Package sheets is the codec between tables of cells and the domains' inputs. It
// holds no rule of a domain and no query: a row becomes an input whose Parse
// decides, and a violation names the cell that it is about.
package sheets

import (
	"encoding/csv"
	"io"
	"regexp"
	"strings"
)

// A cell that starts with one of these would run as a formula in a spreadsheet.
const formula = "=+-@\t\r＝＋－＠"

var numeric = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?$`)

// Guard makes a text safe to open in a spreadsheet (S-XL4): a leading ' where it
// could run as a formula. Numbers stay numbers. Unguard takes exactly that away.
func Guard(s string) string {
	bare := strings.TrimLeft(s, "'")
	if bare == "" || !strings.ContainsAny(first(bare), formula) || bare == s && numeric.MatchString(s) {
		return s
	}
	return "'" + s
}

// Unguard is the text that Guard was given.
func Unguard(s string) string {
	bare := strings.TrimLeft(s, "'")
	if bare == "" || bare == s || !strings.ContainsAny(first(bare), formula) {
		return s
	}
	return s[1:]
}

func first(s string) string {
	for i := range s {
		if i > 0 {
			return s[:i]
		}
	}
	return s
}

// Writer writes rows as CSV, guarded, and flushes every thousand rows.
type Writer struct {
	csv  *csv.Writer
	rows int
}

// NewWriter begins a table with its header. With mark the file starts with a byte
// order mark: the spreadsheets of offices then read UTF-8.
func NewWriter(w io.Writer, mark bool, header ...string) (*Writer, error) {
	if mark {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return nil, err
		}
	}
	t := &Writer{csv: csv.NewWriter(w)}
	return t, t.csv.Write(header)
}

// Row writes one row.
func (w *Writer) Row(cells ...string) error {
	for i, c := range cells {
		cells[i] = Guard(c)
	}
	if err := w.csv.Write(cells); err != nil {
		return err
	}
	if w.rows++; w.rows%1000 == 0 {
		w.csv.Flush()
	}
	return w.csv.Error()
}

// Discard ends a list that is not to be finished; what was written is in the file.
func (w *Writer) Discard() error { return nil }

// Rows is how many were written, the header not counted.
func (w *Writer) Rows() int { return w.rows }

// Close writes what is left.
func (w *Writer) Close() error {
	w.csv.Flush()
	return w.csv.Error()
}

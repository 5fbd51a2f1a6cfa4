package sheets

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
)

// kind is what a cell is to the spreadsheet; the value alone does not say it.
type kind byte

const (
	text    kind = iota // or nothing
	number              // typed as one
	date                // a number that is shown as a day, a time or both
	percent             // a number that is shown × 100
	logical             // TRUE, FALSE
	failed              // #REF!
	unsaved             // a formula without its result
	garbled             // bytes that are no text
)

// span is a merged range, all four included; columns and rows begin with 1.
type span struct{ left, top, right, bottom int }

// parts reads what the library does not tell of a worksheet while it streams: of what
// kind its cells are and which are merged.
type parts struct {
	zip    *zip.Reader
	sheets map[string]string // part by the name of the worksheet
}

// widest is how many columns are looked at.
const widest = 512

func openParts(r io.ReaderAt, size int64) (*parts, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, err
	}
	p := &parts{z, map[string]string{}}
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
			Also string `xml:"http://purl.oclc.org/ooxml/officeDocument/relationships id,attr"` // of the strict form
		} `xml:"sheets>sheet"`
	}
	var related struct {
		All []struct {
			ID     string `xml:"Id,attr"`
			Type   string `xml:"Type,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := errors.Join(p.decode("xl/workbook.xml", &book), p.decode("xl/_rels/workbook.xml.rels", &related)); err != nil {
		return nil, err
	}
	targets := map[string]string{}
	for _, r := range related.All {
		if !strings.HasSuffix(r.Type, "/worksheet") {
			continue // a sheet that is one chart has no cells
		}
		targets[r.ID] = strings.TrimPrefix(path.Join("/xl", r.Target), "/")
		if strings.HasPrefix(r.Target, "/") {
			targets[r.ID] = strings.TrimPrefix(path.Clean(r.Target), "/")
		}
	}
	for _, s := range book.Sheets {
		if target, cells := targets[s.ID+s.Also]; cells {
			p.sheets[s.Name] = target
		}
	}
	return p, nil
}

func (p *parts) open(name string) (io.ReadCloser, error) {
	for _, f := range p.zip.File {
		if strings.EqualFold(f.Name, name) {
			return f.Open()
		}
	}
	return nil, errors.New("the workbook has no part " + name)
}

// size is how large a worksheet is, unpacked.
func (p *parts) size(sheet string) uint64 {
	for _, f := range p.zip.File {
		if strings.EqualFold(f.Name, p.sheets[sheet]) {
			return f.UncompressedSize64
		}
	}
	return 0
}

func (p *parts) decode(name string, into any) error {
	in, err := p.open(name)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	return xml.NewDecoder(in).Decode(into)
}

// layout is what one worksheet says besides its values.
type layout struct {
	kinds  [][]kind // by row and column, both from 0; short where nothing is told
	merged []span
	ended  bool // its XML is whole
}

// mostMerged is how many merged ranges are kept; a table of data has a few in its head.
const mostMerged = 10_000

func (l *layout) kind(column, row int) kind {
	if row > len(l.kinds) || column > len(l.kinds[row-1]) {
		return text
	}
	return l.kinds[row-1][column-1]
}

// layout walks through a worksheet once. style says how numbers of a style are shown.
func (p *parts) layout(sheet string, style func(int) kind) (*layout, error) {
	in, err := p.open(p.sheets[sheet])
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	w := walk{style: style}
	if err := scan(in, &w); err != nil {
		return nil, err
	}
	return &w.layout, nil
}

// walk is where the walk through a worksheet stands.
type walk struct {
	layout
	style       func(int) kind
	row, column int
	cell        kind
	formula     bool
	inside      bool // its value
	value       bool // and there is one
}

func (w *walk) start(element string, attribute func(string) string) {
	switch element {
	case "row":
		w.row, w.column = w.row+1, 0
		if n, err := strconv.Atoi(attribute("r")); err == nil {
			w.row = n
		}
	case "c":
		w.column++
		if column, _, ok := position(attribute("r")); ok {
			w.column = column
		}
		w.cell, w.formula, w.inside, w.value = text, false, false, false
		switch attribute("t") {
		case "", "n":
			style, _ := strconv.Atoi(attribute("s"))
			w.cell = w.style(style)
		case "b":
			w.cell = logical
		case "d":
			w.cell = date
		case "e":
			w.cell = failed
		}
	case "f":
		w.formula = true
	case "v", "is":
		w.inside = true
	case "mergeCell":
		from, to, _ := strings.Cut(attribute("ref"), ":")
		left, top, ok1 := position(from)
		right, bottom, ok2 := position(to)
		if ok1 && ok2 && len(w.merged) < mostMerged {
			w.merged = append(w.merged, span{left, top, right, bottom})
		}
	}
}

func (w *walk) text() { w.value = w.value || w.inside }

func (w *walk) end(element string) {
	w.ended = w.ended || element == "worksheet"
	w.inside = w.inside && element != "v" && element != "is"
	if element != "c" || w.row < 1 || w.row > MostLines+mostHead || w.column > widest {
		return
	}
	switch {
	case w.formula && !w.value:
		w.cell = unsaved
	case !w.value:
		return
	}
	if w.cell == text {
		return
	}
	for len(w.kinds) < w.row {
		w.kinds = append(w.kinds, nil)
	}
	row := w.kinds[w.row-1]
	for len(row) < w.column {
		row = append(row, text)
	}
	row[w.column-1] = w.cell
	w.kinds[w.row-1] = row
}

// position is B8 as column 2 and row 8.
func position(cell string) (column, row int, ok bool) {
	digits := strings.IndexFunc(cell, func(r rune) bool { return r >= '0' && r <= '9' })
	if digits < 1 || digits > 3 {
		return 0, 0, false
	}
	for _, r := range cell[:digits] {
		if r < 'A' || r > 'Z' {
			return 0, 0, false
		}
		column = column*26 + int(r-'A') + 1
	}
	row, err := strconv.Atoi(cell[digits:])
	return column, row, err == nil && row > 0
}

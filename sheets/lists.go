package sheets

import (
	"io"
	"strconv"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models/export"
)

// Lists writes lists as files for models/export.
type Lists struct{}

// Say implements export.Codec.
func (Lists) Say(lang string, t fault.Text) string { return words.Render(words.Lang(lang), t) }

// Begin implements export.Codec. A CSV begins with the mark by which the spreadsheets of
// offices read UTF-8.
func (l Lists) Begin(w io.Writer, format export.Format, lang string, head export.Head) (export.Sheet, error) {
	s := &listSheet{lang: lang, about: head.About}
	header, numbers := make([]string, len(head.Columns)), []string{}
	for i, c := range head.Columns {
		header[i] = l.Say(lang, c.Title)
		if c.Number {
			numbers = append(numbers, header[i])
		}
	}
	var err error
	if format == export.CSV {
		s.table, err = NewWriter(w, true, header...)
		return s, err
	}
	s.book, err = NewWorkbook(w, l.Say(lang, head.Title), numbers, header...)
	s.table = s.book
	return s, err
}

// table takes rows of texts.
type table interface {
	Row(cells ...string) error
	Rows() int
	Close() error
	Discard() error
}

// listSheet is a list being written in one language.
type listSheet struct {
	table table
	book  *Workbook // nil for CSV
	lang  string
	about []export.Said
}

// Row implements export.Sheet.
func (s *listSheet) Row(cells []export.Cell) error {
	said := make([]string, len(cells))
	for i, c := range cells {
		said[i] = Lists{}.Say(s.lang, c)
	}
	return s.table.Row(said...)
}

// Close implements export.Sheet. A workbook says on its second sheet what it is.
func (s *listSheet) Close() error {
	if s.book != nil {
		say := func(t fault.Text) string { return Lists{}.Say(s.lang, t) }
		for _, a := range s.about {
			s.book.About(say(a.What), say(a.Is))
		}
		s.book.About(say(fault.T("行数")), strconv.Itoa(s.book.Rows()))
	}
	return s.table.Close()
}

// Discard implements export.Sheet.
func (s *listSheet) Discard() error { return s.table.Discard() }

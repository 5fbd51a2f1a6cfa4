package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"parkregistry/internal/words"
	"parkregistry/models/export"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/sheets"
)

// takeOut writes the list of the entries that were brought as a workbook, and sets it
// against the library's own streaming writer with the same cells in its hands.
func (im *importer) takeOut(rows int) (broken int, err error) {
	rooms := export.Rooms{Registry: registry.New(im.db, nil), Ledger: ledger.New(im.db)}
	ask := export.Ask{List: "ledgers", Format: export.XLSX, Lang: string(words.Chinese), Filters: map[string]string{"parkId": im.park}}
	write := func(codec export.Codec) error {
		n, err := export.New(im.db, rooms, codec, nil, nil).Write(im.ctx, io.Discard, ask)
		if err == nil && n != rows {
			err = fmt.Errorf("%d rows were taken out, not %d", n, rows)
		}
		return err
	}
	stop, err := profile(im.profile, "export-"+string(im.db.Engine))
	if err != nil {
		return 0, err
	}
	ours, err := im.watched("import", func() error { return write(sheets.Lists{}) })
	stop()
	if err != nil {
		return 0, err
	}
	cells := &heard{lang: ask.Lang}
	if err := write(cells); err != nil {
		return 0, err
	}
	theirs, err := im.watched("plain", func() error { return writePlainly(cells.rows) })
	if err != nil {
		return 0, err
	}
	broken = im.memory(fmt.Sprintf("export of %d rows", rows), ours)
	fmt.Fprintf(im.out, "%s, import, export of %d rows: the library alone writes the same cells in %.1f s, %.1f s of CPU, with %.0f MB; ratio of CPU %.2f, of time %.2f\n",
		im.db.Engine, rows, theirs.wall.Seconds(), theirs.cpu.Seconds(), theirs.megabytes, ours.cpu.Seconds()/theirs.cpu.Seconds(), ours.wall.Seconds()/theirs.wall.Seconds())
	return broken, nil
}

// heard keeps the cells of a table instead of writing them.
type heard struct {
	sheets.Lists
	lang string
	rows [][]any
}

// Begin implements export.Codec.
func (h *heard) Begin(io.Writer, export.Format, string, export.Head) (export.Sheet, error) {
	return h, nil
}

// Row implements export.Sheet.
func (h *heard) Row(cells []export.Cell) error {
	row := make([]any, len(cells))
	for i, c := range cells {
		row[i] = h.Say(h.lang, c)
	}
	h.rows = append(h.rows, row)
	return nil
}

// Close implements export.Sheet.
func (h *heard) Close() error { return nil }

// Discard implements export.Sheet.
func (h *heard) Discard() error { return nil }

// writePlainly writes rows with the library's streaming writer and nothing else.
func writePlainly(rows [][]any) (err error) {
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	w, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	for n, row := range rows {
		if err := w.SetRow(sheets.Cell(0, n+1), row); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return book.Write(io.Discard)
}

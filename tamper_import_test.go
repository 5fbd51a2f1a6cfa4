package main

import (
	"context"
	"io"
	"strings"
	"testing"

	"parkregistry/models"
	"parkregistry/models/exchange"
	"parkregistry/models/files"
	"parkregistry/models/ledger"
)

// oneRow is a codec of files that say one entry, whatever is in them.
type oneRow struct{ in ledger.Input }

func (r oneRow) Open(io.ReaderAt, int64, string) (exchange.Book, error) { return r, nil }
func (oneRow) Correct(map[string]string)                                {}
func (oneRow) Close() error                                             { return nil }

func (r oneRow) Each(_ ledger.Class, _ models.ID, _ exchange.Objects, do func(exchange.Line) error) (exchange.Sheet, error) {
	l := exchange.Line{Row: 2, Input: r.in, Texts: func() map[string]string { return map[string]string{"A2": r.in.Day} }, At: func(string) string { return "A2" }, Of: func(string) string { return "" }}
	return exchange.Sheet{Name: "台账", HeadRow: 1, Columns: []exchange.Column{{Letter: "A", Text: "日期"}}}, do(l)
}

// bringIn brings an entry in by a file, and takes it out again.
func bringIn(t *testing.T, ctx context.Context, db *models.DB, kept *files.Service, in ledger.Input) {
	t.Helper()
	svc := exchange.New(db, ledger.New(db), kept, oneRow{in})
	file, err := kept.ReceiveTable(ctx, strings.NewReader("日期\n"+in.Day), "台账.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Discard()
	k, err := svc.Check(ctx, exchange.Upload{ParkID: in.ParkID, Class: in.Class, File: file})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = svc.Commit(ctx, k.ID, exchange.CommitInput{Rows: exchange.All, File: true}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err = svc.Undo(ctx, k.ID); err != nil {
		t.Fatal(err)
	}
}

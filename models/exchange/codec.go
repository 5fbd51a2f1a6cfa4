package exchange

import (
	"io"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
)

// Codec reads files of rows. It asks no database.
type Codec interface {
	// Open looks at a file before it reads it, and refuses what is no table in words that say why.
	Open(file io.ReaderAt, size int64, name string) (Book, error)
}

// Book is an opened file.
type Book interface {
	// Correct puts texts over those of cells, before Each.
	Correct(cells map[string]string)
	// Each reads the rows of a class in order, and tells in the end what the sheet is like.
	// It can be called again. An error of do ends it and is answered as it is.
	Each(class ledger.Class, park models.ID, objects Objects, do func(Line) error) (Sheet, error)
	Close() error
}

// Line is one entry as the file has it.
type Line struct {
	Row         int // the first one of it, as a spreadsheet counts
	Input       ledger.Input
	Texts       func() map[string]string    // what stands in its cells
	Faults      []fault.Violation           // of cells; the pointer is the cell
	Suggestions map[string]string           // what to put into a cell instead
	At          func(pointer string) string // the cell of a place in the input
	Of          func(cell string) string    // the place in the input of a cell, "" for none
}

// Sheet is what a file looks like around its rows.
type Sheet struct {
	Name      string   `json:"name"`
	Columns   []Column `json:"columns"`
	HeadRow   int      `json:"headRow"`
	Unmatched []string `json:"unmatched,omitempty"` // heads that are no column of the class
}

// Column is one column of a file with its head.
type Column struct {
	Letter   string `json:"letter"`
	Text     string `json:"text"`
	Personal bool   `json:"personal,omitempty"` // says something about people
}

// Objects are the things of a park that rows name.
type Objects struct {
	Park       registry.Park
	Firms      []Firm
	Facilities []registry.Facility
	Outlets    []registry.Outlet
	Site       models.ID // of the one firm whose import it is; "" for a park's
}

// Firm is an enterprise with its site in the park.
type Firm struct {
	SiteID     models.ID
	CreditCode string
	Name       string
}

package sheets

import (
	"io"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/exchange"
	"parkregistry/models/ledger"
)

// Ledgers reads files of ledger rows for models/exchange.
type Ledgers struct{}

// Open implements exchange.Codec.
func (Ledgers) Open(file io.ReaderAt, size int64, _ string) (exchange.Book, error) {
	b, err := Open(file, size)
	if err != nil {
		return nil, err
	}
	return ledgerBook{b}, nil
}

type ledgerBook struct{ *Book }

// Each implements exchange.Book.
func (b ledgerBook) Each(class ledger.Class, park models.ID, objects exchange.Objects, do func(exchange.Line) error) (exchange.Sheet, error) {
	lines, err := b.LedgerLines(class, park, ObjectsOf(objects))
	if err != nil {
		return exchange.Sheet{}, err
	}
	sheet := exchange.Sheet{Name: lines.Sheet, HeadRow: lines.HeadRow}
	for _, c := range lines.Columns {
		sheet.Columns = append(sheet.Columns, exchange.Column{Letter: c.Letter, Text: c.Text, Personal: lines.personal(c.Letter)})
	}
	for _, u := range lines.Unmatched {
		sheet.Unmatched = append(sheet.Unmatched, u.Text)
	}
	for l, err := range lines.All() {
		if err != nil {
			return sheet, err
		}
		if err := do(l.exchanged(class, objects.Site)); err != nil {
			return sheet, err
		}
	}
	return sheet, nil
}

// exchanged is the line as the room of imports takes it. A file of one site is about
// that one, where its rows name nothing else.
func (l Line) exchanged(class ledger.Class, site models.ID) exchange.Line {
	in := l.Input.Input
	if class.Site != ledger.None && in.SiteID == "" && in.FacilityID == "" && in.OutletID == "" {
		in.SiteID = string(site)
	}
	return exchange.Line{Row: l.Row, Input: in, Texts: l.Texts, Faults: l.Faults, Suggestions: l.Instead, At: l.At, Of: l.Of}
}

// ObjectsOf are the things of a park as a sheet names them. One that has ended and whose
// code another of the same place has now is not named any more.
func ObjectsOf(o exchange.Objects) Objects {
	type place struct {
		outlet bool
		site   models.ID
		code   string
	}
	stands := map[place]bool{}
	for _, f := range o.Facilities {
		if f.ClosedOn == nil {
			stands[place{false, models.Deref(f.SiteID), f.Code}] = true
		}
	}
	for _, f := range o.Outlets {
		if f.ClosedOn == nil {
			stands[place{true, models.Deref(f.SiteID), f.Code}] = true
		}
	}
	var out Objects
	for _, f := range o.Firms {
		out.Firms = append(out.Firms, Firm{Site: f.SiteID, CreditCode: f.CreditCode, Name: f.Name})
	}
	for _, f := range o.Facilities {
		if f.ClosedOn != nil && stands[place{false, models.Deref(f.SiteID), f.Code}] {
			continue
		}
		out.Facilities = append(out.Facilities, Object{ID: f.ID, Site: models.Deref(f.SiteID), Code: f.Code, Name: f.Name, Kind: f.Kind, Medium: f.Medium})
	}
	for _, f := range o.Outlets {
		if f.ClosedOn != nil && stands[place{true, models.Deref(f.SiteID), f.Code}] {
			continue
		}
		out.Outlets = append(out.Outlets, Object{ID: f.ID, Site: models.Deref(f.SiteID), Code: f.Code, Name: f.Name, Kind: f.Kind})
	}
	return out
}

// MarkImport gives the file of an import back with what its last check found marked.
func MarkImport(w io.Writer, k exchange.Checked, class ledger.Class, file io.ReaderAt, lang words.Lang) error {
	b, err := Open(file, k.Size)
	if err != nil {
		return err
	}
	defer func() { _ = b.Close() }()
	corrected := map[string]string{}
	for _, c := range k.Cells {
		corrected[c.Cell] = c.After
	}
	b.Correct(corrected)
	var faults []CellFault
	for _, l := range k.Report.Lines {
		for _, n := range l.Notes {
			if n.Grave == exchange.Fault {
				faults = append(faults, CellFault{Cell: n.Cell, Detail: words.Render(lang, fault.Text(n.Detail)), Suggestion: n.Suggestion})
			}
		}
	}
	return b.Marked(w, class, faults, lang)
}

package web

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/exchange"
	"parkregistry/policies"
	"parkregistry/sheets"
)

// importedPage is what templates/imported.html shows: what was found in a file, in the
// file's own coordinates, and what can be done about it.
type importedPage struct {
	Shell      shell
	Home       string
	Ledgers    bool
	Import     exchange.Import
	Class      string
	Park, Firm string
	By         string
	At         string
	Size       string
	Columns    []exchange.Column
	HeadRow    int
	Sheet      string
	Unmatched  []string
	Waiting    bool
	List       menuItem // where a list of the register is shown; none for a ledger
	Writing    bool     // a job commits it
	Written    int
	Returned   bool // the job could not
	Undoable   bool
	UndoUntil  string
	Mark       band
	Name       fault.Text
	Bar        []part
	Tabs       []tab
	Lines      []fileLine
	From, To   int // which of them
	Of         int
	Next       string
	Cut        bool // more was found than is listed
	Corrected  []correctedCell
	Recent     []recentImport
	Failure    Failure
}

// part is one part of the bar of all rows, in hundredths.
type part struct {
	Kind     string
	X, Width string
}

// tab narrows the lines to a kind.
type tab struct {
	Name    fault.Text
	Path    string
	Count   int
	Current bool
}

// fileLine is one row of the file.
type fileLine struct {
	Row   int
	Cells []fileCell // in the order of the columns
	Notes []fileNote
}

type fileCell struct{ Text, Mark string }

// fileNote is what is said below a row.
type fileNote struct {
	exchange.Note
	Detail fault.Text
	Mark   band
	Text   string // what stands in the cell
	// About a person: corrected in the file only.
	Private bool
}

// correctedCell is a cell that was corrected in place.
type correctedCell struct {
	exchange.Corrected
	By, At string
}

// again is after how many seconds a page about something that goes on asks again.
const again = 4

// linesShown is how many lines stand on one page.
const linesShown = 20

func (p *Pages) imported(v *visit) error {
	return p.showImported(v, http.StatusOK, Failure{})
}

func (p *Pages) importAsked(v *visit) (models.ID, error) {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return "", fault.Absent()
	}
	return id, nil
}

func (p *Pages) showImported(v *visit, status int, failed Failure) error {
	id, err := p.importAsked(v)
	if err != nil {
		return err
	}
	k, err := p.options.Imports.Get(v.ctx, id)
	if err != nil {
		return err
	}
	r := k.Report
	page := importedPage{Shell: p.shell(v, fault.T("核对导入结果")), Home: importHome(v), Ledgers: v.may(policies.LedgerCreate), Import: k.Import, Class: p.className(v, k.Import), At: moment(k.CreatedAt)[:16], Size: kib(k.Size),
		Columns: r.Columns, HeadRow: r.HeadRow, Sheet: r.Name, Unmatched: r.Unmatched, List: listShown(v, k.Class), Waiting: k.Stage() == exchange.Waiting, Mark: importBand(k.Stage()), Name: k.Stage().Word(), Returned: k.Refused,
		Bar: barOf(k.Import), Cut: r.Full(), Failure: failed}
	page.Shell.Style, page.Shell.Failed = p.importStyle, failed.Detail != ""
	if page.Writing = k.Stage() == exchange.Committing; page.Writing {
		page.Written, page.Shell.Again = p.options.Imports.Written(k.ID), again
	}
	if until := k.UndoUntil(); !until.IsZero() {
		page.Undoable, page.UndoUntil = p.options.Now().Before(until), moment(until)[:16]
	}
	if page.Park, page.Firm, err = p.placeOf(v, k.Placed); err != nil {
		return err
	}
	if err := p.namesOf(v, &page, k); err != nil {
		return err
	}
	page.lines(v, k)
	page.Recent, err = p.recentImports(v, k.ID)
	if err != nil {
		return err
	}
	return p.show(v, status, "imported.html", page)
}

// namesOf names who brought the file and who corrected it.
func (p *Pages) namesOf(v *visit, page *importedPage, k exchange.Checked) error {
	ids := []models.ID{k.CreatedBy}
	for _, c := range k.Cells {
		ids = append(ids, c.ActorID)
	}
	slices.Sort(ids)
	people, err := p.options.Accounts.Names(v.ctx, slices.Compact(ids))
	page.By = people[k.CreatedBy]
	for _, c := range k.Cells {
		page.Corrected = append(page.Corrected, correctedCell{c, people[c.ActorID], moment(c.At)[5:16]})
	}
	return err
}

// lines are the rows of one page of one kind.
func (page *importedPage) lines(v *visit, k exchange.Checked) {
	asked := exchange.Kind(v.c.Query("kind"))
	after, _ := strconv.Atoi(v.c.Query("after"))
	page.tabs(k, asked)
	var all []exchange.Noted
	for _, l := range k.Report.Lines {
		if asked == "" || slices.ContainsFunc(l.Notes, func(n exchange.Note) bool { return n.Kind == asked }) {
			all = append(all, l)
		}
	}
	page.Of = len(all)
	for i, l := range all {
		if l.Row <= after {
			page.From = i + 1
			continue
		}
		if page.To-page.From == linesShown {
			page.Next = importPath(k.ID) + "?kind=" + string(asked) + "&after=" + strconv.Itoa(all[i-1].Row)
			break
		}
		page.To = max(page.To, page.From) + 1
		page.Lines = append(page.Lines, fileLines(l, k.Report.Columns)...)
	}
	page.From++
}

func (page *importedPage) tabs(k exchange.Checked, asked exchange.Kind) {
	at := importPath(k.ID)
	page.Tabs = []tab{{fault.T("全部"), at, len(k.Report.Lines), asked == ""}}
	for _, kind := range exchange.Kinds() {
		if n := k.Report.Kinds[kind]; n > 0 {
			page.Tabs = append(page.Tabs, tab{kind.Word(), at + "?kind=" + string(kind), n, asked == kind})
		}
	}
}

// fileLines are the rows of the file that one record stands in, what is said below the last.
func fileLines(l exchange.Noted, columns []exchange.Column) []fileLine {
	marks := map[string]string{}
	var notes []fileNote
	for _, n := range l.Notes {
		mark := map[exchange.Grave]band{exchange.Fault: behind, exchange.Warning: halfway, exchange.Hint: noScore}[n.Grave]
		if n.Grave != exchange.Hint && marks[n.Cell] != "ce" {
			marks[n.Cell] = map[exchange.Grave]string{exchange.Fault: "ce", exchange.Warning: "cw"}[n.Grave]
		}
		private := slices.ContainsFunc(columns, func(c exchange.Column) bool { return c.Personal && c.Letter == strings.TrimRight(n.Cell, "0123456789") })
		notes = append(notes, fileNote{n, fault.Text(n.Detail), mark, l.Cells[n.Cell], private})
	}
	var rows []fileLine
	for _, row := range l.Rows() {
		one := fileLine{Row: row}
		for _, c := range columns {
			cell := c.Letter + strconv.Itoa(row)
			one.Cells = append(one.Cells, fileCell{l.Cells[cell], marks[cell]})
		}
		rows = append(rows, one)
	}
	rows[len(rows)-1].Notes = notes
	return rows
}

// barOf is the share of each kind of row.
func barOf(i exchange.Import) []part {
	var bar []part
	x := 0.0
	for _, one := range []struct {
		kind string
		n    int
	}{{"ok", i.Good}, {"bad", i.Bad}, {"na", i.Unchanged}} {
		if one.n == 0 || i.Rows == 0 {
			continue
		}
		width := 100 * float64(one.n) / float64(i.Rows)
		bar = append(bar, part{one.kind, strconv.FormatFloat(x, 'f', 2, 64), strconv.FormatFloat(width, 'f', 2, 64)})
		x += width
	}
	return bar
}

func kib(size int64) string { return strconv.FormatInt((size+1023)/1024, 10) + " KB" }

// correctImport puts a text over that of a cell, or takes it away again.
func (p *Pages) correctImport(v *visit) error {
	return p.moveImport(v, func(id models.ID) error {
		_, err := p.options.Imports.Correct(v.ctx, id, exchange.CorrectInput{Cells: []exchange.CellInput{{Cell: v.field("cell"), Text: strings.TrimSpace(v.field("text")), Restore: v.field("restore") != ""}}})
		return err
	})
}

// recheckImport judges the file again, as things are now.
func (p *Pages) recheckImport(v *visit) error {
	return p.moveImport(v, func(id models.ID) error {
		_, err := p.options.Imports.Recheck(v.ctx, id)
		return err
	})
}

func (p *Pages) commitImport(v *visit) error {
	return p.moveImport(v, func(id models.ID) error {
		_, err := p.options.Imports.Ask(v.ctx, id, exchange.CommitInput{Rows: exchange.Selection(v.field("rows")), File: v.field("file") != ""})
		return err
	})
}

func (p *Pages) undoImport(v *visit) error {
	return p.moveImport(v, func(id models.ID) error {
		_, err := p.options.Imports.Undo(v.ctx, id)
		return err
	})
}

// moveImport does something to an import and shows it afterwards, with why it could not
// be done.
func (p *Pages) moveImport(v *visit, do func(models.ID) error) error {
	id, err := p.importAsked(v)
	if err != nil {
		return err
	}
	if err := do(id); err != nil {
		f := p.options.Explain(v.ctx, err)
		if f.Status != http.StatusConflict && f.Status != http.StatusUnprocessableEntity && f.Status != http.StatusTooManyRequests {
			return err
		}
		for i := range f.Errors { // "/A2" is the cell A2
			f.Errors[i].Pointer = strings.TrimPrefix(f.Errors[i].Pointer, "/")
		}
		return p.showImported(v, f.Status, f)
	}
	v.to(importPath(id))
	return nil
}

// sendMarked gives the sender's own file back with its faults marked.
func (p *Pages) sendMarked(v *visit) error {
	id, err := p.importAsked(v)
	if err != nil {
		return err
	}
	k, file, err := p.options.Imports.File(v.ctx, id)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	class, known := p.options.Imports.ClassAt(k.Class, k.ClassVersion)
	if !known {
		return fault.Absent()
	}
	var b bytes.Buffer
	if err := sheets.MarkImport(&b, k, class, file, v.lang); err != nil {
		return err
	}
	v.sendWorkbook(k.Name, b.Bytes())
	return nil
}

// listShown is the page of a list of the register, for who has brought rows of it in.
func listShown(v *visit, class string) menuItem {
	shown, is := map[string]menuItem{
		"register.enterprises": {Path: "/firms", Name: fault.T("企业名录")},
		"register.facilities":  {Path: "/facilities", Name: fault.T("治理设施")},
		"register.permits":     {Path: "/firms", Name: fault.T("企业名录")},
		"inspection.findings":  {Path: "/findings", Name: fault.T("问题整改")},
	}[class]
	if is {
		shown.Path = string(tierOf(v.actor)) + shown.Path
	}
	return shown
}

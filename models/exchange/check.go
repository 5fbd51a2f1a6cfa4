package exchange

import (
	"context"
	"regexp"
	"slices"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/files"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

// Upload is a file with what it is said to hold.
type Upload struct {
	ParkID string
	SiteID string // "" for the park, and for a firm that has one site there
	Class  string
	File   *files.Incoming
}

func (in Upload) parse(find func(string) (ledger.Class, bool)) (park models.ID, site *models.ID, class ledger.Class, err error) {
	var c fault.Check
	park = fault.Must(&c, "/parkId", in.ParkID, models.ParseID)
	site = models.Ref(fault.Parse(&c, "/siteId", in.SiteID, models.ParseID))
	if c.Required("/class", in.Class) {
		var known bool
		if class, known = find(in.Class); !known {
			c.Add(fault.Violation{Pointer: "/class", Code: "class", Value: in.Class, Detail: fault.T("没有可以导入的这个台账类别，可用的类别见 /ledger-classes")})
		}
	}
	return park, site, class, c.Err()
}

// Checked is an import with what its last check found and what was corrected.
type Checked struct {
	Import
	Report Report
	Cells  []Corrected // the corrections that count, the newest of each cell

	Refused bool // a job could not commit it, and nothing has been done about it since
}

// required are the rights without which nothing is imported, whatever becomes of it.
func required(ctx context.Context) error {
	return policies.Require(ctx, policies.ImportCreate)
}

// Check reads a file and judges each row as its filing would; nothing of the ledger is
// written. The file is kept with what was found. The same file again is checked again
// while it waits, with what was corrected in it; one that is wholly in is answered as it is.
func (s *Service) Check(ctx context.Context, in Upload) (Checked, error) {
	var k Checked
	if err := required(ctx); err != nil {
		return k, err
	}
	park, site, class, err := in.parse(s.Class)
	if err != nil {
		return k, err
	}
	if err := s.allowed(ctx, class); err != nil {
		return k, err
	}
	done, err := s.desk.take(ctx, "")
	if err != nil {
		return k, err
	}
	defer done()
	book, err := s.codec.Open(in.File, in.File.Size(), in.File.Name)
	if err != nil {
		return k, err
	}
	defer func() { _ = book.Close() }()
	place, err := s.place(ctx, s.enter(class.Code), park, site)
	if err != nil {
		return k, err
	}
	before, err := s.same(ctx, place, class, in.File.Sum())
	if err != nil {
		return k, err
	}
	if before != nil && before.Stage() != Waiting {
		return s.Get(ctx, before.ID)
	}
	if before != nil {
		return s.again(ctx, *before, book, nil)
	}
	report, err := s.rehearse(ctx, place, class, book)
	if err != nil {
		return k, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		file, err := s.files.Upload(tx.Context(), "", files.UploadInput{ParkID: string(place.ParkID), SiteID: string(models.Deref(place.SiteID))}, in.File)
		if err != nil {
			return err
		}
		now := tx.Now()
		i := Import{Versioned: models.Versioned{ID: models.NewID(), Version: 1, CreatedAt: now, UpdatedAt: now}, Placed: place, Class: class.Code, ClassVersion: class.Version,
			FileID: file.ID, Name: file.Name, Size: file.Size, SHA256: file.SHA256, State: Waiting, CreatedBy: file.UploadedBy, ChangeID: models.NewID()}
		i.found(report)
		if err := tx.Create(s.enters(i), &i); err != nil {
			return err
		}
		if _, err := files.Attach(tx, s.enters(i), files.Owner{Kind: files.ImportKind(s.enters(i)), ID: i.ID, Place: place}, []models.ID{file.ID}); err != nil {
			return err
		}
		k = Checked{Import: i, Report: report}
		return s.step(tx, s.enters(i), i, Step{Kind: StepChecked, Report: models.JSON[*Report]{V: &report}}, map[string]any{"name": i.Name, "rows": i.Rows, "good": i.Good})
	})
	return k, err
}

// found takes the counts of a check over.
func (i *Import) found(r Report) {
	i.Checks++
	i.Rows, i.Good, i.Bad, i.Unchanged, i.Faults, i.Warnings = r.Rows, r.Good, r.Bad, r.Unchanged, r.Faults, r.Warnings
}

// same finds an import of the same bytes: one that still waits, or one of which nothing
// was left out.
func (s *Service) same(ctx context.Context, place models.Placed, class ledger.Class, sum string) (*Import, error) {
	var all []Import
	q := s.db.Visible(ctx, s.enter(class.Code), &Import{}).Where("park_id = ? AND class = ? AND class_version = ? AND sha256 = ?", place.ParkID, class.Code, class.Version, bytesOf(sum))
	if err := q.Order("created_at DESC, id DESC").Limit(100).Find(&all).Error; err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(i Import) bool {
		return models.Deref(i.SiteID) == models.Deref(place.SiteID) && (i.State == Waiting || i.State == Committed && i.Bad == 0)
	})
	if at < 0 {
		return nil, nil
	}
	return &all[at], nil
}

// Recheck judges the file again, as the register and the ledger are now.
func (s *Service) Recheck(ctx context.Context, id models.ID) (Checked, error) {
	return s.corrected(ctx, id, nil)
}

var cellName = regexp.MustCompile(`^[A-Z]{1,3}[1-9][0-9]{0,6}$`)

// CellInput is a text to put over that of a cell.
type CellInput struct {
	Cell    string `json:"cell" pattern:"^[A-Z]{1,3}[1-9][0-9]{0,6}$" doc:"单元格，例 B8"`
	Text    string `json:"text,omitempty" maxLength:"2000" doc:"更正后的内容"`
	Restore bool   `json:"restore,omitempty" doc:"true：恢复文件中的原值"`
}

// CorrectInput is what is corrected in place (在线更正).
type CorrectInput struct {
	Cells []CellInput `json:"cells" minItems:"1" maxItems:"200" doc:"更正的单元格；文件本身不变，更正留痕"`
}

// Parse checks the names of the cells.
func (in CorrectInput) Parse() (CorrectInput, error) {
	var c fault.Check
	if len(in.Cells) == 0 || len(in.Cells) > 200 {
		c.Fail("/cells", "size", "每次更正 1 至 {{.Max}} 个单元格", "Max", 200)
	}
	for n, cell := range in.Cells {
		if !cellName.MatchString(cell.Cell) {
			c.Fail(pointer("/cells", n, "cell"), "format", "单元格写成列号加行号，例 B8")
		}
		if slices.IndexFunc(in.Cells, func(o CellInput) bool { return o.Cell == cell.Cell }) < n {
			c.Fail(pointer("/cells", n, "cell"), "duplicate", "同一个单元格写了两次")
		}
	}
	return in, c.Err()
}

// Correct puts texts over those of cells and judges the file again.
func (s *Service) Correct(ctx context.Context, id models.ID, in CorrectInput) (Checked, error) {
	if err := required(ctx); err != nil {
		return Checked{}, err
	}
	in, err := in.Parse()
	if err != nil {
		return Checked{}, err
	}
	return s.corrected(ctx, id, in.Cells)
}

func (s *Service) corrected(ctx context.Context, id models.ID, cells []CellInput) (Checked, error) {
	if err := required(ctx); err != nil {
		return Checked{}, err
	}
	i, err := s.head(ctx, id)
	if err != nil {
		return Checked{}, err
	}
	if i.Stage() != Waiting {
		return Checked{}, notNow(i)
	}
	done, err := s.desk.take(ctx, id)
	if err != nil {
		return Checked{}, err
	}
	defer done()
	book, closing, err := s.book(ctx, i)
	if err != nil {
		return Checked{}, err
	}
	defer closing()
	return s.again(ctx, i, book, cells)
}

// again checks an import that waits once more, with some more cells corrected.
func (s *Service) again(ctx context.Context, i Import, book Book, cells []CellInput) (Checked, error) {
	var k Checked
	class, err := s.current(i)
	if err != nil {
		return k, err
	}
	if err := s.allowed(ctx, class); err != nil {
		return k, err
	}
	was, err := s.detail(ctx, i)
	if err != nil {
		return k, err
	}
	fresh, err := was.correct(cells)
	if err != nil {
		return k, err
	}
	counting := over(append(was.steps, Step{Cells: models.JSON[[]Correction]{V: fresh}}))
	book.Correct(texts(counting))
	report, err := s.rehearse(ctx, i.Placed, class, book)
	if err != nil {
		return k, err
	}
	kind := StepChecked
	if len(cells) > 0 {
		kind = StepCorrected
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		after := i
		after.Version, after.UpdatedAt, after.ChangeID = i.Version+1, tx.Now(), models.NewID()
		after.found(report)
		res := tx.Visible(s.enters(i), &Import{}).Where("id = ? AND version = ? AND state = ?", i.ID, i.Version, Waiting).
			Select("*").Omit("id", "created_at").Updates(&after)
		if err := models.Changed(res, notNow(i)); err != nil {
			return err
		}
		return s.step(tx, s.enters(i), after, Step{Kind: kind, Cells: models.JSON[[]Correction]{V: fresh}, Report: models.JSON[*Report]{V: &report}}, map[string]any{"cells": fresh, "good": after.Good})
	})
	if err != nil {
		return k, err
	}
	return s.Get(ctx, i.ID)
}

// correct makes corrections of what is entered: only of rows that the report lists,
// whose texts are known.
func (k detailed) correct(cells []CellInput) ([]Correction, error) {
	var c fault.Check
	out := make([]Correction, 0, len(cells))
	for n, in := range cells {
		before, listed := k.text(in.Cell)
		if letter, _ := split(in.Cell); k.Report.private(letter) {
			c.Fail(pointer("/cells", n, "cell"), "personal", "这一列是个人信息，不在线更正；改文件后重新上传")
			continue
		}
		if !listed {
			c.Fail(pointer("/cells", n, "cell"), "unlisted", "只能更正核对结果中列出的行；其他行改文件后重新上传")
			continue
		}
		out = append(out, Correction{Cell: in.Cell, Before: before, After: in.Text, Undone: in.Restore})
	}
	return out, c.Err()
}

// rehearse judges every line of the file as its filing would.
func (s *Service) rehearse(ctx context.Context, place models.Placed, class ledger.Class, book Book) (Report, error) {
	var r Report
	objects, err := s.objects(ctx, place)
	if err != nil {
		return r, err
	}
	return r, s.door(class).rehearse(ctx, func(in taker) error {
		r = Report{Kinds: map[Kind]int{}, Refused: []int{}, Lines: []Noted{}}
		run := stretches{door: s.door(class), taker: in, each: func(l Line, res ledger.RowResult) error {
			r.add(class, l, res.Outcome, notes(class, l, res))
			return nil
		}}
		var err error
		if r.Sheet, err = book.Each(class, place.ParkID, objects, run.add); err != nil {
			return err
		}
		return run.flush()
	})
}

// stretches gathers lines until there are enough for the ledger to take together.
type stretches struct {
	door  door
	taker taker
	lines []Line
	each  func(Line, ledger.RowResult) error
}

func (s *stretches) add(l Line) error {
	s.lines = append(s.lines, l)
	if len(s.lines) < ledger.MaxStretch {
		return nil
	}
	return s.flush()
}

// flush has the lines taken whose cells can be read, and answers all of them in order.
func (s *stretches) flush() error {
	var rows []ledger.Row
	for _, l := range s.lines {
		if len(l.Faults) == 0 {
			rows = append(rows, ledger.Row{Number: l.Row, Input: l.Input})
		}
	}
	results, err := s.taker.Take(rows)
	if err != nil {
		return err
	}
	for _, l := range s.lines {
		var res ledger.RowResult
		if len(l.Faults) == 0 {
			res, results = results[0], results[1:]
		} else {
			res = ledger.RowResult{Outcome: ledger.EntryRefused, Code: fault.Invalid, Violations: unread(s.door, l)}
		}
		if err := s.each(l, res); err != nil {
			return err
		}
	}
	s.lines = s.lines[:0]
	return nil
}

// unread is what is wrong with a line some of whose cells cannot be read, besides them.
func unread(d door, l Line) []fault.Violation {
	var f *fault.Error
	if err := d.parse(l.Input); err != nil {
		f, _ = err.(*fault.Error)
	}
	if f == nil {
		return nil
	}
	return slices.DeleteFunc(f.Violations, func(v fault.Violation) bool {
		cell := l.At(v.Pointer)
		return slices.ContainsFunc(l.Faults, func(o fault.Violation) bool { return o.Pointer == cell })
	})
}

// notes are everything that is said about a line, by its cells.
func notes(class ledger.Class, l Line, res ledger.RowResult) []Note {
	var out []Note
	say := func(g Grave, cell, at string, v fault.Violation) {
		n := Note{Cell: cell, Grave: g, Kind: kindOf(class, at, v.Code), Code: v.Code, Rule: v.Rule, Detail: Said(v.Detail)}
		if g == Warning {
			n.Kind = KindOdd
		}
		if g == Fault {
			n.Suggestion = l.Suggestions[cell]
		}
		out = append(out, n)
	}
	for _, v := range l.Faults {
		say(Fault, v.Pointer, l.Of(v.Pointer), v)
	}
	for _, v := range res.Violations {
		say(Fault, l.At(v.Pointer), v.Pointer, v)
	}
	for _, v := range res.Warnings {
		say(Warning, l.At(v.Pointer), v.Pointer, v)
	}
	if res.Outcome == ledger.EntryUnchanged {
		same := fault.T("与台账 {{.Number}} 相同，导入时跳过", "Number", res.Standing)
		if class.Undated {
			same = fault.T("{{.Code}} 已经这样登记，导入时跳过", "Code", res.Standing)
		}
		say(Hint, l.At(""), "", fault.Violation{Code: "standing", Detail: same})
	}
	return out
}

package exchange

import (
	"context"
	"strconv"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

// Selection is which rows of a file are committed.
type Selection string

// The selections. Rows that are in already are left as they are by both.
const (
	All  Selection = "all"  // only when no row has a fault
	Good Selection = "good" // those that have none
)

// CommitInput says what becomes of the rows.
type CommitInput struct {
	Rows Selection `json:"rows" enum:"all,good" doc:"all：全部行，有错误的行时不能提交；good：先导入没有错误的行"`
	File bool      `json:"file,omitempty" doc:"true：同时报送；默认存为草稿"`
}

// Parse checks the selection.
func (in CommitInput) Parse() (CommitInput, error) {
	var c fault.Check
	if c.Required("/rows", string(in.Rows)) && in.Rows != All && in.Rows != Good {
		c.Fail("/rows", "enum", "只能是其中一项：{{.Values}}", "Values", string(All)+"、"+string(Good))
	}
	return in, c.Err()
}

// Commit writes the rows of a checked file in one transaction, as drafts or as filings.
// Each is judged again: a row that was good and is no longer keeps all of them out, and
// is named. The same commit again answers what it did.
func (s *Service) Commit(ctx context.Context, id models.ID, in CommitInput, progress func(rows int)) (Import, error) {
	if err := required(ctx); err != nil {
		return Import{}, err
	}
	in, err := in.Parse()
	if err != nil {
		return Import{}, err
	}
	i, err := s.head(ctx, id)
	if err != nil {
		return i, err
	}
	if i.State == Committed && i.Selection == in.Rows && i.Filed == in.File {
		return i, nil
	}
	if err := i.ready(in); err != nil {
		return i, err
	}
	return s.commit(ctx, i, in, progress)
}

// commit writes the rows of an import as it was read.
func (s *Service) commit(ctx context.Context, i Import, in CommitInput, progress func(rows int)) (Import, error) {
	if err := s.allowed(ctx, ledger.Class{Code: i.Class}); err != nil {
		return i, err
	}
	done, err := s.desk.take(ctx, i.ID)
	if err != nil {
		return i, err
	}
	defer done()
	defer models.Lean(models.Writing)()
	k, err := s.detail(ctx, i)
	if err != nil {
		return i, err
	}
	book, closing, err := s.book(ctx, i)
	if err != nil {
		return i, err
	}
	defer closing()
	book.Correct(texts(k.Cells))
	after := i
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		res := tx.Visible(s.enters(i), &Import{}).Where("id = ? AND version = ? AND state = ?", i.ID, i.Version, Waiting).Updates(map[string]any{"state": Committed})
		if err := models.Changed(res, fault.New(fault.Conflict, "这次导入刚刚被别人处理，重新读取后再操作")); err != nil {
			return err
		}
		taken, err := s.take(tx, k, book, in, progress)
		if err != nil {
			return err
		}
		now := tx.Now()
		after = i
		after.State, after.Version, after.UpdatedAt, after.CommittedAt, after.ChangeID = Committed, i.Version+1, now, &now, models.NewID()
		after.Selection, after.Filed, after.Entries = in.Rows, in.File, taken.n
		if err := tx.Visible(s.enters(i), &Import{}).Where("id = ?", i.ID).Select("*").Omit("id", "created_at").Updates(&after).Error; err != nil {
			return err
		}
		return s.step(tx, s.enters(i), after, Step{Kind: StepCommitted, Entries: taken.all()},
			map[string]any{"rows": in.Rows, "file": in.File, "entries": taken.n})
	})
	return after, err
}

// ready refuses what cannot be committed as its check stands.
func (i Import) ready(in CommitInput) error {
	switch {
	case i.Stage() != Waiting:
		return notNow(i)
	case in.Rows == All && i.Bad > 0:
		return fault.New(fault.Conflict, "还有 {{.Bad}} 行有错误，改完再导入全部，或者先导入其余 {{.Good}} 行", "Bad", i.Bad, "Good", i.Good)
	case i.Good == 0:
		return fault.New(fault.Conflict, "没有可以导入的行")
	}
	return nil
}

// take writes the rows that had no fault when they were checked.
func (s *Service) take(tx *models.Tx, k detailed, book Book, in CommitInput, progress func(int)) (*taking, error) {
	class, err := s.current(k.Import)
	if err != nil {
		return nil, err
	}
	if in.File && class.Undated {
		return nil, fault.New(fault.Conflict, "名录导入后就生效，没有报送这一步")
	}
	objects, err := s.objects(tx.Context(), k.Placed)
	if err != nil {
		return nil, err
	}
	out := make(map[int]bool, len(k.Report.Refused))
	for _, row := range k.Report.Refused {
		out[row] = true
	}
	var taken taking
	var moved fault.Check
	refused := 0
	run := stretches{door: s.door(class), taker: s.door(class).begin(tx, in.File), each: func(l Line, res ledger.RowResult) error {
		switch {
		case res.Left != nil:
			taken.add(l.Row, *res.Left)
			if progress != nil {
				progress(taken.n)
			}
		case res.Outcome == ledger.EntryRefused:
			refused++
			for _, n := range notes(class, l, res) {
				if refused <= MostFaults {
					moved.Add(fault.Violation{Pointer: "/" + n.Cell, Code: n.Code, Rule: n.Rule, Detail: fault.Text(n.Detail)})
				}
			}
		}
		return nil
	}}
	_, err = book.Each(class, k.ParkID, objects, func(l Line) error {
		if out[l.Row] {
			return nil
		}
		return run.add(l)
	})
	if err == nil {
		err = run.flush()
	}
	if err != nil {
		return nil, err
	}
	if refused > 0 {
		f := moved.Err().(*fault.Error)
		f.Code, f.Detail = fault.Conflict, fault.T("核对之后情况有变，{{.Count}} 行不能导入，整份都没有写入；重新核对后再导入", "Count", refused)
		return nil, f
	}
	return &taken, nil
}

// Undo voids everything that an import wrote, within a day and as long as nobody has
// touched any of it. The same again answers what stands.
func (s *Service) Undo(ctx context.Context, id models.ID) (Import, error) {
	i, err := s.head(ctx, id)
	if err != nil {
		return i, err
	}
	rights := s.door(ledger.Class{Code: i.Class}).undo()
	if err := holding(ctx, rights...); err != nil || i.State == Undone {
		return i, err
	}
	if i.State != Committed {
		return i, notNow(i)
	}
	done, err := s.desk.take(ctx, id)
	if err != nil {
		return i, err
	}
	defer done()
	defer models.Lean(models.Writing)()
	after := i
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		now := tx.Now()
		if now.After(i.UndoUntil()) {
			return fault.New(fault.Conflict, "导入超过 24 小时，不能整批撤销；有误的台账逐条作废或者更正")
		}
		after = i
		after.State, after.Version, after.UpdatedAt, after.UndoneAt, after.ChangeID = Undone, i.Version+1, now, &now, models.NewID()
		res := tx.Visible(rights[0], &Import{}).Where("id = ? AND version = ? AND state = ?", i.ID, i.Version, Committed).Select("*").Omit("id", "created_at").Updates(&after)
		if err := models.Changed(res, fault.New(fault.Conflict, "这次导入刚刚被别人处理，重新读取后再操作")); err != nil {
			return err
		}
		if err := s.withdraw(tx, i); err != nil {
			return err
		}
		return s.step(tx, rights[0], after, Step{Kind: StepUndone}, map[string]any{"entries": i.Entries})
	})
	return after, err
}

// withdraw voids the entries of an import, or names the rows that keep it from that.
func (s *Service) withdraw(tx *models.Tx, i Import) error {
	var committed Step
	if err := models.One(tx.Visible(s.enters(i), &Step{}).Where("import_id = ? AND kind = ?", i.ID, StepCommitted), &committed); err != nil {
		return err
	}
	taken, err := takenOf(committed.Entries)
	if err != nil {
		return err
	}
	all := make([]ledger.Left, len(taken))
	for n, t := range taken {
		all[n] = t.Left
	}
	class, known := s.ClassAt(i.Class, i.ClassVersion)
	if !known {
		return fault.Absent()
	}
	kept, err := s.door(class).withdraw(tx, i.ParkID, all, ledger.ReasonInput{Reason: fault.T("撤销整批导入 {{.Name}}", "Name", i.Name).String()})
	if err != nil || len(kept) == 0 {
		return err
	}
	var c fault.Check
	for n, t := range taken {
		if why := kept[n]; why != nil && len(kept) > 0 {
			c.Within("/"+strconv.Itoa(t.Row), why)
		}
	}
	f := c.Err().(*fault.Error)
	f.Violations = f.Violations[:min(len(f.Violations), MostFaults)]
	f.Code, f.Detail = fault.Conflict, s.door(class).kept(len(kept))
	return f
}

package exchange_test

import (
	"context"
	"testing"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/exchange"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

// queued are the imports that a job was asked to commit.
type queued []models.ID

// CommitImport implements exchange.Queue.
func (q *queued) CommitImport(_ *models.Tx, id models.ID) error {
	*q = append(*q, id)
	return nil
}

// background leaves commits of more than five rows to jobs, which act as the firm; meet is
// called when a job looks for it.
func (w world) background(firm context.Context, meet func() error) *queued {
	q := &queued{}
	w.svc.InBackground(exchange.Later{Queue: q, AtOnce: 5, Actor: func(context.Context, models.ID) (policies.Actor, error) {
		actor, _ := policies.ActorFrom(firm)
		return actor, meet()
	}})
	return q
}

// TestBackground: few rows are committed at once; many by a job, of which nothing is seen
// before all is there, and which may be lost on the way and run again.
func TestBackground(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, job := w.Firm(w.BaoanA), w.Program()
		broken, lose := context.WithCancel(job)
		q := w.background(firm, func() error { lose(); return nil })
		all := exchange.CommitInput{Rows: exchange.All, File: true}
		few := ok(w.check(firm, w.BaoanA, file("2024-11-02,早班,TW001,1")))(t)
		if i := ok(w.svc.Ask(firm, few.ID, all))(t); i.Stage() != exchange.Committed || len(*q) != 0 {
			t.Fatalf("one row is %s, %d jobs", i.Stage(), len(*q))
		}
		k := ok(w.check(firm, w.BaoanA, file(days(8)...)))(t)
		for range 2 {
			if i := ok(w.svc.Ask(firm, k.ID, all))(t); i.Stage() != exchange.Committing {
				t.Fatalf("eight rows are %s", i.Stage())
			}
		}
		for name, err := range map[string]error{
			"other rows": second(w.svc.Ask(firm, k.ID, exchange.CommitInput{Rows: exchange.Good})), "at once": second(w.svc.Commit(firm, k.ID, all, nil)),
			"correct": second(w.svc.Correct(firm, k.ID, exchange.CorrectInput{Cells: []exchange.CellInput{{Cell: "A2", Text: "2025-02-01"}}})), "check": second(w.svc.Recheck(firm, k.ID)),
		} {
			if !fault.Is(err, fault.Conflict) {
				t.Errorf("%s while a job commits: %v", name, err)
			}
		}
		if same := ok(w.check(firm, w.BaoanA, file(days(8)...)))(t); same.ID != k.ID || same.Stage() != exchange.Committing {
			t.Errorf("the same file is %s", same.Stage())
		}
		for state, n := range map[exchange.State]int{exchange.Waiting: 0, exchange.Committing: 1, exchange.Committed: 1} {
			if page := ok(w.svc.List(firm, exchange.Filter{State: string(state)}, models.Query{Limit: 50}))(t); len(page.Items) != n {
				t.Errorf("%d are %s, want %d", len(page.Items), state, n)
			}
		}
		if err := w.svc.Run(broken, k.ID, false); err == nil || len(w.states(t)) != 1 || w.states(t)[ledger.Filed] != 1 {
			t.Fatalf("a job that is lost answers %v and leaves %v", err, w.states(t))
		}
		for range 2 {
			if err := w.svc.Run(job, k.ID, false); err != nil {
				t.Fatal(err)
			}
			if i := ok(w.svc.Get(firm, k.ID))(t); i.Stage() != exchange.Committed || i.Entries != 8 || w.states(t)[ledger.Filed] != 9 || i.Refused {
				t.Fatalf("%+v, %v", i.Import, w.states(t))
			}
		}
		if i := ok(w.svc.Ask(firm, k.ID, all))(t); i.Stage() != exchange.Committed || i.Entries != 8 {
			t.Errorf("asked again: %+v", i)
		}
		w.verified(t)
	})
}

func second[T any](_ T, err error) error { return err }

// TestBackgroundRefused: what cannot be committed any more is put back, checked again, and
// says which rows it is about; a job that fails for other reasons puts it back in the end.
func TestBackgroundRefused(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, job := w.Firm(w.BaoanA), w.Program()
		var lost error
		w.background(firm, func() error { return lost })
		rows := append(days(8), "2026-10-02,早班,TW001,1")
		k := ok(w.check(firm, w.BaoanA, file(rows...)))(t)
		all := exchange.CommitInput{Rows: exchange.All}
		ok(w.svc.Ask(firm, k.ID, all))(t)
		lock := ok(w.led.LockPeriod(w.Bureau(), "", ledger.PeriodInput{From: "2026-10-01", To: "2026-10-31", ParkID: string(w.BaoanA.Park.ID), Reason: "十月台账已经核查完毕"}))(t)
		if err := w.svc.Run(job, k.ID, false); err != nil {
			t.Fatal(err)
		}
		back := ok(w.svc.Get(firm, k.ID))(t)
		if back.Stage() != exchange.Waiting || !back.Refused || back.Bad != 1 || len(w.states(t)) != 0 || note(t, back.Report, "A10").Code != "locked" {
			t.Fatalf("%s, refused %v, %v, %+v", back.Stage(), back.Refused, w.states(t), back.Report.Refused)
		}
		ok(w.led.UnlockPeriod(w.Bureau(), lock.ID, 0, ledger.ReasonInput{Reason: "企业补报遗漏的记录"}))(t)
		if again := ok(w.svc.Recheck(firm, k.ID))(t); again.Refused || again.Bad != 0 {
			t.Fatalf("checked again: refused %v, %d bad", again.Refused, again.Bad)
		}
		ok(w.svc.Ask(firm, k.ID, all))(t)
		lost = context.DeadlineExceeded
		if err := w.svc.Run(job, k.ID, false); err == nil {
			t.Error("a job that has failed is not tried again")
		}
		if i := ok(w.svc.Get(firm, k.ID))(t); i.Stage() != exchange.Committing {
			t.Errorf("between two tries it is %s", i.Stage())
		}
		if err := w.svc.Run(job, k.ID, true); err != nil {
			t.Error(err)
		}
		if i := ok(w.svc.Get(firm, k.ID))(t); i.Stage() != exchange.Waiting || !i.Refused || len(w.states(t)) != 0 {
			t.Errorf("after the last try it is %s, refused %v", i.Stage(), i.Refused)
		}
		w.verified(t)
	})
}

package exchange_test

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/exchange"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

// TestCheckWritesNothing: a check finds every fault by its cell, and the ledger stays as it was.
func TestCheckWritesNothing(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		before := w.counts(t)
		k := ok(w.check(firm, w.BaoanA, file(
			"2026-11-02,早班,TW001,412.5",
			"2026/13/05,早班,TW001,412.5", // no day
			"2026-11-04,早班,TW009,-",     // no such works, and no number either
			"2026-11-05,早班,TW001,12x",
			"2026-11-02,早班,TW001,9", // the day of row 2
			"2026-12-30,早班,TW001,9", // not yet
			"2026-11-07,早班,TW001,",
		)))(t)
		if k.State != exchange.Waiting || k.Rows != 7 || k.Good != 1 || k.Bad != 6 || !reflect.DeepEqual(k.Report.Refused, []int{3, 4, 5, 6, 7, 8}) {
			t.Fatalf("%d rows, %d good, %d bad: %v", k.Rows, k.Good, k.Bad, k.Report.Refused)
		}
		for cell, kind := range map[string]exchange.Kind{"A3": exchange.KindDay, "C4": exchange.KindObject, "D4": exchange.KindNumber, "D5": exchange.KindNumber,
			"A6": exchange.KindStanding, "A7": exchange.KindDay, "D8": exchange.KindRequired} {
			if n := note(t, k.Report, cell); n.Kind != kind || n.Grave != exchange.Fault {
				t.Errorf("%s is %s, %s: %s", cell, n.Kind, n.Grave, n.Detail.Key)
			}
		}
		if n := note(t, k.Report, "C4"); n.Suggestion != "TW001" {
			t.Errorf("C4 suggests %q", n.Suggestion)
		}
		if n := note(t, k.Report, "A6"); n.Detail.Args["Row"] != 2 {
			t.Errorf("A6 repeats row %v", n.Detail.Args["Row"])
		}
		after := w.counts(t)
		if before[0] != after[0] || before[1] != after[1] || after[2]-before[2] != 2 { // the file and the import
			t.Errorf("a check went from %v to %v", before, after)
		}
		if got := ok(w.svc.Get(firm, k.ID))(t); got.Report.Refused[0] != 3 || note(t, got.Report, "A6").Detail.Args["Row"] != int64(2) {
			t.Errorf("stored: %+v", got.Report)
		}
		w.verified(t)
	})
}

// TestGoodCommits: what a check calls good commits, as drafts or as filings, and the same again
// changes nothing.
func TestGoodCommits(t *testing.T) {
	for _, filed := range []bool{false, true} {
		each(t, func(t *testing.T, w world) {
			firm := w.Firm(w.BaoanA)
			good := map[bool]int{false: 3, true: ledger.MaxStretch + 20}[filed]
			rows := append(days(good), "2026-11-03,早班,TW009,1")
			k := ok(w.check(firm, w.BaoanA, file(rows...)))(t)
			if k.Good != good || k.Bad != 1 {
				t.Fatalf("%d good, %d bad", k.Good, k.Bad)
			}
			_, err := w.svc.Commit(firm, k.ID, exchange.CommitInput{Rows: exchange.All, File: filed}, nil)
			want(t, err, fault.Conflict)
			seen := 0
			i := ok(w.svc.Commit(firm, k.ID, exchange.CommitInput{Rows: exchange.Good, File: filed}, func(n int) { seen = n }))(t)
			state := map[bool]ledger.State{false: ledger.Draft, true: ledger.Filed}[filed]
			if i.State != exchange.Committed || i.Entries != k.Good || seen != k.Good || w.states(t)[state] != k.Good {
				t.Fatalf("%d good, %d written, %d told, %v", k.Good, i.Entries, seen, w.states(t))
			}
			again := ok(w.svc.Commit(firm, k.ID, exchange.CommitInput{Rows: exchange.Good, File: filed}, nil))(t)
			if again.Entries != i.Entries || w.states(t)[state] != k.Good {
				t.Errorf("the same commit again: %+v", again)
			}
			_, err = w.svc.Commit(firm, k.ID, exchange.CommitInput{Rows: exchange.Good, File: !filed}, nil)
			want(t, err, fault.Conflict)
			twice := ok(w.check(firm, w.BaoanA, file(rows...)))(t)
			if twice.ID == k.ID || twice.Good != 0 || twice.Unchanged != k.Good || twice.Bad != k.Bad {
				t.Errorf("the same file again: %d good, %d unchanged, %d bad", twice.Good, twice.Unchanged, twice.Bad)
			}
			ok(w.svc.Undo(firm, k.ID))(t)
			if n := w.states(t); n[ledger.Voided] != good || len(n) != 1 {
				t.Errorf("undone: %v", n)
			}
			w.verified(t)
		})
	}
}

// TestConflictTellsWhatStands: a row about what is recorded otherwise names the record,
// and the cell that differs; one that says the same is left alone.
func TestConflictTellsWhatStands(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		in := ledger.Input{ParkID: string(w.BaoanA.Park.ID), FacilityID: string(w.BaoanA.Facility.ID), Class: wastewater, Day: "2026-11-02", Slot: "早班", Payload: content("inflow", "410")}
		r := ok(w.led.Create(firm, "", in))(t)
		ok(w.led.File(firm, r.ID, 0))(t)
		k := ok(w.check(firm, w.BaoanA, file("2026-11-02,早班,TW001,412.5", "2026-11-03,早班,TW001,9")))(t)
		if k.Bad != 1 || k.Good != 1 {
			t.Fatalf("%d bad, %d good", k.Bad, k.Good)
		}
		n := note(t, k.Report, "D2")
		if n.Kind != exchange.KindStanding || n.Detail.Args["Number"] != r.Number || n.Detail.Args["Value"] != "410" {
			t.Errorf("D2: %+v", n)
		}
		same := ok(w.check(firm, w.BaoanA, file("2026-11-02,早班,TW001,410")))(t)
		if same.Unchanged != 1 || same.Bad != 0 || note(t, same.Report, "A2").Grave != exchange.Hint {
			t.Errorf("the same said again: %+v", same.Report)
		}
		_, err := w.svc.Commit(firm, same.ID, exchange.CommitInput{Rows: exchange.All}, nil)
		want(t, err, fault.Conflict)
	})
}

// TestMovedMeanwhile: what is no longer as it was checked keeps the whole file out.
func TestMovedMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		k := ok(w.check(firm, w.BaoanA, file("2026-10-02,早班,TW001,1", "2026-11-02,早班,TW001,1")))(t)
		lock := ok(w.led.LockPeriod(w.Bureau(), "", ledger.PeriodInput{From: "2026-10-01", To: "2026-10-31", ParkID: string(w.BaoanA.Park.ID), Reason: "十月台账已经核查完毕"}))(t)
		for _, filed := range []bool{false, true} {
			before := w.counts(t)
			_, err := w.svc.Commit(firm, k.ID, exchange.CommitInput{Rows: exchange.All, File: filed}, nil)
			f := want(t, err, fault.Conflict)
			if len(f.Violations) != 1 || f.Violations[0].Pointer != "/A2" || f.Violations[0].Code != "locked" || w.counts(t) != before {
				t.Errorf("%+v, %v to %v", f.Violations, before, w.counts(t))
			}
		}
		if i := ok(w.svc.Get(firm, k.ID))(t); i.State != exchange.Waiting {
			t.Fatalf("the import is %s", i.State)
		}
		again := ok(w.svc.Recheck(firm, k.ID))(t)
		if again.Good != 1 || again.Bad != 1 || again.Checks != 2 || note(t, again.Report, "A2").Kind != exchange.KindDay {
			t.Errorf("checked again: %+v", again.Report)
		}
		ok(w.led.UnlockPeriod(w.Bureau(), lock.ID, 0, ledger.ReasonInput{Reason: "企业补报遗漏的记录"}))(t)
		once := ok(w.check(firm, w.BaoanA, file("2026-10-02,早班,TW001,1", "2026-11-02,早班,TW001,1")))(t) // the same file waits still
		if once.ID != k.ID || once.Good != 2 {
			t.Errorf("the same file: %s, %d good", once.ID, once.Good)
		}
		ok(w.svc.Commit(firm, k.ID, exchange.CommitInput{Rows: exchange.All, File: true}, nil))(t)
		w.verified(t)
	})
}

// TestCommitOnce: of two commits at once one counts, and a file that ends half-way leaves nothing.
func TestCommitOnce(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		k := ok(w.check(firm, w.BaoanA, file(days(30)...)))(t)
		broken, cancel := context.WithCancel(firm)
		_, err := w.svc.Commit(broken, k.ID, exchange.CommitInput{Rows: exchange.All}, func(n int) {
			if n == 20 {
				cancel()
			}
		})
		if err == nil || len(w.states(t)) != 0 {
			t.Fatalf("a commit that was broken off answers %v and leaves %v", err, w.states(t))
		}
		other := exchange.New(w.DB, w.led, w.files, lines{}) // another process
		errs := make([]error, 4)
		begin := make(chan struct{})
		var wg sync.WaitGroup
		for n, svc := range []*exchange.Service{w.svc, w.svc, other, other} {
			wg.Go(func() {
				<-begin
				_, errs[n] = svc.Commit(firm, k.ID, exchange.CommitInput{Rows: exchange.All, File: n%2 == 0}, nil)
			})
		}
		close(begin)
		wg.Wait()
		for _, err := range errs {
			if err != nil {
				want(t, err, fault.Conflict)
			}
		}
		i := ok(w.svc.Get(firm, k.ID))(t)
		state := map[bool]ledger.State{false: ledger.Draft, true: ledger.Filed}[i.Filed]
		if n := w.states(t)[state]; i.State != exchange.Committed || i.Entries != 30 || n != 30 || len(w.states(t)) != 1 {
			t.Errorf("%s with %d: %v, %v", i.State, i.Entries, w.states(t), errs)
		}
		w.verified(t)
	})
}

// TestUndo: within a day, of what nobody has touched, once.
func TestUndo(t *testing.T) {
	for _, filed := range []bool{false, true} {
		each(t, func(t *testing.T, w world) {
			firm := w.Firm(w.BaoanA)
			commit := func(rows ...string) exchange.Import {
				k := ok(w.check(firm, w.BaoanA, file(rows...)))(t)
				return ok(w.svc.Commit(firm, k.ID, exchange.CommitInput{Rows: exchange.All, File: filed}, nil))(t)
			}
			i := commit(days(4)...)
			undone := ok(w.svc.Undo(firm, i.ID))(t)
			if undone.State != exchange.Undone || w.states(t)[ledger.Voided] != 4 || len(w.states(t)) != 1 {
				t.Fatalf("%s, %v", undone.State, w.states(t))
			}
			if again := ok(w.svc.Undo(firm, i.ID))(t); again.Version != undone.Version {
				t.Errorf("undone twice: %+v", again)
			}
			i = commit(days(3)...) // what was undone can be brought again
			var all []ledger.Entry
			if err := w.DB.Visible(w.Program(), policies.LedgerRead, &ledger.Entry{}).Where("state <> ? AND day = ?", ledger.Voided, "2025-01-02").Find(&all).Error; err != nil {
				t.Fatal(err)
			}
			if filed {
				ok(w.led.Accept(w.ParkManager(w.BaoanA), all[0].ID, 0))(t)
			} else {
				ok(w.led.File(firm, all[0].ID, 0))(t)
			}
			_, err := w.svc.Undo(firm, i.ID)
			if f := want(t, err, fault.Conflict); len(f.Violations) != 1 || f.Violations[0].Pointer != "/3" {
				t.Errorf("%+v", f.Violations)
			}
			if n := w.states(t)[ledger.Voided]; n != 4 {
				t.Errorf("an undoing that was refused voided %d", n)
			}
			late := commit("2026-11-02,早班,TW001,1")
			*w.now = w.now.Add(exchange.UndoFor + time.Second)
			_, err = w.svc.Undo(firm, late.ID)
			want(t, err, fault.Conflict)
			*w.now = w.now.Add(-time.Second)
			ok(w.svc.Undo(firm, late.ID))(t)
			w.verified(t)
		})
	}
}

// TestCorrectInPlace: a correction is put over the file's text, with who and when, and the
// file's own can be had back.
func TestCorrectInPlace(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		k := ok(w.check(firm, w.BaoanA, file("2026/13/05,早班,TW001,1", "2026-11-03,早班,TW009,2", "2026-11-04,早班,TW001,3")))(t)
		put := func(cells ...exchange.CellInput) (exchange.Checked, error) {
			return w.svc.Correct(firm, k.ID, exchange.CorrectInput{Cells: cells})
		}
		_, err := put(exchange.CellInput{Cell: "D4", Text: "9"}) // a row about which nothing was said
		want(t, err, fault.Invalid)
		_, err = put(exchange.CellInput{Cell: "Z2", Text: "9"})
		want(t, err, fault.Invalid)
		k = ok(put(exchange.CellInput{Cell: "A2", Text: "2026-11-05"}, exchange.CellInput{Cell: "C3", Text: "TW001"}))(t)
		if k.Bad != 0 || k.Good != 3 || len(k.Cells) != 2 {
			t.Fatalf("%d bad, %d good, %v", k.Bad, k.Good, k.Cells)
		}
		if c := k.Cells[0]; c.Cell != "A2" || c.Before != "2026/13/05" || c.After != "2026-11-05" || !c.At.Equal(start) {
			t.Errorf("kept as %+v", c)
		}
		k = ok(put(exchange.CellInput{Cell: "A2", Text: "2026-11-06"}))(t)
		if k.Cells[0].Before != "2026/13/05" || k.Cells[0].After != "2026-11-06" {
			t.Errorf("corrected again: %+v", k.Cells[0])
		}
		k = ok(put(exchange.CellInput{Cell: "A2", Restore: true}))(t)
		if k.Bad != 1 || len(k.Cells) != 1 {
			t.Fatalf("restored: %d bad, %v", k.Bad, k.Cells)
		}
		k = ok(put(exchange.CellInput{Cell: "A2", Text: "2026-11-07"}))(t)
		ok(w.svc.Commit(firm, k.ID, exchange.CommitInput{Rows: exchange.All, File: true}, nil))(t)
		_, err = put(exchange.CellInput{Cell: "A2", Text: "2026-11-08"})
		want(t, err, fault.Conflict)
		var e ledger.Entry
		if err := w.DB.Visible(firm, policies.LedgerRead, &e).Where("day = ?", "2026-11-07").First(&e).Error; err != nil {
			t.Error(err)
		}
		w.verified(t)
	})
}

// TestWhoSeesAnImport: who may file in the park; a firm its own; nobody else.
func TestWhoSeesAnImport(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, park := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
		own := ok(w.check(firm, w.BaoanA, file(days(2)...)))(t)
		whole := ok(w.check(park, w.BaoanA, file(days(2)...)))(t)
		if own.ID == whole.ID || models.Deref(own.EnterpriseID) != w.BaoanA.Enterprise.ID || whole.EnterpriseID != nil {
			t.Fatalf("the firm's is %+v, the park's %+v", own.Placed, whole.Placed)
		}
		list := func(ctx context.Context) int {
			page, err := w.svc.List(ctx, exchange.Filter{}, models.Query{Limit: 50})
			if err != nil {
				t.Fatal(err)
			}
			return len(page.Items)
		}
		if n, of := list(firm), list(park); n != 1 || of != 2 {
			t.Errorf("the firm sees %d, the park %d", n, of)
		}
		for _, foreign := range []context.Context{w.Firm(w.Longgang), w.ParkManager(w.Longgang), w.ParkManager(w.BaoanB)} {
			if list(foreign) != 0 {
				t.Error("somebody else lists it")
			}
			_, err := w.svc.Get(foreign, own.ID)
			want(t, err, fault.NotFound)
			_, err = w.svc.Commit(foreign, own.ID, exchange.CommitInput{Rows: exchange.All}, nil)
			want(t, err, fault.NotFound)
			_, err = w.svc.Undo(foreign, own.ID)
			want(t, err, fault.NotFound)
			_, err = w.check(foreign, w.BaoanA, file(days(2)...))
			want(t, err, fault.NotFound)
			_, err = w.files.Get(foreign, own.FileID)
			want(t, err, fault.NotFound)
		}
		_, err := w.svc.Get(w.Bureau(), own.ID) // brings in rosters, and sees imports of what it may enter
		want(t, err, fault.NotFound)
		_, err = w.svc.Get(w.Analyst(), own.ID)
		want(t, err, fault.Denied)
		ok(w.files.Get(park, own.FileID))(t)
		_, err = w.svc.Get(firm, whole.ID)
		want(t, err, fault.NotFound)
	})
}

// TestManyFaults: the first thousand are detailed, all are counted, and each row is kept out.
func TestManyFaults(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		rows := make([]string, 1200)
		for i := range rows {
			rows[i] = fmt.Sprintf("2025-01-01,%d,TW009,1", i)
		}
		k := ok(w.check(w.Firm(w.BaoanA), w.BaoanA, file(rows...)))(t)
		detailed := 0
		for _, l := range k.Report.Lines {
			detailed += len(l.Notes)
		}
		if k.Bad != 1200 || k.Faults < 1200 || len(k.Report.Refused) != 1200 || detailed != exchange.MostFaults {
			t.Errorf("%d bad, %d faults, %d detailed", k.Bad, k.Faults, detailed)
		}
	})
}

// TestUploadIsParsed: what cannot be an import is told, and who may not file is refused first.
func TestUploadIsParsed(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		in := ok(w.files.ReceiveTable(w.Firm(w.BaoanA), strings.NewReader(file(days(1)...)), "a.csv"))(t)
		defer in.Discard()
		for _, bad := range []exchange.Upload{{ParkID: "x", Class: wastewater}, {ParkID: string(w.BaoanA.Park.ID)}, {ParkID: string(w.BaoanA.Park.ID), Class: "no.such"}} {
			bad.File = in
			_, err := w.svc.Check(w.Firm(w.BaoanA), bad)
			want(t, err, fault.Invalid)
		}
		_, err := w.svc.Check(w.Bureau(), exchange.Upload{ParkID: string(w.BaoanA.Park.ID), Class: wastewater, File: in})
		want(t, err, fault.Denied)
	})
}

// held is a codec that waits in the middle of a file until it is let go.
type held struct {
	lines
	reading chan struct{}
	let     chan struct{}
}

func (h held) Open(file io.ReaderAt, size int64, name string) (exchange.Book, error) {
	h.reading <- struct{}{}
	<-h.let
	return h.lines.Open(file, size, name)
}

// TestTwoFilesAtATime: a third file of one caller is told to come back; anybody else's is taken.
func TestTwoFilesAtATime(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		h := held{reading: make(chan struct{}, 4), let: make(chan struct{})}
		w.svc = exchange.New(w.DB, w.led, w.files, h)
		firm := w.Firm(w.BaoanA)
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for n := range errs {
			wg.Go(func() { _, errs[n] = w.check(firm, w.BaoanA, file(days(n+1)...)) })
			<-h.reading
		}
		_, err := w.check(firm, w.BaoanA, file(days(3)...))
		if f := want(t, err, fault.TooMany); f.RetryAfter == 0 {
			t.Error("nothing says when to come back")
		}
		wg.Go(func() { _, err = w.check(w.Firm(w.Longgang), w.Longgang, file(days(1)...)) })
		<-h.reading
		close(h.let)
		wg.Wait()
		if errs[0] != nil || errs[1] != nil || err != nil {
			t.Errorf("%v, %v", errs, err)
		}
		ok(w.check(firm, w.BaoanA, file(days(3)...)))(t) // once they are done
	})
}

// TestNeighboursAcrossStretches: a row is compared with those before it in the file, however
// many rows lie between, in stretches that are taken one after the other.
func TestNeighboursAcrossStretches(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		rows := []string{"2026-11-01,早班,TW001,412.5"}
		for n := range ledger.MaxStretch {
			rows = append(rows, fmt.Sprintf("2026-11-02,%d,TW009,1", n)) // no such works
		}
		rows = append(rows, "2026-11-03,早班,TW001,412.5")
		k := ok(w.check(w.Firm(w.BaoanA), w.BaoanA, file(rows...)))(t)
		cell := fmt.Sprintf("A%d", len(rows)+1)
		if n := note(t, k.Report, cell); n.Grave != exchange.Warning || n.Code != "copiedPeriod" || n.Detail.Args["Number"] != "#2" {
			t.Errorf("%s: %+v", cell, n)
		}
	})
}

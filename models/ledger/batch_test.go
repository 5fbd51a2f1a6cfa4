package ledger_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/ledger"
	"parkregistry/models/proof"
	"parkregistry/policies"
)

// batchOf is a batch about the firm's works in place p, filed at once, each in a slot of its own.
func (w world) batchOf(p dbtest.Place, n int) ledger.EntriesInput {
	in := ledger.EntriesInput{Entries: make([]ledger.EntryInput, n)}
	for i := range in.Entries {
		in.Entries[i] = ledger.EntryInput{ID: string(models.NewID()), Input: w.input(p, content()), File: true}
	}
	return in
}

// rows counts what the tables of the ledger and the log hold.
func (w world) rows(t testing.TB) map[string]int64 {
	t.Helper()
	n := map[string]int64{}
	for _, c := range []struct {
		perm  policies.Permission
		model models.Scoped
	}{{policies.LedgerRead, &ledger.Entry{}}, {policies.LedgerRead, &ledger.Filing{}}, {policies.LedgerRead, &ledger.Step{}}, {policies.LedgerRead, &ledger.Item{}},
		{policies.ChangeRead, &audit.Change{}}, {policies.AuditRead, &audit.Record{}}} {
		var count int64
		if err := w.DB.Visible(w.Program(), c.perm, c.model).Count(&count).Error; err != nil {
			t.Fatal(err)
		}
		n[c.model.Scope().Table] = count
	}
	return n
}

func outcomes(results []ledger.BatchResult) string {
	var all []string
	for _, r := range results {
		all = append(all, r.Outcome)
	}
	return strings.Join(all, " ")
}

// TestBatchEqualsSingle: what a batch files is what its entries filed one by one would be.
func TestBatchEqualsSingle(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		in := w.batchOf(w.BaoanA, 3)
		in.Entries[2].File = false
		in.Entries[2].Payload = json.RawMessage(`{"inflow":"1"}`)
		before := w.rows(t)
		results := ok(w.svc.Batch(firm, in))(t)
		if outcomes(results) != "stored stored stored" {
			t.Fatalf("the batch answers %s", outcomes(results))
		}
		after := w.rows(t)
		for table, n := range map[string]int64{"ledger_entries": 3, "ledger_filings": 2, "ledger_steps": 2, "changes": 3, "audit_records": 3} {
			if got := after[table] - before[table]; got != n {
				t.Errorf("%d rows of %s, want %d", got, table, n)
			}
		}
		single := ok(w.svc.Create(firm, "", w.input(w.BaoanA, content())))(t)
		single = ok(w.svc.File(firm, single.ID, 0))(t)
		got := ok(w.svc.Get(firm, results[1].Record.ID))(t)
		if string(got.Payload) != string(single.Payload) || !reflect.DeepEqual(got.Outputs, single.Outputs) || !reflect.DeepEqual(results[1].Record.Outputs, single.Outputs) {
			t.Errorf("the batch filed %s %v", got.Payload, got.Outputs)
		}
		same := func(e ledger.Entry) ledger.Entry {
			e.ID, e.Number, e.Slot, e.ChangeID, e.Digest, e.Odd = "", "", "", nil, nil, false // each has other neighbours
			return e
		}
		if a, b := same(got.Entry), same(single.Entry); !reflect.DeepEqual(a, b) {
			t.Errorf("the head is %+v\nwant %+v", a, b)
		}
		one, other := ok(w.svc.Filings(firm, got.ID))(t), ok(w.svc.Filings(firm, single.ID))(t)
		one[0].ID, one[0].EntryID, one[0].ChangeID = other[0].ID, other[0].EntryID, other[0].ChangeID
		if !reflect.DeepEqual(one, other) {
			t.Errorf("the filing is %+v\nwant %+v", one, other)
		}
		if results[1].Record.Judgements[1].Verdict != one[0].Judgements[1].Verdict {
			t.Errorf("the batch answers %+v", results[1].Record.Judgements)
		}
		var change audit.Change
		if err := w.DB.Visible(w.Program(), policies.ChangeRead, &audit.Change{}).Where("id = ?", ok(w.svc.Filings(firm, results[1].Record.ID))(t)[0].ChangeID).First(&change).Error; err != nil {
			t.Fatal(err)
		}
		if leaf, _ := proof.DecodeLeaf(change.Leaf); !strings.Contains(leaf.Facts, `"number":"`+results[1].Record.Number+`"`) {
			t.Errorf("the leaf of %s says %s", results[1].Record.Number, leaf.Facts)
		}
		draft := ok(w.svc.Get(firm, results[2].Record.ID))(t)
		if draft.State != ledger.Draft || string(draft.Payload) != `{"inflow":"1"}` {
			t.Errorf("the draft is %+v", draft)
		}
		at(t, results[2].Record.Warnings, "/entries/2/payload/treated")
		if n := w.measure(t, ledger.MeasureFiled, "2026-11-23"); n != 3 {
			t.Errorf("%d entries are counted as filed, want 3", n)
		}
		if bad := ok(audit.Verify(w.Program(), w.DB, audit.Against{Sources: ledger.Verifiable()}))(t).Bad; bad != nil {
			t.Errorf("verify: %+v", bad)
		}
		ok(w.svc.Return(w.ParkManager(w.BaoanA), got.ID, 0, because))(t)
		ok(w.svc.File(firm, got.ID, 0))(t)
	})
}

// TestBatchFaults: atomic stores nothing and says everything; per item stores the
// others, and each that is refused is refused as it would be alone.
func TestBatchFaults(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		there := w.in(t, ledger.Filed)
		ok(w.svc.LockPeriod(w.Bureau(), "", ledger.PeriodInput{From: "2026-11-01", To: "2026-11-01", Reason: because.Reason}))(t)
		in := w.batchOf(w.BaoanA, 12)
		set := func(i int, f func(*ledger.EntryInput)) { f(&in.Entries[i]) }
		set(1, func(e *ledger.EntryInput) {
			e.Payload = content("readings", `[{"pollutant":"w01001","value":"17"}]`, "inflow", `"-1"`)
		})
		set(2, func(e *ledger.EntryInput) { e.Payload = content("colour", `"red"`) })
		set(3, func(e *ledger.EntryInput) { e.Payload = json.RawMessage(`{"inflow":"1"}`) }) // incomplete, to be filed
		set(4, func(e *ledger.EntryInput) { e.Day = "2026-11-25" })
		set(5, func(e *ledger.EntryInput) { e.FacilityID = string(w.BaoanB.Facility.ID) })
		set(6, func(e *ledger.EntryInput) { e.Slot, e.Day = there.Slot, string(there.Day) })
		set(7, func(e *ledger.EntryInput) { e.Slot = in.Entries[0].Slot })
		set(8, func(e *ledger.EntryInput) { e.ID = in.Entries[0].ID })
		set(9, func(e *ledger.EntryInput) { e.Day = "2026-11-01" }) // locked
		set(10, func(e *ledger.EntryInput) { e.Day, e.File = "2026-11-01", false })
		reasons := map[int]struct {
			code    fault.Code
			pointer string
		}{
			1: {fault.Invalid, "/entries/1/payload/readings/0/value"}, 2: {fault.Malformed, "/entries/2/payload/colour"}, 3: {fault.Invalid, "/entries/3/payload/treated"},
			4: {fault.Invalid, "/entries/4/day"}, 5: {fault.NotFound, "/entries/5"}, 6: {fault.Conflict, "/entries/6"}, 7: {fault.Conflict, "/entries/7"},
			8: {fault.Invalid, "/entries/8/id"}, 9: {fault.Conflict, "/entries/9"},
		}
		before := w.rows(t)
		_, err := w.svc.Batch(firm, in)
		want(t, err, fault.Malformed) // what needs no database is said first, all of it
		for _, i := range []int{1, 2, 3, 8} {
			at(t, violations(t, err), reasons[i].pointer)
		}
		in.Mode = ledger.PerItem
		results := ok(w.svc.Batch(firm, in))(t)
		for i, r := range results {
			reason, refused := reasons[i]
			if !refused {
				if r.Outcome != ledger.EntryStored {
					t.Errorf("entry %d is %s: %v", i, r.Outcome, r.Violations)
				}
				continue
			}
			if r.Outcome != ledger.EntryRefused || r.Code != reason.code || r.Record != nil {
				t.Errorf("entry %d is %s with %s, want %s", i, r.Outcome, r.Code, reason.code)
			}
			at(t, r.Violations, reason.pointer)
		}
		if v := at(t, results[10].Record.Warnings, "/entries/10/day"); v.Code != "locked" {
			t.Errorf("a draft about a locked day warns %v", v)
		}
		after := w.rows(t)
		if n := after["ledger_entries"] - before["ledger_entries"]; n != 3 {
			t.Errorf("%d entries are stored, want 3", n)
		}

		// What only the database knows refuses an atomic batch as well, every reason at once.
		in = w.batchOf(w.BaoanA, 4)
		set(1, func(e *ledger.EntryInput) { e.FacilityID = string(w.BaoanB.Facility.ID) })
		set(2, func(e *ledger.EntryInput) { e.Slot, e.Day = there.Slot, string(there.Day) })
		set(3, func(e *ledger.EntryInput) { e.Day = "2026-11-01" })
		before = w.rows(t)
		_, err = w.svc.Batch(firm, in)
		want(t, err, fault.NotFound)
		for i, code := range map[int]string{1: "not-found", 2: "conflict", 3: "conflict"} {
			if v := at(t, violations(t, err), fmt.Sprintf("/entries/%d", i)); v.Code != code {
				t.Errorf("entry %d: %v", i, v)
			}
		}
		if after := w.rows(t); !reflect.DeepEqual(after, before) {
			t.Errorf("a refused batch left %v, there were %v", after, before)
		}
		for _, n := range []int{0, ledger.MaxBatch + 1} {
			_, err = w.svc.Batch(firm, ledger.EntriesInput{Entries: make([]ledger.EntryInput, n)})
			at(t, violations(t, err), "/entries")
		}
		_, err = w.svc.Batch(firm, ledger.EntriesInput{Mode: "some", Entries: make([]ledger.EntryInput, 1)})
		at(t, violations(t, err), "/mode")
		for _, ctx := range []context.Context{w.Inspector("baoan"), w.Bureau(), w.Auditor()} {
			want(t, second(w.svc.Batch(ctx, w.batchOf(w.BaoanA, 1))), fault.Denied)
		}
		want(t, second(w.svc.Batch(w.Firm(w.Longgang), w.batchOf(w.BaoanA, 1))), fault.NotFound)
	})
}

// TestBatchAgain: the same batch again, one after the other and at once, changes nothing.
func TestBatchAgain(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		in := w.batchOf(w.BaoanA, 8)
		reversed := ledger.EntriesInput{Mode: ledger.PerItem}
		for i := range in.Entries {
			reversed.Entries = append(reversed.Entries, in.Entries[len(in.Entries)-1-i])
		}
		before := w.rows(t)
		answers := make([][]ledger.BatchResult, 4)
		var all []func() error
		for i := range answers {
			all = append(all, func() (err error) {
				answers[i], err = w.svc.Batch(firm, []ledger.EntriesInput{in, reversed}[i%2])
				return err
			})
		}
		stored := 0
		for i, err := range race(all...) {
			want(t, err, "")
			stored += strings.Count(outcomes(answers[i]), ledger.EntryStored)
			if strings.Contains(outcomes(answers[i]), ledger.EntryRefused) {
				t.Errorf("a repeated batch answers %s", outcomes(answers[i]))
			}
		}
		once := w.rows(t)
		if n := once["ledger_entries"] - before["ledger_entries"]; stored != 8 || n != 8 || once["changes"]-before["changes"] != 8 {
			t.Errorf("sent four times, 8 entries were stored %d times and left %d rows", stored, n)
		}
		results := ok(w.svc.Batch(firm, in))(t)
		if r := results[7]; r.Outcome != ledger.EntryRepeated || r.Record.State != ledger.Filed || string(r.Record.ID) != in.Entries[7].ID {
			t.Errorf("the last entry answers %+v", r)
		}
		in.Entries[3].Payload = content("inflow", `"9"`)
		want(t, second(w.svc.Batch(firm, in)), fault.Conflict)
		for i := range in.Entries { // without ids the places are taken
			in.Entries[i].ID = ""
		}
		want(t, second(w.svc.Batch(firm, in)), fault.Conflict)
		if after := w.rows(t); !reflect.DeepEqual(after, once) {
			t.Errorf("repeats left %v, there were %v", after, once)
		}
	})
}

// TestBatchOfFiveHundred files the largest batch that is taken. How long it takes is for
// the bench to say.
func TestBatchOfFiveHundred(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		answers := ok(w.svc.Batch(w.Firm(w.BaoanA), w.batchOf(w.BaoanA, ledger.MaxBatch)))(t)
		if got := strings.Count(outcomes(answers), ledger.EntryStored); got != ledger.MaxBatch {
			t.Errorf("%d of %d stored", got, ledger.MaxBatch)
		}
		if n := w.rows(t)["ledger_filings"]; n != ledger.MaxBatch {
			t.Errorf("%d filings", n)
		}
	})
}

package ledger_test

import (
	"context"
	"slices"
	"testing"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/models/ledger"
)

func ids(all ...files.Attachment) (ids []string) {
	for _, a := range all {
		ids = append(ids, string(a.ID))
	}
	return ids
}

// TestAttached follows attachments from the draft into the filings and across an
// amendment: frozen with what was filed, their digests in the leaf.
func TestAttached(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		svc := w.attachments(t)
		firm, park := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
		one, two, three := w.upload(t, svc, firm, w.BaoanA, 1), w.upload(t, svc, firm, w.BaoanA, 2), w.upload(t, svc, firm, w.BaoanA, 3)
		in := w.input(w.BaoanA, content())
		in.Attachments = ids(two, one)
		id := models.NewID()
		draft := ok(w.svc.Create(firm, id, in))(t)
		ok(w.svc.Create(firm, id, in))(t)
		if !slices.Equal(ids(draft.Attached...), ids(two, one)) {
			t.Errorf("the draft has %v", draft.Attached)
		}
		without := in
		without.Attachments = nil
		want(t, second(w.svc.Create(firm, id, without)), fault.Conflict)
		ok(svc.Get(park, one.ID))(t) // whoever reads the entry
		want(t, second(svc.Get(w.ParkManager(w.BaoanB), one.ID)), fault.NotFound)

		change := func(id models.ID, version int64, attached []string) (ledger.Record, error) {
			return w.svc.Update(firm, id, version, func(in ledger.Revision) (ledger.Revision, error) { in.Attachments = attached; return in, nil })
		}
		draft = ok(change(draft.ID, draft.Version, ids(one, three)))(t)
		filed := ok(w.svc.File(firm, draft.ID, 0))(t)
		if !slices.Equal(ids(filed.Attached...), ids(one, three)) {
			t.Errorf("filed with %v", filed.Attached)
		}
		first := ok(w.svc.Filings(park, filed.ID))(t)[0]
		if len(first.Attachments.V) != 2 || first.Attachments.V[0] != (files.Fixed{ID: one.ID, SHA256: one.Sum()}) {
			t.Errorf("the filing has %v", first.Attachments.V)
		}
		// Returned and filed again with less: the first filing keeps what it had.
		returned := ok(w.svc.Return(park, filed.ID, 0, because))(t)
		ok(change(filed.ID, returned.Version, ids(three)))(t)
		ok(w.svc.File(firm, filed.ID, 0))(t)
		all := ok(w.svc.Filings(park, filed.ID))(t)
		if len(all[0].Attachments.V) != 2 || len(all[1].Attachments.V) != 1 {
			t.Errorf("the filings have %v and %v", all[0].Attachments.V, all[1].Attachments.V)
		}
		// An amendment keeps what was attached, may add to it, and takes nothing else's.
		other := w.upload(t, svc, firm, w.BaoanA, 4)
		plain := ok(w.svc.Amend(firm, filed.ID, "", 0, ledger.AmendInput{Reason: because.Reason}))(t)
		if !slices.Equal(ids(plain.Attached...), ids(three)) {
			t.Errorf("an amendment without a word on attachments has %v", plain.Attached)
		}
		plain = ok(change(plain.ID, plain.Version, ids(three, other)))(t)
		amended := ok(w.svc.File(firm, plain.ID, 0))(t)
		again := ok(w.svc.Amend(firm, amended.ID, "", 0, ledger.AmendInput{Reason: because.Reason, Attachments: ids(other)}))(t)
		if !slices.Equal(ids(again.Attached...), ids(other)) {
			t.Errorf("the second amendment has %v", again.Attached)
		}
		_, err := w.svc.Create(firm, "", func() ledger.Input { in := w.input(w.BaoanA, content()); in.Attachments = ids(other); return in }())
		at(t, violations(t, err), "/attachments/0")

		w.sequence(t)
		verify := func() *audit.Bad {
			return ok(audit.Verify(w.Program(), w.DB, audit.Against{Sources: append(ledger.Verifiable(), files.Verifiable(nil)...)}))(t).Bad
		}
		if bad := verify(); bad != nil {
			t.Errorf("untouched, %+v is bad", bad)
		}
		if w.DB.Engine == models.SQLite {
			for _, statement := range []string{"DROP TRIGGER ledger_filings_update", "UPDATE ledger_filings SET attachments = '[]' WHERE id = '" + string(first.ID) + "'"} {
				if _, err := w.DB.SQL().Exec(statement); err != nil {
					t.Fatal(err)
				}
			}
			if bad := verify(); bad == nil || bad.ID != first.EntryID || bad.Table != "ledger_filings" {
				t.Errorf("an attachment taken from a filing: verify names %+v", bad)
			}
		}
	})
}

func TestAttachedFaults(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		svc := w.attachments(t)
		firm, park := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
		mine, theirs := w.upload(t, svc, firm, w.BaoanA, 1), w.upload(t, svc, park, w.BaoanA, 2)
		many := make([]string, files.MaxAttached+1)
		for i := range many {
			many[i] = string(models.NewID())
		}
		for _, c := range []struct {
			name    string
			ctx     context.Context
			ids     []string
			pointer string
		}{
			{"absent", firm, []string{string(mine.ID), string(models.NewID())}, "/attachments/1"},
			{"somebody else's", firm, ids(theirs), "/attachments/0"},
			{"no id", firm, []string{"x"}, "/attachments/0"},
			{"twice", firm, ids(mine, mine), "/attachments/1"},
			{"too many", firm, many, "/attachments"},
		} {
			in := w.input(w.BaoanA, content())
			in.Attachments = c.ids
			_, err := w.svc.Create(c.ctx, "", in)
			want(t, err, fault.Invalid)
			at(t, violations(t, err), c.pointer)
		}
		own := w.own(w.BaoanA) // the park's own works; the file was brought for the firm's site
		own.Attachments = ids(theirs)
		_, err := w.svc.Create(park, "", own)
		if v := at(t, violations(t, err), "/attachments/0"); v.Code != "place" {
			t.Errorf("a file of another place is %v", v)
		}
		if page := ok(w.svc.List(firm, ledger.Filter{}, models.Query{Limit: 5}))(t); len(page.Items) != 0 {
			t.Errorf("refused creations left %d entries", len(page.Items))
		}
		if a := ok(svc.Get(firm, mine.ID))(t); a.OwnerID != nil {
			t.Error("a refused creation kept the attachment")
		}

		// In a batch: each entry with its own, none for two.
		in := w.batchOf(w.BaoanA, 4)
		in.Mode = ledger.PerItem
		more := w.upload(t, svc, firm, w.BaoanA, 3)
		in.Entries[0].Attachments, in.Entries[1].Attachments, in.Entries[2].Attachments = ids(mine), ids(mine), ids(theirs)
		in.Entries[3].Attachments = ids(more)
		results := ok(w.svc.Batch(firm, in))(t)
		if got := outcomes(results); got != "stored refused refused stored" {
			t.Fatalf("the batch answers %s: %v", got, results[1].Violations)
		}
		at(t, results[2].Violations, "/entries/2/attachments/0")
		if all := ok(w.svc.Filings(firm, results[3].Record.ID))(t); len(all[0].Attachments.V) != 1 || all[0].Attachments.V[0].SHA256 != more.Sum() {
			t.Errorf("the batch filed %v", all[0].Attachments.V)
		}
		again := ok(w.svc.Batch(firm, ledger.EntriesInput{Entries: in.Entries[:1]}))(t)
		if again[0].Outcome != ledger.EntryRepeated {
			t.Errorf("the same entry again is %s", again[0].Outcome)
		}
	})
}

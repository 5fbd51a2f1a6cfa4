package ledger_test

import (
	"slices"
	"testing"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

func TestReturnedAndFiledAgain(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, park := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
		r := w.in(t, ledger.Returned)
		want(t, second(w.svc.Update(firm, r.ID, r.Version-1, func(in ledger.Revision) (ledger.Revision, error) { return in, nil })), fault.Stale)
		_, err := w.svc.Update(firm, r.ID, r.Version, func(in ledger.Revision) (ledger.Revision, error) { in.Day = "2026-11-22"; return in, nil })
		at(t, violations(t, err), "/day")
		r = ok(w.svc.Update(firm, r.ID, r.Version, func(in ledger.Revision) (ledger.Revision, error) {
			in.Payload = content("inflow", `"413"`, "cause", `"抄表有误"`)
			return in, nil
		}))(t)
		if first := ok(w.svc.Filings(park, r.ID))(t); first[0].Payload != string(content()) {
			t.Error("a change of a returned entry reached what was filed")
		}
		r = ok(w.svc.File(firm, r.ID, r.Version))(t)
		if r.Filings != 2 || r.State != ledger.Filed {
			t.Errorf("%d filings, %s", r.Filings, r.State)
		}
		diff := ok(w.svc.Compare(park, r.ID, ledger.Between{}))(t)
		if len(diff) != 2 || diff[0].Pointer != "/cause" || diff[0].Before != nil || diff[1].Pointer != "/inflow" ||
			string(diff[1].Before) != `"412.50"` || string(diff[1].After) != `"413"` {
			t.Errorf("the difference is %v", diff)
		}
		want(t, second(w.svc.Compare(park, r.ID, ledger.Between{From: 1, To: 3})), fault.NotFound)
		want(t, second(w.svc.Compare(w.ParkManager(w.BaoanB), r.ID, ledger.Between{})), fault.NotFound)
		steps := ok(w.svc.Steps(firm, r.ID))(t)
		kinds := make([]string, len(steps))
		for i, s := range steps {
			kinds[i] = s.Kind
		}
		if !slices.Equal(kinds, []string{"filed", "returned", "filed"}) || steps[1].Reason != because.Reason {
			t.Errorf("the steps are %v", kinds)
		}
	})
}

func TestAmendmentsOfAmendments(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, park := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
		first := w.in(t, ledger.Accepted)
		want(t, second(w.svc.Amend(firm, first.ID, "", 0, ledger.AmendInput{Reason: "改数"})), fault.Invalid)
		_, err := w.svc.Amend(firm, first.ID, "", 0, ledger.AmendInput{Reason: because.Reason, Payload: content("inflow", `"-1"`)})
		at(t, violations(t, err), "/payload/inflow")

		id := models.NewID()
		in := ledger.AmendInput{Reason: because.Reason, Payload: content("inflow", `"415"`)}
		a := ok(w.svc.Amend(firm, first.ID, id, 0, in))(t)
		ok(w.svc.Amend(firm, first.ID, id, 0, in))(t)
		if a.ID != id || a.State != ledger.Draft || models.Deref(a.Supersedes) != first.ID {
			t.Fatalf("the amendment is %+v", a.Entry)
		}
		if old := ok(w.svc.Get(firm, first.ID))(t); old.State != ledger.Accepted {
			t.Errorf("an amendment that is not filed made the old entry %s", old.State)
		}
		want(t, second(w.svc.Amend(firm, first.ID, "", 0, in)), fault.Conflict)
		a = ok(w.svc.File(firm, a.ID, 0))(t)
		old := ok(w.svc.Get(firm, first.ID))(t)
		if old.State != ledger.Superseded || models.Deref(old.SupersededBy) != a.ID || string(old.Payload) != string(content()) {
			t.Errorf("the old entry is %s, superseded by %v", old.State, old.SupersededBy)
		}
		// Its place is the amendment's: nobody files the day a second time.
		again := w.input(w.BaoanA, content())
		again.Slot = a.Slot
		want(t, second(w.svc.Create(firm, "", again)), fault.Conflict)
		if diff := ok(w.svc.Compare(park, a.ID, ledger.Between{}))(t); len(diff) != 1 || diff[0].Pointer != "/inflow" {
			t.Errorf("the difference is %v", diff)
		}
		// Returned and filed again, it does not look for the old entry any more.
		ok(w.svc.Return(park, a.ID, 0, because))(t)
		ok(w.svc.File(firm, a.ID, 0))(t)
		b := ok(w.svc.Amend(firm, a.ID, "", 0, ledger.AmendInput{Reason: because.Reason}))(t)
		if string(b.Payload) != string(a.Payload) {
			t.Errorf("the second amendment starts with %s", b.Payload)
		}
		// The amended entry was returned meanwhile: there is nothing to take the place of.
		ok(w.svc.Return(park, a.ID, 0, because))(t)
		want(t, second(w.svc.File(firm, b.ID, 0)), fault.Conflict)
		ok(w.svc.File(firm, a.ID, 0))(t)
		ok(w.svc.File(firm, b.ID, 0))(t)
		for name, n := range map[string]int64{ledger.MeasureFiled: 1, ledger.MeasureAccepted: 0, ledger.MeasureAmended: 2, ledger.MeasureReturned: 0, ledger.MeasureVoided: 0} {
			if got := w.measure(t, name, "2026-11-23"); got != n {
				t.Errorf("%s is %d, want %d", name, got, n)
			}
		}
	})
}

// TestReasonOfAmendment: why an entry is amended may be said better until the amendment is
// filed, by the rule of its beginning, and by nothing but an amendment.
func TestReasonOfAmendment(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, park := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
		first := w.in(t, ledger.Filed)
		say := func(id models.ID, reason string) (ledger.Record, error) {
			return w.svc.Update(firm, id, 0, func(in ledger.Revision) (ledger.Revision, error) { in.Reason = reason; return in, nil })
		}
		a := ok(w.svc.Amend(firm, first.ID, "", 0, ledger.AmendInput{Reason: because.Reason}))(t)
		_, err := say(a.ID, "改数")
		at(t, violations(t, err), "/reason")
		if a = ok(say(a.ID, "化验室重新出具了报告"))(t); a.Reason != "化验室重新出具了报告" || models.Deref(a.Supersedes) != first.ID {
			t.Fatalf("the amendment says %q", a.Reason)
		}
		if kept := ok(w.svc.Get(park, a.ID))(t); kept.Reason != a.Reason {
			t.Errorf("kept is %q", kept.Reason)
		}
		a = ok(w.svc.File(firm, a.ID, 0))(t)
		ok(w.svc.Return(park, a.ID, 0, because))(t)
		_, err = say(a.ID, "又想到了别的原因")
		at(t, violations(t, err), "/reason")
		draft := w.in(t, ledger.Draft)
		_, err = say(draft.ID, "这不是一份更正")
		at(t, violations(t, err), "/reason")
	})
}

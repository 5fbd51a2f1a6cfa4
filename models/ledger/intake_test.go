package ledger_test

import (
	"testing"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

// TestRehearsedWaste: rows of hazardous waste draw on the batches of earlier stretches as their
// filing would, and nothing of it stays: by itself, and inside a transaction that goes on.
func TestRehearsedWaste(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		y := w.yard(t)
		firm, gen := y.Firm(y.BaoanA), "HWCS20261123001"
		ok(y.file(y.waste("generated", gen, "5")))(t)
		rehearse := func(tx *models.Tx) (outcomes []string) {
			err := y.svc.Rehearse(tx.Context(), "hazardousWaste.stored", func(_ *models.Tx, in *ledger.Intake) error {
				outcomes = nil
				for n, batch := range []string{"HWRK20261123001", "HWRK20261123002", "HWRK20261123003"} {
					results, err := in.Take([]ledger.Row{{Number: n + 4, Input: y.waste("stored", batch, "3", batchOf{gen, "3"})}})
					if err != nil {
						return err
					}
					outcomes = append(outcomes, results[0].Outcome)
					if n == 1 && results[0].Violations[0].Pointer != "/payload/fromBatches/0/quantity" {
						t.Errorf("row 5: %v", results[0].Violations)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			return outcomes
		}
		before := w.rows(t)
		err := y.DB.Write(firm, func(tx *models.Tx) error {
			for range 2 { // the second finds what the first did taken back
				if got := rehearse(tx); got[0] != ledger.EntryFits || got[1] != ledger.EntryRefused || got[2] != ledger.EntryRefused {
					t.Errorf("the rows are %v", got)
				}
			}
			_, err := y.svc.Create(tx.Context(), "", y.waste("stored", "HWRK20261123009", "1", batchOf{gen, "1"}))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		after := w.rows(t)
		if after["ledger_entries"] != before["ledger_entries"]+1 || y.left(t, gen) != "5" || y.left(t, "HWRK20261123001") != "" {
			t.Errorf("from %v to %v, %s t left", before, after, y.left(t, gen))
		}
		y.derive(t)
	})
}

var errKept = fault.Absent()

// TestWithdrawnWaste: what a file brought in goes from the last step to the first.
func TestWithdrawnWaste(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		y := w.yard(t)
		firm, gen := y.Firm(y.BaoanA), "HWCS20261123001"
		var all []ledger.Left
		for _, in := range []ledger.Input{y.waste("generated", gen, "5"), y.waste("stored", "HWRK20261123001", "3", batchOf{gen, "3"})} {
			r := ok(y.file(in))(t)
			all = append(all, ledger.Left{ID: r.ID, Version: r.Version})
		}
		var kept map[int]error
		withdraw := func(all ...ledger.Left) error {
			return y.DB.Write(firm, func(tx *models.Tx) (err error) {
				if kept, err = y.svc.Withdraw(tx, all, because); err == nil && len(kept) > 0 {
					err = errKept
				}
				return err
			})
		}
		want(t, withdraw(all[0]), fault.NotFound) // the second step has taken from it
		want(t, kept[0], fault.Conflict)
		if err := withdraw(all...); err != nil {
			t.Fatal(err)
		}
		y.derive(t)
		if r := ok(y.svc.Get(firm, all[1].ID))(t); r.State != ledger.Voided || y.left(t, gen) != "" {
			t.Errorf("the step is %s", r.State)
		}
	})
}

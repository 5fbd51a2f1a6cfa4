package ledger_test

import (
	"strings"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

// TestStock: what arose and was not brought away, and what came into a store and was not
// released, by facility and waste, what has lain longest first, each sum of the batches
// behind it; what left, was given back or lies with somebody else is not in it.
func TestStock(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		y := w.yard(t)
		day := func(in ledger.Input, day string) ledger.Input {
			in.Day, in.Payload = day, []byte(strings.ReplaceAll(string(in.Payload), "2026-11-23T", day+"T"))
			return in
		}
		ok(y.file(day(y.waste("generated", "HWCS20261101001", "10"), "2026-11-01")))(t)
		ok(y.file(day(y.waste("stored", "HWRK20261102001", "4", batchOf{"HWCS20261101001", "4"}), "2026-11-02")))(t)
		ok(y.file(day(y.waste("stored", "HWRK20261105001", "2.5", batchOf{"HWCS20261101001", "2.5"}), "2026-11-05")))(t)
		ok(y.file(day(y.wasteOf(sludge, y.other, "stored", "HWRK20261106001", "1", batchOf{"HWCS20261101001", "1"}), "2026-11-06")))(t)
		gone := ok(y.file(day(y.waste("stored", "HWRK20261107001", "0.5", batchOf{"HWCS20261101001", "0.5"}), "2026-11-07")))(t)
		ok(y.file(day(y.waste("released", "HWCK20261108001", "1", batchOf{"HWRK20261102001", "1"}), "2026-11-08")))(t)
		if _, err := y.svc.Return(y.ParkManager(y.BaoanA), gone.ID, gone.Version, ledger.ReasonInput{Reason: "数量与联单不一致"}); err != nil {
			t.Fatal(err)
		}
		me := y.Firm(y.BaoanA)
		all := ok(y.svc.Stocks(me, ledger.StockFilter{}))(t)
		if len(all) != 3 || all[0].FacilityID != y.line.ID || code.Decimal(all[0].Held) != "2.5" || all[1].FacilityID != y.store.ID || all[1].Batches != 2 || code.Decimal(all[1].Held) != "5.5" || all[1].Oldest != "2026-11-02" ||
			all[1].LastDay() != "2027-11-02" || all[2].FacilityID != y.other.ID || code.Decimal(all[2].Held) != "1" {
			t.Fatalf("the stock is %+v", all)
		}
		all = all[1:]
		var sum int64
		var days []string
		for cursor, first := "", true; cursor != "" || first; first = false {
			page := ok(y.svc.StoredBatches(me, ledger.StockFilter{FacilityID: string(y.store.ID), WasteCode: sludge}, models.Query{Limit: 1, Cursor: cursor, Exact: true}))(t)
			if *page.Total != all[0].Batches {
				t.Errorf("%d batches, the stock says %d", *page.Total, all[0].Batches)
			}
			for _, b := range page.Items {
				sum, days = sum+b.Left(), append(days, string(b.Day))
			}
			cursor = page.Next
		}
		if sum != all[0].Held || strings.Join(days, " ") != "2026-11-02 2026-11-05" {
			t.Errorf("the batches add up to %s, of the days %v", code.Decimal(sum), days)
		}
		for name, f := range map[string]ledger.StockFilter{"another waste": {WasteCode: solvent}, "another park": {ParkID: string(y.BaoanB.Park.ID)}} {
			if got := ok(y.svc.Stocks(me, f))(t); len(got) != 0 {
				t.Errorf("%s: %+v", name, got)
			}
		}
		if got := ok(y.svc.Stocks(y.Inspector("longgang"), ledger.StockFilter{}))(t); len(got) != 0 {
			t.Errorf("another district reads %+v", got)
		}
		if got := ok(y.svc.Stocks(y.Inspector("baoan"), ledger.StockFilter{ParkID: string(y.BaoanA.Park.ID)}))(t); len(got) != 3 {
			t.Errorf("the district reads %d", len(got))
		}
	})
}

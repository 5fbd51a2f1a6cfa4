package ledger_test

import (
	"context"
	"slices"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
)

// TestAFirmThatMovedOut: what it owes from before it left can still be filed, returned
// and amended; a day after it left warns and files; nobody new sees any of it.
func TestAFirmThatMovedOut(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, park := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
		about := func(p dbtest.Place, day code.Day) ledger.Input {
			in := w.input(p, content())
			in.Day = string(day)
			return in
		}
		// warned files an entry about a day, by itself and in a batch, and gives what both warn of the day.
		warned := func(ctx context.Context, in ledger.Input) (fault.Violation, ledger.Record) {
			t.Helper()
			of := func(r ledger.Record) fault.Violation {
				i := slices.IndexFunc(r.Warnings, func(v fault.Violation) bool { return v.Pointer == "/day" || v.Pointer == "/entries/0/day" })
				if r.State != ledger.Filed {
					t.Errorf("an entry about %s is %s", in.Day, r.State)
				}
				if i < 0 {
					return fault.Violation{}
				}
				return r.Warnings[i]
			}
			r := ok(w.svc.File(ctx, ok(w.svc.Create(ctx, "", in))(t).ID, 0))(t)
			in.Slot += "批"
			results := ok(w.svc.Batch(ctx, ledger.EntriesInput{Mode: ledger.Atomic, Entries: []ledger.EntryInput{{Input: in, File: true}}}))(t)
			if a, b := of(r), of(*results[0].Record); a.Code != b.Code {
				t.Errorf("an entry about %s warns %q alone and %q in a batch", in.Day, a.Code, b.Code)
			}
			return of(r), r
		}
		_, before := warned(firm, about(w.BaoanA, "2026-11-20"))
		_, returned := warned(firm, about(w.BaoanA, "2026-11-20"))
		site := ok(w.Registry.Site(w.Program(), w.BaoanA.Site.ID))(t)
		ok(w.Registry.CloseSite(park, site.ID, site.Version, registry.CloseInput{On: "2026-11-21", Reason: "租约到期迁出园区"}))(t)
		for day, rule := range map[code.Day]string{"2026-11-20": "", "2026-11-21": "", "2026-11-22": "movedOut", "2026-11-24": "movedOut", "2021-12-31": "notResident"} {
			v, _ := warned(firm, about(w.BaoanA, day))
			if v.Code != rule || rule == "movedOut" && v.Detail.Args["Day"] != code.Day("2026-11-21") {
				t.Errorf("about %s it warns %q (%v), want %q", day, v.Code, v.Detail, rule)
			}
		}
		ok(w.svc.Return(park, returned.ID, 0, because))(t)
		ok(w.svc.File(firm, returned.ID, 0))(t)
		a := ok(w.svc.Amend(firm, before.ID, "", 0, ledger.AmendInput{Reason: because.Reason}))(t)
		ok(w.svc.File(firm, a.ID, 0))(t)
		ok(w.svc.Accept(park, a.ID, 0))(t)

		// Somebody else takes the unit, and the firm stands in another park: neither reads it.
		next := ok(w.Registry.CreateSite(w.Program(), "", registry.SiteInput{ParkID: string(w.BaoanA.Park.ID), EnterpriseID: string(w.Longgang.Enterprise.ID),
			Tenancy: &registry.TenancyInput{Building: "1", Unit: "101", From: "2026-11-22"}}))(t)
		if next.ParkID != w.BaoanA.Park.ID {
			t.Fatalf("the unit is let in %s", next.ParkID)
		}
		for who, ctx := range map[string]context.Context{"the next firm": w.Firm(w.Longgang), "the firm's other park": w.ParkManager(w.BaoanB)} {
			if _, err := w.svc.Get(ctx, before.ID); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s is answered %v", who, err)
			}
			if page := ok(w.svc.List(ctx, ledger.Filter{SiteID: string(w.BaoanA.Site.ID)}, models.Query{Limit: 10}))(t); len(page.Items) != 0 {
				t.Errorf("%s lists %d entries", who, len(page.Items))
			}
		}

		// Its other site was never entered with units.
		works := ok(w.Registry.CreateFacility(w.Program(), "", registry.FacilityInput{ParkID: string(w.BaoanB.Park.ID), SiteID: string(w.Second.ID), Code: "TW002", Kind: "treatment",
			Name: "废水处理设施", Capacity: "500", CapacityUnit: "m3/d", InUse: true}))(t)
		ok(w.Registry.CloseSite(w.ParkManager(w.BaoanB), w.Second.ID, w.Second.Version, registry.CloseInput{On: "2026-11-21", Reason: "租约到期迁出园区"}))(t)
		second := dbtest.Place{Park: w.BaoanB.Park, Enterprise: w.BaoanA.Enterprise, Site: w.Second, Facility: works}
		for day, rule := range map[code.Day]string{"2026-11-21": "", "2026-11-22": "movedOut"} {
			if v, _ := warned(firm, about(second, day)); v.Code != rule {
				t.Errorf("without registered units, about %s it warns %q, want %q", day, v.Code, rule)
			}
		}

		// Out of its last unit, and into another one three days later.
		unit := ok(w.Registry.Tenancies(w.Program(), w.Dapeng.Site.ID))(t)[0]
		ok(w.Registry.EndTenancy(w.ParkManager(w.Dapeng), w.Dapeng.Site.ID, unit.ID, registry.EndInput{On: "2026-11-20", Reason: "合同到期退租"}))(t)
		dapeng := w.Firm(w.Dapeng)
		if v, _ := warned(dapeng, about(w.Dapeng, "2026-11-22")); v.Code != "movedOut" || v.Detail.Args["Day"] != code.Day("2026-11-20") {
			t.Errorf("without a unit it warns %q (%v)", v.Code, v.Detail)
		}
		ok(w.Registry.AddTenancy(w.Program(), w.Dapeng.Site.ID, "", registry.TenancyInput{Building: "2", Unit: "201", From: "2026-11-23"}))(t)
		for day, rule := range map[code.Day]string{"2026-11-20": "", "2026-11-22": "notResident", "2026-11-23": ""} {
			if v, _ := warned(dapeng, about(w.Dapeng, day)); v.Code != rule {
				t.Errorf("between two units, about %s it warns %q, want %q", day, v.Code, rule)
			}
		}
	})
}

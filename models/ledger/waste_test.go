package ledger_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// wasteYard is the firm of BaoanA with a line that makes waste and two stores.
type wasteYard struct {
	world
	line, store, other registry.Facility
}

func (w world) yard(t testing.TB) wasteYard {
	t.Helper()
	make := func(code, kind string) registry.Facility {
		return ok(w.Registry.CreateFacility(w.Program(), "", registry.FacilityInput{ParkID: string(w.BaoanA.Park.ID), SiteID: string(w.BaoanA.Site.ID),
			Code: code, Kind: kind, Name: code, Capacity: "20", CapacityUnit: "t", InUse: true}))(t)
	}
	return wasteYard{w, make("MF0001", "production"), make("TS001", "store"), make("TS002", "store")}
}

// batchOf is a batch that a step takes from, and how much of it.
type batchOf struct{ batch, quantity string }

const sludge, solvent = "336-054-17", "900-402-06"

// waste is a step about a batch of nickel sludge.
func (y wasteYard) waste(class, batch, quantity string, from ...batchOf) ledger.Input {
	return y.wasteOf(sludge, y.store, class, batch, quantity, from...)
}

func (y wasteYard) wasteOf(waste string, store registry.Facility, class, batch, quantity string, from ...batchOf) ledger.Input {
	p := map[string]any{"batchCode": batch, "tradeName": "含镍污泥", "listName": "示例名称", "category": "HW" + waste[8:], "wasteCode": waste, "listEdition": "2025",
		"quantity": quantity, "containerType": "tonBag", "containerCode": "B-1", "containerCount": 1, "storageType": "warehouse", "handler": "甲",
		"storeHandler": "乙", "carrierHandler": "丙", "destination": "sendOut", "methodCode": "R4", "receiverKind": "licensed", "receiverName": "示例公司",
		"licenceNumber": "440300000001", "manifestNumber": "20264403000001"}
	if class == "generated" {
		p["destination"] = "store"
	}
	var sources []any
	for _, f := range from {
		sources = append(sources, map[string]any{"batchCode": f.batch, "quantity": f.quantity})
	}
	p["fromBatches"] = sources
	facility := &store.ID
	at := map[string]string{"generated": "generatedAt", "stored": "storedAt", "released": "releasedAt", "sentOut": "leftAt"}[class]
	p[at] = "2026-11-23T09:00:00+08:00"
	switch class {
	case "generated":
		facility = &y.line.ID
	case "sentOut":
		facility = nil
	}
	definition, _ := ledger.ClassOf("hazardousWaste." + class)
	known := map[string]bool{}
	for _, f := range definition.Fields {
		known[f.Name] = true
	}
	for name := range p {
		if !known[name] {
			delete(p, name)
		}
	}
	raw, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	in := ledger.Input{ParkID: string(y.BaoanA.Park.ID), SiteID: string(y.BaoanA.Site.ID), Class: definition.Code, Day: "2026-11-23", Payload: raw}
	if facility != nil {
		in.FacilityID = string(*facility)
	}
	return in
}

func (y wasteYard) file(in ledger.Input) (ledger.Record, error) {
	firm := y.Firm(y.BaoanA)
	r, err := y.svc.Create(firm, "", in)
	if err != nil {
		return r, err
	}
	return y.svc.File(firm, r.ID, 0)
}

// left is what the register says is left of a batch, "" when nothing may be taken.
func (y wasteYard) left(t testing.TB, batch string) string {
	t.Helper()
	var found []ledger.WasteBatch
	if err := y.DB.Visible(y.Firm(y.BaoanA), policies.LedgerRead, &ledger.WasteBatch{}).Where("code = ?", batch).Find(&found).Error; err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || !found[0].Live {
		return ""
	}
	return code.Decimal(found[0].Left())
}

func TestWasteChain(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		y := w.yard(t)
		gen, in, out, sent := "HWCS20261123001", "HWRK20261123001", "HWCK20261123001", "HWWWLY20261123001"
		r := ok(y.file(y.waste("generated", gen, "10.5")))(t)
		if r.Slot != gen {
			t.Errorf("the slot is %q, want the code of the batch", r.Slot)
		}
		ok(y.file(y.waste("generated", "HWCS20261123002", "0.0001")))(t)
		ok(y.file(y.waste("stored", in, "10.0001", batchOf{gen, "10"}, batchOf{"HWCS20261123002", "0.0001"})))(t)
		ok(y.file(y.waste("released", out, "4", batchOf{in, "4"})))(t)
		ok(y.file(y.waste("sentOut", sent, "4.5", batchOf{out, "4"}, batchOf{gen, "0.5"})))(t)
		for batch, left := range map[string]string{gen: "0", "HWCS20261123002": "0", in: "6.0001", out: "0", sent: "4.5"} {
			if got := y.left(t, batch); got != left {
				t.Errorf("of %s there is %q left, want %q", batch, got, left)
			}
		}
		ok(y.file(y.waste("generated", "HWCS20261123003", "2")))(t)
		more := y.waste("stored", "HWRK20261123009", "3", batchOf{"HWCS20261123003", "2"}, batchOf{gen, "1"})
		for name, c := range map[string]struct {
			in      ledger.Input
			code    fault.Code
			pointer string
			rule    string
		}{
			"more than there is":              {more, fault.Conflict, "/payload/fromBatches/1/quantity", "exceeds"},
			"the same batch twice, over":      {y.waste("stored", "HWRK20261123010", "2.1", batchOf{"HWCS20261123003", "1"}, batchOf{"HWCS20261123003", "1.1"}), fault.Conflict, "/payload/fromBatches/1/quantity", "exceeds"},
			"no such batch":                   {y.waste("stored", "HWRK20261123011", "1", batchOf{"HWCS20261101001", "1"}), fault.Conflict, "/payload/fromBatches/0/batchCode", "unknown"},
			"a batch of another step":         {y.waste("stored", "HWRK20261123012", "1", batchOf{in, "1"}), fault.Conflict, "/payload/fromBatches/0/batchCode", "step"},
			"out of another store":            {y.wasteOf(sludge, y.other, "released", "HWCK20261123013", "1", batchOf{in, "1"}), fault.Conflict, "/payload/fromBatches/0/batchCode", "store"},
			"another waste":                   {y.wasteOf(solvent, y.store, "stored", "HWRK20261123014", "1", batchOf{"HWCS20261123003", "1"}), fault.Conflict, "/payload/fromBatches/0/batchCode", "wasteCode"},
			"a code that is used":             {y.wasteOf(sludge, y.other, "stored", in, "1", batchOf{"HWCS20261123003", "1"}), fault.Conflict, "/payload/batchCode", "taken"},
			"sources that do not add up":      {y.waste("stored", "HWRK20261123015", "2", batchOf{"HWCS20261123003", "1"}), fault.Invalid, "/payload/quantity", "balance"},
			"the prefix of another step":      {y.waste("stored", "HWCS20261123016", "1", batchOf{"HWCS20261123003", "1"}), fault.Invalid, "/payload/batchCode", "prefix"},
			"five decimals":                   {y.waste("generated", "HWCS20261123017", "1.00001"), fault.Invalid, "/payload/quantity", "precision"},
			"nothing":                         {y.waste("generated", "HWCS20261123018", "0"), fault.Invalid, "/payload/quantity", "range"},
			"a category that is not the code": {change(t, y.waste("generated", "HWCS20261123019", "1"), `"HW17"`, `"HW22"`), fault.Invalid, "/payload/category", "category"},
			"no container":                    {change(t, y.waste("generated", "HWCS20261123020", "1"), `"containerCode":"B-1",`, ``), fault.Invalid, "/payload/containerCode", "required"},
			"no manifest":                     {change(t, y.waste("sentOut", "HWWWLY20261123021", "1", batchOf{gen, "1"}), `"manifestNumber":"20264403000001",`, ``), fault.Invalid, "/payload/manifestNumber", "required"},
		} {
			_, err := y.file(c.in)
			want(t, err, c.code)
			if v := at(t, violations(t, err), c.pointer); v.Code != c.rule {
				t.Errorf("%s: %s is %s, want %s", name, c.pointer, v.Code, c.rule)
			}
		}
		// None of them left a trace.
		if got := y.left(t, "HWCS20261123003") + " " + y.left(t, in) + " " + y.left(t, "HWRK20261123009"); got != "2 6.0001 " {
			t.Errorf("after the refusals %q", got)
		}
		// A draft warns before it is filed, by the same words.
		r = ok(y.svc.Create(y.Firm(y.BaoanA), "", y.waste("stored", "HWRK20261123030", "5", batchOf{"HWCS20261123003", "5"})))(t)
		if v := at(t, r.Warnings, "/payload/fromBatches/0/quantity"); v.Code != "exceeds" || v.Detail.Args["Left"] != "2" {
			t.Errorf("the draft warns %v", v)
		}
		// Waste that goes by pipe has no container; codes of the unit's own system are kept.
		ok(y.file(change(t, change(t, y.waste("generated", "镀镍线-2026/11-7", "1"), `"containerCode":"B-1","containerCount":1,`, ``), `"tonBag"`, `"pipe"`)))(t)
	})
}

// change replaces a part of the payload; the test fails when it is not there.
func change(t testing.TB, in ledger.Input, was, is string) ledger.Input {
	t.Helper()
	if !strings.Contains(string(in.Payload), was) {
		t.Fatalf("%s is not in %s", was, in.Payload)
	}
	in.Payload = json.RawMessage(strings.Replace(string(in.Payload), was, is, 1))
	return in
}

func TestWasteGoesBack(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		y := w.yard(t)
		firm, park := y.Firm(y.BaoanA), y.ParkManager(y.BaoanA)
		gen, in := "HWCS20261123001", "HWRK20261123001"
		first := ok(y.file(y.waste("generated", gen, "10")))(t)
		later := ok(y.file(y.waste("stored", in, "4", batchOf{gen, "4"})))(t)
		expect := func(when, ofGen, ofIn string) {
			t.Helper()
			if g, i := y.left(t, gen), y.left(t, in); g != ofGen || i != ofIn {
				t.Errorf("%s: %q and %q left, want %q and %q", when, g, i, ofGen, ofIn)
			}
		}
		expect("filed", "6", "4")
		ok(y.svc.Return(park, later.ID, 0, because))(t)
		expect("returned", "10", "")
		ok(y.svc.File(firm, later.ID, 0))(t)
		expect("filed again", "6", "4")

		a := ok(y.svc.Amend(firm, later.ID, "", 0, ledger.AmendInput{Reason: because.Reason, Payload: y.waste("stored", in, "7.5", batchOf{gen, "7.5"}).Payload}))(t)
		if len(a.Warnings) > 0 {
			t.Errorf("the draft of an amendment counts what it replaces: %v", a.Warnings)
		}
		expect("an amendment is drafted", "6", "4")
		ok(y.svc.File(firm, a.ID, 0))(t)
		expect("amended", "2.5", "7.5")
		b := ok(y.svc.Amend(firm, a.ID, "", 0, ledger.AmendInput{Reason: because.Reason, Payload: y.waste("stored", in, "10.1", batchOf{gen, "10.1"}).Payload}))(t)
		_, err := y.svc.File(firm, b.ID, 0)
		want(t, err, fault.Conflict)
		expect("an amendment over what there is", "2.5", "7.5")
		ok(y.svc.Void(firm, b.ID, 0, because))(t)
		_, err = y.svc.Amend(firm, a.ID, "", 0, ledger.AmendInput{Reason: because.Reason, Payload: y.waste("stored", "HWRK20261123002", "1", batchOf{gen, "1"}).Payload})
		at(t, violations(t, err), "/payload/batchCode")

		// What later steps took keeps the earlier one from shrinking below it, from
		// becoming another waste, and from being voided.
		less := ok(y.svc.Amend(firm, first.ID, "", 0, ledger.AmendInput{Reason: because.Reason, Payload: y.waste("generated", gen, "7").Payload}))(t)
		_, err = y.svc.File(firm, less.ID, 0)
		want(t, err, fault.Conflict)
		at(t, violations(t, err), "/payload/quantity")
		less = ok(y.svc.Update(firm, less.ID, less.Version, func(i ledger.Revision) (ledger.Revision, error) {
			i.Payload = y.wasteOf(solvent, y.store, "generated", gen, "10").Payload
			return i, nil
		}))(t)
		_, err = y.svc.File(firm, less.ID, 0)
		want(t, err, fault.Conflict)
		at(t, violations(t, err), "/payload/wasteCode")
		ok(y.svc.Void(firm, less.ID, 0, because))(t)
		want(t, second(y.svc.Void(firm, first.ID, 0, because)), fault.Conflict)
		// It may be returned: its own batch is closed to further steps until it is filed again.
		ok(y.svc.Return(park, first.ID, 0, because))(t)
		_, err = y.file(y.waste("stored", "HWRK20261123003", "1", batchOf{gen, "1"}))
		if v := at(t, violations(t, err), "/payload/fromBatches/0/batchCode"); v.Code != "withdrawn" {
			t.Errorf("taking from a returned batch is refused as %s", v.Code)
		}
		ok(y.svc.File(firm, first.ID, 0))(t)
		expect("the first one filed again", "2.5", "7.5")
		ok(y.svc.Void(firm, a.ID, 0, because))(t)
		expect("the later one voided", "10", "")
		ok(y.svc.Void(firm, first.ID, 0, because))(t)
		expect("both voided", "", "")
		// The codes are free again.
		ok(y.file(y.waste("generated", gen, "3")))(t)
		expect("the code used again", "3", "")
	})
}

// TestWasteRace: two steps at once take the last of a batch; one of them gets it.
func TestWasteRace(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		y := w.yard(t)
		firm := y.Firm(y.BaoanA)
		for n := range 4 {
			gen := fmt.Sprintf("HWCS2026112310%d", n)
			ok(y.file(y.waste("generated", gen, "5")))(t)
			var all []func() error
			for i := range 3 {
				r := ok(y.svc.Create(firm, "", y.waste("stored", fmt.Sprintf("HWRK202611231%d%d", n, i), "3", batchOf{gen, "3"})))(t)
				all = append(all, func() error { return second(y.svc.File(firm, r.ID, 0)) })
			}
			oneOf(t, race(all...))
			if left := y.left(t, gen); left != "2" {
				t.Errorf("%s left", left)
			}
		}
	})
}

// TestWasteBalance files, returns, amends and voids at random, and derives every
// batch again from what stands in the ledger after each move.
func TestWasteBalance(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		y := w.yard(t)
		firm, park := y.Firm(y.BaoanA), y.ParkManager(y.BaoanA)
		rng := rand.New(rand.NewPCG(1259, 2022)) //nolint:gosec // the same walk every time
		quantity := func() string { return fmt.Sprintf("%d.%04d", rng.IntN(4), 1+rng.IntN(9999)) }
		entries := []ledger.Record{}
		moved := map[bool]int{}
		for n := range 120 {
			var err error
			pick := func() ledger.Record { return entries[rng.IntN(len(entries))] }
			some := func(class string) (string, batchOf) {
				q := quantity()
				for range 20 {
					if e := pick(); e.Class == "hazardousWaste."+class {
						return q, batchOf{e.Slot, q}
					}
				}
				return q, batchOf{"HWCS20260101001", q}
			}
			step := rng.IntN(9)
			if len(entries) < 5 {
				step = 0
			}
			var r ledger.Record
			switch step {
			case 0, 1:
				r, err = y.file(y.waste("generated", fmt.Sprintf("HWCS20261123%03d", n), quantity()))
			case 2, 3:
				q, from := some("generated")
				r, err = y.file(y.waste("stored", fmt.Sprintf("HWRK20261123%03d", n), q, from))
			case 4:
				q, from := some("stored")
				r, err = y.file(y.waste("released", fmt.Sprintf("HWCK20261123%03d", n), q, from))
			case 5:
				q, from := some([]string{"generated", "released"}[rng.IntN(2)])
				r, err = y.file(y.waste("sentOut", fmt.Sprintf("HWWWLY20261123%03d", n), q, from))
			case 6:
				r, err = y.svc.Return(park, pick().ID, 0, because)
			case 7:
				r, err = y.svc.Void(firm, pick().ID, 0, because)
			case 8:
				if r = ok(y.svc.Get(firm, pick().ID))(t); r.State == ledger.Returned {
					r, err = y.svc.File(firm, r.ID, 0)
				} else if r, err = y.svc.Amend(firm, r.ID, "", 0, ledger.AmendInput{Reason: because.Reason}); err == nil {
					amendment := r.ID
					if r, err = y.svc.File(firm, amendment, 0); err != nil {
						ok(y.svc.Void(firm, amendment, 0, because))(t)
					}
				}
			}
			if err != nil {
				want(t, err, fault.Conflict)
			} else if step != 6 && step != 7 {
				entries = append(entries, r)
			}
			moved[err == nil]++
			y.derive(t)
			if n%10 == 9 { // the program itself derives the same, whatever has happened
				if bad := ok(audit.Verify(w.Program(), w.DB, audit.Against{Sources: ledger.Verifiable()}))(t).Bad; bad != nil {
					t.Fatalf("after move %d: %+v", n, bad)
				}
			}
		}
		if moved[true] < 40 || moved[false] < 20 {
			t.Errorf("the walk was too tame: %v", moved)
		}
	})
}

// derive computes every batch from the entries that stand and compares.
func (y wasteYard) derive(t testing.TB) {
	t.Helper()
	var standing []ledger.Entry
	err := y.DB.Visible(y.Program(), policies.LedgerRead, &ledger.Entry{}).Where("state IN ? AND class LIKE 'hazardousWaste.%'", []ledger.State{ledger.Filed, ledger.Accepted}).Find(&standing).Error
	if err != nil {
		t.Fatal(err)
	}
	quantity, taken := map[string]int64{}, map[string]int64{}
	for _, e := range standing {
		var f ledger.Filing
		if err := y.DB.Visible(y.Program(), policies.LedgerRead, &f).Where("entry_id = ? AND number = ?", e.ID, e.Filings).Take(&f).Error; err != nil {
			t.Fatal(err)
		}
		var p struct {
			Quantity    string
			FromBatches []struct{ BatchCode, Quantity string }
		}
		if err := json.Unmarshal([]byte(f.Payload), &p); err != nil {
			t.Fatal(err)
		}
		quantity[e.Slot] = ok(code.ParseQuantity(p.Quantity))(t).Scaled
		for _, from := range p.FromBatches {
			taken[from.BatchCode] += ok(code.ParseQuantity(from.Quantity))(t).Scaled
		}
	}
	var rows []ledger.WasteBatch
	if err := y.DB.Visible(y.Program(), policies.LedgerRead, &ledger.WasteBatch{}).Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	live := 0
	for _, b := range rows {
		if b.Live {
			live++
			if b.Quantity != quantity[b.Code] {
				t.Fatalf("%s holds %d, filed is %d", b.Code, b.Quantity, quantity[b.Code])
			}
		} else if _, stands := quantity[b.Code]; stands {
			t.Fatalf("%s stands and nothing can be taken from it", b.Code)
		}
		if b.Taken != taken[b.Code] || b.Taken < 0 || b.Taken > b.Quantity {
			t.Fatalf("%d of %s are taken (of %d), by the ledger it is %d", b.Taken, b.Code, b.Quantity, taken[b.Code])
		}
	}
	if live != len(quantity) {
		t.Fatalf("%d batches are live, %d stand in the ledger", live, len(quantity))
	}
}

// TestWasteInOneBatch: steps that are filed together see each other, and one that
// is refused leaves nothing behind.
func TestWasteInOneBatch(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		y := w.yard(t)
		firm := y.Firm(y.BaoanA)
		at := func(in ledger.Input) ledger.EntryInput { return ledger.EntryInput{Input: in, File: true} }
		gen, in := "HWCS20261123001", "HWRK20261123001"
		all := ledger.EntriesInput{Mode: ledger.PerItem, Entries: []ledger.EntryInput{at(y.waste("generated", gen, "5")),
			at(y.waste("stored", in, "3", batchOf{gen, "3"})), at(y.waste("stored", "HWRK20261123002", "3", batchOf{gen, "3"})),
			at(y.waste("released", "HWCK20261123001", "1", batchOf{in, "1"}))}}
		results := ok(y.svc.Batch(firm, all))(t)
		for i, outcome := range []string{ledger.EntryStored, ledger.EntryStored, ledger.EntryRefused, ledger.EntryStored} {
			if results[i].Outcome != outcome {
				t.Errorf("entry %d is %s (%v), want %s", i, results[i].Outcome, results[i].Violations, outcome)
			}
		}
		if len(results[2].Violations) != 1 || results[2].Violations[0].Pointer != "/entries/2/payload/fromBatches/0/quantity" {
			t.Errorf("the refusal is %v", results[2].Violations)
		}
		y.derive(t)
		// One of two batches has not enough: what the other gave goes back to it.
		results = ok(y.svc.Batch(firm, ledger.EntriesInput{Mode: ledger.PerItem, Entries: []ledger.EntryInput{
			at(y.waste("sentOut", "HWWWLY20261123001", "2", batchOf{gen, "1"}, batchOf{"HWCK20261123009", "1"}))}}))(t)
		if results[0].Outcome != ledger.EntryRefused {
			t.Errorf("a step without its batch is %s", results[0].Outcome)
		}
		y.derive(t)
		// Something is there about the same object, day and slot: the step is not stored,
		// and what it took goes back.
		draft := y.waste("stored", "HWRK20261123005", "1", batchOf{gen, "1"})
		ok(y.svc.Create(firm, "", draft))(t)
		results = ok(y.svc.Batch(firm, ledger.EntriesInput{Mode: ledger.PerItem, Entries: []ledger.EntryInput{at(draft)}}))(t)
		if results[0].Outcome != ledger.EntryRefused {
			t.Errorf("a second entry is %s", results[0].Outcome)
		}
		y.derive(t)
		all.Mode = ledger.Atomic
		all.Entries = []ledger.EntryInput{at(y.waste("stored", "HWRK20261123006", "1", batchOf{gen, "1"})), at(y.waste("stored", "HWRK20261123007", "9", batchOf{gen, "9"}))}
		want(t, second(y.svc.Batch(firm, all)), fault.Conflict)
		y.derive(t)
		if left := y.left(t, gen); left != "2" {
			t.Errorf("%s left", left)
		}
	})
}

// TestWasteStaysWithItsOwner: a batch of another firm is no batch at all.
func TestWasteStaysWithItsOwner(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		y := w.yard(t)
		ok(y.file(y.waste("generated", "HWCS20261123001", "5")))(t)
		other := y.waste("stored", "HWRK20261123001", "1", batchOf{"HWCS20261123001", "1"})
		store := ok(w.Registry.CreateFacility(w.Program(), "", registry.FacilityInput{ParkID: string(w.BaoanB.Park.ID), SiteID: string(w.BaoanB.Site.ID),
			Code: "TS001", Kind: "store", Name: "乙库", Capacity: "20", CapacityUnit: "t", InUse: true}))(t)
		other.ParkID, other.SiteID, other.FacilityID = string(w.BaoanB.Park.ID), string(w.BaoanB.Site.ID), string(store.ID)
		r := ok(w.svc.Create(w.Firm(w.BaoanB), "", other))(t)
		_, err := w.svc.File(w.Firm(w.BaoanB), r.ID, 0)
		if v := at(t, violations(t, err), "/payload/fromBatches/0/batchCode"); v.Code != "unknown" {
			t.Errorf("another firm's batch is refused as %s", v.Code)
		}
		// Nor is a batch of the firm's site in another park, which the firm does see.
		far := ok(w.Registry.CreateFacility(w.Program(), "", registry.FacilityInput{ParkID: string(w.BaoanB.Park.ID), SiteID: string(w.Second.ID),
			Code: "TS002", Kind: "store", Name: "丙库", Capacity: "20", CapacityUnit: "t", InUse: true}))(t)
		other.SiteID, other.FacilityID = string(w.Second.ID), string(far.ID)
		_, err = y.file(other)
		if v := at(t, violations(t, err), "/payload/fromBatches/0/batchCode"); v.Code != "unknown" {
			t.Errorf("a batch of another site is refused as %s", v.Code)
		}
		var seen []ledger.WasteBatch
		if err := w.DB.Visible(w.Firm(w.BaoanB), policies.LedgerRead, &ledger.WasteBatch{}).Find(&seen).Error; err != nil || len(seen) > 0 {
			t.Errorf("the other firm sees %v: %v", seen, err)
		}
		if err := models.One(w.DB.Visible(w.ParkManager(w.BaoanA), policies.LedgerRead, &ledger.WasteBatch{}), &ledger.WasteBatch{}); err != nil {
			t.Errorf("the park does not see it: %v", err)
		}
	})
}

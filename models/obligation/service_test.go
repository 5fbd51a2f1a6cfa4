package obligation_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/models/obligation"
	"parkregistry/models/registry"
)

var daily = registry.LedgerRule{Class: wastewater, Object: "TW001", Text: "1次/日"}

var because = ledger.ReasonInput{Reason: "数值与原始记录不符"}

// TestLifeOfEntries follows entries through everything that can become of them, and
// asks again later how they stood at each moment.
func TestLifeOfEntries(t *testing.T) {
	each(t, func(w world) {
		p, firm, park := w.BaoanA, w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
		w.permit(p, "2026-06-10", daily)
		w.at("2026-06-10", 20).file(p, "2026-06-10", "")
		w.at("2026-06-11", 20)
		returned := w.file(p, "2026-06-11", "")
		amended := w.at("2026-06-12", 20).file(p, "2026-06-12", "")
		must(w.ledger.Return(park, returned.ID, 0, because))(w.t)
		voided := w.file(p, "2026-06-12", "二")
		must(w.ledger.Void(firm, voided.ID, 0, because))(w.t)
		w.at("2026-06-15", 9)
		w.draft(p, "2026-06-14", "")
		w.at("2026-06-16", 9).file(p, "2026-06-13", "") // late
		w.seal()
		again := must(w.ledger.File(firm, returned.ID, 0))(w.t) // in the same second as the last number is given, or later
		change := must(w.ledger.Amend(firm, amended.ID, "", 0, ledger.AmendInput{Reason: because.Reason}))(w.t)
		w.at("2026-06-20", 9)
		must(w.ledger.File(firm, change.ID, 0))(w.t)
		w.file(p, "2026-06-15", "") // long afterwards
		w.seal()
		if again.State != ledger.Filed {
			t.Fatal(again.State)
		}
		f := worksOf(p, "2026-06-10", "2026-06-19")
		for _, c := range []struct {
			asOf, known, want string
		}{
			{"", "", "06-10 onTime, 06-11 backfilled, 06-12 onTime, 06-13 late, 06-14 missing, 06-15 backfilled, 06-16 missing, 06-17 missing, 06-18 missing, 06-19 due"},
			{"2026-06-10", "", "06-10 onTime"},
			{"2026-06-10T19:59:59+08:00", "", "06-10 due"},
			{"2026-06-10T20:00:00+08:00", "", "06-10 onTime"},
			{"2026-06-11", "", "06-10 onTime, 06-11 onTime"},
			{"2026-06-12", "", "06-10 onTime, 06-11 missing, 06-12 onTime"},
			{"2026-06-14", "", "06-10 onTime, 06-11 missing, 06-12 onTime, 06-13 missing, 06-14 due"},
			{"2026-06-16", "", "06-10 onTime, 06-11 backfilled, 06-12 onTime, 06-13 late, 06-14 missing, 06-15 missing, 06-16 due"},
			{"2026-06-19", "", "06-10 onTime, 06-11 backfilled, 06-12 onTime, 06-13 late, 06-14 missing, 06-15 missing, 06-16 missing, 06-17 missing, 06-18 missing, 06-19 due"},
			// What was numbered by the 16th: not the second filing of the 11th, which came after the last number.
			{"2026-06-19", "2026-06-16", "06-10 onTime, 06-11 missing, 06-12 onTime, 06-13 late, 06-14 missing, 06-15 missing, 06-16 missing, 06-17 missing, 06-18 missing, 06-19 due"},
			{"", "2026-06-19T23:00:00+08:00", "06-10 onTime, 06-11 missing, 06-12 onTime, 06-13 late, 06-14 missing, 06-15 missing, 06-16 missing, 06-17 missing, 06-18 missing, 06-19 due"},
			{"", "2026-06-20", "06-10 onTime, 06-11 backfilled, 06-12 onTime, 06-13 late, 06-14 missing, 06-15 backfilled, 06-16 missing, 06-17 missing, 06-18 missing, 06-19 due"},
		} {
			if got := states(w.all(park, f, obligation.MomentInput{AsOf: c.asOf, KnownAsOf: c.known}, 3)); got != c.want {
				t.Errorf("as of %q, known %q:\n got %s\nwant %s", c.asOf, c.known, got, c.want)
			}
		}
	})
}

// TestPlanOfAStack: a line of the self-monitoring plan about gas is met by a record of the
// outlet that names that pollutant by its code, and by no other.
func TestPlanOfAStack(t *testing.T) {
	each(t, func(w world) {
		p, firm := w.BaoanA, w.Firm(w.BaoanA)
		stack := must(w.Registry.CreateOutlet(w.Program(), "", registry.OutletInput{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID), Code: "DA001", Kind: "air", Regime: "none"}))(w.t)
		permit := must(w.Registry.CreatePermit(w.Bureau(), "", registry.PermitInput{SiteID: string(p.Site.ID), Number: p.Enterprise.CreditCode + "001P", Kind: "permit", Class: "key", IssuedOn: "2026-05-01", Authority: "市生态环境局",
			LedgerRules: []registry.LedgerRule{daily}, Monitoring: []registry.MonitoringRule{{Outlet: "DA001", Pollutant: "a24088", Text: "1次/月"}, {Outlet: "DA001", Pollutant: "a21026", Text: "1次/月"}}}))(w.t)
		w.at("2026-06-20", 9)
		sample := ledger.Input{ParkID: string(p.Park.ID), OutletID: string(stack.ID), Class: "monitoring.manualGas", Day: "2026-06-19", Slot: "1", Payload: json.RawMessage(`{"sampledAt":"2026-06-19T10:00:00+08:00","point":"排气筒","method":"HJ 38-2017",
			"frequency":"1次/月","instrument":"气相色谱仪","sampling":"3 个","productionCondition":"正常","results":[{"pollutant":"a24088","value":"12.5"}]}`)}
		must(w.ledger.File(firm, must(w.ledger.Create(firm, "", sample))(w.t).ID, 0))(w.t)
		w.at("2026-07-10", 9)
		got := map[string]string{}
		for _, o := range w.all(w.ParkManager(p), obligation.Filter{ObjectID: string(stack.ID), From: "2026-06-01", To: "2026-06-30"}, obligation.MomentInput{}, 9) {
			got[o.Class+" "+o.Pollutant] = string(o.State)
		}
		if len(got) != 2 || got["monitoring.manualGas a24088"] != "onTime" || got["monitoring.manualGas a21026"] != "missing" {
			t.Errorf("the plan of the stack stands as %v", got)
		}
		// What a year of the plans asked for: the water of the workshop is counted apart, and
		// what is still due is not counted: of the workshop's days those of the 10th and 11th.
		must(w.Registry.CreateOutlet(w.Program(), "", registry.OutletInput{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID), Code: "DW031", Kind: "workshop", Regime: "indirect", ReceivingPlant: "污水处理厂"}))(w.t)
		must(w.Registry.UpdatePermit(w.Bureau(), permit.ID, permit.Version, func(in registry.PermitInput) (registry.PermitInput, error) {
			in.Monitoring = append(in.Monitoring, registry.MonitoringRule{Outlet: "DW031", Pollutant: "w20121", Text: "1次/日"})
			return in, nil
		}))(w.t)
		w.at("2026-07-13", 9)
		if got := must(w.svc.Watched(w.Program(), p.Park.ID, "2025-07-13", "2026-07-12"))(w.t); got != (obligation.Watched{Required: 6, Made: 1, WorkshopsRequired: 2}) {
			t.Errorf("a year of the plans: %+v", got)
		}
		if got := must(w.svc.Watched(w.Program(), p.Park.ID, "2026-06-02", "2026-06-29"))(w.t); got != (obligation.Watched{}) {
			t.Errorf("days in which no period of the plan ends: %+v", got)
		}
	})
}

// TestKnownRegister: a question about the past reads what the register said then.
func TestKnownRegister(t *testing.T) {
	each(t, func(w world) {
		p, park := w.BaoanA, w.ParkManager(w.BaoanA)
		permit := w.permit(p, "2026-06-10", daily)
		w.seal()
		w.at("2026-06-12", 9)
		must(w.Registry.UpdatePermit(park, permit.ID, permit.Version, func(in registry.PermitInput) (registry.PermitInput, error) {
			in.LedgerRules = []registry.LedgerRule{{Class: wastewater, Object: "TW001", Text: "每班1次"}}
			return in, nil
		}))(w.t)
		must(w.Registry.UpdateFacility(park, p.Facility.ID, 1, func(in registry.FacilityInput) (registry.FacilityInput, error) {
			in.Shifts = []string{"早班", "夜班"}
			return in, nil
		}))(w.t)
		w.seal()
		w.at("2026-06-13", 9)
		stop := must(w.Registry.CreateShutdown(park, "", registry.ShutdownInput{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID), From: "2026-06-11", Reason: "订单不足停产"}))(w.t)
		w.seal()
		w.at("2026-06-14", 9)
		must(w.Registry.WithdrawShutdown(park, stop.ID, registry.ShutdownWithdrawal{Reason: "日期登记有误"}))(w.t)
		w.seal()
		f := worksOf(p, "2026-06-09", "2026-06-13")
		for _, c := range []struct{ asOf, known, want string }{
			{"2026-06-13", "2026-06-01", "06-09 excused beforePermit, 06-10 missing, 06-11 missing, 06-12 missing, 06-13 due"},
			{"2026-06-13", "2026-06-12", "06-09 excused beforePermit, 06-10 missing, 06-11 missing, 06-12 早班 missing, 06-12 夜班 missing, 06-13 早班 due, 06-13 夜班 due"},
			{"2026-06-13", "2026-06-13", "06-09 excused beforePermit, 06-10 missing, 06-11 missing, 06-12 excused shutDown, 06-13 excused shutDown"},
			{"2026-06-13", "", "06-09 excused beforePermit, 06-10 missing, 06-11 missing, 06-12 早班 missing, 06-12 夜班 missing, 06-13 早班 due, 06-13 夜班 due"},
		} {
			if got := states(w.all(park, f, obligation.MomentInput{AsOf: c.asOf, KnownAsOf: c.known}, 50)); got != c.want {
				t.Errorf("as of %q, known %q:\n got %s\nwant %s", c.asOf, c.known, got, c.want)
			}
		}
		for _, in := range []obligation.MomentInput{{AsOf: "2026-06-15"}, {KnownAsOf: "2026-06-15"}, {AsOf: "soon"}, {KnownAsOf: "2026-02-30"}} {
			if _, err := w.svc.List(park, f, in, models.Query{Limit: 1}); !fault.Is(err, fault.Invalid) {
				t.Errorf("%v: %v", in, err)
			}
		}
	})
}

// TestOutletIsAsOldAsItsWorks: nothing was to be measured before there was anything to
// measure; an outlet with nothing registered before it has always been there.
func TestOutletIsAsOldAsItsWorks(t *testing.T) {
	each(t, func(w world) {
		p := w.BaoanA
		built := must(w.Registry.CreateFacility(w.Program(), "", registry.FacilityInput{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID), Code: "TW031", Kind: "treatment", Name: "含镍废水处理设施",
			Capacity: "50", CapacityUnit: "m3/d", InUse: true, BuiltOn: "2026-06-05"}))(w.t)
		for outlet, facility := range map[string]string{"DW031": string(built.ID), "DW032": ""} {
			must(w.Registry.CreateOutlet(w.Program(), "", registry.OutletInput{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID), FacilityID: facility, Code: outlet, Kind: "total", Name: "总排放口",
				Regime: "indirect", ReceivingPlant: "污水处理厂"}))(w.t)
		}
		must(w.Registry.CreatePermit(w.Program(), "", registry.PermitInput{SiteID: string(p.Site.ID), Number: p.Enterprise.CreditCode + "001P", Kind: "permit", Class: "key", IssuedOn: "2026-01-01",
			Authority: "市生态环境局", LedgerRules: []registry.LedgerRule{daily}, Monitoring: []registry.MonitoringRule{{Outlet: "DW031", Pollutant: "w01018", Text: "1次/月"}, {Outlet: "DW032", Pollutant: "w01018", Text: "1次/月"}}}))(w.t)
		w.at("2026-07-03", 9)
		got := map[string]string{}
		for _, o := range w.all(w.Analyst(), obligation.Filter{Class: "monitoring.manual", From: "2026-05-01", To: "2026-06-30"}, obligation.MomentInput{}, 50) {
			got[o.Object.Code+" "+string(o.To)] = string(o.State) + " " + string(o.Reason)
		}
		want := map[string]string{"DW031 2026-06-04": "excused notBuilt", "DW031 2026-06-30": "missing ", "DW032 2026-05-31": "missing ", "DW032 2026-06-30": "missing "}
		for period, state := range want {
			if got[period] != state {
				t.Errorf("%s is %q, want %q, of %v", period, got[period], state, got)
			}
		}
	})
}

// TestListAndMapAgree: however it is paged, the list is one; its counts, those of
// the map and the lengths of the lists that the map stands for are the same.
func TestListAndMapAgree(t *testing.T) {
	each(t, func(w world) {
		w.permit(w.BaoanA, "2026-06-03", daily)
		w.permit(w.BaoanB, "2026-06-03", registry.LedgerRule{Class: wastewater, Text: "每周1次"})
		w.permit(w.Longgang, "2026-06-03", registry.LedgerRule{Class: wastewater, Text: "1次/批次"}, registry.LedgerRule{Class: "monitoring.manual", Text: "看情况"})
		must(w.Registry.CreateShutdown(w.Firm(w.BaoanA), "", registry.ShutdownInput{ParkID: string(w.BaoanA.Park.ID), SiteID: string(w.BaoanA.Site.ID), From: "2026-06-08", To: "2026-06-12", Reason: "订单不足停产"}))(w.t)
		w.at("2026-06-04", 20).file(w.BaoanA, "2026-06-04", "")
		w.at("2026-06-09", 20).file(w.BaoanA, "2026-06-06", "")
		w.file(w.BaoanA, "2026-06-03", "")
		w.file(w.BaoanB, "2026-06-07", "")
		w.file(w.Longgang, "2026-06-07", "B1")
		w.at("2026-07-01", 10)
		ctx, now := w.Analyst(), obligation.MomentInput{}
		whole := w.all(ctx, obligation.Filter{From: "2026-06-01"}, now, 200)
		for _, limit := range []int{1, 7, 50} {
			got := w.all(ctx, obligation.Filter{From: "2026-06-01"}, now, limit)
			if !slices.EqualFunc(got, whole, func(a, b obligation.Obligation) bool {
				return told(a) == told(b) && a.Place.ParkID == b.Place.ParkID && a.Class == b.Class
			}) {
				t.Errorf("%d a page: %d obligations, want %d in the same order", limit, len(got), len(whole))
			}
		}
		if !slices.IsSortedFunc(whole, func(a, b obligation.Obligation) int { return b.To.Number() - a.To.Number() }) {
			t.Error("the newest day does not come first")
		}
		exact := models.Query{Limit: 1, Exact: true}
		list := must(w.svc.List(ctx, obligation.Filter{From: "2026-06-01"}, now, exact))(t)
		if *list.Total != int64(len(whole)) {
			t.Errorf("%d in total, want %d", *list.Total, len(whole))
		}
		seen := obligation.Counts{}
		for _, o := range whole {
			seen[o.State]++
		}
		for _, state := range obligation.States() {
			if seen[state] == 0 {
				t.Errorf("the city has nothing that is %s", state)
			}
			if list.Counts[state] != seen[state] {
				t.Errorf("%d are counted as %s, %d listed", list.Counts[state], state, seen[state])
			}
		}
		area := must(w.svc.Summary(ctx, obligation.Filter{From: "2026-06-01", To: "2026-07-01"}, now))(t)
		if len(area.Parks) != 5 {
			t.Fatalf("%d parks on the map", len(area.Parks))
		}
		length := func(park models.ID, from, to code.Day, state obligation.State) int64 {
			f := obligation.Filter{ParkID: string(park), From: from, To: to, State: state}
			return *must(w.svc.List(ctx, f, now, exact))(t).Total
		}
		for _, park := range area.Parks {
			for _, state := range obligation.States() {
				sum := 0
				for i, n := range park.Days[state] {
					sum += n
					if day := code.Day("2026-06-01").Add(i); n > 0 && i%6 == 2 && length(park.Park.ID, day, day, state) != int64(n) {
						t.Errorf("park %s, %s: the list of what is %s is not as long as the map says: %d", park.Park.Code, day, state, n)
					}
				}
				if of := length(park.Park.ID, area.From, area.To, state); int64(sum) != of || park.Totals[state] != of {
					t.Errorf("park %s: %d are %s on the map, %d in total, %d in the list", park.Park.Code, sum, state, park.Totals[state], of)
				}
			}
		}
	})
}

// TestWhoSeesWhat: obligations are those of one's own rows, in lists, counts and on
// the map, and nothing is learnt about anybody else's. What cannot be answered is
// refused.
func TestWhoSeesWhat(t *testing.T) {
	each(t, func(w world) {
		for _, p := range []dbtest.Place{w.BaoanA, w.BaoanB, w.Longgang, w.Dapeng} {
			w.permit(p, "2026-06-03", daily)
		}
		w.at("2026-06-05", 10)
		f := obligation.Filter{From: "2026-06-03", To: "2026-06-03"}
		for _, c := range []struct {
			who   string
			ctx   context.Context
			parks []models.ID // of the works that are shown
			own   int         // works of a park itself among them
		}{
			{"bureau", w.Bureau(), []models.ID{w.BaoanA.Park.ID, w.BaoanB.Park.ID, w.Longgang.Park.ID, w.Dapeng.Park.ID}, 4},
			{"district", w.Inspector("baoan"), []models.ID{w.BaoanA.Park.ID, w.BaoanB.Park.ID}, 2},
			{"district without a code of its own", w.Inspector("dapeng"), []models.ID{w.Dapeng.Park.ID}, 1},
			{"park", w.ParkManager(w.BaoanA), []models.ID{w.BaoanA.Park.ID}, 1},
			{"firm", w.Firm(w.BaoanA), []models.ID{w.BaoanA.Park.ID}, 0},
		} {
			var firms, own int
			for _, o := range w.all(c.ctx, f, obligation.MomentInput{}, 50) {
				if !slices.Contains(c.parks, o.Place.ParkID) {
					t.Errorf("%s sees works of another park", c.who)
				}
				if o.Place.SiteID == nil {
					own++
				} else {
					firms++
				}
			}
			if firms != len(c.parks) || own != c.own {
				t.Errorf("%s sees works of %d firms and %d of parks, want %d and %d", c.who, firms, own, len(c.parks), c.own)
			}
			area := must(w.svc.Summary(c.ctx, f, obligation.MomentInput{}))(t)
			if n := area.Totals[obligation.Missing]; n != int64(firms+own) {
				t.Errorf("%s counts %d on the map, want %d", c.who, n, firms+own)
			}
		}
		foreign := obligation.Filter{ParkID: string(w.Longgang.Park.ID), From: "2026-06-01"}
		if got := w.all(w.ParkManager(w.BaoanA), foreign, obligation.MomentInput{}, 50); len(got) != 0 {
			t.Errorf("a park sees %d obligations of another", len(got))
		}
		for _, ctx := range []context.Context{w.Admin(), context.Background()} {
			if _, err := w.svc.List(ctx, f, obligation.MomentInput{}, models.Query{Limit: 1}); !fault.Is(err, fault.Denied) && !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("somebody without the right: %v", err)
			}
		}
		w.refusals()
	})
}

// refusals are the questions that are not answered, and why.
func (w world) refusals() {
	t, ctx := w.t, w.Bureau()
	page := must(w.svc.List(ctx, obligation.Filter{From: "2026-05-01"}, obligation.MomentInput{}, models.Query{Limit: 1, Filters: map[string]string{"a": "1"}}))(t)
	for _, c := range []struct {
		name string
		f    obligation.Filter
		q    models.Query
		want fault.Code
	}{
		{"a day that is none", obligation.Filter{From: "2026-02-30"}, models.Query{Limit: 1}, fault.Invalid},
		{"a park that is none", obligation.Filter{ParkID: "x"}, models.Query{Limit: 1}, fault.Invalid},
		{"the end before the beginning", obligation.Filter{From: "2026-06-02", To: "2026-06-01"}, models.Query{Limit: 1}, fault.Invalid},
		{"more than four hundred days", obligation.Filter{From: "2024-06-02", To: "2026-06-01"}, models.Query{Limit: 1}, fault.Invalid},
		{"no rows a page", obligation.Filter{}, models.Query{}, fault.Malformed},
		{"a cursor of another filter", obligation.Filter{From: "2026-05-01"}, models.Query{Limit: 1, Cursor: page.Next, Filters: map[string]string{"a": "2"}}, fault.Malformed},
		{"a cursor that is none", obligation.Filter{}, models.Query{Limit: 1, Cursor: "x"}, fault.Malformed},
	} {
		if _, err := w.svc.List(ctx, c.f, obligation.MomentInput{}, c.q); !fault.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	if page.Next == "" {
		t.Error("the first page is the last")
	}
	if _, err := w.svc.Summary(ctx, obligation.Filter{From: "2026-01-01", To: "2026-06-01"}, obligation.MomentInput{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a map of five months: %v", err)
	}
}

package ledger_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

// unscreened are the warnings that do not come from the screen: the test city
// writes the same day again and again.
func unscreened(all []fault.Violation) []fault.Violation {
	return slices.DeleteFunc(slices.Clone(all), func(v fault.Violation) bool {
		_, screened := ledger.OddRules().Rule(v.Code)
		return screened
	})
}

// rules are the rules of the screen that warned.
func rules(all []fault.Violation) (out []string) {
	for _, v := range all {
		if _, screened := ledger.OddRules().Rule(v.Code); screened {
			out = append(out, v.Code)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// day files an entry of BaoanA about a day of its own, entered at an hour of its own.
func (w world) day(t testing.TB, day code.Day, pairs ...string) ledger.Record {
	t.Helper()
	in := w.input(w.BaoanA, content(pairs...))
	in.Day, in.Slot, in.RecordedAt = string(day), "", day.Start().Add(20*time.Hour).Format(time.RFC3339)
	r := ok(w.svc.Create(w.Firm(w.BaoanA), "", in))(t)
	said := rules(r.Warnings)
	r = ok(w.svc.File(w.Firm(w.BaoanA), r.ID, 0))(t)
	if got := rules(r.Warnings); !slices.Equal(got, said) {
		t.Errorf("%s: the draft was warned of %v, the filing of %v", day, said, got)
	}
	var kept []string
	for _, o := range ok(w.svc.Get(w.Firm(w.BaoanA), r.ID))(t).Oddities {
		kept = append(kept, o.Rule)
	}
	if kept = slices.Compact(kept); !slices.Equal(kept, said) || r.Odd != (len(said) > 0) {
		t.Errorf("%s: warned of %v, kept %v (odd: %v)", day, said, kept, r.Odd)
	}
	return r
}

// ordinary is a day that nothing is odd about, n days before today.
func (w world) ordinary(t testing.TB, n int) ledger.Record {
	t.Helper()
	treated, reused := 300+(n*37)%90, 60+(n*13)%30
	r := w.day(t, code.DayOf(*w.now).Add(-n), "inflow", quoted("%d.4", treated+3), "treated", quoted("%d.1", treated), "reused", quoted("%d.3", reused),
		"discharged", quoted("%d.8", treated-reused-1), "sludgeQuantity", quoted("0.%d", 310+(n*7)%60), "reagents",
		fmt.Sprintf(`[{"reagent":"PAC","addedAt":"2026-11-20T09:00:00+08:00","quantity":"%d.6"}]`, treated/9),
		"readings", fmt.Sprintf(`[{"pollutant":"w01001","value":"7.%d"},{"pollutant":"w01018","value":"3%d.%d"}]`, n%10, n%9, n%7))
	if r.Odd {
		t.Fatalf("%d days ago was an ordinary day, and warns %v", n, r.Warnings)
	}
	return r
}

func quoted(format string, args ...any) string { return `"` + fmt.Sprintf(format, args...) + `"` }

func TestOddFilings(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.limit(t, "w01018", "", "80", "mg/L", "GB 21900-2008")
		for n := 24; n > 10; n-- {
			w.ordinary(t, n)
		}
		today := code.DayOf(*w.now)
		want := func(r ledger.Record, expected ...string) {
			t.Helper()
			if got := rules(r.Warnings); !slices.Equal(got, expected) {
				t.Errorf("%s warns %v, want %v", r.Day, got, expected)
			}
		}
		old := ok(w.svc.Get(w.Firm(w.BaoanA), w.ordinary(t, 10).ID))(t)
		in := w.input(w.BaoanA, old.Payload)
		in.Day, in.Slot = string(today.Add(-9)), ""
		copied := ok(w.svc.Create(w.Firm(w.BaoanA), "", in))(t)
		want(copied, "copiedPeriod")
		ok(w.svc.File(w.Firm(w.BaoanA), copied.ID, 0))(t)

		want(w.day(t, today.Add(-8), "sludgeQuantity", `"4.31"`, "treated", `"55555"`, "inflow", `"56012.4"`, "discharged", `"56010.5"`, "reused", `"0"`), "capacity", "repeatedDigits", "sludgeBalance")
		want(w.day(t, today.Add(-7), "inflow", `"400"`, "treated", `"300"`, "reused", `"100"`, "discharged", `"200"`, "sludgeQuantity", `"0.3"`), "roundNumbers")
		for _, n := range []int{6, 5} {
			want(w.day(t, today.Add(-n), "treated", quoted("40%d.7", n), "inflow", quoted("41%d.2", n), "sludgeQuantity", quoted("0.3%d", n), "readings", `[{"pollutant":"w01018","value":"80.0"}]`))
		}
		want(w.day(t, today.Add(-4), "treated", `"402.7"`, "sludgeQuantity", `"0.36"`, "readings", `[{"pollutant":"w01018","value":"80"}]`), "exactlyAtLimit")

		// The report puts the same entries through the same rules.
		report := ok(w.svc.Screen(w.Bureau(), nil))(t)
		hits := map[string]int64{}
		for _, r := range report.Rules {
			if r.Hits > 0 {
				hits[r.Rule] = r.Hits
			}
		}
		if expected := map[string]int64{"copiedPeriod": 1, "capacity": 1, "repeatedDigits": 1, "sludgeBalance": 1, "roundNumbers": 1, "exactlyAtLimit": 1}; !maps.Equal(hits, expected) {
			t.Errorf("the report finds %v, want %v", hits, expected)
		}
		if none := ok(w.svc.Screen(w.ParkManager(w.BaoanB), nil))(t); none.Entries != 0 {
			t.Errorf("another park reads %d entries", none.Entries)
		}
	})
}

func TestOddShifts(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		shift := func(n int, hours string) ledger.Record {
			in := w.input(w.BaoanA, content("treated", quoted("%d.3", 101+n*9), "runningHours", hours))
			in.RecordedAt = "2026-11-23T22:00:0" + fmt.Sprint(n) + "+08:00"
			return ok(w.svc.File(firm, ok(w.svc.Create(firm, "", in))(t).ID, 0))(t)
		}
		if got := rules(shift(1, `"9.5"`).Warnings); len(got) != 0 {
			t.Errorf("the first shift warns %v", got)
		}
		if got := rules(shift(2, `"8.5"`).Warnings); len(got) != 0 {
			t.Errorf("the second shift warns %v", got)
		}
		third := shift(3, `"6.5"`)
		if got := rules(third.Warnings); !slices.Equal(got, []string{"bulkEntry", "hoursOverDay"}) {
			t.Errorf("the third shift warns %v", got)
		}
		for _, v := range third.Warnings {
			if v.Code == "hoursOverDay" && v.Detail.Args["Hours"] != "24.5" {
				t.Errorf("the shifts run %v hours", v.Detail.Args["Hours"])
			}
		}
	})
}

// TestOddAgainstMonitoring looks from both sides: whichever is filed later is warned.
func TestOddAgainstMonitoring(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		sample := func(day code.Day, cod, ph string) ledger.Record {
			in := ledger.Input{ParkID: string(w.BaoanA.Park.ID), OutletID: string(w.BaoanA.Outlet.ID), Class: "monitoring.manual", Day: string(day), Slot: "1", RecordedAt: string(day) + "T11:00:00+08:00",
				Payload: []byte(`{"sampledAt":"` + string(day) + `T10:00:00+08:00","point":"总排口","method":"HJ 828-2017","instrument":"滴定管","frequency":"1次/月","sampling":"瞬时 3 个","productionCondition":"85%",
				"readings":[{"pollutant":"w01018","value":"` + cod + `"},{"pollutant":"w01001","value":"` + ph + `"}]}`)}
			return ok(w.svc.File(firm, ok(w.svc.Create(firm, "", in))(t).ID, 0))(t)
		}
		report := func(day code.Day, pairs ...string) ledger.Record {
			in := w.input(w.BaoanA, content(pairs...))
			in.Day, in.RecordedAt = string(day), string(day)+"T20:00:00+08:00"
			return ok(w.svc.File(firm, ok(w.svc.Create(firm, "", in))(t).ID, 0))(t)
		}
		sample("2026-11-20", "130.5", "7.3")
		if got := rules(report("2026-11-20").Warnings); !slices.Equal(got, []string{"monitoringDiffers"}) {
			t.Errorf("38.0 beside 130.5 warns %v", got)
		}
		report("2026-11-21", "treated", `"391"`)
		if got := rules(sample("2026-11-21", "30.1", "8.9").Warnings); !slices.Equal(got, []string{"monitoringDiffers"}) {
			t.Errorf("pH 8.9 beside 7.2 warns %v", got)
		}
		if got := rules(sample("2026-11-22", "30.7", "7.1").Warnings); len(got) != 0 {
			t.Errorf("a sample alone warns %v", got)
		}
		if got := rules(report("2026-11-22", "treated", `"377"`, "inflow", `"380"`).Warnings); len(got) != 0 {
			t.Errorf("38.0 beside 30.7 warns %v", got)
		}
	})
}

// TestOddListed: who may read the entry sees what was found, and nobody else.
func TestOddListed(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		for i := range 3 {
			r := w.day(t, code.DayOf(*w.now).Add(-i-1), "treated", quoted("40%d", i), "inflow", quoted("%d", (i+4)*11111))
			if i == 2 {
				again := ok(w.svc.Amend(firm, r.ID, "", 0, ledger.AmendInput{Reason: because.Reason, Payload: content("treated", `"402"`, "inflow", `"414.7"`)}))(t)
				if again = ok(w.svc.File(firm, again.ID, 0))(t); again.Odd {
					t.Errorf("put right, it warns %v", again.Warnings)
				}
			}
		}
		for who, c := range map[string]struct {
			ctx    context.Context
			filter ledger.Filter
			n      int
		}{
			"its park":          {w.ParkManager(w.BaoanA), ledger.Filter{Odd: true}, 3},
			"its district":      {w.Inspector("baoan"), ledger.Filter{Odd: true}, 3},
			"the firm":          {firm, ledger.Filter{Odd: true, State: string(ledger.Filed)}, 2},
			"another park":      {w.ParkManager(w.BaoanB), ledger.Filter{Odd: true}, 0},
			"another district":  {w.Inspector("dapeng"), ledger.Filter{Odd: true}, 0},
			"everything, whole": {w.Bureau(), ledger.Filter{}, 4},
		} {
			page := ok(w.svc.List(c.ctx, c.filter, models.Query{Limit: 50}))(t)
			if len(page.Items) != c.n {
				t.Errorf("%s sees %d odd entries, want %d", who, len(page.Items), c.n)
			}
			for _, r := range page.Items {
				if r.Odd != (len(r.Oddities) > 0) {
					t.Errorf("%s reads of %s: odd %v, %v", who, r.Number, r.Odd, r.Oddities)
				}
				if r.Odd && (len(r.Oddities) != 1 || r.Oddities[0].Rule != "repeatedDigits" || r.Oddities[0].Pointer != "/inflow" || r.Oddities[0].Says().Key == "") {
					t.Errorf("%s reads %+v", who, r.Oddities)
				}
			}
		}
	})
}

// TestOddInBatch: the entries of a batch are neighbours of each other, and of what is filed.
func TestOddInBatch(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		w.day(t, "2026-11-17", "treated", `"407"`)
		var in ledger.EntriesInput
		for i, treated := range []string{"407", "391", "391", "388"} {
			e := w.input(w.BaoanA, content("treated", quoted("%s", treated)))
			e.Day, e.Slot = string(code.Day("2026-11-18").Add(i)), ""
			e.RecordedAt = e.Day + "T20:00:00+08:00"
			in.Entries = append(in.Entries, ledger.EntryInput{Input: e, File: i != 3})
		}
		for i, r := range ok(w.svc.Batch(firm, in))(t) {
			odd := i == 0 || i == 2
			if got := rules(r.Record.Warnings); slices.Equal(got, []string{"copiedPeriod"}) != odd || r.Record.Odd != odd || len(r.Record.Oddities) > 0 != odd {
				t.Errorf("entry %d: warns %v, odd %v, %v", i, got, r.Record.Odd, r.Record.Oddities)
			}
			if kept := ok(w.svc.Get(firm, r.Record.ID))(t); kept.Odd != odd || len(kept.Oddities) > 0 != odd {
				t.Errorf("entry %d keeps odd %v, %v", i, kept.Odd, kept.Oddities)
			}
		}
	})
}

// TestOddRulesFitTheClasses: a rule names classes, fields and limits that are there.
func TestOddRulesFitTheClasses(t *testing.T) {
	for _, r := range ledger.OddRules().All {
		for _, name := range slices.Concat(r.Classes, r.With) {
			class, known := ledger.ClassOf(name)
			if !known {
				t.Errorf("%s names the class %s, which is not there", r.ID, name)
				continue
			}
			if slices.Contains(r.With, name) && !slices.Contains(r.Classes, name) {
				continue
			}
			for _, field := range append(slices.Clone(r.Fields), r.By) {
				field, _, _ = strings.Cut(field, ".")
				if field != "" && !slices.ContainsFunc(class.Fields, func(f ledger.Field) bool { return f.Name == field }) {
					t.Errorf("%s looks at %s of %s, which has no such field", r.ID, field, name)
				}
			}
		}
	}
}

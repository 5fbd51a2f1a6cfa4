package obligation_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models/obligation"
)

// A year with a leap day.
const yearStart, yearEnd = code.Day("2024-01-01"), code.Day("2024-12-31")

// record is one thing that a firm writes down, with the kind of gap that it leaves
// when it is taken out.
type record struct {
	kind      string // "" for one that is never taken out
	period    string // as the answer must name it: first and last day, shift
	pollutant string
	mark      obligation.Mark
}

// resident is a firm of the synthetic year: what decides its duties, and every
// record that they ask for, written out by hand and not by the engine.
type resident struct {
	estate  obligation.Estate
	records []record
}

// write adds a record about a period, filed on its last day or on the day after it.
func (r *resident) write(rng *rand.Rand, kind string, from, to, about code.Day, slot string) {
	period := fmt.Sprintf("%s %s %s", from, to, slot)
	on := about.Start().Add(time.Duration(17+rng.IntN(25)) * time.Hour)
	r.records = append(r.records, record{kind, period, "", obligation.Mark{Day: about.Number(), Slot: slot, At: on.Unix(), Standing: true}})
}

// days writes one record a day.
func (r *resident) days(rng *rand.Rand, kind string, from, to code.Day) {
	for d := from; d <= to; d = d.Add(1) {
		r.write(rng, kind, d, d, d, "")
	}
}

// profiles are the firms of a park, one of each.
var profiles = []func(*rand.Rand) resident{
	func(rng *rand.Rand) resident { // daily, shut down once, for the spring festival say
		first := code.Day("2024-04-01").Add(rng.IntN(100))
		last := first.Add(2 + rng.IntN(40))
		r := resident{estate: in("1次/日", stops(first, last))}
		r.days(rng, "a day", yearStart, "2024-02-28")
		r.days(rng, "the leap day", "2024-02-29", "2024-02-29")
		r.days(rng, "a day", "2024-03-01", first.Add(-1))
		r.days(rng, "first day of a shut-down", first, first)
		r.days(rng, "last day of a shut-down", last, last)
		r.days(rng, "a day", last.Add(1), yearEnd)
		return r
	},
	func(rng *rand.Rand) resident { // by the shift
		names := []string{"早班", "中班", "夜班"}
		r := resident{estate: in("每班1次", runs(obligation.Facts{Shifts: names}))}
		for d := yearStart; d <= yearEnd; d = d.Add(1) {
			for _, s := range names {
				r.write(rng, "a shift", d, d, d, s)
			}
		}
		return r
	},
	func(rng *rand.Rand) resident { // by the week: 2024 begins on a Monday, its last week ends in 2025
		r := resident{estate: in("每周1次")}
		for d := yearStart; d.Add(6) <= yearEnd; d = d.Add(7) {
			r.write(rng, "a week", d, d.Add(6), d.Add(rng.IntN(7)), "")
		}
		return r
	},
	func(rng *rand.Rand) resident { // by the month
		r := resident{estate: in("1次/月")}
		for m := 1; m <= 12; m++ {
			from, to := code.DayNumber(code.NumberOf(2024, m, 1)), code.DayNumber(code.NumberOf(2024, m+1, 1)-1)
			r.write(rng, "a month", from, to, from.Add(rng.IntN(28)), "")
		}
		return r
	},
	func(rng *rand.Rand) resident { // by the quarter
		r := resident{estate: in("1次/季")}
		for m := 1; m <= 12; m += 3 {
			from, to := code.DayNumber(code.NumberOf(2024, m, 1)), code.DayNumber(code.NumberOf(2024, m+3, 1)-1)
			r.write(rng, "a quarter", from, to, from.Add(rng.IntN(90)), "")
		}
		return r
	},
	func(rng *rand.Rand) resident { // a permit that begins and ends in the year
		from := code.Day("2024-02-01").Add(rng.IntN(60))
		to := from.Add(100 + rng.IntN(60))
		r := resident{estate: in("", permits(permit("A", from, to, "1次/日")))}
		r.days(rng, "first day of a permit", from, from)
		r.days(rng, "", from.Add(1), to.Add(-1))
		r.days(rng, "last day of a permit", to, to)
		return r
	},
	func(rng *rand.Rand) resident { // moves out in the middle of a month
		to := code.Day("2024-05-10").Add(rng.IntN(100))
		r := resident{estate: in("1次/日", lives(obligation.Tenancy{From: "2022-01-01", To: to}))}
		r.days(rng, "", yearStart, to.Add(-1))
		r.days(rng, "last day before a move", to, to)
		return r
	},
	func(rng *rand.Rand) resident { // moves in
		from := code.Day("2024-05-10").Add(rng.IntN(100))
		r := resident{estate: in("1次/日", lives(obligation.Tenancy{From: from}))}
		r.days(rng, "first day after a move", from, from)
		r.days(rng, "", from.Add(1), yearEnd)
		return r
	},
	func(rng *rand.Rand) resident { // monitors three pollutants, all in one entry a month
		r := resident{estate: in("", func(e *obligation.Estate) {
			e.Objects = []obligation.Object{{ID: "d", Outlet: true, Code: "DW001", Kind: "total"}}
			e.Permits[0].Terms[0].Rules = []obligation.Rule{{Class: "samples", Text: "按照HJ 819执行"}}
			for _, p := range []string{"w01018", "w21003", "w20122"} {
				e.Permits[0].Terms[0].Monitoring = append(e.Permits[0].Terms[0].Monitoring, obligation.Watch{Outlet: "DW001", Pollutant: p, Text: "1次/月"})
			}
		})}
		for m := 1; m <= 12; m++ {
			from, to := code.DayNumber(code.NumberOf(2024, m, 1)), code.DayNumber(code.NumberOf(2024, m+1, 1)-1)
			for _, p := range []string{"w01018", "w21003", "w20122"} {
				r.write(rng, "a pollutant of the plan", from, to, from.Add(14), "")
				r.records[len(r.records)-1].pollutant = p
			}
		}
		return r
	},
	func(rng *rand.Rand) resident { // twice a day
		r := resident{estate: in("2次/日")}
		for d := yearStart; d <= yearEnd; d = d.Add(1) {
			r.write(rng, "", d, d, d, "")
			r.write(rng, "the second of two", d, d, d, "")
		}
		return r
	},
	func(rng *rand.Rand) resident { // from monthly to daily in the middle of a month
		since := code.Day("2024-08-05").Add(rng.IntN(20))
		r := resident{estate: in("1次/月", func(e *obligation.Estate) {
			e.Permits[0].Terms = append(e.Permits[0].Terms, obligation.Terms{Since: since, InForce: true, Rules: []obligation.Rule{{Class: "water", Text: "1次/日"}}})
		})}
		for m := 1; m <= 7; m++ {
			from, to := code.DayNumber(code.NumberOf(2024, m, 1)), code.DayNumber(code.NumberOf(2024, m+1, 1)-1)
			r.write(rng, "", from, to, from.Add(3), "")
		}
		r.write(rng, "the month cut by a new wording", "2024-08-01", since.Add(-1), "2024-08-02", "")
		r.days(rng, "first day of a new wording", since, since)
		r.days(rng, "", since.Add(1), yearEnd)
		return r
	},
	func(rng *rand.Rand) resident { // by batches: nothing of it is ever missing
		r := resident{estate: in("1次/批次")}
		for range 20 {
			r.write(rng, "", "", "", yearStart.Add(rng.IntN(366)), "B")
		}
		return r
	},
	func(*rand.Rand) resident { // a registration receipt
		return resident{estate: in("", func(e *obligation.Estate) { e.Permits[0].Receipt = true })}
	},
}

// TestPlantedGaps: in a year of 31 parks with every record that is asked for,
// gaps of each kind are planted in some parks; the answer finds exactly these.
func TestPlantedGaps(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 2024)) //nolint:gosec // the same year each time
	planted := map[string]int{}
	asked := 0
	for park := range 31 {
		for n, profile := range profiles {
			firm := profile(rng)
			byKind := map[string][]int{}
			for i, r := range firm.records {
				if r.kind != "" {
					byKind[r.kind] = append(byKind[r.kind], i)
				}
			}
			gone := map[int]bool{}
			for _, kind := range slices.Sorted(maps.Keys(byKind)) {
				if rng.IntN(3) > 0 {
					continue
				}
				for range 1 + rng.IntN(3) {
					i := byKind[kind][rng.IntN(len(byKind[kind]))]
					if !gone[i] {
						gone[i] = true
						planted[kind]++
					}
				}
			}
			want := map[string]bool{}
			recorded := map[string][]obligation.Mark{}
			for i, r := range firm.records {
				if gone[i] {
					want[r.pollutant+" "+r.period] = true
					if rng.IntN(3) == 0 { // returned and never filed again is a gap too
						r.mark.Standing = false
						recorded[r.pollutant] = append(recorded[r.pollutant], r.mark)
					}
					continue
				}
				recorded[r.pollutant] = append(recorded[r.pollutant], r.mark)
			}
			got := map[string]bool{}
			for _, d := range obligation.Duties(firm.estate, classes[:2]) {
				for _, o := range d.Obligations(obligation.Window{From: yearStart, To: yearEnd}, recorded[d.Pollutant], code.Day("2025-03-01").Start()) {
					asked += o.Required
					switch o.State {
					case obligation.Missing:
						got[fmt.Sprintf("%s %s %s %s", o.Pollutant, o.From, o.To, o.Slot)] = true
					case obligation.Due, obligation.Late, obligation.Backfilled, obligation.Unclear:
						t.Errorf("park %d, firm %d: %s", park, n, told(o))
					}
				}
			}
			for gap := range want {
				if !got[gap] {
					t.Errorf("park %d, firm %d: the gap %q is not found", park, n, gap)
				}
			}
			for gap := range got {
				if !want[gap] {
					t.Errorf("park %d, firm %d: the gap %q is made up", park, n, gap)
				}
			}
		}
	}
	total := 0
	for _, kind := range slices.Sorted(maps.Keys(planted)) {
		total += planted[kind]
		t.Logf("%4d × %s", planted[kind], kind)
	}
	t.Logf("%d gaps of %d kinds among %d records that were asked for", total, len(planted), asked)
	if len(planted) < 12 {
		t.Errorf("gaps of %d kinds, want at least 12", len(planted))
	}
}

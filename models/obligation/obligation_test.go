package obligation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/obligation"
)

// in is an estate whose only facility is a works under one wording for two years.
func in(text string, change ...func(*obligation.Estate)) obligation.Estate {
	e := obligation.Estate{Place: models.Placed{SiteID: &site, ParkID: "p"}, Objects: []obligation.Object{works("2020-05-01")},
		Permits: []obligation.Permit{permit("A", "2023-01-01", "2027-12-31", text)}}
	for _, f := range change {
		f(&e)
	}
	return e
}

func stops(from, to code.Day) func(*obligation.Estate) {
	return func(e *obligation.Estate) {
		e.Stops = append(e.Stops, obligation.Stop{From: from, To: to, Reason: "设备检修"})
	}
}

func runs(f obligation.Facts) func(*obligation.Estate) {
	return func(e *obligation.Estate) { e.Objects[0].Modes[0].Facts = f }
}

func permits(all ...obligation.Permit) func(*obligation.Estate) {
	return func(e *obligation.Estate) { e.Permits = all }
}

func lives(all ...obligation.Tenancy) func(*obligation.Estate) {
	return func(e *obligation.Estate) { e.Tenancies = all }
}

// told writes an obligation in short: from to[/slot] state[ reason][ ×required][ by last day in time].
func told(o obligation.Obligation) string {
	var b strings.Builder
	b.WriteString(string(o.From[2:]))
	if o.To != o.From {
		b.WriteString(" to " + string(o.To[2:]))
	}
	if o.Slot != "" {
		b.WriteString(" " + o.Slot)
	}
	b.WriteString(" " + string(o.State))
	if o.Reason != "" {
		b.WriteString(" " + string(o.Reason))
	}
	if o.Required > 1 {
		fmt.Fprintf(&b, " ×%d", o.Required)
	}
	if o.DueAt != nil {
		b.WriteString(" by " + string(code.DayOf(o.DueAt.Add(-time.Second))[2:]))
	}
	return b.String()
}

func of(e obligation.Estate, class string) []*obligation.Duty {
	return slices.DeleteFunc(obligation.Duties(e, classes), func(d *obligation.Duty) bool { return d.Class != class })
}

var midday = 12 * time.Hour

// TestCalendar lays out what wordings ask for around the edges of everything that
// bounds them. Nothing is recorded, so that each line shows what is owed and until when.
func TestCalendar(t *testing.T) {
	threeShifts := obligation.Facts{Shifts: []string{"早班", "中班", "夜班"}}
	for _, c := range []struct {
		name     string
		estate   obligation.Estate
		from, to code.Day
		on       code.Day // asked at noon of that day
		want     []string
	}{
		{"daily, with the grace of the ledger", in("1次/日"), "2026-07-01", "", "2026-07-03",
			[]string{"26-07-01 missing by 26-07-02", "26-07-02 due by 26-07-03", "26-07-03 due by 26-07-04"}},
		{"the leap day is a day", in("1次/日"), "2024-02-28", "2024-03-01", "2024-04-01",
			[]string{"24-02-28 missing by 24-02-29", "24-02-29 missing by 24-03-01", "24-03-01 missing by 24-03-02"}},
		{"a month that ends on the leap day", in("1次/月"), "2024-02-01", "2024-03-31", "2024-03-01",
			[]string{"24-02-01 to 24-02-29 due by 24-03-01", "24-03-01 to 24-03-31 due by 24-04-01"}},
		{"weeks begin on Monday", in("每周1次"), "2026-07-01", "2026-07-12", "2026-07-08",
			[]string{"26-06-29 to 26-07-05 missing by 26-07-06", "26-07-06 to 26-07-12 due by 26-07-13"}},
		{"ten days", in("1次/旬"), "2026-02-01", "2026-03-10", "2026-03-20",
			[]string{"26-02-01 to 26-02-10 missing by 26-02-11", "26-02-11 to 26-02-20 missing by 26-02-21", "26-02-21 to 26-02-28 missing by 26-03-01", "26-03-01 to 26-03-10 missing by 26-03-11"}},
		{"ten days, seen from the last of them", in("1次/旬"), "2026-02-10", "2026-02-20", "2026-03-20",
			[]string{"26-02-01 to 26-02-10 missing by 26-02-11", "26-02-11 to 26-02-20 missing by 26-02-21"}},
		{"quarters, of which the last has begun", in("1次/季"), "2026-01-01", "", "2026-05-01",
			[]string{"26-01-01 to 26-03-31 missing by 26-04-01", "26-04-01 to 26-06-30 due by 26-07-01"}},
		{"half a year", in("1次/半年"), "2026-01-01", "", "2026-05-01", []string{"26-01-01 to 26-06-30 due by 26-07-01"}},
		{"once a year when nothing changed", in("未变化1次/年,变化时记录"), "2026-01-01", "", "2026-05-01", []string{"26-01-01 to 26-12-31 due by 27-01-01"}},
		{"every second week from the permit's first", in("1次/2周"), "2023-01-01", "2023-01-31", "2023-02-10",
			[]string{"23-01-01 to 23-01-08 missing by 23-01-09", "23-01-09 to 23-01-22 missing by 23-01-23"}},
		{"twice a day", in("2次/日"), "2026-07-01", "2026-07-01", "2026-07-02", []string{"26-07-01 due ×2 by 26-07-02"}},
		{"each shift has its own", in("每班1次", runs(threeShifts)), "2026-07-01", "2026-07-01", "2026-07-02",
			[]string{"26-07-01 早班 due by 26-07-02", "26-07-01 中班 due by 26-07-02", "26-07-01 夜班 due by 26-07-02"}},
		{"shifts that nobody registered: one a day at least", in("每班1次"), "2026-07-01", "2026-07-01", "2026-07-02", []string{"26-07-01 due by 26-07-02"}},
		{"a day or a batch: the day", in("1次/日或批次"), "2026-07-01", "2026-07-01", "2026-07-02", []string{"26-07-01 due by 26-07-02"}},
		{"a day or a batch, run in batches", in("1次/日或批次", runs(obligation.Facts{Operation: obligation.Batchwise})), "2026-07-01", "2026-07-31", "2026-07-02",
			[]string{"26-07-01 to 26-07-31 eventDriven"}},
		{"a day or a month: the month is enough", in("1次/日或1次/月"), "2026-07-01", "2026-07-31", "2026-07-02", []string{"26-07-01 to 26-07-31 due by 26-08-01"}},
		{"two things of one record, of which one is daily", in("产品产量:1次/日;用电量:1次/月"), "2026-07-01", "2026-07-01", "2026-07-02", []string{"26-07-01 due by 26-07-02"}},
		{"by the batch", in("1次/批次"), "2026-07-01", "2026-08-31", "2026-09-02", []string{"26-07-01 to 26-07-31 eventDriven", "26-08-01 to 26-08-31 eventDriven"}},
		{"a cycle of half a day is a day", in("1次/周期;周期小于1天的按日", runs(obligation.Facts{Operation: obligation.Batchwise, CycleHours: 12})), "2026-07-01", "2026-07-01", "2026-07-02",
			[]string{"26-07-01 due by 26-07-02"}},
		{"a cycle of three days is not", in("1次/周期;周期小于1天的按日", runs(obligation.Facts{Operation: obligation.Batchwise, CycleHours: 72})), "2026-07-01", "2026-07-31", "2026-07-02",
			[]string{"26-07-01 to 26-07-31 eventDriven"}},
		{"a cycle that nobody registered is not guessed", in("1次/周期;周期小于1天的按日"), "2026-07-01", "2026-07-31", "2026-07-02", []string{"26-07-01 to 26-07-31 eventDriven"}},
		{"by the stretch of a condition", in("1次/工况期"), "2026-07-01", "2026-07-31", "2026-07-02", []string{"26-07-01 to 26-07-31 eventDriven"}},
		{"words that nobody understands", in("看情况"), "2026-07-01", "2026-07-31", "2026-07-02", []string{"26-07-01 to 26-07-31 unclear"}},
		{"see another document", in("按照HJ 819执行"), "2026-07-01", "2026-07-31", "2026-07-02", []string{"26-07-01 to 26-07-31 unclear"}},
		{"working days around a holiday and the Sunday worked for it", in("每工作日1次"), "2026-05-08", "2026-05-11", "2026-05-20",
			[]string{"26-05-08 missing by 26-05-09", "26-05-09 missing by 26-05-10", "26-05-10 excused dayOff", "26-05-11 missing by 26-05-12"}},
		{"working days of a year that is not announced", in("每工作日1次"), "2027-01-04", "2027-01-04", "2027-01-20", []string{"27-01-04 unclear"}},
		{"the permit's own grace", in("1次/月", func(e *obligation.Estate) { e.Permits[0].Terms[0].Rules[0].Grace = ref(15) }), "2026-06-01", "2026-06-30", "2026-07-15",
			[]string{"26-06-01 to 26-06-30 due by 26-07-15"}},
		{"a last day that moves to a working day", in("1次/月", func(e *obligation.Estate) {
			e.Permits[0].Terms[0].Rules[0].Grace, e.Permits[0].Terms[0].Rules[0].Workday = ref(3), true
		}), "2026-09-01", "2026-09-30", "2026-10-05", []string{"26-09-01 to 26-09-30 due by 26-10-08"}},

		{"a shut-down: its first and last day are recorded", in("1次/日", stops("2026-07-02", "2026-07-05")), "2026-07-01", "2026-07-06", "2026-07-20",
			[]string{"26-07-01 missing by 26-07-02", "26-07-02 missing by 26-07-03", "26-07-03 excused shutDown", "26-07-04 excused shutDown", "26-07-05 missing by 26-07-06", "26-07-06 missing by 26-07-07"}},
		{"a shut-down of one day excuses nothing", in("1次/日", stops("2026-07-02", "2026-07-02")), "2026-07-02", "2026-07-02", "2026-07-02", []string{"26-07-02 due by 26-07-03"}},
		{"a shut-down of two days neither", in("1次/日", stops("2026-07-02", "2026-07-03")), "2026-07-02", "2026-07-03", "2026-07-03", []string{"26-07-02 due by 26-07-03", "26-07-03 due by 26-07-04"}},
		{"a shut-down that lasts", in("1次/日", stops("2026-07-02", "")), "2026-07-02", "2026-07-04", "2026-07-10",
			[]string{"26-07-02 missing by 26-07-03", "26-07-03 excused shutDown", "26-07-04 excused shutDown"}},
		{"two shut-downs that overlap", in("1次/日", stops("2026-07-01", "2026-07-03"), stops("2026-07-02", "2026-07-05")), "2026-07-01", "2026-07-05", "2026-07-05",
			[]string{"26-07-01 missing by 26-07-02", "26-07-02 excused shutDown", "26-07-03 excused shutDown", "26-07-04 excused shutDown", "26-07-05 due by 26-07-06"}},
		{"on the edge of a shut-down one record stands for all shifts", in("每班1次", runs(threeShifts), stops("2026-07-02", "2026-07-04")), "2026-07-02", "2026-07-03", "2026-07-03",
			[]string{"26-07-02 due by 26-07-03", "26-07-03 excused shutDown"}},
		{"a week that is shut down whole, and one in part", in("每周1次", stops("2026-06-28", "2026-07-08")), "2026-06-29", "2026-07-12", "2026-07-08",
			[]string{"26-06-29 to 26-07-05 excused shutDown", "26-07-06 to 26-07-12 due by 26-07-13"}},
		{"a shut-down of another facility", in("1次/日", func(e *obligation.Estate) {
			e.Stops = []obligation.Stop{{Facility: ref(models.ID("other")), From: "2026-07-01", To: "2026-07-31"}}
		}), "2026-07-02", "2026-07-02", "2026-07-02", []string{"26-07-02 due by 26-07-03"}},

		{"the first and the last day of a permit", in("", permits(permit("A", "2026-03-30", "2026-04-01", "1次/日"))), "2026-01-01", "2026-12-31", "2027-01-20",
			[]string{"26-01-01 to 26-03-29 excused beforePermit", "26-03-30 missing by 26-03-31", "26-03-31 missing by 26-04-01", "26-04-01 missing by 26-04-02", "26-04-02 to 26-12-31 excused permitExpired"}},
		{"a permit of one day", in("", permits(permit("A", "2026-03-30", "2026-03-30", "1次/日"))), "2026-03-01", "2026-12-31", "2027-01-20",
			[]string{"26-01-01 to 26-03-29 excused beforePermit", "26-03-30 missing by 26-03-31", "26-03-31 to 26-12-31 excused permitExpired"}},
		{"renewal with the same wording cuts no month", in("", permits(permit("A", "2021-06-15", "2026-06-14", "1次/月"), permit("B", "2026-06-15", "2031-06-14", "1次/月"))), "2026-06-01", "2026-06-30", "2026-06-20",
			[]string{"26-06-01 to 26-06-30 due by 26-07-01"}},
		{"renewal with another wording", in("", permits(permit("A", "2021-06-15", "2026-06-14", "1次/月"), permit("B", "2026-06-15", "2031-06-14", "1次/周"))), "2026-06-01", "2026-06-28", "2026-06-25",
			[]string{"26-06-01 to 26-06-14 missing by 26-06-15", "26-06-15 to 26-06-21 missing by 26-06-22", "26-06-22 to 26-06-28 due by 26-06-29"}},
		{"days between two permits", in("", permits(permit("A", "2021-06-15", "2026-06-14", "1次/日"), permit("B", "2026-06-17", "2031-06-14", "1次/日"))), "2026-06-14", "2026-06-17", "2026-06-17",
			[]string{"26-06-14 missing by 26-06-15", "26-06-15 excused permitExpired", "26-06-16 excused permitExpired", "26-06-17 due by 26-06-18"}},
		{"a permit that goes over to another firm", in("1次/日", func(e *obligation.Estate) { e.Permits[0].ClosedOn = "2026-07-03" }), "2026-07-01", "2026-12-31", "2027-01-20",
			[]string{"26-07-01 missing by 26-07-02", "26-07-02 missing by 26-07-03", "26-07-03 to 26-12-31 excused permitEnded"}},
		{"two permits of the same day: the one issued last counts", in("", permits(permit("A", "2021-06-15", "2026-08-14", "1次/月"), permit("B", "2026-07-01", "2031-06-14", "1次/日"))), "2026-06-01", "2026-07-02", "2026-07-02",
			[]string{"26-06-01 to 26-06-30 missing by 26-07-01", "26-07-01 due by 26-07-02", "26-07-02 due by 26-07-03"}},
		{"a change of wording from the day it was registered", in("1次/月", func(e *obligation.Estate) {
			e.Permits[0].Terms = append(e.Permits[0].Terms, obligation.Terms{Since: "2026-07-11", InForce: true, Rules: []obligation.Rule{{Class: "water", Text: "1次/日"}}})
		}), "2026-07-01", "2026-07-12", "2026-07-12", []string{"26-07-01 to 26-07-10 missing by 26-07-11", "26-07-11 due by 26-07-12", "26-07-12 due by 26-07-13"}},
		{"a registration receipt", in("", func(e *obligation.Estate) { e.Permits[0].Receipt = true }), "2026-01-01", "2026-12-31", "2027-01-20", []string{"26-01-01 to 26-12-31 excused registeredOnly"}},
		{"a permit that is only applied for", in("1次/日", func(e *obligation.Estate) { e.Permits[0].Terms[0].InForce, e.Permits[0].Terms[0].Applied = false, true }), "2026-01-01", "2026-12-31", "2027-01-20",
			[]string{"26-01-01 to 26-12-31 excused beforePermit"}},
		{"a permit that is withdrawn", in("1次/日", func(e *obligation.Estate) {
			e.Permits[0].Terms = append(e.Permits[0].Terms, obligation.Terms{Since: "2026-07-02"})
		}), "2026-07-01", "2026-12-31", "2027-01-20", []string{"26-07-01 missing by 26-07-02", "26-07-02 to 26-12-31 excused permitEnded"}},
		{"a permit that asks for other records only", in("1次/日", func(e *obligation.Estate) { e.Permits[0].Terms[0].Rules[0].Object = "TW009" }), "2026-01-01", "2026-12-31", "2027-01-20",
			[]string{"26-01-01 to 26-12-31 excused notRequired"}},
		{"a permit whose wordings nobody has entered: the standard", in("", func(e *obligation.Estate) { e.Permits[0].Terms[0].Rules = nil }), "2026-07-01", "2026-07-01", "2026-07-01", []string{"26-07-01 due by 26-07-02"}},

		{"the first and the last day of a tenancy", in("1次/日", lives(obligation.Tenancy{From: "2026-03-30", To: "2026-04-01"})), "2026-01-01", "2026-12-31", "2027-01-20",
			[]string{"26-01-01 to 26-03-29 excused beforeMoveIn", "26-03-30 missing by 26-03-31", "26-03-31 missing by 26-04-01", "26-04-01 missing by 26-04-02", "26-04-02 to 26-12-31 excused movedOut"}},
		{"two units, one after the other", in("1次/月", lives(obligation.Tenancy{From: "2026-03-01", To: "2026-06-14"}, obligation.Tenancy{From: "2026-06-10"})), "2026-06-01", "2026-06-30", "2026-06-20",
			[]string{"26-06-01 to 26-06-30 due by 26-07-01"}},
		{"a move in the middle of the month, where it came from", in("1次/月", func(e *obligation.Estate) { e.ClosedOn = "2026-06-11" }), "2026-06-01", "2026-12-31", "2027-01-20",
			[]string{"26-06-01 to 26-06-10 missing by 26-06-11", "26-06-11 to 26-12-31 excused movedOut"}},
		{"a firm that left and came back", in("1次/日", func(e *obligation.Estate) { e.Away = []obligation.Away{{From: "2026-07-02", To: "2026-07-03"}} }), "2026-07-01", "2026-07-04", "2026-07-20",
			[]string{"26-07-01 missing by 26-07-02", "26-07-02 excused movedOut", "26-07-03 excused movedOut", "26-07-04 missing by 26-07-05"}},
		{"a move in the middle of the month, where it went", in("1次/月", lives(obligation.Tenancy{From: "2026-06-11"})), "2026-06-01", "2026-06-30", "2026-06-30",
			[]string{"26-01-01 to 26-06-10 excused beforeMoveIn", "26-06-11 to 26-06-30 due by 26-07-01"}},

		{"a facility from its first to its last day", in("1次/日", func(e *obligation.Estate) { e.Objects[0].From, e.Objects[0].ClosedOn = "2026-07-01", "2026-07-03" }), "2026-01-01", "2026-12-31", "2027-01-20",
			[]string{"26-01-01 to 26-06-30 excused notBuilt", "26-07-01 missing by 26-07-02", "26-07-02 missing by 26-07-03", "26-07-03 to 26-12-31 excused facilityClosed"}},
		{"a facility that is out of use for two days", in("1次/日", func(e *obligation.Estate) {
			e.Objects[0].Modes = append(e.Objects[0].Modes, obligation.Mode{Since: "2026-07-02"}, obligation.Mode{Since: "2026-07-04", InUse: true})
		}), "2026-07-01", "2026-07-04", "2026-07-04",
			[]string{"26-07-01 missing by 26-07-02", "26-07-02 excused notInUse", "26-07-03 excused notInUse", "26-07-04 due by 26-07-05"}},
		{"works of the park itself: only they can be shut down, not the park", obligation.Estate{Place: models.Placed{ParkID: "p"}, Objects: []obligation.Object{works("2026-06-01")},
			Stops: []obligation.Stop{{From: "2026-06-20", To: "2026-07-20"}, {Facility: ref(works("").ID), From: "2026-07-01", To: "2026-07-03"}}}, "2026-07-01", "2026-07-03", "2026-07-03",
			[]string{"26-07-01 missing by 26-07-02", "26-07-02 excused shutDown", "26-07-03 due by 26-07-04"}},
		{"works of the park itself: the standard", obligation.Estate{Place: models.Placed{ParkID: "p"}, Objects: []obligation.Object{works("2026-07-01")}}, "2026-07-01", "2026-07-01", "2026-07-01",
			[]string{"26-07-01 due by 26-07-02"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			duties := of(c.estate, "water")
			if c.name == "a permit that asks for other records only" {
				duties = slices.DeleteFunc(duties, func(d *obligation.Duty) bool { return d.Object == nil })
			}
			if len(duties) != 1 {
				t.Fatalf("%d duties, want one", len(duties))
			}
			var got []string
			for _, o := range duties[0].Obligations(obligation.Window{From: c.from, To: c.to}, nil, c.on.Start().Add(midday)) {
				got = append(got, told(o))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func ref[T any](v T) *T { return &v }

// filed is an entry about a day that stands, filed at a moment of another day.
func filed(day, on code.Day, clock string, slot ...string) obligation.Mark {
	at, err := time.Parse("2006-01-02T15:04:05Z07:00", string(on)+"T"+clock+"+08:00")
	if err != nil {
		panic(err)
	}
	return obligation.Mark{Day: day.Number(), Slot: strings.Join(slot, ""), At: at.Unix(), Standing: true}
}

// TestJudgement is what entries make of a period, to the second.
func TestJudgement(t *testing.T) {
	threeShifts := obligation.Facts{Shifts: []string{"早班", "中班", "夜班"}}
	returned := filed("2026-07-01", "2026-07-01", "18:00:00")
	returned.Standing, returned.State = false, "returned"
	for _, c := range []struct {
		name   string
		estate obligation.Estate
		marks  []obligation.Mark
		want   string // state and records of each period of the window, 2026-07-01 alone
	}{
		{"on the day", in("1次/日"), []obligation.Mark{filed("2026-07-01", "2026-07-01", "20:00:00")}, "onTime 1"},
		{"in the last second of the grace", in("1次/日"), []obligation.Mark{filed("2026-07-01", "2026-07-02", "23:59:59")}, "onTime 1"},
		{"in the first second after it", in("1次/日"), []obligation.Mark{filed("2026-07-01", "2026-07-03", "00:00:00")}, "late 1"},
		{"in the last second before it is filled in afterwards", in("1次/日"), []obligation.Mark{filed("2026-07-01", "2026-07-04", "23:59:59")}, "late 1"},
		{"in the first second after that", in("1次/日"), []obligation.Mark{filed("2026-07-01", "2026-07-05", "00:00:00")}, "backfilled 1"},
		{"about the day before", in("1次/日"), []obligation.Mark{filed("2026-06-30", "2026-07-01", "08:00:00")}, "missing 0"},
		{"two about one day are not one too many", in("1次/日"), []obligation.Mark{filed("2026-07-01", "2026-07-09", "08:00:00", "2"), filed("2026-07-01", "2026-07-01", "20:00:00")}, "onTime 2"},
		{"one of two a day", in("2次/日"), []obligation.Mark{filed("2026-07-01", "2026-07-01", "20:00:00")}, "missing 1"},
		{"the second of two a day decides", in("2次/日"), []obligation.Mark{filed("2026-07-01", "2026-07-03", "20:00:00", "2"), filed("2026-07-01", "2026-07-01", "20:00:00")}, "late 2"},
		{"returned and not filed again", in("1次/日"), []obligation.Mark{returned}, "missing 0"},
		{"shifts by their names", in("每班1次", runs(threeShifts)), []obligation.Mark{filed("2026-07-01", "2026-07-02", "08:00:00", "夜班"), filed("2026-07-01", "2026-07-01", "20:00:00", "早班")}, "onTime 1, missing 0, onTime 1"},
		{"a shift that names none takes the first free one", in("每班1次", runs(threeShifts)), []obligation.Mark{filed("2026-07-01", "2026-07-01", "08:00:00", "早班"), filed("2026-07-01", "2026-07-03", "20:00:00", "A")}, "onTime 1, late 1, missing 0"},
		{"a draft takes no shift from a record", in("每班1次", runs(threeShifts)), []obligation.Mark{{Day: returned.Day}, filed("2026-07-01", "2026-07-01", "20:00:00", "x")}, "onTime 1, missing 0, missing 0"},
		{"four shifts in three", in("每班1次", runs(threeShifts)), []obligation.Mark{filed("2026-07-01", "2026-07-01", "08:00:00", "1"), filed("2026-07-01", "2026-07-01", "09:00:00", "2"),
			filed("2026-07-01", "2026-07-01", "10:00:00", "3"), filed("2026-07-01", "2026-07-01", "11:00:00", "4")}, "onTime 1, onTime 1, onTime 1"},
		{"one record on the first day of a shut-down", in("每班1次", runs(threeShifts), stops("2026-07-01", "")), []obligation.Mark{filed("2026-07-01", "2026-07-01", "08:00:00", "中班")}, "onTime 1"},
		{"batches are counted", in("1次/批次", func(e *obligation.Estate) { e.Permits[0].IssuedOn, e.Permits[0].ValidTo = "2026-07-01", "2026-07-01" }), []obligation.Mark{filed("2026-07-01", "2026-07-20", "08:00:00", "B1"), filed("2026-07-01", "2026-07-01", "09:00:00", "B2")}, "eventDriven 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, o := range of(c.estate, "water")[0].Obligations(obligation.Window{From: "2026-07-01", To: "2026-07-01"}, c.marks, code.Day("2026-09-01").Start()) {
				got = append(got, fmt.Sprintf("%s %d", o.State, o.Filed))
			}
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
		})
	}
}

// TestMonitoringPlan: each line of the plan is a duty of its outlet and pollutant,
// and a rule that only points to the plan adds none.
func TestMonitoringPlan(t *testing.T) {
	e := in("1次/日", func(e *obligation.Estate) {
		e.Objects = append(e.Objects, obligation.Object{ID: "0190a000-0000-7000-8000-00000000d001", Outlet: true, Code: "DW001", Kind: "total"},
			obligation.Object{ID: "0190a000-0000-7000-8000-00000000d002", Outlet: true, Code: "YS001", Kind: "rain"})
		terms := &e.Permits[0].Terms[0]
		terms.Rules = append(terms.Rules, obligation.Rule{Class: "samples", Text: "按照HJ 819执行"}, obligation.Rule{Class: "basic", Text: "未变化1次/年,变化时记录"})
		terms.Monitoring = []obligation.Watch{{"DW001", "w01018", "1次/月"}, {"DW001", "w21003", "自动监测"}, {"DW001", "w20122", "1次/季"}, {"DW009", "w01018", "1次/月"}}
	})
	var got []string
	for _, d := range obligation.Duties(e, classes) {
		for _, o := range d.Obligations(obligation.Window{From: "2026-06-30", To: "2026-12-31"}, nil, code.Day("2026-07-15").Start()) {
			if o.Class != "water" {
				got = append(got, o.Class+" "+o.Pollutant+" "+told(o))
			}
		}
	}
	want := []string{"basic  26-01-01 to 26-12-31 due by 27-01-01", "samples w01018 26-06-01 to 26-06-30 missing by 26-07-01", "samples w01018 26-07-01 to 26-07-31 due by 26-08-01",
		"samples w20122 26-04-01 to 26-06-30 missing by 26-07-01", "samples w20122 26-07-01 to 26-09-30 due by 26-10-01", "samples w21003 26-01-01 to 26-12-31 excused automatic"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestNobodyHasIt: a rule about a facility that nobody registered, or for a class
// that nobody knows, is shown, and nobody is said to have missed it.
func TestNobodyHasIt(t *testing.T) {
	for _, r := range []obligation.Rule{{Class: "water", Object: "TW009", Text: "1次/日"}, {Class: "unheard", Text: "1次/日"}} {
		e := in("1次/日", func(e *obligation.Estate) { e.Permits[0].Terms[0].Rules = []obligation.Rule{r} })
		var got []string
		for _, d := range of(e, r.Class) {
			if d.Object == nil {
				for _, o := range d.Obligations(obligation.Window{From: "2026-06-30", To: "2026-06-30"}, nil, code.Day("2026-07-15").Start()) {
					got = append(got, told(o))
				}
			}
		}
		if want := []string{"26-06-01 to 26-06-30 unclear"}; !slices.Equal(got, want) {
			t.Errorf("%v: got %q, want %q", r, got, want)
		}
	}
}

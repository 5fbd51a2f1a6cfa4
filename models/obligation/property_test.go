package obligation_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/obligation"
)

// The classes of the tests: one of works, one of outlets by the plan, one of the site.
var classes = []obligation.Class{
	{Code: "water", NeedsWorks: true, Kinds: []string{"treatment", "central"}, Medium: "water", Text: "每日 1 次；许可证要求按班记录的，每班 1 次", Standard: true},
	{Code: "samples", NeedsDrain: true, ByPlan: true, Text: "按自行监测方案"},
	{Code: "basic", Text: "未发生变化的，每年 1 次；发生变化的，变化时记录"},
}

var site = models.ID("0190a000-0000-7000-8000-00000000515e")

// works is a treatment facility that was built on a day and has run since.
func works(from code.Day) obligation.Object {
	return obligation.Object{ID: "0190a000-0000-7000-8000-00000000fac1", Code: "TW001", Name: "综合废水处理设施", Kind: "treatment", Medium: "water", From: from,
		Modes: []obligation.Mode{{Since: from, InUse: true}}}
}

// permit is a permit whose only wording is about the water works.
func permit(number string, from, to code.Day, text string) obligation.Permit {
	return obligation.Permit{ID: models.ID(number), Number: number, IssuedOn: from, ValidTo: to,
		Terms: []obligation.Terms{{Since: from, InForce: true, Rules: []obligation.Rule{{Class: "water", Text: text}}}}}
}

var wordings = []string{"1次/日", "每班1次", "每周1次", "1次/旬", "1次/月", "2次/月", "1次/季", "1次/半年", "1次/年", "1次/日或批次", "1次/批次", "1次/2周", "每工作日1次", "2次/日", "看情况"}

// days are drawn around two years with a leap day between them.
var someDay = rapid.Custom(func(t *rapid.T) code.Day {
	return code.Day("2023-11-15").Add(rapid.IntRange(0, 500).Draw(t, "day"))
})

// someEstate is a site with a works, up to three tenancies, permits that leave
// gaps, overlap or change their wording, and shut-downs of every length.
var someEstate = rapid.Custom(func(t *rapid.T) obligation.Estate {
	e := obligation.Estate{Place: models.Placed{SiteID: &site, ParkID: "p"}}
	o := works(rapid.OneOf(rapid.Just(code.Day("2020-05-01")), someDay).Draw(t, "built"))
	if rapid.Bool().Draw(t, "shifts") {
		o.Modes[0].Facts.Shifts = []string{"早班", "中班", "夜班"}
	}
	if rapid.Bool().Draw(t, "rests") {
		o.Modes = append(o.Modes, obligation.Mode{Since: someDay.Draw(t, "out of use"), Facts: o.Modes[0].Facts}, obligation.Mode{Since: someDay.Draw(t, "in use"), InUse: true, Facts: o.Modes[0].Facts})
		slices.SortStableFunc(o.Modes, func(a, b obligation.Mode) int { return a.Since.Number() - b.Since.Number() })
	}
	if rapid.Bool().Draw(t, "closes") {
		o.ClosedOn = someDay.Draw(t, "closed")
	}
	e.Objects = []obligation.Object{o}
	for range rapid.SampledFrom([]int{0, 0, 1, 2, 3}).Draw(t, "tenancies") {
		from := someDay.Draw(t, "in")
		e.Tenancies = append(e.Tenancies, obligation.Tenancy{From: from, To: rapid.SampledFrom([]code.Day{"", from, from.Add(40), from.Add(200)}).Draw(t, "out")})
	}
	slices.SortFunc(e.Tenancies, func(a, b obligation.Tenancy) int { return a.From.Number() - b.From.Number() })
	for i := range rapid.SampledFrom([]int{0, 1, 1, 2, 3}).Draw(t, "permits") {
		from := someDay.Draw(t, "issued")
		p := permit(string(rune('A'+i)), from, from.Add(rapid.SampledFrom([]int{0, 9, 100, 400, 400}).Draw(t, "valid")), rapid.SampledFrom(wordings).Draw(t, "wording"))
		if rapid.Bool().Draw(t, "changes") {
			next := p.Terms[0]
			next.Since, next.Rules = from.Add(rapid.IntRange(1, 90).Draw(t, "change")), []obligation.Rule{{Class: "water", Text: rapid.SampledFrom(wordings).Draw(t, "new wording")}}
			p.Terms = append(p.Terms, next)
		}
		e.Permits = append(e.Permits, p)
	}
	for range rapid.IntRange(0, 3).Draw(t, "stops") {
		from := someDay.Draw(t, "stop")
		e.Stops = append(e.Stops, obligation.Stop{From: from, To: rapid.SampledFrom([]code.Day{"", from, from.Add(1), from.Add(2), from.Add(45)}).Draw(t, "start")})
	}
	if rapid.IntRange(0, 4).Draw(t, "leaves") == 0 {
		e.ClosedOn = someDay.Draw(t, "left")
	}
	return e
})

// whole is every period of a duty that ends in the years that the estates are about.
var whole = obligation.Window{From: "2023-01-01", To: "2026-12-31"}

var end = code.Day("2027-06-01").Start()

// TestPeriodsTile: whatever the estate, the periods of a duty meet end to end, and
// a window shows exactly those that end in it.
func TestPeriodsTile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := someEstate.Draw(t, "estate")
		from := someDay.Draw(t, "from")
		window := obligation.Window{From: from, To: from.Add(rapid.IntRange(0, 200).Draw(t, "length"))}
		for _, d := range obligation.Duties(e, classes) {
			all := d.Obligations(whole, nil, end)
			if len(all) == 0 || all[0].From > whole.From {
				t.Fatalf("%s: the calendar begins with a hole", d.Class)
			}
			for i := 1; i < len(all); i++ {
				before, now := all[i-1], all[i]
				same := before.From == now.From && before.To == now.To && before.Slot != now.Slot
				if !same && now.From != before.To.Add(1) {
					t.Fatalf("%s: %s to %s %q is followed by %s to %s %q", d.Class, before.From, before.To, before.Slot, now.From, now.To, now.Slot)
				}
				if now.To < now.From {
					t.Fatalf("%s: %s ends on %s", d.Class, now.From, now.To)
				}
			}
			var want []obligation.Obligation
			for _, o := range all {
				if window.From <= o.To && o.To <= window.To {
					want = append(want, o)
				}
			}
			got := d.Obligations(window, nil, end)
			if len(got) != len(want) {
				t.Fatalf("%s: %d periods in a window of the %d", d.Class, len(got), len(want))
			}
			for i := range got {
				if got[i].From != want[i].From || got[i].To != want[i].To || got[i].Slot != want[i].Slot || got[i].State != want[i].State || got[i].Reason != want[i].Reason {
					t.Fatalf("%s: a window tells %v of what is %v", d.Class, got[i], want[i])
				}
			}
		}
	})
}

// stands decides one day of a site the long way round: whether a record of the
// works is asked for at all.
func stands(e obligation.Estate, o obligation.Object, d code.Day) bool {
	in := len(e.Tenancies) == 0
	for _, t := range e.Tenancies {
		in = in || t.From <= d && (t.To == "" || d <= t.To)
	}
	running := false
	for i, m := range o.Modes {
		if i == 0 || m.Since <= d {
			running = m.InUse
		}
	}
	permitted := false
	for _, p := range e.Permits {
		permitted = permitted || p.IssuedOn <= d && d <= p.ValidTo
	}
	for _, s := range e.Stops {
		if s.From < d && (s.To == "" || d < s.To) {
			return false
		}
	}
	return in && running && permitted && (e.ClosedOn == "" || d < e.ClosedOn) && o.From <= d && (o.ClosedOn == "" || d < o.ClosedOn)
}

// TestNoDayIsLost: a day on which a record is asked for lies in a period that is
// not excused, and a period is excused only when none of its days asks for one.
func TestNoDayIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := someEstate.Draw(t, "estate")
		for _, d := range obligation.Duties(e, classes) {
			if d.Class != "water" {
				continue
			}
			for _, o := range d.Obligations(whole, nil, end) {
				asked := false
				for day := o.From; day <= o.To; day = day.Add(1) {
					work, err := code.IsWorkday(day)
					asked = asked || stands(e, *d.Object, day) && (o.Text != "每工作日1次" || err != nil || work)
				}
				if asked != (o.State != obligation.Excused) {
					t.Fatalf("%s to %s (%s) is %s %s; asked for: %v", o.From, o.To, o.Text, o.State, o.Reason, asked)
				}
			}
		}
	})
}

// TestTimePasses: as the instant asked about moves on, no period disappears, what
// was recorded stays recorded as it was, and what is missing can only be filled
// in late.
func TestTimePasses(t *testing.T) {
	after := map[obligation.State][]obligation.State{
		obligation.Due:     {obligation.Due, obligation.OnTime, obligation.Late, obligation.Backfilled, obligation.Missing},
		obligation.Missing: {obligation.Missing, obligation.Late, obligation.Backfilled},
	}
	rapid.Check(t, func(t *rapid.T) {
		e := someEstate.Draw(t, "estate")
		type filing struct {
			mark obligation.Mark
			at   time.Time
		}
		var filed []filing
		for range rapid.IntRange(0, 30).Draw(t, "filings") {
			day := someDay.Draw(t, "about")
			at := day.Start().Add(time.Duration(rapid.IntRange(0, 24*9).Draw(t, "hours")) * time.Hour)
			filed = append(filed, filing{obligation.Mark{Day: day.Number(), Slot: rapid.SampledFrom([]string{"", "早班", "夜班", "2"}).Draw(t, "slot"), At: at.Unix(), Standing: true}, at})
		}
		known := func(at time.Time) (out []obligation.Mark) {
			for _, f := range filed {
				if f.at.Before(at) {
					out = append(out, f.mark)
				}
			}
			return out
		}
		first := someDay.Draw(t, "first").Start().Add(13 * time.Hour)
		second := first.Add(time.Duration(rapid.IntRange(1, 24*60).Draw(t, "later")) * time.Hour)
		for _, d := range obligation.Duties(e, classes) {
			if d.Class != "water" {
				continue
			}
			a, b := d.Obligations(whole, known(first), first), d.Obligations(whole, known(second), second)
			if len(a) > len(b) {
				t.Fatalf("%d periods at %s, %d at %s", len(a), first, len(b), second)
			}
			for i, before := range a {
				now := b[i]
				if before.From != now.From || before.To != now.To || before.Slot != now.Slot {
					t.Fatalf("%s to %s %q became %s to %s %q", before.From, before.To, before.Slot, now.From, now.To, now.Slot)
				}
				may, moves := after[before.State]
				if !moves {
					may = []obligation.State{before.State}
				}
				if !slices.Contains(may, now.State) || before.Filed > now.Filed {
					t.Fatalf("%s to %s %q: %s with %d at %s became %s with %d", before.From, before.To, before.Slot, before.State, before.Filed, first, now.State, now.Filed)
				}
			}
		}
	})
}

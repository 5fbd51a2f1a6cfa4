package seed

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

// book is the ledger's part of the city.
type book struct {
	entries []ledger.Entry
	filings []filing
	steps   []ledger.Step
}

// filing is a filing with its numbers.
type filing struct {
	ledger.Filing
	items []ledger.Item
}

const (
	normalClass   = "treatmentFacility.wastewater"
	abnormalClass = "treatmentFacility.wastewater.abnormal"
)

// makeLedger writes the daily ledger of every works up to yesterday: most entries
// in time and accepted, some late, filled in afterwards, returned, amended or
// voided, some missing, some with a value over its limit and the cause.
//
// Every works has a generator of its own, so that they can be written side by
// side and still come out the same.
func (c *city) makeLedger() {
	parts := make([]*city, len(c.works))
	var wait sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := range next {
				parts[i] = c.fork(i)
				parts[i].ledgerOf(c.works[i])
			}
		})
	}
	for i := range c.works {
		next <- i
	}
	close(next)
	wait.Wait()
	for _, p := range parts {
		c.fail("ledger", p.failed)
		c.changes = append(c.changes, p.changes...)
		c.book.entries = append(c.book.entries, p.book.entries...)
		c.book.filings = append(c.book.filings, p.book.filings...)
		c.book.steps = append(c.book.steps, p.book.steps...)
	}
	// Rows go in by their keys: a database takes them several times as fast.
	slices.SortFunc(c.book.entries, func(a, b ledger.Entry) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(c.book.filings, func(a, b filing) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(c.book.steps, func(a, b ledger.Step) int { return cmp.Compare(a.ID, b.ID) })
	for i := range c.book.entries { // the ids are in the order in which the entries came
		c.book.entries[i].Number = c.number(models.LedgerNumber, c.book.entries[i].ReceivedAt)
	}
}

// fork is a generator for one works: the same city, its own choices.
func (c *city) fork(n int) *city {
	return &city{rng: rand.New(rand.NewPCG(citySeed1, citySeed2+1+uint64(n))), anchor: c.anchor, start: c.start, scale: c.scale} //nolint:gosec // made-up data, the same every time
}

// ledgerOf writes the ledger of one works.
func (c *city) ledgerOf(w *works) {
	shut := c.start.Add(c.between(20, 340)) // five days without operation and without entries
	for day := w.since; day < c.anchor; day = day.Add(1) {
		if day >= shut && day < shut.Add(5) || c.chance(3) {
			continue
		}
		c.dayOf(w, day)
	}
}

// number is the next number of a kind in the year of an instant.
func (c *city) number(kind models.NumberKind, at time.Time) string {
	year := yearOf(code.DayOf(at))
	k := numberOf{kind, year}
	c.numbers[k]++
	return fmt.Sprintf("%s-%04d-%06d", kind, year, c.numbers[k])
}

type numberOf struct {
	kind models.NumberKind
	year int
}

// dayOf writes what became of one day of a works.
func (c *city) dayOf(w *works, day code.Day) {
	var filed time.Time
	switch n := c.rng.IntN(100); {
	case n < 76:
		filed = c.at(day, c.between(18, 22))
	case n < 92:
		filed = c.at(day.Add(1), c.between(8, 11))
	case n < 97:
		filed = c.at(day.Add(c.between(2, 3)), 10) // late
	default:
		filed = c.at(day.Add(c.between(5, 12)), 15) // filled in afterwards
	}
	over := c.rng.IntN(1000) < 8
	said := c.daily(w, day, over)
	b, ok := c.file(w, normalClass, day, "", filed, encoded(c, said))
	if !ok {
		return
	}
	c.entryLife(w, b)
	if !over {
		c.sample(w, day, filed, said.Readings)
	}
	if over && c.chance(60) {
		if b, ok := c.file(w, abnormalClass, day, "1", filed.Add(7*time.Minute), c.abnormal(w, day)); ok {
			c.keep(b.Entry, b)
		}
	}
}

// file builds one filed entry; false when it would be filed today or later.
func (c *city) file(w *works, class string, day code.Day, slot string, filed time.Time, payload []byte) (ledger.Built, bool) {
	if code.DayOf(filed) >= c.anchor {
		return ledger.Built{}, false
	}
	b, err := ledger.Build(c.bulk(w, class, day, slot, filed, payload))
	c.fail("ledger entry", err)
	if err != nil {
		return b, false
	}
	c.change(b.Filed(policies.LedgerFile), *b.Entry.ChangeID, w.filer, filed)
	return b, true
}

func (c *city) bulk(w *works, class string, day code.Day, slot string, filed time.Time, payload []byte) ledger.Bulk {
	seen := filed.Add(-time.Duration(c.between(1, 20)) * time.Minute)
	in := ledger.Bulk{ID: c.id(seen), FilingID: c.id(filed), StepID: c.id(filed), ChangeID: c.id(filed), Class: class, Place: w.facility.Placed, FacilityID: &w.facility.ID, OutletID: &w.outlet.ID,
		Day: day, Slot: slot, Payload: payload, Capacity: w.facility.Capacity, CapacityUnit: w.facility.CapacityUnit, RecordedAt: seen, ReceivedAt: seen, FiledAt: filed,
		Person: w.filer, As: w.filedAs, Demo: true}
	if class == monitoringClass { // is about the outlet
		in.FacilityID, in.Capacity, in.CapacityUnit = nil, "", ""
	}
	return in
}

// entryLife lets an entry be accepted, returned and filed again, amended or voided.
func (c *city) entryLife(w *works, b ledger.Built) {
	e, filed := b.Entry, *b.Entry.FiledAt
	fate := c.rng.IntN(1000)
	if fate < 4 {
		if after, ok := c.moved(e, ledger.Voided, "示例：重复填报，作废本条", c.past(c.later(filed, 1), w.filer, w.filedAs)); ok {
			e = after
		}
		c.keep(e, b)
		return
	}
	if fate < 16 {
		back, ok := c.moved(e, ledger.Returned, "示例：排放量与流量计读数不一致，核对后重报", c.past(c.later(filed, 1), w.accepter, w.acceptedAs))
		if !ok {
			c.keep(e, b)
			return
		}
		at := c.later(back.UpdatedAt, 1)
		if code.DayOf(at) >= c.anchor || fate < 6 {
			c.keep(back, b)
			return
		}
		c.keepRows(b)
		b.Entry = back
		p := c.past(at, w.filer, w.filedAs)
		again, err := b.Refile(c.id(at), p)
		c.fail("ledger entry", err)
		c.change(again.Filed(policies.LedgerFile), p.ChangeID, w.filer, at)
		b, e, filed = again, again.Entry, at
	}
	if c.chance(97) {
		if after, ok := c.moved(e, ledger.Accepted, "", c.past(c.later(filed, 3), w.accepter, w.acceptedAs)); ok {
			e = after
		}
	}
	if fate > 994 {
		at := c.later(e.UpdatedAt, 2)
		if code.DayOf(at) < c.anchor {
			in := c.bulk(w, e.Class, e.Day, e.Slot, at, encoded(c, c.daily(w, e.Day, false)))
			n, old, step, err := ledger.BuildAmendment(in, e, "示例：流量计校准后更正水量", c.id(at))
			c.fail("ledger entry", err)
			c.change(n.Filed(policies.LedgerFile), in.ChangeID, w.filer, at)
			c.book.steps = append(c.book.steps, step)
			c.keep(n.Entry, n)
			e = old
		}
	}
	c.keep(e, b)
}

// later is an instant one to most days after t, in office hours.
func (c *city) later(t time.Time, most int) time.Time {
	return c.at(code.DayOf(t).Add(c.between(1, most)), c.between(9, 16))
}

func (c *city) past(at time.Time, person models.ID, as policies.Organisation) ledger.Past {
	return ledger.Past{At: at, Person: person, As: as, StepID: c.id(at), ChangeID: c.id(at)}
}

// moved makes a move unless it would fall on today or later.
func (c *city) moved(e ledger.Entry, to ledger.State, reason string, by ledger.Past) (ledger.Entry, bool) {
	if code.DayOf(by.At) >= c.anchor {
		return e, false
	}
	after, step, ev, err := e.Moved(to, reason, by)
	c.fail("ledger entry", err)
	c.book.steps = append(c.book.steps, step)
	c.change(ev, by.ChangeID, by.Person, by.At)
	return after, err == nil
}

// keep stores an entry as it stands with the rows of its last filing.
func (c *city) keep(e ledger.Entry, b ledger.Built) {
	c.book.entries = append(c.book.entries, e)
	c.keepRows(b)
}

func (c *city) keepRows(b ledger.Built) {
	c.book.filings = append(c.book.filings, filing{b.Filing, b.Items})
	c.book.steps = append(c.book.steps, b.Step)
}

// change adds a write of history to the log.
func (c *city) change(e audit.Event, id, actor models.ID, at time.Time) {
	row, err := audit.ChangeOf(e, id, actor, at)
	c.fail("change", err)
	c.changes = append(c.changes, row)
}

type reading struct {
	Pollutant string `json:"pollutant"`
	Value     string `json:"value"`
}

type dailyPayload struct {
	Normal           bool      `json:"normal"`
	StartAt          string    `json:"startAt"`
	EndAt            string    `json:"endAt"`
	Inflow           string    `json:"inflow"`
	Treated          string    `json:"treated"`
	Reused           string    `json:"reused"`
	Discharged       string    `json:"discharged"`
	Readings         []reading `json:"readings"`
	SludgeQuantity   string    `json:"sludgeQuantity"`
	SludgeDestiny    string    `json:"sludgeDestination"`
	DrainDestination string    `json:"drainDestination"`
	ReceivingPlant   string    `json:"receivingPlant,omitempty"`
	Reagents         []reagent `json:"reagents"`
	Cause            string    `json:"cause,omitempty"`
	Measure          string    `json:"measure,omitempty"`
}

// reagent is what was added on a day.
type reagent struct {
	Reagent  string `json:"reagent"`
	AddedAt  string `json:"addedAt"`
	Quantity string `json:"quantity"`
}

// daily is one normal day; with over, one reading is above its limit.
func (c *city) daily(w *works, day code.Day, over bool) dailyPayload {
	treated := w.capacity * c.between(450, 930) // thousandths of m3
	reused := treated * c.between(5, 25) / 100
	p := dailyPayload{Normal: !over, StartAt: clock(day, 0), EndAt: clock(day.Add(1), 0), Inflow: milli(treated * c.between(100, 103) / 100), Treated: milli(treated), Reused: milli(reused),
		Discharged: milli(treated - reused), Readings: c.readings(w, over), SludgeQuantity: milli(treated * c.between(70, 130) / 90_000), SludgeDestiny: "示例固废处置有限公司", DrainDestination: "sewagePlant",
		ReceivingPlant: w.outlet.ReceivingPlant, Reagents: []reagent{{"聚合氯化铝", clock(day, 9), milli(treated * c.between(75, 125) / 1200)}}}
	if w.firm == nil {
		p.DrainDestination, p.ReceivingPlant = "surfaceWater", ""
	}
	if over {
		p.Cause, p.Measure = "示例：生化池溶解氧偏低，出水超过限值", "示例：减少进水，补加药剂，复测合格后恢复"
	}
	return p
}

// readings are those of the total outlet, as decimals between a third of the limit and the limit.
func (c *city) readings(w *works, over bool) []reading {
	out := make([]reading, 0, len(w.limits))
	for _, l := range w.limits {
		if l.workshop {
			continue
		}
		q, err := code.ParseQuantity(l.maximum)
		c.fail("limit", err)
		high := q.Scaled / 1000 // thousandths
		v := high * int64(c.between(33, 88)) / 100
		switch {
		case l.minimum != "":
			v = int64(c.between(66, 84)) * 100
		case over && len(out) == 1:
			v = high * int64(c.between(104, 170)) / 100
		}
		out = append(out, reading{l.pollutant, milli(int(v))})
	}
	return out
}

type abnormalPayload struct {
	StartAt  string    `json:"startAt"`
	EndAt    string    `json:"endAt"`
	Readings []reading `json:"readings"`
	Cause    string    `json:"cause"`
	Measure  string    `json:"measure"`
	Reported bool      `json:"reported"`
}

func (c *city) abnormal(w *works, day code.Day) []byte {
	from := c.between(6, 12)
	return encoded(c, abnormalPayload{StartAt: clock(day, from), EndAt: clock(day, from+c.between(1, 5)), Readings: c.readings(w, true), Cause: "示例：生化池溶解氧偏低，出水超过限值",
		Measure: "示例：减少进水，补加药剂，复测合格后恢复", Reported: c.chance(90)})
}

func encoded(c *city, v any) []byte {
	b, err := json.Marshal(v)
	c.fail("payload", err)
	return b
}

// clock is an hour of a day at UTC+8 as RFC 3339.
func clock(day code.Day, hour int) string {
	return fmt.Sprintf("%sT%02d:00:00+08:00", day, hour)
}

// milli writes thousandths as a decimal without needless zeros.
func milli(n int) string {
	whole, rest := n/1000, n%1000
	if rest == 0 {
		return strconv.Itoa(whole)
	}
	return strings.TrimRight(fmt.Sprintf("%d.%03d", whole, rest), "0")
}

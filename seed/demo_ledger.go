package seed

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// book is the ledger's part of the city.
type book struct {
	entries []ledger.Entry
	filings []filing
	steps   []ledger.Step
	sets    map[string]ledger.LimitSet // of the judgements, each once
	over    []ledger.Exceedance
	writes  []write // that the log records once the entries have their numbers
}

type write struct {
	audit.Event
	actor models.ID
	at    time.Time
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

// makeLedger writes the ledgers up to yesterday: most entries in time and accepted,
// some late, filled in afterwards, returned, amended or voided, some missing, some
// with a value over its limit and the cause.
//
// Each ledger has a generator of its own, so that they can be written side by
// side and still come out the same.
func (c *city) makeLedger() {
	var ledgers []func(*city)
	for _, w := range c.works {
		ledgers = append(ledgers, func(c *city) { c.ledgerOf(w) })
	}
	for _, w := range c.gasWorks {
		ledgers = append(ledgers, func(c *city) { c.gasLedger(w) })
	}
	for _, f := range c.firms {
		if f.year {
			ledgers = append(ledgers, func(c *city) { c.generalWaste(f) })
		}
	}
	for i, p := range c.parks {
		if i < c.size(len(c.parks)) {
			d := c.parkDesk(p)
			ledgers = append(ledgers, func(c *city) { c.parkLedger(p, &d); c.wasteBook(&d) })
		}
	}
	parts := make([]*city, len(ledgers))
	var wait sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := range next {
				parts[i] = c.fork(i)
				ledgers[i](parts[i])
			}
		})
	}
	for i := range ledgers {
		next <- i
	}
	close(next)
	wait.Wait()
	for _, p := range parts {
		c.fail("ledger", p.failed)
		c.book.writes = append(c.book.writes, p.book.writes...)
		c.book.entries = append(c.book.entries, p.book.entries...)
		c.book.filings = append(c.book.filings, p.book.filings...)
		c.book.steps = append(c.book.steps, p.book.steps...)
		c.book.over = append(c.book.over, p.book.over...)
		maps.Copy(c.book.sets, p.book.sets)
	}
	// Rows go in by their keys: a database takes them several times as fast.
	slices.SortFunc(c.book.entries, func(a, b ledger.Entry) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(c.book.over, func(a, b ledger.Exceedance) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(c.book.filings, func(a, b filing) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(c.book.steps, func(a, b ledger.Step) int { return cmp.Compare(a.ID, b.ID) })
	numbers := make(map[models.ID]string, len(c.book.entries))
	for i := range c.book.entries { // the ids are in the order in which the entries came
		e := &c.book.entries[i]
		e.Number = c.number(models.LedgerNumber, e.ReceivedAt)
		numbers[e.ID] = e.Number
	}
	c.logLedger(numbers)
}

// fork is a generator for one ledger: the same city, its own choices.
func (c *city) fork(n int) *city {
	f := &city{rng: rand.New(rand.NewPCG(citySeed1, citySeed2+1+uint64(n))), anchor: c.anchor, start: c.start, scale: c.scale, grounds: c.grounds} //nolint:gosec // made-up data, the same every time
	f.book.sets = map[string]ledger.LimitSet{}
	return f
}

// ledgerOf writes the ledger of one wastewater works, with the samples taken at
// its outlets and the sludge that it leaves.
func (c *city) ledgerOf(w *works) {
	sampled := ""
	for day := w.since; day < c.anchor; day = day.Add(1) {
		if w.stopped.inside(day) {
			continue
		}
		var said []reading
		if !c.chance(w.habit.missing) {
			said = c.dayOf(w, day)
		}
		if month := string(day[:len("2026-01")]); said != nil && month != sampled && day[len("2026-01"):] >= sampleDay {
			sampled = month
			c.sample(w, day, said)
		}
	}
	if w.firm != nil && w.firm.year && w.firm.makesSludge() {
		c.sludge(w)
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

// dayOf writes what became of one day of a works, shift by shift, and gives what
// was measured at its outlet, nil when that was over a limit or was not filed.
func (c *city) dayOf(w *works, day code.Day) []reading {
	slots := w.facility.Shifts
	if len(slots) == 0 {
		slots = []string{""}
	}
	var last []reading
	for i, slot := range slots {
		filed := c.filedAt(day, w.habit)
		over := c.rng.IntN(1000) < 8
		said := c.daily(w, day, turn{i, len(slots)}, over)
		if last != nil && !over {
			said.Readings = c.grabbed(last) // the shifts of a day have much the same water
		}
		b, ok := c.file(&w.desk, w.sheet(normalClass, day, slot), filed, said)
		if !ok {
			return nil
		}
		c.entryLife(w, b, turn{i, len(slots)})
		if w.firm == nil {
			c.central(w, day, said, filed)
		}
		last = said.Readings
		if over {
			last = nil
			if c.chance(60) {
				c.write(&w.desk, w.sheet(abnormalClass, day, slot+"1"), filed.Add(7*time.Minute), c.abnormal(w, day))
			}
		}
	}
	return last
}

// turn is which of the shifts of a day.
type turn struct{ i, of int }

// sheet is what an entry is about.
type sheet struct {
	class    string
	facility *registry.Facility
	outlet   *registry.Outlet
	day      code.Day
	slot     string
}

// sheet is about the works.
func (w *works) sheet(class string, day code.Day, slot string) sheet {
	return sheet{class, w.facility, w.outlet, day, slot}
}

// write files an entry that nobody moves afterwards.
func (c *city) write(d *desk, s sheet, filed time.Time, payload any) {
	if b, ok := c.file(d, s, filed, payload); ok {
		c.keep(b.Entry, b)
	}
}

// file builds one filed entry; false when it would be filed today or later.
func (c *city) file(d *desk, s sheet, filed time.Time, payload any) (ledger.Built, bool) {
	if code.DayOf(filed) >= c.anchor {
		return ledger.Built{}, false
	}
	b, err := ledger.Build(c.bulk(d, s, filed, payload))
	c.fail("ledger entry", err)
	if err != nil {
		return b, false
	}
	c.record(b.Filed(policies.LedgerFile, nil), d.filer, filed)
	return b, true
}

func (c *city) bulk(d *desk, s sheet, filed time.Time, payload any) ledger.Bulk {
	seen := filed.Add(-time.Duration(c.between(1, 20)) * time.Minute)
	in := ledger.Bulk{ID: c.id(seen), FilingID: c.id(filed), StepID: c.id(filed), ChangeID: c.id(filed), Class: s.class, Place: d.place, Day: s.day, Slot: s.slot,
		Payload: encoded(c, payload), RecordedAt: seen, ReceivedAt: seen, FiledAt: filed, Person: d.filer, As: d.filedAs, Demo: true}
	if s.facility != nil {
		in.FacilityID, in.Capacity, in.CapacityUnit = &s.facility.ID, s.facility.Capacity, s.facility.CapacityUnit
	}
	if s.outlet != nil {
		in.OutletID, in.Grounds = &s.outlet.ID, c.grounds[s.outlet.ID]
	}
	return in
}

// entryLife lets an entry be accepted, returned and filed again, amended or voided.
func (c *city) entryLife(w *works, b ledger.Built, shift turn) {
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
		c.record(again.Filed(policies.LedgerFile, nil), w.filer, at)
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
			in := c.bulk(&w.desk, w.sheet(e.Class, e.Day, e.Slot), at, c.daily(w, e.Day, shift, false))
			n, old, step, err := ledger.BuildAmendment(in, e, "示例：流量计校准后更正水量", c.id(at))
			c.fail("ledger entry", err)
			c.record(n.Filed(policies.LedgerFile, nil, old.Wrote(step)), w.filer, at)
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
	c.record(ev, by.Person, by.At)
	return after, err == nil
}

// keep stores an entry as it stands with the rows of its last filing.
func (c *city) keep(e ledger.Entry, b ledger.Built) {
	c.book.entries = append(c.book.entries, e)
	c.keepRows(b)
}

func (c *city) keepRows(b ledger.Built) {
	for _, set := range b.LimitSets {
		c.book.sets[set.ID] = set
	}
	c.book.filings = append(c.book.filings, filing{b.Filing, b.Items})
	c.book.over = append(c.book.over, b.Exceedances()...)
	c.book.steps = append(c.book.steps, b.Step)
}

// record keeps a write of the ledger for the log.
func (c *city) record(e audit.Event, actor models.ID, at time.Time) {
	c.book.writes = append(c.book.writes, write{e, actor, at})
}

// logLedger adds the writes of the ledger to the log: entries have their numbers now,
// and a leaf commits to what they say.
func (c *city) logLedger(numbers map[models.ID]string) {
	made, failed := make([]audit.Change, len(c.book.writes)), make([]error, runtime.GOMAXPROCS(0))
	var wait sync.WaitGroup
	for n := range failed {
		wait.Go(func() {
			for i := n; i < len(made); i += len(failed) {
				w := c.book.writes[i]
				if w.Facts["number"] != nil {
					w.Facts["number"] = numbers[w.ID]
				}
				for j := range w.Wrote {
					head := w.Wrote[j].Head.(ledger.Entry)
					head.Number = numbers[head.ID]
					w.Wrote[j].Head = head
				}
				var err error
				if made[i], err = audit.ChangeOf(w.Event, w.Change, w.actor, w.at); err != nil {
					failed[n] = err
				}
			}
		})
	}
	wait.Wait()
	c.fail("change", errors.Join(failed...))
	c.changes, c.book.writes = append(c.changes, made...), nil
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

// daily is one normal shift of a day; with over, one reading is above its limit.
func (c *city) daily(w *works, day code.Day, shift turn, over bool) dailyPayload {
	treated := w.capacity * c.between(450, 930) / shift.of // thousandths of m3
	reused := treated * c.between(5, 25) / 100
	p := dailyPayload{Normal: !over, StartAt: clock(day, 24*shift.i/shift.of), EndAt: clock(day, 24*(shift.i+1)/shift.of), Inflow: milli(treated * c.between(100, 103) / 100), Treated: milli(treated), Reused: milli(reused),
		Discharged: milli(treated - reused), Readings: c.readings(w, over), SludgeQuantity: milli(treated * c.between(70, 130) / 90_000), SludgeDestiny: "示例固废处置有限公司", DrainDestination: "sewagePlant",
		ReceivingPlant: w.outlet.ReceivingPlant, Reagents: []reagent{{"聚合氯化铝", clock(day, 24*shift.i/shift.of+9), milli(treated * c.between(75, 125) / 1200)}}}
	if w.firm == nil {
		p.DrainDestination, p.ReceivingPlant = "surfaceWater", ""
	}
	if over {
		p.Cause, p.Measure = "示例：生化池溶解氧偏低，出水超过限值", "示例：减少进水，补加药剂，复测合格后恢复"
	}
	return p
}

// readings are those of the total outlet, as decimals between a third of the limit
// in force and the limit; with over, the second of them is above it.
func (c *city) readings(w *works, over bool) []reading {
	out := make([]reading, 0, len(w.sector.measured))
	for _, p := range w.sector.measured {
		l, limited := w.limits[p]
		if !limited {
			continue
		}
		high := c.scaled(l.Maximum)
		v := high * int64(c.between(33, 88)) / 100
		switch {
		case p == acidity:
			v = int64(c.between(66, 84)) * 100
		case over && len(out) == 1:
			v = high * int64(c.between(104, 170)) / 100
		}
		out = append(out, reading{p, milli(int(v))})
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

func (c *city) abnormal(w *works, day code.Day) abnormalPayload {
	from := c.between(6, 12)
	return abnormalPayload{StartAt: clock(day, from), EndAt: clock(day, from+c.between(1, 5)), Readings: c.readings(w, true), Cause: "示例：生化池溶解氧偏低，出水超过限值",
		Measure: "示例：减少进水，补加药剂，复测合格后恢复", Reported: c.chance(90)}
}

func encoded(c *city, v any) []byte {
	b, err := json.Marshal(v)
	c.fail("payload", err)
	return b
}

// clock is an hour of a day at UTC+8 as RFC 3339; 24 is the next midnight.
func clock(day code.Day, hour int) string {
	day, hour = day.Add(hour/24), hour%24
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

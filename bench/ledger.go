package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"time"

	"parkregistry/models/ledger"
)

// ledgerQuery is the filtered list of the ledger: what one class has that waits for
// the reviewer, from a day on.
var ledgerQuery = "/ledgers?class=" + ledgerClass + "&state=filed&from=2010-01-01"

var ledgerLists = []listed{
	{"ledger, park", manager, ledgerQuery, 400},
	{"ledger, district", inspector, ledgerQuery, 400},
}

// city measures the register and the trail.
func (r *report) city(ctx context.Context, c *client, servers []*server, f *filler) (broken int, err error) {
	lists, err := r.walked(ctx, c, servers, cityLists)
	if err != nil {
		return 0, err
	}
	get, create := f.city.single()
	if err := r.measure(ctx, c, servers, append(append([]*operation{get}, lists...), create)); err != nil || len(r.ops) == 0 {
		return 0, err
	}
	share, err := authorization(ctx, f.db, f.city)
	if err != nil {
		return 0, err
	}
	return r.print(fmt.Sprintf("%d enterprises", enterprises), &share), nil
}

// sizes are how many entries the ledger has when it is measured.
func sizes(most int) []int {
	var all []int
	for n := 10_000; n < most; n *= 10 {
		all = append(all, n)
	}
	return append(all, most)
}

// ledger measures the ledger as it grows.
func (r *report) ledger(ctx context.Context, c *client, servers []*server, f *filler) (broken int, err error) {
	f.lean = !slices.ContainsFunc([]string{"ledger, park, first", "ledger, park, last", "ledger, district, first", "ledger, district, last", "ledger, gaps", "ledger, file"}, r.wanted)
	if f.lean && !slices.ContainsFunc([]string{"progress, bureau", "progress, district", "overdue, rows"}, r.wanted) {
		return 0, nil
	}
	var grown []map[string][2][]sample
	all := sizes(r.entries)
	for i, n := range all {
		began := time.Now()
		if err := f.stock(ctx, n); err != nil {
			return broken, err
		}
		fmt.Fprintf(r.out, "\n%s: %d ledger entries, %d patrols, %d findings, loaded in %.0f s\n", r.engine, n, n/entriesAPatrol, f.foundInAll(), time.Since(began).Seconds())
		if i > 0 {
			for _, s := range servers {
				if err := s.again(ctx); err != nil {
					return broken, err
				}
			}
		}
		ops, err := r.walked(ctx, c, servers, ledgerLists)
		if err != nil {
			return broken, err
		}
		if err := r.measure(ctx, c, servers, append(ops, progressOf(bureau, "bureau"), progressOf(inspector, "district"), gapMap(), f.city.file())); err != nil {
			return broken, err
		}
		broken += r.print(fmt.Sprintf("%d ledger entries", n), nil)
		grown = append(grown, r.took)
		if err := r.overdue(ctx, f); err != nil {
			return broken, err
		}
	}
	r.growth(all, grown)
	return broken, nil
}

// growth sets each size against the first.
func (r *report) growth(sizes []int, took []map[string][2][]sample) {
	cpu := func(s sample) time.Duration { return s.cpu }
	p50 := func(s sample) time.Duration { return s.p50 }
	fmt.Fprintf(r.out, "\n%s, the ledger as it grows: CPU a request and p50, each in µs and against %d entries\n", r.engine, sizes[0])
	for _, op := range r.ops {
		for i, n := range sizes {
			now, first := took[i][op.name], took[0][op.name]
			fmt.Fprintf(r.out, "  %-24s %9d entries  park %6d (%.2f)  bare %6d (%.2f)  p50 %6d (%.2f) / %6d (%.2f)\n", op.name, n,
				median(of(now[0], cpu)).Microseconds(), times(now[0], first[0], cpu), median(of(now[1], cpu)).Microseconds(), times(now[1], first[1], cpu),
				median(of(now[0], p50)).Microseconds(), times(now[0], first[0], p50), median(of(now[1], p50)).Microseconds(), times(now[1], first[1], p50))
		}
	}
}

func times(now, first []sample, f func(sample) time.Duration) float64 {
	return float64(median(of(now, f))) / float64(median(of(first, f)))
}

// mapped is how many days the gap map has.
const mapped = 90

// gapMap is the map of what was recorded and what is missing, 31 parks by 90 days.
// No ratio is laid down for it: the reference counts in one statement what the
// program derives from permits, facilities and shut-downs.
func gapMap() *operation {
	path := fmt.Sprintf("/obligations/summary?from=%s&to=%s", ledgerLast.Add(1-mapped), ledgerLast)
	return &operation{name: "ledger, gaps", who: bureau, method: http.MethodGet, count: 20, path: func(string, int) string { return path }, varies: regexp.MustCompile(`"knownSeq":\d+`)}
}

// file is a filing as a person makes it: the draft, and its filing by id.
func (c city) file() *operation {
	return &operation{name: "ledger, file", who: manager, method: http.MethodPost, count: 200, must: 1.8, goal: 1.2,
		before: func(n int) (string, []byte) { return "/ledgers", c.draft(n) },
		path:   func(_ string, n int) string { return "/ledgers/" + entryID(n) + "/filing" },
		varies: regexp.MustCompile(`"(id|number|facilityId|outletId|siteId|enterpriseId|day|slot|receipt|[a-zA-Z]+At)":"[^"]*"|"payload":.*,"occurredAt":`)}
}

// entryID is the id that the client gives to the n-th entry that the bench files.
func entryID(n int) string { return fmt.Sprintf("019b8a00-0000-7000-8000-%012x", n) }

type draftInput struct {
	ID string `json:"id"`
	ledger.Input
}

// draft is about a shift that nobody has filed: those of the park's facilities in
// turn, from the day after the newest that is loaded.
func (c city) draft(n int) []byte {
	id, w := entryID(n), c.works[n%len(c.works)]
	n /= len(c.works)
	d := turnOfDuty{w.number, n % shifts, ledgerLast.Add(1 + n/shifts)}
	b, _ := json.Marshal(draftInput{id, ledger.Input{ParkID: w.Park, FacilityID: w.Facility, OutletID: w.Outlet, Class: ledgerClass, Day: string(d.day),
		Slot: fmt.Sprint(d.shift + 1), RecordedAt: d.end().Format(time.RFC3339), Payload: d.payload()}}) // an input always encodes
	return b
}

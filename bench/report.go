package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// report holds the samples of one engine.
type report struct {
	options
	engine string
	meter  meter
	sent   map[string]int // requests so far, by operation
	ops    []*operation
	took   map[string][2][]sample // by operation: park, bare
}

// listed is a list that is measured on its first and on its last full page.
type listed struct {
	name, who, path string
	count           int
}

// cityLists are those of the register and of the trail.
var cityLists = []listed{
	{"list, park", manager, "/enterprises", 400},
	{"list, district", inspector, "/enterprises", 400},
	{"list, bureau", bureau, "/enterprises", 400},
	{"list, audit", auditor, "/audit-records", 400},
}

// operations of the list, given each server's cursor of the last full page.
func (l listed) operations(cursors map[string]string) []*operation {
	first := func(string, int) string { return with(l.path, "limit=50") }
	deep := func(server string, _ int) string { return with(l.path, "limit=50&cursor="+cursors[server]) }
	return []*operation{
		{name: l.name + ", first", who: l.who, method: http.MethodGet, path: first, count: l.count, must: 1.6, goal: 1.25},
		{name: l.name + ", last", who: l.who, method: http.MethodGet, path: deep, count: l.count, must: 1.6, goal: 1.25, after: l.name + ", first"},
	}
}

// single are the operations of the city that are no list: the first and the last of the table.
func (c city) single() (get, create *operation) {
	get = &operation{name: "get", who: manager, method: http.MethodGet, path: func(_ string, n int) string { return "/enterprises/" + c.firms[n%len(c.firms)] }, count: 1600, must: 1.4, goal: 1.15}
	create = &operation{name: "create", who: bureau, method: http.MethodPost, path: func(string, int) string { return "/enterprises" }, body: newFirm, varies: ofFirms, count: 400, must: 1.8, goal: 1.2}
	return get, create
}

// newFirm is the body of the n-th creation.
func newFirm(n int) []byte {
	b, _ := json.Marshal(firmInput(10_000 + n)) // an input always encodes
	return b
}

// wanted reports whether an operation of that name is asked for.
func (o options) wanted(name string) bool { return o.only.MatchString(name) }

// walked walks the lists that are asked for and gives their operations.
func (r *report) walked(ctx context.Context, c *client, servers []*server, lists []listed) ([]*operation, error) {
	var ops []*operation
	for _, l := range lists {
		if !r.wanted(l.name+", first") && !r.wanted(l.name+", last") {
			continue
		}
		at, n, err := c.walk(ctx, servers, l.who, l.path)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(r.out, "  %s as %s: both servers list the same %d rows in the same order\n", l.path, l.who, n)
		ops = append(ops, l.operations(at)...)
	}
	return ops, nil
}

// measure holds the answers of the operations that are asked for to each other and
// runs the rounds. Numbers of creations are used once in a run, so that none meets
// what another has made, and none is left out: a filing is about the next shift, and
// shifts to come cannot be filed.
func (r *report) measure(ctx context.Context, c *client, servers []*server, ops []*operation) error {
	r.ops = nil
	for _, op := range ops {
		if op.count = max(turns, int(float64(op.count)*r.scale)); r.wanted(op.name) {
			r.ops = append(r.ops, op)
		}
	}
	r.took = map[string][2][]sample{}
	for _, op := range r.ops {
		if err := c.agree(ctx, servers[0], servers[1], op, r.sent[op.name]); err != nil {
			return err
		}
		r.sent[op.name] += 8
	}
	for n := range r.rounds + 1 { // the first is one turn that warms up and is not kept
		for _, op := range r.ops {
			var round [2]tally
			for t := range turns {
				if n == 0 && t > 0 {
					break
				}
				for i, s := range servers {
					if err := c.turn(ctx, r.meter, s, op, r.sent[op.name], &round[i]); err != nil {
						return err
					}
					if op.method == http.MethodPost {
						r.sent[op.name] += op.count / turns
					}
				}
			}
			if n > 0 {
				took := r.took[op.name]
				r.took[op.name] = [2][]sample{append(took[0], round[0].sample()), append(took[1], round[1].sample())}
			}
		}
	}
	return nil
}

func median[T int64 | float64 | time.Duration](v []T) T {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

func of[T any](samples []sample, f func(sample) T) []T {
	out := make([]T, len(samples))
	for i, s := range samples {
		out[i] = f(s)
	}
	return out
}

// ratios pairs the two servers' figures round by round.
func ratios(a, b []sample, f func(sample) time.Duration) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = float64(f(a[i])) / float64(f(b[i]))
	}
	return out
}

func verdict(v, must float64) string {
	switch {
	case must == 0:
		return ""
	case v > must:
		return "OVER"
	}
	return "ok"
}

// print writes the tables and counts what is over. What authorization takes is set
// against the cheapest list where it has been measured.
func (r *report) print(title string, share *authorizing) (broken int) {
	count := func(v, must float64) string {
		if must > 0 && v > must {
			broken++
		}
		return verdict(v, must)
	}
	us := func(d time.Duration) string { return strconv.FormatInt(d.Microseconds(), 10) }
	cpu := func(s sample) time.Duration { return s.cpu }
	server := func(s sample) time.Duration { return s.server }
	p50 := func(s sample) time.Duration { return s.p50 }
	where := "server and database"
	if r.engine == "postgres" && !r.meter.backends {
		where = "server alone: the database runs on another machine"
	}
	fmt.Fprintf(r.out, "\n%s, %s: CPU a request of %s / of the server in it, %d rounds of %d turns, %d connections\n", r.engine, title, where, r.rounds, turns, connections)
	const row = "  %-24s %11s %11s %6s %6s %6s %-5s %13s %13s %15s\n"
	fmt.Fprintf(r.out, row, "operation", "park µs", "bare µs", "ratio", "must", "goal", "", "req/s", "p50 µs", "p99 µs")
	for _, op := range r.ops {
		a, b := r.took[op.name][0], r.took[op.name][1]
		ratio := median(ratios(a, b, cpu))
		must, goal := "-", "-"
		if op.must > 0 {
			must, goal = fmt.Sprintf("%.2f", op.must), fmt.Sprintf("%.2f", op.goal)
		}
		rate := func(s sample) float64 { return s.rate }
		p99 := func(s sample) time.Duration { return s.p99 }
		fmt.Fprintf(r.out, row, op.name, us(median(of(a, cpu)))+"/"+us(median(of(a, server))), us(median(of(b, cpu)))+"/"+us(median(of(b, server))), fmt.Sprintf("%.2f", ratio), must, goal,
			count(ratio, op.must), fmt.Sprintf("%.0f/%.0f", median(of(a, rate)), median(of(b, rate))), us(median(of(a, p50)))+"/"+us(median(of(b, p50))),
			us(median(of(a, p99)))+"/"+us(median(of(b, p99))))
	}
	for _, op := range r.ops {
		first, ok := r.took[op.after]
		if !ok {
			continue
		}
		last := r.took[op.name]
		ratio := median(ratios(last[0], first[0], p50))
		fmt.Fprintf(r.out, "  %-38s p50 %.2f, CPU %.2f of the first page's; must %.2f, goal %.2f  %s\n", op.name+" : first", ratio, median(ratios(last[0], first[0], cpu)), 1.5, 1.1, count(ratio, 1.5))
	}
	cheapest := time.Duration(0)
	for _, op := range r.ops {
		if c := median(of(r.took[op.name][0], cpu)); strings.HasPrefix(op.name, "list") && (cheapest == 0 || c < cheapest) {
			cheapest = c
		}
	}
	if cheapest > 0 && share != nil {
		part := float64(share.total()) / float64(cheapest)
		fmt.Fprintf(r.out, "  authorization %.1f µs (%s) of %d µs, the cheapest list request: %.1f %%; must 10 %%, goal 3 %%  %s\n", float64(share.total().Nanoseconds())/1000, *share,
			cheapest.Microseconds(), 100*part, count(part, 0.10))
	}
	return broken
}

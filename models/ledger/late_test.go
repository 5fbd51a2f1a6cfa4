package ledger_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

// TestListLate: the lists of late and of backfilled entries hold those that say so of
// themselves, to the second, and no others; whatever became of them later.
func TestListLate(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, park := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
		day := code.Day("2026-11-23")
		for _, after := range []int{0, 1, 2, 3, 4, 30} { // days whose end is a limit, or none
			for _, second := range []time.Duration{-time.Second, 0, time.Second} {
				in := w.input(w.BaoanA, content())
				in.Day = string(day)
				r := ok(w.svc.Create(w.Program(), "", in))(t)
				*w.now = day.Add(after).End().Add(second)
				if r = ok(w.svc.File(firm, r.ID, 0))(t); second == 0 && after%2 == 1 {
					ok(w.svc.Return(park, r.ID, 0, because))(t)
				}
			}
		}
		ok(w.svc.Create(firm, "", w.input(w.BaoanA, content())))(t) // a draft is neither
		other := w.input(w.Longgang, content())
		ok(w.svc.File(w.Firm(w.Longgang), ok(w.svc.Create(w.Firm(w.Longgang), "", other))(t).ID, 0))(t)
		ask := func(f ledger.Filter) []string {
			page := ok(w.svc.List(park, f, models.Query{Limit: 50, Exact: true}))(t)
			var numbers []string
			for _, r := range page.Items {
				numbers = append(numbers, r.Number)
			}
			if *page.Total != int64(len(numbers)) {
				t.Errorf("%+v counts %d and lists %d", f, *page.Total, len(numbers))
			}
			return numbers
		}
		var late, backfilled []string
		for _, r := range ok(w.svc.List(park, ledger.Filter{}, models.Query{Limit: 50}))(t).Items {
			if r.Late() {
				late = append(late, r.Number)
			}
			if r.Backfilled() {
				backfilled = append(backfilled, r.Number)
			}
		}
		if len(late) != 14 || len(backfilled) != 8 {
			t.Fatalf("%d of the entries are late and %d backfilled, want 14 and 8", len(late), len(backfilled))
		}
		if got := ask(ledger.Filter{Late: true}); !slices.Equal(got, late) {
			t.Errorf("the late ones are %v, want %v", got, late)
		}
		for _, f := range []ledger.Filter{{Backfilled: true}, {Late: true, Backfilled: true}} {
			if got := ask(f); !slices.Equal(got, backfilled) {
				t.Errorf("%+v are %v, want %v", f, got, backfilled)
			}
		}
		if got := ask(ledger.Filter{Late: true, State: string(ledger.Returned)}); len(got) != 2 {
			t.Errorf("late and returned are %v, want two", got)
		}
	})
}

// TestLateIndex: the lists of late entries are each read by an index that holds nothing
// else: a word that differs between the two, and it is not. Each index is tried without
// its brothers of the same order, for on a table of a few rows the planner takes any of
// them, as the statistics happen to be.
func TestLateIndex(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		explain, settings := "EXPLAIN QUERY PLAN ", []string(nil)
		if w.DB.Engine == models.Postgres { // a small table is read in other ways, and none of them is what is asked
			explain = "EXPLAIN "
			settings = []string{"SET LOCAL enable_seqscan = off", "SET LOCAL enable_bitmapscan = off", "SET LOCAL enable_sort = off", "ANALYZE ledger_entries"}
		}
		indexes := map[string]string{
			"ledger_entries_late_park":         "park_id = '" + string(w.BaoanA.Park.ID) + "' AND ",
			"ledger_entries_late_jurisdiction": "jurisdiction = 'baoan' AND ",
			"ledger_entries_late_day":          "",
		}
		for index, where := range indexes {
			tx := ok(w.DB.SQL().BeginTx(t.Context(), nil))(t)
			for _, s := range settings {
				ok(tx.ExecContext(t.Context(), s))(t)
			}
			for late := range indexes {
				for _, brother := range []string{late, strings.Replace(late, "_late", "", 1)} {
					if brother != index {
						ok(tx.ExecContext(t.Context(), "DROP INDEX "+brother))(t)
					}
				}
			}
			plan := explained(t, tx, explain+"SELECT * FROM ledger_entries WHERE "+where+ledger.FiledLate(w.DB.Engine)+" ORDER BY day DESC, id DESC LIMIT 50")
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(plan, index) {
				t.Errorf("the plan without %s: %s", index, plan)
			}
		}
	})
}

// explained: the plan that an EXPLAIN gives, a line for each of its steps.
func explained(t *testing.T, tx *sql.Tx, query string) string {
	rows := ok(tx.QueryContext(t.Context(), query))(t)
	defer func() { _ = rows.Close() }()
	columns := ok(rows.Columns())(t)
	var plan []string
	for rows.Next() {
		line := make([]any, len(columns))
		for i := range line {
			line[i] = new(any)
		}
		if err := rows.Scan(line...); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, fmt.Sprint(*line[len(line)-1].(*any)))
	}
	return strings.Join(plan, "\n")
}

// TestAmendmentKeepsItsTime: an amendment is in time when the record was that it corrects,
// and late when that was late, however much later it is filed itself, after another
// amendment or a return; heads, filings, lists and the sums of reports say the same.
func TestAmendmentKeepsItsTime(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, park := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
		day := code.Day("2026-11-20")
		for name, c := range map[string]struct {
			filed            int // days after the day
			late, backfilled bool
		}{"in time": {1, false, false}, "late": {2, true, false}, "backfilled": {9, true, true}} {
			day = day.Add(1)
			in := w.input(w.BaoanA, content())
			in.Day = string(day)
			*w.now = day.Start().Add(8 * time.Hour)
			r := ok(w.svc.Create(firm, "", in))(t)
			*w.now = day.Add(c.filed).Start().Add(8 * time.Hour)
			r = ok(w.svc.File(firm, r.ID, 0))(t)
			for n, days := range []int{c.filed + 1, 40, 80} {
				*w.now = day.Add(days).Start()
				r = ok(w.svc.Amend(firm, r.ID, "", 0, ledger.AmendInput{Reason: because.Reason}))(t)
				r = ok(w.svc.File(firm, r.ID, 0))(t)
				if n == 1 {
					ok(w.svc.Return(park, r.ID, 0, because))(t)
					*w.now = w.now.Add(time.Hour)
					r = ok(w.svc.File(firm, r.ID, 0))(t)
				}
				read := ok(w.svc.Get(park, r.ID))(t)
				if read.Late() != c.late || read.Backfilled() != c.backfilled {
					t.Errorf("%s, amendment %d: late %t, backfilled %t", name, n+1, read.Late(), read.Backfilled())
				}
				for _, f := range ok(w.svc.Filings(park, r.ID))(t) {
					if f.Late() != c.late || f.Backfilled() != c.backfilled {
						t.Errorf("%s, amendment %d, filing %d: late %t, backfilled %t", name, n+1, f.Number, f.Late(), f.Backfilled())
					}
				}
			}
			lists := func(f ledger.Filter) bool {
				f.From, f.To, f.State = day, day, string(ledger.Filed)
				return len(ok(w.svc.List(park, f, models.Query{Limit: 9}))(t).Items) == 1
			}
			if late, backfilled := lists(ledger.Filter{Late: true}), lists(ledger.Filter{Backfilled: true}); late != c.late || backfilled != c.backfilled {
				t.Errorf("%s: listed among the late %t, the backfilled %t", name, late, backfilled)
			}
			late := int64(0)
			if c.late {
				late = 1
			}
			if filed, n := w.measure(t, ledger.MeasureFiled, day), w.measure(t, ledger.MeasureLate, day); filed != 1 || n != late {
				t.Errorf("%s: a report counts %d filed and %d late, want 1 and %d", name, filed, n, late)
			}
		}
	})
}

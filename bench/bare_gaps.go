package main

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"parkregistry/internal/code"
)

// gaps answers the gap map of the bench: of each park and day how many records of
// its facilities' shifts came in time and how many are missing. It knows that each
// facility has three shifts and each shift a record, which the program derives.
func (b *bare) gaps(_ http.ResponseWriter, r *http.Request, _ caller) (int, []byte, error) {
	ctx := r.Context()
	from, to := code.Day(r.URL.Query().Get("from")), code.Day(r.URL.Query().Get("to"))
	owed, err := b.owed(ctx)
	if err != nil {
		return 0, nil, err
	}
	filed, err := b.inTime(ctx, from, to)
	if err != nil {
		return 0, nil, err
	}
	body := append(make([]byte, 0, 40_000), `{"asOf":"`+string(code.DayOf(time.Now()))+`","knownAsOf":null,"knownSeq":0,"from":"`+string(from)+`","to":"`+string(to)+`","parks":[`...)
	var id uid
	var number, name string
	var all [2]int
	first := true
	err = every(ctx, b.db, "SELECT id, code, COALESCE(name, '') FROM parks ORDER BY code, id", nil, []any{&id, &number, &name}, func() error {
		if !first {
			body = append(body, ',')
		}
		first = false
		days := filed[id]
		sum := [2]int{}
		for _, n := range days {
			sum[0], sum[1] = sum[0]+n, sum[1]+owed[id]-n
		}
		all[0], all[1] = all[0]+sum[0], all[1]+sum[1]
		body = appendID(append(body, `{"parkId":`...), id)
		body = appendText(append(body, `,"code":`...), number)
		body = appendText(append(body, `,"name":`...), name)
		body = appendCounts(append(body, `,"totals":`...), sum)
		body = append(body, `,"days":{`...)
		if sum[1] > 0 {
			body = appendDays(append(body, `"missing":`...), days, func(n int) int { return owed[id] - n })
		}
		if sum[0] > 0 {
			if sum[1] > 0 {
				body = append(body, ',')
			}
			body = appendDays(append(body, `"onTime":`...), days, func(n int) int { return n })
		}
		body = append(append(append(body, `},"href":"/api/v1/obligations?parkId=`...), id...), `"}`...)
		return nil
	})
	body = append(appendCounts(append(body, `],"totals":`...), all), "}\n"...)
	return http.StatusOK, body, err
}

// owed is how many records a day each park owes.
func (b *bare) owed(ctx context.Context) (map[uid]int, error) {
	out := map[uid]int{}
	var park uid
	var n int
	err := every(ctx, b.db, "SELECT park_id, COUNT(*) FROM facilities WHERE kind = 'treatment' AND closed_on IS NULL GROUP BY park_id", nil, []any{&park, &n}, func() error {
		out[park] = n * shifts
		return nil
	})
	return out, err
}

// inTime counts by park and day what was filed by the end of the next day.
func (b *bare) inTime(ctx context.Context, from, to code.Day) (map[uid][]int, error) {
	deadline := "datetime(day, '+2 days', '-8 hours')"
	if b.postgres {
		deadline = "(day + 2)::timestamp AT TIME ZONE 'UTC' - interval '8 hours'"
	}
	out := map[uid][]int{}
	var park uid
	var day dayText
	var n int
	err := every(ctx, b.db, "SELECT park_id, day, COUNT(*) FROM ledger_entries WHERE day BETWEEN $1 AND $2 AND class = $3 AND state IN ('filed', 'accepted') AND filed_at < "+deadline+" GROUP BY park_id, day",
		[]any{string(from), string(to), ledgerClass}, []any{&park, &day, &n}, func() error {
			if out[park] == nil {
				out[park] = make([]int, to.Sub(from)+1)
			}
			out[park][code.Day(day).Sub(from)] = n
			return nil
		})
	return out, err
}

// appendCounts writes the counts by state; of the eight only two occur.
func appendCounts(b []byte, n [2]int) []byte {
	b = strconv.AppendInt(append(b, `{"due":0,"onTime":`...), int64(n[0]), 10)
	b = strconv.AppendInt(append(b, `,"late":0,"backfilled":0,"missing":`...), int64(n[1]), 10)
	return append(b, `,"excused":0,"eventDriven":0,"unclear":0}`...)
}

func appendDays(b []byte, days []int, of func(int) int) []byte {
	b = append(b, '[')
	for i, n := range days {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(of(n)), 10)
	}
	return append(b, ']')
}

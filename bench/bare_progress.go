package main

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
)

// stood is what the reference adds up: the counts in the order of the answer, the two
// numbers of each ratio, for a park, a district or all.
type stood struct {
	counts           [len(standingNames)]int64
	due, inTime      int64 // findings
	sites, permitted int64 // of dischargers
	whole            int64 // of these with permit, facility and outlet
	outlets, coded   int64
	owed, filed      int64 // days of works
}

// standingNames are the counts as the answer names them.
var standingNames = [...]string{"ledgersFiled", "ledgersFiledRecent", "ledgersAccepted", "ledgersLate", "ledgersReturned", "findingsOpened", "findingsOpen", "findingsClosed",
	"findingsReferred", "findingsOverdue", "patrols", "inspections"}

// filedAt and recentAt are the ledgers filed, and those that are about the last thirty days.
const filedAt, recentAt = 0, 1

// measured are the measures behind the counts, and two that only ratios need.
var measured = [...]string{ledger.MeasureFiled, "", ledger.MeasureAccepted, ledger.MeasureLate, ledger.MeasureReturned, inspection.MeasureOpened, inspection.MeasureOpen, inspection.MeasureClosed,
	inspection.MeasureReferred, inspection.MeasureOverdue, inspection.MeasurePatrols, inspection.MeasureInspections}

var measuredAt, measuredList = func() (map[string]int, string) {
	at, list := map[string]int{}, "'"+inspection.MeasureDue+"', '"+inspection.MeasureInTime+"'"
	for i, m := range measured {
		if m != "" {
			at[m] = i
			list += ", '" + m + "'"
		}
	}
	return at, list
}()

func (s *stood) add(measure string, n int64) {
	switch measure {
	case inspection.MeasureDue:
		s.due += n
	case inspection.MeasureInTime:
		s.inTime += n
	default:
		if i, shown := measuredAt[measure]; shown {
			s.counts[i] += n
		}
	}
}

// standing is the reference's report of one day, everything known.
type standing struct {
	asOf  code.Day
	seq   int64
	parks []barePark // by code
	at    map[uid]*stood
	moved map[string]*stood // by month
	edges [12]int64         // by month of the trend: what its last thirty days have more than the month
}

type barePark struct {
	id                       uid
	code, name, jurisdiction string
}

// progress answers the report of the bench from statements written by hand: what the
// summary holds each time; sites, outlets and works with their days the first time that
// somebody asks, since the program keeps those in memory too and nothing changes them.
func (b *bare) progress(_ http.ResponseWriter, r *http.Request, who caller) (int, []byte, error) {
	s := standing{asOf: code.Day(r.URL.Query().Get("asOf")), at: map[uid]*stood{}, moved: map[string]*stood{}}
	err := b.db.snapshot(r.Context(), func(c conn) error {
		for _, read := range []func(context.Context, conn, *standing, caller) error{b.newestNumber, b.stands, b.progressParks, b.summary, b.months, b.atEdges, b.recentlyFiled, b.ratios} {
			if err := read(r.Context(), c, &s, who); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, s.body(), nil
}

// within narrows a statement to the caller's rows.
func (c caller) within(w *where) {
	switch {
	case c.Park != "":
		w.and("park_id = $?", c.Park)
	case c.Jurisdiction != "":
		w.and("jurisdiction = $?", c.Jurisdiction)
	}
}

// newestNumber is what is known, and whether something still waits for its number.
func (b *bare) newestNumber(ctx context.Context, c conn, s *standing, _ caller) error {
	nothing := func() error { return nil }
	var at sql.NullTime
	return errors.Join(every(ctx, c, "SELECT seq, sealed_at FROM changes WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1", nil, []any{&s.seq, &at}, nothing),
		every(ctx, c, "SELECT at FROM changes WHERE seq IS NULL ORDER BY at, id LIMIT 1", nil, []any{&at}, nothing))
}

// stands asks what the register and the assessments say by now: whether what is kept in
// memory still holds, and whether a checklist or a verified assessment counts instead.
func (b *bare) stands(ctx context.Context, c conn, s *standing, who caller) error {
	nothing := func() error {
		return errors.New("the reference knows no other register, checklist or assessment than it was made for")
	}
	var number int64
	var id uid
	if err := every(ctx, c, "SELECT seq FROM changes WHERE object_kind IN ('park', 'enterprise', 'site', 'permit', 'facility', 'outlet') AND seq <= $1 ORDER BY seq DESC LIMIT 1",
		[]any{s.seq}, []any{&number}, func() error { return nil }); err != nil {
		return err
	}
	if err := every(ctx, c, "SELECT l.id FROM assessment_checklists l JOIN changes c ON c.id = l.change_id WHERE c.seq <= $1 ORDER BY c.seq DESC LIMIT 1", []any{s.seq}, []any{&id}, nothing); err != nil {
		return err
	}
	var w where
	w.and("t.kind = 'completion' AND t.day <= $? AND c.seq <= $?", string(s.asOf), s.seq)
	if who.Jurisdiction != "" {
		w.and("a.jurisdiction = $?", who.Jurisdiction)
	}
	return every(ctx, c, "SELECT a.id FROM assessment_steps t JOIN assessments a ON a.id = t.assessment_id JOIN changes c ON c.id = t.change_id"+w.sql+" ORDER BY a.year, a.id", w.args, []any{&id}, nothing)
}

func (b *bare) progressParks(ctx context.Context, c conn, s *standing, who caller) error {
	var w where
	if who.Jurisdiction != "" {
		w.and("jurisdiction = $?", who.Jurisdiction)
	}
	var p barePark
	return every(ctx, c, "SELECT id, code, COALESCE(name, ''), COALESCE(jurisdiction, '') FROM parks"+w.sql+" ORDER BY code", w.args, []any{&p.id, &p.code, &p.name, &p.jurisdiction}, func() error {
		s.parks, s.at[p.id] = append(s.parks, p), &stood{}
		return nil
	})
}

// summary is what counts up to the end of the year, less the months and days after.
func (b *bare) summary(ctx context.Context, c conn, s *standing, who caller) error {
	year := string(s.asOf[:4])
	for _, part := range []struct {
		table, condition string
		args             []any
		sign             int64
	}{
		{"park_period_counts", "span = 'year' AND about_in <= $?", []any{year}, 1},
		{"park_period_counts", "span = 'month' AND about_in > $? AND about_in <= $?", []any{s.asOf.Month(), year + "-12"}, -1},
		{"park_day_counts", "about_on > $? AND about_on <= $?", []any{string(s.asOf), lastOfMonth(s.asOf)}, -1},
	} {
		var w where
		who.within(&w)
		w.and("measure IN (" + measuredList + ")")
		w.and(part.condition, part.args...)
		var park uid
		var measure string
		var n int64
		if err := every(ctx, c, "SELECT park_id, measure, CAST(SUM(n) AS bigint) FROM "+part.table+w.sql+" GROUP BY park_id, measure", w.args, []any{&park, &measure, &n}, func() error {
			s.at[park].add(measure, part.sign*n)
			if part.table == "park_day_counts" {
				s.in(s.asOf.Month()).add(measure, -n)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func lastOfMonth(d code.Day) string {
	next := code.Day(d.Month() + "-01").Add(31)
	return string(code.Day(next.Month() + "-01").Add(-1))
}

func (s *standing) in(month string) *stood {
	if s.moved[month] == nil {
		s.moved[month] = &stood{}
	}
	return s.moved[month]
}

func (b *bare) months(ctx context.Context, c conn, s *standing, who caller) error {
	var w where
	who.within(&w)
	w.and("span = 'month' AND measure IN ("+measuredList+") AND about_in >= $? AND about_in <= $?", s.trend()[0].Month(), s.asOf.Month())
	var month, measure string
	var n int64
	return every(ctx, c, "SELECT about_in, measure, CAST(SUM(n) AS bigint) FROM park_period_counts"+w.sql+" GROUP BY about_in, measure", w.args, []any{&month, &measure, &n}, func() error {
		s.in(month).add(measure, n)
		return nil
	})
}

// trend are the ends of twelve months.
func (s *standing) trend() []code.Day {
	all := make([]code.Day, 12)
	day := s.asOf
	for i := 11; i >= 0; i-- {
		all[i] = day
		day = code.Day(day.Month() + "-01").Add(-1)
	}
	return all
}

// atEdges takes off what is about the first day of a month of 31, and adds what is about
// the days before February.
func (b *bare) atEdges(ctx context.Context, c conn, s *standing, who caller) error {
	var w where
	who.within(&w)
	days := ""
	type edge struct {
		month int
		sign  int64
	}
	at := map[string]edge{}
	for i, end := range s.trend()[:11] {
		for from, first := end.Add(-29), code.Day(end.Month()+"-01"); from != first; {
			day, sign := from, int64(1)
			if first < from {
				day, sign = first, -1
				first = first.Add(1)
			} else {
				from = from.Add(1)
			}
			at[string(day)] = edge{i, sign}
			days += ", '" + string(day) + "'"
		}
	}
	w.and("measure = '" + ledger.MeasureFiled + "' AND about_on IN (" + days[2:] + ")")
	var day string
	var n int64
	return every(ctx, c, "SELECT CAST(about_on AS text), CAST(SUM(n) AS bigint) FROM park_day_counts"+w.sql+" GROUP BY about_on", w.args, []any{&day, &n}, func() error {
		s.edges[at[day[:10]].month] += at[day[:10]].sign * n
		return nil
	})
}

func (b *bare) recentlyFiled(ctx context.Context, c conn, s *standing, who caller) error {
	var w where
	who.within(&w)
	w.and("measure = '"+ledger.MeasureFiled+"' AND about_on > $? AND about_on <= $?", string(s.asOf.Add(-30)), string(s.asOf))
	var park uid
	var n int64
	return every(ctx, c, "SELECT park_id, CAST(SUM(n) AS bigint) FROM park_day_counts"+w.sql+" GROUP BY park_id", w.args, []any{&park, &n}, func() error {
		s.at[park].counts[recentAt] = n
		return nil
	})
}

// ratios are those of the register and of the works.
func (b *bare) ratios(ctx context.Context, c conn, s *standing, who caller) error {
	key := who.User + strconv.FormatInt(s.seq, 10)
	kept, known := b.kept.Load(key)
	if !known {
		if err := errors.Join(b.ratiosOfRegister(ctx, c, s, who), b.worksFiled(ctx, c, s, who)); err != nil {
			return err
		}
		all := map[uid]stood{}
		for park, of := range s.at {
			all[park] = *of
		}
		b.kept.Store(key, all)
		return nil
	}
	for park, of := range kept.(map[uid]stood) {
		here := s.at[park]
		here.sites, here.permitted, here.whole, here.outlets, here.coded, here.owed, here.filed = of.sites, of.permitted, of.whole, of.outlets, of.coded, of.owed, of.filed
	}
	return nil
}

// ratiosOfRegister counts sites of dischargers with a valid permit and with a whole file,
// and outlets with a code.
func (b *bare) ratiosOfRegister(ctx context.Context, c conn, s *standing, who caller) error {
	var w where
	w.args = []any{string(s.asOf)}
	w.and("e.discharges AND s.closed_on IS NULL")
	if who.Jurisdiction != "" {
		w.and("s.jurisdiction = $?", who.Jurisdiction)
	}
	var park uid
	var n, met, whole int64
	if err := every(ctx, c, `SELECT s.park_id, COUNT(*), COUNT(p.site_id), SUM(CASE WHEN EXISTS (SELECT 1 FROM permits x WHERE x.site_id = s.id AND x.closed_on IS NULL AND x.state <> 'applied')
		AND EXISTS (SELECT 1 FROM facilities x WHERE x.site_id = s.id AND x.closed_on IS NULL) AND EXISTS (SELECT 1 FROM outlets x WHERE x.site_id = s.id AND x.closed_on IS NULL) THEN 1 ELSE 0 END) FROM sites s JOIN enterprises e ON e.id = s.enterprise_id
		LEFT JOIN (SELECT DISTINCT site_id FROM permits WHERE closed_on IS NULL AND issued_on <= $1 AND valid_to >= $1) p ON p.site_id = s.id`+w.sql+` GROUP BY s.park_id`,
		w.args, []any{&park, &n, &met, &whole}, func() error {
			s.at[park].sites, s.at[park].permitted, s.at[park].whole = n, met, whole
			return nil
		}); err != nil {
		return err
	}
	w = where{}
	w.and("closed_on IS NULL")
	who.within(&w)
	return every(ctx, c, "SELECT park_id, COUNT(*), COUNT(NULLIF(code, '')) FROM outlets"+w.sql+" GROUP BY park_id", w.args, []any{&park, &n, &met}, func() error {
		s.at[park].outlets, s.at[park].coded = n, met
		return nil
	})
}

// worksFiled counts the days of each works that have an entry; each works owes thirty.
func (b *bare) worksFiled(ctx context.Context, c conn, s *standing, who caller) error {
	var w where
	who.within(&w)
	w.and("kind = 'treatment' AND in_use AND closed_on IS NULL")
	var works, park uid
	of := map[uid]*stood{}
	if err := every(ctx, c, "SELECT id, park_id FROM facilities"+w.sql, w.args, []any{&works, &park}, func() error {
		of[works] = s.at[park]
		of[works].owed += 30
		return nil
	}); err != nil {
		return err
	}
	w = where{}
	who.within(&w)
	w.and("class = $? AND state IN ('filed', 'accepted') AND day BETWEEN $? AND $?", ledgerClass, string(s.asOf.Add(-30)), string(s.asOf.Add(-1)))
	var days int64
	return every(ctx, c, "SELECT facility_id, COUNT(DISTINCT day) FROM ledger_entries"+w.sql+" GROUP BY facility_id", w.args, []any{&works, &days}, func() error {
		if of[works] != nil {
			of[works].filed += days
		}
		return nil
	})
}

func (s *stood) plus(o *stood, sign int64) {
	for i, n := range o.counts {
		s.counts[i] += sign * n
	}
}

func appendNumber(b []byte, name string, n int64) []byte {
	return strconv.AppendInt(append(append(append(b, '"'), name...), `":`...), n, 10)
}

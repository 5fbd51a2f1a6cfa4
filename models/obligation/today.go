package obligation

import (
	"cmp"
	"context"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// Today is what waits in each park of the caller now (今日待办).
type Today struct {
	Moment
	Since code.Day // the first day of what is late or missing
	Parks []ParkToday
	Tasks []Obligation // what is due, the earliest deadline first
	More  int          // tasks beyond those listed
}

// ParkToday counts what waits in a park, for the caller.
type ParkToday struct {
	Park       registry.Park
	Due        int64 // to be recorded, and still in time
	DueToday   int64 // of these, in time until the end of today
	Late       int64 // recorded late, about the last thirty days
	Backfilled int64 // filled in long afterwards, about the last thirty days
	Missing    int64 // not recorded and too late, about the last thirty days
	Returned   int64 // entries given back
	Drafts     int64 // entries begun and not filed
	Exceeded   int64 // readings over their limits, about the last thirty days
	Notices    int64 // findings with a notice to be answered
	Rejected   int64 // rectifications that did not pass
	Review     int64 // rectifications that wait for review
	Overdue    int64 // findings whose recipient is late
}

// mostTasks is how many tasks are listed at once.
const mostTasks = 50

// Today answers what waits now, in one park or in every park of the caller.
func (s *Service) Today(ctx context.Context, parkID string) (Today, error) {
	q, err := s.ask(ctx, Filter{ParkID: parkID, State: Due}, MomentInput{})
	out := Today{Moment: q.Moment}
	if err != nil {
		return out, err
	}
	out.Since = q.AsOf.Add(1 - defaultDays)
	parks, err := s.registry.Parks(ctx, registry.ParkFilter{}, models.Query{Limit: models.MaxPage})
	if err != nil {
		return out, err
	}
	for _, p := range parks.Items {
		if parkID == "" || parkID == string(p.ID) {
			out.Parks = append(out.Parks, ParkToday{Park: p})
		}
	}
	rows := map[models.ID]*ParkToday{}
	for i := range out.Parks {
		rows[out.Parks[i].Park.ID] = &out.Parks[i]
	}
	for _, count := range []func(context.Context, string, map[models.ID]*ParkToday) error{s.countEntries, s.countFindings} {
		if err := count(ctx, parkID, rows); err != nil {
			return out, err
		}
	}
	over, err := ledger.CountExceedances(ctx, s.db, parkID, out.Since)
	if err != nil {
		return out, err
	}
	for id, row := range rows {
		row.Exceeded = over[id]
	}
	return out, s.tasks(ctx, q, rows, &out)
}

// tasks counts and lists what the question finds, and counts what came late or not at all.
func (s *Service) tasks(ctx context.Context, q question, rows map[models.ID]*ParkToday, out *Today) error {
	since, today := out.Since.Number(), q.AsOf.Number()
	q.days.from, q.State = min(q.days.from, since), ""
	all, err := s.read(ctx, q.Filter, q.duties, q.days, q.Moment, true)
	if err != nil {
		return err
	}
	at := q.At.Unix()
	for _, d := range q.duties {
		park, here := rows[d.Place.ParkID], all.of(d)
		if park == nil {
			continue
		}
		d.periods(q.days, today, func(p Period) bool {
			state := p.judge(here, at).State
			switch {
			case state == Due:
				park.Due++
				if due, _ := p.due(); due <= today {
					park.DueToday++
				}
				out.Tasks = append(out.Tasks, p.obligation(here, at))
			case p.days.to < since:
			case state == Late:
				park.Late++
			case state == Backfilled:
				park.Backfilled++
			case state == Missing:
				park.Missing++
			}
			return true
		})
	}
	slices.SortStableFunc(out.Tasks, func(a, b Obligation) int {
		return cmp.Or(a.DueAt.Compare(*b.DueAt), cmp.Compare(a.To, b.To))
	})
	if len(out.Tasks) > mostTasks {
		out.More, out.Tasks = len(out.Tasks)-mostTasks, out.Tasks[:mostTasks]
	}
	return nil
}

// byState counts rows of a park in a state.
type byState struct {
	ParkID  models.ID
	State   string
	N       int64
	Overdue int64
}

func (s *Service) countEntries(ctx context.Context, parkID string, rows map[models.ID]*ParkToday) error {
	q := s.db.Visible(ctx, policies.LedgerRead, &ledger.Entry{}).Select("park_id, state, COUNT(*) AS n").
		Where("state IN ('draft', 'returned')").Group("park_id, state") // as the index of what is not filed says it
	if parkID != "" {
		q = q.Where("park_id = ?", parkID)
	}
	var all []byState
	if err := q.Scan(&all).Error; err != nil {
		return err
	}
	for _, x := range all {
		row := rows[x.ParkID]
		switch {
		case row == nil:
		case x.State == string(ledger.Draft):
			row.Drafts = x.N
		default:
			row.Returned = x.N
		}
	}
	return nil
}

// countFindings counts nothing for somebody who may not read findings.
func (s *Service) countFindings(ctx context.Context, parkID string, rows map[models.ID]*ParkToday) error {
	if policies.Require(ctx, policies.FindingRead) != nil {
		return nil
	}
	waiting := []inspection.State{inspection.Notified, inspection.Returned, inspection.Submitted}
	q := s.db.Visible(ctx, policies.FindingRead, &inspection.Finding{}).Where("state IN ?", waiting)
	if parkID != "" {
		q = q.Where("park_id = ?", parkID)
	}
	var all []byState
	err := q.Select("park_id, state, COUNT(*) AS n, COALESCE(SUM(CASE WHEN state IN ('notified', 'returned') AND due_on < ? THEN 1 ELSE 0 END), 0) AS overdue", s.db.Today()).
		Group("park_id, state").Scan(&all).Error
	if err != nil {
		return err
	}
	for _, x := range all {
		row := rows[x.ParkID]
		if row == nil {
			continue
		}
		row.Overdue += x.Overdue
		switch inspection.State(x.State) {
		case inspection.Notified:
			row.Notices = x.N
		case inspection.Returned:
			row.Rejected = x.N
		default:
			row.Review = x.N
		}
	}
	return nil
}

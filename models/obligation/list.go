package obligation

import (
	"context"
	"slices"

	"parkregistry/models"
)

// Answer is a page of obligations at a moment.
type Answer struct {
	models.Page[Obligation]
	Moment
	Counts Counts // of all periods that the filter leaves, whatever their state; nil unless all are counted
}

// Counts are numbers of periods by state.
type Counts map[State]int64

// List reads one page of obligations, those of the newest day first. The cost of
// a page does not grow with the window: days are looked at until it is full.
func (s *Service) List(ctx context.Context, f Filter, in MomentInput, query models.Query) (Answer, error) {
	var a Answer
	if err := query.Check(); err != nil {
		return a, err
	}
	q, err := s.ask(ctx, f, in)
	if err != nil {
		return a, err
	}
	a.Moment = q.Moment
	after, err := s.after(ctx, query)
	if err != nil {
		return a, err
	}
	found, err := s.page(ctx, q, after, query.Limit+1)
	if err != nil {
		return a, err
	}
	if len(found) > query.Limit {
		found = found[:query.Limit]
		if a.Next, err = s.db.SealPosition(ctx, query, listName, found[query.Limit-1].position.text()); err != nil {
			return a, err
		}
	}
	a.Items = make([]Obligation, len(found))
	for i, x := range found {
		a.Items[i] = x.Obligation
	}
	if query.Exact {
		var total int64
		if a.Counts, total, err = s.count(ctx, q); err != nil {
			return a, err
		}
		a.Total = &total
	}
	return a, nil
}

// listName is what cursors of this list are bound to.
const listName = "obligations"

// after is the position that the page continues from, nil for the first page.
func (s *Service) after(ctx context.Context, query models.Query) (*position, error) {
	if query.Cursor == "" {
		return nil, nil
	}
	text, err := s.db.OpenPosition(ctx, query, listName)
	if err != nil {
		return nil, err
	}
	p, ok := positionOf(text)
	if !ok {
		return nil, models.BadCursor()
	}
	return &p, nil
}

// placed is an obligation with its place in the list.
type placed struct {
	Obligation
	position position
}

// page finds the first n obligations after a position: what is still running, then
// day by day into the past, ever more days at once.
func (s *Service) page(ctx context.Context, q question, after *position, n int) ([]placed, error) {
	today := q.AsOf.Number()
	last := q.days.to
	if after != nil {
		last = min(last, after.to)
	}
	var found []placed
	if last > today {
		running, err := s.between(ctx, q, span{max(today+1, q.days.from), last}, after)
		if err != nil {
			return nil, err
		}
		found, last = append(found, running...), today
	}
	for step := 1; len(found) < n && last >= q.days.from; step *= 2 {
		from := max(q.days.from, last-step+1)
		more, err := s.between(ctx, q, span{from, last}, after)
		if err != nil {
			return nil, err
		}
		found, last = append(found, more...), from-1
	}
	return found[:min(len(found), n)], nil
}

// between are the obligations that end in days, in the order of the list.
func (s *Service) between(ctx context.Context, q question, days span, after *position) ([]placed, error) {
	all, err := s.read(ctx, q.Filter, q.duties, days, q.Moment, true)
	if err != nil {
		return nil, err
	}
	at, until := q.At.Unix(), q.AsOf.Number()
	var found []placed
	for _, d := range q.duties {
		here := all.of(d)
		d.periods(days, until, func(p Period) bool {
			if !q.wanted(p, p.judge(here, at)) {
				return true
			}
			where := p.position()
			if after == nil || where.compare(*after) > 0 {
				found = append(found, placed{p.obligation(here, at), where})
			}
			return true
		})
	}
	slices.SortFunc(found, func(a, b placed) int { return a.position.compare(b.position) })
	return found, nil
}

// count counts the periods of the question by state, and those of the state asked for.
func (s *Service) count(ctx context.Context, q question) (Counts, int64, error) {
	counts, total := Counts{}, int64(0)
	err := s.each(ctx, q, func(p Period, r Ruling) {
		stated := q
		stated.State = ""
		if stated.wanted(p, r) {
			counts[r.State]++
		}
		if q.wanted(p, r) {
			total++
		}
	})
	return counts, total, err
}

// each calls yield with every period of the question.
func (s *Service) each(ctx context.Context, q question, yield func(Period, Ruling)) error {
	all, err := s.read(ctx, q.Filter, q.duties, q.days, q.Moment, false)
	if err != nil {
		return err
	}
	at, until := q.At.Unix(), q.AsOf.Number()
	for _, d := range q.duties {
		here := all.of(d)
		d.periods(q.days, until, func(p Period) bool {
			yield(p, p.judge(here, at))
			return true
		})
	}
	return nil
}

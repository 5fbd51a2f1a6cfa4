package obligation

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/models"
)

// Watched is what the self-monitoring plans of a park's permits asked for in some days,
// and what of it was measured: a number of measurements each.
type Watched struct {
	Required, Made                   int64
	WorkshopsRequired, WorkshopsMade int64 // of them, class-I pollutants at workshop outlets (DB44/1597-2015 4.2.6)
}

// Watched counts the periods of the plans that ended from the first to the last of the
// days and are over: recorded, in time or late, or missing. What is excused, still due
// or not understood is not counted. Denied without ledger.read.
func (s *Service) Watched(ctx context.Context, park models.ID, from, to code.Day) (Watched, error) {
	var w Watched
	q, err := s.ask(ctx, Filter{ParkID: string(park), From: from, To: to}, MomentInput{})
	if err != nil {
		return w, err
	}
	plans := q.duties[:0]
	for _, d := range q.duties {
		if d.Pollutant != "" {
			plans = append(plans, d)
		}
	}
	q.duties = plans
	err = s.each(ctx, q, func(p Period, r Ruling) {
		over, made := r.over()
		if !over {
			return
		}
		w.count(p.duty, made)
	})
	return w, err
}

// over reports whether a period is one that somebody answers for now, and whether what
// it asked for was recorded.
func (r Ruling) over() (over, made bool) {
	switch r.State {
	case OnTime, Late, Backfilled:
		return true, true
	case Missing:
		return true, false
	}
	return false, false
}

func (w *Watched) count(d *Duty, made bool) {
	n := int64(0)
	if made {
		n = 1
	}
	w.Required, w.Made = w.Required+1, w.Made+n
	if d.Object != nil && d.Object.Kind == "workshop" && code.Pollutant(d.Pollutant).FirstClass() {
		w.WorkshopsRequired, w.WorkshopsMade = w.WorkshopsRequired+1, w.WorkshopsMade+n
	}
}

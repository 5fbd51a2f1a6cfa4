package grade_test

import (
	"reflect"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/grade"
)

// TestThen: what was answered after each step is answered still, by the number of the log
// of then and by the day, whatever came later; and filters ask what was, not what is.
func TestThen(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		trail := audit.New(w.DB)
		type moment struct {
			seq  int64
			day  code.Day
			head grade.Grade
		}
		var past []moment
		keep := func(g grade.Grade) grade.Grade {
			w.Seal(t)
			past = append(past, moment{got(trail.Known(w.Bureau()))(t), w.DB.Today(), g})
			*w.clock = w.clock.AddDate(0, 0, 3)
			return g
		}
		g := keep(w.check(t))
		g = keep(w.move(t, w.Inspector("baoan"), grade.MoveRating, g, grade.MoveInput{Level: "red"}))
		g = keep(w.move(t, w.Bureau(), grade.MoveOrder, g, grade.MoveInput{DueOn: string(w.DB.Today().Add(1))}))
		g = keep(w.move(t, w.Bureau(), grade.MoveReassessment, g, grade.MoveInput{}))
		keep(w.move(t, w.Bureau(), grade.MoveRating, g, grade.MoveInput{Level: "green"}))
		list := func(f grade.Filter, ask audit.Question) []grade.Grade {
			t.Helper()
			return got(w.Then(w.Analyst(), f, ask, models.Query{Limit: 10}))(t).Items
		}
		for _, m := range past {
			for name, ask := range map[string]audit.Question{"number": {KnownSeq: &m.seq}, "day": {AsOf: m.day}, "day and number": {AsOf: m.day, KnownSeq: &m.seq}} {
				all := list(grade.Filter{State: m.head.State, Level: m.head.Level}, ask)
				if len(all) != 1 {
					t.Errorf("%s, asked by %s: %d gradings", m.head.State, name, len(all))
					continue
				}
				all[0].CreatedAt, all[0].UpdatedAt = m.head.CreatedAt, m.head.UpdatedAt // in another zone
				if !reflect.DeepEqual(all[0], m.head) {
					t.Errorf("%s, asked by %s: %+v, was %+v", m.head.State, name, all[0], m.head)
				}
			}
		}
		ordered := past[2]
		late := ordered.day.Add(2)
		for _, x := range []struct {
			f    grade.Filter
			ask  audit.Question
			want int
		}{
			{grade.Filter{Overdue: true}, audit.Question{AsOf: late}, 1},
			{grade.Filter{Overdue: true}, audit.Question{AsOf: late, KnownSeq: &past[1].seq}, 0},
			{grade.Filter{Overdue: true}, audit.Question{AsOf: ordered.day}, 0},
			{grade.Filter{State: grade.Green}, audit.Question{AsOf: late}, 0},
			{grade.Filter{}, audit.Question{AsOf: past[0].day.Add(-1)}, 0},
		} {
			if n := len(list(x.f, x.ask)); n != x.want {
				t.Errorf("%+v at %+v: %d gradings, want %d", x.f, x.ask, n, x.want)
			}
		}
		if _, err := w.Then(w.Analyst(), grade.Filter{}, audit.Question{AsOf: code.DayOf(w.clock.Add(48 * time.Hour))}, models.Query{Limit: 10}); len(pointers(err)) != 1 {
			t.Errorf("a day to come: %v", err)
		}
		if foreign := got(w.Then(w.Inspector("longgang"), grade.Filter{}, audit.Question{AsOf: late}, models.Query{Limit: 10}))(t); len(foreign.Items) != 0 {
			t.Errorf("another district sees %+v", foreign.Items)
		}
	})
}

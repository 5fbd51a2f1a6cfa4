package assessment_test

import (
	"reflect"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/audit"
)

// TestThen: what was answered after each step is answered still, by the number of the log
// of then and by the day, over a return and a second round.
func TestThen(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		trail := audit.New(w.DB)
		type moment struct {
			seq  int64
			day  code.Day
			head assessment.Assessment
		}
		var past []moment
		keep := func(a assessment.Assessment) assessment.Assessment {
			w.Seal(t)
			past = append(past, moment{got(trail.Known(w.Bureau()))(t), w.DB.Today(), a})
			w.clock.at = w.clock.at.AddDate(0, 0, 3)
			return a
		}
		a := keep(w.start(t))
		a = got(w.Mark(w.park(), assessment.Self, a.ID, a.Version, full()))(t)
		a = keep(got(w.Submit(w.park(), a.ID, a.Version))(t))
		a = got(w.Mark(w.district(), assessment.District, a.ID, a.Version, agreed()))(t)
		a = keep(got(w.Complete(w.district(), a.ID, a.Version))(t))
		a = keep(got(w.Return(w.Bureau(), a.ID, a.Version, assessment.ReturnInput{Reason: "任命文件需要补齐"}))(t))
		keep(got(w.Submit(w.park(), a.ID, a.Version))(t))
		if len(past) != 5 || past[2].head.Score == nil || past[3].head.Score != nil {
			t.Fatalf("the course of it: %+v", past)
		}
		for _, m := range past {
			for name, ask := range map[string]audit.Question{"number": {KnownSeq: &m.seq}, "day": {AsOf: m.day}} {
				all := got(w.Then(w.Analyst(), assessment.Filter{State: m.head.State, Year: m.head.Year}, ask, models.Query{Limit: 10}))(t).Items
				if len(all) != 1 {
					t.Errorf("%s, asked by %s: %d assessments", m.head.State, name, len(all))
					continue
				}
				all[0].CreatedAt, all[0].UpdatedAt = m.head.CreatedAt, m.head.UpdatedAt // in another zone
				if !reflect.DeepEqual(all[0], m.head) {
					t.Errorf("%s, asked by %s: %+v, was %+v", m.head.State, name, all[0], m.head)
				}
			}
		}
		if before := got(w.Then(w.Analyst(), assessment.Filter{}, audit.Question{AsOf: past[0].day.Add(-1)}, models.Query{Limit: 10}))(t); len(before.Items) != 0 {
			t.Errorf("before it began: %+v", before.Items)
		}
		if foreign := got(w.Then(w.Inspector("longgang"), assessment.Filter{}, audit.Question{AsOf: past[2].day}, models.Query{Limit: 10}))(t); len(foreign.Items) != 0 {
			t.Errorf("another district sees %+v", foreign.Items)
		}
	})
}

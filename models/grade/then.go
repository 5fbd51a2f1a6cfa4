package grade

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Answer is a page of gradings as they stood at a moment.
type Answer struct {
	models.Page[Grade]
	audit.Moment
}

// thenStep is a column of the newest step of a grading by the end of a day, as it was
// known at a number of the log. Days of steps never fall.
const thenStep = `(SELECT s.%s FROM grade_steps s JOIN changes c ON c.id = s.change_id WHERE s.grade_id = grades.id AND s.day <= ? AND c.seq <= ? ORDER BY c.seq DESC LIMIT 1)`

// Then lists the gradings of the caller as they stood at the end of a day, by the steps
// that were known: the state, grade, score and last day are those of then. What had not
// begun, or was not known, is left out.
func (s *Service) Then(ctx context.Context, f Filter, ask audit.Question, q models.Query) (out Answer, err error) {
	err = s.db.Snapshot(ctx, func(ctx context.Context) error {
		if out.Moment, err = audit.New(s.db).Moment(ctx, ask); err != nil {
			return err
		}
		stood := func(rows *gorm.DB, column, is string, more ...any) *gorm.DB {
			return rows.Where(fmt.Sprintf(thenStep, column)+is, append([]any{out.AsOf, out.Seq}, more...)...)
		}
		rows := stood(f.lasting(s.db.Visible(ctx, policies.GradeRead, &Grade{})), "to_state", " IS NOT NULL")
		if f.State != "" {
			rows = stood(rows, "to_state", " = ?", f.State)
		}
		if f.Level != "" {
			rows = stood(rows, "level", " = ?", f.Level)
		}
		if f.Overdue {
			rows = stood(stood(rows, "to_state", " = ?", Rectifying), "due_on", " < ?", out.AsOf)
		}
		if out.Page, err = models.List(s.db, rows, q, orders, "-day", func(g Grade) models.ID { return g.ID }); err != nil {
			return err
		}
		return s.putBack(ctx, out.Items, out.Moment)
	})
	return out, err
}

// putBack makes the heads say what they said at the moment.
func (s *Service) putBack(ctx context.Context, all []Grade, m audit.Moment) error {
	ids := make([]models.ID, len(all))
	for i, g := range all {
		ids[i] = g.ID
	}
	var steps []Step
	err := s.db.Visible(ctx, policies.GradeRead, &Step{}).Select("grade_steps.*").Joins("JOIN changes c ON c.id = grade_steps.change_id").
		Where("grade_steps.grade_id IN ? AND grade_steps.day <= ? AND c.seq <= ?", ids, m.AsOf, m.Seq).Order("c.seq").Find(&steps).Error
	of := make(map[models.ID][]Step, len(all))
	for _, st := range steps {
		of[st.GradeID] = append(of[st.GradeID], st)
	}
	for i := range all {
		all[i] = all[i].then(of[all[i].ID])
	}
	return err
}

// then is the head after the steps.
func (g Grade) then(steps []Step) Grade {
	g.DecidedOn, g.Version = nil, 0
	for _, st := range steps {
		g.State, g.Level, g.Score, g.DueOn, g.UpdatedAt = st.ToState, st.Level, st.Score, st.DueOn, st.At
		g.Version++
		if st.Kind == MoveRating || st.Kind == MoveDecision {
			g.DecidedOn = &st.Day
		}
	}
	return g
}

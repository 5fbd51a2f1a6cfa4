package task

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/models/progress"
	"parkregistry/policies"
)

// Waiting is one task that waits for a person.
type Waiting struct {
	What    Move // report, for the responsible person; verification, for the bureau
	Task    Task
	Overdue bool
}

// MaxWaiting is how many tasks an inbox looks at of each kind, those due first.
const MaxWaiting = 100

// Inbox is what waits for the caller: tasks that are his to report, and those of others
// that he may verify.
func (s *Service) Inbox(ctx context.Context) ([]Waiting, error) {
	actor, _ := policies.ActorFrom(ctx)
	var out []Waiting
	for _, q := range []struct {
		move Move
		of   func(*gorm.DB) *gorm.DB
	}{
		{MoveReport, func(q *gorm.DB) *gorm.DB {
			return q.Where("person_id = ? AND state IN ('planned', 'in_progress')", actor.User)
		}},
		{MoveVerification, func(q *gorm.DB) *gorm.DB { return q.Where("state = ?", Completed) }},
	} {
		if policies.Require(ctx, rules[q.move].perm) != nil {
			continue
		}
		var tasks []Task
		if err := q.of(s.db.Visible(ctx, rules[q.move].perm, &Task{})).Order("due_on, id").Limit(MaxWaiting).Find(&tasks).Error; err != nil {
			return nil, err
		}
		for _, t := range tasks {
			if _, err := capacity(ctx, t, q.move); err == nil {
				out = append(out, Waiting{q.move, t, q.move == MoveReport && t.DueOn < s.db.Today()})
			}
		}
	}
	return out, s.standingLate(ctx, out)
}

// standingLate looks again at what is past its day: late is what the table says of it, so
// that a goal that is reached waits for its report and is not delayed.
func (s *Service) standingLate(ctx context.Context, all []Waiting) error {
	if !slices.ContainsFunc(all, func(w Waiting) bool { return w.Overdue }) {
		return nil
	}
	return s.db.Snapshot(ctx, func(ctx context.Context) error {
		fig, err := s.figures(ctx, progress.Question{})
		if err != nil {
			return err
		}
		for i, w := range all {
			if !w.Overdue {
				continue
			}
			f, err := fig.of(w.Task)
			if err != nil {
				return err
			}
			all[i].Overdue = stand(w.Task, f, s.db.Today()).Delayed
		}
		return nil
	})
}

// Due is the day by which it is to be done; a verification has none.
func (w Waiting) Due() *code.Day {
	if w.What == MoveVerification {
		return nil
	}
	return &w.Task.DueOn
}

package grade

import (
	"context"

	"parkregistry/policies"
)

// Waiting is one grade with the move that it waits for.
type Waiting struct {
	What    Move
	Grade   Grade
	Overdue bool
}

// MaxWaiting is how many grades of each kind an inbox looks at, those due first.
const MaxWaiting = 100

// awaited are the moves that carry a grade on, by where it stands; an objection and a
// repair are open to the firm and wait for nobody.
var awaited = []struct {
	move Move
	of   []State
}{
	{MoveRating, []State{Checked, Rechecked}}, {MoveOrder, []State{Yellow, Red}}, {MoveReassessment, []State{Rectifying}},
	{MoveNotification, []State{Scored}}, {MoveDecision, []State{Notified, Objected, Repaired}},
}

// newest leaves out what a later check of the same firm has overtaken.
const newest = "(grades.kind <> 'capability' OR NOT EXISTS (SELECT 1 FROM grades later WHERE later.enterprise_id = grades.enterprise_id AND later.kind = grades.kind AND (later.day > grades.day OR later.day = grades.day AND later.id > grades.id)))"

// Inbox is what waits for the caller.
func (s *Service) Inbox(ctx context.Context) ([]Waiting, error) {
	var out []Waiting
	today := s.db.Today()
	for _, w := range awaited {
		perm := rules[w.move].perm
		if policies.Require(ctx, perm) != nil {
			continue
		}
		var all []Grade
		rows := s.db.Visible(ctx, perm, &Grade{}).Where("grades.state IN ?", w.of).Where(newest)
		if err := rows.Order("grades.due_on, grades.day, grades.id").Limit(MaxWaiting).Find(&all).Error; err != nil {
			return nil, err
		}
		for _, g := range all {
			if w.move == MoveRating && g.State == Rechecked && !ofBureau(ctx) {
				continue
			}
			out = append(out, Waiting{w.move, g, g.Overdue(today)})
		}
	}
	return out, nil
}

package inspection

import (
	"cmp"
	"context"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Waiting is one thing of this room that waits for a person: a move of a finding, the
// inspection of a drawn unit, or a planned patrol.
type Waiting struct {
	What    string // the move, or one of the others
	ID      models.ID
	Number  string // of the finding or the draw, name of what a round is to
	Place   models.Placed
	DueOn   *code.Day
	Overdue bool
}

// What waits besides the moves of findings.
const (
	WaitingTask  = "task"  // the inspection of a drawn unit
	WaitingRound = "round" // a planned patrol
)

// MaxWaiting is how many findings an inbox looks at, those due first.
const MaxWaiting = 200

// standing is every finding that somebody still has to do something about. The words are
// those of the partial indexes findings_standing_….
const standing = "findings.state IN ('open', 'notified', 'submitted', 'returned')"

// awaited are the moves that carry a finding on; others (extension, withdrawal, referral
// that nobody asked for) are open to people and wait for nobody.
func (f Finding) awaited() []Move {
	moves := map[State][]Move{Open: {MoveNotice}, Notified: {MoveRectification}, Submitted: {MoveReview}, Returned: {MoveRectification}}[f.State]
	if f.State == Notified && f.AcknowledgedAt == nil {
		moves = []Move{MoveAcknowledgement}
	}
	if f.ReferralRequested {
		moves = append([]Move{MoveReferral}, moves...)
	}
	return moves
}

// Inbox is what waits for the caller, the earliest day first: computed from the rows that
// he reaches and the assignments that he holds today, so that it is nobody else's and ends
// with them. More tells that there were more findings than it looks at.
func (s *Service) Inbox(ctx context.Context) (all []Waiting, more bool, err error) {
	if policies.Require(ctx, policies.FindingRead) == nil {
		if all, more, err = s.waitingFindings(ctx); err != nil {
			return nil, false, err
		}
	}
	if policies.Require(ctx, policies.DrawRead) == nil {
		tasks, err := s.waitingTasks(ctx)
		if err != nil {
			return nil, false, err
		}
		all = append(all, tasks...)
	}
	if policies.Require(ctx, policies.PatrolCreate) == nil {
		rounds, err := s.waitingRounds(ctx)
		if err != nil {
			return nil, false, err
		}
		all = append(all, rounds...)
	}
	slices.SortStableFunc(all, func(a, b Waiting) int { return cmp.Compare(dayOr(a.DueOn), dayOr(b.DueOn)) })
	return all, more, nil
}

func dayOr(d *code.Day) code.Day {
	if d == nil {
		return farDay
	}
	return *d
}

func (s *Service) waitingFindings(ctx context.Context) (all []Waiting, more bool, err error) {
	var findings []Finding
	rows := s.db.Visible(ctx, policies.FindingRead, &Finding{}).Where(standing)
	if err := rows.Order(dueColumn + ", findings.id").Limit(MaxWaiting + 1).Find(&findings).Error; err != nil {
		return nil, false, err
	}
	if more = len(findings) > MaxWaiting; more {
		findings = findings[:MaxWaiting]
	}
	today := s.db.Today()
	for _, f := range findings {
		for _, m := range f.awaited() {
			_, err := capacity(ctx, f, m)
			switch fault.CodeOf(err) {
			case "":
				w := Waiting{What: string(m), ID: f.ID, Number: f.Number, Place: f.Placed, DueOn: f.DueOn, Overdue: f.Overdue(today)}
				if m == MoveReview {
					w.DueOn, _ = f.ReviewDueOn()
					w.Overdue = w.DueOn != nil && *w.DueOn < today
				}
				all = append(all, w)
			case fault.Conflict, fault.NotFound:
			default:
				return nil, false, err
			}
		}
	}
	return all, more, nil
}

// waitingTasks are the drawn units that the caller still has to inspect; they are due by
// the end of the quarter.
func (s *Service) waitingTasks(ctx context.Context) ([]Waiting, error) {
	actor, _ := policies.ActorFrom(ctx)
	var tasks []Task
	mine := s.db.Visible(ctx, policies.DrawRead, &Task{}).Where("(first_officer = ? OR second_officer = ?)", actor.User, actor.User)
	if err := mine.Order("draw_id DESC, place").Limit(MaxWaiting).Find(&tasks).Error; err != nil || len(tasks) == 0 {
		return nil, err
	}
	ids := make([]models.ID, len(tasks))
	for i, t := range tasks {
		ids[i] = t.DrawID
	}
	var draws []Draw
	if err := s.db.Visible(ctx, policies.DrawRead, &Draw{}).Where("id IN ?", ids).Find(&draws).Error; err != nil {
		return nil, err
	}
	of := map[models.ID]Draw{}
	for _, d := range draws {
		of[d.ID] = d
	}
	done, err := s.done(ctx, draws, tasks)
	if err != nil {
		return nil, err
	}
	var all []Waiting
	today := s.db.Today()
	for _, t := range done {
		if d := of[t.DrawID]; !t.Done {
			due := endOf(d.Quarter)
			site, firm := t.SiteID, t.EnterpriseID
			all = append(all, Waiting{What: WaitingTask, ID: d.ID, Number: d.Number, Place: models.Placed{SiteID: &site, ParkID: t.ParkID, EnterpriseID: &firm, Jurisdiction: d.Jurisdiction},
				DueOn: &due, Overdue: due < today})
		}
	}
	return all, nil
}

// endOf is the last day of a quarter.
func endOf(quarter string) code.Day {
	return code.Day(quarter[:4] + map[string]string{"1": "-03-31", "2": "-06-30", "3": "-09-30", "4": "-12-31"}[quarter[6:]])
}

// Package inbox gathers what waits for one person from the rooms that know it, and
// reminds each person of it at most once a day.
package inbox

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/grade"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/task"
	"parkregistry/policies"
)

// People are those who may sign in, with the assignments that they hold today.
type People interface {
	Actors(ctx context.Context) ([]policies.Actor, error)
}

// Service is the door to the inbox.
type Service struct {
	db         *models.DB
	inspection *inspection.Service
	ledger     *ledger.Service
	tasks      *task.Service
	judged     *assessment.Service
	grades     *grade.Service
	people     People
	counts     counts
}

// Rooms are those that know what waits.
type Rooms struct {
	Inspection  *inspection.Service
	Ledger      *ledger.Service
	Tasks       *task.Service
	Assessments *assessment.Service
	Grades      *grade.Service
}

// New makes the service.
func New(db *models.DB, r Rooms, people People) *Service {
	return &Service{db: db, inspection: r.Inspection, ledger: r.Ledger, tasks: r.Tasks, judged: r.Assessments, grades: r.Grades, people: people}
}

// Models are the tables of this package, for the schema's tests.
func Models() []models.Scoped { return []models.Scoped{Reminder{}} }

// Kinds of what waits.
const (
	KindFinding = "finding"
	KindDraw    = "draw"
	KindPatrol  = "patrol"
	KindTask    = "task"
	KindLedger  = "ledger"

	KindAssessment = "assessment"
	KindGrade      = "grade"
	KindPark       = "park" // to be accredited
)

// Item is one thing that waits for a person.
type Item struct {
	What         string // the move that is waited for
	Kind         string
	ID           models.ID
	Number       string
	ParkID       *models.ID
	SiteID       *models.ID
	EnterpriseID *models.ID
	DueOn        *code.Day
	Overdue      bool
}

// Box is what waits for a person.
type Box struct {
	AsOf  code.Day
	Items []Item
	More  bool // than is looked at
}

// Overdue is how many of the items are late.
func (b Box) Overdue() (n int) {
	for _, i := range b.Items {
		if i.Overdue {
			n++
		}
	}
	return n
}

// Box is what waits for the caller, the earliest day first.
func (s *Service) Box(ctx context.Context) (Box, error) {
	actor, _ := policies.ActorFrom(ctx)
	now, place := s.db.Now(), s.counts.begin(actor.User)
	b := Box{AsOf: s.db.Today(), Items: []Item{}}
	for _, add := range []func(context.Context, *Box) error{s.walks, s.table, s.filings, s.assessments, s.graded} {
		if err := add(ctx, &b); err != nil {
			return b, err
		}
	}
	slices.SortStableFunc(b.Items, func(a, b Item) int { return cmp.Compare(a.day(), b.day()) })
	s.counts.keep(actor.User, place, Count{len(b.Items), b.More}, now.Add(fresh))
	return b, nil
}

// day orders the items; what has no day comes after all others.
func (i Item) day() code.Day {
	if i.DueOn == nil {
		return "9999-12-31"
	}
	return *i.DueOn
}

func (s *Service) walks(ctx context.Context, b *Box) error {
	all, more, err := s.inspection.Inbox(ctx)
	b.More = b.More || more
	for _, w := range all {
		kind := KindFinding
		switch w.What {
		case inspection.WaitingTask:
			kind = KindDraw
		case inspection.WaitingRound:
			kind = KindPatrol
		}
		b.Items = append(b.Items, Item{w.What, kind, w.ID, w.Number, models.Ref(w.Place.ParkID), w.Place.SiteID, w.Place.EnterpriseID, w.DueOn, w.Overdue})
	}
	return err
}

func (s *Service) table(ctx context.Context, b *Box) error {
	all, err := s.tasks.Inbox(ctx)
	for _, w := range all {
		b.Items = append(b.Items, Item{What: string(w.What), Kind: KindTask, ID: w.Task.ID, Number: w.Task.Number, ParkID: w.Task.ParkID, DueOn: w.Due(), Overdue: w.Overdue})
	}
	return err
}

func (s *Service) filings(ctx context.Context, b *Box) error {
	if policies.Require(ctx, policies.LedgerFile) != nil {
		return nil
	}
	page, err := s.ledger.List(ctx, ledger.Filter{State: string(ledger.Returned)}, models.Query{Limit: inspection.MaxWaiting})
	b.More = b.More || page.Next != ""
	for _, e := range page.Items {
		b.Items = append(b.Items, Item{What: "filing", Kind: KindLedger, ID: e.ID, Number: e.Number, ParkID: models.Ref(e.ParkID), SiteID: e.SiteID, EnterpriseID: e.EnterpriseID})
	}
	return err
}

func (s *Service) assessments(ctx context.Context, b *Box) error {
	all, err := s.judged.Inbox(ctx)
	for _, w := range all {
		i := Item{What: w.What, Kind: KindPark, ID: w.Place(), ParkID: models.Ref(w.Place())}
		if w.Assessment != nil {
			i.Kind, i.ID, i.Number = KindAssessment, w.Assessment.ID, strconv.Itoa(w.Assessment.Year)
		} else {
			i.Number = w.Park.Code
		}
		b.Items = append(b.Items, i)
	}
	return err
}

func (s *Service) graded(ctx context.Context, b *Box) error {
	all, err := s.grades.Inbox(ctx)
	for _, w := range all {
		i := Item{What: string(w.What), Kind: KindGrade, ID: w.Grade.ID, Number: w.Grade.Period, EnterpriseID: models.Ref(w.Grade.EnterpriseID), Overdue: w.Overdue}
		if w.What == grade.MoveReassessment {
			i.DueOn = w.Grade.DueOn
		}
		b.Items = append(b.Items, i)
	}
	return err
}

package task

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"parkregistry/models"
	"parkregistry/models/progress"
	"parkregistry/policies"
)

var programmeOrders = map[string]models.Order[Programme]{
	"-issuedOn": {Column: "programmes.issued_on", Desc: true, Key: func(p Programme) any { return string(p.IssuedOn) }},
}

// Programmes lists the documents, the newest first.
func (s *Service) Programmes(ctx context.Context, q models.Query) (models.Page[Programme], error) {
	return models.List(s.db, s.db.Visible(ctx, policies.ProgrammeRead, &Programme{}), q, programmeOrders, "-issuedOn", func(p Programme) models.ID { return p.ID })
}

// Programme reads one document.
func (s *Service) Programme(ctx context.Context, id models.ID) (Programme, error) {
	var p Programme
	return p, models.One(s.db.Visible(ctx, policies.ProgrammeRead, &p).Where("id = ?", id), &p)
}

// Filter narrows the list of tasks.
type Filter struct {
	ProgrammeID, ParkID, Jurisdiction, PersonID string
	Number                                      string // the one of that number
	State                                       State
}

var orders = map[string]models.Order[Task]{
	"dueOn":  {Column: "tasks.due_on", Key: func(t Task) any { return string(t.DueOn) }},
	"-dueOn": {Column: "tasks.due_on", Desc: true, Key: func(t Task) any { return string(t.DueOn) }},
}

// Answer is a list of tasks as they stood, with the day and the number of the log that
// it is about.
type Answer struct {
	models.Page[Standing]
	progress.Question
}

// List lists the tasks that the caller may see, those due first, each as it stood on
// the day asked about and with what the registry said of its goal.
func (s *Service) List(ctx context.Context, f Filter, ask progress.Question, q models.Query) (Answer, error) {
	var out Answer
	err := s.db.Snapshot(ctx, func(ctx context.Context) error {
		past := ask != progress.Question{}
		if err := policies.Require(ctx, policies.TaskRead); err != nil {
			return err
		}
		fig, err := s.figures(ctx, ask)
		if err != nil {
			return err
		}
		rows := s.db.Visible(ctx, policies.TaskRead, &Task{})
		for _, eq := range [][2]string{{"tasks.programme_id", f.ProgrammeID}, {"tasks.park_id", f.ParkID}, {"tasks.jurisdiction", f.Jurisdiction}, {"tasks.number", f.Number}} {
			if eq[1] != "" {
				rows = rows.Where(eq[0]+" = ?", eq[1])
			}
		}
		rows = f.then(rows, fig, past)
		page, err := models.List(s.db, rows, q, orders, "dueOn", func(t Task) models.ID { return t.ID })
		if err != nil {
			return err
		}
		out = Answer{Page: models.Page[Standing]{Next: page.Next, Before: page.Before, Total: page.Total}, Question: fig.about()}
		out.Items, err = s.standings(ctx, page.Items, fig, past)
		return err
	})
	return out, err
}

// lastStep is the newest step of a task by a day, as it was known at a number.
const lastStep = `(SELECT s.%s FROM task_steps s JOIN changes c ON c.id = s.change_id WHERE s.task_id = tasks.id AND s.day <= ? AND c.seq <= ? ORDER BY c.seq DESC LIMIT 1)`

func column(name string) string { return fmt.Sprintf(lastStep, name) }

// then narrows by what moves: as it is, or as it stood and was known.
func (f Filter) then(rows *gorm.DB, fig *figures, past bool) *gorm.DB {
	if past {
		rows = rows.Where(column("to_state")+" IS NOT NULL", fig.asOf, fig.known)
	}
	for _, eq := range [][3]string{{"person_id", f.PersonID, "tasks.person_id"}, {"to_state", string(f.State), "tasks.state"}} {
		switch {
		case eq[1] != "" && past:
			rows = rows.Where(column(eq[0])+" = ?", fig.asOf, fig.known, eq[1])
		case eq[1] != "":
			rows = rows.Where(eq[2]+" = ?", eq[1])
		}
	}
	return rows
}

// standings judges tasks; of the past each is put back to its last step then.
func (s *Service) standings(ctx context.Context, all []Task, fig *figures, past bool) ([]Standing, error) {
	var last map[models.ID]Step
	if past {
		var err error
		if last, err = s.lastSteps(ctx, all, fig); err != nil {
			return nil, err
		}
	}
	out := make([]Standing, len(all))
	for i, t := range all {
		if st, there := last[t.ID]; there {
			t = t.then(st)
		}
		f, err := fig.of(t)
		if err != nil {
			return nil, err
		}
		out[i] = stand(t, f, fig.asOf)
	}
	return out, nil
}

func (s *Service) lastSteps(ctx context.Context, all []Task, fig *figures) (map[models.ID]Step, error) {
	ids := make([]models.ID, len(all))
	for i, t := range all {
		ids[i] = t.ID
	}
	var steps []Step
	err := s.db.Visible(ctx, policies.TaskRead, &Step{}).Select("task_steps.*").Joins("JOIN changes c ON c.id = task_steps.change_id").
		Where("task_steps.task_id IN ? AND task_steps.day <= ? AND c.seq <= ?", ids, fig.asOf, fig.known).Order("c.seq").Find(&steps).Error
	last := make(map[models.ID]Step, len(all))
	for _, st := range steps {
		last[st.TaskID] = st
	}
	return last, err
}

// Get reads one task as it is, and the day and the number of the log that the answer of
// the registry is about.
func (s *Service) Get(ctx context.Context, id models.ID) (Standing, progress.Question, error) {
	var out Standing
	var about progress.Question
	err := s.db.Snapshot(ctx, func(ctx context.Context) error {
		var t Task
		if err := models.One(s.db.Visible(ctx, policies.TaskRead, &t).Where("id = ?", id), &t); err != nil {
			return err
		}
		fig, err := s.figures(ctx, progress.Question{})
		if err != nil {
			return err
		}
		about = fig.about()
		f, err := fig.of(t)
		out = stand(t, f, fig.asOf)
		return err
	})
	return out, about, err
}

// Steps lists what happened to a task, first to last.
func (s *Service) Steps(ctx context.Context, id models.ID) ([]Step, error) {
	var t Task
	if err := models.One(s.db.Visible(ctx, policies.TaskRead, &t).Where("id = ?", id), &t); err != nil {
		return nil, err
	}
	var all []Step
	return all, s.db.Visible(ctx, policies.TaskRead, &Step{}).Where("task_id = ?", id).Order("id").Limit(500).Find(&all).Error
}

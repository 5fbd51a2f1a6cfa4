package assessment

import (
	"context"

	"gorm.io/gorm"

	"parkregistry/models"
	"parkregistry/policies"
)

// Filter narrows the list of assessments.
type Filter struct {
	ParkID, Jurisdiction string
	State                State
	Year                 int
}

var orders = map[string]models.Order[Assessment]{
	"-year":      {Column: "assessments.year", Desc: true, Key: func(a Assessment) any { return int64(a.Year) }},
	"year":       {Column: "assessments.year", Key: func(a Assessment) any { return int64(a.Year) }},
	"-updatedAt": {Column: "assessments.updated_at", Desc: true, Key: func(a Assessment) any { return a.UpdatedAt }},
}

// List lists the assessments that the caller may see.
func (s *Service) List(ctx context.Context, f Filter, q models.Query) (models.Page[Assessment], error) {
	rows := f.lasting(s.db.Visible(ctx, policies.AssessmentRead, &Assessment{}))
	if f.State != "" {
		rows = rows.Where("assessments.state = ?", f.State)
	}
	return models.List(s.db, rows, q, orders, "-year", func(a Assessment) models.ID { return a.ID })
}

// lasting narrows by what never changes.
func (f Filter) lasting(rows *gorm.DB) *gorm.DB {
	for column, value := range map[string]string{"assessments.park_id": f.ParkID, "assessments.jurisdiction": f.Jurisdiction} {
		if value != "" {
			rows = rows.Where(column+" = ?", value)
		}
	}
	if f.Year != 0 {
		rows = rows.Where("assessments.year = ?", f.Year)
	}
	return rows
}

// Get reads one assessment.
func (s *Service) Get(ctx context.Context, id models.ID) (Assessment, error) {
	var a Assessment
	return a, models.One(s.db.Visible(ctx, policies.AssessmentRead, &a).Where("id = ?", id), &a)
}

// Whole is an assessment with its checklist and the newest marks of each side, and
// what the registry computes now.
type Whole struct {
	Assessment
	List     Checklist
	Sheet    Sheet
	Measured map[string]Ratio
}

// Read reads one assessment with everything that its page shows.
func (s *Service) Read(ctx context.Context, id models.ID) (Whole, error) {
	var w Whole
	var err error
	if w.Assessment, err = s.Get(ctx, id); err != nil {
		return w, err
	}
	if w.List, w.Sheet, err = s.sheet(ctx, w.Assessment); err != nil {
		return w, err
	}
	w.Measured, err = s.measures.Measure(ctx, w.ParkID, s.db.Today())
	return w, err
}

// sheet reads the checklist and the newest marks of an assessment that the caller has reached.
func (s *Service) sheet(ctx context.Context, a Assessment) (Checklist, Sheet, error) {
	sheet := Sheet{}
	list, err := named(ctx, s.db, a.Checklist)
	if err != nil {
		return list, sheet, err
	}
	var marks []Mark
	err = s.db.Visible(ctx, policies.AssessmentRead, &Mark{}).Where("assessment_id = ?", a.ID).Order("round, at, id").Find(&marks).Error
	sheet.Add(marks...)
	return list, sheet, err
}

// Allowed are the writes that the caller may make now, by the names of their sub-resources.
func (s *Service) Allowed(ctx context.Context, a Assessment) ([]string, error) {
	actor, _ := policies.ActorFrom(ctx)
	out := []string{}
	for _, m := range []struct {
		name string
		perm policies.Permission
		in   []State
	}{
		{"self-assessment", policies.AssessmentAssess, []State{Started, Returned}}, {"submission", policies.AssessmentAssess, []State{Started, Returned}},
		{"verification", policies.AssessmentVerify, []State{Assessed}}, {"completion", policies.AssessmentVerify, []State{Assessed}},
		{"sample", policies.AssessmentSample, []State{Checked}}, {"return", policies.AssessmentReturn, []State{Assessed, Checked}},
	} {
		orgs, err := actor.ActingFor(m.perm, a.Owner())
		if err != nil {
			return nil, err
		}
		if len(orgs) == 0 || a.is(m.in...) != nil {
			continue
		}
		by := By{models.ID(actor.User), orgs[0], actor.Organisations()}
		if m.perm != policies.AssessmentAssess && a.apart(by) != nil || m.name == "return" && a.State == Checked && by.Org != city {
			continue
		}
		out = append(out, m.name)
	}
	return out, nil
}

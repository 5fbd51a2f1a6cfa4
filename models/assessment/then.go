package assessment

import (
	"context"

	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Answer is a page of assessments as they stood at a moment.
type Answer struct {
	models.Page[Assessment]
	audit.Moment
}

// stateThen is where an assessment stood at the end of a day, as it was known at a
// number of the log; NULL before it began. Days of steps never fall.
const stateThen = `(SELECT CASE s.kind WHEN 'submission' THEN 'self_assessed' WHEN 'completion' THEN 'district_checked' WHEN 'return' THEN 'returned' ELSE 'draft' END
	FROM assessment_steps s JOIN changes c ON c.id = s.change_id WHERE s.assessment_id = assessments.id AND s.day <= ? AND c.seq <= ?
	AND s.kind IN ('start', 'submission', 'completion', 'return') ORDER BY c.seq DESC LIMIT 1)`

// Then lists the assessments of the caller as they stood at the end of a day, by the
// steps that were known: state, round, who submitted and checked, score and level are
// those of then. What had not begun, or was not known, is left out.
func (s *Service) Then(ctx context.Context, f Filter, ask audit.Question, q models.Query) (out Answer, err error) {
	err = s.db.Snapshot(ctx, func(ctx context.Context) error {
		if out.Moment, err = audit.New(s.db).Moment(ctx, ask); err != nil {
			return err
		}
		rows := f.lasting(s.db.Visible(ctx, policies.AssessmentRead, &Assessment{})).Where(stateThen+" IS NOT NULL", out.AsOf, out.Seq)
		if f.State != "" {
			rows = rows.Where(stateThen+" = ?", out.AsOf, out.Seq, f.State)
		}
		if out.Page, err = models.List(s.db, rows, q, orders, "-year", func(a Assessment) models.ID { return a.ID }); err != nil {
			return err
		}
		return s.putBack(ctx, out.Items, out.Moment)
	})
	return out, err
}

// putBack makes the heads say what they said at the moment.
func (s *Service) putBack(ctx context.Context, all []Assessment, m audit.Moment) error {
	ids := make([]models.ID, len(all))
	for i, a := range all {
		ids[i] = a.ID
	}
	var steps []Step
	err := s.db.Visible(ctx, policies.AssessmentRead, &Step{}).Select("assessment_steps.*").Joins("JOIN changes c ON c.id = assessment_steps.change_id").
		Where("assessment_steps.assessment_id IN ? AND assessment_steps.day <= ? AND c.seq <= ?", ids, m.AsOf, m.Seq).Order("c.seq").Find(&steps).Error
	if err != nil {
		return err
	}
	of := make(map[models.ID][]Step, len(all))
	for _, st := range steps {
		of[st.AssessmentID] = append(of[st.AssessmentID], st)
	}
	lists := map[string]Checklist{}
	for i, a := range all {
		if _, read := lists[a.Checklist]; !read {
			if lists[a.Checklist], err = named(ctx, s.db, a.Checklist); err != nil {
				return err
			}
		}
		all[i] = a.then(lists[a.Checklist], of[a.ID])
	}
	return nil
}

// then is the head after the steps.
func (a Assessment) then(list Checklist, steps []Step) Assessment {
	h := Assessment{Versioned: a.Versioned, ParkID: a.ParkID, Jurisdiction: a.Jurisdiction, Year: a.Year, Checklist: a.Checklist, State: Started, Round: 1, StartedBy: a.StartedBy, Demo: a.Demo}
	h.Version = 0
	for _, st := range steps {
		h.Version, h.UpdatedAt = h.Version+1, st.At
		switch st.Kind {
		case StepSubmission:
			h.State, h.SubmittedBy, h.SubmittedOrg, h.SubmittedOn = Assessed, models.Ref(st.ActorID), st.ActorOrg, models.Ref(st.Day)
		case StepCompletion:
			h.check(st, list)
		case StepReturn:
			h.sendBack()
		}
	}
	return h
}

package assessment

import (
	"context"

	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// Waiting is one thing of this room that waits for a person: an assessment to check or
// to hand in again, or a park to accredit.
type Waiting struct {
	What       string      // submission, completion, accreditation
	Assessment *Assessment // nil where a park waits
	Park       *registry.Park
}

// MaxWaiting is how many of each kind an inbox looks at.
const MaxWaiting = 100

// Inbox is what waits for the caller: for the park what was sent back, for the district
// what was handed in, for the bureau the parks that their district has checked.
func (s *Service) Inbox(ctx context.Context) ([]Waiting, error) {
	var out []Waiting
	for _, w := range []struct {
		what  string
		perm  policies.Permission
		state State
	}{{"submission", policies.AssessmentAssess, Returned}, {"completion", policies.AssessmentVerify, Assessed}} {
		if policies.Require(ctx, w.perm) != nil {
			continue
		}
		var all []Assessment
		if err := s.db.Visible(ctx, w.perm, &Assessment{}).Where("assessments.state = ?", w.state).Order("assessments.submitted_on, assessments.id").Limit(MaxWaiting).Find(&all).Error; err != nil {
			return nil, err
		}
		for _, a := range all {
			by, err := acting(ctx, w.perm, a.Owner())
			if err != nil || w.state == Assessed && a.apart(by) != nil { // another of the body checks it
				continue
			}
			out = append(out, Waiting{What: w.what, Assessment: &a})
		}
	}
	if policies.Require(ctx, policies.ParkAccredit) != nil {
		return out, nil
	}
	var parks []registry.Park
	err := s.db.Visible(ctx, policies.ParkAccredit, &registry.Park{}).Where("parks.pilot_state = ?", registry.DistrictChecked).Order("parks.code, parks.id").Limit(MaxWaiting).Find(&parks).Error
	for _, p := range parks {
		out = append(out, Waiting{What: "accreditation", Park: &p})
	}
	return out, err
}

// Place is the park that it is about.
func (w Waiting) Place() models.ID {
	if w.Park != nil {
		return w.Park.ID
	}
	return w.Assessment.ParkID
}

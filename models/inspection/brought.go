package inspection

import (
	"context"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// judged is the opening of a finding as it would be stored, but for its number: where it stands, who opens it,
// what is odd about it.
func judged(tx *models.Tx, f Finding, in FindingInput, id models.ID) (Advance, error) {
	at, err := spot(tx, f.ParkID, f.EnterpriseID, f.SiteID, f.FacilityID)
	if err != nil {
		return Advance{}, err
	}
	f.Placed = at.Placed
	if f.PatrolID != nil {
		var p Patrol
		if err := models.One(tx.Visible(policies.PatrolRead, &p).Where("id = ? AND park_id = ?", *f.PatrolID, f.ParkID), &p); err != nil {
			return Advance{}, err
		}
	}
	by, err := actingOne(tx.Context(), policies.FindingCreate, f.Owner())
	if err != nil {
		return Advance{}, err
	}
	a, err := OpenFinding(f, in, id, "", by, tx.Now())
	if err != nil {
		return a, err
	}
	// What a firm left behind is found after it has gone: a warning, no refusal.
	if gone, is := at.movedOut(a.After.OpenedOn); is {
		a.Warnings = append(a.Warnings, fault.Violation{Pointer: "/openedOn", Code: "movedOut", Detail: gone})
	}
	return a, nil
}

// Judge is what Log would answer, without a number and without a trace.
func (s *Service) Judge(ctx context.Context, in FindingInput) (Outcome, error) {
	var out Outcome
	if err := policies.Require(ctx, policies.FindingCreate); err != nil {
		return out, err
	}
	f, err := in.Parse()
	if err != nil {
		return out, err
	}
	err = s.db.Rehearse(ctx, func(tx *models.Tx) error {
		a, err := judged(tx, f, in, models.NewID())
		if err != nil {
			return err
		}
		out = Outcome{a.After, a.Warnings}
		return tx.Covers(policies.FindingCreate, a.After.Owner())
	})
	return out, err
}

// Standing is the finding about the same object, of the same day and in the same words
// that was not withdrawn; nil when there is none. By these a list is known that is kept
// elsewhere and has no numbers of ours.
func (s *Service) Standing(ctx context.Context, f Finding) (*Finding, error) {
	q := s.db.Visible(ctx, policies.FindingRead, &Finding{}).Where("park_id = ? AND opened_on = ? AND description = ? AND state <> ?", f.ParkID, f.OpenedOn, f.Description, Withdrawn)
	for column, id := range map[string]*models.ID{"site_id": f.SiteID, "facility_id": f.FacilityID} {
		if id == nil {
			q = q.Where(column + " IS NULL")
		} else {
			q = q.Where(column+" = ?", *id)
		}
	}
	var found Finding
	err := models.One(q.Order("id"), &found)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return &found, err
}

// Retract withdraws a finding in the version in which it was left, as a mistake. Who
// opened it does not withdraw it alone.
func (s *Service) Retract(ctx context.Context, id models.ID, version int64, reason string) error {
	f, err := s.Finding(ctx, id)
	if err != nil {
		return err
	}
	if f.Version != version {
		return fault.New(fault.Conflict, "问题 {{.Number}} 后来办理过，单独处理", "Number", f.Number)
	}
	_, err = s.Withdraw(ctx, id, WithdrawalInput{Cause: Mistaken, Reason: reason})
	return err
}

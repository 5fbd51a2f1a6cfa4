package account

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/policies"
)

// Inspectors are all assignments, valid on a day, of the people who inspect in a
// jurisdiction, "" for the city, and may sign in: for a draw of officers, which is to
// know whom else they act for, and for the officers of an inspection. By person, so that
// the same people make the same list.
func (s *Service) Inspectors(ctx context.Context, jurisdiction string, on code.Day) ([]policies.Assignment, error) {
	ctx = policies.With(ctx, s.db.Policy.Program("account"))
	valid := s.db.Visible(ctx, policies.AssignmentRead, &Assignment{}).Where("starts_on <= ? AND (ends_on IS NULL OR ends_on >= ?)", on, on)
	var all []Assignment
	if err := valid.Order("user_id, id").Find(&all).Error; err != nil {
		return nil, err
	}
	inspects := map[models.ID]bool{}
	for _, a := range all {
		if a.Role == policies.DistrictInspector.Slug() && (jurisdiction == "" || models.Deref(a.Jurisdiction) == jurisdiction) {
			inspects[a.UserID] = true
		}
	}
	ids := make([]models.ID, 0, len(inspects))
	for id := range inspects {
		ids = append(ids, id)
	}
	var active []models.ID
	if err := s.db.Visible(ctx, policies.UserRead, &User{}).Where("id IN ? AND disabled_at IS NULL", ids).Pluck("id", &active).Error; err != nil {
		return nil, err
	}
	may := map[models.ID]bool{}
	for _, id := range active {
		may[id] = true
	}
	var out []policies.Assignment
	for _, a := range all {
		if may[a.UserID] {
			out = append(out, a.policy())
		}
	}
	return out, nil
}

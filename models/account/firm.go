package account

import (
	"context"

	"parkregistry/models"
	"parkregistry/policies"
)

// EnterpriseHasAccount reports whether somebody holds the enterprise role of the
// firm today with an account that is not disabled: whether it can act for itself.
func (s *Service) EnterpriseHasAccount(ctx context.Context, enterprise models.ID) (bool, error) {
	ctx = policies.With(ctx, s.db.Policy.Program("account"))
	today := s.db.Today()
	var users []models.ID
	err := s.db.Visible(ctx, policies.AssignmentRead, &Assignment{}).
		Where("enterprise_id = ? AND role = ? AND starts_on <= ? AND (ends_on IS NULL OR ends_on >= ?)",
			enterprise, policies.EnterpriseUser.Slug(), today, today).Pluck("user_id", &users).Error
	if err != nil || len(users) == 0 {
		return false, err
	}
	var active int64
	err = s.db.Visible(ctx, policies.UserRead, &User{}).Where("id IN ? AND disabled_at IS NULL", users).Count(&active).Error
	return active > 0, err
}

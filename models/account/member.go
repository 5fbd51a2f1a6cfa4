package account

import (
	"context"

	"parkregistry/models"
	"parkregistry/policies"
)

// Belongs reports whether somebody may sign in and today holds a role for a body.
func (s *Service) Belongs(ctx context.Context, user models.ID, to policies.Organisation) (bool, error) {
	ctx = policies.With(ctx, s.db.Policy.Program("account"))
	var active int64
	if err := s.db.Visible(ctx, policies.UserRead, &User{}).Where("id = ? AND disabled_at IS NULL", user).Count(&active).Error; err != nil || active == 0 {
		return false, err
	}
	today := s.db.Today()
	var held []Assignment
	err := s.db.Visible(ctx, policies.AssignmentRead, &Assignment{}).Where("user_id = ? AND starts_on <= ? AND (ends_on IS NULL OR ends_on >= ?)", user, today, today).Find(&held).Error
	for _, a := range held {
		if a.policy().Organisation() == to {
			return true, nil
		}
	}
	return false, err
}

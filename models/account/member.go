package account

import (
	"context"
	"slices"

	"parkregistry/models"
	"parkregistry/policies"
)

// Belongs reports whether somebody may sign in and today holds a role for a body.
func (s *Service) Belongs(ctx context.Context, user models.ID, to policies.Organisation) (bool, error) {
	all, err := s.Members(ctx, to)
	return slices.Contains(all, user), err
}

// Members are the people who may sign in and today hold a role for a body, by id.
func (s *Service) Members(ctx context.Context, of policies.Organisation) ([]models.ID, error) {
	ctx = policies.With(ctx, s.db.Policy.Program("account"))
	today := s.db.Today()
	var held []Assignment
	valid := s.db.Visible(ctx, policies.AssignmentRead, &Assignment{}).Where("starts_on <= ? AND (ends_on IS NULL OR ends_on >= ?)", today, today)
	if err := valid.Find(&held).Error; err != nil {
		return nil, err
	}
	var ids []models.ID
	for _, a := range held {
		if a.policy().Organisation() == of {
			ids = append(ids, a.UserID)
		}
	}
	var active []models.ID
	err := s.db.Visible(ctx, policies.UserRead, &User{}).Where("id IN ? AND disabled_at IS NULL", ids).Order("id").Pluck("id", &active).Error
	return active, err
}

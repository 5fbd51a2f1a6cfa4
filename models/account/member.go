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

// Actors are all who may sign in and hold a role today, each with what he may do, in the
// order of their ids: for the program, which looks into the inbox of each.
func (s *Service) Actors(ctx context.Context) ([]policies.Actor, error) {
	ctx = policies.With(ctx, s.db.Policy.Program("account"))
	today := s.db.Today()
	var held []Assignment
	if err := s.db.Visible(ctx, policies.AssignmentRead, &Assignment{}).Where("starts_on <= ? AND (ends_on IS NULL OR ends_on >= ?)", today, today).Order("id").Find(&held).Error; err != nil {
		return nil, err
	}
	of := map[models.ID][]policies.Assignment{}
	for _, a := range held {
		of[a.UserID] = append(of[a.UserID], a.policy())
	}
	var users []User
	if err := s.db.Visible(ctx, policies.UserRead, &User{}).Where("disabled_at IS NULL").Select("id", "username").Order("id").Find(&users).Error; err != nil {
		return nil, err
	}
	var out []policies.Actor
	for _, u := range users {
		if roles := of[u.ID]; len(roles) > 0 {
			out = append(out, s.db.Policy.Actor(string(u.ID), u.Username, roles, today))
		}
	}
	return out, nil
}

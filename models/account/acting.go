package account

import (
	"context"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// ActorNamed is the person with that user name, with the assignments that are
// valid today: for a command that works as somebody. For the program itself.
// NotFound for an unknown name, Conflict for a disabled account.
func (s *Service) ActorNamed(ctx context.Context, username string) (policies.Actor, error) {
	if actor, _ := policies.ActorFrom(ctx); !actor.Holds(policies.System) {
		return policies.Actor{}, fault.New(fault.Denied, "当前角色没有这项权限")
	}
	u, err := s.byName(ctx, strings.ToLower(strings.TrimSpace(username)))
	switch {
	case err != nil:
		return policies.Actor{}, err
	case u == nil:
		return policies.Actor{}, fault.New(fault.NotFound, "没有账号 {{.Username}}", "Username", username)
	case u.DisabledAt != nil:
		return policies.Actor{}, fault.New(fault.Conflict, "账号 {{.Username}} 已经停用", "Username", username)
	}
	id, err := s.identityOf(ctx, u.ID)
	if err != nil {
		return policies.Actor{}, err
	}
	return s.Actor(id, s.db.Today()), nil
}

// ActorOf is a person by id, with the assignments that are valid today: for work that
// somebody asked for and the program does. Nobody's rights are left of a disabled account.
// For the program itself.
func (s *Service) ActorOf(ctx context.Context, user models.ID) (policies.Actor, error) {
	if actor, _ := policies.ActorFrom(ctx); !actor.Holds(policies.System) {
		return policies.Actor{}, fault.New(fault.Denied, "当前角色没有这项权限")
	}
	id, err := s.identityOf(ctx, user)
	if err != nil {
		return policies.Actor{}, err
	}
	if id.User.DisabledAt != nil {
		id.Assignments = nil
	}
	return s.Actor(id, s.db.Today()), nil
}

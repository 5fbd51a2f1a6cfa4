package api

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/policies"
)

type accountAPI struct {
	svc *account.Service
	db  *models.DB
}

type credentials struct {
	Body struct {
		Username string `json:"username" minLength:"1" maxLength:"100"`
		Password string `json:"password" minLength:"1" maxLength:"512"`
	}
}

type signedIn struct {
	Body struct {
		Token     string `json:"token" doc:"放在 Authorization: Bearer 中"`
		ExpiresAt string `json:"expiresAt" format:"date-time"`
		User      me     `json:"user"`
	}
}

type assignmentView struct {
	ID           models.ID  `json:"id"`
	Role         string     `json:"role"`
	Jurisdiction *string    `json:"jurisdiction" nullable:"true"`
	ParkID       *models.ID `json:"parkId" nullable:"true"`
	EnterpriseID *models.ID `json:"enterpriseId" nullable:"true"`
	StartsOn     code.Day   `json:"startsOn"`
	EndsOn       *code.Day  `json:"endsOn" nullable:"true" doc:"最后一天，未定为 null"`
}

func assignmentOf(a account.Assignment) assignmentView {
	return assignmentView{a.ID, a.Role, a.Jurisdiction, a.ParkID, a.EnterpriseID, a.StartsOn, a.EndsOn}
}

type me struct {
	ID                 models.ID        `json:"id"`
	Username           string           `json:"username"`
	DisplayName        string           `json:"displayName"`
	Organisation       string           `json:"organisation"`
	MustChangePassword bool             `json:"mustChangePassword" doc:"首次登录需要先修改密码"`
	Assignments        []assignmentView `json:"assignments" doc:"今天有效的任职"`
	Can                []string         `json:"can" doc:"可以做的事，与策略文件同一来源"`
}

func (h accountAPI) meOf(id account.Identity) (me, error) {
	actor := h.svc.Actor(id, h.db.Today())
	can, err := actor.Can()
	if err != nil {
		return me{}, err
	}
	m := me{ID: id.User.ID, Username: id.User.Username, DisplayName: id.User.DisplayName, Organisation: id.User.Organisation,
		MustChangePassword: id.User.MustChangePassword, Assignments: []assignmentView{}, Can: make([]string, len(can))}
	for i, p := range can {
		m.Can[i] = string(p)
	}
	for _, a := range id.Assignments {
		for _, valid := range actor.Assignments {
			if valid.ID == string(a.ID) {
				m.Assignments = append(m.Assignments, assignmentOf(a))
			}
		}
	}
	return m, nil
}

func (h accountAPI) signIn(ctx context.Context, in *credentials) (*signedIn, error) {
	s, err := h.svc.SignIn(ctx, in.Body.Username, in.Body.Password)
	if err != nil {
		return nil, err
	}
	out := new(signedIn)
	out.Body.Token, out.Body.ExpiresAt = s.Token, instant(s.Session.ExpiresAt)
	out.Body.User, err = h.meOf(s.Identity)
	return out, err
}

type none struct{}

func (h accountAPI) signOut(ctx context.Context, _ *none) (*none, error) {
	actor, _ := policies.ActorFrom(ctx)
	return nil, h.svc.EndSession(ctx, models.ID(actor.Session), "signout")
}

type meOutput struct{ Body me }

func (h accountAPI) me(ctx context.Context, _ *none) (*meOutput, error) {
	id, _ := identityOf(ctx)
	m, err := h.meOf(id)
	return &meOutput{m}, err
}

package api

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
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
		Code     string `json:"code,omitempty" maxLength:"10" doc:"启用了动态口令的账号：身份验证器上的 6 位数字"`
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
	MustAddFactor      bool             `json:"mustAddSecondFactor" doc:"需要先启用动态口令"`
	SecondFactor       bool             `json:"secondFactor" doc:"已经启用动态口令"`
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
		MustChangePassword: id.User.MustChangePassword, MustAddFactor: id.OwesFactor, SecondFactor: id.User.FactorSince != nil, Assignments: []assignmentView{}, Can: make([]string, len(can))}
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
	s, err := h.svc.SignIn(ctx, account.Credentials{Username: in.Body.Username, Password: in.Body.Password, Code: in.Body.Code})
	if err != nil {
		return nil, err
	}
	return h.signedInOf(s)
}

func (h accountAPI) signedInOf(s account.SignedIn) (*signedIn, error) {
	out := new(signedIn)
	out.Body.Token, out.Body.ExpiresAt = s.Token, instant(s.Session.ExpiresAt)
	var err error
	out.Body.User, err = h.meOf(s.Identity)
	return out, err
}

// changePassword answers the present session with a new token: the old one is dead.
func (h accountAPI) changePassword(ctx context.Context, in *Payload[account.PasswordInput]) (*signedIn, error) {
	s, err := h.svc.ChangePassword(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	return h.signedInOf(s)
}

type enrolmentView struct {
	Body struct {
		Warned
		Secret string `json:"secret" doc:"Base32，仅此一次显示"`
		URI    string `json:"uri" doc:"otpauth://…，做成二维码给身份验证器扫"`
	}
}

func (h accountAPI) beginFactor(ctx context.Context, _ *none) (*enrolmentView, error) {
	e, err := h.svc.BeginFactor(ctx)
	out := new(enrolmentView)
	out.Body.Secret, out.Body.URI = e.Secret, e.URI
	out.Body.warn([]ProblemItem{})
	return out, err
}

func (h accountAPI) confirmFactor(ctx context.Context, in *Payload[account.FactorInput]) (*one[UserView], error) {
	u, err := h.svc.ConfirmFactor(ctx, in.Body)
	return answer(u.ID, u.Version, userOf(u)), err
}

type none struct{}

func (h accountAPI) signOut(ctx context.Context, _ *none) (*none, error) {
	actor, _ := policies.ActorFrom(ctx)
	if actor.Session == "" {
		return nil, fault.Absent() // a machine token has no session to end
	}
	return nil, h.svc.EndSession(ctx, models.ID(actor.Session), "signout")
}

type meOutput struct{ Body me }

func (h accountAPI) me(ctx context.Context, _ *none) (*meOutput, error) {
	id, _ := account.From(ctx)
	m, err := h.meOf(id)
	return &meOutput{m}, err
}

type sessionView struct {
	ID         models.ID `json:"id" format:"uuid"`
	UserID     models.ID `json:"userId" format:"uuid"`
	Current    bool      `json:"current" doc:"就是这一次登录"`
	Address    string    `json:"address" doc:"来源地址"`
	UserAgent  string    `json:"userAgent"`
	CreatedAt  string    `json:"createdAt" format:"date-time"`
	LastSeenAt string    `json:"lastSeenAt" format:"date-time" doc:"最近一次使用，精确到分钟"`
	ExpiresAt  string    `json:"expiresAt" format:"date-time"`
	EndedAt    *string   `json:"endedAt" nullable:"true"`
	EndReason  string    `json:"endReason" doc:"signout、ended、password、factor、role、disabled"`
}

type listSessionsInput struct {
	ListParams
	Sort   string `query:"sort" enum:"createdAt,-createdAt" doc:"默认 -createdAt"`
	UserID string `query:"userId" format:"uuid"`
	State  string `query:"state" enum:"open" doc:"open：只列出还能使用的"`
}

func (h accountAPI) listSessions(ctx context.Context, in *listSessionsInput) (*list[sessionView], error) {
	page, err := h.svc.Sessions(ctx, account.SessionFilter{User: models.ID(in.UserID), Open: in.State == "open"},
		in.query(in.Sort, map[string]string{"r": "sessions", "u": in.UserID, "s": in.State}))
	actor, _ := policies.ActorFrom(ctx)
	return listOf(page, func(s account.Session) sessionView {
		return sessionView{s.ID, s.UserID, string(s.ID) == actor.Session, s.RemoteAddr, s.UserAgent, instant(s.CreatedAt), instant(s.LastSeenAt), instant(s.ExpiresAt),
			instantOrNull(s.EndedAt), s.EndReason}
	}), err
}

func (h accountAPI) endSession(ctx context.Context, in *IDParam) (*none, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	return nil, h.svc.EndSession(ctx, id, "ended")
}

type endedView struct {
	Body struct {
		Ended int64 `json:"ended" doc:"结束了几次登录，不包括自己正在使用的这一次"`
	}
}

func (h accountAPI) endSessions(ctx context.Context, in *IDParam) (*endedView, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	out := new(endedView)
	out.Body.Ended, err = h.svc.EndSessions(ctx, id, "ended")
	return out, err
}

type tokenView struct {
	ID         models.ID `json:"id" format:"uuid"`
	UserID     models.ID `json:"userId" format:"uuid"`
	Name       string    `json:"name"`
	Scopes     []string  `json:"scopes" doc:"令牌的权限；实际能用的还要本人现在仍有"`
	SourceCIDR *string   `json:"sourceCidr" nullable:"true" doc:"只能从这个网段使用，不限为 null"`
	CreatedAt  string    `json:"createdAt" format:"date-time"`
	ExpiresAt  string    `json:"expiresAt" format:"date-time"`
	LastUsedAt *string   `json:"lastUsedAt" nullable:"true" doc:"最近一次使用，精确到分钟"`
	RevokedAt  *string   `json:"revokedAt" nullable:"true"`
}

func tokenOf(t account.Token) tokenView {
	return tokenView{t.ID, t.UserID, t.Name, list0(t.Scopes), orNull(t.SourceCIDR), instant(t.CreatedAt), instant(t.ExpiresAt), instantOrNull(t.LastUsedAt), instantOrNull(t.RevokedAt)}
}

type listTokensInput struct {
	ListParams
	Sort   string `query:"sort" enum:"createdAt,-createdAt" doc:"默认 -createdAt"`
	UserID string `query:"userId" format:"uuid"`
}

func (h accountAPI) listTokens(ctx context.Context, in *listTokensInput) (*list[tokenView], error) {
	page, err := h.svc.Tokens(ctx, models.ID(in.UserID), in.query(in.Sort, map[string]string{"r": "tokens", "u": in.UserID}))
	return listOf(page, tokenOf), err
}

type newTokenView struct {
	Body struct {
		Warned
		Token string    `json:"token" doc:"仅此一次显示；放在 Authorization: Bearer 中"`
		About tokenView `json:"about"`
	}
}

func (h accountAPI) createToken(ctx context.Context, in *Payload[account.TokenInput]) (*newTokenView, error) {
	t, secret, err := h.svc.CreateToken(ctx, in.Body)
	out := new(newTokenView)
	out.Body.Token, out.Body.About = secret, tokenOf(t)
	out.Body.warn([]ProblemItem{})
	return out, err
}

func (h accountAPI) revokeToken(ctx context.Context, in *IDParam) (*none, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	return nil, h.svc.RevokeToken(ctx, id)
}

package api

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/account"
)

// UserView is an account as whoever may read it sees it: never the password.
type UserView struct {
	Warned
	ID                 models.ID `json:"id" format:"uuid"`
	Username           string    `json:"username"`
	DisplayName        string    `json:"displayName"`
	Organisation       string    `json:"organisation"`
	MustChangePassword bool      `json:"mustChangePassword" doc:"首次登录需要先修改密码"`
	PasswordChangedAt  string    `json:"passwordChangedAt" format:"date-time"`
	PasswordExpiresAt  *string   `json:"passwordExpiresAt" nullable:"true" doc:"初始密码的截止时间"`
	SecondFactor       bool      `json:"secondFactor" doc:"已经启用动态口令"`
	DisabledAt         *string   `json:"disabledAt" nullable:"true"`
	DisabledReason     string    `json:"disabledReason,omitempty"`
	Demo               bool      `json:"demo,omitempty" doc:"示例数据"`
	Version            int64     `json:"version"`
	CreatedAt          string    `json:"createdAt" format:"date-time"`
	UpdatedAt          string    `json:"updatedAt" format:"date-time"`
}

func userOf(u account.User) UserView {
	return UserView{Warned{}, u.ID, u.Username, u.DisplayName, u.Organisation, u.MustChangePassword, instant(u.PasswordChangedAt), instantOrNull(u.PasswordExpiresAt),
		u.FactorSince != nil, instantOrNull(u.DisabledAt), u.DisabledReason, u.Demo, u.Version, instant(u.CreatedAt), instant(u.UpdatedAt)}
}

// issuedView is an account with its first password.
type issuedView struct {
	UserView
	FirstPassword string `json:"firstPassword" doc:"初始密码，仅此一次显示，24 小时内登录并修改"`
}

type listUsersInput struct {
	ListParams
	Sort  string `query:"sort" enum:"username,-username"`
	Q     string `query:"q" maxLength:"100" doc:"登录名、姓名或者单位的一部分"`
	State string `query:"state" enum:"active,disabled"`
}

func (h accountAPI) listUsers(ctx context.Context, in *listUsersInput) (*list[UserView], error) {
	page, err := h.svc.Users(ctx, account.UserFilter{Q: in.Q, State: in.State}, in.query(in.Sort, map[string]string{"r": "users", "q": in.Q, "s": in.State}))
	return listOf(page, userOf), err
}

func (h accountAPI) getUser(ctx context.Context, in *IDParam) (*one[UserView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	u, err := h.svc.User(ctx, id)
	return &one[UserView]{etag(u.ID, u.Version), userOf(u)}, err
}

func (h accountAPI) createUser(ctx context.Context, in *Payload[account.UserInput]) (*one[issuedView], error) {
	u, password, err := h.svc.Create(ctx, in.Body)
	return answer(u.ID, u.Version, issuedView{userOf(u), password}), err
}

func (h accountAPI) updateUser(ctx context.Context, in *patchInput[account.ProfileInput]) (*one[UserView], error) {
	return change(ctx, in, h.svc.Update, func(u account.User) *one[UserView] { return answer(u.ID, u.Version, userOf(u)) })
}

// AccountReason is account.ReasonInput under a name of its own in the description.
type AccountReason struct{ account.ReasonInput }

type reasonInput struct {
	IDParam
	Payload[AccountReason]
}

func (h accountAPI) disableUser(ctx context.Context, in *reasonInput) (*one[UserView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	u, err := h.svc.Disable(ctx, id, in.Body.ReasonInput)
	return answer(u.ID, u.Version, userOf(u)), err
}

func (h accountAPI) enableUser(ctx context.Context, in *reasonInput) (*one[UserView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	u, err := h.svc.Enable(ctx, id, in.Body.ReasonInput)
	return answer(u.ID, u.Version, userOf(u)), err
}

func (h accountAPI) resetPassword(ctx context.Context, in *reasonInput) (*one[issuedView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	u, password, err := h.svc.ResetPassword(ctx, id, in.Body.ReasonInput)
	return answer(u.ID, u.Version, issuedView{userOf(u), password}), err
}

func (h accountAPI) resetFactor(ctx context.Context, in *reasonInput) (*one[UserView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	u, err := h.svc.ResetFactor(ctx, id, in.Body.ReasonInput)
	return answer(u.ID, u.Version, userOf(u)), err
}

// GrantView is an assignment with how it came about.
type GrantView struct {
	Warned
	ID           models.ID  `json:"id" format:"uuid"`
	UserID       models.ID  `json:"userId" format:"uuid"`
	Role         string     `json:"role"`
	Jurisdiction *string    `json:"jurisdiction" nullable:"true"`
	ParkID       *models.ID `json:"parkId" nullable:"true"`
	EnterpriseID *models.ID `json:"enterpriseId" nullable:"true"`
	StartsOn     code.Day   `json:"startsOn" format:"date"`
	EndsOn       *code.Day  `json:"endsOn" nullable:"true" doc:"最后一天，未定为 null；早于第一天的，是在开始前取消的"`
	GrantedBy    *models.ID `json:"grantedBy" nullable:"true"`
	Reason       string     `json:"reason"`
	EndReason    string     `json:"endReason,omitempty"`
	Version      int64      `json:"version"`
}

func grantOf(a account.Assignment) GrantView {
	return GrantView{Warned{}, a.ID, a.UserID, a.Role, a.Jurisdiction, a.ParkID, a.EnterpriseID, a.StartsOn, a.EndsOn, a.GrantedBy, a.Reason, a.EndReason, a.Version}
}

func (h accountAPI) listAssignments(ctx context.Context, in *IDParam) (*list[GrantView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	all, err := h.svc.Assignments(ctx, id)
	return listOf(models.Page[account.Assignment]{Items: all}, grantOf), err
}

type grantInput struct {
	IDParam
	Payload[account.GrantInput]
}

func (h accountAPI) grant(ctx context.Context, in *grantInput) (*one[GrantView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	a, err := h.svc.Grant(ctx, id, in.Body)
	return answer(a.ID, a.Version, grantOf(a)), err
}

type endAssignmentInput struct {
	IDParam
	Payload[account.AssignmentEndInput]
}

func (h accountAPI) endAssignment(ctx context.Context, in *endAssignmentInput) (*one[GrantView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	a, err := h.svc.EndAssignment(ctx, id, in.Body)
	return answer(a.ID, a.Version, grantOf(a)), err
}

// RequestView is a request for an account.
type RequestView struct {
	Warned
	ID             models.ID  `json:"id" format:"uuid"`
	RequestedBy    models.ID  `json:"requestedBy" format:"uuid"`
	Username       string     `json:"username"`
	DisplayName    string     `json:"displayName"`
	Organisation   string     `json:"organisation"`
	Role           string     `json:"role"`
	Jurisdiction   *string    `json:"jurisdiction" nullable:"true"`
	ParkID         *models.ID `json:"parkId" nullable:"true"`
	EnterpriseID   *models.ID `json:"enterpriseId" nullable:"true"`
	StartsOn       code.Day   `json:"startsOn" format:"date"`
	EndsOn         *code.Day  `json:"endsOn" nullable:"true"`
	Reason         string     `json:"reason"`
	State          string     `json:"state" enum:"requested,approved,refused"`
	DecidedBy      *models.ID `json:"decidedBy" nullable:"true"`
	DecidedAt      *string    `json:"decidedAt" nullable:"true"`
	DecisionReason string     `json:"decisionReason,omitempty"`
	UserID         *models.ID `json:"userId" nullable:"true" doc:"同意后建立的账号"`
	Version        int64      `json:"version"`
	CreatedAt      string     `json:"createdAt" format:"date-time"`
}

func requestView(r account.Request) RequestView {
	return RequestView{Warned{}, r.ID, r.RequestedBy, r.Username, r.DisplayName, r.Organisation, r.Role, r.Jurisdiction, r.ParkID, r.EnterpriseID, r.StartsOn, r.EndsOn,
		r.Reason, r.State, r.DecidedBy, instantOrNull(r.DecidedAt), r.DecisionReason, r.UserID, r.Version, instant(r.CreatedAt)}
}

type listRequestsInput struct {
	ListParams
	Sort  string `query:"sort" enum:"createdAt,-createdAt" doc:"默认 -createdAt"`
	State string `query:"state" enum:"requested,approved,refused"`
}

func (h accountAPI) listRequests(ctx context.Context, in *listRequestsInput) (*list[RequestView], error) {
	page, err := h.svc.Requests(ctx, in.State, in.query(in.Sort, map[string]string{"r": "account-requests", "s": in.State}))
	return listOf(page, requestView), err
}

func (h accountAPI) createRequest(ctx context.Context, in *Payload[account.RequestInput]) (*one[RequestView], error) {
	r, err := h.svc.Ask(ctx, in.Body)
	return answer(r.ID, r.Version, requestView(r)), err
}

type decisionInput struct {
	IDParam
	Payload[account.DecisionInput]
}

type decisionView struct {
	RequestView
	FirstPassword string     `json:"firstPassword,omitempty" doc:"同意时给出初始密码，仅此一次显示，24 小时内登录并修改"`
	Assignment    *GrantView `json:"assignment,omitempty" doc:"同意时一并办理的任职；三员分立时由安全管理员另行办理"`
}

func (h accountAPI) decideRequest(ctx context.Context, in *decisionInput) (*one[decisionView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	d, err := h.svc.Decide(ctx, id, in.Body)
	v := decisionView{RequestView: requestView(d.Request), FirstPassword: d.Password}
	if d.Assignment != nil {
		v.Assignment = ptr(grantOf(*d.Assignment))
	}
	return answer(d.Request.ID, d.Request.Version, v), err
}

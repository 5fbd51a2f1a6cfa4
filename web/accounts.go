package web

import (
	"net/http"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// reasonField is the reason that every change of an account has.
func reasonField() formField {
	return formField{Name: "reason", Label: fault.T("原因，至少 5 个字"), Kind: "area", Required: true}
}

// usersForms are what may be done beside the list of accounts.
func usersForms(v *visit) []moveForm {
	if !v.may(policies.UserCreate) {
		return nil
	}
	form := newMove(v, "/users", "account", fault.T("建立账号"), []formField{need(text("username", fault.T("登录名：3 至 40 个小写字母、数字、- 或者 .，以字母开头"))),
		need(text("displayName", fault.T("姓名"))), text("organisation", fault.T("单位"))})
	form.Aside = true
	return []moveForm{form}
}

// createUser makes an account and shows its first password, this once.
func (p *Pages) createUser(v *visit) error {
	u, first, err := p.options.Accounts.Create(v.ctx, userInput(v))
	if err == nil {
		page, err := p.userOf(v, u.ID)
		if err != nil {
			return err
		}
		page.First = first
		return p.show(v, http.StatusCreated, "user.html", page)
	}
	f, here := p.told(v, err)
	if !here {
		return err
	}
	page, err := p.usersOf(v, "/users")
	if err != nil {
		return err
	}
	page.Failure, page.Shell.Failed = f, true
	page.Kept = p.refused(v, page.Forms, "account", nil, f)
	return p.show(v, f.Status, "users.html", page)
}

// userInput is the account that a form names.
func userInput(v *visit) account.UserInput {
	return account.UserInput{Username: v.field("username"), ProfileInput: profileInput(v)}
}

func profileInput(v *visit) account.ProfileInput {
	return account.ProfileInput{DisplayName: v.field("displayName"), Organisation: v.field("organisation")}
}

// grantFields are what an assignment says.
func grantFields(v *visit, parks []registry.Name) []formField {
	var roles, places []option
	for _, r := range policies.Roles() {
		roles = append(roles, option{Value: r.Slug(), Name: say(v, r.Title())})
	}
	for _, x := range parks {
		places = append(places, option{Value: string(x.ID), Name: x.Code + " " + x.Name})
	}
	return []formField{need(pick("role", fault.T("角色"), roles)), pick("jurisdiction", fault.T("属地，仅区管理局"), choices(v, jurisdictionIDs(), code.AreaName)),
		pick("parkId", fault.T("园区，仅园区管理机构"), places), text("creditCode", fault.T("统一社会信用代码，仅排污单位")),
		{Name: "startsOn", Label: fault.T("第一天，不填为今天"), Kind: "date"}, {Name: "endsOn", Label: fault.T("最后一天，未定不填"), Kind: "date"}, reasonField()}
}

// userForms are what may be done with an account and its assignments.
func (p *Pages) userForms(v *visit, page *userPage, parks []registry.Name) {
	at, u := "/user/"+string(page.Line.ID), page.Line.User
	add := func(perm policies.Permission, move string, name fault.Text, fields ...formField) {
		if v.may(perm) {
			form := newMove(v, at, move, name, fields)
			form.Hidden = versionOf(u.Version)
			page.Forms = append(page.Forms, form)
		}
	}
	var open []option
	for _, a := range page.Assignments {
		if !a.Over {
			open = append(open, option{Value: string(a.ID), Name: say(v, a.Role) + " " + a.Where})
		}
	}
	add(policies.AssignmentGrant, "assignment", fault.T("办理任职"), grantFields(v, parks)...)
	if len(open) > 0 {
		add(policies.AssignmentEnd, "ending", fault.T("结束任职"), need(pick("assignment", fault.T("任职"), open)), formField{Name: "on", Label: fault.T("最后一天，不填为立即结束"), Kind: "date"}, reasonField())
	}
	if models.ID(v.actor.User) == u.ID {
		return // the own account is looked after by somebody else
	}
	name, firm := need(text("displayName", fault.T("姓名"))), text("organisation", fault.T("单位"))
	name.Value, firm.Value = u.DisplayName, u.Organisation
	add(policies.UserUpdate, "profile", fault.T("修改资料"), name, firm)
	if v.may(policies.UserUpdate) {
		add(policies.SessionEnd, "session-ending", fault.T("结束全部登录"), reasonField())
	}
	add(policies.UserUpdate, "password-reset", fault.T("重置密码"), reasonField())
	if u.FactorSince != nil {
		add(policies.UserUpdate, "second-factor-reset", fault.T("重置动态口令"), reasonField())
	}
	if u.DisabledAt == nil {
		add(policies.UserUpdate, "disabling", fault.T("停用账号"), reasonField())
	} else {
		add(policies.UserUpdate, "enabling", fault.T("启用账号"), reasonField())
	}
}

// moveUser does what the form of the address says and shows the account again; a first
// password is shown on the answer, this once.
func (p *Pages) moveUser(v *visit) error {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return fault.Absent()
	}
	svc, why, move, first := p.options.Accounts, account.ReasonInput{Reason: v.field("reason")}, v.c.Param("move"), ""
	switch move {
	case "assignment":
		err = p.grantSent(v, id)
	case "ending":
		err = p.endSent(v, id)
	case "profile":
		var seen int64
		if seen, err = v.version(); err != nil {
			break
		}
		_, err = svc.Update(v.ctx, id, seen, func(account.ProfileInput) (account.ProfileInput, error) { return profileInput(v), nil })
	case "session-ending":
		_, err = svc.EndSessions(v.ctx, id, why.Reason)
	case "token-revocation":
		err = p.revokeOf(v, id)
	case "password-reset":
		_, first, err = svc.ResetPassword(v.ctx, id, why)
	case "second-factor-reset":
		_, err = svc.ResetFactor(v.ctx, id, why)
	case "disabling":
		_, err = svc.Disable(v.ctx, id, why)
	case "enabling":
		_, err = svc.Enable(v.ctx, id, why)
	default:
		return fault.Absent()
	}
	if err == nil && first == "" {
		v.to("/user/" + string(id))
		return nil
	}
	f, status, err := p.heard(v, err)
	if err != nil {
		return err
	}
	page, err := p.userOf(v, id)
	if err != nil {
		return err
	}
	page.First = first
	if f.Detail != "" {
		page.Failure, page.Shell.Failed = f, true
		page.Kept = p.refused(v, page.Forms, move, nil, f)
	}
	return p.show(v, status, "user.html", page)
}

// grantSent grants the assignment of the form.
func (p *Pages) grantSent(v *visit, id models.ID) error {
	in, err := p.grantInput(v)
	if err == nil {
		_, err = p.options.Accounts.Grant(v.ctx, id, in)
	}
	return err
}

// grantInput is the assignment of a form; a firm is named by its credit code.
func (p *Pages) grantInput(v *visit) (account.GrantInput, error) {
	f := v.field
	in := account.GrantInput{Role: f("role"), Jurisdiction: f("jurisdiction"), ParkID: f("parkId"), StartsOn: f("startsOn"), EndsOn: f("endsOn"), Reason: f("reason")}
	raw := f("creditCode")
	if raw == "" {
		return in, nil
	}
	var c fault.Check
	if !v.may(policies.AssignmentRead) { // of the firms that the visitor sees
		firm, err := p.options.Registry.FirmByCode(v.ctx, &c, "/creditCode", raw)
		if err == nil {
			err = c.Err()
		}
		in.EnterpriseID = string(firm)
		return in, err
	}
	typed := fault.Must(&c, "/creditCode", raw, code.ParseCreditCode)
	if err := c.Err(); err != nil {
		return in, err
	}
	_, firms, err := p.options.Registry.PlaceNames(v.ctx, nil, string(typed))
	if err != nil {
		return in, err
	}
	if len(firms) == 0 {
		c.Cite("/creditCode", "absent", "", raw, "没有登记这个统一社会信用代码的企业，或者不在管理范围内")
		return in, c.Err()
	}
	in.EnterpriseID = string(firms[0].ID)
	return in, nil
}

// endSent ends the assignment of the form, when it is of this account.
func (p *Pages) endSent(v *visit, id models.ID) error {
	all, err := p.options.Accounts.Assignments(v.ctx, id)
	if err != nil {
		return err
	}
	for _, a := range all {
		if string(a.ID) == v.field("assignment") {
			_, err = p.options.Accounts.EndAssignment(v.ctx, a.ID, account.AssignmentEndInput{On: v.field("on"), Reason: v.field("reason")})
			return err
		}
	}
	var c fault.Check
	c.Required("/assignment", "")
	return c.Err()
}

package web

import (
	"cmp"
	"net/http"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/policies"
)

// usersPage is what templates/users.html shows: the accounts.
type usersPage struct {
	Shell shell
	Head  listHead
	Lines []userLine
}

// userLine is one account.
type userLine struct {
	account.User
	Name fault.Text
	Mark band
}

func userLineOf(u account.User) userLine {
	if u.DisabledAt != nil {
		return userLine{u, fault.T("已停用"), noScore}
	}
	return userLine{u, fault.T("在用"), onTarget}
}

func (p *Pages) users(v *visit) error {
	h, _, err := p.filtersOf(v, []option{{Value: "active", Name: say(v, fault.T("在用"))}, {Value: "disabled", Name: say(v, fault.T("已停用"))}})
	if err != nil {
		return err
	}
	h.Undated, h.Search, h.Parks = true, true, nil
	found, err := p.options.Accounts.Users(v.ctx, account.UserFilter{Q: h.Q, State: v.c.Query("state")}, h.page("username"))
	if err != nil {
		return err
	}
	h.turn(found.Next, found.Total)
	h.exports(v, "users", v.c.Query("state"))
	page := usersPage{Shell: p.shell(v, fault.T("单位与用户")), Head: h}
	for _, u := range found.Items {
		page.Lines = append(page.Lines, userLineOf(u))
	}
	return p.show(v, http.StatusOK, "users.html", page)
}

// userPage is what templates/user.html shows: one account with its assignments.
type userPage struct {
	Shell       shell
	Line        userLine
	Assignments []grantLine
}

// grantLine is one assignment, and whether it holds today.
type grantLine struct {
	assignmentLine
	Reason string
	Name   fault.Text
	Mark   band
}

func (p *Pages) user(v *visit) error {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return fault.Absent()
	}
	u, err := p.options.Accounts.User(v.ctx, id)
	if err != nil {
		return err
	}
	page := userPage{Shell: p.shell(v, fault.Text{Key: u.DisplayName, English: u.DisplayName}), Line: userLineOf(u)}
	all, err := p.options.Accounts.Assignments(v.ctx, id)
	if err != nil {
		return err
	}
	for _, a := range slices.Backward(all) {
		l, err := p.grantLine(v, a)
		if err != nil {
			return err
		}
		page.Assignments = append(page.Assignments, l)
	}
	return p.show(v, http.StatusOK, "user.html", page)
}

func (p *Pages) grantLine(v *visit, a account.Assignment) (grantLine, error) {
	l := grantLine{Reason: a.Reason, Name: fault.T("有效"), Mark: onTarget}
	role, _ := policies.RoleOf(a.Role)
	l.Role, l.From, l.Until = role.Title(), a.StartsOn, a.EndsOn
	switch today := p.options.Today(); {
	case a.EndsOn != nil && *a.EndsOn < today:
		l.Name, l.Mark = fault.T("已结束"), noScore
	case a.StartsOn > today:
		l.Name, l.Mark = fault.T("还没有开始"), halfway
	}
	switch {
	case a.Jurisdiction != nil:
		j := code.Jurisdiction(*a.Jurisdiction)
		l.Where = wordsOf(v, j.Name(), j.English())
	case a.ParkID != nil || a.EnterpriseID != nil:
		at := models.Placed{ParkID: models.Deref(a.ParkID), EnterpriseID: a.EnterpriseID}
		park, firm, err := p.placeOf(v, at)
		if err != nil {
			return l, err
		}
		l.Where = cmp.Or(firm, park, string(models.Deref(a.EnterpriseID)), string(at.ParkID)) // who keeps accounts reads no business
	}
	return l, nil
}

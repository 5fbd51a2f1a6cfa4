package web

import (
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
	Shell   shell
	Head    listHead
	Lines   []userLine
	Forms   []moveForm
	Failure Failure
	Kept    []saidLine
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
	page, err := p.usersOf(v, v.c.Request.URL.Path)
	if err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "users.html", page)
}

func (p *Pages) usersOf(v *visit, path string) (usersPage, error) {
	page := usersPage{Shell: p.listed(v, fault.T("单位与用户")), Forms: usersForms(v)}
	h, _, err := p.filtersOf(v, []option{{Value: "active", Name: say(v, fault.T("在用"))}, {Value: "disabled", Name: say(v, fault.T("已停用"))}})
	if err != nil {
		return page, err
	}
	h.Path, h.Clear, h.Undated, h.Search, h.Parks = path, path, true, true, nil
	found, err := p.options.Accounts.Users(v.ctx, account.UserFilter{Q: h.Q, State: v.c.Query("state")}, h.page("username"))
	if err != nil {
		return page, err
	}
	turn(&h, found)
	h.exports(v, "users", v.c.Query("state"))
	page.Head = h
	for _, u := range found.Items {
		page.Lines = append(page.Lines, userLineOf(u))
	}
	return page, nil
}

// userPage is what templates/user.html shows: one account with its assignments.
type userPage struct {
	Shell       shell
	Line        userLine
	Assignments []grantLine
	Tokens      tokenList
	First       string // password, on the one answer that shows it
	Forms       []moveForm
	Failure     Failure
	Kept        []saidLine
}

// grantLine is one assignment, and whether it holds today.
type grantLine struct {
	assignmentLine
	ID     models.ID
	Over   bool
	Reason string
	Name   fault.Text
	Mark   band
}

func (p *Pages) user(v *visit) error {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return fault.Absent()
	}
	page, err := p.userOf(v, id)
	if err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "user.html", page)
}

func (p *Pages) userOf(v *visit, id models.ID) (userPage, error) {
	u, err := p.options.Accounts.User(v.ctx, id)
	if err != nil {
		return userPage{}, err
	}
	page := userPage{Shell: p.shell(v, fault.Text{Key: u.DisplayName, English: u.DisplayName}), Line: userLineOf(u)}
	all, err := p.options.Accounts.Assignments(v.ctx, id)
	if err != nil {
		return page, err
	}
	var ids []models.ID
	for _, a := range all {
		if a.EnterpriseID != nil {
			ids = append(ids, *a.EnterpriseID)
		}
	}
	parks, firms, err := p.options.Registry.PlaceNames(v.ctx, ids, "")
	if err != nil {
		return page, err
	}
	places := map[models.ID]string{}
	for _, x := range slices.Concat(parks, firms) {
		places[x.ID] = x.Name
	}
	for _, a := range slices.Backward(all) {
		page.Assignments = append(page.Assignments, p.grantLine(v, a, places))
	}
	p.userForms(v, &page, parks)
	if id == v.who.User.ID || !v.may(policies.TokenRead) {
		return page, nil // the own ones have a page
	}
	page.Tokens = tokenList{Shell: page.Shell, Headed: true}
	page.Tokens.Lines, err = p.tokenLines(v, id, func(account.Token) string { return "/user/" + string(id) + "/token-revocation" })
	return page, err
}

func (p *Pages) grantLine(v *visit, a account.Assignment, places map[models.ID]string) grantLine {
	l := grantLine{ID: a.ID, Reason: a.Reason, Name: fault.T("有效"), Mark: onTarget}
	role, _ := policies.RoleOf(a.Role)
	l.Role, l.From, l.Until = role.Title(), a.StartsOn, a.EndsOn
	switch today := p.options.Today(); {
	case a.EndsOn != nil && *a.EndsOn < today:
		l.Name, l.Mark, l.Over = fault.T("已结束"), noScore, true
	case a.StartsOn > today:
		l.Name, l.Mark = fault.T("还没有开始"), halfway
	}
	switch {
	case a.Jurisdiction != nil:
		j := code.Jurisdiction(*a.Jurisdiction)
		l.Where = wordsOf(v, j.Name(), j.English())
	case a.ParkID != nil:
		l.Where = places[*a.ParkID]
	case a.EnterpriseID != nil:
		l.Where = places[*a.EnterpriseID]
	}
	return l
}

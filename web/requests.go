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

// requestsPage is what templates/requests.html shows: the accounts that were asked for,
// one's own or, to who keeps accounts, everybody's.
type requestsPage struct {
	Shell   shell
	Head    listHead
	Lines   []requestLine
	Forms   []moveForm
	Failure Failure
	Kept    []saidLine
}

// requestLine is one request.
type requestLine struct {
	account.Request
	Title fault.Text // of the role
	Where string
	Name  fault.Text
	Mark  band
}

// requestPage is what templates/request.html shows: one request, for a decision.
type requestPage struct {
	Shell   shell
	Line    requestLine
	First   string // password of the account that was made, on the one answer that shows it
	Forms   []moveForm
	Failure Failure
	Kept    []saidLine
}

var requestStates = map[string]struct {
	Name fault.Text
	Mark band
}{
	account.Requested: {fault.T("待办理"), halfway},
	account.Approved:  {fault.T("已同意"), onTarget},
	account.Refused:   {fault.T("不同意"), noScore},
}

func (p *Pages) requests(v *visit) error {
	page, err := p.requestsOf(v)
	if err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "requests.html", page)
}

func (p *Pages) requestsOf(v *visit) (requestsPage, error) {
	const path = "/requests"
	page := requestsPage{Shell: p.listed(v, fault.T("账号申请"))}
	h, _, err := p.filtersOf(v, choices(v, []string{account.Requested, account.Approved, account.Refused}, func(s string) fault.Text { return requestStates[s].Name }))
	if err != nil {
		return page, err
	}
	h.Path, h.Clear, h.Undated, h.Parks = path, path, true, nil
	found, err := p.options.Accounts.Requests(v.ctx, v.c.Query("state"), h.page("-createdAt"))
	if err != nil {
		return page, err
	}
	turn(&h, found)
	page.Head = h
	places, parks, err := p.requestPlaces(v, found.Items...)
	if err != nil {
		return page, err
	}
	for _, r := range found.Items {
		page.Lines = append(page.Lines, requestLineOf(v, r, places))
	}
	if v.may(policies.UserRequest) {
		form := newMove(v, path, "asking", fault.T("申请账号"), askFields(v, parks))
		form.Aside = true
		page.Forms = append(page.Forms, form)
	}
	return page, nil
}

// requestPlaces are the names of the parks and firms of some requests, with the parks that
// may be named: who keeps accounts sees names only, anybody else the places of the own reach.
func (p *Pages) requestPlaces(v *visit, all ...account.Request) (places map[models.ID]string, parks []registry.Name, err error) {
	var firms []models.ID
	for _, r := range all {
		if r.EnterpriseID != nil {
			firms = append(firms, *r.EnterpriseID)
		}
	}
	if v.may(policies.AssignmentRead) {
		var named []registry.Name
		parks, named, err = p.options.Registry.PlaceNames(v.ctx, firms, "")
		places = map[models.ID]string{}
		for _, x := range named {
			places[x.ID] = x.Name
		}
	} else {
		var seen models.Page[registry.Park]
		if seen, err = p.options.Registry.Parks(v.ctx, registry.ParkFilter{}, models.Query{Limit: models.MaxPage}); err == nil {
			places, err = p.options.Registry.EnterpriseNamed(v.ctx, firms)
		}
		for _, park := range seen.Items {
			parks = append(parks, registry.Name{ID: park.ID, Code: park.Code, Name: parkName(park)})
		}
	}
	if err != nil {
		return nil, nil, err
	}
	for _, x := range parks {
		places[x.ID] = x.Name
	}
	return places, parks, nil
}

func requestLineOf(v *visit, r account.Request, places map[models.ID]string) requestLine {
	role, _ := policies.RoleOf(r.Role)
	l := requestLine{Request: r, Title: role.Title(), Name: requestStates[r.State].Name, Mark: requestStates[r.State].Mark}
	switch {
	case r.Jurisdiction != nil:
		j := code.Jurisdiction(*r.Jurisdiction)
		l.Where = wordsOf(v, j.Name(), j.English())
	case r.ParkID != nil:
		l.Where = places[*r.ParkID]
	case r.EnterpriseID != nil:
		l.Where = places[*r.EnterpriseID]
	}
	return l
}

// askFields are what a request says.
func askFields(v *visit, parks []registry.Name) []formField {
	return append([]formField{need(text("username", fault.T("登录名：3 至 40 个小写字母、数字、- 或者 .，以字母开头"))), need(text("displayName", fault.T("姓名"))), text("organisation", fault.T("单位"))},
		grantFields(v, parks)...)
}

// askSent requests the account of the form.
func (p *Pages) askSent(v *visit) error {
	grant, err := p.grantInput(v)
	if err == nil {
		_, err = p.options.Accounts.Ask(v.ctx, account.RequestInput{UserInput: userInput(v), GrantInput: grant})
	}
	if err == nil {
		v.to("/requests")
		return nil
	}
	f, here := p.told(v, err)
	if !here {
		return err
	}
	page, err := p.requestsOf(v)
	if err != nil {
		return err
	}
	page.Failure, page.Shell.Failed = f, true
	page.Kept = p.refused(v, page.Forms, "asking", nil, f)
	return p.show(v, f.Status, "requests.html", page)
}

func (p *Pages) request(v *visit) error {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return fault.Absent()
	}
	page, err := p.requestOf(v, id)
	if err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "request.html", page)
}

func (p *Pages) requestOf(v *visit, id models.ID) (requestPage, error) {
	r, err := p.options.Accounts.Request(v.ctx, id)
	if err != nil {
		return requestPage{}, err
	}
	places, _, err := p.requestPlaces(v, r)
	if err != nil {
		return requestPage{}, err
	}
	page := requestPage{Shell: p.shell(v, fault.Text{Key: r.DisplayName, English: r.DisplayName}), Line: requestLineOf(v, r, places)}
	if r.State == account.Requested && v.may(policies.UserCreate) && models.ID(v.actor.User) != r.RequestedBy {
		opinion := formField{Name: "reason", Label: fault.T("意见，至少 5 个字"), Kind: "area", Required: true}
		page.Forms = []moveForm{newMove(v, "/request/"+string(id), "approval", fault.T("同意，建立账号"), []formField{opinion}),
			newMove(v, "/request/"+string(id), "refusal", fault.T("不同意"), []formField{opinion})}
	}
	return page, nil
}

// decideRequest does what the form of the address says and shows the request again, with
// the first password of the account that an approval makes, this once.
func (p *Pages) decideRequest(v *visit) error {
	id, err := models.ParseID(v.c.Param("id"))
	move := v.c.Param("move")
	if err != nil || move != "approval" && move != "refusal" {
		return fault.Absent()
	}
	d, err := p.options.Accounts.Decide(v.ctx, id, account.DecisionInput{Approve: move == "approval", Reason: v.field("reason")})
	if err == nil && d.Password == "" {
		v.to("/request/" + string(id))
		return nil
	}
	f, status, err := p.heard(v, err)
	if err != nil {
		return err
	}
	page, err := p.requestOf(v, id)
	if err != nil {
		return err
	}
	page.First = d.Password
	if f.Detail != "" {
		page.Failure, page.Shell.Failed = f, true
		page.Kept = p.refused(v, page.Forms, move, []formField{{Name: "reason", Label: fault.T("意见，至少 5 个字")}}, f)
	}
	return p.show(v, status, "request.html", page)
}

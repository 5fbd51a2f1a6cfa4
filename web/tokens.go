package web

import (
	"net/http"
	"slices"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/policies"
)

// tokensPage is what templates/tokens.html shows: the tokens with which programs of the
// visitor call the API (机器令牌).
type tokensPage struct {
	tokenList
	Secret  string // of the token just made, on the one answer that shows it
	Forms   []moveForm
	Failure Failure
	Kept    []saidLine
}

// tokenList is the table of them, with a heading of its own on the page of an account.
type tokenList struct {
	Shell  shell
	Lines  []tokenLine
	Headed bool
}

// tokenLine is one token, and whether it opens anything now.
type tokenLine struct {
	account.Token
	Name   fault.Text
	Mark   band
	Made   string
	Until  string
	Used   string
	Revoke string // where it is taken back, "" for what is over and for who may not
}

func (p *Pages) tokens(v *visit) error {
	page, err := p.tokensOf(v)
	if err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "tokens.html", page)
}

func (p *Pages) tokensOf(v *visit) (tokensPage, error) {
	page := tokensPage{tokenList: tokenList{Shell: p.shell(v, fault.T("机器令牌"))}}
	var err error
	if page.Lines, err = p.tokenLines(v, v.who.User.ID, func(t account.Token) string { return "/me/tokens/" + string(t.ID) + "/revocation" }); err != nil {
		return page, err
	}
	if v.may(policies.TokenCreate) {
		scopes := formField{Name: "scopes", Label: fault.T("权限，只有用到的"), Kind: "checks"}
		for _, x := range account.Lendable(v.can) {
			scopes.Options = append(scopes.Options, option{Value: string(x), Name: string(x)})
		}
		form := newMove(v, "/me/tokens", "token", fault.T("建立机器令牌"), []formField{need(text("name", fault.T("用途，例 在线监测平台"))), text("days", fault.T("有效天数，1 至 365，不填为 90")),
			text("sourceCidr", fault.T("只能从这个网段使用，例 10.1.2.0/24；不限不填")), scopes})
		form.Aside = true
		page.Forms = []moveForm{form}
	}
	return page, nil
}

// tokenLines are the tokens of an account that the visitor sees, the newest first, each
// with the address that takes it back.
func (p *Pages) tokenLines(v *visit, user models.ID, revoke func(account.Token) string) ([]tokenLine, error) {
	found, err := p.options.Accounts.Tokens(v.ctx, user, models.Query{Limit: models.MaxPage})
	if err != nil {
		return nil, err
	}
	acting, err := v.actor.ActingFor(policies.TokenRevoke, policies.Row{User: string(user)})
	var lines []tokenLine
	now := p.options.Now()
	for _, t := range found.Items {
		l := tokenLine{Token: t, Name: fault.T("有效"), Mark: onTarget, Made: moment(t.CreatedAt), Until: moment(t.ExpiresAt), Used: momentOr(t.LastUsedAt)}
		switch {
		case t.RevokedAt != nil:
			l.Name, l.Mark = fault.T("已撤销"), noScore
		case !now.Before(t.ExpiresAt):
			l.Name, l.Mark = fault.T("已过期"), noScore
		case len(acting) > 0:
			l.Revoke = revoke(t)
		}
		lines = append(lines, l)
	}
	return lines, err
}

// makeToken makes a token and shows its secret, this once.
func (p *Pages) makeToken(v *visit) error {
	var c fault.Check
	in := account.TokenInput{Name: v.field("name"), Scopes: v.c.Request.PostForm["scopes"], CIDR: v.field("sourceCidr")}
	if days := whole(&c, v, "days"); days != nil {
		if in.Days = *days; in.Days == 0 { // which would be the usual time
			in.Days = -1
		}
	}
	secret, err := "", c.Err()
	if err == nil {
		_, secret, err = p.options.Accounts.CreateToken(v.ctx, in)
	}
	f, status, own := p.heard(v, err)
	if own != nil {
		return own
	}
	page, err := p.tokensOf(v)
	if err != nil {
		return err
	}
	if secret != "" {
		page.Secret = secret
		return p.show(v, http.StatusCreated, "tokens.html", page)
	}
	page.Failure, page.Shell.Failed = f, true
	page.Kept = p.refused(v, page.Forms, "token", nil, f)
	return p.show(v, status, "tokens.html", page)
}

// revokeOf ends a token of that account, when the form names one of it.
func (p *Pages) revokeOf(v *visit, user models.ID) error {
	lines, err := p.tokenLines(v, user, func(t account.Token) string { return string(t.ID) })
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(lines, func(l tokenLine) bool { return string(l.ID) == v.field("token") }) {
		return fault.Absent()
	}
	return p.options.Accounts.RevokeToken(v.ctx, models.ID(v.field("token")))
}

// revokeToken ends a token at once.
func (p *Pages) revokeToken(v *visit) error {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return fault.Absent()
	}
	if err := p.options.Accounts.RevokeToken(v.ctx, id); err != nil {
		return err
	}
	v.to("/me/tokens")
	return nil
}

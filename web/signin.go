package web

import (
	"net/http"

	"parkregistry/internal/fault"
	"parkregistry/models/account"
)

// signInPage is what templates/login.html shows.
type signInPage struct {
	Shell    shell
	Username string
	Next     string
	Failure  Failure
	AskCode  bool     // the account has a second factor
	Kept     []option // what was typed into a form under a sign-in that is over
}

func (p *Pages) signInForm(v *visit) error {
	if v.who.User.ID != "" {
		v.to(inside(v.c.Query("next")))
		return nil
	}
	return p.show(v, http.StatusOK, "login.html", signInPage{Shell: p.shell(v, fault.T("登录")), Next: inside(v.c.Query("next"))})
}

// signIn begins a session. The answer to what was refused says nothing about the
// account; the name stays in its field, the password does not.
func (p *Pages) signIn(v *visit) error {
	next := inside(v.field("next"))
	in, err := p.options.Accounts.SignIn(v.ctx, account.Credentials{Username: v.field("username"), Password: v.field("password"), Code: v.field("code"), Page: true})
	if err == nil {
		v.seen.Set(v.c.Writer, in.Token)
		if kept := v.kept(); len(kept) > 0 && p.takesTyped(next) {
			return p.resume(v, next, in.Token, kept)
		}
		v.to(next)
		return nil
	}
	f := p.options.Explain(v.ctx, err)
	if f.Status >= http.StatusInternalServerError {
		return err
	}
	page := signInPage{Shell: p.shell(v, fault.T("登录")), Username: v.field("username"), Next: next, Failure: f, AskCode: f.Needs == "code" || v.field("code") != "", Kept: v.kept()}
	page.Shell.Failed = true
	return p.show(v, f.Status, "login.html", page)
}

// signOut ends the session and has the browser forget what it kept of the pages. The
// stores of patrols stay: they are encrypted, may hold what was not sent yet, and may be
// another person's (S-PH1).
func (p *Pages) signOut(v *visit) error {
	if err := p.options.Accounts.EndSession(v.ctx, v.who.Session.ID, "signout"); err != nil {
		return err
	}
	v.seen.Clear(v.c.Writer)
	v.c.Header("Clear-Site-Data", `"cache"`)
	v.to("/login")
	return nil
}

// session tells the script of an open page who is signed in, for how many seconds more,
// and what vouches for its forms. Asking is using the sign-in.
func (p *Pages) session(v *visit) error {
	return p.json(v, map[string]any{"id": v.who.User.ID, "form": v.token(), "left": p.left(v)})
}

// left is how many seconds the sign-in holds when nobody uses it.
func (p *Pages) left(v *visit) int {
	if v.who.Session == nil {
		return 0
	}
	return int(p.options.Accounts.Left(*v.who.Session).Seconds())
}

// home leads to the visitor's own workplace.
func (p *Pages) home(v *visit) error {
	t := tierOf(v.actor)
	switch {
	case v.who.User.ID == "":
		v.to("/login")
	case t == "":
		v.to("/me")
	default:
		v.to(string(t))
	}
	return nil
}

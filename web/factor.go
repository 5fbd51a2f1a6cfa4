package web

import (
	"net/http"
	"strings"

	"parkregistry/models/account"
)

// enrolment is a second factor that waits for its first code, as the page of the account
// shows it this once: to be scanned, or typed in.
type enrolment struct {
	Code   qrCode
	Secret string // in groups of four
}

// beginFactor gives the secret of a second factor and shows it, this once.
func (p *Pages) beginFactor(v *visit) error {
	begun, err := p.options.Accounts.BeginFactor(v.ctx)
	if err != nil {
		return p.factorFailed(v, err, false)
	}
	code, err := signCodeOf(begun.URI)
	if err != nil {
		return err
	}
	page, err := p.mine(v)
	if err != nil {
		return err
	}
	var groups []string
	for s := begun.Secret; s != ""; s = s[min(4, len(s)):] {
		groups = append(groups, s[:min(4, len(s))])
	}
	page.Enrolment = &enrolment{code, strings.Join(groups, " ")}
	return p.show(v, http.StatusCreated, "me.html", page)
}

// confirmFactor takes the first code: from the next sign-in on one is asked.
func (p *Pages) confirmFactor(v *visit) error {
	if _, err := p.options.Accounts.ConfirmFactor(v.ctx, account.FactorInput{Code: v.field("code")}); err != nil {
		return p.factorFailed(v, err, true)
	}
	v.to("/me?done=factor")
	return nil
}

// factorFailed tells on the page of the account why the second factor is not in use. The
// secret is not shown again: the phone has it, or another is asked for. A code that was
// asked for and is wrong may be entered again.
func (p *Pages) factorFailed(v *visit, err error, asked bool) error {
	f, here := p.told(v, err)
	if !here {
		return err
	}
	page, err := p.mine(v)
	if err != nil {
		return err
	}
	page.FactorFailure, page.Shell.Failed = f, true
	page.Begun = page.Begun || asked && f.Status == http.StatusUnprocessableEntity
	return p.show(v, f.Status, "me.html", page)
}

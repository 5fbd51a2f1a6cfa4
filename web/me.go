package web

import (
	"net/http"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/cookie"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/policies"
)

// mePage is what templates/me.html shows: the visitor's own account.
type mePage struct {
	Shell       shell
	User        account.User
	Assignments []assignmentLine
	Sessions    []sessionLine
	Failure     Failure
	MustChange  bool
	Changed     bool

	OwesFactor    bool
	Since         string // the second factor is in use, "" while it is not
	Begun         bool   // a secret was given and no code has come
	Added         bool
	Enrolment     *enrolment
	FactorFailure Failure
	Tokens        bool // the visitor may have tokens

	Sizes []option
}

type assignmentLine struct {
	Role  fault.Text
	Where string
	From  code.Day
	Until *code.Day
}

type sessionLine struct {
	ID      models.ID
	Current bool
	Page    bool
	Address string
	Agent   string
	Began   string
	Seen    string
}

func (p *Pages) me(v *visit) error {
	page, err := p.mine(v)
	if err != nil {
		return err
	}
	page.Changed = v.c.Query("done") == "password" && code.DayOf(v.who.User.PasswordChangedAt) == p.options.Today()
	page.Added = v.c.Query("done") == "factor" && page.Since != ""
	return p.show(v, http.StatusOK, "me.html", page)
}

func (p *Pages) mine(v *visit) (mePage, error) {
	page := mePage{Shell: p.shell(v, fault.T("个人设置")), User: v.who.User, MustChange: v.who.User.MustChangePassword, OwesFactor: v.who.OwesFactor, Begun: len(v.who.User.FactorSalt) > 0, Tokens: v.may(policies.TokenRead)}
	if at := v.who.User.FactorSince; at != nil {
		page.Since = moment(*at)
	}
	for _, s := range sizes() {
		page.Sizes = append(page.Sizes, option{s.class, say(v, s.name), s.class == page.Shell.Size})
	}
	if page.MustChange || v.who.OwesFactor {
		return page, nil // nothing else is open before that
	}
	for _, a := range v.who.Assignments {
		role, ok := policies.RoleOf(a.Role)
		if !ok {
			continue
		}
		l := assignmentLine{Role: role.Title(), From: a.StartsOn, Until: a.EndsOn}
		switch {
		case a.Jurisdiction != nil:
			j := code.Jurisdiction(*a.Jurisdiction)
			l.Where = wordsOf(v, j.Name(), j.English())
		case a.ParkID != nil && v.may(policies.ParkRead):
			park, err := p.options.Registry.Park(v.ctx, *a.ParkID)
			if err != nil && !fault.Is(err, fault.NotFound) {
				return page, err
			}
			l.Where = parkName(park)
		}
		page.Assignments = append(page.Assignments, l)
	}
	sessions, err := p.options.Accounts.Sessions(v.ctx, account.SessionFilter{User: v.who.User.ID, Open: true}, models.Query{Limit: 50})
	if err != nil {
		return page, err
	}
	for _, s := range sessions.Items {
		page.Sessions = append(page.Sessions, sessionLine{s.ID, v.who.Session != nil && s.ID == v.who.Session.ID, s.Kind == account.Cookie, s.RemoteAddr, s.UserAgent, moment(s.CreatedAt), moment(s.LastSeenAt)})
	}
	return page, nil
}

// changePassword changes it and gives this sign-in a new secret; every other one ends.
func (p *Pages) changePassword(v *visit) error {
	var twice fault.Check
	if v.field("next") != v.field("again") {
		twice.Fail("/again", "mismatch", "两次输入的新密码不一样")
	}
	var in account.SignedIn
	err := twice.Err()
	if err == nil {
		in, err = p.options.Accounts.ChangePassword(v.ctx, account.PasswordInput{Current: v.field("current"), Next: v.field("next")})
	}
	if err == nil {
		v.seen.Set(v.c.Writer, in.Token)
		v.to("/me?done=password")
		return nil
	}
	f := p.options.Explain(v.ctx, err)
	if f.Status >= http.StatusInternalServerError {
		return err
	}
	page, err := p.mine(v)
	if err != nil {
		return err
	}
	page.Failure, page.Shell.Failed = f, true
	return p.show(v, f.Status, "me.html", page)
}

func (p *Pages) endSession(v *visit) error {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return fault.Absent()
	}
	if err := p.options.Accounts.EndSession(v.ctx, id, "ended"); err != nil {
		return err
	}
	v.to("/me")
	return nil
}

// textSize is a size that a reader may choose, as a class of the style.
type textSize struct {
	class string
	name  fault.Text
}

func sizes() []textSize {
	return []textSize{{"", fault.T("标准")}, {"large", fault.T("大，112.5%")}, {"larger", fault.T("更大，125%")}}
}

// sizeOf is the size that the reader chose; what a cookie says otherwise is the usual one.
func sizeOf(v *visit) string {
	chosen := cookie.Size(v.c.Request)
	if slices.ContainsFunc(sizes(), func(s textSize) bool { return s.class == chosen }) {
		return chosen
	}
	return ""
}

// chooseSize keeps the size of the text in the browser.
func (p *Pages) chooseSize(v *visit) error {
	chosen := v.field("size")
	if !slices.ContainsFunc(sizes(), func(s textSize) bool { return s.class == chosen }) {
		return fault.New(fault.Malformed, "表单没有完整送到，返回重新提交")
	}
	v.seen.SetSize(v.c.Writer, chosen)
	v.to("/me")
	return nil
}

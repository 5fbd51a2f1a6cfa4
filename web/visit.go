package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"parkregistry/internal/cookie"
	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models/account"
	"parkregistry/policies"
)

// pagePolicy is the content security policy of the pages (S-OUT2).
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// mostForm bounds the body of a form of ours.
const mostForm = 256 << 10

// visit is one request for a page, with whoever is asking.
type visit struct {
	c     *gin.Context
	ctx   context.Context
	lang  words.Lang
	seen  cookie.Seen
	who   account.Identity // zero before a sign-in
	actor policies.Actor
	can   []policies.Permission

	brought []brought // files that came with the form
	strange bool      // the form is not of this sign-in: it is shown again and nothing is written
	vouched string    // the token of the forms of this page, "" before the first
}

// may reports whether the visitor holds the permission for anything at all: a button
// shows exactly then.
func (v *visit) may(perm policies.Permission) bool { return slices.Contains(v.can, perm) }

// handler guards one line: identity, then what the account still owes, then the
// permission, then where a form came from; and it turns an error into its page.
func (p *Pages) handler(l line) gin.HandlerFunc {
	if l.serve != nil {
		return l.serve
	}
	return func(c *gin.Context) {
		v := p.visitOf(c)
		defer v.discard()
		admitted, err := p.admit(v, l)
		if err != nil && l.typed {
			admitted, err = p.outlive(v, l, err)
		}
		if admitted && err == nil {
			if l.method == http.MethodPost && v.who.User.ID != "" {
				defer p.options.Inbox.Forget(v.ctx)
			}
			err = l.visit(v)
		}
		if err != nil {
			p.fail(v, err)
		}
	}
}

func (p *Pages) visitOf(c *gin.Context) *visit {
	c.Header("Content-Security-Policy", pagePolicy)
	ctx := c.Request.Context()
	v := &visit{c: c, ctx: ctx, lang: words.From(ctx), seen: cookie.From(ctx)}
	if chosen, ok := words.Named(c.Query("lang")); ok {
		v.lang, v.ctx = chosen, words.With(ctx, chosen)
		v.seen.SetLanguage(c.Writer, string(chosen))
	}
	// A page is opened by a browser: what a header says is for the API.
	if who, ok := account.From(ctx); ok && v.seen.Secret != "" {
		v.who = who
		v.actor, _ = policies.ActorFrom(ctx)
		v.can, _ = v.actor.Can()
	}
	return v
}

// admit refuses, or sends the visitor where something has to be done first; neither is
// admitted.
func (p *Pages) admit(v *visit, l line) (bool, error) {
	if l.need != policies.Public {
		switch {
		case v.who.User.ID == "":
			if err := account.Refusal(v.ctx); err != nil {
				return false, err // over, or the database did not answer: the one signs in again, the other waits
			}
			return false, fault.New(fault.Unauthenticated, "尚未登录，或者登录已经失效")
		case v.who.User.MustChangePassword && !slices.Contains(beforePassword, l.path):
			v.to("/me?needs=password")
			return false, nil
		case v.who.OwesFactor && !slices.Contains(beforeFactor, l.path):
			v.to("/me?needs=factor")
			return false, nil
		}
		if err := policies.Require(v.ctx, l.need); err != nil {
			return false, err
		}
	}
	if l.method != http.MethodPost {
		return true, nil
	}
	if err := p.readSent(v, l); err != nil {
		return false, err
	}
	if l.need != policies.Public && !v.seen.Vouched(v.c.Request.PostForm.Get("form")) {
		v.strange = true
		return false, fault.New(fault.Denied, "这次提交不是从本系统的页面发出的；重新打开页面再提交")
	}
	return true, nil
}

// beforePassword are the pages of somebody who has to change the first password, and
// beforeFactor those of somebody who has to add a second factor.
var (
	beforePassword = []string{"/me", "/me/password", "/me/session", "/logout"}
	beforeFactor   = append([]string{"/me/factor", "/me/factor/confirmation"}, beforePassword...)
)

// readSent reads the form in whichever way it was sent.
func (p *Pages) readSent(v *visit, l line) error {
	if l.brings && strings.HasPrefix(v.c.Request.Header.Get("Content-Type"), "multipart/form-data;") {
		return p.readParts(v, l)
	}
	return v.readForm()
}

func (v *visit) readForm() error {
	r := v.c.Request
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); kind != "application/x-www-form-urlencoded" {
		return fault.New(fault.Unsupported, "表单的格式应当是 {{.Type}}", "Type", "application/x-www-form-urlencoded")
	}
	r.Body = http.MaxBytesReader(v.c.Writer, r.Body, mostForm)
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Malformed, "表单没有完整送到，返回重新提交")
	}
	return nil
}

// token vouches for the forms of the page: one for all of them, since each that differs
// is so many bytes that cannot be packed.
func (v *visit) token() string {
	if v.vouched == "" {
		v.vouched = v.seen.Token()
	}
	return v.vouched
}

// field is what was entered into a field of the form.
func (v *visit) field(name string) string { return v.c.Request.PostForm.Get(name) }

// version is that of the row that the form was drawn from.
func (v *visit) version() (int64, error) {
	n, err := strconv.ParseInt(v.field("version"), 10, 64)
	if err != nil || n < 1 {
		return 0, fault.New(fault.Malformed, "表单没有完整送到，返回重新提交")
	}
	return n, nil
}

// to sends the browser to another page of ours by GET.
func (v *visit) to(path string) { v.c.Redirect(http.StatusSeeOther, path) }

// inside is path when it leads to a page of ours, "/" otherwise: nobody else's address
// is followed after a sign-in (S-OUT3).
func inside(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	return path
}

// show renders a page with the shell around it.
func (p *Pages) show(v *visit, status int, name string, data any) error {
	b, err := p.render(v.lang, name, data)
	if err != nil {
		return err
	}
	sendHTML(v.c, status, b)
	return nil
}

// say is a sentence in the visitor's language.
func say(v *visit, t fault.Text) string { return words.Render(v.lang, t) }

// wordsOf is a name in the visitor's language, the Chinese one where no other was given.
func wordsOf(v *visit, zh, en string) string {
	return words.Name(v.lang, fault.Label{Zh: zh, En: cmp.Or(en, zh)})
}

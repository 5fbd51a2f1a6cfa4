package web

import (
	"net/http"
	"slices"
	"strings"

	"parkregistry/internal/cookie"
	"parkregistry/internal/fault"
)

// outlive keeps a long form whose sign-in is over or was replaced meanwhile. Without a
// sign-in, what was typed travels along through the next one. Under another sign-in the
// form is drawn again with everything in it but its files: nothing that another site could have sent
// is written, only shown.
func (p *Pages) outlive(v *visit, l line, refused error) (admitted bool, err error) {
	if v.strange {
		return true, nil
	}
	if p.options.Explain(v.ctx, refused).Status != http.StatusUnauthorized || p.readSent(v, l) != nil {
		return false, refused
	}
	page := signInPage{Shell: p.shell(v, fault.T("登录")), Next: inside(v.c.Request.URL.EscapedPath()), Failure: Failure{Detail: say(v, fault.T("登录已经失效。登录后回到表单，填写的内容都还在"))}}
	for name, values := range v.c.Request.PostForm {
		if name != "form" && name != "do" {
			for _, value := range values {
				page.Kept = append(page.Kept, option{Name: name, Value: value})
			}
		}
	}
	page.Shell.Failed = true
	return false, p.show(v, http.StatusUnauthorized, "login.html", page)
}

// keptMark stands before the names of what travels through a sign-in.
const keptMark = "kept:"

// kept is what travelled along with a sign-in.
func (v *visit) kept() (all []option) {
	for name, values := range v.c.Request.PostForm {
		if name, is := strings.CutPrefix(name, keptMark); is {
			for _, value := range values {
				all = append(all, option{Name: name, Value: value})
			}
		}
	}
	return all
}

// takesTyped reports whether a form that was long to fill in is sent to the path.
func (p *Pages) takesTyped(path string) bool {
	asked := strings.Split(path, "/")
	return slices.ContainsFunc(p.table(), func(l line) bool {
		steps := strings.Split(l.path, "/")
		fits := l.typed && len(steps) == len(asked)
		for i := 0; fits && i < len(steps); i++ {
			fits = strings.HasPrefix(steps[i], ":") || steps[i] == asked[i]
		}
		return fits
	})
}

// resumePage is what templates/resume.html shows after such a sign-in: the way back to
// the form.
type resumePage struct {
	Shell shell
	Next  string
	Form  string
	Kept  []option
}

// resume leads back to the form with what was typed.
func (p *Pages) resume(v *visit, next, secret string, kept []option) error {
	return p.show(v, http.StatusOK, "resume.html", resumePage{Shell: p.shell(v, fault.T("已登录")), Next: next, Form: cookie.Seen{Secret: secret}.Token(), Kept: kept})
}

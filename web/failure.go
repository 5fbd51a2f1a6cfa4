package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"parkregistry/internal/fault"
)

// Failure is an error in the words in which the API tells it.
type Failure struct {
	Status    int
	Title     string
	Detail    string
	RequestID string
	Needs     string // what has to be done first, as the API names it
	Errors    []FieldFailure
}

// FieldFailure is one broken rule of a form; Pointer is the field's JSON pointer.
type FieldFailure struct{ Pointer, Detail string }

// of is what is said at the field or at something in it, "" for nothing.
func (f Failure) of(pointer string) string {
	for _, e := range f.Errors {
		if e.Pointer == pointer || strings.HasPrefix(e.Pointer, pointer+"/") {
			return e.Detail
		}
	}
	return ""
}

// ofRow is the failure with what stands in a row of a list (/limits/3/unit) at the field of
// the form that enters one row (/unit).
func (f Failure) ofRow() Failure {
	flat := f
	flat.Errors = nil
	for _, e := range f.Errors {
		if parts := strings.Split(e.Pointer, "/"); len(parts) == 4 {
			e.Pointer = "/" + parts[3]
		}
		flat.Errors = append(flat.Errors, e)
	}
	return flat
}

// failurePage is what templates/failure.html shows.
type failurePage struct {
	Shell   shell
	Failure Failure
	Safe    fault.Text // what is not lost
	Home    string
}

// fail shows an error: what happened, what is safe, one way on, a number to quote.
// Who is not signed in is asked to, and comes back to the same page.
func (p *Pages) fail(v *visit, err error) {
	f := p.options.Explain(v.ctx, err)
	if f.Status == http.StatusUnauthorized && v.c.Request.Method == http.MethodGet {
		v.to("/login?next=" + url.QueryEscape(v.c.Request.URL.RequestURI()))
		return
	}
	p.tell(v, f)
}

// Refuse tells a browser what was refused before any page was asked.
func (p *Pages) Refuse(c *gin.Context, err error) {
	v := p.visitOf(c)
	p.tell(v, p.options.Explain(v.ctx, err))
}

func (p *Pages) tell(v *visit, f Failure) {
	page := failurePage{Shell: p.bare(v, fault.Text{Key: f.Title, English: f.Title}), Failure: f, Home: "/", Safe: fault.T("没有内容被改动。")}
	if f.Status >= http.StatusInternalServerError {
		page.Safe = fault.T("已经报送和保存的内容不受影响。")
	}
	if err := p.show(v, f.Status, "failure.html", page); err != nil {
		_ = v.c.Error(err)
		v.c.String(http.StatusInternalServerError, "500\n")
	}
}

package web

import (
	"fmt"
	"net/http"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models/progress"
)

// baselinePage is what templates/baseline.html shows: the numbers of the reply letter
// beside what the register counts of the same today.
type baselinePage struct {
	Shell   shell
	Source  fault.Text
	AsOf    string
	Figures []progress.Figure
}

func (p *Pages) baseline(v *visit) error {
	r, figures, err := p.options.Progress.Baseline(v.ctx, progress.Question{})
	if err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "baseline.html", baselinePage{p.shell(v, fault.T("2021 年基线")), progress.Document, dayOf(v.lang, r.AsOf), figures})
}

// grouped is a number with a comma before each three digits of its whole part, as the letter
// and the reports of the bureau write it.
func grouped(n any) string {
	if p, is := n.(*int); is {
		n = *p
	}
	whole, rest, fraction := strings.Cut(fmt.Sprint(n), ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if fraction {
		whole += "." + rest
	}
	return sign + whole
}

package web

import (
	"net/http"

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

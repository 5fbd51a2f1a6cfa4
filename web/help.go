package web

import (
	"net/http"

	"parkregistry/internal/fault"
	"parkregistry/models/assessment"
)

// metricsPage is what templates/metrics.html shows: what each number means.
type metricsPage struct {
	Shell   shell
	Version string
	Areas   []metricArea
}

type metricArea struct {
	Number int
	Name   fault.Text
	Items  []itemLine
}

func (p *Pages) metrics(v *visit) error {
	page := metricsPage{Shell: p.shell(v, fault.T("指标说明")), Version: assessment.Draft().Version}
	for _, d := range assessment.Dimensions() {
		area := metricArea{Number: d.Number, Name: d.Name}
		for _, i := range assessment.Draft().Items {
			if i.Dimension != d.Number {
				continue
			}
			line := itemLine{ID: i.ID, Name: wordsOf(v, i.Name, i.NameEn), Points: i.Points.RatString(), State: "pending", Condition: wordsOf(v, i.Full, i.FullEn)}
			if i.Computed() {
				line.State = "computed"
			}
			area.Items = append(area.Items, line)
		}
		page.Areas = append(page.Areas, area)
	}
	return p.show(v, http.StatusOK, "metrics.html", page)
}

// manual says where the commonest jobs of each role begin.
func (p *Pages) manual(v *visit) error {
	return p.show(v, http.StatusOK, "manual.html", p.shell(v, fault.T("使用手册")))
}

// accessibility says what the pages hold to, and what was not tried.
func (p *Pages) accessibility(v *visit) error {
	return p.show(v, http.StatusOK, "accessibility.html", p.shell(v, fault.T("无障碍说明")))
}

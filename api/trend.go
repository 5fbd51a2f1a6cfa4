package api

import (
	"parkregistry/internal/code"
	"parkregistry/models/progress"
)

// monthView is where all parks stood at the end of a month, with the counts of the
// report of that day.
type monthView struct {
	Month  string      `json:"month" doc:"例 2026-03"`
	AsOf   code.Day    `json:"asOf" doc:"这个月的最后一天，最后一个月为截止日期"`
	Counts countsView  `json:"counts"`
	Links  CountsLinks `json:"links" doc:"counts 中每个数所计的全部记录"`
	Report string      `json:"report" format:"uri-reference" doc:"那一天的报告，比例在其中"`
}

func trendOf(r progress.Report) []monthView {
	out := make([]monthView, len(r.Trend))
	for i, m := range r.Trend {
		out[i] = monthView{m.Month, m.AsOf, countsView(m.Counts), ofAll(m.AsOf, r.KnownSeq).counts(), reportHref(m.AsOf, r.KnownSeq)}
	}
	return out
}

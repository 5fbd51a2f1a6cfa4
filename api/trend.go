package api

import (
	"parkregistry/internal/code"
	"parkregistry/models/progress"
)

// monthView is where all parks stood at the end of a month; the counts are those of
// the report of that day, but for what is about its last thirty days.
type monthView struct {
	Month  string      `json:"month" doc:"例 2026-03"`
	AsOf   code.Day    `json:"asOf" doc:"这个月的最后一天，最后一个月为截止日期"`
	Counts MonthCounts `json:"counts"`
	Links  MonthLinks  `json:"links" doc:"counts 中每个数所计的全部记录"`
	Report string      `json:"report" format:"uri-reference" doc:"那一天的报告"`
}

// MonthCounts are those of a month's end.
type MonthCounts struct {
	LedgersFiled     int64 `json:"ledgersFiled"`
	LedgersAccepted  int64 `json:"ledgersAccepted"`
	LedgersLate      int64 `json:"ledgersLate"`
	LedgersReturned  int64 `json:"ledgersReturned"`
	FindingsOpened   int64 `json:"findingsOpened"`
	FindingsOpen     int64 `json:"findingsOpen"`
	FindingsClosed   int64 `json:"findingsClosed"`
	FindingsReferred int64 `json:"findingsReferred"`
	FindingsOverdue  int64 `json:"findingsOverdue"`
	Patrols          int64 `json:"patrols"`
	Inspections      int64 `json:"inspections"`
}

// MonthLinks are, for each of the counts, the list of exactly the rows that add up to it.
type MonthLinks struct {
	LedgersFiled     string `json:"ledgersFiled" format:"uri-reference"`
	LedgersAccepted  string `json:"ledgersAccepted" format:"uri-reference"`
	LedgersLate      string `json:"ledgersLate" format:"uri-reference"`
	LedgersReturned  string `json:"ledgersReturned" format:"uri-reference"`
	FindingsOpened   string `json:"findingsOpened" format:"uri-reference"`
	FindingsOpen     string `json:"findingsOpen" format:"uri-reference"`
	FindingsClosed   string `json:"findingsClosed" format:"uri-reference"`
	FindingsReferred string `json:"findingsReferred" format:"uri-reference"`
	FindingsOverdue  string `json:"findingsOverdue" format:"uri-reference"`
	Patrols          string `json:"patrols" format:"uri-reference"`
	Inspections      string `json:"inspections" format:"uri-reference"`
}

func trendOf(r progress.Report) []monthView {
	out := make([]monthView, len(r.Trend))
	for i, m := range r.Trend {
		c, at := m.Counts, ofAll(m.AsOf, r.KnownSeq)
		out[i] = monthView{m.Month, m.AsOf, MonthCounts{c.LedgersFiled, c.LedgersAccepted, c.LedgersLate, c.LedgersReturned, c.FindingsOpened, c.FindingsOpen, c.FindingsClosed,
			c.FindingsReferred, c.FindingsOverdue, c.Patrols, c.Inspections}, at.month(), reportHref(m.AsOf, r.KnownSeq)}
	}
	return out
}

func (o whose) month() MonthLinks {
	l := o.counts()
	return MonthLinks{l.LedgersFiled, l.LedgersAccepted, l.LedgersLate, l.LedgersReturned, l.FindingsOpened, l.FindingsOpen, l.FindingsClosed, l.FindingsReferred, l.FindingsOverdue, l.Patrols, l.Inspections}
}

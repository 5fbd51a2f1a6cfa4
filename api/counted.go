package api

import (
	"context"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/audit"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/progress"
)

// CountedParams ask a list for the rows of a number of a report.
type CountedParams struct {
	AsOf         string `query:"asOf" format:"date" doc:"与 counted 一起：进展报告的截止日期"`
	KnownSeq     string `query:"knownSeq" maxLength:"19" doc:"与 counted 一起：进展报告计到的变更序号"`
	Jurisdiction string `query:"jurisdiction" maxLength:"40" doc:"与 counted 一起：进展报告归入这个辖区的园区的，none 为辖区还没有公布的"`
}

func (p CountedParams) counted(ctx context.Context, districts *progress.Service, what string) (audit.Counted, error) {
	var c fault.Check
	out := audit.Counted{What: what, AsOf: fault.Parse(&c, "/query/asOf", p.AsOf, code.ParseDay), Seq: knownSeq(&c, p.KnownSeq)}
	if what == "" && p.AsOf+p.KnownSeq+p.Jurisdiction != "" {
		c.Fail("/query/counted", "required", "asOf、knownSeq 和 jurisdiction 与 counted 一起填写")
	}
	err := c.Err()
	if err == nil && p.Jurisdiction != "" {
		out.Parks, err = districts.ParksIn(ctx, p.Jurisdiction, progress.Question{AsOf: out.AsOf, KnownSeq: out.Seq})
	}
	return out, err
}

// CountsLinks are, for each of the counts, the list of exactly the rows that add up to it.
type CountsLinks struct {
	LedgersFiled       string `json:"ledgersFiled" format:"uri-reference"`
	LedgersFiledRecent string `json:"ledgersFiledRecent" format:"uri-reference"`
	LedgersAccepted    string `json:"ledgersAccepted" format:"uri-reference"`
	LedgersLate        string `json:"ledgersLate" format:"uri-reference"`
	LedgersReturned    string `json:"ledgersReturned" format:"uri-reference"`
	FindingsOpened     string `json:"findingsOpened" format:"uri-reference"`
	FindingsOpen       string `json:"findingsOpen" format:"uri-reference"`
	FindingsClosed     string `json:"findingsClosed" format:"uri-reference"`
	FindingsReferred   string `json:"findingsReferred" format:"uri-reference"`
	FindingsOverdue    string `json:"findingsOverdue" format:"uri-reference"`
	Patrols            string `json:"patrols" format:"uri-reference"`
	Inspections        string `json:"inspections" format:"uri-reference"`
}

// whose is the end of an address of rows: of one park, of a district or, with neither,
// of all that the caller sees; at a day and a number of the log.
type whose string

func ofAll(asOf code.Day, seq int64) whose {
	return whose("&asOf=" + string(asOf) + "&knownSeq=" + strconv.FormatInt(seq, 10))
}

func (o whose) park(id models.ID) whose { return o + "&parkId=" + whose(id) }

func (o whose) district(slug string) whose { return o + "&jurisdiction=" + whose(slug) }

// to is the address of a list with a first parameter.
func (o whose) to(list, name, value string) string {
	return base + list + "?" + name + "=" + value + string(o)
}

func (o whose) counts() CountsLinks {
	entries := func(what string) string { return o.to("/ledgers", "counted", what) }
	findings := func(what string) string { return o.to("/findings", "counted", what) }
	patrols := func(what string) string { return o.to("/patrols", "counted", what) }
	return CountsLinks{entries(ledger.CountFiled), entries(ledger.CountRecent), entries(ledger.CountAccepted), entries(ledger.CountLate), entries(ledger.CountReturned),
		findings(inspection.CountOpened), findings(inspection.CountOpen), findings(inspection.CountClosed), findings(inspection.CountReferred), findings(inspection.CountOverdue),
		patrols(inspection.CountPatrols), patrols(inspection.CountInspections)}
}

// count is the list behind what a goal may count.
func (o whose) count(measure string) string {
	links := o.counts()
	return map[string]string{"ledgersFiled": links.LedgersFiled, "findingsClosed": links.FindingsClosed, "patrols": links.Patrols, "inspections": links.Inspections}[measure]
}

// DimensionLinks are, for each number of a dimension, the items that make it.
type DimensionLinks struct {
	Met      string `json:"met" format:"uri-reference"`
	Required string `json:"required" format:"uri-reference"`
	Pending  string `json:"pending" format:"uri-reference"`
}

func (o whose) dimension(n int) DimensionLinks {
	const items = "/progress/items"
	of := ("&dimension=" + whose(strconv.Itoa(n))) + o
	return DimensionLinks{of.to(items, "part", string(progress.Met)), of.to(items, "part", string(progress.Required)), of.to(items, "part", string(progress.Pending))}
}

// RatioLinks are the rows behind a ratio.
type RatioLinks struct {
	Numerator   string `json:"numerator" format:"uri-reference"`
	Denominator string `json:"denominator" format:"uri-reference"`
}

// ratio is nil for what the registry does not compute.
func (o whose) ratio(metric string) *RatioLinks {
	switch metric {
	case "":
		return nil
	case assessment.MetricFindings:
		return &RatioLinks{o.to("/findings", "counted", inspection.CountInTime), o.to("/findings", "counted", inspection.CountDue)}
	}
	return &RatioLinks{("&met=true" + o).to("/progress/rows", "metric", metric), o.to("/progress/rows", "metric", metric)}
}

package api

import (
	"fmt"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
)

// CountedParams ask a list for the rows of a number of a report.
type CountedParams struct {
	AsOf     string `query:"asOf" format:"date" doc:"与 counted 一起：进展报告的截止日期"`
	KnownSeq string `query:"knownSeq" maxLength:"19" doc:"与 counted 一起：进展报告计到的变更序号"`
}

func (p CountedParams) counted(what string) (audit.Counted, error) {
	var c fault.Check
	out := audit.Counted{What: what, AsOf: fault.Parse(&c, "/query/asOf", p.AsOf, code.ParseDay), Seq: knownSeq(&c, p.KnownSeq)}
	if what == "" && p.AsOf+p.KnownSeq != "" {
		c.Fail("/query/counted", "required", "asOf 和 knownSeq 与 counted 一起填写")
	}
	return out, c.Err()
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

// countsLinks are those of one park, or of all that the caller sees for "".
func countsLinks(park models.ID, asOf code.Day, seq int64) CountsLinks {
	to := func(list, what string) string {
		href := fmt.Sprintf("%s/%s?counted=%s&asOf=%s&knownSeq=%d", base, list, what, asOf, seq)
		if park != "" {
			href += "&parkId=" + string(park)
		}
		return href
	}
	entries := func(what string) string { return to("ledgers", what) }
	findings := func(what string) string { return to("findings", what) }
	return CountsLinks{entries(ledger.CountFiled), entries(ledger.CountRecent), entries(ledger.CountAccepted), entries(ledger.CountLate), entries(ledger.CountReturned),
		findings(inspection.CountOpened), findings(inspection.CountOpen), findings(inspection.CountClosed), findings(inspection.CountReferred), findings(inspection.CountOverdue),
		to("patrols", inspection.CountPatrols), to("patrols", inspection.CountInspections)}
}

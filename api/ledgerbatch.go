package api

import (
	"context"
	"net/http"

	"parkregistry/internal/fault"
	"parkregistry/models/ledger"
)

type entryResult struct {
	Outcome string        `json:"outcome" enum:"stored,repeated,refused" doc:"已保存、同一编号的相同内容已经有、没有保存"`
	Status  int           `json:"status" doc:"这一条单独提交时的状态码：201、200、400、404、409、422"`
	Errors  []ProblemItem `json:"errors,omitempty" doc:"没有保存的原因，位置从整批算起，例 /entries/3/payload/inflow"`
	Entry   *entryView    `json:"entry,omitempty" doc:"现在的记录，不含内容；没有保存的不给出"`
}

type batchView struct {
	Warned
	Results []entryResult `json:"results" doc:"逐条回答，次序与提交相同"`
}

type batchOutput struct{ Body batchView }

// batchEntries answers entry by entry; the warnings of all of them stand together,
// so that Prefer: handling=strict undoes the whole as it does one entry.
func (h ledgerAPI) batchEntries(ctx context.Context, in *Payload[ledger.EntriesInput]) (*batchOutput, error) {
	results, err := h.svc.Batch(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	lang := requestOf(ctx).lang
	view := entryOf(lang)
	var warned []fault.Violation
	out := &batchOutput{batchView{Results: make([]entryResult, len(results))}}
	for i, r := range results {
		v := entryResult{Outcome: r.Outcome, Errors: items(lang, r.Violations)}
		switch r.Outcome {
		case ledger.EntryStored:
			v.Status = http.StatusCreated
		case ledger.EntryRepeated:
			v.Status = http.StatusOK
		default:
			v.Status = kinds[r.Code].status
		}
		if r.Record != nil {
			e := view(*r.Record)
			v.Entry, warned = &e, append(warned, r.Record.Warnings...)
		}
		out.Body.Results[i] = v
	}
	out.Body.warn(list0(items(lang, warned)))
	return out, nil
}

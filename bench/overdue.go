package main

import (
	"context"
	"fmt"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/inspection"
	"parkregistry/policies"
)

// overdue times counting the overdue findings from their rows, as a list behind a
// report's number does: what a report would cost that did not sum them (ADR 0025).
func (r *report) overdue(ctx context.Context, f *filler) error {
	if !r.wanted("overdue, rows") {
		return nil
	}
	svc := inspection.New(f.db, nil)
	ctx = policies.With(ctx, f.db.Policy.Program("bench"))
	for _, day := range []code.Day{ledgerLast, ledgerLast.Add(-20)} {
		var took []time.Duration
		var counted int64
		for range r.rounds {
			began := time.Now()
			page, err := svc.Findings(ctx, inspection.FindingFilter{Counted: audit.Counted{What: inspection.CountOverdue, AsOf: day}}, models.Query{Limit: 1, Exact: true})
			if err != nil {
				return err
			}
			took, counted = append(took, time.Since(began)), *page.Total
		}
		_, _ = fmt.Fprintf(r.out, "  overdue on %s, counted from %d findings: %d in %.0f ms\n", day, f.foundInAll(), counted, float64(median(took).Microseconds())/1000)
	}
	return nil
}

// foundInAll is how many findings there are, with the copies.
func (f *filler) foundInAll() int { return f.stocked / 25 * findingsOf25 }

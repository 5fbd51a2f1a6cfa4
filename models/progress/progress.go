// Package progress answers where the parks stand on the six norm areas. Every
// number is computed from rows that the caller may see, on a day; nothing is
// typed in and nothing is stored but the counts that the sequencer folds.
package progress

import (
	"context"
	"math/big"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/audit"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// Service answers about progress.
type Service struct {
	db       *models.DB
	audit    *audit.Service
	registry *registry.Service
}

// New makes the service.
func New(db *models.DB, log *audit.Service, reg *registry.Service) *Service {
	return &Service{db: db, audit: log, registry: reg}
}

// Report is where the parks stand.
type Report struct {
	AsOf     code.Day // end of that day at UTC+8
	KnownSeq int64    // number of the newest change that is counted in, -1 for none
	Version  string   // of the checklist
	Parks    []ParkStanding
	Totals   Standing
}

// Standing is the six dimensions and the counts, of one park or of several together.
type Standing struct {
	Overall    *big.Rat // earned / applicable points × 100; nil while nothing is computed
	Dimensions []DimensionStanding
	Counts     Counts
}

// ParkStanding is one park's.
type ParkStanding struct {
	Park registry.Park
	Standing
	Basis   Basis
	Results []Result // of the items that are verified, else computed, in the order of the checklist
}

// DimensionStanding is where one dimension stands, as the district verified it
// (decision 13). Before an assessment only the items that the registry computes
// count; the rest is pending.
type DimensionStanding struct {
	Dimension  assessment.Dimension
	Score      *big.Rat // earned / applicable points × 100, nil while nothing is computed
	Met        int      // items at full points
	Required   int      // items that apply
	Pending    int      // items that wait for an assessment
	earned     *big.Rat
	applicable *big.Rat
}

// Result is one item of one park, computed or verified: a ratio has both its numbers.
type Result struct {
	Item        assessment.Item
	Numerator   int64
	Denominator int64 // 0: the item does not apply and leaves the divisor
	Earned      *big.Rat
	Full        bool
	verified    bool
	applies     bool // of a verified item
}

// Applies reports whether the item counts: the district says so, or there was
// something to measure.
func (r Result) Applies() bool { return r.verified && r.applies || !r.verified && r.Denominator > 0 }

// Verified reports whether the district verified the result.
func (r Result) Verified() bool { return r.verified }

// Counts are what happened and what stands, about days up to AsOf and known by
// its end: sums of the summary (decision 14), except Overdue, which depends on the day.
type Counts struct {
	LedgersFiled       int64 // entries standing as filed or accepted
	LedgersFiledRecent int64 // of these, about the last 30 days
	LedgersAccepted    int64
	LedgersLate        int64
	LedgersReturned    int64
	FindingsOpened     int64
	FindingsOpen       int64
	FindingsClosed     int64
	FindingsReferred   int64
	FindingsOverdue    int64
	Patrols            int64
	Inspections        int64
}

func (c *Counts) add(o Counts) {
	c.LedgersFiled += o.LedgersFiled
	c.LedgersFiledRecent += o.LedgersFiledRecent
	c.LedgersAccepted += o.LedgersAccepted
	c.LedgersLate += o.LedgersLate
	c.LedgersReturned += o.LedgersReturned
	c.FindingsOpened += o.FindingsOpened
	c.FindingsOpen += o.FindingsOpen
	c.FindingsClosed += o.FindingsClosed
	c.FindingsReferred += o.FindingsReferred
	c.FindingsOverdue += o.FindingsOverdue
	c.Patrols += o.Patrols
	c.Inspections += o.Inspections
}

// Window is how many days before the day asked about the filing rate looks at.
const Window = 30

// Report is where every park of the caller stands at the end of asOf, "" for
// today. Denied without progress.read; Invalid for a day that has not come.
func (s *Service) Report(ctx context.Context, asOf code.Day) (Report, error) {
	var r Report
	if err := policies.Require(ctx, policies.ProgressRead); err != nil {
		return r, err
	}
	var err error
	if r.AsOf, err = s.day(asOf); err != nil {
		return r, err
	}
	page, err := s.registry.Parks(ctx, registry.ParkFilter{}, models.Query{Limit: 200})
	if err != nil {
		return r, err
	}
	if r.KnownSeq, err = s.audit.Known(ctx); err != nil {
		return r, err
	}
	counts, err := s.counts(ctx, r.AsOf)
	if err != nil {
		return r, err
	}
	ratios, err := s.ratios(ctx, r.AsOf)
	if err != nil {
		return r, err
	}
	current, assessed, err := assessment.Results(ctx, s.db, r.AsOf, r.KnownSeq)
	if err != nil {
		return r, err
	}
	r.Version = current.Version
	for _, p := range page.Items {
		v := assessed[p.ID]
		st := ParkStanding{Park: p, Basis: basisOf(current, v)}
		if st.Results = verified(v); st.Basis.Assessment == "" {
			st.Results = results(current, ratios, p.ID)
		}
		st.Standing = stand(st.Basis.List, st.Results)
		st.Counts = counts[p.ID]
		r.Parks = append(r.Parks, st)
	}
	r.Totals = total(r.Parks)
	return r, nil
}

// Park is the standing of one park; NotFound outside the caller's scope.
func (s *Service) Park(ctx context.Context, id models.ID, asOf code.Day) (Report, error) {
	r, err := s.Report(ctx, asOf)
	if err != nil {
		return r, err
	}
	for _, p := range r.Parks {
		if p.Park.ID == id {
			r.Parks = []ParkStanding{p}
			return r, nil
		}
	}
	return r, fault.Absent()
}

func (s *Service) day(asOf code.Day) (code.Day, error) {
	today := s.db.Today()
	switch {
	case asOf == "":
		return today, nil
	case asOf > today:
		return "", &fault.Error{Code: fault.Invalid, Detail: fault.T("有 {{.Count}} 处不符合要求", "Count", 1), Violations: []fault.Violation{
			{Pointer: "/query/asOf", Code: "future", Detail: fault.T("截止日期不能晚于今天（{{.Today}}）", "Today", string(today)), Value: string(asOf)}}}
	}
	return asOf, nil
}

// stand sums results by dimension.
func stand(list assessment.Checklist, results []Result) Standing {
	st := Standing{}
	earned, applicable := new(big.Rat), new(big.Rat)
	for _, d := range assessment.Dimensions() {
		ds := DimensionStanding{Dimension: d, earned: new(big.Rat), applicable: new(big.Rat)}
		for _, i := range list.Items {
			if i.Dimension == d.Number {
				ds.Pending++
			}
		}
		for _, r := range results {
			if r.Item.Dimension != d.Number {
				continue
			}
			ds.Pending--
			if !r.Applies() {
				continue
			}
			ds.Required++
			if r.Full {
				ds.Met++
			}
			ds.earned.Add(ds.earned, r.Earned)
			ds.applicable.Add(ds.applicable, r.Item.Points)
		}
		ds.Score = percent(ds.earned, ds.applicable)
		earned.Add(earned, ds.earned)
		applicable.Add(applicable, ds.applicable)
		st.Dimensions = append(st.Dimensions, ds)
	}
	st.Overall = percent(earned, applicable)
	return st
}

// total is all parks together: points and items add up, so that every total is
// the sum of the rows above it.
func total(parks []ParkStanding) Standing {
	t := Standing{}
	earned, applicable := new(big.Rat), new(big.Rat)
	for i, d := range assessment.Dimensions() {
		ds := DimensionStanding{Dimension: d, earned: new(big.Rat), applicable: new(big.Rat)}
		for _, p := range parks {
			of := p.Dimensions[i]
			ds.Met, ds.Required, ds.Pending = ds.Met+of.Met, ds.Required+of.Required, ds.Pending+of.Pending
			ds.earned.Add(ds.earned, of.earned)
			ds.applicable.Add(ds.applicable, of.applicable)
		}
		ds.Score = percent(ds.earned, ds.applicable)
		earned.Add(earned, ds.earned)
		applicable.Add(applicable, ds.applicable)
		t.Dimensions = append(t.Dimensions, ds)
	}
	for _, p := range parks {
		t.Counts.add(p.Counts)
	}
	t.Overall = percent(earned, applicable)
	return t
}

func percent(n, d *big.Rat) *big.Rat {
	if d.Sign() == 0 {
		return nil
	}
	q := new(big.Rat).Quo(n, d)
	return q.Mul(q, big.NewRat(100, 1))
}

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
	cities   cities
	diary    diary
	almanac  almanac
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
	Trend    []Month // of all parks together, the oldest first
}

// Standing is the six dimensions and the counts, of one park or of several together.
type Standing struct {
	Overall    *big.Rat // earned / applicable points × 100; nil while nothing is computed
	Dimensions []DimensionStanding
	Counts     Counts
}

// ParkStanding is one park's.
type ParkStanding struct {
	Park Park
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

// Report is where every park of the caller stands at the end of the day asked
// about, from what was known. Denied without progress.read; Invalid for what has not
// come yet. Asked again with the same day and the same number it is the same report.
func (s *Service) Report(ctx context.Context, q Question) (Report, error) {
	var r Report
	if err := policies.Require(ctx, policies.ProgressRead); err != nil {
		return r, err
	}
	err := s.db.Snapshot(ctx, func(ctx context.Context) error {
		m, err := s.moment(ctx, q)
		if err != nil {
			return err
		}
		all, err := s.standings(ctx, m, 1)
		if err == nil {
			r = all[0]
		}
		return err
	})
	return r, err
}

// standings are those of the caller's parks that were known, in the order of their
// codes, with the newest checklist then: at the end of the day of the moment and, before
// it, of each of the months before, n in all, the oldest first. What they share is read
// once. The last tells how the counts came about by month.
func (s *Service) standings(ctx context.Context, m moment, n int) ([]Report, error) {
	mine, err := s.mine(ctx)
	if err != nil {
		return nil, err
	}
	c, err := s.cityAt(ctx, m.Seq)
	if err != nil {
		return nil, err
	}
	counted, err := s.counts(ctx, m, mine)
	if err != nil {
		return nil, err
	}
	ends := counted.trend[months-min(n, months):]
	days := make([]code.Day, len(ends))
	for i, month := range ends {
		days[i] = month.AsOf
	}
	rates, err := s.filingRates(ctx, m, c, days)
	if err != nil {
		return nil, err
	}
	current, assessed, err := assessment.Results(ctx, s.db, m.Seq, days...)
	if err != nil {
		return nil, err
	}
	all := make([]Report, len(days))
	for i, day := range days {
		r := Report{AsOf: day, KnownSeq: m.Seq, Version: current.Version}
		tallies := counted.parks
		if i == len(days)-1 {
			r.Trend = counted.trend
		} else {
			tallies = counted.before(months - len(days) + i)
		}
		r.Parks = standing(c, day, mine, tallies, ratiosOf(c.on(day), tallies, rates[i]), current, assessed[i])
		r.Totals = total(r.Parks)
		all[i] = r
	}
	return all, nil
}

// standing is where each park of the caller stands on a day.
func standing(c *city, day code.Day, mine map[models.ID]bool, tallies map[models.ID]*tally, ratios map[string]map[models.ID]ratio, current assessment.Checklist, assessed map[models.ID]assessment.Verified) []ParkStanding {
	var all []ParkStanding
	at := whenOf(day)
	for _, p := range c.parks {
		if !mine[p.id()] {
			continue
		}
		v := assessed[p.id()]
		st := ParkStanding{Park: parkOf(p, at), Basis: basisOf(current, v)}
		if st.Results = verified(v); st.Basis.Assessment == "" {
			st.Results = results(current, ratios, p.id())
		}
		st.Standing = stand(st.Basis.List, st.Results)
		if t := tallies[p.id()]; t != nil {
			st.Counts = t.Counts
		}
		all = append(all, st)
	}
	return all
}

// mine are the parks whose progress the caller may read.
func (s *Service) mine(ctx context.Context) (map[models.ID]bool, error) {
	var ids []models.ID
	err := s.db.Visible(ctx, policies.ProgressRead, &registry.Park{}).Pluck("parks.id", &ids).Error
	out := make(map[models.ID]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}

// Park is a park as the register named it on the day; what it said first counts for
// the days before.
type Park struct {
	ID           models.ID
	Code         string
	Name         *string
	Jurisdiction *string
	Sectors      []string
}

func parkOf(p said[registry.BookPark], at when) Park {
	then, _ := p.on(at)
	return Park{p.id(), then.Code, models.Ref(then.Name), models.Ref(then.Jurisdiction), then.Sectors}
}

// Park is the standing of one park; NotFound outside the caller's scope.
func (s *Service) Park(ctx context.Context, id models.ID, q Question) (Report, error) {
	r, err := s.Report(ctx, q)
	if err != nil {
		return r, err
	}
	for _, p := range r.Parks {
		if p.Park.ID == id {
			r.Parks = []ParkStanding{p}
			r.Totals = total(r.Parks)
			return r, nil
		}
	}
	return r, fault.Absent()
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

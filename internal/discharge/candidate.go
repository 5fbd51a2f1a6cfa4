package discharge

import (
	"math/big"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
)

// Candidate is a limit that may apply, with where it comes from and why it does
// or does not. Candidates from the register come without Applies, InForce and Why.
type Candidate struct {
	Basis      string      `json:"basis"` // permit, eia, local, national, general, sewer
	Standard   string      `json:"standard"`
	Table      string      `json:"table,omitempty"` // of tables.csv
	Row        string      `json:"row,omitempty"`   // of discharge_limits.csv
	ID         string      `json:"id,omitempty"`    // of the register
	Title      fault.Label `json:"title"`
	Pollutant  string      `json:"pollutant"`
	Minimum    string      `json:"minimum,omitempty"`
	Maximum    string      `json:"maximum"` // a number or ND
	Unit       string      `json:"unit"`
	Averaging  string      `json:"averaging,omitempty"` // daily, hourly, instant; "" by the rules of the standard
	Point      string      `json:"point,omitempty"`     // workshop, total
	From       code.Day    `json:"from,omitempty"`
	To         code.Day    `json:"to,omitempty"`
	Note       fault.Label `json:"note,omitzero"`
	Source     string      `json:"source"`
	Confidence string      `json:"confidence"`
	Applies    bool        `json:"applies"`
	Boundary   bool        `json:"boundary,omitempty"` // an upper bound outside the point where the pollutant is judged
	InForce    bool        `json:"inForce"`
	Why        Why         `json:"why"`
}

// Why is a reason as code and parameters; its sentence is in words.go.
type Why struct {
	Code string            `json:"code"`
	Args map[string]string `json:"args,omitempty"`
}

func because(code string, args ...string) Why {
	w := Why{Code: code}
	for i := 0; i+1 < len(args); i += 2 {
		if w.Args == nil {
			w.Args = map[string]string{}
		}
		w.Args[args[i]] = args[i+1]
	}
	return w
}

// bounds are the limits in another unit; low is nil without a lower one, high is
// nil for ND.
func (c *Candidate) bounds(in string) (low, high *big.Rat) {
	f, ok := conversion(c.Unit, in)
	if !ok {
		f = one // the unit is the pollutant's own, spelled in a way that only its table knows
	}
	scale := func(s string) *big.Rat {
		r := number(s)
		if r == nil {
			return nil
		}
		return r.Mul(r, f)
	}
	return scale(c.Minimum), scale(c.Maximum)
}

// group tells apart candidates that are kept by different values of a day.
func (c *Candidate) group() string {
	if c.Averaging == "daily" {
		return ""
	}
	return c.Averaging
}

// Set is every candidate for one pollutant at one outlet on a day, in the order
// of lookup, with the one in force. It is kept with a judgement.
type Set struct {
	Pollutant  string      `json:"pollutant"`
	Unit       string      `json:"unit"` // in which values are compared
	About      Situation   `json:"about"`
	Candidates []Candidate `json:"candidates"`
	Rules      string      `json:"rules"`
}

// Maximum is the upper limit in force for the usual mean, in the set's unit × 10^6
// and cut after that; false when there is none or it is ND.
func (s *Set) Maximum() (int64, bool) {
	for i := range s.Candidates {
		c := &s.Candidates[i]
		if _, high := c.bounds(s.Unit); c.InForce && c.group() == s.About.usual() && high != nil && !s.stricterThan(high) {
			return whole(high), true
		}
	}
	return 0, false
}

// stricterThan reports whether another limit in force has a lower upper end.
func (s *Set) stricterThan(most *big.Rat) bool {
	return slices.ContainsFunc(s.Candidates, func(c Candidate) bool {
		_, high := c.bounds(s.Unit)
		return c.InForce && c.group() == s.About.usual() && (high == nil || high.Cmp(most) < 0)
	})
}

// whole is r × 10^6 without what is smaller than that.
func whole(r *big.Rat) int64 {
	r = new(big.Rat).Mul(r, big.NewRat(scale, 1))
	return new(big.Int).Quo(r.Num(), r.Denom()).Int64()
}

// choose marks the strictest of the candidates that apply: ND before any number,
// the lowest upper limit, the highest lower one; of equal ones the first in the
// order of lookup. A range whose two ends come from two candidates has both in force.
func (s *Set) choose() {
	type ends struct{ low, high int }
	best := map[string]ends{}
	for i := range s.Candidates {
		c := &s.Candidates[i]
		if !c.Applies {
			continue
		}
		b, found := best[c.group()]
		if !found {
			best[c.group()] = ends{i, i}
			continue
		}
		low, high := c.bounds(s.Unit)
		_, most := s.Candidates[b.high].bounds(s.Unit)
		least, _ := s.Candidates[b.low].bounds(s.Unit)
		if most != nil && (high == nil || high.Cmp(most) < 0) {
			b.high = i
		}
		if low != nil && (least == nil || low.Cmp(least) > 0) {
			b.low = i
		}
		best[c.group()] = b
	}
	for _, b := range best {
		s.Candidates[b.high].InForce = true
		if low, _ := s.Candidates[b.low].bounds(s.Unit); low != nil {
			least, _ := s.Candidates[b.high].bounds(s.Unit)
			if least == nil || low.Cmp(least) > 0 {
				s.Candidates[b.low].InForce = true
			}
		}
	}
}

// said is the reason for a candidate of the register that applies.
func (c *Candidate) said() string {
	if c.Basis == "permit" || c.Basis == "eia" {
		return c.Basis
	}
	return "recorded"
}

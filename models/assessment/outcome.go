package assessment

import (
	"math/big"

	"parkregistry/internal/code"
)

// Score is what one item came to.
type Score struct {
	Item    string `json:"item"`
	Applies bool   `json:"applies"`
	Points  int64  `json:"points"` // × 10^6
	N       *int64 `json:"numerator,omitempty"`
	D       *int64 `json:"denominator,omitempty"`
}

// Outcome is what an assessment came to when the district completed it.
type Outcome struct {
	Scores []Score  `json:"scores"` // in the order of the checklist
	Vetoes []string `json:"vetoes"` // that are the case
}

// Sum is points earned of points applicable, and items at full points of those that
// apply, in one dimension or in all.
type Sum struct {
	Met, Required      int
	Earned, Applicable *big.Rat
}

// Percent is earned / applicable × 100, nil where nothing applies.
func (s Sum) Percent() *big.Rat {
	if s.Applicable.Sign() == 0 {
		return nil
	}
	q := new(big.Rat).Quo(s.Earned, s.Applicable)
	return q.Mul(q, big.NewRat(fullScore, 1))
}

// Reached reports whether the score is all that the item gives.
func (i Item) Reached(s Score) bool { return s.Applies && s.Points == scaled(i.Points) }

// Sum adds up the scores of a dimension, 0 for all six.
func (o Outcome) Sum(list Checklist, dimension int) Sum {
	sum := Sum{Earned: new(big.Rat), Applicable: new(big.Rat)}
	for _, s := range o.Scores {
		item, known := list.Item(s.Item)
		if !known || !s.Applies || dimension != 0 && item.Dimension != dimension {
			continue
		}
		sum.Required++
		if item.Reached(s) {
			sum.Met++
		}
		sum.Earned.Add(sum.Earned, big.NewRat(s.Points, code.QuantityScale))
		sum.Applicable.Add(sum.Applicable, item.Points)
	}
	return sum
}

// Level is the level of a score: the lowest one where a veto is the case.
func (c Checklist) Level(percent *big.Rat, vetoed bool) LevelInput {
	for i, from := range c.levels {
		if !vetoed && percent != nil && percent.Cmp(from) >= 0 {
			return c.Levels[i]
		}
	}
	return c.Levels[len(c.Levels)-1]
}

// sampled is what an assessment comes to when what the bureau sampled in its round counts
// in place of what the district verified, with the vetoes that the bureau found.
func (s Sheet) sampled(list Checklist, round int) Outcome {
	out := s.Outcome(list, District)
	out.Vetoes = []string{}
	for n, score := range out.Scores {
		if m, there := s[Bureau][score.Item]; there && m.Round == round {
			out.Scores[n] = Score{score.Item, m.Applies, m.Points, m.Numerator, m.Denominator}
		}
	}
	for _, v := range list.VetoItems {
		if m := s[Bureau][v.ID]; m.Veto && m.Round == round {
			out.Vetoes = append(out.Vetoes, v.ID)
		}
	}
	return out
}

// percentText is a score with two decimals, "--" where there is none.
func percentText(r *big.Rat) string {
	if r == nil {
		return "--"
	}
	return r.FloatString(2)
}

// Outcome is what the marks of one side come to.
func (s Sheet) Outcome(list Checklist, side Side) Outcome {
	out := Outcome{Vetoes: []string{}}
	for _, i := range list.Items {
		if m, there := s[side][i.ID]; there {
			out.Scores = append(out.Scores, Score{i.ID, m.Applies, m.Points, m.Numerator, m.Denominator})
		}
	}
	for _, v := range list.VetoItems {
		if s[side][v.ID].Veto {
			out.Vetoes = append(out.Vetoes, v.ID)
		}
	}
	return out
}

package progress

import (
	"math/big"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/assessment"
)

// Basis is what a park's results rest on: the checklist, and the assessment that its
// district has verified, if there is one.
type Basis struct {
	List       assessment.Checklist
	Assessment models.ID // "" before an assessment: only what the registry computes counts
	Year       int
	On         code.Day // of the verification
}

// basisOf is that of a park: the newest checklist until its district has verified.
func basisOf(current assessment.Checklist, v assessment.Verified) Basis {
	if v.Assessment == "" {
		return Basis{List: current}
	}
	return Basis{v.List, v.Assessment, v.Year, v.On}
}

// verified are the results as the district verified them.
func verified(v assessment.Verified) []Result {
	out := make([]Result, 0, len(v.Outcome.Scores))
	for _, s := range v.Outcome.Scores {
		item, known := v.List.Item(s.Item)
		if !known {
			continue
		}
		r := Result{Item: item, verified: true, applies: s.Applies, Earned: big.NewRat(s.Points, code.QuantityScale)}
		if s.N != nil && s.D != nil {
			r.Numerator, r.Denominator = *s.N, *s.D
		}
		r.Full = item.Reached(s)
		out = append(out, r)
	}
	return out
}

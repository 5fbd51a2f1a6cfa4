// Package discharge knows the official discharge limits and how a measured value
// is judged by them: which limits are candidates at an outlet on a day and why,
// which of them is in force, and whether a value keeps it. Tables are data with
// source and confidence; arithmetic is exact, no value is rounded before it is
// compared (全数值比较法, GB/T 8170). It knows no database and no clock.
package discharge

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math/big"
	"strings"
	"sync"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
)

// method numbers the way of choosing and judging that is written in this package.
// A change of it, like one of a table, gives judgements a new version of the rules.
const method = 2

// Rules is the version of the rules that a judgement made now is made by: the
// method's number and the digest of all tables.
var Rules = sync.OnceValue(func() string {
	sum := sha256.New()
	names, err := fs.Glob(Tables, "data/*.csv")
	for _, name := range names {
		var raw []byte
		if raw, err = Tables.ReadFile(name); err != nil {
			break
		}
		fmt.Fprintf(sum, "%s %d\n%s", name, len(raw), raw)
	}
	if err != nil {
		panic(err) // embedded files are there
	}
	return fmt.Sprintf("%d.%s", method, hex.EncodeToString(sum.Sum(nil))[:12])
})

// Kinds of outlets, as the register names them.
const (
	Total    = "total"
	Workshop = "workshop"
	Rain     = "rain"
	Air      = "air"
)

// Where water goes.
const (
	Direct   = "direct"
	Indirect = "indirect"
	// Municipal and ParkWorks are who receives water that is discharged indirectly.
	Municipal = "municipal"
	ParkWorks = "park"
)

// Situation is what decides which limits apply at an outlet.
type Situation struct {
	Kind         string   `json:"kind"`
	Regime       string   `json:"regime"`
	Receiver     string   `json:"receiver,omitempty"`   // municipal unless said otherwise
	WaterClass   string   `json:"waterClass,omitempty"` // III, IV, V of GB 3838, for direct discharge
	Production   []string `json:"production,omitempty"` // kinds.csv
	Standards    []string `json:"standards,omitempty"`  // named in the approval; otherwise they follow from the production
	EIANumber    string   `json:"eiaNumber,omitempty"`
	EIAOn        code.Day `json:"eiaApprovedOn,omitempty"`
	Special      bool     `json:"specialLimits,omitempty"` // an area of special limits (特别排放限值)
	Jurisdiction string   `json:"jurisdiction,omitempty"`
	Cold         bool     `json:"cold,omitempty"` // the sampled water had 12 degC or less
}

// Bases of a candidate in the order in which they are looked up.
var Bases = []string{"permit", "eia", "local", "national", "general", "sewer"}

// NotDetectable is the limit 不得检出: no number, and not zero either.
const NotDetectable = "ND"

// ParseLimit takes an upper limit: a number, or ND.
func ParseLimit(s string) (string, error) {
	if strings.EqualFold(strings.TrimSpace(s), NotDetectable) {
		return NotDetectable, nil
	}
	q, err := code.ParseQuantity(s)
	return q.Raw, err
}

// Option is one value that a field of the register may have, with its names.
type Option struct {
	ID   string
	Name fault.Label
}

// Productions are the kinds of production that the tables tell apart.
func Productions() []Option {
	out := make([]Option, len(tables().kinds))
	for i, k := range tables().kinds {
		out[i] = Option{k.id, k.name}
	}
	return out
}

// ParseProduction takes a kind of production.
func ParseProduction(s string) (string, error) { return oneOf(s, Productions()) }

// Standards are the standards of industries that an approval can name; the
// general ones and the one for sewers need not be named.
func Standards() []Option {
	var out []Option
	for _, t := range tables().tables {
		if t.industry() && (len(out) == 0 || out[len(out)-1].ID != t.standard) {
			name := t.number
			if grade, ok := strings.CutPrefix(t.standard, "gb18918-1"); ok {
				name += " 1-" + strings.ToUpper(grade)
			}
			out = append(out, Option{t.standard, fault.Label{Zh: name, En: name}})
		}
	}
	return out
}

// ParseStandard takes a standard of an industry.
func ParseStandard(s string) (string, error) { return oneOf(s, Standards()) }

func oneOf(s string, all []Option) (string, error) {
	ids := make([]string, len(all))
	for i, o := range all {
		if ids[i] = o.ID; o.ID == s {
			return s, nil
		}
	}
	return "", fault.Broken("enum", "", "只能是其中一项：{{.Values}}", "Values", strings.Join(ids, "、"))
}

// number is an exact decimal; the text has been checked.
func number(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil
	}
	return r
}

// written is r with at most places decimals, half away from zero, without
// trailing zeros: for people, never for comparison.
func written(r *big.Rat, places int) string {
	s := r.FloatString(places)
	if strings.Contains(s, ".") {
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	return s
}

package grade

import (
	_ "embed" // the scales are part of the program
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
)

// Kind is what is graded.
type Kind string

const (
	Capability Kind = "capability" // 排污能力分级: red, yellow, green
	Credit     Kind = "credit"     // 环境信用评价, by the quarter
)

// Kinds are all.
func Kinds() []Kind { return []Kind{Capability, Credit} }

// Name is what is graded, in words.
func (k Kind) Name() fault.Text {
	if k == Credit {
		return fault.T("环境信用")
	}
	return fault.T("排污能力")
}

// Levels are those of every rule, each once.
func Levels() (all []Level) {
	for _, r := range Rules() {
		for _, l := range r.Grades {
			if !slices.ContainsFunc(all, func(o Level) bool { return o.ID == l.ID }) {
				all = append(all, l)
			}
		}
	}
	return all
}

// Rule is one version of a scale.
type Rule struct {
	Kind       Kind     `json:"kind"`
	Version    string   `json:"version"`
	Title      string   `json:"title"`
	TitleEn    string   `json:"titleEn"`
	Document   string   `json:"document"`
	ValidFrom  code.Day `json:"validFrom"`
	ValidTo    code.Day `json:"validTo"` // "" while open
	Note       string   `json:"note"`
	Source     string   `json:"source"`
	Confidence string   `json:"confidence"`
	Grades     []Level  `json:"grades"` // the best first
}

// Level is one grade of a scale.
type Level struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	NameEn string `json:"nameEn"`
	From   string `json:"from"`  // score from which it is given; "" where people judge
	Means  string `json:"means"` // what follows
	from   int64
}

//go:embed data/rules.json
var rulesJSON []byte

// Rules are all versions. A broken file is a defect that any test meets.
var Rules = sync.OnceValue(func() []Rule {
	var all []Rule
	if err := json.Unmarshal(rulesJSON, &all); err != nil {
		panic(fmt.Errorf("rules of grades: %w", err))
	}
	for _, r := range all {
		for i := range r.Grades {
			if r.Grades[i].From == "" {
				continue
			}
			q, err := code.ParseQuantity(r.Grades[i].From)
			if err != nil {
				panic(fmt.Errorf("rules of grades: %w", err))
			}
			r.Grades[i].from = q.Scaled
		}
	}
	return all
})

// ruleOn is the scale of a kind that is in force on a day.
func ruleOn(kind Kind, day code.Day) (Rule, bool) {
	for _, r := range Rules() {
		if r.Kind == kind && r.ValidFrom <= day && (r.ValidTo == "" || day <= r.ValidTo) {
			return r, true
		}
	}
	return Rule{}, false
}

func ruleNamed(kind Kind, version string) Rule {
	for _, r := range Rules() {
		if r.Kind == kind && r.Version == version {
			return r
		}
	}
	return Rule{}
}

// level finds a grade of the scale.
func (r Rule) level(id string) (Level, bool) {
	for _, l := range r.Grades {
		if l.ID == id {
			return l, true
		}
	}
	return Level{}, false
}

// by is the grade of a score.
func (r Rule) by(score int64) string {
	for _, l := range r.Grades {
		if score >= l.from {
			return l.ID
		}
	}
	return ""
}

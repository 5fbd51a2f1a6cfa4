package inspection

import (
	"encoding/json"
	"fmt"
	"sync"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
)

// Severity is how grave a finding is; it gives the days for putting it right.
type Severity string

const (
	Immediate Severity = "immediate" // 立行立改
	Minor     Severity = "minor"     // 一般
	Major     Severity = "major"     // 较大
	Works     Severity = "works"     // 需工程措施
	Violation Severity = "violation" // 涉嫌违法: goes to enforcement; what can be stopped is stopped within a day
)

// Severities are all, mildest first.
func Severities() []Severity { return []Severity{Immediate, Minor, Major, Works, Violation} }

// Name is the severity in words.
func (s Severity) Name() fault.Text {
	switch s {
	case Immediate:
		return fault.T("立行立改")
	case Minor:
		return fault.T("一般")
	case Major:
		return fault.T("较大")
	case Works:
		return fault.T("需工程措施")
	default:
		return fault.T("涉嫌违法")
	}
}

// Days are the civil days that a notice gives. No rule was found: the figures are
// this project's own (domain README §10, confidence derived).
func (s Severity) Days() int {
	return map[Severity]int{Immediate: 1, Minor: 7, Major: 15, Works: 60, Violation: 1}[s]
}

// DueOn is the last day when a notice is served on day. A last day that is a day
// off becomes the next working day. Invalid in a year without a calendar.
func (s Severity) DueOn(day code.Day) (code.Day, error) { return code.Due(day, s.Days()) }

// FindingType is a kind of finding with its usual severity and its basis.
type FindingType struct {
	ID         string   `json:"id"`
	NameZh     string   `json:"nameZh"`
	NameEn     string   `json:"nameEn"`
	Severity   Severity `json:"severity"`
	Action     string   `json:"action"` // what follows, in Chinese
	Source     string   `json:"source"`
	Confidence string   `json:"confidence"` // confirmed, memory, seed, derived, absent
}

// FindingTypes are all kinds in the order of the list.
func FindingTypes() []FindingType { return findingTypes() }

var findingTypes = sync.OnceValue(func() []FindingType { return load[[]FindingType]("finding_types.json") })

func typeOf(id string) (FindingType, bool) {
	for _, t := range FindingTypes() {
		if t.ID == id {
			return t, true
		}
	}
	return FindingType{}, false
}

// load reads an embedded table; a broken one is a defect that any test meets.
func load[T any](name string) T {
	var v T
	raw, err := data.ReadFile("data/" + name)
	if err == nil {
		err = json.Unmarshal(raw, &v)
	}
	if err != nil {
		panic(fmt.Errorf("%s: %w", name, err))
	}
	return v
}

package inspection

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
)

// RoundRule says how often a park walks to a kind of object.
type RoundRule struct {
	ID         string   `json:"id"`
	Objects    string   `json:"objects"` // own, key, other
	Every      string   `json:"every"`   // day, week (from Monday), month
	Text       string   `json:"text"`
	TextEn     string   `json:"textEn"`
	Industries []string `json:"industries,omitempty"` // beginnings of codes that make a firm key
	Source     string   `json:"source"`
	Confidence string   `json:"confidence"`
}

// RoundRules is one version of the frequencies. A version is never edited.
type RoundRules struct {
	Version   string      `json:"version"`
	ValidFrom code.Day    `json:"validFrom"`
	Rules     []RoundRule `json:"rules"`
}

// AllRoundRules are all versions, the newest last.
var AllRoundRules = sync.OnceValue(func() []RoundRules { return load[[]RoundRules]("patrol_rounds.json") })

// Visit is a completed patrol of the park with what it looked at.
type Visit struct {
	Patrol   models.ID
	Day      code.Day
	Received code.Day // on which its record was there whole
	Objects  []models.ID
}

// RoundState is where a planned round stands. Computed, never stored.
type RoundState string

const (
	RoundDue     RoundState = "due"     // its period is not over
	RoundDone    RoundState = "done"    // a completed patrol went there within it
	RoundMissed  RoundState = "missed"  // it is over, and nobody went
	RoundExcused RoundState = "excused" // a registered shut-down covers it whole, and nobody went
)

// Round is one planned patrol to one object.
type Round struct {
	Rule   RoundRule
	Object RoundObject
	From   code.Day // of its period
	To     code.Day
	State  RoundState
	Patrol models.ID // that did it
	Late   code.Day  // day on which its record came, when that is after the period
	Stop   *Stop     // that excuses it
	Person models.ID // of the body, whose turn it is; "" where nobody is known
}

// Rounds are the planned patrols to objects whose periods touch the days from from to
// asOf, as they stand at the end of asOf: a function of the rules, the calendar, the
// register and the completed patrols, and of nothing else.
func Rounds(versions []RoundRules, objects []RoundObject, visits []Visit, from, asOf code.Day) []Round {
	var out []Round
	for _, every := range []string{"day", "week", "month"} {
		for p := periodOf(every, from); p.from <= asOf; p = periodOf(every, p.to.Add(1)) {
			for _, rule := range rulesOn(versions, p.from) {
				if rule.Every != every {
					continue
				}
				for _, o := range objects {
					if o.planned(versions, rule, p) {
						out = append(out, roundOf(rule, o, p, visits, asOf))
					}
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Round) int { return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(a.Object.ID, b.Object.ID)) })
	return out
}

// keyRule is the rule that says which firms are key.
func keyRule(rules []RoundRule) RoundRule {
	for _, r := range rules {
		if r.Objects == RoundKey {
			return r
		}
	}
	return RoundRule{}
}

func roundOf(rule RoundRule, o RoundObject, p span, visits []Visit, asOf code.Day) Round {
	r := Round{Rule: rule, Object: o, From: p.from, To: p.to, State: RoundDue}
	if p.to < asOf {
		r.State = RoundMissed
	}
	for _, v := range visits {
		if p.from <= v.Day && v.Day <= p.to && v.Day <= asOf && slices.Contains(v.Objects, o.ID) {
			r.State, r.Patrol = RoundDone, v.Patrol
			if v.Received > p.to {
				r.Late = v.Received
			}
			return r
		}
	}
	if stop := o.stopped(p); stop != nil {
		r.State, r.Stop = RoundExcused, stop
	}
	return r
}

// rulesOn are the rules in force on a day, none before the first version.
func rulesOn(versions []RoundRules, day code.Day) []RoundRule {
	for _, v := range slices.Backward(versions) {
		if v.ValidFrom <= day {
			return v.Rules
		}
	}
	return nil
}

// span is a period with its first and last day.
type span struct{ from, to code.Day }

// periodOf is the day, the week from Monday, or the month that a day lies in.
func periodOf(every string, d code.Day) span {
	switch every {
	case "week":
		monday := d.Add(-(int(d.Weekday()) + 6) % 7)
		return span{monday, monday.Add(6)}
	case "month":
		first := code.Day(d.Month() + "-01")
		return span{first, code.DayOf(first.Start().AddDate(0, 1, -1))}
	}
	return span{d, d}
}

// Turn is whose turn a round is among the people of the body: they take turns by the
// day, the week or the month, in the order of their ids, so that whoever asks on the
// same day gets the same answer, and who has left has no turn.
func (r Round) Turn(people []models.ID) models.ID {
	if len(people) == 0 {
		return ""
	}
	n := r.From.Sub("2000-01-03") // a Monday
	switch r.Rule.Every {
	case "week":
		n /= 7
	case "month":
		at := r.From.Start()
		n = at.Year()*12 + int(at.Month()-time.January)
	}
	return people[n%len(people)]
}

// RoundStates are all states, what is to be done first.
func RoundStates() []RoundState { return []RoundState{RoundDue, RoundMissed, RoundDone, RoundExcused} }

// Name is what people call the state.
func (s RoundState) Name() fault.Text {
	switch s {
	case RoundDue:
		return fault.T("待巡查")
	case RoundMissed:
		return fault.T("漏巡")
	case RoundDone:
		return fault.T("已完成")
	}
	return fault.T("停产免巡")
}

// KindName is what kind of object it is.
func (o RoundObject) KindName() fault.Text {
	switch o.Kind {
	case "facility":
		return fault.T("园区设施")
	case "outlet":
		return fault.T("雨水排放口")
	}
	return fault.T("企业")
}

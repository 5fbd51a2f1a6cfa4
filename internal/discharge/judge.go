package discharge

import (
	"math/big"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
)

// Kinds of value. A routine value of water is a day's mean, one of gas an hour's; an
// inspector's sample counts alone.
const (
	DayMean    = "dayMean"
	HourMean   = "hourMean"
	Instant    = "instant"
	Inspection = "inspection"
)

// KindName is a kind of value as people say it.
func KindName(kind string) fault.Text {
	switch kind {
	case HourMean:
		return fault.T("小时均值")
	case Instant:
		return fault.T("瞬时值")
	case Inspection:
		return fault.T("执法监测值")
	}
	return fault.T("日均值")
}

// Reading is one measured value.
type Reading struct {
	Pollutant      string
	Value          code.Quantity
	Unit           string
	Kind           string // "" is a day's mean of water, an hour's of gas
	DetectionLimit string // of the method, in Unit; "" when not stated
}

// Verdict is what came of a judgement.
type Verdict string

// The verdicts, from the mildest to the gravest.
const (
	NotJudged Verdict = "notJudged" // no limit that this value could be compared with
	Within    Verdict = "within"
	Undecided Verdict = "undecided" // a limit applies, and the value does not say on which side it lies
	Exceeded  Verdict = "exceeded"
)

var gravity = []Verdict{NotJudged, Within, Undecided, Exceeded}

// Graver reports whether v weighs more than another; "" weighs nothing.
func (v Verdict) Graver(than Verdict) bool {
	return slices.Index(gravity, v) > slices.Index(gravity, than)
}

// Judgement is what was found of one value, with the figures that it rests on.
type Judgement struct {
	Pollutant  string      `json:"pollutant"`
	Kind       string      `json:"kind"`
	Verdict    Verdict     `json:"verdict"`
	Reason     string      `json:"reason,omitempty"` // why it is not judged or not decided
	Raw        string      `json:"raw"`              // as entered
	RawUnit    string      `json:"rawUnit"`
	Value      string      `json:"value,omitempty"` // as compared: converted, a mean; rounded to six decimals for reading
	Unit       string      `json:"unit"`            // of Value and of the limit
	Averaged   int         `json:"averaged,omitempty"`
	Deciding   int         `json:"deciding"` // the candidate that decided; -1 when none did
	Basis      string      `json:"basis,omitempty"`
	Standard   string      `json:"standard,omitempty"`
	Title      fault.Label `json:"title,omitzero"`
	Minimum    string      `json:"minimum,omitempty"`
	Maximum    string      `json:"maximum,omitempty"`
	LimitUnit  string      `json:"limitUnit,omitempty"`
	Ratio      string      `json:"ratio,omitempty"` // value / limit to three decimals; the verdict does not rest on it
	Grave      bool        `json:"grave,omitempty"` // over a standard by what 法释〔2023〕7号 art. 1 names
	Conversion *Conversion `json:"conversion,omitempty"`
	Rules      string      `json:"rules"`
}

// outcome is what one candidate says.
type outcome struct {
	verdict    Verdict
	reason     string
	measured   interval
	averaged   int
	conversion *Conversion
	strictness *big.Rat // the upper limit on the measured value; zero for ND
}

// Judge judges a reading. peers are all readings of the pollutant of that day,
// itself among them: of values that are no day's mean, the mean is judged. The
// gravest of what the candidates say counts, so that one more never relaxes.
func (s *Set) Judge(r Reading, peers []Reading, d *Drainage) Judgement {
	j := Unjudged(r, "")
	j.Unit, j.Rules = s.Unit, s.Rules
	if _, fits := r.interval(s.Unit); !fits {
		j.Reason = "unit"
		return j
	}
	var decided outcome
	conversions := s.conversions(d)
	for i := range s.Candidates {
		c := &s.Candidates[i]
		if !c.Applies {
			continue
		}
		o := s.compare(c, r, peers, conversions[c.Table])
		switch {
		case o.verdict == NotJudged:
			if j.Deciding < 0 && j.Reason == "" {
				j.Reason = o.reason
			}
		case j.Deciding < 0, o.graver(decided):
			decided, j.Deciding = o, i
		}
	}
	if j.Deciding < 0 {
		if j.Reason == "" {
			j.Reason = s.silent()
		}
		return j
	}
	j.say(&s.Candidates[j.Deciding], decided)
	j.Grave = s.grave(r, peers, conversions)
	return j
}

// Unjudged is a reading that cannot be judged, with the reason: there is no
// outlet, or several and nobody said which.
func Unjudged(r Reading, reason string) Judgement {
	return Judgement{Pollutant: r.Pollutant, Kind: r.kind(), Verdict: NotJudged, Reason: reason, Raw: r.Value.Raw, RawUnit: r.Unit, Unit: unitOf(r.Pollutant), Deciding: -1, Rules: Rules()}
}

func (r Reading) kind() string {
	switch {
	case r.Kind != "":
		return r.Kind
	case code.Pollutant(r.Pollutant).Air():
		return HourMean
	}
	return DayMean
}

// graver orders what candidates say: the graver verdict, then the stricter limit,
// then the order of lookup.
func (o outcome) graver(than outcome) bool {
	a, b := slices.Index(gravity, o.verdict), slices.Index(gravity, than.verdict)
	return a > b || a == b && o.strictness.Cmp(than.strictness) < 0
}

// silent is why no candidate could be compared at all.
func (s *Set) silent() string {
	for _, reason := range []string{"workshop", "total", "unit", "approvalUnknown", "production", "waterClass"} {
		if slices.ContainsFunc(s.Candidates, func(c Candidate) bool { return c.Why.Code == reason }) {
			return reason
		}
	}
	return "none"
}

// compare says what one candidate makes of the reading.
func (s *Set) compare(c *Candidate, r Reading, peers []Reading, conv *Conversion) outcome {
	o := outcome{conversion: conv, strictness: new(big.Rat)}
	low, high := c.bounds(s.Unit)
	m, reason := s.measured(c, r, peers, high == nil)
	if reason != "" {
		return outcome{verdict: NotJudged, reason: reason}
	}
	o.measured, o.averaged = m.interval, m.of
	if high != nil {
		o.strictness.Set(high)
	}
	if conv != nil {
		o.measured = o.measured.times(conv.factor)
		o.strictness.Quo(o.strictness, conv.factor)
	}
	if high == nil {
		o.verdict, o.reason = r.detected()
	} else {
		o.verdict, o.reason = o.measured.within(low, high)
	}
	if c.Boundary && o.verdict != Exceeded {
		return outcome{verdict: NotJudged, reason: "workshop"}
	}
	return o
}

// mean is a value to be compared, and of how many values it is the mean.
type mean struct {
	interval
	of int
}

// measured is the value that a candidate is about: the reading itself, or the
// mean of the day's values.
func (s *Set) measured(c *Candidate, r Reading, peers []Reading, detection bool) (mean, string) {
	own, _ := r.interval(s.Unit)
	kind, asked := r.kind(), c.group()
	switch {
	case kind == Inspection, detection, s.Pollutant == acidity && asked == "":
		return mean{own, 0}, ""
	case asked == "hourly" && kind == HourMean, asked == "instant" && kind == Instant, asked == "" && kind == DayMean:
		return mean{own, 0}, ""
	}
	rule, known := tables().means[s.About.medium()+" "+asked]
	if !known || !slices.Contains(rule.of, kind) {
		return mean{}, "averaging"
	}
	var all []interval
	for _, p := range peers {
		if !slices.Contains(rule.of, p.kind()) {
			continue
		}
		if i, ok := p.interval(s.Unit); ok {
			all = append(all, i)
		}
	}
	if len(all) < rule.least {
		return mean{}, rule.fewer
	}
	return mean{average(all), len(all)}, ""
}

// acidity is pH: logarithmic, and a range; each of its values is judged by itself.
const acidity = "w01001"

func (j *Judgement) say(c *Candidate, o outcome) {
	j.Verdict, j.Reason, j.Averaged, j.Conversion = o.verdict, o.reason, o.averaged, o.conversion
	j.Basis, j.Standard, j.Title, j.Minimum, j.Maximum, j.LimitUnit = c.Basis, c.Standard, c.Title, c.Minimum, c.Maximum, c.Unit
	if j.Verdict == Within && j.Reason == "" && o.measured.high == nil {
		j.Reason = "notDetected"
	}
	if !o.measured.exact() {
		return
	}
	j.Value = written(o.measured.low, 6)
	if low, high := c.bounds(j.Unit); low == nil && high != nil && high.Sign() > 0 {
		j.Ratio = written(new(big.Rat).Quo(o.measured.low, high), 3)
	}
}

// crimes are how many times over a standard a metal is a matter for the police:
// 法释〔2023〕7号 art. 1.
var crimes = map[string]int64{
	"w20120": 3, "w20111": 3, "w20115": 3, "w20116": 3, "w20117": 3, "w20118": 3, "w20119": 3, "w20089": 3, "w20004": 3,
	"w20121": 10, "w20122": 10, "w20123": 10, "w20126": 10, "w20124": 10, "w20038": 10,
}

// grave reports whether the value is over a national or local standard by more
// than the times of the metal; a permit's own limit does not count there.
func (s *Set) grave(r Reading, peers []Reading, conversions map[string]*Conversion) bool {
	times := crimes[s.Pollutant]
	if times == 0 {
		return false
	}
	return slices.ContainsFunc(s.Candidates, func(c Candidate) bool {
		if !c.Applies || c.Table == "" || c.Basis == "sewer" {
			return false
		}
		o := s.compare(&c, r, peers, conversions[c.Table])
		_, high := c.bounds(s.Unit)
		return o.verdict == Exceeded && high != nil && o.measured.low.Cmp(high.Mul(high, big.NewRat(times, 1))) > 0
	})
}

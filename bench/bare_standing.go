package main

import (
	"math/big"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/words"
	"parkregistry/models/assessment"
)

// ofWhom says whose rows an address asks for.
type ofWhom struct {
	key, value string
	at         string // asOf=…&knownSeq=…
}

func (o ofWhom) append(b []byte, list, query string) []byte {
	b = append(append(append(append(append(b, `"/api/v1`...), list...), '?'), query...), o.at...)
	if o.key != "" {
		b = append(append(append(append(append(b, '&'), o.key...), '='), o.value...), '"')
		return b
	}
	return append(b, '"')
}

var listOfCount = [...]string{"/ledgers", "/ledgers", "/ledgers", "/ledgers", "/ledgers", "/findings", "/findings", "/findings", "/findings", "/findings", "/patrols", "/patrols"}

// counts appends the counts and their links.
func (s *stood) appendCounts(b []byte, of ofWhom) []byte {
	for i, open := range []string{`"counts":{`, `,"links":{`} {
		b = append(b, open...)
		for n, name := range standingNames {
			if n > 0 {
				b = append(b, ',')
			}
			if i == 0 {
				b = appendNumber(b, name, s.counts[n])
				continue
			}
			b = of.append(append(append(append(b, '"'), name...), `":`...), listOfCount[n], "counted="+name)
		}
		b = append(b, '}')
	}
	return b
}

// area is what the computed items of one dimension come to.
type area struct {
	met, required, pending int64
	earned, applicable     *big.Rat
}

func (a *area) plus(o area) {
	a.met, a.required, a.pending = a.met+o.met, a.required+o.required, a.pending+o.pending
	a.earned.Add(a.earned, o.earned)
	a.applicable.Add(a.applicable, o.applicable)
}

type areas [6]area

func newAreas() (all areas) {
	for i := range all {
		all[i].earned, all[i].applicable = new(big.Rat), new(big.Rat)
	}
	return all
}

func (a *areas) plus(o areas) {
	for i := range a {
		a[i].plus(o[i])
	}
}

// areas applies the checklist to the ratios: what a ratio is worth is the work itself.
func (s *stood) areas() areas {
	all := newAreas()
	ratios := map[string][2]int64{assessment.MetricFindings: {s.inTime, s.due}, assessment.MetricPermits: {s.permitted, s.sites}, assessment.MetricFiles: {s.whole, s.sites}, assessment.MetricOutlets: {s.coded, s.outlets},
		assessment.MetricLedgers: {s.filed, s.owed}}
	for _, i := range assessment.Draft().Items {
		a := &all[i.Dimension-1]
		r, computed := ratios[i.Metric]
		if !computed {
			a.pending++
			continue
		}
		if r[1] == 0 {
			continue
		}
		earned, full := i.Earned(r[0], r[1])
		a.required++
		if full {
			a.met++
		}
		a.earned.Add(a.earned, earned)
		a.applicable.Add(a.applicable, i.Points)
	}
	return all
}

func appendScore(b []byte, earned, applicable *big.Rat) []byte {
	if applicable.Sign() == 0 {
		return append(b, "null"...)
	}
	r := new(big.Rat).Quo(earned, applicable)
	r.Mul(r, big.NewRat(1000, 1))
	r.Add(r, big.NewRat(1, 2))
	n := new(big.Int).Quo(r.Num(), r.Denom()).Int64()
	b = strconv.AppendInt(b, n/10, 10)
	if n%10 > 0 {
		b = strconv.AppendInt(append(b, '.'), n%10, 10)
	}
	return b
}

// append writes overall and dimensions; park is "" but for a park's own.
func (a *areas) append(b []byte, of ofWhom, park uid) []byte {
	earned, applicable := new(big.Rat), new(big.Rat)
	for i := range a {
		earned.Add(earned, a[i].earned)
		applicable.Add(applicable, a[i].applicable)
	}
	b = append(appendScore(append(b, `"overall":`...), earned, applicable), `,"dimensions":[`...)
	for i, d := range assessment.Dimensions() {
		if i > 0 {
			b = append(b, ',')
		}
		n := strconv.Itoa(i + 1)
		b = append(appendNumber(append(b, '{'), "dimension", int64(i+1)), `,"name":`...)
		b = append(appendText(b, words.Render(words.Chinese, d.Name)), `,"score":`...)
		b = append(appendScore(b, a[i].earned, a[i].applicable), ',')
		b = append(appendNumber(b, "met", a[i].met), ',')
		b = append(appendNumber(b, "required", a[i].required), ',')
		b = appendNumber(b, "pending", a[i].pending)
		if park != "" {
			b = append(append(append(append(append(append(append(b, `,"reasons":"/api/v1/parks/`...), park...), "/progress?"...), of.at[1:]...), "&dimension="...), n...), '"')
		}
		b = append(b, `,"links":{`...)
		for p, part := range [...]string{"met", "required", "pending"} {
			if p > 0 {
				b = append(b, ',')
			}
			b = of.append(append(append(append(b, '"'), part...), `":`...), "/progress/items", "part="+part+"&dimension="+n)
		}
		b = append(b, "}}"...)
	}
	return append(b, ']', ',')
}

// body is the answer: parks, totals, districts and months.
func (s *standing) body() []byte {
	at := "&asOf=" + string(s.asOf) + "&knownSeq=" + strconv.FormatInt(s.seq, 10)
	b := make([]byte, 0, 1<<18)
	b = append(append(append(b, `{"asOf":"`...), s.asOf...), `",`...)
	list := assessment.Draft().Version
	b = append(append(appendNumber(b, "knownSeq", s.seq), `,"checklist":`...), strconv.Quote(list)...)
	b = append(b, `,"parks":[`...)
	all, total := newAreas(), &stood{}
	type together struct {
		parks int64
		areas
		stood
	}
	districts := map[string]*together{}
	for i, p := range s.parks {
		if i > 0 {
			b = append(b, ',')
		}
		of, mine, here := ofWhom{"parkId", string(p.id), at}, s.at[p.id].areas(), s.at[p.id]
		b = appendText(append(appendID(append(b, `{"parkId":`...), p.id), `,"code":`...), p.code)
		b = appendText(append(b, `,"name":`...), p.name)
		b = append(appendText(append(b, `,"jurisdiction":`...), p.jurisdiction), `,"checklist":`...)
		b = append(append(b, strconv.Quote(list)...), `,"assessment":null,"assessedOn":null,`...)
		b = append(here.appendCounts(mine.append(b, of, p.id), of), '}')
		all.plus(mine)
		total.plus(here, 1)
		if districts[p.jurisdiction] == nil {
			districts[p.jurisdiction] = &together{areas: newAreas()}
		}
		d := districts[p.jurisdiction]
		d.parks++
		d.areas.plus(mine)
		d.stood.plus(here, 1)
	}
	everybody := ofWhom{at: at}
	b = append(b, `],"totals":{`...)
	b = append(total.appendCounts(all.append(b, everybody, ""), everybody), `},"districts":[`...)
	first := true
	for _, j := range code.Jurisdictions() {
		d := districts[string(j)]
		if d == nil {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		of := ofWhom{"jurisdiction", string(j), at}
		b = appendText(append(appendText(append(b, `{"jurisdiction":`...), string(j)), `,"name":`...), j.Name())
		b = append(appendNumber(append(b, ','), "parks", d.parks), ',')
		b = append(d.stood.appendCounts(d.areas.append(b, of, ""), of), '}')
	}
	return append(s.appendTrend(append(b, `],"trend":[`...), total), "]}\n"...)
}

// appendTrend goes back month by month from where all stand.
func (s *standing) appendTrend(b []byte, total *stood) []byte {
	days := s.trend()
	var ends [12]stood
	now := *total
	for i := 11; i >= 0; i-- {
		m := s.in(days[i].Month())
		if ends[i] = now; i < 11 {
			ends[i].counts[recentAt] = m.counts[filedAt] + s.edges[i]
		}
		now.plus(m, -1)
	}
	for i, day := range days {
		if i > 0 {
			b = append(b, ',')
		}
		at := "&asOf=" + string(day) + "&knownSeq=" + strconv.FormatInt(s.seq, 10)
		b = append(append(append(append(append(b, `{"month":"`...), day.Month()...), `","asOf":"`...), day...), `",`...)
		b = append(ends[i].appendCounts(b, ofWhom{at: at}), `,"report":"/api/v1/progress?`...)
		b = append(append(b, at[1:]...), `"}`...)
	}
	return b
}

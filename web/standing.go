package web

import (
	"cmp"
	"math/big"
	"slices"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/progress"
	"parkregistry/models/registry"
)

// band is how a score is shown: a shape, a word and a colour (design §5).
type band string

const (
	onTarget band = "ok"   // 90 and above
	nearly   band = "lo"   // 75 to below 90
	halfway  band = "warn" // 60 to below 75
	behind   band = "bad"  // below 60
	noScore  band = "na"   // nothing is computed
)

// bands are where a band begins, best first; the legend says the same.
var bands = []struct {
	from int64
	band band
}{{90, onTarget}, {75, nearly}, {60, halfway}, {0, behind}}

// score is one number of the six areas as pages show it.
type score struct {
	Band  band
	Text  string // one decimal; "--" without one
	Value *big.Rat
}

// Word is the band in words.
func (s score) Word() fault.Text { return s.Band.word() }

func (b band) word() fault.Text {
	switch b {
	case onTarget:
		return fault.Text{Key: "达标", English: "On target"} // of a reading the same word says that it keeps its limit
	case behind:
		return fault.T("滞后")
	case noScore:
		return fault.T("尚无可计算的项目")
	}
	return fault.T("推进中")
}

// Width is the score as the length of a bar of a hundred.
func (s score) Width() string {
	if s.Value == nil {
		return "0"
	}
	return s.Value.FloatString(1)
}

// scoreOf rounds as the API does and puts the band on the exact value, so that 89.96
// reads 90.0 and is still not on target.
func scoreOf(v *big.Rat) score {
	if v == nil {
		return score{noScore, "--", nil}
	}
	for _, b := range bands {
		if v.Cmp(big.NewRat(b.from, 1)) >= 0 {
			return score{b.band, v.FloatString(1), v}
		}
	}
	return score{behind, v.FloatString(1), v}
}

// shortArea is one of the six areas for the head of a narrow column.
func shortArea(number int) fault.Text {
	return []fault.Text{fault.T("主体责任"), fault.T("治理设施"), fault.T("企业入驻"), fault.T("管理台账"), fault.T("监测监控"), fault.T("风险防控")}[number-1]
}

// parkName is what a park is called; a place without a public name by its code.
func parkName(p registry.Park) string {
	return p.CalledName()
}

// parkRow is one park among the others.
type parkRow struct {
	ID      models.ID
	Code    string
	Name    string
	Sectors []string
	Overall score
	Scores  []score
	Counts  progress.Counts
}

// districtRow is the parks of one jurisdiction together, as the totals of a report
// put parks together.
type districtRow struct {
	Name    fault.Label // empty for places whose district is not public
	Slug    string
	Parks   []parkRow
	Overall score
	Scores  []score
	Counts  progress.Counts
	Met     int // parks whose six areas are all on target
	Weakest int // index of the lowest area, -1 for none
}

// called is the district by its name.
func (d districtRow) called(v *visit) string {
	if name := words.Name(v.lang, d.Name); name != "" {
		return name
	}
	return say(v, fault.T("属地未公开"))
}

func rowOf(p progress.ParkStanding) parkRow {
	return parkRow{ID: p.Park.ID, Code: p.Park.Code, Name: parkName(registry.Park{Code: p.Park.Code, Name: p.Park.Name}), Sectors: p.Park.Sectors, Overall: scoreOf(p.Overall), Scores: scoresOf(p.Standing), Counts: p.Counts}
}

func scoresOf(s progress.Standing) []score {
	all := make([]score, len(s.Dimensions))
	for i, d := range s.Dimensions {
		all[i] = scoreOf(d.Score)
	}
	return all
}

// met reports whether every area of the park is on target.
func (p parkRow) met() bool {
	return !slices.ContainsFunc(p.Scores, func(s score) bool { return s.Band != onTarget })
}

// byDistrict groups the parks, worst first within a district, districts in the order of
// the official list and places without one last.
func byDistrict(r progress.Report, order []registry.District) []districtRow {
	parks := map[string][]progress.ParkStanding{}
	for _, p := range r.Parks {
		slug := ""
		if p.Park.Jurisdiction != nil {
			slug = *p.Park.Jurisdiction
		}
		parks[slug] = append(parks[slug], p)
	}
	var all []districtRow
	for _, d := range append(slices.Clone(order), registry.District{}) {
		here := parks[d.Slug]
		if len(here) == 0 {
			continue
		}
		row := districtRow{Slug: d.Slug, Name: fault.Label{Zh: d.NameZh, En: d.NameEn}}
		for _, p := range here {
			row.Parks = append(row.Parks, rowOf(p))
		}
		slices.SortStableFunc(row.Parks, func(a, b parkRow) int { return cmp.Or(worse(a.Overall, b.Overall), cmp.Compare(a.Code, b.Code)) })
		row.sum(progress.Together(here))
		all = append(all, row)
	}
	return all
}

func (d *districtRow) sum(s progress.Standing) {
	d.Overall, d.Scores, d.Counts, d.Weakest = scoreOf(s.Overall), scoresOf(s), s.Counts, -1
	for _, p := range d.Parks {
		if p.met() {
			d.Met++
		}
	}
	for i, s := range d.Scores {
		if s.Value != nil && s.Band != onTarget && (d.Weakest < 0 || worse(s, d.Scores[d.Weakest]) < 0) {
			d.Weakest = i
		}
	}
}

// worse orders scores from the lowest; what has none stands last.
func worse(a, b score) int {
	switch {
	case a.Value == nil && b.Value == nil:
		return 0
	case a.Value == nil:
		return 1
	case b.Value == nil:
		return -1
	}
	return a.Value.Cmp(b.Value)
}

package web

import (
	"cmp"
	"html/template"
	"net/http"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models/progress"
)

// overviewPage is what templates/overview.html shows: where all parks of the visitor
// stand, before any detail.
type overviewPage struct {
	Shell     shell
	AsOf      code.Day
	Day       string
	KnownSeq  int64
	Checklist string
	Today     code.Day
	And       template.URL // asOf=…&, of the same
	Past      template.URL // ?asOf=…, of a day that is over: what the lists have of today would be something else
	Rows      reported
	Parks     int
	Overall   score
	OnTarget  int // parks whose overall score is at least 90
	Behind    int // parks whose overall score is below 60
	Between   int
	Unscored  int
	Weakest   *dimensionRow
	Counts    progress.Counts
	Brief     fault.Text // the report as a paragraph to paste
	Areas     []dimensionRow
	Districts []districtRow
	Total     districtRow
	Attention []parkRow
	Course    *spark // of the overall score
	Flow      *flow
	Tiles     []tile
	TilesSaid fault.Text // the highest and the lowest district
	Multiples []multiple
}

// dimensionRow is one of the six areas over all parks.
type dimensionRow struct {
	Number   int
	Name     fault.Text
	Score    score
	Parks    map[string]int // by band
	Met      int
	Required int
	Pending  int
	Short    fault.Text // of the name, for the head of a column
	Course   *spark
}

// mostAttention is how many parks the overview points at.
const mostAttention = 6

func (p *Pages) overview(v *visit) error {
	page, err := p.overviewOf(v)
	if err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "overview.html", page)
}

// compare is the districts beside each other, first as a table, then by area (各区对比).
func (p *Pages) compare(v *visit) error {
	page, err := p.overviewOf(v)
	if err != nil {
		return err
	}
	page.Shell.Title = fault.T("各区对比")
	return p.show(v, http.StatusOK, "compare.html", page)
}

// courseMonths is how far the scores are drawn back.
const courseMonths = 6

func (p *Pages) overviewOf(v *visit) (overviewPage, error) {
	var page overviewPage
	asked, err := askedOf(v)
	if err != nil {
		return page, err
	}
	course, err := p.options.Progress.Course(v.ctx, asked, courseMonths)
	if err != nil {
		return page, err
	}
	r := course[len(course)-1]
	districts, err := p.options.Registry.Districts(v.ctx)
	if err != nil {
		return page, err
	}
	page = overviewPage{Shell: p.shell(v, fault.T("试点进度总览")), AsOf: r.AsOf, Day: dayOf(v.lang, r.AsOf), KnownSeq: r.KnownSeq, Checklist: r.Version, Today: p.options.Today(),
		Rows: reported{tierOf(v.actor), r.AsOf, r.KnownSeq}, Parks: len(r.Parks), Overall: scoreOf(r.Totals.Overall), Counts: r.Totals.Counts, Brief: r.Brief(), Districts: byDistrict(r, districts)}
	page.Shell.Style = p.viewStyle
	if page.Shell.Tier == districtTier {
		page.Shell.Title = fault.T("辖区对比")
	}
	if r.AsOf != page.Today {
		page.Past = template.URL("?asOf=" + string(r.AsOf)) //nolint:gosec // a day that was parsed
		page.And = page.Past[1:] + "&"
	}
	page.Total.sum(r.Totals)
	page.areas(r)
	for _, d := range page.Districts {
		page.Total.Met += d.Met
		page.Attention = append(page.Attention, d.Parks...)
	}
	for _, row := range page.Attention {
		switch row.Overall.Band {
		case onTarget:
			page.OnTarget++
		case behind:
			page.Behind++
		case noScore:
			page.Unscored++
		default:
			page.Between++
		}
	}
	page.Attention = slices.DeleteFunc(page.Attention, func(r parkRow) bool { return r.Counts.FindingsOverdue == 0 && r.Overall.Band != behind })
	slices.SortStableFunc(page.Attention, func(a, b parkRow) int {
		return cmp.Or(cmp.Compare(b.Counts.FindingsOverdue, a.Counts.FindingsOverdue), worse(a.Overall, b.Overall))
	})
	page.Attention = page.Attention[:min(len(page.Attention), mostAttention)]
	page.Flow, page.Tiles, page.TilesSaid, page.Multiples = flowOf(r.Trend), tilesOf(page.Districts), extremes(v, page.Districts), multiplesOf(v, page.Areas, page.Districts)
	page.courses(course)
	return page, nil
}

// courses draws how the scores went.
func (page *overviewPage) courses(all []progress.Report) {
	overall := make([]score, len(all))
	for n, r := range all {
		overall[n] = scoreOf(r.Totals.Overall)
	}
	page.Course = sparkScores(overall)
	for i := range page.Areas {
		area := make([]score, len(all))
		for n, r := range all {
			area[n] = scoreOf(r.Totals.Dimensions[i].Score)
		}
		page.Areas[i].Course = sparkScores(area)
	}
}

// extremes reads the map of the districts in a line; nothing when there is but one.
func extremes(v *visit, rows []districtRow) fault.Text {
	var scored []districtRow
	for _, d := range rows {
		if d.Overall.Value != nil && d.Slug != "" {
			scored = append(scored, d)
		}
	}
	if len(scored) < 2 {
		return fault.Text{}
	}
	slices.SortStableFunc(scored, func(a, b districtRow) int { return worse(a.Overall, b.Overall) })
	low, high := scored[0], scored[len(scored)-1]
	return fault.T("{{.High}}最高 {{.Most}}，{{.Low}}最低 {{.Least}}。", "High", high.called(v), "Most", high.Overall.Text, "Low", low.called(v), "Least", low.Overall.Text)
}

func (page *overviewPage) areas(r progress.Report) {
	for i, d := range r.Totals.Dimensions {
		row := dimensionRow{Number: d.Dimension.Number, Name: d.Dimension.Name, Short: shortArea(d.Dimension.Number), Score: scoreOf(d.Score), Parks: map[string]int{}, Met: d.Met, Required: d.Required, Pending: d.Pending}
		for _, park := range r.Parks {
			row.Parks[string(scoreOf(park.Dimensions[i].Score).Band)]++
		}
		page.Areas = append(page.Areas, row)
	}
	for i, row := range page.Areas {
		if row.Score.Value != nil && (page.Weakest == nil || worse(row.Score, page.Weakest.Score) < 0) {
			page.Weakest = &page.Areas[i]
		}
	}
}

// report is the progress on the day that the address asks for.
func (p *Pages) report(v *visit) (progress.Report, error) {
	q, err := askedOf(v)
	if err != nil {
		return progress.Report{}, err
	}
	return p.options.Progress.Report(v.ctx, q)
}

// askedOf is the day that the address asks about.
func askedOf(v *visit) (progress.Question, error) {
	var c fault.Check
	day := fault.Parse(&c, "/query/asOf", v.c.Query("asOf"), code.ParseDay)
	return progress.Question{AsOf: day}, c.Err()
}

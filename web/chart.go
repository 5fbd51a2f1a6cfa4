package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models/ledger"
	"parkregistry/models/progress"
)

// Charts are drawn by the server as SVG without axes (design §7). Each has a title, a line
// that reads it and its numbers as a table, so that nobody depends on the picture. They
// are pictures: a place in one is rounded to whole units, a number in words never.

// point is a place in a picture.
type point struct{ X, Y int }

// through is a line through places.
func through(all []point) string {
	var path strings.Builder
	for i, p := range all {
		_, _ = fmt.Fprintf(&path, "%s%d %d", map[bool]string{true: "M", false: "L"}[i == 0], p.X, p.Y) // a builder takes everything
	}
	return path.String()
}

// spark is a line in the height of a text; Most is where a limit or a target lies.
type spark struct {
	Label fault.Text
	Path  string
	point     // of the last value
	Most  int // 0 when it is outside of the picture
}

const (
	sparkWide, sparkHigh = 84, 22
	sparkEdge            = 3
)

// sparkOf draws the days before a reading; nil for less than two.
func sparkOf(b ledger.Before) *spark {
	if len(b.Days) < 2 {
		return nil
	}
	low, high := b.Days[0].Scaled, b.Days[0].Scaled
	for _, d := range b.Days {
		low, high = min(low, d.Scaled), max(high, d.Scaled)
	}
	s := &spark{Label: fault.T("近 30 日 {{.Low}} 至 {{.High}}", "Low", code.Decimal(low), "High", code.Decimal(high))}
	top := high
	if b.Most != nil && *b.Most > high && *b.Most-high <= high-min(low, 0) { // near enough to be seen without flattening the line
		top = *b.Most
	}
	y := func(n int64) int { return sparkY(float64(n), float64(low), float64(top)) }
	if b.Most != nil && *b.Most >= low && *b.Most <= top {
		s.Most = y(*b.Most)
	}
	first := b.Days[0].Day
	last := max(b.Days[len(b.Days)-1].Day.Sub(first), 1)
	var line []point
	for _, d := range b.Days {
		line = append(line, point{sparkEdge + d.Day.Sub(first)*(sparkWide-2*sparkEdge)/last, y(d.Scaled)})
	}
	s.Path, s.point = through(line), line[len(line)-1]
	return s
}

func sparkY(n, low, high float64) int {
	if high == low {
		return sparkHigh / 2
	}
	return sparkHigh - sparkEdge - int((n-low)/(high-low)*(sparkHigh-2*sparkEdge))
}

// sparkScores draws how a score went, with the target of 90; months without one are left
// out. Nil for less than two.
func sparkScores(all []score) *spark {
	var line []point
	var first, last score
	low := 80.0 // so that the target is never the floor of the picture
	for _, s := range all {
		if s.Value != nil {
			low = min(low, s.float())
		}
	}
	for i, s := range all {
		if s.Value == nil {
			continue
		}
		if last = s; first.Value == nil {
			first = s
		}
		line = append(line, point{sparkEdge + i*(sparkWide-2*sparkEdge)/max(len(all)-1, 1), sparkY(s.float(), low, 100)})
	}
	if len(line) < 2 {
		return nil
	}
	return &spark{Label: fault.T("近 {{.Months}} 个月由 {{.First}} 到 {{.Last}}", "Months", len(all), "First", first.Text, "Last", last.Text),
		Path: through(line), point: line[len(line)-1], Most: sparkY(90, low, 100)}
}

// float is the score for a picture.
func (s score) float() float64 {
	f, _ := s.Value.Float64()
	return f
}

// flow is how findings came and went by months: the open ones as a line, what was opened
// and closed as bars from zero below it. Two measures have two strips, never two axes.
type flow struct {
	Reading    fault.Text
	Line, Area string
	Marks      []mark
	Bars       []bar
	Most       int64 // of the bars
	Months     []mark
	Rows       []flowRow
}

// mark is a word at a place; End anchors it there.
type mark struct {
	point
	Text string
	End  string // start, middle, end
}

// bar is one bar, of what was opened or of what was closed.
type bar struct {
	point
	Height int
	Kind   string
}

// flowRow is one month in the table of the chart; the first month of a trend has nothing
// before it to be told from.
type flowRow struct {
	Month          string
	Open           int64
	Opened, Closed string
}

// The strips of the flow: one of the line, one of the bars.
const (
	flowWide, flowEdge = 320, 16
	lineTop, lineFoot  = 22, 76
	barTop, barFoot    = 100, 168
	barWide            = 8
)

// flowOf draws a trend; nil when nothing was ever found.
func flowOf(trend []progress.Month) *flow {
	if len(trend) < 2 || trend[len(trend)-1].FindingsOpened == 0 {
		return nil
	}
	f := &flow{}
	step := (flowWide - 2*flowEdge) / (len(trend) - 1)
	peak := slices.MaxFunc(trend, func(a, b progress.Month) int { return cmp.Compare(a.FindingsOpen, b.FindingsOpen) })
	opened, closed := make([]int64, len(trend)), make([]int64, len(trend))
	for i := 1; i < len(trend); i++ {
		opened[i], closed[i] = trend[i].FindingsOpened-trend[i-1].FindingsOpened, trend[i].FindingsClosed-trend[i-1].FindingsClosed
		f.Most = max(f.Most, opened[i], closed[i])
	}
	var line []point
	for i, m := range trend {
		x := flowEdge + i*step
		p := point{x, scaled(m.FindingsOpen, peak.FindingsOpen, lineFoot, lineTop)}
		line = append(line, p)
		row := flowRow{Month: m.Month, Open: m.FindingsOpen, Opened: "--", Closed: "--"}
		if i > 0 {
			row.Opened, row.Closed = grouped(opened[i]), grouped(closed[i])
			f.bar(x-barWide, opened[i], "new")
			f.bar(x, closed[i], "done")
		}
		f.Rows = append(f.Rows, row)
		ends := i == 0 || i == len(trend)-1
		if ends || m.Month == peak.Month && peak.FindingsOpen > max(trend[0].FindingsOpen, trend[len(trend)-1].FindingsOpen) {
			end := map[int]string{0: "start", len(trend) - 1: "end"}[i]
			f.Marks = append(f.Marks, mark{point{x, p.Y - 6}, grouped(m.FindingsOpen), cmp.Or(end, "middle")})
		}
		if ends {
			f.Months = append(f.Months, mark{point{x, barFoot + 16}, m.Month, map[int]string{0: "start", len(trend) - 1: "end"}[i]})
		}
	}
	f.Line = through(line)
	f.Area = fmt.Sprintf("%sL%d %dL%d %dZ", f.Line, line[len(line)-1].X, lineFoot, line[0].X, lineFoot)
	last := trend[len(trend)-1]
	f.Reading = fault.T("未销号由 {{.FirstMonth}} 的 {{.First}} 项到 {{.LastMonth}} 的 {{.Last}} 项，{{.PeakMonth}} 最多，{{.Peak}} 项；其间新增 {{.Opened}} 项，销号 {{.Closed}} 项。",
		"FirstMonth", trend[0].Month, "First", trend[0].FindingsOpen, "LastMonth", last.Month, "Last", last.FindingsOpen, "PeakMonth", peak.Month, "Peak", peak.FindingsOpen,
		"Opened", last.FindingsOpened-trend[0].FindingsOpened, "Closed", last.FindingsClosed-trend[0].FindingsClosed)
	return f
}

func (f *flow) bar(x int, n int64, kind string) {
	top := scaled(n, f.Most, barFoot, barTop)
	f.Bars = append(f.Bars, bar{point{x, top}, barFoot - top, kind})
}

// scaled is how high n stands of the most, between the foot of a strip and its top.
func scaled(n, most int64, foot, top int) int {
	if most <= 0 || n <= 0 {
		return foot
	}
	return foot - int(n*int64(foot-top)/most)
}

// tile is one district in the map of equal squares: where it lies roughly, never how far
// it reaches, which would mislead the eye and show boundaries.
type tile struct {
	Slug  string
	Name  fault.Text
	Row   *districtRow // nil without a pilot park
	Shade int          // 1 to 5, by the score
}

// tilesOf are all districts, those without a pilot park empty.
func tilesOf(rows []districtRow) []tile {
	all := make([]tile, 0, len(code.Jurisdictions()))
	for _, j := range code.Jurisdictions() {
		english, _, _ := strings.Cut(j.English(), " ")
		t := tile{Slug: string(j), Name: fault.Named(string([]rune(j.Name())[:2]), english)} // people say it in two characters
		if i := slices.IndexFunc(rows, func(d districtRow) bool { return d.Slug == t.Slug }); i >= 0 {
			t.Row, t.Shade = &rows[i], shadeOf(rows[i].Overall)
		}
		all = append(all, t)
	}
	return all
}

// shadeOf is the step of the scale of one hue, darker for better.
func shadeOf(s score) int {
	switch {
	case s.Value == nil:
		return 1
	case s.Band == onTarget:
		return 5
	case s.Band == nearly:
		return 4
	case s.Band == halfway:
		return 3
	}
	return 2
}

// multiple is one of the six areas as bars of the districts, or of the parks of one.
type multiple struct {
	Number int
	Name   fault.Text
	Bars   []multipleBar
}

type multipleBar struct {
	Name  string
	Parks int // whose score it is
	Score score
}

// multiplesOf draws each area of the rows.
func multiplesOf(v *visit, areas []dimensionRow, rows []districtRow) []multiple {
	all := make([]multiple, len(areas))
	for i, a := range areas {
		all[i] = multiple{Number: a.Number, Name: a.Name}
		for _, d := range rows {
			if tierOf(v.actor) == cityTier {
				all[i].Bars = append(all[i].Bars, multipleBar{d.called(v), len(d.Parks), d.Scores[i]})
				continue
			}
			for _, p := range d.Parks {
				all[i].Bars = append(all[i].Bars, multipleBar{p.Name, 1, p.Scores[i]})
			}
		}
	}
	return all
}

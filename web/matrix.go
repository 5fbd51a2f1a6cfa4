package web

import (
	"html/template"
	"net/http"
	"slices"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models/assessment"
	"parkregistry/models/progress"
)

// matrixPage is what templates/matrix.html shows: parks by the six areas, and the park
// that was picked beside it.
type matrixPage struct {
	Shell     shell
	AsOf      code.Day
	Day       string
	Rows      reported
	Parks     int
	Cells     map[string]int // by band
	Areas     []fault.Text
	Districts []districtRow
	Detail    *parkDetail
	Past      template.URL // asOf=…&, when the address asks for a day that is over
}

// parkDetail is one park: its areas, and the items of the picked one.
type parkDetail struct {
	Row      parkRow
	District fault.Label
	Areas    []areaDetail
	Verified fault.Text // by which assessment, empty before one
	Picked   int        // 1 to 6, 0 for none
	Items    []itemLine
}

type areaDetail struct {
	Number        int
	Name          fault.Text
	Score         score
	Met, Required int
	Pending       int
}

// itemLine is one item of the checklist in one park.
type itemLine struct {
	ID, Name    string
	Condition   string // of full points
	Points      string
	Numerator   int64
	Denominator int64
	Earned      string
	State       string // computed, notApplicable, pending
	Verified    bool   // by the district
	Full        bool
}

func (p *Pages) matrix(v *visit) error {
	r, err := p.report(v)
	if err != nil {
		return err
	}
	order, err := p.options.Registry.Districts(v.ctx)
	if err != nil {
		return err
	}
	page := matrixPage{Shell: p.shell(v, fault.T("六维矩阵")), AsOf: r.AsOf, Day: dayOf(v.lang, r.AsOf), Rows: reported{tierOf(v.actor), r.AsOf, r.KnownSeq}, Parks: len(r.Parks), Cells: map[string]int{}, Districts: byDistrict(r, order)}
	page.Shell.Wide, page.Shell.Style = true, p.viewStyle
	if page.Shell.Tier == parkTier {
		page.Shell.Title = fault.T("六维进展")
	}
	for _, d := range assessment.Dimensions() {
		page.Areas = append(page.Areas, d.Name)
	}
	for _, d := range page.Districts {
		for _, park := range d.Parks {
			for _, s := range park.Scores {
				page.Cells[string(s.Band)]++
			}
		}
	}
	if r.AsOf != p.options.Today() {
		page.Past = template.URL("asOf=" + string(r.AsOf) + "&") //nolint:gosec // a day that was parsed
	}
	picked := v.c.Query("park")
	if picked == "" && len(r.Parks) == 1 {
		picked = r.Parks[0].Park.Code
	}
	if picked != "" {
		if page.Detail, err = p.detail(v, r, page.Districts, picked); err != nil {
			return err
		}
	}
	return p.show(v, http.StatusOK, "matrix.html", page)
}

// detail is the park of that code; NotFound when the visitor does not see it.
func (p *Pages) detail(v *visit, r progress.Report, districts []districtRow, park string) (*parkDetail, error) {
	for _, st := range r.Parks {
		if st.Park.Code != park {
			continue
		}
		d := &parkDetail{Row: rowOf(st)}
		for _, row := range districts {
			if slices.ContainsFunc(row.Parks, func(p parkRow) bool { return p.Code == park }) {
				d.District = row.Name
			}
		}
		if st.Basis.Assessment != "" {
			d.Verified = fault.T("{{.Year}} 年度考核，区于 {{.Day}} 核定", "Year", st.Basis.Year, "Day", string(st.Basis.On))
		}
		d.Picked, _ = strconv.Atoi(v.c.Query("dim"))
		for _, dim := range st.Dimensions {
			d.Areas = append(d.Areas, areaDetail{dim.Dimension.Number, dim.Dimension.Name, scoreOf(dim.Score), dim.Met, dim.Required, dim.Pending})
		}
		d.items(v, st)
		return d, nil
	}
	return nil, fault.Absent()
}

func (d *parkDetail) items(v *visit, st progress.ParkStanding) {
	results := map[string]progress.Result{}
	for _, r := range st.Results {
		results[r.Item.ID] = r
	}
	for _, i := range st.Basis.List.Items {
		if i.Dimension != d.Picked {
			continue
		}
		line := itemLine{ID: i.ID, Name: wordsOf(v, i.Name, i.NameEn), Points: i.Points.RatString(), State: "pending"}
		if r, ok := results[i.ID]; ok {
			line.State, line.Numerator, line.Denominator, line.Full, line.Verified = "notApplicable", r.Numerator, r.Denominator, r.Full, r.Verified()
			if r.Applies() {
				line.State, line.Earned = "computed", r.Earned.FloatString(1)
			}
		}
		d.Items = append(d.Items, line)
	}
}

package web

import (
	"math/big"
	"net/http"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/policies"
)

// sixesPage is what templates/sixes.html shows: assessments of parks by years (六维自评、
// 六维核定).
type sixesPage struct {
	Shell   shell
	Head    listHead
	Lines   []sixLine
	Forms   []moveForm
	Failure Failure
	Kept    []saidLine
}

// sixLine is one assessment as it stands.
type sixLine struct {
	assessment.Assessment
	Park  string
	Name  fault.Text
	Mark  band
	Total string // the score as the district verified it, "--" before
	Level fault.Text
}

// sixTitle is what the pages of assessments are called in a workplace.
func sixTitle(t tier) fault.Text {
	switch t {
	case parkTier:
		return fault.T("六维自评")
	case districtTier:
		return fault.T("六维核定")
	}
	return fault.T("六维抽查")
}

// thisYear is the year of today.
func (p *Pages) thisYear() int {
	n, _ := strconv.Atoi(string(p.options.Today())[:4])
	return n
}

// years are those that an assessment can be about, the newest first.
func (p *Pages) years(chosen string) (all []option) {
	for y := p.thisYear(); y >= assessment.FirstYear; y-- {
		text := strconv.Itoa(y)
		all = append(all, option{text, text, text == chosen})
	}
	return all
}

func (p *Pages) sixes(v *visit) error {
	page, err := p.sixesOf(v, v.c.Request.URL.Path)
	if err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "sixes.html", page)
}

func (p *Pages) sixesOf(v *visit, path string) (sixesPage, error) {
	var states []option
	for _, s := range assessment.States() {
		states = append(states, option{Value: string(s), Name: say(v, s.Name())})
	}
	page := sixesPage{Shell: p.listed(v, sixTitle(tierOf(v.actor)))}
	h, parks, err := p.filtersOf(v, states)
	if err != nil {
		return page, err
	}
	q := v.c.Query
	h.Path, h.Clear, h.Undated = path, path, true
	h.Lists = []choice{{Name: "year", Label: fault.T("年度"), Options: p.years(q("year"))}}
	year, _ := strconv.Atoi(q("year"))
	found, err := p.options.Assessments.List(v.ctx, assessment.Filter{ParkID: q("parkId"), State: assessment.State(q("state")), Year: year}, h.page("-year"))
	if err != nil {
		return page, err
	}
	turn(&h, found)
	h.exports(v, "assessments", q("state"))
	page.Head = h
	lists := map[string]assessment.Checklist{}
	for _, a := range found.Items {
		list, read := lists[a.Checklist]
		if !read {
			if list, err = p.options.Assessments.Checklist(v.ctx, a.Checklist); err != nil {
				return page, err
			}
			lists[a.Checklist] = list
		}
		page.Lines = append(page.Lines, sixLineOf(a, list, parks[string(a.ParkID)]))
	}
	if v.may(policies.AssessmentAssess) {
		page.Forms = []moveForm{newMove(v, "/six", "start", fault.T("开始一个年度的自评"), p.startFields(h))}
	}
	return page, nil
}

func sixLineOf(a assessment.Assessment, list assessment.Checklist, park string) sixLine {
	l := sixLine{Assessment: a, Park: park, Name: a.State.Name(), Mark: halfway, Total: "--"}
	for _, level := range list.Levels {
		if level.ID == a.Level {
			l.Level = fault.Text{Key: level.Name, English: level.NameEn}
		}
	}
	if a.Score != nil {
		l.Total = scoreOf(big.NewRat(*a.Score, code.QuantityScale)).Text
	}
	switch {
	case a.State == assessment.Returned || a.Vetoed:
		l.Mark = behind
	case a.State == assessment.Checked:
		l.Mark = onTarget
	}
	return l
}

// startFields are what the start of a self-assessment asks for; who has one park need not
// say which.
func (p *Pages) startFields(h listHead) []formField {
	year := strconv.Itoa(p.thisYear())
	fields := []formField{{Name: "year", Label: fault.T("年度"), Kind: "select", Required: true, Value: year, Options: p.years("")}}
	if len(h.Parks) > 1 {
		return append([]formField{{Name: "parkId", Label: fault.T("园区"), Kind: "select", Required: true, Options: h.Parks}}, fields...)
	}
	return fields
}

// startSix begins a self-assessment and shows it; what was refused is told in the form.
func (p *Pages) startSix(v *visit) error {
	year, _ := strconv.Atoi(v.field("year")) // what is no number is refused as 0 is
	in := assessment.StartInput{ParkID: v.field("parkId"), Year: year}
	page, err := p.sixesOf(v, "/p/six")
	if err != nil {
		return err
	}
	if in.ParkID == "" && len(page.Head.Parks) == 1 {
		in.ParkID = page.Head.Parks[0].Value
	}
	a, err := p.options.Assessments.Start(v.ctx, models.ID(""), in)
	if err == nil {
		v.to("/six/" + string(a.ID))
		return nil
	}
	f, here := p.told(v, err)
	if !here {
		return err
	}
	page.Failure, page.Shell.Failed = f, true
	page.Kept = p.refused(v, page.Forms, "start", nil, f)
	return p.show(v, f.Status, "sixes.html", page)
}

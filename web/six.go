package web

import (
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/assessment"
)

// vetoArea stands behind the six areas: the conditions that no score makes up for.
const vetoArea = 7

// sixPage is what templates/six.html shows: one assessment, area by area, with what park,
// district and bureau say of each item beside each other.
type sixPage struct {
	Shell    shell
	Line     sixLine
	List     assessment.Checklist
	Base     string // address of the list
	Title    fault.Text
	ListName string
	Stages   []stage
	Sides    []sideColumn
	Areas    []sixArea
	Area     sixArea // the one that is shown
	Items    []sixItem
	Writes   string // the column that the visitor may write now, by the name of its sub-resource
	Pick     fault.Text
	Form     *moveForm // of the picked item
	Forms    []moveForm
	Steps    []stepLine
	Failure  Failure
	Kept     []saidLine
	Missing  []missing // items that a move waits for
	Done     fault.Text
	whole    assessment.Whole
	newest   assessment.StepKind
	writes   assessment.Side
}

// sideColumn is one of the three columns.
type sideColumn struct {
	Side assessment.Side
	Name fault.Text
	Sum  string // earned of applicable points over the six areas
}

// sixArea is one area: what each side came to, and how many items wait for the visitor.
type sixArea struct {
	Number int
	Name   fault.Text
	Count  int
	Sums   []string
	Open   int
}

// sixItem is one item, or veto, with its three columns.
type sixItem struct {
	ID, Name, Points, Full string
	Evidence               []string
	Now                    string // what the registry computes today
	Cells                  []sixCell
	Picked                 bool
	Takes                  bool // the visitor may say the same as the column before
}

// sixCell is what one side says.
type sixCell struct {
	Side   fault.Text
	There  bool
	Mark   band
	Says   string
	Ratio  string
	Reason string
	Proof  string
	On     string
	Files  []option
	By     fault.Text
}

// missing is an item that a move waits for, with the way to it.
type missing struct{ Name, Link, Says string }

// sides are the three columns in their order.
func sides() []sideColumn {
	return []sideColumn{{Side: assessment.Self, Name: fault.Text{Key: "自评", English: "Self-assessed"}}, {Side: assessment.District, Name: fault.Text{Key: "核定", English: "Verified"}},
		{Side: assessment.Bureau, Name: fault.Text{Key: "抽查", English: "Sampled"}}}
}

// columnMoves say which sub-resource writes a column.
var columnMoves = map[string]assessment.Side{"self-assessment": assessment.Self, "verification": assessment.District, "sample": assessment.Bureau}

func (p *Pages) six(v *visit) error {
	page, err := p.sixOf(v, v.c.Query)
	if err != nil {
		return err
	}
	if kind := assessment.StepKind(v.c.Query("done")); kind != "" && kind == page.newest {
		page.Done = sixStepName(kind)
	}
	return p.show(v, http.StatusOK, "six.html", page)
}

// sixOf reads the assessment of the address; get says which area and item are shown.
func (p *Pages) sixOf(v *visit, get func(string) string) (sixPage, error) {
	var page sixPage
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return page, fault.Absent()
	}
	w, err := p.options.Assessments.Read(v.ctx, id)
	if err != nil {
		return page, err
	}
	park, _, err := p.placeOf(v, w.Place())
	if err != nil {
		return page, err
	}
	page = sixPage{whole: w, List: w.List, Line: sixLineOf(w.Assessment, w.List, park), Sides: sides(), Stages: sixStages(w.Assessment)}
	page.ListName = wordsOf(v, w.List.Title, w.List.TitleEn)
	page.Title = fault.T("{{.Year}} 年度评估", "Year", w.Year)
	page.Shell = p.shell(v, fault.T("{{.Park}} {{.Year}} 年度评估", "Park", park, "Year", w.Year))
	page.Shell.Style, page.Base = p.viewStyle, string(page.Shell.Tier)+"/six"
	moves, err := p.options.Assessments.Allowed(v.ctx, w.Assessment)
	if err != nil {
		return page, err
	}
	p.sixMoves(v, &page, moves)
	number, err := strconv.Atoi(get("dim"))
	if err != nil || number < 1 || number > vetoArea {
		number = 1
	}
	page.areas(number)
	if err := p.sixItems(v, &page, get("item")); err != nil {
		return page, err
	}
	return page, p.sixSteps(v, &page)
}

// sixMoves are what the visitor may do: a column to write, and the moves of the whole.
func (p *Pages) sixMoves(v *visit, page *sixPage, moves []string) {
	for _, m := range moves {
		if side, is := columnMoves[m]; is {
			page.Writes, page.writes, page.Pick = m, side, columnWord(side)
			continue
		}
		form := newMove(v, "/six/"+string(page.Line.ID), m, sixStepName(assessment.StepKind(m)), sixFields(m))
		form.Hidden = versionOf(page.Line.Version)
		page.Forms = append(page.Forms, form)
	}
}

// versionOf is the hidden field that names the version that was read.
func versionOf(version int64) []option {
	return []option{{Name: "version", Value: strconv.FormatInt(version, 10)}}
}

func sixFields(move string) []formField {
	if move != string(assessment.StepReturn) {
		return nil
	}
	return []formField{{Name: "reason", Label: fault.T("退回的原因，至少 5 个字"), Kind: "area", Required: true}}
}

// columnWord is what somebody does in the own column.
func columnWord(side assessment.Side) fault.Text {
	switch side {
	case assessment.Self:
		return fault.T("填写自评")
	case assessment.District:
		return fault.Text{Key: "核定", English: "Verify"}
	}
	return fault.Text{Key: "抽查", English: "Sample"}
}

// areas are the six and the vetoes, each with what its columns come to.
func (page *sixPage) areas(shown int) {
	w := page.whole
	sums := make([]assessment.Outcome, len(page.Sides))
	for i, s := range page.Sides {
		sums[i] = w.Sheet.Outcome(w.List, s.Side)
		page.Sides[i].Sum = sumText(sums[i].Sum(w.List, 0))
	}
	for _, d := range assessment.Dimensions() {
		a := sixArea{Number: d.Number, Name: d.Name}
		for _, o := range sums {
			a.Sums = append(a.Sums, sumText(o.Sum(w.List, d.Number)))
		}
		for _, i := range w.List.Items {
			if i.Dimension != d.Number {
				continue
			}
			a.Count++
			if page.waits(i.ID, i.Computed()) {
				a.Open++
			}
		}
		page.Areas = append(page.Areas, a)
	}
	vetoes := sixArea{Number: vetoArea, Name: fault.T("否决项"), Count: len(w.List.VetoItems)}
	for i, s := range page.Sides {
		vetoes.Sums = append(vetoes.Sums, "--")
		if len(w.Sheet[s.Side]) > 0 {
			vetoes.Sums[i] = strconv.Itoa(len(sums[i].Vetoes))
		}
	}
	for _, x := range w.List.VetoItems {
		if page.writes == assessment.District && page.waits(x.ID, false) {
			vetoes.Open++
		}
	}
	page.Areas = append(page.Areas, vetoes)
	page.Area = page.Areas[shown-1]
}

// waits reports whether an item waits for the column that the visitor may write. What the
// registry computes waits for nobody, and a sample is what the bureau picks.
func (page *sixPage) waits(id string, computed bool) bool {
	sheet := page.whole.Sheet
	m, there := sheet[page.writes][id]
	switch page.writes {
	case assessment.Self:
		return !there && !computed
	case assessment.District:
		return (!there || m.Round < page.Line.Round) && !computed
	}
	return false
}

// sumText is "12.5 / 18", "--" before anything was said.
func sumText(s assessment.Sum) string {
	if s.Required == 0 {
		return "--"
	}
	return pointsText(s.Earned) + " / " + pointsText(s.Applicable)
}

// pointsText is a number of points with as many decimals as it has, two at most.
func pointsText(r *big.Rat) string {
	return strings.TrimSuffix(strings.TrimRight(r.FloatString(2), "0"), ".")
}

// sixItems are the items of the area that is shown, and the form of the picked one.
func (p *Pages) sixItems(v *visit, page *sixPage, picked string) error {
	w := page.whole
	if page.Area.Number == vetoArea {
		for _, x := range w.List.VetoItems {
			i := sixItem{ID: x.ID, Name: wordsOf(v, x.Name, x.NameEn), Picked: x.ID == picked}
			for _, s := range page.Sides {
				m, there := w.Sheet[s.Side][x.ID]
				i.Cells = append(i.Cells, vetoCell(v, s.Name, m, there))
			}
			page.add(v, i)
		}
		return nil
	}
	for _, x := range w.List.Items {
		if x.Dimension != page.Area.Number {
			continue
		}
		i := sixItem{ID: x.ID, Name: wordsOf(v, x.Name, x.NameEn), Points: x.ItemInput.Points, Full: wordsOf(v, x.Full, x.FullEn), Evidence: x.Evidence, Picked: x.ID == picked}
		if x.Computed() {
			i.Now = computedNow(v, x, w.Measured[x.Metric])
		}
		for _, s := range page.Sides {
			m, there := w.Sheet[s.Side][x.ID]
			cell, err := p.itemCell(v, s.Name, x, m, there)
			if err != nil {
				return err
			}
			i.Cells = append(i.Cells, cell)
		}
		page.add(v, i)
	}
	return nil
}

// add puts an item on the page, with its form where it was picked and may be written.
func (page *sixPage) add(v *visit, i sixItem) {
	switch page.writes {
	case assessment.District:
		i.Takes = page.waits(i.ID, i.Now != "") && (page.Area.Number == vetoArea || i.Cells[0].There)
	case assessment.Bureau:
		i.Takes = i.Now == "" && !i.Cells[2].There && i.Cells[1].There
	}
	if i.Picked && page.Writes != "" {
		form := page.itemForm(v, i)
		page.Form = &form
	}
	i.Picked = i.Picked && page.Form != nil
	page.Items = append(page.Items, i)
}

// computedNow is what the registry computes for an item today.
func computedNow(v *visit, i assessment.Item, r assessment.Ratio) string {
	most, applies := i.Most(r)
	if !applies {
		return say(v, fault.T("没有可计的对象"))
	}
	return ratioText(r) + say(v, fault.T("，得 {{.Points}} 分", "Points", code.Decimal(most)))
}

func ratioText(r assessment.Ratio) string {
	return strconv.FormatInt(r.N, 10) + " / " + strconv.FormatInt(r.D, 10)
}

func (p *Pages) itemCell(v *visit, side fault.Text, i assessment.Item, m assessment.Mark, there bool) (sixCell, error) {
	c := cellOf(side, m, there)
	if !there {
		return c, nil
	}
	score := assessment.Score{Item: i.ID, Applies: m.Applies, Points: m.Points}
	c.Says, c.Mark = code.Decimal(m.Points), halfway
	switch {
	case !m.Applies:
		c.Says, c.Mark = say(v, fault.T("不适用")), noScore
	case i.Reached(score):
		c.Mark = onTarget
	case m.Points == 0:
		c.Mark = behind
	}
	if r, computed := m.Ratio(); computed && r.D > 0 {
		c.Ratio = ratioText(r)
	}
	for _, raw := range m.Attachments {
		a, err := p.options.Files.Get(v.ctx, models.ID(raw))
		if err != nil && !fault.Is(err, fault.NotFound) {
			return c, err
		}
		if err == nil {
			c.Files = append(c.Files, option{Value: string(a.ID), Name: a.Name})
		}
	}
	return c, nil
}

func vetoCell(v *visit, side fault.Text, m assessment.Mark, there bool) sixCell {
	c := cellOf(side, m, there)
	if there {
		c.Says, c.Mark = say(v, fault.T("不存在")), onTarget
		if m.Veto {
			c.Says, c.Mark = say(v, fault.T("存在")), behind
		}
	}
	return c
}

func cellOf(side fault.Text, m assessment.Mark, there bool) sixCell {
	return sixCell{Side: side, There: there, Reason: m.Reason, Proof: m.Evidence, On: string(models.Deref(m.EvidenceOn))}
}

// sixSteps are what happened, the newest first.
func (p *Pages) sixSteps(v *visit, page *sixPage) error {
	steps, err := p.options.Assessments.Steps(v.ctx, page.Line.ID)
	if err != nil {
		return err
	}
	var ids []models.ID
	for _, s := range steps {
		ids = append(ids, s.ActorID)
	}
	people, err := p.options.Accounts.Names(v.ctx, ids)
	for i, s := range slices.Backward(steps) {
		if i == len(steps)-1 {
			page.newest = s.Kind
		}
		l := stepLine{Name: sixStepName(s.Kind), At: moment(s.At), By: bodyOf(string(s.ActorOrg)), Reason: s.Reason}
		if name := people[s.ActorID]; name != "" {
			l.Said = append(l.Said, saidLine{Label: fault.T("办理人"), Value: name})
		}
		page.Steps = append(page.Steps, l)
	}
	return err
}

// sixStepName is a step as people call it.
func sixStepName(k assessment.StepKind) fault.Text {
	switch k {
	case assessment.StepStart:
		return fault.T("开始自评")
	case assessment.StepSelf:
		return fault.T("填写自评")
	case assessment.StepSubmission:
		return fault.T("提交自评")
	case assessment.StepVerify:
		return fault.T("逐项核定")
	case assessment.StepCompletion:
		return fault.T("完成核查")
	case assessment.StepSample:
		return fault.T("市局抽查")
	}
	return fault.T("退回园区")
}

// sixStages are the way of an assessment.
func sixStages(a assessment.Assessment) []stage {
	all := []stage{{Name: fault.T("园区自评")}, {Name: fault.T("区核查")}, {Name: fault.T("市局抽查")}}
	at := map[assessment.State]int{assessment.Assessed: 1, assessment.Checked: 2}[a.State]
	for i := range all {
		all[i].Done, all[i].Now = i < at, i == at
	}
	return all
}

// itemAddress leads to an item on the page of its assessment.
func itemAddress(id models.ID, list assessment.Checklist, item string) string {
	area := vetoArea
	if i, known := list.Item(item); known {
		area = i.Dimension
	}
	return "/six/" + string(id) + "?" + url.Values{"dim": {strconv.Itoa(area)}, "item": {item}}.Encode() + "#" + item
}

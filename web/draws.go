package web

import (
	"net/http"
	"slices"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/policies"
)

// drawsPage is what templates/draws.html shows: random selections (双随机), and how far
// the quarter has come.
type drawsPage struct {
	Shell   shell
	Head    listHead
	Quarter string
	Usual   int // units for each officer
	Quotas  []quotaLine
	Lines   []drawLine
	Forms   []moveForm
	Failure Failure
	Kept    []saidLine
}

// quotaLine is how far the draws of one level have come in the quarter.
type quotaLine struct {
	inspection.Quota
	Area  fault.Text
	Name  fault.Text
	Mark  band
	Ratio string // units for each officer, one decimal
}

// drawLine is one draw in a list.
type drawLine struct {
	inspection.Draw
	Area fault.Text
	Name fault.Text
	Mark band
	At   string // when it was drawn, else published
}

// quarters are the filter by quarter: this one and the seven before it.
func (p *Pages) quarters(v *visit) choice {
	c := choice{Name: "quarter", Label: fault.T("季度")}
	day := p.options.Today()
	for range 8 {
		q := inspection.QuarterOf(day)
		c.Options = append(c.Options, option{q, q, q == v.c.Query("quarter")})
		first := code.Day(string(day)[:8] + "01")
		for inspection.QuarterOf(first) == q {
			first = first.Add(-1)
		}
		day = first
	}
	return c
}

func (p *Pages) draws(v *visit) error {
	page, err := p.drawsOf(v)
	if err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "draws.html", page)
}

func (p *Pages) drawsOf(v *visit) (drawsPage, error) {
	page := drawsPage{Shell: p.listed(v, fault.T("随机抽查")), Usual: inspection.UnitsPerOfficer}
	h, parks, err := p.filtersOf(v, nil)
	if err != nil {
		return page, err
	}
	h.Undated, h.Parks, h.Lists = true, nil, []choice{p.quarters(v)}
	asked := h.query.Get("quarter")
	found, err := p.options.Inspection.Draws(v.ctx, inspection.DrawFilter{Quarter: asked}, h.page("-createdAt"))
	if err != nil {
		return page, err
	}
	turn(&h, found)
	h.exports(v, "draws", "")
	page.Head, page.Quarter = h, asked
	if page.Quarter == "" {
		page.Quarter = inspection.QuarterOf(p.options.Today())
	}
	for _, d := range found.Items {
		page.Lines = append(page.Lines, drawLineOf(d, parks))
	}
	quotas, err := p.options.Inspection.Quotas(v.ctx, page.Quarter)
	if err != nil {
		return page, err
	}
	for _, q := range quotas {
		if q.KeyUnits > 0 || q.Units > 0 {
			page.Quotas = append(page.Quotas, quotaLineOf(q))
		}
	}
	if v.may(policies.DrawCreate) {
		fields, err := p.publishFields(v)
		if err != nil {
			return page, err
		}
		page.Forms = []moveForm{newMove(v, "/draws", "publishing", fault.T("公布名单"), fields)}
	}
	return page, nil
}

func quotaLineOf(q inspection.Quota) quotaLine {
	l := quotaLine{Quota: q, Area: code.AreaName(q.Jurisdiction), Name: fault.T("未达到"), Mark: halfway, Ratio: "--"}
	if q.Met() {
		l.Name, l.Mark = fault.T("已达到"), onTarget
	}
	if q.Officers > 0 {
		l.Ratio = strconv.Itoa(q.PerOfficer()/10) + "." + strconv.Itoa(q.PerOfficer()%10)
	}
	return l
}

func drawLineOf(d inspection.Draw, parks map[string]string) drawLine {
	l := drawLine{Draw: d, Area: code.AreaName(models.Deref(d.Jurisdiction)), Name: d.StateName(), Mark: halfway, At: moment(d.CreatedAt)}
	if d.ParkID != nil {
		name := parks[string(*d.ParkID)]
		l.Area = fault.Text{Key: name, English: name}
	}
	if d.DrawnAt != nil {
		l.Mark, l.At = onTarget, moment(*d.DrawnAt)
	}
	return l
}

// publishFields are what the publication of lists asks for; the areas are those in which
// the visitor may.
func (p *Pages) publishFields(v *visit) ([]formField, error) {
	scope, err := v.actor.Scope(policies.DrawCreate)
	if err != nil {
		return nil, err
	}
	where := formField{Name: "jurisdiction", Label: fault.T("范围，不选为全市"), Kind: "select"}
	if !scope.City {
		where.Label, where.Required = fault.T("范围"), true
	}
	for _, j := range code.Jurisdictions() {
		if scope.City || slices.Contains(scope.Jurisdictions, string(j)) {
			where.Options = append(where.Options, option{Value: string(j), Name: say(v, code.AreaName(string(j)))})
		}
	}
	if len(where.Options) == 1 {
		where.Value = where.Options[0].Value
	}
	fields := []formField{where,
		{Name: "units", Label: fault.T("抽哪一类单位"), Kind: "select", Required: true, Value: "key",
			Options: []option{{Value: "key", Name: say(v, fault.T("重点管理单位"))}, {Value: "ordinary", Name: say(v, fault.T("其他单位"))}}},
		{Name: "count", Label: fault.T("抽取的单位数，1 至 500；人员与单位一般约为 1 : 5"), Kind: "text", Required: true}}
	officers, err := p.officers(v, scope)
	if err != nil {
		return nil, err
	}
	for n := range recusalsAsked {
		at := strconv.Itoa(n + 1)
		fields = append(fields, formField{Name: "officer" + at, Label: fault.T("回避 {{.N}}：人员", "N", n+1), Kind: "select", Options: officers},
			formField{Name: "firm" + at, Label: fault.T("回避 {{.N}}：企业的统一社会信用代码", "N", n+1), Kind: "text"}, formField{Name: "why" + at, Label: fault.T("回避 {{.N}}：原因", "N", n+1), Kind: "text"})
	}
	return fields, nil
}

// recusalsAsked is how many recusals the form has room for; the API takes 200.
const recusalsAsked = 3

// officers are the inspectors of the areas in which the visitor publishes lists.
func (p *Pages) officers(v *visit, scope policies.Scope) (all []option, err error) {
	var ids []models.ID
	areas := scope.Jurisdictions
	if scope.City {
		areas = []string{""}
	}
	for _, area := range areas {
		found, err := p.options.Accounts.Inspectors(v.ctx, area, p.options.Today())
		if err != nil {
			return nil, err
		}
		for _, a := range found {
			if id := models.ID(a.User); !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	names, err := p.options.Accounts.Names(v.ctx, ids)
	for _, id := range ids {
		all = append(all, option{Value: string(id), Name: names[id]})
	}
	return all, err
}

// recusalsSent are the recusals of the form; a line that says nothing is none.
func (p *Pages) recusalsSent(v *visit) ([]inspection.Recusal, error) {
	var c fault.Check
	var all []inspection.Recusal
	for n := range recusalsAsked {
		at := strconv.Itoa(n + 1)
		officer, firm, why := v.field("officer"+at), v.field("firm"+at), v.field("why"+at)
		if officer+firm+why == "" {
			continue
		}
		c.Required("/officer"+at, officer)
		why = fault.Must(&c, "/why"+at, why, code.ParseReason)
		id, err := p.options.Registry.FirmByCode(v.ctx, &c, "/firm"+at, firm)
		if err != nil {
			return nil, err
		}
		all = append(all, inspection.Recusal{OfficerID: models.ID(officer), EnterpriseID: id, Reason: why})
	}
	return all, c.Err()
}

// publishDraw publishes the lists of a draw and shows it; what was refused is told in
// the form.
func (p *Pages) publishDraw(v *visit) error {
	count, _ := strconv.Atoi(v.field("count")) // what is no number is refused as 0 is
	recusals, err := p.recusalsSent(v)
	var d inspection.Draw
	if err == nil {
		d, err = p.options.Inspection.PublishDraw(v.ctx, "", inspection.DrawInput{Jurisdiction: v.field("jurisdiction"), Units: v.field("units"), Count: count, Recusals: recusals})
	}
	if err == nil {
		v.to("/draw/" + string(d.ID))
		return nil
	}
	f := p.options.Explain(v.ctx, err)
	if f.Status >= http.StatusInternalServerError || f.Status == http.StatusNotFound {
		return err
	}
	page, err := p.drawsOf(v)
	if err != nil {
		return err
	}
	page.Failure, page.Shell.Failed = f, true
	p.refused(v, page.Forms, "publishing", nil, f)
	return p.show(v, f.Status, "draws.html", page)
}

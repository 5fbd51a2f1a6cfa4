package web

import (
	"net/http"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/grade"
	"parkregistry/policies"
)

// gradesPage is what templates/grades.html shows: capability cards and quarterly credit
// of firms (企业评级).
type gradesPage struct {
	Shell shell
	Head  listHead
	Lines []cardLine
}

// cardLine is one grade of an enterprise.
type cardLine struct {
	grade.Grade
	Firm              string
	Kind, Level, Name fault.Text
	Mark              band
	Total             string // of credit, "" for none
	Last              string // day of the rectification, "" for none
	Late              bool
}

func (p *Pages) cardLineOf(g grade.Grade, firm string) cardLine {
	level := g.LevelName()
	l := cardLine{Grade: g, Firm: firm, Kind: fault.T("排污能力"), Level: fault.Text{Key: level.Name, English: level.NameEn}, Name: g.State.Name(), Mark: halfway,
		Last: string(models.Deref(g.DueOn)), Late: g.Overdue(p.options.Today())}
	if g.Kind == grade.Credit {
		l.Kind = fault.T("环境信用 {{.Period}}", "Period", g.Period)
	}
	if g.Score != nil {
		l.Total = code.Decimal(*g.Score)
	}
	switch {
	case g.Level == "":
		l.Mark = noScore
	case g.Level == "green" || g.State == grade.Decided && (g.Level == "trustworthy" || g.Level == "good"):
		l.Mark = onTarget
	case g.Level == "red" || g.State == grade.Decided && g.Level == "poor" || l.Late:
		l.Mark = behind
	}
	return l
}

func gradeKinds() (all []string) {
	for _, k := range grade.Kinds() {
		all = append(all, string(k))
	}
	return all
}

func levelIDs() (all []string) {
	for _, l := range grade.Levels() {
		all = append(all, l.ID)
	}
	return all
}

func (p *Pages) grades(v *visit) error {
	var states []option
	for _, s := range grade.States() {
		states = append(states, option{Value: string(s), Name: say(v, s.Name())})
	}
	h, _, err := p.filtersOf(v, states)
	if err != nil {
		return err
	}
	h.Undated, h.Parks = true, nil // a grade is of a firm as a whole
	q := v.c.Query
	kinds, levels := choice{Name: "grade", Label: fault.T("评级种类")}, choice{Name: "level", Label: fault.T("等级")}
	for _, k := range grade.Kinds() {
		kinds.Options = append(kinds.Options, option{string(k), say(v, k.Name()), string(k) == q("grade")})
	}
	for _, l := range grade.Levels() {
		levels.Options = append(levels.Options, option{l.ID, wordsOf(v, l.Name, l.NameEn), l.ID == q("level")})
	}
	h.Lists = []choice{kinds, levels}
	f := grade.Filter{EnterpriseID: q("enterpriseId"), Kind: grade.Kind(q("grade")), State: grade.State(q("state")), Level: q("level"), Overdue: h.Overdue}
	found, err := p.options.Grades.List(v.ctx, f, h.page("-day"))
	if err != nil {
		return err
	}
	turn(&h, found)
	h.jumps()
	firms, err := firmsOf(p, v, found.Items, func(g grade.Grade) *models.ID { return &g.EnterpriseID })
	if err != nil {
		return err
	}
	if h.exports(v, "grades", q("state")); h.Export != nil && q("grade") != "" {
		h.Export.Fields = append(h.Export.Fields, option{Name: "kind", Value: q("grade")}) // as the API calls it
	}
	page := gradesPage{Shell: p.listed(v, fault.T("企业评级")), Head: h}
	for _, g := range found.Items {
		page.Lines = append(page.Lines, p.cardLineOf(g, firms[g.EnterpriseID]))
	}
	return p.show(v, http.StatusOK, "grades.html", page)
}

// gradePage is what templates/grade.html shows: one grade, what the visitor may do with
// it, what happened to it and the grades of the firm over time.
type gradePage struct {
	Shell   shell
	Line    cardLine
	Rule    grade.Rule
	Means   string // what follows from the level
	Title   fault.Text
	Earlier []cardLine
	Forms   []moveForm
	Steps   []stepLine
	Failure Failure
	Kept    []saidLine
	Done    fault.Text
	newest  grade.Move
}

func (p *Pages) grade(v *visit) error {
	page, err := p.gradeOf(v)
	if err != nil {
		return err
	}
	if m := grade.Move(v.c.Query("done")); m != "" && m == page.newest {
		page.Done = gradeMoveName(m)
	}
	return p.show(v, http.StatusOK, "grade.html", page)
}

func (p *Pages) gradeOf(v *visit) (gradePage, error) {
	var page gradePage
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return page, fault.Absent()
	}
	g, err := p.options.Grades.Get(v.ctx, id)
	if err != nil {
		return page, err
	}
	names, err := firmsOf(p, v, []grade.Grade{g}, func(g grade.Grade) *models.ID { return &g.EnterpriseID })
	if err != nil {
		return page, err
	}
	page.Line = p.cardLineOf(g, names[g.EnterpriseID])
	page.Title = fault.T("{{.Firm}}：{{.Kind}}", "Firm", page.Line.Firm, "Kind", page.Line.Kind)
	page.Shell = p.shell(v, page.Title)
	for _, r := range grade.Rules() {
		if r.Kind == g.Kind && r.Version == g.Rule {
			page.Rule = r
		}
	}
	page.Means = g.LevelName().Means
	moves, err := p.options.Grades.Allowed(v.ctx, g)
	if err != nil {
		return page, err
	}
	for _, m := range moves {
		form := newMove(v, "/grade/"+string(id), string(m), gradeMoveName(m), gradeFields(v, m, page.Rule))
		form.Hidden = versionOf(g.Version)
		page.Forms = append(page.Forms, form)
	}
	all, err := p.options.Grades.List(v.ctx, grade.Filter{EnterpriseID: string(g.EnterpriseID), Kind: g.Kind}, models.Query{Limit: mostOfFirm})
	if err != nil {
		return page, err
	}
	for _, other := range all.Items {
		page.Earlier = append(page.Earlier, p.cardLineOf(other, page.Line.Firm))
	}
	return page, p.gradeSteps(v, id, &page)
}

func (p *Pages) gradeSteps(v *visit, id models.ID, page *gradePage) error {
	steps, err := p.options.Grades.Steps(v.ctx, id)
	if err != nil {
		return err
	}
	for i, s := range slices.Backward(steps) {
		if i == len(steps)-1 {
			page.newest = s.Kind
		}
		l := stepLine{Name: gradeMoveName(s.Kind), At: moment(s.At), By: bodyOf(string(s.ActorOrg)), Reason: s.Reason, DueOn: string(models.Deref(s.DueOn)),
			Said: []saidLine{{Label: fault.T("日期"), Value: string(s.Day)}}}
		for _, known := range grade.Levels() {
			if known.ID == s.Level {
				l.Said = append(l.Said, saidLine{Label: fault.T("等级"), Value: wordsOf(v, known.Name, known.NameEn)})
			}
		}
		if s.Score != nil {
			l.Said = append(l.Said, saidLine{Label: fault.T("得分"), Value: code.Decimal(*s.Score)})
		}
		if s.Document != "" {
			l.Said = append(l.Said, saidLine{Label: fault.T("文号"), Value: s.Document})
		}
		page.Steps = append(page.Steps, l)
	}
	return nil
}

// gradeMoveName is the move as people call it.
func gradeMoveName(m grade.Move) fault.Text {
	switch m {
	case grade.MoveOpening:
		return fault.T("核查或者初评")
	case grade.MoveRating:
		return fault.Text{Key: "评级", English: "Give a card"}
	case grade.MoveOrder:
		return fault.T("责令限期整改")
	case grade.MoveReassessment:
		return fault.T("整改后复查")
	case grade.MoveNotification:
		return fault.T("告知企业")
	case grade.MoveObjection:
		return fault.T("提出异议")
	case grade.MoveDecision:
		return fault.Text{Key: "评定", English: "Decide"}
	}
	return fault.T("申请信用修复")
}

// gradeFields are what a move asks for.
func gradeFields(v *visit, m grade.Move, rule grade.Rule) []formField {
	on := formField{Name: "on", Label: fault.T("日期，不填为今天"), Kind: "date"}
	document := formField{Name: "document", Label: fault.T("文号"), Kind: "text"}
	reason := formField{Name: "reason", Label: fault.T("依据或者理由，至少 5 个字"), Kind: "area", Required: m != grade.MoveNotification}
	switch m {
	case grade.MoveRating:
		level := formField{Name: "level", Label: fault.T("等级"), Kind: "select", Required: true}
		for _, l := range rule.Grades {
			level.Options = append(level.Options, option{Value: l.ID, Name: wordsOf(v, l.Name, l.NameEn)})
		}
		return []formField{level, on, document, reason}
	case grade.MoveOrder:
		return []formField{{Name: "dueOn", Label: fault.T("整改期限"), Kind: "date", Required: true}, on, document, reason}
	case grade.MoveDecision:
		return []formField{{Name: "score", Label: fault.T("复核后的得分，不变则不填"), Kind: "text"}, on, document, reason}
	}
	return []formField{on, document, reason}
}

// moveGrade makes the move of the address and shows the grade again; what was refused is
// told in the form, with everything as it was entered.
func (p *Pages) moveGrade(v *visit) error {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return fault.Absent()
	}
	m := grade.Move(v.c.Param("move"))
	if !slices.Contains(grade.Moves(), m) {
		return fault.Absent()
	}
	version, err := v.version()
	if err != nil {
		return err
	}
	f := v.field
	if _, err = p.options.Grades.Move(v.ctx, m, id, version, grade.MoveInput{On: f("on"), Level: f("level"), DueOn: f("dueOn"), Score: f("score"), Document: f("document"), Reason: f("reason")}); err == nil {
		v.to("/grade/" + string(id) + "?done=" + string(m))
		return nil
	}
	told, here := p.told(v, err)
	if !here {
		return err
	}
	page, err := p.gradeOf(v)
	if err != nil {
		return err
	}
	page.Failure, page.Shell.Failed = told, true
	page.Kept = p.refused(v, page.Forms, string(m), gradeFields(v, m, page.Rule), told)
	return p.show(v, told.Status, "grade.html", page)
}

// gradingForms are the forms that begin a grading of a firm.
func gradingForms(v *visit, id models.ID) (forms []moveForm) {
	document := formField{Name: "document", Label: fault.T("文号"), Kind: "text"}
	reason := formField{Name: "reason", Label: fault.T("依据或者理由，至少 5 个字"), Kind: "area", Required: true}
	on := formField{Name: "on", Label: fault.T("日期，不填为今天"), Kind: "date"}
	add := func(perm policies.Permission, kind grade.Kind, name fault.Text, fields ...formField) {
		if v.may(perm) {
			forms = append(forms, newMove(v, "/firm/"+string(id), string(kind), name, append(fields, on, document, reason)))
		}
	}
	add(policies.GradeRate, grade.Capability, fault.T("登记排污能力核查"))
	add(policies.GradeEvaluate, grade.Credit, fault.T("登记季度信用初评"),
		formField{Name: "period", Label: fault.T("季度，例 2026Q3"), Kind: "text", Required: true}, formField{Name: "score", Label: fault.T("得分，0 至 100"), Kind: "text", Required: true})
	return forms
}

// openGrade begins a grading of a firm and shows it.
func (p *Pages) openGrade(v *visit, firm models.ID, kind grade.Kind) (string, error) {
	f := v.field
	g, err := p.options.Grades.Open(v.ctx, firm, "", grade.OpenInput{Kind: kind, On: f("on"), Period: f("period"), Score: f("score"), Document: f("document"), Reason: f("reason")})
	return "/grade/" + string(g.ID), err
}

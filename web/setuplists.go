package web

import (
	"bytes"
	"cmp"
	"net/url"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models/assessment"
	"parkregistry/models/exchange"
	"parkregistry/models/grade"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/sheets"
)

// setupVersion is one version of the definition of a class, with what it changed.
type setupVersion struct {
	Version int
	Newest  bool
	Fields  int
	Changes []setupChange
	Rules   bool // those between fields
}

// setupChange is what a version did to one field.
type setupChange struct {
	Name  fault.Text
	Label string
	Path  string
	Said  []string // what differs, from what to what
}

// versionsOf are the versions of a class, newest first, each beside the one before it.
func versionsOf(v *visit, all []ledger.Class) (out []setupVersion) {
	for i, c := range all {
		line := setupVersion{Version: c.Version, Newest: i == 0, Fields: len(c.Fields)}
		if i+1 < len(all) {
			line.Rules = c.RulesSince(all[i+1])
			for _, change := range c.ChangesSince(all[i+1]) {
				line.Changes = append(line.Changes, changeOf(v, change))
			}
		}
		out = append(out, line)
	}
	return out
}

func changeOf(v *visit, c ledger.FieldChange) setupChange {
	switch {
	case c.Before == nil:
		return setupChange{Name: fault.T("新增"), Label: labelOf(v.lang, *c.After), Path: c.Path}
	case c.After == nil:
		return setupChange{Name: fault.T("删去"), Label: labelOf(v.lang, *c.Before), Path: c.Path}
	}
	out := setupChange{Name: fault.T("改动"), Label: labelOf(v.lang, *c.After), Path: c.Path}
	need := map[bool]fault.Text{true: fault.T("必填"), false: fault.T("选填")}
	out.reads(v, fault.T("名称"), fault.Label{Zh: c.Before.LabelZh, En: c.Before.LabelEn}, fault.Label{Zh: c.After.LabelZh, En: c.After.LabelEn})
	out.differ(v, fault.T("类型"), c.Before.Type, c.After.Type)
	out.differ(v, fault.T("单位"), unitOf(v.lang, c.Before.Unit), unitOf(v.lang, c.After.Unit))
	out.differ(v, fault.T("范围"), rangeOf(v, *c.Before), rangeOf(v, *c.After))
	out.differ(v, fault.T("必填"), say(v, need[c.Before.Required]), say(v, need[c.After.Required]))
	return out
}

// differ notes what was and what is, unless it is the same.
func (c *setupChange) differ(v *visit, what fault.Text, then, now string) {
	if then != now {
		c.Said = append(c.Said, say(v, what)+say(v, fault.T("："))+cmp.Or(then, "--")+" → "+cmp.Or(now, "--"))
	}
}

// reads notes it of what is said in two languages: in the visitor's, or in Chinese when only
// that differs.
func (c *setupChange) reads(v *visit, what fault.Text, then, now fault.Label) {
	before, after := wordsOf(v, then.Zh, then.En), wordsOf(v, now.Zh, now.En)
	if before == after {
		before, after = then.Zh, now.Zh
	}
	c.differ(v, what, before, after)
}

// setupList is one version of the checklist of assessments.
type setupList struct {
	assessment.Checklist
	Name  string
	Path  string
	File  string      // address of the file that it is
	Areas []setupArea // of the one that is picked
	Veto  []listItem
	Marks string // what makes each level
}

// setupArea is one of the six areas of a checklist with its items.
type setupArea struct {
	Name  fault.Text
	Sum   string
	Items []listItem
}

type listItem struct{ ID, Name, Points, Full, Source string }

// gradeRule is one version of a scale of grades.
type gradeRule struct {
	grade.Rule
	Name  string
	Over  string // from when to when
	Marks []string
}

// roundRule is one rule of how often a park walks to what.
type roundRule struct{ ID, Text, Source string }

// setupLists are the definitions beside the classes: checklists, scales of grades, rounds
// and the lists of the register that have a template.
func (p *Pages) setupLists(v *visit, page *setupPage) error {
	lists, err := p.options.Assessments.Checklists(v.ctx)
	if err != nil {
		return err
	}
	asked := v.c.Query("checklist")
	for _, c := range lists {
		l := setupList{Checklist: c, Name: wordsOf(v, c.Title, c.TitleEn), Path: "/c/setup?checklist=" + url.QueryEscape(c.Version), File: "/c/setup/file?checklist=" + url.QueryEscape(c.Version)}
		if c.Version == asked {
			l.items(v)
			page.List = &l
		}
		page.Lists = append(page.Lists, l)
	}
	if asked != "" && page.List == nil {
		return strange("checklist", asked)
	}
	for _, code := range exchange.ListCodes() {
		c, _ := exchange.ClassOf(code)
		page.Sheets = append(page.Sheets, option{Value: c.Code, Name: nameOf(v.lang, c.TitleZh, c.TitleEn)})
	}
	for _, r := range grade.Rules() {
		line := gradeRule{Rule: r, Name: wordsOf(v, r.Title, r.TitleEn), Over: say(v, fault.T("自 {{.Day}} 起", "Day", r.ValidFrom))}
		if r.ValidTo != "" {
			line.Over = say(v, fault.T("{{.From}} 至 {{.To}}", "From", r.ValidFrom, "To", r.ValidTo))
		}
		for _, level := range r.Grades {
			mark := wordsOf(v, level.Name, level.NameEn)
			if level.From != "" {
				mark = say(v, fault.T("{{.Name}} {{.From}} 分起", "Name", mark, "From", level.From))
			}
			if level.Means != "" {
				mark += say(v, fault.T("：")) + level.Means
			}
			line.Marks = append(line.Marks, mark)
		}
		page.Grades = append(page.Grades, line)
	}
	for _, version := range inspection.AllRoundRules() {
		for _, r := range version.Rules {
			page.Rounds = append(page.Rounds, roundRule{version.Version + " " + r.ID, wordsOf(v, r.Text, r.TextEn), sourceOf(v, r.Source)})
		}
	}
	return nil
}

// items are what the checklist asks and what each is worth, area by area.
func (l *setupList) items(v *visit) {
	for _, d := range assessment.Dimensions() {
		area := setupArea{Name: d.Name, Sum: l.Weight(d.Number)}
		for _, i := range l.Checklist.Items {
			if i.Dimension == d.Number {
				area.Items = append(area.Items, listItem{i.ID, wordsOf(v, i.Name, i.NameEn), i.ItemInput.Points, wordsOf(v, i.Full, i.FullEn), sourceOf(v, i.Source)})
			}
		}
		l.Areas = append(l.Areas, area)
	}
	for _, i := range l.VetoItems {
		l.Veto = append(l.Veto, listItem{ID: i.ID, Name: wordsOf(v, i.Name, i.NameEn), Source: sourceOf(v, i.Source)})
	}
	var marks []string
	for _, level := range l.Levels {
		marks = append(marks, say(v, fault.T("{{.Name}} {{.From}} 分起", "Name", wordsOf(v, level.Name, level.NameEn), "From", level.From)))
	}
	l.Marks = strings.Join(marks, say(v, fault.T("，")))
}

// setupTemplate sends the empty template of a class or of a list of the register, without
// the firms and works of any park: how a table has to look.
func (p *Pages) setupTemplate(v *visit) error {
	class, known := p.options.Imports.Class(v.c.Param("class"))
	if !known || class.View != "" {
		return fault.Absent()
	}
	var b bytes.Buffer
	if err := sheets.LedgerTemplate(&b, class, sheets.Objects{}, v.lang); err != nil {
		return err
	}
	v.sendWorkbook(sheets.TemplateName(class, v.lang), b.Bytes())
	return nil
}

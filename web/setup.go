package web

import (
	"net/http"
	"strconv"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/ledger/screen"
	"parkregistry/policies"
)

// setupPage is what templates/setup.html shows: what is asked and by which rules it is
// judged, each by version and source (指标与表单). All of it is data that comes with the
// program, but for the checklists of assessments that the bureau loads.
type setupPage struct {
	Shell   shell
	Groups  []setupGroup
	Class   *setupClass // the one that the address picks
	List    *setupList  // or the checklist
	Lists   []setupList
	Sheets  []option // lists of the register that have a template, by code
	Grades  []gradeRule
	Locks   bool // the visitor may read the locked periods
	Load    bool // may bring another checklist
	Patrols []inspection.Checklist
	Rounds  []roundRule
	Odd     []oddLine
	Screen  int // version of the rules
}

type setupGroup struct {
	Name    string
	Classes []setupClass
}

// setupClass is one class of the ledger.
type setupClass struct {
	ledger.Class
	Title     string
	Frequency string
	Path      string
	Entries   string         // what was recorded in it
	From      string         // its source, in the visitor's language
	Template  string         // address of its empty template, "" where nothing is filed
	Versions  []setupVersion // of the one that is picked, newest first
	Rows      []setupField
}

// setupField is one field of a class; those of a list stand below it.
type setupField struct {
	Label, Name, Type, Unit, Range, Source, From string
	Required, Inner                              bool
}

type oddLine struct{ ID, Title, Basis string }

func (p *Pages) setup(v *visit) error {
	picked := v.c.Query("class")
	page := setupPage{Shell: p.shell(v, fault.T("指标与表单")), Patrols: inspection.Checklists()}
	page.Locks, page.Load = v.may(policies.PeriodRead), v.may(policies.AssessmentLoad)
	if err := p.setupLists(v, &page); err != nil {
		return err
	}
	for _, c := range p.options.Ledger.Catalogue().Classes() {
		l := setupClass{Class: c, Title: nameOf(v.lang, c.TitleZh, c.TitleEn), Frequency: nameOf(v.lang, c.FrequencyZh, c.FrequencyEn), Path: "/c/setup?class=" + c.Code, Entries: "/c/ledger?class=" + c.Code, From: sourceOf(v, c.Source)}
		if c.View == "" {
			l.Template = "/c/setup/template/" + c.Code
		}
		if c.Code == picked {
			l.fields(v, c.Fields, false)
			l.Versions = versionsOf(v, p.options.Ledger.Catalogue().Versions(c.Code))
			page.Class = &l
		}
		if name := nameOf(v.lang, c.GroupZh, c.GroupEn); len(page.Groups) == 0 || page.Groups[len(page.Groups)-1].Name != name {
			page.Groups = append(page.Groups, setupGroup{Name: name})
		}
		g := &page.Groups[len(page.Groups)-1]
		g.Classes = append(g.Classes, l)
	}
	if picked != "" && page.Class == nil {
		return strange("class", picked)
	}
	page.odd(v, ledger.OddRules())
	return p.show(v, http.StatusOK, "setup.html", page)
}

func (l *setupClass) fields(v *visit, all []ledger.Field, inner bool) {
	for _, f := range all {
		r := setupField{Label: labelOf(v.lang, f), Name: f.Name, Type: f.Type, Unit: unitOf(v.lang, f.Unit), Source: f.Source, From: sourceOf(v, f.Source), Required: f.Required, Inner: inner, Range: rangeOf(v, f)}
		l.Rows = append(l.Rows, r)
		l.fields(v, f.Fields, true)
	}
}

// rangeOf is what is possible in a field, in words.
func rangeOf(v *visit, f ledger.Field) string {
	var said []string
	switch {
	case f.Minimum != "" && f.Maximum != "":
		said = append(said, say(v, fault.T("{{.Min}} 至 {{.Max}}", "Min", f.Minimum, "Max", f.Maximum)))
	case f.Minimum != "":
		said = append(said, say(v, fault.T("不小于 {{.Min}}", "Min", f.Minimum)))
	case f.Maximum != "":
		said = append(said, say(v, fault.T("不大于 {{.Max}}", "Max", f.Maximum)))
	}
	if f.Decimals > 0 {
		said = append(said, say(v, fault.T("至多 {{.Digits}} 位小数", "Digits", f.Decimals)))
	}
	if f.MaxLength > 0 {
		said = append(said, say(v, fault.T("至多 {{.Count}} 字", "Count", strconv.Itoa(f.MaxLength))))
	}
	if len(f.Enum) > 0 {
		said = append(said, say(v, fault.T("{{.Count}} 个选项", "Count", strconv.Itoa(len(f.Enum)))))
	}
	return strings.Join(said, say(v, fault.T("，")))
}

func (page *setupPage) odd(v *visit, rules screen.Rules) {
	page.Screen = rules.Version
	for _, r := range rules.All {
		page.Odd = append(page.Odd, oddLine{r.ID, wordsOf(v, r.TitleZh, r.TitleEn), wordsOf(v, r.BasisZh, r.BasisEn)})
	}
}

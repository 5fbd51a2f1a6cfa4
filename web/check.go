package web

import (
	"net/http"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

// checkPage is what templates/check.html shows: a draft as its filing would find it.
type checkPage struct {
	Shell    shell
	Record   ledger.Record
	Class    string
	About    subject
	Lines    []checkLine
	Missing  []summaryLine
	Warnings []summaryLine
	Verdicts []verdict
	Locked   string
	Receiver fault.Text
	Failure  Failure
	Declared string // what was said beside the declaration
	Reason   string // why it comes late, as it was entered
}

// checkLine is one thing that the draft says, with the way to change it.
type checkLine struct {
	said
	At string
}

func (p *Pages) checkEntry(v *visit) error {
	page, err := p.checkOf(v)
	if err != nil {
		if f := p.options.Explain(v.ctx, err); f.Status == http.StatusConflict { // it is filed already
			v.to("/ledger/" + v.c.Param("id"))
			return nil
		}
		return err
	}
	return p.show(v, http.StatusOK, "check.html", page)
}

func (p *Pages) checkOf(v *visit) (checkPage, error) {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return checkPage{}, fault.Absent()
	}
	k, err := p.options.Ledger.Check(v.ctx, id)
	if err != nil {
		return checkPage{}, err
	}
	f, err := p.fillingOf(v, k.Record)
	if err != nil {
		return checkPage{}, err
	}
	page := checkPage{Shell: p.shell(v, fault.T("核对并报送")), Record: k.Record, Class: nameOf(v.lang, k.TitleZh, k.TitleEn), About: f.about}
	page.Shell.Style = p.formStyle
	line := func(x fault.Violation) summaryLine {
		pointer, in := strings.CutPrefix(x.Pointer, "/payload")
		l := summaryLine{"/ledger/" + string(k.ID) + "/edit", say(v, x.Detail)}
		if !in {
			return l
		}
		l.At += "#" + idOf(pointer)
		if label := labelAt(v.lang, f.class.Fields, pointer); label != "" {
			l.Text = label + say(v, fault.T("：")) + l.Text
		}
		return l
	}
	for _, m := range k.Missing {
		page.Missing = append(page.Missing, line(m))
	}
	for _, w := range k.Warnings {
		switch {
		case w.Code == "locked":
			page.Locked = say(v, w.Detail)
		case w.Code != "exceeded": // said with the judgements
			page.Warnings = append(page.Warnings, line(w))
		}
	}
	for _, j := range k.Judgements {
		page.Verdicts = append(page.Verdicts, verdictOf(j))
	}
	if page.Lines, err = linesOf(v, f); err != nil {
		return page, err
	}
	page.Receiver, err = p.options.Ledger.Receiver(v.ctx, k.Entry)
	return page, err
}

// linesOf is what the draft says, field by field.
func linesOf(v *visit, f filling) ([]checkLine, error) {
	content, err := contentOf(v.lang, f.class, string(f.record.Payload))
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, x := range f.class.Fields {
		names[labelOf(v.lang, x)] = "/" + x.Name
	}
	var all []checkLine
	for _, line := range content {
		for _, s := range line {
			all = append(all, checkLine{s, "/ledger/" + string(f.record.ID) + "/edit#" + idOf(names[s.Label])})
		}
	}
	return all, nil
}

// fileEntry files the draft that was checked, and no other version of it.
func (p *Pages) fileEntry(v *visit) error {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return fault.Absent()
	}
	version, err := v.version()
	if err != nil {
		return err
	}
	var undeclared fault.Check
	if v.field("declared") != "yes" {
		undeclared.Fail("/declared", "required", "报送前确认内容真实、完整")
	}
	reason := strings.TrimSpace(v.field("reason"))
	if reason == "" {
		late, err := p.filedLate(v)
		if err != nil {
			return err
		}
		if late {
			undeclared.Fail("/reason", "required", "已经过了按时报送的时间，写明原因，至少 5 个字")
		}
	}
	if err = undeclared.Err(); err == nil {
		_, err = p.options.Ledger.FileWith(v.ctx, id, version, ledger.FilingInput{Reason: reason})
	}
	if err == nil {
		v.to("/ledger/" + string(id) + "/done")
		return nil
	}
	f := p.options.Explain(v.ctx, err)
	if f.Status >= http.StatusInternalServerError || f.Status == http.StatusNotFound {
		return err
	}
	page, gone := p.checkOf(v)
	if gone != nil { // somebody else has filed it meanwhile, which the entry itself tells
		return err
	}
	page.Failure, page.Shell.Failed, page.Reason, page.Declared = f, true, v.field("reason"), v.field("declared")
	return p.show(v, f.Status, "check.html", page)
}

// filedLate reports whether the entry of the address would be filed late now.
func (p *Pages) filedLate(v *visit) (bool, error) {
	r, err := p.recordAsked(v)
	if err != nil {
		return false, err
	}
	f, err := p.fillingOf(v, r)
	return f.about.Late.Key != "", err
}

// donePage is what templates/done.html shows: that the entry is filed, and what is next.
type donePage struct {
	Shell  shell
	Record ledger.Record
	Class  string
	About  subject
	At     string
	Next   []dueLine
}

func (p *Pages) doneEntry(v *visit) error {
	r, err := p.recordAsked(v)
	if err != nil {
		return err
	}
	if r.State != ledger.Filed {
		v.to("/ledger/" + string(r.ID))
		return nil
	}
	f, err := p.fillingOf(v, r)
	if err != nil {
		return err
	}
	page := donePage{Shell: p.shell(v, fault.T("已报送")), Record: r, Class: nameOf(v.lang, r.TitleZh, r.TitleEn), About: f.about, At: momentOr(r.FiledAt)}
	page.Shell.Style = p.formStyle
	today, err := p.options.Obligations.Today(v.ctx, string(r.ParkID))
	if err != nil {
		return err
	}
	names := map[string]string{string(r.ParkID): f.about.ParkName}
	page.Next, err = p.dueLines(v, today.Tasks[:min(len(today.Tasks), 5)], today.AsOf, names)
	if err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "done.html", page)
}

package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

// chosenPage is what templates/chosen.html shows: the entries that were ticked in a list,
// to be given back with one reason, and what became of each.
type chosenPage struct {
	Shell  shell
	Lines  []chosenLine
	Fields []formField // the reason
	Told   bool        // the answers of the rows are those of the writes
	Back   int         // were given back
	Can    int         // may be
	List   string      // where they were ticked, as far as is known
	// For the error summary that the forms share.
	Failure Failure
	Forms   []moveForm
	Kept    []saidLine
}

// chosenLine is one ticked entry.
type chosenLine struct {
	entryLine
	Can  bool   // may be given back
	Done bool   // was
	Why  string // it may not, or was not
}

// picked are the numbers of the entries that were ticked.
func (v *visit) picked() ([]string, error) {
	ticked := slices.DeleteFunc(slices.Clone(v.c.Request.PostForm["number"]), func(s string) bool { return s == "" })
	if len(ticked) == 0 {
		return nil, fault.New(fault.Invalid, "还没有勾选记录，返回清单勾选以后再办理")
	}
	return ledger.ParseNumbers(strings.Join(ticked, ","))
}

// chosen are the ticked entries that the visitor may see, as a list has them, and the
// numbers of those that are not among them.
func (p *Pages) chosen(v *visit) (lines []entryLine, missing []string, err error) {
	numbers, err := v.picked()
	if err != nil {
		return nil, nil, err
	}
	found, err := p.options.Ledger.List(v.ctx, ledger.Filter{Numbers: numbers}, models.Query{Limit: ledger.MostNumbers, Sort: "-day"})
	if err != nil {
		return nil, nil, err
	}
	names := map[string]string{}
	if v.may(policies.ParkRead) {
		if names, err = p.parkNames(v); err != nil {
			return nil, nil, err
		}
	}
	lines, err = p.entryLines(v, found.Items, names, func(park, firm string) (string, string) { return park, firm })
	missing = slices.DeleteFunc(numbers, func(n string) bool {
		return slices.ContainsFunc(lines, func(l entryLine) bool { return l.Number == n })
	})
	return lines, missing, err
}

// returnChosen shows the ticked entries with a form for one reason, and gives them back
// when it is sent. Each is a decision of its own: what was refused keeps no other back.
func (p *Pages) returnChosen(v *visit) error {
	lines, missing, err := p.chosen(v)
	if err != nil {
		return err
	}
	page := chosenPage{Fields: []formField{{ID: "reason", Name: "reason", Label: fault.T("退回原因，至少 5 个字，对勾选的每一条都一样"), Kind: "area", Required: true, Value: v.field("reason")}}}
	status := http.StatusOK
	in := ledger.ReasonInput{Reason: v.field("reason")}
	if page.Told = v.field("do") == "return" && !v.strange; page.Told {
		if _, err := in.Parse(); err != nil {
			page.Told, page.Failure, status = false, p.options.Explain(v.ctx, err), http.StatusUnprocessableEntity
			page.Fields[0].Failure = page.Failure.of("/reason")
		}
	}
	for _, l := range lines {
		line := chosenLine{entryLine: l}
		if page.Told {
			err = p.returnOne(v, &line, in)
		} else {
			err = p.options.Ledger.Returnable(v.ctx, l.Entry)
			line.Can = err == nil
		}
		if err != nil {
			line.Why = p.options.Explain(v.ctx, err).Detail
		}
		page.add(line)
	}
	for _, number := range missing {
		page.add(chosenLine{entryLine: entryLine{Record: ledger.Record{Entry: ledger.Entry{Number: number}}}, Why: p.options.Explain(v.ctx, fault.Absent()).Detail})
	}
	if page.Told && page.Back == 0 {
		status = http.StatusConflict
	}
	page.Shell = p.shell(v, fault.T("退回更正"))
	page.Shell.Failed = status != http.StatusOK
	page.List = string(page.Shell.Tier) + "/ledger"
	page.Forms = []moveForm{{Fields: page.Fields}}
	return p.show(v, status, "chosen.html", page)
}

func (page *chosenPage) add(l chosenLine) {
	page.Lines = append(page.Lines, l)
	if l.Can {
		page.Can++
	}
	if l.Done {
		page.Back++
	}
}

// returnOne gives one entry back as it stood when the form was made.
func (p *Pages) returnOne(v *visit, l *chosenLine, in ledger.ReasonInput) error {
	version, err := strconv.ParseInt(v.field("version-"+l.Number), 10, 64)
	if err != nil {
		return fault.New(fault.Malformed, "表单没有完整送到，返回重新提交")
	}
	r, err := p.options.Ledger.Return(v.ctx, l.ID, version, in)
	if err == nil {
		l.Done, l.Name, l.Mark = true, r.State.Word(), entryBand(r.State)
	}
	return err
}

// printPage is what templates/print.html shows: entries with what they say, on paper.
type printPage struct {
	Shell shell
	Lines []printLine
	By    string
	At    string
	List  string
}

type printLine struct {
	entryLine
	About   string // the day in words
	Content [][]said
}

// printChosen shows the ticked entries with what they say, for paper.
func (p *Pages) printChosen(v *visit) error {
	lines, _, err := p.chosen(v)
	if err != nil {
		return err
	}
	var rows []ledger.Record
	for _, l := range lines {
		rows = append(rows, l.Record)
	}
	say, err := p.options.Ledger.Contents(v.ctx, rows)
	if err != nil {
		return err
	}
	page := printPage{Shell: p.shell(v, fault.T("台账记录")), By: v.who.User.DisplayName, At: moment(p.options.Now())}
	page.Shell.Style = p.reportStyle
	page.List = string(page.Shell.Tier) + "/ledger"
	for _, l := range lines {
		line := printLine{entryLine: l, About: dayOf(v.lang, l.Day)}
		if class, known := p.options.Ledger.Catalogue().At(l.Record.Class, l.ClassVersion); known && len(say[l.ID]) > 0 {
			if line.Content, err = contentOf(v.lang, class, string(say[l.ID])); err != nil {
				return err
			}
		}
		page.Lines = append(page.Lines, line)
	}
	return p.show(v, http.StatusOK, "print.html", page)
}

package web

import (
	"net/http"
	"slices"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

// entryPage is what templates/entry.html shows: one ledger entry, what was found of it,
// what happened to it, and what the visitor may do now.
type entryPage struct {
	Shell      shell
	Record     ledger.Record
	Class      string
	Park, Firm string
	Day        string
	Name       fault.Text
	Mark       band
	Late       fault.Text
	Why        string // it came late
	FiledAs    fault.Text
	Content    [][]said
	Steps      []stepLine
	Accept     bool
	Return     bool
	Void       bool
	Change     bool // by the form: a draft, or what was returned
	Amend      bool
	Failure    Failure
	Reason     string // as it was entered
	Done       fault.Text
}

// stepLine is one thing that happened, newest first.
type stepLine struct {
	Name   fault.Text
	Mark   band
	At     string
	By     fault.Text // for which body
	Reason string
	DueOn  string
	Said   []saidLine // what was entered with it
}

// saidLine is one thing that was entered with a step.
type saidLine struct {
	Label fault.Text
	Value string
	Link  string // where the thing itself is, "" for words
}

// movesTo are the moves of the forms by where they lead: that one was made is said
// while the entry stands there, whatever the address says.
var movesTo = map[ledger.State]string{ledger.Accepted: "acceptance", ledger.Returned: "return", ledger.Voided: "voiding"}

func (p *Pages) entry(v *visit) error {
	page, err := p.entryOf(v)
	if err != nil {
		return err
	}
	if done := v.c.Query("done"); done != "" && done == movesTo[page.Record.State] {
		page.Done = page.Name
	}
	return p.show(v, http.StatusOK, "entry.html", page)
}

func (p *Pages) entryOf(v *visit) (entryPage, error) {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return entryPage{}, fault.Absent()
	}
	r, err := p.options.Ledger.Get(v.ctx, id)
	if err != nil {
		return entryPage{}, err
	}
	page := entryPage{Shell: p.shell(v, fault.T("台账记录")), Record: r, Class: nameOf(v.lang, r.TitleZh, r.TitleEn), Day: dayOf(v.lang, r.Day), Name: r.State.Word(), Mark: entryBand(r.State), FiledAs: filedAs(r.FiledAs), Late: r.Lateness()}
	class, ok := p.options.Ledger.Catalogue().At(r.Class, r.ClassVersion)
	if ok && len(r.Payload) > 0 {
		if page.Content, err = contentOf(v.lang, class, string(r.Payload)); err != nil {
			return page, err
		}
	}
	if page.Park, page.Firm, err = p.placeOf(v, r.Placed); err != nil {
		return page, err
	}
	steps, err := p.options.Ledger.Steps(v.ctx, id)
	if err != nil {
		return page, err
	}
	for _, s := range slices.Backward(steps) {
		if page.Why == "" && page.Late.Key != "" && ledger.State(s.Kind) == ledger.Filed {
			page.Why = s.Reason
		}
		page.Steps = append(page.Steps, stepLine{Name: ledger.State(s.Kind).Word(), Mark: entryBand(ledger.State(s.Kind)), At: moment(s.At), By: bodyOf(s.ActedAs), Reason: s.Reason})
	}
	allowed, err := p.options.Ledger.Allowed(v.ctx, r.Entry)
	page.Accept, page.Return, page.Void = slices.Contains(allowed, ledger.Accepted), slices.Contains(allowed, ledger.Returned), slices.Contains(allowed, ledger.Voided)
	if err != nil {
		return page, err
	}
	page.Change, page.Amend, err = p.options.Ledger.Writable(v.ctx, r.Entry)
	return page, err
}

// placeOf are the names of a row's park and firm.
func (p *Pages) placeOf(v *visit, at models.Placed) (park, firm string, err error) {
	if v.may(policies.ParkRead) {
		row, err := p.options.Registry.Park(v.ctx, at.ParkID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return "", "", err
		}
		park = parkName(row)
	}
	if at.EnterpriseID == nil || !v.may(policies.EnterpriseRead) {
		return park, "", nil
	}
	names, err := p.options.Registry.EnterpriseNamed(v.ctx, []models.ID{*at.EnterpriseID})
	return park, names[*at.EnterpriseID], err
}

// bodyOf says for which kind of body somebody acted.
func bodyOf(organisation string) fault.Text {
	if o := filedAs(organisation); o.Key != organisation {
		return o
	}
	if len(organisation) > 9 && organisation[:9] == "district:" {
		return fault.T("区管理局")
	}
	return fault.T("市生态环境局")
}

// moveEntry makes one move and shows the entry again; what was refused is told beside
// the form, with the reason as it was entered.
func (p *Pages) moveEntry(name string, move func(v *visit, id models.ID, version int64) error) func(*visit) error {
	return func(v *visit) error {
		id, err := models.ParseID(v.c.Param("id"))
		if err != nil {
			return fault.Absent()
		}
		version, err := v.version()
		if err != nil {
			return err
		}
		if err = move(v, id, version); err == nil {
			v.to("/ledger/" + string(id) + "?done=" + name)
			return nil
		}
		f := p.options.Explain(v.ctx, err)
		if f.Status >= http.StatusInternalServerError {
			return err
		}
		page, missing := p.entryOf(v)
		if missing != nil {
			return missing
		}
		page.Failure, page.Reason, page.Shell.Failed = f, v.field("reason"), true
		return p.show(v, f.Status, "entry.html", page)
	}
}

func (p *Pages) acceptEntry(v *visit, id models.ID, version int64) error {
	_, err := p.options.Ledger.Accept(v.ctx, id, version)
	return err
}

func (p *Pages) returnEntry(v *visit, id models.ID, version int64) error {
	_, err := p.options.Ledger.Return(v.ctx, id, version, ledger.ReasonInput{Reason: v.field("reason")})
	return err
}

func (p *Pages) voidEntry(v *visit, id models.ID, version int64) error {
	_, err := p.options.Ledger.Void(v.ctx, id, version, ledger.ReasonInput{Reason: v.field("reason")})
	return err
}

// findingBand is the mark of a finding's state.
func findingBand(s inspection.State) band {
	switch s {
	case inspection.Closed:
		return onTarget
	case inspection.Returned:
		return behind
	case inspection.Referred, inspection.Withdrawn:
		return noScore
	}
	return halfway
}

package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"parkregistry/internal/fault"
)

// moveForm is the form of one thing that the visitor may do with what a page shows
// (templates/moves.html).
type moveForm struct {
	Move   string // names its fields apart from those of the others
	Action string // where it is sent
	Token  string // vouches for it
	Name   fault.Text
	Fields []formField
	Hidden []option // what the form says beside its fields
	Brings bool     // photographs and documents: the form is sent in parts
	Failed bool
	Aside  bool // stands below a list that is the point of the page: closed, even alone
	Open   bool // what the page was opened for, among others
}

// formField is one field of such a form.
type formField struct {
	ID       string
	Name     string
	Label    fault.Text
	Kind     string // area, date, text, number, select, check, checks, files
	Required bool
	Options  []option
	Value    string
	List     string   // id of the names that may be typed
	Stands   bool     // its value is what is registered
	Kept     []option // files that an earlier try of the form brought
	Failure  string
}

// newMove is the form of a move below an address, with everything still to be filled in.
func newMove(v *visit, address, move string, name fault.Text, fields []formField) moveForm {
	for i := range fields {
		fields[i].ID = move + "-" + fields[i].Name
	}
	return moveForm{Move: move, Action: address + "/" + move, Token: v.token(), Name: name, Fields: fields}
}

// told is an error as the page that was asked tells it; false for what has a page of its own.
func (p *Pages) told(v *visit, err error) (f Failure, here bool) {
	f = p.options.Explain(v.ctx, err)
	return f, f.Status < http.StatusInternalServerError && f.Status != http.StatusNotFound
}

// heard is how the page of a form is shown after it: as it stands when err is nil, else
// with what was refused. An error that has a page of its own is given back.
func (p *Pages) heard(v *visit, err error) (f Failure, status int, own error) {
	if err == nil {
		return f, http.StatusOK, nil
	}
	f, here := p.told(v, err)
	if !here {
		return f, 0, err
	}
	return f, f.Status, nil
}

// refused puts what was entered, and what was said of it, back into the form that was
// sent; when that form is no longer open, what was entered into its fields is returned.
func (p *Pages) refused(v *visit, forms []moveForm, move string, fields []formField, f Failure) []saidLine {
	for i := range forms {
		if forms[i].Move != move {
			continue
		}
		forms[i].Failed = true
		for j := range forms[i].Fields {
			field := &forms[i].Fields[j]
			now := *field
			field.Value, field.Failure = v.field(field.Name), f.of("/"+field.Name)
			if field.Kind == "checks" {
				field.Options = chosenOf(field.Options, v.c.Request.PostForm[field.Name])
			}
			if f.Status == http.StatusPreconditionFailed && field.Stands && field.Failure == "" && now.reads(v) != field.reads(v) {
				field.Failure = say(v, fault.T("现在登记的是：{{.Now}}；再提交一次，以这里填写的为准", "Now", now.reads(v)))
			}
			if field.Kind == "files" {
				field.Kept = p.keptFiles(v)
			}
		}
		return nil
	}
	var kept []saidLine
	for _, field := range fields {
		if value := v.field(field.Name); value != "" && field.Kind != "files" {
			kept = append(kept, saidLine{Label: field.Label, Value: value})
		}
	}
	return kept
}

// chosenOf are options of which those are chosen.
func chosenOf(options []option, values []string) []option {
	all := slices.Clone(options)
	for i := range all {
		all[i].Chosen = slices.Contains(values, all[i].Value)
	}
	return all
}

// reads is what a field says, as people read it.
func (f formField) reads(v *visit) string {
	var all []string
	for _, o := range f.Options {
		if o.Chosen || f.Kind == "select" && o.Value == f.Value && f.Value != "" {
			all = append(all, o.Name)
		}
	}
	switch {
	case f.Kind == "check" && f.Value != "":
		return say(v, fault.T("是"))
	case f.Kind == "check":
		return say(v, fault.T("否"))
	case f.Kind == "checks", f.Kind == "select":
		return cmp.Or(strings.Join(all, say(v, fault.T("、"))), "--")
	}
	return cmp.Or(strings.TrimSpace(f.Value), "--")
}

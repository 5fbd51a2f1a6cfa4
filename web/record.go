package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/policies"
)

// recordPage is what templates/record.html shows: one row of the register below a park or
// a firm (a facility, an outlet, a stream, a permit), what belongs to it, and what may be
// done with it.
type recordPage struct {
	Shell   shell
	List    tabLink // the list or the firm from which one came
	Park    string
	Firm    tabLink // "" for what is a park's own
	Kind    fault.Text
	Name    fault.Text // how it stands
	Mark    band
	Said    []saidLine
	Tables  []recordTable
	Forms   []moveForm
	Failure Failure
	Kept    []saidLine
	Choices []option // pollutants that may be typed by name
}

// recordTable are rows that belong to the row of the page.
type recordTable struct {
	Name  fault.Text
	Heads []recordHead
	Rows  [][]recordCell
}

// recordHead is a column; Class says where it stands on a phone, where a list has two lines.
type recordHead struct {
	Name  fault.Text
	Class string
}

type recordCell struct {
	Text string
	Sub  string // beside it, in small
	Link string
	Mark band // "" for plain text
}

// says adds what a row says, unless it says nothing.
func (page *recordPage) says(label fault.Text, value string) {
	if value != "" {
		page.Said = append(page.Said, saidLine{Label: label, Value: value})
	}
}

// recordOf is the page of a row that stands at a place, without what it says.
func (p *Pages) recordOf(v *visit, title string, at models.Placed) (page recordPage, err error) {
	page = recordPage{Shell: p.shell(v, fault.Text{Key: title, English: title}), List: tabLink{Name: fault.T("治理设施"), Path: string(tierOf(v.actor)) + "/facilities?parkId=" + string(at.ParkID)}}
	var firm string
	if page.Park, firm, err = p.placeOf(v, at); firm != "" {
		page.Firm = tabLink{Name: fault.Text{Key: firm, English: firm}, Path: "/firm/" + string(*at.EnterpriseID)}
	}
	return page, err
}

// stands says whether the row is still in the register.
func (page *recordPage) stands(closedOn *code.Day, reason string) {
	page.Name, page.Mark = fault.T("在用"), onTarget
	if closedOn != nil {
		page.Name, page.Mark = fault.T("已终止"), noScore
		page.says(fault.T("终止日期"), string(*closedOn))
		page.says(fault.T("原因"), reason)
	}
}

// mayAbout reports whether the visitor holds the permission for what stands at the place:
// a button of one row shows exactly then.
func (v *visit) mayAbout(perm policies.Permission, at models.Placed) bool {
	if !v.may(perm) {
		return false
	}
	acting, err := v.actor.ActingFor(perm, at.Owner())
	return err == nil && len(acting) > 0
}

// offer adds a form about the row, in the version that was read, to who may send it.
func (page *recordPage) offer(v *visit, perm policies.Permission, at models.Placed, address string, version int64, move string, name fault.Text, fields ...formField) {
	if v.mayAbout(perm, at) {
		form := newMove(v, address, move, name, fields)
		form.Hidden = versionOf(version)
		page.Forms = append(page.Forms, form)
	}
}

// closingFields are what the end of a row says.
func closingFields() []formField {
	return []formField{day("on", fault.T("终止日期，不填为今天")), reasonField()}
}

// opens shows the page of a row.
func (p *Pages) opens(read func(*visit) (recordPage, error)) func(*visit) error {
	return func(v *visit) error {
		page, err := read(v)
		if err != nil {
			return err
		}
		return p.show(v, http.StatusOK, "record.html", page)
	}
}

// moveRecord does what the form of the address says about the row and shows where it
// leads; what was refused is told in the form, with everything as it was entered.
func (p *Pages) moveRecord(v *visit, read func(*visit) (recordPage, error), do func(page recordPage, move string, version int64) (to string, err error)) error {
	page, err := read(v)
	if err != nil {
		return err
	}
	version, err := v.version()
	if err != nil {
		return err
	}
	move := v.c.Param("move")
	var to string
	if err = strayed(v, page.Forms, move); err == nil {
		to, err = do(page, move, version)
	}
	if err == nil {
		v.to(to)
		return nil
	}
	f, here := p.told(v, err)
	if !here {
		return err
	}
	f = f.ofRow()
	page.Failure, page.Shell.Failed = f, true
	page.Kept = p.refused(v, page.Forms, move, nil, f)
	return p.show(v, f.Status, "record.html", page)
}

// strayed is the fault of a form that says something else than what its fields offer.
func strayed(v *visit, forms []moveForm, move string) error {
	var c fault.Check
	for _, f := range forms {
		for _, x := range f.Fields {
			if f.Move != move || x.Kind != "select" && x.Kind != "checks" {
				continue
			}
			for _, value := range v.c.Request.PostForm[x.Name] {
				if value != "" && !slices.ContainsFunc(x.Options, func(o option) bool { return o.Value == value }) {
					c.Fail("/"+x.Name, "absent", "这一项已经不在可以选择的范围内，重新选择")
				}
			}
		}
	}
	return c.Err()
}

// standing is the field with what is registered.
func standing(f formField, value string) formField {
	f.Value, f.Stands = value, true
	return f
}

// whole is the whole number that a field says; nil when it says nothing.
func whole(c *fault.Check, v *visit, name string) *int {
	raw := strings.TrimSpace(v.field(name))
	if raw == "" {
		return nil
	}
	n, err := strconv.Atoi(code.TypedCode(raw))
	if err != nil {
		c.Fail("/"+name, "type", "应当是整数")
		return nil
	}
	return &n
}

// wholeText is such a number as a field has it.
func wholeText(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

// pollutantChoices are the pollutants of one medium by their names; where either may be
// meant they are chosen by code, since some names are of both.
func pollutantChoices(lang words.Lang, of func(code.Pollutant) bool) (all []option) {
	for _, x := range code.Pollutants() {
		name := words.Name(lang, x.Label())
		switch {
		case of == nil:
			all = append(all, option{Value: string(x), Name: name})
		case of(x):
			all = append(all, option{Value: name, Name: string(x)})
		}
	}
	return all
}

// pollutantTyped is the code of what a field names, by name or by code. What names
// nothing, or something of each medium, goes on as it was typed and is refused there.
func pollutantTyped(v *visit, name string, of func(code.Pollutant) bool) string {
	typed := strings.TrimSpace(v.field(name))
	if x, known := code.PollutantOf(code.TypedCode(typed)); known {
		return string(x)
	}
	found := slices.DeleteFunc(slices.Clone(code.PollutantsNamed(typed)), func(x code.Pollutant) bool { return of != nil && !of(x) })
	if len(found) == 1 {
		return string(found[0])
	}
	return typed
}

// pollutantName is a pollutant as people call it; what is not in the table by its code.
func pollutantName(v *visit, raw string) string {
	if x, known := code.PollutantOf(raw); known {
		return words.Name(v.lang, x.Label())
	}
	return raw
}

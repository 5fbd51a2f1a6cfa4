package exchange

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// PermitList is the code of the list (data/permits.json). Its members are named as those
// of registry.PermitInput are.
const PermitList = "register.permits"

// permitDoor takes permits (排污许可证): each with its amounts, limits and wordings, one
// below the other.
type permitDoor struct {
	*Service
	class ledger.Class
}

func (d permitDoor) need() []policies.Permission {
	return []policies.Permission{policies.PermitCreate}
}

func (d permitDoor) undo() []policies.Permission { return d.need() }

func (d permitDoor) parse(in ledger.Input) error {
	_, err := d.input(in)
	return inRow(err)
}

// input is the permit that a row says. Pointers are those of the row.
func (d permitDoor) input(in ledger.Input) (registry.PermitInput, error) {
	var out registry.PermitInput
	var c fault.Check
	_, err := d.class.Complete(in.Payload) // what is missing and what is no number, by its record
	c.Within("", err)
	_ = json.Unmarshal(in.Payload, &out) // what it cannot take was just said
	out.SiteID = in.SiteID
	for i := range out.Amounts {
		out.Amounts[i].Pollutant = pollutantNamed(out.Amounts[i].Pollutant)
	}
	for i := range out.Limits {
		out.Limits[i].Pollutant = pollutantNamed(out.Limits[i].Pollutant)
	}
	for i := range out.Monitoring {
		out.Monitoring[i].Pollutant = pollutantNamed(out.Monitoring[i].Pollutant)
	}
	for i, r := range out.LedgerRules {
		class, known := d.classNamed(r.Class)
		if r.Class != "" && !known {
			c.Fail("/ledgerRules/"+strconv.Itoa(i)+"/class", "unknown", "没有这个台账类别；填写类别的名称或者代码")
		}
		out.LedgerRules[i].Class = class
	}
	p, err := out.Parse()
	beside(&c, err)
	out.Number, out.State, out.ValidTo = p.Number, p.State, string(p.ValidTo)
	return out, c.Err()
}

// beside adds the violations of places about which nothing is said yet.
func beside(c *fault.Check, err error) {
	f, is := err.(*fault.Error)
	if !is {
		c.Within("", err)
		return
	}
	said, _ := c.Err().(*fault.Error)
	for _, v := range f.Violations {
		if said == nil || !slices.ContainsFunc(said.Violations, func(o fault.Violation) bool { return o.Pointer == v.Pointer }) {
			c.Add(v)
		}
	}
}

// pollutantNamed is the code of the one pollutant of that name; any other text stands.
func pollutantNamed(s string) string {
	if all := code.PollutantsNamed(s); len(all) == 1 {
		return string(all[0])
	}
	return s
}

// classNamed is the code of a class of the ledger by its code or its name.
func (d permitDoor) classNamed(s string) (string, bool) {
	for _, c := range d.ledger.Catalogue().Classes() {
		if s == c.Code || s == c.TitleZh || strings.EqualFold(s, c.TitleEn) {
			return c.Code, true
		}
	}
	return s, false
}

func (d permitDoor) rehearse(ctx context.Context, fn func(taker) error) error {
	return d.db.Rehearse(ctx, func(tx *models.Tx) error { return fn(d.begin(tx, false)) })
}

func (d permitDoor) begin(tx *models.Tx, _ bool) taker {
	t := &permitTaker{d, newListTaker(tx, "/number")}
	t.one = t.row
	return t
}

type permitTaker struct {
	permitDoor
	*listTaker
}

// row takes a row; of a permit that stands it may repeat what is registered.
func (t *permitTaker) row(r ledger.Row, res *ledger.RowResult) error {
	in, err := t.input(r.Input)
	if err != nil {
		return err
	}
	if err := t.once(r, in.Number+" "+in.Kind, "与第 {{.Line}} 行的许可证编号相同"); err != nil {
		return err
	}
	var standing registry.Permit
	err = models.One(t.tx.Visible(policies.PermitRead, &standing).Where("number = ? AND kind = ? AND closed_on IS NULL", in.Number, in.Kind), &standing)
	switch fault.CodeOf(err) {
	case fault.NotFound:
		p, err := t.register.CreatePermit(t.tx.Context(), "", in)
		*res = ledger.RowResult{Outcome: ledger.EntryFits, Left: &ledger.Left{ID: p.ID, Version: p.Version}}
		return err
	case "":
		*res = ledger.RowResult{Outcome: ledger.EntryUnchanged, Standing: standing.Number}
		return t.differing(r.Input, in, standing.Input())
	}
	return err
}

// differing says where a row is not what is registered. What it leaves blank stands as it is.
func (t *permitTaker) differing(row ledger.Input, in, is registry.PermitInput) error {
	says := t.class.Typed(row.Payload)
	now := ledger.Typed{"/class": in.Class, "/state": in.State, "/issuedOn": in.IssuedOn, "/validTo": in.ValidTo, "/authority": in.Authority}
	was := ledger.Typed{"/class": is.Class, "/state": is.State, "/issuedOn": is.IssuedOn, "/validTo": is.ValidTo, "/authority": is.Authority}
	for p := range now {
		if says[p] == "" {
			now[p] = was[p]
		}
	}
	var c fault.Check
	if in.SiteID != is.SiteID {
		c.Fail("/siteId", "differs", "这个编号已经登记在另一处场所")
	}
	c.Within("", differing(now, was, "/class", "/state", "/issuedOn", "/validTo", "/authority"))
	for _, list := range []struct {
		pointer  string
		now, was any
	}{{"/amounts", in.Amounts, is.Amounts}, {"/limits", in.Limits, is.Limits}, {"/ledgerRules", in.LedgerRules, is.LedgerRules}, {"/monitoring", in.Monitoring, is.Monitoring}} {
		if n := reflect.ValueOf(list.now); n.Len() > 0 && !reflect.DeepEqual(list.now, list.was) {
			c.Fail(list.pointer, "differs", "与登记的 {{.Count}} 条不同，变更在系统中办理", "Count", reflect.ValueOf(list.was).Len())
		}
	}
	return c.Err()
}

// withdraw closes permits that nobody has changed since they were brought in.
func (d permitDoor) withdraw(tx *models.Tx, _ models.ID, all []ledger.Left, why ledger.ReasonInput) (map[int]error, error) {
	kept := map[int]error{}
	for i, l := range all {
		err := d.register.RetractPermit(tx.Context(), l.ID, l.Version, registry.CloseInput{Reason: why.Reason})
		if err := keeps(kept, i, err); err != nil {
			return nil, err
		}
	}
	return kept, nil
}

func (d permitDoor) kept(count int) fault.Text {
	return fault.T("{{.Count}} 份许可证在导入之后又办理过，整批没有撤销；这些单独处理", "Count", count)
}

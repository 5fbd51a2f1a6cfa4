package exchange

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// facilityList is the code of the list (data/facilities.json).
const facilityList = "register.facilities"

// mostFacilities is how many a file may have: its check registers all and takes them back,
// and on SQLite nobody else writes meanwhile.
const mostFacilities = 2000

// facilityDoor takes facilities (设施名录). Each row goes through the method of the
// register that a form calls, in a check as in a commit.
type facilityDoor struct {
	*Service
	class ledger.Class
}

func (d facilityDoor) need() []policies.Permission {
	return []policies.Permission{policies.FacilityCreate}
}

func (d facilityDoor) parse(in ledger.Input) error {
	_, err := d.input(in)
	return inRow(err)
}

// input is the facility that a row says. Pointers are those of the row.
func (d facilityDoor) input(in ledger.Input) (registry.FacilityInput, error) {
	t := d.class.Typed(in.Payload)
	out := registry.FacilityInput{ParkID: in.ParkID, SiteID: in.SiteID, Code: t["/code"], Kind: t["/kind"], Name: t["/name"], Capacity: t["/capacity"], CapacityUnit: t["/capacityUnit"],
		Process: t["/process"], Supplier: t["/supplier"], BuiltOn: t["/builtOn"], InUse: t["/inUse"] == "true", Shifts: divided(t["/shifts"]), Operation: t["/operation"]}
	var c fault.Check
	c.Required("/inUse", t["/inUse"])
	if s := t["/cycleHours"]; s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			c.Fail("/cycleHours", "type", "应当是整数")
		}
		out.CycleHours = &n
	}
	parsed, err := out.Parse()
	c.Within("", err)
	out.Code = parsed.Code
	return out, c.Err()
}

// divided is a list that stands in one cell.
func divided(cell string) []string {
	var all []string
	for _, s := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune("、;；,，", r) }) {
		if s = strings.TrimSpace(s); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// inRow puts the members of a facility where a row has them.
func inRow(err error) error {
	f, is := err.(*fault.Error)
	if !is {
		return err
	}
	out := *f
	out.Violations = slices.Clone(f.Violations)
	for i, v := range out.Violations {
		if v.Pointer != "/siteId" && v.Pointer != "/parkId" {
			out.Violations[i].Pointer = "/payload" + v.Pointer
		}
	}
	return &out
}

func (d facilityDoor) rehearse(ctx context.Context, fn func(taker) error) error {
	return d.db.Rehearse(ctx, func(tx *models.Tx) error { return fn(d.begin(tx, false)) })
}

func (d facilityDoor) begin(tx *models.Tx, _ bool) taker {
	return &facilityTaker{facilityDoor: d, tx: tx, rows: map[string]int{}}
}

type facilityTaker struct {
	facilityDoor
	tx   *models.Tx
	rows map[string]int // by site and code, where the file has them
	all  int
}

// Take implements taker.
func (t *facilityTaker) Take(rows []ledger.Row) ([]ledger.RowResult, error) {
	if t.all += len(rows); t.all > mostFacilities {
		return nil, fault.New(fault.TooLarge, "不能超过 {{.Max}} 行", "Max", mostFacilities)
	}
	out := make([]ledger.RowResult, len(rows))
	for i, r := range rows {
		err := t.one(r, &out[i])
		switch fault.CodeOf(err) {
		case "":
			continue
		case fault.Invalid, fault.Conflict, fault.NotFound:
		default:
			return nil, err
		}
		if models.Duplicate(err) { // somebody registered it just now; PostgreSQL takes no more in this transaction
			return nil, err
		}
		f := inRow(err).(*fault.Error)
		out[i] = ledger.RowResult{Outcome: ledger.EntryRefused, Code: f.Code, Violations: f.Violations}
		if len(f.Violations) == 0 {
			out[i].Violations = []fault.Violation{{Pointer: "/payload/code", Code: string(f.Code), Detail: f.Detail}}
		}
	}
	return out, nil
}

// one takes a row: one that is registered as it says is left alone, one that says
// something else is refused, since an import changes nothing that stands.
func (t *facilityTaker) one(r ledger.Row, res *ledger.RowResult) error {
	in, err := t.input(r.Input)
	if err != nil {
		return err
	}
	key := in.SiteID + " " + in.Code
	if before, twice := t.rows[key]; twice {
		return at("/code", "doubled", "与第 {{.Line}} 行的设施编码相同", "Line", before)
	}
	t.rows[key] = r.Number
	standing, err := t.standing(in)
	if err != nil {
		return err
	}
	if standing != nil {
		if err := differing(in, *standing); err != nil {
			return err
		}
		*res = ledger.RowResult{Outcome: ledger.EntryUnchanged, Standing: standing.Code}
		return nil
	}
	f, err := t.register.CreateFacility(t.tx.Context(), "", in)
	*res = ledger.RowResult{Outcome: ledger.EntryFits, Left: &ledger.Left{ID: f.ID, Version: f.Version}}
	return err
}

// standing is the open facility of that place and code; nil where there is none.
func (t *facilityTaker) standing(in registry.FacilityInput) (*registry.Facility, error) {
	q := t.tx.Visible(policies.FacilityRead, &registry.Facility{}).Where("park_id = ? AND code = ? AND closed_on IS NULL", in.ParkID, in.Code)
	if in.SiteID == "" {
		q = q.Where("site_id IS NULL")
	} else {
		q = q.Where("site_id = ?", in.SiteID)
	}
	var f registry.Facility
	switch err := models.One(q, &f); fault.CodeOf(err) {
	case "":
		return &f, nil
	case fault.NotFound:
		return nil, nil
	default:
		return nil, err
	}
}

// differing says where a row is not what is registered.
func differing(in registry.FacilityInput, is registry.Facility) error {
	f, err := in.Parse()
	if err != nil {
		return err
	}
	now, was := said(f.Input()), said(is.Input())
	var c fault.Check
	for _, p := range []string{"/name", "/kind", "/capacity", "/capacityUnit", "/inUse", "/process", "/supplier", "/builtOn", "/shifts", "/operation", "/cycleHours"} {
		if now[p] != was[p] {
			c.Fail(p, "differs", "已经登记为 {{.Was}}，变更在系统中办理", "Was", was[p])
		}
	}
	return c.Err()
}

// said are the members of a facility as texts.
func said(in registry.FacilityInput) ledger.Typed {
	t := ledger.Typed{"/code": in.Code, "/name": in.Name, "/kind": in.Kind, "/capacity": in.Capacity, "/capacityUnit": in.CapacityUnit, "/inUse": strconv.FormatBool(in.InUse),
		"/process": in.Process, "/supplier": in.Supplier, "/builtOn": in.BuiltOn, "/shifts": strings.Join(in.Shifts, "、"), "/operation": in.Operation}
	if in.CycleHours != nil {
		t["/cycleHours"] = strconv.Itoa(*in.CycleHours)
	}
	return t
}

func at(pointer, rule, key string, args ...any) error {
	var c fault.Check
	c.Fail(pointer, rule, key, args...)
	return c.Err()
}

// withdraw closes facilities that nobody has changed or recorded anything about since
// they were brought in.
func (d facilityDoor) withdraw(tx *models.Tx, all []ledger.Left, why ledger.ReasonInput) (map[int]error, error) {
	kept := map[int]error{}
	for i, l := range all {
		var entries int64
		if err := tx.Visible(policies.LedgerRead, &ledger.Entry{}).Where("facility_id = ? AND state <> ?", l.ID, ledger.Voided).Count(&entries).Error; err != nil {
			return nil, err
		}
		var err error
		if entries > 0 {
			err = fault.New(fault.Conflict, "这处设施已经有 {{.Count}} 条台账", "Count", entries)
		} else {
			_, err = d.register.CloseFacility(tx.Context(), l.ID, l.Version, registry.CloseInput{Reason: why.Reason})
		}
		switch fault.CodeOf(err) {
		case "":
		case fault.NotFound, fault.Conflict, fault.Invalid, fault.Stale:
			kept[i] = err
		default:
			return nil, err
		}
	}
	return kept, nil
}

func (d facilityDoor) kept(count int) fault.Text {
	return fault.T("{{.Count}} 处设施在导入之后又办理过，整批没有撤销；这些单独处理", "Count", count)
}

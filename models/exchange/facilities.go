package exchange

import (
	"context"
	"strconv"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// FacilityList is the code of the list (data/facilities.json).
const FacilityList = "register.facilities"

// facilityDoor takes facilities (设施名录). Each row goes through the method of the
// register that a form calls, in a check as in a commit.
type facilityDoor struct {
	*Service
	class ledger.Class
}

func (d facilityDoor) need() []policies.Permission {
	return []policies.Permission{policies.FacilityCreate}
}

func (d facilityDoor) undo() []policies.Permission {
	return []policies.Permission{policies.FacilityClose}
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

func (d facilityDoor) rehearse(ctx context.Context, fn func(taker) error) error {
	return d.db.Rehearse(ctx, func(tx *models.Tx) error { return fn(d.begin(tx, false)) })
}

func (d facilityDoor) begin(tx *models.Tx, _ bool) taker {
	t := &facilityTaker{d, newListTaker(tx, "/code")}
	t.one = t.row
	return t
}

type facilityTaker struct {
	facilityDoor
	*listTaker
}

// row takes a row: one that is registered as it says is left alone, one that says
// something else is refused, since an import changes nothing that stands.
func (t *facilityTaker) row(r ledger.Row, res *ledger.RowResult) error {
	in, err := t.input(r.Input)
	if err != nil {
		return err
	}
	if err := t.once(r, in.SiteID+" "+in.Code, "与第 {{.Line}} 行的设施编码相同"); err != nil {
		return err
	}
	standing, err := t.standing(in)
	if err != nil {
		return err
	}
	if standing != nil {
		if err := t.differing(in, *standing); err != nil {
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
func (t *facilityTaker) differing(in registry.FacilityInput, is registry.Facility) error {
	f, err := in.Parse()
	if err != nil {
		return err
	}
	return differing(FacilitySays(f), FacilitySays(is), "/name", "/kind", "/capacity", "/capacityUnit", "/inUse", "/process", "/supplier", "/builtOn", "/shifts", "/operation", "/cycleHours")
}

// withdraw closes facilities that nobody has changed or recorded anything about since
// they were brought in.
func (d facilityDoor) withdraw(tx *models.Tx, _ models.ID, all []ledger.Left, why ledger.ReasonInput) (map[int]error, error) {
	kept := map[int]error{}
	for i, l := range all {
		var entries, found int64
		if err := tx.Visible(policies.LedgerRead, &ledger.Entry{}).Where("facility_id = ? AND state <> ?", l.ID, ledger.Voided).Count(&entries).Error; err != nil {
			return nil, err
		}
		if err := tx.Visible(policies.FindingRead, &inspection.Finding{}).Where("facility_id = ? AND state <> ?", l.ID, inspection.Withdrawn).Count(&found).Error; err != nil {
			return nil, err
		}
		var err error
		switch {
		case entries > 0:
			err = fault.New(fault.Conflict, "这处设施已经有 {{.Count}} 条台账", "Count", entries)
		case found > 0:
			err = fault.New(fault.Conflict, "这处设施已经有 {{.Count}} 个问题", "Count", found)
		default:
			_, err = d.register.CloseFacility(tx.Context(), l.ID, l.Version, registry.CloseInput{Reason: why.Reason})
		}
		if err := keeps(kept, i, err); err != nil {
			return nil, err
		}
	}
	return kept, nil
}

func (d facilityDoor) kept(count int) fault.Text {
	return fault.T("{{.Count}} 处设施在导入之后又办理过，整批没有撤销；这些单独处理", "Count", count)
}

package exchange

import (
	"context"
	"strconv"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

// FindingList is the code of the list (data/findings.json).
const FindingList = "inspection.findings"

// findingDoor takes findings that were kept in a list elsewhere (问题清单). A sheet holds no
// photographs: a finding needs none, its rectification does.
type findingDoor struct {
	*Service
	class ledger.Class
}

// offerTypes fills in what the room of inspections knows.
func offerTypes(c *ledger.Class) {
	for i := range c.Fields {
		if c.Fields[i].Name != "type" {
			continue
		}
		for _, t := range inspection.FindingTypes() {
			c.Fields[i].Enum = append(c.Fields[i].Enum, ledger.Option{Value: t.ID, LabelZh: t.NameZh, LabelEn: t.NameEn})
		}
	}
}

func (d findingDoor) need() []policies.Permission {
	return []policies.Permission{policies.FindingCreate}
}

func (d findingDoor) undo() []policies.Permission {
	return []policies.Permission{policies.FindingWithdraw}
}

func (d findingDoor) parse(in ledger.Input) error {
	_, _, err := d.input(in)
	return inRow(err)
}

// input is the finding that a row says. Pointers are those of the row. The day is part of
// what a finding is known by, so that it is asked for.
func (d findingDoor) input(in ledger.Input) (inspection.FindingInput, inspection.Finding, error) {
	t := d.class.Typed(in.Payload)
	out := inspection.FindingInput{ParkID: in.ParkID, SiteID: in.SiteID, FacilityID: in.FacilityID, Type: t["/type"], Description: t["/description"],
		Severity: inspection.Severity(t["/severity"]), Place: t["/place"], DueOn: t["/dueOn"], OpenedOn: t["/openedOn"]}
	var c fault.Check
	if c.Required("/dimension", t["/dimension"]) {
		out.Dimension, _ = strconv.Atoi(t["/dimension"]) // one of the options
	}
	c.Required("/openedOn", out.OpenedOn)
	f, err := out.Parse()
	beside(&c, err)
	return out, f, c.Err()
}

func (d findingDoor) rehearse(ctx context.Context, fn func(taker) error) error {
	return d.db.Rehearse(ctx, func(tx *models.Tx) error { return fn(d.taking(tx, true)) })
}

func (d findingDoor) begin(tx *models.Tx, _ bool) taker { return d.taking(tx, false) }

func (d findingDoor) taking(tx *models.Tx, dry bool) taker {
	t := &findingTaker{d, newListTaker(tx, "/description"), dry}
	t.one = t.row
	return t
}

type findingTaker struct {
	findingDoor
	*listTaker
	dry bool // nothing is logged: a number that is given out would be missing in the list
}

// row takes a row. A finding is known by its object, its day and its words; what else is
// said of one that is known has to be what stands, but for its last day, which moves with
// the notice.
func (t *findingTaker) row(r ledger.Row, res *ledger.RowResult) error {
	in, f, err := t.input(r.Input)
	if err != nil {
		return err
	}
	ctx := t.tx.Context()
	judged, err := t.walks.Judge(ctx, in)
	if err != nil {
		return err
	}
	f.Placed = judged.Finding.Placed
	known := string(models.Deref(f.SiteID)) + " " + string(models.Deref(f.FacilityID)) + " " + string(f.OpenedOn) + " " + f.Description
	if err := t.once(r, known, "与第 {{.Line}} 行是同一天同一处的同一个问题；不是同一个的，在描述中写明区别"); err != nil {
		return err
	}
	standing, err := t.walks.Standing(ctx, f)
	if err != nil {
		return err
	}
	if standing != nil {
		*res = ledger.RowResult{Outcome: ledger.EntryUnchanged, Standing: standing.Number}
		return differing(FindingSays(f), FindingSays(*standing), "/dimension", "/type", "/severity", "/place")
	}
	*res = ledger.RowResult{Outcome: ledger.EntryFits, Warnings: inPayload(judged.Warnings)}
	if t.dry {
		return nil
	}
	made, err := t.walks.Log(ctx, "", in)
	res.Left = &ledger.Left{ID: made.Finding.ID, Version: made.Finding.Version}
	return err
}

// withdraw withdraws findings that nobody has moved since they were brought in. Who brought
// them does not do it alone, as with any finding: a second person of the same body, or the
// district, undoes the import.
func (d findingDoor) withdraw(tx *models.Tx, _ models.ID, all []ledger.Left, why ledger.ReasonInput) (map[int]error, error) {
	kept := map[int]error{}
	for i, l := range all {
		if err := keeps(kept, i, d.walks.Retract(tx.Context(), l.ID, l.Version, why.Reason)); err != nil {
			return nil, err
		}
	}
	return kept, nil
}

func (d findingDoor) kept(count int) fault.Text {
	return fault.T("{{.Count}} 个问题不能撤销，整批没有撤销；原因逐行列出", "Count", count)
}

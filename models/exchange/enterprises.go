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

// EnterpriseList is the code of the list (data/enterprises.json).
const EnterpriseList = "register.enterprises"

// enterpriseDoor takes the roster of a park (企业名录): each row is a firm and its residence
// there. A firm that is registered already only moves in; one whose record is closed is
// opened again (docs/adr/0039).
type enterpriseDoor struct {
	*Service
	class ledger.Class
}

func (d enterpriseDoor) need() []policies.Permission {
	return []policies.Permission{policies.EnterpriseCreate, policies.SiteCreate}
}

func (d enterpriseDoor) undo() []policies.Permission {
	return []policies.Permission{policies.EnterpriseCreate, policies.SiteEnd}
}

func (d enterpriseDoor) parse(in ledger.Input) error {
	_, err := d.input(in)
	return inRow(err)
}

// resident is a firm with its residence, as a row says it.
type resident struct {
	park    string
	firm    registry.EnterpriseInput
	process string
	unit    *registry.TenancyInput // nil where the row names none
	says    ledger.Typed
}

// input is what a row says. Pointers are those of the row.
func (d enterpriseDoor) input(in ledger.Input) (resident, error) {
	t := d.class.Typed(in.Payload)
	r := resident{park: in.ParkID, process: t["/process"], says: t, firm: registry.EnterpriseInput{CreditCode: t["/creditCode"], Name: t["/name"], Aliases: divided(t["/aliases"]),
		Industries: divided(t["/industries"]), PermitClass: t["/permitClass"], RiskLevel: t["/riskLevel"], Discharges: t["/discharges"] == "true",
		LegalRepresentative: t["/legalRepresentative"], Contact: t["/contact"], Phone: t["/phone"]}}
	var c fault.Check
	for _, year := range divided(t["/keyYears"]) {
		n, err := strconv.Atoi(strings.TrimSuffix(year, "年"))
		if err != nil {
			c.Fail("/keyYears", "type", "应当是年份，例 2026")
		}
		r.firm.KeyYears = append(r.firm.KeyYears, n)
	}
	firm, err := r.firm.Parse()
	c.Within("", err)
	r.firm.CreditCode = firm.CreditCode
	if t["/building"]+t["/unit"]+t["/areaM2"]+t["/from"] != "" {
		r.unit = &registry.TenancyInput{Building: t["/building"], Unit: t["/unit"], AreaM2: t["/areaM2"], From: t["/from"]}
		_, err := r.unit.Parse()
		c.Within("", err)
	}
	return r, c.Err()
}

func (d enterpriseDoor) rehearse(ctx context.Context, fn func(taker) error) error {
	return d.db.Rehearse(ctx, func(tx *models.Tx) error { return fn(d.begin(tx, false)) })
}

func (d enterpriseDoor) begin(tx *models.Tx, _ bool) taker {
	t := &enterpriseTaker{d, newListTaker(tx, "/creditCode")}
	t.one = t.row
	return t
}

type enterpriseTaker struct {
	enterpriseDoor
	*listTaker
}

// row takes a row. What it left is the firm where the row registered it, else the
// residence.
func (t *enterpriseTaker) row(r ledger.Row, res *ledger.RowResult) error {
	ctx := t.tx.Context()
	in, wrong := t.input(r.Input)
	var firm *registry.Enterprise
	if in.firm.CreditCode != "" {
		var err error
		if firm, err = t.register.Coded(ctx, models.ID(in.park), in.firm.CreditCode); err != nil {
			return err
		}
	}
	stands := firm != nil && firm.ClosedOn == nil
	if wrong = withoutPeople(wrong, stands); wrong != nil {
		return wrong
	}
	if err := t.once(r, in.firm.CreditCode, "与第 {{.Line}} 行的统一社会信用代码相同"); err != nil {
		return err
	}
	if !stands {
		made, err := t.register.CreateResident(ctx, in.firm, models.ID(in.park), in.process, in.unit)
		*res = ledger.RowResult{Outcome: ledger.EntryFits, Left: &ledger.Left{ID: made.ID, Version: made.Version}}
		return err
	}
	if err := t.differing(in, *firm); err != nil {
		return err
	}
	site, err := t.site(firm.ID, models.ID(in.park))
	if err != nil {
		return err
	}
	if site == nil {
		made, err := t.register.CreateSite(ctx, "", registry.SiteInput{ParkID: in.park, CreditCode: in.firm.CreditCode, Process: in.process, Tenancy: in.unit})
		*res = ledger.RowResult{Outcome: ledger.EntryFits, Left: &ledger.Left{ID: made.ID, Version: made.Version}}
		return err
	}
	if err := t.lives(in, *site); err != nil {
		return err
	}
	*res = ledger.RowResult{Outcome: ledger.EntryUnchanged, Standing: firm.Name}
	res.Warnings, err = t.people(firm.ID, in.says)
	return err
}

// withoutPeople forgives a row of a firm that stands what it leaves out about people: a list
// that was taken out has nothing of them.
func withoutPeople(wrong error, stands bool) error {
	f, is := wrong.(*fault.Error)
	if !is || !stands {
		return wrong
	}
	out := *f
	out.Violations = slices.DeleteFunc(slices.Clone(f.Violations), func(v fault.Violation) bool {
		return v.Code == "required" && (v.Pointer == "/legalRepresentative" || v.Pointer == "/contact")
	})
	if len(out.Violations) == 0 {
		return nil
	}
	return &out
}

// site is where the firm lives in the park; nil when it does not.
func (t *enterpriseTaker) site(firm, park models.ID) (*registry.Site, error) {
	var s registry.Site
	err := models.One(t.tx.Visible(policies.SiteRead, &s).Where("enterprise_id = ? AND park_id = ? AND closed_on IS NULL", firm, park), &s)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return &s, err
}

// differing says where a row is not what is registered of the firm. A blank cell says
// nothing.
func (t *enterpriseTaker) differing(in resident, is registry.Enterprise) error {
	stands := FirmSays(is, registry.Site{}, nil)
	return differing(in.given(stands), stands, "/name", "/industries", "/permitClass", "/riskLevel", "/discharges", "/aliases", "/keyYears")
}

// given are those members of a row that say something; the others stand as they are.
func (r resident) given(stands ledger.Typed) ledger.Typed {
	out := ledger.Typed{}
	for p, was := range stands {
		if out[p] = was; r.says[p] != "" {
			out[p] = r.says[p]
		}
	}
	return out
}

// lives says where a row is not what is registered of the residence.
func (t *enterpriseTaker) lives(in resident, is registry.Site) error {
	stands := ledger.Typed{"/process": is.Process}
	if in.unit != nil {
		var let registry.Tenancy
		err := models.One(t.tx.Visible(policies.SiteRead, &let).Where("site_id = ? AND building = ? AND unit = ? AND to_on IS NULL", is.ID, in.unit.Building, in.unit.Unit), &let)
		switch fault.CodeOf(err) {
		case "":
		case fault.NotFound:
			return at("/unit", "differs", "企业已经入驻，没有登记这个单元；租用的单元在系统中办理")
		default:
			return err
		}
		stands["/areaM2"], stands["/from"] = let.AreaM2, string(let.FromOn)
	}
	return differing(in.given(stands), stands, "/process", "/areaM2", "/from")
}

// people warns of people who are others than those registered, without naming them.
func (t *enterpriseTaker) people(firm models.ID, says ledger.Typed) ([]fault.Violation, error) {
	is, err := t.register.Enterprise(t.tx.Context(), firm)
	if err != nil {
		return nil, err
	}
	var out []fault.Violation
	for _, p := range []struct{ pointer, was string }{{"/legalRepresentative", is.LegalRepresentative}, {"/contact", is.Contact}, {"/phone", is.Phone}} {
		if now := says[p.pointer]; now != "" && now != p.was {
			out = append(out, fault.Violation{Pointer: "/payload" + p.pointer, Code: "differs", Detail: fault.T("与登记的不同，登记的不变；变更在系统中办理")})
		}
	}
	return out, nil
}

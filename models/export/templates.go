package export

import (
	"encoding/json"
	"maps"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/exchange"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
)

// The lists of the register in the columns of their templates: what is taken out so and
// brought in again changes nothing, and rows can be added to it. Each is the list of its
// page once more, narrowed and permitted as that is.

// templateLists are those lists.
func templateLists() []List {
	plain := slices.Concat(registerLists(), fieldLists())
	once := func(of, name string, title fault.Text, class string, beside []Column, read func(*reading, models.Query) (batch, error)) List {
		l := plain[slices.IndexFunc(plain, func(l List) bool { return l.Name == of })]
		l.Name, l.Title, l.Columns, l.read, l.Brings = name, title, append(columnsOf(listClass(class)), beside...), read, class
		return l
	}
	park := []Column{text(fault.T("所在园区"))}
	return []List{
		once("enterprises", "enterprise-rows", fault.T("企业名录明细"), exchange.EnterpriseList, park, firmRows),
		once("facilities", "facility-rows", fault.T("设施名录明细"), exchange.FacilityList, park, facilityRows),
		once("permits", "permit-rows", fault.T("许可证明细"), exchange.PermitList, park, permitRows),
		once("findings", "finding-rows", fault.T("问题清单明细"), exchange.FindingList, append(park, text(fault.T("系统编号")), text(fault.T("整改状态"))), findingRows),
	}
}

func listClass(code string) ledger.Class {
	c, _ := exchange.ClassOf(code)
	return c
}

// columnsOf are the columns of the template of a class.
func columnsOf(class ledger.Class) []Column {
	var all []Column
	for _, c := range class.Columns() {
		all = append(all, Column{c.Title(), c.Number()})
	}
	return all
}

// spoken is what one row of a list says in the columns of a template.
type spoken struct {
	keys    map[string]string // of the columns by which it is known
	payload json.RawMessage
	beside  []Cell
}

// inColumns makes the cells of a page in the columns of a template, several rows of what
// has lists; firm says whom one is about.
func inColumns[T any](r *reading, class ledger.Class, page models.Page[T], firm func(T) *models.ID, says func(T) spoken) (batch, error) {
	b, err := rows(r, page, firm, func(T) []Cell { return nil })
	if err != nil {
		return b, err
	}
	columns := class.Columns()
	b.rows = nil
	for _, x := range page.Items {
		s := says(x)
		for _, line := range class.Lines(columns, s.keys, s.payload) {
			b.rows = append(b.rows, append(line, s.beside...))
		}
	}
	return b, nil
}

// written is what was typed as the payload of a row.
func written(class ledger.Class, t ledger.Typed) json.RawMessage {
	payload, _ := class.Payload(t)
	return payload
}

// firmRows are firms that live in a park, a row for each residence.
func firmRows(r *reading, q models.Query) (batch, error) {
	page, err := r.Registry.Enterprises(r.ctx, registry.EnterpriseFilter{Q: r.has("q"), ParkID: r.has("parkId"), PermitClass: r.has("permitClass"), Resident: true}, q)
	if err != nil {
		return batch{}, err
	}
	ids := make([]models.ID, len(page.Items))
	for i, e := range page.Items {
		ids[i] = e.ID
	}
	live, err := r.Registry.Residences(r.ctx, ids, r.has("parkId"))
	if err != nil {
		return batch{}, err
	}
	type resident struct {
		firm registry.Enterprise
		home registry.Residence
	}
	homes := models.Page[resident]{Next: page.Next, Total: page.Total}
	for _, e := range page.Items {
		for _, h := range live[e.ID] {
			homes.Items = append(homes.Items, resident{e, h})
		}
	}
	class := listClass(exchange.EnterpriseList)
	b, err := inColumns(r, class, homes, nobody, func(x resident) spoken {
		return spoken{payload: written(class, exchange.FirmSays(x.firm, x.home.Site, x.home.Unit)), beside: []Cell{plain(r.park(x.home.ParkID))}}
	})
	b.made = len(page.Items)
	return b, err
}

func facilityRows(r *reading, q models.Query) (batch, error) {
	page, err := r.Registry.Facilities(r.ctx, registry.FacilityFilter{ParkID: r.has("parkId"), EnterpriseID: r.has("enterpriseId"), Kind: r.has("kind"), Standing: true}, q)
	if err != nil {
		return batch{}, err
	}
	class := listClass(exchange.FacilityList)
	return inColumns(r, class, page, func(x registry.Facility) *models.ID { return x.EnterpriseID }, func(x registry.Facility) spoken {
		return spoken{map[string]string{ledger.FirmColumn: r.firm(x.EnterpriseID)}, written(class, exchange.FacilitySays(x)), []Cell{plain(r.park(x.ParkID))}}
	})
}

func permitRows(r *reading, q models.Query) (batch, error) {
	page, err := r.Registry.Permits(r.ctx, registry.PermitFilter{ParkID: r.has("parkId"), EnterpriseID: r.has("enterpriseId"), Class: r.has("permitClass"),
		From: code.Day(r.has("from")), To: code.Day(r.has("to")), Standing: true}, q)
	if err != nil {
		return batch{}, err
	}
	return inColumns(r, listClass(exchange.PermitList), page, func(x registry.Permit) *models.ID { return x.EnterpriseID }, func(x registry.Permit) spoken {
		return spoken{map[string]string{ledger.FirmColumn: r.firm(x.EnterpriseID)}, exchange.PermitSays(x), []Cell{plain(r.park(x.ParkID))}}
	})
}

// findingRows are findings that were not withdrawn: of those that are known again. Number
// and state stand beside; they are nobody's to enter.
func findingRows(r *reading, q models.Query) (batch, error) {
	f, err := r.findingFilter()
	if err != nil {
		return batch{}, err
	}
	f.Live = true
	page, err := r.Inspection.Findings(r.ctx, f, q)
	if err != nil {
		return batch{}, err
	}
	works := map[models.ID]bool{}
	for _, x := range page.Items {
		if x.FacilityID != nil {
			works[*x.FacilityID] = true
		}
	}
	codes, err := r.Registry.FacilityCodes(r.ctx, slices.Sorted(maps.Keys(works)))
	if err != nil {
		return batch{}, err
	}
	class := listClass(exchange.FindingList)
	return inColumns(r, class, page, func(x inspection.Finding) *models.ID { return x.EnterpriseID }, func(x inspection.Finding) spoken {
		return spoken{map[string]string{ledger.FirmColumn: r.firm(x.EnterpriseID), ledger.FacilityColumn: codes[models.Deref(x.FacilityID)]}, written(class, exchange.FindingSays(x)),
			[]Cell{plain(r.park(x.ParkID)), plain(x.Number), x.State.Name()}}
	})
}

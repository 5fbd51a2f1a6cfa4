package exchange

import (
	"encoding/json"
	"strconv"
	"strings"

	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
)

// What stands, as the members of a row. By these a row that comes in is compared with what
// is registered, and the same go out in the columns of the templates (models/export): so
// what was taken out is what stands when it comes in again.

// FirmSays are the members of a firm with its residence in a park and a unit there, nil
// for none. What it says about people is in no file that goes out (docs/adr/0009).
func FirmSays(e registry.Enterprise, s registry.Site, unit *registry.Tenancy) ledger.Typed {
	in := e.Input()
	years := make([]string, len(in.KeyYears))
	for i, y := range in.KeyYears {
		years[i] = strconv.Itoa(y)
	}
	t := ledger.Typed{"/creditCode": in.CreditCode, "/name": in.Name, "/industries": listed(in.Industries), "/permitClass": in.PermitClass, "/riskLevel": in.RiskLevel,
		"/discharges": strconv.FormatBool(in.Discharges), "/aliases": listed(in.Aliases), "/keyYears": listed(years), "/process": s.Process}
	if unit != nil {
		t["/building"], t["/unit"], t["/areaM2"], t["/from"] = unit.Building, unit.Unit, unit.AreaM2, string(unit.FromOn)
	}
	return t
}

// FacilitySays are the members of a facility.
func FacilitySays(f registry.Facility) ledger.Typed {
	in := f.Input()
	t := ledger.Typed{"/code": in.Code, "/name": in.Name, "/kind": in.Kind, "/capacity": in.Capacity, "/capacityUnit": in.CapacityUnit, "/inUse": strconv.FormatBool(in.InUse),
		"/process": in.Process, "/supplier": in.Supplier, "/builtOn": in.BuiltOn, "/shifts": listed(in.Shifts), "/operation": in.Operation}
	if in.CycleHours != nil {
		t["/cycleHours"] = strconv.Itoa(*in.CycleHours)
	}
	return t
}

// PermitSays is a permit as the payload of a row: its members have the same names.
func PermitSays(p registry.Permit) json.RawMessage {
	raw, _ := json.Marshal(p.Input()) // texts, numbers and lists of them
	return raw
}

// FindingSays are the members of a finding. Where its rectification stands is none of them.
func FindingSays(f inspection.Finding) ledger.Typed {
	return ledger.Typed{"/openedOn": string(f.OpenedOn), "/dimension": strconv.Itoa(f.Dimension), "/type": f.Type, "/description": f.Description,
		"/severity": string(f.Severity), "/place": f.Place, "/dueOn": string(models.Deref(f.DueOn))}
}

// listed is a list as it stands in one cell.
func listed(all []string) string { return strings.Join(all, "、") }

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

// alike reports whether two cells say the same list, however its members are divided: a
// member may hold a comma.
func alike(a, b string) bool { return listed(divided(a)) == listed(divided(b)) }

package web

import (
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// workFields are what is entered of a facility, with what is registered of it.
func workFields(v *visit, f registry.Facility) []formField {
	units := func(u string) fault.Text { return fault.Text{Key: unitOf(v.lang, u), English: unitOf(v.lang, u)} }
	in := f.Input()
	use := standing(formField{Name: "inUse", Label: fault.T("正在使用"), Kind: "check"}, "")
	if f.InUse {
		use.Value = "true"
	}
	return []formField{
		standing(need(text("code", fault.T("设施编码，例 TW001、MF0001"))), in.Code), standing(need(text("name", fault.T("设施名称"))), in.Name),
		standing(need(pick("kind", fault.T("种类"), choices(v, workKinds(), registry.FacilityKindName))), in.Kind),
		standing(need(text("capacity", fault.T("设计能力"))), in.Capacity), standing(need(pick("capacityUnit", fault.T("能力单位"), choices(v, []string{"m3/d", "t/d", "m3/h", "m3", "t", "t/a"}, units))), in.CapacityUnit),
		standing(text("process", fault.T("处理工艺")), in.Process), standing(text("supplier", fault.T("建设或者运维单位")), in.Supplier),
		standing(text("shifts", fault.T("每天的班次，例 早班、中班、夜班")), joined(in.Shifts)), standing(pick("operation", fault.T("运行方式"), choices(v, []string{"continuous", "batch"}, registry.OperationName)), in.Operation),
		standing(text("cycleHours", fault.T("生产或者运行周期，小时")), wholeText(in.CycleHours)), standing(day("builtOn", fault.T("建成日期")), in.BuiltOn), use}
}

// facilitySaid is a facility as the form says it; where it stands is left as it is.
func facilitySaid(v *visit, in registry.FacilityInput) (registry.FacilityInput, error) {
	var c fault.Check
	f := v.field
	in.Code, in.Name, in.Kind, in.Capacity, in.CapacityUnit, in.Process, in.Supplier = f("code"), f("name"), f("kind"), f("capacity"), f("capacityUnit"), f("process"), f("supplier")
	in.Shifts, in.Operation, in.BuiltOn, in.InUse, in.CycleHours = listed(f("shifts")), f("operation"), f("builtOn"), f("inUse") == "true", whole(&c, v, "cycleHours")
	return in, c.Err()
}

// facilityPage is one facility, with the outlets behind it and the streams that it takes.
func (p *Pages) facilityPage(v *visit) (page recordPage, err error) {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return page, fault.Absent()
	}
	f, err := p.options.Registry.Facility(v.ctx, id)
	if err != nil {
		return page, err
	}
	if page, err = p.recordOf(v, f.Code+" "+f.Name, f.Placed); err != nil {
		return page, err
	}
	page.Kind = f.KindName()
	page.says(fault.T("设计能力"), f.Capacity+" "+unitOf(v.lang, f.CapacityUnit))
	page.says(fault.T("处理工艺"), f.Process)
	page.says(fault.T("建设或者运维单位"), f.Supplier)
	page.says(fault.T("每天的班次"), strings.Join(f.Shifts, say(v, fault.T("、"))))
	if f.Operation != "" {
		page.says(fault.T("运行方式"), say(v, registry.OperationName(f.Operation)))
	}
	page.says(fault.T("生产或者运行周期，小时"), wholeText(f.CycleHours))
	page.says(fault.T("建成日期"), string(models.Deref(f.BuiltOn)))
	page.stands(f.ClosedOn, f.ClosedReason)
	if l := workLineOf(f); f.ClosedOn == nil {
		page.Name, page.Mark = l.Name, l.Mark
	}
	behind := registry.FacilityFilter{FacilityID: string(f.ID)}
	outlets, err := p.options.Registry.Outlets(v.ctx, behind, models.Query{Limit: models.MaxPage})
	if err != nil {
		return page, err
	}
	streams, err := p.options.Registry.Streams(v.ctx, behind, models.Query{Limit: models.MaxPage})
	if err != nil {
		return page, err
	}
	page.Tables = []recordTable{outletTable(v, outlets.Items), streamTable(v, streams.Items)}
	if f.ClosedOn != nil {
		return page, nil
	}
	offer := func(perm policies.Permission, move string, name fault.Text, fields ...formField) {
		page.offer(v, perm, f.Placed, "/facility/"+string(f.ID), f.Version, move, name, fields...)
	}
	offer(policies.FacilityUpdate, "change", fault.T("更正设施"), workFields(v, f)...)
	offer(policies.FacilityCreate, "outlet", fault.T("登记它后面的排放口"), outletFields(v, registry.Outlet{})...)
	offer(policies.FacilityCreate, "stream", fault.T("登记进入它的废水"), streamFields(v, registry.Stream{})...)
	offer(policies.FacilityClose, "closing", fault.T("终止设施"), closingFields()...)
	return page, nil
}

// moveFacility does what a form of the page of a facility says.
func (p *Pages) moveFacility(v *visit) error {
	return p.moveRecord(v, p.facilityPage, func(_ recordPage, move string, version int64) (string, error) {
		reg, id := p.options.Registry, models.ID(v.c.Param("id"))
		at := "/facility/" + string(id)
		switch move {
		case "change":
			_, err := reg.UpdateFacility(v.ctx, id, version, func(in registry.FacilityInput) (registry.FacilityInput, error) { return facilitySaid(v, in) })
			return at, err
		case "closing":
			_, err := reg.CloseFacility(v.ctx, id, version, registry.CloseInput{On: v.field("on"), Reason: v.field("reason")})
			return at, err
		}
		f, err := reg.Facility(v.ctx, id)
		if err != nil {
			return "", err
		}
		switch move {
		case "outlet":
			o, err := reg.CreateOutlet(v.ctx, "", outletSaid(v, registry.OutletInput{ParkID: string(f.ParkID), SiteID: string(models.Deref(f.SiteID)), FacilityID: string(id)}))
			return "/outlet/" + string(o.ID), err
		case "stream":
			s, err := reg.CreateStream(v.ctx, "", streamSaid(v, registry.StreamInput{ParkID: string(f.ParkID), SiteID: string(models.Deref(f.SiteID)), FacilityID: string(id)}))
			return "/stream/" + string(s.ID), err
		}
		return "", fault.Absent()
	})
}

// worksAt are the facilities of the place that may be named as those in front, the one
// that is named among them.
func (p *Pages) worksAt(v *visit, at models.Placed, named *models.ID) (all []option, err error) {
	found, err := p.options.Registry.Facilities(v.ctx, registry.FacilityFilter{ParkID: string(at.ParkID), SiteID: string(models.Deref(at.SiteID))}, models.Query{Limit: models.MaxPage, Sort: "code"})
	for _, f := range found.Items {
		if models.Deref(f.SiteID) == models.Deref(at.SiteID) && (f.ClosedOn == nil || f.ID == models.Deref(named)) {
			all = append(all, option{Value: string(f.ID), Name: f.Code + " " + f.Name})
		}
	}
	return all, err
}

// joined are names as a field has them.
func joined(all []string) string { return strings.Join(all, "、") }

// waterOnly and airOnly choose among pollutants by what leaves at an outlet.
func waterOnly(x code.Pollutant) bool { return !x.Air() }

func airOnly(x code.Pollutant) bool { return x.Air() }

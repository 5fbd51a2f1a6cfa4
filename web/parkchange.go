package web

import (
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// parkFields are what is entered of a park, with what is registered of it. What names the
// place and puts it under a district is confirmed by the bureau, and asked of nobody else.
func parkFields(v *visit, park registry.Park, confirms bool) (all []formField) {
	in := park.Input()
	streets := streetsOf(park.Jurisdiction)
	if confirms {
		sure := standing(formField{Name: "pilotConfirmed", Label: fault.T("已确认列入试点名单"), Kind: "check"}, "")
		if in.PilotConfirmed {
			sure.Value = "true"
		}
		streets = streetsOf(nil)
		all = []formField{standing(need(text("code", fault.T("园区编码，例 SZ-07"))), in.Code), standing(text("name", fault.T("园区名称，确认后必填")), in.Name),
			standing(pick("jurisdiction", fault.T("属地，确认后必填"), choices(v, jurisdictionIDs(), code.AreaName)), in.Jurisdiction), sure}
	}
	return append(all, standing(text("aliases", fault.T("别名，多个用顿号隔开")), joined(in.Aliases)), standing(pick("streetCode", fault.T("街道，确认后必填"), streets), in.StreetCode),
		standing(text("address", fault.T("地址，确认后必填")), in.Address), standing(text("areaKm2", fault.T("面积，km²")), in.AreaKm2),
		standing(text("longitude", fault.T("经度，十进制度")), in.Longitude), standing(text("latitude", fault.T("纬度，十进制度")), in.Latitude), standing(pick("datum", fault.T("坐标系，有坐标时必填"), datums()), in.Datum),
		standing(pick("basin", fault.T("流域，确认后必填"), choices(v, code.Basins(), code.BasinName)), in.Basin), standing(text("controlUnits", fault.T("环境管控单元编码，多个用顿号隔开")), joined(in.ControlUnits)),
		standing(text("sectors", fault.T("主导行业，多个用顿号隔开，确认后必填")), sectorsOf(v, in.Sectors)), standing(text("pilotBatch", fault.T("试点批次")), in.PilotBatch), standing(day("designatedOn", fault.T("列入试点日期")), in.DesignatedOn),
		standing(text("operatorName", fault.T("管理单位，确认后必填")), in.OperatorName), standing(text("operatorCreditCode", fault.T("管理单位统一社会信用代码，确认后必填")), in.OperatorCreditCode),
		standing(text("bodyName", fault.T("环境管理机构")), in.BodyName), standing(text("head", fault.T("环境管理机构负责人，确认后必填")), in.Head), standing(text("bodyStaff", fault.T("环境管理人员数，确认后必填")), wholeText(in.BodyStaff)),
		standing(text("planEiaNo", fault.T("规划环评文号")), in.PlanEIANo), standing(day("planEiaOn", fault.T("规划环评日期")), in.PlanEIAOn), standing(day("trackingOn", fault.T("跟踪评价日期")), in.TrackingOn),
		standing(text("emergencyPlanNo", fault.T("应急预案备案编号，确认后必填")), in.EmergencyPlanNo), standing(day("emergencyFiledOn", fault.T("应急预案备案日期，确认后必填")), in.EmergencyFiledOn))
}

// streetsOf are the streets of a jurisdiction, or of the whole city where that is open.
func streetsOf(jurisdiction *string) (all []option) {
	for _, j := range code.Jurisdictions() {
		if jurisdiction != nil && *jurisdiction != string(j) {
			continue
		}
		for _, s := range code.StreetsOf(j) {
			all = append(all, option{Value: string(s), Name: s.Name()})
		}
	}
	return all
}

// parkSaid is a park as the form says it; what it did not ask is left as it is.
func parkSaid(v *visit, in registry.ParkInput) (registry.ParkInput, error) {
	var c fault.Check
	f := v.field
	if v.c.Request.PostForm.Has("code") {
		in.Code, in.Name, in.Jurisdiction, in.PilotConfirmed = f("code"), f("name"), f("jurisdiction"), f("pilotConfirmed") == "true"
	}
	in.Aliases, in.StreetCode, in.Address, in.AreaKm2, in.Basin, in.ControlUnits = namesIn(f("aliases")), f("streetCode"), f("address"), f("areaKm2"), f("basin"), listed(f("controlUnits"))
	in.Longitude, in.Latitude, in.Datum, in.PilotBatch, in.DesignatedOn = f("longitude"), f("latitude"), f("datum"), f("pilotBatch"), f("designatedOn")
	in.OperatorName, in.OperatorCreditCode, in.BodyName, in.Head, in.BodyStaff = f("operatorName"), f("operatorCreditCode"), f("bodyName"), f("head"), whole(&c, v, "bodyStaff")
	in.PlanEIANo, in.PlanEIAOn, in.TrackingOn, in.EmergencyPlanNo, in.EmergencyFiledOn = f("planEiaNo"), f("planEiaOn"), f("trackingOn"), f("emergencyPlanNo"), f("emergencyFiledOn")
	in.Sectors = namesIn(f("sectors"))
	for i, typed := range in.Sectors { // by the name that the page shows
		for _, s := range registry.Sectors() {
			if say(v, registry.SectorName(s)) == typed {
				in.Sectors[i] = s
			}
		}
	}
	return in, c.Err()
}

// parkForms are what may be done about the register of a park.
func parkForms(v *visit, park registry.Park) (forms []moveForm) {
	if park.ClosedOn != nil {
		return nil
	}
	add := func(perm policies.Permission, move string, name fault.Text, fields ...formField) {
		if v.mayAbout(perm, park.Place()) {
			form := newMove(v, "/park/"+string(park.ID), move, name, fields)
			form.Hidden = versionOf(park.Version)
			forms = append(forms, form)
		}
	}
	add(policies.ParkUpdate, "change", fault.T("更正基本情况"), parkFields(v, park, v.mayAbout(policies.ParkConfirm, park.Place()))...)
	add(policies.ParkUpdate, "phase", fault.T("登记分期"), need(text("number", fault.T("期次，例 1"))), need(text("name", fault.T("分期名称"))), text("floorArea", fault.T("建筑面积，万 m²")),
		need(pick("state", fault.T("状态"), choices(v, registry.PhaseStates(), registry.PhaseStateName))), day("trialFrom", fault.T("试运行日期")))
	add(policies.ParkClose, "closing", fault.T("终止园区登记"), closingFields()...)
	return forms
}

// changePark does what such a form says; false when there is none of the name.
func (p *Pages) changePark(v *visit, id models.ID, move string, version int64) (known bool, err error) {
	if !slices.Contains([]string{"change", "phase", "closing"}, move) {
		return false, nil
	}
	reg, f := p.options.Registry, v.field
	park, err := reg.Park(v.ctx, id)
	if err == nil {
		err = strayed(v, parkForms(v, park), move)
	}
	if err != nil {
		return true, err
	}
	switch move {
	case "change":
		_, err = reg.UpdatePark(v.ctx, id, version, func(in registry.ParkInput) (registry.ParkInput, error) { return parkSaid(v, in) })
	case "phase":
		_, err = reg.CreatePhase(v.ctx, id, "", registry.PhaseInput{Number: f("number"), Name: f("name"), FloorArea: f("floorArea"), State: f("state"), TrialFrom: f("trialFrom")})
	case "closing":
		_, err = reg.ClosePark(v.ctx, id, version, registry.CloseInput{On: f("on"), Reason: f("reason")})
	}
	return true, err
}

// newParkForms are what may be registered beside the list of parks.
func newParkForms(v *visit) []moveForm {
	if !v.may(policies.ParkCreate) {
		return nil
	}
	form := newMove(v, "/parks", "park", fault.T("登记园区"), parkFields(v, registry.Park{}, true))
	form.Aside = true
	return []moveForm{form}
}

// registerPark registers the park that the form says and shows it.
func (p *Pages) registerPark(v *visit) error {
	err := strayed(v, newParkForms(v), "park")
	if err == nil {
		var in registry.ParkInput
		if in, err = parkSaid(v, registry.ParkInput{}); err == nil {
			var park registry.Park
			if park, err = p.options.Registry.CreatePark(v.ctx, "", in); err == nil {
				v.to("/park/" + string(park.ID))
				return nil
			}
		}
	}
	f, here := p.told(v, err)
	if !here {
		return err
	}
	page, err := p.parksOf(v, string(tierOf(v.actor))+"/parks")
	if err != nil {
		return err
	}
	page.Failure, page.Shell.Failed = f, true
	page.Kept = p.refused(v, page.Forms, "park", nil, f)
	return p.show(v, f.Status, "parks.html", page)
}

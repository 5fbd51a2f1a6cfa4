package web

import (
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// outletFields are what is entered of an outlet, with what is registered of it: where the
// water goes, and what decides which limits apply.
func outletFields(v *visit, o registry.Outlet) []formField {
	in := o.Input()
	special := standing(formField{Name: "specialLimits", Label: fault.T("在执行特别排放限值的区域"), Kind: "check"}, "")
	if in.SpecialLimits {
		special.Value = "true"
	}
	several := func(name string, label fault.Text, all []discharge.Option, chosen []string) formField {
		f := standing(formField{Name: name, Label: label, Kind: "checks"}, "")
		for _, o := range all {
			f.Options = append(f.Options, option{Value: o.ID, Name: words.Name(v.lang, o.Name)})
		}
		f.Options = chosenOf(f.Options, chosen)
		return f
	}
	return []formField{
		standing(need(text("code", fault.T("排放口编码，例 DW001、DA001、YS001"))), in.Code), standing(text("name", fault.T("排放口名称")), in.Name),
		standing(need(pick("kind", fault.T("种类"), choices(v, []string{"total", "workshop", "rain", "air"}, outletKindName))), in.Kind),
		standing(need(pick("regime", fault.T("排放方式"), choices(v, []string{"direct", "indirect", "none"}, regimeName))), in.Regime),
		standing(text("receivingPlant", fault.T("受纳污水处理厂，间接排放必填")), in.ReceivingPlant), standing(pick("receiver", fault.T("受纳方，仅间接排放；不填为城镇污水处理厂"), choices(v, []string{"municipal", "park"}, registry.ReceiverName)), in.Receiver),
		standing(text("receivingWater", fault.T("受纳水体，直接排放必填")), in.ReceivingWater), standing(pick("waterClass", fault.T("受纳水体的水质类别，仅直接排放"), choices(v, []string{"III", "IV", "V"}, waterClassName)), in.WaterClass),
		standing(text("destination", fault.T("排放去向")), in.Destination),
		several("production", fault.T("生产类别，决定执行的行业标准"), discharge.Productions(), in.Production), several("standards", fault.T("批复指明的行业标准，没有指明不选"), discharge.Standards(), in.Standards),
		standing(text("eiaNumber", fault.T("决定执行标准的环评批复文号")), in.EIANumber), standing(day("eiaApprovedOn", fault.T("环评批复日期，多次批复填最近一次")), in.EIAApprovedOn), special,
		standing(text("longitude", fault.T("经度，十进制度")), in.Longitude), standing(text("latitude", fault.T("纬度，十进制度")), in.Latitude), standing(pick("datum", fault.T("坐标系，有坐标时必填"), datums()), in.Datum)}
}

func datums() []option {
	return []option{{Value: "WGS-84", Name: "WGS-84"}, {Value: "GCJ-02", Name: "GCJ-02"}}
}

func waterClassName(class string) fault.Text { return fault.Text{Key: class, English: class} }

// outletSaid is an outlet as the form says it; where it stands, and what is in front of it
// where the form does not ask, are left as they are.
func outletSaid(v *visit, in registry.OutletInput) registry.OutletInput {
	f, sent := v.field, v.c.Request.PostForm
	in.Code, in.Name, in.Kind, in.Regime, in.Destination = f("code"), f("name"), f("kind"), f("regime"), f("destination")
	in.ReceivingPlant, in.Receiver, in.ReceivingWater, in.WaterClass = f("receivingPlant"), f("receiver"), f("receivingWater"), f("waterClass")
	in.Production, in.Standards, in.EIANumber, in.EIAApprovedOn, in.SpecialLimits = sent["production"], sent["standards"], f("eiaNumber"), f("eiaApprovedOn"), f("specialLimits") == "true"
	in.Longitude, in.Latitude, in.Datum = f("longitude"), f("latitude"), f("datum")
	if sent.Has("facilityId") {
		in.FacilityID = f("facilityId")
	}
	return in
}

// outletTable lists outlets, each with its page.
func outletTable(v *visit, all []registry.Outlet) recordTable {
	t := recordTable{Name: fault.T("排放口"), Heads: []recordHead{{fault.T("编码"), "mono nowrap"}, {fault.T("种类"), "one"}, {fault.T("排放方式"), "end"}, {fault.T("排入"), "rest"}}}
	for _, o := range all {
		l := outletLineOf(o)
		t.Rows = append(t.Rows, []recordCell{{Text: o.Code, Link: "/outlet/" + string(o.ID)}, {Text: say(v, l.Kind), Sub: o.Name}, {Text: say(v, l.Regime)}, {Text: l.Into()}})
	}
	return t
}

// outletPage is one outlet, with the limits in force there today and those beside them.
func (p *Pages) outletPage(v *visit) (page recordPage, err error) {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return page, fault.Absent()
	}
	o, err := p.options.Registry.Outlet(v.ctx, id)
	if err != nil {
		return page, err
	}
	if page, err = p.recordOf(v, o.Code+" "+o.Name, o.Placed); err != nil {
		return page, err
	}
	page.Kind = o.KindName()
	works, err := p.worksAt(v, o.Placed, o.FacilityID)
	if err != nil {
		return page, err
	}
	for _, w := range works {
		if w.Value == string(models.Deref(o.FacilityID)) {
			page.Said = append(page.Said, saidLine{fault.T("前端治理设施"), w.Name, "/facility/" + w.Value})
		}
	}
	page.outletSays(v, o)
	page.stands(o.ClosedOn, o.ClosedReason)
	sets, err := p.options.Registry.Limits(v.ctx, o.ID, "", "")
	if err != nil {
		return page, err
	}
	page.Tables = []recordTable{limitTable(v, sets)}
	if o.ClosedOn != nil {
		return page, nil
	}
	of := waterOnly
	if o.Kind == discharge.Air {
		of = airOnly
	}
	page.Choices = pollutantChoices(v.lang, of)
	offer := func(perm policies.Permission, move string, name fault.Text, fields ...formField) {
		page.offer(v, perm, o.Placed, "/outlet/"+string(o.ID), o.Version, move, name, fields...)
	}
	front := standing(formField{Name: "facilityId", Label: fault.T("前端治理设施"), Kind: "select", Options: works}, string(models.Deref(o.FacilityID)))
	offer(policies.FacilityUpdate, "limit", fault.T("登记排放限值"), limitFields(v)...)
	offer(policies.FacilityUpdate, "change", fault.T("更正排放口"), append([]formField{front}, outletFields(v, o)...)...)
	offer(policies.FacilityClose, "closing", fault.T("停用排放口"), closingFields()...)
	return page, nil
}

// outletSays is what the register has of the outlet.
func (page *recordPage) outletSays(v *visit, o registry.Outlet) {
	named := func(all []discharge.Option, ids []string) string {
		var said []string
		for _, x := range all {
			for _, id := range ids {
				if x.ID == id {
					said = append(said, words.Name(v.lang, x.Name))
				}
			}
		}
		return strings.Join(said, say(v, fault.T("、")))
	}
	page.says(fault.T("排放方式"), say(v, o.RegimeName()))
	page.says(fault.T("受纳污水处理厂"), o.ReceivingPlant)
	if o.Receiver != "" {
		page.says(fault.T("受纳方"), say(v, registry.ReceiverName(o.Receiver)))
	}
	page.says(fault.T("受纳水体"), o.ReceivingWater)
	page.says(fault.T("受纳水体的水质类别"), o.WaterClass)
	page.says(fault.T("排放去向"), o.Destination)
	page.says(fault.T("生产类别"), named(discharge.Productions(), o.Production))
	page.says(fault.T("批复指明的行业标准"), named(discharge.Standards(), o.Standards))
	page.says(fault.T("环评批复"), o.EIANumber)
	page.says(fault.T("环评批复日期"), string(models.Deref(o.EIAApprovedOn)))
	if o.SpecialLimits {
		page.says(fault.T("特别排放限值"), say(v, fault.T("执行")))
	}
	if o.Longitude != "" {
		page.says(fault.T("坐标"), o.Longitude+", "+o.Latitude+" "+o.Datum)
	}
}

// moveOutlet does what a form of the page of an outlet says.
func (p *Pages) moveOutlet(v *visit) error {
	return p.moveRecord(v, p.outletPage, func(_ recordPage, move string, version int64) (string, error) {
		reg, id := p.options.Registry, models.ID(v.c.Param("id"))
		var err error
		switch move {
		case "change":
			_, err = reg.UpdateOutlet(v.ctx, id, version, func(in registry.OutletInput) (registry.OutletInput, error) { return outletSaid(v, in), nil })
		case "limit":
			_, err = reg.AddLimit(v.ctx, id, limitSaid(v))
		case "closing":
			_, err = reg.CloseOutlet(v.ctx, id, version, registry.CloseInput{On: v.field("on"), Reason: v.field("reason")})
		default:
			err = fault.Absent()
		}
		return "/outlet/" + string(id), err
	})
}

func limitFields(v *visit) []formField {
	pollutant := need(text("pollutant", fault.T("污染物，名称或者代码")))
	pollutant.List = "pollutants"
	return []formField{pollutant, need(text("maximum", fault.T("上限，不得检出填 ND"))), text("minimum", fault.T("下限，仅 pH 等")), text("unit", fault.T("单位，不填为这种污染物的常用单位")),
		need(pick("basis", fault.T("依据"), choices(v, registry.LimitBases(), registry.LimitBasisName))), need(text("standard", fault.T("文件或者标准编号"))), need(day("validFrom", fault.T("起始日期"))), day("validTo", fault.T("终止日期，未定不填"))}
}

// limitSaid is a limit as the form says it.
func limitSaid(v *visit) registry.LimitInput {
	f := v.field
	in := registry.LimitInput{Pollutant: pollutantTyped(v, "pollutant", nil), Minimum: f("minimum"), Maximum: f("maximum"), Unit: f("unit"), Basis: f("basis"), Standard: f("standard"), ValidFrom: f("validFrom"), ValidTo: f("validTo")}
	if p, known := code.PollutantOf(in.Pollutant); known && in.Unit == "" {
		in.Unit = p.Unit()
	}
	return in
}

// limitTable are the limits in force, each with its basis and why, and those that were
// registered and are not.
func limitTable(v *visit, sets []discharge.Set) recordTable {
	t := recordTable{Name: fault.T("排放限值（今天）"), Heads: []recordHead{{fault.T("污染物"), "one"}, {fault.T("限值"), "end nowrap"}, {fault.T("执行"), "last nowrap"}, {fault.T("依据"), "rest"}}}
	for i := range sets {
		for _, c := range sets[i].Candidates {
			if !c.InForce && c.ID == "" {
				continue
			}
			row := []recordCell{{Text: words.Name(v.lang, discharge.Name(c.Pollutant))}, {Text: say(v, discharge.Limit(c.Minimum, c.Maximum, c.Unit))}, {Text: say(v, fault.T("执行"))},
				{Text: say(v, c.Cited()), Sub: say(v, sets[i].Text(c))}}
			if !c.InForce {
				row[2] = recordCell{Text: say(v, fault.T("不执行")), Mark: noScore}
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

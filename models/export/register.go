package export

import (
	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// registerLists are the lists of the register.
func registerLists() []List {
	return []List{
		{Name: "parks", Title: fault.T("园区名录"), Need: policies.ParkRead, sort: "code", read: parks,
			Columns: []Column{text(fault.T("编码")), text(fault.T("名称")), text(fault.T("属地")), text(fault.T("主导行业")), text(fault.T("试点阶段")), text(fault.T("列入试点")), text(fault.T("管理单位")), text(fault.T("地址")), text(fault.T("试点名单已确认")), text(fault.T("来源"))},
			Filters: []Filter{words(), byJurisdiction(), oneOf("state", fault.T("试点阶段"), registry.PilotStates(), registry.PilotState.Name)}},
		{Name: "enterprises", Title: fault.T("企业名录"), Need: policies.EnterpriseRead, sort: "name", read: firms,
			Columns: []Column{text(fault.T("企业名称")), text(fault.T("统一社会信用代码")), text(fault.T("主行业")), text(fault.T("许可管理类别")), text(fault.T("环境风险")), text(fault.T("排污单位")), text(fault.T("已终止"))},
			Filters: []Filter{words(), byPark(), byPermitClass()}},
		{Name: "permits", Title: fault.T("许可证"), Need: policies.PermitRead, sort: "validTo", read: permits,
			Columns: []Column{text(fault.T("编号")), text(fault.T("园区名称")), text(fault.T("企业名称")), text(fault.T("许可管理类别")), text(fault.T("状态")), text(fault.T("签发日期")), text(fault.T("有效期至")), text(fault.T("发证机关"))},
			Filters: []Filter{byPark(), byFirm(), byPermitClass(), from(), until()}},
		{Name: "facilities", Title: fault.T("治理设施"), Need: policies.FacilityRead, sort: "code", read: works,
			Columns: []Column{text(fault.T("编码")), text(fault.T("名称")), text(fault.T("园区名称")), text(fault.T("企业名称")), text(fault.T("种类")), number(fault.T("设计能力")), text(fault.T("单位")), text(fault.T("处理工艺")), text(fault.T("状态"))},
			Filters: []Filter{byPark(), byFirm(), oneOf("kind", fault.T("种类"), []string{"treatment", "central", "store", "basin", "production"}, registry.FacilityKindName)}},
		{Name: "outlets", Title: fault.T("排放口"), Need: policies.FacilityRead, sort: "code", read: outlets,
			Columns: []Column{text(fault.T("编码")), text(fault.T("名称")), text(fault.T("园区名称")), text(fault.T("企业名称")), text(fault.T("种类")), text(fault.T("排放方式")), text(fault.T("受纳污水处理厂"))},
			Filters: []Filter{byPark(), byFirm()}},
	}
}

func parks(r *reading, q models.Query) (batch, error) {
	page, err := r.Registry.Parks(r.ctx, registry.ParkFilter{Q: r.has("q"), Jurisdiction: r.has("jurisdiction"), PilotState: r.has("state")}, q)
	if err != nil {
		return batch{}, err
	}
	return rows(r, page, nobody, func(x registry.Park) []Cell {
		in := Cell{}
		if x.Jurisdiction != nil {
			in = code.AreaName(*x.Jurisdiction)
		}
		return []Cell{plain(x.Code), plain(models.Deref(x.Name)), in, sectors(x.Sectors), x.Pilot().Name(), dayOf(x.DesignatedOn), plain(x.OperatorName), plain(x.Address), is(x.PilotConfirmed), plain(x.Source)}
	})
}

// sectors are the main industries of a park.
func sectors(all []string) Cell {
	var said Cell
	for i, s := range all {
		if name := registry.SectorName(s); i == 0 {
			said = name
		} else {
			said = fault.T("{{.First}} / {{.Next}}", "First", said, "Next", name)
		}
	}
	return said
}

func firms(r *reading, q models.Query) (batch, error) {
	page, err := r.Registry.Enterprises(r.ctx, registry.EnterpriseFilter{Q: r.has("q"), ParkID: r.has("parkId"), PermitClass: r.has("permitClass")}, q)
	if err != nil {
		return batch{}, err
	}
	return rows(r, page, nobody, func(x registry.Enterprise) []Cell {
		return []Cell{plain(x.Name), plain(x.CreditCode), code.Industry(x.MainIndustry).Title(), registry.PermitClassName(x.PermitClass), x.RiskName(), is(x.Discharges), dayOf(x.ClosedOn)}
	})
}

func permits(r *reading, q models.Query) (batch, error) {
	page, err := r.Registry.Permits(r.ctx, registry.PermitFilter{ParkID: r.has("parkId"), EnterpriseID: r.has("enterpriseId"), Class: r.has("permitClass"), From: code.Day(r.has("from")), To: code.Day(r.has("to"))}, q)
	if err != nil {
		return batch{}, err
	}
	return rows(r, page, func(x registry.Permit) *models.ID { return x.EnterpriseID }, func(x registry.Permit) []Cell {
		return []Cell{plain(x.Number), plain(r.park(x.ParkID)), plain(r.firm(x.EnterpriseID)), registry.PermitClassName(x.Class), registry.PermitStandingName(x.Standing(r.today)),
			plain(string(x.IssuedOn)), plain(string(x.ValidTo)), plain(x.Authority)}
	})
}

func works(r *reading, q models.Query) (batch, error) {
	page, err := r.Registry.Facilities(r.ctx, registry.FacilityFilter{ParkID: r.has("parkId"), EnterpriseID: r.has("enterpriseId"), Kind: r.has("kind")}, q)
	if err != nil {
		return batch{}, err
	}
	return rows(r, page, func(x registry.Facility) *models.ID { return x.EnterpriseID }, func(x registry.Facility) []Cell {
		return []Cell{plain(x.Code), plain(x.Name), plain(r.park(x.ParkID)), plain(r.firm(x.EnterpriseID)), x.KindName(), plain(x.Capacity), plain(code.WrittenUnit(x.CapacityUnit)), plain(x.Process), x.StandingName()}
	})
}

func outlets(r *reading, q models.Query) (batch, error) {
	page, err := r.Registry.Outlets(r.ctx, registry.FacilityFilter{ParkID: r.has("parkId"), EnterpriseID: r.has("enterpriseId")}, q)
	if err != nil {
		return batch{}, err
	}
	return rows(r, page, func(x registry.Outlet) *models.ID { return x.EnterpriseID }, func(x registry.Outlet) []Cell {
		return []Cell{plain(x.Code), plain(x.Name), plain(r.park(x.ParkID)), plain(r.firm(x.EnterpriseID)), x.KindName(), x.RegimeName(), plain(x.ReceivingPlant)}
	})
}

func dayOf(d *code.Day) Cell { return plain(string(models.Deref(d))) }

package registry

import "parkregistry/internal/fault"

// KindName is a kind of facility as people call it.
func (f Facility) KindName() fault.Text { return FacilityKindName(f.Kind) }

// FacilityKindName is a kind of facility as people call it.
func FacilityKindName(kind string) fault.Text {
	switch kind {
	case "production":
		return fault.T("生产设施")
	case "treatment":
		return fault.T("污染防治设施")
	case "central":
		return fault.T("集中处理设施")
	case "store":
		return fault.T("贮存设施")
	}
	return fault.T("应急池")
}

// StandingName is whether the facility is in use.
func (f Facility) StandingName() fault.Text {
	switch {
	case f.ClosedOn != nil:
		return fault.T("已终止")
	case !f.InUse:
		return fault.T("停用")
	}
	return fault.T("在用")
}

// KindName is a kind of outlet as people call it.
func (o Outlet) KindName() fault.Text {
	switch o.Kind {
	case "workshop":
		return fault.T("车间排放口")
	case "rain":
		return fault.T("雨水排放口")
	case "air":
		return fault.T("废气排放口")
	}
	return fault.T("总排放口")
}

// StreamKindName is a kind of waste water that is kept apart (分质).
func StreamKindName(kind string) fault.Text {
	switch kind {
	case "nickel":
		return fault.T("含镍废水")
	case "chromium":
		return fault.T("含铬废水")
	case "cyanide":
		return fault.T("含氰废水")
	case "complexed":
		return fault.T("络合废水")
	case "ammonia":
		return fault.T("含氨废水")
	case "acid_alkali":
		return fault.T("酸碱废水")
	case "organic":
		return fault.T("有机废水")
	case "domestic":
		return fault.T("生活污水")
	}
	return fault.T("综合废水")
}

// RegimeName is how an outlet discharges.
func (o Outlet) RegimeName() fault.Text {
	switch o.Regime {
	case "indirect":
		return fault.T("间接排放")
	case "none":
		return fault.T("不外排")
	}
	return fault.T("直接排放")
}

// PermitClassName is how strictly a firm is under permit.
func PermitClassName(class string) fault.Text {
	switch class {
	case "key":
		return fault.T("重点管理")
	case "simplified":
		return fault.T("简化管理")
	case "registration":
		return fault.T("登记管理")
	}
	return fault.T("不需要许可")
}

// RiskName is the level of environmental risk; empty where it was not assessed.
func (e Enterprise) RiskName() fault.Text {
	switch e.RiskLevel {
	case "general":
		return fault.T("一般风险")
	case "larger":
		return fault.T("较大风险")
	case "major":
		return fault.T("重大风险")
	}
	return fault.Text{}
}

// PermitStandingName is where a permit stands in words: Permit.Standing on a day.
func PermitStandingName(standing string) fault.Text {
	switch standing {
	case "issued":
		return fault.T("有效")
	case "registered":
		return fault.T("已登记")
	case "renewal_due":
		return fault.T("应当延续")
	case "expired":
		return fault.T("已过期")
	case "applied":
		return fault.T("申请中")
	case "changed":
		return fault.T("已变更")
	case "withdrawn":
		return fault.T("已撤销许可")
	}
	return fault.T("已注销")
}

// CalledName is what a park is called; a place without a public name by its code.
func (p Park) CalledName() string {
	if p.Name != nil {
		return *p.Name
	}
	return p.Code
}

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

// PhaseStates are the states of a phase of a park, in the order of its life.
func PhaseStates() []string { return []string{"planned", "building", "trial", "operating"} }

// PhaseStateName is the state of a phase as people call it.
func PhaseStateName(state string) fault.Text {
	switch state {
	case "planned":
		return fault.T("规划")
	case "building":
		return fault.T("在建")
	case "trial":
		return fault.T("试运行")
	}
	return fault.T("运行")
}

// OperationName is how a facility runs.
func OperationName(o string) fault.Text {
	if o == "batch" {
		return fault.T("间歇（按批次）运行")
	}
	return fault.T("连续运行")
}

// ReceiverName is who takes the water of an outlet that discharges indirectly.
func ReceiverName(r string) fault.Text {
	if r == "park" {
		return fault.T("园区集中处理设施")
	}
	return fault.T("城镇污水处理厂")
}

// LimitBases are what a limit that is registered at an outlet may rest on.
func LimitBases() []string { return []string{"eia", "permit", "local", "national", "general"} }

// LimitBasisName is what such a limit rests on, as people call it.
func LimitBasisName(basis string) fault.Text {
	switch basis {
	case "permit":
		return fault.T("排污许可证")
	case "eia":
		return fault.T("环评批复")
	case "local":
		return fault.T("地方标准")
	case "national":
		return fault.T("行业标准")
	}
	return fault.T("综合标准")
}

// Averagings are the times over which a permitted limit is averaged.
func Averagings() []string { return []string{"daily", "hourly", "instant"} }

// AveragingName is one of them as people call it.
func AveragingName(averaging string) fault.Text {
	switch averaging {
	case "hourly":
		return fault.T("小时均值")
	case "instant":
		return fault.T("瞬时值")
	}
	return fault.T("日均值")
}

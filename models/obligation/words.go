package obligation

import "parkregistry/internal/fault"

// Name is the state in words.
func (s State) Name() fault.Text {
	switch s {
	case Due:
		return fault.T("待报送")
	case OnTime:
		return fault.T("按时报送")
	case Late:
		return fault.T("迟报")
	case Backfilled:
		return fault.T("补报")
	case Missing:
		return fault.T("缺报")
	case Excused:
		return fault.T("免报")
	case EventDriven:
		return fault.T("按批次、周期或者事件记录，不按日历判断")
	default:
		return fault.T("记录频次无法识别或者没有登记依据，不作判断")
	}
}

// Detail is the reason in words.
func (r Reason) Detail() fault.Text {
	switch r {
	case BeforePermit:
		return fault.T("排污许可证还没有生效")
	case PermitExpired:
		return fault.T("排污许可证已经过期，没有新的许可证")
	case PermitEnded:
		return fault.T("排污许可证已经撤销、注销或者转移")
	case NotRequired:
		return fault.T("排污许可证没有要求记录这一类台账")
	case RegisteredOnly:
		return fault.T("登记管理，不要求台账")
	case Automatic:
		return fault.T("自动监测，不要求手工记录")
	case BeforeMoveIn:
		return fault.T("企业还没有入驻")
	case MovedOut:
		return fault.T("企业已经迁出")
	case NotBuilt:
		return fault.T("设施还没有建成")
	case NotInUse:
		return fault.T("设施没有在用")
	case FacilityClosed:
		return fault.T("设施已经终止")
	case ShutDown:
		return fault.T("停产停运，只记录第一天和最后一天")
	case DayOff:
		return fault.T("按工作日记录，这一天休息")
	}
	return fault.Text{}
}

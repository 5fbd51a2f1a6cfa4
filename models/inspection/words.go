package inspection

import "parkregistry/internal/fault"

// Name is the nature as people call it.
func (n Nature) Name() fault.Text {
	if n == NatureInspection {
		return fault.T("现场检查")
	}
	return fault.T("巡查")
}

// What is the nature of the patrol with its occasion.
func (p Patrol) What() fault.Text {
	return fault.T("{{.Nature}}，{{.Occasion}}", "Nature", p.Nature.Name(), "Occasion", occasionName(p.Kind))
}

func occasionName(kind string) fault.Text {
	switch kind {
	case "special":
		return fault.T("专项")
	case "afterRain":
		return fault.T("雨后")
	case "night":
		return fault.T("夜间")
	case "recheck":
		return fault.T("复查")
	case "random":
		return fault.T("随机")
	}
	return fault.T("日常")
}

// StateName is how far a walk has come.
func (w Walk) StateName() fault.Text {
	switch w.State {
	case Planned:
		return fault.T("计划")
	case Completed:
		return fault.T("已完成")
	case Cancelled:
		return fault.T("已取消")
	}
	return fault.T("进行中")
}

// StateName is whether the draw was made.
func (d Draw) StateName() fault.Text {
	if d.DrawnAt != nil {
		return fault.T("已抽取")
	}
	return fault.T("名单已公布")
}

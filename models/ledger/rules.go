package ledger

import (
	"time"

	"parkregistry/internal/fault"
)

// rule is a check across the fields of a payload. One that blocks finds what
// cannot be; the others only advise.
type rule struct {
	blocks bool
	check  func(Content) []fault.Violation
}

// rules are all rules by the name that a class gives.
var rules = map[string]*rule{
	"period":    {true, period},
	"withinDay": {true, withinDay},
	"balance":   {false, balance},
	"readings":  {false, emptyReadings},
}

func one(pointer, code string, detail fault.Text) []fault.Violation {
	return []fault.Violation{{Pointer: pointer, Code: code, Detail: detail}}
}

func period(c Content) []fault.Violation {
	start, ok1 := c.Times["/startAt"]
	end, ok2 := c.Times["/endAt"]
	if ok1 && ok2 && !end.After(start) {
		return one("/endAt", "order", fault.T("结束时间应当晚于开始时间"))
	}
	return nil
}

func withinDay(c Content) []fault.Violation {
	start, ok1 := c.Times["/startAt"]
	end, ok2 := c.Times["/endAt"]
	if ok1 && ok2 && end.Sub(start) > 24*time.Hour {
		return one("/endAt", "range", fault.T("每日记录的开始和结束时间相差不超过 24 小时"))
	}
	return nil
}

// balance: more water leaves than was treated. Storage and rounding explain a
// little of it, so that it advises only.
func balance(c Content) []fault.Violation {
	treated, ok1 := c.number("treated")
	reused, ok2 := c.number("reused")
	discharged, ok3 := c.number("discharged")
	if ok1 && ok2 && ok3 && reused+discharged > treated {
		return one("/discharged", "balance", fault.T("回用量与排放量之和大于处理量，核对三项数值"))
	}
	return nil
}

func emptyReadings(c Content) []fault.Violation {
	n, given := c.Lengths["/readings"]
	if discharged, ok := c.number("discharged"); ok && discharged == 0 {
		return nil
	}
	if given && n == 0 {
		return one("/readings", "empty", fault.T("没有填写监测值；有排放的，补充出水水质"))
	}
	return nil
}

// advice is what the rules that do not block have to say.
func (c Class) advice(content Content) []fault.Violation {
	var out []fault.Violation
	for _, name := range c.Rules {
		if r := rules[name]; !r.blocks {
			out = append(out, r.check(content)...)
		}
	}
	return out
}

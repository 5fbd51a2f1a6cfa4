package rhythm

import "strings"

// suffixed are the conditions whose words mean something else without 的, 时 or 期间.
var suffixed = map[Kind]bool{Producing: true, Stopped: true, Discharging: true, Faulty: true, ContinuousRun: true, BatchRun: true}

// mostConditions is how many conditions of one rhythm are read: more is prose.
const mostConditions = 2

// condition reads the conditions at the start of a part: 冬季, 重点排污单位, 停产期间.
func (p *parser) condition(now *part) bool {
	before := len(now.When)
	for len(now.When) < mostConditions {
		var w When
		words := p.rest
		if !p.try(func() bool {
			p.longest("对于", "对", "在", "当", "若", "如", "遇", "其中")
			return p.known(&w) || p.cycle(&w)
		}) {
			break
		}
		w.Text = strings.TrimRight(words[:len(words)-len(p.rest)], ":")
		if last := len(p.parts) - 1; w.Kind == CleanYear && len(now.When) == 0 && last >= 0 {
			now.When = append(now.When, p.parts[last].When...) // what is relaxed holds in the same case
			now.Subject = p.parts[last].Subject
		}
		now.When = append(now.When, w)
	}
	return len(now.When) > before
}

func (p *parser) known(w *When) bool {
	return p.try(func() bool {
		_, kind, found := pick(&p.scan, conditions)
		if !found {
			return false
		}
		w.Kind = kind
		suffix := p.longest("的", "时", "时段", "期", "期间", "期间的", "时的", "情况下", "状态下", "工况下", "条件下", "区域", "的单位", "内", "后")
		return p.word(":") || suffix != "" || !suffixed[kind] || p.ended()
	})
}

// cycle reads 周期小于1天的, 生产周期在8小时以内的.
func (p *parser) cycle(w *When) bool {
	return p.try(func() bool {
		if p.longest("周期", "生产周期", "排放周期", "运行周期") == "" {
			return false
		}
		_, kind, stated := pick(&p.scan, bounded)
		if !stated {
			kind = CycleWithin
			p.word("在")
		}
		n, ok := p.number()
		unit := p.longest("小时", "h", "天", "日")
		within := p.longest("以内", "内") != ""
		if !ok || unit == "" || within == stated {
			return false
		}
		if unit == "天" || unit == "日" {
			n *= 24
		}
		w.Kind, w.Hours = kind, n
		p.longest("的", "时")
		p.word(":")
		return true
	})
}

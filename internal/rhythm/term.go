package rhythm

import (
	"regexp"
	"strings"
)

// terms reads one rhythm, or several of which one is enough: 1次/日或批次.
func (p *parser) terms(now *part) bool {
	return p.try(func() bool {
		now.Any, now.Each, now.counted = nil, "", false
		p.each(now)
		p.longest("可放宽至", "放宽至", "可放宽到", "可降低至", "可降低为")
		p.longest(verbs...)
		for {
			t, counted, ok := p.term()
			if !ok && len(now.Any) > 0 {
				t, counted, ok = p.alternative(now.Any[0], now.counted)
			}
			if !ok || len(now.Any) > 0 && now.counted != counted && max(t.Times, now.Any[0].Times) > 1 {
				return false
			}
			now.Any, now.counted = append(now.Any, t), now.counted || counted
			if p.longest("或", "或者") == "" {
				return true
			}
		}
	})
}

// alternative reads the bare unit after 或, which takes count and stroke from the first.
func (p *parser) alternative(first Term, counted bool) (Term, bool, bool) {
	s, ok := p.span()
	if !ok || first.Mode != Counted {
		return Term{}, false, false
	}
	p.verbs()
	return Term{Mode: Counted, Times: first.Times, AtLeast: first.AtLeast, Every: s.every, Unit: s.unit, Of: s.of}, counted, true
}

// each takes 每台设备 and 各排放口 in front of a rhythm.
func (p *parser) each(now *part) {
	p.try(func() bool {
		if p.longest("每", "各", "每个", "每一") == "" {
			return false
		}
		now.Each = p.longest(things...)
		return now.Each != ""
	})
}

func (p *parser) verbs() {
	for range 2 {
		p.longest(verbs...)
	}
}

// term reads one rhythm and says whether it counts or only names the unit.
func (p *parser) term() (t Term, counted, ok bool) {
	for _, form := range []func(*Term, *bool) bool{
		p.exempt, p.ends, p.changes, p.happens, p.continuous, p.reference, p.stroke, p.every, p.per, p.spanned, p.named,
	} {
		t, counted = Term{}, false
		if p.try(func() bool { return form(&t, &counted) }) {
			return t, counted, true
		}
	}
	return Term{}, false, false
}

// span reads a unit with its factor: 日, 2小时, 两个月.
func (p *parser) span() (s span, ok bool) {
	ok = p.try(func() bool {
		n, many := p.number()
		_, found, ok := pick(&p.scan, spans)
		if many {
			found.every *= n
		}
		s = found
		return ok && (!many || s.unit != HalfYear)
	})
	return s, ok
}

// count reads 1次, 至少3次, 不少于两次, 2次以上.
func (p *parser) count(t *Term) bool {
	return p.try(func() bool {
		t.AtLeast = p.longest("至少", "不少于", "不低于", "不得少于", "≥", ">=") != ""
		n, ok := p.number()
		if !ok || !p.word("次") {
			return false
		}
		if p.longest("以上", "及以上") != "" {
			t.AtLeast = true
		}
		t.Times = n
		return true
	})
}

func counting(t *Term, s span) bool {
	t.Mode, t.Every, t.Unit, t.Of = Counted, s.every, s.unit, s.of
	t.Times = max(t.Times, 1)
	return true
}

func occasion(t *Term, u Unit, of string) bool {
	return counting(t, span{u, 1, of})
}

// stroke reads 1次/日, 不少于4次/日, 1次/2小时, 1次/异常情况, 1次每月.
func (p *parser) stroke(t *Term, counted *bool) bool {
	if !p.count(t) || p.longest("/", "每", "/每") == "" {
		return false
	}
	*counted = true
	before := p.rest
	if s, ok := p.span(); ok && p.follows() {
		return counting(t, s)
	}
	p.rest = before
	if p.word("次") && p.follows() {
		return occasion(t, Event, "")
	}
	what, _, found := pick(&p.scan, events)
	return found && what != "" && p.follows() && occasion(t, Event, what)
}

// follows takes verbs and reports whether nothing but an alternative comes.
func (p *parser) follows() bool {
	p.verbs()
	return p.ended() || strings.HasPrefix(p.rest, "或")
}

// every reads 每日, 每周1次, 每2日一次, 每班至少记录1次, 每次转移, 每批次记录1次.
func (p *parser) every(t *Term, counted *bool) bool {
	least := p.longest("至少", "应至少") != ""
	if p.longest("每", "每一", "每隔") == "" {
		return false
	}
	if p.word("次") {
		_, of, _ := pick(&p.scan, events)
		p.longest("时", "前", "后")
		p.verbs()
		*counted = p.count(t)
		return p.follows() && occasion(t, Event, of)
	}
	if p.try(func() bool { p.word("个"); return p.longest("容器", "袋", "桶", "包装") != "" }) {
		p.verbs()
		*counted = p.count(t)
		return p.follows() && occasion(t, Event, "容器")
	}
	s, ok := p.span()
	if !ok && p.word("个") {
		s, ok = p.span()
	}
	if !ok {
		what, _, found := pick(&p.scan, events)
		if !found || what == "" || !p.word("1次") && !p.word("一次") {
			return false
		}
		p.verbs()
		*counted = p.count(t)
		return p.follows() && occasion(t, Event, what)
	}
	p.longest("内", "内应")
	least = p.longest("至少", "不少于", "不得少于") != "" || least
	p.verbs()
	*counted = p.count(t)
	t.AtLeast = *counted && (t.AtLeast || least)
	return (*counted || !least) && p.follows() && counting(t, s)
}

// per reads 按日, 按批次记录, 逐班, 按月统计1次, 按次记录, 逐个容器.
func (p *parser) per(t *Term, counted *bool) bool {
	if p.longest("按", "按照", "以", "逐") == "" {
		return false
	}
	p.longest("排污单位")
	var s span
	if p.word("次") {
		s = span{Event, 1, ""}
	} else if p.longest("个容器", "容器", "袋", "桶") != "" {
		s = span{Event, 1, "容器"}
	} else if found, ok := p.span(); ok && found.every == 1 {
		s = found
	} else {
		return false
	}
	p.verbs()
	*counted = p.count(t)
	return p.follows() && counting(t, s)
}

// spanned reads 一日一次, 2小时1次, 两周一次: both numbers have to be said.
func (p *parser) spanned(t *Term, counted *bool) bool {
	if _, ok := (&scan{p.rest}).number(); !ok {
		return false
	}
	s, ok := p.span()
	if !ok {
		return false
	}
	p.verbs()
	*counted = p.count(t)
	return *counted && p.follows() && counting(t, s)
}

// named reads 季度1次, 半年一次, 隔日1次, 隔日.
func (p *parser) named(t *Term, counted *bool) bool {
	word, s, found := pick(&p.scan, bare)
	if !found {
		return false
	}
	p.verbs()
	*counted = p.count(t)
	return (*counted || strings.HasPrefix(word, "隔")) && p.follows() && counting(t, s)
}

// happens reads 发生时记录, 异常情况发生后记录1次, 转移时记录.
func (p *parser) happens(t *Term, counted *bool) bool {
	what, of, _ := pick(&p.scan, events)
	if what == "" || p.longest("时", "后", "发生时", "发生后") == "" {
		return false
	}
	said := p.longest(verbs...) != ""
	p.longest(verbs...)
	*counted = p.count(t)
	return (said || *counted) && p.follows() && occasion(t, Event, of)
}

// changes reads 变化时记录, 发生变化时1次, 有变更时及时记录.
func (p *parser) changes(t *Term, counted *bool) bool {
	p.longest("在", "如", "每次", "如有", "有", "若")
	if p.longest("变化", "发生变化", "变更", "发生变更", "变动", "发生变动") == "" {
		return false
	}
	p.longest("时", "后", "的", "时,")
	p.verbs()
	*counted = p.count(t)
	return p.follows() && occasion(t, Change, "")
}

func (p *parser) continuous(t *Term, _ *bool) bool {
	p.longest("24小时", "采用", "实行")
	t.Mode = Continuous
	return p.longest("连续", "连续监测", "自动监测", "在线监测", "自动连续监测", "连续自动监测", "在线自动监测", "在线连续监测", "实时监测", "自动监控", "自动", "自动记录", "连续记录") != "" && p.follows()
}

func (p *parser) exempt(t *Term, _ *bool) bool {
	t.Mode = Exempt
	p.longest("可", "可以", "期间")
	return p.longest("除外", "不记录", "不要求记录", "不监测", "不检测", "无需记录", "无需监测", "不需记录", "不需监测", "不开展监测", "免测") != "" && p.ended()
}

// ends reads 起止日各记录1次 and the standard's own 原则上仅对停产或错峰生产的起止日各记录1次.
func (p *parser) ends(t *Term, counted *bool) bool {
	p.longest("仅", "原则上仅", "原则上")
	p.longest("对", "在", "于")
	p.longest("停产或错峰生产的", "停产的", "停产", "期间的")
	if p.longest("起止日", "首末日", "首日和末日", "第一天和最后一天", "起始日和终止日", "开始日和结束日") == "" {
		return false
	}
	p.word("各")
	p.verbs()
	*counted = p.count(t)
	return p.follows() && occasion(t, Ends, "")
}

// standard is the number of a standard; without its stroke DB44 would run into what follows.
var standard = regexp.MustCompile(`^(HJ/T|HJ|GB/T|GB|DB44/T|DB44/|DB4403/T)/?([0-9]{1,5}(?:\.[0-9]{1,2})?)((?:-|—)(?:19|20)[0-9]{2})?`)

// reference reads 按照HJ 819执行, 执行《…》(HJ 819-2017), 按自行监测方案, 以许可证为准.
func (p *parser) reference(t *Term, _ *bool) bool {
	p.longest("按", "按照", "依据", "根据", "执行", "参照", "依照", "以", "遵照", "见", "从")
	t.Mode = Reference
	for {
		if !p.referred(t) {
			return false
		}
		if p.longest("和", "及", "与", "以及", "、") == "" {
			break
		}
	}
	p.longest("的")
	p.longest("执行", "要求", "规定", "要求执行", "规定执行", "为准", "进行", "开展", "确定", "要求确定", "规定的频次", "规定的频次执行", "频次执行")
	return p.ended()
}

func (p *parser) referred(t *Term) bool {
	if _, d, found := pick(&p.scan, documents); found && t.Document == "" {
		t.Document = d
		return true
	}
	title := p.title()
	bracket := title && p.word("(")
	m := standard.FindStringSubmatch(p.rest)
	if m == nil {
		return false
	}
	p.rest = p.rest[len(m[0]):]
	number := m[1] + " " + m[2] + strings.ReplaceAll(m[3], "—", "-")
	if strings.HasPrefix(m[1], "DB44") {
		number = strings.TrimSuffix(m[1], "/") + "/" + m[2] + strings.ReplaceAll(m[3], "—", "-")
	}
	t.Standards = append(t.Standards, number)
	if !bracket && !title {
		p.title()
	}
	return !bracket || p.word(")")
}

// title takes 《…》.
func (p *parser) title() bool {
	return p.try(func() bool {
		if !p.word("《") {
			return false
		}
		_, rest, closed := strings.Cut(p.rest, "》")
		p.rest = rest
		return closed
	})
}

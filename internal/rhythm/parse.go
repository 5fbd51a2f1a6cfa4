package rhythm

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// longestText is what a wording may have in characters: a longer one is prose.
const longestText = 300

// Parse reads a wording. What is not understood whole comes back without clauses.
func Parse(text string) Rule {
	p := parser{scan: scan{plain(text)}}
	if utf8.RuneCountInString(text) > longestText || !p.rule() {
		return Rule{Text: text}
	}
	r := Rule{Text: text}
	for _, part := range p.parts {
		r.Clauses = append(r.Clauses, part.Clause)
	}
	return r
}

// part is a clause with what decides whether the next one says the same again.
type part struct {
	Clause
	counted bool // 1次/日 says how many times, 按日 does not
	vague   bool // 一般: counts only when the same follows without it
	hard    bool // a semicolon stands before it
}

// parser reads a wording part by part. A part that the wording only says in other
// words (按日记录，1次/日) is one clause; two different rhythms that nothing tells
// apart are a contradiction, and nothing is read.
type parser struct {
	scan
	parts   []part
	pending *part // a condition or subject whose rhythm is still to come
	hard    bool  // a semicolon stands before what comes next
}

func (p *parser) rule() bool {
	p.hard = true
	p.separators()
	for p.rest != "" {
		if !p.tail() && !p.part() {
			return false
		}
		if p.rest != "" && !p.separators() {
			return false
		}
	}
	due := false
	for _, part := range p.parts {
		if part.vague {
			return false
		}
		due = due || part.Any[0].Mode != Exempt
	}
	return p.pending == nil && due
}

// separators takes commas, semicolons and brackets and notes how strongly they part.
func (p *parser) separators() bool {
	any := false
	for {
		switch p.longest(",", "、", ";", "(", ")") {
		case "":
			return any
		case ";":
			p.hard = true
		}
		any = true
	}
}

// ended reports whether the part is over.
func (p *parser) ended() bool {
	return p.rest == "" || strings.ContainsAny(p.rest[:1], ",;()") || strings.HasPrefix(p.rest, "、")
}

// part reads [subject] [condition] [for each] rhythm, or a condition that waits for its rhythm.
func (p *parser) part() bool {
	now := part{hard: p.hard}
	if p.pending != nil {
		if p.hard {
			return false
		}
		now, p.pending = *p.pending, nil
	} else {
		p.subject(&now)
	}
	p.hard = false
	now.vague = p.word("一般")
	if p.terms(&now) {
		return p.join(now)
	}
	if !p.condition(&now) {
		return false
	}
	if p.ended() {
		p.pending = &now
		return true
	}
	return p.terms(&now) && p.join(now)
}

// join adds a part, merges it into the one that it repeats, or refuses a contradiction.
func (p *parser) join(now part) bool {
	if !p.ended() || now.Any[0].Mode == Exempt && len(now.When) == 0 {
		return false
	}
	if len(p.parts) > 0 && !now.bound() {
		last := &p.parts[len(p.parts)-1]
		loose := !now.hard && last.bound() && last.Any[0].Mode != Exempt // 冬季按日，1次/日 is still about winter
		if (loose || !last.bound()) && last.repeatedBy(now) {
			return true
		}
		if loose && !now.Occasional() {
			return false
		}
	}
	if p.contradicted(now) || now.otherwise() && !slices.ContainsFunc(p.parts, func(c part) bool { return len(c.When) > 0 }) {
		return false
	}
	p.parts = append(p.parts, now)
	return true
}

// bound reports whether something says what or which case the part is about.
func (c *part) bound() bool { return len(c.When) > 0 || c.Subject != "" }

// otherwise reports whether the part is about the rest of what stands before it.
func (c *part) otherwise() bool {
	return slices.ContainsFunc(c.When, func(w When) bool { return w.Kind == Otherwise })
}

// contradicted reports whether a rhythm of time already stands for the same case.
func (p *parser) contradicted(now part) bool {
	for _, old := range p.parts {
		if old.Subject == now.Subject && slices.Equal(old.When, now.When) && old.Each == now.Each &&
			old.Any[0].Mode == now.Any[0].Mode && !old.Occasional() && !now.Occasional() {
			return true
		}
	}
	return false
}

// repeatedBy reports whether now says the same rhythm once more, and takes from it
// what was left open: the count, and which batch.
func (c *part) repeatedBy(now part) bool {
	if len(c.Any) != len(now.Any) || now.Each != "" {
		return false
	}
	merged := make([]Term, len(c.Any))
	for i, a := range c.Any {
		b := now.Any[i]
		if a.Mode != Counted || b.Mode != Counted || a.Unit != b.Unit || a.Every != b.Every ||
			c.counted && now.counted && a.Times != b.Times || a.Of != "" && b.Of != "" && a.Of != b.Of {
			return false
		}
		merged[i] = a
		if !c.counted {
			merged[i].Times, merged[i].AtLeast = b.Times, b.AtLeast
		}
		merged[i].Of = a.Of + b.Of
		if a.Of == b.Of {
			merged[i].Of = a.Of
		}
	}
	c.Any, c.counted, c.vague = merged, c.counted || now.counted, now.vague
	return true
}

// subject takes 运行情况: or 运行情况 when a rhythm or a condition follows.
func (p *parser) subject(now *part) {
	if !p.try(func() bool {
		now.Subject = p.longest(subjects...)
		if now.Subject == "" {
			now.Subject = p.longest(verbs...)
			return p.word(":")
		}
		return p.word(":") || !p.ended()
	}) {
		now.Subject = ""
	}
}

// tail takes what is said about the rhythm before: 间隔不超过6小时, 每次3个样.
func (p *parser) tail() bool {
	if len(p.parts) == 0 || p.pending != nil {
		return false
	}
	if p.try(func() bool { return p.longest(verbs...) != "" && p.ended() }) {
		return true // 1次/日（手工监测）
	}
	last := &p.parts[len(p.parts)-1]
	apart, samples := 0, 0
	if !p.try(func() bool { return p.apart(&apart) && p.ended() }) && !p.try(func() bool { return p.samples(&samples) && p.ended() }) {
		return false
	}
	for i := range last.Any {
		last.Any[i].Apart = max(last.Any[i].Apart, apart)
		last.Any[i].Samples = max(last.Any[i].Samples, samples)
	}
	return true
}

func (p *parser) apart(hours *int) bool {
	p.longest("每次", "两次", "各次", "采样", "监测", "相邻两次", "两次采样", "两次监测")
	if !p.word("间隔") || p.longest("不超过", "不得超过", "不大于", "≤", "不得大于", "不多于") == "" {
		return false
	}
	n, ok := p.number()
	*hours = n
	return ok && p.longest("小时", "h", "个小时") != ""
}

func (p *parser) samples(count *int) bool {
	p.longest("每次", "每次监测")
	said := p.longest("非连续采样", "连续采样", "瞬时采样", "混合采样", "采样", "采集", "采", "取") != ""
	p.longest("至少", "不少于", "≥", ">=")
	n, ok := p.number()
	if !ok || !p.word("个") {
		return false
	}
	*count = n
	return p.longest("样", "样品", "瞬时样", "混合样", "平行样", "水样") != "" || said
}

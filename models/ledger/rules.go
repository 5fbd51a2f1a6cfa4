package ledger

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
)

// Rule is a check across the fields of a payload, as data: which one, and over
// which fields. A field of every record of a list is written list/field.
type Rule struct {
	Name   string   `json:"name"`
	In     string   `json:"in"` // a list: the rule looks at each of its records by itself
	Fields []string `json:"fields"`
	By     string   `json:"by"` // the field that the others are compared with
	Values []string `json:"values"`
	Hours  int      `json:"hours"`
	Advice bool     `json:"advice"` // warns instead of blocking
}

// looking is a rule looking at one record.
type looking struct {
	Rule
	class   Class
	content Content
	at      string // pointer of the record, "" for the payload
}

// check finds what a record breaks. What is absent or unlawful by itself is said
// at its own place already, so that a check needs all that it compares.
type check struct {
	find    func(looking) []fault.Violation
	says    fault.Text // for a client that reads the class
	missing bool       // what it finds is absent: a draft may leave it so
	by      bool       // it compares with a field named by By
}

// rules are all checks by the name that a class gives.
var rules = map[string]check{
	"order":          {find: order, says: fault.T("各时间依次从早到晚")},
	"within":         {find: within, says: fault.T("开始和结束时间相差不超过 hours 小时")},
	"notAbove":       {find: notAbove, says: fault.T("各项之和不大于 by"), by: true},
	"sums":           {find: sums, says: fault.T("各项之和等于 by"), by: true},
	"category":       {find: category, says: fault.T("第一项是第二项（代码）末两位所指的类别")},
	"holder":         {find: holder, says: fault.T("第一项（许可证编号）的前 18 位是第二项")},
	"prefix":         {find: prefix, says: fault.T("推荐样式的批次编码以 values 之一开头；其他样式不限")},
	"requiredUnless": {find: requiredUnless, says: fault.T("报送时必须填写，除非 by 是 values 之一"), missing: true, by: true},
	"anyOf":          {find: anyOf, says: fault.T("报送时至少填写其中一项"), missing: true},
	"readings":       {find: emptyReadings, says: fault.T("应当有记录，除非 by 为 0")},
}

// Says is what the rule asks for.
func (r Rule) Says() fault.Text { return rules[r.Name].says }

// found is what the rules find: what blocks, what only advises, what is missing.
type found struct{ blocks, advice, missing []fault.Violation }

func (c Class) across(content Content) found {
	var f found
	for _, r := range c.Rules {
		into := &f.blocks
		switch {
		case rules[r.Name].missing:
			into = &f.missing
		case r.Advice:
			into = &f.advice
		}
		for _, at := range r.records(content) {
			*into = append(*into, rules[r.Name].find(looking{r, c, content, at})...)
		}
	}
	return f
}

// records are the pointers of what the rule looks at, one by one.
func (r Rule) records(content Content) []string {
	if r.In == "" {
		return []string{""}
	}
	out := make([]string, content.Lengths["/"+r.In])
	for i := range out {
		out[i] = "/" + r.In + "/" + strconv.Itoa(i)
	}
	return out
}

// lawful refuses a rule that names what the class does not have.
func (r Rule) lawful(c Class) error {
	rule, known := rules[r.Name]
	if !known {
		return fmt.Errorf("unknown rule %s", r.Name)
	}
	names := slices.Clone(r.Fields)
	if r.By != "" {
		names = append(names, r.By)
	}
	if len(r.Fields) == 0 || rule.by && r.By == "" {
		return fmt.Errorf("rule %s names no field", r.Name)
	}
	for _, name := range names {
		if r.In != "" {
			name = r.In + "/0/" + name
		}
		if c.field("/"+name).Name == "" {
			return fmt.Errorf("rule %s: there is no field %s", r.Name, name)
		}
	}
	return nil
}

// labels are the fields that the rule is about, as people say them.
func (l looking) labels() fault.Text {
	var zh, en []string
	for _, name := range l.Fields {
		f := l.label(name)
		zh, en = append(zh, f.Key), append(en, f.English)
	}
	return fault.Named(strings.Join(zh, "、"), strings.Join(en, ", "))
}

func (l looking) label(name string) fault.Text {
	f := l.class.field(l.at + "/" + name)
	return fault.Named(f.LabelZh, f.LabelEn)
}

func (l looking) say(name, code string, detail fault.Text) []fault.Violation {
	return one(l.at+"/"+name, code, detail)
}

// values are the numbers of a field, of every record for list/field; false when
// one is not there.
func (l looking) values(name string) ([]int64, bool) {
	list, field, of := strings.Cut(name, "/")
	if !of {
		n, ok := l.content.scaled[l.at+"/"+name]
		return []int64{n}, ok
	}
	records, given := l.content.Lengths[l.at+"/"+list]
	all := make([]int64, records)
	for i := range all {
		n, ok := l.content.scaled[l.at+"/"+list+"/"+strconv.Itoa(i)+"/"+field]
		if !ok {
			return nil, false
		}
		all[i] = n
	}
	return all, given
}

// sum adds up the rule's fields beside the field that they are compared with.
func (l looking) sum() (sum, by int64, ok bool) {
	limit, ok := l.values(l.By)
	if !ok {
		return 0, 0, false
	}
	for _, name := range l.Fields {
		all, given := l.values(name)
		if !given {
			return 0, 0, false
		}
		for _, n := range all {
			sum += n
		}
	}
	return sum, limit[0], true
}

func one(pointer, code string, detail fault.Text) []fault.Violation {
	return []fault.Violation{{Pointer: pointer, Code: code, Detail: detail}}
}

func order(l looking) []fault.Violation {
	var out []fault.Violation
	for i := 1; i < len(l.Fields); i++ {
		before, ok1 := l.content.Times[l.at+"/"+l.Fields[i-1]]
		after, ok2 := l.content.Times[l.at+"/"+l.Fields[i]]
		if ok1 && ok2 && !after.After(before) {
			out = append(out, l.say(l.Fields[i], "order", fault.T("{{.After}}应当晚于{{.Before}}", "After", l.label(l.Fields[i]), "Before", l.label(l.Fields[i-1])))...)
		}
	}
	return out
}

func within(l looking) []fault.Violation {
	first, last := l.Fields[0], l.Fields[len(l.Fields)-1]
	start, ok1 := l.content.Times[l.at+"/"+first]
	end, ok2 := l.content.Times[l.at+"/"+last]
	if ok1 && ok2 && end.Sub(start) > time.Duration(l.Hours)*time.Hour {
		return l.say(last, "range", fault.T("{{.Fields}}相差不超过 {{.Hours}} 小时", "Fields", l.labels(), "Hours", l.Hours))
	}
	return nil
}

func notAbove(l looking) []fault.Violation {
	if sum, by, ok := l.sum(); ok && sum > by {
		return l.say(l.Fields[len(l.Fields)-1], "balance", fault.T("{{.Fields}}之和大于{{.By}}，核对各项数值", "Fields", l.labels(), "By", l.label(l.By)))
	}
	return nil
}

func sums(l looking) []fault.Violation {
	if sum, by, ok := l.sum(); ok && sum != by {
		return l.say(l.By, "balance", fault.T("{{.By}}与{{.Fields}}（合计 {{.Sum}}）不一致，核对各项数值", "By", l.label(l.By), "Fields", l.labels(), "Sum", code.Decimal(sum)))
	}
	return nil
}

// category: a waste code says its category itself (336-054-17 is HW17, 900-003-S17
// is SW17).
func category(l looking) []fault.Violation {
	name := l.Fields[0]
	got, of := l.content.Texts[l.at+"/"+name], l.content.Texts[l.at+"/"+l.Fields[1]]
	if got == "" || of == "" {
		return nil
	}
	expected := ""
	switch w, err := code.ParseWasteCode(of); {
	case err == nil:
		expected = w.Category()
	default:
		expected = code.GeneralWasteCode(of).Class()
	}
	if got != expected {
		return l.say(name, "category", fault.T("代码 {{.Code}} 属于 {{.Expected}}，与填写的 {{.Got}} 不一致", "Code", of, "Expected", expected, "Got", got))
	}
	return nil
}

func holder(l looking) []fault.Violation {
	name := l.Fields[0]
	permit, credit := l.content.Texts[l.at+"/"+name], l.content.Texts[l.at+"/"+l.Fields[1]]
	if permit != "" && credit != "" && code.PermitNumber(permit).Holder() != credit {
		return l.say(name, "holder", fault.T("许可证编号的前 18 位应当是{{.Of}} {{.Code}}", "Of", l.label(l.Fields[1]), "Code", credit))
	}
	return nil
}

func prefix(l looking) []fault.Violation {
	got := code.WasteBatch(l.content.Texts[l.at+"/"+l.Fields[0]]).Prefix()
	if got != "" && !slices.Contains(l.Values, got) {
		return l.say(l.Fields[0], "prefix", fault.T("这一环节的批次编码以 {{.Expected}} 开头，{{.Got}} 是另一环节的", "Expected", strings.Join(l.Values, " / "), "Got", got))
	}
	return nil
}

func requiredUnless(l looking) []fault.Violation {
	if slices.Contains(l.Values, l.content.Texts[l.at+"/"+l.By]) {
		return nil
	}
	var out []fault.Violation
	for _, name := range l.Fields {
		if !l.content.given[l.at+"/"+name] {
			out = append(out, l.say(name, "required", fault.T("必须填写"))...)
		}
	}
	return out
}

func anyOf(l looking) []fault.Violation {
	if slices.ContainsFunc(l.Fields, func(name string) bool { return l.content.given[l.at+"/"+name] }) {
		return nil
	}
	return l.say(l.Fields[0], "required", fault.T("至少填写其中一项：{{.Fields}}", "Fields", l.labels()))
}

func emptyReadings(l looking) []fault.Violation {
	n, given := l.content.Lengths[l.at+"/"+l.Fields[0]]
	if discharged, ok := l.content.scaled[l.at+"/"+l.By]; ok && discharged == 0 {
		return nil
	}
	if given && n == 0 {
		return l.say(l.Fields[0], "empty", fault.T("没有填写监测值；有排放的，补充监测结果"))
	}
	return nil
}

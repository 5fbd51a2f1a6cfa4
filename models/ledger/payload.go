package ledger

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
	"parkregistry/internal/fault"
)

// types are the types that a field may have (decision 12), besides code:<kind>
// for the kinds of internal/code.
var types = []string{"text", "decimal", "integer", "bool", "day", "instant", "enum", "list<record>"}

const maxRecords = 500 // of one list

// Content is a payload that has been read: its numbers, and what the rules
// across fields look at.
type Content struct {
	Items   []Item               // in the order of the class; without filing, entry, park and day
	Texts   map[string]string    // texts, codes and options by pointer
	Times   map[string]time.Time // instants by pointer
	Lengths map[string]int       // records by the pointer of their list
	Missing []fault.Violation    // required fields that are not there
	Advice  []fault.Violation    // what the rules across fields warn about

	scaled map[string]int64 // numbers by pointer
	flags  map[string]bool  // yes or no by pointer
	given  map[string]bool  // pointers of what is there, lawful or not
}

// gives reports whether a field at the top of the payload is there.
func (c Content) gives(name string) bool { return c.given["/"+name] }

// Read takes a payload apart by the class: every fault at once, by pointer from
// the payload's root. What is missing does not make it fail: a draft is allowed
// to be incomplete. An unknown field makes the whole of it Malformed.
func (c Class) Read(payload json.RawMessage) (Content, error) {
	r := reader{ranges: c.ranges, content: Content{Texts: map[string]string{}, Times: map[string]time.Time{}, Lengths: map[string]int{},
		scaled: map[string]int64{}, flags: map[string]bool{}, given: map[string]bool{}}}
	if !utf8.Valid(payload) {
		r.check.Fail("", "encoding", "含有无法显示的字符，重新输入")
	} else {
		r.record("", c.Fields, payload)
	}
	across := c.across(r.content)
	for _, v := range across.blocks {
		r.check.Add(v)
	}
	r.content.Missing, r.content.Advice = append(r.content.Missing, across.missing...), across.advice
	err := r.check.Err()
	if f, ok := err.(*fault.Error); ok && r.unknown {
		f.Code, f.Detail = fault.Malformed, fault.T("请求中有无法识别的内容")
	}
	return r.content, err
}

// Complete is Read for a filing: what is missing is a fault too.
func (c Class) Complete(payload json.RawMessage) (Content, error) {
	content, err := c.Read(payload)
	if len(content.Missing) == 0 {
		return content, err
	}
	var all fault.Check
	all.Within("", err)
	for _, v := range content.Missing {
		all.Add(v)
	}
	whole := all.Err().(*fault.Error)
	if fault.Is(err, fault.Malformed) {
		whole.Code = fault.Malformed
	}
	return content, whole
}

type reader struct {
	ranges  map[string]span
	check   fault.Check
	content Content
	unknown bool
}

// members are the members of a JSON object; false for anything else.
func members(raw json.RawMessage) (map[string]json.RawMessage, bool) {
	var m map[string]json.RawMessage
	if !opens(raw, '{') || json.Unmarshal(raw, &m) != nil {
		return nil, false
	}
	return m, true
}

func opens(raw json.RawMessage, with byte) bool {
	raw = bytes.TrimSpace(raw)
	return len(raw) > 0 && raw[0] == with
}

func null(raw json.RawMessage) bool {
	raw = bytes.TrimSpace(raw)
	return len(raw) == 0 || string(raw) == "null"
}

// escape writes a member's name as one step of a JSON pointer (RFC 6901).
func escape(name string) string { return escapes.Replace(name) }

var escapes = strings.NewReplacer("~", "~0", "/", "~1")

func (r *reader) record(at string, fields []Field, raw json.RawMessage) {
	m, ok := members(raw)
	if !ok {
		r.check.Fail(at, "type", "应当是对象，每一项按台账类别的字段填写")
		return
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if !slices.ContainsFunc(fields, func(f Field) bool { return f.Name == name }) {
			r.unknown = true
			r.check.Fail(at+"/"+escape(name), "unknown", "这一类台账没有这一项")
		}
	}
	for _, f := range fields {
		pointer := at + "/" + f.Name
		if null(m[f.Name]) {
			if f.Required {
				r.content.Missing = append(r.content.Missing, fault.Violation{Pointer: pointer, Code: "required", Detail: fault.T("必须填写")})
			}
			continue
		}
		r.content.given[pointer] = true
		r.value(pointer, f, m[f.Name], m)
	}
}

// value reads one field; siblings are the members of its record.
func (r *reader) value(at string, f Field, raw json.RawMessage, siblings map[string]json.RawMessage) {
	switch f.Type {
	case "bool":
		v := string(bytes.TrimSpace(raw))
		if v != "true" && v != "false" {
			r.check.Fail(at, "type", "应当是 true 或 false")
			return
		}
		r.content.flags[at] = v == "true"
	case "integer":
		r.integer(at, f, raw)
	case "list<record>":
		r.list(at, f, raw)
	default:
		s, is := text(raw)
		if !is {
			if f.Type == "decimal" {
				r.check.Fail(at, "type", "数值写成文字，例 \"12.5\"，按填写的样子保存")
			} else {
				r.check.Fail(at, "type", "应当是文字")
			}
			return
		}
		r.text(at, f, s, siblings)
	}
}

// text is a JSON value that is a text; false for any other. Most have nothing that is
// written in another way than it is meant.
func text(raw json.RawMessage) (s string, is bool) {
	raw = bytes.TrimSpace(raw)
	if n := len(raw); n >= 2 && raw[0] == '"' && raw[n-1] == '"' && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw[1 : n-1]), true
	}
	return s, json.Unmarshal(raw, &s) == nil
}

func (r *reader) text(at string, f Field, s string, siblings map[string]json.RawMessage) {
	if form, is := f.form(); is {
		if v := fault.Must(&r.check, at, s, form.Parse); v != "" {
			r.content.Texts[at] = v
		}
		return
	}
	switch f.Type {
	case "decimal":
		r.decimal(at, f, s, siblings)
	case "day":
		fault.Must(&r.check, at, s, code.ParseDay)
	case "instant":
		if t := fault.Must(&r.check, at, s, code.ParseInstant); !t.IsZero() {
			r.content.Times[at] = t
		}
	case "enum":
		r.content.Texts[at] = s
		if !slices.ContainsFunc(f.Enum, func(o Option) bool { return o.Value == s }) {
			values := make([]string, len(f.Enum))
			for i, o := range f.Enum {
				values[i] = o.Value
			}
			r.check.Add(fault.Violation{Pointer: at, Code: "enum", Value: s, Detail: fault.T("只能是其中一项：{{.Values}}", "Values", strings.Join(values, "、"))})
		}
	default:
		parse := code.ParseText(f.MaxLength)
		if f.Multiline {
			parse = code.ParseLongText(f.MaxLength)
		}
		if v := fault.Must(&r.check, at, s, parse); v != "" {
			r.content.Texts[at] = v
		}
	}
}

func (r *reader) integer(at string, f Field, raw json.RawMessage) {
	var n json.Number
	if json.Unmarshal(raw, &n) != nil || opens(raw, '"') || strings.ContainsAny(n.String(), ".eE") {
		r.check.Fail(at, "type", "应当是整数")
		return
	}
	q, err := code.ParseQuantity(n.String())
	if err != nil {
		r.check.Within(at, err)
		return
	}
	if r.possible(at, q, span{f.Minimum, f.Maximum}, f.Unit) {
		r.item(at, f.Name, q, f.Unit)
	}
}

func (r *reader) decimal(at string, f Field, s string, siblings map[string]json.RawMessage) {
	parse := code.ParseQuantity
	if f.Reading {
		parse = code.ParseReading
	}
	q := fault.Must(&r.check, at, s, parse)
	if q.Raw == "" {
		return
	}
	q.Raw = s // as entered
	if _, part, _ := strings.Cut(strings.TrimSpace(s), "."); len(part) > f.Decimals {
		r.check.Add(fault.Violation{Pointer: at, Code: "precision", Value: s, Detail: fault.T("小数不超过 {{.Max}} 位", "Max", f.Decimals)})
		return
	}
	name, unit, limits := listName(at), f.Unit, span{f.Minimum, f.Maximum}
	if f.ItemBy != "" {
		name, unit, limits = r.named(at, siblings[f.ItemBy], siblings["unit"])
		if name == "" {
			return // the code is missing or wrong, which is said at its own place
		}
	}
	if r.possible(at, q, limits, unit) {
		r.item(at, name, q, unit)
	}
}

// named is the item that a sibling names: a pollutant with its unit and what its
// values can be at all. A unit that was entered stays as entered; it has to be one
// that the table's can be converted to. Values in it are only held not to be negative.
func (r *reader) named(at string, sibling, unit json.RawMessage) (string, string, span) {
	var u string
	s, _ := text(sibling)
	p, known := code.PollutantOf(s)
	if !known || p == "" {
		return "", "", span{}
	}
	limits, ok := r.ranges[string(p)]
	if !ok {
		limits = span{Minimum: "0"}
	}
	if null(unit) || json.Unmarshal(unit, &u) != nil || discharge.SameUnit(u, p.Unit()) {
		return string(p), p.Unit(), limits
	}
	if err := discharge.CheckUnit(p.Label(), p.Unit(), u); err != nil {
		r.check.Within(at[:strings.LastIndex(at, "/")]+"/unit", err)
	}
	return string(p), u, span{Minimum: "0"}
}

// possible refuses what cannot be; what is merely over a limit is none of its business.
func (r *reader) possible(at string, q code.Quantity, limits span, unit string) bool {
	if q.Qualifier == "ND" {
		return true
	}
	low, high := scaled(limits.Minimum), scaled(limits.Maximum)
	refuse := func(detail fault.Text) bool {
		r.check.Add(fault.Violation{Pointer: at, Code: "range", Value: q.Raw, Detail: detail})
		return false
	}
	switch {
	case low != nil && high != nil && (q.Scaled < *low || q.Scaled > *high):
		return refuse(fault.T("应当在 {{.Min}} 至 {{.Max}} 之间，核对数值和单位", "Min", limits.Minimum, "Max", with(limits.Maximum, unit)))
	case low != nil && q.Scaled < *low:
		return refuse(fault.T("不能小于 {{.Min}}，核对数值和单位", "Min", with(limits.Minimum, unit)))
	case high != nil && q.Scaled > *high:
		return refuse(fault.T("不能大于 {{.Max}}，核对数值和单位", "Max", with(limits.Maximum, unit)))
	}
	return true
}

// with is a number with its unit, when it has one that is written.
func with(number, unit string) string {
	if discharge.SameUnit(unit, "") {
		return number
	}
	return number + " " + unit
}

func scaled(s string) *int64 {
	if s == "" {
		return nil
	}
	q, err := code.ParseQuantity(s)
	if err != nil {
		return nil
	}
	return &q.Scaled
}

func (r *reader) item(at, name string, q code.Quantity, unit string) {
	i := Item{Path: at, Item: name, Raw: q.Raw, Qualifier: q.Qualifier, Unit: unit}
	if q.Qualifier != "ND" {
		i.Scaled = &q.Scaled
		r.content.scaled[at] = q.Scaled
	}
	r.content.Items = append(r.content.Items, i)
}

// listName is /reagents/0/quantity as the name of an item: reagents.quantity.
func listName(at string) string {
	var steps []string
	for step := range strings.SplitSeq(strings.TrimPrefix(at, "/"), "/") {
		if _, err := strconv.Atoi(step); err != nil {
			steps = append(steps, step)
		}
	}
	return strings.Join(steps, ".")
}

func (r *reader) list(at string, f Field, raw json.RawMessage) {
	var all []json.RawMessage
	if !opens(raw, '[') || json.Unmarshal(raw, &all) != nil {
		r.check.Fail(at, "type", "应当是列表")
		return
	}
	if len(all) > maxRecords {
		r.check.Fail(at, "maxItems", "不能超过 {{.Max}} 条", "Max", maxRecords)
		return
	}
	r.content.Lengths[at] = len(all)
	for i, one := range all {
		r.record(at+"/"+strconv.Itoa(i), f.Fields, one)
	}
}

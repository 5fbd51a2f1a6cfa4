package screen

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"parkregistry/internal/code"
)

// check is a way to find what is odd. find also says whether the entry had what
// is needed to judge; fits says whether a rule gives the parameters; says is the
// sentence about a hit.
type check struct {
	find func(Rule, Sheet) (hits []Hit, looked bool)
	fits func(Rule) bool
	says string
}

// checks are all checks by the name that a rule gives.
var checks = map[string]check{
	"copied": {copied, func(r Rule) bool { return r.Values > 0 },
		"各项数值与 {{.Day}} 的记录（{{.Number}}）完全相同，核对是不是当日的实际数值"},
	"repeated": {repeated, func(r Rule) bool { return r.Digits > 1 },
		"{{.Value}} 由重复或者连续的数字组成，核对是不是实际数值"},
	"bulk": {bulk, func(r Rule) bool { return r.Rows > 1 && r.Seconds > 0 },
		"同一对象的 {{.Count}} 条记录在 {{.Seconds}} 秒内录入；补填的，按实际记录时间填写"},
	"hours": {hours, func(r Rule) bool { return len(r.Fields) == 1 && r.Hours > 0 },
		"当日 {{.Count}} 个班次的运行时间合计 {{.Hours}} 小时，核对各班的时间"},
	"capacity": {capacity, func(r Rule) bool { return len(r.Fields) == 1 && r.High > 0 },
		"当日合计 {{.Total}} m³，大于设计能力 {{.Capacity}} m³/d，核对数值；属实的写明原因"},
	"ratio": {ratio, func(r Rule) bool {
		return len(r.Fields) > 0 && r.By != "" && r.History > 0 && r.Low > 0 && r.High > r.Low
	}, "{{.Title}}：是此前 {{.Count}} 条记录中位数的 {{.Percent}}%，核对数值；属实的写明原因"},
	"monitored": {monitored, func(r Rule) bool { return len(r.With) > 0 && r.High > 100 && scaled(r.Points) > 0 },
		"{{.Name}} {{.Value}}，同日监测记录（{{.Number}}）为 {{.Other}}，相差悬殊，核对两处的数值"},
	"constant": {constant, func(r Rule) bool { return r.Digits > 0 && r.Days > 1 && r.Days <= Days },
		"连续 {{.Count}} 条记录都是 {{.Value}}，核对是不是实际数值"},
	"round": {round, func(r Rule) bool { return len(r.Fields) >= r.Values && r.Values > 0 && r.Digits > 0 },
		"{{.Count}} 项数量全部是整数近似值，按计量读数填写"},
	"limit": {atLimit, func(r Rule) bool { return r.Rows > 1 },
		"{{.Name}} 在 {{.Count}} 条记录中恰好等于限值 {{.Value}}，核对是不是实际监测结果"},
}

func hit(pointer string, args ...string) Hit {
	h := Hit{Pointer: pointer, Args: map[string]string{}}
	for i := 0; i+1 < len(args); i += 2 {
		h.Args[args[i]] = args[i+1]
	}
	return h
}

// copied: all values are those of one earlier day.
func copied(r Rule, s Sheet) ([]Hit, bool) {
	if s.nonzero() < r.Values || len(s.Earlier) == 0 {
		return nil, false
	}
	for _, old := range s.Earlier {
		if slices.EqualFunc(s.Values, old.Values, func(a, b Value) bool { return a.Pointer == b.Pointer && a.Name == b.Name && a.Raw == b.Raw }) {
			return []Hit{hit("", "Day", string(old.Day), "Number", old.Number)}, true
		}
	}
	return nil, true
}

// repeated: 88888, 12345, 54321.
func repeated(r Rule, s Sheet) (hits []Hit, looked bool) {
	for _, v := range s.Values {
		digits := significant(v.Raw)
		if len(digits) < r.Digits || !v.Exact {
			continue
		}
		looked = true
		step := int(digits[1]) - int(digits[0])
		if step < -1 || step > 1 {
			continue
		}
		run := true
		for i := 1; i < len(digits); i++ {
			run = run && int(digits[i])-int(digits[i-1]) == step
		}
		if run {
			hits = append(hits, hit(v.Pointer, "Value", v.Raw))
		}
	}
	return hits, looked
}

// significant are the digits of a decimal without point, sign and the zeros at
// both ends that say nothing about precision: 0.0500 is 5, 1200 is 12.
func significant(raw string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, raw), "0")
}

// bulk: several shifts or days were entered in one go.
func bulk(r Rule, s Sheet) ([]Hit, bool) {
	near := time.Duration(r.Seconds) * time.Second
	apart := make([]time.Duration, 1, 1+len(s.Beside)+len(s.Earlier)) // the entry itself
	for _, rows := range [][]Row{s.Beside, s.Earlier} {
		for i := range rows {
			if d := rows[i].Entered.Sub(s.Entered); d.Abs() <= near {
				apart = append(apart, d)
			}
		}
	}
	slices.Sort(apart)
	most, first := 0, 0
	for i, d := range apart {
		for d-apart[first] > near {
			first++
		}
		most = max(most, i-first+1)
	}
	if most < r.Rows {
		return nil, true
	}
	return []Hit{hit("", "Count", strconv.Itoa(most), "Seconds", strconv.Itoa(r.Seconds))}, true
}

// hours: one facility runs longer than the day.
func hours(r Rule, s Sheet) ([]Hit, bool) {
	total := time.Duration(0)
	for _, row := range slices.Concat([]Row{s.Row}, s.Beside) {
		ran := row.Length
		if n, ok := row.sum(r.Fields...); ok {
			ran = time.Duration(min(n, 1000*code.QuantityScale)) * (time.Hour / code.QuantityScale)
		}
		total += ran
	}
	if len(s.Beside) == 0 || total == 0 {
		return nil, false
	}
	if total <= time.Duration(r.Hours)*time.Hour {
		return nil, true
	}
	ran := code.Decimal(int64(total.Round(6*time.Minute)/(6*time.Minute)) * code.QuantityScale / 10)
	return []Hit{hit("", "Count", strconv.Itoa(len(s.Beside)+1), "Hours", ran)}, true
}

// capacity: more was treated in all shifts of the day than the facility is built for.
func capacity(r Rule, s Sheet) ([]Hit, bool) {
	total, ok := s.sum(r.Fields...)
	if !ok || s.Capacity <= 0 {
		return nil, false
	}
	for _, row := range s.Beside {
		n, _ := row.sum(r.Fields...)
		total = add(total, n)
	}
	if total <= share(s.Capacity, r.High, 100) {
		return nil, true
	}
	return []Hit{hit("/"+r.Fields[0], "Total", code.Decimal(total), "Capacity", code.Decimal(s.Capacity))}, true
}

// part is the fields' sum in millionths of By; said is false where that says nothing.
type part struct {
	rule string
	n    int64
	said bool
}

// Prepare works out once what the rules for a class compare a row by, whoever is put
// beside it later.
func (r Rules) Prepare(class string, row Row) Row {
	for _, one := range r.All {
		if one.Check == "ratio" && slices.Contains(one.Classes, class) {
			row.parts = append(row.parts, one.part(row))
		}
	}
	return row
}

func (r Rule) part(row Row) part {
	for _, p := range row.parts {
		if p.rule == r.ID {
			return p
		}
	}
	n, ok := row.sum(r.Fields...)
	by, said := row.sum(r.By)
	if !ok || !said || by <= 0 {
		return part{rule: r.ID}
	}
	return part{r.ID, share(n, million, by), true}
}

// ratio: a quantity is far from its usual share of another.
func ratio(r Rule, s Sheet) ([]Hit, bool) {
	now := r.part(s.Row)
	if !now.said {
		return nil, false
	}
	before := make([]int64, 0, len(s.Earlier))
	for i := range s.Earlier {
		if p := r.part(s.Earlier[i]); p.said {
			before = append(before, p.n)
		}
	}
	if len(before) < r.History {
		return nil, false
	}
	slices.Sort(before)
	median := before[len(before)/2]
	if median == 0 {
		return nil, false
	}
	if now.n >= share(median, r.Low, 100) && now.n <= share(median, r.High, 100) {
		return nil, true
	}
	v, _ := s.value(r.Fields[0])
	return []Hit{hit(v.Pointer, "Count", strconv.Itoa(len(before)), "Percent", strconv.FormatInt(share(now.n, 100, median), 10))}, true
}

package sheets

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/unicode/norm"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
	"parkregistry/internal/fault"
	"parkregistry/models/ledger"
)

// said is what a cell says, in the spelling that the class takes; unit is one that
// stood behind the number of a field without one of its own.
type said struct {
	text, unit string
	wrong      *fault.Violation
	instead    string // what may be meant, to be put into the cell
}

func wrong(text, rule, key string, args ...any) said {
	return said{text: text, wrong: &fault.Violation{Code: rule, Detail: fault.T(key, args...)}}
}

// blank reports whether a cell says nothing: a mark of nothing in a column of text is none of
// its content, since columns that have to be filled in under a condition take no mark for
// an answer.
func (c cell) blank() bool {
	return c.kind != unsaved && code.TypedNothing(c.text)
}

// sheetTimes are how the numbers of a workbook become days.
type sheetTimes struct{ from1904 bool }

// exact is how many digits of a number a workbook keeps.
const exact = 15

// digitsOnly drops what stands between the digits of a plain decimal.
var digitsOnly = strings.NewReplacer("-", "", ".", "")

var decimalText = regexp.MustCompile(`^-?\d+(\.\d+)?$`)

// numeral is the number of a cell as the spreadsheet shows it: as it is stored, but
// without what binary fractions added behind the fifteenth digit.
func numeral(raw string) string {
	v, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.Abs(v) > 1e21 {
		return raw
	}
	if decimalText.MatchString(raw) && len(strings.TrimLeft(digitsOnly.Replace(raw), "0")) <= exact {
		return raw
	}
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'e', exact-1, 64), 64) // it was just written
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// lost reports whether digits of a code were lost when its cell became a number.
func lost(raw string) bool {
	v, err := strconv.ParseFloat(raw, 64)
	return err == nil && math.Abs(v) >= 1e15
}

// at is a serial number of a workbook as a time of day of the registry's zone.
func (t sheetTimes) at(raw string) (time.Time, bool) {
	v, err := strconv.ParseFloat(raw, 64)
	if err != nil || !(v >= 0 && v <= 150_000) { // NaN is neither
		return time.Time{}, false
	}
	if t.from1904 {
		v += 1462
	}
	seconds := math.Round(v * 24 * 60 * 60)
	return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Add(time.Duration(seconds) * time.Second), true
}

func (t sheetTimes) day(raw string) (string, bool) {
	at, ok := t.at(raw)
	if !ok || at.Year() < 2000 || at.Year() > 2100 {
		return "", false
	}
	return at.Format("2006-01-02"), true
}

// written is a cell as text, a day or a time where it is shown as one.
func (t sheetTimes) written(c cell) string {
	switch c.kind {
	case number:
		return numeral(c.text)
	case percent:
		return hundredfold(c.text) + "%"
	case date:
		at, ok := t.at(c.text)
		switch {
		case !ok:
			return c.text
		case at.Year() < 1901:
			return at.Format("15:04")
		case at.Hour()+at.Minute()+at.Second() == 0:
			return at.Format("2006-01-02")
		}
		return at.Format("2006-01-02 15:04")
	}
	return c.text
}

func hundredfold(raw string) string {
	v, err := strconv.ParseFloat(raw, 64)
	if err != nil {
		return raw
	}
	return numeral(strconv.FormatFloat(v*100, 'e', exact-1, 64))
}

// unreadable is what is wrong with a cell whatever it should hold.
func (c cell) unreadable() (said, bool) {
	switch c.kind {
	case failed:
		return wrong(c.text, "formula", "单元格里是错误值 {{.Value}}，改成数值或者文字", "Value", c.text), true
	case unsaved:
		return wrong("", "formula", "公式没有保存计算结果，在表格软件中打开并保存后再上传，或者粘贴为数值"), true
	case garbled:
		return wrong(c.text, "encoding", "有不能识别的字符，在表格软件中另存为 .xlsx 或者 CSV UTF-8"), true
	}
	return said{}, false
}

// code is a cell that holds a code or a name: digits that a number has lost cannot be
// brought back.
func (t sheetTimes) code(c cell) said {
	if s, is := c.unreadable(); is {
		return s
	}
	if c.kind == number && lost(c.text) {
		return wrong(numeral(c.text), "lost", "单元格是数字，第 15 位以后的数字已经丢失；把单元格格式改为文本，再填写完整的编码")
	}
	return said{text: t.written(c)}
}

// dayOf is a cell that holds a day.
func (t sheetTimes) dayOf(c cell) said {
	if s, is := c.unreadable(); is {
		return s
	}
	if c.kind == date || c.kind == number {
		if day, ok := t.day(c.text); ok {
			return said{text: day}
		}
	}
	s := c.text
	if day, clock, timed := strings.Cut(strings.Replace(s, "T", " ", 1), " "); timed && strings.Trim(clock, "0: ") == "" {
		s = day // midnight, as an export writes it
	}
	day := code.TypedDay(s)
	return said{text: day, instead: nearDay(day)}
}

var clockText = regexp.MustCompile(`^([01]?\d|2[0-4]):[0-5]\d(:[0-5]\d)?$`)

// instant is a cell that holds a time; one of the day alone is of the line's day.
func (t sheetTimes) instant(c cell, day string) said {
	if s, is := c.unreadable(); is {
		return s
	}
	if c.kind == date || c.kind == number {
		if at, ok := t.at(c.text); ok && at.Year() >= 2000 {
			return said{text: code.TypedInstant(at.Format("2006-01-02T15:04:05"))}
		} else if ok && day != "" && !at.After(time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC)) {
			return said{text: code.TypedInstant(day + " " + map[bool]string{true: "24:00", false: at.Format("15:04:05")}[at.Day() == 31])}
		}
	}
	s := norm.NFKC.String(c.text)
	if clockText.MatchString(s) && day != "" {
		s = day + " " + s
	}
	return said{text: code.TypedInstant(s)}
}

// month is a cell that holds a month.
func (t sheetTimes) month(c cell) said {
	if s, is := c.unreadable(); is {
		return s
	}
	if c.kind == date {
		if day, ok := t.day(c.text); ok {
			return said{text: day[:7]}
		}
	}
	s := code.TypedCode(t.written(c))
	for _, layout := range []string{"2006-1", "2006/1", "2006.1", "2006年1月", "200601"} {
		if at, err := time.Parse(layout, s); err == nil {
			return said{text: at.Format("2006-01")}
		}
	}
	return said{text: s}
}

var (
	measured   = regexp.MustCompile(`^([<＜]?\s*[+\-−－]?[0-9０-９][0-9０-９.,，。．\s]*)([^0-9０-９.,，。．\s].*)$`)
	belowLimit = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?[lL]$`)
)

// quantity is a cell that holds a number, maybe with its unit behind it.
func (t sheetTimes) quantity(c cell, f ledger.Field) said {
	if s, is := c.unreadable(); is {
		return s
	}
	_, err := strconv.ParseFloat(c.text, 64)
	switch {
	case c.kind == number && err == nil:
		return said{text: numeral(c.text)}
	case c.kind == percent && err == nil: // a text in a cell of that format says its own unit
		if f.Unit == "%" {
			return said{text: hundredfold(c.text)}
		}
		return wrong(t.written(c), "unit", "单元格是百分比，这一项不是；把格式改为常规后重新填写")
	case c.kind == date:
		return wrong(t.written(c), "type", "单元格是日期或者时间，这一项是数；把格式改为常规后重新填写")
	}
	s := strings.TrimSpace(norm.NFKC.String(c.text))
	if f.Reading {
		switch {
		case slices.Contains(undetected, strings.ToLower(s)):
			return said{text: "ND"}
		case belowLimit.MatchString(s): // the mark L of HJ 91.1 behind a detection limit
			return said{text: "<" + s[:len(s)-1]}
		}
	}
	m := measured.FindStringSubmatch(c.text)
	if m == nil {
		return said{text: c.text, instead: nearNumber(c.text)}
	}
	unit := strings.TrimSpace(m[2])
	switch {
	case f.Unit != "" && sameUnit(unit, f.Unit):
		return said{text: strings.TrimSpace(m[1])}
	case f.ItemBy != "" && isUnit(unit):
		return said{text: strings.TrimSpace(m[1]), unit: unit}
	case f.Unit != "" && isUnit(unit):
		s := wrong(c.text, "unit", "这一项的单位是 {{.Unit}}，换算后只填数值", "Unit", f.Unit)
		s.instead = converted(code.TypedNumber(m[1]), unit, f.Unit)
		return s
	}
	return said{text: c.text}
}

// knownUnits are those in which fields of the classes are stated, and their neighbours.
var knownUnits = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	var walk func([]ledger.Field)
	walk = func(fields []ledger.Field) {
		for _, f := range fields {
			if f.Unit != "" {
				all[unitKey(f.Unit)] = true
			}
			walk(f.Fields)
		}
	}
	for _, c := range ledger.Classes() {
		walk(c.Fields)
	}
	for _, u := range otherUnits {
		all[unitKey(u)] = true
	}
	return all
})

func unitKey(s string) string {
	s = strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(s)), ""))
	if u, spoken := spokenUnits[s]; spoken {
		s = strings.ToLower(u)
	}
	return s
}

func sameUnit(a, b string) bool {
	return unitKey(a) == unitKey(b) || discharge.SameUnit(norm.NFKC.String(a), b)
}

func isUnit(s string) bool {
	return s != "" && (knownUnits()[unitKey(s)] || discharge.IsUnit(norm.NFKC.String(s)) || discharge.IsUnit(s))
}

// value is what a cell says about a field of a line of that day.
func (t sheetTimes) value(c cell, f ledger.Field, day string) said {
	switch f.Type {
	case "decimal", "integer":
		return t.quantity(c, f)
	case "day":
		return t.dayOf(c)
	case "instant":
		return t.instant(c, day)
	case "code:month":
		return t.month(c)
	case "bool":
		s := t.code(c)
		if v, ok := answers[strings.ToLower(norm.NFKC.String(s.text))]; ok && s.wrong == nil {
			return said{text: v}
		}
		if s.wrong == nil {
			s = wrong(s.text, "enum", "填写 是 或者 否")
		}
		return s
	case "enum":
		return t.option(c, f)
	}
	return t.code(c)
}

// option is a cell that holds one of the values of a field, by its name or as it is kept.
func (t sheetTimes) option(c cell, f ledger.Field) said {
	s := t.code(c)
	if s.wrong != nil {
		return s
	}
	var names []string
	for _, o := range f.Enum {
		for _, name := range []string{o.Value, o.LabelZh, o.LabelEn} {
			if headKey(name) == headKey(s.text) || headKey(short(name)) == headKey(s.text) {
				return said{text: o.Value}
			}
		}
		names = append(names, short(o.LabelZh))
	}
	out := wrong(s.text, "enum", "只能是其中一项：{{.Values}}", "Values", strings.Join(names, "、"))
	out.instead = nearest(s.text, names)
	return out
}

package code

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"parkregistry/internal/fault"
)

// ParseName takes a name of one to a hundred characters on one line.
func ParseName(s string) (string, error) { return clean(s, 100, false) }

// ParseText takes one line of at most most characters.
func ParseText(most int) func(string) (string, error) {
	return func(s string) (string, error) { return clean(s, most, false) }
}

// ParseLongText takes several lines of at most most characters.
func ParseLongText(most int) func(string) (string, error) {
	return func(s string) (string, error) { return clean(s, most, true) }
}

// ParseReason takes why something is done: five characters at least.
func ParseReason(s string) (string, error) {
	s, err := clean(s, 500, true)
	if err == nil && utf8.RuneCountInString(s) < 5 {
		return "", fault.Broken("tooShort", "", "原因至少写 {{.Min}} 个字", "Min", 5)
	}
	return s, err
}

// clean brings text to NFC without surrounding white space and refuses what a
// database or a reader would trip over: NUL and control characters, and characters
// that cannot be seen (S-IN3).
func clean(s string, most int, lines bool) (string, error) {
	if !utf8.ValidString(s) {
		return "", fault.Broken("encoding", "", "含有无法显示的字符，重新输入")
	}
	s = strings.TrimSpace(norm.NFC.String(s))
	for _, r := range s {
		if unicode.IsControl(r) && !(lines && (r == '\n' || r == '\t')) || unseen(r) || r == utf8.RuneError {
			return "", fault.Broken("characters", "", "含有看不见的字符（控制、换向或者零宽），删去后再填")
		}
	}
	if n := utf8.RuneCountInString(s); n > most {
		return "", fault.Broken("tooLong", "", "不能超过 {{.Max}} 个字", "Max", most)
	}
	if s == "" {
		return "", fault.Broken("required", "", "必须填写")
	}
	return s, nil
}

// Clip is s as a column takes what nobody has checked (a browser's name, a user
// name as typed): valid UTF-8 without NUL, at most most bytes, cut between characters.
func Clip(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r == 0 {
			return utf8.RuneError
		}
		return r // a broken byte comes as RuneError
	}, s)
	for len(s) > most {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}

// Printable reports whether s is valid UTF-8 without control characters.
func Printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// unseen is what takes no place on a page: characters that turn the direction of
// writing, spaces without width, separators of lines. Two names that differ by one
// look alike. The joiner inside an emoji stays.
func unseen(r rune) bool {
	const joiner = 0x200d
	return r != joiner && unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

var phoneForm = regexp.MustCompile(`^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|\d{7,8})$`)

// ParsePhone takes a mainland mobile or fixed number.
func ParsePhone(s string) (string, error) {
	s = strings.ReplaceAll(strings.TrimSpace(s), " ", "")
	if !phoneForm.MatchString(s) {
		return "", fault.Broken("pattern", "", "电话应当是 11 位手机号，或者带区号的固定电话")
	}
	return s, nil
}

// MaskPhone hides the middle: 138 **** 0000.
func MaskPhone(s string) string {
	if len(s) < 8 {
		return strings.Repeat("*", len(s))
	}
	return s[:3] + " **** " + s[len(s)-4:]
}

// ParseInstant takes RFC 3339 with an offset; the result is UTC in whole seconds.
func ParseInstant(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, fault.Broken("instant", "RFC 3339", "时间应当带时区，例 2026-01-31T08:30:00+08:00")
	}
	t = t.UTC().Truncate(time.Second)
	if y := t.In(Zone).Year(); y < 2000 || y > 2100 {
		return time.Time{}, fault.Broken("dayRange", "", "日期应当在 {{.From}} 至 2100-12-31 之间", "From", "2000-01-01")
	}
	return t, nil
}

var raised = strings.NewReplacer("m3", "m³", "m2", "m²")

// WrittenUnit is a unit as the office writes it.
func WrittenUnit(unit string) string { return raised.Replace(unit) }

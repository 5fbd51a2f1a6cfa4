package code

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// What people type into a form or copy out of a spreadsheet is brought to the one
// spelling that the parsers take. Nothing is judged here: what has no such spelling,
// or could mean two things, stays as it was typed, and the parser says so.

// TypedCode is a code without the full-width letters and digits of an input method.
func TypedCode(s string) string { return strings.TrimSpace(norm.NFKC.String(s)) }

var (
	grouped   = regexp.MustCompile(`^[<+-]?\d{1,3}(,\d{3})+(\.\d+)?$`)
	ambiguous = regexp.MustCompile(`^[<+-]?[1-9]\d{0,2}，\d{3}$`)
)

// TypedNumber is a number without stray spaces and full-width signs, with a point where
// an input method gave 。 or ，, and without the commas of a spreadsheet: 12。5, 1,486.00.
// 1，486 stays: it is near fifteen hundred to one reader and less than two to another.
func TypedNumber(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
	comma := strings.Count(s, "，") == 1
	s = norm.NFKC.String(typedMarks.Replace(s))
	s = strings.ReplaceAll(s, "\x00", "，")
	switch {
	case grouped.MatchString(s):
		return strings.ReplaceAll(s, ",", "")
	case comma && !strings.Contains(s, ".") && !ambiguous.MatchString(s):
		return strings.Replace(s, "，", ".", 1)
	}
	return s
}

// typedMarks are those that widths alone do not make plain; a wide comma is looked at apart.
var typedMarks = strings.NewReplacer("，", "\x00", "。", ".", "−", "-")

// TypedDay is a day as ParseDay takes it: 2026/1/5, 2026.1.5, 2026年1月5日, 20260105.
func TypedDay(s string) string {
	s = TypedCode(s)
	for _, layout := range []string{"2006-1-2", "2006/1/2", "2006.1.2", "2006年1月2日", "20060102"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format(dayLayout)
		}
	}
	return s
}

// TypedInstant is a time of the registry's zone as ParseInstant takes it: 2026-01-05T08:30
// as a browser sends it, 2026/1/5 8:30, 2026年1月5日8时30分. 24:00 ends the day.
func TypedInstant(s string) string {
	s = TypedCode(s)
	day, clock, found := strings.Cut(strings.Replace(s, "T", " ", 1), " ")
	if at := strings.Index(s, "日") + len("日"); !found && at >= len("日") && at < len(s) {
		day, clock, found = s[:at], s[at:], true
	}
	if !found {
		return s
	}
	clock = strings.TrimSpace(clock)
	if clock == "24:00" || clock == "24:00:00" || clock == "24时" {
		if d, err := ParseDay(TypedDay(day)); err == nil {
			return string(d.Add(1)) + "T00:00:00+08:00"
		}
	}
	for _, layout := range []string{"15:04", "15:04:05", "15时04分", "15时4分", "15时"} {
		if t, err := time.Parse(dayLayout+" "+layout, TypedDay(day)+" "+clock); err == nil {
			return t.Format("2006-01-02T15:04:05") + "+08:00"
		}
	}
	return s
}

// nothing are the marks that people write where there is nothing to say.
var nothing = []string{"-", "--", "—", "——", "–", "―", "－", "－－", "/", "／", "\\"}

// TypedNothing reports whether a text is only such a mark, or not even that.
func TypedNothing(s string) bool { return s == "" || slices.Contains(nothing, s) }

package sheets

import (
	"regexp"
	"slices"
	"strings"

	"parkregistry/internal/code"
)

// What may be meant by a cell that cannot be read as it is. Nothing is put in its place
// unless somebody says so; "" where more than one thing may be meant.

var (
	decimal2 = regexp.MustCompile(`^([<-]?\d+)[,，](\d{1,2})$`)
	digitsOf = regexp.MustCompile(`^[<-]?\d+(\.\d+)?$`)
)

// nearDay is the day that a text which is none may mean.
func nearDay(s string) string {
	if _, err := code.ParseDay(s); err == nil || s == "" {
		return ""
	}
	try := strings.TrimRight(spokenDay.Replace(code.TypedCode(s)), ".。,，;； ")
	if m := shortYear.FindStringSubmatch(try); m != nil {
		try = "20" + m[1] + m[2]
	}
	try = code.TypedDay(try)
	if _, err := code.ParseDay(try); err != nil {
		return ""
	}
	return try
}

// nearNumber is the number that a text which is none may mean: 1,20 or 约 12.5.
func nearNumber(s string) string {
	try := code.TypedNumber(s)
	if digitsOf.MatchString(try) {
		return ""
	}
	try = strings.TrimLeft(try, roughly)
	if m := decimal2.FindStringSubmatch(try); m != nil {
		try = m[1] + "." + m[2]
	}
	if !digitsOf.MatchString(try) {
		return ""
	}
	return try
}

// converted is a number in another unit, exactly; "" where that takes more than moving
// the point.
func converted(number, from, to string) string {
	a, ok1 := powers[unitKey(from)]
	b, ok2 := powers[unitKey(to)]
	if !ok1 || !ok2 || a.of != b.of || !digitsOf.MatchString(number) || strings.HasPrefix(number, "<") {
		return ""
	}
	return moved(number, a.ten-b.ten)
}

// moved moves the point of a number to the right, or to the left.
func moved(number string, places int) string {
	sign := ""
	if strings.HasPrefix(number, "-") {
		sign, number = "-", number[1:]
	}
	whole, part, _ := strings.Cut(number, ".")
	for ; places > 0; places-- {
		whole, part = whole+(part + "0")[:1], strings.TrimPrefix(part, (part + "0")[:1])
	}
	for ; places < 0; places++ {
		whole = "0" + whole
		whole, part = whole[:len(whole)-1], whole[len(whole)-1:]+part
	}
	whole, part = strings.TrimLeft(whole, "0"), strings.TrimRight(part, "0")
	if whole == "" {
		whole = "0"
	}
	if part != "" {
		part = "." + part
	}
	return sign + whole + part
}

// nearest is the one name that holds the text, or that the text holds.
func nearest(text string, names []string) string {
	key := headKey(text)
	near := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		n := headKey(name)
		return len([]rune(key)) < 2 || !strings.Contains(n, key) && !strings.Contains(key, n)
	})
	if len(near) != 1 {
		return ""
	}
	return near[0]
}

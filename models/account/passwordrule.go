package account

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"parkregistry/internal/fault"
)

const (
	passwordLeast = 10
	passwordMost  = 128
	digitsLeast   = 16 // a password of digits only is a date, a telephone or an identity number below this
)

// checkPassword holds a new password to S-AU1 and to the profile.
func (s *Service) checkPassword(username, password string) error {
	var c fault.Check
	n := utf8.RuneCountInString(password)
	switch {
	case n < passwordLeast:
		c.Fail("/newPassword", "tooShort", "密码至少 {{.Min}} 个字符", "Min", passwordLeast)
	case n > passwordMost:
		c.Fail("/newPassword", "tooLong", "不能超过 {{.Max}} 个字", "Max", passwordMost)
	}
	if classes(password) < s.profile.PasswordClasses {
		c.Cite("/newPassword", "classes", "GB/T 22239-2019 8.1.4.1 a)", nil, "密码应当含有大写字母、小写字母、数字、符号中的至少 {{.Classes}} 类", "Classes", s.profile.PasswordClasses)
	}
	if commonPassword(username, password) {
		c.Fail("/newPassword", "common", "这个密码太常见，或者含有登录名、单位用语，换一个不容易猜到的")
	}
	return c.Err()
}

func classes(s string) int {
	var upper, lower, digit, other int
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			upper = 1
		case unicode.IsLower(r):
			lower = 1
		case unicode.IsDigit(r):
			digit = 1
		default:
			other = 1
		}
	}
	return upper + lower + digit + other
}

// commonPassword refuses what everybody tries first. Lists of the commonest ten
// thousand passwords hold, from ten characters on, hardly anything but these
// shapes, so the shapes are refused in place of a list:
//   - the user name anywhere in it, forwards or backwards;
//   - digits only, up to fifteen: dates, telephone numbers, 1234567890;
//   - fewer than five different characters, and one piece said over and over;
//   - runs up or down the alphabet, the digits or the keyboard;
//   - up to two of the words of commonwords.go one after the other, with any digits
//     and signs before, between and behind, and with the usual digits and signs in
//     place of letters (p@ssw0rd2026!).
//
// Three words that do not belong together pass: that is what a person can keep in mind.
func commonPassword(username, password string) bool {
	p := strings.ToLower(password)
	if len(username) >= 4 && (strings.Contains(p, username) || strings.Contains(p, reversed(username))) {
		return true
	}
	digits := strings.IndexFunc(p, func(r rune) bool { return !unicode.IsDigit(r) }) < 0
	if digits && utf8.RuneCountInString(p) < digitsLeast || distinct(p) < 5 || repeated(p) || walks(p) {
		return true
	}
	if letters := lettersOf(p); utf8.RuneCountInString(letters) < 3 && distinct(p) < 8 || letters != "" && words(letters) <= 2 {
		return true
	}
	// Signs at either end may be ornament or stand for letters: both are tried.
	for _, head := range ornaments(p) {
		for _, tail := range ornaments(reversed(p[head:])) {
			for _, l := range leets {
				if core := lettersOf(l.Replace(p[head : len(p)-tail])); core != "" && words(core) <= 2 {
					return true
				}
			}
		}
	}
	return false
}

func lettersOf(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, s)
}

// ornaments are the lengths, up to eight, of what may stand before the first letter of s.
func ornaments(s string) []int {
	n := strings.IndexFunc(s, unicode.IsLetter)
	all := []int{0}
	for i := range s {
		if i > 0 && i <= min(n, 8) {
			all = append(all, i)
		}
	}
	return all
}

// leets are the digits and signs that people write for letters; 1 and ! stand for i or for l.
var leets = []*strings.Replacer{
	strings.NewReplacer("@", "a", "4", "a", "3", "e", "0", "o", "$", "s", "5", "s", "7", "t", "8", "b", "1", "i", "!", "i"),
	strings.NewReplacer("@", "a", "4", "a", "3", "e", "0", "o", "$", "s", "5", "s", "7", "t", "8", "b", "1", "l", "!", "l"),
}

// words is the least number of common words that s is made of, a large number when it is not.
func words(s string) int {
	const none = 1 << 20
	r := []rune(s)
	least := slices.Repeat([]int{none}, len(r)+1)
	least[0] = 0
	for end := 1; end <= len(r); end++ {
		for start := max(0, end-longestCommon); start < end; start++ {
			if least[start] < none && commonCores[string(r[start:end])] {
				least[end] = min(least[end], least[start]+1)
			}
		}
	}
	return least[len(r)]
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// repeated reports whether s is one piece of at most half its length said again and again.
func repeated(s string) bool {
	for n := 1; n <= len(s)/2; n++ {
		if strings.HasPrefix(strings.Repeat(s[:n], len(s)/n+1), s) {
			return true
		}
	}
	return false
}

// keyRows are what fingers walk along.
var keyRows = []string{"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "`1234567890-=", "!@#$%^&*()"}

// walks reports whether at least four in five steps of s go to the neighbour in a row, either way.
func walks(s string) bool {
	steps := 0
	for i := 1; i < len(s); i++ {
		pair := s[i-1 : i+1]
		if slices.ContainsFunc(keyRows, func(row string) bool { return strings.Contains(row, pair) || strings.Contains(row, reversed(pair)) }) {
			steps++
		}
	}
	return steps*5 >= (len(s)-1)*4
}

func reversed(s string) string {
	r := []rune(s)
	slices.Reverse(r)
	return string(r)
}

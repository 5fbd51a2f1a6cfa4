package rhythm

import (
	"strings"
	"unicode"
)

// scan is what is left to read of a wording.
type scan struct{ rest string }

// plain brings a wording to one spelling: full-width letters, digits and signs to
// ASCII, no spaces, and a semicolon for whatever ends a sentence.
func plain(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' || r == '。':
			r = ';'
		case unicode.IsSpace(r):
			continue
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		case r == '≧':
			r = '≥'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// word takes w when it comes next.
func (s *scan) word(w string) (found bool) {
	s.rest, found = strings.CutPrefix(s.rest, w)
	return found
}

// longest takes the longest of the words that come next.
func (s *scan) longest(words ...string) string {
	best := ""
	for _, w := range words {
		if len(w) > len(best) && strings.HasPrefix(s.rest, w) {
			best = w
		}
	}
	s.rest = s.rest[len(best):]
	return best
}

// pick is longest among the keys of a table.
func pick[T any](s *scan, table map[string]T) (word string, value T, found bool) {
	for w := range table {
		if len(w) > len(word) && strings.HasPrefix(s.rest, w) {
			word = w
		}
	}
	value, found = table[word]
	if found {
		s.rest = s.rest[len(word):]
	}
	return word, value, found
}

// try takes what read takes, or nothing when it answers false.
func (s *scan) try(read func() bool) bool {
	before := s.rest
	if read() {
		return true
	}
	s.rest = before
	return false
}

var numerals = map[rune]int{'一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9}

// most is the largest number that a rhythm may hold: above it stands something else, a year or a code.
const most = 366

// number takes 1 to most, in digits or in Chinese numerals up to 九十九.
func (s *scan) number() (n int, found bool) {
	if s.rest != "" && s.rest[0] >= '0' && s.rest[0] <= '9' {
		i := 0
		for ; i < len(s.rest) && s.rest[i] >= '0' && s.rest[i] <= '9'; i++ {
			if n = n*10 + int(s.rest[i]-'0'); n > most {
				return 0, false
			}
		}
		s.rest = s.rest[i:]
		return n, n > 0
	}
	tens, ten, ones := 0, false, 0
	for i, r := range s.rest + " " {
		d := numerals[r]
		switch {
		case d > 0 && !ten && tens == 0:
			tens = d
		case r == '十' && !ten:
			ten = true
		case d > 0 && ten && ones == 0:
			ones = d
		default:
			s.rest = s.rest[i:]
			switch {
			case ten:
				return max(tens, 1)*10 + ones, true
			default:
				return tens, tens > 0
			}
		}
	}
	return 0, false
}

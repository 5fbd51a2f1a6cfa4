package code

import (
	"strings"
	"unicode/utf8"

	"parkregistry/internal/fault"
)

// CreditCode is a unified social credit code (统一社会信用代码), GB 32100-2015: 18
// characters, of which 9 to 17 are an organisation code with its own check digit.
type CreditCode string

const (
	creditRule    = "GB 32100-2015"
	orgRule       = "GB 11714-1997"
	creditCharset = "0123456789ABCDEFGHJKLMNPQRTUWXY" // no I, O, S, V, Z
)

// ParseCreditCode checks both digits. The message names the characters that were expected.
func ParseCreditCode(s string) (CreditCode, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if n := utf8.RuneCountInString(s); n != 18 {
		return "", fault.Broken("length", creditRule, "统一社会信用代码应当是 18 位，现在是 {{.Length}} 位", "Length", n)
	}
	for i, r := range s {
		ok := strings.ContainsRune(creditCharset, r)
		if i >= 2 && i < 8 {
			ok = r >= '0' && r <= '9'
		}
		if !ok && i < 17 {
			return "", fault.Broken("charset", creditRule, "第 {{.Place}} 位不能是 {{.Got}}：统一社会信用代码只用数字和大写字母，不用 I、O、S、V、Z，第 3 至 8 位是数字", "Place", i+1, "Got", string(r))
		}
	}
	var c fault.Check
	if want := orgCheck(s[8:16]); s[16] != want {
		c.Cite("", "orgCheckDigit", orgRule, nil, "第 17 位应当是 {{.Expected}}（组织机构代码校验位），现在是 {{.Got}}；第 9 至 17 位中有一位填错", "Expected", string(want), "Got", s[16:17])
	}
	if want := creditCheck(s[:17]); s[17] != want {
		c.Cite("", "checkDigit", creditRule, nil, "第 18 位校验码应当是 {{.Expected}}，现在是 {{.Got}}", "Expected", string(want), "Got", s[17:])
	}
	return CreditCode(s), c.Err()
}

// creditCheck is the eighteenth character for the first seventeen.
func creditCheck(first17 string) byte {
	sum, weight := 0, 1
	for i := range 17 {
		sum += strings.IndexByte(creditCharset, first17[i]) * weight
		weight = weight * 3 % 31
	}
	return creditCharset[(31-sum%31)%31]
}

var orgWeights = [8]int{3, 7, 9, 10, 5, 8, 4, 2}

// orgCheck is the check digit of an organisation code of eight characters.
func orgCheck(body string) byte {
	sum := 0
	for i := range 8 {
		v := int(body[i] - '0')
		if body[i] >= 'A' {
			v = int(body[i]-'A') + 10
		}
		sum += v * orgWeights[i]
	}
	switch c := 11 - sum%11; c {
	case 10:
		return 'X'
	case 11:
		return '0'
	default:
		return byte('0' + c)
	}
}

// MakeCreditCode builds a code with both check digits from the registering
// department and kind (two characters), the division of registration (six digits)
// and the body of the organisation code (eight characters).
func MakeCreditCode(kind, division, body string) CreditCode {
	first := kind + division + body
	first += string(orgCheck(body))
	return CreditCode(first + string(creditCheck(first)))
}

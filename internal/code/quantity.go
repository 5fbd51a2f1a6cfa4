package code

import (
	"encoding/json"
	"strconv"
	"strings"

	"parkregistry/internal/fault"
)

// Quantity is an exact decimal: Raw as entered, Scaled × 10^6 for sums and
// comparison on both engines. Qualifier is "<" for below a detection limit, "ND"
// for not detected without a number, "" otherwise.
type Quantity struct {
	Raw       string
	Qualifier string
	Scaled    int64
}

// QuantityScale is the factor of Scaled.
const QuantityScale = 1_000_000

// ParseQuantity takes a plain decimal: sign, up to 12 digits, up to 6 decimals.
func ParseQuantity(s string) (Quantity, error) {
	s = strings.TrimSpace(s)
	body := strings.TrimPrefix(strings.TrimPrefix(s, "-"), "+")
	whole, part, point := strings.Cut(body, ".")
	if whole == "" || point && part == "" || !digits(whole) || !digits(part) {
		return Quantity{}, fault.Broken("decimal", "", "应当是数字，例 12.5；不用千分号和科学计数")
	}
	if len(strings.TrimLeft(whole, "0")) > 12 || len(part) > 6 {
		return Quantity{}, fault.Broken("precision", "", "整数不超过 12 位，小数不超过 6 位")
	}
	n, err := strconv.ParseInt(strings.TrimLeft(whole, "0")+part+strings.Repeat("0", 6-len(part)), 10, 64)
	if err != nil {
		return Quantity{}, fault.Broken("decimal", "", "应当是数字，例 12.5；不用千分号和科学计数")
	}
	if strings.HasPrefix(s, "-") {
		n = -n
	}
	return Quantity{Raw: strings.TrimPrefix(s, "+"), Scaled: n}, nil
}

// ParseReading is ParseQuantity for a measured value, which may also be below a
// detection limit: <0.05, or ND.
func ParseReading(s string) (Quantity, error) {
	s = strings.TrimSpace(s)
	if strings.EqualFold(s, "ND") {
		return Quantity{Raw: s, Qualifier: "ND"}, nil
	}
	rest, below := strings.CutPrefix(s, "<")
	if below && strings.ContainsAny(rest, "+-") {
		return Quantity{}, fault.Broken("decimal", "", "应当是数字，例 12.5；不用千分号和科学计数")
	}
	q, err := ParseQuantity(rest)
	if err != nil {
		return Quantity{}, err
	}
	q.Raw = strings.TrimPrefix(s, "+")
	if below {
		q.Qualifier = "<"
	}
	return q, nil
}

func digits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// Decimal writes a scaled value without trailing zeros.
func Decimal(scaled int64) string {
	sign := ""
	u := uint64(scaled)
	if scaled < 0 {
		sign, u = "-", -u
	}
	part := strconv.FormatUint(u%QuantityScale+QuantityScale, 10)[1:]
	part = strings.TrimRight(part, "0")
	if part != "" {
		part = "." + part
	}
	return sign + strconv.FormatUint(u/QuantityScale, 10) + part
}

// MarshalJSON implements json.Marshaler: the text as entered.
func (q Quantity) MarshalJSON() ([]byte, error) { return json.Marshal(q.Raw) }

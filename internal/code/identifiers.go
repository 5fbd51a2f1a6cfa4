package code

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"parkregistry/internal/fault"
)

// PermitNumber is a discharge permit number, HJ 608-2017: the holder's credit
// code, three digits for the site, one letter that is not a check digit.
type PermitNumber string

var permitTail = regexp.MustCompile(`^\d{3}[A-Z]$`)

// ParsePermitNumber checks the form and the credit code inside.
func ParsePermitNumber(s string) (PermitNumber, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) != 22 || !permitTail.MatchString(s[18:]) {
		return "", fault.Broken("pattern", "HJ 608-2017", "许可证编号应当是 22 位：18 位统一社会信用代码、3 位顺序号、1 位字母")
	}
	if _, err := ParseCreditCode(s[:18]); err != nil {
		return "", err
	}
	return PermitNumber(s), nil
}

// Holder is the credit code inside.
func (n PermitNumber) Holder() string {
	if len(n) < 18 {
		return ""
	}
	return string(n[:18])
}

// OutletCode is a discharge point, HJ 608-2017: DW001 water, DA001 air; YS001 rain by practice.
type OutletCode string

var outletForm = regexp.MustCompile(`^(DW|DA|YS)\d{3}$`)

// ParseOutlet checks the form.
func ParseOutlet(s string) (OutletCode, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if !outletForm.MatchString(s) {
		return "", fault.Broken("pattern", "HJ 608-2017", "排放口编码的样子是 DW001（废水）、DA001（废气）、YS001（雨水）")
	}
	return OutletCode(s), nil
}

// Fits reports whether the code belongs to that kind of outlet.
func (o OutletCode) Fits(kind string) bool {
	switch kind {
	case "air":
		return o[:2] == "DA"
	case "rain":
		return o[:2] == "YS"
	default:
		return o[:2] == "DW"
	}
}

// FacilityCode is MF0001 for production, TA, TW, TS or TN and three digits for
// treatment and stores, HJ 608-2017.
type FacilityCode string

var facilityForm = regexp.MustCompile(`^(MF\d{4}|T[AWSN]\d{3})$`)

// ParseFacility checks the form.
func ParseFacility(s string) (FacilityCode, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if !facilityForm.MatchString(s) {
		return "", fault.Broken("pattern", "HJ 608-2017", "设施编码的样子是 MF0001（生产）、TW001（废水）、TA001（废气）、TS001（固废和贮存）、TN001（噪声）")
	}
	return FacilityCode(s), nil
}

// Production reports whether it is a production facility.
func (f FacilityCode) Production() bool { return strings.HasPrefix(string(f), "MF") }

// Medium is what the facility treats: water, air, solid, noise; "" for production.
func (f FacilityCode) Medium() string {
	if len(f) < 2 {
		return ""
	}
	return map[string]string{"TW": "water", "TA": "air", "TS": "solid", "TN": "noise"}[string(f[:2])]
}

var parkForm = regexp.MustCompile(`^[A-Z]{2,4}-[0-9A-Z]{2,8}$`)

// ParseParkCode takes a park code of our own: there is no official one.
func ParseParkCode(s string) (string, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if !parkForm.MatchString(s) {
		return "", fault.Broken("pattern", "", "园区编码的样子是 SZ-07：2 至 4 个字母、短横线、2 至 8 位字母或数字")
	}
	return s, nil
}

var controlForm = regexp.MustCompile(`^ZH4403\d{7}$`)

// ParseControlUnit takes an environmental control unit (环境管控单元) code.
func ParseControlUnit(s string) (string, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if !controlForm.MatchString(s) {
		return "", fault.Broken("pattern", "三线一单", "环境管控单元编码是 ZH4403 加 7 位数字")
	}
	return s, nil
}

// Industry is a class of GB/T 4754-2017, four digits.
type Industry string

var industryForm = regexp.MustCompile(`^(0[1-9]|[1-8]\d|9[0-7])\d{2}$`)

var industries = table("industries.csv", "gb4754")

// Label is the name of the class, empty for one that the table does not have.
func (i Industry) Label() fault.Label {
	row := industries()[string(i)]
	return fault.Label{Zh: row["name_zh"], En: row["name_en"]}
}

// Title is the class with its name, where the table has one.
func (i Industry) Title() fault.Text {
	l := i.Label()
	if l.Zh == "" {
		return fault.Named(string(i), string(i))
	}
	return fault.Named(string(i)+" "+l.Zh, string(i)+" "+l.En)
}

// ParseIndustry checks the form; the 2011 edition's numbers look alike and cannot be told apart.
func ParseIndustry(s string) (Industry, error) {
	if !industryForm.MatchString(s) {
		return "", fault.Broken("pattern", "GB/T 4754-2017", "行业代码应当是 4 位数字，例 3982（电子电路制造）")
	}
	return Industry(s), nil
}

// Pollutant is a code of HJ 525-2009 (water) or HJ 524-2009 (air): w01018.
type Pollutant string

var pollutants = table("pollutants.csv", "code")

// ParsePollutant takes a code of the table.
func ParsePollutant(s string) (Pollutant, error) {
	p, known := PollutantOf(s)
	if !known {
		return "", fault.Broken("unknown", "HJ 525-2009", "污染物代码表中没有 {{.Code}}，例：w01018 是化学需氧量", "Code", strings.ToLower(strings.TrimSpace(s)))
	}
	return p, nil
}

// PollutantOf is ParsePollutant for who has no use for the reason: most of what a ledger
// counts is no pollutant.
func PollutantOf(s string) (Pollutant, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	_, known := pollutants()[s]
	return Pollutant(s), known
}

// ParseWaterPollutant takes a code of waste water.
func ParseWaterPollutant(s string) (Pollutant, error) {
	p, err := ParsePollutant(s)
	if err == nil && p.Air() {
		return "", fault.Broken("medium", "HJ 525-2009", "{{.Name}}是废气的污染物；废水污染物的代码以 w 开头，例 w01018", "Name", p.Label())
	}
	return p, err
}

// ParseAirPollutant takes a code of waste gas.
func ParseAirPollutant(s string) (Pollutant, error) {
	p, err := ParsePollutant(s)
	if err == nil && !p.Air() {
		return "", fault.Broken("medium", "HJ 524-2009", "{{.Name}}是废水的污染物；废气污染物的代码以 a 开头，例 a24088", "Name", p.Label())
	}
	return p, err
}

// Air reports whether the code is one of waste gas.
func (p Pollutant) Air() bool { return strings.HasPrefix(string(p), "a") }

// Pollutants are those of the table that have a code, in its order.
func Pollutants() []Pollutant { return slices.Clone(ordered()) }

var ordered = sync.OnceValue(func() []Pollutant {
	all := make([]Pollutant, 0, len(pollutants()))
	for p := range pollutants() {
		if p != "" {
			all = append(all, Pollutant(p))
		}
	}
	slices.Sort(all)
	return all
})

// PollutantsNamed are those of that name in either language, in the order of the table:
// of water, of air, or one of each. Brackets and letters may be of either width.
func PollutantsNamed(name string) []Pollutant { return named()[nameKey(name)] }

func nameKey(name string) string { return strings.ToLower(TypedCode(name)) }

var named = sync.OnceValue(func() map[string][]Pollutant {
	by := map[string][]Pollutant{}
	for _, p := range ordered() {
		l := p.Label()
		for _, name := range []string{nameKey(l.Zh), nameKey(l.En)} {
			if name != "" && !slices.Contains(by[name], p) {
				by[name] = append(by[name], p)
			}
		}
	}
	return by
})

// Name is the Chinese name of the pollutant.
func (p Pollutant) Name() string { return pollutants()[string(p)]["name_zh"] }

// Label is the name of the pollutant in both languages.
func (p Pollutant) Label() fault.Label {
	return fault.Label{Zh: p.Name(), En: pollutants()[string(p)]["name_en"]}
}

// FirstClass reports whether it is a class-I pollutant (第一类污染物): controlled
// where the workshop's water leaves, and never diluted into a limit.
func (p Pollutant) FirstClass() bool { return pollutants()[string(p)]["class"] == "first" }

// Unit is the unit that limits of the pollutant are stated in.
func (p Pollutant) Unit() string { return pollutants()[string(p)]["limit_unit"] }

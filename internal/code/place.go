package code

import (
	"strconv"
	"strings"
	"sync"

	"parkregistry/internal/fault"
)

// Jurisdiction is a slug of the district list. It is stored, never derived from a
// division code: Dapeng's streets are coded under Longgang, Shenshan's under
// another city.
type Jurisdiction string

var (
	districts = table("districts.csv", "jurisdiction")
	streets   = table("streets.csv", "code")
	basins    = table("basins.csv", "id")
)

// Jurisdictions are all slugs in official order.
var Jurisdictions = sync.OnceValue(func() []Jurisdiction {
	var all []Jurisdiction
	for _, r := range rows("districts.csv") {
		all = append(all, Jurisdiction(r["jurisdiction"]))
	}
	return all
})

// ParseJurisdiction takes a slug of the list.
func ParseJurisdiction(s string) (Jurisdiction, error) {
	if _, ok := districts()[s]; !ok {
		return "", fault.Broken("unknown", "", "区划表中没有这个属地，填写代号，例 baoan、dapeng、shenshan")
	}
	return Jurisdiction(s), nil
}

// Name is the Chinese name.
func (j Jurisdiction) Name() string { return districts()[string(j)]["name_zh"] }

// English is the English name.
func (j Jurisdiction) English() string { return districts()[string(j)]["name_en"] }

// Bureau is the branch of the city's bureau in charge, by its full name.
func (j Jurisdiction) Bureau() string { return "深圳" + districts()[string(j)]["bureau_branch_zh"] }

// Branch is the short name of that branch, as the office says it.
func (j Jurisdiction) Branch() fault.Text {
	_, short, _ := strings.Cut(j.Bureau(), fault.T("市生态环境局").Key)
	return fault.Named(short, j.English()+" Branch")
}

// AreaName is a jurisdiction by its name, the whole city for "".
func AreaName(jurisdiction string) fault.Text {
	if jurisdiction == "" {
		return fault.T("全市")
	}
	j := Jurisdiction(jurisdiction)
	return fault.Named(j.Name(), j.English())
}

// Street is a nine-digit code of the national list of 2023.
type Street string

// ParseStreet takes a code of the list.
func ParseStreet(s string) (Street, error) {
	if _, ok := streets()[s]; !ok {
		return "", fault.Broken("unknown", "统计用区划代码 2023", "街道代码表中没有这个代码，应当是本市街道（镇）的 9 位代码")
	}
	return Street(s), nil
}

// Jurisdiction is who is responsible for the street.
func (s Street) Jurisdiction() Jurisdiction {
	return Jurisdiction(streets()[string(s)]["jurisdiction"])
}

// StreetsOf are the streets of a jurisdiction in code order.
func StreetsOf(j Jurisdiction) []Street {
	var all []Street
	for _, r := range rows("streets.csv") {
		if r["jurisdiction"] == string(j) {
			all = append(all, Street(r["code"]))
		}
	}
	return all
}

// Name is the Chinese name.
func (s Street) Name() string { return streets()[string(s)]["name_zh"] }

// ParseBasin takes a slug of the basins.
func ParseBasin(s string) (string, error) {
	if _, ok := basins()[s]; !ok {
		return "", fault.Broken("unknown", "", "流域代号应当是 {{.List}} 之一", "List", "shenzhen_river, maozhou, guanlan, longgang_river, pingshan_river, other")
	}
	return s, nil
}

// Basins are the slugs of the basins in the order of the list.
func Basins() []string {
	var all []string
	for _, r := range rows("basins.csv") {
		all = append(all, r["id"])
	}
	return all
}

// BasinName is the name of a basin; what is none stands for itself.
func BasinName(slug string) fault.Text {
	if r, known := basins()[slug]; known {
		return fault.Named(r["name_zh"], r["name_en"])
	}
	return fault.Named(slug, slug)
}

// The box of the city with Shenshan, in degrees × 10^6.
const (
	west, east   = 113_700_000, 115_400_000
	south, north = 22_300_000, 22_900_000
)

// ParseLongitude takes decimal degrees inside the city's box.
func ParseLongitude(s string) (string, error) { return degrees(s, west, east, "113.7", "115.4") }

// ParseLatitude takes decimal degrees inside the city's box.
func ParseLatitude(s string) (string, error) { return degrees(s, south, north, "22.3", "22.9") }

func degrees(s string, low, high int64, from, to string) (string, error) {
	q, err := ParseQuantity(s)
	if err != nil {
		return "", err
	}
	if q.Scaled < low || q.Scaled > high {
		return "", fault.Broken("range", "", "坐标应当在本市范围内：{{.From}} 至 {{.To}}（十进制度）", "From", from, "To", to)
	}
	return q.Raw, nil
}

// ParsePositive takes a decimal above zero with at most places decimals, kept as entered.
func ParsePositive(places int) func(string) (string, error) {
	amount := ParseAmount(places)
	return func(s string) (string, error) {
		if q, err := ParseQuantity(s); err == nil && q.Scaled <= 0 {
			return "", fault.Broken("positive", "", "应当大于 0")
		}
		return amount(s)
	}
}

// ParseAmount takes a decimal from zero on with at most places decimals, kept as entered.
func ParseAmount(places int) func(string) (string, error) {
	return func(s string) (string, error) {
		q, err := ParseQuantity(s)
		if err != nil {
			return "", err
		}
		if q.Scaled < 0 {
			return "", fault.Broken("minimum", "", "不能小于 {{.Arg}}", "Arg", 0)
		}
		if _, d, _ := strings.Cut(q.Raw, "."); len(d) > places {
			return "", fault.Broken("decimals", "", "小数不能超过 {{.Places}} 位", "Places", strconv.Itoa(places))
		}
		return q.Raw, nil
	}
}

package discharge

import (
	"math/big"
	"strings"

	"parkregistry/internal/fault"
)

// unit is a spelling of a unit with its exact factor to the quantity's base.
type unit struct {
	name, quantity string
	factor         *big.Rat
}

func (d *data) readUnits(r *reader) {
	for _, c := range r.rows("units") {
		u := unit{c["unit"], c["quantity"], number(c["factor"])}
		for _, spelling := range append(strings.Fields(c["aliases"]), u.name) {
			d.units[spelling] = u
		}
	}
	d.units[""] = d.units["dimensionless"]
}

// conversion is the factor from one unit to another; false when they do not
// measure the same thing.
func conversion(from, to string) (*big.Rat, bool) {
	a, ok1 := tables().units[strings.TrimSpace(from)]
	b, ok2 := tables().units[strings.TrimSpace(to)]
	if !ok1 || !ok2 || a.quantity != b.quantity {
		return nil, false
	}
	return new(big.Rat).Quo(a.factor, b.factor), true
}

// concentration reports whether a unit is a mass in a volume of water: what more
// water dilutes.
func concentration(name string) bool {
	return tables().units[strings.TrimSpace(name)].quantity == "concentration"
}

// CheckUnit refuses a unit that a value of the pollutant cannot have.
func CheckUnit(pollutant fault.Label, limitUnit, unit string) error {
	if unit == limitUnit {
		return nil
	}
	if _, ok := conversion(unit, limitUnit); ok {
		return nil
	}
	return fault.Broken("unit", "HJ 525-2009", "{{.Name}}的限值以 {{.Unit}} 表示，“{{.Given}}”不能换算成这个单位，换算后填写", "Name", pollutant, "Unit", limitUnit, "Given", unit)
}

// IsUnit reports whether a text is a unit that the tables know.
func IsUnit(s string) bool { _, known := tables().units[strings.TrimSpace(s)]; return known && s != "" }

// SameUnit reports whether two spellings are of one unit.
func SameUnit(a, b string) bool {
	f, ok := conversion(a, b)
	return a == b || ok && f.Cmp(one) == 0
}

var one = big.NewRat(1, 1)

// Rescaled is a value × 10^6 in another unit, cut after that; itself when the
// units do not fit.
func Rescaled(value int64, from, to string) int64 {
	f, ok := conversion(from, to)
	if !ok {
		return value
	}
	return whole(f.Mul(f, big.NewRat(value, scale)))
}

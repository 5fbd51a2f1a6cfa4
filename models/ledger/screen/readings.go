package screen

import (
	"math"
	"math/bits"
	"slices"
	"strconv"

	"parkregistry/internal/code"
)

// ph is the pollutant whose values are a scale: they are subtracted, not divided.
const ph = "w01001"

// sum adds the values of the named fields; false where none is there.
func (row Row) sum(names ...string) (total int64, found bool) {
	for _, v := range row.Values {
		if !v.Reading && v.Exact && slices.Contains(names, v.Name) {
			total, found = add(total, v.Scaled), true
		}
	}
	return total, found
}

const (
	million = 1_000_000
	// most is where sums and shares stop: a thousand times what one value may be.
	most = math.MaxInt64 / 1000
)

// add stops short of what would not fit.
func add(a, b int64) int64 { return min(a, most-max(b, 0)) + b }

// share is n × part / whole for amounts that are not below zero, without overflow.
func share(n, part, whole int64) int64 {
	high, low := bits.Mul64(uint64(max(n, 0)), uint64(part))
	if high >= uint64(whole) {
		return most
	}
	q, _ := bits.Div64(high, low, uint64(whole))
	return int64(min(q, most))
}

// value is the first value of that name.
func (row Row) value(name string) (Value, bool) {
	i := slices.IndexFunc(row.Values, func(v Value) bool { return v.Name == name })
	if i < 0 {
		return Value{}, false
	}
	return row.Values[i], true
}

// nonzero is how many values are there and not zero.
func (row Row) nonzero() (n int) {
	for _, v := range row.Values {
		if v.Exact && v.Scaled != 0 {
			n++
		}
	}
	return n
}

// same is how many records, this one included, have the same number for a reading; a pH
// has few numbers to choose from.
func (s Sheet) same(v Value) int {
	if !v.Reading || !v.Exact || v.Name == ph {
		return 0
	}
	n := 1
	for _, rows := range [][]Row{s.Beside, s.Earlier} {
		for i := range rows {
			if old, ok := rows[i].value(v.Name); ok && old.Exact && old.Scaled == v.Scaled {
				n++
			}
		}
	}
	return n
}

// monitored: what the works reports and what was sampled at its outlet cannot both be.
func monitored(r Rule, s Sheet) (hits []Hit, looked bool) {
	for _, v := range s.Values {
		if !v.Reading || !v.Exact {
			continue
		}
		for _, row := range s.Against {
			other, ok := row.value(v.Name)
			if !ok || !other.Exact {
				continue
			}
			looked = true
			if r.far(v, other) {
				hits = append(hits, hit(v.Pointer, "Name", code.Pollutant(v.Name).Name(), "Value", v.Raw, "Number", row.Number, "Other", other.Raw))
				break
			}
		}
	}
	return hits, looked
}

// far reports whether two values of one pollutant are further apart than the rule lets pass.
func (r Rule) far(a, b Value) bool {
	low, high := min(a.Scaled, b.Scaled), max(a.Scaled, b.Scaled)
	if a.Name == ph {
		return high-low > scaled(r.Points)
	}
	return high > share(low, r.High, 100)
}

func scaled(decimal string) int64 {
	q, err := code.ParseQuantity(decimal)
	if err != nil {
		return 0
	}
	return q.Scaled
}

// constant: a precise value does not move for days.
func constant(r Rule, s Sheet) (hits []Hit, looked bool) {
	if len(s.Earlier) < r.Days-1 {
		return nil, false
	}
	for _, v := range s.Values {
		if !v.Exact || len(significant(v.Raw)) < r.Digits {
			continue
		}
		looked = true
		n := 1
		for _, row := range s.Earlier {
			if old, ok := row.value(v.Name); !ok || old.Raw != v.Raw {
				break
			}
			n++
		}
		if n >= r.Days {
			hits = append(hits, hit(v.Pointer, "Count", strconv.Itoa(n), "Value", v.Raw))
		}
	}
	return hits, looked
}

// round: no quantity looks like the reading of a meter.
func round(r Rule, s Sheet) ([]Hit, bool) {
	given, exact := 0, 0
	for _, name := range r.Fields {
		v, ok := s.value(name)
		if !ok || v.Scaled == 0 {
			continue
		}
		given++
		if len(significant(v.Raw)) > r.Digits {
			exact++
		}
	}
	if given < r.Values {
		return nil, false
	}
	if exact > 0 {
		return nil, true
	}
	return []Hit{hit("", "Count", strconv.Itoa(given))}, true
}

// atLimit: a reading stands exactly at its limit more often than chance would have it.
func atLimit(r Rule, s Sheet) (hits []Hit, looked bool) {
	for _, v := range s.Values {
		if !v.Reading || !v.Exact {
			continue
		}
		looked = true
		limit, ok := s.Limits[v.Name]
		if !ok || v.Scaled != limit {
			continue
		}
		if n := s.same(v); n >= r.Rows {
			hits = append(hits, hit(v.Pointer, "Name", code.Pollutant(v.Name).Name(), "Count", strconv.Itoa(n), "Value", v.Raw))
		}
	}
	return hits, looked
}

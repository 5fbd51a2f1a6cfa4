package code

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strings"

	"parkregistry/internal/fault"
)

// WGS84 is a position as satellites give it, GCJ02 one as maps published in China
// show it; the same numbers lie up to 700 m apart. Two types, so that one is never
// taken for the other: each converts into the other and, having no method into
// itself but the identity, is never shifted twice.
type (
	WGS84 struct{ Longitude, Latitude Quantity }
	GCJ02 struct{ Longitude, Latitude Quantity }
)

// Names of the two coordinate systems.
const (
	DatumWGS84 = "WGS-84"
	DatumGCJ02 = "GCJ-02"
)

// Located is a position in either system.
type Located interface {
	WGS84() WGS84
	GCJ02() GCJ02
}

// ParseLocated takes decimal degrees with the name of their system.
func ParseLocated(datum, longitude, latitude string) (Located, error) {
	lon, err := ParseDegrees(180)(longitude)
	if err != nil {
		return nil, err
	}
	lat, err := ParseDegrees(90)(latitude)
	if err != nil {
		return nil, err
	}
	switch datum {
	case DatumWGS84:
		return WGS84{lon, lat}, nil
	case DatumGCJ02:
		return GCJ02{lon, lat}, nil
	}
	return nil, fault.Broken("required", "", "填写坐标时注明坐标系：WGS-84 或 GCJ-02")
}

// WGS84 implements Located: it is one.
func (p WGS84) WGS84() WGS84 { return p }

// GCJ02 implements Located: it is one.
func (p GCJ02) GCJ02() GCJ02 { return p }

// GCJ02 shifts the position as maps of China do. The formula is public knowledge, not
// a standard; beyond China nothing is shifted.
func (p WGS84) GCJ02() GCJ02 {
	lon, lat := inDegrees(p.Longitude), inDegrees(p.Latitude)
	east, north := shift(lon, lat)
	return GCJ02{fromDegrees(lon + east), fromDegrees(lat + north)}
}

// WGS84 undoes the shift to less than a metre. It has no closed inverse: the position
// whose shift leads here is drawn nearer three times.
func (p GCJ02) WGS84() WGS84 {
	toLon, toLat := inDegrees(p.Longitude), inDegrees(p.Latitude)
	lon, lat := toLon, toLat
	for range 3 {
		east, north := shift(lon, lat)
		lon, lat = toLon-east, toLat-north
	}
	return WGS84{fromDegrees(lon), fromDegrees(lat)}
}

// Krasovsky 1940, as the formula has it.
const (
	semiMajor    = 6378245.0
	eccentricity = 0.00669342162296594323
)

// shift is how far a map of China moves a position, degrees east and north.
func shift(lon, lat float64) (east, north float64) {
	if lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271 {
		return 0, 0
	}
	x, y := lon-105, lat-35
	waves := (20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi)) * 2 / 3
	north = -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*math.Sqrt(math.Abs(x)) + waves +
		(20*math.Sin(y*math.Pi)+40*math.Sin(y/3*math.Pi))*2/3 + (160*math.Sin(y/12*math.Pi)+320*math.Sin(y*math.Pi/30))*2/3
	east = 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*math.Sqrt(math.Abs(x)) + waves +
		(20*math.Sin(x*math.Pi)+40*math.Sin(x/3*math.Pi))*2/3 + (150*math.Sin(x/12*math.Pi)+300*math.Sin(x/30*math.Pi))*2/3
	rad := lat / 180 * math.Pi
	magic := 1 - eccentricity*math.Sin(rad)*math.Sin(rad)
	north = north * 180 / (semiMajor * (1 - eccentricity) / (magic * math.Sqrt(magic)) * math.Pi)
	east = east * 180 / (semiMajor / math.Sqrt(magic) * math.Cos(rad) * math.Pi)
	return east, north
}

func inDegrees(q Quantity) float64 { return float64(q.Scaled) / QuantityScale }

// fromDegrees keeps six decimals, a tenth of a metre.
func fromDegrees(d float64) Quantity {
	n := int64(math.Round(d * QuantityScale))
	return Quantity{Raw: fmt.Sprintf("%.6f", float64(n)/QuantityScale), Scaled: n}
}

// roundDegrees cuts what a phone says below a tenth of a metre: more than six decimals
// are rounded, anything else is left as it is.
func roundDegrees(s string) string {
	s = strings.TrimSpace(s)
	if !manyDecimals.MatchString(s) {
		return s
	}
	r, _ := new(big.Rat).SetString(s) // of that form it always is one
	return r.FloatString(6)
}

var manyDecimals = regexp.MustCompile(`^-?\d{1,3}\.\d{7,40}$`)

// ParseDevice takes what a device says of where it is: decimal degrees up to ±most with
// any number of decimals, rounded to six.
func ParseDevice(most int64) func(string) (Quantity, error) {
	return func(s string) (Quantity, error) { return ParseDegrees(most)(roundDegrees(s)) }
}

// ParseDegrees takes decimal degrees up to ±most, up to six decimals.
func ParseDegrees(most int64) func(string) (Quantity, error) {
	return func(s string) (Quantity, error) {
		q, err := ParseQuantity(s)
		if err == nil && (q.Scaled > most*QuantityScale || q.Scaled < -most*QuantityScale) {
			err = fault.Broken("range", "", "坐标应当在 ±{{.Most}} 度以内", "Most", most)
		}
		return q, err
	}
}

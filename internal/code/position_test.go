package code_test

import (
	"math/rand/v2"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
)

func degreesOf(t *testing.T, s string) code.Quantity {
	t.Helper()
	q, err := code.ParseDegrees(180)(s)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// TestShift: known pairs of the public formula; beyond China nothing moves.
func TestShift(t *testing.T) {
	for _, c := range []struct{ name, lon, lat, wantLon, wantLat string }{
		{"Beijing", "116.377817", "39.911954", "116.384047", "39.913345"},
		{"Shanghai", "121.527211", "31.177428", "121.531542", "31.175304"},
		{"Shenzhen", "113.912316", "22.543847", "113.917176", "22.540796"},
		{"Greenwich", "0.000000", "51.478000", "0.000000", "51.478000"},
	} {
		g := code.WGS84{Longitude: degreesOf(t, c.lon), Latitude: degreesOf(t, c.lat)}.GCJ02()
		if apart(g.Longitude, degreesOf(t, c.wantLon)) > 1 || apart(g.Latitude, degreesOf(t, c.wantLat)) > 1 { // 10^-6 degrees
			t.Errorf("%s: %s, %s; want %s, %s", c.name, g.Longitude.Raw, g.Latitude.Raw, c.wantLon, c.wantLat)
		}
	}
}

func apart(a, b code.Quantity) int64 { return max(a.Scaled-b.Scaled, b.Scaled-a.Scaled) }

// TestThereAndBack: to the other system and back is the same place within a metre.
func TestThereAndBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		w := code.WGS84{Longitude: scaled(73e6 + r.Int64N(62e6)), Latitude: scaled(18e6 + r.Int64N(35e6))}
		back := w.GCJ02().WGS84()
		if apart(w.Longitude, back.Longitude) > 9 || apart(w.Latitude, back.Latitude) > 9 {
			t.Fatalf("%d, %d came back as %s, %s", w.Longitude.Scaled, w.Latitude.Scaled, back.Longitude.Raw, back.Latitude.Raw)
		}
	}
}

func scaled(n int64) code.Quantity { return code.Quantity{Scaled: n} }

// TestNeverTwice: asking a position for its own system gives it back to the digit, as
// often as it is asked; that the two types do not mix is the compiler's to say.
func TestNeverTwice(t *testing.T) {
	for _, datum := range []string{code.DatumWGS84, code.DatumGCJ02} {
		p, err := code.ParseLocated(datum, "113.88", "22.5")
		if err != nil {
			t.Fatal(err)
		}
		w, g := p.WGS84(), p.GCJ02()
		same := map[string]string{code.DatumWGS84: w.Longitude.Raw, code.DatumGCJ02: g.Longitude.Raw}[datum]
		other := map[string]string{code.DatumWGS84: g.Longitude.Raw, code.DatumGCJ02: w.Longitude.Raw}[datum]
		if w.WGS84() != w || g.GCJ02() != g {
			t.Errorf("%s: shifted again", datum)
		}
		if same != "113.88" || other == "113.88" {
			t.Errorf("%s: itself %s, the other %s", datum, same, other)
		}
	}
	for _, bad := range [][3]string{{"", "113.88", "22.5"}, {"BD-09", "113.88", "22.5"}, {"WGS-84", "181", "22.5"}, {"WGS-84", "113.88", "90.1"}, {"GCJ-02", "", "22.5"}} {
		if _, err := code.ParseLocated(bad[0], bad[1], bad[2]); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v: %v, want a refusal", bad, err)
		}
	}
}

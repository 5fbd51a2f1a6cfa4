package discharge

import (
	"math/big"
	"slices"
	"strings"

	"parkregistry/internal/fault"
)

// product is what a benchmark drainage is stated for.
type product struct {
	id, unit         string
	layers, flexible bool
	benchmarks       []string
	name             fault.Label
}

// benchmark is m³ of water for one unit of product; layer is added for each layer
// above two.
type benchmark struct{ base, layer *big.Rat }

// flexibleRow is the row that gives the surcharge of flexible and rigid-flex boards.
const flexibleRow = "gb39731-pcb-flex"

func (d *data) readBenchmarks(r *reader) {
	for _, c := range r.rows("benchmark_drainage") {
		base, layer, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(c["value"], "x"), "*n"), "+")
		b := benchmark{base: number(base), layer: new(big.Rat)}
		if layer != "" {
			b.layer = number(layer)
		}
		if strings.HasPrefix(c["unit"], "L/") {
			b.base.Quo(b.base, big.NewRat(1000, 1))
		}
		d.benchmarks[c["id"]] = b
	}
	for _, c := range r.rows("products") {
		d.products = append(d.products, product{c["id"], c["unit"], c["layers"] == "yes", c["flexible"] == "yes", strings.Fields(c["benchmarks"]), label(c, "name")})
	}
}

// Products are the products that a benchmark drainage is stated for.
func Products() []Option {
	out := make([]Option, len(tables().products))
	for i, p := range tables().products {
		out[i] = Option{p.id, p.name}
	}
	return out
}

// ParseProduct takes one of them.
func ParseProduct(s string) (string, error) { return oneOf(s, Products()) }

// Output is what was made of a product on the working day.
type Output struct {
	Product  string `json:"product"`
	Quantity string `json:"quantity"` // m² or t, as the product is counted
	Layers   int    `json:"layers,omitempty"`
	Flexible bool   `json:"flexible,omitempty"`
}

// NeedsLayers reports whether the benchmark of the product depends on its layers.
func (o Output) NeedsLayers() bool {
	i := slices.IndexFunc(tables().products, func(p product) bool { return p.id == o.Product })
	return i >= 0 && tables().products[i].layers && o.Layers < 3
}

// Drainage is the water that left on the working day, in m³, with what was made.
type Drainage struct {
	Total   string
	Outputs []Output
}

// Conversion says how a measured concentration was converted (4.2.9 of
// DB44/1597-2015): total over what the products may take.
type Conversion struct {
	Standard  string `json:"standard"`
	Total     string `json:"total"`     // m³
	Benchmark string `json:"benchmark"` // m³
	Ratio     string `json:"ratio"`     // rounded to six decimals; the conversion itself is exact
	factor    *big.Rat
}

// conversionBy is Q_total / Σ(Y × Q_base) by one table; nil when the table has no
// benchmark for what was made, when nothing was made, or when the quotient is not
// above one: then the measured value stands.
func (s Situation) conversionBy(t *table, d *Drainage) *Conversion {
	if d == nil || len(d.Outputs) == 0 || len(t.benchmarks) == 0 {
		return nil
	}
	if len(t.benchmarkKinds) > 0 && !slices.ContainsFunc(s.Production, func(k string) bool { return slices.Contains(t.benchmarkKinds, k) }) {
		return nil
	}
	allowed := new(big.Rat)
	for _, o := range d.Outputs {
		q := o.volume(t)
		if q == nil {
			return nil
		}
		allowed.Add(allowed, q)
	}
	total := number(d.Total)
	if total == nil || allowed.Sign() <= 0 {
		return nil
	}
	factor := new(big.Rat).Quo(total, allowed)
	if factor.Cmp(one) <= 0 {
		return nil
	}
	return &Conversion{Standard: t.number, Total: d.Total, Benchmark: written(allowed, 6), Ratio: written(factor, 6), factor: factor}
}

// volume is the water that the output may take by the table, in m³; nil when the
// table says nothing of the product.
func (o Output) volume(t *table) *big.Rat {
	d := tables()
	i := slices.IndexFunc(d.products, func(p product) bool { return p.id == o.Product })
	if i < 0 || o.NeedsLayers() {
		return nil
	}
	p := d.products[i]
	for _, id := range p.benchmarks {
		if !slices.Contains(t.benchmarks, id) {
			continue
		}
		b := d.benchmarks[id]
		unit := new(big.Rat).Set(b.base)
		if p.layers {
			unit.Add(unit, new(big.Rat).Mul(b.layer, big.NewRat(int64(o.Layers-2), 1)))
		}
		if o.Flexible && p.flexible {
			unit.Mul(unit, d.benchmarks[flexibleRow].base)
		}
		quantity := number(o.Quantity)
		if quantity == nil {
			return nil
		}
		return unit.Mul(unit, quantity)
	}
	return nil
}

// conversions are those of every table among the candidates, by its id, and under
// "" the one for what the register has beside the tables: the greatest.
func (s *Set) conversions(d *Drainage) map[string]*Conversion {
	out := map[string]*Conversion{}
	if d == nil || !concentration(s.Unit) {
		return out
	}
	for i := range s.Candidates {
		c := &s.Candidates[i]
		if !c.Applies || c.Table == "" {
			continue
		}
		conv := s.About.conversionBy(tableOf(c.Table), d)
		if conv == nil {
			continue
		}
		out[c.Table] = conv
		if out[""] == nil || conv.factor.Cmp(out[""].factor) > 0 {
			out[""] = conv
		}
	}
	return out
}

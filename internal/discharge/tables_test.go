package discharge

import (
	"math/big"
	"slices"
	"testing"

	"parkregistry/internal/code"
)

// TestSpotValues cites at least one value of each table of each standard.
func TestSpotValues(t *testing.T) {
	spots := map[string][][4]string{ // table: pollutant, lower, upper, sampling point
		"db44-1597-t1":         {{"w20121", "", "0.5", Workshop}, {"w20122", "", "0.5", Total}, {"w01018", "", "80", Total}, {"w01001", "6", "9", Total}},
		"db44-1597-t2":         {{"w20121", "", "0.1", Workshop}, {"w20122", "", "0.3", Total}, {"w01018", "", "50", Total}, {"w21003", "", "8", Total}, {"w21001", "", "15", Total}, {"w21011", "", "0.5", Total}},
		"db44-1597-t1-outside": {{"w20116", "", "1.0", Workshop}, {"w20123", "", "1.5", Total}},
		"db44-1597-t2-outside": {{"w20121", "", "0.5", Workshop}, {"w20115", "", "0.01", Workshop}},
		"db44-1597-t3":         {{"w20121", "", "0.1", Workshop}, {"w21016", "", "0.2", Total}},
		"db44-1597-427":        {{"w20122", "", "1.0", Total}, {"w01018", "", "160", Total}, {"w01001", "6", "9", Total}},
		"db44-1597-427-t1":     {{"w20121", "", "0.5", Workshop}},
		"db44-1597-427-t2":     {{"w20121", "", "0.1", Workshop}},
		"gb21900-t1":           {{"w20116", "", "1.5", Workshop}, {"w01018", "", "100", Total}},
		"gb21900-t2":           {{"w20121", "", "0.5", Workshop}, {"w21016", "", "0.3", Total}},
		"gb21900-t3":           {{"w20121", "", "0.1", Workshop}, {"w21003", "", "8", Total}},
		"gb39731-direct":       {{"w20122", "", "0.5", Total}, {"w01020", "", "30", Total}, {"w20126", "", "0.3", Workshop}},
		"gb39731-indirect":     {{"w01018", "", "500", Total}, {"w20122", "", "2.0", Total}, {"w20121", "", "0.5", Workshop}},
		"gb4287-t2-direct":     {{"w01018", "", "80", Total}, {"w01002", "", "50", Total}, {"w20117", "", "ND", Workshop}, {"aniline", "", "ND", Total}},
		"gb4287-t2-indirect":   {{"w01018", "", "200", Total}, {"w21001", "", "30", Total}},
		"gb4287-t3-direct":     {{"w01018", "", "60", Total}, {"w21019", "", "ND", Total}},
		"gb4287-t3-indirect":   {{"w01018", "", "80", Total}, {"w21011", "", "0.5", Total}},
		"gb21907-t2":           {{"w21001", "", "30", Total}, {"acetonitrile", "", "3.0", Total}},
		"gb21904-t2":           {{"w01018", "", "120", Total}, {"w24003", "", "0.3", Total}},
		"gb18918-1a":           {{"w01018", "", "50", Total}, {"w21003", "", "5", Total}, {"w21011", "", "0.5", Total}},
		"gb18918-1b":           {{"w01018", "", "60", Total}, {"w21003", "", "8", Total}},
		"db44-26-t1":           {{"w20115", "", "0.1", Workshop}, {"w25043", "", "0.00003", Workshop}, {"w20113", "", "ND", Workshop}},
		"db44-26-l1":           {{"w01012", "", "60", Total}, {"w20124", "", "2.0", Total}},
		"db44-26-l2":           {{"w01012", "", "100", Total}, {"w20122", "", "1.0", Total}},
		"db44-26-l3":           {{"w01012", "", "400", Total}, {"w21017", "", "20", Total}},
		"gb8978-t1":            {{"w20119", "", "0.5", Workshop}},
		"gb8978-l1":            {{"w01018", "", "100", Total}, {"w22001", "", "5.0", Total}},
		"gb8978-l2":            {{"w01018", "", "150", Total}, {"w20123", "", "5.0", Total}},
		"gb8978-l3":            {{"w01018", "", "500", Total}, {"w20122", "", "2.0", Total}},
		"gbt31962-b":           {{"w01001", "6.5", "9.5", Total}, {"w01018", "", "500", Total}, {"w20119", "", "0.3", Workshop}},
	}
	for _, table := range tables().tables {
		if len(spots[table.id]) == 0 {
			t.Errorf("no value of %s %s (%s) is cited", table.number, table.title, table.id)
		}
		for _, want := range spots[table.id] {
			if !slices.ContainsFunc(table.rows[want[0]], func(r row) bool {
				return r.low == want[1] && r.high == want[2] && r.workshop == (want[3] == Workshop) && r.source != "" && r.confidence != ""
			}) {
				t.Errorf("%s: %v is not in the table: %+v", table.id, want, table.rows[want[0]])
			}
		}
	}
}

// TestRelief: to a sewer ordinary pollutants get twice Table 1, class I nothing (4.2.7).
func TestRelief(t *testing.T) {
	first, relief := tableOf("db44-1597-t1"), tableOf("db44-1597-427")
	two := big.NewRat(2, 1)
	seen := 0
	for p, rows := range relief.rows {
		if code.Pollutant(p).FirstClass() {
			t.Errorf("%s is relaxed", p)
		}
		want := number(first.rows[p][0].high)
		if p != acidity {
			want.Mul(want, two)
		}
		if number(rows[0].high).Cmp(want) != 0 {
			t.Errorf("%s: %s, want %s", p, rows[0].high, written(want, 6))
		}
		seen++
	}
	for id, of := range map[string]string{"db44-1597-427-t1": "db44-1597-t1", "db44-1597-427-t2": "db44-1597-t2"} {
		for p, rows := range tableOf(id).rows {
			if !code.Pollutant(p).FirstClass() || rows[0].high != tableOf(of).rows[p][0].high {
				t.Errorf("%s of %s is %s, in %s %s", p, id, rows[0].high, of, tableOf(of).rows[p][0].high)
			}
			seen++
		}
	}
	if seen != 13+7+7 {
		t.Errorf("%d rows of clause 4.2.7 were compared", seen)
	}
}

// TestTheDeltaIsStricter: where both halves of DB44/1597 stand side by side, the
// Delta's is never the laxer one, so that the open question costs nobody relief.
func TestTheDeltaIsStricter(t *testing.T) {
	for delta, outside := range map[string]string{"db44-1597-t1": "db44-1597-t1-outside", "db44-1597-t2": "db44-1597-t2-outside", "db44-1597-t2 ": "gb21900-t2"} {
		inside := tableOf(delta[:len("db44-1597-t1")])
		for p, rows := range tableOf(outside).rows {
			if number(inside.rows[p][0].high).Cmp(number(rows[0].high)) > 0 {
				t.Errorf("%s: %s in %s, %s in %s", p, inside.rows[p][0].high, inside.id, rows[0].high, outside)
			}
		}
	}
}

// TestFilesAgree: what one file names, another has, and no figure lies idle.
func TestFilesAgree(t *testing.T) {
	d := tables()
	total := 0
	for _, table := range d.tables {
		for p, rows := range table.rows {
			total += len(rows)
			for _, r := range rows {
				u, ok := d.units[r.unit]
				if !ok || u.name != r.unit {
					t.Errorf("%s: unknown unit %s", r.id, r.unit)
				}
				if _, err := ParseLimit(r.high); err != nil {
					t.Errorf("%s: %s: %v", r.id, r.high, err)
				}
				if c := code.Pollutant(p); c.Name() != "" && c.FirstClass() != r.workshop {
					t.Errorf("%s: class and sampling point do not agree", r.id)
				}
				for _, k := range append(append([]string{}, r.only...), r.except...) {
					if _, err := ParseProduction(k); err != nil {
						t.Errorf("%s: unknown kind of production %s", r.id, k)
					}
				}
			}
		}
		for _, other := range table.yieldsTo {
			numberOf(other) // panics on an unknown one
		}
	}
	if total != 506 {
		t.Errorf("%d limits, the guide has 506", total)
	}
	used := map[string]bool{flexibleRow: true}
	for _, p := range d.products {
		for _, id := range p.benchmarks {
			if b := d.benchmarks[id]; b.base == nil || b.layer == nil {
				t.Errorf("%s: no benchmark %s", p.id, id)
			}
			inTable := slices.ContainsFunc(d.tables, func(x *table) bool { return slices.Contains(x.benchmarks, id) })
			if !inTable {
				t.Errorf("no table uses the benchmark %s", id)
			}
			used[id] = true
		}
	}
	if len(used) != len(d.benchmarks) {
		t.Errorf("%d of %d benchmarks are used", len(used), len(d.benchmarks))
	}
	for _, k := range d.kinds {
		for _, s := range k.standards {
			if _, err := ParseStandard(s); err != nil {
				t.Errorf("kind %s: unknown standard %s", k.id, s)
			}
		}
	}
}

// TestUnitFactors: the factors agree with those of the pollutant table, which are
// those of HJ 212 (µg/L for mercury, ng/L for thallium, L/s for the flow).
func TestUnitFactors(t *testing.T) {
	rows, err := code.ReadTable(code.Tables, "data/pollutants.csv")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range rows {
		if c["hj212_unit"] == "" {
			continue
		}
		f, ok := conversion(c["hj212_unit"], c["limit_unit"])
		if !ok || f.Cmp(number(c["hj212_to_limit_factor"])) != 0 {
			t.Errorf("%s: %s to %s is %v, want %s", c["key"], c["hj212_unit"], c["limit_unit"], f, c["hj212_to_limit_factor"])
		}
		seen[c["hj212_unit"]] = true
	}
	if !seen["ug/L"] || !seen["ng/L"] || !seen["L/s"] {
		t.Errorf("only %v were compared", seen)
	}
	for _, bad := range []string{"mg/m3", "kg", "%", "ppm", "times"} {
		if err := CheckUnit(Name("w20121"), "mg/L", bad); err == nil {
			t.Errorf("%s is taken for nickel", bad)
		}
	}
	for _, good := range []string{"ug/L", "µg/L", "μg/L", "mg/L", "g/L"} {
		if err := CheckUnit(Name("w20121"), "mg/L", good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
}

// TestRulesVersion: a change of a table or of the method shows in the version. Who
// changes a table writes the new version here; who changes how a judgement is made
// raises method.
func TestRulesVersion(t *testing.T) {
	if want := "2.e42b9825a0e0"; Rules() != want {
		t.Errorf("the rules are version %s, this test knows %s", Rules(), want)
	}
}

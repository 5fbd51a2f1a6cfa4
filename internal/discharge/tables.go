package discharge

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
)

// Tables are the files: discharge_limits.csv and benchmark_drainage.csv hold the
// standards' figures, the others say in columns what those say in sentences.
//
//go:embed data/*.csv
var Tables embed.FS

// table is one table of a standard with the conditions under which it applies.
type table struct {
	id, standard, number  string
	regime                string // direct, indirect, any
	basis                 string
	region                string // delta, outside; "" is both
	special               string // yes: areas of special limits only; no: all others; "" both
	level                 string // 1, 2: by the class of the receiving water
	receiver              string // municipal: sewers of the city only
	eiaFrom, eiaTo        code.Day
	newFrom, existingFrom code.Day // since when it binds who was approved from newFrom on, and all others
	lastDay               code.Day
	yieldsTo              []string // standards that take its place where they have a limit
	benchmarks            []string
	benchmarkKinds        []string // only for these kinds of production; nil is for all
	title                 fault.Label
	confidence            string
	rows                  map[string][]row // by pollutant
}

// industry reports whether the table is of a standard of an industry.
func (t *table) industry() bool { return t.basis == "local" || t.basis == "national" }

// row is one limit of a table.
type row struct {
	id, pollutant  string
	low, high      string
	unit           string
	workshop       bool
	only, except   []string // kinds of production
	others         bool     // kinds that no other row of the pollutant names
	instead, value string   // another limit for a kind of production or a condition
	note           fault.Label
	source         string
	confidence     string
}

// kind is a kind of production with the standards that follow from it.
type kind struct {
	id        string
	standards []string
	name      fault.Label
}

// means says of which values, and of how many at least, a mean is made that a limit
// asks for, and what is said of fewer.
type means struct {
	of    []string
	least int
	fewer string
}

type data struct {
	tables     []*table // in the order of the file
	pollutants []string // in the order of the limits
	names      map[string]fault.Label
	kinds      []kind
	products   []product
	benchmarks map[string]benchmark
	units      map[string]unit
	means      map[string]means // by medium and the limit's averaging
}

var tables = sync.OnceValue(func() *data {
	d, err := read()
	if err != nil {
		panic(err) // embedded files that a test has read
	}
	return d
})

// reader reads the files one after another and keeps the first error.
type reader struct{ err error }

func (r *reader) rows(name string) []map[string]string {
	if r.err != nil {
		return nil
	}
	all, err := code.ReadTable(Tables, "data/"+name+".csv")
	r.err = err
	return all
}

func read() (*data, error) {
	d := &data{names: map[string]fault.Label{}, benchmarks: map[string]benchmark{}, units: map[string]unit{}, means: map[string]means{}}
	var r reader
	for _, c := range r.rows("kinds") {
		d.kinds = append(d.kinds, kind{c["id"], strings.Fields(c["standards"]), label(c, "name")})
	}
	by := map[string]*table{}
	for _, c := range r.rows("tables") {
		t := &table{id: c["id"], standard: c["standard"], number: c["number"], regime: c["regime"], basis: c["basis"], region: c["region"], special: c["special"],
			level: c["level"], receiver: c["receiver"], eiaFrom: code.Day(c["eia_from"]), eiaTo: code.Day(c["eia_to"]), newFrom: code.Day(c["new_from"]),
			existingFrom: code.Day(c["existing_from"]), lastDay: code.Day(c["last_day"]), yieldsTo: strings.Fields(c["yields_to"]),
			benchmarks: strings.Fields(c["benchmarks"]), benchmarkKinds: strings.Fields(c["benchmark_kinds"]), title: label(c, "title"),
			confidence: c["confidence"], rows: map[string][]row{}}
		d.tables = append(d.tables, t)
		by[key(c["number"], c)] = t
	}
	conditions := map[string]map[string]string{}
	for _, c := range r.rows("conditions") {
		conditions[c["condition"]+"|"+c["pollutant"]] = c
	}
	for _, c := range r.rows("discharge_limits") {
		t := by[key(c["standard"], c)]
		if t == nil {
			return nil, fmt.Errorf("discharge limit %s: no such table in tables.csv", c["id"])
		}
		limit, err := rowOf(c, conditions)
		if err != nil {
			return nil, err
		}
		if _, known := d.names[limit.pollutant]; !known {
			d.pollutants = append(d.pollutants, limit.pollutant)
			d.names[limit.pollutant] = fault.Label{Zh: c["pollutant_zh"], En: c["pollutant"]}
			if c["pollutant_code"] != "" {
				d.names[limit.pollutant] = code.Pollutant(limit.pollutant).Label()
			}
		}
		t.rows[limit.pollutant] = append(t.rows[limit.pollutant], limit)
	}
	d.readUnits(&r)
	d.readBenchmarks(&r)
	for _, c := range r.rows("means") {
		least, err := strconv.Atoi(c["least"])
		if err != nil {
			return nil, fmt.Errorf("mean of %s: %w", c["medium"], err)
		}
		averaging := c["averaging"]
		if averaging == "daily" {
			averaging = "" // as group says it
		}
		d.means[c["medium"]+" "+averaging] = means{strings.Fields(c["of"]), least, c["fewer"]}
	}
	return d, r.err
}

// key joins limits to their table.
func key(number string, c map[string]string) string {
	return strings.Join([]string{number, c["table"], c["applies_to"], c["regime"]}, "|")
}

func label(c map[string]string, column string) fault.Label {
	return fault.Label{Zh: c[column+"_zh"], En: c[column+"_en"]}
}

func rowOf(c map[string]string, conditions map[string]map[string]string) (row, error) {
	l := row{id: c["id"], pollutant: c["pollutant_code"], low: c["limit_min"], high: c["limit_max"], unit: c["unit"], workshop: c["sampling_point"] == "workshop",
		source: c["source"], confidence: c["confidence"]}
	if l.pollutant == "" {
		l.pollutant = c["pollutant"] // HJ 525 has no code for it
	}
	if c["condition"] == "" {
		return l, nil
	}
	cond := conditions[c["condition"]+"|"+c["pollutant"]]
	if cond == nil {
		cond = conditions[c["condition"]+"|"]
	}
	if cond == nil {
		return l, fmt.Errorf("discharge limit %s: no such condition in conditions.csv", c["id"])
	}
	l.only, l.except, l.others = strings.Fields(cond["only"]), strings.Fields(cond["except"]), cond["others"] == "yes"
	l.instead, l.value, l.note = cond["instead"], cond["instead_value"], label(cond, "note")
	return l, nil
}

// Name is the name of a pollutant of the tables, by HJ 525 code, or by key where
// HJ 525 has none.
func Name(pollutant string) fault.Label {
	if n, ok := tables().names[pollutant]; ok {
		return n
	}
	return code.Pollutant(pollutant).Label()
}

package seed

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
	"parkregistry/models/registry"
)

// embedded are the reference lists that no other package needs to know: one table a
// CSV file, or several lists of items with nested fields a JSON file.
//
//go:embed data/*.csv data/*.json
var embedded embed.FS

// table is a CSV file that becomes one reference list.
type table struct {
	list string
	from fs.FS
	file string
	key  string // the column that is the item's code
}

var tables = []table{
	{"pollutants", code.Tables, "pollutants.csv", "key"},
	{"industries", code.Tables, "industries.csv", "gb4754"},
	{"benchmark_drainage", discharge.Tables, "benchmark_drainage.csv", "id"},
	{"discharge_limits", discharge.Tables, "discharge_limits.csv", "id"},
	{"roles", embedded, "roles.csv", "id"},
	{"sources", embedded, "sources.csv", "id"},
	{"waste_codes", embedded, "waste_codes.csv", "code"},
}

// nested are the JSON files: {"list": [item, …], …}.
var nested = []string{"deadlines", "discharge_standards", "finding_types", "general_solid_waste", "grades", "hazardous_waste", "identifiers",
	"known_parks", "ledger_classes", "monitoring_frequencies", "patrol", "penalties", "permits", "programmes", "seed_figures", "telemetry", "watersheds", "workflows"}

// item is one row of a list as its file has it.
type item struct {
	Code       string          `json:"code"`
	NameZh     string          `json:"nameZh,omitempty"`
	NameEn     string          `json:"nameEn,omitempty"`
	Data       json.RawMessage `json:"data"`
	Source     string          `json:"source"`
	Confidence string          `json:"confidence"`
}

func (i item) row(list string, position int) (registry.ReferenceItem, error) {
	if i.Code == "" || i.Source == "" || !confidences[i.Confidence] {
		return registry.ReferenceItem{}, fmt.Errorf("list %s, row %d (%s): code, source and a known confidence are needed", list, position+1, i.Code)
	}
	r := registry.ReferenceItem{List: list, Code: i.Code, NameZh: i.NameZh, NameEn: i.NameEn, Data: string(i.Data), Position: position,
		Source: i.Source, Confidence: i.Confidence}
	text, err := json.Marshal(r)
	if err != nil {
		return r, err
	}
	sum := sha256.Sum256(text)
	r.Digest = hex.EncodeToString(sum[:])
	return r, nil
}

var confidences = map[string]bool{"confirmed": true, "memory": true, "seed": true, "derived": true, "absent": true}

// items reads every list of the files in their order.
func items() ([]registry.ReferenceItem, error) {
	var all []registry.ReferenceItem
	for _, t := range tables {
		rows, err := code.ReadTable(t.from, "data/"+t.file)
		if err != nil {
			return nil, err
		}
		for i, fields := range rows {
			it := item{Code: fields[t.key], NameZh: fields["name_zh"], NameEn: fields["name_en"], Source: fields["source"], Confidence: fields["confidence"]}
			data := map[string]string{}
			for column, v := range fields {
				switch column {
				case t.key, "name_zh", "name_en", "source", "confidence":
				default:
					data[camel(column)] = v
				}
			}
			if it.Data, err = json.Marshal(data); err != nil {
				return nil, err
			}
			row, err := it.row(t.list, i)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", t.file, err)
			}
			all = append(all, row)
		}
	}
	for _, name := range nested {
		rows, err := readJSON(name + ".json")
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return all, nil
}

// readJSON reads the lists of one file. The lists keep the order of the file, so
// that positions and digests are the same at every start.
func readJSON(name string) ([]registry.ReferenceItem, error) {
	f, err := embedded.Open("data/" + name)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(f)
	var all []registry.ReferenceItem
	fail := func(err error) ([]registry.ReferenceItem, error) {
		return nil, fmt.Errorf("%s: %w", name, errors.Join(err, f.Close()))
	}
	if _, err := dec.Token(); err != nil {
		return fail(err)
	}
	for dec.More() {
		list, err := dec.Token()
		if err != nil {
			return fail(err)
		}
		var rows []item
		if err := dec.Decode(&rows); err != nil {
			return fail(err)
		}
		for i, it := range rows {
			row, err := it.row(fmt.Sprint(list), i)
			if err != nil {
				return fail(err)
			}
			all = append(all, row)
		}
	}
	return all, f.Close()
}

// camel turns a column of a table into the spelling of JSON fields: limit_unit, limitUnit.
func camel(column string) string {
	words := strings.Split(column, "_")
	for i, w := range words[1:] {
		if w != "" {
			words[i+1] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "")
}

// Package code holds values that standards define: credit codes, permit
// numbers, outlet and facility codes, divisions, pollutants, days, decimals.
// Each Parse function takes what people type and answers a lawful value or the
// rule that it breaks, citing the standard once.
package code

import (
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"sync"
)

// Tables are the official tables as files, each row with source and confidence.
//
//go:embed data/*.csv
var Tables embed.FS

// ReadTable reads a CSV file by its head: a map of cells by column for each row.
func ReadTable(from fs.FS, file string) ([]map[string]string, error) {
	f, err := from.Open(file)
	if err != nil {
		return nil, err
	}
	all, err := csv.NewReader(f).ReadAll()
	if err := errors.Join(err, f.Close()); err != nil || len(all) == 0 {
		return nil, errors.Join(fmt.Errorf("read the table %s", file), err)
	}
	out := make([]map[string]string, 0, len(all)-1)
	for _, r := range all[1:] {
		m := make(map[string]string, len(r))
		for i, h := range all[0] {
			m[h] = r[i]
		}
		out = append(out, m)
	}
	return out, nil
}

// rows reads a table of our own; a broken embedded file is a defect that any test meets.
func rows(name string) []map[string]string {
	all, err := ReadTable(Tables, "data/"+name)
	if err != nil {
		panic(err)
	}
	return all
}

// table reads a table once, keyed by a column.
func table(name, key string) func() map[string]map[string]string {
	return sync.OnceValue(func() map[string]map[string]string {
		out := map[string]map[string]string{}
		for _, r := range rows(name) {
			out[r[key]] = r
		}
		return out
	})
}

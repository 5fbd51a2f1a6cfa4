// Package code holds values that standards define: credit codes, permit
// numbers, outlet and facility codes, divisions, pollutants, days, decimals.
// Each Parse function takes what people type and answers a lawful value or the
// rule that it breaks, citing the standard once.
package code

import (
	"embed"
	"encoding/csv"
	"fmt"
	"sync"
)

// Tables are the official tables as files, each row with source and confidence.
//
//go:embed data/*.csv
var Tables embed.FS

// rows reads a table by its head; a broken embedded file is a defect that any test meets.
func rows(name string) []map[string]string {
	f, err := Tables.Open("data/" + name)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		panic(fmt.Errorf("%s: %w", name, err))
	}
	out := make([]map[string]string, 0, len(all)-1)
	for _, r := range all[1:] {
		m := make(map[string]string, len(r))
		for i, h := range all[0] {
			m[h] = r[i]
		}
		out = append(out, m)
	}
	return out
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

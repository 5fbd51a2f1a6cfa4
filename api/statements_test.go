package api_test

import (
	"cmp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// statements counts what gorm sends to the database from now on.
func statements(t *testing.T, w *world) *atomic.Int64 {
	t.Helper()
	n := new(atomic.Int64)
	count := func(*gorm.DB) { n.Add(1) }
	all := w.DB.Visible(w.Program(), policies.ParkRead, &registry.Park{}).Callback()
	for _, err := range []error{all.Query().Before("gorm:query").Register("count", count), all.Row().Before("gorm:row").Register("count", count),
		all.Raw().Before("gorm:raw").Register("count", count), all.Create().Before("gorm:create").Register("count", count), all.Update().Before("gorm:update").Register("count", count)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// computed are the lists whose rows are worked out from several tables, each read once.
var computed = map[string]int64{
	"/obligations": 8,  // permits, register, shut-downs, calendar and ledger
	"/tasks":       11, // the tasks, their steps, and one report that judges all their goals
}

// TestListsMakeFewStatements: a page of a list is at most six statements, and as many
// for one row as for two hundred: none goes back to the database for each row.
func TestListsMakeFewStatements(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		here := w.fill()["baoan-a"]
		n := statements(t, w)
		lists := 0
		for _, op := range w.operations() {
			if op.method != "GET" || !slices.Contains(w.doc.queryOf("GET", op.path), "cursor") {
				continue
			}
			for _, who := range []string{"bureau", "auditor", "admin"} {
				path := here.path(op.path)
				if w.call(who, "GET", path, nil).status != 200 { // and the caller is known from now on
					continue
				}
				lists++
				var made []int64
				for _, limit := range []string{"1", "200"} {
					n.Store(0)
					w.want(w.call(who, "GET", path+joint(path)+"limit="+limit, nil), 200, path)
					made = append(made, n.Load())
				}
				most := cmp.Or(computed[op.path], 6)
				if made[1] > most || made[1] != made[0] {
					t.Errorf("%s as %s makes %d statements for one row and %d for all", op.path, who, made[0], made[1])
				}
				break
			}
		}
		if lists < 20 {
			t.Errorf("only %d lists were read", lists)
		}
	})
}

func joint(path string) string {
	if strings.Contains(path, "?") {
		return "&"
	}
	return "?"
}

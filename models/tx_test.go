package models_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

func district(slug string) *registry.District {
	return &registry.District{Slug: slug, NameZh: slug, NameEn: slug, Kind: "test", Source: "test", Confidence: "seed"}
}

func districts(t *testing.T, db *models.DB) []string {
	t.Helper()
	var slugs []string
	if err := db.Visible(program(db), policies.ReferenceRead, &registry.District{}).Order("slug").Pluck("slug", &slugs).Error; err != nil {
		t.Fatal(err)
	}
	return slugs
}

func TestWrite(t *testing.T) {
	boom := errors.New("boom")
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		ctx := program(db)
		var told []string
		tell := func(tx *models.Tx, what string) {
			tx.AfterCommit(func() {
				for _, s := range districts(t, db) { // what is told is already stored
					if s == what {
						told = append(told, what)
					}
				}
			})
		}
		add := func(tx *models.Tx, slug string) error {
			tell(tx, slug)
			return tx.Program().Create(district(slug)).Error
		}
		if err := db.Write(ctx, func(tx *models.Tx) error {
			if err := add(tx, "a"); err != nil {
				return err
			}
			// A write inside a write joins: one instant, one commit, and what it stored is seen.
			err := db.Write(tx.Context(), func(inner *models.Tx) error {
				if inner != tx {
					t.Error("a nested write opened a transaction of its own")
				}
				return add(inner, "b")
			})
			if len(told) != 0 {
				t.Error("told before the commit")
			}
			var n int64
			if e := db.Visible(tx.Context(), policies.ReferenceRead, &registry.District{}).Count(&n).Error; e != nil || n != 2 {
				t.Errorf("inside, %d rows are seen, %v", n, e)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(told, " "); got != "a b" {
			t.Errorf("told %q after the commit", got)
		}
		told = nil
		err := db.Write(ctx, func(tx *models.Tx) error {
			if err := add(tx, "c"); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Errorf("the error of a write comes back as %v", err)
		}
		err = db.Write(ctx, func(tx *models.Tx) error {
			if err := add(tx, "d"); err != nil {
				return err
			}
			return db.Write(tx.Context(), func(*models.Tx) error { return boom })
		})
		if !errors.Is(err, boom) {
			t.Errorf("the error of a nested write comes back as %v", err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("a panic is swallowed")
				}
			}()
			_ = db.Write(ctx, func(tx *models.Tx) error {
				_ = add(tx, "e")
				panic("boom")
			})
		}()
		cancelled, stop := context.WithCancel(ctx)
		err = db.Write(cancelled, func(tx *models.Tx) error {
			err := add(tx, "f")
			stop()
			return err
		})
		if err == nil {
			t.Error("a write commits for a caller that has gone")
		}
		if got := strings.Join(districts(t, db), " "); got != "a b" || len(told) != 0 {
			t.Errorf("stored %q, told %v", got, told)
		}
		// The connection that the panic unwound is whole.
		if err := db.Write(ctx, func(tx *models.Tx) error { return add(tx, "g") }); err != nil {
			t.Errorf("after a panic: %v", err)
		}
	})
}

// TestWriteInstant: everything in a transaction happened at one second.
func TestWriteInstant(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		err := db.Write(program(db), func(tx *models.Tx) error {
			if first := tx.Now(); tx.Now() != first || first.Nanosecond() != 0 || tx.Now().Location().String() != "UTC" {
				t.Errorf("now is %v", tx.Now())
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestRetry: what PostgreSQL gave up for no fault of the caller's is tried again,
// from the start; anything else is not.
func TestRetry(t *testing.T) {
	db := open(t, dbtest.Postgres(t), 4)
	ctx := program(db)
	raise := func(code string) string {
		return "DO $$ BEGIN RAISE EXCEPTION 'given up' USING ERRCODE = '" + code + "'; END $$"
	}
	for _, c := range []struct {
		code     string
		failures int
		tries    int
		want     fault.Code
	}{
		{"40001", 1, 2, ""},
		{"40P01", 3, 4, ""},
		{"40001", 99, 4, fault.Unavailable},
		{"40P01", 99, 4, fault.Unavailable},
		{"22012", 1, 1, fault.Internal}, // division by zero
		{"23514", 1, 1, fault.Conflict},
	} {
		t.Run(fmt.Sprint(c.code, c.failures), func(t *testing.T) {
			tries, told := 0, 0
			err := db.Write(ctx, func(tx *models.Tx) error {
				tries++
				tx.AfterCommit(func() { told++ })
				if err := tx.Program().Create(district(fmt.Sprint("r", c.code, c.failures))).Error; err != nil {
					return err
				}
				if tries <= c.failures {
					return tx.Program().Exec(raise(c.code)).Error
				}
				return nil
			})
			if tries != c.tries || fault.CodeOf(err) != c.want {
				t.Errorf("%d tries, %v", tries, err)
			}
			if (told == 1) != (err == nil) || told > 1 {
				t.Errorf("told %d times", told)
			}
		})
	}
}

// TestDeadlock: two writers that lock each other out both get through.
func TestDeadlock(t *testing.T) {
	db := open(t, dbtest.Postgres(t), 4)
	ctx := program(db)
	err := db.Write(ctx, func(tx *models.Tx) error {
		return errors.Join(tx.Program().Create(district("a")).Error, tx.Program().Create(district("b")).Error)
	})
	if err != nil {
		t.Fatal(err)
	}
	var both, done sync.WaitGroup
	both.Add(2)
	for _, order := range [][2]string{{"a", "b"}, {"b", "a"}} {
		done.Go(func() {
			first := true
			err := db.Write(ctx, func(tx *models.Tx) error {
				for i, slug := range order {
					if err := tx.Program().Exec("UPDATE districts SET position = position + 1 WHERE slug = ?", slug).Error; err != nil {
						return err
					}
					if i == 0 && first {
						first = false
						both.Done()
						both.Wait()
					}
				}
				return nil
			})
			if err != nil {
				t.Errorf("%v: %v", order, err)
			}
		})
	}
	done.Wait()
	var sum int
	if err := db.Visible(ctx, policies.ReferenceRead, &registry.District{}).Select("SUM(position)").Scan(&sum).Error; err != nil || sum != 4 {
		t.Errorf("positions sum to %d, want 4; %v", sum, err)
	}
}

var numberForm = regexp.MustCompile(`^LG-\d{4}-\d{6}$`)

// TestNumbers: no number twice, under more writers than connections, and across a restart.
func TestNumbers(t *testing.T) {
	addresses(t, func(t *testing.T, address string) {
		seen := map[string]bool{}
		for restart := range 2 {
			db := open(t, address, 4)
			var mu sync.Mutex
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(func() {
					var got string
					err := db.Write(program(db), func(tx *models.Tx) (err error) {
						got, err = tx.Number(models.LedgerNumber)
						return err
					})
					mu.Lock()
					defer mu.Unlock()
					if err != nil || !numberForm.MatchString(got) || seen[got] {
						t.Errorf("start %d: number %q (seen: %v), %v", restart, got, seen[got], err)
					}
					seen[got] = true
				})
			}
			wg.Wait()
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		}
		if len(seen) != 100 {
			t.Errorf("%d numbers", len(seen))
		}
	})
}

// TestOneInstant: whatever a transaction writes is of its one instant, however long it
// takes: the mapper would put the present one into updated_at, and the leaf, which says
// the transaction's, would no longer be about the row that is stored.
func TestOneInstant(t *testing.T) {
	var mu sync.Mutex
	now := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	ticking := func() time.Time { mu.Lock(); defer mu.Unlock(); now = now.Add(time.Second); return now }
	dbtest.EachWith(t, dbtest.Options{Clock: ticking}, func(t *testing.T, db *models.DB) {
		city := dbtest.NewCity(t, db)
		firm := city.BaoanA.Enterprise.ID
		for name, update := range map[string]func(q *gorm.DB, e registry.Enterprise) error{
			"a struct": func(q *gorm.DB, e registry.Enterprise) error {
				return q.Select("*").Omit("id", "created_at").Updates(&e).Error
			},
			"a map": func(q *gorm.DB, e registry.Enterprise) error {
				return q.Updates(map[string]any{"name": e.Name, "updated_at": e.UpdatedAt}).Error
			},
			"columns": func(q *gorm.DB, _ registry.Enterprise) error {
				return q.Updates(map[string]any{"name": "改名"}).Error
			},
		} {
			err := db.Write(program(db), func(tx *models.Tx) error {
				var e registry.Enterprise
				mine := func() *gorm.DB {
					return tx.Visible(policies.EnterpriseUpdate, &registry.Enterprise{}).Where("id = ?", firm)
				}
				if err := models.One(mine(), &e); err != nil {
					return err
				}
				e.Name, e.UpdatedAt = "改名", tx.Now()
				if err := update(mine(), e); err != nil {
					return err
				}
				if err := models.One(mine(), &e); err != nil || !e.UpdatedAt.Equal(tx.Now()) {
					t.Errorf("%s: written at %v in a transaction of %v, %v", name, e.UpdatedAt, tx.Now(), err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

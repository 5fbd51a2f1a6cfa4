package seed_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
	"parkregistry/seed"
)

type noJobs struct{}

func (noJobs) RewriteJurisdiction(*models.Tx, models.ID) error { return nil }

func program(db *models.DB) context.Context {
	return policies.With(context.Background(), db.Policy.Program("test"))
}

// reference runs Reference and fails the test on an error.
func reference(t *testing.T, db *models.DB) seed.References {
	t.Helper()
	r, err := seed.Reference(context.Background(), db)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func places(t *testing.T, db *models.DB) seed.Counts {
	t.Helper()
	n, err := seed.Places(context.Background(), db)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// rowsOf counts the rows of the data files without the program's help.
func rowsOf(t *testing.T) (items, streets, districts int) {
	t.Helper()
	table := func(file string) int {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		all, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return len(all) - 1
	}
	official := filepath.Join("..", "internal", "code", "data")
	items = table(filepath.Join(official, "pollutants.csv")) + table(filepath.Join(official, "industries.csv"))
	limits := filepath.Join("..", "internal", "discharge", "data")
	items += table(filepath.Join(limits, "discharge_limits.csv")) + table(filepath.Join(limits, "benchmark_drainage.csv"))
	found, err := filepath.Glob(filepath.Join("data", "*"))
	if err != nil || len(found) < 20 {
		t.Fatalf("%d data files: %v", len(found), err)
	}
	for _, file := range found {
		switch {
		case filepath.Base(file) == "places.csv": // rows of their own, not reference items
		case filepath.Ext(file) == ".csv":
			items += table(file)
		default:
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var lists map[string][]any
			if err := json.Unmarshal(text, &lists); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			for _, rows := range lists {
				items += len(rows)
			}
		}
	}
	return items, table(filepath.Join(official, "streets.csv")), table(filepath.Join(official, "districts.csv"))
}

func TestReferenceLoadsEveryRowOfTheFiles(t *testing.T) {
	items, streets, districts := rowsOf(t)
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		first := reference(t, db)
		for name, c := range map[string]struct{ got, want int }{
			"items": {first.Items.Added, items}, "streets": {first.Streets.Added, streets}, "districts": {first.Districts.Added, districts}} {
			if c.got != c.want || c.got == 0 {
				t.Errorf("%d %s added, the files have %d", c.got, name, c.want)
			}
		}
		var bare int64
		if err := db.Visible(program(db), policies.ReferenceRead, &registry.ReferenceItem{}).Where("source = '' OR confidence = '' OR digest = ''").Count(&bare).Error; err != nil || bare != 0 {
			t.Errorf("%d items without source, confidence or digest: %v", bare, err)
		}
		second := reference(t, db)
		if second.Items.Unchanged != items || second.Streets.Unchanged != streets || second.Districts.Unchanged != districts {
			t.Errorf("the second run did %+v, want everything unchanged", second)
		}
	})
}

func TestReferenceFollowsItsFilesAndLeavesPeoplesRowsAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		reference(t, db)
		err := db.Write(program(db), func(tx *models.Tx) error {
			g := tx.Program().Model(&registry.ReferenceItem{})
			if err := g.Where("list = ? AND code = ?", "deadlines", "permit_valid").Updates(map[string]any{"name_zh": "改过", "digest": "x", "edited": true}).Error; err != nil {
				return err
			}
			g = tx.Program().Model(&registry.ReferenceItem{})
			if err := g.Where("list = ? AND code = ?", "deadlines", "hw_plan").Updates(map[string]any{"name_zh": "旧版", "digest": "x"}).Error; err != nil {
				return err
			}
			return tx.Program().Model(&registry.Street{}).Where("code = ?", "440306024").Update("name_zh", "旧名").Error
		})
		if err != nil {
			t.Fatal(err)
		}
		again := reference(t, db)
		if again.Items.Kept != 1 || again.Items.Updated != 1 || again.Streets.Updated != 1 || again.Items.Added != 0 {
			t.Errorf("did %+v, want one kept, one item and one street updated", again)
		}
		names := map[string]string{}
		svc := registry.New(db, noJobs{})
		rows, err := svc.References(program(db), "deadlines")
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			names[r.Code] = r.NameZh
		}
		if names["permit_valid"] != "改过" || names["hw_plan"] != "危险废物管理计划备案" {
			t.Errorf("kept row says %q, ours says %q", names["permit_valid"], names["hw_plan"])
		}
	})
}

// TestPlaces holds that nothing is invented: five names that a source gives, 26
// places without name, jurisdiction and operator, none of them confirmed.
func TestPlaces(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		reference(t, db)
		if n := places(t, db); n.Added != 31 {
			t.Fatalf("added %d places, want 31", n.Added)
		}
		svc := registry.New(db, noJobs{})
		page, err := svc.Parks(program(db), registry.ParkFilter{}, models.Query{Limit: 200})
		if err != nil {
			t.Fatal(err)
		}
		named := map[string]string{"SZ-01": "宝安江碧环境产业园", "SZ-02": "龙岗中和盛世珠宝文化创新创意产业园", "SZ-03": "深圳国家生物医药产业基地", "SZ-04": "宏发高新产业园", "SZ-05": "嶂背汉光科技园"}
		where := map[string]string{"SZ-01": "baoan", "SZ-02": "longgang", "SZ-03": "pingshan"}
		for _, p := range page.Items {
			if models.Deref(p.Name) != named[p.Code] || models.Deref(p.Jurisdiction) != where[p.Code] {
				t.Errorf("%s is %q in %q", p.Code, models.Deref(p.Name), models.Deref(p.Jurisdiction))
			}
			if p.PilotConfirmed || p.OperatorName != "" || p.Demo || p.Edited || p.Source == "" || p.Confidence == "" {
				t.Errorf("%s: confirmed, operated, demo, edited or without source: %+v", p.Code, p)
			}
			if named[p.Code] == "" && p.Confidence != "absent" {
				t.Errorf("%s says confidence %s, want absent", p.Code, p.Confidence)
			}
		}
		if len(page.Items) != 31 {
			t.Errorf("%d places", len(page.Items))
		}
		if n := places(t, db); n.Unchanged != 31 {
			t.Errorf("the second run did %+v, want 31 unchanged", n)
		}
	})
}

func TestPlacesLeavesAPersonsPlaceAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		reference(t, db)
		places(t, db)
		svc, ctx := registry.New(db, noJobs{}), program(db)
		page, err := svc.Parks(ctx, registry.ParkFilter{Code: "SZ-09"}, models.Query{Limit: 1})
		if err != nil || len(page.Items) != 1 {
			t.Fatal(len(page.Items), err)
		}
		p := page.Items[0]
		if _, err := svc.UpdatePark(ctx, p.ID, p.Version, func(in registry.ParkInput) (registry.ParkInput, error) {
			in.Name, in.Jurisdiction = "登记的园区", "yantian"
			return in, nil
		}); err != nil {
			t.Fatal(err)
		}
		if n := places(t, db); n.Kept != 1 || n.Unchanged != 30 {
			t.Errorf("did %+v, want one kept", n)
		}
		after, err := svc.Park(ctx, p.ID)
		if err != nil || models.Deref(after.Name) != "登记的园区" || after.Version != p.Version+1 {
			t.Errorf("the place says %q, version %d: %v", models.Deref(after.Name), after.Version, err)
		}
	})
}

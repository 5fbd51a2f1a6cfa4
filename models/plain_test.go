package models_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm/schema"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// TestPlainRowsNameEveryColumn: a row that is read without the mapper has all the
// columns that the mapper knows, each at the place of its own field; what else it
// selects goes into fields that the mapper leaves alone.
func TestPlainRowsNameEveryColumn(t *testing.T) {
	found := 0
	for _, m := range registered() {
		row := reflect.New(reflect.TypeOf(m))
		plain, ok := row.Interface().(models.Plain)
		if !ok {
			continue
		}
		found++
		s, err := schema.Parse(m, &sync.Map{}, schema.NamingStrategy{})
		if err != nil {
			t.Fatal(err)
		}
		var named []string
		fields := plain.Fields()
		own, computed, _ := strings.Cut(plain.Columns(), ", COALESCE(")
		for i, column := range strings.Split(own, ",") {
			name, ok := strings.CutPrefix(strings.TrimSpace(column), s.Table+".")
			f := s.LookUpField(name)
			if !ok || f == nil {
				t.Fatalf("%T: %q is no column of %s with its table before it", m, column, s.Table)
			}
			named = append(named, name)
			if i >= len(fields) || reflect.ValueOf(fields[i]).Pointer() != f.ReflectValueOf(context.Background(), row.Elem()).Addr().Pointer() {
				t.Errorf("%T: the %d-th field is not where %s goes", m, i+1, name)
			}
		}
		for _, f := range s.Fields {
			if f.DBName != "" && !slices.Contains(named, f.DBName) {
				t.Errorf("%T leaves out %s", m, f.DBName)
			}
		}
		more := 0
		if computed != "" {
			more = 1 + strings.Count(computed, ", COALESCE(")
		}
		if len(fields) != len(named)+more {
			t.Errorf("%T has %d columns and %d fields", m, len(named)+more, len(fields))
		}
	}
	if found == 0 {
		t.Error("no model is read plainly: take the path out")
	}
}

// TestPlainReadsWhatTheMapperReads: page, single row and row inside a transaction
// say what the mapper says of the same rows, and people's fields beside it.
func TestPlainReadsWhatTheMapperReads(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		ctx := program(db)
		reg := registry.New(db, nil)
		for i, aliases := range [][]string{{"甲", "乙", "丙"}, nil, {`引号 " 反斜杠 \`, "a,b"}, {"丁"}} {
			in := registry.EnterpriseInput{CreditCode: dbtest.CreditCode(i), Name: "平读企业", Aliases: aliases, Industries: []string{"3982"}, PermitClass: "key",
				KeyYears: []int{2025, 2026}[:i%3], Discharges: i%2 == 0, LegalRepresentative: "李四", Contact: "张三", Phone: []string{"", "13800000001"}[i%2]}
			if _, err := reg.CreateEnterprise(ctx, "", in, ""); err != nil {
				t.Fatal(err)
			}
		}
		var want []registry.Enterprise
		if err := db.Visible(ctx, policies.EnterpriseRead, &registry.Enterprise{}).Order("credit_code").Find(&want).Error; err != nil {
			t.Fatal(err)
		}
		for i := range want { // which the mapper does not know
			want[i].LegalRepresentative, want[i].Contact, want[i].Phone = "李四", "张三", []string{"", "13800000001"}[i%2]
		}
		orders := map[string]models.Order[registry.Enterprise]{"code": {Column: "enterprises.credit_code", Key: func(e registry.Enterprise) any { return e.CreditCode }}}
		page, err := models.List(db, db.Visible(ctx, policies.EnterpriseRead, &registry.Enterprise{}), models.Query{Limit: 50}, orders, "code", func(e registry.Enterprise) models.ID { return e.ID })
		if err != nil {
			t.Fatal(err)
		}
		if len(want) != 4 || !reflect.DeepEqual(page.Items, want) {
			t.Errorf("the page says\n%+v\nthe mapper\n%+v", page.Items, want)
		}
		one := func(read func(id models.ID, e *registry.Enterprise) error) {
			for _, w := range want {
				var e registry.Enterprise
				if err := read(w.ID, &e); err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(e, w) {
					t.Errorf("the single row says\n%+v\nthe mapper\n%+v", e, w)
				}
			}
			var e registry.Enterprise
			if err := read(models.NewID(), &e); !fault.Is(err, fault.NotFound) {
				t.Errorf("a row that is not there: %v", err)
			}
		}
		one(func(id models.ID, e *registry.Enterprise) error {
			return models.One(db.Visible(ctx, policies.EnterpriseRead, e).Where("id = ?", id), e)
		})
		one(func(id models.ID, e *registry.Enterprise) error {
			return models.ByID(ctx, db, policies.EnterpriseRead, id, e)
		})
		err = db.Write(ctx, func(tx *models.Tx) error {
			one(func(id models.ID, e *registry.Enterprise) error {
				return models.One(tx.Visible(policies.EnterpriseRead, e).Where("id = ?", id), e)
			})
			one(func(id models.ID, e *registry.Enterprise) error {
				return models.ByID(tx.Context(), db, policies.EnterpriseRead, id, e)
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestReadStops: the caller's error ends the reading, a refused query reads nothing
// and a connection is given back each time.
func TestReadStops(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		dbtest.NewCity(t, db)
		ctx := program(db)
		stop := errors.New("enough")
		for range 20 { // more often than there are connections
			rows := 0
			var id string
			err := models.Read(db.Visible(ctx, policies.EnterpriseRead, &registry.Enterprise{}), "enterprises.id", []any{&id}, func() error { rows++; return stop })
			if !errors.Is(err, stop) || rows != 1 {
				t.Fatalf("%d rows, %v", rows, err)
			}
			err = models.Read(db.Visible(ctx, policies.EnterpriseRead, &registry.Enterprise{}), "enterprises.nothing", []any{&id}, func() error { return nil })
			if err == nil {
				t.Fatal("a column that is not there was read")
			}
			err = models.Read(db.Visible(context.Background(), policies.EnterpriseRead, &registry.Enterprise{}), "enterprises.id", []any{&id}, func() error { rows++; return nil })
			if !fault.Is(err, fault.Unauthenticated) || rows != 1 {
				t.Fatalf("without identity: %d rows, %v", rows-1, err)
			}
		}
	})
}

func TestTextsScan(t *testing.T) {
	for stored, want := range map[string]models.Texts{
		`[]`: {}, `[""]`: {""}, `["a"]`: {"a"}, `["a","b"]`: {"a", "b"}, `["a", "b"]`: {"a", "b"}, ` [ "a" ] `: {"a"}, `["a,b","c"]`: {"a,b", "c"},
		`["a\"b","\\"]`: {`a"b`, `\`}, `["\u00e9"]`: {"é"}, `["电镀","a]"]`: {"电镀", "a]"}, `["a" ,"b"]`: {"a", "b"},
	} {
		var got models.Texts
		if err := got.Scan(stored); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v; want %q", stored, got, err, want)
		}
	}
	for _, stored := range []string{`["a"`, `"a"]`, `["]`, `["a""b"]`, `["a",1]`, `{}`} {
		var got models.Texts
		if err := got.Scan(stored); err == nil {
			t.Errorf("%s was read as %q", stored, got)
		}
	}
}

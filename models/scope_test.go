package models_test

import (
	"context"
	"database/sql"
	"testing"

	"gorm.io/gorm"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// TestClosedDoors: whatever is missing, the answer is an error and no row; never "no filter".
func TestClosedDoors(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		nobody := context.Background()
		ended := policies.With(nobody, db.Policy.Actor("u", "u", []policies.Assignment{{User: "u", Role: policies.BureauAdmin, From: "2020-01-01", Until: "2020-12-31"}}, db.Today()))
		foreignPolicy := policies.With(nobody, policies.Actor{User: "u", Assignments: []policies.Assignment{{User: "u", Role: policies.BureauAdmin, From: "2020-01-01"}}})
		noPark := c.As("manager", policies.ParkManager, "")
		for _, x := range []struct {
			name  string
			ctx   context.Context
			perm  policies.Permission
			model models.Scoped
			want  fault.Code
		}{
			{"no identity", nobody, policies.ParkRead, &registry.Park{}, fault.Unauthenticated},
			{"an actor that no policy made", foreignPolicy, policies.ParkRead, &registry.Park{}, fault.Unauthenticated},
			{"an assignment that has ended", ended, policies.ParkRead, &registry.Park{}, fault.Denied},
			{"an assignment that names no park", noPark, policies.ParkRead, &registry.Park{}, fault.Denied},
			{"a role without the permission", c.Admin(), policies.ParkRead, &registry.Park{}, fault.Denied},
			{"a firm without identity", nobody, policies.EnterpriseRead, &registry.Enterprise{}, fault.Unauthenticated},
			{"a firm to a role without the permission", c.Admin(), policies.EnterpriseRead, &registry.Enterprise{}, fault.Denied},
			{"a firm by a permission of another resource", c.Program(), policies.ParkRead, &registry.Enterprise{}, fault.Internal},
			{"a permission of another resource", c.Bureau(), policies.FacilityRead, &registry.Park{}, fault.Internal},
			{"the same, for the program", c.Program(), policies.FacilityRead, &registry.Park{}, fault.Internal},
			{"the public pseudo-permission", c.Bureau(), policies.Public, &registry.Park{}, fault.Internal},
			{"a permission that does not exist", c.Bureau(), "park.look", &registry.Park{}, fault.Denied},
			{"a closed table", c.Bureau(), policies.ParkRead, &registry.Version{}, fault.Internal},
			{"a closed table, for the program", c.Program(), policies.ParkRead, &registry.Version{}, fault.Internal},
			{"a table without registration", c.Bureau(), policies.ParkRead, unregistered{}, fault.Internal},
		} {
			t.Run(x.name, func(t *testing.T) {
				for how, read := range map[string]func(q *gorm.DB) (int, error){
					"find": func(q *gorm.DB) (int, error) {
						var ids []string
						err := q.Pluck("id", &ids).Error
						return len(ids), err
					},
					"count": func(q *gorm.DB) (int, error) { var n int64; err := q.Count(&n).Error; return int(n), err },
					"rows":  func(q *gorm.DB) (int, error) { rows, err := q.Rows(); return count(rows), err },
				} {
					if n, err := read(db.Visible(x.ctx, x.perm, x.model)); n != 0 || fault.CodeOf(err) != x.want {
						t.Errorf("%s: %d rows, %v", how, n, err)
					}
				}
				for _, id := range []models.ID{c.BaoanA.Park.ID, c.BaoanA.Enterprise.ID} {
					if err := models.ByID(x.ctx, db, x.perm, id, x.model); fault.CodeOf(err) != x.want {
						t.Errorf("by id: %v", err)
					}
				}
				err := db.Write(x.ctx, func(tx *models.Tx) error {
					res := tx.Visible(x.perm, x.model).Where("1 = 1").Update("version", 99)
					if res.RowsAffected != 0 {
						t.Errorf("%d rows changed", res.RowsAffected)
					}
					return res.Error
				})
				if fault.CodeOf(err) != x.want {
					t.Errorf("update: %v", err)
				}
			})
		}
		if p, err := c.Registry.Park(c.Bureau(), c.BaoanA.Park.ID); err != nil || p.Version != 1 {
			t.Errorf("a refused update left version %d, %v", p.Version, err)
		}
	})
}

// unregistered is a table that registered nothing: the zero Scope.
type unregistered struct{}

func (unregistered) TableName() string   { return "parks" }
func (unregistered) Scope() models.Scope { return models.Scope{} }

func count(rows *sql.Rows) int {
	if rows == nil {
		return 0
	}
	n := 0
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		n++
	}
	return n
}

// TestKernelDoors: Internal, Program, Append and Create each take only what they are for.
func TestKernelDoors(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		people := map[string]context.Context{"bureau": c.Bureau(), "admin": c.Admin(), "auditor": c.Auditor(), "nobody": context.Background()}
		for name, ctx := range people {
			t.Run(name, func(t *testing.T) {
				var n int64
				for _, m := range []models.Scoped{&registry.Park{}, &registry.Enterprise{}, &registry.EnterpriseName{}, &audit.Record{}, &registry.District{}} {
					if err := db.Internal(ctx, m).Count(&n).Error; err == nil || n != 0 {
						t.Errorf("Internal on %s: %d rows, %v", m.Scope().Table, n, err)
					}
				}
				_ = db.Write(ctx, func(tx *models.Tx) error {
					if err := tx.Internal(&registry.Park{}).Count(&n).Error; err == nil || n != 0 {
						t.Errorf("Tx.Internal on parks: %d rows, %v", n, err)
					}
					if err := tx.Program().Table("parks").Count(&n).Error; err == nil || n != 0 {
						t.Errorf("Program: %d rows, %v", n, err)
					}
					if err := tx.Program().Exec("UPDATE parks SET version = 77").Error; err == nil {
						t.Error("Program runs a statement for a person")
					}
					if err := tx.Append(&registry.Park{}); err == nil {
						t.Error("Append takes a park")
					}
					if err := models.AppendAll(tx, []registry.Site{{}}); err == nil {
						t.Error("AppendAll takes sites")
					}
					if err := tx.Create(policies.EnterpriseCreate, childWithOwner{}); err == nil {
						t.Error("Create takes a row of a child table")
					}
					return nil
				})
			})
		}
		if p, err := c.Registry.Park(c.Bureau(), c.BaoanA.Park.ID); err != nil || p.Version != 1 {
			t.Errorf("version %d, %v", p.Version, err)
		}
		err := db.Write(c.Program(), func(tx *models.Tx) error {
			var n int64
			if err := tx.Program().Table("parks").Count(&n).Error; err != nil || n != 5 {
				t.Errorf("the program counts %d parks, %v", n, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

type childWithOwner struct{ registry.EnterpriseName }

func (childWithOwner) Owner() policies.Row { return policies.Row{} }

// TestSubqueriesStayClosed: a door that is closed stays closed inside another statement.
func TestSubqueriesStayClosed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		var n int64
		inner := db.Visible(c.Admin(), policies.SiteRead, &registry.Site{}).Select("park_id")
		err := db.Visible(c.Bureau(), policies.ParkRead, &registry.Park{}).Where("parks.id IN (?)", inner).Count(&n).Error
		if n != 0 {
			t.Errorf("%d parks through a closed subquery, %v", n, err)
		}
		inner = db.Visible(c.Inspector("longgang"), policies.SiteRead, &registry.Site{}).Select("park_id")
		err = db.Visible(c.Bureau(), policies.ParkRead, &registry.Park{}).Where("parks.id IN (?)", inner).Count(&n).Error
		if err != nil || n != 1 {
			t.Errorf("%d parks through Longgang's sites, %v", n, err)
		}
	})
}

// Package inspection is what is found on the ground and how it is put right:
// patrols (巡查) as sets of events that a device may send in any order and any
// number of times, and findings (问题) that move from notice through
// rectification and review to closure (销号). It keeps no mileage, no ranking
// and no time spent online of anybody.
package inspection

import (
	"context"
	"embed"
	"slices"
	"strings"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

//go:embed data
var data embed.FS

// Accounts tells whether a firm can act for itself, and who inspects. Without an account
// the park answers on its behalf (decision 11).
type Accounts interface {
	EnterpriseHasAccount(ctx context.Context, enterprise models.ID) (bool, error)
	// Inspectors are all that those hold on a day who inspect in a jurisdiction, "" for the city.
	Inspectors(ctx context.Context, jurisdiction string, on code.Day) ([]policies.Assignment, error)
	// Members are the people who may sign in and hold a role for a body today, by id.
	Members(ctx context.Context, of policies.Organisation) ([]models.ID, error)
}

// Service is the door to patrols and findings.
type Service struct {
	db       *models.DB
	accounts Accounts
}

// New makes the service.
func New(db *models.DB, accounts Accounts) *Service { return &Service{db: db, accounts: accounts} }

// Today is the civil day on which the service computes.
func (s *Service) Today() code.Day { return s.db.Today() }

// Models are the tables of this package, for the schema's tests.
func Models() []models.Scoped {
	return []models.Scoped{Patrol{}, Event{}, Position{}, Finding{}, Step{}, Draw{}, Task{}}
}

// By is who acts, as the rules see it.
type By struct {
	User models.ID
	Org  policies.Organisation   // for whom: the body whose assignment gives the permission used
	Orgs []policies.Organisation // every body that the person belongs to today
}

func isDistrict(o policies.Organisation) bool { return strings.HasPrefix(string(o), "district:") }
func isPark(o policies.Organisation) bool     { return strings.HasPrefix(string(o), "park:") }

// acting lists the capacities in which perm reaches the row for the caller: one
// for each body whose assignment gives it. Empty when nothing does.
func acting(ctx context.Context, perm policies.Permission, row policies.Row) ([]By, error) {
	actor, _ := policies.ActorFrom(ctx)
	orgs, err := actor.ActingFor(perm, row)
	out := make([]By, len(orgs))
	for i, org := range orgs {
		out[i] = By{User: models.ID(actor.User), Org: org, Orgs: actor.Organisations()}
	}
	return out, err
}

// actingOne is the first capacity, Absent when there is none.
func actingOne(ctx context.Context, perm policies.Permission, row policies.Row) (By, error) {
	if err := policies.Require(ctx, perm); err != nil {
		return By{}, err
	}
	all, err := acting(ctx, perm, row)
	if err != nil {
		return By{}, err
	}
	if len(all) == 0 {
		return By{}, fault.Absent()
	}
	return all[0], nil
}

// scene is where a row stands, and the day on which its firm moved out of there.
type scene struct {
	models.Placed
	left *code.Day
}

// movedOut is how the register speaks against a day: the firm had left before it.
func (s scene) movedOut(day code.Day) (fault.Text, bool) {
	if s.left == nil || day <= *s.left {
		return fault.Text{}, false
	}
	return fault.T("按入驻登记，企业已于 {{.Day}} 迁出，核对日期", "Day", *s.left), true
}

// spot is where a row about a park, a firm in it or a facility stands. A row that
// the caller may not see is answered as absent.
func spot(tx *models.Tx, park models.ID, enterprise, site, facility *models.ID) (scene, error) {
	var p registry.Park
	if err := models.One(tx.Visible(policies.ParkRead, &p).Where("id = ?", park), &p); err != nil {
		return scene{}, err
	}
	if p.Jurisdiction == nil {
		return scene{}, fault.New(fault.Conflict, "这个试点位置还没有确认名称和属地，确认后才能登记")
	}
	var c fault.Check
	if facility != nil {
		var f registry.Facility
		if err := models.One(tx.Visible(policies.FacilityRead, &f).Where("id = ? AND park_id = ?", *facility, park), &f); err != nil {
			return scene{}, err
		}
		if site != nil && models.Deref(f.SiteID) != *site {
			c.Fail("/facilityId", "mismatch", "这个设施不属于所填的企业场所")
		}
		if f.SiteID != nil {
			site = f.SiteID
		}
	}
	if site == nil && enterprise == nil {
		return scene{Placed: models.Placed{ParkID: p.ID, Jurisdiction: p.Jurisdiction}}, c.Err()
	}
	var row registry.Site
	q := tx.Visible(policies.SiteRead, &row).Where("park_id = ?", park)
	if site != nil {
		q = q.Where("id = ?", *site)
	} else {
		q = q.Where("enterprise_id = ?", *enterprise)
	}
	if err := models.One(q, &row); err != nil {
		return scene{}, err
	}
	if enterprise != nil && models.Deref(row.EnterpriseID) != *enterprise {
		c.Fail("/enterpriseId", "mismatch", "所填的场所或者设施不属于这家企业")
	}
	return scene{row.Place(), row.ClosedOn}, c.Err()
}

func equal(q *gorm.DB, column, value string) *gorm.DB {
	if value == "" {
		return q
	}
	return q.Where(column+" = ?", value)
}

func optionalDay(c *fault.Check, pointer, raw string) *code.Day {
	return models.Ref(fault.Parse(c, pointer, raw, code.ParseDay))
}

func oneOf[T ~string](c *fault.Check, pointer string, value T, all []T) {
	if !slices.Contains(all, value) {
		names := make([]string, len(all))
		for i, v := range all {
			names[i] = string(v)
		}
		c.Cite(pointer, "enum", "", string(value), "只能是：{{.Arg}}", "Arg", strings.Join(names, ", "))
	}
}

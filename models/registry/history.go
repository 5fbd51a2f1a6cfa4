package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/policies"
)

// Telling is one version of a row of the register: what it said, and since when.
type Telling[T any] struct {
	ID       models.ID
	Place    models.Placed
	Since    time.Time // when it was written
	Fields   T
	ClosedOn code.Day // "" while the row stands
}

// SiteFields are what the versions of a site hold beside its place.
type SiteFields struct {
	Process string `json:"process"`
}

// TenancyFields are what the versions of a tenancy hold.
type TenancyFields struct {
	SiteID models.ID `json:"siteId"`
	From   code.Day  `json:"from"`
	To     code.Day  `json:"to"`
}

// FirmFields are what the versions of an enterprise hold that names it, and that decides
// how often it is visited.
type FirmFields struct {
	Name       string   `json:"name"`
	CreditCode string   `json:"creditCode"`
	Industries []string `json:"industries"`
	KeyYears   []int    `json:"keyYears"`
	Discharges bool     `json:"discharges"`
}

// Histories are all versions of what decides the duties of sites and of parks,
// row by row in the order of their ids, the oldest version of each first.
type Histories struct {
	Sites      []Telling[SiteFields]
	Tenancies  []Telling[TenancyFields]
	Permits    []Telling[PermitInput]
	Facilities []Telling[FacilityInput]
	Outlets    []Telling[OutletInput]
	Shutdowns  []Telling[ShutdownInput]
}

// HistoryFilter narrows histories to a park, a site or an enterprise.
type HistoryFilter struct{ ParkID, SiteID, EnterpriseID string }

// Histories reads the versions of the rows that the caller sees now, each kind by
// the permission that reads it. known is the last number of the log that counts;
// nil takes every version there is.
func (s *Service) Histories(ctx context.Context, f HistoryFilter, known *int64) (Histories, error) {
	var h Histories
	for _, read := range []func() error{
		func() (err error) {
			h.Sites, err = tellings[SiteFields](ctx, s.db, policies.SiteRead, &Site{}, f, known)
			return err
		},
		func() (err error) {
			h.Tenancies, err = tellings[TenancyFields](ctx, s.db, policies.SiteRead, &Tenancy{}, f, known)
			return err
		},
		func() (err error) {
			h.Permits, err = tellings[PermitInput](ctx, s.db, policies.PermitRead, &Permit{}, f, known)
			return err
		},
		func() (err error) {
			h.Facilities, err = tellings[FacilityInput](ctx, s.db, policies.FacilityRead, &Facility{}, f, known)
			return err
		},
		func() (err error) {
			h.Outlets, err = tellings[OutletInput](ctx, s.db, policies.FacilityRead, &Outlet{}, f, known)
			return err
		},
		func() (err error) {
			h.Shutdowns, err = tellings[ShutdownInput](ctx, s.db, policies.ShutdownRead, &Shutdown{}, f, known)
			return err
		},
	} {
		if err := read(); err != nil {
			return h, err
		}
	}
	return h, nil
}

// Firms reads the versions of firms that the caller sees now, as Histories does those
// of what stands in a park.
func (s *Service) Firms(ctx context.Context, ids []models.ID, known *int64) ([]Telling[FirmFields], error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows := s.db.Visible(ctx, policies.EnterpriseRead, &Enterprise{}).Where("enterprises.id IN ?", ids)
	return versionsOf[FirmFields](rows, "enterprises", placeColumns{"NULL", "enterprises.id", "NULL", "enterprises.id"}, known)
}

// tellings reads the versions of one kind of row through its head.
func tellings[T any](ctx context.Context, db *models.DB, perm policies.Permission, head record, f HistoryFilter, known *int64) ([]Telling[T], error) {
	table := head.Scope().Table
	place := placeColumns{site: table + ".site_id", park: table + ".park_id", jurisdiction: table + ".jurisdiction", enterprise: table + ".enterprise_id"}
	if table == "sites" {
		place.site = "sites.id"
	}
	q := equal(equal(equal(db.Visible(ctx, perm, head), place.park, f.ParkID), place.site, f.SiteID), place.enterprise, f.EnterpriseID)
	return versionsOf[T](q, table, place, known)
}

// placeColumns say where a row stands.
type placeColumns struct{ site, park, jurisdiction, enterprise string }

// versionsOf reads the versions of the rows that q leaves of a table.
func versionsOf[T any](q *gorm.DB, table string, place placeColumns, known *int64) ([]Telling[T], error) {
	q = q.Joins("JOIN registry_versions ON registry_versions.object_id = " + table + ".id")
	q = knownBy(q, "registry_versions.change_id", known).Order(table + ".id, registry_versions.version")
	var t Telling[T]
	var data string
	var all []Telling[T]
	columns := table + ".id, " + place.site + ", " + place.park + ", " + place.jurisdiction + ", " + place.enterprise + ", registry_versions.valid_from, registry_versions.data"
	err := models.Read(q, columns, []any{&t.ID, &t.Place.SiteID, &t.Place.ParkID, &t.Place.Jurisdiction, &t.Place.EnterpriseID, &t.Since, &data}, func() error {
		next := t
		var said struct {
			Fields   *T       `json:"fields"`
			ClosedOn code.Day `json:"closedOn"`
		}
		said.Fields = &next.Fields
		if err := json.Unmarshal([]byte(data), &said); err != nil {
			return fmt.Errorf("read a version of %s %s: %w", table, t.ID, err)
		}
		next.ClosedOn = said.ClosedOn
		all = append(all, next)
		t = Telling[T]{} // what a column points to belongs to the row just kept
		return nil
	})
	return all, err
}

// knownBy keeps what a change up to a number of the log wrote.
func knownBy(q *gorm.DB, changeID string, known *int64) *gorm.DB {
	if known == nil {
		return q
	}
	return q.Joins("JOIN changes ON changes.id = "+changeID).Where("changes.seq <= ?", *known)
}

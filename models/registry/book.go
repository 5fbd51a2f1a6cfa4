package registry

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Book is all that the register said at a number of the log, as far as a report on
// the whole city counts it: every version of every row, row by row, the oldest first.
type Book struct {
	Parks       []Telling[BookPark]
	Enterprises []Telling[BookEnterprise]
	Sites       []Telling[SiteFields]
	Permits     []Telling[BookPermit]
	Facilities  []Telling[BookFacility]
	Outlets     []Telling[BookOutlet]
}

// BookPark is what a report says of a park.
type BookPark struct {
	Code           string   `json:"code"`
	Name           string   `json:"name"`
	Jurisdiction   string   `json:"jurisdiction"`
	Sectors        []string `json:"sectors"`
	PilotState     string   `json:"pilotState"`
	PilotConfirmed bool     `json:"pilotConfirmed"`
}

// BookEnterprise is what a report counts of a firm.
type BookEnterprise struct {
	Discharges bool `json:"discharges"`
}

// BookPermit is what a report counts of a permit.
type BookPermit struct {
	State    string   `json:"state"`
	Kind     string   `json:"kind"`
	IssuedOn code.Day `json:"issuedOn"`
	ValidTo  code.Day `json:"validTo"`
}

// BookFacility is what a report counts of a facility.
type BookFacility struct {
	Code    string   `json:"code"`
	Kind    string   `json:"kind"`
	BuiltOn code.Day `json:"builtOn"`
	InUse   bool     `json:"inUse"`
}

// BookOutlet is what a report counts of an outlet.
type BookOutlet struct {
	Code string `json:"code"`
}

// bookKinds are the kinds of change that a book depends on, in the words of the
// index changes_register.
const bookKinds = "'park', 'enterprise', 'site', 'permit', 'facility', 'outlet'"

// BookNumber is the last number of a change that a book at seq holds, -1 for none:
// books with the same are the same.
func (s *Service) BookNumber(ctx context.Context, seq int64) (int64, error) {
	var last []int64
	err := s.db.Visible(s.program(ctx), policies.ChangeRead, &audit.Change{}).Where("changes.object_kind IN ("+bookKinds+") AND changes.seq <= ?", seq).
		Order("changes.seq DESC").Limit(1).Pluck("changes.seq", &last).Error
	if err != nil || len(last) == 0 {
		return -1, err
	}
	return last[0], nil
}

// Book reads the versions of the whole city up to a number of the log. It is for
// what shows numbers of parks that the caller may see, never rows themselves.
func (s *Service) Book(ctx context.Context, seq int64) (Book, error) {
	ctx = s.program(ctx)
	placed := func(table string) placeColumns {
		return placeColumns{table + ".site_id", table + ".park_id", table + ".jurisdiction", table + ".enterprise_id"}
	}
	var b Book
	for _, read := range []func() error{
		func() (err error) {
			b.Parks, err = bookOf[BookPark](ctx, s.db, policies.ParkRead, &Park{}, placeColumns{"NULL", "parks.id", "parks.jurisdiction", "NULL"}, seq)
			return err
		},
		func() (err error) {
			b.Enterprises, err = bookOf[BookEnterprise](ctx, s.db, policies.EnterpriseRead, &Enterprise{}, placeColumns{"NULL", "enterprises.id", "NULL", "enterprises.id"}, seq)
			return err
		},
		func() (err error) {
			b.Sites, err = bookOf[SiteFields](ctx, s.db, policies.SiteRead, &Site{}, placeColumns{"sites.id", "sites.park_id", "sites.jurisdiction", "sites.enterprise_id"}, seq)
			return err
		},
		func() (err error) {
			b.Permits, err = bookOf[BookPermit](ctx, s.db, policies.PermitRead, &Permit{}, placed("permits"), seq)
			return err
		},
		func() (err error) {
			b.Facilities, err = bookOf[BookFacility](ctx, s.db, policies.FacilityRead, &Facility{}, placed("facilities"), seq)
			return err
		},
		func() (err error) {
			b.Outlets, err = bookOf[BookOutlet](ctx, s.db, policies.FacilityRead, &Outlet{}, placed("outlets"), seq)
			return err
		},
	} {
		if err := read(); err != nil {
			return b, err
		}
	}
	return b, nil
}

func bookOf[T any](ctx context.Context, db *models.DB, perm policies.Permission, head record, place placeColumns, seq int64) ([]Telling[T], error) {
	return versionsOf[T](db.Visible(ctx, perm, head), head.Scope().Table, place, &seq)
}

func (s *Service) program(ctx context.Context) context.Context {
	return policies.With(ctx, s.db.Policy.Program("book"))
}

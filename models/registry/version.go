package registry

import (
	"context"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Kind is a kind of row of the register, as its versions name it.
type Kind string

const (
	KindPark       Kind = "park"
	KindEnterprise Kind = "enterprise"
	KindSite       Kind = "site"
	KindPermit     Kind = "permit"
	KindFacility   Kind = "facility"
	KindOutlet     Kind = "outlet"
	KindStream     Kind = "stream"
	KindShutdown   Kind = "shutdown"
)

// head says how the head of each kind is reached: its versions are seen by
// whoever may read the head now.
func (k Kind) head() (record, policies.Permission) {
	switch k {
	case KindPark:
		return &Park{}, policies.ParkRead
	case KindEnterprise:
		return &Enterprise{}, policies.EnterpriseRead
	case KindSite:
		return &Site{}, policies.SiteRead
	case KindPermit:
		return &Permit{}, policies.PermitRead
	case KindFacility:
		return &Facility{}, policies.FacilityRead
	case KindOutlet:
		return &Outlet{}, policies.FacilityRead
	case KindShutdown:
		return &Shutdown{}, policies.ShutdownRead
	default:
		return &Stream{}, policies.FacilityRead
	}
}

var versionOrders = map[string]models.Order[Version]{
	"-version": {Column: "registry_versions.version", Desc: true, Key: func(v Version) any { return v.Version }},
}

// Versions lists what a row said over time, newest first, to whoever may read the
// row now. NotFound outside the caller's scope.
func (s *Service) Versions(ctx context.Context, kind Kind, id models.ID, q models.Query) (models.Page[Version], error) {
	head, perm := kind.head()
	var ids []models.ID
	err := s.db.Visible(ctx, perm, head).Where(head.Scope().Table+".id = ?", id).Pluck("id", &ids).Error
	if err != nil {
		return models.Page[Version]{}, err
	}
	if len(ids) == 0 {
		return models.Page[Version]{}, fault.Absent()
	}
	rows := s.db.Internal(ctx, &Version{}).Where("registry_versions.object_id = ?", id)
	return models.List(s.db, rows, q, versionOrders, "-version", func(v Version) models.ID { return v.ID })
}

package registry

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Hit is one row that a search found.
type Hit struct {
	Kind   Kind
	ID     models.ID
	ParkID *models.ID // nil for a firm as a whole
	FirmID *models.ID // whose it is; nil for what is a park's own
	Label  string     // name, or the code where there is none
	Code   string     // park code, credit code, permit number, facility or outlet code
}

// hitsEach is how many rows of a kind a search answers at most.
const hitsEach = 10

// Search finds parks and firms by a part of a name, an alias, a code or initials,
// permits by the beginning of their number, and facilities by name or code; each
// kind only among the rows that the caller may read.
func (s *Service) Search(ctx context.Context, q string) ([]Hit, error) {
	if err := policies.Require(ctx, policies.ParkRead); err != nil {
		return nil, err
	}
	var c fault.Check
	q = fault.Must(&c, "/query/q", q, code.ParseText(100))
	if err := c.Err(); err != nil {
		return nil, err
	}
	few := models.Query{Limit: hitsEach}
	hits := []Hit{}
	parks, err := s.Parks(ctx, ParkFilter{Q: q}, few)
	if err != nil {
		return nil, err
	}
	for _, p := range parks.Items {
		hits = append(hits, Hit{KindPark, p.ID, models.Ref(p.ID), nil, p.Label(), p.Code})
	}
	var firms []Enterprise
	rows := like(s.db.Visible(ctx, policies.EnterpriseRead, &Enterprise{}), "enterprises.search", q)
	if err := rows.Order("enterprises.name_sort, enterprises.id").Limit(hitsEach).Find(&firms).Error; err != nil {
		return nil, err
	}
	for _, e := range firms {
		hits = append(hits, Hit{KindEnterprise, e.ID, nil, models.Ref(e.ID), e.Name, e.CreditCode})
	}
	var permits []Permit
	rows = prefix(s.db.Visible(ctx, policies.PermitRead, &Permit{}), "permits.number", q)
	if err := rows.Order("permits.number, permits.id").Limit(hitsEach).Find(&permits).Error; err != nil {
		return nil, err
	}
	for _, p := range permits {
		hits = append(hits, Hit{KindPermit, p.ID, models.Ref(p.ParkID), p.EnterpriseID, p.Number, p.Number})
	}
	var works []Facility
	rows = like(s.db.Visible(ctx, policies.FacilityRead, &Facility{}), "LOWER(facilities.code || ' ' || facilities.name)", q)
	if err := rows.Order("facilities.code, facilities.id").Limit(hitsEach).Find(&works).Error; err != nil {
		return nil, err
	}
	for _, f := range works {
		hits = append(hits, Hit{KindFacility, f.ID, models.Ref(f.ParkID), f.EnterpriseID, f.Name, f.Code})
	}
	return hits, nil
}

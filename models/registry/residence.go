package registry

import (
	"context"

	"parkregistry/models"
	"parkregistry/policies"
)

// Residence is where a firm lives, with the unit that it has had longest; nil when none is
// registered.
type Residence struct {
	Site
	Unit *Tenancy
}

// Residences are those of firms today, by the firm: in one park, or in all that the caller
// sees.
func (s *Service) Residences(ctx context.Context, firms []models.ID, park string) (map[models.ID][]Residence, error) {
	all := map[models.ID][]Residence{}
	if len(firms) == 0 {
		return all, nil
	}
	var sites []Site
	err := equal(s.db.Visible(ctx, policies.SiteRead, &Site{}), "sites.park_id", park).Where("sites.enterprise_id IN ? AND sites.closed_on IS NULL", firms).Order("sites.id").Find(&sites).Error
	if err != nil || len(sites) == 0 {
		return all, err
	}
	ids := make([]models.ID, len(sites))
	for i, site := range sites {
		ids[i] = site.ID
	}
	var let []Tenancy
	if err := s.db.Visible(ctx, policies.SiteRead, &Tenancy{}).Where("site_id IN ? AND to_on IS NULL", ids).Order("from_on DESC, id DESC").Find(&let).Error; err != nil {
		return all, err
	}
	units := map[models.ID]*Tenancy{}
	for i, t := range let {
		units[models.Deref(t.SiteID)] = &let[i] // the last one is the longest
	}
	for _, site := range sites {
		firm := models.Deref(site.EnterpriseID)
		all[firm] = append(all[firm], Residence{site, units[site.ID]})
	}
	return all, nil
}

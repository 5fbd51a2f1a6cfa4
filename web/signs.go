package web

import (
	"net/http"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
)

// signsPage is what templates/signs.html shows: the signs of a park's points, to print.
type signsPage struct {
	Shell  shell
	Parks  []option
	Public bool // where people reach the program has been said
	Signs  []sign
}

// sign is what hangs at a facility or an outlet: what it is, and a code that opens it on
// a phone.
type sign struct {
	Name, Firm, Park, Number string
	Code                     qrCode
}

func (p *Pages) signs(v *visit) error {
	parks, err := p.options.Registry.Parks(v.ctx, registry.ParkFilter{}, models.Query{Limit: models.MaxPage, Sort: "name"})
	if err != nil {
		return err
	}
	page := signsPage{Shell: p.shell(v, fault.T("巡查点二维码")), Public: p.options.Public != ""}
	page.Shell.Style = p.field.deskStyle
	chosen := v.c.Query("parkId")
	if chosen == "" && len(parks.Items) > 0 {
		chosen = string(parks.Items[0].ID)
	}
	name := ""
	for _, x := range parks.Items {
		o := option{Value: string(x.ID), Name: parkName(x), Chosen: string(x.ID) == chosen}
		page.Parks = append(page.Parks, o)
		if o.Chosen {
			name = o.Name
		}
	}
	if name == "" {
		return fault.Absent()
	}
	page.Signs, err = p.signsOf(v, chosen, name)
	if err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "signs.html", page)
}

// signsOf are the signs of everything in a park that a patrol walks to and that has a
// place of its own.
func (p *Pages) signsOf(v *visit, park, name string) ([]sign, error) {
	address := p.options.Public
	if address == "" {
		scheme := "http://"
		if v.seen.Encrypted {
			scheme = "https://"
		}
		address = scheme + v.c.Request.Host
	}
	f := registry.FacilityFilter{ParkID: park}
	works, err := every(func(q models.Query) (models.Page[registry.Facility], error) {
		return p.options.Registry.Facilities(v.ctx, f, q)
	}, "code")
	if err != nil {
		return nil, err
	}
	outlets, err := every(func(q models.Query) (models.Page[registry.Outlet], error) {
		return p.options.Registry.Outlets(v.ctx, f, q)
	}, "code")
	if err != nil {
		return nil, err
	}
	var whose []*models.ID
	for _, x := range works {
		whose = append(whose, x.EnterpriseID)
	}
	for _, x := range outlets {
		whose = append(whose, x.EnterpriseID)
	}
	firms, err := firmsOf(p, v, whose, func(id *models.ID) *models.ID { return id })
	if err != nil {
		return nil, err
	}
	var all []sign
	add := func(id models.ID, s sign) (err error) {
		s.Park = name
		s.Code, err = signCodeOf(address + "/q/" + string(id))
		all = append(all, s)
		return err
	}
	for _, x := range works {
		if x.ClosedOn == nil && x.Kind != "production" {
			if err := add(x.ID, sign{Name: x.Name, Firm: named(firms, x.EnterpriseID), Number: x.Code}); err != nil {
				return nil, err
			}
		}
	}
	for _, x := range outlets {
		if x.ClosedOn == nil {
			if err := add(x.ID, sign{Name: outletName(x), Firm: named(firms, x.EnterpriseID), Number: x.Code}); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

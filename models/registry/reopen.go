package registry

import (
	"context"
	"slices"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// A credit code is one legal person for ever, and a firm has one residence in a park.
// What ended and begins again is therefore the same row opened again, with its versions
// (docs/adr/0039), never a second one.

// coded is the firm of a credit code, open or closed, whoever sees it: the code is public
// and names exactly one. Nobody is told before the right to let the firm in was judged.
func (s *Service) coded(tx *models.Tx, creditCode string) (Enterprise, error) {
	var e Enterprise
	ctx := policies.With(tx.Context(), s.db.Policy.Program("registry"))
	return e, models.One(s.db.Visible(ctx, policies.EnterpriseRead, &e).Where("credit_code = ?", creditCode), &e)
}

// Coded is the firm of a credit code for who may let it into the park; nil when none is
// registered. What it says about people stays out: the park has not let it in yet.
func (s *Service) Coded(ctx context.Context, park models.ID, creditCode string) (found *Enterprise, err error) {
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		found = nil
		var p Park
		if err := models.One(tx.Visible(policies.ParkRead, &p).Where("id = ?", park), &p); err != nil {
			return err
		}
		if err := tx.Covers(policies.SiteCreate, p.Owner()); err != nil {
			return err
		}
		e, err := s.coded(tx, creditCode)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		e.LegalRepresentative, e.Contact, e.Phone = "", "", ""
		found = &e
		return err
	})
	return found, err
}

// ended is the closed record of a credit code; nil when the code is free or stands.
func (s *Service) ended(tx *models.Tx, creditCode string) (*Enterprise, error) {
	e, err := s.coded(tx, creditCode)
	switch {
	case fault.Is(err, fault.NotFound), err == nil && e.ClosedOn == nil:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &e, nil
}

// again registers a firm whose record is closed: it lives in the park first, where one is
// named, so that who registers it there reaches it.
func again(tx *models.Tx, before Enterprise, e *Enterprise, id models.ID, park Park, at home) error {
	if id != "" {
		return keepsID()
	}
	if park.ID != "" {
		if err := at.settle(tx, park, before.ID); err != nil {
			return err
		}
	}
	e.Demo = before.Demo
	if e.Name != before.Name {
		if err := rename(tx, policies.EnterpriseCreate, before.ID, e.Name); err != nil {
			return err
		}
	}
	if err := called(tx, policies.EnterpriseCreate, before.ID, e); err != nil {
		return err
	}
	return update(tx, policies.EnterpriseCreate, &before, e, "")
}

// home is what is said of a residence when the firm is registered.
type home struct {
	process string
	unit    *TenancyInput
}

// settle lets the firm live in the park, if it does not yet.
func (h home) settle(tx *models.Tx, park Park, firm models.ID) error {
	var site Site
	err := models.One(tx.Visible(policies.SiteCreate, &site).Where("park_id = ? AND enterprise_id = ? AND closed_on IS NULL", park.ID, firm), &site)
	if fault.Is(err, fault.NotFound) {
		site = Site{ParkID: park.ID, Jurisdiction: park.Jurisdiction, EnterpriseID: &firm, Process: h.process}
		err = letIn(tx, &site, "")
	}
	if err != nil || h.unit == nil {
		return err
	}
	t, err := h.unit.Parse()
	if err != nil {
		return err
	}
	return addTenancy(tx, site, &t, "")
}

// letIn gives a firm its residence in a park: the one that it left, or a new one.
func letIn(tx *models.Tx, site *Site, id models.ID) error {
	var before Site
	err := models.One(tx.Visible(policies.SiteCreate, &before).Where("park_id = ? AND enterprise_id = ? AND closed_on IS NOT NULL", site.ParkID, *site.EnterpriseID), &before)
	switch {
	case fault.Is(err, fault.NotFound):
		return duplicate(create(tx, policies.SiteCreate, site, id), "这家企业在这个园区已经登记")
	case err != nil:
		return err
	case id != "":
		return keepsID()
	}
	if site.Demo = before.Demo; site.Process == "" {
		site.Process = before.Process
	}
	return update(tx, policies.SiteCreate, &before, site, "")
}

// keepsID refuses an id of the caller's for a row that has one.
func keepsID() error {
	return fault.New(fault.Conflict, "已经终止的登记恢复时沿用原来的编号，不带编号重新提交")
}

// called makes a firm found by every name that it had: papers go on naming it so.
func called(tx *models.Tx, perm policies.Permission, id models.ID, e *Enterprise) error {
	names := append([]string{e.Name, e.CreditCode}, e.Aliases...)
	var had []string
	if err := tx.Visible(perm, &EnterpriseName{}).Where("enterprise_id = ?", id).Order("id").Pluck("name", &had).Error; err != nil {
		return err
	}
	for _, name := range had {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	e.Search = searchText(names...)
	return nil
}

// RetractEnterprise takes a registration back that nobody has worked with, with the right
// that made it: a park may not close firms, and may take its own mistake back. A firm that
// lives anywhere stays.
func (s *Service) RetractEnterprise(ctx context.Context, id models.ID, version int64, in CloseInput) error {
	if err := policies.Require(ctx, policies.EnterpriseCreate); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *models.Tx) error {
		var homes int64
		all := policies.With(tx.Context(), s.db.Policy.Program("registry"))
		if err := s.db.Visible(all, policies.SiteRead, &Site{}).Where("enterprise_id = ? AND closed_on IS NULL", id).Count(&homes).Error; err != nil || homes > 0 {
			return err
		}
		_, err := closing[Enterprise](tx.Context(), s.db, policies.EnterpriseCreate, id, version, in)
		return err
	})
}

// RetractPermit is RetractEnterprise for a permit, which a firm may enter itself.
func (s *Service) RetractPermit(ctx context.Context, id models.ID, version int64, in CloseInput) error {
	_, err := closing[Permit](ctx, s.db, policies.PermitCreate, id, version, in)
	return err
}

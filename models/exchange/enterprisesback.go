package exchange

import (
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/grade"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// withdraw ends the residences that a file began, and closes the firms that it registered,
// unless they live elsewhere since. What was recorded about a firm in the park keeps it.
func (d enterpriseDoor) withdraw(tx *models.Tx, park models.ID, all []ledger.Left, why ledger.ReasonInput) (map[int]error, error) {
	kept := map[int]error{}
	for i, l := range all {
		if err := keeps(kept, i, d.back(tx, park, l, why)); err != nil {
			return nil, err
		}
	}
	return kept, nil
}

func (d enterpriseDoor) back(tx *models.Tx, park models.ID, l ledger.Left, why ledger.ReasonInput) error {
	var site registry.Site
	// By its own id where the row only let the firm in.
	err := models.One(tx.Visible(policies.SiteEnd, &site).Where("park_id = ? AND (id = ? OR enterprise_id = ?) AND closed_on IS NULL", park, l.ID, l.ID), &site)
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.Conflict, "企业已经迁出这个园区")
	}
	if err != nil {
		return err
	}
	used, err := d.used(tx, site.ID)
	if err != nil {
		return err
	}
	if used > 0 {
		return fault.New(fault.Conflict, "这家企业在园区已经有 {{.Count}} 条记录", "Count", used)
	}
	end := registry.CloseInput{Reason: why.Reason}
	if site.ID == l.ID {
		_, err = d.register.CloseSite(tx.Context(), l.ID, l.Version, end)
		return err
	}
	if err := d.given(tx, site, l); err != nil {
		return err
	}
	if _, err := d.register.CloseSite(tx.Context(), site.ID, site.Version, end); err != nil {
		return err
	}
	return d.register.RetractEnterprise(tx.Context(), l.ID, l.Version, end)
}

// used is how much stands of a firm in a park: permits, works, outlets, shut-downs, entries,
// patrols, findings.
func (d enterpriseDoor) used(tx *models.Tx, site models.ID) (all int64, err error) {
	for _, k := range []struct {
		perm policies.Permission
		of   models.Scoped
		open string
	}{{policies.PermitRead, &registry.Permit{}, "closed_on IS NULL"}, {policies.FacilityRead, &registry.Facility{}, "closed_on IS NULL"}, {policies.FacilityRead, &registry.Outlet{}, "closed_on IS NULL"},
		{policies.ShutdownRead, &registry.Shutdown{}, "closed_on IS NULL"}, {policies.LedgerRead, &ledger.Entry{}, "state <> 'voided'"},
		{policies.PatrolRead, &inspection.Patrol{}, "site_id IS NOT NULL"}, {policies.FindingRead, &inspection.Finding{}, "state <> 'withdrawn'"}} {
		var n int64
		if err := tx.Visible(k.perm, k.of).Where("site_id = ? AND "+k.open, site).Count(&n).Error; err != nil {
			return 0, err
		}
		all += n
	}
	return all, nil
}

// given refuses to close a firm that lives nowhere else and was given something since it
// was registered: accounts, a request for one, grades. Who undoes need not see them. What
// a firm had before its record was closed and opened again keeps nothing.
func (d enterpriseDoor) given(tx *models.Tx, home registry.Site, l ledger.Left) error {
	ctx := policies.With(tx.Context(), d.db.Policy.Program("exchange"))
	var firm registry.Enterprise
	if err := models.One(d.db.Visible(ctx, policies.EnterpriseRead, &firm).Where("id = ?", l.ID), &firm); err != nil {
		return err
	}
	count := func(perm policies.Permission, of models.Scoped, where string, args ...any) (n int64, err error) {
		return n, d.db.Visible(ctx, perm, of).Where("enterprise_id = ?", l.ID).Where(where, args...).Count(&n).Error
	}
	if homes, err := count(policies.SiteRead, &registry.Site{}, "closed_on IS NULL AND id <> ?", home.ID); err != nil || homes > 0 {
		return err
	}
	for _, k := range []struct {
		said, where string
		perm        policies.Permission
		of          models.Scoped
		args        []any
	}{
		{"导入之后为这家企业开通了 {{.Count}} 个账号的权限，收回以后再撤销", "created_at >= ? AND (ends_on IS NULL OR ends_on >= ?)", policies.AssignmentRead, &account.Assignment{}, []any{tx.Today()}},
		{"导入之后为这家企业申请了 {{.Count}} 个账号，还没有办理", "created_at >= ? AND state = ?", policies.UserRead, &account.Request{}, []any{account.Requested}},
		{"导入之后这家企业有 {{.Count}} 项评级", "created_at >= ?", policies.GradeRead, &grade.Grade{}, nil},
	} {
		n, err := count(k.perm, k.of, k.where, append([]any{firm.UpdatedAt}, k.args...)...)
		switch {
		case err != nil:
			return err
		case n > 0:
			return fault.New(fault.Conflict, k.said, "Count", n)
		}
	}
	return nil
}

func (d enterpriseDoor) kept(count int) fault.Text {
	return fault.T("{{.Count}} 家企业在导入之后又办理过，整批没有撤销；这些单独处理", "Count", count)
}

package web

import (
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// permitFields are what is entered of a permit itself, with what is registered of it.
func permitFields(v *visit, x registry.Permit) []formField {
	in := x.Input()
	return []formField{standing(need(text("number", fault.T("编号，22 位"))), in.Number), standing(need(pick("kind", fault.T("种类"), choices(v, permitKinds(), permitKindName))), in.Kind),
		standing(need(pick("class", fault.T("管理类别"), choices(v, permitClasses()[:3], registry.PermitClassName))), in.Class),
		standing(need(pick("state", fault.T("状态"), choices(v, []string{"issued", "registered", "applied", "changed", "withdrawn", "cancelled"}, registry.PermitStandingName))), in.State),
		standing(need(day("issuedOn", fault.T("发证日期"))), in.IssuedOn), standing(day("validTo", fault.T("有效期至，不填为发证满 5 年的前一日")), in.ValidTo), standing(need(text("authority", fault.T("发证机关"))), in.Authority)}
}

// permitPage is one permit, with what it allows and asks for line by line.
func (p *Pages) permitPage(v *visit) (page recordPage, err error) {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return page, fault.Absent()
	}
	x, err := p.options.Registry.Permit(v.ctx, id)
	if err != nil {
		return page, err
	}
	if page, err = p.recordOf(v, x.Number, x.Placed); err != nil {
		return page, err
	}
	page.List = tabLink{Name: fault.T("企业名录"), Path: string(tierOf(v.actor)) + "/firms"}
	page.Kind = permitKindName(x.Kind)
	page.says(fault.T("管理类别"), say(v, registry.PermitClassName(x.Class)))
	page.says(fault.T("发证日期"), string(x.IssuedOn))
	page.says(fault.T("有效期至"), string(x.ValidTo))
	page.says(fault.T("发证机关"), x.Authority)
	page.stands(x.ClosedOn, x.ClosedReason)
	if standing := x.Standing(p.options.Today()); x.ClosedOn == nil {
		page.Name, page.Mark = registry.PermitStandingName(standing), permitBand(standing)
	}
	lines := p.permitLists(v, x)
	for _, l := range lines {
		page.Tables = append(page.Tables, l.table)
	}
	if x.ClosedOn != nil {
		return page, nil
	}
	page.Choices = pollutantChoices(v.lang, nil)
	offer := func(perm policies.Permission, move string, name fault.Text, fields ...formField) {
		page.offer(v, perm, x.Placed, "/permit/"+string(x.ID), x.Version, move, name, fields...)
	}
	offer(policies.PermitUpdate, "change", fault.T("变更或者延续许可证"), permitFields(v, x)...)
	var standing []option
	for _, l := range lines {
		offer(policies.PermitUpdate, l.move, l.enter, l.fields...)
		standing = append(standing, l.rows...)
	}
	if len(standing) > 0 {
		offer(policies.PermitUpdate, "remove", fault.T("删去许可证的一项内容"), formField{Name: "row", Label: fault.T("哪一项"), Kind: "select", Required: true, Options: standing})
	}
	offer(policies.PermitClose, "closing", fault.T("终止许可证"), closingFields()...)
	return page, nil
}

// movePermit does what a form of the page of a permit says.
func (p *Pages) movePermit(v *visit) error {
	return p.moveRecord(v, p.permitPage, func(_ recordPage, move string, version int64) (string, error) {
		reg, id := p.options.Registry, models.ID(v.c.Param("id"))
		at := "/permit/" + string(id)
		if move == "closing" {
			_, err := reg.ClosePermit(v.ctx, id, version, registry.CloseInput{On: v.field("on"), Reason: v.field("reason")})
			return at, err
		}
		say, known := permitSaid(v, move)
		if !known {
			return "", fault.Absent()
		}
		_, err := reg.UpdatePermit(v.ctx, id, version, say)
		return at, err
	})
}

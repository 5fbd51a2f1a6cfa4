package web

import (
	"net/http"
	"strconv"

	"parkregistry/internal/fault"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// firmFields are what is entered of a firm, with what is registered of it. The telephone
// is not among what stands: it is shown masked, and whole only with a record of who looked.
func firmFields(v *visit, e registry.Enterprise) []formField {
	in := e.Input()
	discharges := standing(formField{Name: "discharges", Label: fault.T("是排污单位"), Kind: "check"}, "")
	if in.Discharges {
		discharges.Value = "true"
	}
	return []formField{standing(need(text("name", fault.T("企业名称"))), in.Name), standing(text("aliases", fault.T("简称、曾用名，多个用顿号隔开")), joined(in.Aliases)),
		standing(need(text("industries", fault.T("行业代码，4 位；多个用顿号或者空格隔开，第一个为主行业"))), joined(in.Industries)),
		standing(need(pick("permitClass", fault.T("许可管理类别"), choices(v, permitClasses(), registry.PermitClassName))), in.PermitClass),
		standing(pick("riskLevel", fault.T("环境风险等级"), choices(v, []string{"general", "larger", "major"}, riskName)), in.RiskLevel),
		standing(text("keyYears", fault.T("列入重点排污单位名录的年份，多个用顿号隔开")), yearsText(in.KeyYears)), discharges,
		standing(need(text("legalRepresentative", fault.T("法定代表人"))), in.LegalRepresentative), standing(need(text("contact", fault.T("环保联系人"))), in.Contact), text("phone", fault.T("联系电话，不变不填"))}
}

func yearsText(all []int) string {
	texts := make([]string, len(all))
	for i, y := range all {
		texts[i] = strconv.Itoa(y)
	}
	return joined(texts)
}

// firmSaid is a firm as the form says it.
func firmSaid(v *visit, in registry.EnterpriseInput) (registry.EnterpriseInput, error) {
	var c fault.Check
	f := v.field
	in.Name, in.Aliases, in.Industries, in.PermitClass, in.RiskLevel = f("name"), namesIn(f("aliases")), listed(f("industries")), f("permitClass"), f("riskLevel")
	in.Discharges, in.LegalRepresentative, in.Contact, in.KeyYears = f("discharges") == "true", f("legalRepresentative"), f("contact"), nil
	for _, typed := range listed(f("keyYears")) {
		year, err := strconv.Atoi(typed)
		if err != nil {
			c.Fail("/keyYears", "type", "应当是整数")
			break
		}
		in.KeyYears = append(in.KeyYears, year)
	}
	keep(&in.Phone, f("phone"))
	return in, c.Err()
}

// firmForms are what may be done about the register of a firm itself.
func firmForms(v *visit, e registry.Enterprise) (forms []moveForm) {
	if e.ClosedOn != nil {
		return nil
	}
	add := func(perm policies.Permission, move string, name fault.Text, fields []formField) {
		if v.may(perm) {
			form := newMove(v, "/firm/"+string(e.ID), move, name, fields)
			form.Hidden = versionOf(e.Version)
			forms = append(forms, form)
		}
	}
	add(policies.EnterpriseUpdate, "change", fault.T("更正企业信息"), firmFields(v, e))
	add(policies.EnterpriseClose, "closing", fault.T("终止企业登记"), closingFields())
	return forms
}

// showContact shows the whole telephone on the answer, which leaves a record of who looked;
// no address shows it again.
func (p *Pages) showContact(v *visit, page firmPage) error {
	e, err := p.options.Registry.Contact(v.ctx, page.Firm.Enterprise.ID)
	if err != nil {
		return err
	}
	page.Phone, page.Asks = e.Phone, false
	return p.show(v, http.StatusOK, "firm.html", page)
}

// changeFirm does what such a form says.
func (p *Pages) changeFirm(v *visit, e registry.Enterprise, move string) error {
	version, err := v.version()
	if err != nil {
		return err
	}
	if err := strayed(v, firmForms(v, e), move); err != nil {
		return err
	}
	if move == "closing" {
		_, err = p.options.Registry.CloseEnterprise(v.ctx, e.ID, version, registry.CloseInput{On: v.field("on"), Reason: v.field("reason")})
		return err
	}
	_, err = p.options.Registry.UpdateEnterprise(v.ctx, e.ID, version, func(in registry.EnterpriseInput) (registry.EnterpriseInput, error) { return firmSaid(v, in) })
	return err
}

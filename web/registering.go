package web

import (
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// text, need and pick are fields that forms of the register share.
func text(name string, label fault.Text) formField {
	return formField{Name: name, Label: label, Kind: "text"}
}

func need(f formField) formField {
	f.Required = true
	return f
}

func pick(name string, label fault.Text, options []option) formField {
	f := formField{Name: name, Label: label, Kind: "select", Options: options}
	if len(options) == 1 {
		f.Value = options[0].Value
	}
	return f
}

// choices are options with a name for each value.
func choices(v *visit, values []string, name func(string) fault.Text) (all []option) {
	for _, x := range values {
		all = append(all, option{Value: x, Name: say(v, name(x))})
	}
	return all
}

// firmsForms are what may be registered beside the roster: a firm, and the residence of a
// firm that is registered already.
func firmsForms(v *visit, parks []option) (forms []moveForm) {
	park := need(pick("parkId", fault.T("园区"), parks))
	if v.may(policies.EnterpriseCreate) {
		where := pick("parkId", fault.T("入驻的园区"), parks)
		where.Required = tierOf(v.actor) == parkTier
		forms = append(forms, newMove(v, "/firms", "enterprise", fault.T("登记企业"), []formField{need(text("creditCode", fault.T("统一社会信用代码，18 位"))), need(text("name", fault.T("企业名称"))),
			where, need(text("industries", fault.T("行业代码，4 位；多个用顿号或者空格隔开，第一个为主行业"))),
			need(pick("permitClass", fault.T("许可管理类别"), choices(v, permitClasses(), registry.PermitClassName))), pick("riskLevel", fault.T("环境风险等级"), choices(v, []string{"general", "larger", "major"}, riskName)),
			{Name: "discharges", Label: fault.T("是排污单位"), Kind: "check"}, need(text("legalRepresentative", fault.T("法定代表人"))), need(text("contact", fault.T("环保联系人"))), text("phone", fault.T("联系电话"))}))
	}
	if v.may(policies.SiteCreate) {
		forms = append(forms, newMove(v, "/firms", "site", fault.T("登记入驻"), []formField{park, need(text("creditCode", fault.T("统一社会信用代码，18 位"))), text("process", fault.T("生产工艺")),
			text("building", fault.T("楼栋")), text("unit", fault.T("单元、楼层或者房号")), text("areaM2", fault.T("面积，m²")), {Name: "from", Label: fault.T("入驻日期"), Kind: "date"}}))
	}
	return forms
}

// workForm registers a facility: the park's own, or that of a firm at one of its sites.
func workForm(v *visit, action string, parks, sites []option) []moveForm {
	if !v.may(policies.FacilityCreate) {
		return nil
	}
	where := need(pick("parkId", fault.T("园区"), parks))
	if sites != nil {
		where = need(pick("siteId", fault.T("场所"), sites))
	}
	name := fault.T("登记园区自有设施")
	if sites != nil {
		name = fault.T("登记设施")
	}
	form := newMove(v, action, "facility", name, append([]formField{where}, workFields(v, registry.Facility{InUse: true})...))
	form.Aside = sites == nil
	return []moveForm{form}
}

// sentID is the id that a field of the form names, "" for none; what is no id names nothing.
func (v *visit) sentID(field string) (models.ID, error) {
	raw := v.field(field)
	if raw == "" {
		return "", nil
	}
	id, err := models.ParseID(raw)
	if err != nil {
		return "", fault.Absent()
	}
	return id, nil
}

func riskName(level string) fault.Text { return registry.Enterprise{RiskLevel: level}.RiskName() }

// listed are the parts of a text between commas and spaces of either kind.
func listed(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("、，, ;；\n\t", r) })
}

// namesIn are the names of a text between commas, which may have spaces in them.
func namesIn(s string) (all []string) {
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("、，,;；\n", r) }) {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// registerFirm registers what the form of the address says and shows the firm; what was
// refused is told in the form.
func (p *Pages) registerFirm(v *visit) error {
	f, move := v.field, v.c.Param("move")
	var firm models.ID
	park, err := v.sentID("parkId")
	if err != nil {
		return err
	}
	switch move {
	case "enterprise":
		in := registry.EnterpriseInput{CreditCode: f("creditCode"), Name: f("name"), Industries: listed(f("industries")), PermitClass: f("permitClass"), RiskLevel: f("riskLevel"),
			Discharges: f("discharges") == "true", LegalRepresentative: f("legalRepresentative"), Contact: f("contact"), Phone: f("phone")}
		var e registry.Enterprise
		e, err = p.options.Registry.CreateEnterprise(v.ctx, "", in, park)
		firm = e.ID
	case "site":
		in := registry.SiteInput{ParkID: f("parkId"), CreditCode: f("creditCode"), Process: f("process")}
		if f("building")+f("unit")+f("areaM2")+f("from") != "" {
			in.Tenancy = &registry.TenancyInput{Building: f("building"), Unit: f("unit"), AreaM2: f("areaM2"), From: f("from")}
		}
		var s registry.Site
		s, err = p.options.Registry.CreateSite(v.ctx, "", in)
		firm = models.Deref(s.EnterpriseID)
	default:
		return fault.Absent()
	}
	if err == nil {
		v.to("/firm/" + string(firm))
		return nil
	}
	told, here := p.told(v, err)
	if !here {
		return err
	}
	page, err := p.firmsOf(v, string(tierOf(v.actor))+"/firms")
	if err != nil {
		return err
	}
	page.Failure, page.Shell.Failed = told.without("/tenancy"), true
	page.Kept = p.refused(v, page.Forms, move, nil, page.Failure)
	return p.show(v, told.Status, "firms.html", page)
}

// without is the failure with what stands below a pointer beside the rest: a form has one
// level of fields.
func (f Failure) without(pointer string) Failure {
	flat := f
	flat.Errors = nil
	for _, e := range f.Errors {
		e.Pointer = strings.TrimPrefix(e.Pointer, pointer)
		flat.Errors = append(flat.Errors, e)
	}
	return flat
}

// facilitySent registers the facility that a form says.
func (p *Pages) facilitySent(v *visit, park, site models.ID) error {
	in, err := facilitySaid(v, registry.FacilityInput{ParkID: string(park), SiteID: string(site)})
	if err != nil {
		return err
	}
	_, err = p.options.Registry.CreateFacility(v.ctx, "", in)
	return err
}

// registerWork registers a facility of a park's own and shows those of the park.
func (p *Pages) registerWork(v *visit) error {
	base := string(tierOf(v.actor)) + "/facilities"
	park, err := v.sentID("parkId")
	if err != nil {
		return err
	}
	if err = p.facilitySent(v, park, ""); err == nil {
		v.to(base + "?parkId=" + string(park))
		return nil
	}
	told, here := p.told(v, err)
	if !here {
		return err
	}
	page, err := p.worksOf(v, base)
	if err != nil {
		return err
	}
	page.Failure, page.Shell.Failed = told, true
	page.Kept = p.refused(v, page.Forms, "facility", nil, told)
	return p.show(v, told.Status, "works.html", page)
}

// registerFirmWork registers a facility of a firm at one of its sites.
func (p *Pages) registerFirmWork(v *visit, page firmPage) error {
	site, err := v.sentID("siteId")
	if err != nil {
		return err
	}
	for _, l := range page.Sites {
		if l.Site.ID == site {
			return p.facilitySent(v, l.ParkID, site)
		}
	}
	var c fault.Check
	c.Required("/siteId", "")
	return c.Err()
}

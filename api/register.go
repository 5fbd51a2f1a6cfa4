package api

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/registry"
)

type enterpriseView struct {
	Stamp
	CreditCode          string   `json:"creditCode"`
	Name                string   `json:"name"`
	Aliases             []string `json:"aliases"`
	Industries          []string `json:"industries" doc:"GB/T 4754-2017，第一个为主行业"`
	PermitClass         string   `json:"permitClass"`
	RiskLevel           string   `json:"riskLevel"`
	KeyYears            []int    `json:"keyYears"`
	Discharges          bool     `json:"discharges"`
	LegalRepresentative string   `json:"legalRepresentative"`
	Contact             string   `json:"contact"`
	Phone               string   `json:"phone" doc:"已遮盖；完整号码见 /enterprises/{id}/contact"`
}

func enterpriseOf(e registry.Enterprise) enterpriseView {
	return enterpriseView{stampOf(e.Versioned, e.Closing, e.Demo), e.CreditCode, e.Name, list0(e.Aliases), list0(e.Industries), e.PermitClass, e.RiskLevel,
		list0(e.KeyYears.V), e.Discharges, e.LegalRepresentative, e.Contact, code.MaskPhone(e.Phone)}
}

type listEnterprisesInput struct {
	ListParams
	Sort        string `query:"sort" enum:"name,-name,creditCode,-creditCode" doc:"排序，名称按拼音"`
	Q           string `query:"q" maxLength:"100" doc:"名称、别名、代码或者拼音首字母的一部分"`
	ParkID      string `query:"parkId" format:"uuid"`
	Industry    string `query:"industry" maxLength:"4"`
	PermitClass string `query:"permitClass" enum:"key,simplified,registration,none"`
	CreditCode  string `query:"creditCode" maxLength:"18"`
}

func (h registryAPI) listEnterprises(ctx context.Context, in *listEnterprisesInput) (*list[enterpriseView], error) {
	f := registry.EnterpriseFilter{Q: in.Q, ParkID: in.ParkID, Industry: in.Industry, PermitClass: in.PermitClass, CreditCode: in.CreditCode}
	page, err := h.svc.Enterprises(ctx, f, in.query(in.Sort, map[string]string{"r": "enterprises", "q": in.Q, "p": in.ParkID, "i": in.Industry, "c": in.PermitClass, "k": in.CreditCode}))
	return listOf(page, enterpriseOf), err
}

func (h registryAPI) getEnterprise(ctx context.Context, in *IDParam) (*one[enterpriseView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	e, err := h.svc.Enterprise(ctx, id)
	return &one[enterpriseView]{etag(e.ID, e.Version), enterpriseOf(e)}, err
}

type newEnterprise struct {
	NewID
	ParkID string `json:"parkId,omitempty" format:"uuid" doc:"入驻的园区；园区管理机构必填"`
	registry.EnterpriseInput
}

func (h registryAPI) createEnterprise(ctx context.Context, in *Payload[newEnterprise]) (*one[enterpriseView], error) {
	e, err := h.svc.CreateEnterprise(ctx, in.Body.id(), in.Body.EnterpriseInput, models.ID(in.Body.ParkID))
	return answer(e.ID, e.Version, enterpriseOf(e)), err
}

func (h registryAPI) updateEnterprise(ctx context.Context, in *patchInput[registry.EnterpriseInput]) (*one[enterpriseView], error) {
	return change(ctx, in, h.svc.UpdateEnterprise, func(e registry.Enterprise) *one[enterpriseView] { return answer(e.ID, e.Version, enterpriseOf(e)) })
}

func (h registryAPI) closeEnterprise(ctx context.Context, in *closeInput) (*one[enterpriseView], error) {
	return end(ctx, in, h.svc.CloseEnterprise, func(e registry.Enterprise) *one[enterpriseView] { return answer(e.ID, e.Version, enterpriseOf(e)) })
}

type contactView struct {
	Contact string `json:"contact"`
	Phone   string `json:"phone" doc:"完整号码；每次查看都有留痕"`
}

func (h registryAPI) enterpriseContact(ctx context.Context, in *IDParam) (*one[contactView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	e, err := h.svc.Contact(ctx, id)
	return &one[contactView]{etag(e.ID, e.Version), contactView{e.Contact, e.Phone}}, err
}

type nameView struct {
	Name  string    `json:"name"`
	From  code.Day  `json:"from"`
	Until *code.Day `json:"until" nullable:"true"`
}

func (h registryAPI) enterpriseNames(ctx context.Context, in *IDParam) (*list[nameView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	all, err := h.svc.EnterpriseNames(ctx, id)
	return listOf(models.Page[registry.EnterpriseName]{Items: all}, func(n registry.EnterpriseName) nameView { return nameView{n.Name, n.FromOn, n.UntilOn} }), err
}

type PlaceView struct {
	ParkID       models.ID  `json:"parkId"`
	SiteID       *models.ID `json:"siteId" nullable:"true" doc:"园区自有为 null"`
	EnterpriseID *models.ID `json:"enterpriseId" nullable:"true"`
	Jurisdiction *string    `json:"jurisdiction" nullable:"true"`
}

func placeView0(p models.Placed) PlaceView {
	return PlaceView{p.ParkID, p.SiteID, p.EnterpriseID, p.Jurisdiction}
}

type siteView struct {
	Stamp
	ParkID       models.ID  `json:"parkId"`
	EnterpriseID *models.ID `json:"enterpriseId"`
	Jurisdiction *string    `json:"jurisdiction" nullable:"true"`
	Process      string     `json:"process"`
}

func siteOf(s registry.Site) siteView {
	return siteView{stampOf(s.Versioned, s.Closing, s.Demo), s.ParkID, s.EnterpriseID, s.Jurisdiction, s.Process}
}

type listSitesInput struct {
	ListParams
	Sort         string `query:"sort" enum:"createdAt,-createdAt"`
	ParkID       string `query:"parkId" format:"uuid"`
	EnterpriseID string `query:"enterpriseId" format:"uuid"`
	Jurisdiction string `query:"jurisdiction" maxLength:"40"`
}

func (h registryAPI) listSites(ctx context.Context, in *listSitesInput) (*list[siteView], error) {
	f := registry.SiteFilter{ParkID: in.ParkID, EnterpriseID: in.EnterpriseID, Jurisdiction: in.Jurisdiction}
	page, err := h.svc.Sites(ctx, f, in.query(in.Sort, map[string]string{"r": "sites", "p": in.ParkID, "e": in.EnterpriseID, "j": in.Jurisdiction}))
	return listOf(page, siteOf), err
}

func (h registryAPI) getSite(ctx context.Context, in *IDParam) (*one[siteView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	s, err := h.svc.Site(ctx, id)
	return &one[siteView]{etag(s.ID, s.Version), siteOf(s)}, err
}

type newSite struct {
	NewID
	registry.SiteInput
}

func (h registryAPI) createSite(ctx context.Context, in *Payload[newSite]) (*one[siteView], error) {
	s, err := h.svc.CreateSite(ctx, in.Body.id(), in.Body.SiteInput)
	return answer(s.ID, s.Version, siteOf(s)), err
}

func (h registryAPI) closeSite(ctx context.Context, in *closeInput) (*one[siteView], error) {
	return end(ctx, in, h.svc.CloseSite, func(s registry.Site) *one[siteView] { return answer(s.ID, s.Version, siteOf(s)) })
}

type tenancyView struct {
	Warned
	ID        models.ID `json:"id"`
	Version   int64     `json:"version"`
	Building  string    `json:"building"`
	Unit      string    `json:"unit"`
	AreaM2    string    `json:"areaM2"`
	Purpose   string    `json:"purpose"`
	From      code.Day  `json:"from"`
	To        *code.Day `json:"to" nullable:"true" doc:"迁出日期，在驻为 null"`
	EndReason string    `json:"endReason,omitempty"`
	PlaceView
}

func tenancyOf(t registry.Tenancy) tenancyView {
	return tenancyView{Warned{}, t.ID, t.Version, t.Building, t.Unit, t.AreaM2, t.Purpose, t.FromOn, t.ToOn, t.EndReason, placeView0(t.Placed)}
}

func (h registryAPI) listTenancies(ctx context.Context, in *IDParam) (*list[tenancyView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	all, err := h.svc.Tenancies(ctx, id)
	return listOf(models.Page[registry.Tenancy]{Items: all}, tenancyOf), err
}

type newTenancy struct {
	NewID
	registry.TenancyInput
}

type createTenancyInput struct {
	IDParam
	Payload[newTenancy]
}

func (h registryAPI) createTenancy(ctx context.Context, in *createTenancyInput) (*one[tenancyView], error) {
	site, err := in.IDParam.id()
	if err != nil {
		return nil, err
	}
	t, err := h.svc.AddTenancy(ctx, site, in.Body.id(), in.Body.TenancyInput)
	return answer(t.ID, t.Version, tenancyOf(t)), err
}

type endTenancyInput struct {
	IDParam
	Tenancy string `path:"tenancyId"`
	Payload[registry.EndInput]
}

func (h registryAPI) endTenancy(ctx context.Context, in *endTenancyInput) (*one[tenancyView], error) {
	site, err := in.IDParam.id()
	if err != nil {
		return nil, err
	}
	id, err := IDParam{models.ID(in.Tenancy)}.id()
	if err != nil {
		return nil, err
	}
	t, err := h.svc.EndTenancy(ctx, site, id, in.Body)
	return answer(t.ID, t.Version, tenancyOf(t)), err
}

type permitView struct {
	Stamp
	PlaceView
	Number      string                    `json:"number"`
	Kind        string                    `json:"kind"`
	Class       string                    `json:"class"`
	State       string                    `json:"state" doc:"renewal_due、expired 由日期推算"`
	IssuedOn    code.Day                  `json:"issuedOn"`
	ValidTo     code.Day                  `json:"validTo"`
	DaysLeft    int                       `json:"daysLeft" doc:"距有效期截止的天数，负数为已过期"`
	Authority   string                    `json:"authority"`
	Amounts     []registry.PermitAmount   `json:"amounts"`
	Limits      []registry.PermitLimit    `json:"limits"`
	LedgerRules []registry.LedgerRule     `json:"ledgerRules"`
	Monitoring  []registry.MonitoringRule `json:"monitoring"`
}

func (h registryAPI) permitOf(p registry.Permit) permitView {
	today := h.today()
	return permitView{stampOf(p.Versioned, p.Closing, p.Demo), placeView0(p.Placed), p.Number, p.Kind, p.Class, p.Standing(today), p.IssuedOn, p.ValidTo,
		p.ValidTo.Sub(today), p.Authority, list0(p.Amounts.V), list0(p.Limits.V), list0(p.LedgerRules.V), list0(p.Monitoring.V)}
}

type listPermitsInput struct {
	ListParams
	Sort         string `query:"sort" enum:"validTo,-validTo,issuedOn,-issuedOn"`
	ParkID       string `query:"parkId" format:"uuid"`
	EnterpriseID string `query:"enterpriseId" format:"uuid"`
	SiteID       string `query:"siteId" format:"uuid"`
	Number       string `query:"number" maxLength:"22"`
	Class        string `query:"class" enum:"key,simplified,registration"`
	From         string `query:"from" format:"date" doc:"有效期截止日不早于"`
	To           string `query:"to" format:"date" doc:"有效期截止日不晚于"`
}

func (h registryAPI) listPermits(ctx context.Context, in *listPermitsInput) (*list[permitView], error) {
	f := registry.PermitFilter{ParkID: in.ParkID, EnterpriseID: in.EnterpriseID, SiteID: in.SiteID, Number: in.Number, Class: in.Class, From: code.Day(in.From), To: code.Day(in.To)}
	page, err := h.svc.Permits(ctx, f, in.query(in.Sort, map[string]string{"r": "permits", "p": in.ParkID, "e": in.EnterpriseID, "s": in.SiteID, "n": in.Number, "c": in.Class, "f": in.From, "t": in.To}))
	return listOf(page, h.permitOf), err
}

func (h registryAPI) getPermit(ctx context.Context, in *IDParam) (*one[permitView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	p, err := h.svc.Permit(ctx, id)
	return &one[permitView]{etag(p.ID, p.Version), h.permitOf(p)}, err
}

type newPermit struct {
	NewID
	registry.PermitInput
}

func (h registryAPI) createPermit(ctx context.Context, in *Payload[newPermit]) (*one[permitView], error) {
	p, err := h.svc.CreatePermit(ctx, in.Body.id(), in.Body.PermitInput)
	return answer(p.ID, p.Version, h.permitOf(p)), err
}

func (h registryAPI) updatePermit(ctx context.Context, in *patchInput[registry.PermitInput]) (*one[permitView], error) {
	return change(ctx, in, h.svc.UpdatePermit, func(p registry.Permit) *one[permitView] { return answer(p.ID, p.Version, h.permitOf(p)) })
}

func (h registryAPI) closePermit(ctx context.Context, in *closeInput) (*one[permitView], error) {
	return end(ctx, in, h.svc.ClosePermit, func(p registry.Permit) *one[permitView] { return answer(p.ID, p.Version, h.permitOf(p)) })
}

package api

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/registry"
)

type shutdownView struct {
	Stamp
	PlaceView
	FacilityID *models.ID `json:"facilityId" nullable:"true" doc:"停运的设施；整个场所停产为 null"`
	From       code.Day   `json:"from" doc:"第一天，当天仍要记录"`
	To         *code.Day  `json:"to" nullable:"true" doc:"最后一天，当天仍要记录；还没有恢复为 null"`
	Reason     string     `json:"reason"`
}

func shutdownOf(s registry.Shutdown) shutdownView {
	return shutdownView{stampOf(s.Versioned, s.Closing, s.Demo), placeView0(s.Placed), s.FacilityID, s.FromOn, s.ToOn, s.Reason}
}

type listShutdownsInput struct {
	ListParams
	Sort         string `query:"sort" enum:"-from,from"`
	ParkID       string `query:"parkId" format:"uuid"`
	SiteID       string `query:"siteId" format:"uuid"`
	EnterpriseID string `query:"enterpriseId" format:"uuid"`
	FacilityID   string `query:"facilityId" format:"uuid"`
	From         string `query:"from" format:"date" doc:"停到这一天或者更晚的"`
	To           string `query:"to" format:"date" doc:"从这一天或者更早开始的"`
}

func (h registryAPI) listShutdowns(ctx context.Context, in *listShutdownsInput) (*list[shutdownView], error) {
	f := registry.ShutdownFilter{ParkID: in.ParkID, SiteID: in.SiteID, EnterpriseID: in.EnterpriseID, FacilityID: in.FacilityID, From: code.Day(in.From), To: code.Day(in.To)}
	page, err := h.svc.Shutdowns(ctx, f, in.query(in.Sort, map[string]string{"r": "shutdowns", "p": in.ParkID, "s": in.SiteID, "e": in.EnterpriseID, "f": in.FacilityID, "d": in.From, "t": in.To}))
	return listOf(page, shutdownOf), err
}

func (h registryAPI) getShutdown(ctx context.Context, in *IDParam) (*one[shutdownView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	s, err := h.svc.Shutdown(ctx, id)
	return &one[shutdownView]{etag(s.ID, s.Version), shutdownOf(s)}, err
}

type newShutdown struct {
	NewID
	registry.ShutdownInput
}

func (h registryAPI) createShutdown(ctx context.Context, in *Payload[newShutdown]) (*one[shutdownView], error) {
	s, err := h.svc.CreateShutdown(ctx, in.Body.id(), in.Body.ShutdownInput)
	return answer(s.ID, s.Version, shutdownOf(s)), err
}

type endShutdownInput struct {
	IDParam
	Payload[registry.ShutdownEnd]
}

func (h registryAPI) endShutdown(ctx context.Context, in *endShutdownInput) (*one[shutdownView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	s, err := h.svc.EndShutdown(ctx, id, in.Body)
	return answer(s.ID, s.Version, shutdownOf(s)), err
}

type withdrawShutdownInput struct {
	IDParam
	Payload[registry.ShutdownWithdrawal]
}

func (h registryAPI) withdrawShutdown(ctx context.Context, in *withdrawShutdownInput) (*one[shutdownView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	s, err := h.svc.WithdrawShutdown(ctx, id, in.Body)
	return answer(s.ID, s.Version, shutdownOf(s)), err
}

package api

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/registry"
)

type facilityView struct {
	Stamp
	PlaceView
	Code         string    `json:"code"`
	Kind         string    `json:"kind"`
	Name         string    `json:"name"`
	Medium       string    `json:"medium" doc:"water、air、solid、noise；生产设施为空"`
	Capacity     string    `json:"capacity"`
	CapacityUnit string    `json:"capacityUnit"`
	Process      string    `json:"process"`
	Supplier     string    `json:"supplier"`
	BuiltOn      *code.Day `json:"builtOn" nullable:"true"`
	InUse        bool      `json:"inUse"`
	Shifts       []string  `json:"shifts" doc:"每天的班次名称，按先后"`
	Operation    string    `json:"operation" doc:"continuous 连续运行，batch 间歇运行；没有登记为空"`
	CycleHours   *int      `json:"cycleHours" nullable:"true" doc:"生产或者运行周期，小时"`
}

func facilityOf(f registry.Facility) facilityView {
	return facilityView{stampOf(f.Versioned, f.Closing, f.Demo), placeView0(f.Placed), f.Code, f.Kind, f.Name, f.Medium, f.Capacity, f.CapacityUnit, f.Process, f.Supplier, f.BuiltOn, f.InUse,
		list0(f.Shifts), f.Operation, f.CycleHours}
}

type FacilityFilter struct {
	ParkID       string `query:"parkId" format:"uuid"`
	SiteID       string `query:"siteId" format:"uuid"`
	EnterpriseID string `query:"enterpriseId" format:"uuid"`
	Kind         string `query:"kind" maxLength:"20"`
}

func (f FacilityFilter) filter() registry.FacilityFilter {
	return registry.FacilityFilter{ParkID: f.ParkID, SiteID: f.SiteID, EnterpriseID: f.EnterpriseID, Kind: f.Kind}
}

func (f FacilityFilter) binding(resource string) map[string]string {
	return map[string]string{"r": resource, "p": f.ParkID, "s": f.SiteID, "e": f.EnterpriseID, "k": f.Kind}
}

type listFacilitiesInput struct {
	ListParams
	FacilityFilter
	Sort string `query:"sort" enum:"code,-code,name"`
	Code string `query:"code" maxLength:"10"`
}

func (h registryAPI) listFacilities(ctx context.Context, in *listFacilitiesInput) (*list[facilityView], error) {
	f, b := in.filter(), in.binding("facilities")
	f.Code, b["c"] = in.Code, in.Code
	page, err := h.svc.Facilities(ctx, f, in.query(in.Sort, b))
	return listOf(page, facilityOf), err
}

func (h registryAPI) getFacility(ctx context.Context, in *IDParam) (*one[facilityView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	f, err := h.svc.Facility(ctx, id)
	return &one[facilityView]{etag(f.ID, f.Version), facilityOf(f)}, err
}

type newFacility struct {
	NewID
	registry.FacilityInput
}

func (h registryAPI) createFacility(ctx context.Context, in *Payload[newFacility]) (*one[facilityView], error) {
	f, err := h.svc.CreateFacility(ctx, in.Body.id(), in.Body.FacilityInput)
	return answer(f.ID, f.Version, facilityOf(f)), err
}

func (h registryAPI) updateFacility(ctx context.Context, in *patchInput[registry.FacilityInput]) (*one[facilityView], error) {
	return change(ctx, in, h.svc.UpdateFacility, func(f registry.Facility) *one[facilityView] { return answer(f.ID, f.Version, facilityOf(f)) })
}

func (h registryAPI) closeFacility(ctx context.Context, in *closeInput) (*one[facilityView], error) {
	return end(ctx, in, h.svc.CloseFacility, func(f registry.Facility) *one[facilityView] { return answer(f.ID, f.Version, facilityOf(f)) })
}

type outletView struct {
	Stamp
	PlaceView
	FacilityID     *models.ID `json:"facilityId" nullable:"true"`
	Code           string     `json:"code"`
	Kind           string     `json:"kind"`
	Name           string     `json:"name"`
	Regime         string     `json:"regime" doc:"direct 直接排放，indirect 间接排放"`
	Destination    string     `json:"destination"`
	ReceivingPlant string     `json:"receivingPlant"`
	ReceivingWater string     `json:"receivingWater"`
	Longitude      string     `json:"longitude"`
	Latitude       string     `json:"latitude"`
	Datum          string     `json:"datum"`
	Receiver       string     `json:"receiver" doc:"间接排放的受纳方：municipal、park；空为 municipal"`
	WaterClass     string     `json:"waterClass" doc:"受纳水体的水质类别（GB 3838）"`
	Production     []string   `json:"production" doc:"生产类别"`
	Standards      []string   `json:"standards" doc:"批复指明的行业标准；空为按生产类别"`
	EIANumber      string     `json:"eiaNumber" doc:"决定执行标准的环评批复文号"`
	EIAApprovedOn  *code.Day  `json:"eiaApprovedOn" nullable:"true" format:"date"`
	SpecialLimits  bool       `json:"specialLimits" doc:"是否在执行特别排放限值的区域"`
}

func outletOf(o registry.Outlet) outletView {
	return outletView{stampOf(o.Versioned, o.Closing, o.Demo), placeView0(o.Placed), o.FacilityID, o.Code, o.Kind, o.Name, o.Regime, o.Destination, o.ReceivingPlant, o.ReceivingWater, o.Longitude, o.Latitude, o.Datum,
		o.Receiver, o.WaterClass, list0(o.Production), list0(o.Standards), o.EIANumber, o.EIAApprovedOn, o.SpecialLimits}
}

type listOutletsInput struct {
	ListParams
	FacilityFilter
	Sort       string `query:"sort" enum:"code,-code"`
	FacilityID string `query:"facilityId" format:"uuid"`
}

func (h registryAPI) listOutlets(ctx context.Context, in *listOutletsInput) (*list[outletView], error) {
	f, b := in.filter(), in.binding("outlets")
	f.FacilityID, b["f"] = in.FacilityID, in.FacilityID
	page, err := h.svc.Outlets(ctx, f, in.query(in.Sort, b))
	return listOf(page, outletOf), err
}

// facilityOutlets lists the outlets behind one facility.
func (h registryAPI) facilityOutlets(ctx context.Context, in *IDParam) (*list[outletView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	if _, err := h.svc.Facility(ctx, id); err != nil {
		return nil, err
	}
	page, err := h.svc.Outlets(ctx, registry.FacilityFilter{FacilityID: string(id)}, models.Query{Limit: 200})
	return listOf(page, outletOf), err
}

func (h registryAPI) getOutlet(ctx context.Context, in *IDParam) (*one[outletView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	o, err := h.svc.Outlet(ctx, id)
	return &one[outletView]{etag(o.ID, o.Version), outletOf(o)}, err
}

type newOutlet struct {
	NewID
	registry.OutletInput
}

func (h registryAPI) createOutlet(ctx context.Context, in *Payload[newOutlet]) (*one[outletView], error) {
	o, err := h.svc.CreateOutlet(ctx, in.Body.id(), in.Body.OutletInput)
	return answer(o.ID, o.Version, outletOf(o)), err
}

func (h registryAPI) updateOutlet(ctx context.Context, in *patchInput[registry.OutletInput]) (*one[outletView], error) {
	return change(ctx, in, h.svc.UpdateOutlet, func(o registry.Outlet) *one[outletView] { return answer(o.ID, o.Version, outletOf(o)) })
}

func (h registryAPI) closeOutlet(ctx context.Context, in *closeInput) (*one[outletView], error) {
	return end(ctx, in, h.svc.CloseOutlet, func(o registry.Outlet) *one[outletView] { return answer(o.ID, o.Version, outletOf(o)) })
}

type streamView struct {
	Stamp
	PlaceView
	FacilityID *models.ID `json:"facilityId" nullable:"true"`
	Name       string     `json:"name"`
	Kind       string     `json:"kind"`
	ClassOne   bool       `json:"classOne" doc:"含第一类污染物"`
	VolumeM3d  string     `json:"volumeM3d" doc:"m³/d"`
}

func streamOf(s registry.Stream) streamView {
	return streamView{stampOf(s.Versioned, s.Closing, s.Demo), placeView0(s.Placed), s.FacilityID, s.Name, s.Kind, s.ClassOne, s.VolumeM3d}
}

type listStreamsInput struct {
	ListParams
	FacilityFilter
	Sort string `query:"sort" enum:"name"`
}

func (h registryAPI) listStreams(ctx context.Context, in *listStreamsInput) (*list[streamView], error) {
	page, err := h.svc.Streams(ctx, in.filter(), in.query(in.Sort, in.binding("streams")))
	return listOf(page, streamOf), err
}

func (h registryAPI) getStream(ctx context.Context, in *IDParam) (*one[streamView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	s, err := h.svc.Stream(ctx, id)
	return &one[streamView]{etag(s.ID, s.Version), streamOf(s)}, err
}

type newStream struct {
	NewID
	registry.StreamInput
}

func (h registryAPI) createStream(ctx context.Context, in *Payload[newStream]) (*one[streamView], error) {
	s, err := h.svc.CreateStream(ctx, in.Body.id(), in.Body.StreamInput)
	return answer(s.ID, s.Version, streamOf(s)), err
}

func (h registryAPI) updateStream(ctx context.Context, in *patchInput[registry.StreamInput]) (*one[streamView], error) {
	return change(ctx, in, h.svc.UpdateStream, func(s registry.Stream) *one[streamView] { return answer(s.ID, s.Version, streamOf(s)) })
}

func (h registryAPI) closeStream(ctx context.Context, in *closeInput) (*one[streamView], error) {
	return end(ctx, in, h.svc.CloseStream, func(s registry.Stream) *one[streamView] { return answer(s.ID, s.Version, streamOf(s)) })
}

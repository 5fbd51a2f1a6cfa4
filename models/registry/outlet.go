package registry

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Outlet is a discharge point (排放口).
type Outlet struct {
	models.Versioned
	models.Placed  `gorm:"embedded"`
	FacilityID     *models.ID // the treatment facility before it; nil when none
	Code           string     // DW001, DA001, YS001
	Kind           string     // total, workshop, rain, air
	Name           string
	Regime         string // direct, indirect, none
	Destination    string
	ReceivingPlant string // for indirect discharge
	ReceivingWater string // for direct discharge
	Longitude      string
	Latitude       string
	Datum          string
	Receiver       string       // of indirect discharge: municipal, park
	WaterClass     string       // of the receiving water by GB 3838: III, IV, V
	Production     models.Texts // what is made before the outlet, as the standards tell it apart
	Standards      models.Texts // named in the approval; empty when they follow from the production
	EIANumber      string       // of the approval that decides which table applies
	EIAApprovedOn  *code.Day
	SpecialLimits  bool // an area of special limits (特别排放限值)
	Demo           bool
	Closing        `gorm:"embedded"`
}

// TableName implements gorm's Tabler.
func (Outlet) TableName() string { return "outlets" }

// Scope implements models.Scoped.
func (Outlet) Scope() models.Scope { return models.ParkRows("outlets", "facility") }

func (o *Outlet) kind() string                { return "outlet" }
func (o *Outlet) meta() *models.Versioned     { return &o.Versioned }
func (o *Outlet) where() models.Placed        { return o.Placed }
func (o *Outlet) closing() *Closing           { return &o.Closing }
func (o *Outlet) personal() map[string]string { return nil }
func (o *Outlet) input() any                  { return o.Input() }

// OutletInput is an outlet as people enter it.
type OutletInput struct {
	ParkID         string `json:"parkId" format:"uuid" doc:"园区"`
	SiteID         string `json:"siteId,omitempty" format:"uuid" doc:"企业场所；园区自有排放口为空"`
	FacilityID     string `json:"facilityId,omitempty" format:"uuid" doc:"前端治理设施"`
	Code           string `json:"code" doc:"排放口编码（HJ 608-2017），例 DW001"`
	Kind           string `json:"kind" enum:"total,workshop,rain,air" doc:"总排放口、车间排放口、雨水排放口、废气排放口"`
	Name           string `json:"name,omitempty" doc:"名称"`
	Regime         string `json:"regime" enum:"direct,indirect,none" doc:"直接排放、间接排放、不外排"`
	Destination    string `json:"destination,omitempty" doc:"排放去向"`
	ReceivingPlant string `json:"receivingPlant,omitempty" doc:"受纳污水处理厂，间接排放必填"`
	ReceivingWater string `json:"receivingWater,omitempty" doc:"受纳水体，直接排放必填"`
	Longitude      string `json:"longitude,omitempty"`
	Latitude       string `json:"latitude,omitempty"`
	Datum          string `json:"datum,omitempty" enum:"WGS-84,GCJ-02"`

	Receiver      string   `json:"receiver,omitempty" enum:"municipal,park" doc:"间接排放的受纳方：城镇污水处理厂（默认）、园区集中处理设施"`
	WaterClass    string   `json:"waterClass,omitempty" enum:"III,IV,V" doc:"受纳水体的水质类别（GB 3838），直接排放时决定综合标准的级别"`
	Production    []string `json:"production,omitempty" maxItems:"10" doc:"生产类别，决定执行的行业标准，例 plating、pcb、dyeing"`
	Standards     []string `json:"standards,omitempty" maxItems:"10" doc:"批复指明的行业标准，例 db44-1597；不填时按生产类别"`
	EIANumber     string   `json:"eiaNumber,omitempty" doc:"决定执行标准的环评批复文号；DB44/1597-2015 第 4.2.4、4.2.5 条沿用现行限值的，填原批复"`
	EIAApprovedOn string   `json:"eiaApprovedOn,omitempty" format:"date" doc:"环评批复日期；多次批复共用一个排放口的，填最近一次"`
	SpecialLimits bool     `json:"specialLimits,omitempty" doc:"是否在执行特别排放限值的区域"`
}

// Parse checks everything before it answers.
func (in OutletInput) Parse() (Outlet, error) {
	var c fault.Check
	o := Outlet{Kind: in.Kind, Regime: in.Regime,
		Name:           fault.Parse(&c, "/name", in.Name, code.ParseName),
		Destination:    fault.Parse(&c, "/destination", in.Destination, code.ParseText(100)),
		ReceivingPlant: fault.Parse(&c, "/receivingPlant", in.ReceivingPlant, code.ParseName),
		ReceivingWater: fault.Parse(&c, "/receivingWater", in.ReceivingWater, code.ParseName),
	}
	o.ParkID = fault.Must(&c, "/parkId", in.ParkID, models.ParseID)
	o.SiteID = models.Ref(fault.Parse(&c, "/siteId", in.SiteID, models.ParseID))
	o.FacilityID = models.Ref(fault.Parse(&c, "/facilityId", in.FacilityID, models.ParseID))
	o.Longitude, o.Latitude, o.Datum = position(&c, in.Longitude, in.Latitude, in.Datum)
	oc := fault.Must(&c, "/code", in.Code, code.ParseOutlet)
	o.Code = string(oc)
	if c.Required("/kind", in.Kind) && oc != "" && !oc.Fits(in.Kind) {
		c.Cite("/code", "kind", "HJ 608-2017", in.Code, "废水排放口编码以 DW 开头，废气以 DA 开头，雨水以 YS 开头")
	}
	c.Required("/regime", in.Regime)
	in.standing(&c, &o)
	if in.Regime == "indirect" && in.ReceivingPlant == "" && in.Kind != "rain" && in.Kind != "air" {
		c.Fail("/receivingPlant", "required", "间接排放填写受纳污水处理厂")
	}
	if in.Regime == "direct" && in.ReceivingWater == "" && in.Kind != "air" {
		c.Fail("/receivingWater", "required", "直接排放填写受纳水体")
	}
	return o, c.Err()
}

// standing checks what decides which limits apply.
func (in OutletInput) standing(c *fault.Check, o *Outlet) {
	o.Receiver, o.WaterClass, o.SpecialLimits = in.Receiver, in.WaterClass, in.SpecialLimits
	o.Production = texts(c, "/production", in.Production, discharge.ParseProduction)
	o.Standards = texts(c, "/standards", in.Standards, discharge.ParseStandard)
	o.EIANumber = fault.Parse(c, "/eiaNumber", in.EIANumber, code.ParseText(100))
	o.EIAApprovedOn = models.Ref(fault.Parse(c, "/eiaApprovedOn", in.EIAApprovedOn, code.ParseApprovalDay))
	if in.WaterClass != "" && in.Regime != discharge.Direct {
		c.Fail("/waterClass", "unused", "只有直接排放填写受纳水体的水质类别")
	}
	if in.Receiver != "" && in.Regime != discharge.Indirect {
		c.Fail("/receiver", "unused", "只有间接排放填写受纳方")
	}
}

// Input is the outlet as it would be entered.
func (o Outlet) Input() OutletInput {
	return OutletInput{ParkID: string(o.ParkID), SiteID: string(models.Deref(o.SiteID)), FacilityID: string(models.Deref(o.FacilityID)), Code: o.Code, Kind: o.Kind, Name: o.Name,
		Regime: o.Regime, Destination: o.Destination, ReceivingPlant: o.ReceivingPlant, ReceivingWater: o.ReceivingWater, Longitude: o.Longitude, Latitude: o.Latitude, Datum: o.Datum,
		Receiver: o.Receiver, WaterClass: o.WaterClass, Production: o.Production, Standards: o.Standards, EIANumber: o.EIANumber, EIAApprovedOn: dayText(o.EIAApprovedOn), SpecialLimits: o.SpecialLimits}
}

var outletOrders = map[string]models.Order[Outlet]{
	"code":  {Column: "outlets.code", Key: func(o Outlet) any { return o.Code }},
	"-code": {Column: "outlets.code", Desc: true, Key: func(o Outlet) any { return o.Code }},
}

// Outlets lists the outlets that the caller may see.
func (s *Service) Outlets(ctx context.Context, f FacilityFilter, q models.Query) (models.Page[Outlet], error) {
	rows := s.db.Visible(ctx, policies.FacilityRead, &Outlet{})
	rows = equal(equal(equal(rows, "outlets.park_id", f.ParkID), "outlets.site_id", f.SiteID), "outlets.enterprise_id", f.EnterpriseID)
	rows = equal(equal(rows, "outlets.kind", f.Kind), "outlets.facility_id", f.FacilityID)
	return models.List(s.db, rows, q, outletOrders, "code", func(x Outlet) models.ID { return x.ID })
}

// Outlet reads one outlet.
func (s *Service) Outlet(ctx context.Context, id models.ID) (Outlet, error) {
	return read[Outlet](ctx, s.db, policies.FacilityRead, id)
}

// CreateOutlet records an outlet.
func (s *Service) CreateOutlet(ctx context.Context, id models.ID, in OutletInput) (Outlet, error) {
	if err := policies.Require(ctx, policies.FacilityCreate); err != nil {
		return Outlet{}, err
	}
	o, err := in.Parse()
	if err != nil {
		return o, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		if o.Placed, err = newPlaceOf(tx, o.ParkID, o.SiteID); err != nil {
			return err
		}
		if err := facilityIn(tx, o.FacilityID, o.ParkID); err != nil {
			return err
		}
		return duplicate(create(tx, policies.FacilityCreate, &o, id), "这个编码已经登记")
	})
	return o, err
}

// facilityIn checks that a facility named by id is in the park and visible.
func facilityIn(tx *models.Tx, id *models.ID, park models.ID) error {
	if id == nil {
		return nil
	}
	var f Facility
	return models.One(tx.Visible(policies.FacilityRead, &f).Where("id = ? AND park_id = ?", *id, park), &f)
}

// UpdateOutlet changes an outlet.
func (s *Service) UpdateOutlet(ctx context.Context, id models.ID, version int64, patch func(OutletInput) (OutletInput, error)) (Outlet, error) {
	var after Outlet
	err := s.db.Write(ctx, func(tx *models.Tx) error {
		before, err := forChange[Outlet](tx, policies.FacilityUpdate, id, version)
		if err != nil {
			return err
		}
		in, err := patch(before.Input())
		if err != nil {
			return err
		}
		if in.ParkID != string(before.ParkID) || in.SiteID != string(models.Deref(before.SiteID)) {
			return broken("/siteId", "fixed", "不能改挂到别的场所；终止后重新登记")
		}
		if after, err = in.Parse(); err != nil {
			return err
		}
		if err := facilityIn(tx, after.FacilityID, before.ParkID); err != nil {
			return err
		}
		after.Placed, after.Demo, after.Closing = before.Placed, before.Demo, before.Closing
		return duplicate(update(tx, policies.FacilityUpdate, &before, &after, ""), "这个编码已经登记")
	})
	return after, err
}

// CloseOutlet takes an outlet out of the register.
func (s *Service) CloseOutlet(ctx context.Context, id models.ID, version int64, in CloseInput) (Outlet, error) {
	return closing[Outlet](ctx, s.db, policies.FacilityClose, id, version, in)
}

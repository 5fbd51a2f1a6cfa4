package registry

import (
	"context"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Facility is a production facility, a treatment facility, or a central facility
// of the park itself (设施). SiteID is nil for the park's own.
type Facility struct {
	models.Versioned
	models.Placed `gorm:"embedded"`
	Code          string // MF0001, TW001, TA001, TS001, TN001 (HJ 608-2017)
	Kind          string // production, treatment, central, store, basin
	Name          string
	Medium        string // water, air, solid, noise, "" for production
	Capacity      string // as entered, in CapacityUnit
	CapacityUnit  string // m3/d, t/d, m3/h
	Process       string
	Supplier      string
	BuiltOn       *code.Day
	InUse         bool
	Shifts        models.Texts // names of the shifts of a day, in their order
	Operation     string       // continuous, batch; "" when nobody said
	CycleHours    *int         // length of a production cycle
	Demo          bool
	Closing       `gorm:"embedded"`
}

// TableName implements gorm's Tabler.
func (Facility) TableName() string { return "facilities" }

// Scope implements models.Scoped.
func (Facility) Scope() models.Scope { return models.ParkRows("facilities", "facility") }

func (f *Facility) kind() string                { return "facility" }
func (f *Facility) meta() *models.Versioned     { return &f.Versioned }
func (f *Facility) where() models.Placed        { return f.Placed }
func (f *Facility) closing() *Closing           { return &f.Closing }
func (f *Facility) personal() map[string]string { return nil }
func (f *Facility) input() any                  { return f.Input() }

// FacilityInput is a facility as people enter it.
type FacilityInput struct {
	ParkID       string `json:"parkId" format:"uuid" doc:"园区"`
	SiteID       string `json:"siteId,omitempty" format:"uuid" doc:"企业场所；园区自有设施为空"`
	Code         string `json:"code" doc:"设施编码（HJ 608-2017），例 TW001、MF0001"`
	Kind         string `json:"kind" enum:"production,treatment,central,store,basin" doc:"生产设施、污染防治设施、集中处理设施、贮存设施、应急池"`
	Name         string `json:"name" doc:"设施名称"`
	Capacity     string `json:"capacity" doc:"设计能力，大于 0"`
	CapacityUnit string `json:"capacityUnit" enum:"m3/d,t/d,m3/h,m3,t,t/a" doc:"能力单位"`
	Process      string `json:"process,omitempty" doc:"处理工艺"`
	Supplier     string `json:"supplier,omitempty" doc:"建设或者运维单位"`
	BuiltOn      string `json:"builtOn,omitempty" format:"date" doc:"建成日期"`
	InUse        bool   `json:"inUse" doc:"是否在用"`
	// What the wordings of a permit refer to: 1次/班, 1次/日或批次, 周期小于1天的按日.
	Shifts     []string `json:"shifts,omitempty" maxItems:"6" doc:"每天的班次名称，按先后，例 早班、中班、夜班；台账记录的 slot 填班次名称"`
	Operation  string   `json:"operation,omitempty" enum:"continuous,batch" doc:"连续运行、间歇（按批次）运行"`
	CycleHours *int     `json:"cycleHours,omitempty" minimum:"1" maximum:"8784" doc:"生产或者运行周期，小时"`
}

// Parse checks everything before it answers.
func (in FacilityInput) Parse() (Facility, error) {
	var c fault.Check
	f := Facility{
		Name:         fault.Must(&c, "/name", in.Name, code.ParseName),
		Capacity:     fault.Must(&c, "/capacity", in.Capacity, code.ParsePositive(3)),
		CapacityUnit: in.CapacityUnit, Kind: in.Kind, InUse: in.InUse,
		Process:  fault.Parse(&c, "/process", in.Process, code.ParseText(500)),
		Supplier: fault.Parse(&c, "/supplier", in.Supplier, code.ParseName),
		BuiltOn:  optionalDay(&c, "/builtOn", in.BuiltOn),
		Shifts:   texts(&c, "/shifts", in.Shifts, code.ParseText(20)), Operation: in.Operation, CycleHours: in.CycleHours,
	}
	f.ParkID = fault.Must(&c, "/parkId", in.ParkID, models.ParseID)
	f.SiteID = models.Ref(fault.Parse(&c, "/siteId", in.SiteID, models.ParseID))
	c.Required("/kind", in.Kind)
	c.Required("/capacityUnit", in.CapacityUnit)
	fc := fault.Must(&c, "/code", in.Code, code.ParseFacility)
	f.Code, f.Medium = string(fc), fc.Medium()
	if fc != "" && (in.Kind == "production") != fc.Production() && in.Kind != "basin" {
		c.Cite("/code", "kind", "HJ 608-2017", in.Code, "生产设施编码以 MF 开头，污染防治设施和贮存设施编码以 TA、TW、TS 或 TN 开头")
	}
	if h := in.CycleHours; h != nil && (*h < 1 || *h > 8784) {
		c.Fail("/cycleHours", "range", "周期应当在 1 至 8784 小时之间")
	}
	for i, name := range f.Shifts {
		if slices.Contains(f.Shifts[:i], name) {
			c.Fail("/shifts/"+itoa(i), "duplicate", "班次名称不能重复")
		}
	}
	return f, c.Err()
}

// Input is the facility as it would be entered.
func (f Facility) Input() FacilityInput {
	return FacilityInput{ParkID: string(f.ParkID), SiteID: string(models.Deref(f.SiteID)), Code: f.Code, Kind: f.Kind, Name: f.Name, Capacity: f.Capacity,
		CapacityUnit: f.CapacityUnit, Process: f.Process, Supplier: f.Supplier, BuiltOn: dayText(f.BuiltOn), InUse: f.InUse,
		Shifts: f.Shifts, Operation: f.Operation, CycleHours: f.CycleHours}
}

var facilityOrders = map[string]models.Order[Facility]{
	"code":  {Column: "facilities.code", Key: func(f Facility) any { return f.Code }},
	"-code": {Column: "facilities.code", Desc: true, Key: func(f Facility) any { return f.Code }},
	"name":  {Column: "facilities.name", Key: func(f Facility) any { return f.Name }},
}

// FacilityFilter narrows the lists of facilities, outlets and streams.
type FacilityFilter struct {
	ParkID, SiteID, EnterpriseID, Kind, FacilityID, Code string

	Standing bool // only facilities that have not ended
}

// Facilities lists the facilities that the caller may see.
func (s *Service) Facilities(ctx context.Context, f FacilityFilter, q models.Query) (models.Page[Facility], error) {
	rows := s.db.Visible(ctx, policies.FacilityRead, &Facility{})
	rows = equal(equal(equal(rows, "facilities.park_id", f.ParkID), "facilities.site_id", f.SiteID), "facilities.enterprise_id", f.EnterpriseID)
	rows = equal(equal(rows, "facilities.kind", f.Kind), "facilities.code", f.Code)
	if f.Standing {
		rows = rows.Where("facilities.closed_on IS NULL")
	}
	return models.List(s.db, rows, q, facilityOrders, "code", func(x Facility) models.ID { return x.ID })
}

// Facility reads one facility.
func (s *Service) Facility(ctx context.Context, id models.ID) (Facility, error) {
	return read[Facility](ctx, s.db, policies.FacilityRead, id)
}

// FacilitiesNamed are the codes and names of those of the facilities that the caller sees.
func (s *Service) FacilitiesNamed(ctx context.Context, ids []models.ID) (map[models.ID]string, error) {
	return s.facilitiesCalled(ctx, ids, func(f Facility) string { return f.Code + " " + f.Name })
}

// FacilityCodes are the codes of those of the facilities that the caller sees.
func (s *Service) FacilityCodes(ctx context.Context, ids []models.ID) (map[models.ID]string, error) {
	return s.facilitiesCalled(ctx, ids, func(f Facility) string { return f.Code })
}

func (s *Service) facilitiesCalled(ctx context.Context, ids []models.ID, called func(Facility) string) (map[models.ID]string, error) {
	if len(ids) == 0 || policies.Require(ctx, policies.FacilityRead) != nil {
		return nil, nil
	}
	var found []Facility
	err := s.db.Visible(ctx, policies.FacilityRead, &Facility{}).Where("facilities.id IN ?", ids).Select("facilities.id", "facilities.code", "facilities.name").Find(&found).Error
	names := make(map[models.ID]string, len(found))
	for _, f := range found {
		names[f.ID] = called(f)
	}
	return names, err
}

// CreateFacility records a facility of a site or of the park itself.
func (s *Service) CreateFacility(ctx context.Context, id models.ID, in FacilityInput) (Facility, error) {
	if err := policies.Require(ctx, policies.FacilityCreate); err != nil {
		return Facility{}, err
	}
	f, err := in.Parse()
	if err != nil {
		return f, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		if f.Placed, err = newPlaceOf(tx, f.ParkID, f.SiteID); err != nil {
			return err
		}
		return duplicate(create(tx, policies.FacilityCreate, &f, id), "这个编码已经登记")
	})
	return f, err
}

// placeOf is where a row of a park, or of a site in it, stands. A site of another
// park is answered as absent, like any row outside the scope.
func placeOf(tx *models.Tx, park models.ID, site *models.ID) (models.Placed, error) {
	_, _, place, err := standing(tx, park, site)
	return place, err
}

// newPlaceOf is placeOf for what begins today: nothing does where all has ended.
func newPlaceOf(tx *models.Tx, park models.ID, site *models.ID) (models.Placed, error) {
	p, row, place, err := standing(tx, park, site)
	switch {
	case err != nil:
		return place, err
	case row.ClosedOn != nil:
		return models.Placed{}, closedSite()
	}
	return place, p.Takes()
}

func standing(tx *models.Tx, park models.ID, site *models.ID) (p Park, row Site, place models.Placed, err error) {
	if err = models.One(tx.Visible(policies.ParkRead, &p).Where("id = ?", park), &p); err != nil {
		return p, row, place, err
	}
	if p.Jurisdiction == nil {
		return p, row, place, p.Takes()
	}
	if site == nil {
		return p, row, p.Place(), nil
	}
	if err = models.One(tx.Visible(policies.SiteRead, &row).Where("id = ? AND park_id = ?", *site, park), &row); err != nil {
		return p, row, place, err
	}
	return p, row, row.Place(), nil
}

// UpdateFacility changes a facility.
func (s *Service) UpdateFacility(ctx context.Context, id models.ID, version int64, patch func(FacilityInput) (FacilityInput, error)) (Facility, error) {
	var after Facility
	err := s.db.Write(ctx, func(tx *models.Tx) error {
		before, err := forChange[Facility](tx, policies.FacilityUpdate, id, version)
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
		after.Placed, after.Demo, after.Closing = before.Placed, before.Demo, before.Closing
		return duplicate(update(tx, policies.FacilityUpdate, &before, &after, ""), "这个编码已经登记")
	})
	return after, err
}

// CloseFacility takes a facility out of the register.
func (s *Service) CloseFacility(ctx context.Context, id models.ID, version int64, in CloseInput) (Facility, error) {
	return closing[Facility](ctx, s.db, policies.FacilityClose, id, version, in)
}

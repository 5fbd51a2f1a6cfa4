package registry

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Stream is a wastewater stream kept apart from others (分质分流).
type Stream struct {
	models.Versioned
	models.Placed `gorm:"embedded"`
	FacilityID    *models.ID // where it is treated
	Name          string
	Kind          string // nickel, chromium, cyanide, complexed, ammonia, acid_alkali, organic, domestic, general
	ClassOne      bool   // carries class-I pollutants: treated and sampled at the workshop
	VolumeM3d     string `gorm:"column:volume_m3d"` // m3/d
	Demo          bool
	Closing       `gorm:"embedded"`
}

// TableName implements gorm's Tabler.
func (Stream) TableName() string { return "streams" }

// Scope implements models.Scoped.
func (Stream) Scope() models.Scope { return models.ParkRows("streams", "facility") }

func (s *Stream) kind() string                { return "stream" }
func (s *Stream) meta() *models.Versioned     { return &s.Versioned }
func (s *Stream) where() models.Placed        { return s.Placed }
func (s *Stream) closing() *Closing           { return &s.Closing }
func (s *Stream) personal() map[string]string { return nil }
func (s *Stream) input() any                  { return s.Input() }

// StreamInput is a stream as people enter it.
type StreamInput struct {
	ParkID     string `json:"parkId" format:"uuid"`
	SiteID     string `json:"siteId,omitempty" format:"uuid"`
	FacilityID string `json:"facilityId,omitempty" format:"uuid" doc:"进入的治理设施"`
	Name       string `json:"name" doc:"废水名称，例 含镍废水"`
	Kind       string `json:"kind" enum:"nickel,chromium,cyanide,complexed,ammonia,acid_alkali,organic,domestic,general" doc:"废水类别"`
	ClassOne   bool   `json:"classOne" doc:"是否含第一类污染物"`
	VolumeM3d  string `json:"volumeM3d,omitempty" doc:"产生量，m³/d"`
}

// Parse checks everything before it answers.
func (in StreamInput) Parse() (Stream, error) {
	var c fault.Check
	s := Stream{Name: fault.Must(&c, "/name", in.Name, code.ParseName), Kind: in.Kind, ClassOne: in.ClassOne,
		VolumeM3d: fault.Parse(&c, "/volumeM3d", in.VolumeM3d, code.ParsePositive(3))}
	s.ParkID = fault.Must(&c, "/parkId", in.ParkID, models.ParseID)
	s.SiteID = models.Ref(fault.Parse(&c, "/siteId", in.SiteID, models.ParseID))
	s.FacilityID = models.Ref(fault.Parse(&c, "/facilityId", in.FacilityID, models.ParseID))
	c.Required("/kind", in.Kind)
	if (in.Kind == "nickel" || in.Kind == "chromium") && !in.ClassOne {
		c.Fail("/classOne", "classOne", "含镍、含铬废水含有第一类污染物，应当在车间排放口控制")
	}
	return s, c.Err()
}

// Input is the stream as it would be entered.
func (s Stream) Input() StreamInput {
	return StreamInput{ParkID: string(s.ParkID), SiteID: string(models.Deref(s.SiteID)), FacilityID: string(models.Deref(s.FacilityID)), Name: s.Name, Kind: s.Kind, ClassOne: s.ClassOne, VolumeM3d: s.VolumeM3d}
}

var streamOrders = map[string]models.Order[Stream]{
	"name": {Column: "streams.name", Key: func(s Stream) any { return s.Name }},
}

// Streams lists the streams that the caller may see.
func (s *Service) Streams(ctx context.Context, f FacilityFilter, q models.Query) (models.Page[Stream], error) {
	rows := s.db.Visible(ctx, policies.FacilityRead, &Stream{})
	rows = equal(equal(equal(rows, "streams.park_id", f.ParkID), "streams.site_id", f.SiteID), "streams.enterprise_id", f.EnterpriseID)
	rows = equal(equal(rows, "streams.kind", f.Kind), "streams.facility_id", f.FacilityID)
	return models.List(s.db, rows, q, streamOrders, "name", func(x Stream) models.ID { return x.ID })
}

// Stream reads one stream.
func (s *Service) Stream(ctx context.Context, id models.ID) (Stream, error) {
	return read[Stream](ctx, s.db, policies.FacilityRead, id)
}

// CreateStream records a stream.
func (s *Service) CreateStream(ctx context.Context, id models.ID, in StreamInput) (Stream, error) {
	if err := policies.Require(ctx, policies.FacilityCreate); err != nil {
		return Stream{}, err
	}
	row, err := in.Parse()
	if err != nil {
		return row, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		if row.Placed, err = newPlaceOf(tx, row.ParkID, row.SiteID); err != nil {
			return err
		}
		if err := facilityIn(tx, row.FacilityID, row.ParkID); err != nil {
			return err
		}
		return create(tx, policies.FacilityCreate, &row, id)
	})
	return row, err
}

// UpdateStream changes a stream.
func (s *Service) UpdateStream(ctx context.Context, id models.ID, version int64, patch func(StreamInput) (StreamInput, error)) (Stream, error) {
	var after Stream
	err := s.db.Write(ctx, func(tx *models.Tx) error {
		before, err := forChange[Stream](tx, policies.FacilityUpdate, id, version)
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
		return update(tx, policies.FacilityUpdate, &before, &after, "")
	})
	return after, err
}

// CloseStream ends a stream.
func (s *Service) CloseStream(ctx context.Context, id models.ID, version int64, in CloseInput) (Stream, error) {
	return closing[Stream](ctx, s.db, policies.FacilityClose, id, version, in)
}

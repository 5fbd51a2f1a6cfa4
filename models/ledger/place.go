package ledger

import (
	"slices"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// object is what an entry is about, as the register has it.
type object struct {
	place    models.Placed
	site     *models.ID // named, or that of the facility or outlet
	facility *registry.Facility
	outlet   *registry.Outlet
	left     *code.Day // the last day of the firm in the park, once it has moved out
	lease    *lease
}

// lease is where the firm lives in the park; it is asked for once, and mostly not at all.
type lease struct {
	units []registry.Tenancy
	known bool
}

// units are the firm's units in the park.
func (o object) units(tx *models.Tx) ([]registry.Tenancy, error) {
	if o.lease.known {
		return o.lease.units, nil
	}
	err := tx.Visible(policies.SiteRead, &registry.Tenancy{}).Where("site_id = ?", *o.place.SiteID).Order("from_on, id").Limit(500).Find(&o.lease.units).Error
	o.lease.known = err == nil
	return o.lease.units, err
}

// capacity is what the facility is built for in m3 a day, with the words of the register.
func (o object) capacity() *Item {
	if o.facility == nil {
		return nil
	}
	return CapacityItem(o.facility.Capacity, o.facility.CapacityUnit)
}

// CapacityItem is the item that a filing keeps of what its facility was built
// for; nil when it is not stated by volume of water and day.
func CapacityItem(raw, unit string) *Item {
	q, err := code.ParseQuantity(raw)
	if err != nil {
		return nil
	}
	switch unit {
	case "m3/d":
	case "m3/h":
		q.Scaled *= 24
		raw = code.Decimal(q.Scaled)
	default:
		return nil
	}
	return &Item{Path: "/facility/capacity", Item: "designCapacity", Raw: raw, Scaled: &q.Scaled, Unit: "m3/d"}
}

// locate finds what the entry is about. Everything named has to be visible to
// the caller and to stand in the same park and site (S-AZ7).
func locate(tx *models.Tx, p parsed) (object, error) {
	o, err := find(tx, p)
	if err != nil {
		return o, err
	}
	return o, o.fits(p, tx.Now())
}

// find reads what is named.
func find(tx *models.Tx, p parsed) (object, error) {
	o := object{site: p.site, lease: new(lease)}
	var park registry.Park
	if err := models.One(tx.Visible(policies.ParkRead, &park).Where("id = ?", p.park), &park); err != nil {
		return o, err
	}
	if park.Jurisdiction == nil {
		return o, fault.New(fault.Conflict, "这个试点位置还没有确认名称和属地，确认后才能填报台账")
	}
	if p.facility != nil {
		o.facility = new(registry.Facility)
		if err := models.One(tx.Visible(policies.FacilityRead, o.facility).Where("id = ? AND park_id = ?", *p.facility, p.park), o.facility); err != nil {
			return o, err
		}
		if o.site == nil {
			o.site = o.facility.SiteID
		}
	}
	if p.outlet != nil {
		o.outlet = new(registry.Outlet)
		if err := models.One(tx.Visible(policies.FacilityRead, o.outlet).Where("id = ? AND park_id = ?", *p.outlet, p.park), o.outlet); err != nil {
			return o, err
		}
		if o.site == nil {
			o.site = o.outlet.SiteID
		}
	}
	o.place = park.Place()
	if o.site != nil {
		var row registry.Site
		if err := models.One(tx.Visible(policies.SiteRead, &row).Where("id = ? AND park_id = ?", *o.site, p.park), &row); err != nil {
			return o, err
		}
		o.place, o.left = row.Place(), row.ClosedOn
	}
	return o, nil
}

// fits checks what is named against the class, and day and time against now.
func (o object) fits(p parsed, now time.Time) error {
	var c fault.Check
	if f := o.facility; f != nil {
		if models.Deref(f.SiteID) != models.Deref(o.site) {
			c.Fail("/facilityId", "site", "设施不属于所填的企业场所")
		}
		if !slices.Contains(p.class.FacilityKinds, f.Kind) || p.class.Medium != "" && f.Medium != p.class.Medium {
			c.Fail("/facilityId", "kind", "这类设施不填“{{.Class}}”，按设施种类选择台账类别", "Class", fault.Named(p.class.TitleZh, p.class.TitleEn))
		}
	}
	if p.class.Site == None && o.site != nil {
		c.Fail("/facilityId", "site", "园区自己的台账只填园区自有的设施")
	}
	if out := o.outlet; out != nil {
		if len(p.class.OutletKinds) > 0 && !slices.Contains(p.class.OutletKinds, out.Kind) {
			c.Fail("/outletId", "kind", "这类排放口不填“{{.Class}}”，按排放口种类选择台账类别", "Class", fault.Named(p.class.TitleZh, p.class.TitleEn))
		}
		if models.Deref(out.SiteID) != models.Deref(o.site) {
			c.Fail("/outletId", "site", "排放口不属于所填的企业场所")
		} else if o.facility != nil && out.FacilityID != nil && *out.FacilityID != o.facility.ID {
			c.Fail("/outletId", "facility", "排放口不在所填设施之后")
		}
	}
	if p.day > code.DayOf(now) {
		c.Fail("/day", "future", "日期不能晚于今天")
	}
	happened(&c, p.occurred, now)
	return c.Err()
}

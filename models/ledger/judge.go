package ledger

import (
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// warnings is everything that is worth a second look and keeps nobody from
// filing. Pointers start at the root of the entry.
func warnings(tx *models.Tx, class Class, day code.Day, o object, content Content) ([]fault.Violation, error) {
	out := []fault.Violation{}
	add := func(prefix string, all ...fault.Violation) {
		for _, v := range all {
			v.Pointer = prefix + v.Pointer
			out = append(out, v)
		}
	}
	for _, v := range content.Missing {
		v.Detail = fault.T("报送前需要填写")
		add("/payload", v)
	}
	add("/payload", content.Advice...)
	timely, err := inTime(tx, day, o)
	if err != nil {
		return nil, err
	}
	add("", timely...)
	limits, several, err := limitsOn(tx, day, o)
	if err != nil {
		return nil, err
	}
	if several && content.Lengths["/readings"] > 0 {
		add("", one("/outletId", "several", fault.T("设施之后有多个排放口，填写排放口后才能对照限值"))...)
	}
	over := exceedances(content.Items, limits)
	add("/payload", over...)
	if slices.ContainsFunc(over, func(v fault.Violation) bool { return v.Code == "exceeded" }) {
		for _, name := range []string{"/cause", "/measure"} {
			if content.Texts[name] == "" {
				add("/payload", one(name, "expected", fault.T("有监测值超过限值，写明原因和应对措施"))...)
			}
		}
	}
	return out, nil
}

// inTime compares the day with the life of what the entry is about.
func inTime(tx *models.Tx, day code.Day, o object) ([]fault.Violation, error) {
	var out []fault.Violation
	if f := o.facility; f != nil {
		if f.BuiltOn != nil && day < *f.BuiltOn {
			out = append(out, one("/day", "beforeBuilt", fault.T("设施 {{.Day}} 才建成，核对日期", "Day", *f.BuiltOn))...)
		}
		if f.ClosedOn != nil && day > *f.ClosedOn {
			out = append(out, one("/day", "afterClosed", fault.T("设施已于 {{.Day}} 停用，核对日期", "Day", *f.ClosedOn))...)
		}
	}
	if o.place.SiteID == nil {
		return out, nil
	}
	var units []registry.Tenancy
	err := tx.Visible(policies.SiteRead, &registry.Tenancy{}).Where("site_id = ?", *o.place.SiteID).Order("from_on, id").Limit(500).Find(&units).Error
	if err != nil || len(units) == 0 {
		return out, err
	}
	if !slices.ContainsFunc(units, func(t registry.Tenancy) bool { return t.FromOn <= day && (t.ToOn == nil || day <= *t.ToOn) }) {
		out = append(out, one("/day", "notResident", fault.T("按入驻登记，企业这一天不在园区（最早入驻日期 {{.Day}}），核对日期", "Day", units[0].FromOn))...)
	}
	return out, nil
}

// limitsOn are the candidate limits in force on that day at the outlet named, or
// at the only outlet behind the facility. Several outlets leave it open which
// one the readings belong to; then there are none.
func limitsOn(tx *models.Tx, day code.Day, o object) (limits []registry.OutletLimit, several bool, err error) {
	var outlets []models.ID
	switch {
	case o.outlet != nil:
		outlets = []models.ID{o.outlet.ID}
	case o.facility != nil:
		err := tx.Visible(policies.FacilityRead, &registry.Outlet{}).
			Where("facility_id = ? AND (closed_on IS NULL OR closed_on >= ?)", o.facility.ID, day).Order("code, id").Limit(2).Pluck("id", &outlets).Error
		if err != nil {
			return nil, false, err
		}
	}
	if len(outlets) != 1 {
		return nil, len(outlets) > 1, nil
	}
	err = tx.Visible(policies.FacilityRead, &registry.OutletLimit{}).
		Where("outlet_id = ? AND valid_from <= ? AND (valid_to IS NULL OR valid_to >= ?)", outlets[0], day, day).
		Order("pollutant, id").Limit(500).Find(&limits).Error
	return limits, false, err
}

// sameUnit compares units; a number without one is written in several ways.
func sameUnit(a, b string) bool { return a == b || plain(a) && plain(b) }

func plain(unit string) bool { return unit == "" || unit == "dimensionless" || unit == "无量纲" }

// exceedances judges each reading by the strictest candidate: every candidate
// stays in the register, the strictest wins (domain, section 8).
func exceedances(items []Item, limits []registry.OutletLimit) []fault.Violation {
	var out []fault.Violation
	for _, i := range items {
		strictest, other := strictestOf(i, limits)
		switch {
		case strictest == nil && other != nil:
			out = append(out, one(i.Path, "notJudged", fault.T("限值的单位是 {{.Limit}}，与监测值的 {{.Unit}} 不同，没有判定", "Limit", other.Unit, "Unit", i.Unit))...)
		case strictest == nil || i.Qualifier == "ND":
		case i.Qualifier == "<":
			if high := scaled(strictest.Maximum); *i.Scaled > *high {
				out = append(out, fault.Violation{Pointer: i.Path, Code: "detectionLimit", Rule: strictest.Standard, Value: i.Raw,
					Detail: fault.T("检出限高于限值 {{.Limit}}，不能判定是否达标", "Limit", strictest.Maximum)})
			}
		case outside(*i.Scaled, *strictest):
			bounds := strictest.Maximum
			if strictest.Minimum != "" {
				bounds = strictest.Minimum + "–" + bounds
			}
			out = append(out, fault.Violation{Pointer: i.Path, Code: "exceeded", Rule: strictest.Standard, Value: i.Raw,
				Detail: fault.T("{{.Name}} {{.Value}} 超过限值 {{.Limit}} {{.Unit}}（{{.Standard}}）", "Name", code.Pollutant(i.Item).Name(),
					"Value", i.Raw, "Limit", bounds, "Unit", strictest.Unit, "Standard", strictest.Standard)})
		}
	}
	return out
}

// strictestOf is the candidate with the lowest maximum in the reading's unit, and
// any candidate in another unit.
func strictestOf(i Item, limits []registry.OutletLimit) (strictest, other *registry.OutletLimit) {
	for n := range limits {
		l := &limits[n]
		high := scaled(l.Maximum)
		switch {
		case l.Pollutant != i.Item || high == nil:
		case !sameUnit(l.Unit, i.Unit):
			other = l
		case strictest == nil || *high < *scaled(strictest.Maximum):
			strictest = l
		}
	}
	return strictest, other
}

func outside(value int64, l registry.OutletLimit) bool {
	low := scaled(l.Minimum)
	return value > *scaled(l.Maximum) || low != nil && value < *low
}

package registry

import (
	"context"
	"slices"
	"strings"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// OutletLimit is one candidate limit at an outlet, with its basis and its days.
// Candidates stay side by side; a judgement chooses among them.
type OutletLimit struct {
	ID        models.ID `gorm:"primaryKey"`
	OutletID  models.ID
	Pollutant string // HJ 525 code, HJ 524 for gas
	Minimum   string
	Maximum   string
	Unit      string
	Basis     string // permit, eia, local, national, general
	Standard  string
	ValidFrom code.Day
	ValidTo   *code.Day
	CreatedAt time.Time
}

// TableName implements gorm's Tabler.
func (OutletLimit) TableName() string { return "outlet_limits" }

// Scope implements models.Scoped.
func (OutletLimit) Scope() models.Scope {
	return models.ChildRows("outlet_limits", "outlet_id", Outlet{})
}

// LimitInput is a limit as people enter it.
type LimitInput struct {
	Pollutant string `json:"pollutant" doc:"污染物代码，废水 HJ 525，例 w01018；废气 HJ 524，例 a24088"`
	Minimum   string `json:"minimum,omitempty" doc:"下限，仅 pH 等"`
	Maximum   string `json:"maximum" doc:"上限，或者 ND（不得检出）"`
	Unit      string `json:"unit" doc:"单位，例 mg/L"`
	Basis     string `json:"basis" enum:"permit,eia,local,national,general" doc:"许可证、环评批复、地方标准、行业标准、综合标准"`
	Standard  string `json:"standard" doc:"文件或者标准编号"`
	ValidFrom string `json:"validFrom" format:"date"`
	ValidTo   string `json:"validTo,omitempty" format:"date"`
}

// Parse checks everything before it answers.
func (in LimitInput) Parse() (OutletLimit, error) {
	var c fault.Check
	low := fault.Parse(&c, "/minimum", in.Minimum, code.ParseQuantity)
	l := OutletLimit{
		Pollutant: string(fault.Must(&c, "/pollutant", in.Pollutant, code.ParsePollutant)),
		Minimum:   low.Raw, Basis: in.Basis,
		Maximum:   fault.Must(&c, "/maximum", in.Maximum, discharge.ParseLimit),
		Unit:      fault.Must(&c, "/unit", in.Unit, code.ParseText(20)),
		Standard:  fault.Must(&c, "/standard", in.Standard, code.ParseText(100)),
		ValidFrom: fault.Must(&c, "/validFrom", in.ValidFrom, code.ParseDay),
		ValidTo:   optionalDay(&c, "/validTo", in.ValidTo),
	}
	c.Required("/basis", in.Basis)
	bounds(&c, "", l.Pollutant, l.Minimum, l.Maximum, l.Unit)
	if l.ValidTo != nil && *l.ValidTo < l.ValidFrom {
		c.Fail("/validTo", "order", "终止日期不能早于起始日期")
	}
	return l, c.Err()
}

// bounds checks the two ends of a limit against each other and the unit against
// the pollutant.
func bounds(c *fault.Check, at, pollutant, minimum, maximum, unit string) {
	if minimum != "" && maximum == discharge.NotDetectable {
		c.Fail(at+"/minimum", "order", "限值是不得检出（ND）时没有下限")
	} else if low, err := code.ParseQuantity(minimum); err == nil && maximum != "" {
		if high, err := code.ParseQuantity(maximum); err == nil && low.Scaled > high.Scaled {
			c.Fail(at+"/minimum", "order", "下限不能大于上限")
		}
	}
	if p := code.Pollutant(pollutant); pollutant != "" && unit != "" {
		c.Within(at+"/unit", discharge.CheckUnit(p.Label(), p.Unit(), unit))
	}
}

// ofMedium checks that a pollutant is one of what leaves by the outlet. Codes that
// could not be read are absent here, and said already.
func ofMedium(c *fault.Check, at string, pollutant code.Pollutant, air bool) {
	parse := code.ParseWaterPollutant
	if air {
		parse = code.ParseAirPollutant
	}
	if pollutant != "" {
		_, err := parse(string(pollutant))
		c.Within(at, err)
	}
}

// Situation is what decides which limits apply at the outlet.
func (o Outlet) Situation() discharge.Situation {
	return discharge.Situation{Kind: o.Kind, Regime: o.Regime, Receiver: o.Receiver, WaterClass: o.WaterClass, Production: o.Production, Standards: o.Standards,
		EIANumber: o.EIANumber, EIAOn: models.Deref(o.EIAApprovedOn), Special: o.SpecialLimits, Jurisdiction: models.Deref(o.Jurisdiction)}
}

// Recorded are the limits that the register has beside the official tables for an
// outlet that the caller has reached: those stated at the outlet, and those of the
// permits of its site.
func Recorded(ctx context.Context, db *models.DB, o Outlet) ([]discharge.Candidate, error) {
	var stated []OutletLimit
	err := db.Visible(ctx, policies.FacilityRead, &OutletLimit{}).Where("outlet_id = ?", o.ID).Order("pollutant, valid_from DESC, id DESC").Limit(500).Find(&stated).Error
	if err != nil || o.SiteID == nil {
		return RecordedAt(o, stated, nil), err
	}
	var permits []Permit
	err = db.Visible(ctx, policies.PermitRead, &Permit{}).Where("site_id = ? AND kind = ? AND state IN ?", *o.SiteID, "permit", permitting).
		Order("issued_on DESC, id DESC").Limit(50).Find(&permits).Error
	return RecordedAt(o, stated, permits), err
}

// permitting are the states in which a permit's limits bind.
var permitting = []string{"issued", "changed"}

// RecordedAt is Recorded from rows, of which those of other outlets and sites are
// left out.
func RecordedAt(o Outlet, stated []OutletLimit, permits []Permit) []discharge.Candidate {
	all := []discharge.Candidate{}
	for _, l := range stated {
		if l.OutletID == o.ID {
			all = append(all, discharge.Candidate{Basis: l.Basis, Standard: l.Standard, ID: string(l.ID), Pollutant: l.Pollutant, Minimum: l.Minimum, Maximum: l.Maximum, Unit: l.Unit,
				From: l.ValidFrom, To: models.Deref(l.ValidTo), Source: l.Standard, Confidence: "confirmed"})
		}
	}
	for _, p := range permits {
		if o.SiteID != nil && *p.SiteID == *o.SiteID && p.Kind == "permit" && slices.Contains(permitting, p.State) {
			all = append(all, p.candidates(o.Code)...)
		}
	}
	return all
}

// candidates are the permit's limits at one of its outlets.
func (p Permit) candidates(outlet string) []discharge.Candidate {
	last := p.ValidTo
	if p.ClosedOn != nil && *p.ClosedOn < last {
		last = *p.ClosedOn
	}
	var all []discharge.Candidate
	for _, l := range p.Limits.V { // as entered: its parts have been parsed, not replaced
		if !strings.EqualFold(strings.TrimSpace(l.Outlet), outlet) {
			continue
		}
		low, _ := code.ParseQuantity(l.Minimum)
		high, _ := discharge.ParseLimit(l.Maximum)
		pollutant, _ := code.ParsePollutant(l.Pollutant)
		all = append(all, discharge.Candidate{Basis: "permit", Standard: p.Number, ID: string(p.ID), Pollutant: string(pollutant), Minimum: low.Raw, Maximum: high, Unit: l.Unit,
			Averaging: l.Kind, From: p.IssuedOn, To: last, Source: p.Number, Confidence: "confirmed"})
	}
	return all
}

// Limits gives every candidate limit at an outlet on a day, today when it is
// absent, pollutant by pollutant, with the one in force.
func (s *Service) Limits(ctx context.Context, outlet models.ID, day code.Day, pollutant string) ([]discharge.Set, error) {
	var c fault.Check
	fault.Parse(&c, "/query/day", string(day), code.ParseDay)
	fault.Parse(&c, "/query/pollutant", pollutant, code.ParsePollutant)
	if broken, ok := c.Err().(*fault.Error); ok {
		broken.Code, broken.Detail = fault.Malformed, fault.T("查询参数有误")
		return nil, broken
	}
	o, err := s.Outlet(ctx, outlet)
	if err != nil {
		return nil, err
	}
	recorded, err := Recorded(ctx, s.db, o)
	if err != nil {
		return nil, err
	}
	if day == "" {
		day = s.db.Today()
	}
	if pollutant != "" {
		return []discharge.Set{discharge.Decide(o.Situation(), pollutant, day, recorded)}, nil
	}
	return discharge.All(o.Situation(), day, recorded), nil
}

// Added is the limit as the log records it.
func (l OutletLimit) Added(o Outlet) audit.Event {
	return audit.Event{Action: policies.FacilityUpdate, Kind: "limit", ID: l.ID, Place: o.Placed, Wrote: []audit.Wrote{{Object: l.ID, Head: l}},
		Facts: map[string]any{"outlet": o.ID, "pollutant": l.Pollutant, "minimum": l.Minimum, "maximum": l.Maximum, "unit": l.Unit, "basis": l.Basis, "standard": l.Standard, "from": l.ValidFrom}}
}

// AddLimit records a candidate limit; an older one of the same basis stays with its days.
func (s *Service) AddLimit(ctx context.Context, outlet models.ID, in LimitInput) (OutletLimit, error) {
	if err := policies.Require(ctx, policies.FacilityUpdate); err != nil {
		return OutletLimit{}, err
	}
	l, err := in.Parse()
	if err != nil {
		return l, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		var o Outlet
		if err := models.One(tx.Visible(policies.FacilityUpdate, &o).Where("id = ?", outlet), &o); err != nil {
			return err
		}
		var c fault.Check
		if ofMedium(&c, "/pollutant", code.Pollutant(l.Pollutant), o.Kind == discharge.Air); c.Err() != nil {
			return c.Err()
		}
		l.ID, l.OutletID, l.CreatedAt = models.NewID(), o.ID, tx.Now()
		if err := tx.Append(&l); err != nil {
			return err
		}
		e := l.Added(o)
		e.After = in
		_, err := audit.Log(tx, e)
		return err
	})
	return l, err
}

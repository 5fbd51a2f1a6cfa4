package registry

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Site is enterprise × park: permits, facilities, outlets, entries and findings
// of a firm in one park hang on it. It stays when the firm moves out.
type Site struct {
	models.Versioned
	ParkID       models.ID
	Jurisdiction *string
	EnterpriseID *models.ID
	Process      string
	Demo         bool
	Closing      `gorm:"embedded"`
}

// TableName implements gorm's Tabler.
func (Site) TableName() string { return "sites" }

// Scope implements models.Scoped.
func (Site) Scope() models.Scope { return models.ParkRows("sites", "site") }

// Owner implements models.Owned.
func (s Site) Owner() policies.Row { return s.Place().Owner() }

func (s *Site) kind() string                { return "site" }
func (s *Site) meta() *models.Versioned     { return &s.Versioned }
func (s *Site) where() models.Placed        { return s.Place() }
func (s *Site) closing() *Closing           { return &s.Closing }
func (s *Site) personal() map[string]string { return nil }
func (s *Site) input() any {
	return map[string]any{"parkId": s.ParkID, "enterpriseId": s.EnterpriseID, "process": s.Process}
}

// Place is where rows of the site stand.
func (s Site) Place() models.Placed {
	return models.Placed{SiteID: models.Ref(s.ID), ParkID: s.ParkID, Jurisdiction: s.Jurisdiction, EnterpriseID: s.EnterpriseID}
}

// Tenancy is one unit that a firm rents (入驻), with first and last day.
type Tenancy struct {
	models.Versioned
	models.Placed `gorm:"embedded"`
	Building      string
	Unit          string
	AreaM2        string `gorm:"column:area_m2"` // m2 as entered
	Purpose       string
	FromOn        code.Day
	ToOn          *code.Day // last day, nil while open
	EndReason     string
}

// TableName implements gorm's Tabler.
func (Tenancy) TableName() string { return "tenancies" }

// Scope implements models.Scoped.
func (Tenancy) Scope() models.Scope { return models.ParkRows("tenancies", "site") }

func (t *Tenancy) kind() string                { return "tenancy" }
func (t *Tenancy) meta() *models.Versioned     { return &t.Versioned }
func (t *Tenancy) where() models.Placed        { return t.Placed }
func (t *Tenancy) closing() *Closing           { return nil }
func (t *Tenancy) personal() map[string]string { return nil }
func (t *Tenancy) input() any {
	return map[string]any{"siteId": t.SiteID, "building": t.Building, "unit": t.Unit, "areaM2": t.AreaM2, "purpose": t.Purpose,
		"from": t.FromOn, "to": dayText(t.ToOn), "endReason": t.EndReason}
}

// TenancyInput is a unit rented.
type TenancyInput struct {
	Building string `json:"building" doc:"楼栋"`
	Unit     string `json:"unit" doc:"单元、楼层或者房号"`
	AreaM2   string `json:"areaM2,omitempty" doc:"面积，m²，至多 2 位小数"`
	Purpose  string `json:"purpose,omitempty" doc:"用途"`
	From     string `json:"from" format:"date" doc:"入驻日期（第一天）"`
	To       string `json:"to,omitempty" format:"date" doc:"迁出日期（最后一天），在驻为空"`
}

// Parse checks everything before it answers.
func (in TenancyInput) Parse() (Tenancy, error) {
	var c fault.Check
	t := Tenancy{
		Building: fault.Must(&c, "/building", in.Building, code.ParseText(40)),
		Unit:     fault.Must(&c, "/unit", in.Unit, code.ParseText(40)),
		AreaM2:   fault.Parse(&c, "/areaM2", in.AreaM2, code.ParsePositive(2)),
		Purpose:  fault.Parse(&c, "/purpose", in.Purpose, code.ParseText(100)),
		FromOn:   fault.Must(&c, "/from", in.From, code.ParseDay),
		ToOn:     optionalDay(&c, "/to", in.To),
	}
	if t.ToOn != nil && *t.ToOn < t.FromOn {
		c.Fail("/to", "order", "迁出日期不能早于入驻日期")
	}
	return t, c.Err()
}

// SiteInput is a firm's residence in a park: the firm by id or by credit code
// (a park cannot see a firm before it lives there), with its first unit.
type SiteInput struct {
	ParkID       string        `json:"parkId" format:"uuid" doc:"园区"`
	EnterpriseID string        `json:"enterpriseId,omitempty" format:"uuid" doc:"企业，或者填 creditCode"`
	CreditCode   string        `json:"creditCode,omitempty" doc:"企业统一社会信用代码"`
	Process      string        `json:"process,omitempty" doc:"生产工艺"`
	Tenancy      *TenancyInput `json:"tenancy,omitempty" doc:"租用的第一个单元"`
}

// Parse checks everything before it answers.
func (in SiteInput) Parse() (Site, error) {
	var c fault.Check
	s := Site{Process: fault.Parse(&c, "/process", in.Process, code.ParseText(500))}
	s.ParkID = fault.Must(&c, "/parkId", in.ParkID, models.ParseID)
	s.EnterpriseID = models.Ref(fault.Parse(&c, "/enterpriseId", in.EnterpriseID, models.ParseID))
	fault.Parse(&c, "/creditCode", in.CreditCode, code.ParseCreditCode)
	if (in.EnterpriseID == "") == (in.CreditCode == "") {
		c.Fail("/enterpriseId", "oneOf", "企业编号和统一社会信用代码填写其中一项")
	}
	if in.Tenancy != nil {
		_, err := in.Tenancy.Parse()
		c.Within("/tenancy", err)
	}
	return s, c.Err()
}

var siteOrders = map[string]models.Order[Site]{
	"createdAt":  {Column: "sites.created_at", Key: func(s Site) any { return s.CreatedAt }},
	"-createdAt": {Column: "sites.created_at", Desc: true, Key: func(s Site) any { return s.CreatedAt }},
}

// SiteFilter narrows the list of sites.
type SiteFilter struct{ ParkID, EnterpriseID, Jurisdiction string }

// Sites lists the sites that the caller may see.
func (s *Service) Sites(ctx context.Context, f SiteFilter, q models.Query) (models.Page[Site], error) {
	rows := s.db.Visible(ctx, policies.SiteRead, &Site{})
	rows = equal(equal(equal(rows, "sites.park_id", f.ParkID), "sites.enterprise_id", f.EnterpriseID), "sites.jurisdiction", f.Jurisdiction)
	return models.List(s.db, rows, q, siteOrders, "createdAt", func(x Site) models.ID { return x.ID })
}

// Site reads one site.
func (s *Service) Site(ctx context.Context, id models.ID) (Site, error) {
	return read[Site](ctx, s.db, policies.SiteRead, id)
}

// CreateSite lets a firm take residence in a park; one that comes back gets the residence
// that it had.
func (s *Service) CreateSite(ctx context.Context, id models.ID, in SiteInput) (Site, error) {
	if err := policies.Require(ctx, policies.SiteCreate); err != nil {
		return Site{}, err
	}
	site, err := in.Parse()
	if err != nil {
		return site, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		var park Park
		if err := models.One(tx.Visible(policies.ParkRead, &park).Where("id = ?", site.ParkID), &park); err != nil {
			return err
		}
		if err := park.Takes(); err != nil {
			return err
		}
		firm, err := s.firmOf(tx, park, site.EnterpriseID, in.CreditCode)
		if err != nil {
			return err
		}
		site.Jurisdiction, site.EnterpriseID = park.Jurisdiction, &firm
		if err := letIn(tx, &site, id); err != nil {
			return err
		}
		if in.Tenancy == nil {
			return nil
		}
		t, err := in.Tenancy.Parse()
		if err != nil {
			return err
		}
		if err := addTenancy(tx, site, &t, ""); err != nil {
			if f, is := err.(*fault.Error); is && len(f.Violations) > 0 {
				f.Violations[0].Pointer = "/tenancy" + f.Violations[0].Pointer
			}
			return err
		}
		return nil
	})
	return site, err
}

// firmOf finds the firm that moves in: by id only one that the caller already
// sees, by credit code any, since the code is public and names exactly one. The
// right to let it in is judged on the park first, so that the code cannot be used
// to ask who is registered.
func (s *Service) firmOf(tx *models.Tx, park Park, id *models.ID, creditCode string) (models.ID, error) {
	if err := tx.Covers(policies.SiteCreate, park.Owner()); err != nil {
		return "", err
	}
	var e Enterprise
	var err error
	if id != nil {
		err = models.One(tx.Visible(policies.EnterpriseRead, &e).Where("id = ?", *id), &e)
	} else if e, err = s.coded(tx, creditCode); fault.Is(err, fault.NotFound) {
		return "", broken("/creditCode", "required", "这个统一社会信用代码还没有登记，先登记企业")
	}
	if err == nil && e.ClosedOn != nil {
		return "", fault.New(fault.Conflict, "这家企业的登记已经终止；重新登记企业，原来的登记就恢复")
	}
	return e.ID, err
}

// CloseSite ends a firm's residence: it moved out of every unit, so that each is
// free again from the day after.
func (s *Service) CloseSite(ctx context.Context, id models.ID, version int64, in CloseInput) (Site, error) {
	return closing(ctx, s.db, policies.SiteEnd, id, version, in, vacate)
}

// vacate ends the tenancies of a closed site that go on beyond its last day.
func vacate(tx *models.Tx, site Site) error {
	var units []Tenancy
	err := tx.Visible(policies.SiteEnd, &Tenancy{}).Where("site_id = ? AND (to_on IS NULL OR to_on > ?)", site.ID, *site.ClosedOn).Order("id").Find(&units).Error
	if err != nil {
		return err
	}
	for _, before := range units {
		if before.FromOn > *site.ClosedOn {
			return broken("/on", "order", "这家企业登记了 {{.Day}} 起租用的单元，终止日期不能更早", "Day", string(before.FromOn))
		}
		after := before
		after.ToOn, after.EndReason = site.ClosedOn, site.ClosedReason
		if err := update(tx, policies.SiteEnd, &before, &after, site.ClosedReason); err != nil {
			return err
		}
	}
	return nil
}

// Tenancies lists the units of a site, newest first.
func (s *Service) Tenancies(ctx context.Context, site models.ID) ([]Tenancy, error) {
	if _, err := s.Site(ctx, site); err != nil {
		return nil, err
	}
	var all []Tenancy
	return all, s.db.Visible(ctx, policies.SiteRead, &Tenancy{}).Where("site_id = ?", site).Order("from_on DESC, id DESC").Limit(500).Find(&all).Error
}

// AddTenancy lets a unit to the firm of a site.
func (s *Service) AddTenancy(ctx context.Context, site models.ID, id models.ID, in TenancyInput) (Tenancy, error) {
	if err := policies.Require(ctx, policies.SiteUpdate); err != nil {
		return Tenancy{}, err
	}
	t, err := in.Parse()
	if err != nil {
		return t, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		var row Site
		if err := models.One(tx.Visible(policies.SiteUpdate, &row).Where("id = ?", site), &row); err != nil {
			return err
		}
		return addTenancy(tx, row, &t, id)
	})
	return t, err
}

// closedSite refuses what is new where nothing begins any more.
func closedSite() error { return fault.New(fault.Conflict, "企业已经迁出这个园区") }

func addTenancy(tx *models.Tx, site Site, t *Tenancy, id models.ID) error {
	if site.ClosedOn != nil {
		return closedSite()
	}
	t.Placed = site.Place()
	// Looked up first: on PostgreSQL a refused insert would spoil the transaction of an import.
	q := tx.Visible(policies.SiteUpdate, &Tenancy{}).Where("park_id = ? AND building = ? AND unit = ? AND (to_on IS NULL OR to_on >= ?)", t.ParkID, t.Building, t.Unit, t.FromOn)
	if t.ToOn != nil {
		q = q.Where("from_on <= ?", *t.ToOn)
	}
	var others []Tenancy
	if err := q.Order("id").Limit(2).Find(&others).Error; err != nil {
		return err
	}
	var err error
	switch {
	case len(others) == 0:
		err = create(tx, policies.SiteUpdate, t, id)
	case len(others) == 1 && others[0].ToOn != nil && *others[0].SiteID == site.ID && others[0].FromOn == t.FromOn:
		if id != "" {
			return keepsID()
		}
		err = update(tx, policies.SiteUpdate, &others[0], t, "") // let from the same day: the same tenancy goes on
	default:
		return let(nil)
	}
	if models.Overlap(err) {
		return let(err)
	}
	return err
}

// let refuses a unit that somebody has.
func let(cause error) error {
	const said = "这个单元在所填日期内已经租给别的企业，或者重复登记"
	f := fault.Wrap(cause, fault.Conflict, said)
	f.Violations = []fault.Violation{{Pointer: "/unit", Code: "let", Detail: fault.T(said)}}
	return f
}

// EndInput ends a tenancy.
type EndInput struct {
	On     string `json:"on" format:"date" doc:"迁出日期（最后一天）"`
	Reason string `json:"reason" doc:"原因，至少 5 个字"`
}

// Parse checks day and reason.
func (in EndInput) Parse() (EndInput, error) {
	var c fault.Check
	fault.Must(&c, "/on", in.On, code.ParseDay)
	in.Reason = fault.Must(&c, "/reason", in.Reason, code.ParseReason)
	return in, c.Err()
}

// EndTenancy records the last day of a unit.
func (s *Service) EndTenancy(ctx context.Context, site, id models.ID, in EndInput) (Tenancy, error) {
	if err := policies.Require(ctx, policies.SiteEnd); err != nil {
		return Tenancy{}, err
	}
	var after Tenancy
	in, err := in.Parse()
	if err != nil {
		return after, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		var before Tenancy
		if err := models.One(tx.Visible(policies.SiteEnd, &before).Where("id = ? AND site_id = ?", id, site), &before); err != nil {
			return err
		}
		if before.ToOn != nil {
			return fault.New(fault.Conflict, "已经登记过迁出日期")
		}
		if code.Day(in.On) < before.FromOn {
			return broken("/on", "order", "迁出日期不能早于入驻日期")
		}
		after = before
		after.ToOn, after.EndReason = models.Ref(code.Day(in.On)), in.Reason
		return update(tx, policies.SiteEnd, &before, &after, in.Reason)
	})
	return after, err
}

package registry

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Enterprise is a resident firm (入驻企业), one row a unified social credit code.
// A park sees it if a tenancy there ever existed.
type Enterprise struct {
	models.Versioned
	CreditCode   string // GB 32100-2015, 18 characters
	Name         string // the name today; EnterpriseName holds the ones before
	NameSort     string
	Search       string
	Aliases      models.Texts
	Industries   models.Texts // GB/T 4754-2017, four digits; the first is the main one
	MainIndustry string
	PermitClass  string // key, simplified, registration, none
	RiskLevel    string // general, larger, major; "" when not assessed
	KeyYears     models.JSON[[]int]
	Discharges   bool // 排污单位
	Demo         bool
	Closing      `gorm:"embedded"`

	LegalRepresentative string `gorm:"-"` // people's fields, stored apart
	Contact             string `gorm:"-"`
	Phone               string `gorm:"-"`
}

// TableName implements gorm's Tabler.
func (Enterprise) TableName() string { return "enterprises" }

// Scope implements models.Scoped.
func (Enterprise) Scope() models.Scope {
	return models.EnterpriseRows("enterprises", "id", "enterprise", "grade")
}

var enterpriseColumns = `enterprises.id, enterprises.version, enterprises.created_at, enterprises.updated_at, enterprises.credit_code, enterprises.name, enterprises.name_sort,
enterprises.search, enterprises.aliases, enterprises.industries, enterprises.main_industry, enterprises.permit_class, enterprises.risk_level, enterprises.key_years,
enterprises.discharges, enterprises.demo, enterprises.closed_on, enterprises.closed_reason, ` +
	personalColumn("enterprises", "legalRepresentative") + ", " + personalColumn("enterprises", "contact") + ", " + personalColumn("enterprises", "phone")

// Columns implements models.Plain; people's fields come in the same statement.
func (*Enterprise) Columns() string { return enterpriseColumns }

// Fields implements models.Plain.
func (e *Enterprise) Fields() []any {
	return []any{(*string)(&e.ID), &e.Version, &e.CreatedAt, &e.UpdatedAt, &e.CreditCode, &e.Name, &e.NameSort, &e.Search, &e.Aliases, &e.Industries, &e.MainIndustry,
		&e.PermitClass, &e.RiskLevel, &e.KeyYears, &e.Discharges, &e.Demo, &e.ClosedOn, &e.ClosedReason, &e.LegalRepresentative, &e.Contact, &e.Phone}
}

// Owner implements models.Owned. A new firm has no site yet: the service judges
// its creation by the park in which it takes residence.
func (e Enterprise) Owner() policies.Row { return e.where().Owner() }

func (e *Enterprise) kind() string            { return "enterprise" }
func (e *Enterprise) meta() *models.Versioned { return &e.Versioned }
func (e *Enterprise) where() models.Placed    { return models.Placed{EnterpriseID: models.Ref(e.ID)} }
func (e *Enterprise) closing() *Closing       { return &e.Closing }
func (e *Enterprise) personal() map[string]string {
	return map[string]string{"legalRepresentative": e.LegalRepresentative, "contact": e.Contact, "phone": e.Phone}
}
func (e *Enterprise) input() any {
	in := e.Input()
	in.LegalRepresentative, in.Contact, in.Phone = "", "", ""
	return in
}

// EnterpriseName is a name that a firm had, with its days.
type EnterpriseName struct {
	ID           models.ID `gorm:"primaryKey"`
	EnterpriseID models.ID
	Name         string
	FromOn       code.Day
	UntilOn      *code.Day // nil for the present name
}

// TableName implements gorm's Tabler.
func (EnterpriseName) TableName() string { return "enterprise_names" }

// Scope implements models.Scoped.
func (EnterpriseName) Scope() models.Scope {
	return models.ChildRows("enterprise_names", "enterprise_id", Enterprise{})
}

// EnterpriseInput is an enterprise as people enter it.
type EnterpriseInput struct {
	CreditCode          string   `json:"creditCode" doc:"统一社会信用代码（GB 32100-2015），18 位"`
	Name                string   `json:"name" doc:"企业名称"`
	Aliases             []string `json:"aliases,omitempty" maxItems:"20" doc:"简称、曾用名"`
	Industries          []string `json:"industries" maxItems:"10" doc:"行业代码（GB/T 4754-2017），4 位，第一个为主行业"`
	PermitClass         string   `json:"permitClass" enum:"key,simplified,registration,none" doc:"排污许可管理类别：重点、简化、登记、不需要"`
	RiskLevel           string   `json:"riskLevel,omitempty" enum:"general,larger,major" doc:"环境风险等级：一般、较大、重大"`
	KeyYears            []int    `json:"keyYears,omitempty" maxItems:"30" doc:"列入重点排污单位名录的年份"`
	Discharges          bool     `json:"discharges,omitempty" doc:"是否排污单位"`
	LegalRepresentative string   `json:"legalRepresentative" doc:"法定代表人"`
	Contact             string   `json:"contact" doc:"环保联系人"`
	Phone               string   `json:"phone,omitempty" doc:"联系电话"`
}

// Parse checks everything before it answers.
func (in EnterpriseInput) Parse() (Enterprise, error) {
	var c fault.Check
	e := Enterprise{
		CreditCode:  string(fault.Must(&c, "/creditCode", in.CreditCode, code.ParseCreditCode)),
		Name:        fault.Must(&c, "/name", in.Name, code.ParseName),
		Aliases:     texts(&c, "/aliases", in.Aliases, code.ParseName),
		Industries:  texts(&c, "/industries", in.Industries, func(s string) (string, error) { v, err := code.ParseIndustry(s); return string(v), err }),
		PermitClass: in.PermitClass, RiskLevel: in.RiskLevel, Discharges: in.Discharges,
		LegalRepresentative: fault.Must(&c, "/legalRepresentative", in.LegalRepresentative, code.ParseText(50)),
		Contact:             fault.Must(&c, "/contact", in.Contact, code.ParseText(50)),
		Phone:               fault.Parse(&c, "/phone", in.Phone, code.ParsePhone),
	}
	c.Required("/permitClass", in.PermitClass)
	if len(in.Industries) == 0 {
		c.Fail("/industries", "required", "至少填写主行业")
	} else if len(e.Industries) > 0 {
		e.MainIndustry = e.Industries[0]
	}
	e.KeyYears.V = in.KeyYears
	for i, y := range in.KeyYears {
		if y < 2000 || y > 2100 {
			c.Fail("/keyYears/"+itoa(i), "range", "年份应当在 2000 至 2100 之间")
		}
	}
	e.NameSort, e.Search = sortKey(e.Name), searchText(append([]string{e.Name, e.CreditCode}, e.Aliases...)...)
	return e, c.Err()
}

// Input is the enterprise as it would be entered.
func (e Enterprise) Input() EnterpriseInput {
	return EnterpriseInput{CreditCode: e.CreditCode, Name: e.Name, Aliases: e.Aliases, Industries: e.Industries, PermitClass: e.PermitClass, RiskLevel: e.RiskLevel,
		KeyYears: e.KeyYears.V, Discharges: e.Discharges, LegalRepresentative: e.LegalRepresentative, Contact: e.Contact, Phone: e.Phone}
}

var enterpriseOrders = map[string]models.Order[Enterprise]{
	"name":        {Column: "enterprises.name_sort", Key: func(e Enterprise) any { return e.NameSort }},
	"-name":       {Column: "enterprises.name_sort", Desc: true, Key: func(e Enterprise) any { return e.NameSort }},
	"creditCode":  {Column: "enterprises.credit_code", Key: func(e Enterprise) any { return e.CreditCode }},
	"-creditCode": {Column: "enterprises.credit_code", Desc: true, Key: func(e Enterprise) any { return e.CreditCode }},
}

// EnterpriseFilter narrows the list of enterprises.
type EnterpriseFilter struct {
	Q           string // part of a name, an alias, the credit code or initials
	ParkID      string
	Industry    string
	PermitClass string
	CreditCode  string
	Resident    bool // only firms that live in the park now, or in any
}

// Enterprises lists the firms that the caller may see.
func (s *Service) Enterprises(ctx context.Context, f EnterpriseFilter, q models.Query) (models.Page[Enterprise], error) {
	rows := s.db.Visible(ctx, policies.EnterpriseRead, &Enterprise{})
	rows = like(rows, "enterprises.search", f.Q)
	rows = equal(rows, "enterprises.main_industry", f.Industry)
	rows = equal(rows, "enterprises.permit_class", f.PermitClass)
	rows = equal(rows, "enterprises.credit_code", f.CreditCode)
	if f.ParkID != "" || f.Resident {
		sites := equal(s.db.Visible(ctx, policies.SiteRead, &Site{}), "sites.park_id", f.ParkID)
		if f.Resident {
			sites, rows = sites.Where("sites.closed_on IS NULL"), rows.Where("enterprises.closed_on IS NULL")
		}
		rows = rows.Where("enterprises.id IN (?)", sites.Select("enterprise_id"))
	}
	return models.List(s.db, rows, q, enterpriseOrders, "name", func(e Enterprise) models.ID { return e.ID })
}

// EnterpriseNamed are the names of these firms, of those that the caller may see.
func (s *Service) EnterpriseNamed(ctx context.Context, ids []models.ID) (map[models.ID]string, error) {
	names := make(map[models.ID]string, len(ids))
	if len(ids) == 0 {
		return names, nil
	}
	var rows []Enterprise
	err := s.db.Visible(ctx, policies.EnterpriseRead, &Enterprise{}).Where("enterprises.id IN ?", ids).Select("id", "name").Find(&rows).Error
	for _, e := range rows {
		names[e.ID] = e.Name
	}
	return names, err
}

// Enterprise reads one firm.
func (s *Service) Enterprise(ctx context.Context, id models.ID) (Enterprise, error) {
	return read[Enterprise](ctx, s.db, policies.EnterpriseRead, id)
}

// EnterpriseNames lists the names of a firm over time, newest first.
func (s *Service) EnterpriseNames(ctx context.Context, id models.ID) ([]EnterpriseName, error) {
	var names []EnterpriseName
	if _, err := s.Enterprise(ctx, id); err != nil {
		return nil, err
	}
	return names, s.db.Visible(ctx, policies.EnterpriseRead, &EnterpriseName{}).Where("enterprise_id = ?", id).Order("from_on DESC, id DESC").Find(&names).Error
}

// CreateEnterprise registers a firm, and its site where it takes residence in a
// park. Who reaches parks only has to name one of its own. A record of that code which
// is closed is opened again.
func (s *Service) CreateEnterprise(ctx context.Context, id models.ID, in EnterpriseInput, park models.ID) (Enterprise, error) {
	return s.createEnterprise(ctx, id, in, park, home{})
}

// CreateResident is CreateEnterprise with what is said of the residence (入驻).
func (s *Service) CreateResident(ctx context.Context, in EnterpriseInput, park models.ID, process string, unit *TenancyInput) (Enterprise, error) {
	return s.createEnterprise(ctx, "", in, park, home{process, unit})
}

func (s *Service) createEnterprise(ctx context.Context, id models.ID, in EnterpriseInput, park models.ID, at home) (Enterprise, error) {
	if err := policies.Require(ctx, policies.EnterpriseCreate); err != nil {
		return Enterprise{}, err
	}
	e, err := in.Parse()
	if err != nil {
		return e, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		own, err := freeID(tx, id)
		if err != nil {
			return err
		}
		var p Park
		owner := policies.Row{}
		if park != "" {
			if err := models.One(tx.Visible(policies.ParkRead, &p).Where("id = ?", park), &p); err != nil {
				return err
			}
			if err := p.Takes(); err != nil {
				return err
			}
			owner = p.Owner()
		}
		if err := tx.Covers(policies.EnterpriseCreate, owner); err != nil {
			if park == "" && fault.Is(err, fault.NotFound) {
				return broken("/parkId", "required", "填写企业入驻的园区")
			}
			return err
		}
		before, err := s.ended(tx, e.CreditCode)
		if err != nil {
			return err
		}
		if before != nil {
			return again(tx, *before, &e, id, p, at)
		}
		now := tx.Now()
		e.Versioned = models.Versioned{ID: own, Version: 1, CreatedAt: now, UpdatedAt: now}
		if err := tx.CreateCovered(policies.EnterpriseCreate, owner, &e); err != nil {
			return duplicate(err, "这个统一社会信用代码已经登记；企业已经在其他园区登记的，直接办理入驻")
		}
		if err := tx.Append(&EnterpriseName{ID: models.NewID(), EnterpriseID: e.ID, Name: e.Name, FromOn: tx.Today()}); err != nil {
			return err
		}
		if err := recordVersion(tx, policies.EnterpriseCreate, &e, nil, ""); err != nil || park == "" {
			return err
		}
		return at.settle(tx, p, e.ID)
	})
	return e, err
}

// UpdateEnterprise changes a firm; a new name ends the one before.
func (s *Service) UpdateEnterprise(ctx context.Context, id models.ID, version int64, patch func(EnterpriseInput) (EnterpriseInput, error)) (Enterprise, error) {
	var after Enterprise
	err := s.db.Write(ctx, func(tx *models.Tx) error {
		before, err := forChange[Enterprise](tx, policies.EnterpriseUpdate, id, version)
		if err != nil {
			return err
		}
		in, err := patch(before.Input())
		if err != nil {
			return err
		}
		if after, err = in.Parse(); err != nil {
			return err
		}
		after.Demo, after.Closing = before.Demo, before.Closing
		if after.CreditCode != before.CreditCode {
			return &fault.Error{Code: fault.Invalid, Detail: fault.T("有 {{.Count}} 处不符合要求", "Count", 1), Violations: []fault.Violation{
				{Pointer: "/creditCode", Code: "fixed", Rule: "GB 32100-2015", Detail: fault.T("统一社会信用代码登记后不能改；代码填错的，终止这条登记后重新登记")}}}
		}
		if after.Name != before.Name {
			if err := rename(tx, policies.EnterpriseUpdate, id, after.Name); err != nil {
				return err
			}
		}
		if err := called(tx, policies.EnterpriseUpdate, id, &after); err != nil {
			return err
		}
		return update(tx, policies.EnterpriseUpdate, &before, &after, "")
	})
	return after, err
}

func rename(tx *models.Tx, perm policies.Permission, id models.ID, name string) error {
	today := tx.Today()
	res := tx.Visible(perm, &EnterpriseName{}).Where("enterprise_id = ? AND until_on IS NULL", id).Update("until_on", today)
	if res.Error != nil {
		return res.Error
	}
	return tx.Append(&EnterpriseName{ID: models.NewID(), EnterpriseID: id, Name: name, FromOn: today})
}

// CloseEnterprise ends a firm's registration; its history stays.
func (s *Service) CloseEnterprise(ctx context.Context, id models.ID, version int64, in CloseInput) (Enterprise, error) {
	return closing[Enterprise](ctx, s.db, policies.EnterpriseClose, id, version, in)
}

// NoteOf is the audit note of an unmasked look at people's fields.
func noteUnmasked(tx *models.Tx, id models.ID) error {
	return audit.Write(tx, audit.Note{Action: string(policies.EnterpriseContact), Outcome: audit.Done, Kind: "enterprise", Object: string(id)})
}

// Contact gives the phone number of one firm unmasked and leaves a record of it (S-PI2).
func (s *Service) Contact(ctx context.Context, id models.ID) (Enterprise, error) {
	e, err := read[Enterprise](ctx, s.db, policies.EnterpriseContact, id)
	if err != nil {
		return e, err
	}
	return e, s.db.Write(ctx, func(tx *models.Tx) error { return noteUnmasked(tx, id) })
}

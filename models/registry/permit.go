package registry

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Permit is a discharge permit or a registration receipt (排污许可证, 登记回执) of
// one site. Expired and renewal due are computed from ValidTo, never stored.
type Permit struct {
	models.Versioned
	models.Placed `gorm:"embedded"`
	Number        string // HJ 608-2017, 22 characters; the first 18 are the holder's credit code
	Kind          string // permit, registration
	Class         string // key, simplified, registration
	State         string // stored states of the machine: issued, changed, withdrawn, cancelled, …
	IssuedOn      code.Day
	ValidTo       code.Day
	Authority     string
	Amounts       models.JSON[[]PermitAmount]
	Limits        models.JSON[[]PermitLimit]
	LedgerRules   models.JSON[[]LedgerRule]
	Monitoring    models.JSON[[]MonitoringRule]
	Demo          bool
	Closing       `gorm:"embedded"`
}

// PermitAmount is a permitted yearly amount.
type PermitAmount struct {
	Pollutant string `json:"pollutant" doc:"污染物代码，废水 HJ 525，例 w01018；废气 HJ 524，例 a24088"`
	TonnesA   string `json:"tonnesPerYear" doc:"许可排放量，t/a"`
	Year      int    `json:"year,omitempty"`
}

// PermitLimit is a permitted concentration; it overrides the table.
type PermitLimit struct {
	Outlet    string `json:"outlet" doc:"排放口编码，例 DW001"`
	Pollutant string `json:"pollutant" doc:"污染物代码，废水 HJ 525，废气 HJ 524"`
	Minimum   string `json:"minimum,omitempty"`
	Maximum   string `json:"maximum" doc:"上限，或者 ND（不得检出）"`
	Unit      string `json:"unit"`
	Kind      string `json:"kind,omitempty" enum:"daily,instant,hourly" doc:"日均值、瞬时值、小时均值"`
}

// LedgerRule is the permit's own wording of what is recorded how often.
type LedgerRule struct {
	Class  string `json:"class" doc:"台账类别"`
	Object string `json:"object,omitempty" doc:"设施编码，空为全厂"`
	Text   string `json:"text" doc:"许可证载明的记录频次原文，例 1次/日"`
	// Where the permit says how long a record may take; a day otherwise.
	GraceDays    *int `json:"graceDays,omitempty" minimum:"0" maximum:"366" doc:"许可证载明的报送宽限天数，从周期最后一天的次日起算；没有载明的为空，按 1 天"`
	DueOnWorkday bool `json:"dueOnWorkday,omitempty" doc:"许可证载明到期日遇节假日顺延"`
}

// MonitoringRule is one line of the self-monitoring plan.
type MonitoringRule struct {
	Outlet    string `json:"outlet"`
	Pollutant string `json:"pollutant"`
	Text      string `json:"text" doc:"监测频次原文，例 1次/月"`
}

// TableName implements gorm's Tabler.
func (Permit) TableName() string { return "permits" }

// Scope implements models.Scoped.
func (Permit) Scope() models.Scope { return models.ParkRows("permits", "permit") }

func (p *Permit) kind() string                { return "permit" }
func (p *Permit) meta() *models.Versioned     { return &p.Versioned }
func (p *Permit) where() models.Placed        { return p.Placed }
func (p *Permit) closing() *Closing           { return &p.Closing }
func (p *Permit) personal() map[string]string { return nil }
func (p *Permit) input() any                  { return p.Input() }

// PermitInput is a permit as people enter it.
type PermitInput struct {
	SiteID      string           `json:"siteId" format:"uuid" doc:"企业在园区的场所"`
	Number      string           `json:"number" doc:"许可证编号（HJ 608-2017），22 位"`
	Kind        string           `json:"kind" enum:"permit,registration" doc:"排污许可证、登记回执"`
	Class       string           `json:"class" enum:"key,simplified,registration" doc:"重点、简化、登记管理"`
	State       string           `json:"state,omitempty" enum:"registered,applied,issued,changed,withdrawn,cancelled" doc:"状态，默认 issued"`
	IssuedOn    string           `json:"issuedOn" format:"date" doc:"发证日期"`
	ValidTo     string           `json:"validTo,omitempty" format:"date" doc:"有效期截止日，默认发证满 5 年的前一日"`
	Authority   string           `json:"authority" doc:"发证机关"`
	Amounts     []PermitAmount   `json:"amounts,omitempty" maxItems:"100"`
	Limits      []PermitLimit    `json:"limits,omitempty" maxItems:"300"`
	LedgerRules []LedgerRule     `json:"ledgerRules,omitempty" maxItems:"100"`
	Monitoring  []MonitoringRule `json:"monitoring,omitempty" maxItems:"300"`
}

// permitYears is the life of a permit, 排污许可管理条例 art. 14.
const permitYears = 5

// Parse checks everything before it answers. Whether the number names the holder
// is checked when the site is known.
func (in PermitInput) Parse() (Permit, error) {
	var c fault.Check
	p := Permit{
		Number:    string(fault.Must(&c, "/number", in.Number, code.ParsePermitNumber)),
		IssuedOn:  fault.Must(&c, "/issuedOn", in.IssuedOn, code.ParseDay),
		ValidTo:   fault.Parse(&c, "/validTo", in.ValidTo, code.ParseDay),
		Authority: fault.Must(&c, "/authority", in.Authority, code.ParseText(100)),
		Kind:      in.Kind, Class: in.Class, State: in.State,
	}
	p.SiteID = models.Ref(fault.Must(&c, "/siteId", in.SiteID, models.ParseID))
	c.Required("/kind", in.Kind)
	c.Required("/class", in.Class)
	if p.State == "" {
		p.State = "issued"
	}
	if p.IssuedOn != "" {
		longest := p.IssuedOn.AddYears(permitYears)
		switch {
		case in.ValidTo == "":
			p.ValidTo = longest.Add(-1)
		case p.ValidTo != "" && (p.ValidTo < p.IssuedOn || p.ValidTo > longest):
			c.Cite("/validTo", "range", "排污许可管理条例 第十四条", in.ValidTo, "有效期为发证之日起 5 年，截止日应当在 {{.From}} 至 {{.To}} 之间", "From", string(p.IssuedOn), "To", string(longest))
		}
	}
	checkPermitLists(&c, in)
	p.Amounts.V, p.Limits.V, p.LedgerRules.V, p.Monitoring.V = in.Amounts, in.Limits, in.LedgerRules, in.Monitoring
	return p, c.Err()
}

func checkPermitLists(c *fault.Check, in PermitInput) {
	for i, a := range in.Amounts {
		at := "/amounts/" + itoa(i)
		fault.Must(c, at+"/pollutant", a.Pollutant, code.ParsePollutant)
		fault.Must(c, at+"/tonnesPerYear", a.TonnesA, code.ParsePositive(6))
	}
	for i, l := range in.Limits {
		at := "/limits/" + itoa(i)
		outlet := fault.Must(c, at+"/outlet", l.Outlet, code.ParseOutlet)
		pollutant := fault.Must(c, at+"/pollutant", l.Pollutant, code.ParsePollutant)
		if outlet != "" {
			ofMedium(c, at+"/pollutant", pollutant, outlet.Fits(discharge.Air))
		}
		fault.Must(c, at+"/maximum", l.Maximum, discharge.ParseLimit)
		fault.Parse(c, at+"/minimum", l.Minimum, code.ParseQuantity)
		unit := fault.Must(c, at+"/unit", l.Unit, code.ParseText(20))
		bounds(c, at, string(pollutant), l.Minimum, l.Maximum, unit)
	}
	for i, r := range in.LedgerRules {
		fault.Must(c, "/ledgerRules/"+itoa(i)+"/class", r.Class, code.ParseText(80))
		fault.Must(c, "/ledgerRules/"+itoa(i)+"/text", r.Text, code.ParseText(200))
		if g := r.GraceDays; g != nil && (*g < 0 || *g > 366) {
			c.Fail("/ledgerRules/"+itoa(i)+"/graceDays", "range", "宽限天数应当在 0 至 366 之间")
		}
		for j := range i {
			if o := in.LedgerRules[j]; o.Class == r.Class && o.Object == r.Object {
				c.Fail("/ledgerRules/"+itoa(i)+"/class", "duplicate", "同一设施的同一台账类别已经有一条记录频次要求")
			}
		}
	}
	for i, r := range in.Monitoring {
		outlet := fault.Must(c, "/monitoring/"+itoa(i)+"/outlet", r.Outlet, code.ParseOutlet)
		pollutant := fault.Must(c, "/monitoring/"+itoa(i)+"/pollutant", r.Pollutant, code.ParsePollutant)
		if outlet != "" {
			ofMedium(c, "/monitoring/"+itoa(i)+"/pollutant", pollutant, outlet.Fits(discharge.Air))
		}
		fault.Must(c, "/monitoring/"+itoa(i)+"/text", r.Text, code.ParseText(200))
	}
}

// Input is the permit as it would be entered.
func (p Permit) Input() PermitInput {
	return PermitInput{SiteID: string(models.Deref(p.SiteID)), Number: p.Number, Kind: p.Kind, Class: p.Class, State: p.State, IssuedOn: string(p.IssuedOn),
		ValidTo: string(p.ValidTo), Authority: p.Authority, Amounts: p.Amounts.V, Limits: p.Limits.V, LedgerRules: p.LedgerRules.V, Monitoring: p.Monitoring.V}
}

// renewalDays is when renewal must have been applied for, 排污许可管理条例 art. 14.
const renewalDays = 60

// Standing is the state of the permit on a day: expired and renewal_due are
// computed, everything else is as stored.
func (p Permit) Standing(on code.Day) string {
	switch {
	case p.State != "issued" || p.Kind == "registration" && on <= p.ValidTo:
		return p.State
	case on > p.ValidTo:
		return "expired"
	case on >= p.ValidTo.Add(-renewalDays):
		return "renewal_due"
	}
	return p.State
}

var permitOrders = map[string]models.Order[Permit]{
	"validTo":   {Column: "permits.valid_to", Key: func(p Permit) any { return string(p.ValidTo) }},
	"-validTo":  {Column: "permits.valid_to", Desc: true, Key: func(p Permit) any { return string(p.ValidTo) }},
	"issuedOn":  {Column: "permits.issued_on", Key: func(p Permit) any { return string(p.IssuedOn) }},
	"-issuedOn": {Column: "permits.issued_on", Desc: true, Key: func(p Permit) any { return string(p.IssuedOn) }},
}

// PermitFilter narrows the list of permits. From and To bound the last day of validity.
type PermitFilter struct {
	ParkID, EnterpriseID, SiteID, Number, Class string
	From, To                                    code.Day
	Standing                                    bool // only permits that have not ended
}

// Permits lists the permits that the caller may see.
func (s *Service) Permits(ctx context.Context, f PermitFilter, q models.Query) (models.Page[Permit], error) {
	rows := s.db.Visible(ctx, policies.PermitRead, &Permit{})
	rows = equal(equal(equal(rows, "permits.park_id", f.ParkID), "permits.enterprise_id", f.EnterpriseID), "permits.site_id", f.SiteID)
	rows = equal(equal(rows, "permits.number", f.Number), "permits.class", f.Class)
	if f.From != "" {
		rows = rows.Where("permits.valid_to >= ?", f.From)
	}
	if f.To != "" {
		rows = rows.Where("permits.valid_to <= ?", f.To)
	}
	if f.Standing {
		rows = rows.Where("permits.closed_on IS NULL")
	}
	return models.List(s.db, rows, q, permitOrders, "validTo", func(p Permit) models.ID { return p.ID })
}

// Permit reads one permit.
func (s *Service) Permit(ctx context.Context, id models.ID) (Permit, error) {
	return read[Permit](ctx, s.db, policies.PermitRead, id)
}

// CreatePermit records a permit of a site.
func (s *Service) CreatePermit(ctx context.Context, id models.ID, in PermitInput) (Permit, error) {
	if err := policies.Require(ctx, policies.PermitCreate); err != nil {
		return Permit{}, err
	}
	p, err := in.Parse()
	if err != nil {
		return p, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		site, err := holder(tx, &p)
		if err != nil {
			return err
		}
		if site.ClosedOn != nil {
			return closedSite()
		}
		const known = "这个许可证编号已经登记"
		// Looked up first, wherever it stands: on PostgreSQL a refused insert would spoil the transaction of an import.
		var same int64
		all := policies.With(tx.Context(), s.db.Policy.Program("registry"))
		if err := s.db.Visible(all, policies.PermitRead, &Permit{}).Where("number = ? AND kind = ? AND closed_on IS NULL", p.Number, p.Kind).Count(&same).Error; err != nil {
			return err
		}
		if same > 0 {
			return fault.New(fault.Conflict, known)
		}
		return duplicate(create(tx, policies.PermitCreate, &p, id), known)
	})
	return p, err
}

// holder places the permit where its site is; the number has to name the site's firm.
func holder(tx *models.Tx, p *Permit) (Site, error) {
	var site Site
	if err := models.One(tx.Visible(policies.SiteRead, &site).Where("id = ?", *p.SiteID), &site); err != nil {
		return site, err
	}
	p.Placed = site.Place()
	var firm Enterprise
	if err := models.One(tx.Visible(policies.EnterpriseRead, &firm).Where("id = ?", *site.EnterpriseID), &firm); err != nil {
		return site, err
	}
	if string(code.PermitNumber(p.Number).Holder()) != firm.CreditCode {
		return site, &fault.Error{Code: fault.Invalid, Detail: fault.T("有 {{.Count}} 处不符合要求", "Count", 1), Violations: []fault.Violation{
			{Pointer: "/number", Code: "holder", Rule: "HJ 608-2017", Value: p.Number, Detail: fault.T("编号前 18 位应当是持证企业的统一社会信用代码 {{.Code}}", "Code", firm.CreditCode)}}}
	}
	return site, nil
}

// UpdatePermit changes a permit; every version stays readable.
func (s *Service) UpdatePermit(ctx context.Context, id models.ID, version int64, patch func(PermitInput) (PermitInput, error)) (Permit, error) {
	var after Permit
	err := s.db.Write(ctx, func(tx *models.Tx) error {
		before, err := forChange[Permit](tx, policies.PermitUpdate, id, version)
		if err != nil {
			return err
		}
		in, err := patch(before.Input())
		if err != nil {
			return err
		}
		if in.SiteID != string(models.Deref(before.SiteID)) {
			return broken("/siteId", "fixed", "许可证不能改挂到别的场所；注销后重新登记")
		}
		if after, err = in.Parse(); err != nil {
			return err
		}
		if _, err := holder(tx, &after); err != nil {
			return err
		}
		after.Demo, after.Closing = before.Demo, before.Closing
		return duplicate(update(tx, policies.PermitUpdate, &before, &after, ""), "这个许可证编号已经登记")
	})
	return after, err
}

// ClosePermit ends a permit: withdrawn or cancelled.
func (s *Service) ClosePermit(ctx context.Context, id models.ID, version int64, in CloseInput) (Permit, error) {
	return closing[Permit](ctx, s.db, policies.PermitClose, id, version, in)
}

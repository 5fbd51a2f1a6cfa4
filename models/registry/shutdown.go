package registry

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Shutdown is a time without production or operation (停产停运) of a site or of one
// facility, from its first to its last day, both of which are recorded in the
// ledger. One that was registered by mistake is closed and counts as never been.
type Shutdown struct {
	models.Versioned
	models.Placed `gorm:"embedded"`
	FacilityID    *models.ID // nil: everything on the site
	FromOn        code.Day
	ToOn          *code.Day // nil while it lasts
	Reason        string
	Demo          bool
	Closing       `gorm:"embedded"`
}

// TableName implements gorm's Tabler.
func (Shutdown) TableName() string { return "shutdowns" }

// Scope implements models.Scoped.
func (Shutdown) Scope() models.Scope { return models.ParkRows("shutdowns", "shutdown") }

func (s *Shutdown) kind() string                { return "shutdown" }
func (s *Shutdown) meta() *models.Versioned     { return &s.Versioned }
func (s *Shutdown) where() models.Placed        { return s.Placed }
func (s *Shutdown) closing() *Closing           { return &s.Closing }
func (s *Shutdown) personal() map[string]string { return nil }
func (s *Shutdown) input() any                  { return s.Input() }

// ShutdownInput is a shut-down as people enter it.
type ShutdownInput struct {
	ParkID     string `json:"parkId" format:"uuid" doc:"园区"`
	SiteID     string `json:"siteId,omitempty" format:"uuid" doc:"企业场所；园区自有设施停运为空"`
	FacilityID string `json:"facilityId,omitempty" format:"uuid" doc:"停运的设施；整个场所停产为空"`
	From       string `json:"from" format:"date" doc:"停产停运的第一天，当天仍要记录"`
	To         string `json:"to,omitempty" format:"date" doc:"停产停运的最后一天，当天仍要记录；还没有恢复的为空"`
	Reason     string `json:"reason" doc:"原因，至少 5 个字"`
}

// Parse checks everything before it answers.
func (in ShutdownInput) Parse() (Shutdown, error) {
	var c fault.Check
	s := Shutdown{FromOn: fault.Must(&c, "/from", in.From, code.ParseDay), ToOn: optionalDay(&c, "/to", in.To), Reason: fault.Must(&c, "/reason", in.Reason, code.ParseReason)}
	s.ParkID = fault.Must(&c, "/parkId", in.ParkID, models.ParseID)
	s.SiteID = models.Ref(fault.Parse(&c, "/siteId", in.SiteID, models.ParseID))
	s.FacilityID = models.Ref(fault.Parse(&c, "/facilityId", in.FacilityID, models.ParseID))
	if in.SiteID == "" && in.FacilityID == "" {
		c.Fail("/siteId", "required", "填写停产的企业场所；园区自有设施停运的，填写设施")
	}
	if s.ToOn != nil && s.FromOn != "" && *s.ToOn < s.FromOn {
		c.Fail("/to", "order", "最后一天不能早于第一天")
	}
	return s, c.Err()
}

// Input is the shut-down as it would be entered.
func (s Shutdown) Input() ShutdownInput {
	return ShutdownInput{ParkID: string(s.ParkID), SiteID: string(models.Deref(s.SiteID)), FacilityID: string(models.Deref(s.FacilityID)), From: string(s.FromOn), To: dayText(s.ToOn), Reason: s.Reason}
}

var shutdownOrders = map[string]models.Order[Shutdown]{
	"-from": {Column: "shutdowns.from_on", Desc: true, Key: func(s Shutdown) any { return string(s.FromOn) }},
	"from":  {Column: "shutdowns.from_on", Key: func(s Shutdown) any { return string(s.FromOn) }},
}

// ShutdownFilter narrows the list of shut-downs. From and To take those that have
// a day between them.
type ShutdownFilter struct {
	ParkID, SiteID, EnterpriseID, FacilityID string
	From, To                                 code.Day
}

// Shutdowns lists the shut-downs that the caller may see, the newest first.
func (s *Service) Shutdowns(ctx context.Context, f ShutdownFilter, q models.Query) (models.Page[Shutdown], error) {
	rows := s.db.Visible(ctx, policies.ShutdownRead, &Shutdown{})
	rows = equal(equal(rows, "shutdowns.park_id", f.ParkID), "shutdowns.site_id", f.SiteID)
	rows = equal(equal(rows, "shutdowns.enterprise_id", f.EnterpriseID), "shutdowns.facility_id", f.FacilityID)
	if f.From != "" {
		rows = rows.Where("(shutdowns.to_on IS NULL OR shutdowns.to_on >= ?)", f.From)
	}
	if f.To != "" {
		rows = rows.Where("shutdowns.from_on <= ?", f.To)
	}
	return models.List(s.db, rows, q, shutdownOrders, "-from", func(x Shutdown) models.ID { return x.ID })
}

// Shutdown reads one shut-down.
func (s *Service) Shutdown(ctx context.Context, id models.ID) (Shutdown, error) {
	return read[Shutdown](ctx, s.db, policies.ShutdownRead, id)
}

// CreateShutdown registers a shut-down. Conflict when one of the same site or
// facility has a day in common with it.
func (s *Service) CreateShutdown(ctx context.Context, id models.ID, in ShutdownInput) (Shutdown, error) {
	if err := policies.Require(ctx, policies.ShutdownCreate); err != nil {
		return Shutdown{}, err
	}
	row, err := in.Parse()
	if err != nil {
		return row, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		if row.Placed, err = stoppedAt(tx, row); err != nil {
			return err
		}
		return twice(create(tx, policies.ShutdownCreate, &row, id))
	})
	return row, err
}

// stoppedAt is where a shut-down belongs: to the site, or to that of its facility.
func stoppedAt(tx *models.Tx, row Shutdown) (models.Placed, error) {
	if row.FacilityID == nil {
		return placeOf(tx, row.ParkID, row.SiteID)
	}
	var f Facility
	if err := models.One(tx.Visible(policies.FacilityRead, &f).Where("id = ? AND park_id = ?", *row.FacilityID, row.ParkID), &f); err != nil {
		return models.Placed{}, err
	}
	if row.SiteID != nil && models.Deref(f.SiteID) != *row.SiteID {
		return models.Placed{}, broken("/facilityId", "mismatch", "设施不属于所填的企业场所")
	}
	return f.Placed, nil
}

func twice(err error) error {
	if models.Overlap(err) {
		return fault.Wrap(err, fault.Conflict, "所填日期内已经登记过停产停运；日期有误的，撤销原来的登记后重新登记")
	}
	return err
}

// ShutdownEnd ends a shut-down.
type ShutdownEnd struct {
	On string `json:"on" format:"date" doc:"停产停运的最后一天，当天仍要记录"`
}

// Parse checks the day.
func (in ShutdownEnd) Parse() (code.Day, error) {
	var c fault.Check
	day := fault.Must(&c, "/on", in.On, code.ParseDay)
	return day, c.Err()
}

// EndShutdown records the last day of a shut-down that lasts.
func (s *Service) EndShutdown(ctx context.Context, id models.ID, in ShutdownEnd) (Shutdown, error) {
	day, err := in.Parse()
	return s.moveShutdown(ctx, policies.ShutdownEnd, id, "", err, func(after *Shutdown) error {
		switch {
		case after.ToOn != nil:
			return fault.New(fault.Conflict, "已经登记过停产停运的最后一天")
		case day < after.FromOn:
			return broken("/on", "order", "最后一天不能早于第一天")
		}
		after.ToOn = &day
		return nil
	})
}

// ShutdownWithdrawal is why a shut-down is taken back.
type ShutdownWithdrawal struct {
	Reason string `json:"reason" doc:"原因，至少 5 个字"`
}

// Parse checks the reason.
func (in ShutdownWithdrawal) Parse() (string, error) {
	var c fault.Check
	reason := fault.Must(&c, "/reason", in.Reason, code.ParseReason)
	return reason, c.Err()
}

// WithdrawShutdown takes back a shut-down that was registered by mistake: from
// then on nothing is excused by it.
func (s *Service) WithdrawShutdown(ctx context.Context, id models.ID, in ShutdownWithdrawal) (Shutdown, error) {
	reason, err := in.Parse()
	return s.moveShutdown(ctx, policies.ShutdownWithdraw, id, reason, err, func(after *Shutdown) error {
		today := s.db.Today()
		after.Closing = Closing{ClosedOn: &today, ClosedReason: reason}
		return nil
	})
}

// moveShutdown changes one that was not taken back. malformed is what its input broke.
func (s *Service) moveShutdown(ctx context.Context, perm policies.Permission, id models.ID, reason string, malformed error, move func(*Shutdown) error) (Shutdown, error) {
	var after Shutdown
	if err := policies.Require(ctx, perm); err != nil {
		return after, err
	}
	if malformed != nil {
		return after, malformed
	}
	err := s.db.Write(ctx, func(tx *models.Tx) error {
		var before Shutdown
		if err := models.One(tx.Visible(perm, &before).Where("id = ?", id), &before); err != nil {
			return err
		}
		if before.ClosedOn != nil {
			return fault.New(fault.Conflict, "这次停产停运的登记已经撤销")
		}
		after = before
		if err := move(&after); err != nil {
			return err
		}
		return twice(update(tx, perm, &before, &after, reason))
	})
	return after, err
}

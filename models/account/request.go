package account

import (
	"context"
	"time"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// States of a request for an account.
const (
	Requested = "requested"
	Approved  = "approved"
	Refused   = "refused"
)

// Request is an account that a bureau or a park asks for and an administrator
// decides about (decision 10).
type Request struct {
	models.Versioned
	RequestedBy    models.ID
	Username       string
	DisplayName    string
	Organisation   string
	Role           string
	Jurisdiction   *string
	ParkID         *models.ID
	EnterpriseID   *models.ID
	StartsOn       code.Day
	EndsOn         *code.Day
	Reason         string
	State          string // requested, approved, refused
	DecidedBy      *models.ID
	DecidedAt      *time.Time
	DecisionReason string
	UserID         *models.ID // the account made by the approval
}

// TableName implements gorm's Tabler.
func (Request) TableName() string { return "account_requests" }

// Scope implements models.Scoped.
func (Request) Scope() models.Scope {
	return models.PersonRows("account_requests", "requested_by", "user")
}

// Owner implements models.Owned.
func (r Request) Owner() policies.Row { return policies.Row{User: string(r.RequestedBy)} }

func (r Request) assignment() Assignment {
	return Assignment{Role: r.Role, Jurisdiction: r.Jurisdiction, ParkID: r.ParkID, EnterpriseID: r.EnterpriseID, StartsOn: r.StartsOn, EndsOn: r.EndsOn, Reason: r.Reason}
}

// trail is the request as leaf and audit record keep it, without the person's name.
func (r Request) trail() map[string]any {
	t := r.assignment().trail()
	delete(t, "user")
	t["state"], t["account"] = r.State, r.UserID
	return t
}

// event is a write of the request as the log records it; before is the trail of what it was.
func (r Request) event(perm policies.Permission, reason string, before any) audit.Event {
	return audit.Event{Action: perm, Kind: "account-request", ID: r.ID, Facts: r.trail(), Wrote: []audit.Wrote{{Object: r.ID, Head: r}}, Before: before, After: r.trail(), Reason: reason}
}

// Uncommitted implements audit.Uncommitted.
func (Request) Uncommitted() map[string]string {
	return map[string]string{"display_name": "the name of a person, which can be erased"}
}

// RequestInput is what a request says: for whom, and which assignment.
type RequestInput struct {
	UserInput
	GrantInput
}

// Parse checks everything before it answers.
func (in RequestInput) Parse() (Request, error) {
	var c fault.Check
	u, err := in.UserInput.Parse()
	c.Within("", err)
	a := in.GrantInput.parse(&c)
	return Request{Username: u.Username, DisplayName: u.DisplayName, Organisation: u.Organisation, Role: a.Role, Jurisdiction: a.Jurisdiction,
		ParkID: a.ParkID, EnterpriseID: a.EnterpriseID, StartsOn: a.StartsOn, EndsOn: a.EndsOn, Reason: a.Reason, State: Requested}, c.Err()
}

// Ask requests an account for somebody. NotFound when it names a park or an
// enterprise that the caller does not see; Conflict when the user name is taken.
func (s *Service) Ask(ctx context.Context, in RequestInput) (Request, error) {
	if err := personally(ctx, policies.UserRequest); err != nil {
		return Request{}, err
	}
	r, err := in.Parse()
	if err != nil {
		return r, err
	}
	actor, _ := policies.ActorFrom(ctx)
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		// Whether the caller sees the place comes first: what there is elsewhere and what
		// there is not have to be answered alike (S-AZ10).
		if r.ParkID != nil {
			if err := models.One(tx.Visible(policies.ParkRead, &parkRow{}).Where("id = ?", *r.ParkID), &parkRow{}); err != nil {
				return err
			}
		}
		if r.EnterpriseID != nil {
			if err := models.One(tx.Visible(policies.EnterpriseRead, &enterpriseRow{}).Where("id = ?", *r.EnterpriseID), &enterpriseRow{}); err != nil {
				return err
			}
		}
		a := r.assignment()
		if err := s.fits(tx, &a, true); err != nil {
			return err
		}
		now := tx.Now()
		r.Versioned = models.Versioned{ID: models.NewID(), Version: 1, CreatedAt: now, UpdatedAt: now}
		r.RequestedBy, r.StartsOn = models.ID(actor.User), a.StartsOn
		if err := tx.Create(policies.UserRequest, &r); err != nil {
			return err
		}
		_, err := audit.Log(tx, r.event(policies.UserRequest, r.Reason, nil))
		return err
	})
	return r, err
}

var requestOrders = map[string]models.Order[Request]{
	"createdAt":  {Column: "account_requests.created_at", Key: func(r Request) any { return r.CreatedAt }},
	"-createdAt": {Column: "account_requests.created_at", Desc: true, Key: func(r Request) any { return r.CreatedAt }},
}

// Requests lists the caller's own requests, or everybody's for who reads all accounts.
func (s *Service) Requests(ctx context.Context, state string, q models.Query) (models.Page[Request], error) {
	rows := s.db.Visible(ctx, policies.UserRead, &Request{})
	if state != "" {
		rows = rows.Where("account_requests.state = ?", state)
	}
	return models.List(s.db, rows, q, requestOrders, "-createdAt", func(r Request) models.ID { return r.ID })
}

// Request reads a request of the caller's own or, for who reads all accounts, of anybody.
func (s *Service) Request(ctx context.Context, id models.ID) (Request, error) {
	var r Request
	if err := policies.Require(ctx, policies.UserRead); err != nil {
		return r, err
	}
	return r, models.One(s.db.Visible(ctx, policies.UserRead, &r).Where("id = ?", id), &r)
}

// DecisionInput is what an administrator says to a request.
type DecisionInput struct {
	Approve bool   `json:"approve" doc:"true 同意，false 不同意"`
	Reason  string `json:"reason" doc:"意见，至少 5 个字"`
}

// Parse checks the reason.
func (in DecisionInput) Parse() (DecisionInput, error) {
	var c fault.Check
	in.Reason = fault.Must(&c, "/reason", in.Reason, code.ParseReason)
	return in, c.Err()
}

// Decided is a request with what its approval made: the account with its first
// password, shown this once, and the assignment. Under the separating profile the
// assignment stays nil: the security administrator grants it.
type Decided struct {
	Request    Request
	User       *User
	Password   string
	Assignment *Assignment
}

// Decide approves or refuses a request. Conflict when somebody decided before,
// when the user name is taken by now, or when the request is the caller's own.
func (s *Service) Decide(ctx context.Context, id models.ID, in DecisionInput) (Decided, error) {
	var d Decided
	if err := personally(ctx, policies.UserCreate); err != nil {
		return d, err
	}
	in, err := in.Parse()
	if err != nil {
		return d, err
	}
	var first issued
	if in.Approve {
		if first, err = s.firstPassword(ctx); err != nil {
			return d, err
		}
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		d = Decided{}
		r := &d.Request
		if err := models.One(tx.Visible(policies.UserCreate, r).Where("id = ?", id), r); err != nil {
			return err
		}
		if own(tx.Context(), r.RequestedBy) {
			return fault.New(fault.Conflict, "自己提出的申请由别的管理员办理")
		}
		before := r.trail()
		actor, _ := policies.ActorFrom(tx.Context())
		now := tx.Now()
		r.State, r.DecidedBy, r.DecidedAt, r.DecisionReason = Refused, models.Ref(models.ID(actor.User)), &now, in.Reason
		if in.Approve {
			r.State = Approved
		}
		// The move stands first: of two who decide at once, the second stops here.
		res := tx.Visible(policies.UserCreate, &Request{}).Where("id = ? AND state = ?", id, Requested).
			Updates(map[string]any{"state": r.State, "decided_by": r.DecidedBy, "decided_at": now, "decision_reason": in.Reason,
				"version": gorm.Expr("version + 1"), "updated_at": now})
		if err := models.Changed(res, fault.New(fault.Conflict, "这项申请已经办理")); err != nil {
			return err
		}
		r.Version, r.UpdatedAt = r.Version+1, now
		if in.Approve {
			if err := s.approve(tx, &d, first); err != nil {
				return err
			}
		}
		_, err := audit.Log(tx, r.event(policies.UserCreate, in.Reason, before))
		return err
	})
	return d, err
}

// approve makes the account of a request and, unless somebody else has to, its assignment.
func (s *Service) approve(tx *models.Tx, d *Decided, first issued) error {
	r := &d.Request
	u := User{Username: r.Username, DisplayName: r.DisplayName, Organisation: r.Organisation}
	if err := create(tx, &u, first); err != nil {
		return err
	}
	d.User, d.Password, r.UserID = &u, first.password, &u.ID
	err := tx.Visible(policies.UserCreate, &Request{}).Where("id = ?", r.ID).Update("user_id", u.ID).Error
	if err != nil || s.profile.SeparateAdmins {
		return err
	}
	a := r.assignment()
	if a.StartsOn < tx.Today() {
		a.StartsOn = tx.Today() // the request waited: the assignment begins with its approval
	}
	d.Assignment = &a
	return s.grant(tx, u.ID, &a)
}

package account

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Assignment is a dated role of a person. Which day it is decides at each request
// whether it gives anything (decision 24).
type Assignment struct {
	models.Versioned
	UserID       models.ID
	Role         string // slug: park_manager
	Jurisdiction *string
	ParkID       *models.ID
	EnterpriseID *models.ID
	StartsOn     code.Day  // first day at UTC+8
	EndsOn       *code.Day // last day, nil while open; the day before StartsOn when it was taken back before it began
	GrantedBy    *models.ID
	Reason       string
	EndReason    string
}

// TableName implements gorm's Tabler.
func (Assignment) TableName() string { return "assignments" }

// Scope implements models.Scoped.
func (Assignment) Scope() models.Scope {
	return models.PersonRows("assignments", "user_id", "assignment")
}

// Owner implements models.Owned.
func (a Assignment) Owner() policies.Row { return policies.Row{User: string(a.UserID)} }

// policy is the assignment as policies judges it.
func (a Assignment) policy() policies.Assignment {
	role, _ := policies.RoleOf(a.Role)
	return policies.Assignment{ID: string(a.ID), User: string(a.UserID), Role: role, Jurisdiction: models.Deref(a.Jurisdiction),
		Park: string(models.Deref(a.ParkID)), Enterprise: string(models.Deref(a.EnterpriseID)), From: a.StartsOn, Until: models.Deref(a.EndsOn)}
}

// trail is the assignment as leaf and audit record keep it.
func (a Assignment) trail() map[string]any {
	return map[string]any{"user": a.UserID, "role": a.Role, "jurisdiction": a.Jurisdiction, "park": a.ParkID, "enterprise": a.EnterpriseID,
		"startsOn": a.StartsOn, "endsOn": a.EndsOn}
}

// event is a write of the assignment as the log records it; before is the trail of
// what it was.
func (a Assignment) event(perm policies.Permission, reason string, before any) audit.Event {
	return audit.Event{Action: perm, Kind: "assignment", ID: a.ID, Facts: a.trail(), Wrote: []audit.Wrote{{Object: a.ID, Head: a}}, Before: before, After: a.trail(), Reason: reason}
}

// overlaps reports whether there is a day on which both are valid.
func (a Assignment) overlaps(b Assignment) bool {
	lastA, lastB := lastDay(a), lastDay(b)
	return a.StartsOn <= lastA && b.StartsOn <= lastB && a.StartsOn <= lastB && b.StartsOn <= lastA
}

func lastDay(a Assignment) code.Day {
	if a.EndsOn == nil {
		return "9999-12-31"
	}
	return *a.EndsOn
}

// duty is the right that must stay apart from the others: accounts, assignments,
// audit, and business as a whole (S-AZ11).
func duty(role string) string {
	switch r, _ := policies.RoleOf(role); r {
	case policies.Admin, policies.SecurityAdmin, policies.Auditor:
		return role
	}
	return "business"
}

// GrantInput is an assignment as it is granted: the role, exactly what the role
// holds, and its days.
type GrantInput struct {
	Role         string `json:"role" doc:"角色代号，例 park_manager"`
	Jurisdiction string `json:"jurisdiction,omitempty" doc:"属地代号，仅区管理局"`
	ParkID       string `json:"parkId,omitempty" format:"uuid" doc:"园区，仅园区管理机构"`
	EnterpriseID string `json:"enterpriseId,omitempty" format:"uuid" doc:"企业，仅排污单位"`
	StartsOn     string `json:"startsOn,omitempty" format:"date" doc:"第一天，默认今天"`
	EndsOn       string `json:"endsOn,omitempty" format:"date" doc:"最后一天，未定为空"`
	Reason       string `json:"reason" doc:"原因，至少 5 个字"`
}

// Parse checks everything before it answers.
func (in GrantInput) Parse() (Assignment, error) {
	var c fault.Check
	a := in.parse(&c)
	return a, c.Err()
}

func (in GrantInput) parse(c *fault.Check) Assignment {
	a := Assignment{Role: in.Role,
		Jurisdiction: models.Ref(string(fault.Parse(c, "/jurisdiction", in.Jurisdiction, code.ParseJurisdiction))),
		ParkID:       models.Ref(fault.Parse(c, "/parkId", in.ParkID, models.ParseID)),
		EnterpriseID: models.Ref(fault.Parse(c, "/enterpriseId", in.EnterpriseID, models.ParseID)),
		StartsOn:     fault.Parse(c, "/startsOn", in.StartsOn, code.ParseDay),
		EndsOn:       models.Ref(fault.Parse(c, "/endsOn", in.EndsOn, code.ParseDay)),
		Reason:       fault.Must(c, "/reason", in.Reason, code.ParseReason)}
	if a.EndsOn != nil && a.StartsOn != "" && *a.EndsOn < a.StartsOn {
		c.Fail("/endsOn", "order", "最后一天不能早于第一天")
	}
	if !c.Required("/role", in.Role) {
		return a
	}
	role, ok := policies.RoleOf(in.Role)
	if !ok {
		c.Cite("/role", "unknown", "", in.Role, "没有这个角色，填写角色代号，例 park_manager、enterprise、district_inspector")
		return a
	}
	for _, h := range []struct {
		pointer, value string
		reach          policies.Reach
	}{{"/jurisdiction", in.Jurisdiction, policies.Jurisdiction}, {"/parkId", in.ParkID, policies.Park}, {"/enterpriseId", in.EnterpriseID, policies.Enterprise}} {
		switch {
		case role.Holds() == h.reach:
			c.Required(h.pointer, h.value)
		case h.value != "":
			c.Fail(h.pointer, "surplus", "这个角色不需要填写这一项，删去后再提交")
		}
	}
	return a
}

// Assignments lists the assignments of a person, past and future ones too, oldest first.
func (s *Service) Assignments(ctx context.Context, user models.ID) ([]Assignment, error) {
	if err := policies.Require(ctx, policies.AssignmentRead); err != nil {
		return nil, err
	}
	if _, err := s.User(ctx, user); err != nil {
		return nil, err
	}
	var all []Assignment
	return all, s.db.Visible(ctx, policies.AssignmentRead, &Assignment{}).Where("user_id = ?", user).Order("starts_on, id").Limit(500).Find(&all).Error
}

// Grant gives a person a role and ends their sessions and tokens: the next
// sign-in has it. Conflict for one's own account, a disabled one, the same
// assignment twice, or rights that one person cannot hold together (S-AZ11).
func (s *Service) Grant(ctx context.Context, user models.ID, in GrantInput) (Assignment, error) {
	if err := personally(ctx, policies.AssignmentGrant); err != nil {
		return Assignment{}, err
	}
	a, err := in.Parse()
	if err != nil {
		return a, err
	}
	if own(ctx, user) {
		return a, fault.New(fault.Conflict, "自己的任职由别的管理员办理")
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		var u User
		if err := models.One(tx.Visible(policies.UserRead, &u).Where("users.id = ?", user), &u); err != nil {
			return err
		}
		if u.DisabledAt != nil {
			return fault.New(fault.Conflict, "账号已经停用，启用后再办理任职")
		}
		return s.grant(tx, user, &a)
	})
	return a, err
}

// grant stores one assignment of a person that the caller has reached.
func (s *Service) grant(tx *models.Tx, user models.ID, a *Assignment) error {
	actor, _ := policies.ActorFrom(tx.Context())
	if err := s.fits(tx, a, !actor.Holds(policies.System)); err != nil {
		return err
	}
	now := tx.Now()
	a.Versioned = models.Versioned{ID: models.NewID(), Version: 1, CreatedAt: now, UpdatedAt: now}
	a.UserID, a.GrantedBy = user, models.Ref(models.ID(actor.User))
	var held []Assignment
	if err := tx.Visible(policies.AssignmentGrant, &Assignment{}).Where("user_id = ?", user).Find(&held).Error; err != nil {
		return err
	}
	if err := apart(held, *a); err != nil {
		return err
	}
	if err := tx.Create(policies.AssignmentGrant, a); err != nil {
		if models.Overlap(err) { // two granted at once: the one who looked first did not see the other
			return fault.Wrap(err, fault.Conflict, "与另一项任职重复，或者不能由同一人兼任")
		}
		return err
	}
	if err := s.cutOff(tx, user, "role", ""); err != nil {
		return err
	}
	_, err := audit.Log(tx, a.event(policies.AssignmentGrant, a.Reason, nil))
	return err
}

// apart refuses what one person cannot hold on the same day.
func apart(held []Assignment, a Assignment) error {
	for _, h := range held {
		switch {
		case !h.overlaps(a):
		case duty(h.Role) != duty(a.Role):
			return fault.New(fault.Conflict, "账号管理、任职管理、审计和业务不能由同一人兼任；这段时间已有的任职：{{.Held}}", "Held", titleOf(h.Role))
		case h.Role == a.Role && slices.Equal(holds(h), holds(a)):
			return fault.New(fault.Conflict, "这段时间已经有相同的任职")
		}
	}
	return nil
}

func holds(a Assignment) []string {
	return []string{models.Deref(a.Jurisdiction), string(models.Deref(a.ParkID)), string(models.Deref(a.EnterpriseID))}
}

// fits checks days and place against what is there now. People grant from today
// on: an assignment in the past would change who could see what on past days.
func (s *Service) fits(tx *models.Tx, a *Assignment, fromToday bool) error {
	var c fault.Check
	if a.StartsOn == "" {
		a.StartsOn = tx.Today()
	}
	if fromToday && a.StartsOn < tx.Today() {
		c.Cite("/startsOn", "past", "", string(a.StartsOn), "任职从今天或者以后开始")
	}
	if a.EndsOn != nil && *a.EndsOn < a.StartsOn && c.OK() {
		c.Fail("/endsOn", "order", "最后一天不能早于第一天")
	}
	if err := c.Err(); err != nil {
		return err
	}
	// The administrator reads no business data, so the program looks whether the place exists.
	ctx := policies.With(tx.Context(), s.db.Policy.Program("account"))
	if a.ParkID != nil {
		if err := exists(&c, "/parkId", *a.ParkID, s.db.Visible(ctx, policies.ParkRead, &parkRow{})); err != nil {
			return err
		}
	}
	if a.EnterpriseID != nil {
		if err := exists(&c, "/enterpriseId", *a.EnterpriseID, s.db.Visible(ctx, policies.EnterpriseRead, &enterpriseRow{})); err != nil {
			return err
		}
	}
	return c.Err()
}

func exists(c *fault.Check, pointer string, id models.ID, rows *gorm.DB) error {
	var n int64
	err := rows.Where("id = ?", id).Count(&n).Error
	if err == nil && n == 0 {
		c.Cite(pointer, "unknown", "", string(id), "没有登记这个编号，先登记后再办理")
	}
	return err
}

func titleOf(role string) fault.Text {
	r, _ := policies.RoleOf(role)
	return r.Title()
}

// parkRow and enterpriseRow are the two tables that an assignment can name, as far
// as this room needs them: whether a row exists and is within a reach.
type parkRow struct{ ID models.ID }

// TableName implements gorm's Tabler.
func (parkRow) TableName() string { return "parks" }

// Scope implements models.Scoped.
func (parkRow) Scope() models.Scope { return models.ParkOnlyRows("parks", "id", "park") }

type enterpriseRow struct{ ID models.ID }

// TableName implements gorm's Tabler.
func (enterpriseRow) TableName() string { return "enterprises" }

// Scope implements models.Scoped.
func (enterpriseRow) Scope() models.Scope {
	return models.EnterpriseRows("enterprises", "id", "enterprise")
}

// AssignmentEndInput ends an assignment.
type AssignmentEndInput struct {
	On     string `json:"on,omitempty" format:"date" doc:"最后一天；默认昨天，即立即结束"`
	Reason string `json:"reason" doc:"原因，至少 5 个字"`
}

// Ending is a parsed AssignmentEndInput.
type Ending struct {
	On     code.Day // "" is yesterday: from now on it gives nothing
	Reason string
}

// Parse checks day and reason.
func (in AssignmentEndInput) Parse() (Ending, error) {
	var c fault.Check
	e := Ending{On: fault.Parse(&c, "/on", in.On, code.ParseDay), Reason: fault.Must(&c, "/reason", in.Reason, code.ParseReason)}
	return e, c.Err()
}

// EndAssignment sets the last day of an assignment and ends the person's sessions
// and tokens. One that has not begun by then was never valid. Conflict when it
// ends by that day already, or when it is the caller's own.
func (s *Service) EndAssignment(ctx context.Context, id models.ID, in AssignmentEndInput) (Assignment, error) {
	var a Assignment
	if err := personally(ctx, policies.AssignmentEnd); err != nil {
		return a, err
	}
	e, err := in.Parse()
	if err != nil {
		return a, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		if err := models.One(tx.Visible(policies.AssignmentEnd, &a).Where("id = ?", id), &a); err != nil {
			return err
		}
		if own(tx.Context(), a.UserID) {
			return fault.New(fault.Conflict, "自己的任职由别的管理员办理")
		}
		last, err := e.lastDay(tx.Today(), a.StartsOn)
		if err != nil {
			return err
		}
		before := a.trail()
		res := tx.Visible(policies.AssignmentEnd, &Assignment{}).Where("id = ? AND version = ? AND (ends_on IS NULL OR ends_on > ?)", id, a.Version, last).
			Updates(map[string]any{"ends_on": last, "end_reason": e.Reason, "version": a.Version + 1, "updated_at": tx.Now()})
		if err := models.Changed(res, fault.New(fault.Conflict, "这项任职到那一天已经结束")); err != nil {
			return err
		}
		a.EndsOn, a.EndReason, a.Version, a.UpdatedAt = &last, e.Reason, a.Version+1, tx.Now()
		if err := s.cutOff(tx, a.UserID, "role", ""); err != nil {
			return err
		}
		_, err = audit.Log(tx, a.event(policies.AssignmentEnd, e.Reason, before))
		return err
	})
	return a, err
}

// lastDay is yesterday or later: what was valid until now stays so in the record.
func (e Ending) lastDay(today, starts code.Day) (code.Day, error) {
	last := e.On
	if last == "" {
		last = today.Add(-1)
	}
	if last < today.Add(-1) {
		var c fault.Check
		c.Cite("/on", "past", "", string(last), "最后一天最早是昨天；已经过去的日子不能改")
		return "", c.Err()
	}
	return max(last, starts.Add(-1)), nil
}

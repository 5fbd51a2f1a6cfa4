package inspection

import (
	"context"
	"slices"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Move is what somebody may do to a finding; the name is that of its sub-resource.
type Move string

const (
	MoveNotice          Move = "notice"
	MoveAcknowledgement Move = "acknowledgement"
	MoveRectification   Move = "rectification"
	MoveReview          Move = "review"
	MoveExtension       Move = "extension"
	MoveReferralRequest Move = "referral-request"
	MoveReferral        Move = "referral"
	MoveWithdrawal      Move = "withdrawal"
)

// Moves are all, in the order of a finding's life.
func Moves() []Move {
	return []Move{MoveNotice, MoveAcknowledgement, MoveRectification, MoveReview, MoveExtension, MoveReferralRequest, MoveReferral, MoveWithdrawal}
}

// rule is what a move asks of the finding and of whoever makes it.
type rule struct {
	perm policies.Permission
	from []State
	who  func(Finding, By) error
}

var rules = map[Move]rule{
	MoveNotice:          {policies.FindingNotify, []State{Open}, finderOrDistrict},
	MoveAcknowledgement: {policies.FindingAcknowledge, []State{Notified}, recipientOnce},
	MoveRectification:   {policies.FindingRectify, []State{Notified, Returned}, recipient},
	MoveReview:          {policies.FindingReview, []State{Submitted, Referred}, reviewer},
	MoveExtension:       {policies.FindingExtend, []State{Notified}, issuerOnce},
	MoveReferralRequest: {policies.FindingRequestReferral, []State{Open, Notified, Submitted, Returned}, parkOnce},
	MoveReferral:        {policies.FindingRefer, []State{Open, Notified, Submitted, Returned}, district},
	MoveWithdrawal:      {policies.FindingWithdraw, []State{Open}, secondPerson},
}

func finderOrDistrict(f Finding, by By) error {
	if by.Org != f.OpenedOrg && !isDistrict(by.Org) {
		return fault.New(fault.Conflict, "整改通知由发现问题的单位或者区管理局发出")
	}
	return nil
}

func recipient(f Finding, by By) error {
	if by.Org != f.recipientOrg() {
		return fault.New(fault.Conflict, "这份整改通知不是发给本单位的，由收到通知的单位办理")
	}
	return nil
}

func recipientOnce(f Finding, by By) error {
	if f.AcknowledgedAt != nil {
		return fault.New(fault.Conflict, "整改通知已经签收")
	}
	return recipient(f, by)
}

// reviewer holds decision 11: never the submitter, never a person of the
// submitter's body in whatever role; a district's finding is a district's to
// close, and so is one that went to enforcement.
func reviewer(f Finding, by By) error {
	switch {
	case f.SubmittedBy != nil && *f.SubmittedBy == by.User:
		return fault.New(fault.Conflict, "提交整改的人不能复查，由另一人复查")
	case f.SubmittedOrg != "" && slices.Contains(by.Orgs, f.SubmittedOrg):
		return fault.New(fault.Conflict, "提交整改的单位不能复查自己的整改")
	case (f.State == Referred || isDistrict(f.OpenedOrg)) && !isDistrict(by.Org):
		return fault.New(fault.Conflict, "这个问题由区管理局复查")
	}
	return nil
}

func issuerOnce(f Finding, by By) error {
	switch {
	case f.Extended:
		return fault.New(fault.Conflict, "整改期限只能延长一次")
	case by.Org != f.NotifiedOrg:
		return fault.New(fault.Conflict, "延期由发出整改通知的单位决定")
	}
	return nil
}

func parkOnce(f Finding, by By) error {
	switch {
	case f.ReferralRequested:
		return fault.New(fault.Conflict, "已经提请移交，等待区管理局决定")
	case !isPark(by.Org):
		return fault.New(fault.Conflict, "提请移交由园区管理机构办理")
	}
	return nil
}

func district(_ Finding, by By) error {
	if !isDistrict(by.Org) {
		return fault.New(fault.Conflict, "移交执法由区管理局决定")
	}
	return nil
}

func secondPerson(f Finding, by By) error {
	if f.OpenedBy == by.User {
		return fault.New(fault.Conflict, "发现人不能单独撤销，由同单位的另一人或者区管理局撤销")
	}
	if by.Org != f.OpenedOrg && !isDistrict(by.Org) {
		return fault.New(fault.Conflict, "撤销由发现问题的单位或者区管理局办理")
	}
	return nil
}

// May decides whether by may make the move now: nil, or a Conflict that says why
// not. The same answer refuses a move and hides its button.
func (f Finding) May(m Move, by By) error {
	r := rules[m]
	if !slices.Contains(r.from, f.State) {
		return fault.New(fault.Conflict, "问题目前的状态是“{{.State}}”，不能这样办理", "State", f.State.Name()).With("state", string(f.State))
	}
	return r.who(f, by)
}

// capacity is the body for which the caller may make the move; Absent when the
// permission does not reach the finding, else the refusal.
func capacity(ctx context.Context, f Finding, m Move) (By, error) {
	all, err := acting(ctx, rules[m].perm, f.Owner())
	if err != nil {
		return By{}, err
	}
	refused := error(fault.Absent())
	for i, by := range all {
		err := f.May(m, by)
		if err == nil {
			return by, nil
		}
		if i == 0 {
			refused = err
		}
	}
	return By{}, refused
}

// Allowed are the moves that the caller may make on the finding now.
func (s *Service) Allowed(ctx context.Context, f Finding) ([]Move, error) {
	allowed := []Move{}
	for _, m := range Moves() {
		_, err := capacity(ctx, f, m)
		switch fault.CodeOf(err) {
		case "":
			allowed = append(allowed, m)
		case fault.Conflict, fault.NotFound:
		default:
			return nil, err
		}
	}
	return allowed, nil
}

// advance starts a move: the head to change and the step that tells of it.
func (f Finding) advance(m Move, by By, now time.Time, entered any) (Advance, error) {
	if err := f.May(m, by); err != nil {
		return Advance{}, err
	}
	a := Advance{Before: f.State, After: f, Action: rules[m].perm, About: code.DayOf(now), Counts: map[string]int{}, was: f}
	a.After.Version, a.After.UpdatedAt = f.Version+1, now
	if isDistrict(by.Org) { // which goes on with it: a request for referral is answered
		a.After.ReferralRequested = false
	}
	a.Step = newStep(f.ID, StepKind(m), by, now, entered)
	return a, nil
}

// closed ends the finding on the day of the move.
func (a *Advance) closed(to State, measure string) {
	a.After.State = to
	a.After.ClosedOn = models.Ref(a.About)
	a.Counts[measure], a.Counts[MeasureOpen], a.Counts[MeasureOpenIn(a.After.Dimension)] = 1, -1, -1
}

// move makes one move: reads the finding as the permission reaches it, lets plan
// decide, and stores what it answers unless somebody was faster.
func (s *Service) move(ctx context.Context, id models.ID, m Move, plan func(tx *models.Tx, f Finding, by By) (Advance, error)) (Outcome, error) {
	var out Outcome
	perm := rules[m].perm
	err := s.db.Write(ctx, func(tx *models.Tx) error {
		var f Finding
		if err := models.One(tx.Visible(perm, &f).Where("id = ?", id), &f); err != nil {
			return err
		}
		by, err := capacity(tx.Context(), f, m)
		if err != nil {
			return err
		}
		a, err := plan(tx, f, by)
		if err != nil {
			return err
		}
		res := tx.Visible(perm, &Finding{}).Where("id = ? AND version = ?", f.ID, f.Version).Updates(a.After.head())
		if err := models.Changed(res, fault.New(fault.Conflict, "这个问题刚刚被别人处理，重新读取后再办理")); err != nil {
			return err
		}
		out = Outcome{a.After, a.Warnings}
		return record(tx, a)
	})
	return out, err
}

// head are the columns that moves may change.
func (f Finding) head() map[string]any {
	return map[string]any{"state": f.State, "recipient": f.Recipient, "notified_on": f.NotifiedOn, "notified_org": f.NotifiedOrg, "due_on": f.DueOn,
		"first_due_on": f.FirstDueOn, "extended": f.Extended, "returns": f.Returns, "submitted_by": f.SubmittedBy, "submitted_org": f.SubmittedOrg,
		"submitted_on": f.SubmittedOn, "acknowledged_at": f.AcknowledgedAt, "referral_requested": f.ReferralRequested, "closed_on": f.ClosedOn,
		"version": f.Version, "updated_at": f.UpdatedAt}
}

package inspection

import (
	"context"
	"strings"
	"time"
	"unicode"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// NoticeInput is a rectification notice (整改通知).
type NoticeInput struct {
	Recipient Recipient `json:"recipient,omitempty" enum:"enterprise,park" doc:"整改单位：enterprise 企业，park 园区（自有对象，或者代没有账号的企业）；不填则按是否有企业、企业是否有账号推定"`
	DueOn     string    `json:"dueOn,omitempty" format:"date" doc:"整改期限；不填则用登记时建议的期限，没有建议的按严重程度推算"`
	Text      string    `json:"text,omitempty" doc:"整改要求"`
}

// orders are words of an administrative order, of a penalty or of enforcement. A park's
// notice rests on contract and self-government; only enforcement orders and punishes.
var orders = []string{"责令", "勒令", "命令", "处罚", "罚款", "罚金", "处以", "按日计罚", "按日连续", "吊销", "暂扣", "没收", "查封", "扣押", "拘留", "停产整治", "停产整改", "停业", "关闭企业",
	"限制生产", "强制执行", "行政强制", "从严处理", "从严查处", "依法查处", "立案", "追究法律责任"}

// noOrders holds what a park writes, and its notice will say, to its own words. Spaces
// and marks between the characters make no other word of it.
func noOrders(c *fault.Check, pointer, text string, by By) {
	if !isPark(by.Org) {
		return
	}
	said := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Han, r) {
			return r
		}
		return -1
	}, text)
	for _, w := range orders {
		if strings.Contains(said, w) {
			c.Cite(pointer, "order", "行政处罚法", w, "园区发出的是整改通知，不能写“{{.Word}}”；需要执法的，提请移交", "Word", w)
		}
	}
}

// Parse checks everything before it answers.
func (in NoticeInput) Parse() (NoticeInput, error) {
	var c fault.Check
	if in.Recipient != "" {
		oneOf(&c, "/recipient", in.Recipient, []Recipient{ToEnterprise, ToPark})
	}
	fault.Parse(&c, "/dueOn", in.DueOn, code.ParseDay)
	in.Text = fault.Parse(&c, "/text", in.Text, code.ParseLongText(2000))
	return in, c.Err()
}

// Called is how a letter names whom it is about.
type Called struct{ Park, Firm, Facility string }

// served is the notice as it was served, kept with its step and hashed into the log:
// whom it names, by which day and about what, whatever they are called afterwards.
type served struct {
	NoticeInput
	Called      Called `json:"called"`
	Number      string `json:"number"`
	Description string `json:"description"`
	Place       string `json:"place"`
}

// Notice issues the notice to those who are called so. hasAccount says whether the firm
// can act for itself; it does not matter for the park's own.
func (f Finding) Notice(in NoticeInput, called Called, hasAccount bool, by By, now time.Time) (Advance, error) {
	a, err := f.advance(MoveNotice, by, now, in)
	if err != nil {
		return a, err
	}
	var c fault.Check
	to := in.Recipient
	switch {
	case to == "" && f.EnterpriseID != nil && hasAccount:
		to = ToEnterprise
	case to == "":
		to = ToPark
	case to == ToEnterprise && f.EnterpriseID == nil:
		c.Fail("/recipient", "recipient", "园区自有对象的问题由园区整改")
	case to == ToPark && f.EnterpriseID != nil && hasAccount:
		c.Fail("/recipient", "recipient", "这家企业有账号，由企业自己整改")
	case to == ToEnterprise && !hasAccount:
		a.warn("/recipient", "noAccount", "这家企业还没有账号，收不到通知；可以改由园区代办")
	}
	due := code.Day(in.DueOn)
	if due == "" {
		due = models.Deref(f.DueOn)
	}
	if due == "" {
		if due, err = f.Severity.DueOn(a.About); err != nil {
			c.Within("/dueOn", err)
		}
	}
	if due != "" && due < a.About {
		c.Fail("/dueOn", "order", "整改期限不能早于发出通知的日期")
	}
	noOrders(&c, "/text", in.Text, by)
	if err := c.Err(); err != nil {
		return Advance{}, err
	}
	n := &a.After
	n.State, n.Recipient, n.NotifiedOn, n.NotifiedOrg = Notified, to, models.Ref(a.About), by.Org
	n.DueOn, n.FirstDueOn = &due, &due
	a.Step.DueOn = &due
	in.Recipient, in.DueOn = to, string(due)
	a.Step.Body = encoded(served{in, called, f.Number, f.Description, f.Place})
	a.Counts[MeasureNotified] = 1
	a.warnDayOff("/dueOn", &due)
	return a, nil
}

// Notify issues the notice of a finding: open → notified.
func (s *Service) Notify(ctx context.Context, id models.ID, in NoticeInput) (Outcome, error) {
	if err := policies.Require(ctx, policies.FindingNotify); err != nil {
		return Outcome{}, err
	}
	in, err := in.Parse()
	if err != nil {
		return Outcome{}, err
	}
	return s.move(ctx, id, MoveNotice, func(tx *models.Tx, f Finding, by By) (Advance, error) {
		has := false
		if f.EnterpriseID != nil {
			if has, err = s.accounts.EnterpriseHasAccount(tx.Context(), *f.EnterpriseID); err != nil {
				return Advance{}, err
			}
		}
		called, err := s.called(tx.Context(), f)
		if err != nil {
			return Advance{}, err
		}
		return f.Notice(in, called, has, by, tx.Now())
	})
}

// AcknowledgementInput is what the recipient says on receipt.
type AcknowledgementInput struct {
	Note string `json:"note,omitempty" doc:"签收说明"`
}

// Parse checks everything before it answers.
func (in AcknowledgementInput) Parse() (AcknowledgementInput, error) {
	var c fault.Check
	in.Note = fault.Parse(&c, "/note", in.Note, code.ParseLongText(500))
	return in, c.Err()
}

// Acknowledgement records that the recipient has the notice; the state stays notified.
func (f Finding) Acknowledgement(in AcknowledgementInput, by By, now time.Time) (Advance, error) {
	a, err := f.advance(MoveAcknowledgement, by, now, in)
	a.After.AcknowledgedAt = &now
	return a, err
}

// Acknowledge is Acknowledgement of the caller (签收).
func (s *Service) Acknowledge(ctx context.Context, id models.ID, in AcknowledgementInput) (Outcome, error) {
	if err := policies.Require(ctx, policies.FindingAcknowledge); err != nil {
		return Outcome{}, err
	}
	in, err := in.Parse()
	if err != nil {
		return Outcome{}, err
	}
	return s.move(ctx, id, MoveAcknowledgement, func(tx *models.Tx, f Finding, by By) (Advance, error) {
		return f.Acknowledgement(in, by, tx.Now())
	})
}

// ExtensionInput asks for a later day.
type ExtensionInput struct {
	DueOn  string `json:"dueOn" format:"date" doc:"新的整改期限；延长的天数不超过原来的期限"`
	Reason string `json:"reason" doc:"原因，至少 5 个字"`
}

// Parse checks everything before it answers.
func (in ExtensionInput) Parse() (ExtensionInput, error) {
	var c fault.Check
	fault.Must(&c, "/dueOn", in.DueOn, code.ParseDay)
	in.Reason = fault.Must(&c, "/reason", in.Reason, code.ParseReason)
	return in, c.Err()
}

// Extension gives more time: once, and at most as many days again as the notice gave.
func (f Finding) Extension(in ExtensionInput, by By, now time.Time) (Advance, error) {
	a, err := f.advance(MoveExtension, by, now, in)
	if err != nil {
		return a, err
	}
	due := code.Day(in.DueOn)
	latest := f.FirstDueOn.Add(f.FirstDueOn.Sub(*f.NotifiedOn))
	var c fault.Check
	if due <= *f.DueOn || due < a.About {
		c.Fail("/dueOn", "order", "新的期限应当晚于原期限 {{.Due}}，并且不早于今天", "Due", string(*f.DueOn))
	}
	if due > latest {
		c.Cite("/dueOn", "tooLate", "", in.DueOn, "延长的天数不超过原来的期限，最晚 {{.Latest}}", "Latest", string(latest))
	}
	if err := c.Err(); err != nil {
		return Advance{}, err
	}
	a.After.DueOn, a.After.Extended = &due, true
	a.Step.DueOn, a.Step.Reason = &due, in.Reason
	a.warnDayOff("/dueOn", &due)
	return a, nil
}

// Extend is Extension of the caller (延期).
func (s *Service) Extend(ctx context.Context, id models.ID, in ExtensionInput) (Outcome, error) {
	if err := policies.Require(ctx, policies.FindingExtend); err != nil {
		return Outcome{}, err
	}
	in, err := in.Parse()
	if err != nil {
		return Outcome{}, err
	}
	return s.move(ctx, id, MoveExtension, func(tx *models.Tx, f Finding, by By) (Advance, error) { return f.Extension(in, by, tx.Now()) })
}

// Cause is why a finding is withdrawn.
type Cause string

const (
	Mistaken  Cause = "mistaken"  // 误报
	Duplicate Cause = "duplicate" // 重复
)

// WithdrawalInput says why a finding was none.
type WithdrawalInput struct {
	Cause  Cause  `json:"cause" enum:"mistaken,duplicate" doc:"误报、重复登记"`
	Reason string `json:"reason" doc:"说明，至少 5 个字"`
}

// Parse checks everything before it answers.
func (in WithdrawalInput) Parse() (WithdrawalInput, error) {
	var c fault.Check
	if c.Required("/cause", string(in.Cause)) {
		oneOf(&c, "/cause", in.Cause, []Cause{Mistaken, Duplicate})
	}
	in.Reason = fault.Must(&c, "/reason", in.Reason, code.ParseReason)
	return in, c.Err()
}

// Withdrawal takes back a finding that nobody was notified of.
func (f Finding) Withdrawal(in WithdrawalInput, by By, now time.Time) (Advance, error) {
	a, err := f.advance(MoveWithdrawal, by, now, in)
	if err != nil {
		return a, err
	}
	a.closed(Withdrawn, MeasureWithdrawn)
	a.Step.Reason = in.Reason
	return a, nil
}

// Withdraw is Withdrawal of the caller (撤销), a second person.
func (s *Service) Withdraw(ctx context.Context, id models.ID, in WithdrawalInput) (Outcome, error) {
	if err := policies.Require(ctx, policies.FindingWithdraw); err != nil {
		return Outcome{}, err
	}
	in, err := in.Parse()
	if err != nil {
		return Outcome{}, err
	}
	return s.move(ctx, id, MoveWithdrawal, func(tx *models.Tx, f Finding, by By) (Advance, error) { return f.Withdrawal(in, by, tx.Now()) })
}

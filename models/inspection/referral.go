package inspection

import (
	"context"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Basis is why a finding goes to enforcement.
type Basis string

const (
	SuspectedViolation Basis = "suspectedViolation" // 涉嫌违法
	SecondReturn       Basis = "secondReturn"       // 第二次退回
	Refusal            Basis = "refusal"            // 拒不整改
)

// secondReturn is how many returns make a finding one for enforcement.
const secondReturn = 2

// Bases are the grounds on which the finding may go to enforcement now.
func (f Finding) Bases() []Basis {
	switch f.State {
	case Open, Notified, Submitted, Returned:
	default:
		return []Basis{}
	}
	all := []Basis{SuspectedViolation}
	if f.Returns >= secondReturn {
		all = append(all, SecondReturn)
	}
	if f.State == Notified || f.State == Returned {
		all = append(all, Refusal)
	}
	return all
}

// ReferralInput hands a finding to enforcement; the park's request has the same form.
type ReferralInput struct {
	Basis      Basis  `json:"basis" enum:"suspectedViolation,secondReturn,refusal" doc:"涉嫌违法、第二次退回、拒不整改"`
	Reason     string `json:"reason" doc:"说明，至少 5 个字"`
	CaseNumber string `json:"caseNumber,omitempty" doc:"案号（已立案的）"`
}

// Parse checks everything before it answers.
func (in ReferralInput) Parse() (ReferralInput, error) {
	var c fault.Check
	if c.Required("/basis", string(in.Basis)) {
		oneOf(&c, "/basis", in.Basis, []Basis{SuspectedViolation, SecondReturn, Refusal})
	}
	in.Reason = fault.Must(&c, "/reason", in.Reason, code.ParseReason)
	in.CaseNumber = fault.Parse(&c, "/caseNumber", in.CaseNumber, code.ParseText(100))
	return in, c.Err()
}

// basis checks that the ground is there.
func (f Finding) basis(b Basis) error {
	for _, have := range f.Bases() {
		if have == b {
			return nil
		}
	}
	var c fault.Check
	if b == SecondReturn {
		c.Fail("/basis", "basis", "只退回过 {{.Count}} 次；第二次退回后才能以此移交", "Count", f.Returns)
	} else {
		c.Fail("/basis", "basis", "发出整改通知后没有整改的，才能以拒不整改移交")
	}
	return c.Err()
}

// ReferralRequest records that the park asks for referral; the state stays.
func (f Finding) ReferralRequest(in ReferralInput, by By, now time.Time) (Advance, error) {
	a, err := f.advance(MoveReferralRequest, by, now, in)
	if err == nil {
		err = f.basis(in.Basis)
	}
	a.After.ReferralRequested = true
	a.Step.Reason = in.Reason
	return a, err
}

// RequestReferral is ReferralRequest of the caller (提请移交).
func (s *Service) RequestReferral(ctx context.Context, id models.ID, in ReferralInput) (Outcome, error) {
	return s.refer(ctx, id, MoveReferralRequest, in, Finding.ReferralRequest)
}

// Referral hands the finding to enforcement.
func (f Finding) Referral(in ReferralInput, by By, now time.Time) (Advance, error) {
	a, err := f.advance(MoveReferral, by, now, in)
	if err == nil {
		err = f.basis(in.Basis)
	}
	if err != nil {
		return a, err
	}
	a.After.State = Referred
	a.Step.Reason = in.Reason
	a.Counts[MeasureReferred] = 1
	return a, nil
}

// Refer is Referral of the caller (移交执法).
func (s *Service) Refer(ctx context.Context, id models.ID, in ReferralInput) (Outcome, error) {
	return s.refer(ctx, id, MoveReferral, in, Finding.Referral)
}

func (s *Service) refer(ctx context.Context, id models.ID, m Move, in ReferralInput, plan func(Finding, ReferralInput, By, time.Time) (Advance, error)) (Outcome, error) {
	if err := policies.Require(ctx, rules[m].perm); err != nil {
		return Outcome{}, err
	}
	in, err := in.Parse()
	if err != nil {
		return Outcome{}, err
	}
	return s.move(ctx, id, m, func(tx *models.Tx, f Finding, by By) (Advance, error) { return plan(f, in, by, tx.Now()) })
}

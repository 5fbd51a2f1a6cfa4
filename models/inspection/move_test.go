package inspection_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models/inspection"
	"parkregistry/policies"
)

// do makes a move with an input that is lawful in every state.
func (w world) do(ctx context.Context, f inspection.Finding, m inspection.Move) (inspection.Outcome, error) {
	switch m {
	case inspection.MoveNotice:
		return w.Notify(ctx, f.ID, inspection.NoticeInput{})
	case inspection.MoveAcknowledgement:
		return w.Acknowledge(ctx, f.ID, inspection.AcknowledgementInput{})
	case inspection.MoveRectification:
		return w.Rectify(ctx, f.ID, w.rectification(ctx, f))
	case inspection.MoveReview:
		in := inspection.ReviewInput{Result: "close", Opinion: "现场核实"}
		if f.State == inspection.Referred {
			in.CaseResult = "处罚决定已执行"
		}
		return w.ReviewFinding(ctx, f.ID, in)
	case inspection.MoveExtension:
		return w.Extend(ctx, f.ID, inspection.ExtensionInput{DueOn: string(due(f).Add(1)), Reason: "配件到货延迟"})
	case inspection.MoveReferralRequest:
		return w.RequestReferral(ctx, f.ID, inspection.ReferralInput{Basis: inspection.SuspectedViolation, Reason: "疑似偷排废水"})
	case inspection.MoveReferral:
		return w.Refer(ctx, f.ID, inspection.ReferralInput{Basis: inspection.SuspectedViolation, Reason: "疑似偷排废水"})
	default:
		return w.Withdraw(ctx, f.ID, inspection.WithdrawalInput{Cause: inspection.Mistaken, Reason: "看错了设施编号"})
	}
}

// permission of each move, to tell 403 from 404 and 409.
var permission = map[inspection.Move]policies.Permission{
	inspection.MoveNotice: policies.FindingNotify, inspection.MoveAcknowledgement: policies.FindingAcknowledge, inspection.MoveRectification: policies.FindingRectify,
	inspection.MoveReview: policies.FindingReview, inspection.MoveExtension: policies.FindingExtend, inspection.MoveReferralRequest: policies.FindingRequestReferral,
	inspection.MoveReferral: policies.FindingRefer, inspection.MoveWithdrawal: policies.FindingWithdraw,
}

// kind is who found it and what it is about.
type kind struct {
	name   string
	finder string
	submit string
	about  func(world) inspection.FindingInput
	// may: state → who → moves, in the order of Moves. Who is not named may do nothing.
	may map[inspection.State]map[string]string
}

var kinds = []kind{
	{"a district's finding about a firm", "finder", "firm", world.aboutFirm, map[inspection.State]map[string]string{
		inspection.Open: {"finder": "notice referral", "second inspector": "notice referral withdrawal", "park": "referral-request", "second in park": "referral-request"},
		inspection.Notified: {"finder": "extension referral", "second inspector": "extension referral", "park": "referral-request", "second in park": "referral-request",
			"firm": "acknowledgement rectification"},
		inspection.Submitted: {"finder": "review referral", "second inspector": "review referral", "park": "referral-request", "second in park": "referral-request"},
		inspection.Returned:  {"finder": "referral", "second inspector": "referral", "park": "referral-request", "second in park": "referral-request", "firm": "rectification"},
		inspection.Referred:  {"finder": "review", "second inspector": "review"},
	}},
	{"a park's finding about a firm", "park", "firm", world.aboutFirm, map[inspection.State]map[string]string{
		inspection.Open: {"park": "notice referral-request", "second in park": "notice referral-request withdrawal",
			"finder": "notice referral withdrawal", "second inspector": "notice referral withdrawal"},
		inspection.Notified: {"park": "extension referral-request", "second in park": "extension referral-request", "finder": "referral", "second inspector": "referral",
			"firm": "acknowledgement rectification"},
		inspection.Submitted: {"park": "review referral-request", "second in park": "review referral-request", "finder": "review referral", "second inspector": "review referral"},
		inspection.Returned:  {"park": "referral-request", "second in park": "referral-request", "finder": "referral", "second inspector": "referral", "firm": "rectification"},
		inspection.Referred:  {"finder": "review", "second inspector": "review"},
	}},
	{"a park's finding about its own object", "park", "park", world.aboutPark, map[inspection.State]map[string]string{
		inspection.Open: {"park": "notice referral-request", "second in park": "notice referral-request withdrawal",
			"finder": "notice referral withdrawal", "second inspector": "notice referral withdrawal"},
		inspection.Notified: {"park": "acknowledgement rectification extension referral-request", "second in park": "acknowledgement rectification extension referral-request",
			"finder": "referral", "second inspector": "referral"},
		inspection.Submitted: {"park": "referral-request", "second in park": "referral-request", "finder": "review referral", "second inspector": "review referral"},
		inspection.Returned:  {"park": "rectification referral-request", "second in park": "rectification referral-request", "finder": "referral", "second inspector": "referral"},
		inspection.Referred:  {"finder": "review", "second inspector": "review"},
	}},
}

// bring makes a finding of the kind in a state, along the shortest way.
func (w world) bring(t testing.TB, k kind, to inspection.State) inspection.Finding {
	t.Helper()
	who := w.people()
	f := w.log(t, who[k.finder], k.about(w))
	step := func(by string, m inspection.Move) { f = got(w.do(who[by], f, m))(t).Finding }
	switch to {
	case inspection.Withdrawn:
		step("second inspector", inspection.MoveWithdrawal)
	case inspection.Referred:
		step("second inspector", inspection.MoveReferral)
	case inspection.Notified, inspection.Submitted, inspection.Returned, inspection.Closed:
		step(k.finder, inspection.MoveNotice)
		if to != inspection.Notified {
			step(k.submit, inspection.MoveRectification)
		}
		if to == inspection.Closed {
			step("second inspector", inspection.MoveReview)
		}
		if to == inspection.Returned {
			f = got(w.ReviewFinding(who["second inspector"], f.ID, inspection.ReviewInput{Result: "return", Reason: "标签仍未张贴", DueOn: "2026-12-08"}))(t).Finding
		}
	}
	if f.State != to {
		t.Fatalf("brought to %s, want %s", f.State, to)
	}
	return f
}

// TestMoves is the whole table: state × move × who. What may be done is done and
// writes one change and one step; what may not leaves the row as it was, and the
// list of allowed moves says the same beforehand.
func TestMoves(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		for _, k := range kinds {
			for _, state := range inspection.States() {
				f := w.bring(t, k, state)
				for _, name := range slices.Sorted(maps.Keys(w.people())) {
					ctx := w.people()[name]
					want := strings.Fields(k.may[state][name])
					allowed := got(w.Allowed(ctx, f))(t)
					var names []string
					for _, m := range allowed {
						names = append(names, string(m))
					}
					if !slices.Equal(names, want) {
						t.Errorf("%s, %s, %s: allowed %v, want %v", k.name, state, name, names, want)
					}
					for _, m := range inspection.Moves() {
						before := w.changes(t, f.ID)
						out, err := w.do(ctx, f, m)
						if slices.Contains(want, string(m)) {
							if err != nil {
								t.Errorf("%s, %s, %s: %s refused: %v", k.name, state, name, m, err)
								continue
							}
							steps := got(w.Steps(w.Auditor(), f.ID))(t)
							if n := w.changes(t, f.ID); n != before+1 || len(steps) != n || steps[n-1].Kind != inspection.StepKind(m) {
								t.Errorf("%s, %s: %s wrote %d changes and %d steps, want one each", k.name, state, m, n-before, len(steps)-before)
							}
							if out.Finding.Version != f.Version+1 {
								t.Errorf("%s: version %d after %d", m, out.Finding.Version, f.Version)
							}
							f = w.bring(t, k, state)
							continue
						}
						if code := fault.CodeOf(err); code != w.refusal(t, ctx, f, m) {
							t.Errorf("%s, %s, %s: %s answers %v, want %s", k.name, state, name, m, err, w.refusal(t, ctx, f, m))
						}
						after := got(w.Finding(w.Auditor(), f.ID))(t)
						if after.Version != f.Version || after.State != state || w.changes(t, f.ID) != before {
							t.Errorf("%s, %s, %s: a refused %s changed the row", k.name, state, name, m)
						}
					}
				}
			}
		}
	})
}

// refusal is how a move that is not allowed is answered: 403 when the role lacks
// it, 404 when the row is out of reach, 409 otherwise.
func (w world) refusal(t testing.TB, ctx context.Context, f inspection.Finding, m inspection.Move) fault.Code {
	t.Helper()
	actor, _ := policies.ActorFrom(ctx)
	scope := got(actor.Scope(permission[m]))(t)
	switch {
	case !scope.Any():
		return fault.Denied
	case !scope.Covers(f.Owner()):
		return fault.NotFound
	default:
		return fault.Conflict
	}
}

// TestRaces: two people at once, one of them wins.
func TestRaces(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		who := w.people()
		k := kinds[1]
		for range 5 {
			f := w.bring(t, k, inspection.Open)
			race(t, func() error { _, err := w.do(who["park"], f, inspection.MoveNotice); return err },
				func() error { _, err := w.do(who["finder"], f, inspection.MoveNotice); return err })
			f = w.bring(t, k, inspection.Open)
			race(t, func() error { _, err := w.do(who["park"], f, inspection.MoveNotice); return err },
				func() error { _, err := w.do(who["finder"], f, inspection.MoveWithdrawal); return err })
			f = w.bring(t, k, inspection.Notified)
			race(t, func() error { _, err := w.do(who["park"], f, inspection.MoveExtension); return err },
				func() error { _, err := w.do(who["second in park"], f, inspection.MoveExtension); return err })
			f = w.bring(t, k, inspection.Notified)
			race(t, func() error { _, err := w.do(who["firm"], f, inspection.MoveAcknowledgement); return err },
				func() error { _, err := w.do(who["firm"], f, inspection.MoveAcknowledgement); return err })
			f = w.bring(t, k, inspection.Notified)
			race(t, func() error { _, err := w.do(who["firm"], f, inspection.MoveRectification); return err },
				func() error { _, err := w.do(who["firm"], f, inspection.MoveRectification); return err })
			f = w.bring(t, k, inspection.Submitted)
			race(t, func() error { _, err := w.do(who["finder"], f, inspection.MoveReview); return err },
				func() error {
					_, err := w.ReviewFinding(who["second inspector"], f.ID, inspection.ReviewInput{Result: "return", Reason: "照片看不清楚", DueOn: "2026-12-08"})
					return err
				})
			f = w.bring(t, k, inspection.Submitted)
			race(t, func() error { _, err := w.do(who["finder"], f, inspection.MoveReview); return err },
				func() error { _, err := w.do(who["second inspector"], f, inspection.MoveReferral); return err })
			f = w.bring(t, k, inspection.Returned)
			race(t, func() error { _, err := w.do(who["park"], f, inspection.MoveReferralRequest); return err },
				func() error { _, err := w.do(who["second in park"], f, inspection.MoveReferralRequest); return err })
			f = w.bring(t, k, inspection.Submitted)
			race(t, func() error { _, err := w.do(who["finder"], f, inspection.MoveReview); return err },
				func() error { _, err := w.do(who["park"], f, inspection.MoveExtension); return err })
		}
	})
}

func due(f inspection.Finding) code.Day {
	if f.DueOn == nil {
		return today
	}
	return *f.DueOn
}

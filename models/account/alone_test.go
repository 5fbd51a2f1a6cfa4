package account_test

import (
	"context"
	"testing"

	"parkregistry/internal/fault"
	"parkregistry/models/account"
	"parkregistry/policies"
)

// who is a person in a role, whatever the accounts say.
func (h *house) who(u account.User, role policies.Role) context.Context {
	as := policies.Assignment{User: string(u.ID), Role: role, From: "2020-01-01"}
	return policies.With(from(home), h.db.Policy.Actor(string(u.ID), u.Username, []policies.Assignment{as}, h.db.Today()))
}

// TestNobodyHandlesTheirOwn: an administrator neither gives nor takes an assignment of
// their own, nor decides on what they asked for, in whatever role they asked (S-AZ11).
func TestNobodyHandlesTheirOwn(t *testing.T) {
	each(t, func(h *house) {
		boss := h.person("boss", "admin")
		root, err := h.CreateDemo(h.program(), account.Demo{UserInput: account.UserInput{Username: "root", ProfileInput: account.ProfileInput{DisplayName: "root"}}, Password: password,
			Grants: []account.GrantInput{{Role: "admin", StartsOn: "2020-01-01", EndsOn: "2026-03-10", Reason: "测试用的任职"}}})
		h.must(err)
		grant := account.GrantInput{Role: "admin", StartsOn: "2026-03-11", Reason: "继续担任管理员"}
		_, err = h.Grant(h.who(root, policies.Admin), root.ID, grant)
		h.want(err, fault.Conflict, "an assignment of one's own")
		held, err := h.Assignments(h.who(boss, policies.Admin), root.ID)
		h.must(err)
		if len(held) != 1 {
			t.Errorf("the refusal left %d assignments", len(held))
		}
		_, err = h.EndAssignment(h.who(root, policies.Admin), held[0].ID, account.AssignmentEndInput{Reason: "不再担任管理员"})
		h.want(err, fault.Conflict, "the end of one's own")
		_, err = h.EndAssignment(h.who(boss, policies.Admin), held[0].ID, account.AssignmentEndInput{Reason: "不再担任管理员"})
		h.must(err)

		r, err := h.Ask(h.who(root, policies.BureauAdmin), account.RequestInput{UserInput: account.UserInput{Username: "new-one", ProfileInput: account.ProfileInput{DisplayName: "新"}}, GrantInput: account.GrantInput{Role: "bureau_analyst", Reason: "新来的同事"}})
		h.must(err)
		yes := account.DecisionInput{Approve: true, Reason: "同意建立账号"}
		_, err = h.Decide(h.who(root, policies.Admin), r.ID, yes)
		h.want(err, fault.Conflict, "a request of one's own")
		_, err = h.Decide(h.who(boss, policies.Admin), r.ID, yes)
		h.must(err)
	})
}

// TestEndedSessionChangesNoPassword: what a session may do ends with it, also for a
// request that was let in before.
func TestEndedSessionChangesNoPassword(t *testing.T) {
	each(t, func(h *house) {
		u := h.person("wang", "bureau_analyst")
		in := h.signIn("wang")
		ctx, err := h.as(in.Token)
		h.must(err)
		h.must(h.EndSession(ctx, in.Session.ID, "signout"))
		hash := h.hashOf(u)
		_, err = h.ChangePassword(ctx, account.PasswordInput{Current: password, Next: next})
		h.want(err, fault.Unauthenticated, "through an ended session")
		if h.hashOf(u) != hash {
			t.Error("the password was changed")
		}
	})
}

// TestEndedMeansEnded: who was being identified while the session ended is not
// remembered as signed in.
func TestEndedMeansEnded(t *testing.T) {
	each(t, func(h *house) {
		h.person("wang", "bureau_analyst")
		for round := range 40 {
			in := h.signIn("wang")
			ctx := policies.With(from(home), h.Actor(in.Identity, h.db.Today()))
			calls := []func() error{func() error { return h.EndSession(ctx, in.Session.ID, "signout") }}
			for range 6 {
				calls = append(calls, func() error { _, err := h.Identify(from(home), in.Token, home); return err })
			}
			h.race(fault.Unauthenticated, calls...)
			if _, err := h.Identify(from(home), in.Token, home); !fault.Is(err, fault.Unauthenticated) {
				t.Fatalf("round %d: after the end of the session: %v", round, err)
			}
		}
	})
}

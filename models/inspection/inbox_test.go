package inspection_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"parkregistry/models/inspection"
	"parkregistry/policies"
)

// waits is an inbox in words: what and number, in its order.
func (w world) waits(t testing.TB, ctx context.Context) string {
	t.Helper()
	all, _, err := w.Inbox(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, x := range all {
		late := ""
		if x.Overdue {
			late = "!"
		}
		out = append(out, x.What+late)
	}
	return strings.Join(out, " ")
}

// TestInbox: each state waits for whom the rules name, and for nobody else.
func TestInbox(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		who := w.people()
		expect := func(state string, want map[string]string) {
			t.Helper()
			for name, ctx := range who {
				if got := w.waits(t, ctx); got != want[name] {
					t.Errorf("%s: the inbox of %s has %q, want %q", state, name, got, want[name])
				}
			}
		}
		f := w.log(t, who["finder"], w.aboutFirm())
		expect("open", map[string]string{"finder": "notice", "second inspector": "notice"})
		got(w.Notify(who["finder"], f.ID, inspection.NoticeInput{DueOn: "2026-12-01"}))(t)
		expect("notified", map[string]string{"firm": "acknowledgement"})
		got(w.Acknowledge(who["firm"], f.ID, inspection.AcknowledgementInput{}))(t)
		expect("acknowledged", map[string]string{"firm": "rectification"})
		w.clock.set("2026-12-02")
		who = w.people()
		expect("overdue", map[string]string{"firm": "rectification!"})
		got(w.RequestReferral(who["park"], f.ID, inspection.ReferralInput{Basis: inspection.Refusal, Reason: "多次催促没有整改"}))(t)
		expect("asked for referral", map[string]string{"firm": "rectification!", "finder": "referral!", "second inspector": "referral!"})
		got(w.Rectify(who["firm"], f.ID, w.rectification(who["firm"], f)))(t)
		expect("submitted", map[string]string{"finder": "referral review", "second inspector": "referral review"})
		got(w.ReviewFinding(who["finder"], f.ID, inspection.ReviewInput{Result: "close"}))(t)
		expect("closed", nil)
	})
}

// TestInboxEnds: an assignment that ended last night leaves an empty inbox, and a drawn
// unit waits for its two officers only, until both inspected.
func TestInboxEnds(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.log(t, w.Inspector("baoan"), w.aboutFirm())
		leaver := w.until("leaver", policies.DistrictInspector, "baoan", today)
		if got := w.waits(t, leaver()); got != "notice" {
			t.Errorf("on the last day: %q", got)
		}
		w.clock.set("2026-11-25")
		if got := w.waits(t, leaver()); got != "" {
			t.Errorf("after the last day: %q", got)
		}
		w.officers("inspector-baoan", "inspector-2-baoan")
		d := got(w.PublishDraw(w.Inspector("baoan"), "", inspection.DrawInput{Jurisdiction: "baoan", Count: 1}))(t)
		got(w.RunDraw(w.Inspector("baoan"), d.ID, inspection.SeedInput{}))(t)
		third := w.As("third", policies.DistrictInspector, "baoan")
		if a, b, c := w.waits(t, w.Inspector("baoan")), w.waits(t, w.SecondInspector("baoan")), w.waits(t, third); a != "task notice" || b != "task notice" || c != "notice" {
			t.Errorf("after the draw: %q, %q, third %q", a, b, c)
		}
		w.clock.set("2027-01-01")
		if got := w.waits(t, w.Inspector("baoan")); !slices.Contains(strings.Fields(got), "task!") {
			t.Errorf("after the quarter: %q", got)
		}
	})
}

// TestReferralDeclined: a district that goes on with the finding has answered a request
// for referral, and the park may ask again.
func TestReferralDeclined(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		who := w.people()
		ask := inspection.ReferralInput{Basis: inspection.SuspectedViolation, Reason: "现场有偷排的痕迹"}
		f := w.log(t, who["park"], w.aboutFirm())
		got(w.RequestReferral(who["park"], f.ID, ask))(t)
		if got := w.waits(t, who["finder"]); got != "referral notice" {
			t.Errorf("asked for referral: %q waits for the district", got)
		}
		got(w.Notify(who["finder"], f.ID, inspection.NoticeInput{DueOn: "2026-12-01"}))(t)
		if got := w.waits(t, who["finder"]); got != "" {
			t.Errorf("after the district's notice %q waits for it still", got)
		}
		if f = got(w.RequestReferral(who["park"], f.ID, ask))(t).Finding; !f.ReferralRequested {
			t.Error("the park cannot ask again")
		}
		own := w.log(t, who["park"], w.aboutFirm())
		got(w.RequestReferral(who["park"], own.ID, ask))(t)
		if f = got(w.Notify(who["park"], own.ID, inspection.NoticeInput{DueOn: "2026-12-01"}))(t).Finding; !f.ReferralRequested {
			t.Error("a park answers its own request by its notice")
		}
	})
}

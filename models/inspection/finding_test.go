package inspection_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/policies"
)

// TestMainJob is the loop from finding to closure, with what the park's figures make of it.
func TestMainJob(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		who := w.people()
		f := w.log(t, who["finder"], w.aboutFirm())
		if f.State != inspection.Open || !strings.HasPrefix(f.Number, "FD-2026-") || f.DueOn != nil || f.OpenedOn != today || models.Deref(f.SiteID) != w.BaoanA.Site.ID {
			t.Fatalf("logged as %+v", f)
		}
		want := map[string]int{"finding.opened": 1, "finding.open": 1, "finding.open.2": 1}
		if sum := w.counts(t, f.ID); !maps.Equal(sum, want) {
			t.Errorf("after logging %v, want %v", sum, want)
		}
		f = got(w.Notify(who["finder"], f.ID, inspection.NoticeInput{Text: "七日内补齐"}))(t).Finding
		if f.Recipient != inspection.ToEnterprise || due(f) != "2026-12-01" || models.Deref(f.FirstDueOn) != "2026-12-01" {
			t.Errorf("notice to %s until %s, want the firm until 2026-12-01", f.Recipient, due(f))
		}
		f = got(w.Acknowledge(who["firm"], f.ID, inspection.AcknowledgementInput{}))(t).Finding
		if f.State != inspection.Notified || f.AcknowledgedAt == nil {
			t.Errorf("acknowledged: %s at %v, want notified still", f.State, f.AcknowledgedAt)
		}
		f = got(w.Rectify(who["firm"], f.ID, w.rectification(who["firm"], f)))(t).Finding
		if d, _ := f.ReviewDueOn(); d == nil || *d != "2026-12-01" {
			t.Errorf("review due %v, want five working days later", d)
		}
		f = got(w.ReviewFinding(who["second inspector"], f.ID, inspection.ReviewInput{Result: "close"}))(t).Finding
		if f.State != inspection.Closed || models.Deref(f.ClosedOn) != today {
			t.Errorf("closed as %s on %v", f.State, f.ClosedOn)
		}
		want = map[string]int{"finding.opened": 1, "finding.notified": 1, "finding.submitted": 1, "finding.closed": 1}
		if sum := w.counts(t, f.ID); !maps.Equal(sum, want) {
			t.Errorf("after closing %v, want %v", sum, want)
		}
		for m := range want {
			if !slices.Contains(inspection.Measures(), m) {
				t.Errorf("measure %s is not in the documented list", m)
			}
		}
		stored := got(w.Finding(who["firm"], f.ID))(t)
		if stored.State != f.State || stored.Version != f.Version || models.Deref(stored.DueOn) != due(f) || stored.SubmittedOrg != f.SubmittedOrg {
			t.Errorf("stored %+v, answered %+v", stored, f)
		}
	})
}

func TestFindingInput(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ctx := w.Inspector("baoan")
		for _, c := range []struct {
			name, pointer, code string
			change              func(*inspection.FindingInput)
		}{
			{"no description", "/description", "required", func(in *inspection.FindingInput) { in.Description = "" }},
			{"seventh dimension", "/dimension", "range", func(in *inspection.FindingInput) { in.Dimension = 7 }},
			{"no dimension", "/dimension", "range", func(in *inspection.FindingInput) { in.Dimension = 0 }},
			{"no severity", "/severity", "required", func(in *inspection.FindingInput) { in.Severity = "" }},
			{"unknown severity", "/severity", "enum", func(in *inspection.FindingInput) { in.Severity = "grave" }},
			{"unknown type", "/type", "unknown", func(in *inspection.FindingInput) { in.Type = "noise" }},
			{"due before found", "/dueOn", "order", func(in *inspection.FindingInput) { in.DueOn = "2026-11-23" }},
			{"found tomorrow", "/openedOn", "future", func(in *inspection.FindingInput) { in.OpenedOn = "2026-11-25" }},
			{"another firm's facility", "/enterpriseId", "mismatch", func(in *inspection.FindingInput) {
				in.ParkID, in.EnterpriseID, in.FacilityID = string(w.BaoanB.Park.ID), string(w.BaoanA.Enterprise.ID), string(w.BaoanB.Facility.ID)
			}},
			{"another site's facility", "/facilityId", "mismatch", func(in *inspection.FindingInput) {
				in.ParkID, in.EnterpriseID, in.SiteID, in.FacilityID = string(w.BaoanB.Park.ID), "", string(w.Second.ID), string(w.BaoanB.Facility.ID)
			}},
		} {
			in := w.aboutFirm()
			c.change(&in)
			if _, err := w.Log(ctx, "", in); !breaks(err, c.pointer, c.code) {
				t.Errorf("%s: got %v, want %s at %s", c.name, err, c.code, c.pointer)
			}
		}
		var all inspection.FindingInput
		if _, err := all.Parse(); len(violations(err)) != 4 {
			t.Errorf("an empty finding breaks %d rules, want all four at once: %v", len(violations(err)), err)
		}
		in := w.aboutFirm()
		in.FacilityID, in.EnterpriseID = "", string(w.Longgang.Enterprise.ID)
		if _, err := w.Log(ctx, "", in); !fault.Is(err, fault.NotFound) {
			t.Errorf("a firm that is not in the park: got %v, want not-found", err)
		}
		in = w.aboutPark()
		in.FacilityID = string(w.BaoanB.Own.ID)
		if _, err := w.Log(ctx, "", in); !fault.Is(err, fault.NotFound) {
			t.Errorf("the works of the district's other park: got %v, want not-found", err)
		}
		elsewhere := w.patrol()
		elsewhere.ParkID = string(w.BaoanB.Park.ID)
		in = w.aboutPark()
		in.PatrolID = string(got(w.LogPatrol(ctx, "", elsewhere))(t).ID)
		if _, err := w.Log(ctx, "", in); !fault.Is(err, fault.NotFound) {
			t.Errorf("a patrol of the district's other park: got %v, want not-found", err)
		}
		in = w.aboutPark()
		in.ParkID, in.FacilityID = string(w.Longgang.Park.ID), ""
		if _, err := w.Log(ctx, "", in); !fault.Is(err, fault.NotFound) {
			t.Errorf("a park of another district: got %v, want not-found", err)
		}
		in.ParkID = string(w.Unnamed.ID)
		if _, err := w.Log(ctx, "", in); !fault.Is(err, fault.NotFound) {
			t.Errorf("an unnamed pilot place: got %v, want not-found", err)
		}
		out := got(w.Log(ctx, "", inspection.FindingInput{ParkID: string(w.BaoanA.Park.ID), Dimension: 3, Type: "hw_label", Severity: inspection.Works,
			Description: "标签缺失", DueOn: "2026-11-28"}))(t)
		if len(out.Warnings) != 2 || out.Warnings[0].Code != "unusual" || out.Warnings[1].Code != "dayOff" {
			t.Errorf("an unusual severity due on a Saturday: warnings %v", out.Warnings)
		}
	})
}

// TestSameID: a lost answer can be asked for again.
func TestSameID(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ctx, id := w.Inspector("baoan"), models.NewID()
		first := got(w.Log(ctx, id, w.aboutFirm()))(t).Finding
		again := got(w.Log(ctx, id, w.aboutFirm()))(t).Finding
		if again.Number != first.Number || w.changes(t, id) != 1 {
			t.Errorf("the same finding again: %s after %s with %d changes", again.Number, first.Number, w.changes(t, id))
		}
		got(w.Notify(ctx, id, inspection.NoticeInput{}))(t)
		if again = got(w.Log(ctx, id, w.aboutFirm()))(t).Finding; again.State != inspection.Notified {
			t.Errorf("again after the notice: %s", again.State)
		}
		other := w.aboutFirm()
		other.Description = "别的内容"
		if _, err := w.Log(ctx, id, other); !fault.Is(err, fault.Conflict) {
			t.Errorf("other content under the same id: %v, want a conflict", err)
		}
		if _, err := w.Log(w.Inspector("longgang"), id, inspection.FindingInput{ParkID: string(w.Longgang.Park.ID), Dimension: 1, Description: "别的内容", Severity: inspection.Minor}); !fault.Is(err, fault.Conflict) {
			t.Errorf("the id in another district: %v, want a conflict", err)
		}
		id = models.NewID()
		both := make(chan error, 2)
		for range 2 {
			go func() { _, err := w.Log(ctx, id, w.aboutFirm()); both <- err }()
		}
		for range 2 {
			if err := <-both; err != nil {
				t.Errorf("the same finding twice at once: %v", err)
			}
		}
		if n := w.changes(t, id); n != 1 {
			t.Errorf("%d changes, want one", n)
		}
	})
}

// TestDue: the days of each severity on the working-day calendar.
func TestDue(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		for _, c := range []struct {
			on       string
			severity inspection.Severity
			proposed string // when the finding was logged
			asked    string // in the notice
			want     code.Day
			breaks   string
		}{
			{on: today, severity: inspection.Immediate, want: "2026-11-25"},
			{on: today, severity: inspection.Violation, want: "2026-11-25"},
			{on: today, severity: inspection.Major, want: "2026-12-09"},
			{on: "2026-11-27", severity: inspection.Immediate, want: "2026-11-30"}, // Saturday off: Monday
			{on: "2026-10-09", severity: inspection.Immediate, want: "2026-10-10"}, // Saturday worked
			{on: "2026-10-03", severity: inspection.Minor, want: "2026-10-10"},     // ends on it
			{on: "2026-09-24", severity: inspection.Minor, want: "2026-10-08"},     // the National Day
			{on: "2026-10-30", severity: inspection.Works, want: "2026-12-29"},
			{on: today, severity: inspection.Works, breaks: "calendar"}, // ends in 2027, whose calendar is not there
			{on: today, severity: inspection.Works, asked: "2027-01-25", want: "2027-01-25"},
			{on: today, severity: inspection.Works, proposed: "2027-01-20", want: "2027-01-20"},
			{on: today, severity: inspection.Minor, proposed: "2026-12-03", want: "2026-12-03"},
			{on: today, severity: inspection.Minor, proposed: "2026-12-03", asked: "2026-12-02", want: "2026-12-02"},
			{on: today, severity: inspection.Minor, asked: "2026-11-23", breaks: "order"},
		} {
			w.clock.set(c.on)
			in := w.aboutFirm()
			in.Severity, in.DueOn = c.severity, c.proposed
			f := w.log(t, w.Inspector("baoan"), in)
			out, err := w.Notify(w.Inspector("baoan"), f.ID, inspection.NoticeInput{DueOn: c.asked})
			switch {
			case c.breaks != "":
				if !breaks(err, "/dueOn", c.breaks) {
					t.Errorf("%s on %s: got %v, want %s", c.severity, c.on, err, c.breaks)
				}
			case err != nil || due(out.Finding) != c.want:
				t.Errorf("%s on %s: due %s, %v; want %s", c.severity, c.on, due(out.Finding), err, c.want)
			}
		}
	})
}

func TestRecipient(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.firms.without[w.BaoanB.Enterprise.ID] = true
		ofB := inspection.FindingInput{ParkID: string(w.BaoanB.Park.ID), EnterpriseID: string(w.BaoanB.Enterprise.ID), Dimension: 2, Description: "台账缺失", Severity: inspection.Minor}
		for _, c := range []struct {
			name   string
			in     inspection.FindingInput
			asked  inspection.Recipient
			want   inspection.Recipient
			breaks bool
			warns  bool
		}{
			{name: "a firm with an account", in: w.aboutFirm(), want: inspection.ToEnterprise},
			{name: "a firm without one", in: ofB, want: inspection.ToPark},
			{name: "the park's own", in: w.aboutPark(), want: inspection.ToPark},
			{name: "the park for a firm that can answer itself", in: w.aboutFirm(), asked: inspection.ToPark, breaks: true},
			{name: "the park for a firm that cannot", in: ofB, asked: inspection.ToPark, want: inspection.ToPark},
			{name: "a firm that cannot answer", in: ofB, asked: inspection.ToEnterprise, want: inspection.ToEnterprise, warns: true},
			{name: "a firm for the park's own", in: w.aboutPark(), asked: inspection.ToEnterprise, breaks: true},
			{name: "nobody that there is", in: w.aboutPark(), asked: "city", breaks: true},
		} {
			f := w.log(t, w.Inspector("baoan"), c.in)
			out, err := w.Notify(w.Inspector("baoan"), f.ID, inspection.NoticeInput{Recipient: c.asked})
			if c.breaks != (len(violations(err)) == 1) || out.Finding.Recipient != c.want || c.warns != (len(out.Warnings) == 1) {
				t.Errorf("%s: %q, %v, %v; want %q", c.name, out.Finding.Recipient, out.Warnings, err, c.want)
			}
		}
		// On behalf of the firm: the park answers, and so cannot review.
		f := w.log(t, w.Inspector("baoan"), ofB)
		got(w.Notify(w.Inspector("baoan"), f.ID, inspection.NoticeInput{}))(t)
		if _, err := w.Rectify(w.Firm(w.BaoanB), f.ID, w.rectification(w.Firm(w.BaoanB), f)); !fault.Is(err, fault.Conflict) {
			t.Errorf("the firm answers a notice to the park: %v", err)
		}
		f = got(w.Rectify(w.ParkManager(w.BaoanB), f.ID, w.rectification(w.ParkManager(w.BaoanB), f)))(t).Finding
		if f.SubmittedOrg != policies.ParkBody(string(w.BaoanB.Park.ID)) {
			t.Errorf("submitted by %s", f.SubmittedOrg)
		}
	})
}

// TestParkGivesNoOrders: a park's notice is never worded as an administrative order.
func TestParkGivesNoOrders(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		for text, refused := range map[string]bool{"责令七日内改正": true, "逾期将予以罚款": true, "责 令你单位停产": true, "处以五万元罚　金": true, "吊销许可证": true, "按日计罚": true, "勒令停工": true, "七日内补齐台账": false} {
			f := w.log(t, w.ParkManager(w.BaoanA), w.aboutFirm())
			_, err := w.Notify(w.ParkManager(w.BaoanA), f.ID, inspection.NoticeInput{Text: text})
			if breaks(err, "/text", "order") != refused {
				t.Errorf("%s: %v", text, err)
			}
			in := w.aboutFirm()
			in.Description = text
			if _, err := w.Log(w.ParkManager(w.BaoanA), "", in); breaks(err, "/description", "order") != refused {
				t.Errorf("found by the park, %s: %v", text, err)
			}
			in = w.aboutFirm()
			in.Place = text
			if _, err := w.Log(w.ParkManager(w.BaoanA), "", in); breaks(err, "/place", "order") != refused {
				t.Errorf("found by the park at %s: %v", text, err)
			}
			w.log(t, w.Inspector("baoan"), in)
		}
	})
}

// TestReviewerIsAnother: neither the person nor the body that submitted reviews,
// whatever other role they hold.
func TestReviewerIsAnother(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		submitter := w.both("aaa", w.BaoanA.Enterprise.ID, "baoan")
		colleague := w.both("bbb", w.BaoanA.Enterprise.ID, "baoan")
		stranger := w.both("ccc", w.Longgang.Enterprise.ID, "baoan")
		f := w.log(t, w.Inspector("baoan"), w.aboutFirm())
		got(w.Notify(w.Inspector("baoan"), f.ID, inspection.NoticeInput{}))(t)
		f = got(w.Rectify(submitter, f.ID, w.rectification(submitter, f)))(t).Finding
		if f.SubmittedOrg != policies.Firm(string(w.BaoanA.Enterprise.ID)) {
			t.Fatalf("submitted for %s, want the firm", f.SubmittedOrg)
		}
		if _, err := w.ReviewFinding(submitter, f.ID, inspection.ReviewInput{Result: "close"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("the submitter reviews under another role: %v", err)
		}
		if _, err := w.ReviewFinding(colleague, f.ID, inspection.ReviewInput{Result: "close"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a person of the submitter's body reviews under another role: %v", err)
		}
		got(w.ReviewFinding(stranger, f.ID, inspection.ReviewInput{Result: "close"}))(t)

		// A person who left the firm is still the one who submitted.
		f = w.log(t, w.Inspector("baoan"), w.aboutFirm())
		got(w.Notify(w.Inspector("baoan"), f.ID, inspection.NoticeInput{}))(t)
		got(w.Rectify(submitter, f.ID, w.rectification(submitter, f)))(t)
		actor, _ := policies.ActorFrom(submitter)
		left := policies.With(t.Context(), w.DB.Policy.Actor(actor.User, "aaa", actor.Assignments[:1], w.DB.Today()))
		if _, err := w.ReviewFinding(left, f.ID, inspection.ReviewInput{Result: "close"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("the submitter reviews after leaving the firm: %v", err)
		}
	})
}

func TestRectificationInput(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		f := w.bring(t, kinds[0], inspection.Notified)
		for _, c := range []struct {
			name, pointer, code string
			change              func(*inspection.RectificationInput)
		}{
			{"a note alone", "/attachments", "required", func(in *inspection.RectificationInput) { in.Attachments, in.Note = nil, "已经补齐" }},
			{"half an id", "/attachments/0", "id", func(in *inspection.RectificationInput) { in.Attachments[0] = "a1a1" }},
			{"one id twice", "/attachments/1", "duplicate", func(in *inspection.RectificationInput) { in.Attachments = append(in.Attachments, in.Attachments[0]) }},
			{"too long a note", "/note", "tooLong", func(in *inspection.RectificationInput) { in.Note = strings.Repeat("长", 1001) }},
			{"no measure", "/measure", "required", func(in *inspection.RectificationInput) { in.Measure = "" }},
			{"done before it was found", "/doneOn", "range", func(in *inspection.RectificationInput) { in.DoneOn = "2026-11-23" }},
			{"done tomorrow", "/doneOn", "range", func(in *inspection.RectificationInput) { in.DoneOn = "2026-11-25" }},
			{"no cost", "/cost", "required", func(in *inspection.RectificationInput) { in.Cost = "" }},
			{"less than nothing", "/cost", "minimum", func(in *inspection.RectificationInput) { in.Cost = "-1" }},
			{"a third of a fen", "/cost", "decimals", func(in *inspection.RectificationInput) { in.Cost = "1.333" }},
		} {
			in := w.rectification(w.Firm(w.BaoanA), f)
			c.change(&in)
			if _, err := w.Rectify(w.Firm(w.BaoanA), f.ID, in); !breaks(err, c.pointer, c.code) {
				t.Errorf("%s: got %v, want %s at %s", c.name, err, c.code, c.pointer)
			}
		}
		w.clock.set("2026-12-02")
		out := got(w.Rectify(w.Firm(w.BaoanA), f.ID, w.rectification(w.Firm(w.BaoanA), f)))(t)
		if len(out.Warnings) != 1 || out.Warnings[0].Code != "late" {
			t.Errorf("late: warnings %v", out.Warnings)
		}
	})
}

func TestReviewInput(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		who := w.SecondInspector("baoan")
		for _, c := range []struct {
			name, pointer, code string
			state               inspection.State
			in                  inspection.ReviewInput
		}{
			{"no result", "/result", "required", inspection.Submitted, inspection.ReviewInput{}},
			{"returned without a reason", "/reason", "required", inspection.Submitted, inspection.ReviewInput{Result: "return", DueOn: "2026-12-08"}},
			{"returned without a day", "/dueOn", "required", inspection.Submitted, inspection.ReviewInput{Result: "return", Reason: "照片看不清楚"}},
			{"returned until yesterday", "/dueOn", "order", inspection.Submitted, inspection.ReviewInput{Result: "return", Reason: "照片看不清楚", DueOn: "2026-11-23"}},
			{"closed with a new day", "/dueOn", "unexpected", inspection.Submitted, inspection.ReviewInput{Result: "close", DueOn: "2026-12-08"}},
			{"a case that is none", "/caseResult", "unexpected", inspection.Submitted, inspection.ReviewInput{Result: "close", CaseResult: "已处罚"}},
			{"a case without its result", "/caseResult", "required", inspection.Referred, inspection.ReviewInput{Result: "close"}},
			{"a case sent back", "/result", "referred", inspection.Referred, inspection.ReviewInput{Result: "return", Reason: "照片看不清楚", DueOn: "2026-12-08"}},
		} {
			f := w.bring(t, kinds[0], c.state)
			if _, err := w.ReviewFinding(who, f.ID, c.in); !breaks(err, c.pointer, c.code) {
				t.Errorf("%s: got %v, want %s at %s", c.name, err, c.code, c.pointer)
			}
		}
	})
}

func TestExtension(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		who := w.Inspector("baoan")
		for _, c := range []struct {
			to     string
			breaks string
		}{
			{"2026-12-01", "order"}, // the day itself
			{"2026-12-02", ""},
			{"2026-12-08", ""}, // as many days again as the notice gave
			{"2026-12-09", "tooLate"},
		} {
			f := w.bring(t, kinds[0], inspection.Notified)
			out, err := w.Extend(who, f.ID, inspection.ExtensionInput{DueOn: c.to, Reason: "配件到货延迟"})
			if c.breaks != "" {
				if !breaks(err, "/dueOn", c.breaks) {
					t.Errorf("to %s: got %v, want %s", c.to, err, c.breaks)
				}
				continue
			}
			if err != nil || due(out.Finding) != code.Day(c.to) || !out.Finding.Extended {
				t.Errorf("to %s: %v", c.to, err)
			}
			if _, err := w.Extend(who, f.ID, inspection.ExtensionInput{DueOn: "2026-12-08", Reason: "配件到货延迟"}); !fault.Is(err, fault.Conflict) {
				t.Errorf("a second extension: %v, want a conflict", err)
			}
		}
		f := w.bring(t, kinds[0], inspection.Notified)
		if _, err := w.Extend(who, f.ID, inspection.ExtensionInput{DueOn: "2026-12-02"}); !breaks(err, "/reason", "required") {
			t.Errorf("without a reason: %v", err)
		}
	})
}

// TestSecondReturn: the second return is a ground for enforcement, the first is not.
func TestSecondReturn(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		f := w.bring(t, kinds[0], inspection.Returned)
		second := inspection.ReferralInput{Basis: inspection.SecondReturn, Reason: "两次整改不到位"}
		if slices.Contains(f.Bases(), inspection.SecondReturn) {
			t.Error("offered after the first return")
		}
		if _, err := w.Refer(w.Inspector("baoan"), f.ID, second); !breaks(err, "/basis", "basis") {
			t.Errorf("after the first return: %v", err)
		}
		if _, err := w.RequestReferral(w.ParkManager(w.BaoanA), f.ID, second); !breaks(err, "/basis", "basis") {
			t.Errorf("asked for after the first return: %v", err)
		}
		got(w.Rectify(w.Firm(w.BaoanA), f.ID, w.rectification(w.Firm(w.BaoanA), f)))(t)
		out := got(w.ReviewFinding(w.Inspector("baoan"), f.ID, inspection.ReviewInput{Result: "return", Reason: "仍然不到位", DueOn: "2026-12-15"}))(t)
		if len(out.Warnings) != 1 || out.Warnings[0].Code != "secondReturn" || !slices.Contains(out.Finding.Bases(), inspection.SecondReturn) || out.Finding.Returns != 2 {
			t.Errorf("after the second return: %v, %v", out.Warnings, out.Finding.Bases())
		}
		f = got(w.Refer(w.Inspector("baoan"), f.ID, second))(t).Finding
		if f.State != inspection.Referred {
			t.Errorf("referred: %s", f.State)
		}
	})
}

func TestReferralInput(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		open := w.bring(t, kinds[0], inspection.Open)
		if _, err := w.Refer(w.Inspector("baoan"), open.ID, inspection.ReferralInput{Basis: inspection.Refusal, Reason: "没有通知过"}); !breaks(err, "/basis", "basis") {
			t.Errorf("a refusal before any notice: %v", err)
		}
		if _, err := w.Refer(w.Inspector("baoan"), open.ID, inspection.ReferralInput{}); !breaks(err, "/basis", "required") || !breaks(err, "/reason", "required") {
			t.Errorf("without basis and reason: %v", err)
		}
		notified := w.bring(t, kinds[0], inspection.Notified)
		got(w.Refer(w.Inspector("baoan"), notified.ID, inspection.ReferralInput{Basis: inspection.Refusal, Reason: "拒绝签收和整改"}))(t)
		asked := w.bring(t, kinds[0], inspection.Notified)
		f := got(w.RequestReferral(w.ParkManager(w.BaoanA), asked.ID, inspection.ReferralInput{Basis: inspection.SuspectedViolation, Reason: "疑似偷排废水"}))(t).Finding
		if !f.ReferralRequested || f.State != inspection.Notified {
			t.Errorf("asked for referral: %s", f.State)
		}
		if _, err := w.RequestReferral(w.ParkManager(w.BaoanA), asked.ID, inspection.ReferralInput{Basis: inspection.SuspectedViolation, Reason: "疑似偷排废水"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("asked twice: %v", err)
		}
		withdrawn := w.bring(t, kinds[0], inspection.Open)
		if _, err := w.Withdraw(w.SecondInspector("baoan"), withdrawn.ID, inspection.WithdrawalInput{Cause: "tired", Reason: "不想查了吧"}); !breaks(err, "/cause", "enum") {
			t.Errorf("an unknown cause: %v", err)
		}
	})
}

func TestOverdueAndLists(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		notified := w.bring(t, kinds[0], inspection.Notified)
		submitted := w.bring(t, kinds[0], inspection.Submitted)
		w.log(t, w.Inspector("baoan"), w.aboutPark())
		ofB := w.log(t, w.ParkManager(w.BaoanB), inspection.FindingInput{ParkID: string(w.BaoanB.Park.ID), Dimension: 6, Description: "园区围堰破损", Severity: inspection.Major, DueOn: "2026-11-30"})
		late := func() []models.ID {
			var ids []models.ID
			for _, f := range got(w.Findings(w.Inspector("baoan"), inspection.FindingFilter{Overdue: true}, models.Query{Limit: 50}))(t).Items {
				ids = append(ids, f.ID)
			}
			return ids
		}
		w.clock.set("2026-12-01")
		if ids := late(); len(ids) != 0 || notified.Overdue("2026-12-01") {
			t.Errorf("on the due day: %v are late", ids)
		}
		w.clock.set("2026-12-02")
		if ids := late(); !slices.Equal(ids, []models.ID{notified.ID}) || !notified.Overdue("2026-12-02") || submitted.Overdue("2026-12-02") {
			t.Errorf("the day after: %v are late, want the one that waits for its firm", ids)
		}
		who := w.people()
		for _, c := range []struct {
			who    string
			filter inspection.FindingFilter
			want   int
		}{
			{"finder", inspection.FindingFilter{}, 4},
			{"auditor", inspection.FindingFilter{}, 4},
			{"bureau", inspection.FindingFilter{}, 4},
			{"foreign district", inspection.FindingFilter{}, 0},
			{"park", inspection.FindingFilter{}, 3},
			{"foreign park", inspection.FindingFilter{}, 1},
			{"firm", inspection.FindingFilter{}, 2},
			{"foreign firm", inspection.FindingFilter{}, 0},
			{"finder", inspection.FindingFilter{ParkID: string(w.BaoanB.Park.ID)}, 1},
			{"finder", inspection.FindingFilter{EnterpriseID: string(w.BaoanA.Enterprise.ID)}, 2},
			{"finder", inspection.FindingFilter{State: inspection.Submitted}, 1},
			{"finder", inspection.FindingFilter{Dimension: 6}, 1},
			{"finder", inspection.FindingFilter{Severity: inspection.Major}, 2},
			{"finder", inspection.FindingFilter{From: "2026-11-25"}, 0},
			{"finder", inspection.FindingFilter{From: today, To: today}, 4},
			{"finder", inspection.FindingFilter{To: "2026-11-23"}, 0},
		} {
			page := got(w.Findings(who[c.who], c.filter, models.Query{Limit: 50}))(t)
			if len(page.Items) != c.want {
				t.Errorf("%s with %+v sees %d, want %d", c.who, c.filter, len(page.Items), c.want)
			}
		}
		if _, err := w.Findings(who["admin"], inspection.FindingFilter{}, models.Query{Limit: 50}); !fault.Is(err, fault.Denied) {
			t.Errorf("an administrator lists findings: %v", err)
		}
		for _, sort := range []string{"dueOn", "-openedOn", "openedOn"} {
			var ids []models.ID
			q := models.Query{Limit: 1, Sort: sort}
			for {
				page := got(w.Findings(w.Analyst(), inspection.FindingFilter{}, q))(t)
				ids = append(ids, page.Items[0].ID)
				if q.Cursor = page.Next; q.Cursor == "" {
					break
				}
			}
			if len(ids) != 4 || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 4 {
				t.Errorf("by %s: pages of one give %v", sort, ids)
			}
			if sort == "dueOn" && ids[0] != ofB.ID {
				t.Errorf("by due day %s comes first, want the earliest", ids[0])
			}
		}
	})
}

// TestFrozen: what was found never changes, on either engine.
func TestFrozen(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		f := w.log(t, w.Inspector("baoan"), w.aboutFirm())
		for column, value := range map[string]any{"description": "别的描述", "severity": "major", "dimension": 5, "type": "bypass", "opened_on": "2026-11-01", "enterprise_id": nil, "place": "别处"} {
			err := w.DB.Write(w.Inspector("baoan"), func(tx *models.Tx) error {
				return tx.Visible(policies.FindingReview, &inspection.Finding{}).Where("id = ?", f.ID).UpdateColumn(column, value).Error
			})
			if !fault.Is(err, fault.Conflict) {
				t.Errorf("%s was changed: %v", column, err)
			}
		}
		for _, statement := range []string{"UPDATE finding_steps SET reason = 'x'", "DELETE FROM finding_steps", "DELETE FROM findings"} {
			if _, err := w.DB.SQL().Exec(statement); err == nil || !strings.Contains(err.Error(), "frozen") {
				t.Errorf("%s: %v", statement, err)
			}
		}
	})
}

package inspection_test

import (
	"testing"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/inspection"
)

// TestPatrolDays: a patrol is planned and begun within reason.
func TestPatrolDays(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		for _, c := range []struct {
			name, planned, started, pointer, rule string
		}{
			{name: "planned in half a year", planned: "2027-05-24"},
			{name: "a year ago", planned: "2025-11-24"},
			{name: "of 2019", planned: "2019-11-24", pointer: "/plannedOn", rule: "range"},
			{name: "of 2099", planned: "2099-11-24", pointer: "/plannedOn", rule: "range"},
			{name: "begun later today", started: "2026-11-24T23:00:00+08:00"},
			{name: "begun tomorrow", started: "2026-11-25T00:30:00+08:00", pointer: "/startedAt", rule: "future"},
		} {
			in := w.patrol()
			in.PlannedOn, in.StartedAt = c.planned, c.started
			if _, err := w.LogPatrol(w.Inspector("baoan"), "", in); c.pointer == "" && err != nil || c.pointer != "" && !breaks(err, c.pointer, c.rule) {
				t.Errorf("%s: %v, want %q at %q", c.name, err, c.rule, c.pointer)
			}
		}
	})
}

// TestDeviceSays: a device's many decimals are rounded, and the time of a server that it
// cannot have had yet is refused of that event alone.
func TestDeviceSays(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		p := got(w.LogPatrol(w.Inspector("baoan"), "", w.patrol()))(t)
		elapsed := int64(1000)
		early := event(inspection.EventNote, "09:00", func(e *inspection.EventInput) {
			e.Text, e.ServerAt, e.ElapsedMs = "明天的服务器时间", "2026-11-25T09:00:00+08:00", &elapsed
		})
		exact := event(inspection.EventStart, "09:00", func(e *inspection.EventInput) {
			e.ServerAt, e.ElapsedMs = "2026-11-24T10:00:00+08:00", &elapsed
			e.Position = &inspection.PositionInput{Longitude: "113.88123456789012", Latitude: "-22.5512345", AccuracyM: "12.5", Datum: "WGS-84"}
		})
		a := w.send(t, w.Inspector("baoan"), p.ID, early, exact)
		if outcomes(a) != "refused stored" || a.Results[0].Violations[0].Pointer != "/events/0/serverAt" || a.Results[0].Code != fault.Invalid {
			t.Fatalf("%s %+v", outcomes(a), a.Results)
		}
		if outcomes(w.send(t, w.Inspector("baoan"), p.ID, exact)) != "repeated" {
			t.Error("sent again it is another event")
		}
		_, places, err := w.Events(w.Inspector("baoan"), p.ID, models.Query{Limit: 5})
		if q := places[models.ID(exact.ID)]; err != nil || q.Longitude != "113.881235" || q.Latitude != "-22.551235" {
			t.Errorf("kept as %+v, %v", q, err)
		}
	})
}

// TestWordsOfFindings: advice and refusals say what they are about, in words.
func TestWordsOfFindings(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		who := w.people()
		in := w.aboutFirm()
		in.Type, in.Severity = "no_permit", inspection.Minor
		for _, k := range inspection.FindingTypes() {
			if k.Severity == inspection.Violation {
				in.Type = k.ID
			}
		}
		out := got(w.Log(who["finder"], "", in))(t)
		if len(out.Warnings) != 1 || say(out.Warnings[0].Detail) != "这一类问题的严重程度通常是“涉嫌违法”" {
			t.Errorf("warned %v", out.Warnings)
		}
		_, err := w.Withdraw(who["park"], out.Finding.ID, inspection.WithdrawalInput{Cause: inspection.Mistaken, Reason: "看错了设施编号"})
		if e, ok := err.(*fault.Error); !ok || e.Code != fault.Conflict || say(e.Detail) != "撤销由发现问题的单位或者区管理局办理" {
			t.Errorf("a park withdraws a district's finding: %v", err)
		}
		w.clock.set("2026-12-28")
		who = w.people()
		late := in
		late.Type = ""
		f := w.log(t, who["finder"], late)
		got(w.Notify(who["finder"], f.ID, inspection.NoticeInput{DueOn: "2026-12-31"}))(t)
		hand := w.rectification(who["firm"], f)
		hand.DoneOn = "2026-12-28"
		f = got(w.Rectify(who["firm"], f.ID, hand))(t).Finding
		if due, why := f.ReviewDueOn(); due != nil || say(why) != "2027 年的放假调休安排还没有录入，推算不出复查期限" {
			t.Errorf("across the year's end: %v, %q", due, say(why))
		}
	})
}

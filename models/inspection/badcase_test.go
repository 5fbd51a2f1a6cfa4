package inspection_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// TestEventsBeforeTheirStart: what came first, and what is dated before the start, is
// kept and counts; the end alone decides nothing.
func TestEventsBeforeTheirStart(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ctx := w.Inspector("baoan")
		p := got(w.LogPatrol(ctx, "", w.patrol()))(t)
		answer := event(inspection.EventAnswer, "08:50", func(e *inspection.EventInput) { e.Item, e.Result = "T1", inspection.AsRequired })
		end, start := event(inspection.EventEnd, "09:40", nil), event(inspection.EventStart, "09:00", nil)
		for _, c := range []struct {
			what    inspection.EventInput
			state   inspection.PatrolState
			missing []string
		}{
			{end, inspection.InProgress, []string{"start", "answer"}},
			{answer, inspection.InProgress, []string{"start"}},
			{start, inspection.Completed, nil}, // though the answer is dated before it
		} {
			a := w.send(t, ctx, p.ID, c.what)
			if outcomes(a) != "stored" || a.Walk.State != c.state || !slices.Equal(a.Walk.Missing, c.missing) {
				t.Errorf("after %s: %s, %s %v", c.what.Type, outcomes(a), a.Walk.State, a.Walk.Missing)
			}
		}
	})
}

// TestSamePhotoTwice: one photograph under two ids is kept twice, as it was sent, and
// counts once.
func TestSamePhotoTwice(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ctx := w.Inspector("baoan")
		p := got(w.LogPatrol(ctx, "", w.patrol()))(t)
		photo := func(at, content string) inspection.EventInput {
			return event(inspection.EventPhoto, at, func(e *inspection.EventInput) { e.SHA256 = strings.Repeat(content, 32) })
		}
		a := w.send(t, ctx, p.ID, photo("09:00", "0b"), photo("09:01", "0B"), photo("09:02", "0c"))
		if outcomes(a) != "stored stored stored" || a.Walk.Photos != 2 || a.Walk.Copies != 1 || a.Walk.Events != 3 {
			t.Errorf("%s: %d photographs, %d copies, %d events", outcomes(a), a.Walk.Photos, a.Walk.Copies, a.Walk.Events)
		}
	})
}

// until is a person whose only assignment ends with a day.
func (w world) until(name string, role policies.Role, place, last string) func() context.Context {
	user := personOf(w.As(name, role, place))
	a := policies.Assignment{ID: string(models.NewID()), User: user, Role: role, From: "2020-01-01", Until: code.Day(last)}
	if role == policies.DistrictInspector {
		a.Jurisdiction = place
	} else {
		a.Park = place
	}
	return func() context.Context {
		return policies.With(w.Program(), w.DB.Policy.Actor(user, name, []policies.Assignment{a}, w.DB.Today()))
	}
}

// TestAssignmentEndedLastNight: the last day counts whole; after midnight nothing is
// taken any more, whenever it happened, and a colleague of the patrol sends the rest.
func TestAssignmentEndedLastNight(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		leaver := w.until("leaver", policies.DistrictInspector, "baoan", today)
		in := w.patrol()
		in.Officers = append(in.Officers, inspection.Officer{Name: "林工", UserID: personOf(w.SecondInspector("baoan"))})
		p := got(w.LogPatrol(leaver(), "", in))(t)
		walk := wholeWalk()
		w.send(t, leaver(), p.ID, walk[:4]...)
		w.clock.set("2026-11-25")
		if _, err := w.Record(leaver(), p.ID, inspection.BatchInput{Events: walk[4:]}); !fault.Is(err, fault.Denied) {
			t.Errorf("the morning after: %v, want a refusal", err)
		}
		if _, err := w.LogPatrol(leaver(), "", w.patrol()); !fault.Is(err, fault.Denied) {
			t.Errorf("a new patrol the morning after: %v, want a refusal", err)
		}
		if a := w.send(t, w.SecondInspector("baoan"), p.ID, walk...); a.Walk.State != inspection.Completed || a.Walk.Events != len(walk) {
			t.Errorf("the colleague brought it to %s with %d events", a.Walk.State, a.Walk.Events)
		}
	})
}

// TestFindingOnAFirmThatLeft: what it left behind is found and goes its way, with a word
// of warning; until its last day there is none.
func TestFindingOnAFirmThatLeft(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		site := got(w.Registry.Site(w.Program(), w.BaoanA.Site.ID))(t)
		got(w.Registry.CloseSite(w.ParkManager(w.BaoanA), site.ID, site.Version, registry.CloseInput{On: "2026-11-21", Reason: "租约到期迁出园区"}))(t)
		for day, warned := range map[string]bool{"2026-11-21": false, "2026-11-22": true, "": true} {
			in := w.aboutFirm()
			in.OpenedOn = day
			out := got(w.Log(w.Inspector("baoan"), "", in))(t)
			if is := slices.ContainsFunc(out.Warnings, func(v fault.Violation) bool { return v.Code == "movedOut" }); is != warned {
				t.Errorf("found on %q: warnings %v", day, out.Warnings)
			}
			f := got(w.Notify(w.Inspector("baoan"), out.Finding.ID, inspection.NoticeInput{}))(t).Finding
			if f.Recipient != inspection.ToEnterprise {
				t.Errorf("the notice goes to %s", f.Recipient)
			}
			if _, err := w.Rectify(w.Firm(w.BaoanA), f.ID, w.rectification(w.Firm(w.BaoanA), f)); err != nil {
				t.Errorf("the firm that left answers: %v", err)
			}
		}
	})
}

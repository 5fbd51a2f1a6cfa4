package ledger_test

import (
	"strings"
	"testing"
	"time"

	"parkregistry/internal/fault"
	"parkregistry/models/ledger"
)

// TestClockOfTheClient: an event that lies ahead is refused; a device's time that
// cannot be true is kept as it came, and said to be wrong for as long as it is read.
// It is 10 o'clock on the 24th; the entries are about the 23rd.
func TestClockOfTheClient(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, park := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
		for name, c := range map[string]struct {
			occurred, recorded string
			code               fault.Code
			pointer, rule      string // of the refusal or the warning
			off                time.Duration
		}{
			"nothing said":                      {off: 0},
			"in time":                           {occurred: "2026-11-23T08:00:00+08:00", recorded: "2026-11-23T20:00:00+08:00"},
			"the night shift":                   {occurred: "2026-11-24T01:00:00+08:00", recorded: "2026-11-24T08:00:00+08:00"},
			"another zone":                      {occurred: "2026-11-24T02:05:00Z", recorded: "2026-11-22T16:00:00Z"},
			"five minutes ahead":                {occurred: "2026-11-24T10:05:00+08:00", recorded: "2026-11-24T10:05:00+08:00"},
			"an event six minutes ahead":        {occurred: "2026-11-24T10:05:01+08:00", code: fault.Invalid, pointer: "/occurredAt", rule: "future"},
			"an event years ahead":              {occurred: "2036-11-23T08:00:00+08:00", recorded: "2036-11-23T08:00:00+08:00", code: fault.Invalid, pointer: "/occurredAt", rule: "future"},
			"an event years back":               {occurred: "2016-11-23T08:00:00+08:00", pointer: "/occurredAt", rule: "otherDay"},
			"an event of the day before":        {occurred: "2026-11-22T23:00:00+08:00"},
			"an event two days before":          {occurred: "2026-11-21T23:59:59+08:00", pointer: "/occurredAt", rule: "otherDay"},
			"a clock that is minutes fast":      {recorded: "2026-11-24T10:05:01+08:00", pointer: "/recordedAt", rule: "clockAhead", off: 301 * time.Second},
			"a clock that is years fast":        {recorded: "2036-11-24T10:00:00+08:00", pointer: "/recordedAt", rule: "clockAhead", off: 3653 * 24 * time.Hour},
			"a clock that was never set":        {recorded: "2000-01-01T00:00:00+08:00", pointer: "/recordedAt", rule: "clockBehind", off: -9823 * 24 * time.Hour},
			"recorded before the day had begun": {recorded: "2026-11-22T23:54:59+08:00", pointer: "/recordedAt", rule: "clockBehind", off: -301 * time.Second},
			"a year that is none":               {recorded: "1970-01-01T00:00:00Z", code: fault.Invalid, pointer: "/recordedAt", rule: "dayRange"},
		} {
			in := w.input(w.BaoanA, content())
			in.OccurredAt, in.RecordedAt = c.occurred, c.recorded
			said := func(how string, warnings []fault.Violation) {
				t.Helper()
				var found []fault.Violation
				for _, v := range warnings {
					if strings.HasSuffix(v.Pointer, "/occurredAt") || strings.HasSuffix(v.Pointer, "/recordedAt") {
						found = append(found, v)
					}
				}
				if len(found) != 0 && c.pointer == "" || c.pointer != "" && (len(found) != 1 || !strings.HasSuffix(found[0].Pointer, c.pointer) || found[0].Code != c.rule) {
					t.Errorf("%s, %s: %v, want %s at %q", name, how, found, c.rule, c.pointer)
				}
			}
			r, err := w.svc.Create(firm, "", in)
			want(t, err, c.code)
			if err != nil {
				said("refused", violations(t, err))
				results := ok(w.svc.Batch(firm, ledger.EntriesInput{Mode: ledger.PerItem, Entries: []ledger.EntryInput{{Input: in, File: true}}}))(t)
				if results[0].Outcome != ledger.EntryRefused {
					t.Errorf("%s: in a batch it is %s", name, results[0].Outcome)
				}
				said("refused in a batch", results[0].Violations)
				continue
			}
			said("as a draft", r.Warnings)
			if r.ClockOff() != c.off {
				t.Errorf("%s: the clock of the draft is off by %v, want %v", name, r.ClockOff(), c.off)
			}
			r = ok(w.svc.File(firm, r.ID, 0))(t)
			said("filed", r.Warnings)
			filing := ok(w.svc.Filings(park, r.ID))(t)[0]
			if got := ledger.ClockOff(filing.Day, filing.RecordedAt, filing.FiledAt); r.ClockOff() != c.off || got != c.off {
				t.Errorf("%s: once filed the clock is off by %v and %v, want %v", name, r.ClockOff(), got, c.off)
			}
			if c.recorded != "" && !filing.RecordedAt.Equal(ok(time.Parse(time.RFC3339, c.recorded))(t)) {
				t.Errorf("%s: recorded at %v", name, filing.RecordedAt)
			}
			if r.Late() || r.Backfilled() {
				t.Errorf("%s: the clock of the client makes it late", name)
			}
			in = w.input(w.BaoanA, content())
			in.OccurredAt, in.RecordedAt = c.occurred, c.recorded
			results := ok(w.svc.Batch(firm, ledger.EntriesInput{Mode: ledger.Atomic, Entries: []ledger.EntryInput{{Input: in, File: true}}}))(t)
			said("in a batch", results[0].Record.Warnings)
		}
		// A draft and an amendment are held to the same.
		draft := w.in(t, ledger.Draft)
		_, err := w.svc.Update(firm, draft.ID, draft.Version, func(in ledger.Revision) (ledger.Revision, error) {
			in.OccurredAt = "2026-11-25T08:00:00+08:00"
			return in, nil
		})
		if v := at(t, violations(t, err), "/occurredAt"); v.Code != "future" {
			t.Errorf("a draft put ahead is refused as %s", v.Code)
		}
		filed := w.in(t, ledger.Filed)
		_, err = w.svc.Amend(firm, filed.ID, "", 0, ledger.AmendInput{Reason: because.Reason, OccurredAt: "2036-11-23T08:00:00+08:00"})
		if v := at(t, violations(t, err), "/occurredAt"); v.Code != "future" {
			t.Errorf("an amendment put ahead is refused as %s", v.Code)
		}
		// Accepted days later, the filing is as far off as it was.
		filed = w.in(t, ledger.Draft)
		filed = ok(w.svc.Update(firm, filed.ID, filed.Version, func(in ledger.Revision) (ledger.Revision, error) {
			in.RecordedAt = "2026-11-25T10:00:00+08:00"
			return in, nil
		}))(t)
		ok(w.svc.File(firm, filed.ID, 0))(t)
		*w.now = w.now.Add(72 * time.Hour)
		if r := ok(w.svc.Accept(park, filed.ID, 0))(t); r.ClockOff() != 24*time.Hour {
			t.Errorf("accepted later, the clock is off by %v", r.ClockOff())
		}
	})
}

package ledger_test

import (
	"testing"

	"parkregistry/internal/fault"
	"parkregistry/models/ledger"
)

// TestWhyLate: why a filing comes late stays in its step, and a reason that says nothing is
// refused with nothing written; without one it is filed as before.
func TestWhyLate(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		draft := w.in(t, ledger.Draft)
		for reason, want := range map[string]fault.Code{"忘了": fault.Invalid, "\x00\x00\x00\x00\x00\x00": fault.Invalid} {
			if _, err := w.svc.FileWith(firm, draft.ID, 0, ledger.FilingInput{Reason: reason}); !fault.Is(err, want) {
				t.Errorf("filed for the reason %q: %v", reason, err)
			}
		}
		ok(w.svc.FileWith(firm, draft.ID, 0, ledger.FilingInput{Reason: " 停电两天，补报 "}))(t)
		plain := w.in(t, ledger.Draft)
		ok(w.svc.File(firm, plain.ID, 0))(t)
		for _, c := range []struct {
			entry ledger.Record
			why   string
		}{{draft, "停电两天，补报"}, {plain, ""}} {
			if steps := ok(w.svc.Steps(w.Inspector("baoan"), c.entry.ID))(t); len(steps) != 1 || steps[0].Reason != c.why {
				t.Errorf("the steps say %+v, want the reason %q", steps, c.why)
			}
		}
	})
}

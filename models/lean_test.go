package models_test

import (
	"runtime/debug"
	"testing"

	"parkregistry/models"
)

// TestLean holds the collector to what it was told before the first file and after the
// last, and to the smallest meanwhile.
func TestLean(t *testing.T) {
	at := func() int {
		is := debug.SetGCPercent(-1)
		debug.SetGCPercent(is)
		return is
	}
	defer debug.SetGCPercent(at())
	for _, c := range []struct{ before, meanwhile int }{{400, 100}, {50, 50}, {-1, 100}} {
		debug.SetGCPercent(c.before)
		first, second := models.Lean(models.Writing), models.Lean(models.Reading)
		if is := at(); is != models.Writing {
			t.Errorf("told %d, with a file that writes in work the heap may grow by %d %%, not %d", c.before, is, models.Writing)
		}
		first()
		first()
		if is := at(); is != c.meanwhile {
			t.Errorf("told %d, with a file in work the heap may grow by %d %%, not %d", c.before, is, c.meanwhile)
		}
		second()
		if is := at(); is != c.before {
			t.Errorf("told %d, after the last file the heap may grow by %d %%", c.before, is)
		}
	}
}

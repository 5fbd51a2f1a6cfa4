package inspection_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/inspection"
)

// TestPhotosOfAPatrol: a photograph that an event names belongs to the patrol from then
// on, in whichever order the two came, and to whoever may read the patrol; what another
// person brought, or to another place, does not.
func TestPhotosOfAPatrol(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		inspector, colleague := w.Inspector("baoan"), w.Inspector("baoan")
		p := got(w.LogPatrol(inspector, "", w.patrol()))(t)
		shot := func(n int) inspection.EventInput {
			sum := sha256.Sum256(dbtest.PNG(t, n))
			return event(inspection.EventPhoto, "09:22", func(e *inspection.EventInput) { e.SHA256 = hex.EncodeToString(sum[:]) })
		}
		before, after := shot(1), shot(2)
		first := w.photo(inspector, p.Placed, 1)
		w.send(t, inspector, p.ID, before, after)
		kept := got(w.Photos(inspector, p.ID))(t)
		if len(kept) != 1 || kept[before.SHA256].ID != first {
			t.Fatalf("one of two has arrived, and the patrol has %d", len(kept))
		}
		second := w.photo(inspector, p.Placed, 2)
		if a := w.send(t, inspector, p.ID, after); outcomes(a) != inspection.EventRepeated {
			t.Errorf("the event once more: %s", outcomes(a))
		}
		if kept = got(w.Photos(inspector, p.ID))(t); len(kept) != 2 || kept[after.SHA256].ID != second {
			t.Errorf("both have arrived, and the patrol has %d", len(kept))
		}
		if a, err := w.attached(colleague, first); err != nil || models.Deref(a.OwnerID) != p.ID {
			t.Errorf("who may read the patrol reads its photograph: %v", err)
		}
		if _, err := w.attached(w.Inspector("longgang"), first); !fault.Is(err, fault.NotFound) {
			t.Errorf("another district reads it: %v", err)
		}
		foreign, elsewhere, kind := shot(3), shot(4), shot(5)
		w.photo(w.ParkManager(w.BaoanA), p.Placed, 3)
		w.photo(inspector, w.BaoanA.Site.Place(), 4)
		w.photo(inspector, p.Placed, 5)
		kind.Type, kind.Text = inspection.EventNote, "不是照片"
		w.send(t, inspector, p.ID, foreign, elsewhere, kind)
		if kept = got(w.Photos(inspector, p.ID))(t); len(kept) != 2 {
			t.Errorf("what is somebody else's, of another place or of no photograph was taken: %d", len(kept))
		}
		if _, err := w.Photos(w.Inspector("longgang"), p.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another district lists them: %v", err)
		}
	})
}

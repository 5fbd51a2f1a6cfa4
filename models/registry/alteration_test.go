package registry_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/registry"
)

// TestAlterations: what happened to the register about a park comes newest first, page by
// page and once each, with what the object said before and after, and to nobody else.
func TestAlterations(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		me, park := c.ParkManager(c.BaoanA), c.BaoanA.Park.ID
		if _, err := c.Registry.UpdateFacility(me, c.BaoanA.Own.ID, c.BaoanA.Own.Version, func(in registry.FacilityInput) (registry.FacilityInput, error) {
			in.Name = "改了名的调节池"
			return in, nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := audit.NewSequencer(db, slog.New(slog.DiscardHandler)).Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		seen, last := map[models.ID]bool{}, int64(1<<62)
		for cursor, first := "", true; cursor != "" || first; first = false {
			page, err := c.Registry.Alterations(me, park, models.Query{Limit: 2, Cursor: cursor})
			if err != nil {
				t.Fatal(err)
			}
			for i, a := range page.Items {
				if seen[a.ID] || *a.Seq >= last || *a.ParkID != park {
					t.Errorf("%s of %s, number %d after %d", a.Action, *a.ParkID, *a.Seq, last)
				}
				if first && i == 0 && (a.Called != c.BaoanA.Own.Code || !strings.Contains(a.Before, c.BaoanA.Own.Name) || !strings.Contains(a.After, "改了名的调节池")) {
					t.Errorf("the newest is %+v", a)
				}
				if !first && a.Before != "" {
					t.Errorf("what was new said before: %s", a.Before)
				}
				seen[a.ID], last = true, *a.Seq
			}
			cursor = page.Next
		}
		if len(seen) < 4 {
			t.Errorf("%d alterations", len(seen))
		}
		for name, ctx := range map[string]context.Context{"another park": c.ParkManager(c.BaoanB), "another district": c.Inspector("longgang")} {
			if page, err := c.Registry.Alterations(ctx, park, models.Query{Limit: 2}); err != nil || len(page.Items) != 0 {
				t.Errorf("%s reads %d, %v", name, len(page.Items), err)
			}
		}
	})
}

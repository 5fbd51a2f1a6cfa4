package registry_test

import (
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
)

func TestParkScope(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		page, err := c.Registry.Parks(c.Inspector("longgang"), registry.ParkFilter{}, models.Query{Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Items) != 1 || page.Items[0].ID != c.Longgang.Park.ID {
			t.Fatalf("Longgang sees %d parks, want its own only (Dapeng is coded under Longgang)", len(page.Items))
		}
		if _, err := c.Registry.Park(c.ParkManager(c.BaoanA), c.BaoanB.Park.ID); !fault.Is(err, fault.NotFound) {
			t.Fatalf("a foreign park answers %v, want not-found", err)
		}
	})
}

package registry_test

import (
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
)

// TestReopened: what is closed and registered again is the same record, opened: a firm by
// its credit code, its residence by its park; the way is no way round the scope.
func TestReopened(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		p, manager := c.BaoanA, c.ParkManager(c.BaoanA)
		in := p.Enterprise.Input()
		in.Name, in.Phone = "恢复登记有限公司", "13900139000"
		if _, err := c.Registry.CreateEnterprise(manager, "", in, p.Park.ID); !fault.Is(err, fault.Conflict) {
			t.Fatalf("a code that stands: %v", err)
		}
		site := ok(c.Registry.CloseSite(manager, p.Site.ID, 1, registry.CloseInput{Reason: "已经搬到外地"}))(t)
		firm := ok(c.Registry.CloseEnterprise(c.Bureau(), p.Enterprise.ID, 1, registry.CloseInput{Reason: "企业已经注销"}))(t)
		_, err := c.Registry.CreateSite(manager, "", registry.SiteInput{ParkID: string(p.Park.ID), CreditCode: in.CreditCode})
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("a residence of a closed firm: %v", err)
		}
		if _, err := c.Registry.CreateEnterprise(manager, models.NewID(), in, p.Park.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("under another id: %v", err)
		}
		// A park that it never lived in lets it in: the record is the one that it was.
		there := c.BaoanB
		got := ok(c.Registry.CreateEnterprise(c.ParkManager(there), "", in, there.Park.ID))(t)
		if got.ID != firm.ID || got.Version != firm.Version+1 || got.ClosedOn != nil || got.Name != in.Name {
			t.Fatalf("reopened as %+v", got)
		}
		now := ok(c.Registry.Enterprise(c.ParkManager(there), got.ID))(t)
		if now.Phone != "13900139000" || now.ClosedReason != "" {
			t.Errorf("it says %+v", now)
		}
		names := ok(c.Registry.EnterpriseNames(c.ParkManager(there), got.ID))(t)
		if len(names) != 2 || names[0].Name != in.Name || names[1].UntilOn == nil {
			t.Errorf("its names: %+v", names)
		}
		if found := ok(c.Registry.Enterprises(manager, registry.EnterpriseFilter{Q: p.Enterprise.Name}, models.Query{Limit: 5}))(t); len(found.Items) != 1 {
			t.Error("it is not found by the name that it had")
		}
		// Back in the park that it left: the same residence, and its units stay ended.
		back := ok(c.Registry.CreateSite(manager, "", registry.SiteInput{ParkID: string(p.Park.ID), CreditCode: in.CreditCode, Tenancy: &registry.TenancyInput{Building: "1", Unit: "102", From: "2026-01-01"}}))(t)
		units := ok(c.Registry.Tenancies(manager, back.ID))(t)
		if back.ID != p.Site.ID || back.Version != site.Version+1 || back.ClosedOn != nil || len(units) != 2 {
			t.Errorf("back as %+v with %d units", back, len(units))
		}
		if _, err := c.Registry.CreateSite(manager, "", registry.SiteInput{ParkID: string(p.Park.ID), CreditCode: in.CreditCode}); !fault.Is(err, fault.Conflict) {
			t.Errorf("twice: %v", err)
		}
		if _, err := c.Registry.CreateEnterprise(c.ParkManager(c.Longgang), "", in, p.Park.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("into another's park: %v", err)
		}
	})
}

func ok[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

package registry_test

import (
	"strings"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/internal/discharge"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
)

func TestLimitInputNamesEverything(t *testing.T) {
	for _, c := range []struct {
		in      registry.LimitInput
		pointer string
	}{
		{registry.LimitInput{Pollutant: "w01018", Maximum: "50", Unit: "kg/d", Basis: "permit", Standard: "许可证", ValidFrom: "2024-01-01"}, "/unit"},
		{registry.LimitInput{Pollutant: "w01018", Maximum: "<5", Unit: "mg/L", Basis: "permit", Standard: "许可证", ValidFrom: "2024-01-01"}, "/maximum"},
		{registry.LimitInput{Pollutant: "w01001", Minimum: "9", Maximum: "6", Unit: "无量纲", Basis: "permit", Standard: "许可证", ValidFrom: "2024-01-01"}, "/minimum"},
		{registry.LimitInput{Pollutant: "w20117", Minimum: "0", Maximum: "nd", Unit: "mg/L", Basis: "permit", Standard: "许可证", ValidFrom: "2024-01-01"}, "/minimum"},
		{registry.LimitInput{Pollutant: "w01018", Maximum: "50", Unit: "mg/L", Basis: "eia", Standard: "批复", ValidFrom: "2024-01-02", ValidTo: "2024-01-01"}, "/validTo"},
	} {
		if _, err := c.in.Parse(); !pointers(err)[c.pointer] {
			t.Errorf("%+v: %s is not reported: %v", c.in, c.pointer, err)
		}
	}
	l, err := registry.LimitInput{Pollutant: "w20117", Maximum: " nd ", Unit: "ug/L", Basis: "eia", Standard: "批复", ValidFrom: "2024-01-01"}.Parse()
	if err != nil || l.Maximum != discharge.NotDetectable {
		t.Errorf("not detectable is stored as %q, %v", l.Maximum, err)
	}
	_, err = registry.PermitInput{Limits: []registry.PermitLimit{{Outlet: "DW001", Pollutant: "w01018", Maximum: "50", Unit: "kg/d"}, {Outlet: "DW001", Pollutant: "w20117", Maximum: "ND", Unit: "mg/L"}}}.Parse()
	if got := pointers(err); !got["/limits/0/unit"] || got["/limits/1/maximum"] {
		t.Errorf("a permit's limits: %v", err)
	}
	_, err = registry.PermitInput{Limits: []registry.PermitLimit{{Outlet: "DA001", Pollutant: "w01018", Maximum: "50", Unit: "mg/L"}, {Outlet: "DW001", Pollutant: "a24088", Maximum: "60", Unit: "mg/m3"}, {Outlet: "DA001", Pollutant: "a24088", Maximum: "60", Unit: "mg/m3"}},
		Monitoring: []registry.MonitoringRule{{Outlet: "DW001", Pollutant: "a24088", Text: "1次/月"}}}.Parse()
	if got := pointers(err); !got["/limits/0/pollutant"] || !got["/limits/1/pollutant"] || got["/limits/2/pollutant"] || got["/limits/2/unit"] || !got["/monitoring/0/pollutant"] {
		t.Errorf("a permit's limits of water at a stack and of gas at a sewer: %v", err)
	}
	_, err = registry.OutletInput{Regime: "indirect", WaterClass: "III", Production: []string{"plating", "magic"}, Standards: []string{"gb1"}, EIAApprovedOn: "1978-12-31"}.Parse()
	for _, p := range []string{"/waterClass", "/production/1", "/standards/0", "/eiaApprovedOn"} {
		if !pointers(err)[p] {
			t.Errorf("%s is not reported: %v", p, err)
		}
	}
}

// force names the limit in force among candidates for a pollutant: basis and maximum.
func force(t *testing.T, c dbtest.City, outlet models.ID, day code.Day, pollutant string) string {
	t.Helper()
	sets, err := c.Registry.Limits(c.Bureau(), outlet, day, pollutant)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, x := range sets[0].Candidates {
		if x.InForce {
			out = append(out, x.Basis+" "+x.Maximum)
		}
	}
	return strings.Join(out, ", ")
}

// TestLimitsOfAnOutlet: tables, permit and approval side by side, by the day.
func TestLimitsOfAnOutlet(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		p, park := c.BaoanA, c.ParkManager(c.BaoanA)
		o, err := c.Registry.UpdateOutlet(park, p.Outlet.ID, p.Outlet.Version, func(in registry.OutletInput) (registry.OutletInput, error) {
			in.Production, in.EIANumber, in.EIAApprovedOn = []string{"plating"}, "深环批〔1998〕7号", "1998-03-02"
			return in, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if again, err := c.Registry.Outlet(park, o.ID); err != nil || again.Input().EIAApprovedOn != "1998-03-02" || again.Production[0] != "plating" {
			t.Errorf("stored as %+v, %v", again.Input(), err)
		}
		if got := force(t, c, o.ID, "2025-06-01", "w01018"); got != "local 160" {
			t.Errorf("by the table alone: %s", got)
		}
		number := p.Enterprise.CreditCode + "001P"
		_, err = c.Registry.CreatePermit(park, "", registry.PermitInput{SiteID: string(p.Site.ID), Number: number, Kind: "permit", Class: "key", IssuedOn: "2024-01-01", ValidTo: "2025-12-31", Authority: "市生态环境局",
			Limits: []registry.PermitLimit{{Outlet: "dw001", Pollutant: "W01018", Maximum: "80", Unit: "mg/L", Kind: "daily"}, {Outlet: "DW002", Pollutant: "w01018", Maximum: "1", Unit: "mg/L"}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Registry.AddLimit(park, o.ID, registry.LimitInput{Pollutant: "w01018", Maximum: "50000", Unit: "ug/L", Basis: "eia", Standard: "深环批〔2025〕1号", ValidFrom: "2025-07-01"}); err != nil {
			t.Fatal(err)
		}
		for day, want := range map[code.Day]string{"2023-12-31": "local 160", "2024-01-01": "permit 80", "2025-06-30": "permit 80", "2025-07-01": "eia 50000", "2025-12-31": "eia 50000", "2026-01-01": "eia 50000"} {
			if got := force(t, c, o.ID, day, "w01018"); got != want {
				t.Errorf("on %s: %s, want %s", day, got, want)
			}
		}
		all, err := c.Registry.Limits(park, o.ID, "", "")
		if err != nil || len(all) < 15 || all[0].About.EIAOn != "1998-03-02" {
			t.Errorf("%d pollutants have candidates, %v", len(all), err)
		}
		for _, bad := range [][2]string{{"2025-13-01", ""}, {"", "w99999"}} {
			if _, err := c.Registry.Limits(park, o.ID, code.Day(bad[0]), bad[1]); !fault.Is(err, fault.Malformed) {
				t.Errorf("%v answers %v", bad, err)
			}
		}
		if _, err := c.Registry.Limits(c.ParkManager(c.BaoanB), o.ID, "", ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("a foreign outlet answers %v", err)
		}
	})
}

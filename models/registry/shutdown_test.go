package registry_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
)

// TestShutdown: a shut-down is registered once, ended once, and can be taken back;
// every write leaves a version, and nobody reaches a foreign one.
func TestShutdown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		p, firm, park := c.BaoanA, c.Firm(c.BaoanA), c.ParkManager(c.BaoanA)
		of := func(from, to string) registry.ShutdownInput {
			return registry.ShutdownInput{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID), From: from, To: to, Reason: "订单不足停产"}
		}
		works := func(from, to string) registry.ShutdownInput {
			return registry.ShutdownInput{ParkID: string(p.Park.ID), FacilityID: string(p.Facility.ID), From: from, To: to, Reason: "设备检修停运"}
		}
		first, err := c.Registry.CreateShutdown(firm, "", of("2026-07-01", ""))
		if err != nil {
			t.Fatal(err)
		}
		if of, err := c.Registry.CreateShutdown(park, "", works("2026-07-02", "2026-07-03")); err != nil || models.Deref(of.SiteID) != p.Site.ID || of.EnterpriseID == nil {
			t.Errorf("of a facility, inside that of its site: %v, at %v", err, of.Placed)
		}
		own := registry.ShutdownInput{ParkID: string(p.Park.ID), FacilityID: string(p.Own.ID), From: "2026-07-01", To: "2026-07-04", Reason: "年度检修停运"}
		if of, err := c.Registry.CreateShutdown(park, "", own); err != nil || of.SiteID != nil {
			t.Errorf("of the park's own works: %v, at %v", err, of.Placed)
		}
		end := func(id models.ID, on string) error {
			_, err := c.Registry.EndShutdown(firm, id, registry.ShutdownEnd{On: on})
			return err
		}
		for _, x := range []struct {
			name string
			do   func() error
			want fault.Code
		}{
			{"a day of it again", func() error {
				_, err := c.Registry.CreateShutdown(firm, "", of("2026-08-01", "2026-08-02"))
				return err
			}, fault.Conflict},
			{"the same facility again", func() error {
				_, err := c.Registry.CreateShutdown(firm, "", works("2026-07-03", "2026-07-09"))
				return err
			}, fault.Conflict},
			{"the last day before the first", func() error { return end(first.ID, "2026-06-30") }, fault.Invalid},
			{"no day", func() error { return end(first.ID, "2026-02-30") }, fault.Invalid},
			{"no reason", func() error {
				_, err := c.Registry.CreateShutdown(firm, "", registry.ShutdownInput{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID), From: "2026-01-01", To: "2025-12-31"})
				return err
			}, fault.Invalid},
			{"a park as a whole", func() error {
				_, err := c.Registry.CreateShutdown(park, "", registry.ShutdownInput{ParkID: string(p.Park.ID), From: "2026-01-01", Reason: "园区整体停产"})
				return err
			}, fault.Invalid},
			{"a facility of another site", func() error {
				in := works("2026-01-01", "2026-01-02")
				in.SiteID = string(c.Longgang.Site.ID)
				_, err := c.Registry.CreateShutdown(park, "", in)
				return err
			}, fault.Invalid},
			{"a foreign park", func() error {
				_, err := c.Registry.CreateShutdown(c.ParkManager(c.Longgang), "", of("2026-01-01", ""))
				return err
			}, fault.NotFound},
			{"an inspector", func() error {
				_, err := c.Registry.CreateShutdown(c.Inspector("baoan"), "", of("2026-01-01", ""))
				return err
			}, fault.Denied},
			{"ended by a foreign firm", func() error {
				_, err := c.Registry.EndShutdown(c.Firm(c.Longgang), first.ID, registry.ShutdownEnd{On: "2026-07-05"})
				return err
			}, fault.NotFound},
			{"ended", func() error { return end(first.ID, "2026-07-05") }, ""},
			{"ended twice", func() error { return end(first.ID, "2026-07-06") }, fault.Conflict},
			{"the day after it", func() error {
				_, err := c.Registry.CreateShutdown(firm, "", of("2026-07-06", "2026-07-08"))
				return err
			}, ""},
			{"taken back without a reason", func() error {
				_, err := c.Registry.WithdrawShutdown(park, first.ID, registry.ShutdownWithdrawal{})
				return err
			}, fault.Invalid},
			{"taken back", func() error {
				_, err := c.Registry.WithdrawShutdown(park, first.ID, registry.ShutdownWithdrawal{Reason: "日期登记有误"})
				return err
			}, ""},
			{"taken back twice", func() error {
				_, err := c.Registry.WithdrawShutdown(park, first.ID, registry.ShutdownWithdrawal{Reason: "日期登记有误"})
				return err
			}, fault.Conflict},
			{"registered again with the right days", func() error {
				_, err := c.Registry.CreateShutdown(firm, "", of("2026-07-02", "2026-07-05"))
				return err
			}, ""},
		} {
			if err := x.do(); fault.CodeOf(err) != x.want {
				t.Errorf("%s: %v, want %q", x.name, err, x.want)
			}
		}
		versions, err := c.Registry.Versions(park, registry.KindShutdown, first.ID, models.Query{Limit: 10})
		if err != nil || len(versions.Items) != 3 {
			t.Fatalf("%d versions, %v; want 3", len(versions.Items), err)
		}
		listed, err := c.Registry.Shutdowns(c.Inspector("baoan"), registry.ShutdownFilter{SiteID: string(p.Site.ID), From: "2026-07-05", To: "2026-07-05"}, models.Query{Limit: 10, Exact: true})
		if err != nil || *listed.Total != 2 { // the one taken back and the one registered again
			t.Errorf("%v shut-downs on a day, %v; want 2", listed.Total, err)
		}
		if foreign, err := c.Registry.Shutdowns(c.ParkManager(c.Longgang), registry.ShutdownFilter{}, models.Query{Limit: 10}); err != nil || len(foreign.Items) != 0 {
			t.Errorf("a foreign park sees %d, %v", len(foreign.Items), err)
		}
	})
}

// TestShutdownRace: of many who register the same shut-down at once, one does.
func TestShutdownRace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		var wait sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			wait.Go(func() {
				_, errs[i] = c.Registry.CreateShutdown(c.Firm(c.BaoanA), "", registry.ShutdownInput{ParkID: string(c.BaoanA.Park.ID), SiteID: string(c.BaoanA.Site.ID), From: "2026-07-01", To: "2026-07-09", Reason: "订单不足停产"})
			})
		}
		wait.Wait()
		done := 0
		for _, err := range errs {
			switch fault.CodeOf(err) {
			case "":
				done++
			case fault.Conflict:
			default:
				t.Error(err)
			}
		}
		if done != 1 {
			t.Errorf("%d registered it, want one", done)
		}
	})
}

// TestRhythmOfAFacility: shifts, operation and cycle are checked, kept in order
// and in every version.
func TestRhythmOfAFacility(t *testing.T) {
	three := 73
	none := 0
	in := registry.FacilityInput{ParkID: string(models.NewID()), Code: "TW001", Kind: "treatment", Name: "综合废水处理设施", Capacity: "500", CapacityUnit: "m3/d", InUse: true,
		Shifts: []string{"早班", "中班", "早班", ""}, CycleHours: &none}
	_, err := in.Parse()
	got := pointers(err)
	for _, p := range []string{"/shifts/2", "/shifts/3", "/cycleHours"} {
		if !got[p] {
			t.Errorf("%s is not reported: %v", p, err)
		}
	}
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		after, err := c.Registry.UpdateFacility(c.ParkManager(c.BaoanA), c.BaoanA.Facility.ID, 1, func(in registry.FacilityInput) (registry.FacilityInput, error) {
			in.Shifts, in.Operation, in.CycleHours = []string{"早班", "夜班"}, "batch", &three
			return in, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		read, err := c.Registry.Facility(c.Auditor(), after.ID)
		if err != nil || strings.Join(read.Shifts, " ") != "早班 夜班" || read.Operation != "batch" || read.CycleHours == nil || *read.CycleHours != 73 {
			t.Errorf("kept: %v %q %v, %v", read.Shifts, read.Operation, read.CycleHours, err)
		}
		known, err := c.Registry.Histories(c.ParkManager(c.BaoanA), registry.HistoryFilter{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, f := range known.Facilities {
			if f.ID == after.ID {
				text, _ := json.Marshal(f.Fields.Shifts)
				said = append(said, string(text))
			}
		}
		if want := `null ["早班","夜班"]`; strings.Join(said, " ") != want {
			t.Errorf("the versions say %v, want %s", said, want)
		}
	})
}

// TestLedgerRulesOfAPermit: a permit says once how often a class of an object is
// recorded, and its days of grace are days.
func TestLedgerRulesOfAPermit(t *testing.T) {
	minus := -1
	in := registry.PermitInput{LedgerRules: []registry.LedgerRule{{Class: "treatmentFacility.wastewater", Object: "TW001", Text: "1次/日"},
		{Class: "treatmentFacility.wastewater", Object: "TW002", Text: "1次/日", GraceDays: &minus}, {Class: "treatmentFacility.wastewater", Object: "TW001", Text: "1次/班"}}}
	_, err := in.Parse()
	got := pointers(err)
	if !got["/ledgerRules/2/class"] || !got["/ledgerRules/1/graceDays"] || got["/ledgerRules/1/class"] {
		t.Errorf("reported: %v", err)
	}
}

package registry_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// pointers are the places that err names.
func pointers(err error) map[string]bool {
	var f *fault.Error
	out := map[string]bool{}
	if errors.As(err, &f) {
		for _, v := range f.Violations {
			out[v.Pointer] = true
		}
	}
	return out
}

func TestParkInputNamesEverything(t *testing.T) {
	_, err := registry.ParkInput{PilotConfirmed: true}.Parse()
	got := pointers(err)
	for _, p := range []string{"/code", "/name", "/jurisdiction", "/streetCode", "/address", "/basin", "/sectors", "/operatorName", "/operatorCreditCode", "/head", "/bodyStaff", "/emergencyPlanNo", "/emergencyFiledOn"} {
		if !got[p] {
			t.Errorf("a confirmed place without %s passes", p)
		}
	}
	if _, err := (registry.ParkInput{Code: "SZ-30"}).Parse(); err != nil {
		t.Errorf("an unnamed pilot place: %v", err)
	}
	_, err = registry.ParkInput{Code: "x", AreaKm2: "-1", Longitude: "100", Latitude: "22.5", OperatorCreditCode: "914403001922038210", DesignatedOn: "2021-07-13",
		Jurisdiction: "baoan", StreetCode: "440305001", EmergencyFiledOn: "2026-02-30"}.Parse()
	got = pointers(err)
	for _, p := range []string{"/code", "/areaKm2", "/longitude", "/datum", "/operatorCreditCode", "/designatedOn", "/streetCode", "/emergencyFiledOn"} {
		if !got[p] {
			t.Errorf("%s is not reported: %v", p, err)
		}
	}
	if !strings.Contains(err.Error(), "应当是 6") {
		t.Errorf("the expected check character is not named: %v", err)
	}
}

// leaves counts what a write left behind.
func leaves(t *testing.T, c dbtest.City) (changes, records, versions int64) {
	t.Helper()
	db := c.DB
	err := errors.Join(
		db.Visible(c.Program(), policies.ChangeRead, &audit.Change{}).Count(&changes).Error,
		db.Visible(c.Program(), policies.AuditRead, &audit.Record{}).Count(&records).Error,
		db.Internal(c.Program(), &registry.Version{}).Count(&versions).Error)
	if err != nil {
		t.Fatal(err)
	}
	return changes, records, versions
}

// TestEveryWriteLeavesOneOfEach: one change, one audit record, one version a write; a refusal leaves none.
func TestEveryWriteLeavesOneOfEach(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		p, bureau := c.BaoanA, c.Bureau()
		same := func(in registry.FacilityInput) (registry.FacilityInput, error) {
			in.Name = "改名后的设施"
			return in, nil
		}
		reason := registry.CloseInput{Reason: "设施已经拆除"}
		stale := func(in registry.ParkInput) (registry.ParkInput, error) { in.Address = "新地址"; return in, nil }
		for _, x := range []struct {
			name  string
			write func() error
			want  fault.Code
		}{
			{"change a facility", func() error { _, err := c.Registry.UpdateFacility(bureau, p.Facility.ID, 1, same); return err }, ""},
			{"change it on a version that is gone", func() error { _, err := c.Registry.UpdateFacility(bureau, p.Facility.ID, 1, same); return err }, fault.Stale},
			{"change it as somebody who may not", func() error { _, err := c.Registry.UpdateFacility(c.Analyst(), p.Facility.ID, 2, same); return err }, fault.Denied},
			{"change it from another park", func() error {
				_, err := c.Registry.UpdateFacility(c.ParkManager(c.BaoanB), p.Facility.ID, 2, same)
				return err
			}, fault.NotFound},
			{"register its code again", func() error {
				in := p.Facility.Input()
				_, err := c.Registry.CreateFacility(bureau, "", in)
				return err
			}, fault.Conflict},
			{"close it without a reason", func() error {
				_, err := c.Registry.CloseFacility(bureau, p.Facility.ID, 2, registry.CloseInput{Reason: "无"})
				return err
			}, fault.Invalid},
			{"close it", func() error { _, err := c.Registry.CloseFacility(bureau, p.Facility.ID, 2, reason); return err }, ""},
			{"close it twice", func() error { _, err := c.Registry.CloseFacility(bureau, p.Facility.ID, 3, reason); return err }, fault.Conflict},
			{"register its code after it is closed", func() error { _, err := c.Registry.CreateFacility(bureau, "", p.Facility.Input()); return err }, ""},
			{"a site of another park", func() error {
				in := p.Facility.Input()
				in.ParkID, in.Code = string(c.Longgang.Park.ID), "TW002"
				_, err := c.Registry.CreateFacility(bureau, "", in)
				return err
			}, fault.NotFound},
			{"in a place without a name", func() error {
				_, err := c.Registry.CreateFacility(bureau, "", registry.FacilityInput{ParkID: string(c.Unnamed.ID), Code: "TW001", Kind: "central", Name: "设施", Capacity: "1", CapacityUnit: "m3/d"})
				return err
			}, fault.Conflict},
			{"change a park", func() error { _, err := c.Registry.UpdatePark(c.ParkManager(p), p.Park.ID, 1, stale); return err }, ""},
			{"a manager renames the park", func() error {
				_, err := c.Registry.UpdatePark(c.ParkManager(p), p.Park.ID, 2, func(in registry.ParkInput) (registry.ParkInput, error) { in.Name = "新园"; return in, nil })
				return err
			}, fault.Denied},
			{"a manager unconfirms the park", func() error {
				_, err := c.Registry.UpdatePark(c.ParkManager(p), p.Park.ID, 2, func(in registry.ParkInput) (registry.ParkInput, error) { in.PilotConfirmed = false; return in, nil })
				return err
			}, fault.Denied},
			{"a name that is taken", func() error {
				_, err := c.Registry.UpdatePark(bureau, p.Park.ID, 2, func(in registry.ParkInput) (registry.ParkInput, error) { in.Name = "宝安乙园"; return in, nil })
				return err
			}, fault.Conflict},
			{"a credit code that is taken", func() error {
				in := p.Enterprise.Input()
				in.LegalRepresentative, in.Contact = "李四", "张三"
				_, err := c.Registry.CreateEnterprise(bureau, "", in, "")
				return err
			}, fault.Conflict},
			{"who may not create, whatever the input", func() error { _, err := c.Registry.CreatePark(c.Analyst(), "", registry.ParkInput{}); return err }, fault.Denied},
		} {
			c0, r0, v0 := leaves(t, c)
			err := x.write()
			c1, r1, v1 := leaves(t, c)
			want := int64(0)
			if x.want == "" {
				want = 1
			}
			if fault.CodeOf(err) != x.want {
				t.Errorf("%s: %v, want %s", x.name, err, x.want)
			}
			if c1-c0 != want || r1-r0 != want || v1-v0 != want {
				t.Errorf("%s leaves %d changes, %d records, %d versions, want %d of each", x.name, c1-c0, r1-r0, v1-v0, want)
			}
		}
	})
}

// TestNamesOverTime: the old name ends, the new one begins, and both are found.
func TestNamesOverTime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		e := c.BaoanA.Enterprise
		after, err := c.Registry.UpdateEnterprise(c.Bureau(), e.ID, 1, func(in registry.EnterpriseInput) (registry.EnterpriseInput, error) {
			in.Name = "更名后线路板厂"
			return in, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		names, err := c.Registry.EnterpriseNames(c.Firm(c.BaoanA), e.ID)
		if err != nil || len(names) != 2 {
			t.Fatal(names, err)
		}
		open := 0
		for _, n := range names {
			if n.UntilOn == nil {
				open++
				if n.Name != after.Name {
					t.Errorf("the present name is %s", n.Name)
				}
			}
		}
		if open != 1 {
			t.Errorf("%d names are open", open)
		}
		if _, err := c.Registry.EnterpriseNames(c.Firm(c.Longgang), e.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a foreign firm's names: %v", err)
		}
		for _, q := range []string{"更名后", "GMHXLB", e.Name} {
			page, err := c.Registry.Enterprises(c.Bureau(), registry.EnterpriseFilter{Q: q}, models.Query{Limit: 10})
			if err != nil || len(page.Items) != 1 || page.Items[0].ID != e.ID {
				t.Errorf("search %q: %d firms, %v", q, len(page.Items), err)
			}
		}
	})
}

func TestSearch(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		_, err := c.Registry.UpdatePark(c.Bureau(), c.Dapeng.Park.ID, 1, func(in registry.ParkInput) (registry.ParkInput, error) {
			in.Aliases = []string{`100%_\园`}
			return in, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for q, want := range map[string]int{"宝安": 2, "bajy": 1, "sz-0": 4, "SZ-31": 1, "100%": 1, `%_\`: 1, "%": 1, "_": 1, `\`: 1, "乙": 1, "nowhere": 0, " 龙岗 ": 1, "'": 0, "": 5} {
			page, err := c.Registry.Parks(c.Bureau(), registry.ParkFilter{Q: q}, models.Query{Limit: 50})
			if err != nil || len(page.Items) != want {
				t.Errorf("%q finds %d parks, want %d; %v", q, len(page.Items), want, err)
			}
		}
	})
}

// TestUnitIsLetOnce: overlapping days in one unit are refused, also when two ask at once.
func TestUnitIsLetOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		manager := c.ParkManager(c.BaoanA)
		site := c.BaoanA.Site.ID
		for _, x := range []struct {
			name, unit, from, to string
			want                 fault.Code
		}{
			{"the same unit while open", "101", "2025-01-01", "", fault.Conflict},
			{"ends the day before", "101", "2021-01-01", "2021-12-31", ""},
			{"ends on the first day", "101", "2021-06-01", "2022-01-01", fault.Conflict},
			{"another unit", "102", "2025-01-01", "", ""},
			{"ends before it begins", "103", "2025-01-02", "2025-01-01", fault.Invalid},
			{"one day", "103", "2025-01-01", "2025-01-01", ""},
			{"the day after", "103", "2025-01-02", "", ""},
		} {
			_, err := c.Registry.AddTenancy(manager, site, "", registry.TenancyInput{Building: "1", Unit: x.unit, From: x.from, To: x.to})
			if fault.CodeOf(err) != x.want {
				t.Errorf("%s: %v, want %s", x.name, err, x.want)
			}
		}
		var wg sync.WaitGroup
		results := make(chan fault.Code, 2)
		for range 2 {
			wg.Go(func() {
				_, err := c.Registry.AddTenancy(manager, site, "", registry.TenancyInput{Building: "9", Unit: "1", From: "2026-01-01"})
				results <- fault.CodeOf(err)
			})
		}
		wg.Wait()
		if a, b := <-results, <-results; !(a == "" && b == fault.Conflict || b == "" && a == fault.Conflict) {
			t.Errorf("two at once: %q and %q", a, b)
		}
	})
}

// TestPersonalValuesCanBeErased: versions and leaves hold commitments, never values,
// and stay verifiable when a value is erased.
func TestPersonalValuesCanBeErased(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		var version registry.Version
		if err := models.One(db.Internal(c.Program(), &registry.Version{}).Where("object_id = ?", c.BaoanA.Enterprise.ID), &version); err != nil {
			t.Fatal(err)
		}
		var change audit.Change
		if err := models.One(db.Visible(c.Program(), policies.ChangeRead, &audit.Change{}).Where("id = ?", version.ChangeID), &change); err != nil {
			t.Fatal(err)
		}
		var record audit.Record
		if err := models.One(db.Visible(c.Auditor(), policies.AuditRead, &audit.Record{}).Where("change_id = ?", version.ChangeID), &record); err != nil {
			t.Fatal(err)
		}
		for _, value := range []string{"张三", "李四", "13800138000"} {
			for where, text := range map[string]string{"version": version.Data, "leaf": string(change.Leaf), "audit record": record.BeforeValues + record.AfterValues} {
				if strings.Contains(text, value) {
					t.Errorf("the %s holds %s", where, value)
				}
			}
		}
		digest := sha256.Sum256([]byte(version.Data))
		if !strings.Contains(string(change.Leaf), hex.EncodeToString(digest[:])) {
			t.Error("the leaf does not commit to the version")
		}
		var data struct{ Personal map[string]string }
		if err := json.Unmarshal([]byte(version.Data), &data); err != nil || len(data.Personal) != 3 {
			t.Fatalf("commitments %v, %v", data.Personal, err)
		}
		err := db.Write(c.Program(), func(tx *models.Tx) error {
			var salt []byte
			if err := tx.Program().Raw("SELECT salt FROM personal_fields WHERE object_id = ? AND field = 'phone'", c.BaoanA.Enterprise.ID).Row().Scan(&salt); err != nil {
				return err
			}
			mac := hmac.New(sha256.New, salt)
			mac.Write([]byte("13800138000"))
			if data.Personal["phone"] != hex.EncodeToString(mac.Sum(nil)) {
				t.Error("the commitment is not one to the value")
			}
			return tx.Program().Exec("DELETE FROM personal_fields WHERE object_id = ?", c.BaoanA.Enterprise.ID).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		e, err := c.Registry.Enterprise(c.Bureau(), c.BaoanA.Enterprise.ID)
		if err != nil || e.Contact != "" || e.Phone != "" || e.Name == "" {
			t.Errorf("after erasure: %+v, %v", e, err)
		}
	})
}

// TestJurisdictionMove: only the bureau moves a park, the move asks for the heads to be
// rewritten, and the rewriting reaches every kind of row.
func TestJurisdictionMove(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		asked := &asks{}
		svc := registry.New(db, asked)
		park := c.Dapeng.Park
		move := func(in registry.ParkInput) (registry.ParkInput, error) {
			in.Jurisdiction, in.StreetCode = "longgang", c.Longgang.Park.Input().StreetCode
			return in, nil
		}
		if _, err := svc.UpdatePark(c.ParkManager(c.Dapeng), park.ID, 1, move); !fault.Is(err, fault.Denied) || len(asked.parks) != 0 {
			t.Fatalf("a manager moves the park: %v", err)
		}
		if _, err := svc.UpdatePark(c.Bureau(), park.ID, 1, move); err != nil || len(asked.parks) != 1 || asked.parks[0] != park.ID {
			t.Fatalf("the move: %v, asked for %v", err, asked.parks)
		}
		for range 2 { // the job may run again
			if err := db.Write(c.Program(), func(tx *models.Tx) error { return registry.RewriteJurisdiction(tx, park.ID) }); err != nil {
				t.Fatal(err)
			}
		}
		for who, want := range map[string]int{"longgang": 2, "dapeng": 0} {
			for kind, list := range map[string]func() (int, error){
				"parks": func() (int, error) {
					p, err := svc.Parks(c.Inspector(who), registry.ParkFilter{}, models.Query{Limit: 9})
					return len(p.Items), err
				},
				"sites": func() (int, error) {
					p, err := svc.Sites(c.Inspector(who), registry.SiteFilter{}, models.Query{Limit: 9})
					return len(p.Items), err
				},
				"firms": func() (int, error) {
					p, err := svc.Enterprises(c.Inspector(who), registry.EnterpriseFilter{}, models.Query{Limit: 9})
					return len(p.Items), err
				},
				"outlets": func() (int, error) {
					p, err := svc.Outlets(c.Inspector(who), registry.FacilityFilter{}, models.Query{Limit: 9})
					return len(p.Items), err
				},
			} {
				if n, err := list(); err != nil || n != want {
					t.Errorf("%s sees %d %s, want %d; %v", who, n, kind, want, err)
				}
			}
		}
	})
}

type asks struct{ parks []models.ID }

func (a *asks) RewriteJurisdiction(_ *models.Tx, park models.ID) error {
	a.parks = append(a.parks, park)
	return nil
}

// TestMoveKeepsHistory: a firm that moved out stays visible to the park it left, and only there.
func TestMoveKeepsHistory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		if _, err := c.Registry.CloseSite(c.ParkManager(c.BaoanA), c.BaoanA.Site.ID, 1, registry.CloseInput{Reason: "已经搬到乙园"}); err != nil {
			t.Fatal(err)
		}
		for name, x := range map[string]struct {
			place dbtest.Place
			want  fault.Code
		}{"the park it left": {c.BaoanA, ""}, "the park it lives in": {c.BaoanB, ""}, "another park": {c.Longgang, fault.NotFound}} {
			if _, err := c.Registry.Enterprise(c.ParkManager(x.place), c.BaoanA.Enterprise.ID); fault.CodeOf(err) != x.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := c.Registry.AddTenancy(c.ParkManager(c.BaoanA), c.BaoanA.Site.ID, "", registry.TenancyInput{Building: "3", Unit: "1", From: "2026-01-01"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a unit for a firm that has left: %v", err)
		}
		if _, err := c.Registry.Facility(c.ParkManager(c.BaoanB), c.BaoanA.Facility.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("the new park sees the old park's facility: %v", err)
		}
	})
}

// TestTenancyThroughItsOwnSite: a unit is ended through the site that holds it.
func TestTenancyThroughItsOwnSite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		units, err := c.Registry.Tenancies(c.Bureau(), c.BaoanB.Site.ID)
		if err != nil || len(units) != 1 {
			t.Fatal(err, units)
		}
		if _, err := c.Registry.EndTenancy(c.ParkManager(c.BaoanB), c.Second.ID, units[0].ID, registry.EndInput{On: "2026-10-31", Reason: "租约到期迁出"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("through another firm's site: %v", err)
		}
		if again, err := c.Registry.Tenancies(c.Bureau(), c.BaoanB.Site.ID); err != nil || again[0].ToOn != nil {
			t.Errorf("the refusal left %+v %v", again, err)
		}
	})
}

// TestCreditCodesTellNothing: who may let nobody into a park learns from no answer
// whether a firm is registered.
func TestCreditCodesTellNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		// manages one park and, as an inspector, reads the other
		ctx := policies.With(context.Background(), db.Policy.Actor("0190a000-0000-7000-8000-000000000009", "two-hats", []policies.Assignment{
			{User: "0190a000-0000-7000-8000-000000000009", Role: policies.ParkManager, Park: string(c.BaoanA.Park.ID), From: "2020-01-01"},
			{User: "0190a000-0000-7000-8000-000000000009", Role: policies.DistrictInspector, Jurisdiction: "baoan", From: "2020-01-01"}}, db.Today()))
		let := func(creditCode string) string {
			_, err := c.Registry.CreateSite(ctx, "", registry.SiteInput{ParkID: string(c.BaoanB.Park.ID), CreditCode: creditCode})
			if err == nil {
				t.Fatal("let into a park of somebody else")
			}
			return err.Error()
		}
		if known, unknown := let(c.Longgang.Enterprise.CreditCode), let(dbtest.CreditCode(777)); known != unknown {
			t.Errorf("a firm that is registered: %s, one that is not: %s", known, unknown)
		}
	})
}

// TestPeopleStandApart: what is kept for ever has nobody's name or number in it.
func TestPeopleStandApart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		in := c.BaoanA.Park.Input()
		in.Head = "赵六"
		if _, err := c.Registry.UpdatePark(c.Bureau(), c.BaoanA.Park.ID, c.BaoanA.Park.Version, func(registry.ParkInput) (registry.ParkInput, error) { return in, nil }); err != nil {
			t.Fatal(err)
		}
		for table, column := range map[string]string{"registry_versions": "data", "audit_records": "before_values || after_values"} {
			for _, name := range []string{"王工", "赵六", "李四", "张三", "13800138000"} {
				var n int
				if err := db.SQL().QueryRow("SELECT count(*) FROM " + table + " WHERE " + column + " LIKE '%" + name + "%'").Scan(&n); err != nil {
					t.Fatal(table, err)
				}
				if n > 0 {
					t.Errorf("%d rows of %s name %s", n, table, name)
				}
			}
		}
	})
}

// TestNothingBeginsWhereAllHasEnded: a closed site frees its units and takes nothing
// new, a closed park takes nobody in, and neither does a place without a name.
func TestNothingBeginsWhereAllHasEnded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		p, manager, bureau := c.BaoanA, c.ParkManager(c.BaoanA), c.Bureau()
		other, err := c.Registry.CreateSite(manager, "", registry.SiteInput{ParkID: string(p.Park.ID), CreditCode: dbtest.CreditCode(2)})
		if err != nil {
			t.Fatal(err)
		}
		rent := func(site models.ID, from code.Day) error {
			_, err := c.Registry.AddTenancy(manager, site, "", registry.TenancyInput{Building: "1", Unit: "101", From: string(from)})
			return err
		}
		closeSite := func(on code.Day) error {
			_, err := c.Registry.CloseSite(manager, p.Site.ID, 1, registry.CloseInput{On: string(on), Reason: "已经搬到乙园"})
			return err
		}
		today := db.Today()
		for _, day := range []code.Day{today.Add(1), "2021-12-31"} { // not come yet; before its unit was let
			changes, _, _ := leaves(t, c)
			if err := closeSite(day); !fault.Is(err, fault.Invalid) || !pointers(err)["/on"] {
				t.Errorf("closing on %s: %v", day, err)
			}
			if now, _, _ := leaves(t, c); now != changes {
				t.Errorf("a refused closing left %d changes", now-changes)
			}
		}
		changes, _, _ := leaves(t, c)
		if err := closeSite(today.Add(-1)); err != nil {
			t.Fatal(err)
		}
		if now, _, _ := leaves(t, c); now != changes+2 {
			t.Errorf("closing a site with one unit left %d changes, want 2", now-changes)
		}
		units, err := c.Registry.Tenancies(manager, p.Site.ID)
		if err != nil || len(units) != 1 || models.Deref(units[0].ToOn) != today.Add(-1) || units[0].EndReason != "已经搬到乙园" || units[0].Version != 2 {
			t.Errorf("the unit of a closed site: %+v, %v", units, err)
		}
		if err := rent(other.ID, today.Add(-1)); !fault.Is(err, fault.Conflict) {
			t.Errorf("its unit on the last day: %v", err)
		}
		if err := rent(other.ID, today); err != nil {
			t.Errorf("its unit on the day after: %v", err)
		}
		site, park := string(p.Site.ID), string(p.Park.ID)
		begin := func(park, site, what string) map[string]error {
			out := map[string]error{}
			_, out["facility"] = c.Registry.CreateFacility(bureau, "", registry.FacilityInput{ParkID: park, SiteID: site, Code: "TW0" + what, Kind: "treatment", Name: "设施", Capacity: "1", CapacityUnit: "m3/d"})
			_, out["outlet"] = c.Registry.CreateOutlet(bureau, "", registry.OutletInput{ParkID: park, SiteID: site, Code: "DW0" + what, Kind: "total", Regime: "none"})
			_, out["stream"] = c.Registry.CreateStream(bureau, "", registry.StreamInput{ParkID: park, SiteID: site, Name: "废水" + what, Kind: "general"})
			return out
		}
		refused := func(where string, all map[string]error) {
			t.Helper()
			for what, err := range all {
				if !fault.Is(err, fault.Conflict) {
					t.Errorf("a new %s %s: %v", what, where, err)
				}
			}
		}
		left := begin(park, site, "21")
		left["tenancy"] = rent(p.Site.ID, today)
		_, left["permit"] = c.Registry.CreatePermit(bureau, "", registry.PermitInput{SiteID: site, Number: p.Enterprise.CreditCode + "001P", Kind: "permit", Class: "key", IssuedOn: "2024-01-01", Authority: "市生态环境局"})
		refused("where the firm has left", left)
		for what, err := range begin(park, "", "22") {
			if err != nil {
				t.Errorf("a new %s of the park itself: %v", what, err)
			}
		}
		firm := func(n int, park string) error {
			_, err := c.Registry.CreateEnterprise(bureau, "", registry.EnterpriseInput{CreditCode: dbtest.CreditCode(n), Name: fmt.Sprintf("新%d号有限公司", n), Industries: []string{"3982"},
				PermitClass: "key", LegalRepresentative: "李四", Contact: "张三"}, models.ID(park))
			return err
		}
		if _, err := c.Registry.ClosePark(bureau, p.Park.ID, 1, registry.CloseInput{Reason: "园区整体搬迁"}); err != nil {
			t.Fatal(err)
		}
		closed := begin(park, "", "23")
		_, closed["site"] = c.Registry.CreateSite(bureau, "", registry.SiteInput{ParkID: park, CreditCode: dbtest.CreditCode(3)})
		closed["enterprise"] = firm(301, park)
		refused("in a closed park", closed)
		unnamed := map[string]error{"enterprise": firm(302, string(c.Unnamed.ID))}
		_, unnamed["site"] = c.Registry.CreateSite(bureau, "", registry.SiteInput{ParkID: string(c.Unnamed.ID), CreditCode: dbtest.CreditCode(3)})
		refused("in a place without a name", unnamed)
	})
}

// TestAnIdOnce: an id of the caller's own choice names one row of the register, and
// a second creation under it says so instead of blaming the code.
func TestAnIdOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		for what, create := range map[string]func(id models.ID) error{
			"park": func(id models.ID) error {
				_, err := c.Registry.CreatePark(c.Bureau(), id, registry.ParkInput{Code: "QA-01"})
				return err
			},
			"facility": func(id models.ID) error {
				_, err := c.Registry.CreateFacility(c.Bureau(), id, registry.FacilityInput{ParkID: string(c.BaoanA.Park.ID), Code: "TW031", Kind: "central", Name: "设施", Capacity: "1", CapacityUnit: "m3/d"})
				return err
			},
			"enterprise": func(id models.ID) error {
				_, err := c.Registry.CreateEnterprise(c.Bureau(), id, registry.EnterpriseInput{CreditCode: dbtest.CreditCode(401), Name: "编号有限公司", Industries: []string{"3982"},
					PermitClass: "key", LegalRepresentative: "李四", Contact: "张三"}, "")
				return err
			},
		} {
			for _, taken := range []models.ID{c.BaoanA.Site.ID, c.BaoanB.Enterprise.ID} {
				err := create(taken)
				if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "这个编号已经用于另一条记录") {
					t.Errorf("a %s under an id that is taken: %v", what, err)
				}
			}
			if err := create(models.NewID()); err != nil {
				t.Errorf("a %s under an id of its own: %v", what, err)
			}
		}
	})
}

package dbtest

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// Place is a confirmed park with one resident firm, its works for wastewater and
// the outlet behind them.
type Place struct {
	Park       registry.Park
	Enterprise registry.Enterprise
	Site       registry.Site
	Facility   registry.Facility // TW001, treatment, of the site
	Outlet     registry.Outlet   // DW001, total outlet behind Facility
	Own        registry.Facility // TW900, central treatment of the park itself
}

// City is a small registry: two parks in Baoan, one in Longgang, one in Dapeng
// (whose streets are coded under Longgang), one unnamed pilot place, and a firm
// that also lives in the second park of Baoan.
type City struct {
	DB       *models.DB
	Registry *registry.Service
	BaoanA   Place
	BaoanB   Place
	Longgang Place
	Dapeng   Place
	Unnamed  registry.Park
	Second   registry.Site // BaoanA.Enterprise in BaoanB.Park
}

type noJobs struct{}

func (noJobs) RewriteJurisdiction(*models.Tx, models.ID) error { return nil }

// NewCity stores the city in an empty database.
func NewCity(t testing.TB, db *models.DB) City {
	t.Helper()
	c := City{DB: db, Registry: registry.New(db, noJobs{})}
	ctx := c.Program()
	err := db.Write(ctx, func(tx *models.Tx) error {
		for i, j := range code.Jurisdictions() {
			row := registry.District{Slug: string(j), NameZh: j.Name(), NameEn: j.English(), Kind: "statutory", Position: i, Source: "test", Confidence: "confirmed"}
			if err := tx.Program().Create(&row).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c.BaoanA = c.place(t, 1, "SZ-01", "宝安甲园", "baoan")
	c.BaoanB = c.place(t, 2, "SZ-02", "宝安乙园", "baoan")
	c.Longgang = c.place(t, 3, "SZ-03", "龙岗园", "longgang")
	c.Dapeng = c.place(t, 4, "SZ-04", "大鹏园", "dapeng")
	c.Unnamed = must(c.Registry.CreatePark(ctx, "", registry.ParkInput{Code: "SZ-31"}))(t)
	c.Second = must(c.Registry.CreateSite(ctx, "", registry.SiteInput{ParkID: string(c.BaoanB.Park.ID), EnterpriseID: string(c.BaoanA.Enterprise.ID)}))(t)
	return c
}

// must takes a service's answer and fails the test on an error.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// CreditCode is a lawful credit code made from n.
func CreditCode(n int) string {
	return string(code.MakeCreditCode("91", "440300", fmt.Sprintf("MA5T%04d", n)))
}

func (c City) place(t testing.TB, n int, parkCode, name, jurisdiction string) Place {
	t.Helper()
	ctx := c.Program()
	var p Place
	staff := 3
	street := string(code.StreetsOf(code.Jurisdiction(jurisdiction))[0])
	p.Park = must(c.Registry.CreatePark(ctx, "", registry.ParkInput{Code: parkCode, Name: name, Jurisdiction: jurisdiction, StreetCode: street, Address: name + "1号",
		Basin: "maozhou", Sectors: []string{"电镀"}, OperatorName: name + "管理公司", OperatorCreditCode: CreditCode(900 + n), Head: "王工", BodyStaff: &staff,
		EmergencyPlanNo: "440306-2025-001-M", EmergencyFiledOn: "2025-01-01", PilotConfirmed: true}))(t)
	p.Enterprise = must(c.Registry.CreateEnterprise(ctx, "", registry.EnterpriseInput{CreditCode: CreditCode(n), Name: fmt.Sprintf("测试%d号电子有限公司", n),
		Industries: []string{"3982"}, PermitClass: "key", Discharges: true, LegalRepresentative: "李四", Contact: "张三", Phone: "13800138000"}, ""))(t)
	p.Site = must(c.Registry.CreateSite(ctx, "", registry.SiteInput{ParkID: string(p.Park.ID), EnterpriseID: string(p.Enterprise.ID),
		Tenancy: &registry.TenancyInput{Building: "1", Unit: "101", From: "2022-01-01"}}))(t)
	site, park := string(p.Site.ID), string(p.Park.ID)
	p.Facility = must(c.Registry.CreateFacility(ctx, "", registry.FacilityInput{ParkID: park, SiteID: site, Code: "TW001", Kind: "treatment", Name: "综合废水处理设施",
		Capacity: "500", CapacityUnit: "m3/d", InUse: true}))(t)
	p.Outlet = must(c.Registry.CreateOutlet(ctx, "", registry.OutletInput{ParkID: park, SiteID: site, FacilityID: string(p.Facility.ID), Code: "DW001", Kind: "total",
		Regime: "indirect", ReceivingPlant: "示例污水处理厂"}))(t)
	p.Own = must(c.Registry.CreateFacility(ctx, "", registry.FacilityInput{ParkID: park, Code: "TW900", Kind: "central", Name: "园区集中处理设施",
		Capacity: "5000", CapacityUnit: "m3/d", InUse: true}))(t)
	return p
}

// Program is the program itself.
func (c City) Program() context.Context {
	return policies.With(context.Background(), c.DB.Policy.Program("test"))
}

// As is a person who holds one role, with an id of their own that is the same at
// every call with the same name.
func (c City) As(name string, role policies.Role, holds string) context.Context {
	user := personID(name)
	a := policies.Assignment{ID: string(models.NewID()), User: user, Role: role, From: "2020-01-01"}
	switch role.Holds() {
	case policies.Jurisdiction:
		a.Jurisdiction = holds
	case policies.Park:
		a.Park = holds
	case policies.Enterprise:
		a.Enterprise = holds
	}
	return policies.With(context.Background(), c.DB.Policy.Actor(user, name, []policies.Assignment{a}, c.DB.Today()))
}

func personID(name string) string {
	var sum uint64 = 1469598103934665603 // FNV-1a, so that a name always gives the same id
	for i := range len(name) {
		sum = (sum ^ uint64(name[i])) * 1099511628211
	}
	return fmt.Sprintf("0190a000-0000-7000-8000-%012x", sum&0xffffffffffff)
}

// ParkManager is the management body of a park.
func (c City) ParkManager(p Place) context.Context {
	return c.As("park-"+p.Park.Code, policies.ParkManager, string(p.Park.ID))
}

// Firm is the account of a park's firm.
func (c City) Firm(p Place) context.Context {
	return c.As("firm-"+p.Park.Code, policies.EnterpriseUser, string(p.Enterprise.ID))
}

// Inspector is the first inspector of a district; SecondInspector another one.
func (c City) Inspector(jurisdiction string) context.Context {
	return c.As("inspector-"+jurisdiction, policies.DistrictInspector, jurisdiction)
}

// SecondInspector is another inspector of the district.
func (c City) SecondInspector(jurisdiction string) context.Context {
	return c.As("inspector-2-"+jurisdiction, policies.DistrictInspector, jurisdiction)
}

// Bureau, Analyst, Auditor and Admin are the city-wide roles.
func (c City) Bureau() context.Context { return c.As("bureau", policies.BureauAdmin, "") }

// Analyst is the bureau's reader.
func (c City) Analyst() context.Context { return c.As("analyst", policies.BureauAnalyst, "") }

// Auditor reads everything and writes nothing.
func (c City) Auditor() context.Context { return c.As("auditor", policies.Auditor, "") }

// Admin keeps accounts and sees no business data.
func (c City) Admin() context.Context { return c.As("admin", policies.Admin, "") }

// Seal numbers what was written, so that questions about the log count it.
func (c City) Seal(t testing.TB) {
	t.Helper()
	s := audit.NewSequencer(c.DB, slog.New(slog.DiscardHandler))
	for {
		n, err := s.Round(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

package progress_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/obligation"
	"parkregistry/models/progress"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// city is the test city with a clock that the test moves.
type city struct {
	dbtest.City
	clock    *time.Time
	progress *progress.Service
	ledger   *ledger.Service
	findings *inspection.Service
}

// noAccounts: no firm of the test city signs in itself.
type noAccounts struct{}

func (noAccounts) EnterpriseHasAccount(context.Context, models.ID) (bool, error) { return false, nil }

// Members implements inspection.Accounts.
func (noAccounts) Members(context.Context, policies.Organisation) ([]models.ID, error) {
	return nil, nil
}

// Inspectors implements inspection.Accounts.
func (noAccounts) Inspectors(context.Context, string, code.Day) ([]policies.Assignment, error) {
	return nil, nil
}

func each(t *testing.T, fn func(t *testing.T, c city)) {
	now := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC) // 10:00 at UTC+8
	dbtest.EachWith(t, dbtest.Options{Clock: func() time.Time { return now }}, func(t *testing.T, db *models.DB) {
		now = time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
		c := city{City: dbtest.NewCity(t, db), clock: &now, ledger: ledger.New(db), findings: inspection.New(db, noAccounts{})}
		c.progress = progress.New(db, audit.New(db), c.Registry)
		fn(t, c)
	})
}

// measures are what assessments take.
func (c city) measures() progress.Measures {
	return progress.Measures{Reports: c.progress, Duties: obligation.New(c.DB, c.Registry, c.ledger, audit.New(c.DB)), Walks: c.findings}
}

// rectification is what the caller hands in about a finding, with a photograph.
func (c city) rectification(t testing.TB, ctx context.Context, id models.ID, done code.Day) inspection.RectificationInput {
	t.Helper()
	f, err := c.findings.Finding(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	photo, err := dbtest.Photo(t, ctx, c.DB, f.Placed, 1)
	if err != nil {
		t.Fatal(err)
	}
	return inspection.RectificationInput{Measure: "已加装盖板并收集废气", Cost: "3600.50", DoneOn: string(done), Attachments: []string{string(photo)}}
}

func (c city) file(t *testing.T, p dbtest.Place, day code.Day) ledger.Record {
	t.Helper()
	payload := json.RawMessage(`{"normal":true,"startAt":"` + string(day) + `T00:00:00+08:00","endAt":"` + string(day) + `T09:00:00+08:00",` +
		`"inflow":"300","treated":"300","reused":"0","discharged":"280","readings":[{"pollutant":"w01001","value":"7.2"}],"sludgeQuantity":"0.4","sludgeDestination":"示例处置公司","drainDestination":"sewagePlant"}`)
	r, err := c.ledger.Create(c.ParkManager(p), "", ledger.Input{ParkID: string(p.Park.ID), FacilityID: string(p.Facility.ID), Class: "treatmentFacility.wastewater", Day: string(day), Payload: payload})
	if err != nil {
		t.Fatal(err)
	}
	if r, err = c.ledger.File(c.ParkManager(p), r.Entry.ID, 0); err != nil {
		t.Fatal(err)
	}
	return r
}

func (c city) report(t *testing.T, ctx context.Context, asOf code.Day) progress.Report {
	t.Helper()
	r, err := c.progress.Report(ctx, progress.Question{AsOf: asOf})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func of(t *testing.T, r progress.Report, p registry.Park) progress.ParkStanding {
	t.Helper()
	for _, s := range r.Parks {
		if s.Park.ID == p.ID {
			return s
		}
	}
	t.Fatalf("%s is not in the report", p.Code)
	return progress.ParkStanding{}
}

func item(t *testing.T, s progress.ParkStanding, id string) progress.Result {
	t.Helper()
	for _, r := range s.Results {
		if r.Item.ID == id {
			return r
		}
	}
	t.Fatalf("no item %s", id)
	return progress.Result{}
}

// TestFilingRate: D3 counts the days due by the day asked about, and what was
// filed by then; the thresholds are those of the checklist.
func TestFilingRate(t *testing.T) {
	each(t, func(t *testing.T, c city) {
		first := c.DB.Today()
		for range 10 {
			c.file(t, c.BaoanA, c.DB.Today())
			*c.clock = c.clock.AddDate(0, 0, 1)
		}
		c.Seal(t)
		r := c.report(t, c.Bureau(), "")
		got := item(t, of(t, r, c.BaoanA.Park), "D3")
		// Two works (one of the firm, one of the park itself) over ten days, one of them filed.
		if got.Numerator != 10 || got.Denominator != 20 || got.Full || got.Earned.Sign() != 0 {
			t.Errorf("ten of twenty: %d/%d earned %v", got.Numerator, got.Denominator, got.Earned)
		}
		if got := item(t, of(t, r, c.Longgang.Park), "D3"); got.Numerator != 0 || got.Denominator != 20 {
			t.Errorf("Longgang: %d/%d", got.Numerator, got.Denominator)
		}
		past := item(t, of(t, c.report(t, c.Bureau(), first.Add(4)), c.BaoanA.Park), "D3")
		if past.Numerator != 4 || past.Denominator != 8 {
			t.Errorf("as of the fifth day: %d/%d, want 4/8", past.Numerator, past.Denominator)
		}
		if _, err := c.progress.Report(c.Bureau(), progress.Question{AsOf: c.DB.Today().Add(1)}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a day that has not come: %v", err)
		}
		// Closing the park's own works takes it out of the divisor: all days filed.
		if _, err := c.Registry.CloseFacility(c.ParkManager(c.BaoanA), c.BaoanA.Own.ID, 1, registry.CloseInput{Reason: "集中处理设施已拆除"}); err != nil {
			t.Fatal(err)
		}
		c.Seal(t)
		got = item(t, of(t, c.report(t, c.Bureau(), ""), c.BaoanA.Park), "D3")
		if got.Numerator != 10 || got.Denominator != 10 || !got.Full || got.Earned.Cmp(big.NewRat(3, 1)) != 0 {
			t.Errorf("ten of ten: %d/%d earned %v", got.Numerator, got.Denominator, got.Earned)
		}
	})
}

// TestPermitRate: C4 needs a permit that is valid on the day.
func TestPermitRate(t *testing.T) {
	each(t, func(t *testing.T, c city) {
		p := c.BaoanA
		if _, err := c.Registry.CreatePermit(c.Program(), "", registry.PermitInput{SiteID: string(p.Site.ID), Number: p.Enterprise.CreditCode + "001P", Kind: "permit", Class: "key",
			IssuedOn: "2026-03-05", Authority: "市生态环境局"}); err != nil {
			t.Fatal(err)
		}
		*c.clock = c.clock.AddDate(0, 0, 10)
		c.Seal(t)
		for day, want := range map[code.Day]int64{"2026-03-04": 0, "2026-03-05": 1} {
			if got := item(t, of(t, c.report(t, c.Bureau(), day), p.Park), "C4"); got.Numerator != want || got.Denominator != 1 {
				t.Errorf("%s: %d/%d, want %d/1", day, got.Numerator, got.Denominator, want)
			}
		}
		second := item(t, of(t, c.report(t, c.Bureau(), ""), c.BaoanB.Park), "C4")
		if second.Denominator != 2 { // its own firm, and BaoanA's firm that also lives there
			t.Errorf("two sites of dischargers, counted %d", second.Denominator)
		}
	})
}

// TestWholeFiles: D1 needs permit, facility and outlet in the register on the day; a permit
// that has run out is still in the file, and what was registered later was not.
func TestWholeFiles(t *testing.T) {
	each(t, func(t *testing.T, c city) {
		p := c.BaoanA
		began := c.DB.Today()
		*c.clock = c.clock.AddDate(0, 0, 2)
		if _, err := c.Registry.CreatePermit(c.Program(), "", registry.PermitInput{SiteID: string(p.Site.ID), Number: p.Enterprise.CreditCode + "001P", Kind: "permit", Class: "key",
			IssuedOn: "2020-03-05", Authority: "市生态环境局"}); err != nil {
			t.Fatal(err)
		}
		c.Seal(t)
		known, err := audit.New(c.DB).Known(c.Bureau())
		if err != nil {
			t.Fatal(err)
		}
		*c.clock = c.clock.AddDate(0, 0, 2)
		if _, err := c.Registry.CloseOutlet(c.ParkManager(p), p.Outlet.ID, 1, registry.CloseInput{Reason: "排放口已经封堵"}); err != nil {
			t.Fatal(err)
		}
		c.Seal(t)
		for q, want := range map[progress.Question]int64{{AsOf: began}: 0, {AsOf: began.Add(2)}: 1, {AsOf: began.Add(3)}: 1, {}: 0, {AsOf: began.Add(3), KnownSeq: &known}: 1} {
			r, err := c.progress.Report(c.Bureau(), q)
			if err != nil {
				t.Fatal(err)
			}
			if got := item(t, of(t, r, p.Park), "D1"); got.Numerator != want || got.Denominator != 1 {
				t.Errorf("%s: %d/%d, want %d/1", q.AsOf, got.Numerator, got.Denominator, want)
			}
			if got := item(t, of(t, r, p.Park), "C4"); q.AsOf == began.Add(3) && got.Numerator != 0 {
				t.Errorf("a permit that has run out is valid: %+v", got)
			}
		}
	})
}

// TestFindings: A7 and the counts follow a finding from its opening to its closure.
func TestFindings(t *testing.T) {
	each(t, func(t *testing.T, c city) {
		p := c.BaoanA
		open := func(due string) models.ID {
			o, err := c.findings.Log(c.Inspector("baoan"), "", inspection.FindingInput{ParkID: string(p.Park.ID), EnterpriseID: string(p.Enterprise.ID), Dimension: 2,
				Description: "调节池无盖板，有异味", Severity: "minor", DueOn: due})
			if err != nil {
				t.Fatal(err)
			}
			return o.Finding.ID
		}
		log := func(due string) models.ID {
			id := open(due)
			if _, err := c.findings.Notify(c.Inspector("baoan"), id, inspection.NoticeInput{Recipient: "park", DueOn: due}); err != nil {
				t.Fatal(err)
			}
			return id
		}
		open("2026-03-10") // nobody was notified, so nobody is late
		closed, answered := log("2026-03-10"), log("2026-03-10")
		log("2026-03-10") // and never answered
		*c.clock = c.clock.AddDate(0, 0, 3)
		for _, id := range []models.ID{closed, answered} {
			if _, err := c.findings.Rectify(c.ParkManager(p), id, c.rectification(t, c.ParkManager(p), id, "2026-03-03")); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.findings.ReviewFinding(c.SecondInspector("baoan"), closed, inspection.ReviewInput{Result: "close"}); err != nil {
			t.Fatal(err)
		}
		*c.clock = c.clock.AddDate(0, 0, 20)
		c.Seal(t)
		s := of(t, c.report(t, c.Bureau(), ""), p.Park)
		if got := item(t, s, "A7"); got.Numerator != 1 || got.Denominator != 4 || got.Full {
			t.Errorf("closed in time: %d/%d", got.Numerator, got.Denominator)
		}
		want := progress.Counts{FindingsOpened: 4, FindingsOpen: 3, FindingsClosed: 1, FindingsOverdue: 1}
		if s.Counts != want {
			t.Errorf("counts %+v, want %+v", s.Counts, want)
		}
		listed, err := c.findings.Findings(c.Bureau(), inspection.FindingFilter{ParkID: string(p.Park.ID), Overdue: true}, models.Query{Limit: 10})
		if err != nil || int64(len(listed.Items)) != want.FindingsOverdue {
			t.Errorf("%d findings are listed as overdue (%v), %d are counted", len(listed.Items), err, want.FindingsOverdue)
		}
		if got := of(t, c.report(t, c.Bureau(), "2026-03-10"), p.Park).Counts.FindingsOverdue; got != 0 {
			t.Errorf("on the due day itself %d are late", got)
		}
		// Before the due date nothing was due and nothing overdue.
		if got := item(t, of(t, c.report(t, c.Bureau(), "2026-03-09"), p.Park), "A7"); got.Applies() {
			t.Errorf("before the due date: %d/%d", got.Numerator, got.Denominator)
		}
	})
}

// TestScopeAndTotals: everybody sees own parks only, and every total is the sum of
// the rows above it.
func TestScopeAndTotals(t *testing.T) {
	each(t, func(t *testing.T, c city) {
		*c.clock = c.clock.AddDate(0, 0, 5)
		c.Seal(t)
		for name, x := range map[string]struct {
			ctx  context.Context
			want int
		}{
			"bureau": {c.Bureau(), 5}, "auditor": {c.Auditor(), 5}, "baoan": {c.Inspector("baoan"), 2}, "longgang": {c.Inspector("longgang"), 1},
			"park": {c.ParkManager(c.Dapeng), 1},
		} {
			r := c.report(t, x.ctx, "")
			if len(r.Parks) != x.want {
				t.Errorf("%s sees %d parks, want %d", name, len(r.Parks), x.want)
			}
			for i, d := range r.Totals.Dimensions {
				met, required, pending := 0, 0, 0
				for _, p := range r.Parks {
					met, required, pending = met+p.Dimensions[i].Met, required+p.Dimensions[i].Required, pending+p.Dimensions[i].Pending
				}
				if d.Met != met || d.Required != required || d.Pending != pending {
					t.Errorf("%s: total of dimension %d is %d/%d/%d, its rows give %d/%d/%d", name, i+1, d.Met, d.Required, d.Pending, met, required, pending)
				}
			}
		}
		for _, p := range c.report(t, c.Bureau(), "").Parks {
			one, err := c.progress.Park(c.Bureau(), p.Park.ID, progress.Question{})
			if err != nil {
				t.Fatal(err)
			}
			for i, d := range one.Totals.Dimensions {
				if of := p.Dimensions[i]; d.Met != of.Met || d.Required != of.Required || d.Pending != of.Pending || fmt.Sprint(d.Score) != fmt.Sprint(of.Score) {
					t.Errorf("%s alone: dimension %d is %d/%d/%d, in the report %d/%d/%d", p.Park.Code, i+1, d.Met, d.Required, d.Pending, of.Met, of.Required, of.Pending)
				}
			}
			if one.Totals.Counts != p.Counts || fmt.Sprint(one.Totals.Overall) != fmt.Sprint(p.Overall) {
				t.Errorf("%s alone: %v and %+v, in the report %v and %+v", p.Park.Code, one.Totals.Overall, one.Totals.Counts, p.Overall, p.Counts)
			}
		}
		if _, err := c.progress.Report(c.Admin(), progress.Question{}); !fault.Is(err, fault.Denied) {
			t.Errorf("admin: %v", err)
		}
		if _, err := c.progress.Park(c.Inspector("longgang"), c.Dapeng.Park.ID, progress.Question{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("a foreign park: %v", err)
		}
	})
}

// TestRipens: what is due and overdue on a day is that of the list on that day,
// whatever move came when.
func TestRipens(t *testing.T) {
	each(t, func(t *testing.T, c city) {
		p, first := c.BaoanA, c.DB.Today()
		next := func(days int) { *c.clock = c.clock.AddDate(0, 0, days) }
		o, err := c.findings.Log(c.Inspector("baoan"), "", inspection.FindingInput{ParkID: string(p.Park.ID), Dimension: 2, Description: "调节池无盖板，有异味", Severity: "minor", DueOn: "2026-03-05"})
		if err != nil {
			t.Fatal(err)
		}
		id := o.Finding.ID
		must := func(_ inspection.Outcome, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		next(1) // 2 March
		must(c.findings.Notify(c.Inspector("baoan"), id, inspection.NoticeInput{Recipient: "park", DueOn: "2026-03-04"}))
		next(1)
		must(c.findings.Extend(c.Inspector("baoan"), id, inspection.ExtensionInput{DueOn: "2026-03-06", Reason: "配件到货延迟"}))
		next(6) // 9 March, three days late
		done := func() inspection.RectificationInput { return c.rectification(t, c.ParkManager(p), id, "2026-03-08") }
		must(c.findings.Rectify(c.ParkManager(p), id, done()))
		next(1)
		must(c.findings.ReviewFinding(c.SecondInspector("baoan"), id, inspection.ReviewInput{Result: "return", Reason: "盖板没有密封", DueOn: "2026-03-12"}))
		next(5) // 15 March, three days late again
		must(c.findings.Rectify(c.ParkManager(p), id, done()))
		must(c.findings.ReviewFinding(c.SecondInspector("baoan"), id, inspection.ReviewInput{Result: "close"}))
		next(2)
		c.Seal(t)
		var overdue []code.Day
		for day := first; day <= c.DB.Today(); day = day.Add(1) {
			if of(t, c.report(t, c.Bureau(), day), p.Park).Counts.FindingsOverdue == 1 {
				overdue = append(overdue, day)
			}
			due := item(t, of(t, c.report(t, c.Bureau(), day), p.Park), "A7")
			if want := day >= "2026-03-06" && day < "2026-03-10" || day >= "2026-03-12"; due.Denominator == 1 != want || due.Numerator != 0 {
				t.Errorf("%s: %d of %d due were closed in time", day, due.Numerator, due.Denominator)
			}
		}
		if want := []code.Day{"2026-03-07", "2026-03-08", "2026-03-13", "2026-03-14"}; !slices.Equal(overdue, want) {
			t.Errorf("overdue on %v, want %v", overdue, want)
		}
	})
}

package inspection_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/inspection"
	"parkregistry/policies"
)

// world is a city with an inspection service and a clock that a test can move.
type world struct {
	dbtest.City
	*inspection.Service
	clock *clock
	firms *firms
	t     *testing.T
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// set moves the clock to ten in the morning of a day.
func (c *clock) set(day string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, _ = time.Parse(time.RFC3339, day+"T10:00:00+08:00")
}

// firms stands for the accounts: every firm has one unless it is named here.
type firms struct {
	without    map[models.ID]bool
	inspectors []policies.Assignment
	members    []models.ID
}

// Inspectors implements inspection.Accounts.
func (f *firms) Inspectors(context.Context, string, code.Day) ([]policies.Assignment, error) {
	return f.inspectors, nil
}

// Members implements inspection.Accounts.
func (f *firms) Members(context.Context, policies.Organisation) ([]models.ID, error) {
	return f.members, nil
}

func (f *firms) EnterpriseHasAccount(_ context.Context, id models.ID) (bool, error) {
	return !f.without[id], nil
}

const today = "2026-11-24"

func each(t *testing.T, fn func(t *testing.T, w world)) {
	t.Helper()
	c := &clock{}
	dbtest.EachWith(t, dbtest.Options{Clock: c.now}, func(t *testing.T, db *models.DB) {
		c.set(today)
		f := &firms{without: map[models.ID]bool{}}
		fn(t, world{dbtest.NewCity(t, db), inspection.New(db, f), c, f, t})
	})
}

// people are the callers of the tables, by name.
func (w world) people() map[string]context.Context {
	return map[string]context.Context{
		"finder":           w.Inspector("baoan"),
		"second inspector": w.SecondInspector("baoan"),
		"foreign district": w.Inspector("longgang"),
		"park":             w.ParkManager(w.BaoanA),
		"second in park":   w.As("park-second", policies.ParkManager, string(w.BaoanA.Park.ID)),
		"foreign park":     w.ParkManager(w.BaoanB),
		"firm":             w.Firm(w.BaoanA),
		"foreign firm":     w.Firm(w.Longgang),
		"bureau":           w.Bureau(),
		"auditor":          w.Auditor(),
		"admin":            w.Admin(),
	}
}

// both is one person with two roles.
func (w world) both(name string, firm models.ID, jurisdiction string) context.Context {
	user := "0190b000-0000-7000-8000-" + strings.Repeat("0", 12-len(name)) + name
	return policies.With(context.Background(), w.DB.Policy.Actor(user, name, []policies.Assignment{
		{ID: string(models.NewID()), User: user, Role: policies.DistrictInspector, Jurisdiction: jurisdiction, From: "2020-01-01"},
		{ID: string(models.NewID()), User: user, Role: policies.EnterpriseUser, Enterprise: string(firm), From: "2020-01-01"},
	}, w.DB.Today()))
}

// aboutFirm is a finding about the firm of the first park.
func (w world) aboutFirm() inspection.FindingInput {
	return inspection.FindingInput{ParkID: string(w.BaoanA.Park.ID), EnterpriseID: string(w.BaoanA.Enterprise.ID), FacilityID: string(w.BaoanA.Facility.ID),
		Dimension: 2, Type: "ledger_missing", Description: "三日没有填写运行台账", Severity: inspection.Minor}
}

// aboutPark is a finding about an object of the park itself.
func (w world) aboutPark() inspection.FindingInput {
	return inspection.FindingInput{ParkID: string(w.BaoanA.Park.ID), FacilityID: string(w.BaoanA.Own.ID), Dimension: 1, Description: "应急池被占用", Severity: inspection.Major}
}

// rectification is what the caller hands in about a finding, with photographs that the
// caller brings; who may bring none names one that there is not.
func (w world) rectification(ctx context.Context, f inspection.Finding, photos ...int) inspection.RectificationInput {
	in := inspection.RectificationInput{Measure: "补填台账，指定专人", Cost: "0", DoneOn: today}
	if len(photos) == 0 {
		photos = []int{1}
	}
	for _, n := range photos {
		id, err := dbtest.Photo(w.t, ctx, w.DB, f.Placed, n)
		if err != nil {
			id = models.NewID()
		}
		in.Attachments = append(in.Attachments, string(id))
	}
	return in
}

// got takes a service's answer and stops the test on an error.
func got[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (w world) log(t testing.TB, ctx context.Context, in inspection.FindingInput) inspection.Finding {
	t.Helper()
	return got(w.Log(ctx, "", in))(t).Finding
}

// changes counts the change rows about one object.
func (w world) changes(t testing.TB, id models.ID) int {
	t.Helper()
	var n int64
	if err := w.DB.Visible(w.Auditor(), policies.ChangeRead, &audit.Change{}).Where("object_id = ?", id).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return int(n)
}

// counts folds the counts of the changes about one object, but for what ripens on
// days of its own: TestRipens follows that.
func (w world) counts(t testing.TB, id models.ID) map[string]int {
	t.Helper()
	var all []audit.Change
	if err := w.DB.Visible(w.Auditor(), policies.ChangeRead, &audit.Change{}).Where("object_id = ?", id).Find(&all).Error; err != nil {
		t.Fatal(err)
	}
	sum := map[string]int{}
	for _, c := range all {
		for m, n := range c.Counts.V {
			if strings.Contains(m, "@") {
				continue
			}
			if sum[m] += n; sum[m] == 0 {
				delete(sum, m)
			}
		}
	}
	return sum
}

// breaks tells whether err is an Invalid fault with that rule at that place.
func breaks(err error, pointer, code string) bool {
	for _, v := range violations(err) {
		if v.Pointer == pointer && v.Code == code {
			return true
		}
	}
	return false
}

func violations(err error) []fault.Violation {
	if e, ok := err.(*fault.Error); ok && e.Code == fault.Invalid {
		return e.Violations
	}
	return nil
}

// race runs two callers at once and wants one to win and the other to be refused.
func race(t *testing.T, first, second func() error) {
	t.Helper()
	var wg sync.WaitGroup
	errs := make([]error, 2)
	start := make(chan struct{})
	for i, f := range []func() error{first, second} {
		wg.Go(func() {
			<-start
			errs[i] = f()
		})
	}
	close(start)
	wg.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Invalid): // Invalid where the state that won asks for other fields
			t.Errorf("the slower one got %v, want a refusal", err)
		}
	}
	if won != 1 {
		t.Errorf("%d of two won: %v", won, errs)
	}
}

// personOf is the id of whoever a context speaks for.
func personOf(ctx context.Context) string {
	actor, _ := policies.ActorFrom(ctx)
	return actor.User
}

// say is a text in Chinese.
func say(t fault.Text) string { return words.Render(words.Chinese, t) }

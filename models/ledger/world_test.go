package ledger_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

const wastewater = "treatmentFacility.wastewater"

// content is a complete payload of a day on which nothing was wrong, with pairs of
// a top member and its JSON put in place; an empty JSON takes the member away.
func content(pairs ...string) json.RawMessage {
	members := [][2]string{{"normal", "true"}, {"startAt", `"2026-11-20T00:00:00+08:00"`}, {"endAt", `"2026-11-20T23:59:00+08:00"`},
		{"inflow", `"412.50"`}, {"treated", `"410"`}, {"reused", `"100.0"`}, {"discharged", `"310"`},
		{"readings", `[{"pollutant":"w01001","value":"7.2"},{"pollutant":"w01018","value":"38.0"},{"pollutant":"w20121","value":"<0.05"}]`},
		{"sludgeQuantity", `"1.2"`}, {"sludgeDestination", `"示例处置公司"`}, {"drainDestination", `"sewagePlant"`}}
	for i := 0; i+1 < len(pairs); i += 2 {
		found := false
		for n := range members {
			if members[n][0] == pairs[i] {
				members[n][1], found = pairs[i+1], true
			}
		}
		if !found {
			members = append(members, [2]string{pairs[i], pairs[i+1]})
		}
	}
	var parts []string
	for _, m := range members {
		if m[1] != "" {
			parts = append(parts, fmt.Sprintf("%q: %s", m[0], m[1]))
		}
	}
	return json.RawMessage("{" + strings.Join(parts, ",\n ") + "}")
}

// world is the test city with its ledger.
type world struct {
	dbtest.City
	t     *testing.T
	svc   *ledger.Service
	now   *time.Time
	slots *int
}

func each(t *testing.T, fn func(t *testing.T, w world)) {
	t.Helper()
	now := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	var mu sync.Mutex
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	dbtest.EachWith(t, dbtest.Options{Clock: clock}, func(t *testing.T, db *models.DB) {
		now = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
		fn(t, world{City: dbtest.NewCity(t, db), t: t, svc: ledger.New(db), now: &now, slots: new(int)})
	})
}

// input is an entry about the firm's works in place p, in a slot of its own.
func (w world) input(p dbtest.Place, payload json.RawMessage) ledger.Input {
	*w.slots++
	return ledger.Input{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID), FacilityID: string(p.Facility.ID), Class: wastewater,
		Day: "2026-11-23", Slot: fmt.Sprintf("班次%d", *w.slots), Payload: payload}
}

// own is an entry about the park's own works.
func (w world) own(p dbtest.Place) ledger.Input {
	in := w.input(p, content())
	in.SiteID, in.FacilityID = "", string(p.Own.ID)
	return in
}

func ok[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

var because = ledger.ReasonInput{Reason: "数值与原始记录不符"}

// in brings a new entry of the firm of BaoanA into a state.
func (w world) in(t testing.TB, state ledger.State) ledger.Record {
	t.Helper()
	firm, park := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
	r := ok(w.svc.Create(firm, "", w.input(w.BaoanA, content())))(t)
	switch state {
	case ledger.Draft:
	case ledger.Voided:
		r = ok(w.svc.Void(firm, r.ID, 0, because))(t)
	default:
		r = ok(w.svc.File(firm, r.ID, 0))(t)
	}
	switch state {
	case ledger.Returned:
		r = ok(w.svc.Return(park, r.ID, 0, because))(t)
	case ledger.Accepted:
		r = ok(w.svc.Accept(park, r.ID, 0))(t)
	case ledger.Superseded:
		a := ok(w.svc.Amend(firm, r.ID, "", 0, ledger.AmendInput{Reason: because.Reason}))(t)
		ok(w.svc.File(firm, a.ID, 0))(t)
		r = ok(w.svc.Get(firm, r.ID))(t)
	}
	if r.State != state {
		t.Fatalf("the entry is %s, want %s", r.State, state)
	}
	return r
}

// holding is a person with these assignments.
func (w world) holding(user models.ID, all ...policies.Assignment) context.Context {
	for i := range all {
		all[i].User, all[i].From = string(user), "2020-01-01"
	}
	return policies.With(context.Background(), w.DB.Policy.Actor(string(user), "holding", all, w.DB.Today()))
}

func clerkOf(p dbtest.Place) policies.Assignment {
	return policies.Assignment{Role: policies.ParkManager, Park: string(p.Park.ID)}
}

func workerOf(p dbtest.Place) policies.Assignment {
	return policies.Assignment{Role: policies.EnterpriseUser, Enterprise: string(p.Enterprise.ID)}
}

// both is a person who works for the park and for the firm of a place.
func (w world) both(p dbtest.Place) context.Context {
	return w.holding(models.NewID(), clerkOf(p), workerOf(p))
}

// changes is how many change rows there are.
func (w world) changes(t testing.TB) int64 {
	t.Helper()
	var n int64
	if err := w.DB.Visible(w.Program(), policies.ChangeRead, &audit.Change{}).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

// sequence numbers what was written.
func (w world) sequence(t testing.TB) {
	t.Helper()
	ok(audit.NewSequencer(w.DB, slog.New(slog.DiscardHandler)).Round(context.Background()))(t)
}

// measure is the sum of a measure of BaoanA about a day, as progress reads it.
func (w world) measure(t testing.TB, name string, day code.Day) int64 {
	t.Helper()
	w.sequence(t)
	var n int64
	err := w.DB.Visible(w.Bureau(), policies.ProgressRead, &audit.DayCount{}).Select("COALESCE(SUM(n), 0)").
		Where("park_id = ? AND measure = ? AND about_on = ?", w.BaoanA.Park.ID, name, day).Scan(&n).Error
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func want(t testing.TB, err error, expected fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != expected {
		t.Errorf("answered %q (%v), want %q", got, err, expected)
	}
}

// at is the violation at a pointer; the test fails without one.
func at(t testing.TB, all []fault.Violation, pointer string) fault.Violation {
	t.Helper()
	for _, v := range all {
		if v.Pointer == pointer {
			return v
		}
	}
	t.Fatalf("nothing is said about %s: %v", pointer, all)
	return fault.Violation{}
}

func violations(t testing.TB, err error) []fault.Violation {
	t.Helper()
	f, is := err.(*fault.Error)
	if !is {
		t.Fatalf("answered %v, want a fault", err)
	}
	return f.Violations
}

// race runs all at once and gives their errors in order.
func race(all ...func() error) []error {
	errs := make([]error, len(all))
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i, f := range all {
		wg.Go(func() { <-start; errs[i] = f() })
	}
	close(start)
	wg.Wait()
	return errs
}

// oneOf expects exactly one success, and Conflict for the others.
func oneOf(t testing.TB, errs []error) {
	t.Helper()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			want(t, err, fault.Conflict)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d callers succeeded, want exactly one: %v", won, len(errs), errs)
	}
}

// limit puts a candidate limit on the outlet of BaoanA.
func (w world) limit(t testing.TB, pollutant, minimum, maximum, unit, standard string) {
	t.Helper()
	ok(w.Registry.AddLimit(w.Program(), w.BaoanA.Outlet.ID, registry.LimitInput{Pollutant: pollutant, Minimum: minimum, Maximum: maximum,
		Unit: unit, Basis: "eia", Standard: standard, ValidFrom: "2020-01-01"}))(t)
}

// attachments is a room of files of its own over the world's database.
func (w world) attachments(t testing.TB) *files.Service {
	t.Helper()
	store := ok(files.Open(t.TempDir()))(t)
	t.Cleanup(func() { _ = store.Close() })
	return files.New(w.DB, store)
}

// upload brings a document, different for each n, for the firm's site in place p.
func (w world) upload(t testing.TB, svc *files.Service, ctx context.Context, p dbtest.Place, n int) files.Attachment {
	t.Helper()
	text := fmt.Sprintf("%%PDF-1.4\n%% %d\nstartxref\n9\n%%%%EOF\n", n)
	in := ok(svc.Receive(ctx, strings.NewReader(text), "凭证.pdf", ""))(t)
	defer in.Discard()
	return ok(svc.Upload(ctx, "", files.UploadInput{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID)}, in))(t)
}

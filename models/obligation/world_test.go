package obligation_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/ledger"
	"parkregistry/models/obligation"
	"parkregistry/models/registry"
)

const wastewater = "treatmentFacility.wastewater"

// world is the test city with its ledger, and a clock that tests move.
type world struct {
	dbtest.City
	t      *testing.T
	svc    *obligation.Service
	ledger *ledger.Service
	clock  *clock
}

// clock is the time of the program.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

// registered is the day on which the test city was entered.
const registered = code.Day("2026-06-01")

// each runs a test in a city of each engine that was entered on the day registered.
func each(t *testing.T, fn func(w world)) {
	t.Helper()
	c := &clock{}
	dbtest.EachWith(t, dbtest.Options{Clock: c.read}, func(t *testing.T, db *models.DB) {
		c.now = registered.Start().Add(8 * time.Hour)
		book := ledger.New(db)
		city := dbtest.NewCity(t, db)
		fn(world{City: city, t: t, svc: obligation.New(db, city.Registry, book, audit.New(db)), ledger: book, clock: c})
	})
}

// at sets the clock to an hour of a day.
func (w world) at(day code.Day, hour int) world {
	w.clock.mu.Lock()
	defer w.clock.mu.Unlock()
	w.clock.now = day.Start().Add(time.Duration(hour) * time.Hour)
	return w
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// permit gives the firm of a place a permit with wordings for classes.
func (w world) permit(p dbtest.Place, from code.Day, rules ...registry.LedgerRule) registry.Permit {
	w.t.Helper()
	return must(w.Registry.CreatePermit(w.Bureau(), "", registry.PermitInput{SiteID: string(p.Site.ID), Number: p.Enterprise.CreditCode + "001P", Kind: "permit", Class: "key",
		IssuedOn: string(from), Authority: "市生态环境局", LedgerRules: rules}))(w.t)
}

// payload is a complete day of a wastewater works.
const payload = `{"normal":true,"startAt":"2026-06-20T00:00:00+08:00","endAt":"2026-06-20T23:59:00+08:00","inflow":"412","treated":"410","reused":"100","discharged":"310",
	"readings":[{"pollutant":"w01001","value":"7.2"},{"pollutant":"w01018","value":"38"}],"sludgeQuantity":"1.2","sludgeDestination":"示例处置公司","drainDestination":"sewagePlant"}`

// draft begins an entry of the firm's works about a day.
func (w world) draft(p dbtest.Place, day code.Day, slot string) ledger.Record {
	w.t.Helper()
	return must(w.ledger.Create(w.Firm(p), "", ledger.Input{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID), FacilityID: string(p.Facility.ID), Class: wastewater,
		Day: string(day), Slot: slot, Payload: json.RawMessage(payload)}))(w.t)
}

// file files an entry of the firm's works about a day, now.
func (w world) file(p dbtest.Place, day code.Day, slot string) ledger.Record {
	w.t.Helper()
	return must(w.ledger.File(w.Firm(p), w.draft(p, day, slot).ID, 0))(w.t)
}

// seal numbers every change that waits.
func (w world) seal() {
	w.t.Helper()
	if err := audit.NewSequencer(w.DB, slog.New(slog.DiscardHandler)).Drain(w.Program()); err != nil {
		w.t.Fatal(err)
	}
}

// all reads every page of a list.
func (w world) all(ctx context.Context, f obligation.Filter, in obligation.MomentInput, limit int) []obligation.Obligation {
	w.t.Helper()
	var out []obligation.Obligation
	q := models.Query{Limit: limit, Filters: map[string]string{"f": fmt.Sprint(f, in)}}
	for {
		page := must(w.svc.List(ctx, f, in, q))(w.t)
		out = append(out, page.Items...)
		if page.Next == "" {
			return out
		}
		q.Cursor = page.Next
	}
}

// worksOf is a filter on the firm's works of a place.
func worksOf(p dbtest.Place, from, to code.Day) obligation.Filter {
	return obligation.Filter{ObjectID: string(p.Facility.ID), From: from, To: to}
}

// states writes what a list says in the order of time: day state, day state …
func states(all []obligation.Obligation) string {
	var out []string
	slices.SortStableFunc(all, func(a, b obligation.Obligation) int { return a.To.Number() - b.To.Number() })
	for _, o := range all {
		s := string(o.To[5:]) + " " + string(o.State)
		if o.Slot != "" {
			s = string(o.To[5:]) + " " + o.Slot + " " + string(o.State)
		}
		if o.Reason != "" {
			s += " " + string(o.Reason)
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

package models_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"
	"pgregory.net/rapid"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/audit"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// entry is one stored row: whose it is, and the value that it is grouped by.
type entry struct {
	owner policies.Row
	group string
	park  bool // has a park to join with
}

// shelf is one table under test. rows is what was stored, by key.
type shelf struct {
	model  models.Scoped
	key    string // column that names a row
	group  string // column to group by
	rows   map[string]entry
	listed func(ctx context.Context, db *models.DB, perm policies.Permission, limit int) ([]string, error)
}

func (s shelf) table() string { return s.model.Scope().Table }

// paged reads every page of a list and gives the keys in the order in which they came.
func paged[T any, P interface {
	*T
	models.Scoped
}](column string, sortKey func(T) any, id func(T) models.ID) func(context.Context, *models.DB, policies.Permission, int) ([]string, error) {
	return func(ctx context.Context, db *models.DB, perm policies.Permission, limit int) ([]string, error) {
		var keys []string
		orders := map[string]models.Order[T]{"it": {Column: column, Key: sortKey}, "-it": {Column: column, Desc: true, Key: sortKey}}
		q := models.Query{Limit: limit, Exact: true, Sort: []string{"it", "-it"}[limit%2]}
		for pages := 0; ; pages++ {
			page, err := models.List(db, db.Visible(ctx, perm, P(new(T))), q, orders, "it", id)
			if err != nil {
				return keys, err
			}
			for _, r := range page.Items {
				keys = append(keys, string(id(r)))
			}
			if page.Next == "" {
				if *page.Total != int64(len(keys)) {
					return keys, fmt.Errorf("the list says %d rows and shows %d", *page.Total, len(keys))
				}
				return keys, nil
			}
			if pages > 1000 {
				return keys, errors.New("the list does not end")
			}
			q.Cursor = page.Next
		}
	}
}

// world is a small random city in the database with what is true of every row.
type world struct {
	db            *models.DB
	parks         []registry.Park
	firms         []registry.Enterprise
	sites         []registry.Site
	users         []models.ID
	shelves       []*shelf
	jurisdictions []string
	rows          int
}

func placed(p models.Placed) policies.Row {
	r := policies.Row{Parks: []string{string(p.ParkID)}}
	if p.Jurisdiction != nil {
		r.Jurisdictions = []string{*p.Jurisdiction}
	}
	if p.EnterpriseID != nil {
		r.Enterprises = []string{string(*p.EnterpriseID)}
	}
	return r
}

// newWorld stores firms in several parks, ended tenancies, pilot places without a
// jurisdiction, rows without an enterprise, logs without a park.
func newWorld(t *testing.T, db *models.DB, seed uint64) *world {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 7))
	w := &world{db: db}
	now := db.Now()
	meta := func() models.Versioned {
		return models.Versioned{ID: models.NewID(), Version: 1, CreatedAt: now.Add(-time.Duration(r.IntN(5)) * time.Hour), UpdatedAt: now}
	}
	pick := func(n int) int { return r.IntN(n) }
	add := func(s *shelf) *shelf { s.rows = map[string]entry{}; w.shelves = append(w.shelves, s); return s }

	var districts []registry.District
	for i, j := range code.Jurisdictions()[:5] {
		w.jurisdictions = append(w.jurisdictions, string(j))
		districts = append(districts, registry.District{Slug: string(j), NameZh: j.Name(), NameEn: j.English(), Kind: "statutory", Position: i, Source: "test", Confidence: "seed"})
	}
	for i := range 9 {
		p := registry.Park{Versioned: meta(), Code: fmt.Sprintf("PP-%02d", i), NameSort: fmt.Sprint(i % 3), Source: "test", Confidence: "seed"}
		if i%4 != 3 { // the others are unnamed pilot places
			p.Name, p.Jurisdiction = models.Ref(fmt.Sprintf("园%d", i)), models.Ref(w.jurisdictions[pick(len(w.jurisdictions))])
		}
		w.parks = append(w.parks, p)
	}
	for i := range 20 {
		e := registry.Enterprise{Versioned: meta(), CreditCode: dbtest.CreditCode(i), Name: fmt.Sprintf("企%d", i), NameSort: fmt.Sprint(i % 4), PermitClass: []string{"key", "none"}[pick(2)]}
		w.firms = append(w.firms, e)
	}
	taken := map[[2]int]bool{}
	for i := range 34 { // firm 0 and 1 live nowhere
		pair := [2]int{2 + pick(len(w.firms)-2), pick(len(w.parks))}
		if taken[pair] {
			continue
		}
		taken[pair] = true
		p := w.parks[pair[1]]
		s := registry.Site{Versioned: meta(), ParkID: p.ID, Jurisdiction: p.Jurisdiction, EnterpriseID: models.Ref(w.firms[pair[0]].ID)}
		if i%5 == 0 { // it moved out: what was seen stays seen
			s.ClosedOn, s.ClosedReason = models.Ref(db.Today()), "已经迁出园区"
		}
		w.sites = append(w.sites, s)
	}
	// A place is a site's, or a park's own.
	place := func() models.Placed {
		if pick(3) == 0 {
			return w.parks[pick(len(w.parks))].Place()
		}
		return w.sites[pick(len(w.sites))].Place()
	}
	residents := func(park models.ID) (firms []string) {
		for _, s := range w.sites {
			if s.ParkID == park {
				firms = append(firms, string(*s.EnterpriseID))
			}
		}
		return firms
	}
	parkOwner := func(p registry.Park) policies.Row {
		o := placed(p.Place())
		o.Enterprises = residents(p.ID)
		return o
	}
	firmOwner := func(id models.ID) policies.Row {
		o := policies.Row{Enterprises: []string{string(id)}}
		for _, s := range w.sites {
			if *s.EnterpriseID == id {
				o.Parks = append(o.Parks, string(s.ParkID))
				if s.Jurisdiction != nil {
					o.Jurisdictions = append(o.Jurisdictions, *s.Jurisdiction)
				}
			}
		}
		return o
	}

	parks := add(&shelf{model: &registry.Park{}, key: "id", group: "name_sort",
		listed: paged("parks.name_sort", func(p registry.Park) any { return p.NameSort }, func(p registry.Park) models.ID { return p.ID })})
	for _, p := range w.parks {
		parks.rows[string(p.ID)] = entry{parkOwner(p), p.NameSort, false}
	}
	phases := add(&shelf{model: &registry.Phase{}, key: "id", group: "number",
		listed: paged("phases.number", func(p registry.Phase) any { return p.Number }, func(p registry.Phase) models.ID { return p.ID })})
	var phaseRows []registry.Phase
	for i := range 16 {
		p := w.parks[pick(len(w.parks))]
		row := registry.Phase{Versioned: meta(), ParkID: p.ID, Jurisdiction: p.Jurisdiction, Number: fmt.Sprint(i % 4), Name: "期", Closing: registry.Closing{ClosedOn: models.Ref(db.Today()), ClosedReason: "test"}}
		phaseRows = append(phaseRows, row)
		phases.rows[string(row.ID)] = entry{parkOwner(p), row.Number, true}
	}
	enterprises := add(&shelf{model: &registry.Enterprise{}, key: "id", group: "permit_class",
		listed: paged("enterprises.name_sort", func(e registry.Enterprise) any { return e.NameSort }, func(e registry.Enterprise) models.ID { return e.ID })})
	names := add(&shelf{model: &registry.EnterpriseName{}, key: "id", group: "name",
		listed: paged("enterprise_names.from_on", func(n registry.EnterpriseName) any { return string(n.FromOn) }, func(n registry.EnterpriseName) models.ID { return n.ID })})
	var nameRows []registry.EnterpriseName
	for i, e := range w.firms {
		enterprises.rows[string(e.ID)] = entry{firmOwner(e.ID), e.PermitClass, false}
		for n := range 1 + i%2 {
			row := registry.EnterpriseName{ID: models.NewID(), EnterpriseID: e.ID, Name: fmt.Sprintf("名%d", n), FromOn: "2020-01-01"}
			nameRows = append(nameRows, row)
			names.rows[string(row.ID)] = entry{firmOwner(e.ID), row.Name, false}
		}
	}
	sites := add(&shelf{model: &registry.Site{}, key: "id", group: "process",
		listed: paged("sites.created_at", func(s registry.Site) any { return s.CreatedAt }, func(s registry.Site) models.ID { return s.ID })})
	tenancies := add(&shelf{model: &registry.Tenancy{}, key: "id", group: "building",
		listed: paged("tenancies.from_on", func(x registry.Tenancy) any { return string(x.FromOn) }, func(x registry.Tenancy) models.ID { return x.ID })})
	permits := add(&shelf{model: &registry.Permit{}, key: "id", group: "class",
		listed: paged("permits.valid_to", func(x registry.Permit) any { return string(x.ValidTo) }, func(x registry.Permit) models.ID { return x.ID })})
	var tenancyRows []registry.Tenancy
	var permitRows []registry.Permit
	for i, s := range w.sites {
		sites.rows[string(s.ID)] = entry{placed(s.Place()), s.Process, true}
		x := registry.Tenancy{Versioned: meta(), Placed: s.Place(), Building: fmt.Sprint(i % 3), Unit: fmt.Sprint(i), FromOn: "2020-01-01", ToOn: models.Ref(code.Day("2021-01-01"))}
		tenancyRows = append(tenancyRows, x)
		tenancies.rows[string(x.ID)] = entry{placed(s.Place()), x.Building, true}
		p := registry.Permit{Versioned: meta(), Placed: s.Place(), Number: fmt.Sprint(i), Kind: "permit", Class: []string{"key", "simplified"}[i%2], State: "issued", IssuedOn: "2024-01-01", ValidTo: code.Day(fmt.Sprintf("2028-01-%02d", 1+i%3)), Authority: "test"}
		permitRows = append(permitRows, p)
		permits.rows[string(p.ID)] = entry{placed(s.Place()), p.Class, true}
	}
	facilities := add(&shelf{model: &registry.Facility{}, key: "id", group: "kind",
		listed: paged("facilities.code", func(x registry.Facility) any { return x.Code }, func(x registry.Facility) models.ID { return x.ID })})
	outlets := add(&shelf{model: &registry.Outlet{}, key: "id", group: "kind",
		listed: paged("outlets.code", func(x registry.Outlet) any { return x.Code }, func(x registry.Outlet) models.ID { return x.ID })})
	limits := add(&shelf{model: &registry.OutletLimit{}, key: "id", group: "pollutant",
		listed: paged("outlet_limits.pollutant", func(x registry.OutletLimit) any { return x.Pollutant }, func(x registry.OutletLimit) models.ID { return x.ID })})
	streams := add(&shelf{model: &registry.Stream{}, key: "id", group: "kind",
		listed: paged("streams.kind", func(x registry.Stream) any { return x.Kind }, func(x registry.Stream) models.ID { return x.ID })})
	shutdowns := add(&shelf{model: &registry.Shutdown{}, key: "id", group: "reason",
		listed: paged("shutdowns.reason", func(x registry.Shutdown) any { return x.Reason }, func(x registry.Shutdown) models.ID { return x.ID })})
	var shutdownRows []registry.Shutdown
	var facilityRows []registry.Facility
	var outletRows []registry.Outlet
	var limitRows []registry.OutletLimit
	var streamRows []registry.Stream
	closed := registry.Closing{ClosedOn: models.Ref(db.Today()), ClosedReason: "test"} // closed rows may repeat a code
	for i := range 40 {
		f := registry.Facility{Versioned: meta(), Placed: place(), Code: fmt.Sprintf("TW%03d", i%6), Kind: []string{"treatment", "store"}[pick(2)], Name: "设施", Closing: closed}
		facilityRows = append(facilityRows, f)
		facilities.rows[string(f.ID)] = entry{placed(f.Placed), f.Kind, true}
		o := registry.Outlet{Versioned: meta(), Placed: place(), Code: fmt.Sprintf("DW%03d", i%6), Kind: []string{"total", "rain"}[pick(2)], Regime: "indirect", Closing: closed}
		outletRows = append(outletRows, o)
		outlets.rows[string(o.ID)] = entry{placed(o.Placed), o.Kind, true}
		l := registry.OutletLimit{ID: models.NewID(), OutletID: o.ID, Pollutant: []string{"w01018", "w21003"}[pick(2)], Unit: "mg/L", Basis: "standard", Standard: "GB", ValidFrom: "2020-01-01", CreatedAt: now}
		limitRows = append(limitRows, l)
		limits.rows[string(l.ID)] = entry{placed(o.Placed), l.Pollutant, false}
		s := registry.Stream{Versioned: meta(), Placed: place(), Name: "水", Kind: []string{"rinse", "spent"}[pick(2)], Closing: closed}
		streamRows = append(streamRows, s)
		streams.rows[string(s.ID)] = entry{placed(s.Placed), s.Kind, true}
		idle := registry.Shutdown{Versioned: meta(), Placed: f.Placed, FacilityID: &f.ID, FromOn: "2026-01-01", Reason: []string{"检修", "停产"}[pick(2)], Closing: closed}
		shutdownRows = append(shutdownRows, idle)
		shutdowns.rows[string(idle.ID)] = entry{placed(idle.Placed), idle.Reason, true}
	}
	changes := add(&shelf{model: &audit.Change{}, key: "id", group: "action",
		listed: paged("changes.at", func(c audit.Change) any { return c.At }, func(c audit.Change) models.ID { return c.ID })})
	records := add(&shelf{model: &audit.Record{}, key: "id", group: "action",
		listed: paged("audit_records.at", func(c audit.Record) any { return c.At }, func(c audit.Record) models.ID { return c.ID })})
	var changeRows []audit.Change
	var recordRows []audit.Record
	for range 40 {
		var p models.Placed
		switch pick(4) {
		case 0: // of no park: an account, a firm as a whole
			p.EnterpriseID = models.Ref([]models.ID{"", w.firms[pick(len(w.firms))].ID}[pick(2)])
		default:
			p = place()
		}
		o := placed(p)
		if p.ParkID == "" {
			o.Parks = nil
		}
		c := audit.Change{ID: models.NewID(), At: meta().CreatedAt, ActorID: models.NewID(), Action: []string{"a", "b"}[pick(2)], ObjectKind: "k", ObjectID: models.NewID(), ParkID: models.Ref(p.ParkID), Jurisdiction: p.Jurisdiction,
			EnterpriseID: p.EnterpriseID, AboutOn: db.Today(), Leaf: []byte{1}, LeafHash: []byte{1}, Algorithm: "x"}
		changeRows = append(changeRows, c)
		changes.rows[string(c.ID)] = entry{o, c.Action, p.ParkID != ""}
		rec := audit.Record{ID: models.NewID(), At: c.At, Action: c.Action, Outcome: "done", ParkID: c.ParkID, Jurisdiction: c.Jurisdiction, EnterpriseID: c.EnterpriseID}
		recordRows = append(recordRows, rec)
		records.rows[string(rec.ID)] = entry{o, rec.Action, p.ParkID != ""}
	}
	counts := add(&shelf{model: &audit.DayCount{}, key: "measure", group: "about_on"})
	var countRows []audit.DayCount
	for i := range 30 {
		p := w.parks[pick(len(w.parks))]
		c := audit.DayCount{ParkID: p.ID, Jurisdiction: p.Jurisdiction, Measure: fmt.Sprintf("m%d", i), AboutOn: code.Day(fmt.Sprintf("2026-01-0%d", 1+i%3)), KnownOn: "2026-02-01", N: 1}
		countRows = append(countRows, c)
		counts.rows[c.Measure] = entry{parkOwner(p), string(c.AboutOn), true}
	}
	users := add(&shelf{model: &account.User{}, key: "id", group: "display_name",
		listed: paged("users.username", func(u account.User) any { return u.Username }, func(u account.User) models.ID { return u.ID })})
	sessions := add(&shelf{model: &account.Session{}, key: "id", group: "kind",
		listed: paged("sessions.created_at", func(s account.Session) any { return s.CreatedAt }, func(s account.Session) models.ID { return s.ID })})
	var userRows []account.User
	var sessionRows []account.Session
	for i := range 8 {
		u := account.User{Versioned: meta(), Username: fmt.Sprintf("u%d", i), DisplayName: fmt.Sprint(i % 2), PasswordHash: "x", PasswordChangedAt: now}
		userRows = append(userRows, u)
		w.users = append(w.users, u.ID)
		users.rows[string(u.ID)] = entry{policies.Row{User: string(u.ID)}, u.DisplayName, false}
		for j := range 4 {
			s := account.Session{ID: models.NewID(), UserID: u.ID, TokenHash: []byte(fmt.Sprint(i, j)), Kind: []string{"browser", "client"}[j%2], CreatedAt: meta().CreatedAt, LastSeenAt: now, ExpiresAt: now}
			sessionRows = append(sessionRows, s)
			sessions.rows[string(s.ID)] = entry{policies.Row{User: string(u.ID)}, s.Kind, false}
		}
	}
	districtShelf := add(&shelf{model: &registry.District{}, key: "slug", group: "kind"})
	for _, d := range districts {
		districtShelf.rows[d.Slug] = entry{policies.Row{}, d.Kind, false}
	}

	// A lock is about a park, a jurisdiction or the city: it belongs to everybody in there.
	locks := add(&shelf{model: &ledger.PeriodLock{}, key: "id", group: "reason",
		listed: paged("period_locks.created_at", func(l ledger.PeriodLock) any { return l.CreatedAt }, func(l ledger.PeriodLock) models.ID { return l.ID })})
	var lockRows []ledger.PeriodLock
	for i := range 30 {
		row := ledger.PeriodLock{Versioned: meta(), Number: fmt.Sprint("PL-", i), FromOn: "2026-01-01", ToOn: "2026-01-31", Reason: fmt.Sprint(i % 3), LockedBy: models.NewID()}
		var owner policies.Row
		switch i % 3 {
		case 0:
			p := w.parks[pick(len(w.parks))]
			row.ParkID, row.Jurisdiction, owner = &p.ID, p.Jurisdiction, parkOwner(p)
		case 1:
			row.Jurisdiction = models.Ref(w.jurisdictions[pick(len(w.jurisdictions))])
			owner.Jurisdictions = []string{*row.Jurisdiction}
			for _, p := range w.parks {
				if models.Deref(p.Jurisdiction) == *row.Jurisdiction {
					owner.Parks = append(owner.Parks, string(p.ID))
					owner.Enterprises = append(owner.Enterprises, residents(p.ID)...)
				}
			}
		default:
			owner.Jurisdictions = w.jurisdictions
			for _, p := range w.parks {
				owner.Parks = append(owner.Parks, string(p.ID))
			}
			for _, f := range w.firms {
				owner.Enterprises = append(owner.Enterprises, string(f.ID))
			}
		}
		lockRows = append(lockRows, row)
		locks.rows[string(row.ID)] = entry{owner, row.Reason, row.ParkID != nil}
	}

	ctx := policies.With(t.Context(), db.Policy.Program("test"))
	err := db.Write(ctx, func(tx *models.Tx) error {
		g := tx.Program()
		for _, rows := range []any{&districts, &w.parks, &phaseRows, &w.firms, &nameRows, &w.sites, &tenancyRows, &permitRows, &facilityRows, &outletRows, &limitRows, &streamRows, &shutdownRows,
			&changeRows, &recordRows, &countRows, &userRows, &sessionRows, &lockRows} {
			if err := g.Session(&gorm.Session{CreateBatchSize: 50}).Create(rows).Error; err != nil {
				return fmt.Errorf("%T: %w", rows, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range w.shelves {
		w.rows += len(s.rows)
	}
	return w
}

// caller is a random person under a random policy.
type caller struct {
	policy *policies.Policy
	all    []policies.Assignment
	user   string
	today  code.Day
}

func (c caller) context(t *rapid.T) context.Context {
	return policies.With(context.Background(), c.policy.Actor(c.user, "name", c.all, c.today))
}

// may is casbin's own decision: yes for some assignment of the person that is valid today.
func (c caller) may(t *rapid.T, perm policies.Permission, row policies.Row) bool {
	for _, as := range c.all {
		if as.User != c.user || !as.On(c.today) {
			continue
		}
		yes, _, err := c.policy.Enforce(as, perm, row)
		if err != nil {
			t.Fatal(err)
		}
		if yes {
			return true
		}
	}
	return false
}

func (w *world) caller(t *rapid.T, perms []policies.Permission) caller {
	conf := rapid.Just(modelConf).Draw(t, "model")
	lines := rapid.MapOfN(rapid.Custom(func(t *rapid.T) string {
		perm := rapid.SampledFrom(perms).Draw(t, "perm")
		return fmt.Sprintf("p, %s, %s, %s, %s", rapid.SampledFrom(policies.Roles()[:4]).Draw(t, "role"), perm.Resource(), perm.Action(), rapid.SampledFrom(policies.Reaches()).Draw(t, "reach"))
	}), rapid.Just(true), 1, 24).Draw(t, "lines")
	text := ""
	for _, l := range slices.Sorted(maps.Keys(lines)) {
		text += l + "\n"
	}
	p, err := policies.New(conf, text)
	if err != nil {
		t.Fatal(err)
	}
	c := caller{policy: p, user: string(rapid.SampledFrom(w.users).Draw(t, "user")), today: w.db.Today()}
	days := rapid.SampledFrom([][2]code.Day{{"2020-01-01", ""}, {"2020-01-01", c.today}, {c.today, ""}, {"2020-01-01", c.today.Add(-1)}, {c.today.Add(1), ""}})
	for range rapid.IntRange(0, 4).Draw(t, "assignments") {
		d := days.Draw(t, "days")
		as := policies.Assignment{User: c.user, Role: rapid.SampledFrom(policies.Roles()[:4]).Draw(t, "as"), From: d[0], Until: d[1]}
		if rapid.IntRange(0, 9).Draw(t, "stray") == 0 {
			as.User = string(w.users[0])
		}
		if rapid.Bool().Draw(t, "has jurisdiction") {
			as.Jurisdiction = rapid.SampledFrom(w.jurisdictions).Draw(t, "jurisdiction")
		}
		if rapid.Bool().Draw(t, "has park") {
			as.Park = string(rapid.SampledFrom(w.parks).Draw(t, "park").ID)
		}
		if rapid.Bool().Draw(t, "has firm") {
			as.Enterprise = string(rapid.SampledFrom(w.firms).Draw(t, "firm").ID)
		}
		c.all = append(c.all, as)
	}
	return c
}

// permsOf are the permissions that the table takes.
func permsOf(s models.Scope) []policies.Permission {
	var out []policies.Permission
	for _, p := range policies.Permissions() {
		if slices.Contains(s.Resources, p.Resource()) {
			out = append(out, p)
		}
	}
	return out
}

var modelConf = mustRead("../policies/model.conf")

// TestVisibleIsWhatCasbinDecides is AZ12: whatever the policy, the assignments and
// the rows, every way to read a table gives exactly the rows that casbin lets pass.
func TestVisibleIsWhatCasbinDecides(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		seed := uint64(time.Now().UnixNano())
		t.Logf("world %d", seed)
		w := newWorld(t, db, seed)
		var pairs, granted atomic.Int64
		rapid.Check(t, func(t *rapid.T) {
			for range 15 {
				s := rapid.SampledFrom(w.shelves).Draw(t, "table")
				perms := permsOf(s.model.Scope())
				perm := rapid.SampledFrom(perms).Draw(t, "permission")
				// Few permissions to choose from, so that lines for this one are common.
				c := w.caller(t, []policies.Permission{perm, rapid.SampledFrom(perms).Draw(t, "other")})
				want := map[string]bool{}
				for key, e := range s.rows {
					if c.may(t, perm, e.owner) {
						want[key] = true
					}
				}
				pairs.Add(int64(len(s.rows)))
				granted.Add(int64(len(want)))
				w.compare(t, s, c, perm, want, rapid.IntRange(1, 13).Draw(t, "limit"))
			}
		})
		t.Logf("%d (actor, row) pairs, %d of them visible", pairs.Load(), granted.Load())
		if n := pairs.Load(); n < 10_000 {
			t.Errorf("only %d (actor, row) pairs", n)
		}
		if g, n := granted.Load(), pairs.Load(); g*25 < n || g*25 > n*24 {
			t.Errorf("%d of %d pairs are visible: the draw proves little", g, n)
		}
	})
}

func (w *world) compare(t *rapid.T, s *shelf, c caller, perm policies.Permission, want map[string]bool, limit int) {
	ctx, table := c.context(t), s.table()
	q := func() *gorm.DB { return w.db.Visible(ctx, perm, s.model) }
	actor, _ := policies.ActorFrom(ctx)
	scope, err := actor.Scope(perm)
	if err != nil {
		t.Fatal(err)
	}
	check := func(how string, keys []string, err error) {
		t.Helper()
		if !scope.Any() {
			if !fault.Is(err, fault.Denied) || len(keys) != 0 {
				t.Fatalf("%s %s %s without any reach: %d rows, %v", table, perm, how, len(keys), err)
			}
			return
		}
		if err != nil {
			t.Fatalf("%s %s %s: %v", table, perm, how, err)
		}
		seen := map[string]bool{}
		for _, k := range keys {
			if seen[k] {
				t.Fatalf("%s %s %s: row %s twice", table, perm, how, k)
			}
			seen[k] = true
			if !want[k] {
				t.Fatalf("%s %s %s shows %s, which casbin refuses to %+v (scope %+v, owner %+v)", table, perm, how, k, actor.Assignments, scope, s.rows[k].owner)
			}
		}
		for k := range want {
			if !seen[k] {
				t.Fatalf("%s %s %s hides %s, which casbin gives to %+v (scope %+v, owner %+v)", table, perm, how, k, actor.Assignments, scope, s.rows[k].owner)
			}
		}
	}
	var keys []string
	err = q().Pluck(table+"."+s.key, &keys).Error
	check("read", keys, err)
	if s.listed != nil {
		keys, err = s.listed(ctx, w.db, perm, limit)
		check("list", keys, err)
	}
	// Count and group.
	var n int64
	if err := q().Count(&n).Error; scope.Any() && (err != nil || n != int64(len(want))) || !scope.Any() && (n != 0 || err == nil) {
		t.Fatalf("%s %s count is %d (%v), want %d", table, perm, n, err, len(want))
	}
	first10 := func(s string) string { return s[:min(len(s), 10)] } // PostgreSQL's driver gives a day with a time of day
	wantGroups := map[string]int{}
	for k := range want {
		wantGroups[first10(s.rows[k].group)]++
	}
	var groups []struct {
		G string
		N int
	}
	err = q().Select(table + "." + s.group + " AS g, COUNT(*) AS n").Group(table + "." + s.group).Scan(&groups).Error
	gotGroups := map[string]int{}
	for _, g := range groups {
		gotGroups[first10(g.G)] = g.N
	}
	if scope.Any() != (err == nil) || !maps.Equal(gotGroups, wantGroups) {
		t.Fatalf("%s %s grouped is %v (%v), want %v", table, perm, gotGroups, err, wantGroups)
	}
	// Join with another table, conditions on both.
	if kind := s.model.Scope().Kind; slices.ContainsFunc(slices.Collect(maps.Values(s.rows)), func(e entry) bool { return e.park }) {
		keys = nil
		err = q().Joins("JOIN parks joined ON joined.id = "+table+".park_id AND joined.code <> ''").Where("joined.code <> '' OR joined.code = 'x'").Pluck(table+"."+s.key, &keys).Error
		full := want
		want = map[string]bool{}
		for k := range full {
			if s.rows[k].park {
				want[k] = true
			}
		}
		check(fmt.Sprint("join ", kind), keys, err)
		want = full
	}
	// Single rows, some that are visible and some that are not.
	left := 6
	for k := range s.rows {
		if left--; left < 0 {
			break
		}
		var got []string
		err := q().Where(table+"."+s.key+" = ?", k).Limit(1).Pluck(table+"."+s.key, &got).Error
		if scope.Any() && err != nil || (len(got) == 1) != want[k] {
			t.Fatalf("%s %s get %s: %v %v, want %v", table, perm, k, got, err, want[k])
		}
		if s.key != "id" {
			continue
		}
		row := reflect.New(reflect.TypeOf(s.model).Elem())
		err = models.ByID(ctx, w.db, perm, models.ID(k), row.Interface().(models.Scoped))
		read := row.Elem().FieldByName("ID").Interface() == models.ID(k)
		if scope.Any() && !want[k] && !fault.Is(err, fault.NotFound) || (err == nil) != want[k] || read != want[k] {
			t.Fatalf("%s %s by id %s: %v %v, want %v", table, perm, k, read, err, want[k])
		}
	}
}

// TestWritesAreWhatCasbinDecides: the same for rows that are made, changed and
// deleted; what is refused leaves the row as it was.
func TestWritesAreWhatCasbinDecides(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db, 42)
		perms := permsOf(registry.Facility{}.Scope())
		var facilities *shelf
		for _, s := range w.shelves {
			if s.table() == "facilities" {
				facilities = s
			}
		}
		keys := slices.Sorted(maps.Keys(facilities.rows))
		undo := errors.New("undo")
		var yes, no int
		rapid.Check(t, func(t *rapid.T) {
			perm := rapid.SampledFrom(perms).Draw(t, "permission")
			c := w.caller(t, []policies.Permission{perm})
			ctx := c.context(t)
			place := rapid.SampledFrom(w.sites).Draw(t, "site").Place()
			if rapid.Bool().Draw(t, "own") {
				place = rapid.SampledFrom(w.parks).Draw(t, "park").Place()
			}
			may, way := c.may(t, perm, placed(place)), rapid.SampledFrom([]string{"", "new", "covered"}).Draw(t, "way")
			fresh := registry.Facility{Versioned: models.Versioned{ID: models.NewID(), Version: 1}, Placed: place, Code: "TW777", Kind: "treatment", Name: "新"}
			err := db.Write(ctx, func(tx *models.Tx) error {
				if err := tx.Covers(perm, placed(place)); (err == nil) != may {
					t.Fatalf("Covers %s %+v: %v, casbin %v", perm, place, err, may)
				}
				made, err := true, error(nil)
				switch way {
				case "new":
					made, err = tx.CreateNew(perm, &fresh)
				case "covered":
					err = tx.CreateCovered(perm, placed(place), &fresh)
				default:
					err = tx.Create(perm, &fresh)
				}
				if err == nil && !made {
					t.Fatal("a new row was taken for one that is there")
				}
				return cmp.Or(err, undo)
			})
			if may != errors.Is(err, undo) || !may && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Denied) {
				t.Fatalf("create %s %+v: %v, casbin %v", perm, place, err, may)
			}
			key := rapid.SampledFrom(keys).Draw(t, "row")
			may = c.may(t, perm, facilities.rows[key].owner)
			if may {
				yes++
			} else {
				no++
			}
			for _, act := range []func(q *gorm.DB) *gorm.DB{
				func(q *gorm.DB) *gorm.DB { return q.Updates(map[string]any{"name": "改"}) },
				func(q *gorm.DB) *gorm.DB { return q.Delete(&registry.Facility{}) },
			} {
				var changed int64
				_ = db.Write(ctx, func(tx *models.Tx) error {
					res := act(tx.Visible(perm, &registry.Facility{}).Where("id = ?", key))
					changed = res.RowsAffected
					if res.Error != nil && strings.Contains(strings.ToLower(res.Error.Error()), "foreign key") {
						changed = 1 // a shut-down refers to it: the statement has reached the row
					}
					if changed == 1 {
						return undo
					}
					return res.Error // nil when the row is out of reach: the transaction commits
				})
				if (changed == 1) != may {
					t.Fatalf("%s touches %d rows, casbin %v", perm, changed, may)
				}
			}
		})
		if yes < 10 || no < 10 {
			t.Errorf("%d allowed and %d refused: the draw proves little", yes, no)
		}
		var left []registry.Facility
		ctx := policies.With(t.Context(), db.Policy.Program("test"))
		if err := db.Visible(ctx, policies.FacilityRead, &registry.Facility{}).Find(&left).Error; err != nil || len(left) != len(keys) {
			t.Fatalf("%d rows left of %d, %v", len(left), len(keys), err)
		}
		for _, f := range left {
			if f.Name != "设施" {
				t.Errorf("a refused or undone write left %q", f.Name)
			}
		}
	})
}

package policies_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/policies"
)

const today code.Day = "2026-11-24"

func modelText(t testing.TB) string {
	t.Helper()
	raw, err := os.ReadFile("model.conf")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func build(t testing.TB, policy string) *policies.Policy {
	t.Helper()
	p, err := policies.New(modelText(t), policy)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestNewRefuses(t *testing.T) {
	good := "p, role:admin, user, read, city"
	for _, c := range []struct{ name, policy, want string }{
		{"nothing", "", "no line"},
		{"only remarks", "# nothing here\n", "no line"},
		{"unknown role", good + "\np, role:mayor, user, read, city", "unknown role"},
		{"role without its prefix", good + "\np, admin, user, read, city", "unknown role"},
		{"unknown resource", good + "\np, role:admin, cars, read, city", "unknown resource or action"},
		{"unknown action", good + "\np, role:admin, user, drive, city", "unknown resource or action"},
		{"any action", good + "\np, role:admin, user, *, city", "unknown resource or action"},
		{"unknown reach", good + "\np, role:admin, user, read, country", "unknown reach"},
		{"no reach", good + "\np, role:admin, user, update", "2 lines, 1 of them"},
		{"a fifth field", good + "\np, role:admin, user, update, city, allow", "role, resource, action, reach"},
		{"twice", good + "\n" + good, "2 lines, 1 of them"},
		{"no p", good + "\nrole:admin, user, update, city", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := policies.New(modelText(t), c.policy)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want an error with %q", err, c.want)
			}
		})
	}
	if _, err := policies.New("[matchers]\n", good); err == nil {
		t.Error("a model without its definitions is taken")
	}
	if _, err := policies.New(modelText(t), good); err != nil {
		t.Errorf("the good line alone: %v", err)
	}
}

// TestEveryLineIsLawful: what New refuses cannot stand in policy.csv, and no line stands twice.
func TestEveryLineIsLawful(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range csvLines(t) {
		key := strings.Join(l, ",")
		if seen[key] {
			t.Errorf("%s stands twice", key)
		}
		seen[key] = true
		if _, ok := policies.RoleOf(strings.TrimPrefix(l[0], "role:")); !ok && policies.Role(l[0]) != policies.System {
			t.Errorf("%s: no such role", key)
		}
	}
	if got := len(embedded(t).Lines()); got != len(seen) {
		t.Errorf("the policy has %d lines, the file %d", got, len(seen))
	}
	// A permission that no line gives is a route that nobody can call.
	for _, perm := range policies.Permissions() {
		given := slices.ContainsFunc(embedded(t).Lines(), func(l policies.Line) bool { return l.Permission == perm })
		if !given {
			t.Errorf("no line gives %s", perm)
		}
	}
}

// TestSeparationOfDuties holds decision 10 and AZ11 to the embedded lines.
func TestSeparationOfDuties(t *testing.T) {
	business := []string{"park", "enterprise", "site", "permit", "facility", "ledger", "period", "attachment", "patrol", "finding"}
	for _, l := range embedded(t).Lines() {
		writes := l.Permission.Action() != "read"
		onBusiness := slices.Contains(business, l.Permission.Resource())
		switch l.Role {
		case policies.Auditor:
			if writes && l.Reach != policies.Self && l.Permission != policies.AccessExplain {
				t.Errorf("%v: the auditor writes nothing", l)
			}
		case policies.Admin, policies.SecurityAdmin:
			if onBusiness {
				t.Errorf("%v: administrators have no business data", l)
			}
			if l.Permission == policies.AuditRead {
				t.Errorf("%v: who keeps accounts does not read the audit trail", l)
			}
		case policies.BureauAnalyst:
			if writes && l.Reach != policies.Self {
				t.Errorf("%v: the analyst reads", l)
			}
		case policies.BureauAdmin:
			if writes && slices.Contains([]string{"ledger", "finding", "patrol"}, l.Permission.Resource()) {
				t.Errorf("%v: the bureau edits neither ledgers nor findings", l)
			}
			if l.Permission == policies.UserCreate {
				t.Errorf("%v: the bureau only requests accounts", l)
			}
		case policies.DistrictInspector:
			if l.Permission == policies.LedgerFile || l.Permission == policies.LedgerUpdate {
				t.Errorf("%v: a district edits no ledger", l)
			}
		case policies.EnterpriseUser:
			if l.Permission == policies.FindingReview || l.Permission == policies.LedgerAccept {
				t.Errorf("%v: a firm verifies nothing", l)
			}
		case policies.System:
			if slices.Contains([]policies.Permission{policies.LedgerAccept, policies.LedgerReturn, policies.FindingReview, policies.FindingRefer}, l.Permission) {
				t.Errorf("%v: the program decides nothing", l)
			}
		}
	}
}

// One assignment that names everything, and rows that each reach, and only it, can hold.
var holds = policies.Assignment{ID: "a", User: "u1", Jurisdiction: "baoan", Park: "p1", Enterprise: "e1", From: "2020-01-01"}

var rowsByReach = []struct {
	name string
	row  policies.Row
}{
	{"nobody's", policies.Row{}},
	{"own jurisdiction", policies.Row{Jurisdictions: []string{"baoan"}, Parks: []string{"p9"}, Enterprises: []string{"e9"}, User: "u9"}},
	{"own park", policies.Row{Jurisdictions: []string{"longgang"}, Parks: []string{"p1"}, Enterprises: []string{"e9"}, User: "u9"}},
	{"own firm", policies.Row{Jurisdictions: []string{"longgang"}, Parks: []string{"p9"}, Enterprises: []string{"e1"}, User: "u9"}},
	{"own", policies.Row{Jurisdictions: []string{"longgang"}, Parks: []string{"p9"}, Enterprises: []string{"e9"}, User: "u1"}},
	{"one of several parks", policies.Row{Jurisdictions: []string{"futian", "baoan"}, Parks: []string{"p9", "p1"}, Enterprises: []string{"e9"}}},
	{"foreign", policies.Row{Jurisdictions: []string{"longgang"}, Parks: []string{"p9"}, Enterprises: []string{"e9"}, User: "u9"}},
	{"named by empty text", policies.Row{Jurisdictions: []string{""}, Parks: []string{""}, Enterprises: []string{""}}},
}

// TestScopeIsWhatCasbinDecides: for every role, permission and row, with full,
// partial and empty assignments, Scope covers the row exactly when Enforce says yes.
func TestScopeIsWhatCasbinDecides(t *testing.T) {
	p := embedded(t)
	assignments := []policies.Assignment{
		holds,
		{User: "u1", Jurisdiction: "baoan"},
		{User: "u1", Park: "p1"},
		{User: "u1", Enterprise: "e1"},
		{User: "u1"},
	}
	checked := 0
	for _, role := range policies.Roles() {
		for _, perm := range policies.Permissions() {
			for _, as := range assignments {
				as.Role = role
				scope := scopeOf(t, p, as, perm)
				any := false
				for _, r := range rowsByReach {
					want, _, err := p.Enforce(as, perm, r.row)
					if err != nil {
						t.Fatal(err)
					}
					if got := scope.Covers(r.row); got != want {
						t.Errorf("%s %s, row %s, assignment %+v: scope says %v, casbin %v", role, perm, r.name, as, got, want)
					}
					any = any || want
					checked++
				}
				if any && !scope.Any() {
					t.Errorf("%s %s: casbin lets a row pass that the scope cannot hold", role, perm)
				}
			}
			for _, reach := range policies.Reaches() {
				want := slices.ContainsFunc(csvCache(t), func(l []string) bool {
					return l[0] == string(role) && l[1]+"."+l[2] == string(perm) && l[3] == string(reach)
				})
				if got, err := p.Gives(role, perm, reach); err != nil || got != want {
					t.Errorf("Gives(%s, %s, %s) = %v, %v; the file says %v", role, perm, reach, got, err, want)
				}
			}
		}
	}
	if checked < 10_000 {
		t.Errorf("only %d decisions compared", checked)
	}
}

var csvCache = func() func(testing.TB) [][]string {
	var once sync.Once
	var lines [][]string
	return func(t testing.TB) [][]string {
		once.Do(func() { lines = csvLines(t) })
		return lines
	}
}()

func scopeOf(t testing.TB, p *policies.Policy, as policies.Assignment, perm policies.Permission) policies.Scope {
	t.Helper()
	s, err := p.Actor(as.User, "name", []policies.Assignment{as}, today).Scope(perm)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestTheMatcherDecides: with another matcher everything is refused, whatever the lines say.
func TestTheMatcherDecides(t *testing.T) {
	text := modelText(t)
	i := strings.Index(text, "m = ")
	p, err := policies.New(text[:i]+"m = r.act == p.act && r.act != p.act\n", "p, role:admin, user, read, city\np, role:admin, session, read, self\np, role:admin, session, read, city")
	if err != nil {
		t.Fatal(err)
	}
	for _, perm := range policies.Permissions() {
		for _, role := range policies.Roles() {
			as := holds
			as.Role = role
			if s := scopeOf(t, p, as, perm); s.Any() {
				t.Errorf("%s %s: the scope is %+v although the matcher denies", role, perm, s)
			}
		}
	}
	m, err := p.Matrix()
	if err != nil || strings.Contains(m, "city") {
		t.Errorf("the matrix prints lines that the matcher denies: %v\n%s", err, m)
	}
}

// TestNames: neither a user named like a role nor one with a role's id gains anything.
func TestNames(t *testing.T) {
	p := embedded(t)
	for _, name := range []string{"role:bureau_admin", "bureau_admin", "role:system", policies.SystemUser} {
		a := p.Actor(name, name, nil, today)
		can, err := a.Can()
		if err != nil || len(can) != 0 {
			t.Errorf("a user named %s without assignment can %v, %v", name, can, err)
		}
		for _, role := range []policies.Role{policies.Role(name), ""} {
			as := policies.Assignment{User: name, Role: role, From: "2020-01-01"}
			if role == policies.BureauAdmin || role == policies.System {
				continue // that is the role itself
			}
			if s := scopeOf(t, p, as, policies.ParkRead); s.Any() {
				t.Errorf("role %q of user %s reaches %+v", role, name, s)
			}
		}
	}
	if _, ok := policies.RoleOf("system"); ok {
		t.Error("a person can be assigned role:system")
	}
	if r, ok := policies.RoleOf("park_manager"); !ok || r != policies.ParkManager {
		t.Errorf("RoleOf(park_manager) = %s, %v", r, ok)
	}
	if _, ok := policies.RoleOf("role:park_manager"); ok {
		t.Error("a slug carries no prefix")
	}
}

// TestDates: an assignment gives something from its first to its last day and at no other time.
func TestDates(t *testing.T) {
	p := embedded(t)
	for _, c := range []struct {
		name        string
		from, until code.Day
		user        string
		want        bool
	}{
		{"open", "2026-01-01", "", "u1", true},
		{"first day", today, "", "u1", true},
		{"last day", "2026-01-01", today, "u1", true},
		{"one day", today, today, "u1", true},
		{"ended yesterday", "2026-01-01", "2026-11-23", "u1", false},
		{"begins tomorrow", "2026-11-25", "", "u1", false},
		{"of somebody else", "2026-01-01", "", "u2", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			as := policies.Assignment{User: c.user, Role: policies.ParkManager, Park: "p1", From: c.from, Until: c.until}
			a := p.Actor("u1", "name", []policies.Assignment{as}, today)
			s, err := a.Scope(policies.ParkRead)
			if err != nil || s.Any() != c.want {
				t.Fatalf("scope %+v, %v", s, err)
			}
			if a.Holds(policies.ParkManager) != c.want {
				t.Errorf("Holds says %v", !c.want)
			}
		})
	}
}

// TestUnion: reaches of several assignments add up per permission, and a write
// never borrows the wider reach of a reader.
func TestUnion(t *testing.T) {
	p := embedded(t)
	a := p.Actor("u1", "name", []policies.Assignment{
		{User: "u1", Role: policies.ParkManager, Park: "p1", From: "2020-01-01"},
		{User: "u1", Role: policies.ParkManager, Park: "p2", From: "2020-01-01"},
		{User: "u1", Role: policies.BureauAnalyst, From: "2020-01-01"},
	}, today)
	read, err := a.Scope(policies.FacilityRead)
	if err != nil || !read.City {
		t.Fatalf("reading reaches %+v, %v", read, err)
	}
	write, err := a.Scope(policies.FacilityUpdate)
	if err != nil || write.City || !slices.Equal(write.Parks, []string{"p1", "p2"}) {
		t.Fatalf("writing reaches %+v, %v", write, err)
	}
	if s, err := a.Scope(policies.ParkCreate); err != nil || s.Any() {
		t.Fatalf("no rule gives park.create, yet the scope is %+v, %v", s, err)
	}
	if s, err := a.Scope(policies.Public); err != nil || s.Any() {
		t.Fatalf("public is no permission, yet the scope is %+v, %v", s, err)
	}
}

// TestTokenLimit: a token never reaches what it was not made for.
// TestActingFor: a person acts on a row for those bodies whose own assignment reaches
// it, not for every body that the person works for.
func TestActingFor(t *testing.T) {
	a := embedded(t).Actor("u1", "name", []policies.Assignment{{User: "u1", Role: policies.ParkManager, Park: "park-1", From: "2020-01-01"},
		{User: "u1", Role: policies.ParkManager, Park: "park-2", From: "2020-01-01"}}, today)
	for park, want := range map[string][]policies.Organisation{"park-1": {"park:park-1"}, "park-2": {"park:park-2"}, "park-3": nil} {
		if got, err := a.ActingFor(policies.FindingCreate, policies.Row{Parks: []string{park}}); err != nil || !slices.Equal(got, want) {
			t.Errorf("in %s: %v, %v, want %v", park, got, err, want)
		}
	}
}

// TestSeparate: under separate administrators who keeps the accounts gives and takes
// no assignment, and still keeps the accounts (S-AZ11).
func TestSeparate(t *testing.T) {
	apart, err := policies.Separate()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		p      *policies.Policy
		grants bool
	}{"one administrator": {embedded(t), true}, "two": {apart, false}} {
		for _, perm := range []policies.Permission{policies.AssignmentGrant, policies.AssignmentEnd} {
			if got, err := c.p.Gives(policies.Admin, perm, policies.City); err != nil || got != c.grants {
				t.Errorf("%s: admin has %s: %v, %v", name, perm, got, err)
			}
			if got, err := c.p.Gives(policies.SecurityAdmin, perm, policies.City); err != nil || !got {
				t.Errorf("%s: the security administrator lacks %s: %v", name, perm, err)
			}
		}
		if got, err := c.p.Gives(policies.Admin, policies.UserCreate, policies.City); err != nil || !got {
			t.Errorf("%s: admin makes no accounts: %v", name, err)
		}
	}
}

func TestTokenLimit(t *testing.T) {
	p := embedded(t)
	a := p.Actor("u1", "name", []policies.Assignment{{User: "u1", Role: policies.BureauAdmin, From: "2020-01-01"}}, today)
	a.Limit = []policies.Permission{policies.ParkRead, policies.AuditRead}
	for perm, want := range map[policies.Permission]bool{policies.ParkRead: true, policies.ParkUpdate: false, policies.AuditRead: false} {
		if s, err := a.Scope(perm); err != nil || s.Any() != want {
			t.Errorf("%s: %+v, %v", perm, s, err)
		}
		if err := policies.Require(policies.With(context.Background(), a), perm); fault.Is(err, fault.Denied) == want {
			t.Errorf("Require %s: %v", perm, err)
		}
	}
	if can, err := a.Can(); err != nil || !slices.Equal(can, []policies.Permission{policies.ParkRead}) {
		t.Errorf("can %v, %v", can, err)
	}
	a.Limit = []policies.Permission{}
	if can, err := a.Can(); err != nil || len(can) != 0 {
		t.Errorf("a token without rights can %v, %v", can, err)
	}
}

func TestRequire(t *testing.T) {
	p := embedded(t)
	if err := policies.Require(context.Background(), policies.ParkRead); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("nobody: %v", err)
	}
	if err := policies.Require(policies.With(context.Background(), policies.Actor{User: "u1"}), policies.ParkRead); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("an actor that no policy made: %v", err)
	}
	ctx := policies.With(context.Background(), p.Program("job"))
	if err := policies.Require(ctx, policies.ChangeSeal); err != nil {
		t.Errorf("the program: %v", err)
	}
	if err := policies.Require(ctx, policies.FindingReview); !fault.Is(err, fault.Denied) {
		t.Errorf("the program decides nothing: %v", err)
	}
}

// TestConcurrentUse: many ask at once, for the first time, and the enforcer stays as it was.
func TestConcurrentUse(t *testing.T) {
	p := build(t, "p, role:park_manager, park, read, park\np, role:auditor, park, read, city\np, role:auditor, session, read, self")
	before, err := p.Matrix()
	if err != nil {
		t.Fatal(err)
	}
	fresh := build(t, "p, role:park_manager, park, read, park\np, role:auditor, park, read, city\np, role:auditor, session, read, self")
	var wg sync.WaitGroup
	errs := make(chan error, 64)
	for g := range 32 {
		wg.Go(func() {
			for i := range 50 {
				as := holds
				as.Role = policies.Roles()[(g+i)%len(policies.Roles())]
				perm := policies.Permissions()[(g*7+i)%len(policies.Permissions())]
				row := rowsByReach[i%len(rowsByReach)].row
				want, _, err := fresh.Enforce(as, perm, row)
				if err != nil {
					errs <- err
					return
				}
				s, err := fresh.Actor("u1", "n", []policies.Assignment{as}, today).Scope(perm)
				if err != nil || s.Covers(row) != want {
					errs <- fmt.Errorf("%s %s: scope %+v, casbin %v, %w", as.Role, perm, s, want, err)
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	if after, err := fresh.Matrix(); err != nil || after != before {
		t.Errorf("the policy changed under use: %v\n%s", err, after)
	}
}

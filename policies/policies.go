// Package policies answers who may do what, and how far. Its only sources are
// model.conf and policy.csv; casbin decides, and what it decided about a role,
// an action and a reach is remembered, since a policy is never changed once it
// is built. The package knows no table and no protocol: models turns a Scope
// into a WHERE clause.
package policies

import (
	"context"
	_ "embed" // the policy is part of the program
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	stringadapter "github.com/casbin/casbin/v2/persist/string-adapter"

	"parkregistry/internal/fault"
)

//go:embed model.conf
var modelConf string

//go:embed policy.csv
var policyCSV string

// Row is what a decision needs to know of a row: the parks, jurisdictions and
// enterprises that it belongs to (more than one for a firm that lives in
// several parks) and the person whose it is. A row that belongs to nobody is
// within city reach only.
type Row struct {
	Parks         []string
	Jurisdictions []string
	Enterprises   []string
	User          string

	only Reach // asks for lines of exactly this reach, instead of a row; see Gives
}

// Policy is one immutable set of rules. Safe for use by many at once.
type Policy struct {
	enforcer *casbin.Enforcer
	lines    map[line]bool // every line as read, for the printed matrix
	decided  sync.Map      // line → bool, what casbin answered
}

type line struct {
	role  Role
	perm  Permission
	reach Reach
}

var embedded = sync.OnceValues(func() (*Policy, error) { return New(modelConf, policyCSV) })

// Embedded is the policy that the program is built with.
func Embedded() (*Policy, error) { return embedded() }

var separate = sync.OnceValues(func() (*Policy, error) { return New(modelConf, withoutGranting(policyCSV)) })

// Separate is the embedded policy without the lines by which who keeps the accounts
// also says who holds which role: the security administrator is another person
// (GB/T 22239-2019 level 3).
func Separate() (*Policy, error) { return separate() }

func withoutGranting(text string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "p, "+string(Admin)+", assignment, grant,") && !strings.HasPrefix(line, "p, "+string(Admin)+", assignment, end,") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// New builds a policy from the text of a casbin model and of policy lines. A
// line with a role, a permission or a reach that does not exist is an error,
// and so is a policy without lines: neither may come to mean "no filter".
func New(modelText, policyText string) (*Policy, error) {
	m, err := model.NewModelFromString(modelText)
	if err != nil {
		return nil, fmt.Errorf("read the casbin model: %w", err)
	}
	written := writtenLines(policyText)
	if written == 0 {
		return nil, errors.New("the policy has no line")
	}
	e, err := casbin.NewEnforcer(m, stringadapter.NewAdapter(policyText))
	if err != nil {
		return nil, fmt.Errorf("read the policy: %w", err)
	}
	e.AddFunction("reaches", reachesFunc)
	p := &Policy{enforcer: e, lines: map[line]bool{}}
	rules, err := e.GetPolicy()
	if err != nil {
		return nil, fmt.Errorf("list the policy: %w", err)
	}
	for _, r := range rules {
		l, err := parseLine(r)
		if err != nil {
			return nil, err
		}
		p.lines[l] = true
	}
	// Casbin passes over what it cannot read, so a right could go missing unseen.
	if len(p.lines) != written {
		return nil, fmt.Errorf("the policy is written in %d lines, %d of them are rules: each needs role, resource, action, reach, once", written, len(p.lines))
	}
	return p, nil
}

// writtenLines counts the lines that are neither empty nor remarks.
func writtenLines(text string) int {
	n := 0
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			n++
		}
	}
	return n
}

func parseLine(r []string) (line, error) {
	if len(r) != 4 {
		return line{}, fmt.Errorf("policy line %q: want role, resource, action, reach", r)
	}
	l := line{Role(r[0]), Permission(r[1] + "." + r[2]), Reach(r[3])}
	switch {
	case !slices.Contains(Roles(), l.role):
		return line{}, fmt.Errorf("policy line %q: unknown role", r)
	case !slices.Contains(Permissions(), l.perm):
		return line{}, fmt.Errorf("policy line %q: unknown resource or action", r)
	case !slices.Contains(Reaches(), l.reach):
		return line{}, fmt.Errorf("policy line %q: unknown reach", r)
	}
	return l, nil
}

// reachesFunc is reaches() of model.conf.
func reachesFunc(args ...any) (any, error) {
	if len(args) != 3 {
		return false, fmt.Errorf("reaches takes three arguments, got %d", len(args))
	}
	reach, ok1 := args[0].(string)
	who, ok2 := args[1].(Assignment)
	row, ok3 := args[2].(Row)
	if !ok1 || !ok2 || !ok3 {
		return false, fmt.Errorf("reaches takes a reach, an assignment and a row")
	}
	return reaches(Reach(reach), who, row)
}

// reaches compares what the assignment names with what the row belongs to.
func reaches(reach Reach, who Assignment, row Row) (bool, error) {
	if row.only != "" {
		return row.only == reach, nil
	}
	switch reach {
	case City:
		return true, nil
	case Jurisdiction:
		return who.Jurisdiction != "" && slices.Contains(row.Jurisdictions, who.Jurisdiction), nil
	case Park:
		return who.Park != "" && slices.Contains(row.Parks, who.Park), nil
	case Enterprise:
		return who.Enterprise != "" && slices.Contains(row.Enterprises, who.Enterprise), nil
	case Self:
		return who.User != "" && row.User == who.User, nil
	}
	return false, fmt.Errorf("unknown reach %q", reach)
}

// Enforce is casbin's own decision on one row for one assignment. It walks
// every line, so requests use Scope; explain and the tests use Enforce.
func (p *Policy) Enforce(who Assignment, perm Permission, row Row) (bool, []string, error) {
	return p.enforcer.EnforceEx(string(who.Role), perm.Resource(), perm.Action(), who, row)
}

// Gives reports whether the role has the permission with that reach. Casbin is
// asked once, with a row that only a line of this reach lets pass; the answer is kept.
func (p *Policy) Gives(role Role, perm Permission, reach Reach) (bool, error) {
	l := line{role, perm, reach}
	if v, ok := p.decided.Load(l); ok {
		return v.(bool), nil
	}
	ok, _, err := p.Enforce(Assignment{Role: role}, perm, Row{only: reach})
	if err != nil {
		return false, fmt.Errorf("decide %s %s %s: %w", role, perm, reach, err)
	}
	p.decided.Store(l, ok)
	return ok, nil
}

// Line is one line of the policy.
type Line struct {
	Role       Role
	Permission Permission
	Reach      Reach
}

// Lines are all lines, by role, permission and reach in document order.
func (p *Policy) Lines() []Line {
	var out []Line
	for _, r := range Roles() {
		for _, perm := range Permissions() {
			for _, reach := range Reaches() {
				if p.lines[line{r, perm, reach}] {
					out = append(out, Line{r, perm, reach})
				}
			}
		}
	}
	return out
}

// Require is the action gate: nil when the caller of ctx holds perm in any
// valid assignment, Unauthenticated without a caller, Denied otherwise.
func Require(ctx context.Context, perm Permission) error {
	a, ok := ActorFrom(ctx)
	if !ok {
		return fault.New(fault.Unauthenticated, "尚未登录，或者登录已经失效")
	}
	s, err := a.Scope(perm)
	if err != nil {
		return err
	}
	if !s.Any() {
		return fault.New(fault.Denied, "当前角色没有这项权限").With("permission", string(perm))
	}
	return nil
}

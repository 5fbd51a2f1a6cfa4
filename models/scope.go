package models

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parkregistry/internal/fault"
	"parkregistry/policies"
)

// Kind says whose rows a table holds.
type Kind int

const (
	closed         Kind = iota // the kernel's own: no request reaches it
	referenceRows              // the same for everybody who may read it
	parkRows                   // park_id, jurisdiction, enterprise_id stand in the row
	enterpriseRows             // about a firm as a whole; its parks are those where it has a site
	personRows                 // belongs to one person
	childRows                  // reached through its parent only
	areaRows                   // about a park, else a whole jurisdiction, else the city
)

// Scope is how a table is registered: what it is called, whose rows it holds
// and which resources' permissions reach them. A model without one cannot be
// queried at all.
type Scope struct {
	Table     string
	Kind      Kind
	Resources []string
	key       string // the column that names the park, enterprise, person or parent
	viaSites  bool   // park rows without enterprise_id: an enterprise has them through its sites
	parent    Scoped
	log       bool // rows are appended by the kernel's own packages and never changed
}

// Scoped is a model that says whose rows its table holds.
type Scoped interface{ Scope() Scope }

// Owned is a model that knows its owner before it is stored.
type Owned interface {
	Scoped
	Owner() policies.Row
}

// FollowsPark reports whether the jurisdiction of a row is that of its park, and
// moves with it. A log keeps what was so when its row was written.
func (s Scope) FollowsPark() bool {
	return !s.log && (s.Kind == parkRows || s.Kind == areaRows) && s.key == "park_id"
}

// ReferenceRows registers a table whose rows are the same for everybody.
func ReferenceRows(table string, resources ...string) Scope {
	return Scope{Table: table, Kind: referenceRows, Resources: resources}
}

// ParkRows registers a table with park_id, jurisdiction and enterprise_id.
func ParkRows(table string, resources ...string) Scope {
	return Scope{Table: table, Kind: parkRows, Resources: resources, key: "park_id"}
}

// ParkOnlyRows registers a table about parks themselves: key names the park, and
// an enterprise sees the parks in which it has or had a site.
func ParkOnlyRows(table, key string, resources ...string) Scope {
	return Scope{Table: table, Kind: parkRows, Resources: resources, key: key, viaSites: true}
}

// EnterpriseRows registers a table about firms as a whole; key names the firm.
func EnterpriseRows(table, key string, resources ...string) Scope {
	return Scope{Table: table, Kind: enterpriseRows, Resources: resources, key: key}
}

// PersonRows registers a table of one person's rows; key names the person.
func PersonRows(table, key string, resources ...string) Scope {
	return Scope{Table: table, Kind: personRows, Resources: resources, key: key}
}

// AreaRows registers a table whose rows are about an area: a park when park_id is
// there, else a jurisdiction, else the whole city. Whoever has anything in the
// area sees the row.
func AreaRows(table string, resources ...string) Scope {
	return Scope{Table: table, Kind: areaRows, Resources: resources, key: "park_id"}
}

// ChildRows registers a table that is seen exactly when its parent is; key names the parent.
func ChildRows(table, key string, parent Scoped) Scope {
	return Scope{Table: table, Kind: childRows, Resources: parent.Scope().Resources, key: key, parent: parent}
}

// LogRows is ParkRows for a log: every write appends to it, whatever the writer may read.
func LogRows(table string, resources ...string) Scope {
	s := ParkRows(table, resources...)
	s.log = true
	return s
}

// Closed registers a table that no request reaches.
func Closed(table string) Scope { return Scope{Table: table, Kind: closed} }

// visible starts a statement on model's table, limited to the rows that perm reaches
// for the caller of ctx. Refused, it carries the error and selects nothing; it is
// never left unfiltered.
func visible(ctx context.Context, g *gorm.DB, perm policies.Permission, model any) *gorm.DB {
	g = g.WithContext(ctx).Model(model)
	sql, args, err := reach(ctx, perm, model)
	if err != nil {
		g = g.Where("1 = 0")
		_ = g.AddError(err)
		return g
	}
	if sql == "" {
		return g
	}
	return g.Where(clause.Expr{SQL: sql, Vars: args})
}

// reach is the one place where a permission becomes a WHERE clause; "" is every row.
// Without identity, with an unknown table or with a permission of another resource
// it is an error.
func reach(ctx context.Context, perm policies.Permission, model any) (string, []any, error) {
	m, ok := model.(Scoped)
	if !ok {
		return "", nil, fault.New(fault.Internal, "数据表没有登记可见范围")
	}
	s := m.Scope()
	if !slices.Contains(s.Resources, perm.Resource()) { // a closed table has none
		return "", nil, fault.New(fault.Internal, "数据表 {{.Table}} 不接受权限 {{.Permission}}", "Table", s.Table, "Permission", string(perm))
	}
	actor, ok := policies.ActorFrom(ctx)
	if !ok {
		return "", nil, fault.New(fault.Unauthenticated, "尚未登录，或者登录已经失效")
	}
	scope, err := actor.Scope(perm)
	if err != nil {
		return "", nil, err
	}
	if !scope.Any() {
		return "", nil, fault.New(fault.Denied, "当前角色没有这项权限").With("permission", string(perm))
	}
	if scope.City {
		return "", nil, nil
	}
	sql, args := s.where(scope)
	return sql, args, nil
}

// where compiles the scope; what the table cannot express is 1 = 0.
func (s Scope) where(scope policies.Scope) (string, []any) {
	var or []string
	var args []any
	add := func(sql string, values []string) {
		if len(values) == 0 {
			return
		}
		in, vars := oneOf(values)
		or = append(or, strings.ReplaceAll(sql, "{in}", in))
		args = append(args, vars...)
	}
	key := s.Table + "." + s.key
	switch s.Kind {
	case parkRows:
		add(s.Table+".jurisdiction {in}", scope.Jurisdictions)
		add(key+" {in}", scope.Parks)
		if s.viaSites {
			add("EXISTS (SELECT 1 FROM sites scope_sites WHERE scope_sites.park_id = "+key+" AND scope_sites.enterprise_id {in})", scope.Enterprises)
		} else {
			add(s.Table+".enterprise_id {in}", scope.Enterprises)
		}
	case enterpriseRows:
		sites := "EXISTS (SELECT 1 FROM sites scope_sites WHERE scope_sites.enterprise_id = " + key + " AND scope_sites."
		add(sites+"jurisdiction {in})", scope.Jurisdictions)
		add(sites+"park_id {in})", scope.Parks)
		add(key+" {in}", scope.Enterprises)
	case personRows:
		add(key+" {in}", scope.Users)
	case areaRows:
		whole := key + " IS NULL AND " + s.Table + ".jurisdiction"
		add(s.Table+".jurisdiction {in}", scope.Jurisdictions)
		add(key+" {in}", scope.Parks)
		add("("+whole+" IN (SELECT scope_parks.jurisdiction FROM parks scope_parks WHERE scope_parks.id {in}))", scope.Parks)
		add("EXISTS (SELECT 1 FROM sites scope_sites WHERE scope_sites.enterprise_id {in} AND (scope_sites.park_id = "+key+" OR "+whole+" = scope_sites.jurisdiction))",
			scope.Enterprises)
		if len(or) > 0 {
			or = append(or, "("+whole+" IS NULL)")
		}
	case childRows:
		p := s.parent.Scope()
		sql, vars := p.where(scope)
		return "EXISTS (SELECT 1 FROM " + p.Table + " WHERE " + p.Table + ".id = " + key + " AND " + sql + ")", vars
	}
	if len(or) == 0 {
		return "1 = 0", nil
	}
	if len(or) == 1 {
		return or[0], args
	}
	return "(" + strings.Join(or, " OR ") + ")", args
}

// oneOf keeps the shape of the statement fixed for the common case of one value.
func oneOf(values []string) (string, []any) {
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	if len(values) == 1 {
		return "= ?", args
	}
	return "IN (" + strings.TrimSuffix(strings.Repeat("?,", len(values)), ",") + ")", args
}

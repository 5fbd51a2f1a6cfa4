package report

import (
	"context"
	"errors"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/export"
	"parkregistry/policies"
)

// access is who may do what: the policy that decides, and who holds which role today.
func (s *Service) access(ctx context.Context, _ Question) (Report, error) {
	today := s.db.Today()
	r := Report{AsOf: today, Wide: true}
	roles := policies.Roles()
	rights := Table{Title: fault.T("角色与权限"), Columns: []export.Column{text(fault.T("权限")), text(fault.T("权限代码"))}}
	for _, role := range roles {
		rights.Columns = append(rights.Columns, text(role.Title()))
	}
	for _, perm := range policies.Permissions() {
		row := []export.Cell{perm.Title(), plain(string(perm))}
		reached := s.db.Policy.Reached(perm)
		for _, role := range roles {
			row = append(row, reachesOf(reached[role]))
		}
		rights.Rows = append(rights.Rows, row)
	}
	people := Table{Title: fault.T("各人的任职"), Columns: []export.Column{text(fault.T("登录名")), text(fault.T("姓名")), text(fault.T("单位")), text(fault.T("角色")), text(fault.T("范围")), text(fault.T("自")), text(fault.T("至")), text(fault.T("理由"))}}
	var failed error
	err := every(func(q models.Query) (models.Page[account.User], error) {
		return s.rooms.Accounts.Users(ctx, account.UserFilter{State: "active"}, q)
	}, "username", func(u account.User) {
		failed = errors.Join(failed, s.assignments(ctx, u, today, &people))
	})
	if err := errors.Join(err, failed); err != nil {
		return r, err
	}
	r.Said = []fault.Text{fault.T("{{.Day}} 有效的任职 {{.N}} 项；表中没有写出的权限，谁都没有。", "Day", string(today), "N", len(people.Rows))}
	r.Tables = []Table{rights, people}
	return r, nil
}

func (s *Service) assignments(ctx context.Context, u account.User, today code.Day, t *Table) error {
	all, err := s.rooms.Accounts.Assignments(ctx, u.ID)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.StartsOn > today || a.EndsOn != nil && *a.EndsOn < today {
			continue
		}
		role, _ := policies.RoleOf(a.Role)
		where := fault.T("全市")
		switch {
		case a.Jurisdiction != nil:
			where = code.AreaName(*a.Jurisdiction)
		case a.ParkID != nil:
			where = plain(s.parkNamed(ctx, *a.ParkID))
		case a.EnterpriseID != nil:
			where = plain(s.firmNamed(ctx, *a.EnterpriseID))
		}
		t.Rows = append(t.Rows, []export.Cell{plain(u.Username), plain(u.DisplayName), plain(u.Organisation), role.Title(), where, plain(string(a.StartsOn)), plain(string(models.Deref(a.EndsOn))), plain(a.Reason)})
	}
	return nil
}

// parkNamed is a park by its name, by its id to who keeps accounts and reads no business.
func (s *Service) parkNamed(ctx context.Context, id models.ID) string {
	p, err := s.rooms.Registry.Park(ctx, id)
	if err != nil {
		return string(id)
	}
	return p.CalledName()
}

func (s *Service) firmNamed(ctx context.Context, id models.ID) string {
	names, err := s.rooms.Registry.EnterpriseNamed(ctx, []models.ID{id})
	if err != nil || names[id] == "" {
		return string(id)
	}
	return names[id]
}

func reachesOf(all []policies.Reach) export.Cell {
	var zh, en []string
	for _, r := range all {
		t := reachName(r)
		zh, en = append(zh, t.Key), append(en, string(r))
	}
	return fault.Named(strings.Join(zh, "、"), strings.Join(en, ", "))
}

func reachName(r policies.Reach) fault.Text {
	switch r {
	case policies.City:
		return fault.T("全市")
	case policies.Jurisdiction:
		return fault.T("辖区")
	case policies.Park:
		return fault.T("本园区")
	case policies.Enterprise:
		return fault.T("本企业")
	}
	return fault.T("本人")
}

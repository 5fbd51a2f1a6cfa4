package models

import (
	"context"

	"gorm.io/gorm"

	"parkregistry/internal/fault"
	"parkregistry/policies"
)

// OwnerOf says whose a stored row is, exactly as the WHERE clause of Visible
// judges it, and nothing else of the row: what explaining a decision needs to
// know of rows that whoever explains may not read. NotFound when no such row
// exists; Denied without access.explain.
func (db *DB) OwnerOf(ctx context.Context, model Scoped, id ID) (policies.Row, error) {
	if err := policies.Require(ctx, policies.AccessExplain); err != nil {
		return policies.Row{}, err
	}
	g := db.read
	if tx, ok := ambient(ctx, db); ok {
		g = tx.g
	}
	return ownerOf(g.WithContext(ctx), model.Scope(), id)
}

func ownerOf(g *gorm.DB, s Scope, id ID) (policies.Row, error) {
	var row policies.Row
	key := s.Table + "." + s.key
	found := g.Table(s.Table).Where(s.Table+".id = ?", id).Limit(1)
	switch s.Kind {
	case parkRows:
		columns := key + " AS park_id, " + s.Table + ".jurisdiction"
		if !s.viaSites {
			columns += ", " + s.Table + ".enterprise_id"
		}
		var at []Placed
		if err := found.Select(columns).Scan(&at).Error; err != nil {
			return row, err
		}
		if len(at) == 0 {
			return row, fault.Absent()
		}
		row = at[0].Owner()
		if !s.viaSites {
			return row, nil
		}
		return row, g.Table("sites").Where("park_id = ?", at[0].ParkID).Distinct().Pluck("enterprise_id", &row.Enterprises).Error
	case enterpriseRows:
		if err := found.Pluck(key, &row.Enterprises).Error; err != nil {
			return row, err
		}
		if len(row.Enterprises) == 0 {
			return row, fault.Absent()
		}
		var sites []Placed
		err := g.Table("sites").Select("park_id, jurisdiction").Where("enterprise_id = ?", row.Enterprises[0]).Scan(&sites).Error
		for _, at := range sites {
			row.Parks = append(row.Parks, string(at.ParkID))
			row.Jurisdictions = append(row.Jurisdictions, some(Deref(at.Jurisdiction))...)
		}
		return row, err
	case personRows:
		var people []string
		if err := found.Pluck(key, &people).Error; err != nil {
			return row, err
		}
		if len(people) == 0 {
			return row, fault.Absent()
		}
		row.User = people[0]
		return row, nil
	}
	return row, fault.New(fault.Internal, "数据表没有登记可见范围")
}

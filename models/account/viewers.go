package account

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/policies"
)

// Viewer is a person who can see a row, with the assignments by which.
type Viewer struct {
	Person      User
	Assignments []Judged
}

// Viewers lists by user name everybody who can see a park on a day ("" is today).
// NotFound when there is no such park.
func (e *Explainer) Viewers(ctx context.Context, park models.ID, on code.Day, q models.Query) (models.Page[Viewer], error) {
	var page models.Page[Viewer]
	if err := policies.Require(ctx, policies.AccessExplain); err != nil {
		return page, err
	}
	db := e.svc.db
	if on == "" {
		on = db.Today()
	}
	row, err := db.OwnerOf(ctx, parkRow{}, park)
	if err != nil {
		return page, err
	}
	reached, args := reaching(db.Policy.Reached(policies.ParkRead), row)
	valid := func(g *gorm.DB) *gorm.DB {
		return g.Where("assignments.starts_on <= ? AND (assignments.ends_on IS NULL OR assignments.ends_on >= ?)", on, on).Where(reached, args...)
	}
	holders := valid(db.Visible(ctx, policies.AssignmentRead, &Assignment{})).Select("assignments.user_id")
	people := db.Visible(ctx, policies.UserRead, &User{}).Where("users.id IN (?)", holders).
		Where("(users.disabled_at IS NULL OR users.disabled_at >= ?)", on.End().UTC())
	users, err := models.List(db, people, q, userOrders, "username", func(u User) models.ID { return u.ID })
	if err != nil {
		return page, err
	}
	page.Next, page.Total = users.Next, users.Total
	ids := make([]models.ID, len(users.Items))
	for i, u := range users.Items {
		ids[i] = u.ID
	}
	var held []Assignment
	if err := valid(db.Visible(ctx, policies.AssignmentRead, &Assignment{})).Where("user_id IN ?", ids).Order("starts_on, id").Find(&held).Error; err != nil {
		return page, err
	}
	for _, u := range users.Items {
		mine := slices.DeleteFunc(slices.Clone(held), func(a Assignment) bool { return a.UserID != u.ID })
		judged, err := e.judge(mine, policies.ParkRead, row, on)
		if err != nil {
			return page, err
		}
		page.Items = append(page.Items, Viewer{u, judged})
	}
	return page, nil
}

// reaching is the condition on assignments that reach the row: one part for each
// role and reach of the policy, with values only as arguments.
func reaching(lines map[policies.Role][]policies.Reach, row policies.Row) (string, []any) {
	var or []string
	var args []any
	for _, role := range policies.Roles() {
		for _, reach := range lines[role] {
			column, values := "", []string(nil)
			switch reach {
			case policies.City:
				or, args = append(or, "assignments.role = ?"), append(args, role.Slug())
				continue
			case policies.Jurisdiction:
				column, values = "assignments.jurisdiction", row.Jurisdictions
			case policies.Park:
				column, values = "assignments.park_id", row.Parks
			case policies.Enterprise:
				column, values = "assignments.enterprise_id", row.Enterprises
			}
			if len(values) > 0 {
				or, args = append(or, "(assignments.role = ? AND "+column+" IN ?)"), append(args, role.Slug(), values)
			}
		}
	}
	if len(or) == 0 {
		return "1 = 0", nil
	}
	return "(" + strings.Join(or, " OR ") + ")", args
}

package inspection

import (
	"context"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Shares of the key units that are drawn in a quarter at least, %, and how many units an
// officer has at the usual ratio (domain README §10: 双随机).
const (
	ShareDistrict   = 25
	ShareCity       = 5
	UnitsPerOfficer = 5
)

// Quota is how far the draws of one level have come in a quarter. Jurisdiction is "" for
// the city.
type Quota struct {
	Jurisdiction string
	KeyUnits     int // that stand today
	KeyDrawn     int // of these, drawn in the quarter
	Share        int // %, at least
	Required     int // units that make up the share, rounded up
	Units        int // drawn in the quarter, key or not
	Officers     int // different ones who were drawn
}

// PerOfficer is how many units each of the officers has, in tenths.
func (q Quota) PerOfficer() int {
	if q.Officers == 0 {
		return 0
	}
	return 10 * q.Units / q.Officers
}

// Crowded warns when more units are to be drawn for each officer on the lists than is usual.
func (d Draw) Crowded() []fault.Violation {
	if d.Lists.V.Count <= UnitsPerOfficer*len(d.Lists.V.Officers) {
		return nil
	}
	return []fault.Violation{{Pointer: "/count", Code: "ratio", Rule: "双随机", Value: d.Lists.V.Count,
		Detail: fault.T("抽取的单位是名单上人员的 {{.Times}} 倍以上，人员与单位一般约为 1 : {{.Usual}}", "Times", UnitsPerOfficer, "Usual", UnitsPerOfficer)}}
}

// Met reports whether the share is reached.
func (q Quota) Met() bool { return q.KeyDrawn >= q.Required }

// Quotas counts the quarter for the city and each jurisdiction, as far as the caller
// reads draws there.
func (s *Service) Quotas(ctx context.Context, quarter string) ([]Quota, error) {
	if err := policies.Require(ctx, policies.DrawRead); err != nil {
		return nil, err
	}
	if quarter == "" {
		quarter = QuarterOf(s.db.Today())
	}
	if !quarterForm.MatchString(quarter) {
		var c fault.Check
		c.Fail("/quarter", "pattern", "季度应当写成 2026-Q4 的样子")
		return nil, c.Err()
	}
	actor, _ := policies.ActorFrom(ctx)
	scope, err := actor.Scope(policies.DrawRead)
	if err != nil {
		return nil, err
	}
	var levels []string
	if scope.City {
		levels = append(levels, "")
		for _, j := range code.Jurisdictions() {
			levels = append(levels, string(j))
		}
	} else {
		levels = scope.Jurisdictions
	}
	var draws []Draw
	if err := s.db.Visible(ctx, policies.DrawRead, &Draw{}).Where("quarter = ? AND drawn_at IS NOT NULL", quarter).Select("id", "jurisdiction").Find(&draws).Error; err != nil {
		return nil, err
	}
	level := map[models.ID]string{}
	for _, d := range draws {
		level[d.ID] = models.Deref(d.Jurisdiction)
	}
	var tasks []Task
	if err := s.db.Visible(ctx, policies.DrawRead, &Task{}).Where("EXISTS (SELECT 1 FROM draws d WHERE d.id = draw_tasks.draw_id AND d.quarter = ?)", quarter).Find(&tasks).Error; err != nil {
		return nil, err
	}
	everywhere, err := units(s.db, ctx, nil, nil)
	if err != nil {
		return nil, err
	}
	all := make([]Quota, len(levels))
	for i, j := range levels {
		standing := everywhere
		if j != "" {
			standing = slices.DeleteFunc(slices.Clone(everywhere), func(u Unit) bool { return u.Jurisdiction != j })
		}
		all[i] = quotaOf(j, standing, tasks, level)
	}
	return all, nil
}

func quotaOf(level string, standing []Unit, tasks []Task, levels map[models.ID]string) Quota {
	q := Quota{Jurisdiction: level, Share: ShareDistrict}
	if level == "" {
		q.Share = ShareCity
	}
	drawn, officers := map[models.ID]bool{}, map[models.ID]bool{}
	for _, t := range tasks {
		if levels[t.DrawID] == level {
			drawn[t.SiteID], officers[t.FirstOfficer], officers[t.SecondOfficer] = true, true, true
		}
	}
	for _, u := range standing {
		if u.Key {
			q.KeyUnits++
			if drawn[u.SiteID] {
				q.KeyDrawn++
			}
		}
	}
	q.Required = (q.KeyUnits*q.Share + 99) / 100
	q.Units, q.Officers = len(drawn), len(officers)
	return q
}

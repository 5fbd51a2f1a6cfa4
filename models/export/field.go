package export

import (
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/inspection"
	"parkregistry/policies"
)

// fieldLists are the lists of what is found on the spot.
func fieldLists() []List {
	return []List{
		{Name: "findings", Title: fault.T("问题整改"), Need: policies.FindingRead, sort: "-openedOn", read: findings,
			Columns: []Column{text(fault.T("编号")), text(fault.T("园区名称")), text(fault.T("企业名称")), text(fault.T("问题")), text(fault.T("地点")), text(fault.T("方面")), text(fault.T("发现日期")), text(fault.T("状态")), text(fault.T("期限")), text(fault.T("整改逾期"))},
			Filters: findingFilters()},
		{Name: "patrols", Title: fault.T("巡查记录"), Need: policies.PatrolRead, sort: "-createdAt", read: patrols,
			Columns: []Column{text(fault.T("编号")), text(fault.T("园区名称")), text(fault.T("企业名称")), text(fault.T("性质")), text(fault.T("开始时间")), number(fault.T("检查项")), number(fault.T("不符合项")), number(fault.T("照片")), number(fault.T("问题")), text(fault.T("状态"))},
			Filters: append([]Filter{byPark(), byFirm(), oneOf("nature", fault.T("性质"), []inspection.Nature{inspection.NaturePatrol, inspection.NatureInspection}, inspection.Nature.Name), from(), until()},
				byNumber(inspection.PatrolCounts(), inspection.CountName)...)},
		{Name: "draws", Title: fault.T("随机抽查"), Need: policies.DrawRead, sort: "-createdAt", read: draws,
			Columns: []Column{text(fault.T("编号")), text(fault.T("季度")), text(fault.T("范围")), number(fault.T("抽取")), number(fault.T("名单")), number(fault.T("名单上的人员")), text(fault.T("状态")), text(fault.T("时间"))},
			Filters: []Filter{{"quarter", fault.T("季度"), inspection.ParseQuarter, asItIs}}},
		roundList(),
	}
}

func byDimension() Filter {
	all := []string{}
	for _, d := range assessment.Dimensions() {
		all = append(all, strconv.Itoa(d.Number))
	}
	return oneOf("dimension", fault.T("方面"), all, dimension)
}

// dimension is the name of one of the six areas.
func dimension(n string) Cell {
	for _, d := range assessment.Dimensions() {
		if strconv.Itoa(d.Number) == n {
			return d.Name
		}
	}
	return plain(n)
}

// findingFilters narrow lists of findings.
func findingFilters() []Filter {
	return append([]Filter{byPark(), byFirm(), oneOf("state", fault.T("状态"), inspection.States(), inspection.State.Name), byDimension(), only("overdue", fault.T("整改逾期")), from(), until()},
		byNumber(inspection.FindingCounts(), inspection.CountName)...)
}

func (r *reading) findingFilter() (inspection.FindingFilter, error) {
	dim, _ := strconv.Atoi(r.has("dimension"))
	of, err := r.counted()
	return inspection.FindingFilter{ParkID: r.has("parkId"), EnterpriseID: r.has("enterpriseId"), State: inspection.State(r.has("state")), Dimension: dim,
		Overdue: r.has("overdue") != "", From: code.Day(r.has("from")), To: code.Day(r.has("to")), Counted: of}, err
}

func findings(r *reading, q models.Query) (batch, error) {
	narrow, err := r.findingFilter()
	if err != nil {
		return batch{}, err
	}
	page, err := r.Inspection.Findings(r.ctx, narrow, q)
	if err != nil {
		return batch{}, err
	}
	return rows(r, page, func(x inspection.Finding) *models.ID { return x.EnterpriseID }, func(x inspection.Finding) []Cell {
		return []Cell{plain(x.Number), plain(r.park(x.ParkID)), plain(r.firm(x.EnterpriseID)), plain(x.Description), plain(x.Place), dimension(strconv.Itoa(x.Dimension)), plain(string(x.OpenedOn)), x.State.Name(),
			dayOf(x.DueOn), is(x.Overdue(r.today))}
	})
}

func patrols(r *reading, q models.Query) (batch, error) {
	of, err := r.counted()
	if err != nil {
		return batch{}, err
	}
	page, err := r.Inspection.Patrols(r.ctx, inspection.PatrolFilter{ParkID: r.has("parkId"), EnterpriseID: r.has("enterpriseId"), Nature: inspection.Nature(r.has("nature")),
		From: code.Day(r.has("from")), To: code.Day(r.has("to")), Counted: of}, q)
	if err != nil {
		return batch{}, err
	}
	walks, err := r.Inspection.Walks(r.ctx, page.Items)
	if err != nil {
		return batch{}, err
	}
	return rows(r, page, func(x inspection.Patrol) *models.ID { return x.EnterpriseID }, func(x inspection.Patrol) []Cell {
		w, began := walks[x.ID], Cell{}
		if w.StartedAt != nil {
			began = plain(code.ClockTime(*w.StartedAt))
		}
		return []Cell{plain(x.Number), plain(r.park(x.ParkID)), plain(r.firm(x.EnterpriseID)), x.What(), began, count(w.Answers), count(w.Deviating), count(w.Photos), count(w.Findings), w.StateName()}
	})
}

func draws(r *reading, q models.Query) (batch, error) {
	page, err := r.Inspection.Draws(r.ctx, inspection.DrawFilter{Quarter: r.has("quarter")}, q)
	if err != nil {
		return batch{}, err
	}
	return rows(r, page, nobody, func(x inspection.Draw) []Cell {
		area, at := code.AreaName(models.Deref(x.Jurisdiction)), x.CreatedAt
		if x.ParkID != nil {
			area = plain(r.park(*x.ParkID))
		}
		if x.DrawnAt != nil {
			at = *x.DrawnAt
		}
		lists := x.Lists.V
		return []Cell{plain(x.Number), plain(x.Quarter), area, count(lists.Count), count(len(lists.Units)), count(len(lists.Officers)), x.StateName(), plain(code.ClockTime(at))}
	})
}

func count(n int) Cell { return plain(strconv.Itoa(n)) }

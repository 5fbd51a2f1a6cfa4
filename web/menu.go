package web

import (
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/policies"
)

// tier is the workplace of a visitor: the first part of the addresses.
type tier string

const (
	parkTier     tier = "/p" // 园区管理机构, and the firms in it
	districtTier tier = "/d" // 区管理局
	cityTier     tier = "/c" // 市局, and whoever reads all
)

// tierOf is the widest workplace that an assignment opens, "" for people without
// business data.
func tierOf(a policies.Actor) tier {
	switch {
	case a.Holds(policies.BureauAdmin), a.Holds(policies.BureauAnalyst), a.Holds(policies.Auditor):
		return cityTier
	case a.Holds(policies.DistrictInspector):
		return districtTier
	case a.Holds(policies.ParkManager), a.Holds(policies.EnterpriseUser):
		return parkTier
	}
	return ""
}

// menuItem is one line of the side menu. It stands for a section: the page it leads to,
// and those beside it, which that page shows as a row of links. A menu has at most twelve
// lines for whoever has one role.
type menuItem struct {
	Path    string
	Name    fault.Text
	Current string // "page" on the page itself, "true" on one beside it
	need    policies.Permission
	or      policies.Permission // that will do as well, "" for none
	beside  []menuItem
}

type menuGroup struct {
	Name  fault.Text
	Items []menuItem
}

// at is a page of a menu for those who hold the permission.
func at(path string, name fault.Text, need policies.Permission, beside ...menuItem) menuItem {
	return menuItem{Path: path, Name: name, need: need, beside: beside}
}

// menus are the side menus; what the visitor may not open is left out.
func menus(t tier) []menuGroup {
	in := func(path string) string { return string(t) + path }
	ledgers := at(in("/ledger"), fault.T("台账查询"), policies.LedgerRead, at(in("/due"), fault.T("应报台账"), policies.LedgerRead))
	over := at(in("/exceedances"), fault.T("超标记录"), policies.LedgerRead)
	findings := at(in("/findings"), fault.T("问题整改"), policies.FindingRead)
	rounds := at(in("/rounds"), fault.T("计划巡查"), policies.PatrolRead, at(in("/patrols"), fault.T("巡查记录"), policies.PatrolRead), at(in("/draws"), fault.T("随机抽查"), policies.DrawRead))
	field := at("/m/", fault.T("现场巡查"), policies.PatrolRecord)
	imports := at(in("/import"), fault.T("Excel 导入"), policies.ImportCreate)
	parks := at(in("/parks"), fault.T("园区档案"), policies.ParkRead)
	firms := at(in("/firms"), fault.T("企业名录"), policies.EnterpriseRead, at(in("/grades"), fault.T("企业评级"), policies.GradeRead))
	works := at(in("/facilities"), fault.T("治理设施"), policies.FacilityRead, at(in("/hw"), fault.T("危险废物"), policies.LedgerRead), at(in("/emergency"), fault.T("应急与演练"), policies.LedgerRead))
	matrix := at(in("/matrix"), fault.T("六维矩阵"), policies.ProgressRead)
	tasks := at(in("/tasks"), fault.T("任务进度表"), policies.TaskRead)
	reports := at("/reports", fault.T("报表与导出"), policies.ExportRead)
	switch t {
	case cityTier:
		parks.beside = append([]menuItem{firms, works}, append(works.beside, firms.beside...)...)
		matrix.beside = []menuItem{at("/c/six", fault.T("六维抽查"), policies.AssessmentRead)}
		ledgers.beside = append(ledgers.beside, over)
		setup := at("/c/setup", fault.T("指标与表单"), policies.LedgerRead, imports)
		return []menuGroup{
			{fault.T("总览"), []menuItem{at("/c", fault.T("试点进度总览"), policies.ProgressRead), matrix, at("/c/compare", fault.T("各区对比"), policies.ProgressRead), tasks, reports}},
			{fault.T("监管"), []menuItem{ledgers, findings, rounds, parks}},
			system(setup),
		}
	case districtTier:
		ledgers.beside = append(ledgers.beside, imports)
		reports.beside = []menuItem{tasks}
		return []menuGroup{
			{fault.T("待办"), []menuItem{at("/d", fault.T("待办与到期"), policies.LedgerRead), ledgers, over, findings}},
			{fault.T("监管"), []menuItem{rounds, field, parks, firms, works}},
			{fault.T("总览"), []menuItem{at("/d/six", fault.T("六维核定"), policies.AssessmentRead, matrix), at("/d/compare", fault.T("辖区对比"), policies.ProgressRead), reports}},
		}
	case parkTier:
		matrix.Name = fault.T("六维进展")
		ledgers.beside = append(ledgers.beside, over)
		firms.beside = append(firms.beside, at("/requests", fault.T("账号申请"), policies.UserRequest))
		reports.beside = []menuItem{tasks}
		return []menuGroup{
			{fault.T("待办"), []menuItem{at("/p", fault.T("今日待办"), policies.LedgerRead), at("/p/ledger/new", fault.T("台账填报"), policies.LedgerCreate), imports, ledgers, findings, rounds, field}},
			{fault.T("登记"), []menuItem{parks, firms, works}},
			{fault.T("总览"), []menuItem{at("/p/six", fault.T("六维自评"), policies.AssessmentRead, matrix), reports}},
		}
	}
	return []menuGroup{system(reports)}
}

// system is the group of those who keep accounts and look after the trail, with what else
// stands in it.
func system(more ...menuItem) menuGroup {
	requests := at("/requests", fault.T("账号申请"), policies.UserCreate)
	requests.or = policies.UserRequest
	return menuGroup{fault.T("管理"), append(more, at("/users", fault.T("单位与用户"), policies.AssignmentRead), requests, at("/c/audit", fault.T("操作留痕"), policies.AuditRead))}
}

// menu puts what the visitor may open into the frame, and beside the page asked for those
// of its section.
func (s *shell) menu(v *visit) {
	here := strings.TrimSuffix(v.c.Request.URL.Path, "/board")
	var nearest string // the page asked for, or the one that it stands below: /c/setup of /c/setup/locks
	for _, g := range menus(s.Tier) {
		shown := menuGroup{Name: g.Name}
		for _, i := range g.Items {
			var line []menuItem
			for _, page := range append([]menuItem{i}, i.beside...) {
				if v.may(page.need) || page.or != "" && v.may(page.or) {
					line = append(line, page)
				}
				if len(page.Path) > len(nearest) && (page.Path == here || strings.Count(page.Path, "/") > 1 && strings.HasPrefix(here, page.Path+"/")) {
					nearest = page.Path
				}
			}
			if len(line) > 0 {
				head := line[0]
				head.beside = line
				shown.Items = append(shown.Items, head)
			}
		}
		if len(shown.Items) > 0 {
			s.Menu = append(s.Menu, shown)
		}
	}
	for _, g := range s.Menu {
		for n := range g.Items {
			s.mark(&g.Items[n], nearest, here)
		}
	}
}

// mark marks the line of the menu in which the page asked for stands.
func (s *shell) mark(line *menuItem, nearest, here string) {
	for n, page := range line.beside {
		if page.Path != nearest {
			continue
		}
		line.Current = "true"
		if page.Path != here {
			return
		}
		if line.beside[n].Current = "page"; n == 0 {
			line.Current = "page"
		}
		if len(line.beside) > 1 {
			s.Beside = line.beside
		}
	}
}

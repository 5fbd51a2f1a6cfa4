package web

import (
	"net/url"
	"strconv"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
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

// menuItem is one line of the side menu.
type menuItem struct {
	Path    string
	Name    fault.Text
	Current bool
	need    policies.Permission
	or      policies.Permission // that will do as well, "" for none
}

type menuGroup struct {
	Name  fault.Text
	Items []menuItem
}

// menus are the side menus; what the visitor may not open is left out.
func menus(t tier) []menuGroup {
	switch t {
	case cityTier:
		return []menuGroup{
			{fault.T("总览"), []menuItem{{Path: "/c", Name: fault.T("试点进度总览"), need: policies.ProgressRead}, {Path: "/c/matrix", Name: fault.T("六维矩阵"), need: policies.ProgressRead}, {Path: "/c/compare", Name: fault.T("各区对比"), need: policies.ProgressRead},
				{Path: "/c/six", Name: fault.T("六维抽查"), need: policies.AssessmentRead}, {Path: "/c/tasks", Name: fault.T("任务进度表"), need: policies.TaskRead}, {Path: "/reports", Name: fault.T("报表与导出"), need: policies.ExportRead}}},
			{fault.T("监管"), []menuItem{{Path: "/c/due", Name: fault.T("应报台账"), need: policies.LedgerRead}, {Path: "/c/ledger", Name: fault.T("台账查询"), need: policies.LedgerRead}, {Path: "/c/exceedances", Name: fault.T("超标记录"), need: policies.LedgerRead},
				{Path: "/c/findings", Name: fault.T("问题整改"), need: policies.FindingRead}, {Path: "/c/rounds", Name: fault.T("计划巡查"), need: policies.PatrolRead}, {Path: "/c/patrols", Name: fault.T("巡查记录"), need: policies.PatrolRead},
				{Path: "/c/draws", Name: fault.T("随机抽查"), need: policies.DrawRead}}},
			{fault.T("登记"), []menuItem{{Path: "/c/parks", Name: fault.T("园区档案"), need: policies.ParkRead}, {Path: "/c/firms", Name: fault.T("企业名录"), need: policies.EnterpriseRead}, {Path: "/c/facilities", Name: fault.T("治理设施"), need: policies.FacilityRead}, {Path: "/c/hw", Name: fault.T("危险废物"), need: policies.LedgerRead}, {Path: "/c/emergency", Name: fault.T("应急与演练"), need: policies.LedgerRead}, {Path: "/c/grades", Name: fault.T("企业评级"), need: policies.GradeRead}, {Path: "/c/setup", Name: fault.T("指标与表单"), need: policies.LedgerRead}, {Path: "/c/import", Name: fault.T("Excel 导入"), need: policies.ImportCreate}}},
			system(),
		}
	case districtTier:
		return []menuGroup{
			{fault.T("待办"), []menuItem{{Path: "/d", Name: fault.T("待办与到期"), need: policies.LedgerRead}, {Path: "/d/due", Name: fault.T("应报台账"), need: policies.LedgerRead},
				{Path: "/d/ledger", Name: fault.T("台账查询"), need: policies.LedgerRead}, {Path: "/d/exceedances", Name: fault.T("超标记录"), need: policies.LedgerRead}, {Path: "/d/findings", Name: fault.T("问题整改"), need: policies.FindingRead}, {Path: "/d/import", Name: fault.T("Excel 导入"), need: policies.ImportCreate}}},
			{fault.T("监管"), []menuItem{{Path: "/d/rounds", Name: fault.T("计划巡查"), need: policies.PatrolRead}, {Path: "/d/patrols", Name: fault.T("巡查记录"), need: policies.PatrolRead}, {Path: "/m/", Name: fault.T("现场巡查"), need: policies.PatrolRecord}, {Path: "/d/draws", Name: fault.T("随机抽查"), need: policies.DrawRead},
				{Path: "/d/parks", Name: fault.T("园区档案"), need: policies.ParkRead}, {Path: "/d/firms", Name: fault.T("企业名录"), need: policies.EnterpriseRead}, {Path: "/d/facilities", Name: fault.T("治理设施"), need: policies.FacilityRead}, {Path: "/d/hw", Name: fault.T("危险废物"), need: policies.LedgerRead}, {Path: "/d/emergency", Name: fault.T("应急与演练"), need: policies.LedgerRead}, {Path: "/d/grades", Name: fault.T("企业评级"), need: policies.GradeRead}}},
			{fault.T("总览"), []menuItem{{Path: "/d/compare", Name: fault.T("辖区对比"), need: policies.ProgressRead}, {Path: "/d/matrix", Name: fault.T("六维矩阵"), need: policies.ProgressRead},
				{Path: "/d/six", Name: fault.T("六维核定"), need: policies.AssessmentRead}, {Path: "/d/tasks", Name: fault.T("任务进度表"), need: policies.TaskRead}, {Path: "/reports", Name: fault.T("报表与导出"), need: policies.ExportRead}}},
		}
	case parkTier:
		return []menuGroup{
			{fault.T("待办"), []menuItem{{Path: "/p", Name: fault.T("今日待办"), need: policies.LedgerRead}, {Path: "/p/ledger/new", Name: fault.T("台账填报"), need: policies.LedgerCreate}, {Path: "/p/import", Name: fault.T("Excel 导入"), need: policies.ImportCreate}, {Path: "/p/due", Name: fault.T("应报台账"), need: policies.LedgerRead},
				{Path: "/p/ledger", Name: fault.T("台账查询"), need: policies.LedgerRead}, {Path: "/p/exceedances", Name: fault.T("超标记录"), need: policies.LedgerRead}, {Path: "/p/findings", Name: fault.T("问题整改"), need: policies.FindingRead}, {Path: "/p/rounds", Name: fault.T("计划巡查"), need: policies.PatrolRead}, {Path: "/p/patrols", Name: fault.T("巡查记录"), need: policies.PatrolRead}, {Path: "/m/", Name: fault.T("现场巡查"), need: policies.PatrolRecord}}},
			{fault.T("登记"), []menuItem{{Path: "/p/parks", Name: fault.T("园区档案"), need: policies.ParkRead}, {Path: "/p/firms", Name: fault.T("企业名录"), need: policies.EnterpriseRead}, {Path: "/p/facilities", Name: fault.T("治理设施"), need: policies.FacilityRead}, {Path: "/p/hw", Name: fault.T("危险废物"), need: policies.LedgerRead}, {Path: "/p/emergency", Name: fault.T("应急与演练"), need: policies.LedgerRead}, {Path: "/p/grades", Name: fault.T("企业评级"), need: policies.GradeRead}, {Path: "/requests", Name: fault.T("账号申请"), need: policies.UserRequest}}},
			{fault.T("总览"), []menuItem{{Path: "/p/matrix", Name: fault.T("六维进展"), need: policies.ProgressRead}, {Path: "/p/six", Name: fault.T("六维自评"), need: policies.AssessmentRead}, {Path: "/p/tasks", Name: fault.T("任务进度表"), need: policies.TaskRead}, {Path: "/reports", Name: fault.T("报表与导出"), need: policies.ExportRead}}},
		}
	}
	office := system()
	office.Items = append(office.Items, menuItem{Path: "/reports", Name: fault.T("报表与导出"), need: policies.ExportRead})
	return []menuGroup{office}
}

// system is the group of those who keep accounts and look after the trail.
func system() menuGroup {
	return menuGroup{fault.T("管理"), []menuItem{{Path: "/users", Name: fault.T("单位与用户"), need: policies.AssignmentRead}, {Path: "/requests", Name: fault.T("账号申请"), need: policies.UserCreate, or: policies.UserRequest}, {Path: "/c/audit", Name: fault.T("操作留痕"), need: policies.AuditRead}}}
}

// shell is what stands around every page.
type shell struct {
	Lang     words.Lang
	Title    fault.Text
	Style    string
	Script   string // "" for none
	Size     string // class of the size of the text, "" for the usual one
	Finds    bool   // there is something that the visitor may search
	Asked    string // what was searched
	Menu     []menuGroup
	SignedIn bool
	Person   string
	Waits    string // how much waits for the person, "" for nothing
	Form     string // vouches for the forms of this sign-in
	Demo     bool
	Other    otherLanguage
	Version  string
	Tier     tier
	Failed   bool // a form came back with errors
	Again    int  // seconds after which a page about something that goes on asks again; 0 is never
}

// shell is the frame of a page with how much waits for the visitor. A page is not refused
// because that could not be counted.
func (p *Pages) shell(v *visit, title fault.Text) shell {
	s := p.bare(v, title)
	if !s.SignedIn {
		return s
	}
	n, err := p.options.Inbox.Count(v.ctx)
	if err != nil {
		_ = v.c.Error(err)
		return s
	}
	if n.Waiting > 0 {
		s.Waits = strconv.Itoa(n.Waiting)
	}
	if n.More {
		s.Waits += "+"
	}
	return s
}

// bare is what stands around a page that asks no room for anything: one that tells of an
// error may stand while the database does not answer.
func (p *Pages) bare(v *visit, title fault.Text) shell {
	s := shell{Lang: v.lang, Title: title, Style: p.style, Demo: p.options.Demo, Version: p.options.Version, Other: otherThan(v.lang), Size: sizeOf(v), SignedIn: v.who.User.ID != ""}
	q := v.c.Request.URL.Query()
	q.Set("lang", map[words.Lang]string{words.Chinese: "en", words.English: "zh"}[v.lang])
	s.Other.Address = inside(v.c.Request.URL.EscapedPath()) + "?" + q.Encode()
	if v.c.Request.Method != "GET" {
		s.Other.Address = "/?" + url.Values{"lang": q["lang"]}.Encode()
	}
	if !s.SignedIn {
		return s
	}
	s.Form, s.Tier, s.Person = v.token(), tierOf(v.actor), v.who.User.DisplayName
	s.Finds, s.Script = v.may(policies.ParkRead), p.script
	for _, g := range menus(s.Tier) {
		shown := menuGroup{Name: g.Name}
		for _, i := range g.Items {
			if v.may(i.need) || i.or != "" && v.may(i.or) {
				i.Current = i.Path == strings.TrimSuffix(v.c.Request.URL.Path, "/board")
				shown.Items = append(shown.Items, i)
			}
		}
		if len(shown.Items) > 0 {
			s.Menu = append(s.Menu, shown)
		}
	}
	return s
}

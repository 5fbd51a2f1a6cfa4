package report

import (
	"context"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/export"
	"parkregistry/models/inspection"
	"parkregistry/models/progress"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// park is everything that stands in the register about one park (一园一档).
func (s *Service) park(ctx context.Context, q Question) (Report, error) {
	id := models.ID(q.ParkID)
	p, err := s.rooms.Registry.Park(ctx, id)
	if err != nil {
		return Report{}, err
	}
	standing, err := s.rooms.Progress.Park(ctx, id, progress.Question{})
	if err != nil {
		return Report{}, err
	}
	r := Report{AsOf: standing.AsOf, About: about(p)}
	firms, residents, err := s.residents(ctx, id)
	if err != nil {
		return r, err
	}
	r.Tables = []Table{ofPark(standing), residents}
	for _, read := range []func(context.Context, models.ID, map[models.ID]string) (Table, error){s.permits, s.works, s.outlets, s.findings} {
		t, err := read(ctx, id, firms)
		if err != nil {
			return r, err
		}
		r.Tables = append(r.Tables, t)
	}
	return r, nil
}

func about(p registry.Park) []export.Said {
	confirmed := fault.T("否")
	if p.PilotConfirmed {
		confirmed = fault.T("是")
	}
	return []export.Said{{What: fault.T("编码"), Is: plain(p.Code)}, {What: fault.T("名称"), Is: plain(models.Deref(p.Name))}, {What: fault.T("属地"), Is: area(models.Deref(p.Jurisdiction))},
		{What: fault.T("地址"), Is: plain(p.Address)}, {What: fault.T("管理机构"), Is: plain(p.OperatorName)}, {What: fault.T("试点名单已确认"), Is: confirmed}, {What: fault.T("来源"), Is: plain(p.Source)}}
}

// ofPark is where the park stands.
func ofPark(p progress.Report) Table {
	t := areas(p)
	t.Rows = append(t.Rows, []export.Cell{fault.T("合计"), score(p.Totals.Overall), {}, {}, {}})
	return t
}

// every reads a list to its end.
func every[T any](list func(models.Query) (models.Page[T], error), sort string, do func(T)) error {
	for q := (models.Query{Limit: models.MaxPage, Sort: sort, Filters: map[string]string{"report": "park"}}); ; {
		page, err := list(q)
		if err != nil {
			return err
		}
		for _, x := range page.Items {
			do(x)
		}
		if q.Cursor = page.Next; page.Next == "" {
			return nil
		}
	}
}

// residents are the firms of the park, with their names for the other tables.
func (s *Service) residents(ctx context.Context, park models.ID) (names map[models.ID]string, t Table, err error) {
	names = map[models.ID]string{}
	t = Table{Title: fault.T("企业"), Columns: []export.Column{text(fault.T("企业名称")), text(fault.T("统一社会信用代码")), text(fault.T("主行业")), text(fault.T("许可管理类别")), text(fault.T("环境风险"))}}
	if policies.Require(ctx, policies.EnterpriseRead) != nil {
		return names, t, nil
	}
	err = every(func(q models.Query) (models.Page[registry.Enterprise], error) {
		return s.rooms.Registry.Enterprises(ctx, registry.EnterpriseFilter{ParkID: string(park)}, q)
	}, "name", func(e registry.Enterprise) {
		t.Rows = append(t.Rows, []export.Cell{plain(e.Name), plain(e.CreditCode), code.Industry(e.MainIndustry).Title(), registry.PermitClassName(e.PermitClass), e.RiskName()})
		names[e.ID] = e.Name
	})
	return names, t, err
}

func (s *Service) permits(ctx context.Context, park models.ID, firms map[models.ID]string) (Table, error) {
	t := Table{Title: fault.T("许可证"), Columns: []export.Column{text(fault.T("编号")), text(fault.T("企业名称")), text(fault.T("许可管理类别")), text(fault.T("状态")), text(fault.T("有效期至"))}}
	if policies.Require(ctx, policies.PermitRead) != nil {
		return t, nil
	}
	today := s.db.Today()
	err := every(func(q models.Query) (models.Page[registry.Permit], error) {
		return s.rooms.Registry.Permits(ctx, registry.PermitFilter{ParkID: string(park)}, q)
	}, "validTo", func(x registry.Permit) {
		t.Rows = append(t.Rows, []export.Cell{plain(x.Number), plain(nameOf(firms, x.EnterpriseID)), registry.PermitClassName(x.Class), registry.PermitStandingName(x.Standing(today)), plain(string(x.ValidTo))})
	})
	return t, err
}

func (s *Service) works(ctx context.Context, park models.ID, firms map[models.ID]string) (Table, error) {
	t := Table{Title: fault.T("设施"), Columns: []export.Column{text(fault.T("编码")), text(fault.T("名称")), text(fault.T("企业名称")), text(fault.T("种类")), number(fault.T("设计能力")), text(fault.T("单位")), text(fault.T("状态"))}}
	err := every(func(q models.Query) (models.Page[registry.Facility], error) {
		return s.rooms.Registry.Facilities(ctx, registry.FacilityFilter{ParkID: string(park)}, q)
	}, "code", func(x registry.Facility) {
		t.Rows = append(t.Rows, []export.Cell{plain(x.Code), plain(x.Name), plain(nameOf(firms, x.EnterpriseID)), x.KindName(), plain(x.Capacity), plain(code.WrittenUnit(x.CapacityUnit)), x.StandingName()})
	})
	return t, err
}

func (s *Service) outlets(ctx context.Context, park models.ID, firms map[models.ID]string) (Table, error) {
	t := Table{Title: fault.T("排放口"), Columns: []export.Column{text(fault.T("编码")), text(fault.T("名称")), text(fault.T("企业名称")), text(fault.T("种类")), text(fault.T("排放方式")), text(fault.T("受纳污水处理厂"))}}
	err := every(func(q models.Query) (models.Page[registry.Outlet], error) {
		return s.rooms.Registry.Outlets(ctx, registry.FacilityFilter{ParkID: string(park)}, q)
	}, "code", func(x registry.Outlet) {
		t.Rows = append(t.Rows, []export.Cell{plain(x.Code), plain(x.Name), plain(nameOf(firms, x.EnterpriseID)), x.KindName(), x.RegimeName(), plain(x.ReceivingPlant)})
	})
	return t, err
}

func (s *Service) findings(ctx context.Context, park models.ID, firms map[models.ID]string) (Table, error) {
	t := Table{Title: fault.T("问题"), Columns: []export.Column{text(fault.T("编号")), text(fault.T("企业名称")), text(fault.T("问题")), text(fault.T("方面")), text(fault.T("发现日期")), text(fault.T("状态")), text(fault.T("期限"))}}
	err := every(func(q models.Query) (models.Page[inspection.Finding], error) {
		return s.rooms.Inspection.Findings(ctx, inspection.FindingFilter{ParkID: string(park)}, q)
	}, "-openedOn", func(x inspection.Finding) {
		t.Rows = append(t.Rows, []export.Cell{plain(x.Number), plain(nameOf(firms, x.EnterpriseID)), plain(x.Description), areaName(x.Dimension), plain(string(x.OpenedOn)), x.State.Name(), plain(string(models.Deref(x.DueOn)))})
	})
	return t, err
}

// areaName is one of the six areas with its number.
func areaName(n int) export.Cell {
	for _, d := range assessment.Dimensions() {
		if d.Number == n {
			return fault.T("{{.Number}} {{.Name}}", "Number", strconv.Itoa(n), "Name", d.Name)
		}
	}
	return plain(strconv.Itoa(n))
}

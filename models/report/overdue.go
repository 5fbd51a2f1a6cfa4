package report

import (
	"context"
	"maps"
	"slices"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/export"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/obligation"
	"parkregistry/models/progress"
)

// overdue lists what is missing in the ledger about the last thirty days, and findings
// whose recipients are late: of the entries what their duties say, of the findings what
// never changes in them, so that a later move changes nothing of it.
func (s *Service) overdue(ctx context.Context, q Question) (Report, error) {
	p, err := s.standing(ctx, q)
	if err != nil {
		return Report{}, err
	}
	r := Report{AsOf: p.AsOf, KnownSeq: &p.KnownSeq}
	parks := map[models.ID]string{}
	for _, x := range p.Parks {
		if parks[x.Park.ID] = models.Deref(x.Park.Name); x.Park.Name == nil {
			parks[x.Park.ID] = x.Park.Code
		}
	}
	owed, err := s.missing(ctx, p)
	if err != nil {
		return r, err
	}
	late, err := s.late(ctx, p)
	if err != nil {
		return r, err
	}
	firms, err := s.firms(ctx, p, owed, late)
	if err != nil {
		return r, err
	}
	gaps := Table{Title: fault.T("缺报台账"), Columns: []export.Column{text(fault.T("园区名称")), text(fault.T("企业名称")), text(fault.T("类别")), text(fault.T("对象")), text(fault.T("周期起")), text(fault.T("周期止")),
		text(fault.T("班次")), text(fault.T("期限")), number(fault.T("已报")), number(fault.T("应报"))}}
	for _, o := range owed {
		gaps.Rows = append(gaps.Rows, s.gap(o, parks, firms))
	}
	findings := Table{Title: fault.T("整改逾期的问题"), Columns: []export.Column{text(fault.T("编号")), text(fault.T("园区名称")), text(fault.T("企业名称")), text(fault.T("问题")), text(fault.T("地点")), text(fault.T("方面")), text(fault.T("发现日期"))}}
	for _, f := range late {
		findings.Rows = append(findings.Rows, []export.Cell{plain(f.Number), plain(parks[f.ParkID]), plain(nameOf(firms, f.EnterpriseID)), plain(f.Description), plain(f.Place), areaName(f.Dimension), plain(string(f.OpenedOn))})
	}
	r.Said = []fault.Text{fault.T("截至 {{.Day}}（计入变更序号 {{.Seq}}），最近 {{.Window}} 天缺报台账 {{.Gaps}} 项，整改逾期的问题 {{.Late}} 项。", "Day", string(p.AsOf), "Seq", p.KnownSeq, "Window", progress.Window,
		"Gaps", len(owed), "Late", len(late))}
	r.Tables = []Table{gaps, findings}
	return r, nil
}

func (s *Service) gap(o obligation.Obligation, parks, firms map[models.ID]string) []export.Cell {
	class, object, due, needed := plain(o.Class), export.Cell{}, export.Cell{}, export.Cell{}
	if c, known := s.rooms.Ledger.Catalogue().Newest(o.Class); known {
		class = ledger.ShortTitle(c.TitleZh, c.TitleEn)
	}
	if o.Object != nil {
		object = plain(o.Object.Code + " " + o.Object.Name)
	}
	if last, owed := o.LastDay(); owed {
		due = plain(string(last))
	}
	if o.Required > 0 {
		needed = count(o.Required)
	}
	return []export.Cell{plain(parks[o.Place.ParkID]), plain(nameOf(firms, o.Place.EnterpriseID)), class, object, plain(string(o.From)), plain(string(o.To)), plain(o.Slot), due, count(o.Filed), needed}
}

// missing are the periods without a record, the newest first.
func (s *Service) missing(ctx context.Context, p progress.Report) ([]obligation.Obligation, error) {
	var all []obligation.Obligation
	f := obligation.Filter{State: obligation.Missing, From: p.AsOf.Add(1 - progress.Window), To: p.AsOf}
	err := every(func(q models.Query) (models.Page[obligation.Obligation], error) {
		a, err := s.rooms.Obligations.List(ctx, f, obligation.MomentInput{AsOf: string(p.AsOf), KnownSeq: &p.KnownSeq}, q)
		return a.Page, err
	}, "", func(o obligation.Obligation) { all = append(all, o) })
	return all, err
}

// late are the findings that the report counts as overdue, the oldest first.
func (s *Service) late(ctx context.Context, p progress.Report) ([]inspection.Finding, error) {
	var all []inspection.Finding
	f := inspection.FindingFilter{Counted: audit.Counted{What: inspection.CountOverdue, AsOf: p.AsOf, Seq: &p.KnownSeq}}
	err := every(func(q models.Query) (models.Page[inspection.Finding], error) {
		return s.rooms.Inspection.Findings(ctx, f, q)
	}, "openedOn",
		func(x inspection.Finding) { all = append(all, x) })
	return all, err
}

// firms are the names of the firms as they were known.
func (s *Service) firms(ctx context.Context, p progress.Report, owed []obligation.Obligation, late []inspection.Finding) (map[models.ID]string, error) {
	ids := map[models.ID]bool{}
	for _, o := range owed {
		if o.Place.EnterpriseID != nil {
			ids[*o.Place.EnterpriseID] = true
		}
	}
	for _, f := range late {
		if f.EnterpriseID != nil {
			ids[*f.EnterpriseID] = true
		}
	}
	told, err := s.rooms.Registry.Firms(ctx, slices.Sorted(maps.Keys(ids)), &p.KnownSeq)
	names := map[models.ID]string{}
	for _, t := range told { // the oldest first
		names[t.ID] = t.Fields.Name
	}
	return names, err
}

func nameOf(names map[models.ID]string, id *models.ID) string {
	if id == nil {
		return ""
	}
	return names[*id]
}

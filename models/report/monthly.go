package report

import (
	"context"
	"math/big"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/export"
	"parkregistry/models/progress"
)

// standing asks where the parks stand.
func (s *Service) standing(ctx context.Context, q Question) (progress.Report, error) {
	return s.rooms.Progress.Report(ctx, progress.Question{AsOf: q.AsOf, KnownAsOf: q.KnownAsOf, KnownSeq: q.KnownSeq})
}

func (s *Service) monthly(ctx context.Context, q Question) (Report, error) {
	p, err := s.standing(ctx, q)
	if err != nil {
		return Report{}, err
	}
	r := Report{AsOf: p.AsOf, KnownSeq: &p.KnownSeq, Wide: true, Said: []fault.Text{p.Brief()}, About: []export.Said{{What: fault.T("检查表"), Is: plain(p.Version)}, {What: fault.T("园区"), Is: count(len(p.Parks))}}}
	r.Tables = []Table{areas(p), districts(p), parksOf(p), months(p)}
	return r, nil
}

// areas are the six areas over all parks.
func areas(p progress.Report) Table {
	t := Table{Title: fault.T("六个方面"), Columns: []export.Column{text(fault.T("方面")), number(fault.T("得分")), number(fault.T("满分项")), number(fault.T("适用项")), number(fault.T("待考核"))}}
	for _, d := range p.Totals.Dimensions {
		t.Rows = append(t.Rows, []export.Cell{d.Dimension.Name, score(d.Score), count(d.Met), count(d.Required), count(d.Pending)})
	}
	return t
}

// scores are the columns of the whole and of each area.
func scores() []export.Column {
	all := []export.Column{number(fault.T("合计"))}
	for _, d := range assessment.Dimensions() {
		all = append(all, number(d.Name))
	}
	return all
}

func scoresOf(s progress.Standing) []export.Cell {
	all := []export.Cell{score(s.Overall)}
	for _, d := range s.Dimensions {
		all = append(all, score(d.Score))
	}
	return all
}

// counts are the columns of what adds up.
func counts() []export.Column {
	return []export.Column{number(fault.T("有效台账")), number(fault.T("近 30 天台账")), number(fault.T("迟报")), number(fault.T("退回待重报")), number(fault.T("发现问题")), number(fault.T("已销号")),
		number(fault.T("未销号")), number(fault.T("整改逾期")), number(fault.T("移交执法")), number(fault.T("巡查")), number(fault.T("现场检查"))}
}

func countsOf(c progress.Counts) []export.Cell {
	var all []export.Cell
	for _, n := range []int64{c.LedgersFiled, c.LedgersFiledRecent, c.LedgersLate, c.LedgersReturned, c.FindingsOpened, c.FindingsClosed, c.FindingsOpen, c.FindingsOverdue, c.FindingsReferred, c.Patrols, c.Inspections} {
		all = append(all, plain(strconv.FormatInt(n, 10)))
	}
	return all
}

func districts(p progress.Report) Table {
	t := Table{Title: fault.T("各区"), Columns: append([]export.Column{text(fault.T("区")), number(fault.T("园区数"))}, append(scores(), counts()...)...)}
	for _, d := range p.Districts() {
		t.Rows = append(t.Rows, append([]export.Cell{area(d.Jurisdiction), count(d.Parks)}, append(scoresOf(d.Standing), countsOf(d.Counts)...)...))
	}
	t.Rows = append(t.Rows, append([]export.Cell{fault.T("合计"), count(len(p.Parks))}, append(scoresOf(p.Totals), countsOf(p.Totals.Counts)...)...))
	return t
}

// area is a district by its name; places without a public one say so.
func area(jurisdiction string) export.Cell {
	if jurisdiction == "" {
		return fault.T("属地未公开")
	}
	return code.AreaName(jurisdiction)
}

func parksOf(p progress.Report) Table {
	t := Table{Title: fault.T("各园区"), Columns: append([]export.Column{text(fault.T("编码")), text(fault.T("园区名称")), text(fault.T("区"))}, append(scores(), counts()...)...)}
	for _, x := range p.Parks {
		name := models.Deref(x.Park.Name)
		t.Rows = append(t.Rows, append([]export.Cell{plain(x.Park.Code), plain(name), area(models.Deref(x.Park.Jurisdiction))}, append(scoresOf(x.Standing), countsOf(x.Counts)...)...))
	}
	return t
}

// months is how the counts came about.
func months(p progress.Report) Table {
	t := Table{Title: fault.T("逐月"), Columns: append([]export.Column{text(fault.T("月份"))}, counts()...)}
	for _, m := range p.Trend {
		t.Rows = append(t.Rows, append([]export.Cell{plain(m.Month)}, countsOf(m.Counts)...))
	}
	return t
}

// score has one decimal, as on the pages; nothing while nothing is computed.
func score(r *big.Rat) export.Cell {
	if r == nil {
		return export.Cell{}
	}
	return plain(r.FloatString(1))
}

func count(n int) export.Cell { return plain(strconv.Itoa(n)) }

package progress

import (
	"cmp"
	"context"
	"encoding/json"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
)

// Figure is a number of the reply letter of 2021-08-03, and what the register counts of
// the same on the day of the report.
type Figure struct {
	registry.ReferenceItem
	Value  json.Number
	Unit   fault.Text
	Period fault.Text // that the number is about; "" where the letter does not say
	Owner  string     // whose number it is
	Today  *int       // nil where the register has nothing of the kind
	Of     fault.Text // what Today counts: the register has the pilot parks, the letter often the whole city
}

// baselineList is the reference list with the letter's figures.
const baselineList = "baseline_figures"

// Baseline are the letter's figures beside a report.
func (s *Service) Baseline(ctx context.Context, q Question) (r Report, figures []Figure, err error) {
	err = s.db.Snapshot(ctx, func(ctx context.Context) error {
		if r, err = s.Report(ctx, q); err != nil {
			return err
		}
		c, err := s.cityAt(ctx, r.KnownSeq)
		if err != nil {
			return err
		}
		items, err := s.registry.References(ctx, baselineList)
		figures = make([]Figure, len(items))
		for i, item := range items {
			if figures[i], err = figureOf(item); err != nil {
				return err
			}
			if is, there := todays[item.Code]; there {
				figures[i].Today, figures[i].Of = is.count(r, c), is.of
			}
		}
		return err
	})
	return r, figures, err
}

// Document is where the figures stand.
var Document = fault.T("市生态环境局关于对 20210087 号提案的答复函（2021-08-03）")

func figureOf(item registry.ReferenceItem) (Figure, error) {
	var data struct {
		Value                                   json.Number
		Unit, UnitZh, Period, PeriodZh, OwnerZh string
	}
	err := json.Unmarshal([]byte(item.Data), &data)
	return Figure{ReferenceItem: item, Value: data.Value, Unit: fault.Named(data.UnitZh, data.Unit), Period: fault.Named(data.PeriodZh, data.Period), Owner: data.OwnerZh}, err
}

// Name is what the figure counts.
func (f Figure) Name() fault.Text { return fault.Named(cmp.Or(f.NameZh, f.NameEn), f.NameEn) }

// todays are the figures that the register counts too.
var todays = map[string]struct {
	of    fault.Text
	count func(Report, *city) *int
}{
	"pilot_parks":     {fault.T("报告中的园区"), func(r Report, _ *city) *int { return new(len(r.Parks)) }},
	"dimensions":      {fault.T("检查表的方面"), func(r Report, _ *city) *int { return new(len(r.Totals.Dimensions)) }},
	"permits":         {fault.T("报告中的园区内排污许可证或者登记有效的排污单位场所"), permitsToday},
	"jewellery_firms": {fault.T("园区 {{.Code}} 的入驻企业", "Code", "SZ-02"), func(r Report, c *city) *int { return residents(r, c, "SZ-02") }},
	"biopharma_firms": {fault.T("园区 {{.Code}} 的入驻企业", "Code", "SZ-03"), func(r Report, c *city) *int { return residents(r, c, "SZ-03") }},
}

func permitsToday(r Report, c *city) *int {
	n, permitted := 0, c.on(r.AsOf).permitted
	for _, p := range r.Parks {
		n += int(permitted[p.Park.ID].N)
	}
	return &n
}

// residents are the firms of a park on the day; nil when the report does not have it.
func residents(r Report, c *city, park string) *int {
	at := whenOf(r.AsOf)
	for _, p := range r.Parks {
		if p.Park.Code != park {
			continue
		}
		firms := map[models.ID]bool{}
		for _, site := range c.sites {
			if firm := site[0].Place.EnterpriseID; firm != nil && site.park() == p.Park.ID && site.there(at) {
				firms[*firm] = true
			}
		}
		return new(len(firms))
	}
	return nil
}

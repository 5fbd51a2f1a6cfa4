package report

import (
	"math/big"
	"strconv"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/export"
	"parkregistry/models/ledger"
)

// reading reports whether an item is a measured value, and of which pollutant: by code
// in the newer versions of a class, by name in the older ones.
func reading(e ledger.Stood, i ledger.Item) (fault.Text, bool) {
	at, is := strings.CutSuffix(i.Path, "/value")
	if !is {
		return fault.Text{}, false
	}
	if p, known := code.PollutantOf(i.Item); known {
		return called(p), true
	}
	name := e.Text(at + "/pollutant")
	return plain(name), name != ""
}

// called is a pollutant by its name.
func called(p code.Pollutant) fault.Text { return fault.Named(p.Label().Zh, p.Label().En) }

// unit is the unit of a measured value as it is written; "" for a number without one.
func unit(e ledger.Stood, i ledger.Item) string {
	u := i.Unit
	if u == "" {
		u = e.Text(strings.TrimSuffix(i.Path, "/value") + "/unit")
	}
	if discharge.SameUnit(u, "") {
		return ""
	}
	return code.WrittenUnit(u)
}

// measurements are the values of one pollutant at one place.
type measurements struct {
	found     sum // the values that are numbers
	least     value
	most      value
	low, high int64
	all       []Source
	below     []Source
	over      []Source
	limit     value
}

func (m *measurements) add(e ledger.Stood, i ledger.Item) {
	m.all = append(m.all, of(e, i))
	if i.Qualifier != "" || i.Scaled == nil {
		m.below = append(m.below, of(e, i))
		return
	}
	first := len(m.found.from) == 0
	m.found.add(e, i)
	if v := (value{plain(code.Decimal(*i.Scaled)), []Source{of(e, i)}}); first {
		m.least, m.most, m.low, m.high = v, v, *i.Scaled, *i.Scaled
	} else if *i.Scaled < m.low {
		m.least, m.low = v, *i.Scaled
	} else if *i.Scaled > m.high {
		m.most, m.high = v, *i.Scaled
	}
}

// mean is of the values that are numbers, to three decimals.
func (m *measurements) mean() value {
	if len(m.found.from) == 0 {
		return value{}
	}
	mean := new(big.Rat).Quo(&m.found.total, big.NewRat(int64(len(m.found.from)), 1))
	return value{plain(mean.FloatString(3)), m.found.from}
}

// counted is how many there are, of all.
func (m *measurements) counted(some []Source) value {
	if len(some) == 0 {
		some = m.all // none of these
		return value{plain("0"), some}
	}
	return value{plain(strconv.Itoa(len(some))), some}
}

// exceeding is how many are over the limit, and which part of all that is; without a
// source where none was held against a limit.
func (m *measurements) exceeding() (n, share value) {
	if len(m.limit.from) == 0 {
		return value{}, value{}
	}
	r := big.NewRat(int64(100*len(m.over)), int64(len(m.all)))
	return m.counted(m.over), value{plain(r.FloatString(1)), m.all}
}

// readings is what was measured at the outlets, in numbers.
func (d *declared) readings() Table {
	t := Table{Title: fault.T("排放口监测数据统计"), Columns: []export.Column{text(fault.T("企业名称")), text(fault.T("排放口或者设施")), text(fault.T("污染物")), text(fault.T("单位")), text(fault.T("限值")), number(fault.T("数据数")), number(fault.T("其中未检出")),
		number(fault.T("最小值")), number(fault.T("最大值")), number(fault.T("平均值")), number(fault.T("超标数")), number(fault.T("超标率（%）"))}}
	type key struct{ firm, place, zh, en, unit string }
	all := grouped[measurements](func(k key) []string { return []string{k.firm, k.place, k.zh, k.unit} })
	for _, e := range d.entries {
		if strings.HasSuffix(e.Class, abnormalClass) {
			continue
		}
		judged := map[string]ledger.Judged{}
		for _, j := range e.Judged {
			judged[j.Path] = j
		}
		for _, i := range e.Content.Items {
			name, is := reading(e, i)
			if !is {
				continue
			}
			j := judged[i.Path]
			m := all.of(key{d.firm(e.EnterpriseID), d.where(e, j.OutletID), name.Key, name.English, unit(e, i)})
			m.add(e, i)
			if j.Maximum != "" {
				m.limit = value{discharge.Limit(j.Minimum, j.Maximum, code.WrittenUnit(j.LimitUnit)), []Source{of(e, i)}}
			}
			if j.Verdict == discharge.Exceeded {
				m.over = append(m.over, of(e, i))
			}
		}
	}
	all.each(func(k key, m *measurements) {
		over, share := m.exceeding()
		t.add(named(who(k.firm), plain(k.place), fault.Named(k.zh, k.en), plain(k.unit)).
			put(m.limit, m.counted(m.all), m.counted(m.below), m.least, m.most, m.mean(), over, share))
	})
	return t
}

// where is the outlet of a reading, the facility while that is open.
func (d *declared) where(e ledger.Stood, judged *models.ID) string {
	for _, id := range []*models.ID{judged, e.OutletID, e.FacilityID} {
		if name := d.object(id); name != "" {
			return name
		}
	}
	return ""
}

// mass is how much of a pollutant left a firm, in tonnes.
type mass struct {
	total   big.Rat
	from    []Source
	records int
}

// add adds what one record says: a product of its factors.
func (m *mass) add(tonnes *big.Rat, from ...Source) {
	m.total.Add(&m.total, tonnes)
	m.from = append(m.from, from...)
	m.records++
}

// discharged is what left the firms: of water the volume of each record by its measured
// concentration, of gas the rate of each record by its running time.
func (d *declared) discharged() Table {
	t := Table{Title: fault.T("污染物实际排放量"), Columns: []export.Column{text(fault.T("企业名称")), text(fault.T("污染物")), text(fault.T("核算")), number(fault.T("参与核算的台账数")), number(fault.T("实际排放量（t）")), text(fault.T("许可排放量（t/a）"))}}
	type key struct {
		firm models.ID
		code string
	}
	all := grouped[mass](func(k key) []string { return []string{d.firms[k.firm].Name, k.code} })
	for _, e := range d.entries {
		firm := models.Deref(e.EnterpriseID)
		switch e.Class {
		case waterClass:
			volume, there := e.Number("/discharged")
			if !there || volume.Scaled == nil {
				continue
			}
			for pollutant, mean := range concentrations(e) {
				grams := mean.mean(exact(*volume.Scaled)) // m³ × mg/L is g
				all.of(key{firm, pollutant}).add(grams.Quo(grams, big.NewRat(1_000_000, 1)), append(mean.from, of(e, volume))...)
			}
		case gasClass:
			hours, there := e.Number("/runningHours")
			for _, i := range e.Content.Items {
				p, known := code.PollutantOf(i.Item)
				rate, rated := e.Number(strings.TrimSuffix(i.Path, "/value") + "/rate")
				if there && known && rated && hours.Scaled != nil && rate.Scaled != nil {
					kilograms := new(big.Rat).Mul(exact(*rate.Scaled), exact(*hours.Scaled))
					all.of(key{firm, string(p)}).add(kilograms.Quo(kilograms, big.NewRat(1000, 1)), of(e, rate), of(e, hours))
				}
			}
		}
	}
	all.each(func(k key, m *mass) {
		p, how := code.Pollutant(k.code), fault.T("逐条台账的废水排放量乘以出水浓度，相加")
		if p.Air() {
			how = fault.T("逐条台账的排放速率乘以运行时间，相加")
		}
		t.add(named(who(d.firms[k.firm].Name), called(p), how).put(value{plain(strconv.Itoa(m.records)), m.from}, value{plain(decimal(&m.total)), m.from}, d.permitted(k.firm, k.code)))
	})
	return t
}

// concentrations are the values in mg/L of an entry, by pollutant: those that were found,
// whose mean counts; what was not detected adds nothing.
func concentrations(e ledger.Stood) map[string]*concentration {
	all := map[string]*concentration{}
	for _, i := range e.Content.Items {
		p, known := code.PollutantOf(i.Item)
		if !known || p.Air() || !strings.HasSuffix(i.Path, "/value") || discharge.CheckUnit(p.Label(), "mg/L", i.Unit) != nil {
			continue
		}
		if all[string(p)] == nil {
			all[string(p)] = new(concentration)
		}
		all[string(p)].add(e, i)
	}
	return all
}

// concentration is a mean in mg/L.
type concentration struct {
	total big.Rat
	n     int64
	from  []Source
}

func (c *concentration) add(e ledger.Stood, i ledger.Item) {
	c.from, c.n = append(c.from, of(e, i)), c.n+1
	if i.Qualifier == "" && i.Scaled != nil {
		c.total.Add(&c.total, exact(discharge.Rescaled(*i.Scaled, i.Unit, "mg/L")))
	}
}

// mean is the mean by a volume.
func (c *concentration) mean(volume *big.Rat) *big.Rat {
	r := new(big.Rat).Mul(&c.total, volume)
	return r.Quo(r, big.NewRat(c.n, 1))
}

// permitted is what the permits of the firm allow of a pollutant in the year.
func (d *declared) permitted(firm models.ID, pollutant string) value {
	var s sum
	year := string(d.to[:len("2026")])
	for _, p := range d.permits {
		if models.Deref(p.Place.EnterpriseID) != firm {
			continue
		}
		for i, a := range p.Fields.Amounts {
			if a.Pollutant != pollutant || a.Year != 0 && strconv.Itoa(a.Year) != year {
				continue
			}
			if q, err := code.ParseQuantity(a.TonnesA); err == nil {
				s.total.Add(&s.total, exact(q.Scaled))
				s.from = append(s.from, Source{Record: p.Fields.Number, Path: "/amounts/" + strconv.Itoa(i) + "/tonnesPerYear", Raw: a.TonnesA, Unit: "t/a"})
			}
		}
	}
	return s.value()
}

// exceeded are the values over a limit, as they were judged when they were filed.
func (d *declared) exceeded() Table {
	t := Table{Title: fault.T("超标排放情况"), Columns: []export.Column{text(fault.T("企业名称")), text(fault.T("日期")), text(fault.T("排放口或者设施")), text(fault.T("污染物")), text(fault.T("监测值")), text(fault.T("限值")), text(fault.T("原因")), text(fault.T("应对措施")),
		text(fault.T("是否报告"))}}
	for _, e := range d.entries {
		for _, j := range e.Judged {
			i, there := e.Number(j.Path)
			if j.Verdict != discharge.Exceeded || !there {
				continue
			}
			from := []Source{of(e, i)}
			p, _ := code.PollutantOf(j.Pollutant)
			t.add(named(who(d.firm(e.EnterpriseID)), plain(string(e.Day)), plain(d.where(e, j.OutletID)), called(p)).
				put(value{plain(strings.TrimRight(i.Raw+" "+unit(e, i), " ")), from}, value{discharge.Limit(j.Minimum, j.Maximum, code.WrittenUnit(j.LimitUnit)), from}, words(e, "/cause"), words(e, "/measure"), answer(e, "/reported")))
		}
	}
	return t
}

package report

import (
	"context"
	"strconv"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models/export"
	"parkregistry/models/ledger"
)

// The classes that an execution report is filled from, besides those of solid waste.
const (
	waterClass    = "treatmentFacility.wastewater"
	gasClass      = "treatmentFacility.gas"
	abnormalClass = ".abnormal"
)

func executionClasses() []string {
	return append([]string{"productionFacility.output", "productionFacility.materials", "productionFacility.fuel", "productionFacility.energy", "productionFacility.abnormal",
		waterClass, waterClass + abnormalClass, gasClass, gasClass + abnormalClass, "treatmentFacility.solid.abnormal", "monitoring.manual", "monitoring.manualGas"}, wasteClasses()...)
}

// execution fills the tables of the execution report of a discharge permit (HJ 944-2018,
// solid waste after HJ 1200-2021) from the ledger.
func (s *Service) execution(ctx context.Context, q Question) (Report, error) {
	d, err := s.declare(ctx, q, executionClasses())
	if err != nil {
		return Report{}, err
	}
	for _, p := range d.permits {
		if q.EnterpriseID == "" {
			break // of a park they are many, and each is named where it is counted
		}
		d.about = append(d.about, export.Said{What: fault.T("排污许可证编号"), Is: plain(p.Fields.Number)})
	}
	return d.report(d.production(), d.waterWorks(), d.gasWorks(), d.readings(), d.discharged(), d.exceeded(), d.abnormal(), d.hazardous(), d.flows(), d.byHand()), nil
}

// production is what was made and used.
func (d *declared) production() Table {
	t := Table{Title: fault.T("产品、原辅料、燃料和能源"), Columns: []export.Column{text(fault.T("企业名称")), text(fault.T("内容")), text(fault.T("名称")), number(fault.T("数量")), text(fault.T("单位"))}}
	type key struct{ firm, what, name, unit string }
	all := grouped[sum](func(k key) []string { return []string{k.firm, k.what, k.name, k.unit} })
	titles := map[string]fault.Text{"1": fault.T("产品产量"), "2": fault.T("原辅料用量"), "3": fault.T("燃料用量"), "4": fault.T("用电量"), "5": fault.T("新鲜水量"), "6": fault.T("回用水量")}
	lists := map[string][3]string{"productionFacility.output": {"1", "/outputs/", "product"}, "productionFacility.materials": {"2", "/materials/", "material"}, "productionFacility.fuel": {"3", "/fuels/", "fuel"}}
	for _, e := range d.entries {
		firm := d.firm(e.EnterpriseID)
		for _, i := range e.Content.Items {
			at, field := i.Path[:strings.LastIndex(i.Path, "/")+1], i.Path[strings.LastIndex(i.Path, "/")+1:]
			if l, listed := lists[e.Class]; listed && field == "quantity" && strings.HasPrefix(at, l[1]) {
				unit := i.Unit
				if unit == "" {
					unit = e.Text(at + "unit")
				}
				all.of(key{firm, l[0], e.Text(at + l[2]), unit}).add(e, i)
			}
			if what := map[string]string{"electricity": "4", "freshWater": "5", "reusedWater": "6"}[field]; what != "" && e.Class == "productionFacility.energy" {
				all.of(key{firm, what, "", i.Unit}).add(e, i)
			}
		}
	}
	all.each(func(k key, s *sum) {
		t.add(named(who(k.firm), titles[k.what], plain(k.name)).put(s.value()).label(plain(code.WrittenUnit(k.unit))))
	})
	return t
}

// works is one treatment facility over the period: sums by the pointer of a field, or by
// the list whose quantities are added.
type works map[string]*sum

func (w works) sum(name string) *sum {
	if w[name] == nil {
		w[name] = new(sum)
	}
	return w[name]
}

// facilities tells of each treatment facility what the columns add up; the last column
// is cost, which no ledger records.
func (d *declared) facilities(class string, title fault.Text, columns []export.Column, fields []string) Table {
	t := Table{Title: title, Columns: append(append([]export.Column{text(fault.T("企业名称")), text(fault.T("设施"))}, columns...), number(fault.T("运行费用（万元）")))}
	type key struct{ firm, facility string }
	all := grouped[works](func(k key) []string { return []string{k.firm, k.facility} })
	for _, e := range d.entries {
		if e.Class != class {
			continue
		}
		w := all.of(key{d.firm(e.EnterpriseID), d.object(e.FacilityID)})
		if *w == nil {
			*w = works{}
		}
		for _, i := range e.Content.Items {
			for _, f := range fields {
				if i.Path == "/"+f || strings.HasPrefix(i.Path, "/"+f+"/") && strings.HasSuffix(i.Path, "/quantity") {
					w.sum(f).add(e, i)
				}
			}
		}
	}
	all.each(func(k key, w *works) {
		l := named(who(k.firm), plain(k.facility))
		for _, f := range fields {
			l.put(w.sum(f).value())
		}
		t.add(l.put(value{}))
	})
	return t
}

func (d *declared) waterWorks() Table {
	return d.facilities(waterClass, fault.T("废水治理设施运行情况"), []export.Column{number(fault.T("运行时间（h）")), number(fault.T("进水量（m³）")), number(fault.T("处理量（m³）")), number(fault.T("回用量（m³）")), number(fault.T("排放量（m³）")),
		number(fault.T("污泥产生量（t）")), number(fault.T("药剂用量（kg）")), number(fault.T("用电量（kWh）"))}, []string{"runningHours", "inflow", "treated", "reused", "discharged", "sludgeQuantity", "reagents", "electricity"})
}

func (d *declared) gasWorks() Table {
	return d.facilities(gasClass, fault.T("废气治理设施运行情况"), []export.Column{number(fault.T("运行时间（h）")), number(fault.T("排气量（m³）")), number(fault.T("药剂用量（kg）")), number(fault.T("吸附剂、滤料更换量（kg）")), number(fault.T("用电量（kWh）"))},
		[]string{"runningHours", "gasVolume", "reagents", "consumables", "electricity"})
}

// abnormal is when facilities did not work as they should.
func (d *declared) abnormal() Table {
	t := Table{Title: fault.T("设施非正常和异常情况"), Columns: []export.Column{text(fault.T("企业名称")), text(fault.T("设施")), text(fault.T("类别")), text(fault.T("开始时间")), text(fault.T("结束时间")), text(fault.T("排放浓度")), text(fault.T("原因")),
		text(fault.T("应对措施")), text(fault.T("是否报告"))}}
	for _, e := range d.entries {
		if !strings.HasSuffix(e.Class, abnormalClass) {
			continue
		}
		class, _ := d.rooms.Ledger.Catalogue().At(e.Class, e.ClassVersion)
		t.add(named(who(d.firm(e.EnterpriseID)), plain(d.object(e.FacilityID)), ledger.ShortTitle(class.TitleZh, class.TitleEn)).
			put(instant(e, "/startAt"), instant(e, "/endAt"), measured(e), words(e, "/cause"), words(e, "/measure"), answer(e, "/reported")))
	}
	return t
}

func instant(e ledger.Stood, pointer string) value {
	at, there := e.Content.Times[pointer]
	if !there {
		return value{}
	}
	return quoted(e, pointer, plain(code.ClockTime(at)))
}

func answer(e ledger.Stood, pointer string) value {
	yes, said := e.Flag(pointer)
	switch {
	case !said:
		return value{}
	case yes:
		return quoted(e, pointer, fault.T("是"))
	}
	return quoted(e, pointer, fault.T("否"))
}

// measured are the concentrations of an entry in one cell.
func measured(e ledger.Stood) value {
	var v value
	var zh, en []string
	for _, i := range e.Content.Items {
		name, is := reading(e, i)
		if !is {
			continue
		}
		said := strings.TrimRight(" "+i.Raw+" "+unit(e, i), " ")
		zh, en = append(zh, name.Key+said), append(en, name.English+said)
		v.from = append(v.from, of(e, i))
	}
	v.cell = fault.Named(strings.Join(zh, "；"), strings.Join(en, "; "))
	return v
}

// byHand is what the report asks for and no ledger records.
func (d *declared) byHand() Table {
	t := Table{Title: fault.T("由填报人补填的内容"), Columns: []export.Column{number(fault.T("序号")), text(fault.T("内容")), text(fault.T("填报"))}}
	for i, what := range []fault.Text{fault.T("自行监测方案的变化和执行情况"), fault.T("信息公开的方式、时间和内容"), fault.T("内部环境管理体系的建设和运行"), fault.T("特殊时段的要求和执行情况"), fault.T("许可证规定的其他内容")} {
		t.add(named(plain(strconv.Itoa(i+1)), what).put(value{}))
	}
	return t
}

package report

import (
	"context"
	"slices"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models/export"
	"parkregistry/models/ledger"
)

// Classes of solid waste. The monthly flow names its month; it may be filed about a day
// after it.
const (
	flowClass    = "generalWaste.monthly"
	flowLateDays = 62
)

func hazardousClasses() []string {
	return []string{"hazardousWaste.generated", "hazardousWaste.stored", "hazardousWaste.released", "hazardousWaste.selfTreated", "hazardousWaste.sentOut"}
}

// storeClasses are what moves the stock of hazardous waste.
func storeClasses() []string { return []string{"hazardousWaste.stored", "hazardousWaste.released"} }

func wasteClasses() []string {
	return append(hazardousClasses(), "generalWaste.dispatched", "generalWaste.generated", "generalWaste.stored", "generalWaste.selfUsed", "generalWaste.selfDisposed")
}

// solidWaste fills the declaration of hazardous waste (HJ 1259-2022) and of general
// industrial solid waste from the ledger.
func (s *Service) solidWaste(ctx context.Context, q Question) (Report, error) {
	d, err := s.declare(ctx, q, wasteClasses())
	if err != nil {
		return Report{}, err
	}
	d.about = append(d.about, export.Said{What: fault.T("按"), Is: q.Period.Name()})
	return d.report(d.hazardous(), d.sentOut(), d.selfTreated(), d.flows(), d.steps(), d.dispatched()), nil
}

// balance is one hazardous waste over the period.
type balance struct{ before, made, in, out, used, disposed, sentToUse, sentToDispose sum }

// after is what lies in the store at the end.
func (b *balance) after() value {
	var s sum
	s.total.Sub(&b.before.total, &b.out.total)
	s.total.Add(&s.total, &b.in.total)
	s.from = slices.Concat(b.before.from, b.in.from)
	for _, x := range b.out.from {
		x.Raw = "-" + x.Raw
		s.from = append(s.from, x)
	}
	return s.value()
}

// hazardous is what arose of each hazardous waste, and what became of it.
func (d *declared) hazardous() Table {
	t := Table{Title: fault.T("危险废物产生、贮存、利用、处置情况（t）"), Columns: []export.Column{text(fault.T("企业名称")), text(fault.T("危险废物代码")), text(fault.T("行业俗称/单位内部名称")), number(fault.T("期初贮存量")), number(fault.T("产生量")), number(fault.T("入库量")),
		number(fault.T("出库量")), number(fault.T("自行利用量")), number(fault.T("自行处置量")), number(fault.T("委外利用量")), number(fault.T("委外处置量")), number(fault.T("期末贮存量"))}}
	type key struct{ firm, waste, name string }
	all := grouped[balance](func(k key) []string { return []string{k.firm, k.waste, k.name} })
	of := func(e ledger.Stood) *balance {
		return all.of(key{d.firm(e.EnterpriseID), e.Text("/wasteCode"), e.Text("/tradeName")})
	}
	for _, e := range d.before {
		i, _ := e.Number("/quantity")
		b := of(e)
		if e.Class == "hazardousWaste.released" {
			i = minus(i)
		}
		b.before.add(e, i)
	}
	for _, e := range d.entries {
		if !slices.Contains(hazardousClasses(), e.Class) {
			continue
		}
		b, use := of(e), strings.HasPrefix(e.Text("/methodCode"), "R")
		into := map[string]*sum{"hazardousWaste.generated": &b.made, "hazardousWaste.stored": &b.in, "hazardousWaste.released": &b.out, "hazardousWaste.selfTreated": &b.disposed, "hazardousWaste.sentOut": &b.sentToDispose}[e.Class]
		switch {
		case use && into == &b.disposed:
			into = &b.used
		case use && into == &b.sentToDispose:
			into = &b.sentToUse
		}
		into.at(e, "/quantity")
	}
	all.each(func(k key, b *balance) {
		t.add(named(who(k.firm), plain(k.waste), plain(k.name)).put(b.before.value(), b.made.value(), b.in.value(), b.out.value(), b.used.value(), b.disposed.value(), b.sentToUse.value(), b.sentToDispose.value(), b.after()))
	})
	return t
}

// minus is an item that takes away; its source says so by the sign.
func minus(i ledger.Item) ledger.Item {
	if i.Scaled != nil {
		n := -*i.Scaled
		i.Scaled, i.Raw = &n, "-"+i.Raw
	}
	return i
}

// each tells of every entry of a class by what it says at the pointers.
func (d *declared) each(t Table, class string, cells func(e ledger.Stood) []value) Table {
	for _, e := range d.entries {
		if e.Class == class {
			t.add(named(who(d.firm(e.EnterpriseID)), plain(e.Entry.Number)).put(cells(e)...))
		}
	}
	return t
}

// amount is a number of the entry as it was filed.
func amount(e ledger.Stood, pointer string) value {
	var s sum
	s.at(e, pointer)
	return s.value()
}

func (d *declared) sentOut() Table {
	t := Table{Title: fault.T("危险废物委外利用、处置明细"), Columns: []export.Column{text(fault.T("企业名称")), text(fault.T("台账编号")), text(fault.T("批次编码")), text(fault.T("出厂时间")), text(fault.T("危险废物代码")), text(fault.T("行业俗称/单位内部名称")), number(fault.T("数量（t）")),
		text(fault.T("利用/处置方式")), text(fault.T("接收单位类型")), text(fault.T("利用/处置单位名称")), text(fault.T("许可证编码")), text(fault.T("转移联单编号"))}}
	return d.each(t, "hazardousWaste.sentOut", func(e ledger.Stood) []value {
		return []value{words(e, "/batchCode"), instant(e, "/leftAt"), words(e, "/wasteCode"), words(e, "/tradeName"), amount(e, "/quantity"), words(e, "/methodCode"), d.option(e, "/receiverKind"), words(e, "/receiverName"), words(e, "/licenceNumber"),
			words(e, "/manifestNumber")}
	})
}

func (d *declared) selfTreated() Table {
	t := Table{Title: fault.T("危险废物自行利用、处置明细"), Columns: []export.Column{text(fault.T("企业名称")), text(fault.T("台账编号")), text(fault.T("批次编码")), text(fault.T("时间")), text(fault.T("危险废物代码")), text(fault.T("行业俗称/单位内部名称")), number(fault.T("数量（t）")),
		text(fault.T("利用/处置方式")), text(fault.T("完毕时间"))}}
	return d.each(t, "hazardousWaste.selfTreated", func(e ledger.Stood) []value {
		return []value{words(e, "/batchCode"), instant(e, "/treatedAt"), words(e, "/wasteCode"), words(e, "/tradeName"), amount(e, "/quantity"), words(e, "/methodCode"), instant(e, "/finishedAt")}
	})
}

func (d *declared) dispatched() Table {
	t := Table{Title: fault.T("一般工业固体废物出厂明细"), Columns: []export.Column{text(fault.T("企业名称")), text(fault.T("台账编号")), text(fault.T("代码")), text(fault.T("名称")), text(fault.T("出厂时间")), number(fault.T("数量（t）")), text(fault.T("运输单位")), text(fault.T("接收单位")),
		text(fault.T("流向类型"))}}
	return d.each(t, "generalWaste.dispatched", func(e ledger.Stood) []value {
		return []value{words(e, "/wasteCode"), words(e, "/wasteName"), instant(e, "/leftAt"), amount(e, "/quantity"), words(e, "/carrier"), words(e, "/receiver"), d.option(e, "/flowType")}
	})
}

// flow is one general waste over the period, by the monthly summaries.
type flow struct {
	made, stored, used, entrustedUsed, disposed, entrustedDisposed sum
	left                                                           value // at the end of the last month
	month                                                          string
}

// flows is what arose of each general industrial waste, and what became of it, after the
// monthly summaries of the period.
func (d *declared) flows() Table {
	t := Table{Title: fault.T("一般工业固体废物流向汇总（t）"), Columns: []export.Column{text(fault.T("企业名称")), text(fault.T("代码")), text(fault.T("名称")), text(fault.T("类别")), number(fault.T("产生量")), number(fault.T("贮存量")), number(fault.T("期末累计贮存量")),
		number(fault.T("自行利用量")), number(fault.T("委托利用量")), number(fault.T("自行处置量")), number(fault.T("委托处置量"))}}
	type key struct{ firm, waste, name, class string }
	all := grouped[flow](func(k key) []string { return []string{k.firm, k.waste, k.name, k.class} })
	for _, e := range d.months {
		month := e.Text("/month")
		if month < d.from.Month() || month > d.to.Month() {
			continue
		}
		for _, i := range e.Content.Items {
			at, is := strings.CutSuffix(i.Path, "/generated")
			if !is {
				continue
			}
			w := all.of(key{d.firm(e.EnterpriseID), e.Text(at + "/wasteCode"), e.Text(at + "/wasteName"), e.Text(at + "/wasteClass")})
			for name, s := range map[string]*sum{"/generated": &w.made, "/stored": &w.stored, "/selfUsed": &w.used, "/entrustedUsed": &w.entrustedUsed, "/selfDisposed": &w.disposed, "/entrustedDisposed": &w.entrustedDisposed} {
				s.at(e, at+name)
			}
			if month >= w.month {
				w.month, w.left = month, amount(e, at+"/storedTotal")
			}
		}
	}
	all.each(func(k key, w *flow) {
		t.add(named(who(k.firm), plain(k.waste), plain(k.name), plain(k.class)).put(w.made.value(), w.stored.value(), w.left, w.used.value(), w.entrustedUsed.value(), w.disposed.value(), w.entrustedDisposed.value()))
	})
	return t
}

// steps are what the records of each step add up to, to hold the summaries against.
func (d *declared) steps() Table {
	t := Table{Title: fault.T("一般工业固体废物各环节记录合计（t），核对流向汇总用"), Columns: []export.Column{text(fault.T("企业名称")), text(fault.T("代码")), text(fault.T("名称")), number(fault.T("产生量")), number(fault.T("入库量")), number(fault.T("出库量")), number(fault.T("自行利用量")),
		number(fault.T("自行处置量")), number(fault.T("出厂量"))}}
	columns := []string{"generalWaste.generated", "in", "out", "generalWaste.selfUsed", "generalWaste.selfDisposed", "generalWaste.dispatched"}
	type key struct{ firm, waste, name string }
	all := grouped[[6]sum](func(k key) []string { return []string{k.firm, k.waste, k.name} })
	for _, e := range d.entries {
		what := e.Class
		if what == "generalWaste.stored" {
			what = e.Text("/movement")
		}
		if x := slices.Index(columns, what); x >= 0 {
			all.of(key{d.firm(e.EnterpriseID), e.Text("/wasteCode"), e.Text("/wasteName")})[x].at(e, "/quantity")
		}
	}
	all.each(func(k key, sums *[6]sum) {
		l := named(who(k.firm), plain(k.waste), plain(k.name))
		for x := range sums {
			l.put(sums[x].value())
		}
		t.add(l)
	})
	return t
}

package web

import (
	"slices"
	"strconv"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
	"parkregistry/internal/fault"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
)

// permitList is one of the lists of a permit: as a table, as rows that may be taken out,
// and as the form that enters one row. What is entered about the same thing again takes
// the place of what stood.
type permitList struct {
	move   string
	enter  fault.Text
	fields []formField
	table  recordTable
	rows   []option
}

// adds puts a row into the table and among those that may be taken out, in short.
func (l *permitList) adds(v *visit, short string, cells ...recordCell) {
	l.rows = append(l.rows, option{Value: l.move + "/" + strconv.Itoa(len(l.rows)), Name: say(v, l.table.Name) + " " + short})
	l.table.Rows = append(l.table.Rows, cells)
}

func (p *Pages) permitLists(v *visit, x registry.Permit) []permitList {
	pollutant, outlet := need(text("pollutant", fault.T("污染物，名称或者代码"))), need(text("outlet", fault.T("排放口编码，例 DW001、DA001、YS001")))
	pollutant.List = "pollutants"
	amounts := permitList{move: "amount", enter: fault.T("登记或者更正许可排放量"), fields: []formField{pollutant, need(text("tonnesPerYear", fault.T("许可排放量，t/a"))), text("year", fault.T("年度，不分年度不填"))},
		table: recordTable{Name: fault.T("许可排放量"), Heads: []recordHead{{fault.T("污染物"), "one"}, {fault.T("许可排放量，t/a"), "end num"}, {fault.T("年度"), "rest"}}}}
	for _, a := range x.Amounts.V {
		year := ""
		if a.Year > 0 {
			year = strconv.Itoa(a.Year)
		}
		name := pollutantName(v, a.Pollutant)
		amounts.adds(v, strings.TrimSpace(name+" "+year), recordCell{Text: name}, recordCell{Text: a.TonnesA}, recordCell{Text: year})
	}
	limits := permitList{move: "limit", enter: fault.T("登记或者更正许可限值"), fields: []formField{outlet, pollutant, need(text("maximum", fault.T("上限，不得检出填 ND"))), text("minimum", fault.T("下限，仅 pH 等")),
		text("unit", fault.T("单位，不填为这种污染物的常用单位")), pick("kind", fault.T("时段"), choices(v, registry.Averagings(), registry.AveragingName))},
		table: recordTable{Name: fault.T("许可限值"), Heads: []recordHead{{fault.T("污染物"), "one"}, {fault.T("排放口"), "rest"}, {fault.T("限值"), "end nowrap"}, {fault.T("时段"), "last"}}}}
	for _, r := range x.Limits.V {
		name, kind := pollutantName(v, r.Pollutant), ""
		if r.Kind != "" {
			kind = say(v, registry.AveragingName(r.Kind))
		}
		limits.adds(v, strings.TrimSpace(r.Outlet+" "+name+" "+kind), recordCell{Text: name}, recordCell{Text: r.Outlet}, recordCell{Text: say(v, discharge.Limit(r.Minimum, r.Maximum, r.Unit))}, recordCell{Text: kind})
	}
	classes := p.filedClasses(v)
	wordings := permitList{move: "wording", enter: fault.T("登记或者更正记录频次要求"), fields: []formField{need(pick("class", fault.T("台账类别"), classes)), text("object", fault.T("设施编码，全厂不填")), need(text("text", fault.T("载明的记录频次原文，例 1 次/日"))),
		text("graceDays", fault.T("载明的报送宽限天数，没有载明不填")), {Name: "dueOnWorkday", Label: fault.T("载明到期日遇节假日顺延"), Kind: "check"}},
		table: recordTable{Name: fault.T("记录频次要求"), Heads: []recordHead{{fault.T("台账类别"), "one"}, {fault.T("设施"), "rest"}, {fault.T("载明的记录频次"), "end"}, {fault.T("报送宽限"), "last"}}}}
	for _, r := range x.LedgerRules.V {
		name, grace := r.Class, ""
		for _, c := range classes {
			if c.Value == r.Class {
				name = c.Name
			}
		}
		if r.GraceDays != nil {
			grace = say(v, fault.T("{{.Count}} 天", "Count", *r.GraceDays))
		}
		if r.DueOnWorkday {
			grace = strings.TrimSpace(grace + " " + say(v, fault.T("遇节假日顺延")))
		}
		wordings.adds(v, strings.TrimSpace(name+" "+r.Object), recordCell{Text: name}, recordCell{Text: r.Object}, recordCell{Text: r.Text}, recordCell{Text: grace})
	}
	monitoring := permitList{move: "monitoring", enter: fault.T("登记或者更正自行监测要求"), fields: []formField{outlet, pollutant, need(text("text", fault.T("载明的监测频次原文，例 1 次/月")))},
		table: recordTable{Name: fault.T("自行监测要求"), Heads: []recordHead{{fault.T("污染物"), "one"}, {fault.T("排放口"), "rest"}, {fault.T("载明的监测频次"), "end"}}}}
	for _, r := range x.Monitoring.V {
		name := pollutantName(v, r.Pollutant)
		monitoring.adds(v, r.Outlet+" "+name, recordCell{Text: name}, recordCell{Text: r.Outlet}, recordCell{Text: r.Text})
	}
	return []permitList{amounts, limits, wordings, monitoring}
}

// filedClasses are the classes of the ledger that a wording may be about.
func (p *Pages) filedClasses(v *visit) (all []option) {
	for _, g := range p.classGroups(v, func(c ledger.Class) string { return c.Code }) {
		all = append(all, g.Classes...)
	}
	return all
}

// put has the row in the place of what is about the same thing, or after all others.
func put[T any](all []T, row T, same func(a, b T) bool) []T {
	all = slices.Clone(all)
	for i := range all {
		if same(all[i], row) {
			all[i] = row
			return all
		}
	}
	return append(all, row)
}

// without is the list without the row of that number, which the page that was sent showed.
func without[T any](all []T, kind, row string) []T {
	named, number, _ := strings.Cut(row, "/")
	if n, err := strconv.Atoi(number); err == nil && named == kind && n >= 0 && n < len(all) {
		return slices.Delete(slices.Clone(all), n, n+1)
	}
	return all
}

// permitSaid is what a form changes of a permit; false for a form that changes none.
func permitSaid(v *visit, move string) (change func(registry.PermitInput) (registry.PermitInput, error), known bool) {
	f := v.field
	medium := waterOnly
	if o, err := code.ParseOutlet(f("outlet")); err == nil && o.Fits(discharge.Air) {
		medium = airOnly
	}
	var c fault.Check
	do := func(in *registry.PermitInput) {}
	switch move {
	case "change":
		do = func(in *registry.PermitInput) {
			in.Number, in.Kind, in.Class, in.State, in.IssuedOn, in.ValidTo, in.Authority = f("number"), f("kind"), f("class"), f("state"), f("issuedOn"), f("validTo"), f("authority")
		}
	case "amount":
		year := whole(&c, v, "year")
		row := registry.PermitAmount{Pollutant: pollutantTyped(v, "pollutant", nil), TonnesA: f("tonnesPerYear")}
		if year != nil {
			row.Year = *year
		}
		do = func(in *registry.PermitInput) {
			in.Amounts = put(in.Amounts, row, func(a, b registry.PermitAmount) bool { return sameCode(a.Pollutant, b.Pollutant) && a.Year == b.Year })
		}
	case "limit":
		row := registry.PermitLimit{Outlet: code.TypedCode(f("outlet")), Pollutant: pollutantTyped(v, "pollutant", medium), Minimum: f("minimum"), Maximum: f("maximum"), Unit: f("unit"), Kind: f("kind")}
		if x, is := code.PollutantOf(row.Pollutant); is && row.Unit == "" {
			row.Unit = x.Unit()
		}
		do = func(in *registry.PermitInput) {
			in.Limits = put(in.Limits, row, func(a, b registry.PermitLimit) bool {
				return sameCode(a.Outlet, b.Outlet) && sameCode(a.Pollutant, b.Pollutant) && a.Kind == b.Kind
			})
		}
	case "wording":
		row := registry.LedgerRule{Class: f("class"), Object: code.TypedCode(f("object")), Text: f("text"), GraceDays: whole(&c, v, "graceDays"), DueOnWorkday: f("dueOnWorkday") == "true"}
		do = func(in *registry.PermitInput) {
			in.LedgerRules = put(in.LedgerRules, row, func(a, b registry.LedgerRule) bool { return a.Class == b.Class && sameCode(a.Object, b.Object) })
		}
	case "monitoring":
		row := registry.MonitoringRule{Outlet: code.TypedCode(f("outlet")), Pollutant: pollutantTyped(v, "pollutant", medium), Text: f("text")}
		do = func(in *registry.PermitInput) {
			in.Monitoring = put(in.Monitoring, row, func(a, b registry.MonitoringRule) bool {
				return sameCode(a.Outlet, b.Outlet) && sameCode(a.Pollutant, b.Pollutant)
			})
		}
	case "remove":
		row := f("row")
		c.Required("/row", row)
		do = func(in *registry.PermitInput) {
			in.Amounts, in.Limits = without(in.Amounts, "amount", row), without(in.Limits, "limit", row)
			in.LedgerRules, in.Monitoring = without(in.LedgerRules, "wording", row), without(in.Monitoring, "monitoring", row)
		}
	default:
		return nil, false
	}
	return func(in registry.PermitInput) (registry.PermitInput, error) {
		do(&in)
		return in, c.Err()
	}, true
}

// sameCode compares codes as they were entered.
func sameCode(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) }

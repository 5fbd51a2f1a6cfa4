package export

import (
	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/models/obligation"
	"parkregistry/policies"
)

// ledgerLists are the lists about the ledger.
func ledgerLists() []List {
	return []List{
		{Name: "ledgers", Title: fault.T("台账查询"), Need: policies.LedgerRead, sort: "-day", read: entries,
			Columns: []Column{text(fault.T("日期")), text(fault.T("编号")), text(fault.T("园区名称")), text(fault.T("企业名称")), text(fault.T("类别")), text(fault.T("有异常提示")), text(fault.T("班次、批次或者事件")),
				text(fault.T("状态")), text(fault.T("迟报或者补报")), text(fault.T("报送时间"))},
			Filters: entryFilters(byClass())},
		{Name: "ledger-rows", Title: fault.T("台账明细"), Need: policies.LedgerRead, sort: "-day", read: entryRows, Must: "class", Columns: besideRows(), columns: classColumns,
			Filters: entryFilters(filedClass())},
		{Name: "obligations", Title: fault.T("应报台账"), Need: policies.LedgerRead, read: duties,
			Columns: []Column{text(fault.T("周期起")), text(fault.T("周期止")), text(fault.T("班次")), text(fault.T("园区名称")), text(fault.T("企业名称")), text(fault.T("类别")), text(fault.T("对象")), text(fault.T("频次原文")),
				text(fault.T("状态")), text(fault.T("原因")), text(fault.T("期限")), number(fault.T("已报")), number(fault.T("应报"))},
			Filters: []Filter{byPark(), byFirm(), oneOf("state", fault.T("状态"), obligation.States(), obligation.State.Name), byClass(), from(), until(),
				{"dueBy", fault.T("期限不晚于"), models.IsDay, asItIs}, {"objectId", fault.T("一个对象"), models.IsID, asItIs}}},
		{Name: "exceedances", Title: fault.T("超标记录"), Need: policies.LedgerRead, sort: "-day", read: exceedances,
			Columns: []Column{text(fault.T("日期")), text(fault.T("编号")), text(fault.T("园区名称")), text(fault.T("企业名称")), text(fault.T("类别")), text(fault.T("超出")), text(fault.T("判定"))},
			Filters: []Filter{byPark(), byFirm(), from(), until()}},
	}
}

// entryFilters narrow lists of entries.
func entryFilters(class Filter) []Filter {
	return append([]Filter{byPark(), byFirm(), oneOf("state", fault.T("状态"), ledger.States(), ledger.State.Word), class, from(), until(), only("late", fault.T("迟报")), only("odd", fault.T("有异常提示")), byNumbers()},
		byNumber(ledger.Counts(), ledger.CountName)...)
}

// chosen is the filter of the ledger that the asked conditions say.
func (r *reading) chosen() (ledger.Filter, error) {
	numbers, err := ledger.ParseNumbers(r.has("number"))
	if err != nil {
		return ledger.Filter{}, err
	}
	of, err := r.counted()
	return ledger.Filter{ParkID: r.has("parkId"), EnterpriseID: r.has("enterpriseId"), State: r.has("state"), Class: r.has("class"), Numbers: numbers,
		From: code.Day(r.has("from")), To: code.Day(r.has("to")), Late: r.has("late") != "", Odd: r.has("odd") != "", Counted: of}, err
}

func entries(r *reading, q models.Query) (batch, error) {
	narrow, err := r.chosen()
	if err != nil {
		return batch{}, err
	}
	page, err := r.Ledger.List(r.ctx, narrow, q)
	if err != nil {
		return batch{}, err
	}
	return rows(r, page, func(x ledger.Record) *models.ID { return x.EnterpriseID }, func(x ledger.Record) []Cell {
		filed := Cell{}
		if x.FiledAt != nil {
			filed = plain(code.ClockTime(*x.FiledAt))
		}
		return []Cell{plain(string(x.Day)), plain(x.Number), plain(r.park(x.ParkID)), plain(r.firm(x.EnterpriseID)), ledger.ShortTitle(x.TitleZh, x.TitleEn), is(len(x.Oddities) > 0), plain(x.Slot),
			x.State.Word(), x.Lateness(), filed}
	})
}

func duties(r *reading, q models.Query) (batch, error) {
	answer, err := r.Obligations.List(r.ctx, obligation.Filter{ParkID: r.has("parkId"), EnterpriseID: r.has("enterpriseId"), ObjectID: r.has("objectId"), Class: r.has("class"),
		State: obligation.State(r.has("state")), From: code.Day(r.has("from")), To: code.Day(r.has("to")), DueBy: code.Day(r.has("dueBy"))}, obligation.MomentInput{}, q)
	if err != nil {
		return batch{}, err
	}
	return rows(r, answer.Page, func(x obligation.Obligation) *models.ID { return x.Place.EnterpriseID }, r.duty)
}

func (r *reading) duty(x obligation.Obligation) []Cell {
	class, object, due, needed := plain(x.Class), Cell{}, Cell{}, Cell{}
	if c, known := r.Ledger.Catalogue().Newest(x.Class); known {
		class = ledger.ShortTitle(c.TitleZh, c.TitleEn)
	}
	if x.Object != nil {
		object = plain(x.Object.Code + " " + x.Object.Name)
	}
	if last, owed := x.LastDay(); owed {
		due = plain(string(last))
	}
	if x.Required > 0 {
		needed = count(x.Required)
	}
	why := Cell{}
	if x.Reason != "" {
		why = x.Reason.Detail()
	}
	return []Cell{plain(string(x.From)), plain(string(x.To)), plain(x.Slot), plain(r.park(x.Place.ParkID)), plain(r.firm(x.Place.EnterpriseID)), class, object, plain(x.Text),
		x.State.Name(), why, due, count(x.Filed), needed}
}

func exceedances(r *reading, q models.Query) (batch, error) {
	page, err := r.Ledger.Exceedances(r.ctx, ledger.ExceedanceFilter{ParkID: r.has("parkId"), EnterpriseID: r.has("enterpriseId"), From: code.Day(r.has("from")), To: code.Day(r.has("to"))}, q)
	if err != nil {
		return batch{}, err
	}
	return rows(r, page, func(x ledger.ExceedanceRecord) *models.ID { return x.Entry.EnterpriseID }, func(x ledger.ExceedanceRecord) []Cell {
		e := x.Entry
		return []Cell{plain(string(x.Day)), plain(e.Number), plain(r.park(e.ParkID)), plain(r.firm(e.EnterpriseID)), ledger.ShortTitle(e.TitleZh, e.TitleEn), x.Finding.Times(), x.Finding.Sentence()}
	})
}

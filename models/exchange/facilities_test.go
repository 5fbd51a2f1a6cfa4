package exchange_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/exchange"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/sheets"
)

const facilities = "register.facilities"

// list is a file of facilities of BaoanA's firm.
func (w world) list(rows ...string) string {
	return "企业,设施编码,设施名称,设施种类,设计能力,能力单位,是否在用,处理工艺,建成日期,班次,运行周期\n" + strings.Join(rows, "\n") + "\n"
}

func (w world) bring(ctx context.Context, text string) (exchange.Checked, error) {
	f, err := w.files.ReceiveTable(ctx, strings.NewReader(text), "设施.csv")
	if err != nil {
		return exchange.Checked{}, err
	}
	defer f.Discard()
	return w.svc.Check(ctx, exchange.Upload{ParkID: string(w.BaoanA.Park.ID), Class: facilities, File: f})
}

func (w world) works(t testing.TB, ctx context.Context) map[string]registry.Facility {
	t.Helper()
	all := map[string]registry.Facility{}
	q := models.Query{Limit: models.MaxPage}
	for {
		page := ok(w.Registry.Facilities(ctx, registry.FacilityFilter{ParkID: string(w.BaoanA.Park.ID)}, q))(t)
		for _, f := range page.Items {
			if f.ClosedOn == nil {
				all[f.Code] = f
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	return all
}

// TestFacilities: a list of facilities takes the steps of a ledger: checked without a trace,
// its faults in the cells of the sheet, corrected, committed as a whole, the same again
// unchanged, undone as long as nobody has worked with it.
func TestFacilities(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.svc = exchange.New(w.DB, w.led, w.files, sheets.Ledgers{})
		park, firm := w.ParkManager(w.BaoanA), w.BaoanA.Enterprise.Name
		before := len(w.works(t, park))
		text := w.list(
			firm+",TW011,一号池,污染防治设施,500,m³/d,是,AO,2020年1月5日,早班、中班,8",
			",TW012,园区站,集中处理设施,20000,m3/d,是,,,,",
			firm+",MF001,错编码,污染防治设施,5,m3/d,是,,,,",
			"没有的企业,TW013,池,污染防治设施,5,m3/d,是,,,,",
			firm+",TW014,池,池子,-5,m3/d,,,,,x",
			firm+",tw011,再来一次,污染防治设施,5,m3/d,是,,,,",
			firm+",TW001,另一个名称,污染防治设施,5,m3/d,是,,,,")
		k := ok(w.bring(park, text))(t)
		if k.Rows != 7 || k.Good != 2 || k.Bad != 5 || len(w.works(t, park)) != before {
			t.Fatalf("%d rows, %d good, %d bad, %d facilities: %+v", k.Rows, k.Good, k.Bad, len(w.works(t, park)), k.Report.Lines)
		}
		for _, cell := range []string{"B4", "A5", "D6", "E6", "G6", "K6", "B7", "C8"} {
			if n := note(t, k.Report, cell); n.Grave != exchange.Fault {
				t.Errorf("%s is %s", cell, n.Grave)
			}
		}
		_, err := w.bring(w.Firm(w.BaoanA), text) // may file, and may not register
		want(t, err, fault.Denied)
		_, err = w.svc.Commit(park, k.ID, exchange.CommitInput{Rows: exchange.Good, File: true}, nil)
		want(t, err, fault.Conflict)
		k = ok(w.svc.Correct(park, k.ID, exchange.CorrectInput{Cells: []exchange.CellInput{{Cell: "B4", Text: "TW015"}}}))(t)
		i := ok(w.svc.Commit(park, k.ID, exchange.CommitInput{Rows: exchange.Good}, nil))(t)
		now := w.works(t, park)
		f := now["TW011"]
		if i.Entries != 3 || len(now) != before+3 || f.Name != "一号池" || *f.SiteID != w.BaoanA.Site.ID || *f.BuiltOn != "2020-01-05" || len(f.Shifts) != 2 || *f.CycleHours != 8 || now["TW012"].SiteID != nil {
			t.Fatalf("%d written, %+v", i.Entries, f)
		}
		again := ok(w.bring(park, w.list(firm+",TW011,一号池,污染防治设施,500,m³/d,是,AO,2020-01-05,早班；中班,8")))(t)
		if again.Unchanged != 1 || again.Good != 0 {
			t.Errorf("the same again: %d unchanged, %d good", again.Unchanged, again.Good)
		}
		w.verified(t)
		ok(w.Registry.UpdateFacility(park, f.ID, f.Version, func(in registry.FacilityInput) (registry.FacilityInput, error) { in.Name = "改名"; return in, nil }))(t)
		_, err = w.svc.Undo(park, i.ID)
		if f := want(t, err, fault.Conflict); len(f.Violations) != 1 || f.Violations[0].Pointer != "/2" || len(w.works(t, park)) != before+3 {
			t.Errorf("undone over an edit: %+v", f)
		}
	})
}

// TestFacilitiesUndone: what was brought in goes again, and can come again; what has
// entries stays.
func TestFacilitiesUndone(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.svc = exchange.New(w.DB, w.led, w.files, sheets.Ledgers{})
		park := w.ParkManager(w.BaoanA)
		before := len(w.works(t, park))
		var rows []string
		for n := range 150 {
			rows = append(rows, fmt.Sprintf("%s,TW%03d,%d号池,污染防治设施,%d.5,m3/d,%s,,,,", w.BaoanA.Enterprise.Name, 100+n, n, n+1, []string{"是", "否"}[n%2]))
		}
		text := w.list(rows...)
		for range 2 {
			k := ok(w.bring(park, text))(t)
			i := ok(w.svc.Commit(park, k.ID, exchange.CommitInput{Rows: exchange.All}, nil))(t)
			if i.Entries != 150 || len(w.works(t, park)) != before+150 {
				t.Fatalf("%d written", i.Entries)
			}
			if same := ok(w.bring(park, text))(t); same.ID != i.ID || same.State != exchange.Committed {
				t.Error("the same file is another import")
			}
			if other := ok(w.bring(park, text+"\n"))(t); other.Unchanged != 150 {
				t.Errorf("the same rows: %d unchanged", other.Unchanged)
			}
			if ok(w.svc.Undo(park, i.ID))(t); len(w.works(t, park)) != before {
				t.Error("not undone")
			}
		}
		k := ok(w.bring(park, text))(t)
		i := ok(w.svc.Commit(park, k.ID, exchange.CommitInput{Rows: exchange.All}, nil))(t)
		// Its records in a sheet are those of the one that stands, not of those that were taken back.
		row := "记录日期,班次,设施编码,是否正常运行,开始时间,结束时间,废水进水量,废水处理量,废水回用量,废水排放量,污染物代码（HJ 525）,监测值,污泥产生量,污泥去向,排水去向\n" +
			"2026-11-20,早班,TW101,是,2026-11-20 00:00,2026-11-20 23:59,412.5,10,2,8,w01001,7.2,1.2,示例处置公司,进入城镇污水处理厂\n"
		if k := ok(w.bringList(w.Firm(w.BaoanA), w.BaoanA, wastewater, row))(t); k.Good != 1 {
			t.Errorf("a record of a facility that came again: %+v", k.Report.Lines)
		}
		f := w.works(t, park)["TW101"]
		entry := ok(w.led.Create(w.Firm(w.BaoanA), "", ledger.Input{ParkID: string(w.BaoanA.Park.ID), SiteID: string(*f.SiteID), FacilityID: string(f.ID), Class: wastewater,
			Day: "2026-11-20", Slot: "早班", Payload: content("inflow", "12.5")}))(t)
		_, err := w.svc.Undo(park, i.ID)
		if f := want(t, err, fault.Conflict); len(f.Violations) != 1 || f.Violations[0].Pointer != "/3" || len(w.works(t, park)) != before+150 {
			t.Errorf("undone over an entry: %+v", f)
		}
		ok(w.led.Void(w.Firm(w.BaoanA), entry.ID, 0, ledger.ReasonInput{Reason: "填错了设施"}))(t)
		walks := inspection.New(w.DB, nil)
		found := ok(walks.Log(w.Inspector("baoan"), "", inspection.FindingInput{ParkID: string(w.BaoanA.Park.ID), FacilityID: string(f.ID), Dimension: 2, Description: "池壁渗水", Severity: "minor"}))(t)
		_, err = w.svc.Undo(park, i.ID)
		if f := want(t, err, fault.Conflict); len(f.Violations) != 1 || f.Violations[0].Pointer != "/3" || !strings.Contains(f.Violations[0].Detail.String(), "1 个问题") {
			t.Errorf("undone over a finding: %+v", f)
		}
		ok(walks.Withdraw(w.SecondInspector("baoan"), found.Finding.ID, inspection.WithdrawalInput{Cause: inspection.Mistaken, Reason: "不是这处设施"}))(t)
		if ok(w.svc.Undo(park, i.ID))(t); len(w.works(t, park)) != before {
			t.Error("not undone once the entry is voided")
		}
		w.verified(t)
	})
}

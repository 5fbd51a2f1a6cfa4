package exchange_test

import (
	"context"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/exchange"
	"parkregistry/models/registry"
	"parkregistry/sheets"
)

const permits = "register.permits"

func permitList(rows ...string) string {
	return "企业,许可证编号,证件种类,管理类别,发证日期,有效期截止日,发证机关,许可排放量/污染物,许可排放量/年许可量,台账记录要求/台账类别,台账记录要求/适用设施,台账记录要求/记录频次原文\n" + strings.Join(rows, "\n") + "\n"
}

// open are the permits of a place that stand.
func (w world) permits(t testing.TB, ctx context.Context, p dbtest.Place) map[string]registry.Permit {
	t.Helper()
	all := map[string]registry.Permit{}
	for _, x := range ok(w.Registry.Permits(ctx, registry.PermitFilter{ParkID: string(p.Park.ID)}, models.Query{Limit: models.MaxPage}))(t).Items {
		if x.ClosedOn == nil {
			all[x.Number] = x
		}
	}
	return all
}

// TestPermits: a list of permits takes the steps of a ledger, each with its amounts and its
// wordings one below the other; the same again changes nothing, what differs is named with
// what stands; undoing closes those that nobody has changed, and they can come in again.
func TestPermits(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.svc = exchange.New(w.DB, w.led, w.files, sheets.Ledgers{})
		p, park, firm := w.BaoanA, w.ParkManager(w.BaoanA), w.BaoanA.Enterprise
		number := func(n string) string { return firm.CreditCode + n }
		good := []string{
			firm.CreditCode + "," + number("001P") + ",排污许可证,重点管理,2024年3月1日,,深圳市生态环境局,化学需氧量,12.5,废水治理设施运行记录,TW001,1次/日",
			",,,,,,,w21003,1.25,,,",
			firm.Name + "," + number("002P") + ",登记回执,登记管理,2024-03-01,2029-02-28,深圳市生态环境局,,,,,"}
		text := permitList(append(good,
			firm.Name+","+w.Longgang.Enterprise.CreditCode+"001P,排污许可证,重点管理,2024-03-01,,深圳市生态环境局,,,,,",
			firm.Name+","+number("003P")+",排污许可证,重点管理,2024-03-01,2031-03-01,深圳市生态环境局,w21003,一,,,",
			firm.Name+","+number("004P")+",排污许可证,重点管理,2024-03-01,,深圳市生态环境局,,,没有的台账,,1次/日",
			firm.Name+","+number("002P")+",登记回执,登记管理,2024-03-01,2029-02-28,深圳市生态环境局,,,,,")...)
		k := ok(w.bringList(park, p, permits, text))(t)
		if k.Rows != 6 || k.Good != 2 || k.Bad != 4 || len(w.permits(t, park, p)) != 0 {
			t.Fatalf("%d rows, %d good, %d bad: %+v", k.Rows, k.Good, k.Bad, k.Report.Lines)
		}
		for _, cell := range []string{"B5", "F6", "I6", "J7", "B8"} {
			if n := note(t, k.Report, cell); n.Grave != exchange.Fault {
				t.Errorf("%s is %s", cell, n.Grave)
			}
		}
		ok(w.svc.Commit(park, k.ID, exchange.CommitInput{Rows: exchange.Good}, nil))(t)
		now := w.permits(t, park, p)[number("001P")]
		if len(now.Amounts.V) != 2 || now.Amounts.V[1].TonnesA != "1.25" || now.ValidTo != "2029-02-28" || len(now.LedgerRules.V) != 1 || now.LedgerRules.V[0].Class != wastewater || *now.SiteID != p.Site.ID {
			t.Fatalf("%+v", now)
		}
		again := ok(w.bringList(park, p, permits, permitList(good...)))(t)
		if again.Unchanged != 2 || again.Good+again.Bad != 0 {
			t.Errorf("the same again: %+v", again.Report.Lines)
		}
		other := ok(w.bringList(park, p, permits, permitList(strings.Replace(good[0], "深圳市生态环境局,化学需氧量", "宝安管理局,化学需氧量", 1))))(t)
		if said := fault.Text(note(t, other.Report, "G2").Detail).String(); !strings.Contains(said, "深圳市生态环境局") || note(t, other.Report, "H2").Code != "differs" {
			t.Errorf("what differs: %+v", other.Report.Lines)
		}
		_, err := w.bringList(w.ParkManager(w.BaoanB), p, permits, text)
		want(t, err, fault.NotFound)
		w.verified(t)
	})
}

// TestPermitsUndone: a firm that may enter its permit brings it in and takes it back; one
// that was changed since stays.
func TestPermitsUndone(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.svc = exchange.New(w.DB, w.led, w.files, sheets.Ledgers{})
		p, firm := w.BaoanA, w.Firm(w.BaoanA)
		number := p.Enterprise.CreditCode + "001P"
		text := permitList(p.Enterprise.Name + "," + number + ",排污许可证,重点管理,2024-03-01,,深圳市生态环境局,,,,,")
		for range 2 {
			i := w.all(t, firm, p, permits, text)
			if _, there := w.permits(t, firm, p)[number]; !there || i.Entries != 1 {
				t.Fatalf("%d written", i.Entries)
			}
			if ok(w.svc.Undo(firm, i.ID))(t); len(w.permits(t, firm, p)) != 0 {
				t.Error("not undone")
			}
		}
		i := w.all(t, firm, p, permits, text)
		ok(w.Registry.UpdatePermit(firm, w.permits(t, firm, p)[number].ID, 1, func(in registry.PermitInput) (registry.PermitInput, error) { in.Class = "simplified"; return in, nil }))(t)
		_, err := w.svc.Undo(firm, i.ID)
		if f := want(t, err, fault.Conflict); len(f.Violations) != 1 || f.Violations[0].Pointer != "/2" || len(w.permits(t, firm, p)) != 1 {
			t.Errorf("undone over a change: %+v", f)
		}
		w.verified(t)
	})
}
